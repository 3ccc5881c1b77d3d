"""Instances that live for years, and diagrams and repetitions at the limits: nothing grows with age."""

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Status
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import bpmn, element, end, flow, multi, path, start, user

LOOP = bpmn(
    start(),
    element("exclusiveGateway", "merge"),
    user("task"),
    element("exclusiveGateway", "choice", default="choice_end"),
    end(),
    path("start", "merge", "task", "choice", "end"),
    flow("choice", "merge", "again"),
)


@pytest.mark.slow
def test_ten_thousand_laps_leave_no_more_behind_than_ten(shared_feel: Feel) -> None:
    case = Run(shared_feel, "plain", {"p": LOOP}).start(again=True)
    sizes: dict[int, tuple[int, int, int]] = {}

    for lap in range(1, 10_001):
        case.complete("task")
        case.events.clear()
        if lap in (10, 10_000):
            restored = case.restored()
            sizes[lap] = (len(case.position.state), len(restored.tasks), len(case.position.scopes))

    assert sizes[10] == sizes[10_000]
    assert case.waits == ["task"]


def test_two_thousand_elements_in_a_row_run(run: Begin) -> None:
    names = [f"s{number}" for number in range(1_990)]
    case = run(
        bpmn(
            start(),
            *(element("task", name) for name in names),
            user("late"),
            end(),
            path("start", *names, "late", "end"),
        )
    ).start()

    assert case.waits == ["late"]
    case.complete("late")

    assert len(case.completed()) == 1_993


def test_a_thousand_bodies_are_open_and_go_together(run: Begin) -> None:
    bodies = user("each", multi("for i in 1..1000 return i", "item", until="nrOfCompletedInstances = 3"))
    case = run(bpmn(start(), bodies, end(), path("start", "each", "end"))).start()
    assert len(case.tokens("each")) == 1_000

    for token in case.tokens("each")[:3]:
        case.complete_token(token)

    assert (case.waits, case.status) == ([], Status.ENDED)
