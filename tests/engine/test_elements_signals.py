"""Signals and conditions: in every position, interrupting or not, from inside the instance and from outside."""

import pytest

from flowsvc.domain.errors import NotFound
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import SignalAwaited, Status
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
    flow,
    inputs_outputs,
    multi,
    path,
    script,
    signal,
    start,
    subprocess,
    throw,
    timer,
    user,
)

LATE = user("late") + end("end2") + flow("late", "end2")
INSIDE = (start("s"), user("a"), end("e"), path("s", "a", "e"))
HOSTS = {
    "task": user("host"),
    "subprocess": subprocess("host", *INSIDE),
    "bodies": subprocess("host", *INSIDE, multi("[1, 2]")),
    "call": call("host", "other"),
}
CALLED = bpmn(*INSIDE, key="other")


def hosting(kind: str, definition: str, *, interrupting: bool) -> bytes:
    border = boundary("b", "host", definition, interrupting=interrupting) + flow("b", "late")
    return bpmn(start(), HOSTS[kind], user("after"), end(), path("start", "host", "after", "end"), border, LATE)


def begin(run: Begin, source: bytes) -> Run:
    return run(source, called={"other": CALLED} if b"calledElement" in source else None)


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def event_subprocess(definition: str, *, interrupting: bool, own: str = "") -> str:
    begins = start("es_start", definition, isInterrupting="true" if interrupting else "false")
    inside = begins, user("es_task"), end("es_end"), path("es_start", "es_task", "es_end")
    return subprocess("es", *inside, own=own, triggeredByEvent="true")


# Signals


def test_a_signal_on_a_border_that_interrupts(run: Begin, host: str) -> None:
    case = begin(run, hosting(host, signal(), interrupting=True)).start()
    awaited = case.wait("b")
    assert isinstance(awaited, SignalAwaited)
    assert awaited.signal == "larm"

    case.signal("larm", why="x")

    assert case.waits == ["late"]
    assert case.variables == {"why": "x"}
    assert case.happened("b") == ["started", "caught", "completed"]
    assert case.happened("host")[-1] == "cancelled"


def test_a_signal_on_a_border_that_does_not_interrupt_comes_again(run: Begin, host: str) -> None:
    case = begin(run, hosting(host, signal(), interrupting=False)).start()
    waits = case.waits

    case.signal("larm")
    case.signal("larm")

    assert case.waits == sorted([*waits, "late", "late"])


def test_a_signal_that_nobody_waits_for_is_not_found(run: Begin) -> None:
    case = begin(run, hosting("task", signal(), interrupting=True)).start()

    with pytest.raises(NotFound):
        case.signal("faran över")
    case.complete("host")
    with pytest.raises(NotFound):
        case.signal("larm")


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
def test_a_thrown_signal_is_caught_at_any_depth_and_goes_out_to_the_others(run: Begin, kind: str) -> None:
    thrower = element(kind, "t", signal(), own=inputs_outputs({"why": "=reason"}))
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        user("first"),
        thrower,
        catch("same_scope", signal()),
        call("called", "other"),
        *(end(f"end_{each}") for each in ("same_scope", "called")),
        path("start", "split", "first", "t"),
        end() + flow("t", "end") if kind == "intermediateThrowEvent" else "",
        path("split", "same_scope", "end_same_scope"),
        path("split", "called", "end_called"),
    )
    deep = subprocess("deep", start("d"), catch("w", signal()), end("de"), path("d", "w", "de"))
    called = bpmn(start("s"), deep, user("inner"), end("e"), path("s", "deep", "inner", "e"), key="other")
    case = run(source, called={"other": called}).start(reason="x")
    assert case.waits == ["first", "same_scope", "w"]

    case.complete("first")

    assert case.waits == ["inner"]
    assert case.seen_from("inner") == {"why": "x"}
    assert case.variables == {"reason": "x", "why": "x"}
    (thrown,) = case.signals
    assert (thrown.signal, thrown.variables, thrown.element_id) == ("larm", {"why": "x"}, "t")
    assert case.happened("t") == ["started", "thrown", "completed"]


def test_a_signal_out_of_a_subprocess_that_its_border_catches_ends_what_stood_ready_inside(run: Begin) -> None:
    inside = (
        start("s"),
        element("parallelGateway", "split"),
        throw("t", signal()),
        script("never", "1", "never"),
        user("a"),
        element("parallelGateway", "join"),
        end("e"),
        path("s", "split", "t", "a", "join", "e"),
        path("split", "never", "join"),
    )
    border = boundary("b", "host", signal()) + flow("b", "late")
    host = subprocess("host", *inside)
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, LATE)).start()

    assert case.waits == ["late"]
    assert case.variables == {}
    assert case.happened("never") == []
    assert case.happened("t") == ["started", "thrown", "completed"]
    assert case.happened("a") == []


