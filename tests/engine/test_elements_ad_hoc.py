"""Ad hoc subprocesses: what begins by itself, in which order, and when it is enough."""

from typing import Any

import pytest

from flowsvc.engine.outcome import Status
from tests.engine.conftest import Begin
from tests.factories import (
    boundary,
    bpmn,
    element,
    end,
    flow,
    inputs_outputs,
    laps,
    message,
    multi,
    path,
    properties,
    script,
    start,
    user,
)

AROUND = (start(), user("after"), end())
THREE = tuple(user(each) for each in "abc")


def ad_hoc(*inside: str, until: str = "", **attributes: str) -> str:
    condition = f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    return element("adHocSubProcess", "free", *inside, condition, **attributes)


def around(activity: str, *more: str) -> bytes:
    return bpmn(*AROUND, activity, path("start", "free", "after", "end"), *more)


def test_all_that_no_flow_leads_to_begins_at_once_and_all_is_done_in_any_order(run: Begin) -> None:
    case = run(around(ad_hoc(*THREE, user("d"), flow("a", "d")))).start()
    assert case.waits == ["a", "b", "c"]

    for each in "cabd":
        assert "after" not in case.waits
        case.complete(each)

    assert case.waits == ["after"]
    assert case.happened("free") == ["started", "completed"]


def test_in_sequence_one_begins_when_the_path_of_the_one_before_has_ended(run: Begin) -> None:
    case = run(around(ad_hoc(*THREE, user("d"), flow("a", "d"), ordering="Sequential"))).start()
    seen = []

    while case.waits != ["after"]:
        seen += case.waits
        case.complete(case.waits[0])

    assert seen == ["a", "d", "b", "c"]


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_what_needs_nobody_is_done_at_once(run: Begin, ordering: str) -> None:
    inside = script("x", "1", "one"), script("y", "2", "two"), element("task", "z")
    case = run(around(ad_hoc(*inside, ordering=ordering))).start()

    assert (case.waits, case.variables) == (["after"], {"one": 1, "two": 2})


def test_when_the_condition_holds_the_rest_is_cancelled(run: Begin) -> None:
    case = run(around(ad_hoc(*THREE, until="n &gt;= 2"))).start(n=0)

    case.complete("b", n=1)
    assert case.waits == ["a", "c"]
    case.complete("c", n=2)

    assert case.waits == ["after"]
    assert case.happened("a") == ["started", "cancelled"]
    assert set(case.position.scopes) == {""}


def test_when_the_condition_holds_the_rest_may_be_let_to_end_but_nothing_more_begins(run: Begin) -> None:
    inside = *THREE, user("d"), flow("a", "d"), user("e"), flow("b", "e")
    case = run(around(ad_hoc(*inside, until="enough", cancelRemainingInstances="false"))).start(enough=False)

    case.complete("b", enough=True)
    assert case.waits == ["a", "c"]
    case.complete("c", enough=False)
    case.complete("a")

    assert case.waits == ["after"]
    assert case.happened("d") == []


def test_what_has_not_begun_when_it_is_enough_never_begins(run: Begin) -> None:
    inside = script("x", "true", "enough"), *THREE
    case = run(around(ad_hoc(*inside, until="enough", cancelRemainingInstances="false"))).start()

    assert case.waits == ["after"]
    assert case.happened("a") == []


def test_in_sequence_the_condition_is_asked_after_each(run: Begin) -> None:
    case = run(around(ad_hoc(*THREE, until="enough", ordering="Sequential"))).start(enough=False)

    case.complete("a")
    assert case.waits == ["b"]
    case.complete("b", enough=True)

    assert case.waits == ["after"]


def test_nothing_left_while_the_condition_is_false_is_an_incident_that_retry_mends(run: Begin) -> None:
    case = run(around(ad_hoc(user("a"), until="enough"))).start(enough=False)

    case.complete("a")
    assert [each for each, _ in case.failures()] == ["free"]
    case.correct(enough=True)
    case.retry("free")

    assert case.waits == ["after"]


def test_a_condition_that_fails_is_an_incident_of_the_activity_that_ended(run: Begin) -> None:
    case = run(around(ad_hoc(*THREE, until="enough"))).start()

    case.complete("a")
    assert case.failures() == [("a", "engine.feel_unknown_name")]
    case.correct(enough=True)
    case.retry("a")

    assert case.waits == ["after"]
    assert case.happened("a") == ["started", "failed", "completed"]


def test_joins_that_wait_inside_do_not_keep_it_open(run: Begin) -> None:
    inside = *THREE, element("parallelGateway", "join"), user("d"), path("a", "join", "d"), path("b", "join")
    case = run(around(ad_hoc(*inside, until="enough", cancelRemainingInstances="false"))).start(enough=False)

    case.complete("a")
    case.complete("c", enough=True)
    assert case.waits == ["b"]
    case.complete("b")

    assert case.waits == ["after"]


def test_its_inside_sees_its_variables_and_outputs_leave_it(run: Begin) -> None:
    own = inputs_outputs({"mine": "=n + 1"}, {"out": "=mine"})
    case = run(around(ad_hoc(user("a"), own=own, until="mine &gt; 5"))).start(n=1)
    assert case.seen_from("a")["mine"] == 2

    case.complete("a", mine=9)

    assert case.variables == {"n": 1, "out": 9}


def test_a_border_event_interrupts_it(run: Begin) -> None:
    source = around(ad_hoc(*THREE), boundary("stop", "free", message()), path("stop", "end"))
    case = run(source).start()

    case.send("stop")

    assert case.status is Status.ENDED


def test_a_border_event_inside_leads_on_inside(run: Begin) -> None:
    inside = user("a"), boundary("late", "a", message(), interrupting=False), user("chase"), flow("late", "chase")
    case = run(around(ad_hoc(*inside))).start()

    case.send("late")
    case.complete("a")
    assert case.waits == ["chase"]
    case.complete("chase")

    assert case.waits == ["after"]


def test_it_may_be_done_for_each_item_and_again_and_again(run: Begin) -> None:
    inside = *(user(each, own=properties(item="=item")) for each in "ab"), multi("items", "item", sequential=True)
    items: list[Any] = ["x", "y"]
    case = run(around(ad_hoc(*inside, until="done"))).start(items=items, done=False)
    case.complete("a", done=True)
    assert (case.waits, case.task("a").properties) == (["a", "b"], {"item": "y"})
    case.complete("b")
    assert case.waits == ["after"]

    case = run(around(ad_hoc(user("a"), laps("more")))).start(more=True)
    case.complete("a")
    case.complete("a", more=False)
    assert case.waits == ["after"]


def test_one_stands_inside_another(run: Begin) -> None:
    inner = element("adHocSubProcess", "inner", user("a"), user("b"))
    case = run(around(ad_hoc(inner, user("c"), until="true"))).start()

    case.complete("a")
    assert case.waits == ["b", "c"], "only what is directly inside counts"
    case.complete("b")

    assert case.waits == ["after"]
