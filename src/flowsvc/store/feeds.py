"""Private calendar feeds: one for each person who wants it, known by the hash of its secret alone."""

from datetime import datetime

import sqlalchemy as sa

from flowsvc.store.tables import calendar_feed, person
from flowsvc.store.transaction import Transaction


def put(tx: Transaction, person_id: str, *, token_hash: str, at: datetime) -> None:
    """The person's feed is the one of this hash; the one before opens nothing any more."""
    insert = tx.insert(calendar_feed).values(person_id=person_id, token_hash=token_hash, created_at=at)
    tx.conn.execute(
        insert.on_conflict_do_update(
            index_elements=[calendar_feed.c.person_id], set_={"token_hash": token_hash, "created_at": at}
        )
    )


def drop(tx: Transaction, person_id: str) -> None:
    """The person has no feed."""
    tx.conn.execute(sa.delete(calendar_feed).where(calendar_feed.c.person_id == person_id))


def made_at(tx: Transaction, person_id: str) -> datetime | None:
    """When the person's feed was made; None where there is none."""
    statement = sa.select(calendar_feed.c.created_at).where(calendar_feed.c.person_id == person_id)
    return tx.conn.execute(statement).scalar()


def owner(tx: Transaction, token_hash: str) -> str | None:
    """Whose feed it is; None for a hash that no feed has, or somebody who is disabled."""
    statement = (
        sa.select(calendar_feed.c.person_id)
        .join_from(calendar_feed, person)
        .where(calendar_feed.c.token_hash == token_hash, person.c.disabled.is_(False))
    )
    return tx.conn.execute(statement).scalar()
