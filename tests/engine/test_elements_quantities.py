"""How many tokens an activity takes before it begins and sends along when it is done (BPMN 2.0.2, table 10.3)."""

from flowsvc.engine.outcome import Status
from tests.engine.conftest import Begin
from tests.factories import (
    boundary,
    bpmn,
    element,
    end,
    flow,
    laps,
    message,
    multi,
    path,
    start,
    subprocess,
    timer,
    user,
)


def gathering(*more: str, **attributes: str) -> bytes:
    """a, b and c at once → take → after."""
    each = tuple(user(name) for name in "abc")
    flows = *(path("start", name, "take") for name in "abc"), path("take", "after", "end")
    return bpmn(start(), *each, user("take", **attributes), user("after"), end(), *flows, *more)


def test_an_activity_begins_when_enough_tokens_have_come(run: Begin) -> None:
    case = run(gathering(startQuantity="3")).start()

    case.complete("a")
    case.complete("b")
    assert (case.waits, case.happened("take")) == (["c"], [])
    case.complete("c")

    assert (case.waits, case.happened("take")) == (["take"], ["started"])
    case.complete("take")
    case.complete("after")
    assert case.status is Status.ENDED


def test_what_is_left_over_waits_for_the_next_ones(run: Begin) -> None:
    case = run(gathering(startQuantity="2")).start()

    for each in "abc":
        case.complete(each)
    case.complete("take")
    case.complete("after")

    assert (case.waits, case.status) == ([], Status.RUNNING)
    case.cancel()
    assert case.happened("take") == ["started", "completed"]


def test_an_activity_sends_so_many_tokens_along_each_flow_that_is_taken(run: Begin) -> None:
    source = bpmn(
        start(), user("a", completionQuantity="2"), *(user(each) for each in "bcd"), end(),
        path("start", "a"), flow("a", "b"), flow("a", "c", "n = 1"), flow("a", "d", "n = 2"),
        *(flow(each, "end") for each in "bcd"),
    )  # fmt: skip
    case = run(source).start(n=1)

    case.complete("a")

    assert case.waits == ["b", "b", "c", "c"]


def test_what_one_sends_the_next_may_take(run: Begin) -> None:
    source = bpmn(
        start(), element("task", "give", completionQuantity="3"), user("take", startQuantity="3"), end(),
        path("start", "give", "take", "end"),
    )  # fmt: skip
    case = run(source).start()

    assert case.waits == ["take"]
    case.complete("take")
    assert case.status is Status.ENDED


def test_a_join_counts_each_of_several_tokens_by_one_flow(run: Begin) -> None:
    source = bpmn(
        start(), user("a", completionQuantity="2"), user("b"), element("parallelGateway", "join"), user("after"), end(),
        path("start", "a", "join", "after", "end"), path("start", "b", "join"),
    )  # fmt: skip
    case = run(source).start()

    case.complete("a")
    case.complete("b")

    assert case.waits == ["after"], "the second waits for its own b"


def test_border_events_are_armed_when_it_begins_and_send_one_token(run: Begin) -> None:
    border = boundary("late", "take", timer("P1D")), flow("late", "after")
    case = run(gathering(*border, startQuantity="2", completionQuantity="2")).start()
    case.complete("a")
    assert case.waits == ["b", "c"]
    case.complete("b")
    assert case.waits == ["c", "late", "take"]

    case.fire("late")

    assert case.waits == ["after", "c"]


def test_a_repeated_activity_takes_and_gives_as_a_whole(run: Begin) -> None:
    for mark in (laps(most=2), multi("[1, 2]"), multi("[1, 2]", sequential=True)):
        task = element("task", "take", mark, startQuantity="3", completionQuantity="2")
        source = gathering(startQuantity="3").replace(user("take", startQuantity="3").encode(), task.encode())
        case = run(source).start()
        for each in "abc":
            case.complete(each)

        assert case.waits == ["after", "after"]
        assert len(case.happened("take")) == 6


def test_tokens_that_wait_for_more_are_cancelled_with_their_scope(run: Begin) -> None:
    inside = start("s"), user("a"), user("b", startQuantity="2"), end("e"), path("s", "a", "b", "e")
    source = bpmn(
        start(), subprocess("sub", *inside), boundary("stop", "sub", message()), end(),
        path("start", "sub", "end"), path("stop", "end"),
    )  # fmt: skip
    case = run(source).start()

    case.complete("a")
    case.send("stop")

    assert (case.status, case.happened("b")) == (Status.ENDED, [])
