"""Events with several triggers: any of them (multiple) or all of them (parallel multiple)."""

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
    catch,
    condition,
    element,
    end,
    error,
    escalation,
    flow,
    link,
    message,
    path,
    signal,
    start,
    subprocess,
    throw,
    timer,
    undoing,
    user,
)

SEVERAL = message() + signal() + timer("P1BD") + condition("n > 2")
LATE = user("late") + end("end2") + flow("late", "end2")


def place(kind: str, *, interrupting: bool, parallel: bool, definition: str = SEVERAL) -> bytes:
    """A task a with a writer beside it; the event stands in the flow, on the border of a, or starts an event
    subprocess."""
    given = {"parallelMultiple": "true"} if parallel else {}
    split = element("parallelGateway", "split") + flow("start", "split") + user("writes") + end("we")
    split += path("split", "writes", "we")
    if kind == "flow":
        parts = catch("w", definition, **given), user("late"), end(), path("split", "w", "late", "end")
        return bpmn(start(), split, *parts)
    task = user("a") + end() + path("split", "a", "end")
    if kind == "border":
        event = element(
            "boundaryEvent", "w", definition, attachedToRef="a",
            cancelActivity="true" if interrupting else "false", **given,
        )  # fmt: skip
        return bpmn(start(), split, task, event, flow("w", "late"), LATE)
    begins = start("w", definition, isInterrupting="true" if interrupting else "false", **given)
    es = subprocess("es", begins, user("late"), end("le"), path("w", "late", "le"), triggeredByEvent="true")
    return bpmn(start(), split, task, es)


def arrive(case: Run, kind: str) -> None:
    match kind:
        case "signal":
            case.signal("larm")
        case "condition":
            case.complete("writes", n=3)
        case _:
            number = {"message": "MessageAwaited", "timer": "TimerArmed"}[kind]
            (token,) = [key for key in case.tokens("w") if type(case.waiting[key]).__name__ == number]
            case.send_token(token) if kind == "message" else case.fire_token(token)


KINDS = ("message", "signal", "timer", "condition")
PLACES = ("flow", "border", "event subprocess")


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_any_of_several_triggers_is_enough(run: Begin, where: str, kind: str) -> None:
    case = run(place(where, interrupting=True, parallel=False)).start(n=1)
    assert len(case.tokens("w")) == 3

    arrive(case, kind)

    assert "late" in case.waits
    assert case.tokens("w") == []
    happened = "caught" if kind in ("message", "signal") else "fired"
    assert case.happened("w") == ["started", happened, "completed"]
    with pytest.raises(NotFound):
        case.signal("larm")


@pytest.mark.parametrize("where", PLACES[1:])
def test_any_of_several_that_does_not_interrupt_happens_for_each(run: Begin, where: str) -> None:
    case = run(place(where, interrupting=False, parallel=False)).start(n=1)

    for kind in ("message", "signal", "signal", "timer", "condition"):
        arrive(case, kind)

    assert case.waits == ["a", *["late"] * 5, "w", "w"]


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("order", [KINDS, KINDS[::-1], ("timer", "condition", "message", "signal")])
def test_all_of_several_triggers_are_waited_for(run: Begin, where: str, order: tuple[str, ...]) -> None:
    case = run(place(where, interrupting=True, parallel=True)).start(n=1)

    for kind in order[:-1]:
        arrive(case, kind)
        assert "late" not in case.waits
    with pytest.raises((NotFound, ValueError)):
        arrive(case, "signal" if order[-1] != "signal" else "message")
    arrive(case, order[-1])

    assert "late" in case.waits
    assert "a" not in case.waits
    assert case.tokens("w") == []
    assert case.happened("w")[-1] == "completed"


