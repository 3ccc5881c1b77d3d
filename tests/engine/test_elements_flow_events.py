"""Events and tasks in the flow: what waits for a time, a message or a signal, and what is sent."""

from datetime import date

import pytest

from flowsvc.domain.errors import NotFound
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import CallRequested, MessageAwaited, MessageThrown, SignalAwaited, Status, TimerArmed
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import (
    boundary,
    bpmn,
    call,
    catch,
    element,
    end,
    escalation,
    flow,
    inputs_outputs,
    link,
    message,
    multi,
    path,
    properties,
    signal,
    start,
    subprocess,
    throw,
    timer,
    user,
)

RECEIVE = element("receiveTask", "w", messageRef="m")
WAITS = {
    "timer": catch("w", timer("P1BD")),
    "message": catch("w", message()),
    "receive task": RECEIVE,
    "signal": catch("w", signal()),
}


def alone(waits: str) -> bytes:
    return bpmn(start(), waits, user("after"), end(), path("start", "w", "after", "end"))


def inside(waits: str) -> str:
    return subprocess("sub", start("s"), waits, end("e"), path("s", "w", "e"))


def arrive(case: Run, kind: str, **variables: object) -> None:
    match kind:
        case "timer":
            case.fire("w")
        case "signal":
            case.signal("larm", **variables)
        case _:
            case.send("w", **variables)


