"""Pauses: why an instance rests, by whom, until when; one at a time."""

from datetime import datetime

import sqlalchemy as sa

from flowsvc.domain.pauses import Pause
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import pause
from flowsvc.store.transaction import Transaction

_IS_OPEN = sa.text("pause.resumed_at IS NULL")


def add(tx: Transaction, added: Pause) -> None:
    """The pause goes on."""
    tx.conn.execute(sa.insert(pause), values_of(added, pause))


def open_of(tx: Transaction, instance_id: str) -> Pause | None:
    """The pause that goes on; None where the instance is not paused."""
    statement = sa.select(*columns_for(pause, Pause)).where(pause.c.instance_id == instance_id, _IS_OPEN)
    row = tx.conn.execute(statement).first()
    return Pause(**row._mapping) if row is not None else None


def end(tx: Transaction, instance_id: str, *, at: datetime, by: str | None) -> None:
    """No pause of the instance goes on; nobody ended one that ended by itself."""
    tx.conn.execute(
        sa.update(pause).where(pause.c.instance_id == instance_id, _IS_OPEN).values(resumed_at=at, resumed_by=by)
    )
