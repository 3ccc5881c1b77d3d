"""What every activity does around its work: local variables, border events, outputs, and the whole of its bodies where
it is done several times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from SpiffWorkflow import TaskState

from flowsvc.domain.values import Value, Variables
from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics import compensation, events, listening, throwing
from flowsvc.engine.semantics import data as items
from flowsvc.engine.semantics.facts import Flow, Loop, Quantities, StandardLoop
from flowsvc.engine.semantics.instance import FlowNode, Scope, Token
from flowsvc.engine.semantics.loops import Bodies, Repetition, repetition
from flowsvc.engine.semantics.variables import Chain

ONE_TOKEN = Quantities()


class Activity(FlowNode):
    """A task, subprocess or call activity."""

    def __init__(
        self, *args: Any, loop: Loop | StandardLoop | None = None, quantities: Quantities = ONE_TOKEN, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.repetition = repetition(loop)
        self.quantities = quantities
        self.boundaries: list[events.BoundaryEvent] = []

    def onward(self) -> Iterator[str]:
        """Past the activity or over its border."""
        yield from super().onward()
        yield from (boundary.element.id for boundary in self.boundaries)

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The activity's own work is done, or asked for; True when it is done."""
        return True

    def shown_type(self, token: Token) -> str:
        """The whole of a repeated activity is shown apart from its bodies."""
        whole = self._repeated(token)
        return self.element.type if whole is None else whole.shown_as

    def told_to_bodies(self, whole: Token) -> Variables:
        """The counts of a multi-instance activity."""
        return {} if self.repetition is None else self.repetition.told(whole)

    def can_be_undone(self, token: Token) -> bool:
        """What stands behind its border, or what is kept inside, can undo it."""
        return compensation.is_undoable(token, is_whole=self._repeated(token) is not None)

    def _repeated(self, token: Token) -> Repetition | None:
        """How the activity is repeated, where the token stands for all its bodies together."""
        return None if token.is_body else self.repetition

    # Begin

    def enter(self, token: Token) -> bool:
        """The activity has begun, or waits for more tokens to begin; True when it is done."""
        if self.quantities.start > 1 and not self._has_enough(token):
            return False
        if (repeated := self._repeated(token)) is not None:
            return self._enter_whole(token, repeated)
        instance = token.instance
        taken = items.taken(token)
        if taken or self.is_scope:
            self.own(token, taken)
        own = instance.expressions.named(instance.chain(token), self.element.inputs)
        if own:
            self.own(token, own)
        chain = instance.chain(token)
        # The border of a repeated activity is armed for the whole, not for each body.
        # Nor is it armed again when the activity is tried again.
        is_armed = token.is_body or bool(token.children)
        prepared = [] if is_armed else listening.prepare(instance, chain, self.boundaries)
        properties = self.show_start(token)
        if self.work(token, chain, properties):
            return True
        listening.listen(token, prepared)
        return False

    def _has_enough(self, token: Token) -> bool:
        """As many tokens have come as the activity takes (BPMN 2.0.2, table 10.3); they are one from here on. Until
        then one that waits, and that the history has not seen, counts them."""
        data = token.internal_data
        if token.is_body or "complete" in data:
            return True
        for waiting in token.workflow.tokens():
            if waiting.task_spec is self and "gathers" in waiting.internal_data:
                waiting.internal_data["gathers"] += 1
                token.instance.discard(token)
                if waiting.internal_data["gathers"] == self.quantities.start:
                    del waiting.internal_data["gathers"]
                    waiting.internal_data["complete"] = True
                    token.instance.queue(waiting)
                return False
        data["gathers"] = 1
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
        if self._repeated(token) is not None:
            self._leave_whole(token)
            return
        if throwing.throw_declared(token):
            return
        self.write_outputs(token)
        if token.is_body:
            self._leave_body(token)
        else:
            super().leave(token)

    def go_on(self, token: Token, flows: Sequence[Flow]) -> None:
        """The flow goes on, with as many tokens as the activity gives, unless the subprocess around has enough."""
        around = token.workflow
        is_in_flow = isinstance(around, Scope) and not token.parent.is_undoable
        is_enough = is_in_flow and around.owner.node.is_enough(around)
        taken = [flow for flow in flows for _ in range(self.quantities.completion)]
        super().go_on(token, () if is_enough else taken)
        if is_enough:
            around.owner.node.end_inside(around)

    def show_end(self, token: Token) -> None:
        """What is declared for the end is told by each body, not by the whole."""
        if self._repeated(token) is None:
            super().show_end(token)
        else:
            token.instance.tell(token, Happened.COMPLETED)

    def write_outputs(self, token: Token) -> None:
        """Each output parameter's value is assigned outside the activity."""
        instance = token.instance
        for name, value in instance.expressions.named(instance.chain(token), self.element.outputs).items():
            self.assign_outside(token, name, value)
        items.hand_out(token)

    def assign_outside(self, token: Token, name: str, value: Value) -> None:
        """The value stands where a value that comes out of the activity belongs: not among its own inputs and results,
        but a body keeps what no scope outside holds. A data output or property is the activity's own until its
        associations hand it out."""
        if name in self.data.outputs or name in self.data.properties:
            items.keep(token, {name: value})
            return
        instance = token.instance
        chain = instance.chain(token)
        if "local" in token.internal_data and name in token.internal_data["own"]:
            outside = chain[1:]
            is_held = any(name in instance.variables.of(each.scope) for each in outside)
            chain = outside if is_held or not token.keeps_variables else chain
        elif "local" in token.internal_data and not token.keeps_variables:
            chain = chain[1:]
        instance.variables.assign(chain, name, value, by_token=token.key)

    # Several times (BPMN 2.0.2, 13.3.6 and 13.3.7)

    def _enter_whole(self, token: Token, repeated: Repetition) -> bool:
        instance = token.instance
        if self.data.loop_input or self.data.loop_output:
            self.own(token, items.taken_for_loop(token))
        bodies = repeated.first(token)
        prepared = listening.prepare(instance, instance.chain(token), self.boundaries)
        instance.tell(token, Happened.STARTED)
        if not bodies:
            return True
        self._begin(token, bodies)
        listening.listen(token, prepared)
        return False

    def _begin(self, whole: Token, bodies: Bodies) -> None:
        is_lap = self.repetition is not None and not self.repetition.keeps_variables
        for index, own in bodies:
            body = whole.instance.spawn(
                whole.workflow, self, below=whole, body=index, **({"lap": True} if is_lap else {})
            )
            self.own(body, own)

    def _leave_body(self, token: Token) -> None:
        assert self.repetition is not None  # noqa: S101 - for mypy; only a repeated activity has bodies
        instance = token.instance
        whole: Token = token.parent
        announced = throwing.ready(token, self.repetition.announced(token), {})
        self.show_end(token)
        more = self.repetition.after(token)
        instance.retire(token)
        if announced.triggers:
            instance.tell(whole, Happened.THROWN)
        throwing.throw(token, whole, announced)
        if whole.state == TaskState.CANCELLED:
            # Its own border has caught what was thrown, and interrupts it.
            return
        if more is not None:
            self._begin(whole, more)
            return
        for child in whole.children:
            if not child.is_listening:
                instance.cancel_token(child)
        instance.resume(whole)

    def _leave_whole(self, token: Token) -> None:
        assert self.repetition is not None  # noqa: S101 - see _leave_body
        self.repetition.finish(token)
        items.hand_out(token, of_whole=True)
        super().leave(token)


def is_waiting(token: Token) -> bool:
    """The token waits for something outside that has been announced."""
    return token.state == TaskState.STARTED and "open" in token.internal_data
