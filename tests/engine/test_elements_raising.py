"""Activities that end with a BPMN error or throw an escalation when their work is done (flowsvc:errorCode and
flowsvc:escalationCode)."""

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Status
from flowsvc.engine.parsing import Known, SourceFile, check
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

CODE = properties(errorCode='=if bad then "E1" else null')
UP = properties(escalationCode='=if bad then "X1" else ""')
INSIDE = (start("s"), user("a"), end("e"), path("s", "a", "e"))
KINDS = {
    "user": user("host", own="{own}"),
    "script": script("host", "1", "r").replace("><", "><bpmn:extensionElements>{own}</bpmn:extensionElements><", 1),
    "function": element("serviceTask", "host", own="{own}" + properties(function="f")),
    "external": element("serviceTask", "host", own="{own}", camunda_type="external", camunda_topic="t"),
    "send": element("sendTask", "host", own="{own}", messageRef="m"),
    "receive": element("receiveTask", "host", own="{own}", messageRef="m"),
    "task": element("task", "host", own="{own}"),
    "subprocess": subprocess("host", *INSIDE, own="{own}"),
    "call": call("host", "other", own="{own}"),
}


def hosting(host: str, *events: str) -> bytes:
    tail = user("late"), end("end2"), path("late", "end2")
    parts = start(), host, user("after"), end(), path("start", "host", "after", "end")
    return bpmn(*parts, *events, *(tail if events else ()))


def border(definition: str, *, interrupting: bool = True) -> str:
    return boundary("b", "host", definition, interrupting=interrupting) + flow("b", "late")


def begin(run: Begin, kind: str, own: str, *events: str, bad: bool) -> Run:
    source = hosting(KINDS[kind].replace("{own}", own), *events)
    called = {"other": bpmn(*INSIDE, key="other")} if kind == "call" else None
    case = run(source, called=called, functions={"f": lambda inputs: 1}).start(bad=bad)
    match kind:
        case "user":
            case.complete("host")
        case "external":
            case.finish("host", {})
        case "receive":
            case.send("host")
        case "subprocess" | "call":
            case.complete("a")
    return case


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_an_activity_ends_with_the_error_that_its_border_catches(run: Begin, kind: str) -> None:
    case = begin(run, kind, CODE, border(error("e1")), bad=True)

    assert case.waits == ["late"]
    assert case.happened("host")[-2:] == ["thrown", "cancelled"]
    assert case.happened("b") == ["started", "caught", "completed"]
    assert set(case.position.scopes) == {""}


def test_without_a_code_the_activity_ends_as_it_should(run: Begin, kind: str) -> None:
    case = begin(run, kind, CODE, border(error("e1")), bad=False)

    assert case.waits == ["after"]
    assert case.happened("host")[-1] == "completed"


def test_an_activity_throws_an_escalation_and_goes_on(run: Begin, kind: str) -> None:
    case = begin(run, kind, UP, border(escalation("x1"), interrupting=False), bad=True)

    assert case.waits == ["after", "late"]
    assert case.happened("host")[-2:] == ["thrown", "completed"]


def test_an_escalation_that_interrupts_ends_the_activity(run: Begin, kind: str) -> None:
    case = begin(run, kind, UP, border(escalation("x1")), bad=True)

    assert case.waits == ["late"]
    assert case.happened("host")[-2:] == ["thrown", "cancelled"]


def test_an_escalation_that_nobody_catches_changes_nothing(run: Begin, kind: str) -> None:
    case = begin(run, kind, UP, bad=True)

    assert (case.waits, case.failures()) == (["after"], [])


def test_an_error_that_nobody_catches_is_an_incident_that_can_be_tried_again(run: Begin, kind: str) -> None:
    case = begin(run, kind, CODE, border(error("e2")), bad=True)
    assert case.failures() == [("host", "engine.fault")]

    case.correct(bad=False)
    case.retry("host")

    assert (case.waits, case.failures()) == (["after"], [])


def test_the_code_sees_the_result_of_its_script(run: Begin) -> None:
    host = KINDS["script"].replace("{own}", properties(errorCode='=if r = n then "E1" else null'))
    case = run(hosting(host, border(error()))).start(n=1)

    assert case.waits == ["late"]
    assert case.variables == {"n": 1, "r": 1}


def test_the_error_of_a_task_in_a_body_ends_all_bodies(run: Begin) -> None:
    own = properties(errorCode='=if item = 2 then "E1" else null')
    task = user("host", multi("[1, 2, 3]", "item"), own=own)
    case = run(hosting(task, border(error("e1")))).start()
    first, second, _ = case.tokens("host")

    case.complete_token(first)
    assert len(case.tokens("host")) == 2
    case.complete_token(second)

    assert case.waits == ["late"]


def test_an_error_goes_outwards_past_the_border_of_its_task(run: Begin) -> None:
    own = properties(errorCode="E1")
    inner = user("inner", own=own) + boundary("b_in", "inner", error("e2")) + flow("b_in", "x") + end("x")
    host = subprocess("host", start("s"), inner, end("e"), path("s", "inner", "e"))
    case = run(hosting(host, border(error()))).start()

    case.complete("inner")

    assert case.waits == ["late"]


def test_an_escalation_is_thrown_once_though_the_end_fails(run: Begin) -> None:
    own = properties(escalationCode="X1", end_said="=missing")
    case = run(hosting(user("host", own=own), border(escalation(), interrupting=False))).start()
    case.complete("host")
    assert (case.waits, case.failures()) == (["late"], [("host", "engine.feel_unknown_name")])

    case.correct(missing=1)
    case.retry("host")

    assert case.waits == ["after", "late"]


def test_the_code_sees_the_inputs_of_its_activity_and_leaves_no_output(run: Begin) -> None:
    own = inputs_outputs({"limit": "=2"}, {"out": "=n"}) + properties(errorCode='=if n > limit then "E1" else null')
    case = run(hosting(user("host", own=own), border(error()))).start(n=1)

    case.complete("host", n=3)

    assert case.waits == ["late"]
    assert case.variables == {"n": 3}


def test_a_code_that_cannot_be_read_is_refused(shared_feel: Feel) -> None:
    source = hosting(user("host", own=properties(errorCode="=1 +")), border(error()))

    problems = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    assert [(each.code, each.element_id) for each in problems if each.severity == "refused"] == [
        ("expression.feel", "host")
    ]


@pytest.mark.parametrize("definition", [timer("P1BD"), message()], ids=["timer", "message"])
def test_what_waits_on_the_border_of_a_receive_task_interrupts_it(run: Begin, definition: str) -> None:
    case = run(hosting(element("receiveTask", "host", messageRef="m2"), border(definition))).start()
    assert case.waits == ["b", "host"]

    if definition == message():
        case.send("b")
    else:
        case.fire("b")

    assert case.waits == ["late"]
    assert case.happened("host") == ["started", "cancelled"]
    case.complete("late")
    assert case.status is Status.ENDED
