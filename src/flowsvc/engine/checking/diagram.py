"""A BPMN file as scopes, elements and flows. Reads what stands there, also where it is wrong, and judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.dialect import BPMN, bpmn, local_name, namespace_of
from flowsvc.engine.standard import complete

TASKS = frozenset(
    {
        "task",
        "manualTask",
        "userTask",
        "scriptTask",
        "businessRuleTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
    }
)
SUBPROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
ARTIFACTS = frozenset({"textAnnotation", "group", "association"})
DATA = frozenset({"dataObject", "dataObjectReference", "dataStoreReference"})
_TRUE = ("true", "1")
_FALSE = ("false", "0")
_ASSOCIATION = bpmn("association")
DRAWN = FLOW_NODES | ARTIFACTS | DATA | {"sequenceFlow", "lane", "participant", "messageFlow"}


@dataclass(frozen=True)
class Flow:
    """A sequence flow as drawn; its ends need not exist."""

    id: str
    source: str
    target: str
    element: etree._Element

    @property
    def condition(self) -> etree._Element | None:
        """The condition it carries."""
        return self.element.find(bpmn("conditionExpression"))


@dataclass(frozen=True, eq=False)
class Element:
    """An activity, gateway or event in a scope."""

    id: str
    kind: str
    element: etree._Element
    scope: Scope
    lane: str = ""
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    inside: Scope | None = None
    """What an embedded subprocess holds."""

    @property
    def name(self) -> str:
        """The name as drawn, on one line."""
        return " ".join(self.element.get("name", "").split())

    @property
    def triggers(self) -> tuple[str, ...]:
        """The kinds of its event definitions, without `EventDefinition`; a bare event has none."""
        return tuple(local_name(str(each.tag)).removesuffix("EventDefinition") for each in self.definitions)

    @property
    def definitions(self) -> tuple[etree._Element, ...]:
        """Its event definitions, and references to shared ones."""
        return tuple(
            child
            for child in self.element
            if local_name(str(child.tag)).endswith(("EventDefinition", "eventDefinitionRef"))
        )

    @property
    def instantiates(self) -> bool:
        """A receive task or event-based gateway by which the process starts."""
        return self.element.get("instantiate") in ("true", "1")

    @property
    def is_for_compensation(self) -> bool:
        """An activity that undoes another, and stands in no flow."""
        return self.element.get("isForCompensation") in ("true", "1")

    @property
    def links(self) -> frozenset[str]:
        """The names of the links that it throws or catches."""
        return frozenset(
            each.get("name", "") for each in self.definitions if local_name(str(each.tag)) == "linkEventDefinition"
        )

    @property
    def is_service(self) -> bool:
        """A send task that is done as a service task is: by a function, a connector or an external worker."""
        own = dialect.properties(self.element)
        return "function" in own or "connector" in own or dialect.attribute(self.element, "type") == "external"

    @property
    def worker_topic(self) -> str | None:
        """The topic under which an external worker sends the event's message; None where flowsvc sends it. Camunda
        Modeler writes camunda:type and camunda:topic on the event definition."""
        for each in self.definitions:
            if dialect.attribute(each, "type") == "external":
                return dialect.attribute(each, "topic") or ""
        return None

    @property
    def is_event_subprocess(self) -> bool:
        """It is started by an event and not by a flow."""
        return self.kind == "subProcess" and self.element.get("triggeredByEvent") in _TRUE

    @property
    def is_set_off(self) -> bool:
        """It is begun by an event, a link or a compensation, and needs no flow that leads to it."""
        return (
            self.kind == "boundaryEvent"
            or self.is_event_subprocess
            or self.element.get("isForCompensation") in _TRUE
            or (self.kind == "intermediateCatchEvent" and self.triggers == ("link",))
        )

    @property
    def attached_to(self) -> str:
        """The id of the activity on whose edge a boundary event sits."""
        return self.element.get("attachedToRef", "") if self.kind == "boundaryEvent" else ""

    @property
    def is_interrupting(self) -> bool:
        """A boundary event or the start of an event subprocess ends what it interrupts."""
        if self.kind == "boundaryEvent" and "compensate" in self.triggers:
            return False
        name = "cancelActivity" if self.kind == "boundaryEvent" else "isInterrupting"
        return self.element.get(name, "true") not in _FALSE

    @property
    def loop(self) -> etree._Element | None:
        """Its loop or multi-instance marker."""
        for name in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
            found = self.element.find(bpmn(name))
            if found is not None:
                return found
        return None

    @property
    def default(self) -> str:
        """The id of its default flow."""
        return self.element.get("default", "")


@dataclass(frozen=True, eq=False)
class Scope:
    """A process or subprocess: its elements and flows by id, in the order of the file."""

    element: etree._Element
    owner: Element | None = None
    elements: dict[str, Element] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    borders: dict[str, list[Element]] = field(default_factory=dict)
    """The boundary events, by the id of the activity on whose edge they sit."""

    @property
    def id(self) -> str:
        """The id of the process or subprocess."""
        return self.element.get("id", "")

    def boundaries(self, activity: Element) -> list[Element]:
        """The boundary events on an activity's edge."""
        return self.borders.get(activity.id, [])

    def beginnings(self) -> list[Element]:
        """Where the scope begins: its start events, and what instantiates the process."""
        return [each for each in self.elements.values() if each.kind == "startEvent" or each.instantiates]

    def starters(self) -> list[Element]:
        """The elements that wait to start the process: those behind an event-based gateway instead of the gateway."""
        found: list[Element] = []
        for each in self.beginnings():
            found.extend(self.beyond(each) if each.kind == "eventBasedGateway" else [each])
        return found

    def linked_from(self, thrower: Element) -> list[Element]:
        """The link events that catch what the link event throws."""
        if thrower.kind != "intermediateThrowEvent":
            return []
        return [each for each in self.of_kind("intermediateCatchEvent") if thrower.links & each.links]

    def undoers_of(self, event: Element) -> list[Element]:
        """The activities for compensation that are associated with the compensation event."""
        if event.kind != "boundaryEvent" or "compensate" not in event.triggers:
            return []
        at: Scope | None = self
        found: list[str] = []
        while at is not None:
            ends = [(each.get("sourceRef"), each.get("targetRef", "")) for each in at.element.iterfind(_ASSOCIATION)]
            found += [target for source, target in ends if source == event.id]
            at = at.owner.scope if at.owner is not None else None
        return [self.elements[each] for each in found if each in self.elements]

    def beyond(self, element: Element) -> list[Element]:
        """What may come right after the element: behind its flows, on its edge, at the other end of its link."""
        behind = [self.elements[flow.target] for flow in element.outgoing if flow.target in self.elements]
        return [*behind, *self.boundaries(element), *self.linked_from(element), *self.undoers_of(element)]

    def of_kind(self, *kinds: str) -> list[Element]:
        """Its own elements of these kinds."""
        return [each for each in self.elements.values() if each.kind in kinds]

    @property
    def undrawn_start(self) -> str:
        """The id by which it is started where it has no start event."""
        return f"{self.id}.start"

    @property
    def begins(self) -> list[Element]:
        """Where its flow begins: at its beginnings, and where none is drawn, at all elements together that no flow
        leads to (BPMN 2.0.2, 10.5.2), but for those that something else sets off."""
        return self.beginnings() or [
            each for each in self.elements.values() if not each.incoming and not each.is_set_off
        ]


