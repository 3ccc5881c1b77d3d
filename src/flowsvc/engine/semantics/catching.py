"""Events and tasks of the flow that wait for something from outside, and where processes and subprocesses begin."""

from __future__ import annotations

from typing import Any

from flowsvc.domain.values import Variables
from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.data import require_process_inputs
from flowsvc.engine.semantics.events import (
    EventNode,
    Hearing,
    go_on,
    happened_of,
    listen,
    prepare,
    prepare_scope,
)
from flowsvc.engine.semantics.facts import Trigger
from flowsvc.engine.semantics.instance import Token
from flowsvc.engine.semantics.variables import Chain


class StartEvent(EventNode):
    """Where a process or subprocess begins. With it the event subprocesses beside it are armed."""

    def __init__(self, *args: Any, initiator: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initiator = initiator
        """The variable that names who started the instance."""

    @property
    def is_plain(self) -> bool:
        """It waits for nothing."""
        return not self.triggers

    def enter(self, token: Token) -> bool:
        """The event subprocesses wait, and the flow begins."""
        instance = token.instance
        prepared = prepare_scope(token)
        require_process_inputs(token)
        self.show_start(token)
        happened = token.internal_data.pop("happened", None)
        if happened is not None:
            instance.tell(token, Happened(happened))
        elif self.triggers:
            instance.tell(token, happened_of(self.triggers[0]))
        listen(token.workflow.task_tree, prepared)
        return True


class CatchEvent(EventNode):
    """An event in the flow that waits for its trigger; without one it is passed."""

    def enter(self, token: Token) -> bool:
        """The event waits; True where there is nothing to wait for."""
        instance = token.instance
        begun = token.internal_data.pop("begun", None)
        prepared = prepare(instance, instance.chain(token), [self]) if begun is None else []
        self.show_start(token)
        if begun is not None:
            instance.tell(token, Happened(begun))
        if any(each.kind == "link" for each in self.triggers):
            instance.tell(token, Happened.CAUGHT)
        listen(token, prepared)
        return not prepared


class ReceiveTask(Activity, Hearing):
    """A task that waits for a message."""

    def __init__(self, *args: Any, message: Trigger, instantiates: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.triggers = (message,)
        self.instantiates = instantiates
        """The process starts with it, by its message."""

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The task waits for the message; True where that has come already."""
        begun = token.internal_data.pop("begun", None)
        if begun is None:
            listen(token, prepare(token.instance, chain, [self]))
            return False
        beside = prepare_scope(token) if self.instantiates else []
        if self.instantiates:
            require_process_inputs(token)
        token.instance.tell(token, Happened(begun))
        listen(token.workflow.task_tree, beside)
        return True

    def heard(self, listener: Token, happened: Happened) -> None:
        """The task goes on."""
        go_on(listener, happened)
