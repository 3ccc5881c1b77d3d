"""Data stores as people and programs read and set them; processes do it by their data associations."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.data_stores import DataStore
from flowsvc.domain.errors import StaleRevision
from flowsvc.domain.values import Value, from_json, to_json
from flowsvc.store import data_stores
from flowsvc.store.paging import Page
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once, remember, replay


def list_data_stores(ctx: Context, actor: Actor, *, limit: int = 50, after: str | None = None) -> Page[DataStore]:
    """The stores that have a value, in the order of the alphabet."""
    require(actor, Action.READ_DATA_STORES)
    with ctx.store.read() as tx:
        return data_stores.page(tx, limit=limit, after=after)


def show_data_store(ctx: Context, actor: Actor, name: str) -> DataStore:
    """The store; NotFound where it has no value."""
    require(actor, Action.READ_DATA_STORES)
    with ctx.store.read() as tx:
        return data_stores.find(tx, name)


def set_data_store(
    ctx: Context, actor: Actor, name: str, value: Value, *, version: int | None = None, once: Once | None = None
) -> DataStore:
    """The store has the value; null removes it. StaleRevision where somebody has written it since `version`."""
    require(actor, Action.WRITE_DATA_STORES)
    with ctx.store.begin() as tx:
        now = ctx.clock.now()
        kept = replay(tx, once)
        if kept is not None:
            return _kept(kept)
        before = data_stores.held(tx, name)
        if version is not None and version != before.version:
            raise StaleRevision(f"Datalagret {name} har ändrats av någon annan. Läs om det och försök igen.")
        after = data_stores.write(tx, name, value, at=now, by=actor.person_id)
        remember(tx, once, _keeping(after), now=now)
        return after


def _keeping(store: DataStore) -> dict[str, object]:
    return asdict(store) | {"value": to_json(store.value), "changed_at": store.changed_at.isoformat()}


def _kept(answer: Mapping[str, object]) -> DataStore:
    values: dict[str, Any] = dict(answer)
    changed_at = datetime.fromisoformat(values["changed_at"])
    return DataStore(**values | {"value": from_json(values["value"]), "changed_at": changed_at})
