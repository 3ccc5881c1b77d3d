"""Events that wait: what sets them off, how they are armed in the flow, on borders and in scopes, and what happens when
it comes. Hides that each waits through a listener, a token beside the flow."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid5

from SpiffWorkflow import TaskState

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Value
from flowsvc.engine import timers
from flowsvc.engine.outcome import Due, Happened, MessageAwaited, SignalAwaited, TimerArmed
from flowsvc.engine.semantics.data import hand_out, keep, keep_for_inside
from flowsvc.engine.semantics.expressions import text_value
from flowsvc.engine.semantics.facts import Element, Text, Trigger
from flowsvc.engine.semantics.instance import NOTHING, FlowNode, Instance, Scope, Token
from flowsvc.engine.semantics.variables import Chain
from flowsvc.engine.timers import Occurrence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Hearing(FlowNode):
    """An element that something beside the flow sets off: any of its triggers, or all of them together."""

    triggers: Sequence[Trigger] = ()
    is_parallel = False
    """All triggers must come, not one of them."""
    is_interrupting = False
    """What it stands on is cancelled when it happens."""

    @property
    def comes_again(self) -> bool:
        """It can happen more than once for what it stands on."""
        return False

    @property
    def shown(self) -> Element:
        """The element that the outside knows as waiting."""
        return self.element

    @abstractmethod
    def heard(self, listener: Token, happened: Happened) -> None:
        """What the element waited for has come. Nothing here may fail: the one who set it off cannot take it back."""


class EventNode(Hearing):
    """An event of a diagram."""

    def __init__(
        self,
        wf_spec: Any,
        bpmn_id: str,
        *,
        element: Element,
        triggers: Sequence[Trigger],
        is_parallel: bool = False,
        is_interrupting: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(wf_spec, bpmn_id, element=element, **kwargs)
        self.is_interrupting = is_interrupting
        self.triggers = triggers
        self.is_parallel = is_parallel

    def heard(self, listener: Token, happened: Happened) -> None:
        """Its place in the flow goes on."""
        go_on(listener, happened)

    def leave(self, token: Token) -> None:
        """What it brought stands where its data outputs go, and the flow goes on."""
        hand_out(token)
        super().leave(token)


class BoundaryEvent(EventNode):
    """An event on the border of an activity."""

    def __init__(self, *args: Any, attached_to: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attached_to = attached_to

    @property
    def comes_again(self) -> bool:
        """It can happen more than once where it does not interrupt."""
        return not self.is_interrupting

    def heard(self, listener: Token, happened: Happened) -> None:
        """The flow goes on from the border."""
        self.trigger(listener.parent, happened, listener.brought)

    def trigger(self, host: Token, happened: Happened, brought: Mapping[str, Value] = NOTHING) -> None:
        """The event has happened: the history says so, an interrupting one has cancelled its activity, and a token
        goes on from here. What it declares is asked before the activity's variables go."""
        instance = host.instance
        token = Token(host.workflow, self, host.workflow.task_tree, TaskState.READY)
        keep(token, brought)
        fault: EngineFault | None = None
        try:
            self.show_start(token)
        except EngineFault as error:
            fault = error
        instance.tell(token, happened)
        if self.is_interrupting:
            instance.cancel_token(host)
        if fault is None:
            instance.resume(token)
        else:
            instance.fail(token, fault)


class EventSubprocessNode(Hearing):
    """What is known here of an event subprocess: it begins when its start event is set off."""

    @property
    def comes_again(self) -> bool:
        """It can happen more than once where it does not interrupt."""
        return not self.is_interrupting

    def heard(self, listener: Token, happened: Happened) -> None:
        """It has begun."""
        self.begin(listener.workflow, happened, listener.brought)

    def begin(self, workflow: Instance | Scope, happened: Happened, brought: Mapping[str, Value] = NOTHING) -> None:
        """It runs in its scope; an interrupting one has ended everything else there."""
        instance: Instance = workflow.top_workflow
        token = instance.spawn(workflow, self, is_next=True, happened=happened.value)
        keep_for_inside(token, brought)
        if self.is_interrupting:
            instance.clear(workflow, but=token)


class Gathering(FlowNode):
    """An element that waits for what comes first of several elements behind it."""

    @abstractmethod
    def take(self, token: Token, behind: Hearing, happened: Happened) -> None:
        """What that element waits for has come."""


def happened_of(trigger: Trigger) -> Happened:
    """What the history says when the trigger comes."""
    return Happened.FIRED if trigger.kind in ("timer", "conditional") else Happened.CAUGHT


def event_subprocesses(spec: Any) -> Iterator[EventSubprocessNode]:
    """The event subprocesses directly in a process or subprocess."""
    return (node for node in spec.nodes() if isinstance(node, EventSubprocessNode))


