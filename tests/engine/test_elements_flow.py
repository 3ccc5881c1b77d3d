"""Starts, ends, plain tasks and gateways: which way the flow goes, plain and with save and restore after every
step."""

import pytest

from flowsvc.domain.errors import EngineFault
from flowsvc.engine.outcome import Status
from tests.engine.conftest import Begin
from tests.factories import boundary, bpmn, element, end, flow, message, path, script, start, subprocess, timer, user


def test_a_process_runs_from_start_to_end_and_says_so(run: Begin) -> None:
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"))).start()
    assert case.waits == ["a"]
    case.complete("a")

    assert case.status is Status.ENDED
    assert [(each.element_id, each.happened) for each in case.events] == [
        ("start", "started"),
        ("start", "completed"),
        ("a", "started"),
        ("a", "completed"),
        ("end", "started"),
        ("end", "completed"),
    ]


def test_a_process_without_anybody_to_wait_for_ends_at_once(run: Begin) -> None:
    parts = element("task", "a"), element("manualTask", "b"), script("c", "1 + 1", "two")
    case = run(bpmn(start(), *parts, end(), path("start", "a", "b", "c", "end"))).start()

    assert case.status is Status.ENDED
    assert case.completed() == ["start", "a", "b", "c", "end"]
    assert case.variables == {"two": 2}


STARTS = bpmn(
    start(),
    start("by_message", message()),
    start("by_timer", timer("R/P1D", "timeCycle")),
    user("a"),
    user("b"),
    user("c"),
    end(),
    path("start", "a", "end"),
    path("by_message", "b", "end"),
    path("by_timer", "c", "end"),
)


@pytest.mark.parametrize(
    ("begins", "waits", "said"),
    [
        (None, "a", ["started", "completed"]),
        ("start", "a", ["started", "completed"]),
        ("by_message", "b", ["started", "caught", "completed"]),
        ("by_timer", "c", ["started", "fired", "completed"]),
    ],
)
def test_a_process_begins_at_the_start_event_that_is_named(
    run: Begin, begins: str | None, waits: str, said: list[str]
) -> None:
    case = run(STARTS).start(begins)

    assert case.waits == [waits]
    assert case.happened(begins or "start") == said


def test_the_only_start_event_is_taken_whatever_its_trigger(run: Begin) -> None:
    case = run(bpmn(start("s", message()), user("a"), end(), path("s", "a", "end"))).start()

    assert case.happened("s") == ["started", "caught", "completed"]


def test_a_start_event_that_is_not_there_is_named_as_a_fault(run: Begin) -> None:
    with pytest.raises(EngineFault, match="starthändelse"):
        run(STARTS).start("nowhere")


def test_whoever_started_is_kept_under_the_name_that_the_start_gives(run: Begin) -> None:
    case = run(bpmn(start(camunda_initiator="who"), user("a"), end(), path("start", "a", "end"))).start()

    assert case.variables == {"who": "me"}


# Several flows out of an activity or into one


def test_several_flows_out_of_an_activity_are_all_taken(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), user("b"), user("c"), end(), path("start", "a", "c", "end"), path("a", "b", "end")
    )
    case = run(source).start()

    case.complete("a")

    assert case.waits == ["b", "c"]
    assert case.happened("a") == ["started", "completed"]


def test_several_flows_out_of_a_start_or_a_border_event_are_all_taken(run: Begin) -> None:
    source = bpmn(
        start(),
        *(user(each) for each in "abcd"),
        end(),
        boundary("late", "a", message()),
        path("start", "a", "end"),
        path("start", "b", "end"),
        path("late", "c", "end"),
        path("late", "d", "end"),
    )
    case = run(source).start()
    assert case.waits == ["a", "b", "late"]

    case.send("late")

    assert case.waits == ["b", "c", "d"]


CONDITIONAL = bpmn(
    start(),
    user("ask", default="ask_d"),
    *(user(each) for each in "abcd"),
    end(),
    path("start", "ask"),
    flow("ask", "a", "n > 1"),
    flow("ask", "b", "n > 2"),
    flow("ask", "c"),
    flow("ask", "d"),
    *(flow(each, "end") for each in "abcd"),
)


@pytest.mark.parametrize(("n", "taken"), [(3, "abc"), (2, "ac"), (1, "cd")])
def test_each_true_condition_and_each_plain_flow_is_taken_and_the_default_when_no_condition_is_true(
    run: Begin, n: int, taken: str
) -> None:
    case = run(CONDITIONAL).start()

    case.complete("ask", n=n)

    assert case.waits == list(taken)


