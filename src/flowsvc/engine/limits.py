"""Time limits in words: "inom 5 arbetsdagar". Hides how a rule is written."""

import re
from datetime import date, datetime

from flowsvc.domain.forms.words import date_words
from flowsvc.engine.periods import Period, parse_period

_UNITS = {
    "year": (("år", "år"), ("year", "years")),
    "month": (("månad", "månader"), ("month", "months")),
    "working": (("arbetsdag", "arbetsdagar"), ("working day", "working days")),
    "day": (("dag", "dagar"), ("day", "days")),
    "hour": (("timme", "timmar"), ("hour", "hours")),
    "minute": (("minut", "minuter"), ("minute", "minutes")),
    "second": (("sekund", "sekunder"), ("second", "seconds")),
}
_REPEATED = re.compile(r"R(\d{0,9}|-1)/(?:[^P/][^/]*/)?(P[^/]+)(?:/.*)?")


def length(text: str, language: str) -> str:
    """The length of time in words: "5 arbetsdagar"; empty for a text that is none."""
    try:
        period = parse_period(text)
    except (ValueError, OverflowError):
        return ""
    return _length(period, language)


def _length(period: Period, language: str) -> str:
    years, months = divmod(abs(period.months), 12)
    seconds = abs(int(period.exact.total_seconds()))
    counted = (
        ("year", years),
        ("month", months),
        ("day", abs(period.days)),
        ("working", abs(period.working_days)),
        ("hour", seconds // 3600),
        ("minute", seconds % 3600 // 60),
        ("second", seconds % 60),
    )
    return _joined([count(number, unit, language) for unit, number in counted if number], language)


def count(number: int, unit: str, language: str) -> str:
    """So many of the unit: `year`, `month`, `working`, `day`, `hour`, `minute` or `second`."""
    return f"{number} {_UNITS[unit][language == 'en'][number != 1]}"


def unit_of(letters: str) -> str:
    """The unit that the letters of a period stand for: BD, D, W, M or Y; empty for others. Weeks have no word here."""
    return {"BD": "working", "D": "day", "M": "month", "Y": "year"}.get(letters, "")


def units(unit: str, language: str) -> str:
    """The unit in the plural: "arbetsdagar"."""
    return _UNITS[unit][language == "en"][1]


def within(text: str, language: str) -> str:
    """The limit in words: "inom 5 arbetsdagar", "samma dag", "senast 3 december 2026"; empty for a text that is no
    limit."""
    english, plain = language == "en", text.strip()
    if plain.startswith(("P", "-P", "+P")):
        words = length(plain, language)
        if words:
            return f"within {words}" if english else f"inom {words}"
        is_none = re.fullmatch(r"P0(?:BD|D)", plain) is not None
        return ("the same day" if english else "samma dag") if is_none else ""
    on = _date(plain)
    if on is None:
        return ""
    return f"by {date_words(on, language)}" if english else f"senast {date_words(on, language)}"


def after(text: str, language: str) -> str:
    """When a timer goes off, in words: "efter 5 arbetsdagar", "den 3 december 2026", "var 7 dagar"; empty for a text
    that is no time."""
    english, plain = language == "en", text.strip()
    repeated = _REPEATED.fullmatch(plain)
    if repeated is not None:
        words = length(repeated[2], language)
        return (f"again every {words}" if english else f"återkommer med {words} emellan") if words else ""
    if plain.startswith(("P", "+P")):
        words = length(plain, language)
        return (f"after {words}" if english else f"efter {words}") if words else within(plain, language)
    on = _date(plain)
    if on is None:
        return ""
    return f"on {date_words(on, language)}" if english else f"den {date_words(on, language)}"


def _date(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text.partition("@")[0]).date()
    except ValueError:
        return None


def _joined(parts: list[str], language: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {'and' if language == 'en' else 'och'} {parts[-1]}"
