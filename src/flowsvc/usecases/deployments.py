"""Checks files and makes immutable versions of what they hold: processes, decisions and forms. The one way to a new
version, and the gate before it. Hides what counts as changed, and that what an owner has changed is never overwritten
by what is shipped."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from flowsvc.domain import directory as directories
from flowsvc.domain import model_drafts as rules
from flowsvc.domain.access import Action, Actor, deploys_unattended, require
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import DefinitionInvalid, InvalidInput
from flowsvc.domain.model_drafts import ModelDraft, NoteMissing
from flowsvc.engine.decisions import as_text, heading_of
from flowsvc.engine.functions import FUNCTION_NAMES
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from flowsvc.store import definitions, model_drafts
from flowsvc.store.paging import Page
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import drafting, jobs, models
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once, remember, replay

_NOTHING = Report((), (), (), (), {})


@dataclass(frozen=True)
class Deployed:
    """What came of a deployment. `definitions` are the new versions; with none there is no deployment."""

    deployment_id: str | None
    definitions: tuple[Definition, ...]
    report: Report
    kept: tuple[str, ...] = ()
    """Shipped files that were left out, since an owner has changed what they hold."""
    draft_id: str = ""
    """The draft that waits for a second person, where one has to approve before anything is live."""


@dataclass(frozen=True)
class Checked:
    """Files with what the check says of them beside what is live."""

    files: tuple[SourceFile, ...]
    known: Known
    report: Report


@dataclass(frozen=True)
class Held:
    """One definition that a file holds."""

    kind: DefinitionKind
    key: str
    name: str
    name_en: str
    file_name: str
    facts: Mapping[str, object] = field(default_factory=dict)
    source: bytes = b""
    """What it is itself, where it is drawn in a file of another kind."""


@dataclass(frozen=True)
class _Made:
    """What all new versions of one deployment share."""

    deployment_id: str
    by: str
    at: datetime
    shipped: bool


def check_files(ctx: Context, actor: Actor, files: Sequence[SourceFile]) -> Report:
    """What a deployment of these files would say, beside what is deployed already. Nothing changes."""
    require(actor, Action.CHECK_FILES)
    return checked(ctx, _some(files)).report


def checked(ctx: Context, files: Sequence[SourceFile]) -> Checked:
    """The files, checked beside what is live now."""
    with ctx.store.read() as tx:
        known = _known(ctx, tx)
    return Checked(tuple(files), known, check(files, known=known, feel=ctx.feel))


def deploy(
    ctx: Context,
    actor: Actor,
    files: Sequence[SourceFile],
    *,
    name: str = "",
    note: str = "",
    shipped: bool = False,
    once: Once | None = None,
) -> Deployed:
    """The newest version of all that the files hold is what they say; what is unchanged gets no new version.
    DefinitionInvalid where anything in them is refused: then nothing of them is deployed. Shipped files replace only
    what was shipped before; a draft offers those that were kept back. Where a second person has to approve, the files
    wait in a submitted draft, and nothing is live yet."""
    require(actor, Action.DEPLOY)
    if shipped:
        return _deploy_shipped(ctx, actor, files, name=name)
    found = checked(ctx, _some(files))
    if found.report.refused:
        raise DefinitionInvalid(found.report.problems)
    has_to_wait = ctx.approvals > 0 and not deploys_unattended(actor)
    with ctx.store.begin() as tx:
        answered = replay(tx, once)
        if answered is not None:
            return _again(tx, answered, found.report)
        if has_to_wait:
            done = _wait(ctx, tx, actor, found, name=name, note=note)
        else:
            done = put_live(ctx, tx, actor, found, name=name, note=note)
        answer = {
            "deploymentId": done.deployment_id,
            "definitionIds": [each.id for each in done.definitions],
            "draftId": done.draft_id,
        }
        remember(tx, once, answer, now=ctx.clock.now())
    return done


def put_live(
    ctx: Context, tx: Transaction, actor: Actor, found: Checked, *, name: str, note: str, shipped: bool = False
) -> Deployed:
    """What the checked files hold is live, in new versions where it has changed. For those who have passed the gate."""
    made = _Made(deployment_id=ctx.clock.new_id(), by=actor.person_id, at=ctx.clock.now(), shipped=shipped)
    added = list(_new_versions(ctx, tx, found, made))
    if added:
        definitions.add_deployment(
            tx, made.deployment_id, deployed_at=made.at, deployed_by=made.by, name=name.strip(), note=note.strip()
        )
    for each in added:
        definitions.add_definition(tx, each)
    for each in added:
        if each.kind is DefinitionKind.PROCESS:
            jobs.arm_start_timers(ctx, tx, each)
    return Deployed(made.deployment_id if added else None, tuple(added), found.report)


def held_in(found: Checked) -> tuple[Held, ...]:
    """The processes, decisions and forms that the checked files hold, each with its own source."""
    sources = {each.name: each.data for each in found.files}
    return tuple(replace(each, source=each.source or sources[each.file_name]) for each in _held(found.report, {}))


def ground_of(tx: Transaction, found: Checked, file_name: str) -> dict[str, str]:
    """The newest live versions of all that the file holds: their ids by `KIND:KEY`. A form that a diagram draws goes
    with the diagram."""
    own = [each for each in held_in(found) if each.file_name == file_name and each.kind is rules.kind_of(file_name)]
    newest = {f"{each.kind}:{each.key}": definitions.latest(tx, each.kind, each.key) for each in own}
    return {name: each.id for name, each in newest.items() if each is not None}


def definitions_page(
    ctx: Context,
    actor: Actor,
    *,
    kind: DefinitionKind | None = None,
    key: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Definition]:
    """Definitions by kind and key, newest version first within each."""
    require(actor, Action.READ_DEFINITIONS)
    with ctx.store.read() as tx:
        return definitions.list_page(tx, kind=kind, key=key, after=after, limit=limit)


def definition_source(ctx: Context, actor: Actor, definition_id: str) -> Definition:
    """One version with its source; NotFound."""
    require(actor, Action.READ_DEFINITIONS)
    with ctx.store.read() as tx:
        return definitions.by_id(tx, definition_id)


def _deploy_shipped(ctx: Context, actor: Actor, files: Sequence[SourceFile], *, name: str) -> Deployed:
    """Shipped files are the product's own, and need nobody's approval, except over what an owner has changed."""
    with ctx.store.read() as tx:
        if _is_newest(tx, files):
            return Deployed(None, (), _NOTHING)
    whole = checked(ctx, _some(files))
    with ctx.store.read() as tx:
        kept = _changed_by_owner(tx, whole)
    found = whole
    if kept:
        rest = tuple(each for each in files if each.name not in kept)
        found = Checked(rest, whole.known, check(rest, known=whole.known, feel=ctx.feel))
    if found.report.refused:
        raise DefinitionInvalid(found.report.problems)
    with ctx.store.begin() as tx:
        done = put_live(ctx, tx, actor, found, name=name, note="", shipped=True)
        _offer(ctx, tx, actor, [each for each in files if each.name in kept], whole)
    return replace(done, kept=tuple(sorted(kept)))


def _offer(ctx: Context, tx: Transaction, actor: Actor, files: Sequence[SourceFile], whole: Checked) -> None:
    """Each shipped file that an owner has changed lies in a draft of its own, once for each of its contents. An older
    offer that nobody has touched says what the newer one says instead."""
    if files:
        tx.wait_for_lock("shipped drafts")
    for file in files:
        origin, ground = f"shipped:{file.name}:{rules.sha256_of(file.data)}", ground_of(tx, whole, file.name)
        if model_drafts.of_origin(tx, origin) is not None:
            continue
        older = _untouched_offer(tx, file.name)
        if older is not None:
            there = replace(model_drafts.file_of(tx, older.id, file.name), based_on=ground)
            drafting.save_file(ctx, tx, replace(older, origin=origin), there, file.data, by=actor.person_id)
        else:
            draft = drafting.start(ctx, tx, by=actor.person_id, name=f"{file.name} från flowsvc", origin=origin)
            drafting.add_file(ctx, tx, draft, file, by=actor.person_id, based_on=ground)


def _untouched_offer(tx: Transaction, file_name: str) -> ModelDraft | None:
    for each in model_drafts.going_on(tx):
        if each.origin.startswith(f"shipped:{file_name}:"):
            draft = model_drafts.locked(tx, each.id)
            if rules.is_untouched(draft, model_drafts.changes_of(tx, draft.id)):
                return draft
    return None


def _wait(ctx: Context, tx: Transaction, actor: Actor, found: Checked, *, name: str, note: str) -> Deployed:
    """The files that differ from what is live lie in a submitted draft; in the one that waits with the same content
    already, where there is one."""
    differing = {held.file_name for held, _newest, _source in _differing(tx, found)}
    files = [each for each in found.files if each.name in differing]
    if not files:
        return Deployed(None, (), found.report)
    if not note.strip():
        raise NoteMissing("Ange i note vad som ändras och varför, så att den som ska godkänna det vet.")
    content = rules.summed_up({each.name: rules.sha256_of(each.data) for each in files})
    waiting = model_drafts.waiting_with(tx, content)
    if waiting is None:
        title = " ".join(name.split()) or ", ".join(each.name for each in files)
        draft = drafting.start(ctx, tx, by=actor.person_id, name=title[: rules.NAME_LIMIT])
        for file in files:
            ground = ground_of(tx, found, file.name)
            draft = drafting.add_file(ctx, tx, draft, file, by=actor.person_id, based_on=ground)
        waiting = drafting.submit(ctx, tx, draft, by=actor.person_id, note=note.strip())
    return Deployed(None, (), found.report, draft_id=waiting.id)


def _some(files: Sequence[SourceFile]) -> Sequence[SourceFile]:
    names = [each.name for each in files]
    if not names:
        raise InvalidInput("Det finns ingen fil att publicera. Ange minst en .bpmn, .dmn eller .form.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"Flera filer heter {', '.join(twice)}. Ge varje fil ett eget namn.")
    return files


def _known(ctx: Context, tx: Transaction) -> Known:
    deployed = {kind: definitions.all_latest(tx, kind) for kind in DefinitionKind}
    facts = [models.facts_of(each) for each in deployed[DefinitionKind.PROCESS]]
    directory = ctx.store.directory(tx)
    return Known(
        processes=models.names(deployed[DefinitionKind.PROCESS]),
        decisions=models.names(deployed[DefinitionKind.DECISION]),
        forms=models.names(deployed[DefinitionKind.FORM]),
        # Before a directory is imported every group would be unknown.
        groups=directories.groups(directory) if directory.posts else None,
        functions=FUNCTION_NAMES,
        connectors=frozenset(ctx.connectors),
        calls={each.key: each.called_inside for each in facts},
        models=models.by_namespace(deployed[DefinitionKind.DECISION]),
    )


def _imported(found: Checked) -> dict[str, str]:
    """The models that the decisions import, by namespace, as texts to be kept with them."""
    tables = [each for each in found.files if each.name.endswith(".dmn")]
    drawn = {heading_of(each.data, file_name=each.name).namespace: each for each in tables}
    texts = {}
    for namespace in {each for decision in found.report.decisions for each in decision.imports}:
        file = drawn.get(namespace) or SourceFile(namespace, found.known.models[namespace])
        texts[namespace] = as_text(file.data, file_name=file.name)
    return texts


def _is_newest(tx: Transaction, files: Sequence[SourceFile]) -> bool:
    newest = {each.sha256 for kind in DefinitionKind for each in definitions.all_latest(tx, kind)}
    return all(rules.sha256_of(each.data) in newest for each in files)


def _changed_by_owner(tx: Transaction, found: Checked) -> frozenset[str]:
    changed = set()
    for held in held_in(found):
        newest = definitions.latest(tx, held.kind, held.key)
        if newest is not None and not newest.shipped and newest.sha256 != rules.sha256_of(held.source):
            changed.add(held.file_name)
    return frozenset(changed)


def _held(report: Report, texts: Mapping[str, str]) -> Iterator[Held]:
    # What others name comes first, so that it has the lower ids.
    for form in report.forms:
        drawn = form.source.encode()
        yield Held(DefinitionKind.FORM, form.key, form.name, form.name_en, form.file_name, source=drawn)
    for decision in report.decisions:
        facts = models.decision_facts(
            decision.namespace, {each: texts[each] for each in decision.imports if each in texts}
        )
        yield Held(DefinitionKind.DECISION, decision.key, decision.name, decision.name_en, decision.file_name, facts)
    for own in report.processes:
        file_name = report.process_files[own.key]
        yield Held(DefinitionKind.PROCESS, own.key, own.name, own.name_en or own.name, file_name, asdict(own))


def _differing(tx: Transaction, found: Checked) -> Iterator[tuple[Held, Definition | None, bytes]]:
    """What of the files is not live as they say it, with its newest version and its own source."""
    sources = {each.name: each.data for each in found.files}
    for held in _held(found.report, _imported(found)):
        source = held.source or sources[held.file_name]
        newest = definitions.latest(tx, held.kind, held.key)
        is_same = newest is not None and newest.sha256 == rules.sha256_of(source)
        # A decision is also what it imports.
        if newest is not None and is_same and newest.facts.get("imports") == held.facts.get("imports"):
            continue
        yield held, newest, source


def _new_versions(ctx: Context, tx: Transaction, found: Checked, made: _Made) -> Iterator[Definition]:
    for held, newest, source in _differing(tx, found):
        yield Definition(
            id=ctx.clock.new_id(),
            kind=held.kind,
            key=held.key,
            version=newest.version + 1 if newest is not None else 1,
            deployment_id=made.deployment_id,
            name=held.name,
            name_en=held.name_en,
            file_name=f"{held.key}.form" if held.source else held.file_name,
            source=source,
            sha256=rules.sha256_of(source),
            feel_hash=ctx.feel.bundle_hash,
            shipped=made.shipped,
            facts=dict(held.facts),
            deployed_at=made.at,
            deployed_by=made.by,
        )


def _again(tx: Transaction, answer: Mapping[str, object], report: Report) -> Deployed:
    ids = answer["definitionIds"]
    found = [definitions.by_id(tx, str(each)) for each in ids] if isinstance(ids, list) else []
    deployment_id = answer["deploymentId"]
    draft_id = str(answer.get("draftId") or "")
    return Deployed(str(deployment_id) if deployment_id else None, tuple(found), report, draft_id=draft_id)
