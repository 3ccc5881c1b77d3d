"""Timer start events: which times wait to start a process, and the next time of one that repeats itself."""

from datetime import datetime

from flowsvc.domain.definitions import Definition, StartElement
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.jobs import Job, JobKind
from flowsvc.domain.values import Value
from flowsvc.engine import dialect, timers
from flowsvc.engine.outcome import Due
from flowsvc.engine.timers import Occurrence
from flowsvc.store import definitions, jobs
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models, waiting
from flowsvc.usecases.context import Context

NO_INSTANCE = ""


def arm(ctx: Context, tx: Transaction, definition: Definition) -> None:
    """Each timer start event of the definition waits for its first time; those of other versions wait no more."""
    now = ctx.clock.now()
    for version in definitions.versions(tx, definition.kind, definition.key):
        if version.id != definition.id:
            jobs.drop(tx, NO_INSTANCE, [_token(version, start) for start in _timed(version)])
    for start in _timed(definition):
        arm_next(ctx, tx, definition, start, done=None, now=now)


def arm_next(
    ctx: Context, tx: Transaction, definition: Definition, start: StartElement, *, done: Job | None, now: datetime
) -> None:
    """The start event waits for its first time, or for the one after the job that is done. Times that have passed
    meanwhile are not made up for: however many they are, that one job stood for all of them."""
    occurrence = _occurrence(ctx, tx, start, done=done, now=now)
    if occurrence is None:
        return
    due = occurrence.due
    jobs.add(
        tx,
        waiting.new_job(
            ctx,
            JobKind.START_TIMER,
            (_token(definition, start), start.element_id, definition.key),
            instance_id=None,
            due_at=due.at,
            cycle=occurrence.number,
            request={"definition": definition.id, "rule": due.rule, "on": due.on.isoformat() if due.on else None},
            now=now,
        ),
    )


def _timed(definition: Definition) -> list[StartElement]:
    return [start for start in models.facts_of(definition).starts if start.kind == "timer"]


def _token(definition: Definition, start: StartElement) -> str:
    return f"{definition.id}:{start.element_id}"


def _occurrence(
    ctx: Context, tx: Transaction, start: StartElement, *, done: Job | None, now: datetime
) -> Occurrence | None:
    directory = ctx.store.directory(tx)
    closed = frozenset(day.on for day in directory.closed_days)
    rule = _rule(ctx, start, now=now)
    if start.timer_kind != "timeCycle":
        if done is not None:
            return None
        due = timers.due(rule, now=now, closed_days=closed, zone=ctx.zone)
        # A date that had passed when the process was deployed starts nothing.
        return Occurrence(1, due) if due.at > now else None
    if not isinstance(rule, str):
        raise ScriptFailed("En upprepning ska vara en text, till exempel R/P1D.")
    last = Occurrence(done.cycle, Due(rule, done.due_at)) if done is not None else None
    return timers.next_in_cycle(rule, last=last, now=now, closed_days=closed, zone=ctx.zone)


def _rule(ctx: Context, start: StartElement, *, now: datetime) -> Value:
    feel = dialect.feel_of(start.timer)
    return start.timer if feel is None else ctx.feel.evaluate(feel, {}, now=now)
