"""What every job that moves an instance on has in common: its transaction, and that it is done once."""

from collections.abc import Callable

from flowsvc.domain.errors import FlowError, NotFound
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.jobs import Job
from flowsvc.engine.outcome import Outcome
from flowsvc.store import jobs
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import waiting
from flowsvc.usecases.advance import CLOCK, Footing, advance, stand
from flowsvc.usecases.context import Context


class Suspended(FlowError):
    """The job's instance rests: the job waits."""


def take_step(ctx: Context, tx: Transaction, job: Job, run: Callable[[Footing], Outcome]) -> None:
    """The job is done and its instance one step on, unless somebody else has done it or its token is gone."""
    now = ctx.clock.now()
    instance = take_up(tx, job)
    if instance is None or instance.ended_at is not None:
        return
    footing = stand(ctx, tx, instance, now=now)
    try:
        outcome = run(footing)
    except NotFound:
        # The token is gone: the task was completed, or the branch cancelled, before the job came to it.
        return
    advance(ctx, tx, footing, outcome, CLOCK)


def take_up(tx: Transaction, job: Job) -> ProcessInstance | None:
    """The job's instance, locked, with the job done; None where somebody else has done it. Suspended where it waits."""
    # The instance first, then the job: everybody else locks in that order too.
    instance = tx.lock_instance(job.instance_id or "")
    require_not_suspended(instance, job)
    return instance if jobs.finish(tx, job) else None


def require_not_suspended(instance: ProcessInstance, job: Job) -> None:
    """The instance does not rest, or the job goes on meanwhile; Suspended otherwise."""
    if waiting.has_to_wait(instance, job):
        raise Suspended(instance.business_key)
