"""Why FEEL could not answer: the faults and their texts, in words that never hold a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flowsvc.domain.errors import EngineFault


class FeelFault(EngineFault):
    """An expression or decision could not be evaluated; `position` is (start, end) in its text."""

    code: ClassVar[str] = "engine.feel"

    def __init__(self, message: str, *, name: str = "", position: tuple[int, int] | None = None) -> None:
        super().__init__(message, names=(name,) if name else ())
        self.name = name
        self.position = position


class FeelSyntax(FeelFault):
    """The text is not FEEL."""

    code = "engine.feel_syntax"


class FeelType(FeelFault):
    """A value is of another kind than the expression needs, or the answer is not of the kind asked for."""

    code = "engine.feel_type"


class FeelUnknownName(FeelFault):
    """The expression reads a name that does not exist."""

    code = "engine.feel_unknown_name"


class FeelLimit(FeelFault):
    """A text, its variables or its answer is larger or more deeply nested than is allowed."""

    code = "engine.feel_limit"


class FeelTimeout(FeelFault):
    """The expression took more than its time."""

    code = "engine.feel_timeout"


class FeelMemory(FeelFault):
    """The expression took more than its memory."""

    code = "engine.feel_memory"


class FeelUnavailable(FeelFault):
    """The process that evaluates FEEL could not be had."""

    code = "engine.feel_unavailable"


class DecisionAmbiguous(FeelFault):
    """More rules of a decision table matched than its hit policy allows."""

    code = "engine.decision_ambiguous"


@dataclass(frozen=True)
class _Kind:
    fault: type[FeelFault]
    swedish: str
    english: str


TROUBLES = {
    "SYNTAX": _Kind(FeelSyntax, "går inte att läsa som FEEL", "cannot be read as FEEL"),
    "NO_VARIABLE_FOUND": _Kind(
        FeelUnknownName, "läser variabeln {name}, som inte finns", "reads {name}, which does not exist"
    ),
    "NO_CONTEXT_ENTRY_FOUND": _Kind(
        FeelUnknownName, "läser {name}, som inte finns där", "reads {name}, which is not there"
    ),
    "NO_PROPERTY_FOUND": _Kind(FeelUnknownName, "läser {name}, som inte finns där", "reads {name}, which is not there"),
    "NO_FUNCTION_FOUND": _Kind(
        FeelUnknownName, "anropar en funktion som inte finns", "calls a function that does not exist"
    ),
    "NOT_COMPARABLE": _Kind(FeelType, "jämför värden av olika slag", "compares values of different kinds"),
    "INVALID_TYPE": _Kind(FeelType, "räknar med värden av fel slag", "calculates with values of the wrong kind"),
    "NOT_BOOLEAN": _Kind(
        FeelType,
        "har ett villkor som varken är sant eller falskt",
        "has a condition that is neither true nor false",
    ),
    "INVALID_ARGUMENT": _Kind(
        FeelType, "ger en funktion värden av fel slag", "gives a function values of the wrong kind"
    ),
    "FUNCTION_INVOCATION_FAILURE": _Kind(
        FeelType, "ger en funktion fel antal värden", "gives a function the wrong number of values"
    ),
    "INVALID_VALUE": _Kind(
        FeelType,
        "omvandlar något som inte är ett datum, en tid eller ett tal",
        "converts what is no date, time or number",
    ),
    "INVALID_PATTERN": _Kind(FeelType, "har ett mönster som inte går att läsa", "has a pattern that cannot be read"),
    "NOT_ITERABLE": _Kind(FeelType, "går igenom något som inte är en lista", "goes through what is not a list"),
    "DIVISION_BY_ZERO": _Kind(FeelType, "delar med noll", "divides by zero"),
    "NOT_WANTED": _Kind(FeelType, "ger inte {name}", "does not give {name}"),
    "NO_VALUE": _Kind(
        FeelType,
        "ger en funktion eller ett intervall, inte ett värde",
        "gives a function or a range, not a value",
    ),
    "INVALID_NUMBER": _Kind(
        FeelType,
        "ger ett tal som är för stort eller inte finns",
        "gives a number that is too large or does not exist",
    ),
    "NUMBER_TOO_LARGE": _Kind(
        FeelType,
        "har ett heltal med fler siffror än som kan hållas",
        "has a whole number of more digits than can be kept",
    ),
    "NOT_SUPPORTED": _Kind(
        FeelType, "använder något i FEEL som inte finns här", "uses a part of FEEL that is not supported"
    ),
    "NOT_ALLOWED": _Kind(
        FeelType,
        "får ett värde för {name} som inte är tillåtet",
        "is given a value for {name} that is not allowed",
    ),
    "NOT_DECLARED_TYPE": _Kind(
        FeelType,
        "får ett värde för {name} av annat slag än tabellen anger",
        "has a value for {name} of another type than declared",
    ),
    "NOT_A_DATE": _Kind(
        FeelType,
        "får ett värde för {name} som är inget datum; skriv till exempel 2026-12-03",
        "is given a value for {name} that is no date; write for example 2026-12-03",
    ),
    "UNKNOWN_TYPE": _Kind(
        FeelType, "frågar efter typen {name}, som inte finns", "asks for the type {name}, which does not exist"
    ),
    "NAME_TWICE": _Kind(
        FeelType, "har namnet {name} två gånger i en kontext", "has the name {name} twice in a context"
    ),
    "MULTIPLE_MATCHES": _Kind(
        DecisionAmbiguous,
        "har flera rader som stämmer ({name}), men bara en får göra det",
        "has several rules that match ({name}), only one may",
    ),
    "UNEQUAL_OUTPUTS": _Kind(
        DecisionAmbiguous,
        "har rader som stämmer men ger olika svar ({name})",
        "has rules that match with different outputs ({name})",
    ),
    "TOO_MANY_ITEMS": _Kind(
        FeelLimit, "ger en lista med fler än 1 000 poster", "gives a list of more than 1,000 items"
    ),
    "TOO_DEEP": _Kind(FeelLimit, "är för djupt nästlat", "is nested too deeply"),
    "TOO_LARGE": _Kind(FeelMemory, "behöver mer minne än som är tillåtet", "needs more memory than is allowed"),
}
_WANTED = {
    "bool": ("sant eller falskt", "true or false"),
    "number": ("ett tal", "a number"),
    "text": ("en text", "a text"),
    "date": ("ett datum", "a date"),
    "duration": ("en tidslängd", "a duration"),
    "list": ("en lista", "a list"),
}

SENTENCES: Mapping[str, str] = {
    **{
        f"{{0}} {kind.swedish.format(name='{1}')}.": f"{{0}} {kind.english.format(name='{1}')}."
        for kind in TROUBLES.values()
    },
    **dict(_WANTED.values()),
    "Uttrycket": "The expression",
    "Beslutet {0}": "The decision {0}",
    "{0}, rad {1}": "{0}, rule {1}",
    "{0}, kolumn {1}": "{0}, column {1}",
    "{0} (tecken {1})": "{0} (character {1})",
}
"""What the faults are made of, Swedish to English, with `{0}` and `{1}` for what is put in."""


def fault_of(trouble: Mapping[str, Any]) -> FeelFault:
    """The fault for a trouble that the child reported."""
    kind = TROUBLES.get(str(trouble["type"]), TROUBLES["INVALID_TYPE"])
    swedish, _ = texts_of(trouble)
    position = (int(trouble["from"]), int(trouble["to"])) if trouble.get("from") is not None else None
    return kind.fault(
        swedish,
        name="" if trouble["type"] in {"NOT_WANTED", "MULTIPLE_MATCHES"} else str(trouble["name"]),
        position=position,
    )


def texts_of(trouble: Mapping[str, Any]) -> tuple[str, str]:
    """The trouble in Swedish and in English: where it is and what is wrong."""
    kind = TROUBLES.get(str(trouble["type"]), TROUBLES["INVALID_TYPE"])
    name = str(trouble.get("name", ""))
    wanted = _WANTED.get(name, (name, name)) if trouble["type"] == "NOT_WANTED" else (name, name)
    swedish, english = _places(trouble)
    return (
        f"{swedish} {kind.swedish.format(name=wanted[0])}.",
        f"{english} {kind.english.format(name=wanted[1])}.",
    )


def _places(trouble: Mapping[str, Any]) -> tuple[str, str]:
    start, end = trouble.get("from"), trouble.get("to")
    at = ("", "")
    if start is not None and end is not None:
        span = f"{start + 1}–{end}" if end > start + 1 else f"{start + 1}"
        at = (f" (tecken {span})", f" (character {span})")
    if not trouble.get("decision"):
        return f"Uttrycket{at[0]}", f"The expression{at[1]}"
    parts = [f"Beslutet {trouble['decision']}"], [f"The decision {trouble['decision']}"]
    if trouble.get("rule"):
        parts[0].append(f"rad {trouble['rule']}")
        parts[1].append(f"rule {trouble['rule']}")
    if trouble.get("column"):
        parts[0].append(f"kolumn {trouble['column']}")
        parts[1].append(f"column {trouble['column']}")
    return ", ".join(parts[0]) + at[0], ", ".join(parts[1]) + at[1]
