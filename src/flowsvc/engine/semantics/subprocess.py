"""Embedded subprocesses and event subprocesses: an activity with tokens and listeners of its own inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Variables
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.catching import StartEvent
from flowsvc.engine.semantics.data import pass_inside
from flowsvc.engine.semantics.events import EventSubprocessNode
from flowsvc.engine.semantics.facts import Element
from flowsvc.engine.semantics.instance import ProcessSpec, Token
from flowsvc.engine.semantics.listening import listen, prepare
from flowsvc.engine.semantics.variables import Chain


class Subprocess(Activity):
    """Runs its inside; done when no token is left there."""

    is_scope = True

    def __init__(self, *args: Any, inside: ProcessSpec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inside = inside

    def inside_of(self, token: Token) -> ProcessSpec:
        """What is drawn inside."""
        return self.inside

    def local_scope(self, token: Token) -> str:
        """The subprocess's own variables and those of its inside are one scope."""
        return token.key

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The inside has its first token."""
        start = start_of(self.inside)
        scope = token.instance.open_scope(token, self.inside)
        happened = token.internal_data.pop("happened", None)
        pass_inside(token, token.instance.spawn(scope, start, **({"happened": happened} if happened else {})))
        return False


class EventSubprocess(Subprocess, EventSubprocessNode):
    """A subprocess that its start event sets off beside the flow, and that may end everything else around it."""

    def __init__(self, *args: Any, inside: ProcessSpec, **kwargs: Any) -> None:
        super().__init__(*args, inside=inside, **kwargs)
        begins = start_of(inside)
        self.triggers = begins.triggers
        self.is_parallel = begins.is_parallel
        self.is_interrupting = begins.is_interrupting
        self._shown = begins.element
        self._begins = begins

    @property
    def shown(self) -> Element:
        """Its start event is what waits."""
        return self._shown

    @property
    def takes(self) -> Sequence[str]:
        """The data outputs of its start event."""
        return self._begins.data.outputs

    def enter(self, token: Token) -> bool:
        """It has begun; one that needed all of its triggers waits for all of them anew."""
        is_again = token.internal_data.pop("again", False)
        instance, workflow = token.instance, token.workflow
        prepared = prepare(instance, instance.chain_of(workflow), [self]) if is_again else []
        is_done = super().enter(token)
        listen(workflow.task_tree, prepared)
        return is_done


def start_of(spec: ProcessSpec, element_id: str | None = None) -> StartEvent:
    """The start event with that id; without an id the none start event, else the only one."""
    starts = [node for node in spec.nodes() if isinstance(node, StartEvent)]
    if element_id is not None:
        found = [node for node in starts if node.element.id == element_id]
    else:
        found = [node for node in starts if node.is_plain] or starts
    if not found:
        raise EngineFault(f"Processen {spec.name} har ingen sådan starthändelse.")
    return found[0]
