"""The words and the typography of documents, Swedish first: dates, amounts, and the few texts of the templates."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

NO_BREAK = "\N{NO-BREAK SPACE}"

_WORDS = {
    "sv": {
        "case": "Ärende",
        "made": "Upprättad",
        "page": "Sida",
        "of": "av",
        "contents": "Innehåll",
        "note": "Observera",
        "characters": "Tecken som typsnittet saknar är skrivna med sitt nummer, till exempel [U+4E2D].",
    },
    "en": {
        "case": "Case",
        "made": "Made",
        "page": "Page",
        "of": "of",
        "contents": "Contents",
        "note": "Note",
        "characters": "Characters that the font lacks are written by number, such as [U+4E2D].",
    },
}


def words(language: str) -> dict[str, str]:
    """The texts of the templates, Swedish unless English is asked for."""
    return _WORDS["en" if language == "en" else "sv"]


def day(on: date | None, language: str) -> str:
    """The date as people write it: 7 oktober 2026; a dash where there is none."""
    if on is None:
        return "–"
    return format_date(on, "d MMMM y", locale=_locale(language)).replace(" ", NO_BREAK)


def moment(at: datetime | None, language: str) -> str:
    """The date and time in the zone the time carries: 7 oktober 2026 kl. 14.05; a dash where there is none."""
    if at is None:
        return "–"
    pattern = "HH:mm" if language == "en" else "HH.mm"
    clock = format_datetime(at, pattern, tzinfo=at.tzinfo, locale=_locale(language))
    return f"{day(at.date(), language)} {'at' if language == 'en' else 'kl.'}{NO_BREAK}{clock}"


def kronor(ore: int | None, language: str) -> str:
    """The amount as people write it: 12 500 kr, or SEK 12,500; öre only where there are any."""
    if ore is None:
        return "–"
    pattern = "#,##0" if ore % 100 == 0 else "#,##0.00"
    number = format_decimal(ore / 100, format=pattern, locale=_locale(language))
    return f"SEK{NO_BREAK}{number}" if language == "en" else f"{number}{NO_BREAK}kr"


def _locale(language: str) -> str:
    return "en_GB" if language == "en" else "sv_SE"
