"""Activities that are done several times: one after another, or as long as a condition holds."""

from typing import Any

import pytest

from flowsvc.engine.outcome import Status
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import (
    boundary,
    bpmn,
    call,
    element,
    end,
    error,
    escalation,
    flow,
    inputs_outputs,
    laps,
    message,
    multi,
    path,
    properties,
    script,
    start,
    subprocess,
    timer,
    user,
)

AROUND = (start(), user("after"), end())
INSIDE = (start("s"), user("a"), end("e"), path("s", "a", "e"))
ITEMS: list[Any] = ["x", "y", "z"]


def alone(activity: str, identity: str = "a", *more: str) -> bytes:
    return bpmn(*AROUND, activity, path("start", identity, "after", "end"), *more)


def shown(case: Run, element_id: str, happened: str) -> list[str]:
    """As what the history shows the element each time that this happened to it."""
    return [each.element_type for each in case.events if (each.element_id, each.happened) == (element_id, happened)]


# Sequential multi-instance

IN_TURN = alone(user("a", multi("items", "item", sequential=True, output="answers", collects="answer")))


def test_bodies_in_turn_are_open_one_at_a_time_in_the_order_of_the_list(run: Begin) -> None:
    case = run(IN_TURN).start(items=ITEMS)
    seen = []

    for number in range(3):
        (token,) = case.tokens("a")
        seen.append((case.seen_from("a")["item"], case.seen_from("a")["loopCounter"]))
        case.complete_token(token, answer=number)

    assert seen == [("x", 0), ("y", 1), ("z", 2)]
    assert (case.waits, case.variables["answers"]) == (["after"], [0, 1, 2])
    assert shown(case, "a", "completed") == ["userTask"] * 3 + ["multiInstanceLoopCharacteristics"]
    assert set(case.position.scopes) == {""}


def test_the_list_is_read_once_whatever_becomes_of_it(run: Begin) -> None:
    case = run(IN_TURN).start(items=ITEMS)

    case.complete("a", items=["other"])
    assert case.seen_from("a")["item"] == "y"
    case.complete("a", items=[])
    case.complete("a")

    assert case.waits == ["after"]


@pytest.mark.parametrize("sequential", [True, False])
def test_an_empty_list_is_passed_at_once(run: Begin, sequential: bool) -> None:
    loop = multi("items", "item", sequential=sequential, output="answers", collects="answer")
    case = run(alone(user("a", loop), "a", boundary("late", "a", timer("P1D")), flow("late", "end"))).start(items=[])

    assert (case.waits, case.variables["answers"]) == (["after"], [])


def test_a_condition_ends_the_turns(run: Begin) -> None:
    loop = multi("items", "item", sequential=True, until='answer = "no"', output="answers", collects="answer")
    case = run(alone(user("a", loop))).start(items=ITEMS)

    case.complete("a", answer="yes")
    case.complete("a", answer="no")

    assert (case.waits, case.variables["answers"]) == (["after"], ["yes", "no"])


COUNTS = ("nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfTerminatedInstances")


@pytest.mark.parametrize(
    ("sequential", "counts"),
    [(False, [(3, 3, 0, 0), (3, 2, 1, 0), (3, 1, 2, 0)]), (True, [(3, 1, 0, 0), (3, 1, 1, 0), (3, 1, 2, 0)])],
)
def test_bodies_see_how_far_the_whole_has_come_also_from_inside(
    run: Begin, sequential: bool, counts: list[tuple[int, ...]]
) -> None:
    case = run(alone(subprocess("sub", *INSIDE, multi("items", sequential=sequential)), "sub")).start(items=ITEMS)
    seen = []

    while case.tokens("a"):
        variables = case.seen_from("a")
        seen.append(tuple(variables[name] for name in COUNTS))
        case.complete("a")

    assert seen == counts
    assert not set(COUNTS) & set(case.variables)
    assert set(case.position.scopes) == {""}


@pytest.mark.parametrize(("sequential", "active"), [(True, 0), (False, 1)])
def test_the_condition_sees_the_counts_with_the_body_that_has_just_ended(
    run: Begin, sequential: bool, active: int
) -> None:
    until = f"[{', '.join(COUNTS)}, loopCounter] = [3, {active}, 2, 0, 1]"
    case = run(alone(user("a", multi("items", sequential=sequential, until=until)))).start(items=ITEMS)

    case.complete("a")
    assert case.waits != ["after"]
    case.complete("a")

    assert case.waits == ["after"]


def test_a_border_event_ends_the_turns_as_a_whole(run: Begin) -> None:
    source = alone(
        subprocess("sub", *INSIDE, multi("items", sequential=True)),
        "sub",
        boundary("stop", "sub", message()),
        boundary("remind", "sub", timer("P1D"), interrupting=False),
        path("stop", "end"),
        path("remind", "end"),
    )
    case = run(source).start(items=ITEMS)

    case.complete("a")
    assert case.waits == ["a", "remind", "stop"]
    case.fire("remind")
    case.send("stop")

    assert case.status is Status.ENDED


