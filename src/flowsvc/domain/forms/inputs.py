"""What stands in one input of a form, from a browser or as a variable: a value of the field's kind, or what could not
be read. Hides how dates, times, numbers and amounts are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from flowsvc.domain.forms import words
from flowsvc.domain.forms.model import Component, Submitted
from flowsvc.domain.values import Value, ValueType, from_json

TIME = ":time"
"""Ends the name of the input for the time of a date and time."""


@dataclass(frozen=True)
class Unread:
    """What was sent but could not be read, with the name of the text that says so."""

    text: str
    fault: str
    time: str = ""
    """Of a date and time, what stands in its second input."""


Sent: TypeAlias = "Value | Unread"


def from_browser(component: Component, name: str, submitted: Submitted, *, zone: str) -> Sent:
    """What a browser sent in the input of that name; of repeating rows, how many."""
    match component.type:
        case "dynamiclist":
            count = submitted.one(f"{name}:count")
            return int(count) if count.isdecimal() and len(count) < 4 else 0
        case "checkbox":
            return submitted.one(name) in ("true", "on", "1")
        case "checklist":
            return list(submitted.many(name))
        case "filepicker":
            return [dict(each) for each in submitted.files.get(name, ())]
        case "datetime" if component.subtype == "datetime":
            return _date_and_time(submitted.one(name + ":date"), submitted.one(name + TIME), zone=zone)
        case _:
            return _from_text(component, submitted.one(name))


def _date_and_time(on: str, at: str, *, zone: str) -> Sent:
    if not on and not at:
        return None
    day, clock = words.read_date(on), words.read_time(at)
    if day is None:
        return Unread(on, "date", time=at)
    if clock is None:
        return Unread(on, "time", time=at)
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _from_text(component: Component, text: str) -> Sent:
    if not text:
        return None
    if component.type == "number":
        value = words.read_number(text)
        money = component.value_type is ValueType.MONEY
        if value is None:
            return Unread(text, "money" if money else "number")
        return round(value * 100) if money else value
    if component.type == "datetime" and component.subtype == "time":
        clock = words.read_time(text)
        return Unread(text, "time") if clock is None else clock.strftime("%H:%M")
    if component.type == "datetime":
        on = words.read_date(text)
        return Unread(text, "date") if on is None else on
    return text


def from_value(component: Component, value: Value) -> Sent:
    """What a program sent for the field; of repeating rows, how many."""
    if component.type == "dynamiclist":
        return len(value) if isinstance(value, list) else 0
    if value is None:
        return None
    if isinstance(value, dict) and set(value) == {"$t", "v"}:
        try:
            value = from_json(value)
        except ValueError:
            return Unread(str(value), "kind")
    wanted = _KINDS[component.value_type]
    if component.value_type is ValueType.DATE and isinstance(value, str):
        return words.read_date(value) or Unread(value, "date")
    if component.value_type is ValueType.DATETIME and isinstance(value, str):
        at = words.read_local(value)
        return at if at is not None and at.tzinfo is not None else Unread(value, "date")
    is_flag = isinstance(value, bool) and component.value_type is not ValueType.BOOLEAN
    if not isinstance(value, wanted) or is_flag:
        return Unread(str(value)[:80], "kind")
    return value


_KINDS: Mapping[ValueType, tuple[type, ...]] = {
    ValueType.TEXT: (str,),
    ValueType.NUMBER: (int, float),
    ValueType.MONEY: (int,),
    ValueType.BOOLEAN: (bool,),
    ValueType.DATE: (date,),
    ValueType.DATETIME: (datetime,),
    ValueType.LIST: (list,),
}
