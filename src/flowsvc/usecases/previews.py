"""Models as they stand on a process owner's screen, not yet deployed: a form as staff will see it, and a decision tried
with values. Nothing is stored, and nothing of a case is read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flowsvc.domain import forms
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import DefinitionInvalid, InvalidInput, Problem
from flowsvc.domain.forms import FormView
from flowsvc.domain.forms import words as form_words
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.decisions import heading_of, parse_decisions
from flowsvc.engine.feel import FeelFault, FeelUnavailable
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import definitions
from flowsvc.usecases import models
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import choices_for

_QUOTED = re.compile(r'"([^"\\]{1,80})"')
MAX_CHOICES = 50
"""How many of a column's values are offered when a table is tried."""


@dataclass(frozen=True)
class FormPreview:
    """A form as its page will show it, or why it cannot be shown."""

    title: str
    form: FormView | None
    problems: tuple[Problem, ...] = ()
    fault: str = ""
    """Why its conditions cannot be asked."""


@dataclass(frozen=True)
class Model:
    """A file of decisions as it stands on the screen, and the files of the draft beside it, which it may import."""

    name: str
    source: bytes
    beside: tuple[SourceFile, ...] = ()


@dataclass(frozen=True)
class AskedInput:
    """One value that a decision needs: its name, what its column calls it, its type, and values that its rules name."""

    name: str
    label: str
    type: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """The decisions of a file as (key, name), and what the chosen one needs to be tried."""

    decisions: tuple[tuple[str, str], ...]
    decision: str
    inputs: tuple[AskedInput, ...]


@dataclass(frozen=True)
class MatchedPlace:
    """A rule that gave the answer: the decision's key and name, the rule's id, and its number from one."""

    decision: str
    name: str
    rule: str
    index: int


@dataclass(frozen=True)
class Tried:
    """What a decision answered: (what, value in words), by which rules, and why something in it is nothing."""

    outputs: tuple[tuple[str, str], ...]
    matched: tuple[MatchedPlace, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class TableText:
    """A decision table as it is written: its name, its hit policy, its column titles and its rules' cells."""

    name: str
    hit_policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]


def preview_form(
    ctx: Context, actor: Actor, source: bytes, *, file_name: str, language: str, everything: bool
) -> FormPreview:
    """The form as staff will see it while it is empty; with `everything`, also what its conditions hide then."""
    require(actor, Action.CHECK_FILES)
    now = ctx.clock.now()
    try:
        form = forms.parse_form(source, file_name=file_name)
    except DefinitionInvalid as error:
        return FormPreview(file_name, None, error.problems)
    title = (form.name_en if language == "en" else "") or form.name

    def evaluate(texts: Sequence[str], variables: Variables) -> Sequence[Value]:
        return [False] * len(texts) if everything else ctx.evaluate(texts, variables, now=now)

    with ctx.store.read() as tx:
        choices = choices_for(tx.directory(), actor)
    try:
        shown = forms.view(
            form,
            values={},
            known={},
            errors={},
            choices=choices,
            evaluate=evaluate,
            language=language,
            today=ctx.today(),
            zone=ctx.zone,
        )
    except FeelUnavailable:
        raise
    except FeelFault as error:
        return FormPreview(title, None, fault=error.message)
    return FormPreview(title, shown)


def question_of(ctx: Context, actor: Actor, model: Model, *, decision: str = "") -> Question:
    """What the decision needs to be tried; without a key, that which no other of the file requires. DefinitionInvalid
    where the file cannot be read."""
    require(actor, Action.EVALUATE_DECISION)
    trees = _trees(ctx, model)
    tree = _chosen(trees, decision)
    asked: dict[str, AskedInput] = {}
    _gather(ctx, tree, asked)
    named = tuple((each.key, each.name) for each in trees if each.kind == "decision")
    return Question(named, tree.key, tuple(asked.values()))


def try_decision(
    ctx: Context, actor: Actor, model: Model, *, decision: str, values: Mapping[str, str], language: str
) -> Tried:
    """What the decision answers for the values, as they were written in the fields of `question_of`. DefinitionInvalid
    where the file cannot be read; InvalidInput where a value or the table does not do."""
    require(actor, Action.EVALUATE_DECISION)
    now = ctx.clock.now()
    trees = _trees(ctx, model)
    tree = _chosen(trees, decision)
    asked: dict[str, AskedInput] = {}
    _gather(ctx, tree, asked)
    variables = {name: _value(each, values.get(name, "")) for name, each in asked.items()}
    try:
        found = ctx.feel.answer(tree, variables, now=now)
    except FeelUnavailable:
        raise
    except FeelFault as error:
        named = f" Det gäller {', '.join(error.names)}." if error.names else ""
        raise InvalidInput(f"Beslutet {tree.name or tree.key} kan inte svara: {error.message}{named}") from error
    names = {each.key: each.name for each in trees}
    return Tried(
        outputs=_told(tree, found.value, language),
        matched=tuple(
            MatchedPlace(each.decision_key, names.get(each.decision_key, each.decision_key), each.rule_id, each.index)
            for each in found.matched
        ),
        warnings=tuple(dict.fromkeys(each.message for each in found.warnings)),
    )


