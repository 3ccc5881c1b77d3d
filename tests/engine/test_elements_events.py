"""Events: timers and messages on borders, event subprocesses, errors, escalations, termination. Who goes on, who is
cancelled, and what the host is told."""

from datetime import date

import pytest

from flowsvc.domain.errors import NotFound
from flowsvc.engine.outcome import Closed, Happened, MessageAwaited, Status, TimerArmed
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import (
    TERMINATE,
    boundary,
    bpmn,
    call,
    element,
    end,
    error,
    escalation,
    flow,
    message,
    multi,
    path,
    properties,
    start,
    subprocess,
    timer,
    user,
)

INSIDE = (start("s"), user("a"), end("e"), path("s", "a", "e"))
CALLED = bpmn(*INSIDE, key="other")


def hosting(host: str, *events: str, late: bool = True) -> bytes:
    """start → the element `host` → after → end, with border events; each of them leads to a task late."""
    tail = (user("late"), end("end2"), path("late", "end2")) if late else ()
    return bpmn(start(), host, user("after"), end(), path("start", "host", "after", "end"), *events, *tail)


def event(definition: str, *, interrupting: bool = True, own: str = "") -> str:
    return boundary("b", "host", definition, interrupting=interrupting, own=own) + flow("b", "late")


HOSTS = {
    "user task": user("host"),
    "external task": element("serviceTask", "host", camunda_type="external", camunda_topic="t"),
    "subprocess": subprocess("host", *INSIDE),
    "called process": call("host", "other"),
    "own case": call("host", "other", own=properties(ownCase="true")),
    "multi-instance task": user("host", multi("[1, 2]")),
    "multi-instance subprocess": subprocess("host", *INSIDE, multi("[1, 2]")),
    "multi-instance call": call("host", "other", multi("[1, 2]")),
}
INNER = {"subprocess", "called process", "multi-instance subprocess", "multi-instance call"}
TWICE = {"multi-instance task", "multi-instance subprocess", "multi-instance call"}


def begin(run: Begin, source: bytes) -> Run:
    return (
        run(source, called={"other": CALLED})
        if b'calledElement="other"' in source and b"ownCase" not in source
        else run(source)
    )


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def waits_of(kind: str, *more: str) -> list[str]:
    inside = ["a" if kind in INNER else "host"] * (2 if kind in TWICE else 1)
    return sorted([*inside, *more])


def finish_host(case: Run, kind: str) -> None:
    element_id = "a" if kind in INNER else "host"
    for _ in case.tokens(element_id):
        if kind in ("external task", "own case"):
            case.finish(element_id, {})
        else:
            case.complete(element_id)


# Timers and messages on borders


@pytest.mark.parametrize("definition", [timer("P1BD"), message()], ids=["timer", "message"])
def test_an_interrupting_event_ends_its_activity_and_all_inside(run: Begin, host: str, definition: str) -> None:
    case = begin(run, hosting(HOSTS[host], event(definition))).start()
    assert case.waits == waits_of(host, "b")
    was_waiting = {token for token in case.waiting if case.waiting[token].element_id != "b"}

    if definition == message():
        case.send("b", said=1)
    else:
        case.fire("b")

    assert case.waits == ["late"]
    assert case.last is not None
    assert {each.token for each in case.last.closed if each.happened is Happened.CANCELLED} == was_waiting
    assert case.happened("host")[-1] == "cancelled"
    assert case.happened("b") == ["started", "caught" if definition == message() else "fired", "completed"]
    case.complete("late")
    assert case.status is Status.ENDED
    assert set(case.position.scopes) == {""}


