"""What a process owner's editor asks while a diagram is drawn: what there is to choose, whether a text is FEEL, and
which day a time means. Nothing changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from flowsvc.connectors.base import Connector
from flowsvc.domain import labels
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.directory import Directory, Level, groups
from flowsvc.domain.errors import InvalidInput, ScriptFailed
from flowsvc.engine import dialect
from flowsvc.engine.dialect import NotTranslatable
from flowsvc.engine.feel import FeelSyntax
from flowsvc.engine.functions import FUNCTIONS
from flowsvc.engine.outcome import Due
from flowsvc.engine.parsing import Report
from flowsvc.engine.timers import due, next_in_cycle
from flowsvc.store import definitions
from flowsvc.usecases import draft_files, model_drafts, models
from flowsvc.usecases.context import Context

TEXT_LIMIT = 64_000

ExpressionKind = Literal["feel", "maybe"]
TimeKind = Literal["time", "cycle"]


@dataclass(frozen=True)
class Offered:
    """One thing to choose: its key in the file, its name, and what it reads and gives where that is known."""

    key: str
    name: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    definition_id: str = ""
    """The newest live version; empty where there is none."""
    file_name: str = ""
    """The draft's file that holds it; empty where the draft does not."""


@dataclass(frozen=True)
class KnownThings:
    """All that the pickers of the diagram editor offer."""

    forms: tuple[Offered, ...] = ()
    decisions: tuple[Offered, ...] = ()
    processes: tuple[Offered, ...] = ()
    messages: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    groups: tuple[Offered, ...] = ()
    posts: tuple[Offered, ...] = ()
    units: tuple[Offered, ...] = ()
    levels: tuple[Offered, ...] = ()
    kinds: tuple[str, ...] = ()
    functions: tuple[Offered, ...] = ()
    connectors: tuple[Offered, ...] = ()


@dataclass(frozen=True)
class ExpressionFound:
    """Whether the text can be used, and what it reads; `fault` says why not."""

    ok: bool
    fault: str = ""
    fault_en: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Template:
    """A way to do a service task, that a drawing tool may offer."""

    id: str
    name: str
    text: str
    property_name: str
    inputs: tuple[tuple[str, str, bool], ...] = field(default_factory=tuple)
    """Name, label, and whether it has to be given."""
    outputs: tuple[str, ...] = ()


def known_things(ctx: Context, actor: Actor, draft_id: str, *, language: str) -> KnownThings:
    """What the draft's diagrams may refer to: what is live together with what the draft holds; NotFound."""
    require(actor, Action.READ_DRAFTS)
    model_drafts.show_draft(ctx, actor, draft_id)
    report = draft_files.check_draft(ctx, actor, draft_id)
    with ctx.store.read() as tx:
        live = {kind: definitions.all_latest(tx, kind) for kind in DefinitionKind}
        directory = ctx.store.directory(tx)
    is_english = language == "en"

    def offered(kind: DefinitionKind) -> tuple[Offered, ...]:
        named = {
            each.key: Offered(each.key, (is_english and each.name_en) or each.name, definition_id=each.id)
            for each in live[kind]
        }
        for each in _drawn(report, kind):
            named[each.key] = Offered(each.key, (is_english and each.name_en) or each.name, file_name=each.file_name)
        return tuple(sorted(named.values(), key=lambda each: (each.name.casefold(), each.key)))

    starts = [start for each in live[DefinitionKind.PROCESS] for start in models.facts_of(each).starts]
    starts += [start for each in report.processes for start in each.starts]
    return KnownThings(
        forms=offered(DefinitionKind.FORM),
        decisions=offered(DefinitionKind.DECISION),
        processes=offered(DefinitionKind.PROCESS),
        messages=_sorted(start.message for start in starts),
        signals=_sorted(start.signal for start in starts),
        groups=tuple(Offered(each, each) for each in sorted(groups(directory))),
        posts=tuple(_posts(directory, is_english=is_english)),
        units=tuple(_units(directory, is_english=is_english)),
        levels=tuple(Offered(each.name, labels.level(each, language)) for each in Level),
        kinds=tuple(labels.KINDS),
        functions=tuple(
            Offered(each.name, each.text_en if is_english else each.text, each.inputs, each.outputs)
            for each in FUNCTIONS.values()
        ),
        connectors=tuple(
            Offered(each.name, each.label_en if is_english else each.label, tuple(one.name for one in each.inputs))
            for each in ctx.connectors.values()
        ),
    )


