"""The watch: no running instance may stand still without a reason that somebody can see."""

import structlog

from flowsvc.domain.jobs import STUCK, Incident
from flowsvc.store import instances, jobs
from flowsvc.usecases import waiting
from flowsvc.usecases.context import Context

MOST_AT_ONCE = 1000
"""Incidents of one round; whatever is left is found in the next."""

_log = structlog.get_logger()


def report_stuck(ctx: Context) -> int:
    """Every running instance that waits for nothing and has no incident has one now; returns how many. It should never
    find any: an instance that does is a fault of flowsvc or of its database."""
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        found = instances.stuck(tx, limit=MOST_AT_ONCE)
    reported = 0
    for instance_id in found:
        with ctx.store.begin() as tx:
            instance = tx.lock_instance(instance_id)
            # Looked at again under the lock: it may have moved on since.
            if not instances.is_stuck(tx, instance_id):
                continue
            incident = Incident(
                id=ctx.clock.new_id(),
                instance_id=instance_id,
                job_id=None,
                token=waiting.NO_TOKEN,
                element_id="",
                process_key=instance.process_key,
                code=STUCK,
                message=(
                    "Ärendet pågår, men väntar inte på någon uppgift, tid eller händelse. Meddela den som sköter "
                    "driften; ärendet kan avbrytas och startas på nytt."
                ),
                names=(),
                at=now,
                resolved_at=None,
                resolved_by=None,
            )
            jobs.add_incident(tx, incident)
        _log.error(STUCK, instance=instance_id)
        reported += 1
    return reported
