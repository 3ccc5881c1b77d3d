"""Events: armed boundary events, and what an error, an escalation or a termination does on its way outwards.
Replaces the library's event manager, which finds nothing in nested scopes and lets the inside run on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    CodeEventDefinition,
    ErrorEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.bpmn.util.event import EventManager

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Value
from flowsvc.engine import timers
from flowsvc.engine.outcome import Due, Happened, MessageAwaited, TimerArmed
from flowsvc.engine.semantics.expressions import text_value
from flowsvc.engine.semantics.facts import Element, Text
from flowsvc.engine.semantics.instance import FlowNode, Instance, Scope, Token
from flowsvc.engine.semantics.variables import Chain


class TimerRule(TimerEventDefinition):
    """A timer event with its rule, worked out against the step's time; the library's own asks the machine's clock."""

    def __init__(self, name: str, rule: Text) -> None:
        super().__init__(name, rule.source)
        self.rule = rule


class EventNode(FlowNode):
    """An event of a diagram."""

    def __init__(
        self, wf_spec: Any, bpmn_id: str, *, element: Element, event_definition: Any, key: Text, **kwargs: Any
    ) -> None:
        super().__init__(wf_spec, bpmn_id, element=element, **kwargs)
        self.event_definition = event_definition
        self.key = key
        """The correlation key of a message; empty for the business key."""