@pytest.mark.parametrize("definition", [timer("P1BD"), message()], ids=["timer", "message"])
def test_an_event_that_does_not_interrupt_goes_on_beside(run: Begin, host: str, definition: str) -> None:
    case = begin(run, hosting(HOSTS[host], event(definition, interrupting=False))).start()

    if definition == message():
        case.send("b")
        assert case.waits == waits_of(host, "b", "late"), "the message may come again"
        case.send("b")
        assert case.waits == waits_of(host, "b", "late", "late")
        case.complete("late")
    else:
        case.fire("b")
        assert case.waits == waits_of(host, "late"), "the timer fires once"
    finish_host(case, host)
    assert case.waits == ["after", "late"]
    case.complete("late")
    case.complete("after")

    assert case.status is Status.ENDED


@pytest.mark.parametrize("definition", [timer("P1BD"), message()], ids=["timer", "message"])
def test_the_event_waits_no_more_when_its_activity_is_done(run: Begin, host: str, definition: str) -> None:
    case = begin(run, hosting(HOSTS[host], event(definition))).start()
    (token,) = case.tokens("b")

    finish_host(case, host)

    assert case.waits == ["after"]
    assert "b" not in {each.element_id for each in case.events}, "what never happened has no history"
    with pytest.raises(NotFound):
        case.fire_token(token)
    with pytest.raises(NotFound):
        case.send_token(token)


def test_a_timer_says_when_it_is_due_and_fires_once(run: Begin) -> None:
    case = run(hosting(user("host"), event(timer("P5BD"), interrupting=False))).start()
    armed = case.wait("b")
    assert isinstance(armed, TimerArmed)
    assert (armed.due.rule, armed.due.on, armed.cycle) == ("P5BD", date(2026, 3, 9), 0)
    assert armed.due.at.isoformat() == "2026-03-09T23:00:00+00:00"

    case.fire_token(armed.token)

    with pytest.raises(NotFound):
        case.fire_token(armed.token)


def test_a_timer_has_no_other_cycle_than_its_first(run: Begin) -> None:
    case = run(hosting(user("host"), event(timer("P5BD")))).start()

    with pytest.raises(NotFound):
        case.fire_token(case.tokens("b")[0], cycle=1)
    assert case.waits == ["b", "host"]


@pytest.mark.parametrize(
    ("rule", "kind", "at"),
    [
        ('=if n > 1 then "PT2H" else "PT1H"', "timeDuration", "2026-03-02T10:00:00+00:00"),
        ("2026-07-01T12:00:00", "timeDate", "2026-07-01T10:00:00+00:00"),
        ("=when", "timeDate", "2026-04-01T22:00:00+00:00"),
    ],
)  # fmt: skip
def test_a_timer_is_worked_out_in_the_zone_and_from_variables(run: Begin, rule: str, kind: str, at: str) -> None:
    case = run(hosting(user("host"), event(timer(rule, kind)))).start(n=2, when=date(2026, 4, 1))

    armed = case.wait("b")
    assert isinstance(armed, TimerArmed)
    assert armed.due.at.isoformat() == at


def test_a_timer_that_cannot_be_worked_out_stops_the_activity_before_it_begins(run: Begin) -> None:
    case = run(hosting(user("host"), event(timer("=when")))).start(when="hemligt")
    assert (case.failures(), case.waits) == ([("host", "engine.script_failed")], [])
    assert "hemligt" not in repr(case.failed)

    case.correct(when="PT1H")
    case.retry("host")

    assert case.waits == ["b", "host"]


def test_a_timer_of_what_delivers_support_says_so(run: Begin) -> None:
    own = properties(deliversSupport="true")
    case = run(hosting(user("host", own=own), event(timer("P5BD")))).start()

    armed = case.wait("b")
    assert isinstance(armed, TimerArmed)
    assert armed.delivers_support


def test_a_message_says_its_name_its_key_and_to_whom_it_is_offered(run: Begin) -> None:
    own = properties(correlationKey="=nr", offer="Återkalla", offerTo="=who")
    case = run(hosting(user("host"), event(message(), own=own))).start(nr=17, who="leadParty")

    waits = case.wait("b")
    assert isinstance(waits, MessageAwaited)
    assert (waits.message, waits.correlation_key, waits.interrupting) == ("hej", "17", True)
    assert waits.properties == {"offer": "Återkalla", "offerTo": "leadParty"}


