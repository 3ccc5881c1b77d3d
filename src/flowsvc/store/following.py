"""Who follows an instance, and which instances have been linked by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from flowsvc.store.tables import follower, instance_link
from flowsvc.store.transaction import Transaction


def follow(tx: Transaction, instance_id: str, person_id: str, *, at: datetime) -> None:
    """The person follows the instance, since this time unless they did already."""
    insert = tx.insert(follower).values(instance_id=instance_id, person_id=person_id, since=at)
    same = [follower.c.instance_id, follower.c.person_id]
    tx.conn.execute(insert.on_conflict_do_nothing(index_elements=same))


def stop(tx: Transaction, instance_id: str, person_id: str) -> None:
    """The person does not follow the instance."""
    tx.conn.execute(sa.delete(follower).where(follower.c.instance_id == instance_id, follower.c.person_id == person_id))


def followers_of(tx: Transaction, instance_id: str) -> tuple[str, ...]:
    """The people who follow the instance, by id."""
    statement = sa.select(follower.c.person_id).where(follower.c.instance_id == instance_id)
    return tuple(tx.conn.execute(statement.order_by(follower.c.person_id)).scalars())


@dataclass(frozen=True)
class Link:
    """An instance that somebody has said belongs with another, and why."""

    other_id: str
    reason: str
    person_id: str
    at: datetime


def link(tx: Transaction, instance_id: str, added: Link) -> None:
    """The two belong together, with the first reason that was given."""
    one, other = sorted((instance_id, added.other_id))
    insert = tx.insert(instance_link).values(
        instance_id=one, other_id=other, reason=added.reason, person_id=added.person_id, at=added.at
    )
    same = [instance_link.c.instance_id, instance_link.c.other_id]
    tx.conn.execute(insert.on_conflict_do_nothing(index_elements=same))


def links_of(tx: Transaction, instance_id: str) -> Sequence[Link]:
    """What the instance belongs with, whichever of the two it was linked from; the first linked first."""
    columns = (instance_link.c.reason, instance_link.c.person_id, instance_link.c.at)
    there = sa.select(instance_link.c.other_id.label("other_id"), *columns).where(
        instance_link.c.instance_id == instance_id
    )
    back = sa.select(instance_link.c.instance_id.label("other_id"), *columns).where(
        instance_link.c.other_id == instance_id
    )
    rows = tx.conn.execute(sa.union_all(there, back))
    return sorted((Link(**row._mapping) for row in rows), key=lambda each: (each.at, each.other_id))
