"""When something is due: a rule of a diagram and the time of a run give a moment. Rules that count days end with the
local day; rules of hours and minutes are exact (ISO 8601; working days as P5BD; cycles also as cron)."""

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flowsvc.domain import calendar
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.values import MonthsDuration, Value, format_duration
from flowsvc.engine.cron import Cron, parse_cron
from flowsvc.engine.outcome import Due
from flowsvc.engine.periods import Period, moment, parse_period

FURTHEST = timedelta(days=100 * 366)
"""No rule reaches further than a hundred years."""

LAST_YEAR = 2200
SHORTEST_CYCLE = timedelta(seconds=1)


def due(rule: Value, *, now: datetime, closed_days: frozenset[date], zone: str) -> Due:
    """The moment that the rule means, counted from `now`. The rule is text, or what FEEL made of it: a date, a
    date-time, a time of day (the next one) or a duration. A date that has passed gives a moment that has passed.
    ScriptFailed where it means nothing, is a length that is not more than nothing, or reaches further than a hundred
    years."""
    try:
        found = _due(rule, now=now, closed_days=closed_days, zone=zone)
        too_far = found.at - now > FURTHEST
    except (ValueError, OverflowError) as error:
        raise ScriptFailed("Tiden går inte att räkna ut. Skriv till exempel P5BD, PT2H eller 2026-12-03.") from error
    if too_far:
        raise ScriptFailed("Tiden ligger mer än hundra år bort.")
    return found


def is_time(text: str) -> bool:
    """Whether a literal text is a time that can pass: a duration of more than nothing and at most a hundred years, or a
    date or date-time that the calendar has."""
    try:
        value = _parsed(text)
    except (ValueError, OverflowError):
        return False
    if isinstance(value, Period):
        return value.is_positive and _is_near(value)
    return value.year <= LAST_YEAR


def is_cycle(text: str) -> bool:
    """Whether a literal text is a cycle that comes at least once, at most each second and within a hundred years."""
    try:
        _cycle(text)
    except (ValueError, OverflowError):
        return False
    return True


def has_numbered_weekdays(text: str) -> bool:
    """Whether a cycle gives days of the week as numbers, which engines count differently: here Sunday is 1."""
    cycle = _cycle(text)
    return isinstance(cycle, Cron) and cycle.has_numbered_weekdays


def _due(rule: Value, *, now: datetime, closed_days: frozenset[date], zone: str) -> Due:
    value = _parsed(rule) if isinstance(rule, str) else rule
    written = _written(rule)
    match value:
        case datetime():
            return Due(rule=written, at=_aware(value, zone).astimezone(UTC))
        case date():
            return _by_day(written, value, zone)
        case time():
            return Due(rule=written, at=_next_time(value, now=now, zone=zone))
        case timedelta() | MonthsDuration():
            period = _period_of(value)
        case Period():
            period = value
        case _:
            raise ValueError("not a time")
    if period == Period():
        # P0BD: what is to be done today.
        return _by_day(written, calendar.local_date(now, zone), zone)
    if not period.is_positive:
        raise ValueError("a length that is not more than nothing")
    if period.is_by_day:
        return _by_day(written, period.day_after(calendar.counting_date(now, zone), closed_days), zone)
    return Due(rule=written, at=period.moment_after(now, closed_days, zone))


def _period_of(value: timedelta | MonthsDuration) -> Period:
    """What FEEL says as a duration: whole days end with a day, all else is exact."""
    if isinstance(value, MonthsDuration):
        return Period(months=value.months, has_clock=value.months == 0)
    if value and value % timedelta(days=1) == timedelta(0):
        return Period(days=value.days)
    return Period(exact=value, has_clock=True)


def _aware(value: datetime, zone: str) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(zone))


def _next_time(clock: time, *, now: datetime, zone: str) -> datetime:
    info = clock.tzinfo or ZoneInfo(zone)
    today = now.astimezone(info).date()
    days = (datetime.combine(today + timedelta(days=ahead), clock, info).astimezone(UTC) for ahead in range(3))
    return next(at for at in days if at > now)


def _by_day(rule: str, on: date, zone: str) -> Due:
    return Due(rule=rule, at=calendar.end_of_day(on, zone), on=on)


def _parsed(text: str) -> date | datetime | Period:
    plain = text.strip()
    if plain.startswith(("P", "-P", "+P")):
        period = parse_period(plain)
        if period == Period() and plain != "P0BD":
            raise ValueError("no time at all")
        return period
    written, at, named = plain.partition("@")
    if "T" not in written:
        return date.fromisoformat(plain)
    value = datetime.fromisoformat(written)
    return value.replace(tzinfo=_zone(named)) if at else value


def _zone(name: str) -> ZoneInfo:
    if not re.fullmatch(r"[A-Za-z]+(?:/[A-Za-z_+-]+\d*){0,2}", name):
        raise ValueError("not the name of a zone")
    try:
        return ZoneInfo(name)
    except (LookupError, OSError) as error:
        raise ValueError("not a zone") from error


