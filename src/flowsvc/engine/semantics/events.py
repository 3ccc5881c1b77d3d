"""Events that wait: in the flow, on the border of an activity, at the start of an event subprocess. What each of them
does when it is set off, by itself or together with others."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from SpiffWorkflow import TaskState

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Value
from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics.data import hand_out, keep, keep_for_inside
from flowsvc.engine.semantics.facts import Element, Trigger
from flowsvc.engine.semantics.instance import NOTHING, FlowNode, Instance, Scope, Token
from flowsvc.engine.semantics.listening import (
    Hearing,
    Prepared,
    announce_timer,
    happened_of,
    keep_time,
    kept_time,
    listen,
    listened_for,
    next_time,
    prepare,
)
from flowsvc.engine.timers import Occurrence


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
        token = self.trigger(listener.parent, happened, listener.brought)
        if self.is_parallel and not self.is_interrupting:
            token.internal_data["again"] = listener.parent.key

    def leave(self, token: Token) -> None:
        """The flow goes on; an event that needed all of its triggers waits for all of them anew."""
        instance, host = token.instance, token.internal_data.pop("again", None)
        waiting = [each for each in token.workflow.tokens() if each.key == host]
        prepared = [each for host in waiting for each in prepare(instance, instance.chain(host), [self])]
        super().leave(token)
        for each in waiting:
            listen(each, prepared)

    def trigger(self, host: Token, happened: Happened, brought: Mapping[str, Value] = NOTHING) -> Token:
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
        return token


class EventSubprocessNode(Hearing):
    """What is known here of an event subprocess: it begins when its start event is set off."""

    @property
    def undoes_scope(self) -> bool:
        """It starts by compensation."""
        return any(each.kind == "compensate" for each in self.triggers)

    @property
    def comes_again(self) -> bool:
        """It can happen more than once where it does not interrupt."""
        return not self.is_interrupting

    def heard(self, listener: Token, happened: Happened) -> None:
        """It has begun."""
        token = self.begin(listener.workflow, happened, listener.brought)
        if self.is_parallel and not self.is_interrupting:
            token.internal_data["again"] = True

    def begin(self, workflow: Instance | Scope, happened: Happened, brought: Mapping[str, Value] = NOTHING) -> Token:
        """It runs in its scope; an interrupting one has ended everything else there."""
        instance: Instance = workflow.top_workflow
        token = instance.spawn(workflow, self, is_next=True, happened=happened.value)
        keep_for_inside(token, brought)
        if self.is_interrupting:
            instance.clear(workflow, but=token, keeps_done=True)
        return token


class Gathering(FlowNode):
    """An element that waits for what comes first of several elements behind it."""

    @abstractmethod
    def take(self, token: Token, behind: Hearing, happened: Happened) -> None:
        """What that element waits for has come."""


def event_subprocesses(spec: Any) -> Iterator[EventSubprocessNode]:
    """The event subprocesses directly in a process or subprocess."""
    return (node for node in spec.nodes() if isinstance(node, EventSubprocessNode))


def prepare_beside(token: Token) -> list[Prepared]:
    """The event subprocesses of the token's scope, before they are armed."""
    instance, workflow = token.instance, token.workflow
    return prepare(instance, instance.chain_of(workflow), event_subprocesses(workflow.spec))


def listen_beside(token: Token) -> None:
    """The event subprocesses of the token's scope wait. EngineFault, with nothing changed, where one cannot."""
    listen(token.workflow.task_tree, prepare_beside(token))


def boundaries(node: FlowNode) -> Sequence[BoundaryEvent]:
    """The events on the border of an activity."""
    found: Sequence[BoundaryEvent] = getattr(node, "boundaries", ())
    return found


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
    elif listener.parent.node is node:
        keep(listener.parent, listener.brought)
    if again is not None:
        keep_time(listener, again, cycle=int(listener.internal_data["cycle"]) + 1)
        announce_timer(listener, again.due)


def _next_time(listener: Token, trigger: Trigger) -> Occurrence | None:
    instance = listener.instance
    return next_time(instance, instance.chain(listener.parent), trigger, last=kept_time(listener))


def _siblings(listener: Token) -> list[Token]:
    """The listeners of the same element at the same place."""
    beside = [each for each in listener.parent.children if each.node is listener.node]
    return [each for each in beside if each.is_listening and not each.is_undoable]


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
