"""Which elements of a scope lead to which, worked out once for all instances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Paths:
    """The elements of one scope and what leads from one to the next: flows, and the borders of activities."""

    source_of: Mapping[str, str]
    """Flow id → the element that it leaves."""
    before: Mapping[str, Sequence[str]]
    """Element → the elements from which a token can come to it."""

    @staticmethod
    def of(elements: Mapping[str, tuple[Sequence[str], Iterable[str]]]) -> Paths:
        """From each element's id, its outgoing flows and the elements next to it."""
        before = defaultdict[str, list[str]](list)
        source_of = dict[str, str]()
        for element_id, (flows, onward) in elements.items():
            source_of.update(dict.fromkeys(flows, element_id))
            for target in onward:
                before[target].append(element_id)
        return Paths(source_of, before)

    def into(self, element_id: str, flows: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """For each element the ones of these incoming flows of `element_id` that a token there can come to without
        passing `element_id` itself."""
        reached = defaultdict[str, set[str]](set)
        for flow in flows:
            seen = {element_id}
            waiting = [self.source_of[flow]] if flow in self.source_of else []
            while waiting:
                at = waiting.pop()
                if at not in seen:
                    seen.add(at)
                    reached[at].add(flow)
                    waiting.extend(self.before.get(at, ()))
        return {at: frozenset(found) for at, found in reached.items()}
