"""Data that moves at the start and the end of an element: along its associations, into and out of its input and output
sets (BPMN 2.0.2, 10.4.2), and between a step and the data stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import uuid5

from flowsvc.domain.errors import DataMissing, ScriptFailed
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.items import Assignment, Association, Data, DataSet, Item, Place
from flowsvc.engine.outcome import StoreWritten
from flowsvc.engine.semantics.instance import Instance, Token
from flowsvc.engine.semantics.variables import NOWHERE, Chain, copied


def open_items(instance: Instance, scope: str, data: Data, *, given: Collection[str], by_token: str) -> None:
    """The data objects, properties, inputs and outputs of a process exist in its scope; those not given are null."""
    for name in data.names:
        if name not in given:
            instance.variables.put(scope, name, None, by_token=by_token)


def require_process_inputs(token: Token) -> None:
    """The process that begins with the token has its inputs. DataMissing where no input set is complete."""
    data: Data = token.workflow.spec.data
    if data.input_sets:
        instance = token.instance
        values = instance.variables.seen_from(instance.chain_of(token.workflow))
        _complete(data.input_sets, values, of=token.workflow.spec.process_key)


def taken(token: Token) -> Variables:
    """What the element has of its own as it starts: its properties and outputs without value, and its inputs as the
    associations give them. DataMissing where no input set is complete."""
    data = token.node.data
    held = token.instance.variables.of(token.internal_data.get("local", NOWHERE))
    own = {name: held.get(name) for name in data.names}
    for association in data.reads:
        _follow(token, association, own)
    chosen = _complete(data.input_sets, own, of=_title(token))
    if any(each.id == chosen and each.goes_with for each in data.input_sets):
        token.internal_data["inputs"] = chosen
    return own


def taken_for_loop(token: Token) -> Variables:
    """What the whole of a multi-instance activity has of its own: the input with the items, and the output that
    collects. DataMissing where there are no items to be had."""
    data = token.node.data
    own: Variables = {name: None for name in (data.loop_input, data.loop_output) if name}
    for association in data.reads:
        if association.target.name == data.loop_input:
            _follow(token, association, own)
    if data.loop_input:
        _complete([DataSet((data.loop_input,))], own, of=_title(token))
    return own


def keep(token: Token, values: Mapping[str, Value]) -> None:
    """The values stand among the element's own variables."""
    if values:
        scope = token.internal_data.setdefault("local", token.node.local_scope(token))
        for name, value in values.items():
            token.instance.variables.put(scope, name, value, by_token=token.key)


def keep_for_inside(token: Token, values: Mapping[str, Value]) -> None:
    """The values wait for the start event inside, and nothing else sees them."""
    if values:
        scope = token.internal_data["caught"] = uuid5(token.id, "caught").hex
        for name, value in values.items():
            token.instance.variables.put(scope, name, value, by_token=token.key)


def pass_inside(token: Token, begun: Token) -> None:
    """What waited is the start event's own."""
    if "caught" in token.internal_data:
        begun.internal_data["local"] = token.internal_data.pop("caught")


def hand_out(token: Token, *, of_whole: bool = False) -> None:
    """What the element's output associations name stands in its targets. DataMissing where no output set is complete.
    Of a multi-instance activity the whole hands out what it has collected, and each body the rest."""
    data = token.node.data
    if not of_whole:
        _require_outputs(token, data)
    handed: dict[Item, Variables] = {}
    for association in data.writes:
        if _collects(association, data) is of_whole:
            _follow(token, association, handed.setdefault(association.target, {}))
    for item, values in handed.items():
        for name, value in values.items():
            _write(token, item, name, value)


def _collects(association: Association, data: Data) -> bool:
    return bool(data.loop_output) and any(
        each.place is Place.OWN and each.name == data.loop_output for each in association.sources
    )


def _require_outputs(token: Token, data: Data) -> None:
    sets: Sequence[DataSet] = data.output_sets
    chosen = token.internal_data.get("inputs")
    for each in data.input_sets:
        if each.id == chosen and each.goes_with:
            sets = [one for one in sets if one.id in each.goes_with]
    if data.loop_output:
        sets = [DataSet(tuple(n for n in one.required if n != data.loop_output), one.goes_with, one.id) for one in sets]
    if sets:
        seen = token.instance.variables.seen_from(token.instance.chain(token))
        _complete(sets, seen, of=_title(token), are_outputs=True)


def _complete(sets: Sequence[DataSet], values: Mapping[str, Value], *, of: str, are_outputs: bool = False) -> str:
    """The id of the first set that is complete."""
    for each in sets:
        if all(values.get(name) is not None for name in each.required):
            return each.id
    if not sets:
        return ""
    missing = tuple(name for name in sets[0].required if values.get(name) is None)
    listed = ", ".join(missing)
    if are_outputs:
        said = f"Utdata saknas för {of}: {listed}. Ge dem ett värde, eller gör dem valfria i diagrammet."
    else:
        said = f"Indata saknas för {of}: {listed}. Ge dem ett värde, eller gör dem valfria i diagrammet."
    raise DataMissing(said, names=missing)


def _title(token: Token) -> str:
    return token.node.element.name or token.node.element.id


def _follow(token: Token, association: Association, into: Variables) -> None:
    """The target's new value stands in `into`; nothing does where a source has no value (BPMN 2.0.2, 10.4.2)."""
    instance, target = token.instance, association.target
    sources = {each.name: _read(token, each) for each in association.sources}
    if any(value is None for value in sources.values()):
        return
    also = {name: copied(value) for name, value in sources.items()}
    chain = instance.chain(token)
    if association.transformation:
        value = instance.expressions.value(chain, association.transformation, also=also)
    elif association.assignments:
        value = into[target.name] if target.name in into else _read(token, target)
    else:
        (value,) = sources.values()
    value = copied(value)
    for each in association.assignments:
        part = instance.expressions.value(chain, each.source, also=also)
        value = _with(value, each, part, target)
    if target.is_collection and value is not None and not isinstance(value, list):
        raise ScriptFailed(f"{target.name} är en samling, och värdet är ingen lista.", names=(target.name,))
    into[target.name] = value


def _with(value: Value, assignment: Assignment, part: Value, target: Item) -> Value:
    """The value with the part in its place; what is not there yet becomes a context."""
    if not assignment.path:
        return copied(part)
    whole: Value = {} if value is None else value
    at = whole
    for index, name in enumerate(assignment.path):
        if not isinstance(at, dict):
            raise ScriptFailed(f"{target.name} har inga delar att skriva till.", names=(target.name,))
        if index == len(assignment.path) - 1:
            at[name] = copied(part)
        else:
            if at.get(name) is None:
                at[name] = {}
            at = at[name]
    return whole


def _outside(token: Token) -> Chain:
    """What the element sees beside its own."""
    chain = token.instance.chain(token)
    return chain[1:] if "local" in token.internal_data else chain


def _read(token: Token, item: Item) -> Value:
    instance = token.instance
    if item.place is not Place.STORE:
        chain = _outside(token) if item.place is Place.AROUND else instance.chain(token)
        return instance.variables.seen_from(chain).get(item.name)
    for written in reversed(instance.record.stored):
        if written.name == item.name:
            return written.value
    return instance.around.data_stores.get(item.name)


def _write(token: Token, item: Item, name: str, value: Value) -> None:
    instance = token.instance
    match item.place:
        case Place.STORE:
            instance.record.stored.append(StoreWritten(token.key, token.node.element.id, name, copied(value)))
        case Place.AROUND:
            instance.variables.assign(_outside(token), name, value, by_token=token.key)
        case Place.OWN:
            keep(token, {name: value})
