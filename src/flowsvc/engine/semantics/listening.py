"""Listening: what can set an element off beside the flow, and how the outside is told that it waits. Hides that each
trigger waits through a listener, a token beside the flow, and what of its name and time that token may know."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid5

from SpiffWorkflow import TaskState

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Value
from flowsvc.engine import timers
from flowsvc.engine.outcome import Due, Happened, MessageAwaited, SignalAwaited, TimerArmed
from flowsvc.engine.semantics.expressions import text_value
from flowsvc.engine.semantics.facts import Element, Text, Trigger
from flowsvc.engine.semantics.instance import FlowNode, Instance, Token
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
    def undoes_scope(self) -> bool:
        """It waits for the compensation of the scope that it stands in, also when that has been completed."""
        return False

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


def happened_of(trigger: Trigger) -> Happened:
    """What the history says when the trigger comes."""
    return Happened.FIRED if trigger.kind in ("timer", "conditional") else Happened.CAUGHT


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
        case "compensate" if node.undoes_scope:
            return Prepared(node, index)
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
        if each.trigger.kind == "compensate":
            # It stays when its scope has been completed, and undoes it.
            token.internal_data |= {"undoable": True, "undoes": True}
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


def listened_for(token: Token) -> Trigger | None:
    """What the token waits for beside the flow; None where it waits for nothing."""
    node = token.node
    if not (token.is_listening and isinstance(node, Hearing)) or token.is_undoable:
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
