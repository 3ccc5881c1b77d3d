"""The language of a page: which one, and its words. The texts in the code are Swedish; English is read from a .po file
as it was written, so that a checkout and a wheel need no compiling."""

from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain

from flowsvc.domain.access import NOBODY
from flowsvc.domain.forms import words
from flowsvc.web import here

COOKIE = "language"
_FOLDER = Path(__file__).parent / "translations"


@cache
def _words(language: str) -> NullTranslations:
    path = _FOLDER / language / "LC_MESSAGES/messages.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return Translations(compiled)


class _Catalogue(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    def get_translations(self) -> NullTranslations:
        return _words(here.language())


_CATALOGUE = _Catalogue()


def install(app: Flask) -> None:
    """Pages speak the visitor's language."""
    Babel(app, default_locale="sv", locale_selector=here.language)
    app.before_request(_choose)
    app.template_filter("day")(day)
    app.template_filter("month")(month)
    app.template_filter("moment")(moment)
    app.template_filter("weekday")(weekday)
    app.template_filter("money")(lambda ore: words.money_words(ore, here.language()))
    app.template_filter("size")(size)


def _choose() -> None:
    visitor, chosen = here.visitor(), request.cookies.get(COOKIE, "")
    if chosen not in here.LANGUAGES and visitor is not NOBODY:
        chosen = visitor.language
    if chosen not in here.LANGUAGES:
        chosen = request.accept_languages.best_match(here.LANGUAGES) or here.LANGUAGES[0]
    g.language = chosen
    _CATALOGUE.as_default()


def day(on: date) -> str:
    """The date as a reader writes it: 3 dec. 2026."""
    return format_date(on, "d MMM y", locale=here.language())


def month(on: date) -> str:
    """The month and year of the date: december 2026."""
    return format_date(on, "MMMM y", locale=here.language())


def moment(at: datetime) -> str:
    """The local date and time: 3 dec. 2026 14:05."""
    return format_datetime(at.astimezone(_zone()), "d MMM y HH:mm", locale=here.language())


def weekday(at: datetime) -> str:
    """The local date and time in words: torsdag 3 december 2026 14:05."""
    return format_datetime(at.astimezone(_zone()), "EEEE d MMMM y HH:mm", locale=here.language())


def clock_time(at: datetime) -> str:
    """The local time of day: 14:05."""
    return f"{at.astimezone(_zone()):%H:%M}"


def size(count: int) -> str:
    """A file's size in kB or MB."""
    unit, scale = ("MB", 1_000_000) if count >= 1_000_000 else ("kB", 1_000)
    return f"{words.number_words(round(max(count / scale, 0.1), 1), here.language())} {unit}"


def _zone() -> ZoneInfo:
    return ZoneInfo(here.context().zone)
