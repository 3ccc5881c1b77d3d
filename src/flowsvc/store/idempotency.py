"""First answers by idempotency key, so that a request that is sent twice happens once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowsvc.domain.errors import Conflict
from flowsvc.store.tables import idempotency_key
from flowsvc.store.transaction import Transaction


@dataclass(frozen=True)
class Kept:
    """What was answered to a key, and a fingerprint of what was asked."""

    fingerprint: str
    answer: dict[str, Any]


def get(tx: Transaction, *, principal: str, key: str) -> Kept | None:
    """What the principal was answered under the key; None for a new key."""
    row = tx.conn.execute(
        sa.select(idempotency_key.c.fingerprint, idempotency_key.c.answer).where(
            idempotency_key.c.principal == principal, idempotency_key.c.key == key
        )
    ).first()
    return Kept(row.fingerprint, row.answer) if row is not None else None


def put(tx: Transaction, *, principal: str, key: str, fingerprint: str, answer: dict[str, Any], now: datetime) -> None:
    """The answer is kept. Where another transaction was first it is a Conflict: this one fails as a whole, nothing is
    done twice, and whoever asks once more gets the first answer."""
    row = {"principal": principal, "key": key, "fingerprint": fingerprint, "answer": answer, "at": now}
    try:
        tx.conn.execute(sa.insert(idempotency_key), row)
    except IntegrityError as error:
        raise Conflict("Samma begäran görs redan. Skicka den igen för att få svaret.") from error


def forget_before(tx: Transaction, at: datetime) -> int:
    """Answers given before the time are forgotten; returns how many."""
    return tx.conn.execute(sa.delete(idempotency_key).where(idempotency_key.c.at < at)).rowcount
