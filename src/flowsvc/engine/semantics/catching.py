"""Events and tasks of the flow that wait for something from outside, and where processes and subprocesses begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowsvc.domain.values import Variables
from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.data import require_process_inputs
from flowsvc.engine.semantics.events import EventNode, go_on, listen_beside, prepare_beside
from flowsvc.engine.semantics.facts import Flow, Trigger
from flowsvc.engine.semantics.instance import Token
from flowsvc.engine.semantics.listening import Hearing, happened_of, listen, prepare
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
        """The flow begins."""
        instance = token.instance
        require_process_inputs(token)
        self.show_start(token)
        happened = token.internal_data.pop("happened", None)
        if happened is not None:
            instance.tell(token, Happened(happened))
        elif self.triggers:
            instance.tell(token, happened_of(self.triggers[0]))
        return True

    def go_on(self, token: Token, flows: Sequence[Flow]) -> None:
        """The event subprocesses beside wait from now on."""
        # The end is shown first, for what fails must not leave them waiting.
        self.show_end(token)
        listen_beside(token)
        token.instance.move(token, flows)


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
        if self.instantiates:
            require_process_inputs(token)
        token.instance.tell(token, Happened(begun))
        token.internal_data["begins"] = self.instantiates
        return True

    def go_on(self, token: Token, flows: Sequence[Flow]) -> None:
        """Where the process began with it, the event subprocesses beside wait from now on."""
        beside = prepare_beside(token) if token.internal_data.pop("begins", False) else []
        super().go_on(token, flows)
        if token.workflow.has_flow():
            listen(token.workflow.task_tree, beside)

    def heard(self, listener: Token, happened: Happened) -> None:
        """The task goes on."""
        go_on(listener, happened)
