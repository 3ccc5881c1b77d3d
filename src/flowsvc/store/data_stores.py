"""Data stores: read by the steps that use them, one step at a time. Hides that a store without value has a row too, for
only what is there can be locked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flowsvc.domain.data_stores import DataStore
from flowsvc.domain.errors import NotFound
from flowsvc.domain.values import Value, from_json, to_json
from flowsvc.store.paging import Page, cut, read_mark
from flowsvc.store.rows import columns_for
from flowsvc.store.tables import data_store
from flowsvc.store.transaction import Transaction
from flowsvc.store.types import EPOCH

_ROW = sa.select(*columns_for(data_store, DataStore))


def hold(tx: Transaction, names: Sequence[str]) -> Mapping[str, Value]:
    """The values of the stores, which nobody else changes until this transaction ends; one that only reads takes them
    as they stand. Nobody waits for another in a circle, for all take them in the order of the alphabet."""
    if not names:
        return {}
    asked = _ROW.where(data_store.c.name.in_(list(names))).order_by(data_store.c.name)
    if tx.is_writing:
        rows = [{"name": name, "value": None, "version": 0, "changed_at": EPOCH, "changed_by": ""} for name in names]
        tx.conn.execute(tx.insert(data_store).values(sorted(rows, key=str)).on_conflict_do_nothing())
        asked = asked.with_for_update()
    found = (_store(row) for row in tx.conn.execute(asked))
    return {each.name: each.value for each in found}


def held(tx: Transaction, name: str) -> DataStore:
    """The store, with or without a value, which nobody else changes until this transaction ends."""
    hold(tx, [name])
    return _store(tx.conn.execute(_ROW.where(data_store.c.name == name)).one())


def write(
    tx: Transaction, name: str, value: Value, *, at: datetime, by: str, by_instance: str | None = None
) -> DataStore:
    """The store, which this transaction holds, has the value, one version on; null removes it."""
    statement = sa.update(data_store).where(data_store.c.name == name)
    changed = {
        "value": to_json(value),
        "version": data_store.c.version + 1,
        "changed_at": at,
        "changed_by": by,
        "changed_by_instance": by_instance,
    }
    tx.conn.execute(statement.values(changed))
    return _store(tx.conn.execute(_ROW.where(data_store.c.name == name)).one())


def find(tx: Transaction, name: str) -> DataStore:
    """The store; NotFound where it has no value."""
    row = tx.conn.execute(_ROW.where(data_store.c.name == name)).first()
    if row is None or row.value is None:
        raise NotFound(f"Datalagret {name} finns inte, eller har inget värde.")
    return _store(row)


def page(tx: Transaction, *, limit: int, after: str | None) -> Page[DataStore]:
    """The stores that have a value, in the order of the alphabet."""
    statement = _ROW.where(data_store.c.value.is_not(None)).order_by(data_store.c.name).limit(limit + 1)
    if after:
        (name,) = read_mark(after, str)
        statement = statement.where(data_store.c.name > name)
    rows = tx.conn.execute(statement).all()
    return cut(rows, limit, build=_store, mark=lambda row: (row.name,))


def _store(row: "sa.Row[Any]") -> DataStore:
    values = dict(row._mapping)
    return DataStore(**values | {"value": from_json(values["value"])})
