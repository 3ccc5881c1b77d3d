"""What the API takes and gives, declared once: a shape reads and checks what was sent, writes what is answered, and
describes itself in the words of JSON Schema. Hides the texts that name the field that is wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.values import from_json, to_json
from flowsvc.web import here, sentences

DEEPEST = 50
LARGEST = 2**53 - 1
"""The largest whole number that FEEL, JSON and both databases agree on."""
LONGEST_NAME = 200

_WHOLE = re.compile(r"-?[0-9]{1,16}")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Shape:
    """One kind of value. The root of the shapes takes and gives any JSON."""

    def read(self, value: object, place: str) -> Any:
        """What was sent at the place; InvalidInput names the place."""
        return value

    def read_text(self, text: str, place: str) -> Any:
        """What was sent as text, in an address."""
        return self.read(text, place)

    def write(self, value: Any) -> object:
        """The value as JSON."""
        return value

    def schema(self) -> dict[str, object]:
        """What it looks like; a named shape is described once and pointed to."""
        return {}

    def named(self) -> "Mapping[str, Shape]":
        """The named shapes that it is made of."""
        return {}


@dataclass(frozen=True)
class Text(Shape):
    """A text of one line, or one of the `among`."""

    longest: int = LONGEST_NAME
    shortest: int = 1
    among: tuple[str, ...] = ()
    example: str = ""

    def read(self, value: object, place: str) -> str:
        if not isinstance(value, str):
            raise InvalidInput(f"{place} ska vara en text.")
        if self.among and value not in self.among:
            raise InvalidInput(f"{place} ska vara något av {', '.join(self.among)}.")
        if not self.shortest <= len(value) <= self.longest:
            raise InvalidInput(f"{place} ska ha {self.shortest} till {self.longest} tecken.")
        if _INVISIBLE.search(value):
            raise InvalidInput(f"{place} har tecken som inte syns. Ta bort dem.")
        return value

    def write(self, value: Any) -> object:
        return str(value)

    def schema(self) -> dict[str, object]:
        made: dict[str, object] = {"type": "string"}
        if self.among:
            made["enum"] = list(self.among)
        else:
            made |= {"minLength": self.shortest, "maxLength": self.longest}
        return made | ({"examples": [self.example]} if self.example else {})


def one_of(kind: type[StrEnum]) -> Text:
    """One of the words of the enumeration."""
    return Text(among=tuple(str(each) for each in kind))


@dataclass(frozen=True)
class Sentence(Shape):
    """What an error or incident says, in the language asked for."""

    def write(self, value: Any) -> object:
        return sentences.told(str(value), here.language())

    def schema(self) -> dict[str, object]:
        return {"type": "string"}


@dataclass(frozen=True)
class Said(Shape):
    """A text that flowsvc writes, of any length."""

    def write(self, value: Any) -> object:
        return str(value)

    def schema(self) -> dict[str, object]:
        return {"type": "string"}


@dataclass(frozen=True)
class Whole(Shape):
    """A whole number."""

    least: int = -LARGEST
    most: int = LARGEST

    def read(self, value: object, place: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            raise InvalidInput(f"{place} ska vara ett heltal från {self.least} till {self.most}.")
        return value

    def read_text(self, text: str, place: str) -> int:
        return self.read(int(text) if _WHOLE.fullmatch(text) else text, place)

    def schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Milliseconds(Shape):
    """A length of time, in whole milliseconds."""

    least: int
    most: int

    def read(self, value: object, place: str) -> timedelta:
        return timedelta(milliseconds=Whole(self.least, self.most).read(value, place))

    def schema(self) -> dict[str, object]:
        return Whole(self.least, self.most).schema() | {"description": "Milliseconds."}


@dataclass(frozen=True)
class Flag(Shape):
    """True or false."""

    def read(self, value: object, place: str) -> bool:
        if not isinstance(value, bool):
            raise InvalidInput(f"{place} ska vara true eller false.")
        return value

    def read_text(self, text: str, place: str) -> bool:
        return self.read({"true": True, "false": False}.get(text), place)

    def schema(self) -> dict[str, object]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Moment(Shape):
    """A time, in UTC."""

    def write(self, value: Any) -> object:
        return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else None

    def schema(self) -> dict[str, object]:
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True)
class Day(Shape):
    """A local date."""

    def read(self, value: object, place: str) -> date:
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError as error:
            raise InvalidInput(f"{place} ska vara ett datum, till exempel 2026-12-03.") from error

    def write(self, value: Any) -> object:
        return value.isoformat() if isinstance(value, date) else None

    def schema(self) -> dict[str, object]:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Maybe(Shape):
    """The value, or null where there is none."""

    of: Shape

    def write(self, value: Any) -> object:
        return None if value is None else self.of.write(value)

    def schema(self) -> dict[str, object]:
        return {"anyOf": [self.of.schema(), {"type": "null"}]}

    def named(self) -> Mapping[str, Shape]:
        return self.of.named()


@dataclass(frozen=True)
class Each(Shape):
    """A list."""

    of: Shape
    most: int = 100

    def read(self, value: object, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or not 0 < len(value) <= self.most:
            raise InvalidInput(f"{place} ska vara en lista med 1 till {self.most} rader.")
        return tuple(self.of.read(each, f"{place}[{number}]") for number, each in enumerate(value))

    def write(self, value: Any) -> object:
        return [self.of.write(each) for each in value]

    def schema(self) -> dict[str, object]:
        return {"type": "array", "items": self.of.schema()}

    def named(self) -> Mapping[str, Shape]:
        return self.of.named()


@dataclass(frozen=True)
class Anything(Shape):
    """A value of a variable; dates and times are tagged."""

    def read(self, value: object, place: str) -> Any:
        try:
            made = from_json(value)
            to_json(made)
        except (ValueError, TypeError, OverflowError) as error:
            raise InvalidInput(
                f'{place} har ett värde som inte går att läsa. Datum skrivs {{"$t": "date", '
                '"v": "2026-12-03"}, och tider med tidszon.'
            ) from error
        return made

    def write(self, value: Any) -> object:
        return to_json(value)


@dataclass(frozen=True)
class ByName(Shape):
    """Values of variables by name."""

    def read(self, value: object, place: str) -> Any:
        if not isinstance(value, dict):
            raise InvalidInput(f"{place} ska vara ett objekt med namn och värden.")
        made = {}
        for name, sent in value.items():
            Text().read(name, f"Ett namn i {place}")
            made[name] = Anything().read(sent, f"{place}.{name}")
        return made

    def write(self, value: Any) -> object:
        return to_json(value)

    def schema(self) -> dict[str, object]:
        return {
            "type": "object",
            "description": 'Values by name. A date is {"$t": "date", "v": "2026-12-03"}; other tags are datetime, '
            "time and duration.",
            "additionalProperties": True,
        }


_TAGS = ("date", "time", "datetime", "duration")


@dataclass(frozen=True)
class Tagged(Shape):
    """Values as DMN has them: any year and zone, and times without a zone, which no variable of a process can hold."""

    def read(self, value: object, place: str) -> Any:
        if not isinstance(value, dict):
            raise InvalidInput(f"{place} ska vara ett objekt med namn och värden.")
        for name, sent in value.items():
            Text().read(name, f"Ett namn i {place}")
            _check_tags(sent, f"{place}.{name}")
        return value

    def schema(self) -> dict[str, object]:
        return {
            "description": 'Any JSON. A date is {"$t": "date", "v": "2026-12-03"}; other tags are datetime, time and '
            "duration. A datetime or time has an offset, or none where it is local."
        }


def _check_tags(sent: object, place: str) -> None:
    if isinstance(sent, list):
        for each in sent:
            _check_tags(each, place)
    elif isinstance(sent, dict):
        if set(sent) == {"$t", "v"} and (sent["$t"] not in _TAGS or not isinstance(sent["v"], str)):
            raise InvalidInput(f'{place} har en okänd märkning. Datum skrivs {{"$t": "date", "v": "2026-12-03"}}.')
        for each in sent.values():
            _check_tags(each, place)


@dataclass(frozen=True)
class Key(Shape):
    """The one correlation key, under a name of the sender's choice."""

    def read(self, value: object, place: str) -> str:
        if not isinstance(value, dict) or len(value) > 1:
            raise InvalidInput(f"{place} ska vara ett objekt med högst ett namn och dess text.")
        return next((Text().read(text, f"{place}.{name[:50]}") for name, text in value.items()), "")

    def schema(self) -> dict[str, object]:
        return {"type": "object", "maxProperties": 1, "additionalProperties": Text().schema()}


