"""Which cells of the support matrix a diagram covers: for each element, its row and column in docs/modeling.md."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from tests.conftest import ROOT

_MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_EVENTS = {"startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "endEvent", "boundaryEvent"}
_KINDS = {"compensate": "compensation"}
_WORDS = {
    "task": "task",
    "manualTask": "manual task",
    "userTask": "user task",
    "scriptTask": "script task",
    "businessRuleTask": "business rule task",
    "serviceTask": "service task",
    "sendTask": "send task",
    "receiveTask": "receive task",
    "callActivity": "call activity",
    "subProcess": "subprocess",
    "transaction": "transaction",
    "adHocSubProcess": "ad hoc subprocess",
    "exclusiveGateway": "exclusive gateway",
    "inclusiveGateway": "inclusive gateway",
    "parallelGateway": "parallel gateway",
    "complexGateway": "complex gateway",
    "eventBasedGateway": "event-based gateway",
}
_ROOTS = {
    "collaboration": "collaboration",
    "signal": "message, signal, error, escalation",
    "itemDefinition": "item definition",
    "interface": "interface and operation",
    "dataStore": "data store",
    "category": "category",
    "correlationProperty": "correlation property",
    "resource": "resource",
}
_DATA = {
    "ioSpecification": "input and output specification",
    "property": "property",
}
_BESIDE = {"lane": "lanes", "dataObject": "data object", "dataStoreReference": "data store"}
Position: TypeAlias = tuple[str, str]
"""A row of the matrix and its column; no column where the row has but one."""
NOT_IN_FLOW: frozenset[Position] = frozenset((row, "") for row in (*_ROOTS.values(), *_BESIDE.values()))
"""What no history names."""


def in_the_manual() -> frozenset[Position]:
    """Every cell that the manual marks ✔."""
    text = (ROOT / "docs/modeling.md").read_text(encoding="utf-8")
    matrix = text.partition("<!-- the matrix begins -->")[2].partition("<!-- the matrix ends -->")[0]
    found: set[Position] = set()
    for table in matrix.strip().split("\n\n"):
        head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().split("\n"))
        for name, *marks in rows:
            row = f"{name} event" if head[0] == "event" else name
            found |= {(row, column) for column, mark in zip(head[1:], marks, strict=True) if mark == "✔"}
    return frozenset(found)


def covered(source: bytes) -> Iterator[tuple[str, Position]]:
    """The id of each element, and a cell of the matrix that it stands for."""
    root = etree.fromstring(source)
    for child in root:
        kind = _local(child)
        if kind in _ROOTS:
            yield child.get("id", ""), (_ROOTS[kind], "")
        elif kind.startswith("global"):
            yield f"{child.get('id')}.task", (f"`{kind}`, called", "")
    for element in root.iter(etree.Element):
        for position in _positions(element):
            yield element.get("id", ""), position


def _positions(element: etree._Element) -> Iterator[Position]:
    kind = _local(element)
    yield from _data(element, is_event=kind in _EVENTS)
    if kind in _EVENTS:
        yield f"{_trigger(element)} event", _place(element, kind)
        if element.find(f"{_MODEL}eventDefinitionRef") is not None:
            yield "event definition that events share", ""
    elif kind in _BESIDE:
        yield _BESIDE[kind], ""
    elif kind == "eventBasedGateway" and element.get("instantiate") == "true":
        is_parallel = element.get("eventGatewayType") == "Parallel"
        yield (
            ("the same, for all events (`Parallel`)" if is_parallel else "event-based gateway that starts a process"),
            "",
        )
    elif kind.endswith("Gateway"):
        yield _WORDS[kind], ""
    elif kind in _WORDS:
        yield _activity(element, kind), _repeated(element)
        yield from _marks(element, kind)


def _data(element: etree._Element, *, is_event: bool) -> Iterator[Position]:
    root = element.getroottree().getroot()
    stores = {each.get("id") for each in root.iter(f"{_MODEL}dataStoreReference")}
    for child in element:
        kind = _local(child)
        if kind in _DATA:
            yield _DATA[kind], ""
        if kind not in ("dataInputAssociation", "dataOutputAssociation"):
            continue
        is_in = kind == "dataInputAssociation"
        if is_event:
            yield "data input of a throwing event" if is_in else "data output of a catching event", ""
        else:
            yield f"data association, {'in' if is_in else 'out'}", ""
        if any(each.text in stores for each in child):
            yield "data store, read and written", ""
        if child.find(f"{_MODEL}transformation") is not None or child.find(f"{_MODEL}assignment") is not None:
            yield "transformation and assignment", ""


def _activity(element: etree._Element, kind: str) -> str:
    return "event subprocess" if element.get("triggeredByEvent") == "true" else _WORDS[kind]


def _marks(element: etree._Element, kind: str) -> Iterator[Position]:
    for mark in ("isForCompensation", "startQuantity", "completionQuantity"):
        if element.get(mark) is not None:
            yield f"`{mark}`", ""
    if kind == "receiveTask" and element.get("instantiate") == "true":
        yield "receive task that starts a process", ""
    around = element.getparent()
    flows = around.iterfind(f"{_MODEL}sequenceFlow") if around is not None else ()
    conditioned = [flow for flow in flows if flow.find(f"{_MODEL}conditionExpression") is not None]
    if any(flow.get("sourceRef") == element.get("id") for flow in conditioned):
        yield "conditional flow out of an activity", ""


def _trigger(event: etree._Element) -> str:
    kinds = [re.sub("EventDefinition$", "", _local(each)) for each in event if "EventDefinition" in _local(each)]
    kinds += [_shared(event, each.text or "") for each in event.iterfind(f"{_MODEL}eventDefinitionRef")]
    kinds = [each for each in kinds if each != "eventDefinitionRef"]
    if len(kinds) > 1:
        return "parallel multiple" if event.get("parallelMultiple") == "true" else "multiple"
    return _KINDS.get(kinds[0], kinds[0]) if kinds else "none"


def _shared(event: etree._Element, name: str) -> str:
    (found,) = [each for each in event.getroottree().getroot() if each.get("id") == name]
    return _local(found).removesuffix("EventDefinition")


def _place(event: etree._Element, kind: str) -> str:
    around = event.getparent()
    match kind:
        case "startEvent" if around is not None and around.get("triggeredByEvent") == "true":
            is_beside = event.get("isInterrupting") == "false"
            return "the same, not interrupting" if is_beside else "start of an event subprocess"
        case "startEvent":
            is_inside = around is not None and _local(around) != "process"
            return "start of a subprocess" if is_inside else "start of a process"
        case "boundaryEvent":
            return "boundary, not interrupting" if event.get("cancelActivity") == "false" else "boundary"
        case "endEvent":
            return "end"
        case _:
            return "intermediate, catching" if kind == "intermediateCatchEvent" else "intermediate, throwing"


def _repeated(activity: etree._Element) -> str:
    loop = next((each for each in activity if _local(each).endswith("LoopCharacteristics")), None)
    if loop is None:
        return "once"
    if loop.get("behavior", "All") != "All":
        return "events as bodies end (`behavior`)"
    if _local(loop) == "standardLoopCharacteristics":
        return "standard loop"
    if loop.find(f"{_MODEL}loopCardinality") is not None:
        return "counted"
    return f"multi-instance, {'sequential' if loop.get('isSequential') == 'true' else 'parallel'}"


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
