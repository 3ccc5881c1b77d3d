"""Parallel joins that wait for paths of which only one is ever taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowsvc.engine.checking.diagram import Element, Flow, Scope

_WORK = 1_000_000
"""How many paths are looked at in one scope; very large diagrams are looked at in part."""

_CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})


@dataclass(frozen=True)
class _Way:
    """One of the ways of which exactly one is taken: the flows and border events that it begins with."""

    flows: tuple[Flow, ...]
    events: tuple[Element, ...] = ()


def waiting_for_ever(scope: Scope) -> Iterator[Element]:
    """The parallel joins of the scope that no run can open: one choice decides on several of the paths that they wait
    for, and none of its ways leads to all of these. Where a choice may be passed twice, nothing is said."""
    paths = _Paths(scope)
    choices = [(each, ways) for each in scope.elements.values() if len(ways := _ways(scope, each)) > 1]
    for join in scope.of_kind("parallelGateway"):
        if len(join.incoming) > 1:
            before = paths.before(join)
            for choice, ways in choices:
                if paths.work > _WORK:
                    return
                if choice in before and choice is not join and _never_opens(paths, join, choice, ways):
                    yield join
                    break


def _ways(scope: Scope, element: Element) -> list[_Way]:
    if element.kind in _CHOICES:
        return [_Way((flow,)) for flow in element.outgoing]
    border = scope.boundaries(element)
    beside = tuple(each for each in border if not each.is_interrupting)
    aside = [_Way((), (each, *beside)) for each in border if each.is_interrupting]
    return [_Way(tuple(element.outgoing), beside), *aside] if aside else []


def _never_opens(paths: _Paths, join: Element, choice: Element, ways: list[_Way]) -> bool:
    scope, shut = paths.scope, {choice, join}
    without = paths.following(paths.begins, shut=shut) - shut
    decided = {flow.id for flow in join.incoming if scope.elements.get(flow.source) not in without}
    if len(decided) < 2:
        return False
    for way in ways:
        reached = paths.following([*_targets(scope, way.flows), *way.events], shut=shut)
        if choice in reached:
            return False
        arriving = {flow.id for flow in way.flows}
        arriving |= {flow.id for flow in join.incoming if scope.elements.get(flow.source) in reached - shut}
        if decided <= arriving or paths.work > _WORK:
            return False
    return not _may_come_twice(paths, choice, join)


def _may_come_twice(paths: _Paths, choice: Element, join: Element) -> bool:
    """Two of the paths that are taken side by side lead to the choice, or something sends several tokens along one."""
    scope = paths.scope
    if paths.sends_several:
        return True
    again = [each for each in scope.of_kind("boundaryEvent") if not each.is_interrupting]
    if choice in paths.following(again, shut={join}):
        # What interrupts nothing may come once more.
        return True
    before = paths.before(choice)
    forks = [
        [*_targets(scope, fork.outgoing), *(each for each in scope.boundaries(fork) if not each.is_interrupting)]
        for fork in before
        if fork is not choice and fork.kind not in _CHOICES
    ]
    if not paths.is_begun_by_choice:
        forks.append(paths.begins)
    for fork in forks:
        leading = [each for each in fork if each in before]
        if len(leading) > 1 and sum(choice in paths.following([each], shut={join}) for each in leading) > 1:
            return True
        if paths.work > _WORK:
            return True
    return False


def _targets(scope: Scope, flows: Iterable[Flow]) -> list[Element]:
    return [scope.elements[flow.target] for flow in flows if flow.target in scope.elements]


class _Paths:
    """What leads where in a scope, and how much has been looked at."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.work = 0
        self.begins = scope.begins
        self.is_begun_by_choice = bool(scope.beginnings())
        self.sends_several = any(each.element.get("completionQuantity", "1") != "1" for each in scope.elements.values())
        self._after = {each: scope.beyond(each) for each in scope.elements.values()}
        self._before: dict[Element, list[Element]] = {each: [] for each in scope.elements.values()}
        for each, following in self._after.items():
            for other in following:
                self._before[other].append(each)

    def following(self, starts: Iterable[Element], *, shut: set[Element]) -> set[Element]:
        """What the elements lead to, themselves included; from those that are shut nothing leads on."""
        return self._walk(starts, self._after, shut)

    def before(self, element: Element) -> set[Element]:
        """What leads to the element, itself included."""
        return self._walk([element], self._before, set())

    def _walk(
        self, starts: Iterable[Element], onward: Mapping[Element, list[Element]], shut: set[Element]
    ) -> set[Element]:
        reached: set[Element] = set()
        waiting = list(starts)
        while waiting:
            element = waiting.pop()
            if element in reached:
                continue
            reached.add(element)
            if element not in shut:
                waiting.extend(onward[element])
                self.work += len(onward[element])
        return reached
