"""A demonstration's clock, which its people may move forward. No other database has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flowsvc.domain import calendar
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.clock import DemoClock, MovableClock
from flowsvc.domain.errors import Conflict, InvalidInput, NotFound
from flowsvc.store import directory, settings
from flowsvc.store.transaction import Store
from flowsvc.usecases import jobs
from flowsvc.usecases.context import Context

FURTHEST_DAYS = 400
MOST_JOBS = 1000
"""A move that sets off more than this goes round in circles."""

_OWNER = "demo-clock"
_IS_DEMONSTRATION = "demonstration"
_OFFSET = "demonstration.clock"


def is_demonstration(store: Store) -> bool:
    """Whether the database is a demonstration; that is decided once, while it is empty."""
    with store.read() as tx:
        return bool(settings.get(tx, _IS_DEMONSTRATION))


def make_demonstration(store: Store) -> None:
    """The database is a demonstration from now on. Conflict where there are people in it already."""
    with store.begin() as tx:
        if settings.get(tx, _IS_DEMONSTRATION):
            return
        if store.directory(tx).people:
            raise Conflict("Databasen är inte tom. En demonstration behöver en egen, tom databas.")
        settings.put(tx, _IS_DEMONSTRATION, True)


def clock_of(store: Store) -> DemoClock:
    """The demonstration's clock, as every process on the database sees it."""

    def read() -> timedelta:
        with store.read() as tx:
            return timedelta(microseconds=settings.get(tx, _OFFSET) or 0)

    def write(offset: timedelta) -> None:
        with store.begin() as tx:
            settings.put(tx, _OFFSET, offset // timedelta(microseconds=1))

    return DemoClock(read, write)


@contextmanager
def standing_still(ctx: Context) -> Iterator[None]:
    """Nobody in this process moves the clock meanwhile. Another process's worker may still run a job while it is moved,
    and then sees a later time; no job is run twice for that."""
    if isinstance(ctx.clock, DemoClock):
        with ctx.clock.turn:
            yield
    else:
        yield


def move_clock(ctx: Context, actor: Actor, *, working_days: int = 0, days: int = 0) -> datetime:
    """It is the same time of day, so many working days (or days of the calendar) later, and all that fell due on the
    way has happened, each thing at its own time. Returns the new time. NotFound where this is no demonstration;
    Conflict where it set off more than MOST_JOBS jobs, and then the clock stands where that happened."""
    require(actor, Action.MOVE_DEMO_CLOCK)
    if not ctx.demo or not isinstance(ctx.clock, MovableClock):
        raise NotFound("Det finns ingen klocka att flytta.")
    if min(working_days, days) < 0 or not 0 < working_days + days <= FURTHEST_DAYS:
        raise InvalidInput(f"Klockan flyttas framåt, 1 till {FURTHEST_DAYS} dagar åt gången.")
    with standing_still(ctx):
        now = ctx.clock.now()
        with ctx.store.begin() as tx:
            closed = frozenset(day.on for day in ctx.store.directory(tx).closed_days)
            target = later(now, working_days, days, zone=ctx.zone, closed=closed)
            # Before the clock: a session that ended in between would send its person to the sign-in page.
            directory.move_sessions(tx, by=target - now)
        go_to(ctx, ctx.clock, target, most=MOST_JOBS)
    return target


def later(now: datetime, working_days: int, days: int, *, zone: str, closed: frozenset[date]) -> datetime:
    """The same time of day, so many working days and then days of the calendar on."""
    local = now.astimezone(ZoneInfo(zone))
    on = calendar.add_working_days(local.date(), working_days, closed) + timedelta(days=days)
    # Of the hour that comes twice in autumn the first is meant; an hour that spring skips is moved past it.
    return datetime.combine(on, local.time(), local.tzinfo).astimezone(UTC)


def go_to(ctx: Context, clock: MovableClock, target: datetime, *, most: int) -> None:
    """It is the target time, and all that fell due until then has happened: from due time to due time, so that what one
    deadline sets off counts from that deadline. Conflict where it set off more than `most` jobs."""
    ran = 0
    while True:
        due = jobs.next_due_at(ctx)
        at = target if due is None or due > target else max(due, clock.now())
        clock.set(at)
        # Jobs for others to take do not count as due, yet one that another worker has leased does: it is no progress.
        ran += max(_run_due(ctx, most), 1)
        if at >= target:
            return
        if ran > most:
            stopped = at.astimezone(ZoneInfo(ctx.zone))
            raise Conflict(f"Mer än {most} jobb föll ut på vägen. Klockan stannade {stopped:%Y-%m-%d %H:%M}.")


def _run_due(ctx: Context, most: int) -> int:
    ran = 0
    while done := jobs.run_due_jobs(ctx, owner=_OWNER):
        ran += done
        if ran > most:
            break
    return ran