class BoundaryEvent(EventNode):
    """An event on the border of an activity."""

    def __init__(self, *args: Any, attached_to: str, cancel_activity: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attached_to = attached_to
        self.cancel_activity = cancel_activity

    def trigger(self, token: Token, host: Token, happened: Happened) -> None:
        """The event has happened: the history says so, an interrupting one has cancelled its activity, and the token
        goes on from here. What it declares is asked before the activity's variables go."""
        instance = token.instance
        fault: EngineFault | None = None
        try:
            self.show_start(token)
        except EngineFault as error:
            fault = error
        instance.tell(token, happened)
        if self.cancel_activity:
            instance.cancel_token(host)
        if fault is None:
            instance.resume(token)
        else:
            instance.fail(token, fault)


class StartEvent(EventNode):
    """Where a process or subprocess begins. With it the event subprocesses beside it are armed."""

    def __init__(self, *args: Any, initiator: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiator = initiator
        """The variable that names who started the instance."""

    @property
    def is_plain(self) -> bool:
        """It waits for nothing."""
        return isinstance(self.event_definition, NoneEventDefinition)

    def enter(self, token: Token) -> bool:
        """The event subprocesses wait, and the flow begins."""
        prepared = prepare(token.instance, token.instance.chain(token), event_subprocesses(token.workflow.spec))
        self.show_start(token)
        match self.event_definition:
            case MessageEventDefinition():
                token.instance.tell(token, Happened.CAUGHT)
            case TimerEventDefinition():
                token.instance.tell(token, Happened.FIRED)
        listen(token.workflow.task_tree, prepared)
        return True


class EventSubprocessNode(FlowNode):
    """What is known here of an event subprocess: the start event that sets it off."""

    @property
    @abstractmethod
    def trigger_event(self) -> StartEvent:
        """The start event that sets it off."""


def event_subprocesses(spec: Any) -> Iterator[EventSubprocessNode]:
    """The event subprocesses directly in a process or subprocess."""
    return (node for node in spec.nodes() if isinstance(node, EventSubprocessNode))


class EndEvent(EventNode):
    """Where a path ends, and what it throws on leaving."""

    def enter(self, token: Token) -> bool:
        """What the event throws has been thrown; True unless its token went down with its scope."""
        self.show_start(token)
        match self.event_definition:
            case NoneEventDefinition():
                return True
            case TerminateEventDefinition():
                # Its end is shown first: what may fail comes before what cannot be taken back.
                token.instance.tell(token, Happened.THROWN)
                self.show_end(token)
                token.instance.clear(token.workflow, but=token)
                token.instance.move(token, ())
                return False
            case _:
                token.instance.tell(token, Happened.THROWN)
                return throw(token, self.event_definition)


def throw(token: Token, definition: CodeEventDefinition) -> bool:
    """The event has gone outwards from an end event. True where nobody catches it and the token may end by itself; else
    its end is shown, and it is gone, with the catching activity where that is interrupted."""
    instance = token.instance
    caught = instance.event_manager.catcher(BpmnEvent(definition, target=token.workflow))
    if caught is None:
        if isinstance(definition, ErrorEventDefinition):
            raise uncaught(instance, definition)
        # An escalation that nobody catches changes nothing (BPMN 2.0.2, 10.5.6).
        return True
    # The end is shown first: what may fail comes before what cannot be taken back.
    token.node.show_end(token)
    if caught.boundary.cancel_activity:
        instance.discard(token)
        caught.fire(instance)
    else:
        caught.fire(instance)
        instance.move(token, ())
    return False


def uncaught(instance: Instance, definition: CodeEventDefinition) -> EngineFault:
    """The fault of an error that nothing catches; the outcome names its code. BPMN leaves open what happens then
    (2.0.2, table 10.88): the token stands still with an incident, and nothing else in the instance is lost."""
    code = definition.code or ""
    instance.record.end_error = code or definition.name or "error"
    return EngineFault(
        f"Felet {code or definition.name} fångas inte av någon händelse. Rita en felhändelse på aktiviteten, "
        "eller avbryt ärendet.",
        names=(code,) if code else (),
    )


@dataclass(frozen=True)
class Caught:
    """A boundary event that catches something thrown inside its activity."""

    boundary: BoundaryEvent
    host: Token

    def fire(self, instance: Instance) -> None:
        """The boundary event goes on with a token of its own."""
        token = Token(self.host.workflow, self.boundary, self.host.workflow.task_tree, TaskState.READY)
        self.boundary.trigger(token, self.host, Happened.CAUGHT)


class Events(EventManager):
    """Finds who catches what is thrown: the nearest activity outwards whose border has a fitting event."""

    def catcher(self, event: BpmnEvent) -> Caught | None:
        """Who catches an event thrown in the scope `event.target`, or by the token `event.target` itself."""
        target = event.target
        host = target if isinstance(target, Token) else _owner(target)
        while host is not None:
            if "body" in host.internal_data:
                # The border belongs to the whole of a multi-instance activity, not to one body.
                host = host.parent
            found = _fitting(host, event.event_definition)
            if found is not None:
                return Caught(found, host)
            host = _owner(host.workflow)
        return None


def _owner(workflow: Instance | Scope) -> Token | None:
    return workflow.owner if isinstance(workflow, Scope) else None


def _fitting(host: Token, thrown: CodeEventDefinition) -> BoundaryEvent | None:
    """The border event for exactly this code, else the one for any code."""
    fitting = [
        node
        for node in boundaries(host.node)
        if isinstance(node.event_definition, type(thrown)) and node.event_definition.code in (None, "", thrown.code)
    ]
    fitting.sort(key=lambda node: not node.event_definition.code)
    return fitting[0] if fitting else None


def boundaries(node: FlowNode) -> Sequence[BoundaryEvent]:
    """The events on the border of an activity."""
    found: Sequence[BoundaryEvent] = getattr(node, "boundaries", ())
    return found


@dataclass(frozen=True)
class Prepared:
    """A listener whose time or key is known, before it is armed."""

    node: BoundaryEvent | EventSubprocessNode
    event: EventNode
    due: Due | None
    key: str
    properties: dict[str, Value]


def prepare(
    instance: Instance, chain: Chain, nodes: Iterator[EventSubprocessNode] | Sequence[BoundaryEvent]
) -> list[Prepared]:
    """The time or key of each event that can be armed. Nothing is changed yet, so a fault leaves nothing behind."""
    found: list[Prepared] = []
    for node in nodes:
        event = node if isinstance(node, BoundaryEvent) else node.trigger_event
        match event.event_definition:
            case TimerRule(rule=rule):
                found.append(Prepared(node, event, due_of(instance, chain, rule), "", {}))
            case MessageEventDefinition():
                key, *_ = instance.expressions.texts(chain, [event.key]) if event.key.source else [""]
                properties = instance.expressions.named(chain, event.element.properties)
                business_key = instance.around.business_key
                found.append(
                    Prepared(node, event, None, text_value(key, what="correlationKey") or business_key, properties)
                )
    return found


def due_of(instance: Instance, chain: Chain, rule: Text) -> Due:
    """The moment that the rule means now."""
    (value,) = instance.expressions.texts(chain, [rule])
    return due_at(instance, value)


def due_at(instance: Instance, value: Value) -> Due:
    """The moment that a worked-out rule means now."""
    around = instance.around
    return timers.due(value, now=around.now, closed_days=around.closed_days, zone=around.zone)


def listen(host: Token, prepared: Sequence[Prepared]) -> None:
    """The events are armed below the host (an activity, or the root of a scope), and the outside knows."""
    workflow = host.workflow
    instance = host.instance
    for each in prepared:
        token = Token(workflow, each.node, host, TaskState.WAITING)
        token.internal_data["listens"] = True
        announce(instance, token, each)


def announce(instance: Instance, token: Token, armed: Prepared) -> None:
    """The outside knows what the listener waits for."""
    element = armed.event.element
    if armed.due is not None:
        host: Element | None = getattr(token.parent.node, "element", None) if token.parent is not None else None
        supports = any(each is not None and _delivers_support(each) for each in (element, host))
        instance.record.timers.append(
            TimerArmed(token.key, element.id, element.process_key, armed.due, delivers_support=supports)
        )
        return
    instance.record.messages.append(
        MessageAwaited(
            token=token.key,
            element_id=element.id,
            process_key=element.process_key,
            name=element.name,
            message=armed.event.event_definition.name,
            correlation_key=armed.key,
            interrupting=not isinstance(armed.node, BoundaryEvent) or armed.node.cancel_activity,
            properties=armed.properties,
        )
    )


def _delivers_support(element: Element) -> bool:
    return any(each.name == "deliversSupport" and each.text.source == "true" for each in element.properties)


def set_off(listener: Token, happened: Happened) -> None:
    """What the listener waited for has come."""
    instance = listener.instance
    node = listener.node
    if isinstance(node, EventSubprocessNode):
        instance.close(listener, happened)
        instance.adopt(listener)
        instance.clear(listener.workflow, but=listener)
        instance.queue(listener, is_next=True)
        return
    boundary: BoundaryEvent = listener.task_spec
    host = listener.parent
    if not boundary.cancel_activity and happened is Happened.CAUGHT:
        # The subscription lives on; what comes is carried by a token of its own.
        token = Token(listener.workflow, boundary, listener.workflow.task_tree, TaskState.READY)
    else:
        instance.close(listener, happened)
        instance.adopt(listener)
        token = listener
    boundary.trigger(token, host, happened)


def listened_for(token: Token) -> object:
    """The definition of the event that the token waits for beside the flow; None where it waits for none."""
    if not token.is_listening:
        return None
    node = token.node
    event = node.trigger_event if isinstance(node, EventSubprocessNode) else node
    return getattr(event, "event_definition", None)
