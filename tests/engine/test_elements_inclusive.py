"""Inclusive gateways: which ways the flow takes, and for whom a join waits (BPMN 2.0.2, 13.4.3)."""

from typing import Any

import pytest

from flowsvc.engine.outcome import Status
from tests.engine.conftest import Begin
from tests.factories import boundary, bpmn, element, end, flow, message, path, start, subprocess, user


def inclusive(identity: str, **more: str) -> str:
    return element("inclusiveGateway", identity, **more)


def chosen(split: str, *targets: str) -> str:
    """A flow to each, taken where the variable of the target's name is true."""
    return "".join(flow(split, each, each) for each in targets)


FORK = (
    inclusive("split", default="split_d"),
    *(user(each) for each in "abcd"),
    inclusive("join"),
    chosen("split", "a", "b", "c"),
    flow("split", "d"),
    *(flow(each, "join") for each in "abcd"),
)
WHOLE = bpmn(start(), *FORK, user("after"), end(), path("start", "split"), path("join", "after", "end"))
NONE: dict[str, Any] = {"a": False, "b": False, "c": False}


@pytest.mark.parametrize("taken", ["a", "ab", "bc", "abc"])
def test_each_true_condition_is_taken_and_the_join_waits_for_just_those(run: Begin, taken: str) -> None:
    case = run(WHOLE).start_with({**NONE, **dict.fromkeys(taken, True)})
    assert case.waits == list(taken)

    for each in reversed(taken):
        assert "after" not in case.waits
        case.complete(each)

    assert case.waits == ["after"]
    assert case.happened("join") == ["started", "completed"]
    case.complete("after")
    assert case.status is Status.ENDED


def test_the_default_is_taken_when_no_condition_is_true(run: Begin) -> None:
    case = run(WHOLE).start(**NONE)

    assert case.waits == ["d"]
    case.complete("d")
    assert case.waits == ["after"]


def test_no_true_condition_and_no_default_is_an_incident_that_retry_mends(run: Begin) -> None:
    source = bpmn(start(), inclusive("x"), user("a"), user("b"), end(), path("start", "x"), chosen("x", "a", "b"),
                  path("a", "end"), path("b", "end"))  # fmt: skip
    case = run(source).start(a=False, b=False)
    assert case.failures() == [("x", "engine.no_path_taken")]

    case.correct(b=True)
    case.retry("x")

    assert case.waits == ["b"]


def test_a_fault_in_any_condition_is_an_incident(run: Begin) -> None:
    assert run(WHOLE).start(a=True, b=True).failures() == [("split", "engine.feel_unknown_name")]


def test_a_gateway_may_join_and_split(run: Begin) -> None:
    source = bpmn(
        start(), user("one"), user("two"), inclusive("x"), user("a"), user("b"), end(),
        path("start", "one", "x"), path("start", "two", "x"), chosen("x", "a", "b"), path("a", "end"), path("b", "end"),
    )  # fmt: skip
    case = run(source).start(a=True, b=True)

    case.complete("one")
    assert case.waits == ["two"]
    case.complete("two")

    assert case.waits == ["a", "b"]


def test_a_join_that_nobody_else_can_reach_opens_although_other_branches_go_on(run: Begin) -> None:
    source = bpmn(
        start(), *FORK, user("beside"), user("after"), end(),
        path("start", "split"), path("start", "beside", "end"), path("join", "after", "end"),
    )  # fmt: skip
    case = run(source).start(**{**NONE, "a": True, "b": True})

    case.complete("a")
    assert case.waits == ["b", "beside"]
    case.complete("b")

    assert case.waits == ["after", "beside"]


def test_a_token_that_dies_elsewhere_is_no_longer_waited_for(run: Begin) -> None:
    source = bpmn(
        start(), *FORK, element("exclusiveGateway", "x", default="x_join"), user("after"), end("gone"), end(),
        user("early"), path("start", "split"), chosen("split", "early"), path("early", "x", "join"),
        flow("x", "gone", "stop"), path("join", "after", "end"),
    )  # fmt: skip
    case = run(source).start(**{**NONE, "a": True, "early": True})

    case.complete("a")
    assert case.waits == ["early"]
    case.complete("early", stop=True)

    assert case.waits == ["after"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_join_waits_for_the_path_from_a_border(run: Begin, interrupting: bool) -> None:
    source = bpmn(
        start(), *FORK, boundary("late", "b", message(), interrupting=interrupting), user("chase"),
        user("after"), end(),
        path("start", "split"), path("late", "chase", "join", "after", "end"),
    )  # fmt: skip
    case = run(source).start(**{**NONE, "a": True, "b": True})

    case.complete("a")
    case.send("late")
    if not interrupting:
        case.complete("b")
    assert case.waits == ["chase"]
    case.complete("chase")

    assert case.waits == ["after"]
    assert case.happened("join") == ["started", "completed"]


def test_an_armed_border_is_waited_for_where_only_it_leads_to_the_join(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), user("host"), boundary("late", "host", message(), interrupting=False), user("chase"),
        inclusive("join"), user("after"), end(), end("quiet"),
        path("start", "a", "join", "after", "end"), path("start", "host", "quiet"), path("late", "chase", "join"),
    )  # fmt: skip
    case = run(source).start()

    case.complete("a")
    assert case.waits == ["host", "late"], "the border may still send a token to the join"
    case.complete("host")

    assert case.waits == ["after"]