def test_a_message_without_a_key_is_for_the_business_key(run: Begin) -> None:
    case = run(hosting(user("host"), event(message()))).start()

    waits = case.wait("b")
    assert isinstance(waits, MessageAwaited)
    assert waits.correlation_key == "Å-1"


def test_what_a_message_brings_stands_in_the_instance_before_the_flow_goes_on(run: Begin) -> None:
    own = properties(end_why="=reason")
    case = run(hosting(user("host"), event(message(), own=own))).start()

    case.send("b", reason="fel")

    assert case.variables == {"reason": "fel"}
    (shown,) = [each for each in case.events if each.element_id == "b" and each.happened is Happened.COMPLETED]
    assert shown.properties == {"why": "fel"}


def test_a_token_that_nobody_knows_is_not_found(run: Begin) -> None:
    case = run(hosting(user("host"), event(message()))).start()

    for token in ("", "x", "0" * 32, case.tokens("host")[0]):
        with pytest.raises(NotFound):
            case.send_token(token)
        with pytest.raises(NotFound):
            case.fire_token(token)
    with pytest.raises(NotFound):
        case.complete_token(case.tokens("b")[0])


def test_several_events_on_one_border_wait_beside_each_other(run: Begin) -> None:
    more = boundary("b2", "host", timer("P2BD"), interrupting=False) + flow("b2", "other_late")
    tail = (user("other_late"), end("end3"), flow("other_late", "end3"))
    case = run(hosting(user("host"), event(message()), more, *tail)).start()
    assert case.waits == ["b", "b2", "host"]

    case.fire("b2")
    assert case.waits == ["b", "host", "other_late"]
    case.send("b")

    assert case.waits == ["late", "other_late"]


def test_an_event_on_the_outer_border_ends_all_that_is_nested(run: Begin) -> None:
    inner = subprocess("inner", *INSIDE, multi("[1, 2]"))
    outer = subprocess("host", start("s0"), inner, end("e0"), path("s0", "inner", "e0"))
    inner_event = boundary("b_in", "inner", timer("P1BD")) + flow("b_in", "x_in") + end("x_in")
    source = hosting(outer, event(message()))
    case = run(source.replace(flow("s0", "inner").encode(), (flow("s0", "inner") + inner_event).encode())).start()
    assert case.waits == ["a", "a", "b", "b_in"]

    case.send("b")

    assert case.waits == ["late"]
    assert set(case.position.scopes) == {""}
    assert [each.element_id for each in case.events if each.happened is Happened.CANCELLED] == [
        "a",
        "inner",
        "a",
        "inner",
        "inner",
        "host",
    ]


def test_a_timer_whose_activity_waits_in_an_incident_still_fires(run: Begin) -> None:
    task = user("host", own=properties(end_said="=missing"))
    case = run(hosting(task, event(timer("P1BD")))).start()
    case.complete("host")
    assert case.failures() == [("host", "engine.feel_unknown_name")]

    case.fire("b")

    assert (case.waits, case.failures()) == (["late"], [])


# Event subprocesses


def stopping(*around: str, own: str = "") -> bytes:
    """A process (start → a → end) that the message `sluta` stops, wherever it stands."""
    inside = start("stop", message("m2"), own=own), user("b"), end("stopped"), path("stop", "b", "stopped")
    return bpmn(start(), *around, end(), path("start", "a", "end"), subprocess("es", *inside, triggeredByEvent="true"))


def test_an_event_subprocess_ends_everything_else_in_its_process(run: Begin) -> None:
    case = run(stopping(user("a"), own=properties(offer="Sluta"))).start()
    assert case.waits == ["a", "stop"]
    waits = next(each for each in case.waiting.values() if isinstance(each, MessageAwaited))
    assert (waits.message, waits.interrupting, waits.properties) == ("sluta", True, {"offer": "Sluta"})

    case.send_token(waits.token, why="x")

    assert case.waits == ["b"]
    assert case.happened("a") == ["started", "cancelled"]
    assert case.happened("stop") == ["started", "caught", "completed"]
    assert case.seen_from("b") == {"why": "x"}
    case.complete("b")
    assert (case.status, case.variables) == (Status.ENDED, {"why": "x"})


