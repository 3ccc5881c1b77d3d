"""Drafts of models with their files and their history. A draft that is to be changed is locked first, so that two who
save at once do it one after the other."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.domain.model_drafts import DraftChange, DraftFile, DraftMove, DraftState, ModelDraft
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import model_draft, model_draft_change, model_draft_file
from flowsvc.store.transaction import Transaction

_DRAFT = sa.select(*columns_for(model_draft, ModelDraft))
_FILE = sa.select(*columns_for(model_draft_file, DraftFile))
_CHANGE = sa.select(*columns_for(model_draft_change, DraftChange))
_ENDED = (DraftState.RELEASED, DraftState.DISCARDED)


def add(tx: Transaction, draft: ModelDraft) -> None:
    """The draft is stored; it has no files yet."""
    tx.conn.execute(sa.insert(model_draft), values_of(draft, model_draft))


def by_id(tx: Transaction, draft_id: str) -> ModelDraft:
    """The draft as it stands; NotFound."""
    return _draft(tx.conn.execute(_DRAFT.where(model_draft.c.id == draft_id)).first())


def locked(tx: Transaction, draft_id: str) -> ModelDraft:
    """The draft, which nobody else changes until this transaction ends; NotFound."""
    return _draft(tx.conn.execute(_DRAFT.where(model_draft.c.id == draft_id).with_for_update()).first())


def save(tx: Transaction, draft: ModelDraft) -> None:
    """The draft's own row is as given."""
    tx.conn.execute(sa.update(model_draft).where(model_draft.c.id == draft.id).values(values_of(draft, model_draft)))


def going_on(tx: Transaction) -> tuple[ModelDraft, ...]:
    """The drafts that have not ended, the one changed last first."""
    found = _DRAFT.where(model_draft.c.state.not_in(_ENDED)).order_by(model_draft.c.changed_at.desc(), model_draft.c.id)
    return tuple(_draft(row) for row in tx.conn.execute(found))


def ended(tx: Transaction, *, limit: int) -> tuple[ModelDraft, ...]:
    """The drafts that ended last."""
    found = _DRAFT.where(model_draft.c.state.in_(_ENDED)).order_by(model_draft.c.changed_at.desc(), model_draft.c.id)
    return tuple(_draft(row) for row in tx.conn.execute(found.limit(limit)))


def of_origin(tx: Transaction, origin: str) -> ModelDraft | None:
    """The draft that came from there, whatever has become of it; None where none did."""
    row = tx.conn.execute(_DRAFT.where(model_draft.c.origin == origin).limit(1)).first()
    return _draft(row) if row is not None else None


def waiting_with(tx: Transaction, content: str) -> ModelDraft | None:
    """A draft that waits for approval of this content; None where none does."""
    wanted = _DRAFT.where(model_draft.c.state == DraftState.SUBMITTED, model_draft.c.submitted_sha256 == content)
    row = tx.conn.execute(wanted.order_by(model_draft.c.submitted_at).limit(1)).first()
    return _draft(row) if row is not None else None


def files_of(tx: Transaction, draft_id: str) -> tuple[DraftFile, ...]:
    """The files of the draft, by name."""
    found = _FILE.where(model_draft_file.c.draft_id == draft_id).order_by(model_draft_file.c.file_name)
    return tuple(_file(row) for row in tx.conn.execute(found))


def file_names(tx: Transaction, draft_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names of the files of each draft, by its id."""
    found: dict[str, tuple[str, ...]] = {}
    columns = (model_draft_file.c.draft_id, model_draft_file.c.file_name)
    wanted = sa.select(*columns).where(model_draft_file.c.draft_id.in_(list(draft_ids))).order_by(*columns)
    for row in tx.conn.execute(wanted) if draft_ids else ():
        found[row.draft_id] = (*found.get(row.draft_id, ()), row.file_name)
    return found


def file_of(tx: Transaction, draft_id: str, file_name: str) -> DraftFile:
    """The file of the draft; NotFound."""
    same = (model_draft_file.c.draft_id == draft_id, model_draft_file.c.file_name == file_name)
    row = tx.conn.execute(_FILE.where(*same)).first()
    if row is None:
        raise NotFound("Det finns ingen sådan fil i utkastet. Någon kan ha tagit bort den.")
    return _file(row)


def put_file(tx: Transaction, file: DraftFile) -> None:
    """The file of that name in the draft is as given."""
    values = values_of(file, model_draft_file) | {"based_on": dict(file.based_on)}
    insert = tx.insert(model_draft_file).values(values)
    same = [model_draft_file.c.draft_id, model_draft_file.c.file_name]
    tx.conn.execute(insert.on_conflict_do_update(index_elements=same, set_=values))


def drop_file(tx: Transaction, draft_id: str, file_name: str) -> None:
    """The draft has no file of that name; what it said stands in the history."""
    same = (model_draft_file.c.draft_id == draft_id, model_draft_file.c.file_name == file_name)
    tx.conn.execute(sa.delete(model_draft_file).where(*same))


def add_change(tx: Transaction, change: DraftChange) -> None:
    """The line stands in the history."""
    tx.conn.execute(sa.insert(model_draft_change), values_of(change, model_draft_change))


def replace_change(tx: Transaction, change: DraftChange) -> None:
    """The line of the history is as given."""
    values = values_of(change, model_draft_change)
    tx.conn.execute(sa.update(model_draft_change).where(model_draft_change.c.id == change.id).values(values))


def changes_of(tx: Transaction, draft_id: str, *, file_name: str = "") -> tuple[DraftChange, ...]:
    """The history of the draft, or of one of its files, newest first; without what the files said."""
    columns = [each for each in columns_for(model_draft_change, DraftChange) if each.name != "source"]
    found = sa.select(*columns).where(model_draft_change.c.draft_id == draft_id)
    if file_name:
        found = found.where(model_draft_change.c.file_name == file_name)
    newest_first = (
        model_draft_change.c.at.desc(),
        model_draft_change.c.began_at.desc(),
        model_draft_change.c.id.desc(),
    )
    return tuple(_change(row) for row in tx.conn.execute(found.order_by(*newest_first)))


def last_save(tx: Transaction, draft_id: str, file_name: str) -> DraftChange | None:
    """The line of the file's newest revision; None where it has never been in the draft."""
    row = tx.conn.execute(
        _CHANGE.where(model_draft_change.c.draft_id == draft_id, model_draft_change.c.file_name == file_name)
        .order_by(model_draft_change.c.revision.desc(), model_draft_change.c.at.desc())
        .limit(1)
    ).first()
    return _change(row) if row is not None else None


def save_of(tx: Transaction, draft_id: str, file_name: str, revision: int) -> DraftChange:
    """What the file said in that revision; NotFound where the history does not have it."""
    row = tx.conn.execute(
        _CHANGE.where(
            model_draft_change.c.draft_id == draft_id,
            model_draft_change.c.file_name == file_name,
            model_draft_change.c.revision == revision,
        )
    ).first()
    if row is None:
        raise NotFound("Det finns ingen sådan sparning. Välj en i historiken.")
    return _change(row)


def _draft(row: "sa.Row[Any] | None") -> ModelDraft:
    if row is None:
        raise NotFound("Det finns inget sådant utkast.")
    return ModelDraft(**{**row._mapping, "state": DraftState(row.state)})


def _file(row: "sa.Row[Any]") -> DraftFile:
    return DraftFile(**{**row._mapping, "kind": DefinitionKind(row.kind)})


def _change(row: "sa.Row[Any]") -> DraftChange:
    return DraftChange(**{**row._mapping, "move": DraftMove(row.move)})