def test_a_process_starts_by_a_signal(run: Begin, shared_feel: Feel) -> None:
    source = bpmn(
        start("by_hand"), start("begins", signal()), user("a"), end(), path("by_hand", "a", "end"), flow("begins", "a")
    )
    case = run(source).start("begins")

    assert case.waits == ["a"]
    assert case.happened("begins") == ["started", "caught", "completed"]
    (facts,) = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).processes
    assert [(each.element_id, each.kind, each.signal) for each in facts.starts] == [
        ("by_hand", "none", ""),
        ("begins", "signal", "larm"),
    ]


def test_two_interrupting_events_of_one_signal_happen_inside_out(run: Begin) -> None:
    inner = subprocess("inner", *INSIDE)
    border = (
        boundary("b_in", "inner", signal(), interrupting=False)
        + flow("b_in", "x")
        + user("x")
        + end("ex")
        + flow("x", "ex")
    )
    outer = subprocess("host", start("s0"), inner, border, end("e0"), path("s0", "inner", "e0"))
    edge = boundary("b", "host", signal()) + flow("b", "late")
    case = run(bpmn(start(), outer, end(), path("start", "host", "end"), edge, LATE)).start()

    case.signal("larm")

    assert case.waits == ["late"]
    assert case.happened("b_in") == ["started", "caught", "cancelled"]


# Conditions


def test_a_condition_in_the_flow_waits_until_it_is_true(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        catch("w", condition("n > 2")),
        user("a"),
        user("b"),
        end(),
        end("end2"),
        path("start", "split", "w", "end"),
        path("split", "a", "b", "end2"),
    )
    case = run(source).start(n=1)
    assert case.waits == ["a"]

    case.complete("a", n=2)
    assert case.happened("w") == ["started"]
    case.complete("b", n=3)

    assert case.happened("w") == ["started", "fired", "completed"]
    assert case.status is Status.ENDED


def test_a_condition_that_is_true_already_does_not_wait(run: Begin) -> None:
    case = run(bpmn(start(), catch("w", condition("n > 2")), user("a"), end(), path("start", "w", "a", "end"))).start(
        n=3
    )

    assert case.waits == ["a"]


BESIDE = element("parallelGateway", "split") + user("writes") + user("writes2") + user("writes3") + end("end3")
BESIDE_FLOWS = flow("start", "split") + path("split", "writes", "writes2", "writes3", "end3")


def beside(kind: str, definition: str, *, interrupting: bool) -> bytes:
    border = boundary("b", "host", definition, interrupting=interrupting) + flow("b", "late")
    parts = start(), HOSTS[kind], user("after"), end(), path("split", "host", "after", "end"), border, LATE
    return bpmn(*parts, BESIDE, BESIDE_FLOWS)


def test_a_condition_on_a_border_interrupts_when_another_branch_makes_it_true(run: Begin, host: str) -> None:
    case = begin(run, beside(host, condition("n > 2"), interrupting=True)).start(n=1)

    case.complete("writes", n=3)

    assert case.waits == ["late", "writes2"]
    assert case.happened("b") == ["started", "fired", "completed"]


def test_a_condition_that_does_not_interrupt_happens_each_time_it_becomes_true(run: Begin) -> None:
    case = begin(run, beside("task", condition("n > 2"), interrupting=False)).start(n=1)

    case.complete("writes", n=3)
    assert case.waits == ["host", "late", "writes2"]
    case.complete("late", n=4)
    assert case.waits == ["host", "writes2"], "it was true all the time"
    case.complete("writes2", n=1)
    case.complete("writes3", n=5)

    assert case.waits == ["host", "late"]


def test_a_condition_that_is_true_at_once_interrupts_before_anything_inside_runs(run: Begin) -> None:
    host = subprocess("host", start("s"), script("first", "2", "n"), user("a"), end("e"), path("s", "first", "a", "e"))
    border = boundary("b", "host", condition("n = 1")) + flow("b", "late")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, LATE)).start(n=1)

    assert case.waits == ["late"]
    assert case.variables == {"n": 1}


def test_a_script_inside_that_makes_the_border_true_lets_nothing_more_run(run: Begin) -> None:
    inside = start("s"), script("first", "9", "n"), script("never", "1", "never"), end("e")
    host = subprocess("host", *inside, path("s", "first", "never", "e"))
    border = boundary("b", "host", condition("n > 2")) + flow("b", "late")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, LATE)).start(n=1)

    assert case.waits == ["late"]
    assert case.variables == {"n": 9}