def test_a_fault_in_any_condition_out_of_an_activity_is_an_incident(run: Begin) -> None:
    case = run(CONDITIONAL).start()

    case.complete("ask")
    assert case.failures() == [("ask", "engine.feel_unknown_name")]
    case.correct(n=3)
    case.retry("ask")

    assert (case.waits, case.happened("ask")) == (["a", "b", "c"], ["started", "failed", "completed"])


@pytest.mark.parametrize("kind", ["task", "exclusiveGateway", "inclusiveGateway"])
def test_a_single_conditional_flow_is_taken_only_where_its_condition_holds(run: Begin, kind: str) -> None:
    source = bpmn(
        start(), element(kind, "x"), user("a"), end(), flow("start", "x"), flow("x", "a", "ok"), path("a", "end")
    )

    assert run(source).start(ok=True).waits == ["a"]
    assert run(source).start(ok=False).failures() == [("x", "engine.no_path_taken")]


def test_the_condition_of_a_default_flow_is_never_asked(run: Begin) -> None:
    source = bpmn(
        start(),
        element("exclusiveGateway", "x", default="x_a"),
        user("a"),
        end(),
        path("start", "x"),
        flow("x", "a", "missing"),
        path("a", "end"),
    )

    assert run(source).start().waits == ["a"]


def test_each_token_that_comes_to_an_activity_runs_it(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), user("b"), user("c"), end(), path("start", "a", "c", "end"), path("start", "b", "c")
    )
    case = run(source).start()

    case.complete("a")
    case.complete("b")

    assert case.waits == ["c", "c"]
    assert case.happened("c") == ["started", "started"]


def test_an_exclusive_gateway_may_join_and_split(run: Begin) -> None:
    source = bpmn(
        start(),
        user("a"),
        user("b"),
        element("exclusiveGateway", "x", default="x_d"),
        user("c"),
        user("d"),
        end(),
        path("start", "a", "x"),
        path("start", "b", "x"),
        flow("x", "c", "n = 1"),
        flow("x", "d"),
        path("c", "end"),
        path("d", "end"),
    )
    case = run(source).start()

    case.complete("a", n=1)
    case.complete("b", n=2)

    assert case.waits == ["c", "d"]


def test_a_parallel_gateway_may_join_and_split(run: Begin) -> None:
    source = bpmn(
        start(),
        *(user(each) for each in "abcd"),
        element("parallelGateway", "both"),
        end(),
        path("start", "a", "both", "c", "end"),
        path("start", "b", "both", "d", "end"),
    )
    case = run(source).start()

    case.complete("b")
    assert case.waits == ["a"]
    case.complete("a")

    assert case.waits == ["c", "d"]
    assert case.happened("both") == ["started", "completed"]


# Exclusive gateway

CHOICE = bpmn(
    start(),
    element("exclusiveGateway", "x", default="x_c"),
    user("a"),
    user("b"),
    user("c"),
    end(),
    flow("start", "x"),
    flow("x", "c"),
    flow("x", "a", "n > 10"),
    flow("x", "b", "n > 5"),
    *(flow(each, "end") for each in "abc"),
)


@pytest.mark.parametrize(("n", "taken"), [(11, "a"), (6, "b"), (5, "c")])
def test_the_first_true_condition_in_the_order_of_the_file_decides_else_the_default(
    run: Begin, n: int, taken: str
) -> None:
    assert run(CHOICE).start(n=n).waits == [taken]


def test_a_fault_behind_the_taken_path_stops_nothing(run: Begin) -> None:
    source = bpmn(
        start(),
        element("exclusiveGateway", "x"),
        user("a"),
        user("b"),
        end(),
        flow("start", "x"),
        flow("x", "a", "n = 1"),
        flow("x", "b", "missing = 1"),
        path("a", "end"),
        path("b", "end"),
    )

    assert run(source).start(n=1).waits == ["a"]
    assert run(source).start(n=2).failures() == [("x", "engine.feel_unknown_name")]


def test_no_true_condition_and_no_default_is_an_incident_that_retry_mends(run: Begin) -> None:
    source = bpmn(
        start(), element("exclusiveGateway", "x"), user("a"), end(), flow("start", "x"), flow("x", "a", "n = 1"),
        path("a", "end"),
    )  # fmt: skip
    case = run(source).start(n=2)
    assert case.failures() == [("x", "engine.no_path_taken")]
    assert case.happened("x")[-1] == "failed"

    case.correct(n=1)
    case.retry("x")

    assert (case.waits, case.failures()) == (["a"], [])


