"""The variables of one step: what was handed in, with the step's own writes over it. Nothing handed in is changed,
and no value is shared between two places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from flowsvc.domain.values import Value, Variables
from flowsvc.engine.outcome import Scopes, VariableSet


@dataclass(frozen=True)
class Visible:
    """One scope in a chain of scopes, innermost first."""

    scope: str
    is_body: bool = False
    """A multi-instance body: values that no scope holds yet stop here."""
    told: Mapping[str, Value] = field(default_factory=dict)
    """Values that are worked out and stand in no scope."""


NOWHERE = "-"
"""The scope of values that are only told; nothing is ever put there."""

Chain: TypeAlias = "tuple[Visible, ...]"


class ScopedVariables:
    """Variables by scope, with a journal so that a failed element leaves no trace."""

    def __init__(self, scopes: Scopes) -> None:
        self._given = scopes
        self._own: dict[str, Variables] = {}
        self._before: list[Variables] = []
        """For each write what stood under the name before: one entry, or none."""
        self.writes: list[VariableSet] = []

    def of(self, scope: str) -> Variables:
        """The scope's own variables, to be read only."""
        own = self._own.get(scope)
        return own if own is not None else self._given.get(scope, {})

    def put(self, scope: str, name: str, value: Value, *, by_token: str) -> None:
        """The scope holds a copy of the value under the name."""
        own = self._own.get(scope)
        if own is None:
            own = self._own[scope] = dict(self._given.get(scope, {}))
        self._before.append({name: own[name]} if name in own else {})
        own[name] = copied(value)
        self.writes.append(VariableSet(scope=scope, name=name, value=copied(value), by_token=by_token))

    def assign(self, chain: Chain, name: str, value: Value, *, by_token: str) -> None:
        """The value stands in the nearest scope that holds the name, else in the nearest body, else outermost."""
        target = next((each for each in chain if name in self.of(each.scope)), None)
        if target is None:
            target = next((each for each in chain if each.is_body), chain[-1])
        self.put(target.scope, name, value, by_token=by_token)

    def seen_from(self, chain: Chain) -> Variables:
        """All variables visible along the chain; inner ones hide outer ones."""
        seen: Variables = {}
        for each in reversed(chain):
            seen.update(self.of(each.scope))
            seen.update(each.told)
        return seen

    def mark(self) -> int:
        """A point to come back to."""
        return len(self.writes)

    def undo(self, mark: int) -> None:
        """All writes since the mark are gone."""
        while len(self.writes) > mark:
            write = self.writes.pop()
            own = self._own[write.scope]
            del own[write.name]
            own.update(self._before.pop())


def copied(value: Value) -> Value:
    """The value again, sharing no list or context with it."""
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return value
