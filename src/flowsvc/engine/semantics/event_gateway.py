"""Event-based gateways: the flow goes where something comes first; and what starts a process without a start event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics.catching import ReceiveTask
from flowsvc.engine.semantics.data import keep, require_process_inputs
from flowsvc.engine.semantics.events import Gathering, Hearing, happened_of, listen, prepare, prepare_scope
from flowsvc.engine.semantics.facts import Flow
from flowsvc.engine.semantics.instance import Instance, Token
from flowsvc.engine.semantics.subprocess import start_of


class EventBasedGateway(Gathering):
    """Waits for what is behind it, and takes the way of what comes first (BPMN 2.0.2, 13.4.4). One that starts a
    process began with what came; a parallel one of these waits for all the others."""

    def __init__(self, *args: Any, instantiates: bool = False, is_parallel: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instantiates = instantiates
        self.is_parallel = is_parallel

    def behind(self) -> list[Hearing]:
        """The elements that wait behind it."""
        found = [self._wf_spec.node(flow.target) for flow in self.flows]
        return [each for each in found if isinstance(each, Hearing)]

    @property
    def takes(self) -> Sequence[str]:
        """The data outputs of what is behind it."""
        return [name for each in self.behind() for name in each.takes]

    def enter(self, token: Token) -> bool:
        """What is behind the gateway waits; True where it has begun with one of them and needs no other."""
        instance = token.instance
        first = token.internal_data.pop("first", None)
        begun = [each for each in self.behind() if each.element.id == first]
        awaited = [each for each in self.behind() if each not in begun] if self.is_parallel or not begun else []
        beside = prepare_scope(token) if begun else []
        if begun:
            require_process_inputs(token)
        prepared = prepare(instance, instance.chain(token), awaited)
        self.show_start(token)
        listen(token.workflow.task_tree, beside)
        listen(token, prepared)
        for each in begun:
            self._take(token, each, happened_of(each.triggers[0]))
        return not prepared

    def take(self, token: Token, behind: Hearing, happened: Happened) -> None:
        """The way of what has come is taken; the others wait no more, or are still to come."""
        instance = token.instance
        for other in token.children:
            if not self.is_parallel or other.node is behind:
                instance.silence(other)
        self._take(token, behind, happened)
        if not token.children:
            instance.resume(token)

    def _take(self, token: Token, behind: Hearing, happened: Happened) -> None:
        keep(token.instance.spawn(token.workflow, behind, begun=happened.value), token.brought)

    def chosen(self, token: Token) -> list[Flow]:
        """None: the way was taken when it came."""
        return []


def begin(instance: Instance, start_element: str | None) -> Token:
    """The instance has its first token: at the start event, receive task or event-based gateway that starts it.
    EngineFault where the process has no such start."""
    spec = instance.spec
    for node in spec.nodes() if start_element is not None else ():
        if isinstance(node, EventBasedGateway) and node.instantiates:
            if start_element in {each.element.id for each in node.behind()}:
                return instance.spawn(instance, node, first=start_element)
        elif isinstance(node, ReceiveTask) and node.instantiates and node.element.id == start_element:
            return instance.spawn(instance, node, begun=Happened.CAUGHT.value)
    return instance.spawn(instance, start_of(spec, start_element))
