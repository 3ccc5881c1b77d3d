"""The Swedish calendar: working days, local dates, statutory periods; hides where public holidays come from.

A working day is Monday to Friday, no public holiday, not Midsummer Eve, Christmas Eve or New Year's Eve, and
none of the organisation's own closed days. Periods set by law know nothing of closed days (lag 1930:173)."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays.countries.sweden import Sweden

_SATURDAY = 5
_DAY = timedelta(days=1)
_AFTER_MIDNIGHT = timedelta(minutes=5)

_WEEKDAYS = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


@cache
def _red_days(year: int) -> frozenset[date]:
    """The public holidays of a year and the three eves; asked of the library once a year, not once a date."""
    holidays = Sweden(years=year)
    midsummer_eve = next(date(year, 6, day) for day in range(19, 26) if date(year, 6, day).weekday() == 4)
    return frozenset(holidays) | {midsummer_eve, date(year, 12, 24), date(year, 12, 31)}


def is_working_day(on: date, closed: frozenset[date]) -> bool:
    """Whether people are at work that day."""
    return on.weekday() < _SATURDAY and on not in closed and on not in _red_days(on.year)


def next_working_day(on: date, closed: frozenset[date]) -> date:
    """The day itself where it is a working day, else the first one after it."""
    while not is_working_day(on, closed):
        on += _DAY
    return on


def add_working_days(start: date, days: int, closed: frozenset[date]) -> date:
    """The day that many working days after the start, or before it where negative; 0 gives the start back."""
    direction = _DAY if days > 0 else -_DAY
    on, left = start, abs(days)
    while left:
        on += direction
        left -= is_working_day(on, closed)
    return on


def working_days_between(start: date, end: date, closed: frozenset[date]) -> int:
    """How many working days lie after the start, the end included; negative when the end is past."""
    if end < start:
        return -working_days_between(end, start, closed)
    return sum(is_working_day(start + day * _DAY, closed) for day in range(1, (end - start).days + 1))


def add_months(start: date, months: int) -> date:
    """The same numbered day that many months later, or the month's last where it has none (1930:173 §1)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(start.day, (following - _DAY).day))


def statutory_end(start: date, *, months: int = 0, weeks: int = 0) -> date:
    """The last day for what the law gives so many months or weeks: the same numbered or named day, or the
    next weekday where that is a Saturday, a Sunday, a holiday or one of the eves (1930:173 §§1-2)."""
    return next_working_day(add_months(start, months) + timedelta(weeks=weeks), frozenset())


def end_of_day(on: date, zone: str) -> datetime:
    """The local midnight with which the day ends, in UTC."""
    return datetime.combine(on + _DAY, time(0), ZoneInfo(zone)).astimezone(UTC)


def local_date(at: datetime, zone: str) -> date:
    """The date that a moment falls on where people are."""
    return at.astimezone(ZoneInfo(zone)).date()


def counting_date(at: datetime, zone: str) -> date:
    """The day after which days are counted from a moment. A deadline runs out at midnight and what it sets off comes
    moments later, yet belongs to the day that ended: otherwise each new period would begin a day late."""
    return local_date(at - _AFTER_MIDNIGHT, zone)


def working_days_before(now: datetime, days: int, *, zone: str, closed: frozenset[date]) -> datetime:
    """The latest moment from which that many working days have run by now, in UTC."""
    today = local_date(now, zone)
    if not is_working_day(today, closed):
        # Nothing has run since the last working day ended.
        return end_of_day(add_working_days(today, -days - 1, closed), zone)
    clock = now.astimezone(ZoneInfo(zone)).time()
    return datetime.combine(add_working_days(today, -days, closed), clock, ZoneInfo(zone)).astimezone(UTC)


def words(on: date, *, today: date, closed: frozenset[date], language: str) -> str:
    """How far away a due date is, for people: "i dag", "om 3 arbetsdagar", "2 arbetsdagar försenad"."""
    swedish = language != "en"
    if on == today:
        return "i dag" if swedish else "today"
    if on == today + _DAY:
        return "i morgon" if swedish else "tomorrow"
    days = working_days_between(today, on, closed)
    if on > today:
        return _ahead(on, days, swedish=swedish)
    if days == 0:
        return "försenad" if swedish else "overdue"
    return f"{_count(-days, swedish=swedish)} {'försenad' if swedish else 'overdue'}"


def _ahead(on: date, days: int, *, swedish: bool) -> str:
    if days == 0:
        # Only days off lie between: a name says more than a number.
        return f"på {_WEEKDAYS['sv'][on.weekday()]}" if swedish else f"on {_WEEKDAYS['en'][on.weekday()]}"
    return f"{'om' if swedish else 'in'} {_count(days, swedish=swedish)}"


def _count(days: int, *, swedish: bool) -> str:
    if swedish:
        return f"{days} arbetsdag" if days == 1 else f"{days} arbetsdagar"
    return f"{days} working day" if days == 1 else f"{days} working days"