@pytest.mark.parametrize("answer", ['"yes"', "null", "1"])
def test_a_condition_that_is_not_true_or_false_is_an_incident_and_never_false(run: Begin, answer: str) -> None:
    source = bpmn(
        start(),
        element("exclusiveGateway", "x", default="x_b"),
        user("a"),
        user("b"),
        end(),
        flow("start", "x"),
        flow("x", "a", answer),
        path("x", "b", "end"),
        path("a", "end"),
    )

    assert run(source).start().failures() == [("x", "engine.feel_type")]


def test_an_exclusive_gateway_passes_each_token_that_comes(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        element("exclusiveGateway", "merge"),
        user("a"),
        end(),
        path("start", "split", "merge", "a", "end"),
        '<bpmn:sequenceFlow id="second" sourceRef="split" targetRef="merge"/>',
    )
    case = run(source).start()

    assert case.waits == ["a", "a"]
    case.complete("a")
    assert case.waits == ["a"]
    case.complete("a")
    assert case.status is Status.ENDED


# Parallel gateway

FORK = bpmn(
    start(),
    element("parallelGateway", "split"),
    user("a"),
    user("b"),
    element("parallelGateway", "join"),
    user("c"),
    end(),
    path("start", "split", "a", "join", "c", "end"),
    path("split", "b", "join"),
)


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_join_waits_for_all_branches(run: Begin, order: str) -> None:
    case = run(FORK).start()
    assert case.waits == ["a", "b"]

    case.complete(order[0])
    assert case.waits == [order[1]]
    case.complete(order[1])

    assert case.waits == ["c"]
    assert case.happened("join") == ["started", "completed"]


def test_parallel_branches_lose_no_update(run: Begin) -> None:
    case = run(FORK).start(v="first", untouched=1)

    case.complete("a", v="from a", only_a=1)
    case.complete("b", only_b=2)

    assert case.variables == {"v": "from a", "untouched": 1, "only_a": 1, "only_b": 2}


def test_a_join_in_a_loop_counts_each_round_anew(run: Begin) -> None:
    source = bpmn(
        start(),
        element("exclusiveGateway", "again"),
        element("parallelGateway", "split"),
        user("a"),
        user("b"),
        element("parallelGateway", "join"),
        element("exclusiveGateway", "x", default="x_end"),
        end(),
        path("start", "again", "split", "a", "join", "x", "end"),
        path("split", "b", "join"),
        flow("x", "again", "more"),
    )
    case = run(source).start(more=True)

    for _ in range(3):
        case.complete("a")
        case.complete("b")
        assert case.waits == ["a", "b"]
    case.complete("b", more=False)
    case.complete("a")

    assert case.status is Status.ENDED
    assert case.happened("join") == ["started", "completed"] * 4


def test_a_second_token_by_the_same_flow_opens_a_round_of_its_own(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        user("a"),
        user("b"),
        element("parallelGateway", "join"),
        user("c"),
        end(),
        boundary("again", "a", message(), interrupting=False),
        element("exclusiveGateway", "merge"),
        path("start", "split", "a", "merge", "join", "c", "end"),
        path("split", "b", "join"),
        flow("again", "merge"),
    )
    case = run(source).start()

    case.send("again")
    case.complete("a")
    assert "c" not in case.waits
    case.complete("b")

    assert case.waits == ["c"], "one pair has joined, the other token still waits for its b"


# Loops

LOOP = bpmn(
    start(),
    element("exclusiveGateway", "again"),
    user("a"),
    element("exclusiveGateway", "x", default="x_again"),
    end(),
    path("start", "again", "a", "x", "again"),
    flow("x", "end", "done"),
)


def test_a_thousand_laps_leave_nothing_behind(run: Begin) -> None:
    case = run(LOOP).start(done=False)
    first, scopes = len(case.position.state), set(case.position.scopes)

    for lap in range(1000):
        case.complete("a", lap=lap)

    assert len(case.position.state) == first
    assert len(case.restored().tokens()) == 1
    assert set(case.position.scopes) == scopes
    case.complete("a", done=True)
    assert case.status is Status.ENDED


def test_a_lap_of_a_subprocess_leaves_nothing_behind_either(run: Begin) -> None:
    inside = start("s"), user("a"), end("e"), path("s", "a", "e")
    source = bpmn(
        start(),
        element("exclusiveGateway", "again"),
        subprocess("sub", *inside),
        element("exclusiveGateway", "x", default="x_again"),
        end(),
        path("start", "again", "sub", "x", "again"),
        flow("x", "end", "done"),
    )
    case = run(source).start(done=False)
    first = len(case.position.state)

    for _ in range(50):
        case.complete("a")

    assert len(case.position.state) == first
    assert len(case.position.scopes) == 1
