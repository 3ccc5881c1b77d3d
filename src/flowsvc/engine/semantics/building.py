"""A process as a diagram draws it becomes a specification of our elements. Specifications are read-only and shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition, EscalationEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition

from flowsvc.domain.errors import EngineFault
from flowsvc.engine import dialect
from flowsvc.engine.checking import diagram as diagrams
from flowsvc.engine.checking.diagram import Diagram, Element, Scope
from flowsvc.engine.semantics import facts
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.calls import CallActivity
from flowsvc.engine.semantics.events import BoundaryEvent, EndEvent, StartEvent, TimerRule
from flowsvc.engine.semantics.gateways import ExclusiveGateway, ParallelGateway, PassedTask
from flowsvc.engine.semantics.instance import FlowNode, ProcessSpec
from flowsvc.engine.semantics.starts import add_undrawn
from flowsvc.engine.semantics.subprocess import EventSubprocess, Subprocess
from flowsvc.engine.semantics.tasks import DecisionTask, ScriptTask, ServiceTask, UserTask
from flowsvc.engine.xml import parse_xml


def process_spec(source: bytes, key: str) -> ProcessSpec:
    """The specification of the process with that key; EngineFault where the file has no such process."""
    diagram = diagrams.read(parse_xml(source, file_name=f"{key}.bpmn"))
    for process in diagram.processes:
        if process.key == key:
            return _Builder(diagram, key).scope(process.scope)
    raise EngineFault(f"Filen har ingen process {key}. Publicera den på nytt.")


class _Builder:
    """Builds one process; every scope inside it is a specification of its own."""

    def __init__(self, diagram: Diagram, process_key: str) -> None:
        self._diagram = diagram
        self._process_key = process_key

    def scope(self, scope: Scope) -> ProcessSpec:
        """A process or the inside of a subprocess."""
        spec = ProcessSpec(scope.id, process_key=self._process_key)
        for element in scope.elements.values():
            node = self._node(spec, element)
            node.flows = [facts.flow_of(flow.element, default=element.default) for flow in element.outgoing]
            node.incoming = [flow.id for flow in element.incoming]
        add_undrawn(spec, scope, process_key=self._process_key)
        for node in spec.nodes():
            if isinstance(node, BoundaryEvent):
                host = spec.node(node.attached_to)
                if isinstance(host, Activity):
                    host.boundaries.append(node)
        return spec

    def _node(self, spec: ProcessSpec, element: Element) -> FlowNode:
        xml = element.element
        own: dict[str, Any] = {
            "element": facts.element_of(xml, process_key=self._process_key, lane=element.lane),
        }
        if element.kind in diagrams.EVENTS:
            return self._event(spec, element, own)
        loop = facts.loop_of(xml)
        match element.kind:
            case "task" | "manualTask":
                return PassedTask(spec, element.id, **own)
            case "exclusiveGateway":
                return ExclusiveGateway(spec, element.id, **own)
            case "parallelGateway":
                return ParallelGateway(spec, element.id, **own)
            case "userTask":
                return UserTask(spec, element.id, loop=loop, people=facts.people_of(xml), **own)
            case "scriptTask":
                result = dialect.attribute(xml, "resultVariable") or ""
                return ScriptTask(spec, element.id, script=facts.script_of(xml), result_variable=result, **own)
            case "businessRuleTask":
                return DecisionTask(spec, element.id, table=facts.table_of(xml), **own)
            case "serviceTask":
                return ServiceTask(spec, element.id, service=facts.service_of(xml), **own)
            case "callActivity":
                return CallActivity(spec, element.id, loop=loop, call=facts.call_of(xml), **own)
            case "subProcess" if element.inside is not None:
                kind = EventSubprocess if element.is_event_subprocess else Subprocess
                return kind(spec, element.id, loop=loop, inside=self.scope(element.inside), **own)
            case _:
                raise _cannot_run(element)

    def _event(self, spec: ProcessSpec, element: Element, own: Mapping[str, Any]) -> FlowNode:
        given: dict[str, Any] = {
            **own,
            "event_definition": self._definition(element),
            "key": facts.text(dialect.properties(element.element).get("correlationKey", "")),
        }
        match element.kind:
            case "startEvent":
                initiator = dialect.attribute(element.element, "initiator") or ""
                return StartEvent(spec, element.id, initiator=initiator, **given)
            case "endEvent":
                return EndEvent(spec, element.id, **given)
            case "boundaryEvent":
                return BoundaryEvent(
                    spec,
                    element.id,
                    attached_to=element.attached_to,
                    cancel_activity=element.is_interrupting,
                    **given,
                )
            case _:
                raise _cannot_run(element)

    def _definition(self, element: Element) -> object:
        match element.triggers:
            case ():
                return NoneEventDefinition()
            case ("timer",):
                return TimerRule(element.id, facts.timer_of(element.element))
            case ("message",):
                return MessageEventDefinition(self._shared(element, "message").get("name", ""))
            case ("error",):
                shared = self._shared(element, "error")
                return ErrorEventDefinition(shared.get("name", ""), code=shared.get("errorCode", ""))
            case ("escalation",):
                shared = self._shared(element, "escalation")
                return EscalationEventDefinition(shared.get("name", ""), code=shared.get("escalationCode", ""))
            case ("terminate",):
                return TerminateEventDefinition()
            case _:
                raise _cannot_run(element)

    def _shared(self, element: Element, kind: str) -> etree._Attrib | Mapping[str, str]:
        """What the file says of the message, error or escalation; nothing where the event is for any of them."""
        found = self._diagram.shared.get(element.definitions[0].get(f"{kind}Ref", ""))
        return {} if found is None else found.attrib


def _cannot_run(element: Element) -> EngineFault:
    return EngineFault(f"Elementet {element.id} ({element.kind}) kan inte köras. Kontrollera och publicera filen igen.")
