"""A person's calendar: meetings of the bodies that their posts sit on and last days of their tasks; on a page, and as a
private feed for other calendars that says nothing of any case but its number and what kind of task waits."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flowsvc.documents import ical
from flowsvc.documents.ical import Appointment
from flowsvc.domain import calendar
from flowsvc.domain.access import NOBODY, Action, Actor, require
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import NotFound
from flowsvc.domain.tasks import UserTask
from flowsvc.store import feeds, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import sessions
from flowsvc.usecases.context import Context
from flowsvc.usecases.inbox import sole_posts

AHEAD = timedelta(days=400)
"""How far meetings are shown."""
MOST_TASKS = 200


@dataclass(frozen=True)
class CalendarEntry:
    """One line of the calendar."""

    kind: str
    """`meeting` or `due`."""
    on: date
    at: time | None
    text: str
    body_id: str = ""
    task_id: str = ""
    business_key: str = ""
    title: str = ""
    """Of the case; on the page alone."""
    is_overdue: bool = False


@dataclass(frozen=True)
class CalendarPage:
    """The entries by month, soonest first, and when the feed was made."""

    months: tuple[tuple[date, tuple[CalendarEntry, ...]], ...]
    feed_made_at: datetime | None


def my_calendar(ctx: Context, actor: Actor, *, language: str) -> CalendarPage:
    """The actor's meetings and last days, from the oldest that is still owed."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        entries = _entries(ctx, tx, actor, language=language)
        made = feeds.made_at(tx, actor.person_id)
    months: dict[date, list[CalendarEntry]] = {}
    for each in entries:
        months.setdefault(each.on.replace(day=1), []).append(each)
    return CalendarPage(tuple((month, tuple(found)) for month, found in months.items()), made)


def make_feed(ctx: Context, actor: Actor) -> str:
    """A new secret for the actor's feed, told this once; an earlier one opens nothing any more."""
    require(actor, Action.READ_OWN_PAGES)
    secret = secrets.token_urlsafe(32)
    with ctx.store.begin() as tx:
        feeds.put(tx, actor.person_id, token_hash=sessions.hash_of(secret), at=ctx.clock.now())
    return secret


def revoke_feed(ctx: Context, actor: Actor) -> None:
    """The actor's feed opens nothing any more."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.begin() as tx:
        feeds.drop(tx, actor.person_id)


def feed_of(ctx: Context, secret: str) -> bytes:
    """The feed that the secret opens, as iCalendar. NotFound where it opens none, or its person may not sign in."""
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        person_id = feeds.owner(tx, sessions.hash_of(secret))
        actor = sessions.acting_as(ctx, tx.directory(), person_id, now=now) if person_id else NOBODY
        if actor is NOBODY:
            raise NotFound("Det finns ingen sådan kalender.")
        entries = _entries(ctx, tx, actor, language=actor.language)
    said = [_appointment(each, zone=ctx.zone, language=actor.language) for each in entries]
    return ical.feed("flowsvc", said, now=now)


def _entries(ctx: Context, tx: Transaction, actor: Actor, *, language: str) -> tuple[CalendarEntry, ...]:
    known = tx.directory()
    own = {post.post_id for post in actor.posts if post.on_behalf_of is None}
    held = tasks.mine(tx, actor.person_id, posts=sole_posts(ctx, known, actor), search="", after=None, limit=MOST_TASKS)
    entries = [
        *_meetings(known, own, today=ctx.today(), language=language),
        *(each for task in held.items if (each := _due(ctx, task, language=language)) is not None),
    ]
    return tuple(sorted(entries, key=lambda each: (each.on, each.at or time.min, each.text)))


def _meetings(known: Directory, posts: set[str], *, today: date, language: str) -> Iterator[CalendarEntry]:
    for body in known.bodies.values():
        if posts & {*body.posts, body.chair}:
            name = (body.name_en if language == "en" else "") or body.name
            for meeting in body.meetings:
                if today <= meeting.on <= today + AHEAD:
                    yield CalendarEntry("meeting", meeting.on, meeting.at, name, body_id=body.id)


def _due(ctx: Context, task: UserTask, *, language: str) -> CalendarEntry | None:
    on = task.due_on or (calendar.local_date(task.due_at, ctx.zone) if task.due_at else None)
    # A paused task has no last day until it is resumed.
    if on is None or task.is_paused:
        return None
    return CalendarEntry(
        kind="due",
        on=on,
        at=None,
        text=task.kind(language),
        task_id=task.id,
        business_key=task.business_key,
        title=task.title,
        is_overdue=task.due_at is not None and task.due_at <= ctx.clock.now(),
    )


def _appointment(entry: CalendarEntry, *, zone: str, language: str) -> Appointment:
    """The entry without the case's title: a calendar elsewhere is not ours to guard."""
    if entry.kind == "due":
        words = "Last day" if language == "en" else "Sista dag"
        return Appointment(entry.task_id, entry.on, f"{words}: {entry.text}, {entry.business_key}", False)
    on: date | datetime = entry.on
    if entry.at is not None:
        on = datetime.combine(entry.on, entry.at, ZoneInfo(zone)).astimezone(UTC)
    return Appointment(f"{entry.body_id}-{entry.on:%Y%m%d}", on, entry.text, True)