@pytest.fixture(params=WAITS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_what_waits_goes_on_when_it_comes_and_once(run: Begin, kind: str) -> None:
    case = run(alone(WAITS[kind])).start()
    assert case.waits == ["w"]
    assert case.happened("w") == ["started"]
    (token,) = case.tokens("w")

    arrive(case, kind)

    assert case.waits == ["after"]
    assert case.happened("w") == ["started", "fired" if kind == "timer" else "caught", "completed"]
    with pytest.raises(NotFound):
        case.send_token(token)
    with pytest.raises(NotFound):
        case.fire_token(token)
    with pytest.raises(NotFound):
        case.signal("larm")


@pytest.mark.parametrize("kind", ["message", "receive task", "signal"])
def test_what_comes_with_a_message_or_signal_stands_in_the_instance(run: Begin, kind: str) -> None:
    case = run(alone(WAITS[kind])).start(n=1)

    arrive(case, kind, n=2, more="x")

    assert case.variables == {"n": 2, "more": "x"}


def test_what_waits_in_a_subprocess_goes_down_with_it(run: Begin, kind: str) -> None:
    stop = boundary("b", "sub", message("m2")) + flow("b", "end2") + end("end2")
    case = run(bpmn(start(), inside(WAITS[kind]), end(), path("start", "sub", "end"), stop)).start()
    (token,) = case.tokens("w")

    case.send("b")

    assert case.status is Status.ENDED
    assert case.happened("w") == ["started", "cancelled"]
    assert token not in case.waiting


def test_what_waits_in_a_called_process_and_in_each_body_goes_on(run: Begin, kind: str) -> None:
    called = bpmn(start("s"), WAITS[kind], end("e"), path("s", "w", "e"), key="other")
    source = bpmn(start(), call("host", "other", multi("[1, 2]")), end(), path("start", "host", "end"))
    case = run(source, called={"other": called}).start()
    assert case.waits == ["w", "w"]

    arrive(case, kind)
    if kind == "signal":
        assert case.status is Status.ENDED, "all that wait have caught it"
        return
    assert case.waits == ["w"]
    arrive(case, kind)

    assert case.status is Status.ENDED


def test_a_timer_in_the_flow_says_when_it_is_due(run: Begin) -> None:
    case = run(alone(catch("w", timer("=rule"), own=properties(deliversSupport="true")))).start(rule="P5BD")

    armed = case.wait("w")
    assert isinstance(armed, TimerArmed)
    assert (armed.due.on, armed.cycle, armed.delivers_support) == (date(2026, 3, 9), 0, True)


@pytest.mark.parametrize(
    "waits",
    [
        catch("w", message("m_feel"), own=properties(correlationKey="=nr")),
        element("receiveTask", "w", messageRef="m_feel", own=properties(correlationKey="=nr")),
    ],
    ids=["event", "task"],
)
def test_the_name_and_key_of_a_message_may_be_worked_out(run: Begin, waits: str) -> None:
    case = run(alone(waits)).start(kind="svar", nr=7)

    awaited = case.wait("w")
    assert isinstance(awaited, MessageAwaited)
    assert (awaited.message, awaited.correlation_key, awaited.interrupting) == ("svar", "7", False)


def test_a_signal_whose_name_is_worked_out_is_caught_under_the_name_it_had_then(run: Begin) -> None:
    case = run(alone(catch("w", signal("sg_feel")))).start(kind="hemligt namn")
    awaited = case.wait("w")
    assert isinstance(awaited, SignalAwaited)
    assert awaited.signal == "hemligt namn"
    assert b"hemligt" not in case.position.state
    case.correct(kind="annat")

    with pytest.raises(NotFound):
        case.signal("annat")
    case.signal("hemligt namn")

    assert case.waits == ["after"]


@pytest.mark.parametrize("definition", [message("m_feel"), signal("sg_feel"), timer("=kind")])
def test_what_cannot_be_worked_out_is_an_incident_and_can_be_tried_again(run: Begin, definition: str) -> None:
    case = run(alone(catch("w", definition))).start(kind="")
    assert [element_id for element_id, _ in case.failures()] == ["w"]
    assert case.waits == []

    case.correct(kind="PT1H")
    case.retry("w")

    assert (case.waits, case.failures()) == (["w"], [])


def test_a_shared_definition_is_read_where_it_is_referred_to(run: Begin) -> None:
    source = alone(catch("w", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>"))
    shared = b'<bpmn:messageEventDefinition id="shared" messageRef="m"/><bpmn:process id="p"'
    case = run(source.replace(b'<bpmn:process id="p"', shared)).start()

    case.send("w")

    assert case.waits == ["after"]


def test_a_reference_to_a_definition_that_is_not_there_is_refused(shared_feel: Feel) -> None:
    source = alone(catch("w", "<bpmn:eventDefinitionRef>missing</bpmn:eventDefinitionRef>"))

    problems = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    refused = {(each.code, each.element_id) for each in problems if each.severity == "refused"}
    assert ("reference.dangling", "w") in refused


def test_events_without_a_definition_are_passed(run: Begin) -> None:
    case = run(bpmn(start(), throw("t"), catch("c"), end(), path("start", "t", "c", "end"))).start()

    assert case.status is Status.ENDED
    assert case.happened("t") == case.happened("c") == ["started", "completed"]


# Sending

SENDERS = {
    "task": element("sendTask", "t", messageRef="m", own=inputs_outputs({"said": "=n + 1"})),
    "event": throw("t", message(), own=inputs_outputs({"said": "=n + 1"})),
    "end": end("t", message(), own=inputs_outputs({"said": "=n + 1"})),
}


def sending(sender: str) -> bytes:
    tail = "" if "endEvent" in sender else end() + flow("t", "end")
    return bpmn(start(), sender, tail, flow("start", "t"))


@pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS)
def test_a_message_goes_out_with_the_business_key_and_with_what_it_names_alone(run: Begin, sender: str) -> None:
    case = run(sending(sender)).start(n=1, other="x")

    (thrown,) = case.messages
    assert isinstance(thrown, MessageThrown)
    assert (thrown.element_id, thrown.message, thrown.correlation_key) == ("t", "hej", "Å-1")
    assert thrown.variables == {"said": 2}
    assert case.happened("t") == ["started", "thrown", "completed"]
    assert case.status is Status.ENDED
    assert case.variables == {"n": 1, "other": "x"}


@pytest.mark.parametrize("kind", ["sendTask", "intermediateThrowEvent", "endEvent"])
def test_a_message_goes_out_under_the_name_and_key_worked_out(run: Begin, kind: str) -> None:
    own = properties(correlationKey="=nr")
    given = {"messageRef": "m_feel"} if kind == "sendTask" else {}
    inside = () if kind == "sendTask" else (message("m_feel"),)
    case = run(sending(element(kind, "t", *inside, own=own, **given))).start(kind="beslut", nr="B-2")

    (thrown,) = case.messages
    assert (thrown.message, thrown.correlation_key, thrown.variables) == ("beslut", "B-2", {})


def test_each_sending_has_a_key_of_its_own(run: Begin) -> None:
    case = run(bpmn(start(), throw("t", message()), throw("t2", message()), end(), path("start", "t", "t2", "end")))

    case.start()

    assert len({each.key for each in case.messages}) == 2


WORKER = message().replace("/>", ' camunda:type="external" camunda:topic="post"/>')


@pytest.mark.parametrize(
    "sender",
    [
        element("sendTask", "t", camunda_type="external", camunda_topic="post", own=inputs_outputs({"a": "=n"})),
        throw("t", WORKER, own=inputs_outputs({"a": "=n"})),
        end("t", WORKER, own=inputs_outputs({"a": "=n"})),
    ],
    ids=["task", "event", "end"],
)
def test_a_message_that_an_external_worker_sends_is_a_call(run: Begin, sender: str) -> None:
    case = run(sending(sender)).start(n=1)
    asked = case.wait("t")
    assert isinstance(asked, CallRequested)
    assert (asked.kind, asked.name, asked.inputs) == ("external", "post", {"a": 1})

    case.finish("t", {})

    assert case.messages == []
    assert case.happened("t")[-1] == "completed"
    assert case.status is Status.ENDED


def test_a_message_that_cannot_be_worked_out_is_not_sent(run: Begin) -> None:
    case = run(sending(throw("t", message("m_feel")))).start(kind="")
    assert (case.failures(), case.messages) == ([("t", "engine.fault")], [])

    case.correct(kind="x")
    case.retry("t")

    assert [each.message for each in case.messages] == ["x"]


LATE = user("late") + end("end2") + flow("late", "end2")
FAILING = properties(end_x="=gone")


@pytest.mark.parametrize(
    "sender", [throw("t", message(), own=FAILING), end("t", message(), own=FAILING)], ids=["event", "end"]
)
def test_an_end_that_fails_sends_nothing_until_it_is_tried_again(run: Begin, sender: str) -> None:
    case = run(sending(sender)).start()
    assert case.messages == []

    case.correct(gone=1)
    case.retry("t")

    assert len(case.messages) == 1
    assert case.status is Status.ENDED


def test_an_escalation_in_the_flow_goes_outwards_and_the_flow_goes_on(run: Begin) -> None:
    host = subprocess("host", start("s"), throw("t", escalation("x1")), user("a"), end("e"), path("s", "t", "a", "e"))
    border = boundary("b", "host", escalation("x1"), interrupting=False) + flow("b", "late")
    case = run(bpmn(start(), host, end(), border, LATE, path("start", "host", "end"))).start()

    assert case.waits == ["a", "late"]
    assert case.happened("t") == ["started", "thrown", "completed"]


def test_an_escalation_in_the_flow_that_interrupts_ends_the_thrower_too(run: Begin) -> None:
    host = subprocess("host", start("s"), throw("t", escalation("x1")), user("a"), end("e"), path("s", "t", "a", "e"))
    border = boundary("b", "host", escalation()) + flow("b", "late")
    case = run(bpmn(start(), host, end(), border, LATE, path("start", "host", "end"))).start()

    assert case.waits == ["late"]
    assert case.happened("t") == ["started", "thrown", "completed"]
    assert case.happened("host") == ["started", "cancelled"]
    assert case.happened("a") == []


# Links


def test_a_link_leads_to_the_event_of_its_name_in_the_same_scope(run: Begin) -> None:
    inner = subprocess(
        "sub", start("s"), throw("out2", link("l")), catch("in2", link("l")), user("a"), end("e"),
        path("s", "out2"), path("in2", "a", "e"),
    )  # fmt: skip
    source = bpmn(
        start(),
        element("exclusiveGateway", "x", default="x_out_b"),
        throw("out_a", link("l")),
        throw("out_b", link("l")),
        catch("in", link("l")),
        inner,
        end(),
        flow("start", "x"),
        flow("x", "out_a", "n = 1"),
        flow("x", "out_b"),
        path("in", "sub", "end"),
    )

    for number, thrower in ((1, "out_a"), (2, "out_b")):
        case = run(source).start(n=number)
        assert case.waits == ["a"]
        assert case.happened(thrower) == ["started", "thrown", "completed"]
        assert case.happened("in") == ["started", "caught", "completed"]
        assert [each.element_id for each in case.events if each.element_id.startswith("in")] == [
            *["in"] * 3,
            *["in2"] * 3,
        ]


OUT, IN = throw("t", link("a")), catch("c", link("a"))
TO_END = flow("c", "end")
ELSEWHERE = subprocess("s", start("i"), IN, end("o"), path("i", "c", "o")) + flow("s", "end")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((OUT, catch("c", link("b")), TO_END), "event.link"),
        ((OUT, IN, catch("d", link("a")), TO_END, flow("d", "end")), "event.link"),
        ((OUT, ELSEWHERE), "event.link"),
        ((OUT, IN, TO_END, flow("t", "end")), "event.link_flow"),
        ((user("t"), flow("t", "end"), IN, TO_END), "event.link_source"),
    ],
    ids=["no catch", "two catches", "another scope", "a flow out", "no throw"],
)
def test_a_link_without_exactly_one_end_is_refused(parts: tuple[str, ...], code: str, shared_feel: Feel) -> None:
    source = bpmn(start(), flow("start", "t"), *parts, end())

    problems = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    assert code in {each.code for each in problems if each.severity == "refused"}
