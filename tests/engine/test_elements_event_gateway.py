"""Event-based gateways, and processes that start without a start event."""

import pytest

from flowsvc.domain.errors import NotFound
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Status
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import (
    boundary,
    bpmn,
    call,
    catch,
    condition,
    element,
    end,
    error,
    flow,
    message,
    multi,
    path,
    properties,
    signal,
    start,
    subprocess,
    timer,
    user,
)

BEHIND = {
    "message": catch("message", message()),
    "signal": catch("signal", signal()),
    "timer": catch("timer", timer("P1BD")),
    "timer2": catch("timer2", timer("P2BD")),
    "condition": catch("condition", condition("n > 2")),
}


def branch(name: str) -> str:
    return BEHIND[name] + user(f"after_{name}") + end(f"end_{name}") + path("g", name, f"after_{name}", f"end_{name}")


GATEWAY = element("eventBasedGateway", "g") + "".join(branch(name) for name in BEHIND)


def arrive(case: Run, kind: str) -> None:
    match kind:
        case "message":
            case.send("message", said="x")
        case "signal":
            case.signal("larm", said="x")
        case "condition":
            case.complete("writes", n=3)
        case _:
            case.fire(kind)


def beside() -> bytes:
    split = element("parallelGateway", "split") + user("writes") + end("we")
    return bpmn(start(), split, path("start", "split", "writes", "we"), flow("split", "g"), GATEWAY)


@pytest.mark.parametrize("kind", BEHIND)
def test_what_comes_first_takes_its_way_and_the_others_wait_no_more(run: Begin, kind: str) -> None:
    case = run(beside()).start(n=1)
    assert case.waits == ["message", "signal", "timer", "timer2", "writes"]
    tokens = {each.element_id: token for token, each in case.waiting.items()}

    arrive(case, kind)

    assert case.waits == sorted([f"after_{kind}", *([] if kind == "condition" else ["writes"])])
    assert case.happened("g") == ["started", "completed"]
    assert case.happened(kind) == ["started", "caught" if kind in ("message", "signal") else "fired", "completed"]
    for other in {"message", "signal"} - {kind}:
        assert case.happened(other) == [], "what did not come has no history"
        with pytest.raises(NotFound):
            case.send_token(tokens[other])


def test_a_condition_behind_it_that_is_true_already_wins(run: Begin) -> None:
    case = run(beside()).start(n=9)

    assert case.waits == ["after_condition", "writes"]


def test_receive_tasks_may_stand_behind_it(run: Begin) -> None:
    source = bpmn(
        start(),
        element("eventBasedGateway", "g"),
        element("receiveTask", "yes", messageRef="m"),
        element("receiveTask", "no", messageRef="m2", own=properties(correlationKey="=nr")),
        catch("late", timer("P5BD")),
        user("after"),
        end(),
        end("end2"),
        end("end3"),
        flow("start", "g"),
        path("g", "yes", "after", "end"),
        path("g", "no", "end2"),
        path("g", "late", "end3"),
    )
    case = run(source).start(nr=1)
    assert case.waits == ["late", "no", "yes"]

    case.send("yes", said=1)

    assert case.waits == ["after"]
    assert case.happened("yes") == ["started", "caught", "completed"]
    assert case.variables == {"nr": 1, "said": 1}


@pytest.mark.parametrize("inside", ["subprocess", "bodies", "call"])
def test_it_waits_in_every_scope(run: Begin, inside: str) -> None:
    body = start("s"), flow("s", "g"), GATEWAY
    tail = end(), path("start", "host", "end")
    if inside == "call":
        own = '<camunda:in source="n" target="n"/>'
        called = {"other": bpmn(*body, key="other")}
        case = run(bpmn(start(), call("host", "other", own=own), *tail), called=called).start(n=1)
    else:
        extra = (multi("[1, 2]"),) if inside == "bodies" else ()
        case = run(bpmn(start(), subprocess("host", *body, *extra), *tail)).start(n=1)

    for _ in case.tokens("message"):
        arrive(case, "message")
        case.complete("after_message")

    assert case.status is Status.ENDED
    assert case.waits == []


def test_it_goes_down_with_its_scope(run: Begin) -> None:
    edge = boundary("b", "host", timer("P1BD")) + flow("b", "end2") + end("end2")
    host = subprocess("host", start("s"), flow("s", "g"), GATEWAY)
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), edge)).start(n=1)

    case.fire("b")

    assert (case.status, case.waits) == (Status.ENDED, [])
    assert case.happened("g") == ["started", "cancelled"]


def test_it_is_an_incident_where_one_of_them_cannot_be_worked_out(run: Begin) -> None:
    case = run(bpmn(start(), flow("start", "g"), GATEWAY)).start()
    assert (case.failures(), case.waits) == ([("g", "engine.feel_unknown_name")], [])

    case.correct(n=1)
    case.retry("g")

    assert case.waits == ["message", "signal", "timer", "timer2"]


