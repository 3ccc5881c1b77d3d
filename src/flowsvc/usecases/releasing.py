"""From a draft of models to live versions: asking for approval, approving, sending back, releasing, and starting over
from an earlier version. Hides what an approval binds to and how it is seen that what is live has changed meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flowsvc.domain import model_drafts as rules
from flowsvc.domain.access import Action, Actor, can, require
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import Conflict, DefinitionInvalid, Forbidden, InvalidInput, StaleRevision
from flowsvc.domain.model_drafts import DraftFile, DraftMove, DraftState, ModelDraft
from flowsvc.engine.parsing import Report, SourceFile
from flowsvc.store import definitions, model_drafts, standings, trials
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import deployments, drafting, models
from flowsvc.usecases.context import Context
from flowsvc.usecases.deployments import Checked, Deployed
from flowsvc.usecases.model_drafts import DraftPage, page_of
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.people import person_name

NOTE_LIMIT = 2000


@dataclass(frozen=True)
class LiveVersion:
    """A version that somebody else has made live since the draft began."""

    kind: DefinitionKind
    key: str
    version: int
    by: str
    at: datetime
    file_name: str


@dataclass(frozen=True)
class Pair:
    """A file of the draft beside the live version that it would replace."""

    file_name: str
    kind: DefinitionKind
    old_id: str
    """Empty for what is new."""
    old_version: int | None
    old: bytes
    new: bytes


@dataclass(frozen=True)
class Dropped:
    """Something live that the file held when the draft began, and holds no more. It stays live as it is."""

    kind: DefinitionKind
    key: str
    name: str
    name_en: str
    file_name: str


@dataclass(frozen=True)
class OnVersion:
    """How many cases run on one version of a process."""

    version: int
    count: int


@dataclass(frozen=True)
class Running:
    """A process of the draft with the cases that run now, on the newest version first."""

    key: str
    name: str
    name_en: str
    versions: tuple[OnVersion, ...]


@dataclass(frozen=True)
class ReleasePage:
    """All that a person needs to see before releasing."""

    draft: DraftPage
    content: str
    """The hash of the files as shown; what is submitted, approved or released is this and nothing else."""
    ground: str
    """The hash of the live versions as shown."""
    report: Report
    overtaken: tuple[LiveVersion, ...]
    pairs: tuple[Pair, ...]
    dropped: tuple[Dropped, ...]
    running: tuple[Running, ...]
    is_changed: bool
    """Whether anything would get a new version."""
    needs_approval: bool
    is_approved: bool
    approved_at: datetime | None
    may_approve: bool
    may_release: bool


def release_page(ctx: Context, actor: Actor, draft_id: str) -> ReleasePage:
    """The draft as it would be released now; NotFound."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        found = deployments.checked(ctx, _sources(model_drafts.files_of(tx, draft_id)))
    with ctx.store.read() as tx:
        draft, files = model_drafts.by_id(tx, draft_id), model_drafts.files_of(tx, draft_id)
        overtaken = () if draft.has_ended else _overtaken(tx, found, files)
        approved = rules.is_approved(draft, files)
        pairs = tuple(_pair(tx, each, has_ended=draft.has_ended) for each in files)
        has_had_a_hand = not rules.may_approve(actor.person_id, model_drafts.changes_of(tx, draft_id))
        is_ready = not (draft.has_ended or found.report.refused or overtaken) and bool(files)
        is_changed = any(pair.old != pair.new for pair in pairs)
        return ReleasePage(
            draft=page_of(tx, draft),
            content=rules.content_of(files),
            ground=_ground(tx, found, files)[0],
            report=replace(found.report, problems=tuple(p for p in found.report.problems if p.severity != "used")),
            overtaken=overtaken,
            pairs=pairs,
            dropped=() if found.report.refused or draft.has_ended else tuple(_dropped(tx, found, files)),
            running=_running(tx, found),
            is_changed=is_changed,
            needs_approval=ctx.approvals > 0,
            is_approved=approved,
            approved_at=draft.approved_at,
            may_approve=draft.state is DraftState.SUBMITTED
            and not approved
            and not has_had_a_hand
            and is_ready
            and can(actor, Action.APPROVE_RELEASE),
            may_release=is_ready and is_changed and (approved or not ctx.approvals) and can(actor, Action.DEPLOY),
        )


