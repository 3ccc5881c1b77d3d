"""Drafts of models: started, read, saved with a revision, taken back, copied and thrown away by process owners. Hides
how names are looked up, and that whoever saves second is told who was first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flowsvc.domain import model_drafts as rules
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.directory import Directory
from flowsvc.domain.model_drafts import DraftChange, DraftFile, DraftMove, DraftState, FileChanged, ModelDraft
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import definitions, model_drafts
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import drafting
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.people import person_name

ENDED_SHOWN = 30
REASON_LIMIT = 500


@dataclass(frozen=True)
class DraftRow:
    """A draft as a list shows it."""

    id: str
    name: str
    state: DraftState
    file_names: tuple[str, ...]
    changed_at: datetime
    created_by: str
    """A name."""
    is_mine: bool
    is_offered: bool
    """Whether it came with a release of flowsvc."""
    waits_for_me: bool


@dataclass(frozen=True)
class FileView:
    """A file of a draft as its pages show it."""

    name: str
    kind: DefinitionKind
    revision: int
    source: str
    changed_by: str
    changed_at: datetime
    based_on: str
    """The id of the live version that it started from; empty for a new file."""
    based_version: int | None


@dataclass(frozen=True)
class Told:
    """A line of the history in words."""

    move: DraftMove
    by: str
    at: datetime
    why: str
    file_name: str
    revision: int


@dataclass(frozen=True)
class DraftPage:
    """One draft with its files and its history."""

    id: str
    name: str
    state: DraftState
    note: str
    is_offered: bool
    has_ended: bool
    created_by: str
    created_at: datetime
    submitted_by: str
    approved_by: str
    ended_by: str
    ended_at: datetime | None
    files: tuple[FileView, ...]
    changes: tuple[Told, ...]


def list_drafts(ctx: Context, actor: Actor) -> tuple[tuple[DraftRow, ...], tuple[DraftRow, ...]]:
    """The drafts that go on, and those that ended last."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        known = tx.directory()
        going_on, ended = model_drafts.going_on(tx), model_drafts.ended(tx, limit=ENDED_SHOWN)
        names = model_drafts.file_names(tx, [each.id for each in (*going_on, *ended)])
        waiting = {
            each.id
            for each in going_on
            if each.state is DraftState.SUBMITTED
            and not each.approved_sha256
            and rules.may_approve(actor.person_id, model_drafts.changes_of(tx, each.id))
        }

    def row(each: ModelDraft) -> DraftRow:
        return DraftRow(
            id=each.id,
            name=each.name,
            state=each.state,
            file_names=names.get(each.id, ()),
            changed_at=each.changed_at,
            created_by=person_name(known, each.created_by),
            is_mine=each.created_by == actor.person_id,
            is_offered=bool(each.origin),
            waits_for_me=each.id in waiting,
        )

    return tuple(map(row, going_on)), tuple(map(row, ended))


def create_draft(
    ctx: Context,
    actor: Actor,
    *,
    name: str,
    kind: DefinitionKind | None = None,
    key: str = "",
    once: Once | None = None,
) -> str:
    """The id of a new draft; with the newest version of the named definition in it, where one is named."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        answered = replay(tx, once)
        if answered is not None:
            return str(answered["draftId"])
        draft = drafting.start(ctx, tx, by=actor.person_id, name=name)
        if kind is not None and key:
            drafting.add_live(ctx, tx, draft, kind, key, by=actor.person_id)
        remember(tx, once, {"draftId": draft.id}, now=ctx.clock.now())
    return draft.id


def show_draft(ctx: Context, actor: Actor, draft_id: str) -> DraftPage:
    """The draft with its files and its history, newest first; NotFound."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        return page_of(tx, model_drafts.by_id(tx, draft_id))


def page_of(tx: Transaction, draft: ModelDraft) -> DraftPage:
    """The draft as its pages show it."""
    known = tx.directory()
    changes = model_drafts.changes_of(tx, draft.id)
    return DraftPage(
        id=draft.id,
        name=draft.name,
        state=draft.state,
        note=draft.note,
        is_offered=bool(draft.origin),
        has_ended=draft.has_ended,
        created_by=person_name(known, draft.created_by),
        created_at=draft.created_at,
        submitted_by=person_name(known, draft.submitted_by),
        approved_by=person_name(known, draft.approved_by),
        ended_by=person_name(known, draft.ended_by),
        ended_at=draft.ended_at,
        files=tuple(_view(tx, known, each) for each in model_drafts.files_of(tx, draft.id)),
        changes=tuple(_told(known, each) for each in changes),
    )


def show_file(ctx: Context, actor: Actor, draft_id: str, file_name: str) -> tuple[DraftPage, FileView]:
    """One file of the draft, and the draft; NotFound."""
    page = show_draft(ctx, actor, draft_id)
    with ctx.store.read() as tx:
        return page, _view(tx, tx.directory(), model_drafts.file_of(tx, draft_id, file_name))


def file_of(ctx: Context, actor: Actor, draft_id: str, file_name: str) -> DraftFile:
    """The file as it was saved last, to the byte; NotFound."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        return model_drafts.file_of(tx, draft_id, file_name)


def save_file(
    ctx: Context, actor: Actor, draft_id: str, file_name: str, source: bytes, *, revision: int, why: str = ""
) -> DraftFile:
    """The file's next revision says what was sent. FileChanged where the revision is not the newest any more: then
    nothing is overwritten. A submitted draft is open again."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        draft, file = _opened(ctx, tx, actor, draft_id, file_name, revision)
        return drafting.save_file(ctx, tx, draft, file, source, by=actor.person_id, why=why.strip()[:REASON_LIMIT])


