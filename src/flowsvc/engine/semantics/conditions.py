"""Conditional events: they happen when their condition is true as they begin to wait, or becomes true later (BPMN
2.0.2, table 10.93). Hides when a condition is asked again: after an element that wrote a variable which it can see."""

from __future__ import annotations

from SpiffWorkflow import TaskState

from flowsvc.domain.errors import EngineFault
from flowsvc.engine.semantics.instance import Instance, Token
from flowsvc.engine.semantics.listening import listened_for
from flowsvc.engine.semantics.variables import Chain


class Conditions:
    """The conditional events that wait in an instance, while one step runs."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._known: list[Token] | None = None
        self._asked = 0
        self._true: list[Token] = []

    def arm(self, listener: Token, *, holds: bool) -> None:
        """The event waits; where its condition holds already it is about to happen."""
        if self._known is not None:
            self._known.append(listener)
        if holds:
            listener.internal_data["held"] = True
            self._true.append(listener)

    def try_again(self, listener: Token) -> None:
        """The event whose condition could not be worked out waits again, and its condition is asked."""
        listener.set_state(TaskState.WAITING)
        self._ask(listener)

    def become_true(self) -> list[Token]:
        """The events that happen now, because of what has been written since the last time this was asked."""
        instance = self._instance
        written = {each.scope for each in instance.variables.writes[self._asked :]}
        self._asked = len(instance.variables.writes)
        if written:
            for listener in self._waiting():
                if any(each.scope in written for each in _chain(listener)):
                    self._ask(listener)
        found, self._true = self._true, []
        return found

    def _waiting(self) -> list[Token]:
        tokens = self._instance.all_tokens() if self._known is None else self._known
        self._known = [each for each in tokens if is_waiting(each)]
        return list(self._known)

    def _ask(self, listener: Token) -> None:
        trigger = listened_for(listener)
        if trigger is None or listener in self._true:
            return
        try:
            (held,) = self._instance.expressions.conditions(_chain(listener), [trigger.text.source])
            if not held():
                listener.internal_data.pop("held", None)
            elif "held" not in listener.internal_data:
                listener.internal_data["held"] = True
                self._true.append(listener)
        except EngineFault as fault:
            self._instance.fail(listener, fault)


def _chain(listener: Token) -> Chain:
    # What a border event sees is what its activity sees.
    return listener.instance.chain(listener.parent)


def is_waiting(token: Token) -> bool:
    """The token waits for a condition to become true."""
    trigger = listened_for(token)
    return trigger is not None and trigger.kind == "conditional" and token.state == TaskState.WAITING
