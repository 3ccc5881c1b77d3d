"""What a multi-instance activity throws when its bodies are done: behavior None, One, All and Complex (BPMN 2.0.2,
table 10.30)."""

from typing import Any

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Status
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.factories import (
    boundary,
    bpmn,
    element,
    end,
    error,
    escalation,
    path,
    signal,
    start,
    user,
)

ITEMS: list[Any] = [1, 2, 3]
SHARED = (
    signal().replace("<bpmn:signalEventDefinition", '<bpmn:signalEventDefinition id="said"')
    + escalation("x1").replace("<bpmn:escalationEventDefinition", '<bpmn:escalationEventDefinition id="raised"')
    + '<bpmn:messageEventDefinition id="sent" messageRef="m"/><bpmn:errorEventDefinition id="wrong" errorRef="e1"/>'
    + '<bpmn:signalEventDefinition id="unnamed"/>'
)


def drawn(mark: str, *more: str) -> bytes:
    """start → a, multi-instance → after → end, with event definitions beside the process."""
    source = bpmn(start(), user("a", mark), user("after"), end(), path("start", "a", "after", "end"), *more)
    return source.replace(b"<bpmn:process ", SHARED.encode() + b"<bpmn:process ", 1)


def bodies(*inside: str, **attributes: str) -> str:
    return element("multiInstanceLoopCharacteristics", "mi", *inside, camunda_collection="items", **attributes)


def when(condition: str, event: str) -> str:
    """A definition of complex behavior."""
    return (
        f"<bpmn:complexBehaviorDefinition><bpmn:condition>{condition}</bpmn:condition>"
        f'<bpmn:event id="thrown_{len(condition)}">{event}</bpmn:event></bpmn:complexBehaviorDefinition>'
    )


NOTICED = boundary("b", "a", escalation("x1"), interrupting=False), path("b", "end")
STOPPED = boundary("b", "a", escalation("x1")), path("b", "end")


@pytest.mark.parametrize(
    ("attributes", "times"),
    [
        ({"behavior": "None", "noneBehaviorEventRef": "raised"}, 3),
        ({"behavior": "One", "oneBehaviorEventRef": "raised"}, 1),
        ({"behavior": "All"}, 0),
        ({}, 0),
    ],
)
@pytest.mark.parametrize("sequential", ["true", "false"])
def test_an_event_is_thrown_for_each_body_or_the_first_or_none(
    run: Begin, attributes: dict[str, str], times: int, sequential: str
) -> None:
    # Where nothing is thrown, nothing on the border of a user task can catch it.
    border = NOTICED if times else ()
    case = run(drawn(bodies(isSequential=sequential, **attributes), *border)).start(items=ITEMS)

    for _ in ITEMS:
        case.complete("a")

    assert case.waits == ["after"]
    assert case.happened("b") == ["started", "caught", "completed"] * times
    assert case.happened("a").count("thrown") == times


def test_its_own_border_may_interrupt_it_when_the_first_body_is_done(run: Begin) -> None:
    case = run(drawn(bodies(behavior="One", oneBehaviorEventRef="raised"), *STOPPED)).start(items=ITEMS)

    case.complete("a")

    assert case.status is Status.ENDED
    assert case.happened("a").count("completed") == 1
    assert case.happened("a").count("cancelled") == 3, "the two other bodies and the whole"


def test_an_error_interrupts_it_and_one_that_nobody_catches_is_an_incident(run: Begin) -> None:
    mark = bodies(behavior="One", oneBehaviorEventRef="wrong")
    case = run(drawn(mark, boundary("b", "a", error("e1")), path("b", "end"))).start(items=ITEMS)
    case.complete("a")
    assert case.status is Status.ENDED

    case = run(drawn(mark)).start(items=ITEMS)
    case.complete("a")
    assert [each for each, _ in case.failures()] == ["a"]
    assert case.waits == ["a", "a"]


def test_signals_and_messages_go_out_once_for_each_body(run: Begin) -> None:
    case = run(drawn(bodies(behavior="None", noneBehaviorEventRef="said"))).start(items=ITEMS)
    for _ in ITEMS:
        case.complete("a")
    assert [each.signal for each in case.signals] == ["larm"] * 3
    assert len({each.key for each in case.signals}) == 3

    case = run(drawn(bodies(behavior="One", oneBehaviorEventRef="sent"))).start(items=ITEMS)
    for _ in ITEMS:
        case.complete("a")
    assert [each.message for each in case.messages] == ["hej"]


def test_complex_behavior_throws_where_its_conditions_hold(run: Begin) -> None:
    mark = bodies(
        when("nrOfCompletedInstances = 2", escalation("x1")), when('answer = "no"', signal()), behavior="Complex"
    )
    case = run(drawn(mark, *NOTICED)).start(items=ITEMS)

    case.complete("a", answer="no")
    assert (case.happened("b"), len(case.signals)) == ([], 1)
    case.complete("a", answer="yes")
    assert (case.happened("b"), len(case.signals)) == (["started", "caught", "completed"], 1)
    case.complete("a", answer="no")

    assert (case.waits, len(case.signals)) == (["after"], 2)


def test_complex_behavior_may_refer_to_an_event_definition_beside_the_process(run: Begin) -> None:
    mark = bodies(when("true", "<bpmn:eventDefinitionRef>raised</bpmn:eventDefinitionRef>"), behavior="Complex")
    case = run(drawn(mark, *STOPPED)).start(items=ITEMS)

    case.complete("a")

    assert case.status is Status.ENDED


def test_a_condition_that_fails_is_an_incident_of_the_body_and_throws_once(run: Begin) -> None:
    case = run(drawn(bodies(when("ok", escalation("x1")), behavior="Complex"), *NOTICED)).start(items=ITEMS)

    case.complete("a")
    assert case.failures() == [("a", "engine.feel_unknown_name")]
    case.correct(ok=True)
    case.retry("a")

    assert case.happened("b") == ["started", "caught", "completed"]
    assert case.waits == ["a", "a"]


@pytest.mark.parametrize(
    "mark",
    [
        bodies(behavior="One"),
        bodies(behavior="None", noneBehaviorEventRef="gone"),
        bodies(behavior="None", noneBehaviorEventRef="unnamed"),
        bodies(behavior="None", oneBehaviorEventRef="said"),
        bodies(behavior="Complex"),
        bodies(behavior="Other"),
        bodies(when("true", signal())),
        bodies(when("", signal()), behavior="Complex"),
        bodies(when("true", ""), behavior="Complex"),
        bodies(when("true", "<bpmn:terminateEventDefinition/>"), behavior="Complex"),
        bodies(when("1 +", signal()), behavior="Complex"),
    ],
)
def test_a_behavior_that_does_not_say_what_is_thrown_is_refused(mark: str, shared_feel: Feel) -> None:
    problems = check([SourceFile("p.bpmn", drawn(mark))], known=Known(), feel=shared_feel).problems

    refused = {(each.element_id, each.code) for each in problems if each.severity == "refused"}
    assert refused & {("a", "loop.behavior"), ("a", "expression.feel")}
