"""From rows to frozen dataclasses and back, by the fields' names; hides that some fields stand in other tables."""

from collections.abc import Hashable
from dataclasses import fields
from functools import cache
from typing import Any, cast

import sqlalchemy as sa


@cache
def _shared_names(table: sa.Table, kind: Hashable) -> tuple[str, ...]:
    return tuple(each.name for each in fields(cast(Any, kind)) if each.name in table.c)


def columns_for(table: sa.Table, kind: type) -> list["sa.Column[Any]"]:
    """The columns of the table that are fields of the dataclass."""
    return [table.c[name] for name in _shared_names(table, kind)]


def values_of(record: Any, table: sa.Table) -> dict[str, Any]:
    """The fields of a dataclass that are columns of the table, by name."""
    return {name: getattr(record, name) for name in _shared_names(table, cast(Hashable, type(record)))}
