"""Which definitions a running instance uses: pins them when it starts, and builds the engine's model from them."""

from collections.abc import Iterable, Mapping

from flowsvc.domain.definitions import (
    Binding,
    Definition,
    DefinitionKind,
    ProcessFacts,
    Reference,
    StartElement,
)
from flowsvc.domain.errors import InvalidInput, NotFound
from flowsvc.domain.forms import Form, parse_form
from flowsvc.engine.decisions import DecisionTree, parse_decisions
from flowsvc.engine.engine import Model
from flowsvc.store import definitions
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context

NEWEST = "newest"
"""The pin of a reference that asks for the newest version each time it is used."""


def facts_of(definition: Definition) -> ProcessFacts:
    """What a process definition says of itself."""
    raw = dict(definition.facts)
    raw["starts"] = tuple(StartElement(**start) for start in raw["starts"])  # type: ignore[attr-defined]  # stored by as_json
    raw["references"] = tuple(
        Reference(**{**ref, "binding": Binding(ref["binding"])})
        for ref in raw["references"]  # type: ignore[attr-defined]
    )
    raw["starter_groups"] = tuple(raw["starter_groups"])  # type: ignore[arg-type]  # a list in JSON
    return ProcessFacts(**raw)  # type: ignore[arg-type]  # the fields of ProcessFacts, as they were written


def latest(tx: Transaction, kind: DefinitionKind, key: str) -> Definition:
    """The newest version of a definition; NotFound names it."""
    found = definitions.latest(tx, kind, key)
    if found is None:
        raise NotFound(f"Det finns ingen {_WORDS[kind]} med nyckeln {key}. Publicera den först.")
    return found


_WORDS = {
    DefinitionKind.PROCESS: "process",
    DefinitionKind.DECISION: "beslutstabell",
    DefinitionKind.FORM: "blankett",
}


def pins_for(tx: Transaction, definition: Definition) -> dict[str, str]:
    """What an instance that starts now uses for as long as it runs: every form, decision and inside-called process
    that the definition reaches, each in its newest version."""
    pins = {f"process:{definition.key}": definition.id}
    waiting: list[Definition] = [definition]
    while waiting:
        for reference in facts_of(waiting.pop()).references:
            name = f"{reference.kind}:{reference.key}"
            if name in pins or (reference.kind == "process" and reference.own_case):
                continue
            found = latest(tx, DefinitionKind(reference.kind), reference.key)
            pins[name] = NEWEST if reference.binding is Binding.LATEST else found.id
            if reference.kind == "process":
                waiting.append(found)
    return pins


def pinned(tx: Transaction, pins: dict[str, str], kind: DefinitionKind, key: str) -> Definition:
    """The version of a definition that an instance with these pins uses; one that is not pinned is the newest."""
    pin = pins.get(f"{kind}:{key}", NEWEST)
    return latest(tx, kind, key) if pin == NEWEST else definitions.by_id(tx, pin)


def model_of(ctx: Context, tx: Transaction, process_key: str, pins: dict[str, str]) -> Model:
    """The engine's model of a process with the pinned definitions."""
    used: dict[DefinitionKind, dict[str, Definition]] = {
        DefinitionKind.PROCESS: {},
        DefinitionKind.DECISION: {},
    }
    for name in pins:
        kind, _, called = name.partition(":")
        if kind != DefinitionKind.FORM:
            used[DefinitionKind(kind)][called] = pinned(tx, pins, DefinitionKind(kind), called)
    ids = sorted(definition.id for group in used.values() for definition in group.values())
    key = f"model:{process_key}|" + "|".join(ids)
    kept = ctx.parsed.get(key)
    if isinstance(kept, Model):
        return kept
    model = ctx.engine.model(
        root=process_key,
        processes={name: definition.source for name, definition in used[DefinitionKind.PROCESS].items()},
        decisions={name: decision_tree(ctx, found) for name, found in used[DefinitionKind.DECISION].items()},
    )
    ctx.parsed.put(key, model)
    return model


def decision_tree(ctx: Context, definition: Definition) -> DecisionTree:
    """The parsed decision."""
    kept = ctx.parsed.get(definition.id)
    if isinstance(kept, DecisionTree):
        return kept
    imported = {name: text.encode() for name, text in _imports_of(definition).items()}
    trees = parse_decisions(definition.source, file_name=definition.file_name, imported=imported)
    tree = next(tree for tree in trees if tree.key == definition.key)
    ctx.parsed.put(definition.id, tree)
    return tree


def decision_facts(namespace: str, imports: Mapping[str, str]) -> dict[str, object]:
    """What is kept beside a decision: its namespace and a copy of the models that it imports, so that a running case
    does not change with them."""
    return {"namespace": namespace, "imports": dict(imports)} if imports else {"namespace": namespace}


def by_namespace(decisions: Iterable[Definition]) -> dict[str, bytes]:
    """The deployed decision models that other files may import; of several, the one that was deployed last."""
    latest = sorted(decisions, key=lambda each: each.deployed_at)
    return {str(each.facts["namespace"]): each.source for each in latest if each.facts.get("namespace")}


def decision_named(tx: Transaction, key: str) -> Definition:
    """The newest version of the decision with the key or, where no key is so, with the name; of several of that name
    the one that was deployed last. NotFound; InvalidInput where the last deployment has several."""
    found = definitions.latest(tx, DefinitionKind.DECISION, key)
    if found is not None:
        return found
    named = [each for each in definitions.all_latest(tx, DefinitionKind.DECISION) if each.name == key]
    newest = max((each.deployed_at for each in named), default=None)
    last = [each for each in named if each.deployed_at == newest]
    if len(last) > 1:
        keys = ", ".join(each.key for each in last)
        raise InvalidInput(f"Flera beslut heter {key}. Använd nyckeln: {keys}.")
    return last[0] if last else latest(tx, DefinitionKind.DECISION, key)


def _imports_of(definition: Definition) -> Mapping[str, str]:
    imports = definition.facts.get("imports")
    return imports if isinstance(imports, dict) else {}


def form_of(ctx: Context, definition: Definition) -> Form:
    """The parsed form."""
    kept = ctx.parsed.get(definition.id)
    if isinstance(kept, Form):
        return kept
    form = parse_form(definition.source, file_name=definition.file_name)
    ctx.parsed.put(definition.id, form)
    return form


def pinned_form(ctx: Context, tx: Transaction, definition_id: str | None) -> Form | None:
    """The form with this definition id, or None where a task has none."""
    return form_of(ctx, definitions.by_id(tx, definition_id)) if definition_id else None


def names(found: Iterable[Definition]) -> frozenset[str]:
    """The keys of the definitions."""
    return frozenset(definition.key for definition in found)
