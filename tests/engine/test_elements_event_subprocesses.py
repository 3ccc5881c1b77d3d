"""Event subprocesses: by each trigger, interrupting or not, in nested scopes, bodies and called processes; and timers
that come again."""

from datetime import UTC, datetime

import pytest

from flowsvc.domain.errors import EngineFault, NotFound
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import MessageAwaited, Status, TimerArmed
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import (
    TERMINATE,
    boundary,
    bpmn,
    call,
    condition,
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
    signal,
    start,
    subprocess,
    throw,
    timer,
    user,
)


def beside(identity: str, definition: str, *more: str, interrupting: bool = True, ends: str = "") -> str:
    """An event subprocess with one task, named by its id."""
    begins = start(f"{identity}_start", definition, isInterrupting="true" if interrupting else "false")
    task, done = f"{identity}_task", f"{identity}_end"
    inside = begins, user(task), end(done, ends), path(f"{identity}_start", task, done)
    return subprocess(identity, *inside, *more, triggeredByEvent="true")


def thrower(definition: str, *more: str, kind: str = "intermediateThrowEvent") -> tuple[str, ...]:
    """start → a → the throwing event t → b → end; after an end event there is no b."""
    if kind == "endEvent":
        return start("s"), user("a"), end("t", definition), path("s", "a", "t"), *more
    return start("s"), user("a"), throw("t", definition), user("b"), end("e"), path("s", "a", "t", "b", "e"), *more


ARRIVALS = {"message": message(), "timer": timer("P1BD"), "signal": signal(), "condition": condition("n > 2")}


def arrive(case: Run, kind: str, event: str = "es_start") -> None:
    match kind:
        case "message":
            case.send(event)
        case "timer":
            case.fire(event)
        case "signal":
            case.signal("larm")
        case "condition":
            case.complete("writes", n=3)
        case _:
            case.complete("a")


SCOPES = ("process", "subprocess", "bodies", "call")
WRITES = user("writes") + end("we") + flow("writes", "we") + element("parallelGateway", "split")


def in_scope(run: Begin, scope: str, *inside: str) -> Run:
    """The parts as a process, a subprocess, a multi-instance body, or a called process."""
    match scope:
        case "process":
            return run(bpmn(*inside)).start(n=1)
        case "call":
            own = '<camunda:in source="n" target="n"/>'
            source = bpmn(start(), call("host", "other", own=own), end(), path("start", "host", "end"))
            return run(source, called={"other": bpmn(*inside, key="other")}).start(n=1)
        case _:
            extra = (multi("[1]"),) if scope == "bodies" else ()
            host = subprocess("host", *inside, *extra)
            return run(bpmn(start(), host, end(), path("start", "host", "end"))).start(n=1)


