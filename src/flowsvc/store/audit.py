"""The history of an instance, as a chain of hashes, and the log of who has read what. Both only grow."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson
import sqlalchemy as sa

from flowsvc.domain.instances import HistoryEvent
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import access_log, event
from flowsvc.store.transaction import Transaction

FIRST = "0" * 64
"""What the first row of a chain follows."""

_HISTORY = sa.select(*columns_for(event, HistoryEvent)).order_by(event.c.sequence)
_LAST_HASH = (
    sa.select(event.c.hash)
    .where(event.c.instance_id == sa.bindparam("id"), event.c.sequence == sa.bindparam("sequence"))
    .limit(1)
)


@dataclass(frozen=True)
class Reading:
    """Somebody was shown something of an instance: who, as what, on what ground, which items."""

    id: str
    at: datetime
    person_id: str
    post_id: str | None
    on_behalf_of: str | None
    instance_id: str | None
    action: str
    ground: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class BrokenLink:
    """The first row of a chain that is not what it was when it was written."""

    instance_id: str
    sequence: int


def append_events(
    tx: Transaction, instance_id: str, *, first_sequence: int, events: Sequence[HistoryEvent]
) -> tuple[HistoryEvent, ...]:
    """The events stand at the end of the instance's history, numbered from `first_sequence` on, each with a hash over
    itself and the one before. Returned as numbered."""
    if not events:
        return ()
    previous = tx.conn.execute(_LAST_HASH, {"id": instance_id, "sequence": first_sequence - 1}).scalar() or FIRST
    numbered = tuple(replace(each, sequence=first_sequence + n) for n, each in enumerate(events))
    rows = []
    for each in numbered:
        own = _hash(instance_id, each, previous)
        rows.append(values_of(each, event) | {"instance_id": instance_id, "previous_hash": previous, "hash": own})
        previous = own
    tx.conn.execute(sa.insert(event), rows)
    return numbered


def history_of(tx: Transaction, instance_id: str, *, after: int = 0, limit: int = 10_000) -> tuple[HistoryEvent, ...]:
    """The events of the instance after the sequence number, oldest first."""
    statement = _HISTORY.where(event.c.instance_id == instance_id, event.c.sequence > after).limit(limit)
    return tuple(HistoryEvent(**row._mapping) for row in tx.conn.execute(statement))


def last_before(tx: Transaction, instance_id: str, *, before: int | None, limit: int) -> tuple[HistoryEvent, ...]:
    """The last events of the instance, or the last before the sequence number; oldest first."""
    statement = sa.select(*columns_for(event, HistoryEvent)).where(event.c.instance_id == instance_id)
    if before is not None:
        statement = statement.where(event.c.sequence < before)
    rows = tx.conn.execute(statement.order_by(event.c.sequence.desc()).limit(limit)).all()
    return tuple(HistoryEvent(**row._mapping) for row in reversed(rows))


def telling(tx: Transaction, instance_id: str, *names: str) -> tuple[HistoryEvent, ...]:
    """Every event of the instance whose details have one of the names, oldest first."""
    named = sa.or_(*(sa.cast(event.c.details, sa.Text).contains(f'"{name}"', autoescape=True) for name in names))
    found = (
        HistoryEvent(**row._mapping)
        for row in tx.conn.execute(_HISTORY.where(event.c.instance_id == instance_id, named))
    )
    # What is found in the text may stand there as a value.
    return tuple(each for each in found if set(names) & set(each.details))


@dataclass(frozen=True)
class Move:
    """What happened to a token, and where."""

    happened: str
    token: str
    process_key: str
    element_id: str
    element_type: str


def moves_of(tx: Transaction, instance_id: str) -> Iterator[Move]:
    """What happened to each token of the instance, oldest first, however long ago it began."""
    statement = (
        sa.select(*columns_for(event, Move)).where(event.c.instance_id == instance_id).order_by(event.c.sequence)
    )
    return (Move(**row._mapping) for row in tx.conn.execute(statement))


def first_broken_link(tx: Transaction, instance_id: str) -> BrokenLink | None:
    """The first row of the instance's history that was changed, removed or put in afterwards; None if it is whole."""
    statement = (
        sa.select(*columns_for(event, HistoryEvent), event.c.previous_hash, event.c.hash)
        .where(event.c.instance_id == instance_id)
        .order_by(event.c.sequence)
    )
    previous, expected = FIRST, 1
    for row in tx.conn.execute(statement):
        values = dict(row._mapping)
        said, own = values.pop("previous_hash"), values.pop("hash")
        found = HistoryEvent(**values)
        if found.sequence != expected or said != previous or own != _hash(instance_id, found, previous):
            return BrokenLink(instance_id, min(expected, found.sequence))
        previous, expected = own, expected + 1
    return None


def log_reading(tx: Transaction, reading: Reading) -> None:
    """The reading is on record."""
    tx.conn.execute(sa.insert(access_log), values_of(reading, access_log) | {"items": list(reading.items)})


def readings_of(tx: Transaction, instance_id: str, *, limit: int = 1000) -> tuple[Reading, ...]:
    """Who has been shown something of the instance, newest first."""
    statement = (
        sa.select(*columns_for(access_log, Reading))
        .where(access_log.c.instance_id == instance_id)
        .order_by(access_log.c.id.desc())
        .limit(limit)
    )
    return tuple(Reading(**{**row._mapping, "items": tuple(row.items)}) for row in tx.conn.execute(statement))


def _hash(instance_id: str, item: HistoryEvent, previous: str) -> str:
    row = values_of(item, event) | {
        "instance_id": instance_id,
        "previous_hash": previous,
        # Both databases hand the same moment back; only its writing must not depend on them.
        "at": item.at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()