def take_back(
    ctx: Context,
    actor: Actor,
    draft_id: str,
    file_name: str,
    *,
    revision: int,
    current: int,
    once: Once | None = None,
) -> DraftFile:
    """The file says again what it said in the earlier revision, as a new one. FileChanged where `current` is not the
    newest any more."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        if replay(tx, once) is not None:
            return model_drafts.file_of(tx, draft_id, file_name)
        draft, file = _opened(ctx, tx, actor, draft_id, file_name, current)
        earlier = model_drafts.save_of(tx, draft_id, file_name, revision)
        move = DraftMove.TAKEN_BACK
        saved = drafting.save_file(ctx, tx, draft, file, earlier.source, by=actor.person_id, move=move)
        remember(tx, once, {"revision": saved.revision}, now=ctx.clock.now())
        return saved


def file_history(ctx: Context, actor: Actor, draft_id: str, file_name: str) -> tuple[Told, ...]:
    """Who has saved the file when and why, newest first; NotFound."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        model_drafts.file_of(tx, draft_id, file_name)
        known = tx.directory()
        return tuple(_told(known, each) for each in model_drafts.changes_of(tx, draft_id, file_name=file_name))


def remove_file(ctx: Context, actor: Actor, draft_id: str, file_name: str) -> None:
    """The draft has no such file any more. What it said stands in the history; what is live stays live."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        draft = _open(tx, draft_id)
        model_drafts.file_of(tx, draft_id, file_name)
        model_drafts.drop_file(tx, draft_id, file_name)
        drafting.tell(ctx, tx, draft, DraftMove.REMOVED, by=actor.person_id, file_name=file_name)
        drafting.reopened(tx, draft, now=ctx.clock.now())


def rename_draft(ctx: Context, actor: Actor, draft_id: str, *, name: str) -> None:
    """The draft has the name."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        draft = _open(tx, draft_id)
        model_drafts.save(tx, replace(draft, name=rules.require_name(name)))
        drafting.tell(ctx, tx, draft, DraftMove.RENAMED, by=actor.person_id, why=draft.name)


def discard_draft(ctx: Context, actor: Actor, draft_id: str) -> None:
    """The draft has ended and nothing of it is live; what was saved stands in its history."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        draft, now = _open(tx, draft_id), ctx.clock.now()
        model_drafts.save(
            tx,
            replace(draft, state=DraftState.DISCARDED, changed_at=now, ended_by=actor.person_id, ended_at=now),
        )
        drafting.tell(ctx, tx, draft, DraftMove.DISCARDED, by=actor.person_id)


def copy_draft(
    ctx: Context,
    actor: Actor,
    draft_id: str,
    *,
    file_name: str = "",
    source: bytes = b"",
    once: Once | None = None,
) -> str:
    """The id of a draft of one's own with the same files; the named file says what is given, where one is named."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        answered = replay(tx, once)
        if answered is not None:
            return str(answered["draftId"])
        old = model_drafts.by_id(tx, draft_id)
        files = model_drafts.files_of(tx, draft_id)
        draft = drafting.start(ctx, tx, by=actor.person_id, name=f"{old.name[: rules.NAME_LIMIT - 8]} (kopia)")
        copied = {each.file_name: (each.source, each.based_on) for each in files}
        if file_name:
            # Somebody may have removed it; whose text it is must not lose it.
            copied[file_name] = (source, copied[file_name][1] if file_name in copied else {})
        for each, (data, based_on) in copied.items():
            copy = SourceFile(each, data)
            draft = drafting.add_file(ctx, tx, draft, copy, by=actor.person_id, based_on=based_on)
        remember(tx, once, {"draftId": draft.id}, now=ctx.clock.now())
    return draft.id


def _opened(
    ctx: Context, tx: Transaction, actor: Actor, draft_id: str, file_name: str, revision: int
) -> tuple[ModelDraft, DraftFile]:
    draft = _open(tx, draft_id)
    file = model_drafts.file_of(tx, draft_id, file_name)
    if file.revision != revision:
        who = "Du" if file.changed_by == actor.person_id else person_name(tx.directory(), file.changed_by)
        at = file.changed_at.astimezone(ZoneInfo(ctx.zone))
        raise FileChanged(
            f"{who} sparade {file_name} {at:%Y-%m-%d} klockan {at:%H:%M}. Inget har skrivits över, och det du har "
            "ändrat är inte sparat. Öppna den nya versionen, eller spara din som ett eget utkast.",
            revision=file.revision,
        )
    return draft, file


def _open(tx: Transaction, draft_id: str) -> ModelDraft:
    draft = model_drafts.locked(tx, draft_id)
    rules.require_open(draft)
    return draft


def _view(tx: Transaction, known: Directory, file: DraftFile) -> FileView:
    based_on = _main_ground(file.based_on)
    return FileView(
        name=file.file_name,
        kind=file.kind,
        revision=file.revision,
        source=file.source.decode(errors="replace"),
        changed_by=person_name(known, file.changed_by),
        changed_at=file.changed_at,
        based_on=based_on,
        based_version=definitions.by_id(tx, based_on).version if based_on else None,
    )


def _main_ground(based_on: Mapping[str, str]) -> str:
    """Of several in one file, a process before a form that it draws."""
    order = {f"{kind}": place for place, kind in enumerate(("process", "decision", "form"))}
    found = sorted(based_on, key=lambda name: (order[name.partition(":")[0]], name))
    return based_on[found[0]] if found else ""


def _told(known: Directory, change: DraftChange) -> Told:
    return Told(
        move=change.move,
        by=person_name(known, change.by),
        at=change.at,
        why=change.why,
        file_name=change.file_name,
        revision=change.revision,
    )
