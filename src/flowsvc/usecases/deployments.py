"""Checks files and makes immutable versions of what they hold: processes, decisions and forms. Hides what counts as
changed, and that what an owner has changed is never overwritten by what is shipped."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from flowsvc.domain import directory as directories
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import DefinitionInvalid, InvalidInput
from flowsvc.engine.decisions import as_text, heading_of
from flowsvc.engine.functions import FUNCTION_NAMES
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from flowsvc.store import definitions
from flowsvc.store.paging import Page
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import jobs, models
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


@dataclass(frozen=True)
class _Held:
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
    with ctx.store.read() as tx:
        known = _known(ctx, tx)
    return check(_some(files), known=known, feel=ctx.feel)


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
    what was shipped before."""
    require(actor, Action.DEPLOY)
    with ctx.store.read() as tx:
        if shipped and _is_newest(tx, files):
            return Deployed(None, (), _NOTHING)
        known = _known(ctx, tx)
    report, kept = check(_some(files), known=known, feel=ctx.feel), frozenset[str]()
    if shipped:
        with ctx.store.read() as tx:
            kept = _changed_by_owner(tx, files, report)
    if kept:
        files = [each for each in files if each.name not in kept]
        report = check(files, known=known, feel=ctx.feel)
    if report.refused:
        raise DefinitionInvalid(report.problems)
    sources = {each.name: each.data for each in files}
    with ctx.store.begin() as tx:
        now = ctx.clock.now()
        answered = replay(tx, once)
        if answered is not None:
            return _again(tx, answered, report)
        deployment_id = ctx.clock.new_id()
        made = _Made(deployment_id=deployment_id, by=actor.person_id, at=now, shipped=shipped)
        added = list(_new_versions(ctx, tx, report, sources, made, texts=_imported(report, known, files)))
        if added:
            definitions.add_deployment(
                tx, deployment_id, deployed_at=now, deployed_by=actor.person_id, name=name.strip(), note=note.strip()
            )
        for each in added:
            definitions.add_definition(tx, each)
        for each in added:
            if each.kind is DefinitionKind.PROCESS:
                jobs.arm_start_timers(ctx, tx, each)
        done = Deployed(deployment_id if added else None, tuple(added), report, tuple(sorted(kept)))
        answer = {"deploymentId": done.deployment_id, "definitionIds": [each.id for each in added]}
        remember(tx, once, answer, now=now)
    return done


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


def _imported(report: Report, known: Known, files: Sequence[SourceFile]) -> dict[str, str]:
    """The models that the report's decisions import, by namespace, as texts to be kept with them."""
    found = {heading_of(each.data, file_name=each.name).namespace: each for each in files if each.name.endswith(".dmn")}
    texts = {}
    for namespace in {each for decision in report.decisions for each in decision.imports}:
        file = found.get(namespace) or SourceFile(namespace, known.models[namespace])
        texts[namespace] = as_text(file.data, file_name=file.name)
    return texts


def _is_newest(tx: Transaction, files: Sequence[SourceFile]) -> bool:
    newest = {each.sha256 for kind in DefinitionKind for each in definitions.all_latest(tx, kind)}
    return all(_sha256(each.data) in newest for each in files)


def _changed_by_owner(tx: Transaction, files: Sequence[SourceFile], report: Report) -> frozenset[str]:
    sources = {each.name: each.data for each in files}
    changed = set()
    for held in _held(report, {}):
        newest = definitions.latest(tx, held.kind, held.key)
        if (
            newest is not None
            and not newest.shipped
            and newest.sha256 != _sha256(held.source or sources[held.file_name])
        ):
            changed.add(held.file_name)
    return frozenset(changed)


def _held(report: Report, texts: Mapping[str, str]) -> Iterator[_Held]:
    # What others name comes first, so that it has the lower ids.
    for form in report.forms:
        drawn = form.source.encode()
        yield _Held(DefinitionKind.FORM, form.key, form.name, form.name_en, form.file_name, source=drawn)
    for decision in report.decisions:
        facts = models.decision_facts(
            decision.namespace, {each: texts[each] for each in decision.imports if each in texts}
        )
        yield _Held(DefinitionKind.DECISION, decision.key, decision.name, decision.name_en, decision.file_name, facts)
    for own in report.processes:
        file_name = report.process_files[own.key]
        yield _Held(DefinitionKind.PROCESS, own.key, own.name, own.name_en or own.name, file_name, asdict(own))


def _new_versions(
    ctx: Context,
    tx: Transaction,
    report: Report,
    sources: Mapping[str, bytes],
    made: _Made,
    *,
    texts: Mapping[str, str],
) -> Iterator[Definition]:
    for held in _held(report, texts):
        source = held.source or sources[held.file_name]
        newest = definitions.latest(tx, held.kind, held.key)
        is_same = newest is not None and newest.sha256 == _sha256(source)
        # A decision is also what it imports.
        if newest is not None and is_same and newest.facts.get("imports") == held.facts.get("imports"):
            continue
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
            sha256=_sha256(source),
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
    return Deployed(str(deployment_id) if deployment_id else None, tuple(found), report)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
