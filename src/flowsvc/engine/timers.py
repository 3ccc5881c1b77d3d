"""When something is due: a rule of a diagram and the time of a step give a moment. Rules that count days end with the
local day; rules of hours and minutes are exact (ISO 8601; working days as P5BD)."""

import re
from datetime import UTC, date, datetime, timedelta
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
    today = calendar.local_date(now, zone)
    if isinstance(rule, str) and (found := _WORKING_DAYS.fullmatch(rule.strip())):
        days = int(found[1])
        return _by_day(rule.strip(), calendar.add_working_days(today, days, closed_days) if days else today, zone)
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
