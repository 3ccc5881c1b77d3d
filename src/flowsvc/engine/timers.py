"""When something is due: a rule of a diagram and the time of a step give a moment. Rules that count days end with the
local day; rules of hours and minutes are exact (ISO 8601; working days as P5BD)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flowsvc.domain import calendar
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.values import MonthsDuration, Value, format_duration, parse_duration
from flowsvc.engine.outcome import Due

FURTHEST = timedelta(days=100 * 366)
"""No rule reaches further than a hundred years."""

_WORKING_DAYS = re.compile(r"P(\d{1,5})BD")


def due(rule: Value, *, now: datetime, closed_days: frozenset[date], zone: str) -> Due:
    """The moment that the rule means, counted from `now`. The rule is text, or what FEEL made of it: a date, a
    date-time or a duration. ScriptFailed where it means nothing, or reaches further than a hundred years."""
    try:
        found = _due(rule, now=now, closed_days=closed_days, zone=zone)
        too_far = abs(found.at - now) > FURTHEST
    except (ValueError, OverflowError) as error:
        raise ScriptFailed("Tiden går inte att räkna ut. Skriv till exempel P5BD, PT2H eller 2026-12-03.") from error
    if too_far:
        raise ScriptFailed("Tiden ligger mer än hundra år bort.")
    return found


def _due(rule: Value, *, now: datetime, closed_days: frozenset[date], zone: str) -> Due:
    today = calendar.counting_date(now, zone)
    if isinstance(rule, str) and (found := _WORKING_DAYS.fullmatch(rule.strip())):
        days = int(found[1])
        return _by_day(
            rule.strip(),
            calendar.add_working_days(today, days, closed_days) if days else calendar.local_date(now, zone),
            zone,
        )
    value = _parsed(rule) if isinstance(rule, str) else rule
    match value:
        case datetime():
            at = value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(zone))
            return Due(rule=_written(rule), at=at.astimezone(UTC))
        case date():
            return _by_day(_written(rule), value, zone)
        case MonthsDuration():
            return _by_day(_written(rule), calendar.add_months(today, value.months), zone)
        case timedelta() if isinstance(rule, str) and "T" in rule:
            return Due(rule=rule.strip(), at=now.astimezone(UTC) + value)
        case timedelta() if value % timedelta(days=1) == timedelta(0):
            return _by_day(_written(rule), today + value, zone)
        case timedelta():
            return Due(rule=_written(rule), at=now.astimezone(UTC) + value)
        case _:
            raise ValueError("not a time")


def _by_day(rule: str, on: date, zone: str) -> Due:
    return Due(rule=rule, at=calendar.end_of_day(on, zone), on=on)


def _parsed(text: str) -> date | datetime | timedelta | MonthsDuration:
    plain = text.strip()
    if plain.startswith(("P", "-P")):
        return parse_duration(plain)
    return datetime.fromisoformat(plain) if "T" in plain else date.fromisoformat(plain)


def _written(rule: Value) -> str:
    if isinstance(rule, timedelta | MonthsDuration):
        return format_duration(rule)
    return rule.strip() if isinstance(rule, str) else rule.isoformat() if isinstance(rule, date) else ""


@dataclass(frozen=True)
class Occurrence:
    """One time of a cycle: its number, from 1, and when it is due."""

    number: int
    due: Due


_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<start>\d{4}-[^/]+)/)?(?P<every>P[^/]+)")


def next_in_cycle(
    rule: str, *, last: Occurrence | None, now: datetime, closed_days: frozenset[date], zone: str
) -> Occurrence | None:
    """The first time of the cycle (`R/PT1H`, `R5/2026-01-07T08:00/P1D`) that is still to come, after the `last`; None
    when the cycle is over. Times that have passed are passed over and count. A cycle with a start keeps its time of
    day, also over summer time; one without counts from now."""
    found = _CYCLE.fullmatch(rule.strip())
    if found is None:
        raise ScriptFailed("Upprepningen går inte att läsa. Skriv till exempel R/P1D eller R5/2026-01-07T08:00/P1D.")
    every, start = found["every"], found["start"]
    length = None if _WORKING_DAYS.fullmatch(every) else _length(every)
    at_time: time | None = None
    number = last.number if last is not None else 0
    if start is not None:
        first = due(start, now=now, closed_days=closed_days, zone=zone)
        if first.on is None:
            at_time = first.at.astimezone(ZoneInfo(zone)).time()
        upcoming = last.due if last is not None else first
        number = max(number, 1)
    else:
        upcoming = last.due if last is not None else Due(rule, now)
    while upcoming.at <= now or (last is not None and upcoming.at <= last.due.at):
        if isinstance(length, timedelta) and "T" in every:
            steps = max(1, (now - upcoming.at) // length + 1)
            upcoming, number = Due(rule, upcoming.at + steps * length), number + steps
            continue
        # A day that ends at midnight is the day before midnight.
        before = upcoming.at if upcoming.at == now and last is None else upcoming.at - timedelta(microseconds=1)
        following = due(every, now=before if at_time is None else upcoming.at, closed_days=closed_days, zone=zone)
        if at_time is not None and following.on is not None:
            at = datetime.combine(following.on, at_time, ZoneInfo(zone)).astimezone(UTC)
            following = Due(rule, at)
        upcoming, number = Due(rule, following.at, following.on), number + 1
    if found["times"] and number > int(found["times"]):
        return None
    return Occurrence(number, Due(rule, upcoming.at, upcoming.on))


def _length(every: str) -> timedelta | MonthsDuration:
    try:
        length = parse_duration(every)
    except (ValueError, OverflowError) as error:
        raise ScriptFailed("Upprepningens längd går inte att läsa. Skriv till exempel R/P1D eller R/PT1H.") from error
    if (length.months if isinstance(length, MonthsDuration) else length / timedelta(seconds=1)) <= 0:
        raise ScriptFailed("En upprepning behöver en längd, till exempel R/P1D.")
    return length