def tables_of(ctx: Context, actor: Actor, model: Model) -> tuple[TableText, ...]:
    """The decision tables of the file as they are written; none where the file cannot be read."""
    require(actor, Action.READ_DEFINITIONS)
    try:
        trees = _trees(ctx, model)
    except InvalidInput:
        return ()
    return tuple(
        TableText(
            name=each.name,
            hit_policy=each.table.hit_policy,
            inputs=tuple(column.label or column.expression for column in each.inputs),
            outputs=tuple(column.label or column.name for column in each.outputs),
            rules=tuple((*rule.cells, *rule.outputs) for rule in each.rules),
        )
        for each in trees
        if each.table is not None
    )


def _trees(ctx: Context, model: Model) -> tuple[DecisionTree, ...]:
    with ctx.store.read() as tx:
        known = models.by_namespace(definitions.all_latest(tx, DefinitionKind.DECISION))
    for each in model.beside:
        if each.name.endswith(".dmn"):
            known |= _importable(each)
    return parse_decisions(model.source, file_name=model.name, imported=known)


def _importable(file: SourceFile) -> dict[str, bytes]:
    """The file by its namespace; nothing where it cannot be read, which its own page tells."""
    try:
        return {heading_of(file.data, file_name=file.name).namespace: file.data}
    except InvalidInput:
        return {}


def _chosen(trees: Sequence[DecisionTree], key: str) -> DecisionTree:
    named = [each for each in trees if each.kind == "decision"]
    required = {each.tree.key for tree in named for each in tree.requires}
    if not named:
        raise InvalidInput("Filen har inget beslut att pröva. Lägg till en beslutstabell.")
    last = next((each for each in reversed(named) if each.key not in required), named[-1])
    return next((each for each in named if each.key == key), last)


def _gather(ctx: Context, tree: DecisionTree, asked: dict[str, AskedInput]) -> None:
    """What the decision and those that it requires read of the world, each once, in the order of the columns."""
    made = {name for each in tree.requires if each.tree.kind != "input" for name in _names(each.tree)}
    for each in tree.requires:
        if each.tree.kind == "input":
            name = each.tree.variable or each.tree.name
            asked.setdefault(name, AskedInput(name, each.tree.name, each.tree.type, ()))
        elif each.tree.kind == "decision":
            _gather(ctx, each.tree, asked)
    for at, column in enumerate(tree.inputs):
        for name in _reads(ctx, column.expression):
            is_whole = column.expression.strip() == name
            values = _texts(rule.cells[at] for rule in tree.rules if at < len(rule.cells)) if is_whole else ()
            if name in made:
                continue
            known = asked.get(name)
            if known is None or (is_whole and not known.values):
                label = column.label if is_whole else ""
                asked[name] = AskedInput(name, label, column.type if is_whole else "", values)
    if tree.table is None:
        for text in tree.texts:
            for name in _reads(ctx, text.text):
                if name not in made:
                    asked.setdefault(name, AskedInput(name, "", "", ()))


def _names(tree: DecisionTree) -> tuple[str, ...]:
    return tuple(filter(None, (tree.key, tree.name, tree.variable)))


def _reads(ctx: Context, text: str) -> tuple[str, ...]:
    try:
        return ctx.feel.variables(text)
    except FeelUnavailable:
        raise
    except FeelFault:
        return ()


def _texts(cells: Iterable[str]) -> tuple[str, ...]:
    """The texts within citation marks that the cells name, each once."""
    found = dict.fromkeys(text for cell in cells for text in _QUOTED.findall(cell))
    return tuple(found)[:MAX_CHOICES]


def _value(asked: AskedInput, text: str) -> object:
    """What was written as the type asks; of no declared type, a number or yes and no where it reads as one."""
    written, kind = text.strip(), asked.type
    if not written:
        return None
    if kind in ("number", "integer", "long", "double"):
        number = form_words.read_number(written)
        if number is None:
            raise InvalidInput(f"{asked.label or asked.name} ska vara ett tal. Skriv det med siffror.")
        return number
    if kind == "date":
        on = form_words.read_date(written)
        if on is None:
            raise InvalidInput(f"{asked.label or asked.name} ska vara ett datum. Skriv det som 2026-12-03.")
        return _tagged(on)
    if kind in ("boolean", "", "Any") and written in ("true", "false"):
        return written == "true"
    if kind in ("", "Any"):
        number = form_words.read_number(written)
        return written if number is None else number
    return written


def _tagged(on: date) -> dict[str, str]:
    return {"$t": "date", "v": on.isoformat()}


def _told(tree: DecisionTree, value: object, language: str) -> tuple[tuple[str, str], ...]:
    """The answer in words, by the titles of the columns; of several answers each with its number."""
    titles = {each.name: each.label or each.name for each in tree.outputs}
    rows = value if isinstance(value, list) else [value]
    found: list[tuple[str, str]] = []
    for at, row in enumerate(rows, 1):
        mark = f"{at}. " if len(rows) > 1 else ""
        if isinstance(row, dict) and set(row) != {"$t", "v"}:
            found.extend(
                (f"{mark}{titles.get(str(name), str(name))}", _words(each, language)) for name, each in row.items()
            )
        else:
            title = next(iter(titles.values()), tree.name) if len(titles) < 2 else tree.name
            found.append((f"{mark}{title}", _words(row, language)))
    return tuple(found)


def _words(value: object, language: str) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return form_words.say("yes" if value else "no", language)
        case int() | float():
            return form_words.number_words(value, language)
        case {"$t": _, "v": inner}:
            return str(inner)
        case list():
            return ", ".join(_words(each, language) for each in value) or "–"
        case dict():
            return "; ".join(f"{name}: {_words(each, language)}" for name, each in value.items())
        case _:
            return str(value)
