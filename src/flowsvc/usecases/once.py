"""A write that is sent twice happens once: the first answer is kept beside its key, in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain.errors import KeyReused
from flowsvc.store import idempotency
from flowsvc.store.transaction import Transaction


@dataclass(frozen=True)
class Once:
    """An Idempotency-Key of a client, with a fingerprint of what was asked."""

    principal: str
    key: str
    fingerprint: str


def replay(tx: Transaction, once: Once | None) -> Mapping[str, object] | None:
    """The answer that was given before, or None. KeyReused where the key came with another request."""
    if once is None:
        return None
    kept = idempotency.get(tx, principal=once.principal, key=once.key)
    if kept is None:
        return None
    if kept.fingerprint != once.fingerprint:
        raise KeyReused("Nyckeln i Idempotency-Key har redan använts för en annan begäran. Använd en ny nyckel.")
    return kept.answer


def remember(tx: Transaction, once: Once | None, answer: Mapping[str, object], *, now: datetime) -> None:
    """The answer will be given again to the same key."""
    if once is not None:
        idempotency.put(
            tx,
            principal=once.principal,
            key=once.key,
            fingerprint=once.fingerprint,
            answer=dict(answer),
            now=now,
        )
