"""Parallel joins that wait for paths of which only one is ever taken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flowsvc.engine.checking.diagram import Element, Flow, Scope

_WORK = 2_000_000
"""How much is looked at in one scope; very large diagrams are looked at in part."""

_CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})


@dataclass(frozen=True)
class _Way:
    """One of the ways of which exactly one is taken: the flows and border events that it begins with."""

    flows: tuple[Flow, ...]
    events: tuple[Element, ...] = ()


def waiting_for_ever(scope: Scope) -> Iterator[Element]:
    """The parallel joins of the scope that no run can open: one choice decides on several of the paths that they wait
    for, and none of its ways leads to all of these. Where a choice may be passed twice, nothing is said."""
    joins = [each for each in scope.of_kind("parallelGateway") if len(each.incoming) > 1]
    choices = [(each, ways) for each in scope.elements.values() if len(ways := _ways(scope, each)) > 1]
    looks = _WORK // (len(scope.elements) + 1)
    for join in joins:
        for choice, ways in choices:
            looks -= 3
            if looks < 0:
                return
            if choice is not join and _never_opens(scope, join, choice, ways):
                yield join
                break


def _ways(scope: Scope, element: Element) -> list[_Way]:
    if element.kind in _CHOICES:
        return [_Way((flow,)) for flow in element.outgoing]
    border = scope.boundaries(element)
    beside = tuple(each for each in border if not each.is_interrupting)
    aside = [_Way((), (each, *beside)) for each in border if each.is_interrupting]
    return [_Way(tuple(element.outgoing), beside), *aside] if aside else []


def _never_opens(scope: Scope, join: Element, choice: Element, ways: list[_Way]) -> bool:
    shut = {choice, join}
    without = _reached(scope, scope.begins, shut=shut) - shut
    decided = {flow.id for flow in join.incoming if scope.elements.get(flow.source) not in without}
    if len(decided) < 2:
        return False
    for way in ways:
        reached = _reached(scope, [*_targets(scope, way.flows), *way.events], shut=shut)
        if choice in reached:
            return False
        arriving = {flow.id for flow in way.flows}
        arriving |= {flow.id for flow in join.incoming if scope.elements.get(flow.source) in reached - shut}
        if decided <= arriving:
            return False
    return not _may_come_twice(scope, choice, join)


def _may_come_twice(scope: Scope, choice: Element, join: Element) -> bool:
    """Two of the paths that are taken side by side lead to the choice, or something sends several tokens along one."""
    if any(each.element.get("completionQuantity", "1") != "1" for each in scope.elements.values()):
        return True
    again = [each for each in scope.of_kind("boundaryEvent") if not each.is_interrupting]
    if choice in _reached(scope, again, shut={join}):
        # What interrupts nothing may come once more.
        return True
    forks = [
        [*_targets(scope, fork.outgoing), *(each for each in scope.boundaries(fork) if not each.is_interrupting)]
        for fork in scope.elements.values()
        if fork is not choice and fork.kind not in _CHOICES
    ]
    if not scope.beginnings():
        forks.append(scope.begins)
    return any(
        sum(choice in _reached(scope, [each], shut={join}) for each in fork) > 1 for fork in forks if len(fork) > 1
    )


def _targets(scope: Scope, flows: Iterable[Flow]) -> list[Element]:
    return [scope.elements[flow.target] for flow in flows if flow.target in scope.elements]


def _reached(scope: Scope, starts: Iterable[Element], *, shut: set[Element]) -> set[Element]:
    """What the elements lead to, themselves included; from those that are shut nothing leads on."""
    reached: set[Element] = set()
    waiting = list(starts)
    while waiting:
        element = waiting.pop()
        if element in reached:
            continue
        reached.add(element)
        if element not in shut:
            waiting.extend(scope.beyond(element))
    return reached