def prepare_scope(token: Token) -> list[Prepared]:
    """The event subprocesses of the token's scope, before they are armed."""
    instance = token.instance
    return prepare(instance, instance.chain_of(token.workflow), event_subprocesses(token.workflow.spec))


def boundaries(node: FlowNode) -> Sequence[BoundaryEvent]:
    """The events on the border of an activity."""
    found: Sequence[BoundaryEvent] = getattr(node, "boundaries", ())
    return found


# Arming


@dataclass(frozen=True)
class Prepared:
    """A listener whose time, name or key is known, before it is armed."""

    node: Hearing
    index: int
    """Which of the element's triggers it is for."""
    due: Due | None = None
    number: int = 0
    """Which time of a cycle comes next, from 1."""
    name: str = ""
    key: str = ""
    holds: bool = False
    """The condition is true already."""
    properties: dict[str, Value] = field(default_factory=dict)

    @property
    def trigger(self) -> Trigger:
        """What it waits for."""
        return self.node.triggers[self.index]


def prepare(instance: Instance, chain: Chain, nodes: Iterable[Hearing]) -> list[Prepared]:
    """The time, name or key of each trigger that can be armed. Nothing is changed yet, so a fault leaves nothing."""
    found = (_prepared(instance, chain, node, index) for node in nodes for index in range(len(node.triggers)))
    return [each for each in found if each is not None]


def _prepared(instance: Instance, chain: Chain, node: Hearing, index: int) -> Prepared | None:
    trigger = node.triggers[index]
    match trigger.kind:
        case "timer" if trigger.is_cycle:
            first = next_time(instance, chain, trigger, last=None)
            return None if first is None else Prepared(node, index, due=first.due, number=first.number)
        case "timer":
            return Prepared(node, index, due=due_of(instance, chain, trigger.text))
        case "message":
            name, key = message_name(instance, chain, trigger)
            properties = instance.expressions.named(chain, node.shown.properties)
            return Prepared(node, index, name=name, key=key, properties=properties)
        case "signal":
            return Prepared(node, index, name=signal_name(instance, chain, trigger))
        case "conditional":
            (held,) = instance.expressions.conditions(chain, [trigger.text.source])
            return Prepared(node, index, holds=held())
        case _:
            # An error or escalation finds its catcher without anybody waiting for it.
            return None


def message_name(instance: Instance, chain: Chain, trigger: Trigger) -> tuple[str, str]:
    """The name of the message and its correlation key as they are now."""
    name, key = instance.expressions.texts(chain, [trigger.text, trigger.key])
    return (
        required_name(name, what="message"),
        text_value(key, what="correlationKey") or instance.around.business_key,
    )


def signal_name(instance: Instance, chain: Chain, trigger: Trigger) -> str:
    """The name of the signal as it is now."""
    (name,) = instance.expressions.texts(chain, [trigger.text])
    return required_name(name, what="signal")


def required_name(value: Value, *, what: str) -> str:
    """The value as a name; EngineFault where it is empty or no text."""
    name = text_value(value, what=what)
    if not name:
        raise EngineFault(
            f"Namnet är tomt ({what}). Rätta variablerna, eller skriv namnet i diagrammet.", names=(what,)
        )
    return name


def next_time(instance: Instance, chain: Chain, trigger: Trigger, *, last: Occurrence | None) -> Occurrence | None:
    """The next time of the cycle; None when it is over."""
    (rule,) = instance.expressions.texts(chain, [trigger.text])
    around = instance.around
    rule = text_value(rule, what="timeCycle")
    return timers.next_in_cycle(rule, last=last, now=around.now, closed_days=around.closed_days, zone=around.zone)


def due_of(instance: Instance, chain: Chain, rule: Text) -> Due:
    """The moment that the rule means now."""
    (value,) = instance.expressions.texts(chain, [rule])
    return due_at(instance, value)


def due_at(instance: Instance, value: Value) -> Due:
    """The moment that a worked-out rule means now."""
    around = instance.around
    return timers.due(value, now=around.now, closed_days=around.closed_days, zone=around.zone)


def listen(host: Token, prepared: Sequence[Prepared]) -> None:
    """The events are armed below the host (an activity, a waiting event, or the root of a scope), and the outside
    knows."""
    for each in prepared:
        token = Token(host.workflow, each.node, host, TaskState.WAITING)
        token.internal_data["listens"] = True
        if each.index:
            token.internal_data["on"] = each.index
        if each.trigger.kind == "signal" and each.trigger.text.is_feel:
            # The name that was worked out is a value, and no value stands in the state: a digest of it does.
            token.internal_data["signal"] = uuid5(token.id, each.name).hex
        if each.trigger.is_cycle and each.due is not None:
            keep_time(token, Occurrence(each.number, each.due), cycle=0)
        _announce(token, each)


