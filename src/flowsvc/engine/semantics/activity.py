"""What every activity does around its work: local variables, border events, outputs, and one body for each item
where it is multi-instance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid5

from SpiffWorkflow import TaskState

from flowsvc.domain.errors import LimitPassed, ScriptFailed
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics import events
from flowsvc.engine.semantics.expressions import whole_number
from flowsvc.engine.semantics.facts import Loop
from flowsvc.engine.semantics.instance import FlowNode, Token
from flowsvc.engine.semantics.variables import Chain

MAX_BODIES = 1_000


class Activity(FlowNode):
    """A task, subprocess or call activity."""

    def __init__(self, *args: Any, loop: Loop | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loop = loop
        self.boundaries: list[events.BoundaryEvent] = []

    def onward(self) -> Iterator[str]:
        """Past the activity or over its border."""
        yield from super().onward()
        yield from (boundary.element.id for boundary in self.boundaries)

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The activity's own work is done, or asked for; True when it is done."""
        return True

    def local_scope(self, token: Token) -> str:
        """The name of the scope of the activity's own variables. It is not the token's: the host forgets what it keeps
        under the token's name when the wait is over, and the outputs are still to be read."""
        return uuid5(token.id, "local").hex

    def shown_type(self, token: Token) -> str:
        """The whole of a multi-instance activity is shown apart from its bodies."""
        return "multiInstanceLoopCharacteristics" if self.is_whole(token) else self.element.type

    def is_whole(self, token: Token) -> bool:
        """The token stands for all bodies together."""
        return self.loop is not None and "body" not in token.internal_data

    # Begin

    def enter(self, token: Token) -> bool:
        """The activity has begun; True when it is done."""
        if self.is_whole(token):
            return self._open_bodies(token)
        instance = token.instance
        own = instance.expressions.named(instance.chain(token), self.element.inputs)
        if own or self.is_scope:
            self.own(token, own)
        chain = instance.chain(token)
        # The border of a multi-instance activity is armed for the whole, not for each body.
        # Nor is it armed again when the activity is tried again.
        is_armed = "body" in token.internal_data or bool(token.children)
        prepared = [] if is_armed else events.prepare(instance, chain, self.boundaries)
        properties = self.show_start(token)
        if self.work(token, chain, properties):
            return True
        events.listen(token, prepared)
        return False

    is_scope = False
    """The activity's inside sees the activity's own variables."""

    def own(self, token: Token, values: Variables) -> None:
        """The token has a scope of its own with the values in it."""
        data = token.internal_data
        scope = data.setdefault("local", self.local_scope(token))
        for name, value in values.items():
            token.instance.variables.put(scope, name, value, by_token=token.key)
        data["own"] = sorted({*data.get("own", ()), *values})

    # End

    def leave(self, token: Token) -> None:
        """The outputs stand in the scopes around, and the flow, or the whole of the bodies, goes on."""
        if self.is_whole(token):
            self._leave_whole(token)
            return
        instance = token.instance
        self.write_outputs(token)
        if "body" not in token.internal_data:
            super().leave(token)
            return
        self.show_end(token)
        is_enough = self._count_body(token)
        whole: Token = token.parent
        instance.discard(token)
        if is_enough:
            for child in whole.children:
                if not child.is_listening:
                    instance.cancel_token(child)
            instance.resume(whole)

    def write_outputs(self, token: Token) -> None:
        """Each output parameter's value is assigned outside the activity."""
        instance = token.instance
        for name, value in instance.expressions.named(instance.chain(token), self.element.outputs).items():
            self.assign_outside(token, name, value)

    def assign_outside(self, token: Token, name: str, value: Value) -> None:
        """The value stands where a value that comes out of the activity belongs: not among its own inputs and results,
        but a body keeps what no scope outside holds."""
        instance = token.instance
        chain = instance.chain(token)
        if "local" in token.internal_data and name in token.internal_data["own"]:
            outside = chain[1:]
            is_held = any(name in instance.variables.of(each.scope) for each in outside)
            chain = outside if is_held or "body" not in token.internal_data else chain
        elif "local" in token.internal_data and "body" not in token.internal_data:
            chain = chain[1:]
        instance.variables.assign(chain, name, value, by_token=token.key)

    # Multi-instance (BPMN 2.0.2, 13.3.7)

    def _open_bodies(self, token: Token) -> bool:
        assert self.loop is not None  # noqa: S101 - for mypy; only asked of a multi-instance activity
        instance = token.instance
        chain = instance.chain(token)
        items = self._items(token, chain, self.loop)
        prepared = events.prepare(instance, chain, self.boundaries)
        instance.tell(token, Happened.STARTED)
        token.internal_data["of"] = len(items)
        token.internal_data["done"] = 0
        if not items:
            return True
        for index, item in enumerate(items):
            body = instance.spawn(token.workflow, self, below=token, body=index)
            own: Variables = {"loopCounter": index}
            if self.loop.element_variable:
                own[self.loop.element_variable] = item
            self.own(body, own)
        events.listen(token, prepared)
        return False

    def _items(self, token: Token, chain: Chain, loop: Loop) -> list[Value]:
        ask = token.instance.expressions.value
        if loop.collection:
            found = ask(chain, loop.collection, want="list")
            items = found if isinstance(found, list) else []
        else:
            number = whole_number(ask(chain, loop.cardinality), what="loopCardinality", default=0)
            if number < 0:
                raise ScriptFailed("Antalet får inte vara negativt.", names=("loopCardinality",))
            if number > MAX_BODIES:
                raise _too_many(number)
            items = [None] * number
        if len(items) > MAX_BODIES:
            raise _too_many(len(items))
        return items

    def _count_body(self, token: Token) -> bool:
        """The body is counted as done; True when the whole is done."""
        assert self.loop is not None  # noqa: S101 - see _open_bodies
        instance = token.instance
        whole: Token = token.parent
        chain = instance.chain(token)
        done, of = int(whole.internal_data["done"]) + 1, int(whole.internal_data["of"])
        is_enough = done == of
        if not is_enough and self.loop.completion:
            counts: Variables = {
                "nrOfInstances": of,
                "nrOfCompletedInstances": done,
                "nrOfActiveInstances": of - done,
                "loopCounter": token.internal_data["body"],
            }
            is_enough = instance.expressions.value(chain, self.loop.completion, want="bool", also=counts) is True
        if self.loop.output_list:
            self._keep(whole, token, chain)
        # Last, for a fault above must leave the count as it was.
        whole.internal_data["done"] = done
        return is_enough

    def _keep(self, whole: Token, body: Token, chain: Chain) -> None:
        """The body's output waits in a scope that nobody sees, for the body's own is gone before the whole is done."""
        assert self.loop is not None  # noqa: S101 - see _open_bodies
        instance = body.instance
        scope = whole.internal_data.setdefault("kept", whole.key)
        value = instance.variables.seen_from(chain).get(self.loop.output_item)
        instance.variables.put(scope, str(body.internal_data["body"]), value, by_token=body.key)

    def _leave_whole(self, token: Token) -> None:
        assert self.loop is not None  # noqa: S101 - see _open_bodies
        instance = token.instance
        if self.loop.output_list:
            kept = instance.variables.of(token.internal_data.get("kept", token.key))
            ordered: list[Value] = [kept[index] for index in sorted(kept, key=int)]
            instance.variables.assign(instance.chain(token), self.loop.output_list, ordered, by_token=token.key)
        flows = self.chosen(token)
        instance.tell(token, Happened.COMPLETED)
        instance.move(token, flows)


def _too_many(number: int) -> LimitPassed:
    return LimitPassed(f"{number} delar på en gång är fler än {MAX_BODIES}. Dela upp mängden.")


def is_waiting(token: Token) -> bool:
    """The token waits for something outside that has been announced."""
    return token.state == TaskState.STARTED and "open" in token.internal_data