def _is_near(period: Period) -> bool:
    longest = timedelta(days=period.months * 31 + period.days + period.working_days * 7 // 5) + period.exact
    return longest <= FURTHEST + timedelta(days=500)


def _written(rule: Value) -> str:
    match rule:
        case timedelta() | MonthsDuration():
            return format_duration(rule)
        case str():
            return rule.strip()
        case date() | time():
            return rule.isoformat()
        case _:
            return ""


# Cycles


@dataclass(frozen=True)
class Occurrence:
    """One time of a cycle: its number, from 1, and when it is due."""

    number: int
    due: Due


@dataclass(frozen=True)
class _Repeated:
    """A cycle of equal lengths. `start` is its first time, `end` its last; with neither it counts from now."""

    every: Period
    most: int | None
    start: date | datetime | None = None
    end: date | datetime | None = None


_REPEATED = re.compile(r"R(?P<times>\d{0,9}|-1)/(?:(?P<start>\d[^/]*)/)?(?P<every>P[^/]+)(?:/(?P<end>\d[^/]*))?")


def next_in_cycle(
    rule: Value, *, last: Occurrence | None, now: datetime, closed_days: frozenset[date], zone: str
) -> Occurrence | None:
    """The first time of the cycle (`R/PT1H`, `R5/2026-01-07T08:00/P1D`, `R3/P1D/2026-01-07`, `0 0 8 ? * MON-FRI`) still
    to come, after the `last`; None when the cycle is over. Times that have passed are passed over and count: one stands
    for all of them. A cycle with a start or an end keeps its time of day, also over summer time, and its day of the
    month; one without counts from now. ScriptFailed where the rule means no cycle."""
    text = f"R/{format_duration(rule)}" if isinstance(rule, timedelta | MonthsDuration) else rule
    number = last.number if last is not None else 0
    after = now if last is None else max(now, last.due.at)
    try:
        if not isinstance(text, str):
            raise ValueError("not a cycle")
        found = _cycle(text)
        if isinstance(found, Cron):
            at = found.following(after, zone)
            return None if at is None else Occurrence(number + 1, Due(text.strip(), at))
        series = _Series(
            found, text.strip(), begins=now if last is None else last.due.at, closed=closed_days, zone=zone
        )
        return series.following(after, number)
    except (ValueError, OverflowError) as error:
        raise ScriptFailed(
            "Upprepningen går inte att läsa. Skriv till exempel R/P1D, R5/2026-01-07T08:00/P1D eller 0 0 8 ? * MON-FRI."
        ) from error


def _cycle(text: str) -> Cron | _Repeated:
    """The cycle that the text means; ValueError where it means none that can be kept."""
    plain = text.strip()
    if not plain.startswith("R"):
        return parse_cron(plain)
    match = _REPEATED.fullmatch(plain)
    if match is None or (match["start"] and match["end"]):
        raise ValueError("not a repeating interval")
    every = parse_period(match["every"])
    is_exact = not (every.months or every.days or every.working_days)
    if not every.is_positive or not _is_near(every) or (is_exact and every.exact < SHORTEST_CYCLE):
        raise ValueError("an interval that cannot be kept")
    most = None if match["times"] in ("", "-1") else int(match["times"])
    if most == 0:
        raise ValueError("a cycle that never comes")
    return _Repeated(every, most, _point(match["start"]), _point(match["end"]))


def _point(text: str | None) -> date | datetime | None:
    if text is None:
        return None
    value = _parsed(text)
    if isinstance(value, Period) or value.year > LAST_YEAR:
        raise ValueError("not a point in time")
    return value


class _Series:
    """The times of a cycle of equal lengths, each counted from the same point: from the 31st, months end with the 28th
    and then again with the 31st."""

    def __init__(self, cycle: _Repeated, rule: str, *, begins: datetime, closed: frozenset[date], zone: str) -> None:
        self._cycle, self._rule, self._closed, self._zone = cycle, rule, closed, zone
        point = cycle.start or cycle.end
        self._ends_days = cycle.every.is_by_day and not isinstance(point, datetime)
        if point is None:
            local = begins.astimezone(ZoneInfo(zone))
            self._at = begins.astimezone(UTC)
            self._on = calendar.counting_date(begins, zone) if self._ends_days else local.date()
            self._clock = local.time()
        elif isinstance(point, datetime):
            local = point if point.tzinfo is None else point.astimezone(ZoneInfo(zone))
            self._at, self._on, self._clock = _aware(point, zone).astimezone(UTC), local.date(), local.time()
        else:
            self._at = calendar.end_of_day(point, zone)
            self._on, self._clock = (point if self._ends_days else point + timedelta(days=1)), time(0)

    def following(self, after: datetime, number: int) -> Occurrence | None:
        """The first time after the moment, where `number` of them have been; None where none is left."""
        cycle = self._cycle
        if cycle.end is not None and cycle.most is None:
            passed = _first(lambda back: not self._is_after(-back, after))
            return Occurrence(number + 1, self._counted(1 - passed)) if passed else None
        # The first of those counted from now is one length away; with a start or an end it is the point itself.
        shift = -(cycle.most or 0) if cycle.end is not None else -1 if cycle.start is not None else -number
        found = number + 1 + _first(lambda more: self._is_after(number + 1 + more + shift, after))
        if cycle.most is not None and found > cycle.most:
            return None
        return Occurrence(found, self._counted(found + shift))

    def _counted(self, count: int) -> Due:
        """The time so many lengths after the point."""
        period = self._cycle.every.times(count)
        if self._ends_days:
            on = period.day_after(self._on, self._closed)
            return Due(self._rule, calendar.end_of_day(on, self._zone), on)
        if not (period.months or period.days or period.working_days):
            return Due(self._rule, self._at + period.exact)
        on = period.day_after(self._on, self._closed)
        return Due(self._rule, moment(on, self._clock.replace(fold=0), self._zone) + period.exact)

    def _is_after(self, count: int, moment: datetime) -> bool:
        try:
            return self._counted(count).at > moment
        except (ValueError, OverflowError):
            # Past an end of the calendar.
            return count > 0


def _first(holds: Callable[[int], bool]) -> int:
    """The least number, from 0, for which it holds; it holds for all from there on."""
    low, high = 0, 1
    while not holds(high - 1):
        low, high = high, high * 2
    return low + bisect_left(range(low, high), True, key=holds)