def test_an_error_in_a_body_is_caught_on_the_border_of_the_whole(run: Begin) -> None:
    inside = start("s"), user("a"), end("e", error("e1")), path("s", "a", "e")
    source = alone(
        subprocess("sub", *inside, multi("items", sequential=True)),
        "sub",
        boundary("b", "sub", error()),
        path("b", "end"),
    )
    case = run(source).start(items=ITEMS)

    case.complete("a")

    assert case.status is Status.ENDED
    assert case.happened("b") == ["started", "caught", "completed"]


def test_a_failed_body_keeps_the_turn_until_it_is_mended(run: Begin) -> None:
    case = run(alone(script("a", "missing + loopCounter", "sum", multi("items", sequential=True)))).start(items=ITEMS)
    assert case.failures() == [("a", "engine.feel_unknown_name")]

    case.correct(missing=1, sum=0)
    case.retry("a")

    assert (case.waits, case.variables["sum"]) == (["after"], 3)


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize(
    "activity",
    [
        lambda mark: element("task", "a", mark),
        lambda mark: element("manualTask", "a", mark),
        lambda mark: script("a", "loopCounter", "last", mark),
        lambda mark: element("serviceTask", "a", mark, own=properties(function="fn")),
        lambda mark: subprocess("a", start("s"), end("e"), path("s", "e"), mark),
        lambda mark: call("a", "other", mark),
    ],
    ids=["task", "manual", "script", "service", "subprocess", "call"],
)
def test_every_kind_of_activity_may_be_done_for_each_item(run: Begin, activity: Any, sequential: bool) -> None:
    called = {"other": bpmn(start("s"), end("e"), path("s", "e"), key="other")}
    source = alone(activity(multi("items", sequential=sequential)))
    case = run(source, called=called, functions={"fn": lambda given: 1}).start(items=ITEMS)

    assert case.waits == ["after"]
    assert len(shown(case, "a", "completed")) == 4


@pytest.mark.parametrize("sequential", [True, False])
def test_a_negative_number_of_bodies_is_an_incident(run: Begin, sequential: bool) -> None:
    mark = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:loopCardinality>n</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'  # noqa: E501
    case = run(alone(user("a", mark))).start(n=-1)
    assert case.failures() == [("a", "engine.script_failed")]

    case.correct(n=0)
    case.retry("a")

    assert case.waits == ["after"]


def test_multi_instance_may_stand_inside_multi_instance(run: Begin) -> None:
    inner = user("a", multi("part", "item", sequential=True, output="inner", collects="answer"))
    outer = subprocess(
        "sub",
        start("s"),
        inner,
        end("e"),
        path("s", "a", "e"),
        multi("parts", "part", output="answers", collects="inner"),
    )
    case = run(alone(outer, "sub")).start(parts=[["x", "y"], ["z"]])
    first, second = case.tokens("a")

    case.complete_token(second, answer="z1")
    case.complete_token(first, answer="x1")
    case.complete("a", answer="y1")

    assert case.variables["answers"] == [["x1", "y1"], ["z1"]]
    assert set(case.position.scopes) == {""}


# Standard loop


def test_a_loop_is_done_once_and_then_as_long_as_its_condition_holds(run: Begin) -> None:
    case = run(alone(user("a", laps("more")))).start()

    case.complete("a", more=True)
    case.complete("a", more=True)
    assert case.waits == ["a"]
    case.complete("a", more=False)

    assert (case.waits, case.variables) == (["after"], {"more": False})
    assert shown(case, "a", "completed") == ["userTask"] * 3 + ["standardLoopCharacteristics"]
    assert set(case.position.scopes) == {""}


@pytest.mark.parametrize(("more", "waits"), [(True, ["a"]), (False, ["after"])])
def test_a_loop_may_ask_before_the_first_lap(run: Begin, more: bool, waits: list[str]) -> None:
    assert run(alone(user("a", laps("more", before=True)))).start(more=more).waits == waits


@pytest.mark.parametrize(
    ("loop", "done"),
    [
        (laps(most=3), 3),
        (laps("true", most=2), 2),
        (laps("true", most=2, before=True), 2),
        (laps("loopCounter < 4"), 4),
        (laps("loopCounter < 4", before=True), 4),
        (laps("false"), 1),
        (laps(most=0), 1),
        (laps(most=0, before=True), 0),
    ],
)
def test_a_loop_ends_at_its_maximum_or_when_its_condition_is_false(run: Begin, loop: str, done: int) -> None:
    case = run(alone(script("a", "append(laps, loopCounter)", "laps", loop))).start(laps=[])

    assert (case.waits, case.variables["laps"]) == (["after"], list(range(done)))