@dataclass(frozen=True)
class Entry:
    """One name of a sent object. `default` is what stands for a name that is left out."""

    name: str
    shape: Shape
    is_needed: bool = False
    default: Any = None
    about: str = ""


@dataclass(frozen=True)
class Sent(Shape):
    """An object that programs send: its names, and no others."""

    name: str
    entries: tuple[Entry, ...]

    def read(self, value: object, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise InvalidInput(f"{place} ska vara ett objekt, {{…}}.")
        known = {each.name: each for each in self.entries}
        inside = "" if place == BODY else f"{place}."
        for name in value:
            if name not in known:
                shown = _INVISIBLE.sub("?", name[:50])
                raise InvalidInput(f"{inside}{shown} är inget känt namn. Kända är {', '.join(known) or 'inga'}.")
        for each in self.entries:
            if each.is_needed and each.name not in value:
                raise InvalidInput(f"{inside}{each.name} saknas.")
        return {
            each.name: each.shape.read(value[each.name], f"{inside}{each.name}") if each.name in value else each.default
            for each in self.entries
        }

    def schema(self) -> dict[str, object]:
        return {"$ref": f"#/components/schemas/{self.name}"}

    def described(self) -> dict[str, object]:
        """The description that the name points to."""
        return {
            "type": "object",
            "properties": {
                each.name: each.shape.schema() | ({"description": each.about} if each.about else {})
                for each in self.entries
            },
            "required": [each.name for each in self.entries if each.is_needed],
            "additionalProperties": False,
        }

    def named(self) -> Mapping[str, Shape]:
        inner = {name: shape for each in self.entries for name, shape in each.shape.named().items()}
        return {**inner, self.name: self}


BODY = "Begäran"
"""The place of what is sent as a whole."""


@dataclass(frozen=True)
class Shown:
    """One name of an answer, and where its value comes from."""

    name: str
    shape: Shape
    of: Callable[[Any], object]


def shown(name: str, shape: Shape, of: str | Callable[[Any], object] = "") -> Shown:
    """The name of an answer: from the field of the same words, another field, or a function of the whole."""
    if callable(of):
        return Shown(name, shape, of)
    return Shown(name, shape, attrgetter(of or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))


@dataclass(frozen=True)
class Answered(Shape):
    """An object that is answered."""

    name: str
    parts: tuple[Shown, ...]

    def write(self, value: Any) -> object:
        return {each.name: each.shape.write(each.of(value)) for each in self.parts}

    def schema(self) -> dict[str, object]:
        return {"$ref": f"#/components/schemas/{self.name}"}

    def described(self) -> dict[str, object]:
        """The description that the name points to."""
        return {
            "type": "object",
            "properties": {each.name: each.shape.schema() for each in self.parts},
            "required": [each.name for each in self.parts],
        }

    def named(self) -> Mapping[str, Shape]:
        inner = {name: shape for each in self.parts for name, shape in each.shape.named().items()}
        return {**inner, self.name: self}


def listed(of: Answered) -> Answered:
    """A page of a list: its items, and the `after` of the next page."""
    items = shown("items", Each(of))
    return Answered(f"{of.name}Page", (items, shown("next", Maybe(Said()), "next_after")))


def require_sound(whole: object) -> None:
    """Every text, number and depth of the JSON is such that both databases and FEEL can hold it; InvalidInput says
    where it is not."""
    waiting: list[tuple[object, str, int]] = [(whole, "", 0)]
    while waiting:
        value, place, depth = waiting.pop()
        at = place[:200] or BODY
        if depth > DEEPEST:
            raise InvalidInput(f"{at} ligger djupare än {DEEPEST} nivåer. Gör det plattare.")
        if isinstance(value, str):
            require_sound_text(value, at)
        elif isinstance(value, int | float) and abs(value) > LARGEST:
            raise InvalidInput(f"{at} är ett för stort tal: högst {LARGEST}.")
        elif isinstance(value, list):
            waiting.extend((each, f"{place}[{number}]", depth + 1) for number, each in enumerate(value))
        elif isinstance(value, dict):
            for name, each in value.items():
                require_sound_text(name, f"Ett namn i {at}")
                waiting.append((each, f"{place}.{name}" if place else name, depth + 1))


def require_sound_text(text: str, place: str) -> None:
    """The text has no NUL sign and no half of a sign, which no database can hold."""
    if "\x00" in text or _SURROGATE.search(text):
        raise InvalidInput(f"{_INVISIBLE.sub('?', place)} har tecken som inte är text (NUL eller halva tecken).")
