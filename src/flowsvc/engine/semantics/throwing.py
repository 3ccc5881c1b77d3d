"""What events and tasks throw, and who catches it: errors and escalations go outwards to the nearest that fits, signals
to all that wait, messages to the outside. Replaces the library's event manager, which is blind to nested scopes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid5

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.util.event import EventManager

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.outcome import Happened, MessageThrown, SignalThrown
from flowsvc.engine.semantics import compensation, data
from flowsvc.engine.semantics.conditions import Conditions
from flowsvc.engine.semantics.events import (
    BoundaryEvent,
    EventNode,
    EventSubprocessNode,
    boundaries,
    bring,
    event_subprocesses,
    set_off,
)
from flowsvc.engine.semantics.expressions import text_value
from flowsvc.engine.semantics.facts import Flow, Text, Trigger
from flowsvc.engine.semantics.instance import Instance, Scope, Token
from flowsvc.engine.semantics.listening import Hearing, due_of, message_name, signal_name, waits_for_signal

_ORDER = ("link", "message", "signal", "compensate", "escalation", "error", "cancel", "terminate")
"""What may end the thrower's own scope is thrown last."""
_DECLARED = ("escalationCode", "errorCode")


class ThrowEvent(EventNode):
    """An event in the flow that throws, or is only passed."""

    def __init__(self, *args: Any, triggers: Sequence[Trigger], **kwargs: Any) -> None:
        ordered = sorted(triggers, key=lambda each: _ORDER.index(each.kind))
        super().__init__(*args, triggers=ordered, **kwargs)

    def enter(self, token: Token) -> bool:
        """The event has started."""
        self.show_start(token)
        if self.triggers:
            token.instance.tell(token, Happened.THROWN)
        return True

    def leave(self, token: Token) -> None:
        """Everything has been thrown, and the flow goes on where it was not interrupted by that. What may fail comes
        before what cannot be taken back; so the end is shown first."""
        if self._undoes_first(token):
            return
        instance = token.instance
        flows = self.chosen(token)
        own = data.taken(token)
        given = {name: own[name] for name in self.data.inputs}
        given |= instance.expressions.named(instance.chain(token), self.element.inputs)
        made = ready(token, self.triggers, given)
        self.show_end(token)
        token.internal_data["over"] = True
        throw(token, token, made)
        if token.state != TaskState.CANCELLED:
            instance.move(token, flows)

    def _undoes_first(self, token: Token) -> bool:
        """What compensation there is begins, and the event is left when that is done; a transaction that is cancelled
        has ended all else inside before. In an attempt of its own, for none of it can be taken back."""
        instance = token.instance
        undoing = [each for each in self.triggers if each.kind in ("cancel", "compensate")]
        if not undoing or "undoing" in token.internal_data:
            return False
        token.internal_data["undoing"] = True
        is_cancelled = any(each.kind == "cancel" for each in undoing)
        thrown_for = undoing[0].text.source
        if compensation.begin_cancelling(token) if is_cancelled else compensation.begin(token, thrown_for):
            token.set_state(TaskState.STARTED)
        else:
            instance.resume(token)
        return True


class EndEvent(ThrowEvent):
    """Where a path ends, and what it throws there."""

    def chosen(self, token: Token) -> list[Flow]:
        """Nothing follows."""
        return []


def _throw(token: Token, trigger: Trigger) -> None:
    instance = token.instance
    match trigger.kind:
        case "error" | "escalation":
            # An escalation that nobody catches changes nothing (BPMN 2.0.2, 10.5.6).
            caught = catcher(trigger, token)
            if caught is not None:
                caught.fire()
        case "terminate":
            instance.clear(token.workflow, but=token)
        case "cancel":
            _cancel(token)