def test_an_event_subprocess_cancels_what_runs_inside_other_subprocesses(run: Begin) -> None:
    inner = subprocess("a", start("s"), user("deep", multi("[1, 2]")), end("e"), path("s", "deep", "e"))
    case = run(stopping(inner)).start()
    assert len(case.tokens("deep")) == 2

    case.send_token(next(each.token for each in case.waiting.values() if isinstance(each, MessageAwaited)))

    assert case.waits == ["b"]


def test_an_event_subprocess_that_is_not_set_off_keeps_nothing_open(run: Begin) -> None:
    case = run(stopping(user("a"))).start()
    token = next(each.token for each in case.waiting.values() if isinstance(each, MessageAwaited))

    case.complete("a")

    assert case.status is Status.ENDED
    assert "es" not in {each.element_id for each in case.events}
    with pytest.raises(NotFound):
        case.send_token(token)


def test_an_event_subprocess_inside_a_subprocess_ends_that_one_alone(run: Begin) -> None:
    stop = subprocess(
        "es", start("stop", message("m2")), user("b"), end("stopped"), path("stop", "b", "stopped"),
        triggeredByEvent="true",
    )  # fmt: skip
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        subprocess("sub", *INSIDE, stop),
        user("c"),
        element("parallelGateway", "join"),
        end(),
        path("start", "split", "sub", "join", "end"),
        path("split", "c", "join"),
    )
    case = run(source).start()

    case.send_token(next(each.token for each in case.waiting.values() if isinstance(each, MessageAwaited)))
    assert case.waits == ["b", "c"]
    case.complete("b")
    case.complete("c")

    assert case.status is Status.ENDED
    assert case.happened("sub") == ["started", "completed"]


# Errors


def throwing(definition: str) -> str:
    """A subprocess that a person ends well or by the throwing end event, with a branch beside."""
    return subprocess(
        "host",
        start("s"),
        element("parallelGateway", "split"),
        user("beside"),
        user("a"),
        element("exclusiveGateway", "x", default="x_e"),
        end("e"),
        end("e_beside"),
        end("thrown", definition),
        path("s", "split", "a", "x", "e"),
        path("split", "beside", "e_beside"),
        flow("x", "thrown", "bad"),
    )


@pytest.mark.parametrize("catches", ["e1", ""], ids=["by code", "any"])
def test_an_error_is_caught_on_the_border_and_ends_the_subprocess(run: Begin, catches: str) -> None:
    case = run(hosting(throwing(error("e1")), event(error(catches)))).start(bad=True)

    case.complete("a")

    assert case.waits == ["late"]
    assert case.happened("thrown") == ["started", "thrown", "completed"]
    assert case.happened("b") == ["started", "caught", "completed"]
    assert case.happened("beside") == ["started", "cancelled"]
    assert case.happened("host") == ["started", "cancelled"]


def test_a_good_end_disarms_nothing_and_passes_the_border_by(run: Begin) -> None:
    case = run(hosting(throwing(error("e1")), event(error("e1")))).start(bad=False)

    case.complete("a")
    case.complete("beside")

    assert case.waits == ["after"]


def test_the_exact_code_comes_before_any_code(run: Begin) -> None:
    exact = boundary("b_exact", "host", error("e1")) + flow("b_exact", "exact") + user("exact") + end("end3")
    case = run(hosting(throwing(error("e1")), event(error()), exact, flow("exact", "end3"))).start(bad=True)

    case.complete("a")

    assert case.waits == ["exact"]