@dataclass(frozen=True, eq=False)
class Process:
    """One process of the file."""

    element: etree._Element
    scope: Scope
    pool: str = ""

    @property
    def key(self) -> str:
        """The key that it is deployed and called by."""
        return self.element.get("id", "")

    @property
    def is_executable(self) -> bool | None:
        """Whether it is meant to run, or only to be looked at; None where the file does not say."""
        said = self.element.get("isExecutable")
        return None if said is None else said in _TRUE

    def scopes(self) -> Iterator[Scope]:
        """Its own scope and every subprocess in it, outermost first."""
        waiting = [self.scope]
        while waiting:
            scope = waiting.pop(0)
            yield scope
            waiting.extend(each.inside for each in scope.elements.values() if each.inside is not None)

    def elements(self) -> Iterator[Element]:
        """Every element in it, at any depth."""
        for scope in self.scopes():
            yield from scope.elements.values()


@dataclass(frozen=True, eq=False)
class Diagram:
    """A whole file: its processes and the definitions that they refer to."""

    root: etree._Element
    processes: tuple[Process, ...]
    shared: Mapping[str, etree._Element]
    """Messages, errors, escalations and the like, by id."""

    @property
    def executable(self) -> tuple[Process, ...]:
        """The processes that run: those that say so; where none does, those that do not say and hold something."""
        marked = tuple(each for each in self.processes if each.is_executable)
        unsaid = (each for each in self.processes if each.is_executable is None and each.scope.elements)
        return marked or tuple(unsaid)


def is_bpmn(element: etree._Element) -> bool:
    """The element belongs to BPMN itself."""
    return namespace_of(str(element.tag)) == BPMN


def read(root: etree._Element) -> Diagram:
    """The diagram whose `definitions` element is given. What the file leaves out is put into it."""
    complete(root)
    shared = {each.get("id", ""): each for each in root if is_bpmn(each) and local_name(str(each.tag)) != "process"}
    pools = {
        each.get("processRef", ""): each.get("name", "")
        for each in root.iterfind(f"{bpmn('collaboration')}/{bpmn('participant')}")
    }
    processes = tuple(
        Process(each, _scope(each, None, _lanes(each), ""), pools.get(each.get("id", ""), ""))
        for each in root.iterfind(bpmn("process"))
    )
    return Diagram(root, processes, shared)


def _lanes(process: etree._Element) -> dict[str, str]:
    # The innermost lane comes later in document order than the lane around it, and so wins.
    names: dict[str, str] = {}
    for lane in process.iter(bpmn("lane")):
        for reference in lane.iterfind(bpmn("flowNodeRef")):
            names[dialect.text_of(reference)] = " ".join(lane.get("name", "").split())
    return names


def _scope(holder: etree._Element, owner: Element | None, lanes: Mapping[str, str], lane: str) -> Scope:
    scope = Scope(holder, owner)
    for child in holder:
        if not is_bpmn(child):
            continue
        kind, identity = local_name(str(child.tag)), child.get("id", "")
        if kind == "sequenceFlow":
            flow = Flow(identity, child.get("sourceRef", ""), child.get("targetRef", ""), child)
            scope.flows.setdefault(identity, flow)
        elif kind in FLOW_NODES:
            found = Element(identity, kind, child, scope, lanes.get(identity, lane))
            if kind in SUBPROCESSES:
                object.__setattr__(found, "inside", _scope(child, found, lanes, found.lane))
            if scope.elements.setdefault(identity, found) is found and found.attached_to:
                scope.borders.setdefault(found.attached_to, []).append(found)
    for flow in scope.flows.values():
        if flow.source in scope.elements:
            scope.elements[flow.source].outgoing.append(flow)
        if flow.target in scope.elements:
            scope.elements[flow.target].incoming.append(flow)
    return scope