def _cancel(token: Token) -> None:
    """The transaction is over, and goes on from the cancel event on its border (BPMN 2.0.2, 13.5.3)."""
    owner = _owner(token.workflow)
    if owner is not None:
        # The border belongs to the whole of a repeated transaction.
        transaction: Token = owner.parent if owner.is_body else owner
        for boundary in boundaries(transaction.node):
            if any(each.kind == "cancel" for each in boundary.triggers):
                boundary.trigger(transaction, Happened.CAUGHT)


def uncaught(instance: Instance, thrown: Trigger) -> EngineFault:
    """The fault of an error that nothing catches; the outcome names its code. BPMN leaves open what happens then
    (2.0.2, table 10.88): the token stands still with an incident, and nothing else in the instance is lost."""
    code = thrown.text.source
    instance.record.end_error = code or "error"
    return EngineFault(
        f"Felet {code} fångas inte av någon händelse. Rita en felhändelse på aktiviteten, eller avbryt ärendet.",
        names=(code,) if code else (),
    )


@dataclass(frozen=True)
class Ready:
    """What is about to be thrown, and can be."""

    triggers: Sequence[Trigger]
    sending: Sequence[Sending]


def ready(token: Token, triggers: Sequence[Trigger], variables: Variables) -> Ready:
    """What the token is about to throw, and nothing is changed yet. EngineFault for an error that nobody catches."""
    for trigger in triggers:
        if trigger.kind == "error" and catcher(trigger, token) is None:
            raise uncaught(token.instance, trigger)
    return Ready(triggers, prepare_sending(token, triggers, variables))


def throw(token: Token, at: Token, made: Ready) -> None:
    """What the token threw has been caught by those who wait and fit, outwards from `at`, until that was cancelled."""
    send(token, made.sending)
    for trigger in made.triggers:
        if at.state != TaskState.CANCELLED:
            _throw(at, trigger)


# Errors and escalations


def throw_declared(token: Token) -> bool:
    """The activity, whose work is done, has thrown the escalation and the error that it declares, where they have a
    code now. True where it is not to be left: it is gone, or will be left next."""
    instance, element = token.instance, token.node.element
    if not (element.escalation_code.source or element.error_code.source):
        return False
    codes = instance.expressions.texts(instance.chain(token), [element.escalation_code, element.error_code])
    escalation, error = (text_value(code, what=what) for code, what in zip(codes, _DECLARED, strict=True))
    if escalation and "escalated" not in token.internal_data:
        instance.tell(token, Happened.THROWN)
        caught = catcher(Trigger("escalation", Text(escalation)), token)
        if caught is not None:
            # Left in an attempt of its own: a fault there must not throw it again.
            token.internal_data["escalated"] = True
            caught.fire()
            if token.state != TaskState.CANCELLED:
                instance.resume(token)
            return True
    if not error:
        return False
    thrown = Trigger("error", Text(error))
    caught = catcher(thrown, token)
    if caught is None:
        raise uncaught(instance, thrown)
    instance.tell(token, Happened.THROWN)
    caught.fire()
    return True


@dataclass(frozen=True)
class Caught:
    """An event that catches what is thrown: on the border of an activity, or the start of an event subprocess."""

    node: Hearing
    host: Token | None
    workflow: Instance | Scope

    def fire(self) -> None:
        """It goes on with a token of its own."""
        match self.node:
            case BoundaryEvent() if self.host is not None:
                self.node.trigger(self.host, Happened.CAUGHT)
            case EventSubprocessNode():
                self.node.begin(self.workflow, Happened.CAUGHT)


def catcher(thrown: Trigger, token: Token) -> Caught | None:
    """Who catches what the token throws: the border of its own activity, the event subprocesses of its scope, the
    border of that scope's activity, and so on outwards (BPMN 2.0.2, 10.5.7 and 13.5.4)."""
    at: Token | None = token
    while at is not None:
        # The border belongs to the whole of a multi-instance activity, not to one body.
        host: Token = at.parent if "body" in at.internal_data else at
        found = _fitting(boundaries(host.node), thrown)
        if found is not None:
            return Caught(found, host, host.workflow)
        beside = _fitting(_ready_beside(host), thrown)
        if beside is not None:
            return Caught(beside, None, host.workflow)
        at = _owner(host.workflow)
    return None