RECEIVES = element("receiveTask", "r", messageRef="m")
TO_TWO = catch("c", message()) + end("x") + path("g", "c", "x")
LATE = catch("t", timer("P1D")) + end("y") + path("g", "t", "y")
BY = start() + flow("start", "g") + element("eventBasedGateway", "g")


@pytest.mark.parametrize(
    "parts",
    [
        (BY, TO_TWO),
        (BY, TO_TWO, user("u"), end("y"), path("g", "u", "y")),
        (BY, TO_TWO, LATE, start("s2"), flow("s2", "c")),
        (BY, TO_TWO, RECEIVES, end("y"), path("g", "r", "y")),
        (BY, LATE, RECEIVES, end("z"), path("g", "r", "z"), boundary("b", "r", error()), flow("b", "q"), end("q")),
        (BY, TO_TWO, catch("k"), end("y"), path("g", "k", "y")),
        (BY.replace('id="g"', 'id="g" eventGatewayType="Parallel"'), TO_TWO, LATE),
    ],
    ids=["one way", "a user task", "another way in", "both kinds", "a border", "nothing to wait for", "parallel"],
)  # fmt: skip
def test_one_that_is_not_drawn_as_the_standard_says_is_refused(parts: tuple[str, ...], shared_feel: Feel) -> None:
    problems = check([SourceFile("p.bpmn", bpmn(*parts))], known=Known(), feel=shared_feel).problems

    assert {each.element_id for each in problems if each.code.startswith("gateway.")} == {"g"}


# Processes that start without a start event


def instantiating(kind: str = "Exclusive", *more: str) -> bytes:
    gateway = element("eventBasedGateway", "g", instantiate="true", eventGatewayType=kind)
    return bpmn(gateway, branch("message"), branch("signal"), *more)


def starts(source: bytes, feel: Feel) -> list[tuple[str, str, str, str]]:
    (facts,) = check([SourceFile("p.bpmn", source)], known=Known(), feel=feel).processes
    return [(each.element_id, each.kind, each.message, each.signal) for each in facts.starts]


def test_a_receive_task_starts_the_process_by_its_message(run: Begin, shared_feel: Feel) -> None:
    es = subprocess("es", start("stop", message("m2")), end("e_stop"), flow("stop", "e_stop"), triggeredByEvent="true")
    receive = element("receiveTask", "r", messageRef="m", instantiate="true")
    source = bpmn(receive, user("after"), end(), path("r", "after", "end"), es)
    assert starts(source, shared_feel) == [("r", "message", "hej", "")]

    case = run(source).start("r", said=1)

    assert case.waits == ["after", "stop"]
    assert case.happened("r") == ["started", "caught", "completed"]
    assert case.variables == {"said": 1}


@pytest.mark.parametrize("first", ["message", "signal"])
def test_a_gateway_starts_the_process_by_what_comes_first(run: Begin, shared_feel: Feel, first: str) -> None:
    source = instantiating()
    assert starts(source, shared_feel) == [("message", "message", "hej", ""), ("signal", "signal", "", "larm")]

    case = run(source).start(first)

    assert case.waits == [f"after_{first}"]
    assert case.happened("g") == ["started", "completed"]
    assert case.happened(first) == ["started", "caught", "completed"]


@pytest.mark.parametrize("first", ["message", "signal"])
def test_a_parallel_gateway_that_starts_the_process_waits_for_the_others(run: Begin, first: str) -> None:
    case = run(instantiating("Parallel")).start(first)
    second = "signal" if first == "message" else "message"
    assert case.waits == sorted([f"after_{first}", second])
    assert case.happened("g") == ["started"]
    case.complete(f"after_{first}")
    assert case.waits == [second]

    arrive(case, second)

    assert case.happened("g") == ["started", "completed"]
    assert case.waits == [f"after_{second}"]
    case.complete(f"after_{second}")
    assert case.status is Status.ENDED


R = element("receiveTask", "r", messageRef="m", instantiate="true")
R_FEEL = element("receiveTask", "r", messageRef="m_feel", instantiate="true")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (instantiating("Exclusive", branch("timer")), "gateway.instantiates_by"),
        (bpmn(start(), R, end(), path("start", "r", "end")), "element.instantiates"),
        (bpmn(R_FEEL, end(), path("r", "end")), "event.name_at_start"),
        (
            bpmn(start(), subprocess("sub", R, end("e"), path("r", "e")), end(), path("start", "sub", "end")),
            "element.instantiates",
        ),
    ],
    ids=["timer", "flow in", "name worked out", "subprocess"],
)
def test_a_start_that_cannot_be_is_refused(source: bytes, code: str, shared_feel: Feel) -> None:
    problems = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    assert code in {each.code for each in problems if each.severity == "refused"}
