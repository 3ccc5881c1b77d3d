"""Cycles written as cron, as Camunda 7 does (Quartz: seconds first, a year at the end if need be), and the five fields
of Unix. Hides the fields' odd letters, and what summer time does to a clock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flowsvc.engine.periods import moment

_YEARS_AHEAD = 9
"""29 February comes again within eight years, also over 2100; what comes in none of them never comes."""

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WORDS = {
    "@yearly": "0 0 0 1 1 ?",
    "@annually": "0 0 0 1 1 ?",
    "@monthly": "0 0 0 1 * ?",
    "@weekly": "0 0 0 ? * SUN",
    "@daily": "0 0 0 * * ?",
    "@midnight": "0 0 0 * * ?",
    "@hourly": "0 0 * * * ?",
}
_OPEN = ("*", "?")


@dataclass(frozen=True)
class Cron:
    """Clock times on certain days of a zone, for ever or in certain years."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int] | None
    has_numbered_weekdays: bool
    """Days of the week are given as numbers in six fields, where Camunda 7 calls Sunday 1 and other engines Monday."""

    def following(self, after: datetime, zone: str) -> datetime | None:
        """The first time after the moment, in UTC; None where none comes any more."""
        first = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
        for on in self._dates(first):
            for moments in self._hours(on, after, zone):
                later = [each for each in moments if each > after]
                if later:
                    return min(later)
        return None

    def _dates(self, first: date) -> Iterator[date]:
        year, month, day = first.year, first.month, first.day
        furthest = max(self.years) if self.years else first.year + _YEARS_AHEAD
        while year <= min(furthest, date.max.year - 1):
            if month in self.months and (self.years is None or year in self.years):
                days = _days_of(self.days, self.weekdays, year, month)
                yield from (date(year, month, each) for each in days if each >= day)
            year, month, day = (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)

    def _hours(self, on: date, after: datetime, zone: str) -> Iterator[list[datetime]]:
        for hour in self.hours:
            if moment(on, time(hour), zone) < after - timedelta(hours=3):
                continue
            clock = [time(hour, minute, second) for minute in self.minutes for second in self.seconds]
            yield [moment(on, each, zone) for each in clock]
            # In autumn an hour comes twice: what happens every hour happens in both, all else in the first.
            if len(self.hours) == 24:
                info = ZoneInfo(zone)
                yield [datetime.combine(on, each.replace(fold=1), info).astimezone(UTC) for each in clock]


@lru_cache(maxsize=1_000)
def parse_cron(text: str) -> Cron:
    """The cycle that the text means. ValueError where it means none, or never comes."""
    fields = _WORDS.get(text.strip().lower(), text.strip()).upper().split()
    is_unix = len(fields) == 5
    if is_unix:
        fields = ["0", *fields]
    if len(fields) not in (6, 7):
        raise ValueError("a cron expression has five, six or seven fields")
    seconds, minutes, hours, days, months, weekdays = fields[:6]
    if days not in _OPEN and weekdays not in _OPEN:
        raise ValueError("either days of the month or days of the week")
    cron = Cron(
        seconds=_numbers(seconds, 0, 59),
        minutes=_numbers(minutes, 0, 59),
        hours=_numbers(hours, 0, 23),
        days=days,
        months=frozenset(_numbers(months, 1, 12, _MONTH_NAMES, 1)),
        weekdays=_unix_weekdays(weekdays) if is_unix else weekdays,
        years=None if len(fields) == 6 or fields[6] in _OPEN else frozenset(_numbers(fields[6], 1970, 2199)),
        has_numbered_weekdays=not is_unix and re.match(r"\d", weekdays) is not None,
    )
    years = cron.years or range(2024, 2024 + _YEARS_AHEAD)
    if not any(_days_of(days, cron.weekdays, year, month) for year in years for month in cron.months):
        raise ValueError("no such day ever comes")
    return cron


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = (), base: int = 0) -> tuple[int, ...]:
    """The values of a field: lists, ranges and steps. A range that ends before it begins goes over the end."""
    found: set[int] = set()
    for entry in field.split(","):
        span, slash, stride = entry.partition("/")
        every = _number(stride, 1, high) if slash else 1
        first, dash, last = span.partition("-")
        if span in _OPEN:
            begin, end = low, high
        else:
            begin = _number(first, low, high, names, base)
            end = _number(last, low, high, names, base) if dash else high if slash else begin
        values = range(begin, end + 1) if begin <= end else [*range(begin, high + 1), *range(low, end + 1)]
        found.update(values[::every])
    return tuple(sorted(found))


def _number(text: str, low: int, high: int, names: tuple[str, ...] = (), base: int = 0) -> int:
    value = names.index(text) + base if text in names else int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1
    if not low <= value <= high:
        raise ValueError(f"not in a field from {low} to {high}")
    return value


def _unix_weekdays(field: str) -> str:
    """Unix counts Sunday as 0 or 7; Quartz has names for the days, and they mean the same in both."""
    return re.sub(r"(?<![\w/#])([0-7])", lambda found: _DAY_NAMES[int(found[1]) % 7], field)


@lru_cache(maxsize=2_000)
def _days_of(days: str, weekdays: str, year: int, month: int) -> tuple[int, ...]:
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    if weekdays in _OPEN:
        return _of_month(days, year, month, last)
    return _of_week(weekdays, year, month, last)


def _of_month(field: str, year: int, month: int, last: int) -> tuple[int, ...]:
    if field == "L":
        return (last,)
    if found := re.fullmatch(r"L-(\d{1,2})", field):
        return (last - int(found[1]),) if int(found[1]) < last else ()
    if found := re.fullmatch(r"(\d{1,2}|L)W", field):
        wanted = last if found[1] == "L" else _number(found[1], 1, 31)
        return (_nearest_weekday(year, month, wanted, last),) if wanted <= last else ()
    return tuple(day for day in _numbers(field, 1, 31) if day <= last)


def _nearest_weekday(year: int, month: int, wanted: int, last: int) -> int:
    """Monday to Friday nearest to the day, within its month."""
    match date(year, month, wanted).weekday():
        case 5:
            return wanted - 1 if wanted > 1 else wanted + 2
        case 6:
            return wanted + 1 if wanted < last else wanted - 2
        case _:
            return wanted


def _of_week(field: str, year: int, month: int, last: int) -> tuple[int, ...]:
    if found := re.fullmatch(r"(\w+?)(?:L|#([1-5]))", field):
        day = _number(found[1], 1, 7, _DAY_NAMES, 1)
        fitting = [each for each in range(1, last + 1) if _quartz_weekday(year, month, each) == day]
        if found[2] is None:
            return (fitting[-1],)
        return tuple(fitting[int(found[2]) - 1 : int(found[2])])
    wanted = set(_numbers(field, 1, 7, _DAY_NAMES, 1))
    return tuple(each for each in range(1, last + 1) if _quartz_weekday(year, month, each) in wanted)


def _quartz_weekday(year: int, month: int, day: int) -> int:
    return date(year, month, day).isoweekday() % 7 + 1
