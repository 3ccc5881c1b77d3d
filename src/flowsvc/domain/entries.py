"""Reads an object out of a JSON file key by key: every key must be of its kind, and a key that nobody asked
for is refused by name. Hides the texts that say where and why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import TypeVar

from flowsvc.domain.errors import InvalidInput

_Made = TypeVar("_Made")


class Entry:
    """One object of the file, read key by key; what is left over at the end is refused by name."""

    def __init__(self, data: object, *, place: str) -> None:
        self._place = place
        if not isinstance(data, Mapping):
            raise InvalidInput(f"{place} ska vara ett objekt med namn och värden, {{…}}.")
        self._left = dict(data)

    def entries(self, key: str, make: "Callable[[Entry], _Made]") -> tuple[_Made, ...]:
        """What each object in the list under the key says; no key is an empty list."""
        made: list[_Made] = []
        for number, each in enumerate(self._list(key), start=1):
            entry = Entry(each, place=f"{self._place}, {key} nr {number}")
            made.append(make(entry))
            entry.done()
        return tuple(made)

    def text(self, key: str, default: str | None = None) -> str:
        """The text under the key; without a default it must be there and not be empty."""
        value = self._left.pop(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(key, "ska vara en text")
        return value

    def text_or_none(self, key: str) -> str | None:
        """The text under the key, or None where there is none."""
        value = self._left.pop(key, None)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, "ska vara en text")
        return value or None

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under the key; no key is an empty list."""
        values = self._list(key)
        if not all(isinstance(each, str) for each in values):
            raise self.wrong(key, "ska vara en lista av texter")
        return tuple(str(each) for each in values)

    def one_of(self, key: str, allowed: Mapping[str, _Made], *, default: str | None = None) -> _Made:
        """What the text under the key stands for."""
        return self._among(key, self.text(key, default), allowed)

    def many_of(self, key: str, allowed: Mapping[str, _Made]) -> tuple[_Made, ...]:
        """What the texts under the key stand for."""
        return tuple(self._among(key, each, allowed) for each in self.texts(key))

    def whole_number(self, key: str, default: int) -> int:
        """The whole number under the key."""
        value = self._left.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "ska vara ett heltal")
        return value

    def kronor(self, key: str) -> int | None:
        """The amount under the key, written in kronor, in whole öre; None where there is no key."""
        value = self._left.pop(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
            raise self.wrong(key, "ska vara ett belopp i kronor, till exempel 50000")
        return round(value * 100)

    def yes_or_no(self, key: str) -> bool:
        """The true or false under the key; no key is false."""
        value = self._left.pop(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "ska vara true eller false")
        return value

    def day(self, key: str) -> date:
        """The date under the key."""
        found = self.day_or_none(key)
        if found is None:
            raise self.wrong(key, "saknas; ge ett datum, åååå-mm-dd")
        return found

    def day_or_none(self, key: str) -> date | None:
        """The date under the key, or None where there is none."""
        text = self.text_or_none(key)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise self.wrong(key, "ska vara ett datum, åååå-mm-dd") from error

    def entry_or_none(self, key: str, make: "Callable[[Entry], _Made]") -> _Made | None:
        """What the object under the key says, or None where there is none."""
        value = self._left.pop(key, None)
        if value is None:
            return None
        entry = Entry(value, place=f"{self._place}, {key}")
        made = make(entry)
        entry.done()
        return made

    def named_texts(self, key: str, allowed: Sequence[str] = ()) -> Mapping[str, str]:
        """The texts of the object under the key, by name; no key is none of them."""
        value = self._left.pop(key, {})
        if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
            raise self.wrong(key, "ska vara ett objekt med texter, {…}")
        unknown = [str(name) for name in value if allowed and name not in allowed]
        if unknown:
            raise self.wrong(key, f"har okända namn: {', '.join(unknown)}; kända är {', '.join(allowed)}")
        return {str(name): str(text) for name, text in value.items()}

    def whole_number_or_none(self, key: str) -> int | None:
        """The whole number under the key, or None where there is none."""
        if self._left.get(key) is not None:
            return self.whole_number(key, 0)
        self._left.pop(key, None)
        return None

    def day_of_year(self, key: str, default: tuple[int, int] | None = None) -> tuple[int, int]:
        """The month and day under the key, written mm-dd."""
        text = self.text(key, None if default is None else f"{default[0]:02}-{default[1]:02}")
        try:
            # A leap year, so that 02-29 may be written.
            on = date.fromisoformat(f"2024-{text}")
        except ValueError as error:
            raise self.wrong(key, "ska vara en månad och en dag, mm-dd") from error
        return on.month, on.day

    def days(self, key: str) -> tuple[date, ...]:
        """The dates of the list under the key; no key is an empty list."""
        try:
            return tuple(date.fromisoformat(text) for text in self.texts(key))
        except ValueError as error:
            raise self.wrong(key, "ska vara en lista av datum, åååå-mm-dd") from error

    def clock_time(self, key: str) -> time | None:
        """The time of day under the key, or None where there is none."""
        text = self.text_or_none(key)
        try:
            return time.fromisoformat(text) if text else None
        except ValueError as error:
            raise self.wrong(key, "ska vara ett klockslag, tt:mm") from error

    def listed_or_ruled(
        self,
        key: str,
        listed: "Callable[[tuple[str, ...], str], _Made]",
        ruled: "Callable[[Entry], _Made]",
    ) -> _Made:
        """What the list of texts under the key says, or the rule that stands there as an object instead."""
        value = self._left.get(key)
        if not isinstance(value, Mapping):
            return listed(self.texts(key), f"{self._place}: {key}")
        rule = Entry(self._left.pop(key), place=f"{self._place}, {key}")
        made = ruled(rule)
        rule.done()
        return made

    def done(self) -> None:
        """Every key has been read; InvalidInput names those that nothing knows."""
        if self._left:
            names = ", ".join(sorted(map(str, self._left)))
            raise InvalidInput(f"{self._place} har okända namn: {names}. Ta bort dem eller rätta stavningen.")

    def _list(self, key: str) -> Sequence[object]:
        value = self._left.pop(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "ska vara en lista, […]")
        return value

    def _among(self, key: str, text: str, allowed: Mapping[str, _Made]) -> _Made:
        if text not in allowed:
            raise self.wrong(key, f"är {text!r} men ska vara något av {', '.join(allowed)}")
        return allowed[text]

    def wrong(self, key: str, what: str) -> InvalidInput:
        """The refusal that names the place and the key, and says what should stand there."""
        return InvalidInput(f"{self._place}: {key} {what}.")
