"""Uploaded files. A file is its uploader's alone until the form it was uploaded for is sent: then it belongs to the
instance, and to one party where the form's field does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from flowsvc.domain.errors import InvalidInput, NotFound
from flowsvc.domain.tasks import Submission
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import attachment
from flowsvc.store.transaction import Transaction


@dataclass(frozen=True)
class Attachment:
    """What is known of an uploaded file beside its content. Without a submission it is not part of any case."""

    id: str
    instance_id: str | None
    submission_id: str | None
    person_id: str
    owner_party: str | None
    """None is shared between the parties."""
    name: str
    content_type: str
    size: int
    sha256: str
    at: datetime


_KNOWN = sa.select(*columns_for(attachment, Attachment))


def add(tx: Transaction, added: Attachment, content: bytes) -> None:
    """The file is stored."""
    tx.conn.execute(sa.insert(attachment), values_of(added, attachment) | {"content": content})


def by_id(tx: Transaction, attachment_id: str) -> Attachment:
    """What is known of the file; NotFound."""
    row = tx.conn.execute(_KNOWN.where(attachment.c.id == attachment_id)).first()
    if row is None:
        raise NotFound("Det finns ingen sådan fil, eller så har du inte tillgång till den.")
    return Attachment(**row._mapping)


def content_of(tx: Transaction, attachment_id: str) -> bytes:
    """The file's content; NotFound."""
    found = tx.conn.execute(sa.select(attachment.c.content).where(attachment.c.id == attachment_id)).scalar()
    if found is None:
        raise NotFound("Det finns ingen sådan fil, eller så har du inte tillgång till den.")
    return bytes(found)


def of_instance(tx: Transaction, instance_id: str) -> tuple[Attachment, ...]:
    """The files of the instance, first uploaded first."""
    statement = _KNOWN.where(attachment.c.instance_id == instance_id).order_by(attachment.c.id)
    return tuple(Attachment(**row._mapping) for row in tx.conn.execute(statement))


def bind(
    tx: Transaction,
    *,
    instance_id: str,
    submission: Submission,
    ids: Sequence[str],
    owner_parties: Mapping[str, str | None],
) -> None:
    """The files belong to the submission and its instance, each owned by the party named for it or shared. One that
    belongs to the same instance already stays as it is. InvalidInput for a file that is not the sender's."""
    for attachment_id in dict.fromkeys(ids):
        row = tx.conn.execute(_KNOWN.where(attachment.c.id == attachment_id).with_for_update()).first()
        known = Attachment(**row._mapping) if row is not None else None
        if known is not None and known.instance_id == instance_id:
            continue
        if known is None or known.submission_id is not None or known.person_id != submission.person_id:
            raise InvalidInput("En bifogad fil finns inte kvar. Ladda upp den igen och skicka formuläret på nytt.")
        bound = replace(
            known,
            instance_id=instance_id,
            submission_id=submission.id,
            owner_party=owner_parties.get(attachment_id),
        )
        tx.conn.execute(
            sa.update(attachment).where(attachment.c.id == attachment_id).values(**values_of(bound, attachment))
        )


def drop_unbound_before(tx: Transaction, at: datetime) -> int:
    """Files uploaded before the time for forms that were never sent are gone; returns how many."""
    unsent = sa.text("submission_id IS NULL")
    return tx.conn.execute(sa.delete(attachment).where(unsent, attachment.c.at < at)).rowcount
