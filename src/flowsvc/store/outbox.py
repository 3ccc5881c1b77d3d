"""The outbox: mail that waits to leave the machine, one row for each person and notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from flowsvc.store.notices import quiet
from flowsvc.store.tables import notice, outbox
from flowsvc.store.transaction import Transaction

MAIL = "mail"
_UNSENT = sa.text("outbox.sent_at IS NULL")


@dataclass(frozen=True)
class Mail:
    """A notice that a person is to get by mail."""

    id: str
    instance_id: str
    person_id: str
    notice_id: str
    created_at: datetime
    due_at: datetime


def add_mail(tx: Transaction, added: Mail) -> bool:
    """The mail waits; False where the person has, or gets, mail about the notice already."""
    insert = tx.insert(outbox).values(
        id=added.id,
        instance_id=added.instance_id,
        kind=MAIL,
        message={},
        created_at=added.created_at,
        person_id=added.person_id,
        notice_id=added.notice_id,
        due_at=added.due_at,
    )
    same = [outbox.c.notice_id, outbox.c.person_id]
    added_id = insert.on_conflict_do_nothing(index_elements=same).returning(outbox.c.id)
    return tx.conn.execute(added_id).first() is not None


def due_mail(tx: Transaction, person_id: str, *, now: datetime, limit: int) -> tuple[Mail, ...]:
    """What the person is to get by now, the oldest first; what is about a case that rests waits."""
    names = ("id", "instance_id", "person_id", "notice_id", "created_at", "due_at")
    about = sa.and_(notice.c.id == outbox.c.notice_id, notice.c.instance_id == outbox.c.instance_id)
    statement = (
        sa.select(*(outbox.c[name] for name in names))
        .join_from(outbox, notice, about, isouter=True)
        .where(
            _UNSENT,
            outbox.c.kind == MAIL,
            outbox.c.person_id == person_id,
            outbox.c.due_at <= now,
            ~quiet(outbox.c.instance_id, notice.c.task_id),
        )
    )
    found = tx.conn.execute(statement.order_by(outbox.c.created_at, outbox.c.id).limit(limit))
    return tuple(Mail(**row._mapping) for row in found)


def awaiting_mail(tx: Transaction, instance_id: str) -> tuple[str, ...]:
    """The ids of the people who have not yet got mail that they are to get about the instance."""
    statement = sa.select(outbox.c.person_id).where(_UNSENT, outbox.c.kind == MAIL, outbox.c.instance_id == instance_id)
    return tuple(sorted(set(tx.conn.execute(statement).scalars())))


def forget_before(tx: Transaction, moment: datetime) -> None:
    """What was sent before then is gone."""
    tx.conn.execute(sa.delete(outbox).where(outbox.c.sent_at < moment))


def mark_sent(tx: Transaction, ids: Sequence[str], *, at: datetime) -> None:
    """Nothing more is to be done about the rows."""
    if ids:
        tx.conn.execute(sa.update(outbox).where(outbox.c.id.in_(list(ids))).values(sent_at=at))
