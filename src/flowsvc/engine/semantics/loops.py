"""Activities that are done several times: once for each item, together or one after another (multi-instance), or as
long as a condition holds (standard loop). One token stands for the whole, and one below it for each time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeAlias

from flowsvc.domain.errors import LimitPassed, ScriptFailed
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.semantics.expressions import whole_number
from flowsvc.engine.semantics.facts import Loop, StandardLoop, Trigger
from flowsvc.engine.semantics.instance import Token
from flowsvc.engine.semantics.variables import Chain

MAX_BODIES = 1_000
_ITEMS = "items"
"""The name under which the items wait for their turn, beside the outputs, which are named by their place."""

Bodies: TypeAlias = "Sequence[tuple[int, Variables]]"
"""What is to begin: the place of each, counted from 0, and what it has of its own."""


class Repetition(ABC):
    """How often an activity is done, and when that is enough."""

    shown_as: str
    """The BPMN name under which the history shows the whole."""

    keeps_variables = True
    """What a body sets, and no scope around holds, stays in the body."""

    @abstractmethod
    def first(self, whole: Token) -> Bodies:
        """What begins at once; nothing where the whole is done already."""

    @abstractmethod
    def after(self, body: Token) -> Bodies | None:
        """The body is counted as done. What begins next, which may be nothing; None where the whole is done."""

    @abstractmethod
    def announced(self, body: Token) -> Sequence[Trigger]:
        """What is thrown because the body is done; asked before it is counted."""

    @abstractmethod
    def finish(self, whole: Token) -> None:
        """What came out of the bodies stands outside."""

    @abstractmethod
    def told(self, whole: Token) -> Variables:
        """What the bodies see of the whole."""


def repetition(loop: Loop | StandardLoop | None) -> Repetition | None:
    """How an activity with that mark is repeated; None where it has none."""
    match loop:
        case Loop():
            return MultiInstance(loop)
        case StandardLoop():
            return Laps(loop)
        case None:
            return None


class MultiInstance(Repetition):
    """Once for each item of a collection, or a number of times (BPMN 2.0.2, 13.3.7)."""

    shown_as = "multiInstanceLoopCharacteristics"

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def first(self, whole: Token) -> Bodies:
        """The bodies of all items, or of the first."""
        loop = self._loop
        items = self._items(whole)
        whole.internal_data["of"] = len(items)
        whole.internal_data["done"] = 0
        if not loop.is_sequential:
            return [(index, self._own(index, item)) for index, item in enumerate(items)]
        if not items:
            return []
        if loop.element_variable:
            # What is done is decided at the start, whatever becomes of the collection meanwhile.
            whole.instance.variables.put(_kept(whole), _ITEMS, items, by_token=whole.key)
        return [(0, self._own(0, items[0]))]

    def after(self, body: Token) -> Bodies | None:
        """The next body where they run one after another."""
        instance, loop, whole = body.instance, self._loop, body.parent
        done, of = int(whole.internal_data["done"]) + 1, int(whole.internal_data["of"])
        chain = instance.chain(body)
        is_enough = done == of or (bool(loop.completion) and self._holds(body, loop.completion))
        if loop.output_list:
            self._keep(whole, body, chain)
        # Last, for a fault above must leave the count as it was.
        whole.internal_data["done"] = done
        if is_enough:
            return None
        return [(done, self._own(done, self._item(whole, done)))] if loop.is_sequential else []

    def announced(self, body: Token) -> Sequence[Trigger]:
        """The events that the diagram gives for each body, for the first one, or for a condition."""
        is_first = int(body.parent.internal_data["done"]) == 0
        return [
            trigger
            for each in self._loop.announcements
            if (is_first or not each.is_once) and (not each.condition or self._holds(body, each.condition))
            for trigger in each.triggers
        ]

    def _holds(self, body: Token, condition: str) -> bool:
        """The condition is true, the body counted as done."""
        instance, data = body.instance, body.parent.internal_data
        of, done = int(data["of"]), int(data["done"]) + 1
        counts = self._counts(of, done, 0 if self._loop.is_sequential else of - done)
        also: Variables = {**counts, "loopCounter": body.internal_data["body"]}
        return instance.expressions.value(instance.chain(body), condition, want="bool", also=also) is True

    def finish(self, whole: Token) -> None:
        """The output list has what the bodies left, in the order of the items."""
        instance = whole.instance
        if self._loop.output_list:
            kept = instance.variables.of(_kept(whole))
            ordered: list[Value] = [kept[place] for place in sorted(filter(str.isdigit, kept), key=int)]
            instance.variables.assign(instance.chain(whole), self._loop.output_list, ordered, by_token=whole.key)

    def told(self, whole: Token) -> Variables:
        """The counts, under Camunda's names."""
        of, done = int(whole.internal_data["of"]), int(whole.internal_data["done"])
        return self._counts(of, done, min(1, of - done) if self._loop.is_sequential else of - done)

    def _counts(self, of: int, done: int, active: int) -> Variables:
        # A body ends before its time only together with the whole, so none that can be counted was terminated.
        return {
            "nrOfInstances": of,
            "nrOfActiveInstances": active,
            "nrOfCompletedInstances": done,
            "nrOfTerminatedInstances": 0,
        }

    def _items(self, whole: Token) -> list[Value]:
        instance, loop = whole.instance, self._loop
        chain = instance.chain(whole)
        if loop.items:
            found = instance.variables.seen_from(chain).get(loop.items)
            if not isinstance(found, list):
                raise ScriptFailed(f"{loop.items} är ingen lista.", names=(loop.items,))
            items = found
        elif loop.collection:
            found = instance.expressions.value(chain, loop.collection, want="list")
            items = found if isinstance(found, list) else []
        else:
            number = whole_number(
                instance.expressions.value(chain, loop.cardinality), what="loopCardinality", default=0
            )
            if number < 0:
                raise ScriptFailed("Antalet får inte vara negativt.", names=("loopCardinality",))
            items = [None] * min(number, MAX_BODIES + 1)
        if len(items) > MAX_BODIES:
            raise LimitPassed(f"Fler än {MAX_BODIES} delar av en aktivitet. Dela upp mängden.")
        return items

    def _item(self, whole: Token, index: int) -> Value:
        items = whole.instance.variables.of(_kept(whole)).get(_ITEMS)
        return items[index] if isinstance(items, list) else None

    def _own(self, index: int, item: Value) -> Variables:
        name = self._loop.element_variable
        return {"loopCounter": index, **({name: item} if name else {})}

    def _keep(self, whole: Token, body: Token, chain: Chain) -> None:
        """The body's output waits in a scope that nobody sees, for the body's own is gone before the whole is done."""
        variables = body.instance.variables
        value = variables.seen_from(chain).get(self._loop.output_item)
        variables.put(_kept(whole), str(body.internal_data["body"]), value, by_token=body.key)