@pytest.fixture(params=SCOPES)
def scope(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.mark.parametrize("kind", ARRIVALS)
def test_an_interrupting_one_ends_the_rest_of_its_scope_and_the_scope_ends_with_it(
    run: Begin, scope: str, kind: str
) -> None:
    body = start("s"), WRITES, user("a"), end("e"), path("s", "split", "a", "e"), flow("split", "writes")
    case = in_scope(run, scope, *body, beside("es", ARRIVALS[kind]))

    arrive(case, kind)

    assert case.waits == ["es_task"]
    assert case.happened("a") == ["started", "cancelled"]
    assert case.happened("es_start") == [
        "started",
        "fired" if kind in ("timer", "condition") else "caught",
        "completed",
    ]
    case.complete("es_task")
    assert case.status is Status.ENDED
    assert case.happened("es") == ["started", "completed"]


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_one_that_does_not_interrupt_runs_many_times_at_once_and_the_scope_waits_for_all(
    run: Begin, scope: str, kind: str
) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    case = in_scope(run, scope, *body, beside("es", ARRIVALS[kind], interrupting=False))

    arrive(case, kind)
    arrive(case, kind)
    assert case.waits == ["a", "es_start", "es_task", "es_task"]
    case.complete("a")
    assert case.waits == ["es_start", "es_task", "es_task"]
    case.complete("es_task")
    assert case.waits == ["es_start", "es_task"]
    case.complete("es_task")

    assert case.status is Status.ENDED
    assert case.waits == []


def test_a_message_says_that_it_does_not_interrupt(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    case = run(bpmn(*body, beside("es", message(), interrupting=False))).start()

    awaited = case.wait("es_start")
    assert isinstance(awaited, MessageAwaited)
    assert not awaited.interrupting


def test_a_timer_that_does_not_interrupt_happens_once(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    case = run(bpmn(*body, beside("es", timer("P1BD"), interrupting=False))).start()

    case.fire("es_start")

    assert case.waits == ["a", "es_task"]


def test_it_sees_and_writes_the_variables_of_its_scope(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    es = beside("es", message(), interrupting=False)
    own = inputs_outputs({"n": "=n + 1"}, {"out": "=n"})
    case = run(bpmn(start(), subprocess("host", *body, es, own=own), end(), path("start", "host", "end"))).start(n=1)

    case.send("es_start", more="x")
    assert case.seen_from("es_task") == {"n": 2, "more": "x"}
    case.complete("es_task", n=5)
    case.complete("a")

    assert case.variables == {"n": 1, "more": "x", "out": 5}


def test_several_wait_in_one_scope_and_each_in_its_own_way(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    events = (
        beside("one", message(), interrupting=False),
        beside("two", signal(), interrupting=False),
        beside("three", timer("P1BD")),
    )
    case = run(bpmn(*body, *events)).start()
    assert case.waits == ["a", "one_start", "three_start", "two_start"]

    case.send("one_start")
    case.signal("larm")
    assert case.waits == ["a", "one_start", "one_task", "three_start", "two_start", "two_task"]
    case.fire("three_start")

    assert case.waits == ["three_task"]
    with pytest.raises(NotFound):
        case.signal("larm")


def test_one_inside_another_waits_while_that_runs(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    es = beside("es", message(), beside("inner", message("m2")), interrupting=False)
    case = run(bpmn(*body, es)).start()
    assert case.waits == ["a", "es_start"]

    case.send("es_start")
    assert case.waits == ["a", "es_start", "es_task", "inner_start"]
    case.send("inner_start")

    assert case.waits == ["a", "es_start", "inner_task"]
    case.complete("inner_task")
    case.complete("a")
    assert case.status is Status.ENDED


# Errors and escalations


@pytest.mark.parametrize("catches", ["e1", ""], ids=["by code", "any"])
def test_an_error_is_caught_in_the_scope_where_it_is_thrown(run: Begin, scope: str, catches: str) -> None:
    case = in_scope(run, scope, *thrower(error("e1"), kind="endEvent"), beside("es", error(catches)))

    case.complete("a")

    assert case.waits == ["es_task"]
    assert case.happened("t") == ["started", "thrown", "completed"]
    assert case.happened("es_start") == ["started", "caught", "completed"]
    case.complete("es_task")
    assert case.status is Status.ENDED


def test_the_event_subprocess_comes_before_the_border_of_the_scope(run: Begin) -> None:
    host = subprocess("host", *thrower(error("e1"), kind="endEvent"), beside("es", error()))
    border = boundary("b", "host", error("e1")) + flow("b", "end2") + end("end2")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border)).start()

    case.complete("a")
    assert case.waits == ["es_task"]
    case.complete("es_task")

    assert case.happened("host") == ["started", "completed"]
    assert case.happened("b") == []


def test_the_border_comes_before_the_event_subprocess_further_out(run: Begin) -> None:
    host = subprocess("host", *thrower(error("e1"), kind="endEvent"))
    border = boundary("b", "host", error("e1")) + flow("b", "late") + user("late") + end("end2") + flow("late", "end2")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, beside("es", error()))).start()

    case.complete("a")

    assert case.waits == ["late"]


def test_an_error_goes_past_scopes_that_catch_another(run: Begin) -> None:
    inner = subprocess("inner", *thrower(error("e1"), kind="endEvent"), beside("wrong", error("e2")))
    outer = subprocess("host", start("s0"), inner, end("e0"), path("s0", "inner", "e0"), beside("es", error("e1")))
    case = run(bpmn(start(), outer, end(), path("start", "host", "end"))).start()

    case.complete("a")

    assert case.waits == ["es_task"]
    assert case.happened("inner") == ["started", "cancelled"]


def test_an_error_out_of_an_event_subprocess_is_not_caught_by_itself(run: Begin) -> None:
    host = subprocess("host", *thrower(error("e1"), kind="endEvent"), beside("es", error("e1"), ends=error("e1")))
    border = boundary("b", "host", error("e1")) + flow("b", "late") + user("late") + end("end2") + flow("late", "end2")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border)).start()
    case.complete("a")

    case.complete("es_task")

    assert case.waits == ["late"]
    assert case.happened("es") == ["started", "cancelled"]


