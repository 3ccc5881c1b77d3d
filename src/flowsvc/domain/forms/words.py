"""What forms say to people, in Swedish and English, and how they write and read dates and numbers."""

import re
from datetime import date, datetime, time

_MONTHS = {
    "sv": [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}

# ruff: noqa: E501 - a text and its translation stand side by side

TEXTS = {
    "missing": ("Fyll i {label}.", "Fill in {label}."),
    "choose": ("Välj något under {label}.", "Choose something under {label}."),
    "confirm": ("Kryssa i rutan {label}.", "Tick the box {label}."),
    "attach": ("Bifoga en fil under {label}.", "Attach a file under {label}."),
    "add_row": ("Lägg till minst en rad under {label}.", "Add at least one row under {label}."),
    "no_such_choice": ("Valet under {label} finns inte. Välj ett av alternativen.", "Choose one of the options for {label}."),
    "date": ("Skriv {label} som ett datum, till exempel 2026-12-03.", "Write {label} as a date, such as 2026-12-03."),
    "time": ("Skriv {label} som ett klockslag, till exempel 13:30.", "Write {label} as a time, such as 13:30."),
    "number": ("Skriv {label} med siffror.", "Write {label} in digits."),
    "money": ("Skriv {label} i kronor, till exempel 12 500 eller 12 500,50.", "Write {label} in kronor, such as 12 500,50."),
    "too_low": ("{label} ska vara minst {limit}.", "{label} must be at least {limit}."),
    "too_high": ("{label} får vara högst {limit}.", "{label} may be at most {limit}."),
    "too_long": ("{label} får ha högst {limit} tecken. Du har skrivit {count}.", "{label} may have at most {limit} characters. You wrote {count}."),
    "too_short": ("{label} ska ha minst {limit} tecken.", "{label} must have at least {limit} characters."),
    "pattern": ("{label} har fel form.", "{label} has the wrong form."),
    "email": ("Skriv {label} som en e-postadress.", "Write {label} as an e-mail address."),
    "phone": ("Skriv {label} som ett telefonnummer.", "Write {label} as a telephone number."),
    "not_after": ("{label} får inte vara senare än {limit}.", "{label} may not be later than {limit}."),
    "not_before": ("{label} får inte vara tidigare än {limit}.", "{label} may not be earlier than {limit}."),
    "sum": ("{label} ska tillsammans bli {limit}. Nu är summan {count}.", "{label} must add up to {limit}. The sum is now {count}."),
    "kind": ("{label} är av fel slag.", "{label} is of the wrong kind."),
    "row": ("{list} {n}: {text}", "{list} {n}: {text}"),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "none": ("Inget angivet", "Nothing given"),
}  # fmt: skip


def say(name: str, language: str, **parts: object) -> str:
    """The text in the language, with its parts."""
    return TEXTS[name][1 if language == "en" else 0].format(**parts)


def date_words(on: date, language: str) -> str:
    """3 december 2026 / 3 December 2026."""
    return f"{on.day} {_MONTHS['en' if language == 'en' else 'sv'][on.month - 1]} {on.year}"


def number_words(value: float, language: str, *, decimals: int | None = None) -> str:
    """The number with spaces between thousands and the decimal sign of the language."""
    text = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,.10g}" if value % 1 else f"{int(value):,}"
    whole, _, part = text.replace(",", "\N{NO-BREAK SPACE}").partition(".")
    return whole + (("." if language == "en" else ",") + part if part else "")


def money_words(ore: int, language: str) -> str:
    """12 500 kr or 12 500,50 kr."""
    return number_words(ore / 100, language, decimals=2 if ore % 100 else 0) + "\N{NO-BREAK SPACE}kr"


def read_date(text: str) -> date | None:
    """The date in a text such as 2026-12-03, 20261203, 3/12 2026 or 3 december 2026; None for anything else."""
    plain = text.strip().lower()
    if found := re.fullmatch(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})", plain):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    elif found := re.fullmatch(r"(\d{1,2})[/. ]+(\d{1,2})[/. ]+(\d{4})", plain):
        parts = (int(found[3]), int(found[2]), int(found[1]))
    elif found := re.fullmatch(r"(\d{1,2}) ([a-z]+) (\d{4})", plain):
        months = [*_MONTHS["sv"], *(name.lower() for name in _MONTHS["en"])]
        if found[2] not in months:
            return None
        parts = (int(found[3]), months.index(found[2]) % 12 + 1, int(found[1]))
    else:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """The time in a text such as 13:30, 13.30 or 1330; None for anything else."""
    found = re.fullmatch(r"(\d{1,2})[:.]?(\d{2})(?:[:.]\d{2})?", text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def read_number(text: str) -> float | int | None:
    """The number in a text with spaces and a comma or a point; None for anything else."""
    plain = re.sub(r"[\s\N{NO-BREAK SPACE}]|kr$|%$", "", text.strip().lower()).replace("\N{MINUS SIGN}", "-")
    if not re.fullmatch(r"-?\d{1,15}([.,]\d{1,9})?", plain):
        return None
    value = float(plain.replace(",", "."))
    return int(value) if value.is_integer() and not re.search(r"[.,]", plain) else value


def read_local(text: str) -> datetime | None:
    """An ISO date-time; None for anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