def _announce(token: Token, armed: Prepared) -> None:
    """The outside, or the instance itself, knows what the listener waits for."""
    record, element = token.instance.record, armed.node.shown
    match armed.trigger.kind:
        case "timer" if armed.due is not None:
            announce_timer(token, armed.due)
        case "conditional":
            token.instance.event_manager.conditions.arm(token, holds=armed.holds)
        case "signal":
            support = _delivers_support(token, element)
            record.signals.append(
                SignalAwaited(token.key, element.id, element.process_key, element.name, armed.name, support)
            )
        case "message":
            record.messages.append(
                MessageAwaited(
                    token=token.key,
                    element_id=element.id,
                    process_key=element.process_key,
                    name=element.name,
                    message=armed.name,
                    correlation_key=armed.key,
                    interrupting=armed.node.is_interrupting,
                    properties=armed.properties,
                )
            )


def announce_timer(token: Token, due: Due) -> None:
    """The outside knows when the timer is to be fired."""
    element = token.node.shown if isinstance(token.node, Hearing) else token.node.element
    cycle = int(token.internal_data.get("cycle", 0))
    support = _delivers_support(token, element)
    token.instance.record.timers.append(
        TimerArmed(token.key, element.id, element.process_key, due, cycle=cycle, delivers_support=support)
    )


def keep_time(listener: Token, occurrence: Occurrence, *, cycle: int) -> None:
    """The listener knows which time of its cycle it waits for. The moment is a number, as the job's row has it."""
    due = (occurrence.due.at - _EPOCH) // _MICROSECOND
    listener.internal_data |= {"cycle": cycle, "number": occurrence.number, "due": due}


def kept_time(listener: Token) -> Occurrence:
    """The time of its cycle that the listener waits for."""
    at = _EPOCH + int(listener.internal_data["due"]) * _MICROSECOND
    return Occurrence(int(listener.internal_data["number"]), Due("", at))


def _delivers_support(token: Token, element: Element) -> bool:
    host: Element | None = getattr(token.parent.node, "element", None) if token.parent is not None else None
    return any(each is not None and _says_support(each) for each in (element, host))


def _says_support(element: Element) -> bool:
    return any(each.name == "deliversSupport" and each.text.source == "true" for each in element.properties)


# What is armed, and what comes


def listened_for(token: Token) -> Trigger | None:
    """What the token waits for beside the flow; None where it waits for nothing."""
    node = token.node
    if not (token.is_listening and isinstance(node, Hearing)):
        return None
    found: Trigger = node.triggers[token.internal_data.get("on", 0)]
    return found


def waits_for_signal(token: Token, name: str) -> bool:
    """The token waits for the signal of that name."""
    trigger = listened_for(token)
    if trigger is None or trigger.kind != "signal" or token.state != TaskState.WAITING:
        return False
    known = token.internal_data.get("signal")
    return trigger.text.source == name if known is None else bool(known == uuid5(token.id, name).hex)


def bring(token: Token, values: Mapping[str, Value]) -> None:
    """What a trigger brings is at hand for the element's data outputs of these names; the rest stands around it."""
    node, taken = token.node, token.node.takes
    token.brought = {name: value for name, value in values.items() if name in taken}
    for name, value in values.items():
        if name not in taken:
            node.assign_outside(token, name, value)


def set_off(listener: Token) -> None:
    """What the listener waited for has come: its element goes on, unless it needs more. The listener lives on where its
    element can happen again; a timer, where its cycle is not over. EngineFault where the next time of a cycle cannot be
    worked out."""
    instance, node, trigger = listener.instance, listener.node, listened_for(listener)
    if not isinstance(node, Hearing) or trigger is None:
        return
    again = _next_time(listener, trigger) if trigger.is_cycle and node.comes_again else None
    happened = happened_of(trigger)
    is_last = not (node.is_parallel and any(each is not listener for each in _siblings(listener)))
    if node.is_parallel or not node.comes_again or (trigger.kind == "timer" and again is None):
        instance.spend(listener, happened)
    if is_last:
        node.heard(listener, happened)
    if again is not None:
        keep_time(listener, again, cycle=int(listener.internal_data["cycle"]) + 1)
        announce_timer(listener, again.due)


def _next_time(listener: Token, trigger: Trigger) -> Occurrence | None:
    instance = listener.instance
    return next_time(instance, instance.chain(listener.parent), trigger, last=kept_time(listener))


def _siblings(listener: Token) -> list[Token]:
    """The listeners of the same element at the same place."""
    return [each for each in listener.parent.children if each.node is listener.node and each.is_listening]


def go_on(listener: Token, happened: Happened) -> None:
    """The element in the flow that waited through the listener goes on, or the gateway before it."""
    instance, waiting, node = listener.instance, listener.parent, listener.node
    if isinstance(waiting.node, Gathering) and isinstance(node, Hearing):
        waiting.brought = listener.brought
        waiting.node.take(waiting, node, happened)
        return
    for other in _siblings(listener):
        instance.silence(other)
    keep(waiting, listener.brought)
    instance.tell(waiting, happened)
    instance.resume(waiting)