def test_an_error_out_of_one_that_does_not_interrupt_is_caught_by_its_neighbour(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    throws = beside("es", message(), interrupting=False, ends=error("e1"))
    case = run(bpmn(*body, throws, beside("catches", error()))).start()
    case.send("es_start")

    case.complete("es_task")

    assert case.waits == ["catches_task"]
    assert case.happened("a") == ["started", "cancelled"]


def test_an_external_workers_error_is_caught_by_an_event_subprocess(run: Begin) -> None:
    task = element("serviceTask", "a", camunda_type="external", camunda_topic="t")
    case = run(bpmn(start("s"), task, end("e"), path("s", "a", "e"), beside("es", error("e1")))).start()

    case.break_off("a", "E1", why="x")

    assert case.waits == ["es_task"]
    assert case.variables == {"why": "x"}


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_is_caught_in_the_scope_where_it_is_thrown(
    run: Begin, scope: str, kind: str, interrupting: bool
) -> None:
    body = thrower(escalation("x1"), kind=kind)
    case = in_scope(run, scope, *body, beside("es", escalation(), interrupting=interrupting))

    case.complete("a")

    goes_on = kind == "intermediateThrowEvent" and not interrupting
    assert case.waits == (["b", "es_task"] if goes_on else ["es_task"])
    assert case.happened("t") == ["started", "thrown", "completed"]
    case.complete("es_task")
    if goes_on:
        case.complete("b")
    assert case.status is Status.ENDED


def test_an_escalation_out_of_an_event_subprocess_goes_on_outwards(run: Begin) -> None:
    es = beside("es", message(), interrupting=False, ends=escalation("x1"))
    again = beside("again", escalation("x1"), interrupting=False, ends=escalation("x1"))
    host = subprocess("host", start("s"), user("a"), end("e"), path("s", "a", "e"), es, again)
    border = boundary("b", "host", escalation(), interrupting=False) + flow("b", "late") + user("late") + end("end2")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, flow("late", "end2"))).start()
    case.send("es_start")

    case.complete("es_task")
    assert case.waits == ["a", "again_task", "es_start"]
    case.complete("again_task")

    assert case.waits == ["a", "es_start", "late"]


def test_a_terminating_end_in_an_event_subprocess_ends_that_one_alone(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    case = run(bpmn(*body, beside("es", message(), interrupting=False, ends=TERMINATE))).start()
    case.send("es_start")

    case.complete("es_task")

    assert case.waits == ["a", "es_start"]


def test_an_interrupting_one_ends_those_that_run_beside(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    case = run(bpmn(*body, beside("es", message(), interrupting=False), beside("stop", message("m2")))).start()
    case.send("es_start")

    case.send("stop_start")

    assert case.waits == ["stop_task"]
    assert case.happened("es") == ["started", "cancelled"]


def test_it_is_not_armed_before_its_time_can_be_worked_out(run: Begin) -> None:
    body = start("s"), user("a"), end("e"), path("s", "a", "e")
    case = run(bpmn(*body, beside("es", timer("=when")))).start(when="?")
    assert (case.failures(), case.waits) == ([("s", "engine.script_failed")], [])

    case.correct(when="P1D")
    case.retry("s")

    assert case.waits == ["a", "es_start"]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((beside("es", error(), interrupting=False),), "event.error_interrupts"),
        ((beside("es", ""),), "event_subprocess.start"),
        ((beside("es", message()), flow("a", "es")), "event_subprocess.start"),
        ((beside("es", message(), start("other")),), "event_subprocess.start"),
    ],
    ids=["error beside", "no trigger", "flow in", "two starts"],
)
def test_one_that_cannot_be_set_off_as_drawn_is_refused(parts: tuple[str, ...], code: str, shared_feel: Feel) -> None:
    source = bpmn(start("s"), user("a"), end("e"), path("s", "a", "e"), *parts)

    problems = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    assert code in {each.code for each in problems if each.severity == "refused"}


