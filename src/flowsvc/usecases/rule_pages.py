"""A decision table and a form as readers see them: the table in words, the form as staff get it, and who uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain import forms, labels
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.domain.forms import Form, FormView
from flowsvc.domain.forms.model import flat
from flowsvc.engine.dmn import telling
from flowsvc.engine.dmn.telling import ToldTable
from flowsvc.store import definitions
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models
from flowsvc.usecases.context import Context
from flowsvc.usecases.counts import Counted
from flowsvc.usecases.definition_lists import title
from flowsvc.usecases.element_facts import Link
from flowsvc.usecases.filling import choices_for
from flowsvc.usecases.people import person_name


@dataclass(frozen=True)
class Heading:
    """What a reading page begins with."""

    kind: str
    key: str
    name: str
    about: str
    version: int
    newest: int
    since: datetime
    versions: tuple[int, ...]


@dataclass(frozen=True)
class VersionRow:
    """One version. `standing` are the open cases that use it, for a process and those who may see counts."""

    version: int
    since: datetime
    by: str
    note: str
    is_newest: bool
    standing: Counted | None = None


@dataclass(frozen=True)
class DecisionView:
    """A decision; `table` is None for one that is no table: then `text` says why there is nothing to show."""

    key: str
    name: str
    about: str
    table: ToldTable | None


@dataclass(frozen=True)
class DecisionPage:
    """A decision and the processes that ask it."""

    heading: Heading
    decision: DecisionView
    versions: tuple[VersionRow, ...]
    used_by: tuple[Link, ...]


@dataclass(frozen=True)
class FormPage:
    """A form, empty, and the processes that use it."""

    heading: Heading
    form: FormView
    versions: tuple[VersionRow, ...]
    used_by: tuple[Link, ...]


def decision_page(ctx: Context, actor: Actor, key: str, *, language: str, version: int | None = None) -> DecisionPage:
    """The decision in its newest version, or the one asked for; NotFound."""
    require(actor, Action.READ_DEFINITIONS)
    with ctx.store.read() as tx:
        definition, heading = found_version(tx, DefinitionKind.DECISION, key, version, language)
        view = decision_view(ctx, definition, codes_of(ctx, tx, language), language=language)
        return DecisionPage(
            heading, view, version_rows(tx, DefinitionKind.DECISION, key), _users(tx, "decision", key, language)
        )


def form_page(ctx: Context, actor: Actor, key: str, *, language: str, version: int | None = None) -> FormPage:
    """The form in its newest version, or the one asked for, as the actor would get it empty; NotFound."""
    require(actor, Action.READ_DEFINITIONS)
    with ctx.store.read() as tx:
        definition, heading = found_version(tx, DefinitionKind.FORM, key, version, language)
        form = models.form_of(ctx, definition)
        now = ctx.clock.now()
        view = forms.view(
            form,
            values={},
            known={},
            errors={},
            choices=choices_for(tx.directory(), actor),
            evaluate=lambda texts, variables: ctx.evaluate(texts, variables, now=now),
            language=language,
            today=ctx.today(),
            zone=ctx.zone,
        )
        return FormPage(heading, view, version_rows(tx, DefinitionKind.FORM, key), _users(tx, "form", key, language))


def found_version(
    tx: Transaction, kind: DefinitionKind, key: str, version: int | None, language: str
) -> tuple[Definition, Heading]:
    """The version asked for, else the newest, with what a page says of it first; NotFound."""
    every = definitions.versions(tx, kind, key)
    found = next((each for each in every if version in (None, each.version)), None)
    if found is None:
        raise NotFound("Det finns ingen sådan process, tabell eller blankett, eller ingen sådan version.")
    return found, Heading(
        kind=str(kind),
        key=key,
        name=title(found, language),
        about="",
        version=found.version,
        newest=every[0].version,
        since=found.deployed_at,
        versions=tuple(each.version for each in every),
    )


def version_rows(tx: Transaction, kind: DefinitionKind, key: str) -> tuple[VersionRow, ...]:
    """Every version under the key, newest first: since when, by whom, why."""
    every = definitions.versions(tx, kind, key)
    notes = definitions.notes_of(tx, [each.deployment_id for each in every])
    known = tx.directory()
    return tuple(
        VersionRow(
            version=each.version,
            since=each.deployed_at,
            by=person_name(known, each.deployed_by),
            note=notes.get(each.deployment_id, ""),
            is_newest=each is every[0],
        )
        for each in every
    )


def decision_view(ctx: Context, definition: Definition, codes: telling.Codes, *, language: str) -> DecisionView:
    """The decision in words."""
    tree = models.decision_tree(ctx, definition)
    return DecisionView(
        key=definition.key,
        name=title(definition, language),
        about=telling.description(definition.source, definition.key),
        table=telling.told(tree, codes, language=language),
    )


def codes_of(ctx: Context, tx: Transaction, language: str) -> telling.Codes:
    """The words of codes: those that forms offer for a variable of the name, and those of levels and outcomes."""
    kept = ctx.parsed.get(f"codes:{language}:{_stamp(tx)}")
    if isinstance(kept, dict):
        return kept
    found: dict[str, dict[str, str]] = {
        "": {
            code: labels.said(vocabulary, code, language)
            for vocabulary in ("levels", "outcomes")
            for code in labels.VOCABULARIES[vocabulary]
        }
    }
    for definition in definitions.all_latest(tx, DefinitionKind.FORM):
        for name, words in _offered(models.form_of(ctx, definition), language).items():
            known = found.setdefault(name, {})
            for code, said in words.items():
                known.setdefault(code, said)
    ctx.parsed.put(f"codes:{language}:{_stamp(tx)}", found)
    return found


def _stamp(tx: Transaction) -> str:
    return "|".join(each.id for each in definitions.all_latest(tx, DefinitionKind.FORM))


def _offered(form: Form, language: str) -> Mapping[str, dict[str, str]]:
    return {
        each.key: {choice.value: choice.words(language) for choice in each.options}
        for each in flat(form.components)
        if each.key and each.options
    }


def _users(tx: Transaction, kind: str, key: str, language: str) -> tuple[Link, ...]:
    """The processes that name the definition, in their newest versions."""
    processes = definitions.all_latest(tx, DefinitionKind.PROCESS)
    used = [
        each
        for each in processes
        if any(ref.kind == kind and ref.key == key for ref in models.facts_of(each).references)
    ]
    return tuple(Link("process", each.key, title(each, language)) for each in used)
