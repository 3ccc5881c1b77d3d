"""A parallel join that no run can open is refused; one that some run opens is not."""

# ruff: noqa: E501 - a small diagram stands on one line

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.factories import boundary, bpmn, element, end, flow, message, path, start, timer, user


def choice(identity: str, first: str, *others: str) -> str:
    ways = "".join(flow(identity, other, "true") for other in others)
    return element("exclusiveGateway", identity, default=f"{identity}_{first}") + flow(identity, first) + ways


def gateway(identity: str, *to: str) -> str:
    return element("parallelGateway", identity) + "".join(flow(identity, each) for each in to)


def tasks(*names: str) -> str:
    return "".join(element("task", name) for name in names)


JOIN = (start(), gateway("j", "end"), end())
DEAD = [
    (choice("x", "a", "b"), tasks("a", "b"), path("start", "x"), path("a", "j"), path("b", "j")),
    # Through a choice that is closed again, and longer ways.
    (choice("x", "y", "b"), choice("y", "a", "c"), tasks("a", "b", "c", "d"), path("start", "x"), path("a", "d", "j"), path("c", "d"), path("b", "j")),
    # Straight from the choice.
    (choice("x", "a", "j"), tasks("a"), path("start", "x"), path("a", "j")),
    # An activity and its border.
    (user("a"), boundary("b", "a", timer("PT1H")), path("start", "a", "j"), path("b", "j")),
    # Behind a fork of which each way decides by itself.
    (gateway("f", "x", "z"), choice("x", "a", "b"), tasks("a", "b", "z"), path("start", "f"), path("a", "j"), path("b", "j"), path("z", "j")),
    # Two borders of one activity.
    (user("a"), boundary("b", "a", timer("PT1H")), boundary("c", "a", message()), tasks("d"), path("start", "a", "d"), path("b", "j"), path("c", "j")),
]  # fmt: skip
OPEN = [
    (gateway("f", "a", "b"), tasks("a", "b"), path("start", "f"), path("a", "j"), path("b", "j")),
    # The fork stands in one of the ways.
    (choice("x", "f", "c"), gateway("f", "a", "b"), tasks("a", "b", "c"), path("start", "x"), path("a", "j"), path("b", "j"), path("c", "b")),
    # The choice is passed by two tokens, or again.
    (gateway("f", "y", "z"), tasks("y", "z"), path("y", "x"), path("z", "x"), choice("x", "a", "b"), tasks("a", "b"), path("start", "f"), path("a", "j"), path("b", "j")),
    (choice("x", "f", "b"), gateway("f", "a", "r"), tasks("a", "b", "r"), path("start", "x"), path("r", "x"), path("a", "j"), path("b", "j")),
    # A border that does not interrupt.
    (user("a"), boundary("b", "a", timer("PT1H"), interrupting=False), path("start", "a", "j"), path("b", "j")),
    # One of the paths comes from elsewhere.
    (gateway("f", "x", "b"), choice("x", "a", "e"), tasks("a", "b"), end("e"), path("start", "f"), path("a", "j"), path("b", "j")),
]  # fmt: skip


def refusals(feel: Feel, parts: tuple[str, ...]) -> list[tuple[str, str]]:
    found = check([SourceFile("p.bpmn", bpmn(*JOIN, *parts))], known=Known(), feel=feel).problems
    return [(each.code, each.element_id) for each in found if each.severity == "refused"]


@pytest.mark.parametrize("parts", DEAD)
def test_a_join_of_ways_that_exclude_each_other_is_refused(parts: tuple[str, ...], shared_feel: Feel) -> None:
    assert refusals(shared_feel, parts) == [("gateway.deadlock", "j")]


@pytest.mark.parametrize("parts", OPEN)
def test_a_join_that_some_run_opens_is_not_refused(parts: tuple[str, ...], shared_feel: Feel) -> None:
    assert refusals(shared_feel, parts) == []