def test_an_error_goes_outwards_to_the_nearest_that_fits(run: Begin) -> None:
    inner = throwing(error("e1")).replace('id="host"', 'id="inner"')
    wrong = boundary("b_in", "inner", error("e2")) + flow("b_in", "x_in") + end("x_in")
    outer = subprocess("host", start("s0"), inner, wrong, end("e0"), path("s0", "inner", "e0"))
    case = run(hosting(outer, event(error("e1")))).start(bad=True)

    case.complete("a")

    assert case.waits == ["late"]
    assert case.happened("b_in") == []


def test_an_error_out_of_a_called_process_is_caught_by_its_caller(run: Begin) -> None:
    called = bpmn(start("s"), user("a"), end("thrown", error("e1")), path("s", "a", "thrown"), key="other")
    case = run(hosting(call("host", "other"), event(error("e1"))), called={"other": called}).start()

    case.complete("a")

    assert case.waits == ["late"]


def test_an_error_in_one_body_ends_all_bodies(run: Begin) -> None:
    body = subprocess(
        "host", start("s"), user("a"), end("thrown", error("e1")), path("s", "a", "thrown"), multi("[1, 2, 3]")
    )
    case = run(hosting(body, event(error("e1")))).start()

    case.complete("a")

    assert case.waits == ["late"]
    assert set(case.position.scopes) == {""}


def test_an_error_that_nobody_catches_stands_still_and_loses_nothing(run: Begin) -> None:
    case = run(hosting(throwing(error("e2")), event(error("e1")))).start(bad=True)

    case.complete("a")

    assert case.failures() == [("thrown", "engine.fault")]
    assert [each.names for each in case.failed.values()] == [("E2",)]
    assert case.waits == ["beside"]
    assert case.last is not None
    assert case.last.end_error == "E2"
    case.cancel()
    assert case.status is Status.CANCELLED


# Errors out of external tasks

EXTERNAL = HOSTS["external task"]


def test_an_external_workers_error_is_caught_on_the_border(run: Begin) -> None:
    case = run(hosting(EXTERNAL, event(error("e1")))).start(n=1)

    case.break_off("host", "E1", n=2, why="x")

    assert case.waits == ["late"]
    assert case.variables == {"n": 2, "why": "x"}
    assert case.happened("host") == ["started", "cancelled"]


def test_an_external_workers_error_is_caught_further_out(run: Begin) -> None:
    outer = subprocess("host", start("s"), EXTERNAL.replace('"host"', '"a"'), end("e"), path("s", "a", "e"))
    case = run(hosting(outer, event(error()))).start()

    case.break_off("a", "WHATEVER")

    assert case.waits == ["late"]


def test_an_external_workers_error_that_nobody_catches_is_an_incident_and_retry_asks_anew(run: Begin) -> None:
    timed = boundary("b2", "host", timer("P1BD")) + flow("b2", "late")
    case = run(hosting(EXTERNAL, event(error("e1")), timed)).start(n=1)

    case.break_off("host", "E9", n=2)

    assert (case.waits, case.failures()) == (["b2"], [("host", "engine.fault")])
    assert case.variables == {"n": 1}, "what came with an error that nobody took is not kept"
    assert "något gick fel" not in repr(case.failed)
    case.retry("host")
    assert (case.waits, case.failures()) == (["b2", "host"], []), "the timer has been waiting all the time"
    case.finish("host", {})
    assert case.waits == ["after"]


# Escalations


@pytest.mark.parametrize("catches", ["x1", ""], ids=["by code", "any"])
def test_an_escalation_that_interrupts_ends_the_subprocess(run: Begin, catches: str) -> None:
    case = run(hosting(throwing(escalation("x1")), event(escalation(catches)))).start(bad=True)

    case.complete("a")

    assert case.waits == ["late"]
    assert case.happened("host") == ["started", "cancelled"]


def test_an_escalation_that_does_not_interrupt_lets_the_rest_go_on(run: Begin) -> None:
    case = run(hosting(throwing(escalation("x1")), event(escalation("x1"), interrupting=False))).start(bad=True)

    case.complete("a")
    assert case.waits == ["beside", "late"]
    assert case.happened("thrown") == ["started", "thrown", "completed"]
    case.complete("beside")

    assert case.waits == ["after", "late"]
    assert case.happened("host") == ["started", "completed"]


