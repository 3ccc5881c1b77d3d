"""Subprocesses, called processes and multi-instance: scopes of variables, lanes, and what comes out."""

from typing import Any

import pytest

from flowsvc.engine.outcome import Happened, InstanceRequested, Status
from tests.engine.conftest import Begin
from tests.factories import (
    bpmn,
    call,
    element,
    end,
    flow,
    inputs_outputs,
    multi,
    path,
    properties,
    script,
    start,
    subprocess,
    user,
)

INSIDE = (start("s"), user("a"), end("e"), path("s", "a", "e"))
AROUND = (start(), user("after"), end())
ALL = '<camunda:in variables="all"/><camunda:out variables="all"/>'


def alone(activity: str, identity: str = "sub") -> bytes:
    return bpmn(*AROUND, activity, path("start", identity, "after", "end"))


# Embedded subprocess


def test_a_subprocess_is_done_when_nothing_is_left_inside(run: Begin) -> None:
    fork = (
        start("s"),
        element("parallelGateway", "split"),
        user("a"),
        user("b"),
        end("end_a"),
        end("end_b"),
        path("s", "split", "a", "end_a"),
        path("split", "b", "end_b"),
    )
    case = run(alone(subprocess("sub", *fork))).start()

    case.complete("a")
    assert case.waits == ["b"]
    case.complete("b")

    assert case.waits == ["after"]
    assert case.happened("sub") == ["started", "completed"]
    assert case.completed()[-2:] == ["end_b", "sub"]


def test_the_inside_sees_and_writes_the_variables_around_it(run: Begin) -> None:
    case = run(alone(subprocess("sub", *INSIDE))).start(n=1)
    assert case.seen_from("a") == {"n": 1}

    case.complete("a", n=2, new=3)

    assert case.variables == {"n": 2, "new": 3}


def test_what_a_subprocess_is_given_is_its_own_until_its_outputs_say_otherwise(run: Begin) -> None:
    own = inputs_outputs({"n": "=n + 1"}, {"out": "=n"})
    case = run(alone(subprocess("sub", *INSIDE, own=own))).start(n=1)
    assert case.seen_from("a") == {"n": 2}

    case.complete("a", n=5)

    assert case.variables == {"n": 1, "out": 5}
    assert set(case.position.scopes) == {""}


def test_subprocesses_stand_inside_each_other(run: Begin) -> None:
    inner = subprocess("inner", *INSIDE, own=inputs_outputs({"x": "=outer_x + 1"}, {"outer_x": "=x"}))
    outer = subprocess(
        "outer",
        start("s0"),
        inner,
        end("e0"),
        path("s0", "inner", "e0"),
        own=inputs_outputs({"outer_x": "=1"}, {"result": "=outer_x"}),
    )
    case = run(alone(outer, "outer")).start()
    assert case.seen_from("a") == {"outer_x": 1, "x": 2}

    case.complete("a", x=9)

    assert case.variables == {"result": 9}


@pytest.mark.parametrize(("levels", "code"), [(50, ""), (51, "engine.limit_passed")])
def test_fifty_subprocesses_may_stand_inside_each_other_and_no_more(run: Begin, levels: int, code: str) -> None:
    # The check counts the nesting of one file; a chain of called processes can go deeper.
    source = "".join(
        (
            start("s"),
            call("c", f"p{1}", own=""),
            end("e"),
            path("s", "c", "e"),
        )
    )
    called = {
        f"p{level}": bpmn(start("s"), call("c", f"p{level + 1}"), end("e"), path("s", "c", "e"), key=f"p{level}")
        for level in range(1, levels)
    }
    called[f"p{levels}"] = bpmn(start("s"), user("a"), end("e"), path("s", "a", "e"), key=f"p{levels}")
    case = run(bpmn(source), called=called).start()

    assert case.failures() == ([("c", code)] if code else [])
    assert case.waits == ([] if code else ["a"])
    if not code:
        case.complete("a")
        assert case.status is Status.ENDED


# Lanes

LANES = (
    '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Enhetschef"><bpmn:flowNodeRef>sub</bpmn:flowNodeRef>'
    "<bpmn:flowNodeRef>c</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
)
CALLED = bpmn(*INSIDE, key="other")
CALLED_WITH_LANE = bpmn(
    '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Egen bana"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
    "</bpmn:lane></bpmn:laneSet>",
    *INSIDE,
    key="other",
)


