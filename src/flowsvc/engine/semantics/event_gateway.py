"""Event-based gateways: the flow goes where something comes first; and what starts a process without a start event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics.catching import ReceiveTask
from flowsvc.engine.semantics.data import keep, require_process_inputs
from flowsvc.engine.semantics.events import Gathering, listen_beside
from flowsvc.engine.semantics.facts import Flow
from flowsvc.engine.semantics.instance import Instance, Token
from flowsvc.engine.semantics.listening import Hearing, happened_of, listen, prepare
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
        if begun:
            require_process_inputs(token)
        prepared = prepare(instance, instance.chain(token), awaited)
        self.show_start(token)
        for each in begun:
            self._take(token, each, happened_of(each.triggers[0]))
        if begun and self.is_parallel:
            self._begin(token)
        listen(token, prepared)
        return not prepared

    def take(self, token: Token, behind: Hearing, happened: Happened) -> None:
        """The way of what has come is taken; the others wait no more, or are still to come."""
        instance = token.instance
        for other in token.children:
            if not self.is_parallel or other.node is behind:
                instance.silence(other)
        self._take(token, behind, happened)
        if self.is_parallel:
            self._begin(token)
        if not token.children:
            instance.resume(token)

    def _take(self, token: Token, behind: Hearing, happened: Happened) -> None:
        token.internal_data["taken"] = [behind.element.id, happened.value]

    def _begin(self, token: Token) -> None:
        """The way that is taken begins; with the first one, the event subprocesses beside the process wait."""
        if self.instantiates and "begun" not in token.internal_data:
            listen_beside(token)
            token.internal_data["begun"] = True
        element_id, happened = token.internal_data.pop("taken", ("", ""))
        if element_id:
            begun = token.instance.spawn(token.workflow, token.workflow.spec.node(element_id), begun=happened)
            keep(begun, token.brought)

    def go_on(self, token: Token, flows: Sequence[Flow]) -> None:
        """The way that was taken begins, not any flow."""
        self.show_end(token)
        self._begin(token)
        token.instance.move(token, ())


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