def submit_draft(ctx: Context, actor: Actor, draft_id: str, *, note: str, content: str) -> None:
    """The draft waits for a second person, who is told why in the note. DefinitionInvalid where the check refuses it,
    StaleRevision where it says something else than `content` by now."""
    require(actor, Action.CHANGE_DRAFT)
    why = _note(ctx, note)
    found, files = _checked(ctx, draft_id)
    with ctx.store.begin() as tx:
        draft = _unchanged(tx, draft_id, files, content)
        _require_ground(tx, found, files)
        if draft.state is DraftState.OPEN:
            drafting.submit(ctx, tx, draft, by=actor.person_id, note=why)


def approve_draft(ctx: Context, actor: Actor, draft_id: str, *, content: str) -> None:
    """What the draft now says may be released. Forbidden to whoever has had a hand in it; StaleRevision where it says
    something else than `content` by now."""
    require(actor, Action.APPROVE_RELEASE)
    _found, files = _checked(ctx, draft_id)
    with ctx.store.begin() as tx:
        draft = _unchanged(tx, draft_id, files, content)
        if draft.state is not DraftState.SUBMITTED:
            raise Conflict("Ingen har bett om godkännande av utkastet. Be den som ändrar det att göra det först.")
        if not rules.may_approve(actor.person_id, model_drafts.changes_of(tx, draft_id)):
            raise Forbidden("Du har själv ändrat i utkastet. Någon annan processägare behöver godkänna det.")
        if rules.is_approved(draft, files):
            return
        now = ctx.clock.now()
        approved = replace(draft, approved_by=actor.person_id, approved_at=now, approved_sha256=content)
        model_drafts.save(tx, approved)
        drafting.tell(ctx, tx, draft, DraftMove.APPROVED, by=actor.person_id, sha256=content)


def send_back_draft(ctx: Context, actor: Actor, draft_id: str, *, reason: str) -> None:
    """The draft is open again and approved by nobody; the history says why."""
    require(actor, Action.APPROVE_RELEASE)
    if not reason.strip():
        raise InvalidInput("Skriv vad som behöver ändras.")
    with ctx.store.begin() as tx:
        draft = model_drafts.locked(tx, draft_id)
        rules.require_open(draft)
        if draft.state is DraftState.SUBMITTED:
            why = reason.strip()[:NOTE_LIMIT]
            drafting.tell(ctx, tx, draft, DraftMove.SENT_BACK, by=actor.person_id, why=why)
            drafting.reopened(tx, draft, now=ctx.clock.now())


def release_draft(
    ctx: Context, actor: Actor, draft_id: str, *, note: str, content: str, once: Once | None = None
) -> tuple[Definition, ...]:
    """What the draft holds is live; returns its new versions. Conflict where it has not been approved and has to be, or
    where what is live has changed since; StaleRevision where it says something else than `content` by now."""
    require(actor, Action.DEPLOY)
    with ctx.store.read() as tx:
        answered = replay(tx, once)
        if answered is not None:
            return _versions(tx, answered)
    why = _note(ctx, note)
    found, files = _checked(ctx, draft_id)
    with ctx.store.begin() as tx:
        answered = replay(tx, once)
        if answered is not None:
            return _versions(tx, answered)
        draft = _unchanged(tx, draft_id, files, content)
        if ctx.approvals and not rules.is_approved(draft, files):
            raise Conflict("Utkastet är inte godkänt. Be en annan processägare att godkänna det först.")
        _require_ground(tx, found, files)
        done = deployments.put_live(ctx, tx, actor, found, name=draft.name, note=why)
        if not done.definitions:
            raise InvalidInput("Inget i utkastet skiljer sig från det som är publicerat. Ändra något, eller kasta det.")
        _end(ctx, tx, actor, draft, done, note=why)
        remember(tx, once, {"definitionIds": [each.id for each in done.definitions]}, now=ctx.clock.now())
    return done.definitions