def test_what_a_lap_sets_is_seen_by_the_next_and_afterwards(run: Begin) -> None:
    inside = start("s"), script("t", "if loopCounter = 0 then 1 else sum * 2", "sum"), end("e"), path("s", "t", "e")
    case = run(alone(subprocess("sub", *inside, laps("sum < 10")), "sub")).start()

    assert case.variables == {"sum": 16}


def test_each_lap_has_its_inputs_anew(run: Begin) -> None:
    own = inputs_outputs({"mine": "=n"}, {"n": "=mine + 1"})
    case = run(alone(user("a", laps("n < 3"), own=own))).start(n=1)

    case.complete("a")
    assert case.seen_from("a")["mine"] == 2
    case.complete("a")

    assert (case.waits, case.variables) == (["after"], {"n": 3})


@pytest.mark.parametrize("answer", ["null", '"yes"', "missing"])
def test_a_condition_that_is_not_true_or_false_is_an_incident_and_counts_no_lap_twice(run: Begin, answer: str) -> None:
    case = run(alone(user("a", laps(f"if ok then loopCounter < 2 else {answer}")))).start(ok=False)

    case.complete("a")
    assert [each for each, _ in case.failures()] == ["a"]
    case.correct(ok=True, missing=1)
    case.retry("a")
    assert case.waits == ["a"]
    case.complete("a")

    assert case.waits == ["after"]


def test_border_events_of_a_loop_are_armed_once_for_all_laps(run: Begin) -> None:
    source = alone(
        user("a", laps(most=5)), "a", boundary("remind", "a", message(), interrupting=False),
        boundary("stop", "a", message("m2")), path("remind", "end"), path("stop", "after"),
    )  # fmt: skip
    case = run(source).start()
    (reminder,) = case.tokens("remind")

    case.complete("a")
    assert case.tokens("remind") == [reminder]
    case.send("remind")
    assert case.waits == ["a", "remind", "stop"]
    case.send("stop")

    assert case.waits == ["after"]
    assert shown(case, "a", "cancelled") == ["userTask", "standardLoopCharacteristics"]


def test_an_escalation_out_of_a_lap_is_caught_on_the_border(run: Begin) -> None:
    inside = start("s"), user("a"), end("e", escalation("x1")), path("s", "a", "e")
    source = alone(
        subprocess("sub", *inside, laps(most=2)), "sub", boundary("b", "sub", escalation(), interrupting=False),
        path("b", "end"),
    )  # fmt: skip
    case = run(source).start()

    case.complete("a")
    case.complete("a")

    assert case.waits == ["after"]
    assert case.happened("b") == ["started", "caught", "completed"] * 2


def test_a_called_process_may_be_looped(run: Begin) -> None:
    own = '<camunda:out source="answer" target="again"/>'
    called = {"other": bpmn(*INSIDE, key="other")}
    case = run(alone(call("c", "other", laps("again"), own=own), "c"), called=called).start()

    case.complete("a", answer=True)
    case.complete("a", answer=False)

    assert (case.waits, case.variables) == (["after"], {"again": False})


def test_a_loop_may_stand_inside_a_loop_and_around_multi_instance(run: Begin) -> None:
    inner = script("t", "append(seen, [outer, loopCounter])", "seen", laps(most=2))
    each = script("u", "append(seen, [outer, part])", "seen", multi("[7, 8]", "part", sequential=True))
    outer = subprocess(
        "sub", start("s"), script("o", "loopCounter", "outer"), inner, each, end("e"), path("s", "o", "t", "u", "e"),
        laps(most=2),
    )  # fmt: skip
    case = run(alone(outer, "sub")).start(seen=[])

    assert case.variables["seen"] == [[0, 0], [0, 1], [0, 7], [0, 8], [1, 0], [1, 1], [1, 7], [1, 8]]


# Many


def test_laps_leave_nothing_behind(run: Begin) -> None:
    case = run(alone(subprocess("sub", *INSIDE, laps(most=10_000)), "sub")).start()
    size, scopes = len(case.position.state), len(case.position.scopes)

    for _ in range(300):
        case.complete("a")

    assert len(case.position.state) <= size + 10, "but for the number of the lap"
    assert len(case.position.scopes) == scopes


def test_thousands_of_laps_in_one_step_stop_at_the_limit_and_go_on_when_tried_again(run: Begin) -> None:
    case = run(alone(element("task", "a", laps(most=12_000)))).start()
    assert case.failures()
    while case.failures():
        assert case.failures() == [("a", "engine.limit_passed")]
        case.retry("a")

    assert (case.waits, shown(case, "a", "completed").count("task")) == (["after"], 12_000)


@pytest.mark.parametrize("sequential", [True, False])
def test_a_thousand_bodies_are_done_in_one_step(run: Begin, sequential: bool) -> None:
    loop = multi("items", "item", sequential=sequential, output="doubled", collects="twice")
    case = run(alone(script("a", "item * 2", "twice", loop))).start(items=list(range(1000)))

    assert case.waits == ["after"]
    assert case.variables["doubled"] == [2 * each for each in range(1000)]