def check_expression(ctx: Context, actor: Actor, *, text: str, kind: ExpressionKind) -> ExpressionFound:
    """Whether the engine can read the text as a diagram has it: FEEL, or with `maybe` also plain text."""
    require(actor, Action.READ_DRAFTS)
    if len(text) > TEXT_LIMIT:
        raise InvalidInput("Uttrycket är längre än 64 kB.")
    try:
        feel = dialect.condition_of(text) if kind == "feel" else dialect.feel_of(text)
    except NotTranslatable:
        return ExpressionFound(
            False,
            "Uttrycket säger mer än en variabel eller en jämförelse. Skriv det i FEEL, med ett likhetstecken först.",
            "The expression says more than a variable or a comparison. Write FEEL, beginning with an equals sign.",
        )
    if feel is None:
        return ExpressionFound(True)
    if not feel:
        return ExpressionFound(False, "Uttrycket är tomt.", "The expression is empty.")
    for issue in ctx.feel.check(feel):
        return ExpressionFound(False, issue.message, issue.message_en or issue.message)
    try:
        return ExpressionFound(True, names=ctx.feel.variables(feel))
    except FeelSyntax:
        return ExpressionFound(True)


def due_moment(ctx: Context, actor: Actor, *, text: str, kind: TimeKind) -> Due | None:
    """When something that begins now is due by this rule, by the working days of this directory; the first time of a
    cycle, None where it has none. ScriptFailed where the text is no time."""
    require(actor, Action.READ_DRAFTS)
    if len(text) > TEXT_LIMIT:
        raise ScriptFailed("Tiden går inte att räkna ut. Skriv till exempel P5BD, PT2H eller 2026-12-03.")
    with ctx.store.read() as tx:
        closed = frozenset(day.on for day in ctx.store.directory(tx).closed_days)
    now = ctx.clock.now()
    if kind == "cycle":
        first = next_in_cycle(text.strip(), last=None, now=now, closed_days=closed, zone=ctx.zone)
        return None if first is None else first.due
    return due(text.strip(), now=now, closed_days=closed, zone=ctx.zone)


def element_templates(ctx: Context, actor: Actor) -> list[dict[str, object]]:
    """Templates for Camunda Modeler (Camunda 7): one for each function and connector of this installation."""
    require(actor, Action.READ_DEFINITIONS)
    return [_as_template(each) for each in (*_functions(), *map(_connector, ctx.connectors.values()))]


def _functions() -> Iterator[_Template]:
    for each in FUNCTIONS.values():
        inputs = tuple((name, name, False) for name in each.inputs)
        yield _Template(f"flowsvc.function.{each.name}", each.name, each.text, "function", inputs, each.outputs)


def _connector(each: Connector) -> _Template:
    inputs = tuple((one.name, one.label, one.required) for one in each.inputs)
    return _Template(f"flowsvc.connector.{each.name}", each.label, each.label, "connector", inputs)


def _as_template(each: _Template) -> dict[str, object]:
    name = each.id.split(".", 2)[2]
    way = {
        "type": "Hidden",
        "value": name,
        "binding": {"type": "camunda:property", "name": f"flowsvc:{each.property_name}"},
    }
    given = [
        {
            "type": "String",
            "label": label,
            "value": f"={key}",
            "binding": {"type": "camunda:inputParameter", "name": key},
            **({"constraints": {"notEmpty": True}} if required else {}),
        }
        for key, label, required in each.inputs
    ]
    gives = [
        {
            "type": "String",
            "label": key,
            "value": key,
            "binding": {"type": "camunda:outputParameter", "source": f"={key}"},
        }
        for key in each.outputs
    ]
    return {
        "$schema": "https://unpkg.com/@camunda/element-templates-json-schema/resources/schema.json",
        "id": each.id,
        "name": each.name,
        "description": each.text,
        "appliesTo": ["bpmn:ServiceTask"],
        "properties": [way, *given, *gives],
    }


@dataclass(frozen=True)
class _Drawn:
    key: str
    name: str
    name_en: str
    file_name: str


def _drawn(report: Report, kind: DefinitionKind) -> Iterator[_Drawn]:
    match kind:
        case DefinitionKind.FORM:
            yield from (_Drawn(each.key, each.name, each.name_en, each.file_name) for each in report.forms)
        case DefinitionKind.DECISION:
            yield from (_Drawn(each.key, each.name, each.name_en, each.file_name) for each in report.decisions)
        case DefinitionKind.PROCESS:
            files = report.process_files
            yield from (_Drawn(each.key, each.name, each.name_en, files[each.key]) for each in report.processes)


def _posts(directory: Directory, *, is_english: bool) -> Iterator[Offered]:
    for post in directory.posts.values():
        name = (is_english and post.name_en) or post.name
        unit = directory.units[post.unit_id]
        where = (is_english and unit.name_en) or unit.name
        yield Offered(f"post:{post.id}", f"{name}, {where}")


def _units(directory: Directory, *, is_english: bool) -> Iterator[Offered]:
    for unit in directory.units.values():
        yield Offered(f"unit:{unit.id}", (is_english and unit.name_en) or unit.name)


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({each for each in names if each and not each.startswith("=")}))
