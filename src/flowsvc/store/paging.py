"""Keyset pages: what a list hands out and the mark by which the next page begins; hides how the mark is written."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
import sqlalchemy as sa

from flowsvc.domain.errors import InvalidInput
from flowsvc.store.types import from_micros, micros_of

T = TypeVar("T")
R = TypeVar("R")

COUNT_LIMIT = 1001
"""No badge counts further: it says "1000+"."""

_LARGEST = 2**53


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list. `next_after` is the `after` of the next page, None on the last one."""

    items: tuple[T, ...]
    next_after: str | None


def cut(rows: Sequence[R], limit: int, *, build: Callable[[R], T], mark: Callable[[R], tuple[object, ...]]) -> Page[T]:
    """The page of at most `limit` items; the caller asked for one row more, to know whether there is another page."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple(build(row) for row in shown), write_mark(mark(shown[-1])) if more and shown else None)


def write_mark(values: Sequence[object]) -> str:
    """The values as a mark that fits in an address."""
    plain = [micros_of(value) if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def read_mark(after: str, *kinds: type) -> tuple[Any, ...]:
    """The values of a mark, of these kinds; InvalidInput for a mark that no page has given."""
    try:
        plain = orjson.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        if not isinstance(plain, list) or len(plain) != len(kinds):
            raise ValueError("not the mark of this list")
        return tuple(_value(item, kind) for item, kind in zip(plain, kinds, strict=True))
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidInput("Märket för nästa sida går inte att läsa. Börja om från första sidan.") from error


def _value(item: object, kind: type) -> object:
    if not isinstance(item, int if kind is datetime else kind) or isinstance(item, bool):
        raise ValueError("not the mark of this list")
    # A mark that nobody was given: what no database can be asked about.
    if (isinstance(item, int) and abs(item) > _LARGEST) or (isinstance(item, str) and "\x00" in item):
        raise ValueError("not the mark of this list")
    return from_micros(item) if kind is datetime and isinstance(item, int) else item


def begins_with(column: "sa.ColumnElement[str]", beginning: str) -> "sa.ColumnElement[bool]":
    """The column begins with the text, as a range that an index serves."""
    return sa.and_(column >= beginning, column < beginning + "\U0010ffff")