@pytest.mark.parametrize("where", PLACES[1:])
def test_all_of_several_that_does_not_interrupt_waits_for_all_of_them_anew(run: Begin, where: str) -> None:
    case = run(place(where, interrupting=False, parallel=True, definition=message() + signal())).start(n=1)

    for _ in range(2):
        arrive(case, "signal")
        arrive(case, "message")

    assert case.waits == sorted(["a", "late", "late", "w", "w", "writes"])
    case.complete("a")
    case.complete("writes")
    case.complete("late")
    case.complete("late")
    assert case.status is Status.ENDED


def test_an_event_throws_all_that_it_says(run: Begin) -> None:
    host = subprocess(
        "host", start("s"), throw("t", escalation("x1") + signal() + message()), user("a"), end("e"),
        path("s", "t", "a", "e"),
    )  # fmt: skip
    border = boundary("b", "host", escalation(), interrupting=False) + flow("b", "late")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, LATE)).start()

    assert case.waits == ["a", "late"]
    assert [each.message for each in case.messages] == ["hej"]
    assert [each.signal for each in case.signals] == ["larm"]
    assert case.messages[0].key != case.signals[0].key
    assert case.happened("t") == ["started", "thrown", "completed"]


def test_an_end_throws_all_that_it_says_and_the_error_last(run: Begin) -> None:
    host = subprocess("host", start("s"), user("a"), end("t", error("e1") + message()), path("s", "a", "t"))
    border = boundary("b", "host", error("e2") + error("e1")) + flow("b", "late")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, LATE)).start()

    case.complete("a")

    assert case.waits == ["late"]
    assert [each.message for each in case.messages] == ["hej"]


def test_an_end_whose_error_nobody_catches_throws_nothing(run: Begin) -> None:
    case = run(bpmn(start(), user("a"), end("t", error("e1") + message()), path("start", "a", "t"))).start()

    case.complete("a")

    assert (case.failures(), case.messages) == ([("t", "engine.fault")], [])


def test_a_process_starts_by_any_of_several_triggers(run: Begin, shared_feel: Feel) -> None:
    source = bpmn(start("begins", message() + signal()), user("a"), end(), path("begins", "a", "end"))
    (facts,) = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).processes
    assert [(each.element_id, each.kind, each.message or each.signal) for each in facts.starts] == [
        ("begins", "message", "hej"),
        ("begins", "signal", "larm"),
    ]

    case = run(source).start("begins")

    assert case.waits == ["a"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (start("x", message() + signal(), parallelMultiple="true"), "event.all_at_start"),
        (start("x", message() + timer("P1D")), "event.time_among"),
        (start("x", message() + condition("n")), "event.condition_at_start"),
        (catch("x", link("l") + message()), "event.unsupported"),
        (boundary("x", "host", error() + message(), interrupting=False), "event.error_interrupts"),
        (boundary("x", "host", error() + message()).replace(" id", ' parallelMultiple="true" id'), "event.all_of"),
    ],
)  # fmt: skip
def test_triggers_that_do_not_go_together_are_refused(event: str, code: str, shared_feel: Feel) -> None:
    host = subprocess("host", start("s"), user("a"), end("e"), path("s", "a", "e"))
    way = () if "boundaryEvent" in event or "startEvent" in event else (flow("start", "x"),)
    parts = start(), host, end(), path("start", "host", "end"), event, flow("x", "end"), *way

    problems = check([SourceFile("p.bpmn", bpmn(*parts))], known=Known(), feel=shared_feel).problems

    assert code in {each.code for each in problems if each.severity == "refused"}


def test_all_of_several_waits_anew_also_beside_what_ran_before_and_is_kept(run: Begin) -> None:
    begins = start("w", message() + signal(), isInterrupting="false", parallelMultiple="true")
    undoer = user("un_late", isForCompensation="true") + undoing("late", "un_late")
    es = subprocess("es", begins, user("late"), undoer, end("le"), path("w", "late", "le"), triggeredByEvent="true")
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"), es)).start()
    for _ in range(2):
        arrive(case, "signal")
        arrive(case, "message")
        case.complete("late")

    arrive(case, "message")
    assert "late" not in case.waits
    arrive(case, "signal")

    assert "late" in case.waits