def _kept(whole: Token) -> str:
    name: str = whole.internal_data.setdefault("kept", whole.key)
    return name


class Laps(Repetition):
    """As long as a condition holds, asked before or after each lap, and at most a number of times (BPMN 2.0.2,
    13.3.6). What a lap sets is seen by the next one and by what comes after."""

    shown_as = "standardLoopCharacteristics"
    keeps_variables = False

    def __init__(self, loop: StandardLoop) -> None:
        self._loop = loop

    def first(self, whole: Token) -> Bodies:
        """The first lap, unless the condition is asked before."""
        whole.internal_data["done"] = 0
        return self._lap(0) if not self._loop.tests_before or self._goes_on(whole, 0) else []

    def after(self, body: Token) -> Bodies | None:
        """The next lap."""
        whole = body.parent
        done = int(whole.internal_data["done"]) + 1
        goes_on = self._goes_on(whole, done)
        # Last, for a fault above must leave the count as it was.
        whole.internal_data["done"] = done
        return self._lap(done) if goes_on else None

    def announced(self, body: Token) -> Sequence[Trigger]:
        """Nothing."""
        return ()

    def finish(self, whole: Token) -> None:
        """Nothing: each lap has left its outputs outside."""

    def told(self, whole: Token) -> Variables:
        """Nothing: each lap has its number of its own."""
        return {}

    def _lap(self, number: int) -> Bodies:
        return [(number, {"loopCounter": number})]

    def _goes_on(self, whole: Token, done: int) -> bool:
        loop, instance = self._loop, whole.instance
        if loop.maximum is not None and done >= loop.maximum:
            return False
        if not loop.condition:
            return True
        also: Variables = {"loopCounter": done}
        return instance.expressions.value(instance.chain(whole), loop.condition, want="bool", also=also) is True
