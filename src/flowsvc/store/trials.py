"""Trials of drafts: one for each person and draft, whose database is kept as bytes beside the time in it. Of two who
move one on at once the second is told."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowsvc.domain.errors import StaleRevision
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import model_trial
from flowsvc.store.transaction import Transaction


@dataclass(frozen=True)
class StoredTrial:
    """A trial as it lies in the store; `clock` is what time it is in it."""

    id: str
    draft_id: str
    person_id: str
    clock: datetime
    revision: int
    """How often it has been saved."""
    moves: int
    """How often somebody has acted in it; a form that is kept while it is filled in is no act."""
    created_at: datetime
    used_at: datetime
    data: bytes


def exists(tx: Transaction, *, draft_id: str, person_id: str) -> bool:
    """Whether the person is trying the draft."""
    found = sa.select(model_trial.c.id).where(*_of(draft_id, person_id))
    return tx.conn.execute(found).first() is not None


def find(tx: Transaction, *, draft_id: str, person_id: str) -> StoredTrial | None:
    """The person's trial of the draft; None where there is none."""
    found = sa.select(*columns_for(model_trial, StoredTrial)).where(*_of(draft_id, person_id))
    row = tx.conn.execute(found).first()
    return StoredTrial(**row._mapping) if row is not None else None


def put(tx: Transaction, trial: StoredTrial) -> None:
    """The person's trial of the draft is this one, whatever it was before; StaleRevision where another was begun at
    the same moment."""
    drop(tx, draft_id=trial.draft_id, person_id=trial.person_id)
    try:
        tx.conn.execute(sa.insert(model_trial), values_of(trial, model_trial))
    except IntegrityError as error:
        raise StaleRevision("Du började just en provkörning av utkastet i en annan flik. Läs om sidan.") from error


def save(tx: Transaction, trial: StoredTrial, *, expected_revision: int) -> None:
    """The trial is as given; StaleRevision where it has been moved on from `expected_revision` or thrown away."""
    same = (model_trial.c.id == trial.id, model_trial.c.revision == expected_revision)
    changed = tx.conn.execute(sa.update(model_trial).where(*same).values(values_of(trial, model_trial)))
    if changed.rowcount != 1:
        raise StaleRevision("Provkörningen har gått vidare i en annan flik. Läs om sidan och försök igen.")


def drop(tx: Transaction, *, draft_id: str, person_id: str) -> None:
    """The person is not trying the draft."""
    tx.conn.execute(sa.delete(model_trial).where(*_of(draft_id, person_id)))


def drop_of_draft(tx: Transaction, draft_id: str) -> None:
    """Nobody is trying the draft."""
    tx.conn.execute(sa.delete(model_trial).where(model_trial.c.draft_id == draft_id))


def forget_unused(tx: Transaction, *, since: datetime) -> None:
    """Trials that nobody has moved on since then are gone."""
    tx.conn.execute(sa.delete(model_trial).where(model_trial.c.used_at < since))


def _of(draft_id: str, person_id: str) -> "tuple[sa.ColumnElement[bool], ...]":
    return (model_trial.c.draft_id == draft_id, model_trial.c.person_id == person_id)
