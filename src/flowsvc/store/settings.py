"""What belongs to the database itself: whether it is a demonstration, how far its clock has been moved."""

from typing import Any

import sqlalchemy as sa

from flowsvc.store.tables import setting
from flowsvc.store.transaction import Transaction


def get(tx: Transaction, name: str) -> Any:
    """The value under the name; None where there is none."""
    return tx.conn.execute(sa.select(setting.c.value).where(setting.c.name == name)).scalar()


def put(tx: Transaction, name: str, value: Any) -> None:
    """The name has the value."""
    insert = tx.insert(setting)
    tx.conn.execute(
        insert.values(name=name, value=value).on_conflict_do_update(
            index_elements=[setting.c.name], set_={"value": insert.excluded.value}
        )
    )
