"""Deployments and the immutable definitions in them. A definition is read once and remembered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import NotFound, StaleRevision
from flowsvc.store.paging import Page, cut, read_mark
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import definition, deployment
from flowsvc.store.transaction import Transaction

_WHOLE = sa.select(*columns_for(definition, Definition))
_BY_ID = _WHOLE.where(definition.c.id == sa.bindparam("id"))
_OF_KEY = (
    sa.select(definition.c.id)
    .where(definition.c.kind == sa.bindparam("kind"), definition.c.key == sa.bindparam("key"))
    .order_by(definition.c.version.desc())
)
_LATEST = _OF_KEY.limit(1)
_NEWER = definition.alias("newer")
_ALL_LATEST = (
    sa.select(definition.c.id)
    .where(
        definition.c.kind == sa.bindparam("kind"),
        definition.c.version
        == sa.select(sa.func.max(_NEWER.c.version))
        .where(_NEWER.c.kind == definition.c.kind, _NEWER.c.key == definition.c.key)
        .scalar_subquery(),
    )
    .order_by(definition.c.key)
)
_INSERT = sa.insert(definition)


def add_deployment(
    tx: Transaction,
    deployment_id: str,
    *,
    deployed_at: datetime,
    deployed_by: str,
    name: str = "",
    note: str = "",
) -> None:
    """The deployment is known; its definitions may be added."""
    tx.conn.execute(
        sa.insert(deployment),
        {
            "id": deployment_id,
            "name": name,
            "note": note,
            "deployed_by": deployed_by,
            "deployed_at": deployed_at,
        },
    )


def notes_of(tx: Transaction, deployment_ids: Iterable[str]) -> dict[str, str]:
    """What was noted when each of the deployments was made; nothing for one without a note."""
    statement = sa.select(deployment.c.id, deployment.c.note).where(
        deployment.c.id.in_(set(deployment_ids)), deployment.c.note != ""
    )
    return {row.id: row.note for row in tx.conn.execute(statement)}


def add_definition(tx: Transaction, added: Definition) -> None:
    """The definition is stored; StaleRevision where somebody else has just deployed the same version."""
    try:
        tx.conn.execute(_INSERT, values_of(added, definition))
    except IntegrityError as error:
        raise StaleRevision(
            f"Version {added.version} av {added.key} har just publicerats av någon annan. Försök igen."
        ) from error


def by_id(tx: Transaction, definition_id: str) -> Definition:
    """The definition with the id; NotFound."""
    known = tx.recall("definition", definition_id)
    if isinstance(known, Definition):
        return known
    row = tx.conn.execute(_BY_ID, {"id": definition_id}).first()
    if row is None:
        raise NotFound("Det finns ingen sådan definition.")
    return _remembered(tx, row)


def latest(tx: Transaction, kind: DefinitionKind, key: str) -> Definition | None:
    """The newest version under the key, or None."""
    found = tx.conn.execute(_LATEST, {"kind": kind, "key": key}).scalar()
    return by_id(tx, found) if found else None


def next_version(tx: Transaction, kind: DefinitionKind, key: str) -> int:
    """The number that the next version under the key gets."""
    found = latest(tx, kind, key)
    return found.version + 1 if found else 1


def all_latest(tx: Transaction, kind: DefinitionKind) -> tuple[Definition, ...]:
    """The newest version of every key, by key."""
    return _of_ids(tx, tx.conn.execute(_ALL_LATEST, {"kind": kind}).scalars().all())


def versions(tx: Transaction, kind: DefinitionKind, key: str) -> tuple[Definition, ...]:
    """Every version under the key, newest first."""
    return _of_ids(tx, tx.conn.execute(_OF_KEY, {"kind": kind, "key": key}).scalars().all())


def list_page(
    tx: Transaction,
    *,
    kind: DefinitionKind | None = None,
    key: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Definition]:
    """Definitions by kind and key, newest version first within each."""
    statement = sa.select(definition.c.id, definition.c.kind, definition.c.key, definition.c.version).order_by(
        definition.c.kind, definition.c.key, definition.c.version.desc()
    )
    if kind is not None:
        statement = statement.where(definition.c.kind == kind)
    if key is not None:
        statement = statement.where(definition.c.key == key)
    if after is not None:
        last_kind, last_key, last_version = read_mark(after, str, str, int)
        place = sa.tuple_(definition.c.kind, definition.c.key)
        last = sa.tuple_(sa.literal(last_kind), sa.literal(last_key))
        statement = statement.where(sa.or_(place > last, sa.and_(place == last, definition.c.version < last_version)))
    page = cut(
        tx.conn.execute(statement.limit(limit + 1)).all(),
        limit,
        build=lambda row: str(row.id),
        mark=lambda row: (row.kind, row.key, row.version),
    )
    return Page(_of_ids(tx, page.items), page.next_after)


def _of_ids(tx: Transaction, ids: Sequence[str]) -> tuple[Definition, ...]:
    unknown = [each for each in ids if tx.recall("definition", each) is None]
    if unknown:
        for row in tx.conn.execute(_WHOLE.where(definition.c.id.in_(unknown))):
            _remembered(tx, row)
    return tuple(by_id(tx, each) for each in ids)


def _remembered(tx: Transaction, row: "sa.Row[Any]") -> Definition:
    found = Definition(**{**row._mapping, "kind": DefinitionKind(row.kind)})
    tx.remember("definition", found.id, found)
    return found
