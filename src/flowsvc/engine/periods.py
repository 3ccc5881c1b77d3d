"""Lengths of time as a rule writes them (ISO 8601:2019, 5.5.2; working days as P5BD). Months, days and working days are
counted on the calendar where people are, hours and less are exact: a day may have 23 or 25 of them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from flowsvc.domain import calendar

_NUMBER = r"\d{1,9}(?:[.,]\d{1,9})?"
_PERIOD = re.compile(
    rf"(?P<sign>[-+])?P(?:(?P<Y>{_NUMBER})Y)?(?:(?P<M>{_NUMBER})M)?(?:(?P<W>{_NUMBER})W)?(?:(?P<D>{_NUMBER})D)?"
    rf"(?P<clock>T(?:(?P<h>{_NUMBER})H)?(?:(?P<m>{_NUMBER})M)?(?:(?P<s>{_NUMBER})S)?)?"
)
_WORKING_DAYS = re.compile(r"P(\d{1,5})BD")
_PARTS = "YMWDhms"
_MONTHS = {"Y": 12, "M": 1}
_SECONDS = {"W": 7 * 86_400, "D": 86_400, "h": 3_600, "m": 60, "s": 1}


@dataclass(frozen=True)
class Period:
    """A length of time: so many months, then days or working days, then an exact time."""

    months: int = 0
    days: int = 0
    exact: timedelta = timedelta(0)
    working_days: int = 0
    has_clock: bool = False
    """It says hours, minutes or seconds, also none of them: then it ends at a time of day and not with a day."""

    @property
    def is_positive(self) -> bool:
        """It is longer than nothing, whatever the months' lengths."""
        parts = (self.months, self.days, self.working_days, self.exact // timedelta(microseconds=1))
        return any(part > 0 for part in parts) and all(part >= 0 for part in parts)

    @property
    def is_by_day(self) -> bool:
        """It counts days only, and so ends with a day."""
        return not self.has_clock

    def times(self, count: int) -> "Period":
        """So many of it, negative where counted backwards."""
        return Period(
            self.months * count, self.days * count, self.exact * count, self.working_days * count, self.has_clock
        )

    def day_after(self, start: date, closed: frozenset[date]) -> date:
        """The date that so many months and days lead to. ValueError or OverflowError past the calendar's end."""
        on = calendar.add_months(start, self.months) + timedelta(days=self.days)
        return calendar.add_working_days(on, self.working_days, closed) if self.working_days else on

    def moment_after(self, start: datetime, closed: frozenset[date], zone: str) -> datetime:
        """The moment, in UTC: months and days keep the time of day in the zone, and the exact time follows."""
        if not (self.months or self.days or self.working_days):
            return start.astimezone(UTC) + self.exact
        local = start.astimezone(ZoneInfo(zone))
        on = self.day_after(local.date(), closed)
        return moment(on, local.time().replace(fold=0), zone) + self.exact


def moment(on: date, at: time, zone: str) -> datetime:
    """The moment in UTC at which clocks in the zone show that time. One that summer time leaves out comes an hour
    later by the clock; one that comes twice is the first."""
    return datetime.combine(on, at, ZoneInfo(zone)).astimezone(UTC)


def parse_period(text: str) -> Period:
    """The period written so, negative ones too. ValueError where it is none, or has a fraction of a month, which has no
    length; OverflowError where no clock goes so far."""
    plain = text.strip()
    if found := _WORKING_DAYS.fullmatch(plain):
        return Period(working_days=int(found[1]))
    match = _PERIOD.fullmatch(plain)
    given = [name for name in _PARTS if match and match[name] is not None]
    if match is None or not given or match["clock"] == "T":
        raise ValueError("not an ISO 8601 duration")
    if any("." in match[name] or "," in match[name] for name in given[:-1]):
        raise ValueError("only the last part of a duration may have a fraction")
    part = {name: Fraction(match[name].replace(",", ".")) for name in given}
    sign = -1 if match["sign"] == "-" else 1
    months = sum(part[name] * length for name, length in _MONTHS.items() if name in part)
    if months.denominator != 1:
        raise ValueError("a fraction of a month has no length")
    days = sum(part[name] * _SECONDS[name] // 86_400 for name in "WD" if name in part)
    seconds = sum(part[name] * length for name, length in _SECONDS.items() if name in part) - days * 86_400
    exact = timedelta(microseconds=int(seconds * 1_000_000))
    return Period(int(sign * months), int(sign * days), sign * exact, has_clock=bool(match["clock"]) or bool(exact))