def test_a_subprocess_that_waits_is_waited_for_and_its_inside_joins_by_itself(run: Begin) -> None:
    inner = subprocess("c", start("s"),
                       inclusive("split2"), user("e"), user("f"), inclusive("join2"), user("g"), end("t"),
                       path("s", "split2"), chosen("split2", "e", "f"), path("e", "join2", "g", "t"),
                       path("f", "join2"))  # fmt: skip
    parts = [each for each in FORK if 'id="c"' not in each]
    source = bpmn(start(), *parts, inner, user("after"), end(), path("start", "split"), path("join", "after", "end"))
    case = run(source).start(**{**NONE, "a": True, "c": True, "e": True, "f": True})

    case.complete("a")
    case.complete("e")
    assert case.waits == ["f"]
    case.complete("f")
    assert case.waits == ["g"], "the inner join opens, the outer one still waits"
    case.complete("g")

    assert case.waits == ["after"]


LAPS = bpmn(
    start(),
    inclusive("join"),
    user("a"),
    inclusive("split"),
    user("b"),
    user("c"),
    element("exclusiveGateway", "merge"),
    end(),
    path("start", "join", "a", "split"),
    chosen("split", "b", "c"),
    path("b", "merge", "join"),
    path("c", "end"),
)


def test_a_join_at_the_head_of_a_loop_does_not_wait_for_its_own_laps(run: Begin) -> None:
    case = run(LAPS).start(b=True, c=False)
    size = len(case.position.state)

    for _ in range(5):
        case.complete("a")
        case.complete("b")
        assert (case.waits, len(case.position.state)) == (["a"], size)
    case.complete("a", b=False, c=True)
    case.complete("c")

    assert case.status is Status.ENDED


def test_a_token_that_can_also_come_by_a_filled_flow_is_not_waited_for(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), user("b"), element("exclusiveGateway", "x", default="x_merge"),
        element("exclusiveGateway", "merge"), inclusive("join"), user("after"), end(),
        path("start", "a", "merge", "join", "after", "end"), path("start", "b", "x", "merge"),
        flow("x", "join", "n = 1"),
    )  # fmt: skip
    case = run(source).start(n=2)

    case.complete("a")

    assert case.waits == ["after", "b"]


def test_the_one_of_two_joins_that_the_other_waits_for_opens_first(run: Begin) -> None:
    source = bpmn(
        start(), *(user(each) for each in "abc"), inclusive("first"), inclusive("second"), user("after"), end(),
        path("start", "a", "first"), path("start", "b", "first", "second"), path("start", "c", "second"),
        path("second", "after", "end"),
    )  # fmt: skip
    case = run(source).start()

    case.complete("c")
    case.complete("a")
    assert case.waits == ["b"]
    case.complete("b")

    assert case.waits == ["after"]
    assert case.completed()[-2:] == ["first", "second"]


def test_a_second_token_by_the_same_flow_belongs_to_the_next_round(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), user("b"), boundary("again", "a", message(), interrupting=False),
        element("exclusiveGateway", "merge"), inclusive("join"), user("after"), end(),
        path("start", "a", "merge", "join", "after", "end"), path("start", "b", "join"), path("again", "merge"),
    )  # fmt: skip
    case = run(source).start()

    case.send("again")
    case.complete("a")
    assert case.waits == ["b"]
    case.complete("b")

    assert case.waits == ["after", "after"]
    assert case.happened("join") == ["started", "started", "completed", "completed"]


def test_a_failed_token_is_waited_for(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), element("exclusiveGateway", "x"), inclusive("join"), user("after"), end(),
        path("start", "a", "join", "after", "end"), path("start", "x"), flow("x", "join", "ok"),
    )  # fmt: skip
    case = run(source).start()
    assert case.failures() == [("x", "engine.feel_unknown_name")]

    case.complete("a")
    assert case.waits == []
    case.correct(ok=True)
    case.retry("x")

    assert case.waits == ["after"]


def test_a_cancelled_scope_takes_its_waiting_join_with_it(run: Begin) -> None:
    inner = subprocess("sub", start("s"), user("a"), user("b"), inclusive("join"), end("e"),
                       path("s", "a", "join", "e"), path("s", "b", "join"))  # fmt: skip
    source = bpmn(start(), inner, boundary("stop", "sub", message()), user("after"), end(), path("start", "sub", "end"),
                  path("stop", "after", "end"))  # fmt: skip
    case = run(source).start()

    case.complete("a")
    case.send("stop")

    assert case.waits == ["after"]
    assert case.happened("join") == ["started", "cancelled"]