def test_the_completion_of_a_task_comes_before_the_condition_that_it_makes_true(run: Begin) -> None:
    case = begin(run, hosting("task", condition("n > 2"), interrupting=True)).start(n=1)

    case.complete("host", n=3)

    assert case.waits == ["after"]


def test_a_condition_on_a_border_sees_the_variables_of_its_activity(run: Begin) -> None:
    own = inputs_outputs({"limit": "=n + 1"})
    border = boundary("b", "host", condition("n > limit")) + flow("b", "late")
    task = user("host", own=own)
    parts = start(), task, end(), path("split", "host", "end"), border, LATE
    case = run(bpmn(*parts, BESIDE, BESIDE_FLOWS)).start(n=1)

    case.complete("writes", n=2)
    assert "late" not in case.waits
    case.complete("writes2", n=3)

    assert "late" in case.waits


def test_a_condition_in_a_called_process_sees_what_is_written_there_alone(run: Begin) -> None:
    called = bpmn(
        start("s"), user("a"), catch("w", condition("n > 2")), user("in"), end("e"), path("s", "a", "w", "in", "e"),
        key="other",
    )  # fmt: skip
    source = bpmn(
        start(), BESIDE, BESIDE_FLOWS, call("host", "other", own='<camunda:in source="n" target="n"/>'), end(),
        path("split", "host", "end"),
    )  # fmt: skip
    case = run(source, called={"other": called}).start(n=1)
    case.complete("a", n=2)

    case.complete("writes", n=7)

    assert case.waits == ["writes2"]
    assert case.happened("w") == ["started"]


@pytest.mark.parametrize("feel", ["missing > 1", "n"], ids=["unknown name", "no condition"])
def test_a_condition_that_cannot_be_worked_out_stops_its_activity_before_it_begins(run: Begin, feel: str) -> None:
    case = begin(run, hosting("task", condition(feel), interrupting=True)).start(n=1)

    assert [element_id for element_id, _ in case.failures()] == ["host"]
    assert case.waits == []


def test_a_condition_that_can_no_longer_be_worked_out_is_an_incident_and_can_be_tried_again(run: Begin) -> None:
    case = begin(run, beside("task", condition("n > 2"), interrupting=True)).start(n=1)

    case.complete("writes", n="text")
    assert [element_id for element_id, _ in case.failures()] == ["b"]
    assert case.waits == ["host", "writes2"], "the rest goes on"
    case.correct(n=3)
    case.retry("b")

    assert (case.waits, case.failures()) == (["late", "writes2"], [])


def test_the_incident_of_a_condition_is_over_with_its_activity(run: Begin) -> None:
    case = begin(run, beside("task", condition("n > 2"), interrupting=True)).start(n=1)
    case.complete("writes", n="text")

    case.complete("host")

    assert (case.waits, case.failures()) == (["after", "writes2"], [])


def test_a_process_cannot_start_by_a_condition_and_the_refusal_says_why(shared_feel: Feel) -> None:
    source = bpmn(start("start", condition("n > 1")), end(), flow("start", "end"))

    (problem,) = [
        each
        for each in check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems
        if each.severity == "refused"
    ]

    assert (problem.code, problem.element_id) == ("event.condition_at_start", "start")
    assert "variabler" in problem.what


# Event subprocesses by signal and condition


@pytest.mark.parametrize("definition", [signal(), condition("n > 2")], ids=["signal", "condition"])
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_subprocess_by_signal_or_condition(run: Begin, definition: str, interrupting: bool) -> None:
    es = event_subprocess(definition, interrupting=interrupting)
    case = run(bpmn(start(), BESIDE, BESIDE_FLOWS, es)).start(n=1)

    if definition == signal():
        case.signal("larm")
    else:
        case.complete("writes", n=3)

    rest = ["writes"] if definition == signal() else ["writes2"]
    assert [each for each in case.waits if each != "es_start"] == ["es_task", *([] if interrupting else rest)]
    happened = "caught" if definition == signal() else "fired"
    assert case.happened("es_start") == ["started", happened, "completed"]
    if interrupting and definition == signal():
        assert case.happened("writes") == ["started", "cancelled"]


def test_timer_and_signal_of_one_element_wait_in_called_processes_and_bodies(run: Begin) -> None:
    called = bpmn(
        start("s"), user("a"), end("e"), path("s", "a", "e"), event_subprocess(signal(), interrupting=True), key="other"
    )
    edge = boundary("b", "host", timer("P1BD"), interrupting=False) + flow("b", "late")
    source = bpmn(start(), call("host", "other", multi("[1, 2]")), end(), path("start", "host", "end"), edge, LATE)
    case = run(source, called={"other": called}).start()

    case.signal("larm")

    assert case.waits == ["b", "es_task", "es_task"]
