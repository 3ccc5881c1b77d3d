"""What is written when a draft of models is started or changed: its rows, and the line of its history. The parts of use
cases that have asked already; hides that every change voids an approval and which saves share a line."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flowsvc.domain import model_drafts as rules
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import Conflict, InvalidInput, NotFound
from flowsvc.domain.model_drafts import DraftChange, DraftFile, DraftMove, DraftState, ModelDraft
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import definitions, model_drafts
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models
from flowsvc.usecases.context import Context


def start(ctx: Context, tx: Transaction, *, by: str, name: str, origin: str = "") -> ModelDraft:
    """An open draft without files."""
    now = ctx.clock.now()
    draft = ModelDraft(
        id=ctx.clock.new_id(),
        name=rules.require_name(name),
        state=DraftState.OPEN,
        created_by=by,
        created_at=now,
        changed_at=now,
        origin=origin,
    )
    model_drafts.add(tx, draft)
    tell(ctx, tx, draft, DraftMove.CREATED, by=by)
    return draft


def add_file(
    ctx: Context,
    tx: Transaction,
    draft: ModelDraft,
    file: SourceFile,
    *,
    by: str,
    based_on: Mapping[str, str],
    why: str = "",
) -> ModelDraft:
    """The draft, open, with the file in it. Conflict where it has one of that name."""
    kind = rules.kind_of(file.name)
    rules.require_file(file.data, file.name)
    there = model_drafts.files_of(tx, draft.id)
    if file.name in {each.file_name for each in there}:
        raise Conflict(
            f"Utkastet har redan en fil som heter {file.name}. Ta bort den först, eller byt namn på den nya."
        )
    if len(there) >= rules.FILES_LIMIT:
        raise InvalidInput(f"Ett utkast kan ha högst {rules.FILES_LIMIT} filer. Publicera dem i flera omgångar.")
    earlier = model_drafts.last_save(tx, draft.id, file.name)
    added = DraftFile(
        draft_id=draft.id,
        file_name=file.name,
        kind=kind,
        source=file.data,
        sha256=rules.sha256_of(file.data),
        revision=earlier.revision + 1 if earlier is not None else 1,
        changed_by=by,
        changed_at=ctx.clock.now(),
        based_on=based_on,
    )
    model_drafts.put_file(tx, added)
    model_drafts.add_change(tx, _line(ctx, added, DraftMove.ADDED, why=why))
    return reopened(tx, draft, now=added.changed_at)


def add_live(
    ctx: Context, tx: Transaction, draft: ModelDraft, kind: DefinitionKind, key: str, *, by: str, version: int = 0
) -> ModelDraft:
    """The draft, open, with the file of the definition's newest version in it, or of an earlier one; the ground is the
    newest in any way. NotFound where there is none."""
    newest = models.latest(tx, kind, key)
    # One file may hold several decisions, or several processes.
    together = [each for each in definitions.all_latest(tx, kind) if each.sha256 == newest.sha256]
    chosen = next((each for each in definitions.versions(tx, kind, key) if version in (0, each.version)), None)
    if chosen is None:
        raise NotFound(f"Det finns ingen version {version} av {key}.")
    ground = {f"{each.kind}:{each.key}": each.id for each in together}
    return add_file(ctx, tx, draft, SourceFile(chosen.file_name, chosen.source), by=by, based_on=ground)


def save_file(
    ctx: Context,
    tx: Transaction,
    draft: ModelDraft,
    file: DraftFile,
    source: bytes,
    *,
    by: str,
    why: str = "",
    move: DraftMove = DraftMove.SAVED,
) -> DraftFile:
    """The next revision of the file says what is given; what says the same already is as it was."""
    rules.require_file(source, file.file_name)
    if source == file.source and not why:
        return file
    now = ctx.clock.now()
    saved = replace(
        file,
        source=source,
        sha256=rules.sha256_of(source),
        revision=file.revision + 1,
        changed_by=by,
        changed_at=now,
    )
    model_drafts.put_file(tx, saved)
    last = model_drafts.last_save(tx, draft.id, file.file_name)
    line = _line(ctx, saved, move, why=why)
    if (
        move is DraftMove.SAVED
        and last is not None
        and rules.is_same_sitting(last, by=by, now=now, why=why, state=draft.state)
    ):
        model_drafts.replace_change(tx, replace(line, id=last.id, began_at=last.began_at))
    else:
        model_drafts.add_change(tx, line)
    reopened(tx, draft, now=now)
    return saved


def reopened(tx: Transaction, draft: ModelDraft, *, now: datetime, name: str = "") -> ModelDraft:
    """The draft is open, changed now, and approved by nobody."""
    changed = replace(
        draft,
        name=name or draft.name,
        state=DraftState.OPEN,
        changed_at=now,
        submitted_by="",
        submitted_at=None,
        submitted_sha256="",
        approved_by="",
        approved_at=None,
        approved_sha256="",
    )
    model_drafts.save(tx, changed)
    return changed


def submit(ctx: Context, tx: Transaction, draft: ModelDraft, *, by: str, note: str) -> ModelDraft:
    """The draft waits for approval of what its files now say."""
    now = ctx.clock.now()
    content = rules.content_of(model_drafts.files_of(tx, draft.id))
    changed = replace(
        draft,
        state=DraftState.SUBMITTED,
        note=note,
        changed_at=now,
        submitted_by=by,
        submitted_at=now,
        submitted_sha256=content,
    )
    model_drafts.save(tx, changed)
    tell(ctx, tx, draft, DraftMove.SUBMITTED, by=by, why=note, sha256=content)
    return changed


def tell(
    ctx: Context,
    tx: Transaction,
    draft: ModelDraft,
    move: DraftMove,
    *,
    by: str,
    why: str = "",
    file_name: str = "",
    sha256: str = "",
) -> None:
    """The history says what was done with the draft, or that a file was removed."""
    now = ctx.clock.now()
    line = DraftChange(
        id=ctx.clock.new_id(),
        draft_id=draft.id,
        move=move,
        by=by,
        began_at=now,
        at=now,
        why=why,
        file_name=file_name,
        sha256=sha256,
    )
    model_drafts.add_change(tx, line)


def _line(ctx: Context, file: DraftFile, move: DraftMove, *, why: str) -> DraftChange:
    return DraftChange(
        id=ctx.clock.new_id(),
        draft_id=file.draft_id,
        move=move,
        by=file.changed_by,
        began_at=file.changed_at,
        at=file.changed_at,
        why=why,
        file_name=file.file_name,
        revision=file.revision,
        sha256=file.sha256,
        source=file.source,
    )