def rebase_draft(ctx: Context, actor: Actor, draft_id: str, *, ground: str, once: Once | None = None) -> None:
    """The newest live versions are the draft's ground, knowingly: a release replaces them. What the files say is as it
    was. StaleRevision where yet another version is live than those shown."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.read() as tx:
        found = deployments.checked(ctx, _sources(model_drafts.files_of(tx, draft_id)))
    with ctx.store.begin() as tx:
        if replay(tx, once) is not None:
            return
        draft = model_drafts.locked(tx, draft_id)
        rules.require_open(draft)
        files = model_drafts.files_of(tx, draft_id)
        shown, newest = _ground(tx, found, files)
        if shown != ground:
            raise StaleRevision("Ännu en version har publicerats medan du läste. Läs om sidan och se vad som skiljer.")
        for each in files:
            model_drafts.put_file(tx, replace(each, based_on=newest[each.file_name]))
        drafting.tell(ctx, tx, draft, DraftMove.REBASED, by=actor.person_id)
        drafting.reopened(tx, draft, now=ctx.clock.now())
        remember(tx, once, {"draftId": draft_id}, now=ctx.clock.now())


def restore_version(
    ctx: Context, actor: Actor, *, kind: DefinitionKind, key: str, version: int, once: Once | None = None
) -> str:
    """The id of a new draft that says what the earlier version said, on the ground of the newest. NotFound."""
    require(actor, Action.CHANGE_DRAFT)
    with ctx.store.begin() as tx:
        answered = replay(tx, once)
        if answered is not None:
            return str(answered["draftId"])
        name = f"{key[:80]}: tillbaka till version {version}"
        draft = drafting.start(ctx, tx, by=actor.person_id, name=name)
        drafting.add_live(ctx, tx, draft, kind, key, by=actor.person_id, version=version)
        remember(tx, once, {"draftId": draft.id}, now=ctx.clock.now())
    return draft.id


def _note(ctx: Context, note: str) -> str:
    if ctx.approvals and not note.strip():
        raise InvalidInput("Skriv vad som ändras och varför, så att den som godkänner vet.")
    return note.strip()[:NOTE_LIMIT]


def _sources(files: Sequence[DraftFile]) -> tuple[SourceFile, ...]:
    return tuple(SourceFile(each.file_name, each.source) for each in files)


def _checked(ctx: Context, draft_id: str) -> tuple[Checked, tuple[DraftFile, ...]]:
    """The files of the draft that goes on, checked; DefinitionInvalid where anything in them is refused."""
    with ctx.store.read() as tx:
        rules.require_open(model_drafts.by_id(tx, draft_id))
        files = model_drafts.files_of(tx, draft_id)
    if not files:
        raise InvalidInput("Utkastet har inga filer. Lägg till minst en.")
    found = deployments.checked(ctx, _sources(files))
    if found.report.refused:
        raise DefinitionInvalid(found.report.problems)
    return found, files


def _unchanged(tx: Transaction, draft_id: str, files: Sequence[DraftFile], content: str) -> ModelDraft:
    """The draft, locked, which says what was shown and checked."""
    draft = model_drafts.locked(tx, draft_id)
    rules.require_open(draft)
    if not rules.content_of(model_drafts.files_of(tx, draft_id)) == rules.content_of(files) == content:
        raise StaleRevision("Utkastet har ändrats medan du läste. Läs om sidan och se vad som skiljer.")
    return draft


def _require_ground(tx: Transaction, found: Checked, files: Sequence[DraftFile]) -> None:
    for each in _overtaken(tx, found, files):
        raise StaleRevision(
            f"{each.by} har publicerat version {each.version} av {each.key} sedan utkastet började. Öppna utkastets "
            "publiceringssida, se vad som skiljer och ta den nya versionen som grund."
        )


def _overtaken(tx: Transaction, found: Checked, files: Sequence[DraftFile]) -> tuple[LiveVersion, ...]:
    """The live versions that the draft would replace without having started from them."""
    known, by_name = tx.directory(), {each.file_name: each for each in files}
    overtaken = []
    for held in deployments.held_in(found):
        file = by_name.get(held.file_name)
        newest = definitions.latest(tx, held.kind, held.key)
        if file is None or newest is None or held.kind is not file.kind:
            continue
        is_ground = file.based_on.get(f"{held.kind}:{held.key}") == newest.id
        if not is_ground and newest.sha256 != rules.sha256_of(held.source):
            by = person_name(known, newest.deployed_by)
            live = LiveVersion(held.kind, held.key, newest.version, by, newest.deployed_at, held.file_name)
            overtaken.append(live)
    return tuple(overtaken)


def _ground(tx: Transaction, found: Checked, files: Sequence[DraftFile]) -> tuple[str, Mapping[str, Mapping[str, str]]]:
    """The newest live versions of all that the draft holds, by file, and the hash of their ids."""
    newest = {each.file_name: deployments.ground_of(tx, found, each.file_name) for each in files}
    return rules.summed_up({name: live for ground in newest.values() for name, live in ground.items()}), newest


def _pair(tx: Transaction, file: DraftFile, *, has_ended: bool) -> Pair:
    """The file beside the newest live version of what it started from; of a draft that has ended, beside the version
    that it started from itself."""
    same_kind = [name for name in sorted(file.based_on) if name.startswith(f"{file.kind}:")]
    if has_ended:
        found = [definitions.by_id(tx, file.based_on[name]) for name in same_kind[:1]]
    else:
        newest = (definitions.latest(tx, file.kind, name.partition(":")[2]) for name in same_kind)
        found = [each for each in newest if each is not None]
    old = found[0] if found else None
    return Pair(
        file_name=file.file_name,
        kind=file.kind,
        old_id=old.id if old is not None else "",
        old_version=old.version if old is not None else None,
        old=old.source if old is not None else b"",
        new=file.source,
    )


def _dropped(tx: Transaction, found: Checked, files: Sequence[DraftFile]) -> Iterator[Dropped]:
    there = {f"{held.kind}:{held.key}" for held in deployments.held_in(found)}
    for file in files:
        for name in sorted(set(file.based_on) - there):
            live = definitions.by_id(tx, file.based_on[name])
            yield Dropped(live.kind, live.key, live.name, live.name_en or live.name, file.file_name)


def _running(tx: Transaction, found: Checked) -> tuple[Running, ...]:
    running = []
    for held in deployments.held_in(found):
        if held.kind is DefinitionKind.PROCESS:
            numbers: dict[int, int] = {}
            for pin, standing in standings.by_version(tx, held.key).items():
                used = models.pinned(tx, {f"process:{held.key}": pin}, DefinitionKind.PROCESS, held.key).version
                numbers[used] = numbers.get(used, 0) + standing.running + standing.suspended
            versions = tuple(OnVersion(each, numbers[each]) for each in sorted(numbers, reverse=True))
            running.append(Running(held.key, held.name, held.name_en, versions))
    return tuple(running)


def _end(ctx: Context, tx: Transaction, actor: Actor, draft: ModelDraft, done: Deployed, *, note: str) -> None:
    now = ctx.clock.now()
    ended = replace(
        draft,
        state=DraftState.RELEASED,
        note=note,
        changed_at=now,
        ended_by=actor.person_id,
        ended_at=now,
        deployment_id=done.deployment_id or "",
    )
    model_drafts.save(tx, ended)
    trials.drop_of_draft(tx, draft.id)
    drafting.tell(ctx, tx, draft, DraftMove.RELEASED, by=actor.person_id, why=note)


def _versions(tx: Transaction, answer: Mapping[str, object]) -> tuple[Definition, ...]:
    ids = answer["definitionIds"]
    return tuple(definitions.by_id(tx, str(each)) for each in ids) if isinstance(ids, list) else ()
