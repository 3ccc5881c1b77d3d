"""Variable values: the types that a variable may have and their one JSON form (temporals are tagged)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True)
class MonthsDuration:
    """A years-and-months duration (DMN 1.5, 10.3.2.3.8), in whole months; it has no length in days."""

    months: int


Value: TypeAlias = (
    "bool | int | float | str | date | datetime | time | timedelta | MonthsDuration"
    " | list[Value] | dict[str, Value] | None"
)
Variables: TypeAlias = dict[str, "Value"]


class ValueType(StrEnum):
    """The declared type of a variable row; a form's component fixes it."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    """Whole öre (1/100 krona)."""
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"
    LIST = "list"
    CONTEXT = "context"
    FILE = "file"


def type_of(value: Value) -> ValueType:
    """The type that a value has by itself, where nothing declared another one; nothing is text."""
    match value:
        case bool():
            return ValueType.BOOLEAN
        case int() | float():
            return ValueType.NUMBER
        case datetime():
            return ValueType.DATETIME
        case date():
            return ValueType.DATE
        case timedelta() | MonthsDuration():
            return ValueType.DURATION
        case list():
            return ValueType.LIST
        case dict():
            return ValueType.CONTEXT
        case _:
            return ValueType.TEXT


def format_duration(value: timedelta | MonthsDuration) -> str:
    """The duration as ISO 8601 text, e.g. P3DT4H or P1Y2M."""
    if isinstance(value, MonthsDuration):
        sign = "-" if value.months < 0 else ""
        years, months = divmod(abs(value.months), 12)
        return sign + "P" + (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    seconds = value.total_seconds()
    sign = "-" if seconds < 0 else ""
    rest = timedelta(seconds=abs(seconds))
    hours, remainder = divmod(rest.seconds, 3600)
    minutes, whole = divmod(remainder, 60)
    fraction = f"{rest.microseconds / 1_000_000:.6f}".rstrip("0")[1:].rstrip(".") if rest.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{whole}{fraction}S" if whole or fraction else ""
    text = (f"{rest.days}D" if rest.days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text or '0D'}"


_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def parse_duration(text: str) -> timedelta | MonthsDuration:
    """The ISO 8601 duration; ValueError for anything else, or where months and days are mixed."""
    match = _DURATION.fullmatch(text)
    if not match or text.lstrip("-") in {"P", "PT"} or text.endswith("T"):
        raise ValueError(f"not an ISO 8601 duration: {text!r}")
    part = {name: float(value or 0) for name, value in match.groupdict().items() if name != "sign"}
    sign = -1 if match["sign"] else 1
    months = int(part["years"] * 12 + part["months"])
    exact = timedelta(
        weeks=part["weeks"],
        days=part["days"],
        hours=part["hours"],
        minutes=part["minutes"],
        seconds=part["seconds"],
    )
    if match["years"] or match["months"]:
        if exact:
            raise ValueError(f"months and days mixed in one duration: {text!r}")
        return MonthsDuration(sign * months)
    return sign * exact


_TAG = {"$t", "v"}


def to_json(value: Value) -> object:
    """The value as plain JSON; temporals become {"$t": type, "v": ISO text}. TypeError for what no variable holds."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            if value.tzinfo is None:
                raise TypeError("a date-time without a zone cannot be stored")
            return {"$t": "datetime", "v": value.astimezone(UTC).isoformat()}
        case date():
            return {"$t": "date", "v": value.isoformat()}
        case time():
            return {"$t": "time", "v": value.isoformat()}
        case timedelta() | MonthsDuration():
            return {"$t": "duration", "v": format_duration(value)}
        case list():
            return [to_json(item) for item in value]
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise TypeError("a context has names that are not text")
            plain = {key: to_json(item) for key, item in value.items()}
            # A context that happens to look like a tagged value is tagged itself.
            return {"$t": "context", "v": plain} if set(plain) == _TAG else plain
        case _:
            raise TypeError(f"a variable cannot hold a {type(value).__name__}")


def from_json(item: object) -> Value:
    """The value that `to_json` wrote; ValueError where a tag or its text is not known."""
    if isinstance(item, list):
        return [from_json(each) for each in item]
    if isinstance(item, dict):
        if set(item) == _TAG:
            if item["$t"] == "context" and isinstance(item["v"], dict):
                return {str(key): from_json(each) for key, each in item["v"].items()}
            return _tagged(str(item["$t"]), str(item["v"]))
        return {str(key): from_json(each) for key, each in item.items()}
    if item is None or isinstance(item, bool | int | float | str):
        return item
    raise ValueError(f"not a JSON value: {type(item).__name__}")


def _tagged(tag: str, text: str) -> Value:
    match tag:
        case "date":
            return date.fromisoformat(text)
        case "datetime":
            value = datetime.fromisoformat(text)
            if value.tzinfo is None:
                raise ValueError("a tagged date-time needs a zone")
            return value
        case "time":
            return time.fromisoformat(text)
        case "duration":
            return parse_duration(text)
        case _:
            raise ValueError(f"unknown tag {tag!r}")
