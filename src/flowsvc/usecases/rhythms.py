"""Processes that the register starts by itself: each agreement's review, once a year, on the day that it says. Hides
how a missed day, a changed rhythm or a review that somebody has already started is dealt with."""

from datetime import datetime, timedelta

from flowsvc.domain import calendar
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.agreements import Agreement
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import Conflict, InvalidInput
from flowsvc.domain.jobs import Job, JobKind
from flowsvc.store import jobs
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models, waiting
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.instances import Asked, begin_instance

NO_INSTANCE = ""


def arm(ctx: Context, tx: Transaction) -> None:
    """Every agreement with a rhythm waits for its next review, and nothing waits for what the register says no more.
    A day that has passed starts nothing."""
    now = ctx.clock.now()
    wanted = {_token(each): each for each in ctx.store.directory(tx).agreements.values() if each.rhythm is not None}
    today = calendar.local_date(now, ctx.zone)
    kept: set[tuple[str, int]] = set()
    for token, agreement in wanted.items():
        assert agreement.rhythm is not None  # noqa: S101 - chosen above
        kept.add((token, agreement.rhythm.next_year(today)))
    waits = jobs.of_kind(tx, JobKind.REGISTER)
    gone = [each for each in waits if not _stands(each, wanted, kept, now=now)]
    jobs.drop(tx, NO_INSTANCE, [each.token for each in gone])
    for token, year in sorted(kept):
        _add(ctx, tx, wanted[token], year, now=now)


def _stands(job: Job, wanted: dict[str, Agreement], kept: set[tuple[str, int]], *, now: datetime) -> bool:
    agreement = wanted.get(job.token)
    if agreement is None or agreement.rhythm is None or job.request != _request(agreement, job.cycle):
        return False
    # What is due and has not come to its turn yet is still to be done.
    return (job.token, job.cycle) in kept or job.due_at <= now


def start_due(ctx: Context, job: Job) -> None:
    """The process that the agreement names has started for the year, unless it had already, and the next year waits."""
    try:
        with ctx.store.begin() as tx:
            agreement = _taken(ctx, tx, job)
            if agreement is not None:
                _begin(ctx, tx, agreement, job, now=ctx.clock.now())
    except Conflict:
        # Somebody has started this year's by hand.
        with ctx.store.begin() as tx:
            _taken(ctx, tx, job)


def _taken(ctx: Context, tx: Transaction, job: Job) -> Agreement | None:
    """The agreement of the job, which is done, with its next year waiting; None where there is nothing to start."""
    if not jobs.finish(tx, job):
        return None
    agreement = ctx.store.directory(tx).agreements.get(str(job.request["agreement"]))
    if agreement is None or agreement.rhythm is None:
        return None
    _add(ctx, tx, agreement, job.cycle + 1, now=ctx.clock.now())
    return agreement


def _begin(ctx: Context, tx: Transaction, agreement: Agreement, job: Job, *, now: datetime) -> None:
    definition = models.latest(tx, DefinitionKind.PROCESS, job.process_key)
    facts = models.facts_of(definition)
    start = next((each for each in facts.starts if each.kind == "none"), None)
    if start is None:
        raise InvalidInput(f"Processen {facts.name} har ingen start som görs för hand.")
    begin_instance(
        ctx,
        tx,
        SYSTEM,
        Asked(definition, start),
        Sent(variables={"agreement": agreement.id, "year": job.cycle}),
        now=now,
        by_hand=False,
    )


def _add(ctx: Context, tx: Transaction, agreement: Agreement, year: int, *, now: datetime) -> None:
    assert agreement.rhythm is not None  # noqa: S101 - asked by the callers
    before = agreement.rhythm.begins_on(year) - timedelta(days=1)
    jobs.add(
        tx,
        waiting.new_job(
            ctx,
            JobKind.REGISTER,
            (_token(agreement), agreement.id, agreement.rhythm.process),
            instance_id=None,
            due_at=calendar.end_of_day(before, ctx.zone),
            cycle=year,
            request=_request(agreement, year),
            now=now,
        ),
    )


def _request(agreement: Agreement, year: int) -> dict[str, object]:
    assert agreement.rhythm is not None  # noqa: S101 - asked by the callers
    return {"agreement": agreement.id, "on": agreement.rhythm.begins_on(year).isoformat()}


def _token(agreement: Agreement) -> str:
    return f"agreement:{agreement.id}"
