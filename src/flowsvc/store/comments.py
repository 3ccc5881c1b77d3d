"""Comments on instances: shared, or owned by one party."""

import sqlalchemy as sa

from flowsvc.domain.instances import Comment
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import comment
from flowsvc.store.transaction import Transaction


def add(tx: Transaction, added: Comment) -> None:
    """The comment stands."""
    tx.conn.execute(sa.insert(comment), values_of(added, comment))


def of_instance(tx: Transaction, instance_id: str) -> tuple[Comment, ...]:
    """Every comment on the instance, whoever owns it, the first first."""
    statement = sa.select(*columns_for(comment, Comment)).where(comment.c.instance_id == instance_id)
    return tuple(Comment(**row._mapping) for row in tx.conn.execute(statement.order_by(comment.c.at, comment.c.id)))
