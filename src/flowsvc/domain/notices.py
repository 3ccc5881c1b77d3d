"""What people are told without asking: which notices a task gives and when, and when a person wants mail about them.
Whom a notice is for is not here: posts and groups are resolved when somebody asks."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from flowsvc.domain import calendar, pauses
from flowsvc.domain.pauses import Rest
from flowsvc.domain.tasks import UserTask

MORNING = time(8)
"""When people are reminded on the day that they are."""
_FEWEST_FOR_HALF = 4
"""In a shorter time half of it and the day before would be the same day, or nearly."""
_MOMENT = timedelta(microseconds=1)


class NoticeKind(StrEnum):
    """What a notice says."""

    NEW_TASK = "new_task"
    HALF_TIME = "half_time"
    DAY_BEFORE = "day_before"
    OVERDUE = "overdue"
    FEEDBACK = "feedback"
    """What the reader reported is over."""
    MOVED = "moved"
    """What the reader follows has gone to another level, or is over."""


@dataclass(frozen=True)
class Notice:
    """One thing to tell, from `at` on. One of a task is for those who may take it, or for who holds it; any other is
    for its principal, such as `post:ID`. The id is made of what the notice is about, so that no notice comes twice."""

    id: str
    instance_id: str
    task_id: str | None
    kind: NoticeKind
    principal: str
    at: datetime


def of_task(task: UserTask, *, closed: frozenset[date], zone: str) -> tuple[Notice, ...]:
    """What will be told of the task while it is open: that it is there, that half of its time has passed (where there
    are at least four working days), that one working day is left, and that it is overdue."""
    times = {NoticeKind.NEW_TASK: task.opened_at}
    if task.due_at is not None:
        due_on = last_day(task.due_at, zone)
        opened_on = calendar.local_date(task.opened_at, zone)
        days = calendar.working_days_between(opened_on, due_on, closed)
        if days >= _FEWEST_FOR_HALF:
            half = calendar.add_working_days(opened_on, days // 2, closed)
            times[NoticeKind.HALF_TIME] = _at(half, MORNING, zone)
        times[NoticeKind.DAY_BEFORE] = _at(calendar.add_working_days(due_on, -1, closed), MORNING, zone)
        times[NoticeKind.OVERDUE] = task.due_at
    return tuple(
        Notice(f"{task.id}.{kind}", task.instance_id, task.id, kind, "", at)
        for kind, at in times.items()
        if kind is NoticeKind.NEW_TASK or at > task.opened_at
    )


def last_day(due_at: datetime, zone: str) -> date:
    """The local day that ends with, or holds, the moment."""
    return calendar.local_date(due_at - _MOMENT, zone)


def moved(notice: Notice, task: UserTask, *, rest: Rest) -> Notice:
    """The notice of a task that the rest has moved. What was told before the rest stands."""
    since = rest.since(task.opened_at)
    if notice.at <= since or task.due_at is None:
        return notice
    match notice.kind:
        case NoticeKind.OVERDUE:
            return replace(notice, at=task.due_at)
        case NoticeKind.DAY_BEFORE:
            due_on = last_day(task.due_at, rest.zone)
            return replace(notice, at=_at(calendar.add_working_days(due_on, -1, rest.closed), MORNING, rest.zone))
        case NoticeKind.HALF_TIME:
            half = calendar.local_date(notice.at, rest.zone)
            on = pauses.moved_day(task.due_rule, half, since=since, rest=rest)
            return replace(notice, at=_at(on, MORNING, rest.zone))
        case _:
            return notice


def of_end(instance_id: str, post_id: str, *, at: datetime) -> Notice:
    """What the post that reported the instance is told when it is over."""
    kind = NoticeKind.FEEDBACK
    return Notice(f"{instance_id}.{kind}", instance_id, None, kind, f"post:{post_id}", at)


FOLLOWERS = "followers"
"""The principal of what is told to those who follow the instance."""


def of_move(instance_id: str, number: int, *, at: datetime) -> Notice:
    """What those who follow the instance are told of a move of it; the number is that of its event."""
    kind = NoticeKind.MOVED
    return Notice(f"{instance_id}.{kind}.{number}", instance_id, None, kind, FOLLOWERS, at)


class MailChoice(StrEnum):
    """How a person wants mail."""

    EACH = "each"
    DIGEST = "digest"
    """One a day, in the morning."""
    NEVER = "never"


@dataclass(frozen=True)
class Preferences:
    """What a person has chosen. No mail is sent from `quiet_from` until `quiet_until`, local time, nor on days off
    where they are quiet; what came meanwhile comes then in one mail. The same time twice is no quiet time."""

    person_id: str
    mail: MailChoice = MailChoice.EACH
    digest_at: time = time(7)
    quiet_from: time = time(18)
    quiet_until: time = time(7)
    is_quiet_on_days_off: bool = True


def mail_at(preferences: Preferences, now: datetime, *, closed: frozenset[date], zone: str) -> datetime | None:
    """When the person gets mail about what they are told now; None for never."""
    match preferences.mail:
        case MailChoice.NEVER:
            return None
        case MailChoice.DIGEST:
            return _digest_at(preferences, now, closed=closed, zone=zone)
        case MailChoice.EACH:
            return _after_quiet(preferences, now, closed=closed, zone=zone)


def _digest_at(preferences: Preferences, now: datetime, *, closed: frozenset[date], zone: str) -> datetime:
    on = calendar.next_working_day(calendar.local_date(now, zone), closed)
    at = _at(on, preferences.digest_at, zone)
    return at if at > now else _at(calendar.add_working_days(on, 1, closed), preferences.digest_at, zone)


def _after_quiet(preferences: Preferences, now: datetime, *, closed: frozenset[date], zone: str) -> datetime:
    local = now.astimezone(ZoneInfo(zone))
    on, at = local.date(), now
    if _is_quiet(preferences, local.time()):
        is_evening = local.time() >= preferences.quiet_until
        on += timedelta(days=is_evening)
        at = _at(on, preferences.quiet_until, zone)
    working = calendar.next_working_day(on, closed)
    if preferences.is_quiet_on_days_off and working != on:
        return _at(working, preferences.quiet_until, zone)
    return at


def _is_quiet(preferences: Preferences, at: time) -> bool:
    begins, ends = preferences.quiet_from, preferences.quiet_until
    return begins <= at < ends if begins <= ends else at >= begins or at < ends


def _at(on: date, at: time, zone: str) -> datetime:
    return datetime.combine(on, at, ZoneInfo(zone)).astimezone(UTC)