def test_a_task_in_a_subprocess_stands_in_the_lane_of_the_subprocess(run: Begin) -> None:
    source = bpmn(LANES, *AROUND, subprocess("sub", *INSIDE), path("start", "sub", "after", "end"))

    assert run(source).start().task("a").lane == "Enhetschef"


@pytest.mark.parametrize(("called", "lane"), [(CALLED, "Enhetschef"), (CALLED_WITH_LANE, "Egen bana")])
def test_a_task_in_a_called_process_stands_in_its_own_lane_else_in_its_callers(
    run: Begin, called: bytes, lane: str
) -> None:
    source = bpmn(LANES, *AROUND, call("c", "other"), path("start", "c", "after", "end"))

    assert run(source, called={"other": called}).start().task("a").lane == lane


# Call activity


def test_a_called_process_sees_only_what_it_is_handed(run: Begin) -> None:
    own = '<camunda:in source="n" target="given"/><camunda:in sourceExpression="n + 1" target="next"/>'
    own += '<camunda:out source="answer" target="back"/><camunda:out sourceExpression="given * 10" target="ten"/>'
    case = run(alone(call("c", "other", own=own), "c"), called={"other": CALLED}).start(n=1, secret="x")
    assert case.seen_from("a") == {"given": 1, "next": 2}
    assert case.task("a").process_key == "other"

    case.complete("a", answer="yes", given=4, secret="own")

    assert case.variables == {"n": 1, "secret": "x", "back": "yes", "ten": 40}
    assert set(case.position.scopes) == {""}


def test_all_variables_may_be_handed_over_and_back(run: Begin) -> None:
    case = run(alone(call("c", "other", own=ALL), "c"), called={"other": CALLED}).start(n=1)
    assert case.seen_from("a") == {"n": 1}

    case.complete("a", n=2, new=3)

    assert case.variables == {"n": 2, "new": 3}


def test_a_variable_that_is_not_there_to_be_handed_over_is_an_incident(run: Begin) -> None:
    source = alone(call("c", "other", own='<camunda:in source="n" target="n"/>'), "c")
    case = run(source, called={"other": CALLED}).start()
    assert [(each.element_id, each.names) for each in case.failed.values()] == [("c", ("n",))]

    case.correct(n=1)
    case.retry("c")

    assert case.waits == ["a"]


def test_a_process_may_be_called_from_two_places_at_once(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        call("c1", "other", own='<camunda:out source="v" target="one"/>'),
        call("c2", "other", own='<camunda:out source="v" target="two"/>'),
        element("parallelGateway", "join"),
        end(),
        path("start", "split", "c1", "join", "end"),
        path("split", "c2", "join"),
    )
    case = run(source, called={"other": CALLED}).start()
    first, second = case.tokens("a")

    case.complete_token(second, v=2)
    case.complete_token(first, v=1)

    assert (case.status, case.variables) == (Status.ENDED, {"one": 1, "two": 2})


OWN_CASE = call(
    "c",
    "other",
    own=properties(ownCase="true")
    + '<camunda:in source="n" target="n"/><camunda:in businessKey="=key"/><camunda:out source="answer" target="back"/>',
)


def test_a_case_of_its_own_is_asked_for_and_waited_for(run: Begin) -> None:
    case = run(alone(OWN_CASE, "c")).start(n=1, key="Å-2")
    asked = case.wait("c")
    assert isinstance(asked, InstanceRequested)
    assert (asked.called_key, asked.business_key, asked.variables) == ("other", "Å-2", {"n": 1})

    case.finish("c", {"answer": 7, "other": 8})

    assert case.variables == {"n": 1, "key": "Å-2", "back": 7}
    assert case.waits == ["after"]
    assert set(case.position.scopes) == {""}


def test_a_case_of_its_own_may_be_asked_for_without_waiting(run: Begin) -> None:
    own = properties(ownCase="true", awaited="false") + '<camunda:in source="n" target="n"/>'
    case = run(alone(call("c", "other", own=own), "c")).start(n=1)

    assert [(each.called_key, each.variables, each.is_awaited) for each in case.requested] == [
        ("other", {"n": 1}, False)
    ]
    assert case.waits == ["after"]
    assert set(case.position.scopes) == {""}


# Multi-instance

PARTIES: list[Any] = [{"party": "ekby"}, {"party": "region"}, {"party": "lund"}]


def each_user(**more: Any) -> bytes:
    return alone(user("a", multi("parties", "part", **more), own=properties(party="=part.party")), "a")


