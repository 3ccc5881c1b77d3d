"""What the figures of a period are counted from: the cases that follow an agreement, without anything about a child."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flowsvc.domain.values import Variables, from_json
from flowsvc.store.tables import (
    agreement_version,
    escalation,
    escalation_answer,
    event,
    instance_party,
    process_instance,
    variable,
)
from flowsvc.store.transaction import Transaction


@dataclass(frozen=True)
class CountedInstance:
    """A case as it is counted. `codes` are its own shared texts of the names asked for."""

    id: str
    opened_at: datetime
    closed_at: datetime | None
    end_state: str
    parties: tuple[str, ...]
    is_dispute: bool
    outcome: str
    kind: str
    interim_secured_at: datetime | None
    levels: tuple[tuple[str, datetime], ...]
    """Level and when it was entered, in time order."""
    silences: tuple[tuple[str, int], ...]
    """Party and level."""
    codes: dict[str, str]
    age: int | None = None
    extract: Variables = field(default_factory=dict)


def counted(tx: Transaction, agreement_id: str, *, names: Collection[str]) -> tuple[CountedInstance, ...]:
    """The cases of their own that follow any version of the agreement, oldest first, with their shared codes by these
    names."""
    joined = process_instance.join(
        agreement_version, process_instance.c.agreement_version_id == agreement_version.c.id
    ).outerjoin(escalation, escalation.c.instance_id == process_instance.c.id)
    statement = (
        sa.select(
            process_instance.c.id,
            process_instance.c.started_at,
            process_instance.c.ended_at,
            process_instance.c.end_state,
            escalation.c.instance_id.label("escalated"),
            escalation.c.kind,
            escalation.c.outcome,
            escalation.c.closed_at,
            escalation.c.interim_secured_at,
        )
        .select_from(joined)
        .where(agreement_version.c.agreement_id == agreement_id, process_instance.c.parent_instance.is_(None))
        .order_by(process_instance.c.started_at, process_instance.c.id)
    )
    rows = tx.conn.execute(statement).all()
    ids = [row.id for row in rows]
    parties = _grouped(tx, sa.select(instance_party.c.instance_id, instance_party.c.party_id), instance_party, ids)
    silent = escalation_answer.c.silent_at.is_not(None)
    silences = _grouped(
        tx,
        sa.select(escalation_answer.c.instance_id, escalation_answer.c.party_id, escalation_answer.c.level).where(
            silent
        ),
        escalation_answer,
        ids,
    )
    levels = _grouped(
        tx,
        sa.select(event.c.instance_id, event.c.details, event.c.at)
        .where(event.c.happened == "started", sa.cast(event.c.details, sa.Text).contains("escalationLevel"))
        .order_by(event.c.sequence),
        event,
        ids,
    )
    codes = _grouped(
        tx,
        sa.select(variable.c.instance_id, variable.c.name, variable.c.value).where(
            variable.c.scope == "", variable.c.owner_party.is_(None), variable.c.name.in_(list(names))
        ),
        variable,
        ids,
    )
    return tuple(
        CountedInstance(
            id=row.id,
            opened_at=row.started_at,
            closed_at=row.closed_at or row.ended_at,
            end_state=row.end_state,
            parties=tuple(each.party_id for each in parties.get(row.id, ())),
            is_dispute=row.escalated is not None and bool(row.kind),
            outcome=row.outcome or "",
            kind=row.kind or "",
            interim_secured_at=row.interim_secured_at,
            levels=tuple((str(each.details["escalationLevel"]), each.at) for each in levels.get(row.id, ())),
            silences=tuple((each.party_id, each.level) for each in silences.get(row.id, ())),
            codes={each.name: each.value for each in codes.get(row.id, ()) if isinstance(each.value, str)},
            age=next((each.value for each in codes.get(row.id, ()) if _is_age(each)), None),
            extract=next((_context(each) for each in codes.get(row.id, ()) if each.name == "extract"), {}),
        )
        for row in rows
    )


def _is_age(row: "sa.Row[Any]") -> bool:
    return row.name == "age" and isinstance(row.value, int) and not isinstance(row.value, bool)


def _context(row: "sa.Row[Any]") -> Variables:
    value = from_json(row.value)
    return value if isinstance(value, dict) else {}


_AT_ONCE = 500
"""Ids in one question; SQLite takes no more than some thousands."""


def _grouped(
    tx: Transaction, statement: "sa.Select[Any]", table: sa.Table, ids: list[str]
) -> "dict[str, list[sa.Row[Any]]]":
    found: dict[str, list[sa.Row[Any]]] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for row in tx.conn.execute(statement.where(table.c.instance_id.in_(ids[start : start + _AT_ONCE]))):
            found.setdefault(row.instance_id, []).append(row)
    return found
