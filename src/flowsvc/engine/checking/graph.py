"""The drawing as a graph: what leads nowhere, what is never reached, and joins that wait for ever."""

from collections.abc import Iterable

from flowsvc.engine.checking.diagram import ACTIVITIES, Diagram, Element, Process, Scope
from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.checking.joins import waiting_for_ever
from flowsvc.engine.dialect import bpmn

MOST_ELEMENTS = 2_000
MOST_LEVELS = 50

_DANGLING = refused(
    "flow.dangling",
    "Flödet {id} leder till eller från något som inte finns.",
    "Dra om flödet eller ta bort det.",
    "The flow {id} leads to or from something that is not there.",
    "Draw the flow anew or remove it.",
)
_CROSSES = refused(
    "flow.crosses",
    "Flödet {id} går över gränsen till en delprocess.",
    "Låt flödet gå till delprocessens kant, och rita en starthändelse i den.",
    "The flow {id} crosses the border of a subprocess.",
    "Let the flow end at the subprocess's edge, and draw a start event inside.",
)
_WRONG_END = refused(
    "flow.wrong_end",
    "Ett flöde kan inte {way} {name}.",
    "Ta bort flödet eller dra om det.",
    "A flow cannot {way_en} {name}.",
    "Remove the flow or draw it anew.",
)
_EMPTY = refused(
    "process.empty",
    "Processen {name} är tom.",
    "Rita det som ska göras.",
    "The process {name} is empty.",
    "Draw what is to be done.",
)
_EMPTY_INSIDE = warned(
    "scope.empty",
    "Delprocessen {name} är tom och passeras direkt.",
    "Rita det som ska göras i den, eller ta bort den.",
    "The subprocess {name} is empty and is passed straight through.",
    "Draw what is to be done in it, or remove it.",
)
_RING = refused(
    "scope.no_start",
    "{name} har ingen början: flöden leder till alla element.",
    "Rita en starthändelse.",
    "{name} has no beginning: flows lead to all elements.",
    "Draw a start event.",
)
_MANY_STARTS = refused(
    "scope.many_starts",
    "Delprocessen har flera starthändelser.",
    "Behåll en.",
    "The subprocess has several start events.",
    "Keep one.",
)
_NO_END = warned(
    "scope.no_end",
    "{name} tar aldrig slut: varje väg leder tillbaka.",
    "Rita en väg till en sluthändelse, om det inte är meningen.",
    "{name} never ends: every path leads back.",
    "Draw a path to an end event, unless this is meant.",
)
_UNREACHED = refused(
    "element.unreachable",
    "{name} nås aldrig från någon start.",
    "Koppla in det eller ta bort det.",
    "{name} is never reached from a start.",
    "Connect it or remove it.",
)
_NO_CONDITION = refused(
    "gateway.no_condition",
    "Ett flöde ut från {name} saknar villkor och är inte standardflöde.",
    "Skriv ett villkor, eller gör flödet till standardflöde.",
    "A flow out of {name} has no condition and is not the default flow.",
    "Write a condition, or make it the default flow.",
)
_DEADLOCK = refused(
    "gateway.deadlock",
    "{name} väntar på flera vägar av vilka bara en kommer att gås.",
    "Samla vägarna med en exklusiv gateway i stället.",
    "{name} waits for several paths of which only one will be taken.",
    "Join the paths with an exclusive gateway instead.",
)
_TOO_LARGE = refused(
    "diagram.too_large",
    "Diagrammet är för stort: högst 2 000 element och 50 nivåer.",
    "Dela det med anropsaktiviteter.",
    "The diagram is too large: at most 2,000 elements and 50 levels.",
    "Split it with call activities.",
)


def is_too_large(diagram: Diagram, findings: Findings) -> bool:
    """Whether the file holds more than is looked at: the processes that run count together."""
    elements = [each for process in diagram.executable for each in process.elements()]
    if len(elements) <= MOST_ELEMENTS and max((_depth(each.scope) for each in elements), default=0) <= MOST_LEVELS:
        return False
    findings.add(_TOO_LARGE, diagram.executable[0].element)
    return True