# Timers that come again

HOUR = timer("R3/PT1H", "timeCycle")


def armed(case: Run, event: str) -> tuple[int, datetime]:
    found = case.wait(event)
    assert isinstance(found, TimerArmed)
    return found.cycle, found.due.at


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("place", ["border", "event subprocess"])
def test_a_timer_that_comes_again_keeps_its_token_until_its_times_are_over(run: Begin, place: str) -> None:
    event = boundary("es_start", "a", HOUR, interrupting=False) + flow("es_start", "es_task") + user("es_task")
    event += end("es_end") + flow("es_task", "es_end")
    if place != "border":
        event = beside("es", HOUR, interrupting=False)
    case = run(bpmn(start("s"), user("a"), end("e"), path("s", "a", "e"), event)).start()
    (token,) = case.tokens("es_start")
    assert armed(case, "es_start") == (0, at("2026-03-02T09:00"))

    case.clock.advance(hours=1)
    case.fire("es_start")
    assert case.tokens("es_start") == [token]
    assert armed(case, "es_start") == (1, at("2026-03-02T10:00"))
    with pytest.raises(NotFound):
        case.fire_token(token, cycle=0)
    case.clock.advance(hours=1, minutes=10)
    case.fire_token(token, cycle=1)
    assert armed(case, "es_start") == (2, at("2026-03-02T11:00")), "a late one moves nothing"
    case.clock.advance(hours=1)
    case.fire_token(token, cycle=2)

    assert case.waits == ["a", "es_task", "es_task", "es_task"]


def test_times_that_passed_while_nobody_fired_count_and_are_not_made_up_for(run: Begin) -> None:
    event = boundary("b", "a", HOUR, interrupting=False) + flow("b", "end2") + end("end2")
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"), event)).start()

    case.clock.advance(hours=2, minutes=30)
    case.fire("b")
    assert armed(case, "b") == (1, at("2026-03-02T11:00"))
    case.clock.advance(hours=5)
    case.fire_token(case.tokens("b")[0], cycle=1)

    assert case.waits == ["a"]


def test_a_timer_that_comes_again_each_working_day_keeps_to_the_days(run: Begin) -> None:
    event = boundary("b", "a", timer("=rule", "timeCycle"), interrupting=False) + flow("b", "end2") + end("end2")
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"), event)).start(rule="R/P1BD")
    assert armed(case, "b") == (0, at("2026-03-03T23:00"))

    case.clock.advance(days=1, hours=15, minutes=5)
    case.fire("b")

    assert armed(case, "b") == (1, at("2026-03-04T23:00")), "five minutes past midnight is no day more"


def test_a_cycle_that_cannot_be_worked_out_when_it_fires_changes_nothing(run: Begin) -> None:
    event = boundary("b", "a", timer("=rule", "timeCycle"), interrupting=False) + flow("b", "end2") + end("end2")
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"), event)).start(rule="R/PT1H")
    case.correct(rule="x")

    with pytest.raises(EngineFault):
        case.fire("b")

    assert case.waits == ["a", "b"]


def test_what_delivers_support_and_comes_again_says_so_each_time(run: Begin) -> None:
    event = boundary("b", "a", HOUR, interrupting=False, own=properties(deliversSupport="true"))
    case = run(
        bpmn(
            start(),
            user("a"),
            end(),
            path("start", "a", "end"),
            event,
            flow("b", "x"),
            script("x", "1", "r"),
            end("end2"),
            flow("x", "end2"),
        )
    ).start()
    case.clock.advance(hours=1)

    case.fire("b")

    found = case.wait("b")
    assert isinstance(found, TimerArmed)
    assert found.delivers_support


def test_a_start_whose_end_fails_leaves_nothing_waiting_twice(run: Begin) -> None:
    begins = start("s", own=properties(end_said="=missing"))
    case = run(bpmn(begins, user("a"), end("e"), path("s", "a", "e"), beside("es", message()))).start()
    assert (case.failures(), case.waits) == ([("s", "engine.feel_unknown_name")], [])
    assert [each.key for each in case.restored().tokens()] == list(case.failed)

    case.correct(missing=1)
    case.retry("s")

    assert case.waits == ["a", "es_start"]