def test_each_item_of_a_list_has_a_task_of_its_own(run: Begin) -> None:
    case = run(each_user()).start(parties=PARTIES)

    assert [case.waiting[token].properties["party"] for token in case.tokens("a")] == ["ekby", "region", "lund"]  # type: ignore[union-attr]
    for _ in PARTIES:
        case.complete("a")
    assert case.waits == ["after"]
    shown = [each.element_type for each in case.events if each.element_id == "a" and each.happened == "completed"]
    assert shown == ["userTask"] * 3 + ["multiInstanceLoopCharacteristics"]
    assert case.variables == {"parties": PARTIES}
    assert set(case.position.scopes) == {""}


def test_a_body_keeps_what_nothing_outside_holds_and_the_rest_goes_out(run: Begin) -> None:
    case = run(each_user(output="answers", collects="answer")).start(parties=PARTIES, count=0)

    for position in (2, 0, 0):
        case.complete_token(case.tokens("a")[position], answer=f"from {position}", count=position)

    assert case.variables["count"] == 0
    assert "answer" not in case.variables
    assert "part" not in case.variables


def test_the_output_list_is_in_the_order_of_the_input_whoever_is_first(run: Begin) -> None:
    case = run(each_user(output="answers", collects="answer")).start(parties=PARTIES)
    first, second, third = case.tokens("a")

    case.complete_token(third, answer="lund")
    case.complete_token(first, answer="ekby")
    assert "answers" not in case.variables
    case.complete_token(second, answer="region")

    assert case.variables["answers"] == ["ekby", "region", "lund"]


def test_a_body_that_says_nothing_leaves_a_null_in_the_list(run: Begin) -> None:
    case = run(each_user(output="answers", collects="answer")).start(parties=PARTIES[:2])

    case.complete("a")
    case.complete("a", answer=1)

    assert case.variables["answers"] == [None, 1]


@pytest.mark.parametrize(("given", "answers"), [([], []), (["x"], [1])])
def test_an_empty_list_is_passed_at_once(run: Begin, given: list[Any], answers: list[int]) -> None:
    source = alone(user("a", multi("parties", output="answers", collects="answer")), "a")
    case = run(source).start(parties=given)
    if given:
        case.complete("a", answer=1)

    assert case.waits == ["after"]
    assert case.variables["answers"] == answers


def test_a_condition_ends_it_before_all_are_done(run: Begin) -> None:
    until = "nrOfCompletedInstances = 2 and nrOfInstances = 3 and nrOfActiveInstances = 1"
    case = run(each_user(until=until, output="answers", collects="answer")).start(parties=PARTIES)
    _, second, third = case.tokens("a")

    case.complete_token(third, answer="c")
    assert len(case.tokens("a")) == 2
    case.complete_token(second, answer="b")

    assert case.waits == ["after"]
    assert case.variables["answers"] == ["b", "c"]
    assert case.happened("a").count("cancelled") == 1


def test_the_condition_reads_what_the_body_answered(run: Begin) -> None:
    case = run(each_user(until='answer = "no"')).start(parties=PARTIES)

    case.complete("a", answer="yes")
    case.complete("a", answer="no")

    assert case.waits == ["after"]


def test_a_condition_that_fails_is_an_incident_of_the_body_and_counts_once(run: Begin) -> None:
    case = run(each_user(until="enough")).start(parties=PARTIES)

    case.complete("a")
    assert case.failures() == [("a", "engine.feel_unknown_name")]
    case.correct(enough=False)
    case.retry("a")
    assert (case.waits, case.failures()) == (["a", "a"], [])
    case.complete("a")
    case.complete("a")

    assert case.waits == ["after"]


def test_a_property_that_fails_at_the_end_of_a_body_does_not_count_it_twice(run: Begin) -> None:
    task = user("a", multi("parties"), own=properties(end_said="=later"))
    case = run(alone(task, "a")).start(parties=PARTIES)

    case.complete("a")
    assert case.failures() == [("a", "engine.feel_unknown_name")]
    case.correct(later=1)
    case.retry("a")
    case.complete("a")
    assert case.waits == ["a"]
    case.complete("a")

    assert case.waits == ["after"]


def test_a_number_of_bodies_needs_no_list(run: Begin) -> None:
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>n + 1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"  # noqa: E501
    case = run(alone(user("a", loop), "a")).start(n=1)

    assert [case.position.scopes[each.scope]["loopCounter"] for each in _open(case)] == [0, 1]


