"""A process as a diagram draws it becomes a specification of our elements. Specifications are read-only and shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowsvc.domain.errors import EngineFault
from flowsvc.engine import dialect, items
from flowsvc.engine.checking import diagram as diagrams
from flowsvc.engine.checking.diagram import Diagram, Element, Scope
from flowsvc.engine.semantics import facts
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.adhoc import AdHocSubprocess
from flowsvc.engine.semantics.calls import CallActivity
from flowsvc.engine.semantics.catching import CatchEvent, ReceiveTask, StartEvent
from flowsvc.engine.semantics.compensation import CompensationEvent
from flowsvc.engine.semantics.complex import ComplexGateway
from flowsvc.engine.semantics.event_gateway import EventBasedGateway
from flowsvc.engine.semantics.events import BoundaryEvent
from flowsvc.engine.semantics.gateways import ExclusiveGateway, InclusiveGateway, ParallelGateway
from flowsvc.engine.semantics.instance import FlowNode, ProcessSpec
from flowsvc.engine.semantics.parameters import with_parameters
from flowsvc.engine.semantics.starts import add_undrawn
from flowsvc.engine.semantics.subprocess import EventSubprocess, Subprocess
from flowsvc.engine.semantics.tasks import (
    DecisionTask,
    PassedTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    UserTask,
    WorkerEvent,
)
from flowsvc.engine.semantics.throwing import EndEvent, ThrowEvent
from flowsvc.engine.xml import parse_xml


def process_spec(source: bytes, key: str) -> ProcessSpec:
    """The specification of the process with that key; EngineFault where the file has no such process."""
    diagram = diagrams.read(parse_xml(source, file_name=f"{key}.bpmn"))
    for process in diagram.processes:
        if process.key == key:
            built = _Builder(diagram, key)
            spec = built.scope(process.scope)
            spec.data = items.data_of(process.element, built.items)
            spec.stores = frozenset(built.stores)
            return spec
    raise EngineFault(f"Filen har ingen process {key}. Publicera den på nytt.")


class _Builder:
    """Builds one process; every scope inside it is a specification of its own."""

    def __init__(self, diagram: Diagram, process_key: str) -> None:
        self._diagram = diagram
        self._process_key = process_key
        self.items = items.Items(diagram.root)
        self.stores: set[str] = set()
        """The data stores that its elements name."""

    def scope(self, scope: Scope) -> ProcessSpec:
        """A process or the inside of a subprocess."""
        spec = ProcessSpec(scope.id, process_key=self._process_key)
        for element in scope.elements.values():
            node = self._node(spec, element)
            node.flows = [facts.flow_of(flow.element, default=element.default) for flow in element.outgoing]
            node.flows += [facts.link_flow(element.id, each.id) for each in scope.linked_from(element)]
            node.incoming = [flow.id for flow in element.incoming]
            node.data = items.data_of(element.element, self.items)
            self.stores |= node.data.stores
        add_undrawn(spec, scope, process_key=self._process_key)
        for node in spec.nodes():
            if isinstance(node, BoundaryEvent):
                host = spec.node(node.attached_to)
                if isinstance(host, Activity):
                    host.boundaries.append(node)
        spec.survey()
        return spec

    def _node(self, spec: ProcessSpec, element: Element) -> FlowNode:
        xml = element.element
        own: dict[str, Any] = {
            "element": with_parameters(facts.element_of(xml, process_key=self._process_key, lane=element.lane), xml),
        }
        if element.kind in diagrams.EVENTS:
            return self._event(spec, element, own)
        match element.kind:
            case "exclusiveGateway":
                return ExclusiveGateway(spec, element.id, **own)
            case "inclusiveGateway":
                return InclusiveGateway(spec, element.id, **own)
            case "eventBasedGateway":
                is_parallel = xml.get("eventGatewayType") == "Parallel"
                own |= {"instantiates": element.instantiates, "is_parallel": is_parallel}
                return EventBasedGateway(spec, element.id, **own)
            case "complexGateway":
                return ComplexGateway(spec, element.id, activation=facts.activation_of(xml), **own)
            case "parallelGateway":
                return ParallelGateway(spec, element.id, **own)
        own |= {"loop": facts.loop_of(xml, self._diagram.shared, self.items), "quantities": facts.quantities_of(xml)}
        match element.kind:
            case "task" | "manualTask":
                return PassedTask(spec, element.id, **own)
            case "userTask":
                return UserTask(spec, element.id, people=facts.people_of(xml), **own)
            case "scriptTask":
                result = dialect.attribute(xml, "resultVariable") or ""
                return ScriptTask(spec, element.id, script=facts.script_of(xml), result_variable=result, **own)
            case "businessRuleTask":
                return DecisionTask(spec, element.id, table=facts.table_of(xml), **own)
            case "serviceTask":
                return ServiceTask(spec, element.id, service=facts.service_of(xml), **own)
            case "sendTask" if element.is_service:
                return ServiceTask(spec, element.id, service=facts.service_of(xml), **own)
            case "sendTask":
                return SendTask(spec, element.id, message=facts.message_of(xml, self._diagram.shared), **own)
            case "receiveTask":
                own |= {"message": facts.message_of(xml, self._diagram.shared), "instantiates": element.instantiates}
                return ReceiveTask(spec, element.id, **own)
            case "callActivity":
                return CallActivity(spec, element.id, call=facts.call_of(xml), **own)
            case "adHocSubProcess" if element.inside is not None:
                begins = [each.id for each in element.inside.begins]
                ad_hoc = facts.ad_hoc_of(xml)
                inside = self.scope(element.inside)
                return AdHocSubprocess(spec, element.id, inside=inside, ad_hoc=ad_hoc, begins=begins, **own)
            case "subProcess" | "transaction" if element.inside is not None:
                kind = EventSubprocess if element.is_event_subprocess else Subprocess
                return kind(spec, element.id, inside=self.scope(element.inside), **own)
            case _:
                raise _cannot_run(element)

    def _event(self, spec: ProcessSpec, element: Element, own: Mapping[str, Any]) -> FlowNode:
        xml = element.element
        if element.worker_topic is not None:
            return WorkerEvent(spec, element.id, service=facts.sender_of(xml, element.worker_topic), **own)
        given: dict[str, Any] = {
            **own,
            "triggers": tuple(facts.trigger_of(xml, each, self._diagram.shared) for each in element.definitions),
            "is_parallel": xml.get("parallelMultiple") == "true",
        }
        match element.kind:
            case "startEvent":
                given["initiator"] = dialect.attribute(xml, "initiator") or ""
                return StartEvent(spec, element.id, is_interrupting=element.is_interrupting, **given)
            case "endEvent":
                return EndEvent(spec, element.id, **given)
            case "intermediateCatchEvent":
                return CatchEvent(spec, element.id, **given)
            case "intermediateThrowEvent":
                return ThrowEvent(spec, element.id, **given)
            case "boundaryEvent" if element.triggers == ("compensate",):
                (undoes_with,) = element.scope.undoers_of(element)
                given |= {"attached_to": element.attached_to, "undoes_with": undoes_with.id}
                return CompensationEvent(spec, element.id, **given)
            case "boundaryEvent":
                given["attached_to"] = element.attached_to
                return BoundaryEvent(spec, element.id, is_interrupting=element.is_interrupting, **given)
            case _:
                raise _cannot_run(element)


def _cannot_run(element: Element) -> EngineFault:
    return EngineFault(f"Elementet {element.id} ({element.kind}) kan inte köras. Kontrollera och publicera filen igen.")