def _ready_beside(token: Token) -> list[EventSubprocessNode]:
    """The event subprocesses of the token's scope that can begin: none beside one that has interrupted the scope, and
    none for what it throws itself."""
    workflow = token.workflow
    running = [each.node for each in workflow.tokens() if not each.is_listening]
    if any(isinstance(node, EventSubprocessNode) and node.is_interrupting for node in running):
        return []
    return [node for node in event_subprocesses(workflow.spec) if node is not token.node]


def _owner(workflow: Instance | Scope) -> Token | None:
    return workflow.owner if isinstance(workflow, Scope) else None


def _fitting(nodes: Sequence[Hearing], thrown: Trigger) -> Hearing | None:
    """The event for exactly this code, else the one for any code."""
    codes = (thrown.text.source, "")
    fitting = [
        (codes.index(trigger.text.source), place)
        for place, node in enumerate(nodes)
        for trigger in node.triggers
        if trigger.kind == thrown.kind and trigger.text.source in codes
    ]
    return nodes[min(fitting)[1]] if fitting else None


# Messages and signals


@dataclass(frozen=True)
class Sending:
    """A message or signal whose name, key and variables are known, before it is thrown."""

    kind: str
    name: str
    key: str
    variables: Variables
    expires_at: datetime | None = None


def prepare_sending(token: Token, triggers: Sequence[Trigger], variables: Variables) -> list[Sending]:
    """The messages and signals among the triggers, which all bring the variables."""
    instance = token.instance
    chain = instance.chain(token)
    found: list[Sending] = []
    for trigger in triggers:
        if trigger.kind not in ("message", "signal"):
            continue
        if trigger.kind == "message":
            name, key = message_name(instance, chain, trigger)
            lives = due_of(instance, chain, trigger.time_to_live).at if trigger.time_to_live.source else None
            found.append(Sending(trigger.kind, name, key, variables, lives))
        else:
            found.append(Sending(trigger.kind, signal_name(instance, chain, trigger), "", variables))
    return found


def send(token: Token, sending: Sequence[Sending]) -> None:
    """The messages and signals are on their way, and the instance's own events have caught the signals."""
    record, element = token.instance.record, token.node.element
    for index, each in enumerate(sending):
        key = token.key if not index else uuid5(token.id, str(index)).hex
        if each.kind == "message":
            record.thrown_messages.append(
                MessageThrown(
                    key, element.id, element.process_key, each.name, each.key, each.variables, each.expires_at
                )
            )
        else:
            record.thrown_signals.append(SignalThrown(key, element.id, element.process_key, each.name, each.variables))
            deliver_signal(token.instance, each.name, each.variables)


def deliver_signal(
    instance: Instance, name: str, variables: Mapping[str, Value], *, among: Collection[str] | None = None
) -> bool:
    """All that waits for the signal now, or those `among` it, has caught it, what is inside before what is around it;
    False where nothing waits for it."""
    waiting = [
        token
        for token in instance.all_tokens()
        if waits_for_signal(token, name) and (among is None or token.key in among)
    ]
    for listener in reversed(waiting):
        if waits_for_signal(listener, name):
            bring(listener, variables)
            set_off(listener)
    return bool(waiting)


class Events(EventManager):
    """What an instance does with events between elements."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self.conditions = Conditions(instance)

    def undone(self, token: Token) -> None:
        """The activity has been undone, and the one before it is next."""
        compensation.undone(token)

    def after_element(self) -> None:
        """The conditional events whose condition has become true have happened, inner ones before outer ones."""
        for listener in reversed(self.conditions.become_true()):
            if listener.state == TaskState.WAITING:
                set_off(listener)