def _open(case: Any) -> list[Any]:
    return [case.waiting[token] for token in case.tokens("a")]


@pytest.mark.parametrize(("number", "code"), [(1000, ""), (1001, "engine.limit_passed")])
def test_a_thousand_bodies_are_opened_and_no_more(run: Begin, number: int, code: str) -> None:
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>n</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"  # noqa: E501
    case = run(alone(user("a", loop), "a")).start(n=number)

    assert case.failures() == ([("a", code)] if code else [])
    assert len(case.tokens("a")) == (0 if code else 1000)


@pytest.mark.parametrize("parties", [None, "ekby", 3, {"a": 1}])
def test_what_is_no_list_is_an_incident(run: Begin, parties: Any) -> None:
    case = run(each_user()).start(parties=parties)

    assert case.failures() == [("a", "engine.feel_type")]
    case.correct(parties=PARTIES)
    case.retry("a")
    assert len(case.tokens("a")) == 3


def test_bodies_of_a_subprocess_have_variables_of_their_own(run: Begin) -> None:
    inside = start("s"), user("a"), script("t", "part.party + text", "line"), user("b"), end("e")
    activity = subprocess(
        "sub", *inside, path("s", "a", "t", "b", "e"), multi("parties", "part", output="lines", collects="line")
    )
    case = run(alone(activity)).start(parties=PARTIES)
    first, second, third = case.tokens("a")

    case.complete_token(second, text=" tvåa")
    case.complete_token(first, text=" etta")
    case.complete_token(third, text=" trea")
    assert [case.seen_from("b")["line"], len(case.tokens("b"))] == ["region tvåa", 3]
    for _ in PARTIES:
        case.complete("b")

    assert case.variables["lines"] == ["ekby etta", "region tvåa", "lund trea"]
    assert "text" not in case.variables
    assert set(case.position.scopes) == {""}


def test_siblings_do_not_share_nested_values(run: Begin) -> None:
    shared: list[Any] = [{"rows": []}, {"rows": []}]
    inside = start("s"), script("t", "append(part.rows, loopCounter)", "rows"), user("a"), end("e")
    activity = subprocess("sub", *inside, path("s", "t", "a", "e"), multi("parties", "part"))
    case = run(alone(activity)).start(parties=shared)

    assert [case.position.scopes[each.scope]["rows"] for each in _open(case)] == [[0], [1]]


def test_a_called_process_runs_once_for_each_item(run: Begin) -> None:
    own = '<camunda:in source="part" target="mine"/><camunda:out source="answer" target="answer"/>'
    activity = call("c", "other", multi("parties", "part", output="answers", collects="answer"), own=own)
    case = run(alone(activity, "c"), called={"other": CALLED}).start(parties=PARTIES)
    first, second, third = case.tokens("a")
    assert case.seen_from("a") == {"mine": {"party": "ekby"}}

    for token, answer in ((third, "c"), (first, "a"), (second, "b")):
        case.complete_token(token, answer=answer)

    assert case.variables["answers"] == ["a", "b", "c"]


def test_a_case_of_its_own_may_be_asked_for_once_for_each_item(run: Begin) -> None:
    own = properties(ownCase="true") + '<camunda:in source="part" target="part"/>'
    own += '<camunda:out source="answer" target="answer"/>'
    activity = call("c", "other", multi("parties", "part", output="answers", collects="answer"), own=own)
    case = run(alone(activity, "c")).start(parties=PARTIES)
    assert [each.variables for each in case.waiting.values()] == [{"part": each} for each in PARTIES]  # type: ignore[union-attr]

    for number in range(3):
        case.finish("c", {"answer": number})

    assert case.variables["answers"] == [0, 1, 2]


def test_a_loop_around_a_multi_instance_begins_it_anew(run: Begin) -> None:
    source = bpmn(
        start(),
        element("exclusiveGateway", "again"),
        user("a", multi("parties", "part")),
        element("exclusiveGateway", "x", default="x_end"),
        end(),
        path("start", "again", "a", "x", "end"),
        flow("x", "again", "more"),
    )
    case = run(source).start(parties=PARTIES[:2], more=True)
    size = len(case.position.state)

    for _ in range(3):
        case.complete("a")
        case.complete("a")
        assert (len(case.tokens("a")), len(case.position.state)) == (2, size)
    case.complete("a")
    case.complete("a", more=False)

    assert case.status is Status.ENDED
    assert [each for each in case.events if each.happened is Happened.CANCELLED] == []
