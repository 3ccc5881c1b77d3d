"""The column types that SQLite and PostgreSQL must agree on: aware UTC times, JSON, ids; the end of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "no due time" where rows are sorted: a null sorts first in one database and last in the other."""


def micros_of(moment: datetime) -> int:
    """Whole microseconds since 1970 of an aware time; TypeError for a time without a zone."""
    if moment.tzinfo is None:
        raise TypeError("a time without a zone cannot be stored")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The aware UTC time of `micros_of`."""
    return EPOCH + timedelta(microseconds=micros)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored as UTC. SQLite would hand back naive times, so there it is microseconds."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "postgresql":
            if value.tzinfo is None:
                raise TypeError("a time without a zone cannot be stored")
            return value.astimezone(UTC)
        return micros_of(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            aware: datetime = value.astimezone(UTC)
            return aware
        return from_micros(value)


class Json(TypeDecorator[Any]):
    """JSON as text in both databases. PostgreSQL's jsonb would reorder names, rewrite numbers and refuse a NUL
    sign, so that what is read would no longer be what was hashed."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


def plain_text(length: int) -> "sa.types.TypeEngine[str]":
    """Text compared sign by sign in both databases, so that an index serves searches by how a text begins."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


Id = plain_text(64)