@pytest.mark.parametrize("thrown", ["x1", "x2"])
def test_an_escalation_that_nobody_catches_changes_nothing(run: Begin, thrown: str) -> None:
    events = (event(escalation("x1")),) if thrown == "x2" else ()
    case = run(hosting(throwing(escalation(thrown)), *events, late=bool(events))).start(bad=True)

    case.complete("a")
    case.complete("beside")

    assert case.waits == ["after"]
    assert case.failures() == []


def test_an_escalation_out_of_each_body_is_heard_each_time(run: Begin) -> None:
    body = subprocess(
        "host", start("s"), user("a"), end("thrown", escalation("x1")), path("s", "a", "thrown"), multi("[1, 2]")
    )
    case = run(hosting(body, event(escalation("x1"), interrupting=False))).start()

    case.complete("a")
    case.complete("a")

    assert case.waits == ["after", "late", "late"]


def test_the_end_that_fails_after_an_escalation_does_not_throw_it_twice(run: Begin) -> None:
    inside = start("s"), user("a"), end("thrown", escalation("x1"), own=properties(end_said="=missing"))
    host = subprocess("host", *inside, path("s", "a", "thrown"))
    case = run(hosting(host, event(escalation("x1"), interrupting=False))).start()

    case.complete("a")
    assert (case.waits, case.failures()) == ([], [("thrown", "engine.feel_unknown_name")])
    case.correct(missing=1)
    case.retry("thrown")

    assert case.waits == ["after", "late"]


# Termination


def test_a_terminating_end_ends_the_whole_process(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        user("a"),
        subprocess("sub", start("s"), user("b"), end("e"), path("s", "b", "e")),
        end(definition=TERMINATE),
        end("end2"),
        path("start", "split", "a", "end"),
        path("split", "sub", "end2"),
    )
    case = run(source).start()

    case.complete("a")

    assert case.status is Status.ENDED
    assert case.happened("end") == ["started", "thrown", "completed"]
    assert case.happened("b") == ["started", "cancelled"]
    assert case.last is not None
    assert Closed(token=case.last.closed[-1].token, happened=Happened.CANCELLED) in case.last.closed


def test_a_terminating_end_inside_a_subprocess_ends_that_one_and_the_flow_goes_on(run: Begin) -> None:
    case = run(hosting(throwing(TERMINATE), event(timer("P1BD")))).start(bad=True)

    case.complete("a")

    assert case.waits == ["after"]
    assert case.happened("beside") == ["started", "cancelled"]
    assert case.happened("host") == ["started", "completed"]


def test_a_terminating_end_of_a_called_process_ends_that_one_alone(run: Begin) -> None:
    called = bpmn(
        start("s"),
        element("parallelGateway", "split"),
        user("a"),
        user("b"),
        end("e", TERMINATE),
        end("end_b"),
        path("s", "split", "a", "e"),
        path("split", "b", "end_b"),
        key="other",
    )
    case = run(hosting(call("host", "other"), late=False), called={"other": called}).start()

    case.complete("a")

    assert case.waits == ["after"]


def test_a_terminating_end_in_one_body_leaves_the_other_bodies(run: Begin) -> None:
    body = subprocess("host", start("s"), user("a"), end("e", TERMINATE), path("s", "a", "e"), multi("[1, 2]"))
    case = run(hosting(body, late=False)).start()

    case.complete("a")
    assert case.waits == ["a"]
    case.complete("a")

    assert case.waits == ["after"]


# Cancelling the instance


def test_a_cancelled_instance_waits_for_nothing(run: Begin, host: str) -> None:
    case = begin(run, hosting(HOSTS[host], event(message()))).start()

    case.cancel()

    assert (case.status, case.waits) == (Status.CANCELLED, [])
    assert case.happened("host")[-1] == "cancelled"