def check_graph(process: Process, findings: Findings) -> None:
    """The process holds together: every path from a start comes to an end, and no join waits in vain."""
    for scope in process.scopes():
        _check_scope(scope, process, findings)


def _depth(scope: Scope) -> int:
    depth = 1
    while scope.owner is not None:
        depth, scope = depth + 1, scope.owner.scope
    return depth


def _check_scope(scope: Scope, process: Process, findings: Findings) -> None:
    name = scope.element.get("name") or scope.id
    _check_ends_of_flows(scope, {each.id for each in process.elements()}, findings)
    if not scope.elements:
        findings.add(_EMPTY if scope.owner is None else _EMPTY_INSIDE, scope.element, name=name)
        return
    if not scope.begins and not any(each.is_event_subprocess for each in scope.elements.values()):
        findings.add(_RING, scope.element, name=name)
        return
    if scope.owner is not None and len(scope.of_kind("startEvent")) > 1:
        findings.add(_MANY_STARTS, scope.element)
    reached = _reached(scope, [*scope.begins, *(e for e in scope.elements.values() if _is_begun(scope, e))])
    if all(each.outgoing for each in reached):
        # An element that no flow leaves is an end too (BPMN 2.0.2, 10.5.1).
        findings.add(_NO_END, scope.element, name=name)
    for element in scope.elements.values():
        if element not in reached:
            findings.add(_UNREACHED, element.element, name=element.name or element.id)
        if element.kind == "exclusiveGateway":
            _check_conditions(element, findings)
    for join in waiting_for_ever(scope):
        findings.add(_DEADLOCK, join.element, name=join.name or join.id)


def _check_ends_of_flows(scope: Scope, everywhere: set[str], findings: Findings) -> None:
    for flow in scope.flows.values():
        ends = (flow.source, flow.target)
        if not all(end in scope.elements for end in ends):
            rule = _CROSSES if all(end in everywhere for end in ends) else _DANGLING
            findings.add(rule, flow.element, id=flow.id)
            continue
        source, target = scope.elements[flow.source], scope.elements[flow.target]
        if target.kind in ("startEvent", "boundaryEvent") or target.is_event_subprocess:
            words = {"way": "leda till", "way_en": "lead to"}
            findings.add(_WRONG_END, flow.element, name=target.name or target.id, **words)
        if source.kind == "endEvent" or source.is_event_subprocess:
            words = {"way": "gå ut från", "way_en": "leave"}
            findings.add(_WRONG_END, flow.element, name=source.name or source.id, **words)


def _is_begun(scope: Scope, element: Element) -> bool:
    """Something that is no flow begins it: a trigger, a link, or the compensation of what it is tied to."""
    if element.kind == "boundaryEvent" or not element.is_set_off:
        return False
    if element.is_event_subprocess or element.kind not in ACTIVITIES:
        return True
    tied = {
        each.get("sourceRef") for each in scope.element.iter(bpmn("association")) if each.get("targetRef") == element.id
    }
    return any(each.id in tied and each.triggers == ("compensate",) for each in scope.of_kind("boundaryEvent"))


def _reached(scope: Scope, starts: Iterable[Element]) -> set[Element]:
    reached: set[Element] = set()
    waiting = list(starts)
    while waiting:
        element = waiting.pop()
        if element in reached:
            continue
        reached.add(element)
        waiting.extend(scope.beyond(element))
    return reached


def _check_conditions(gateway: Element, findings: Findings) -> None:
    if len(gateway.outgoing) < 2:
        return
    for flow in gateway.outgoing:
        if flow.condition is None and flow.id != gateway.default:
            findings.add(_NO_CONDITION, flow.element, name=gateway.name or gateway.id)
