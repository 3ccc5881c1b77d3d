"""What goes wrong on the way: incidents that retry mends, limits, and steps that leave nothing half done."""

import pytest

from flowsvc.domain.errors import EngineFault, NotFound
from flowsvc.engine.outcome import Happened, Status
from tests.engine.conftest import Begin
from tests.factories import (
    bpmn,
    call,
    element,
    end,
    flow,
    inputs_outputs,
    path,
    properties,
    script,
    start,
    user,
)


def test_what_a_failed_element_did_before_it_failed_is_undone(run: Begin) -> None:
    task = user("a", own=inputs_outputs({"one": "=1"}) + properties(late="=missing"))
    case = run(bpmn(start(), task, end(), path("start", "a", "end"))).start()

    assert case.failures() == [("a", "engine.feel_unknown_name")]
    assert case.happened("a") == ["failed"]
    assert (case.waits, set(case.position.scopes)) == ([], {""})


def test_the_outputs_of_an_element_are_all_written_or_none(run: Begin) -> None:
    own = inputs_outputs(None, {"one": "=1", "two": "=missing"})
    case = run(bpmn(start(), user("a", own=own), end(), path("start", "a", "end"))).start()

    case.complete("a", answer=1)

    assert case.variables == {"answer": 1}, "what was sent is kept, of the outputs nothing"


def test_one_failed_branch_leaves_the_others_running(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        script("s", "1 + n", "r"),
        user("a"),
        element("parallelGateway", "join"),
        user("after"),
        end(),
        path("start", "split", "s", "join", "after", "end"),
        path("split", "a", "join"),
    )
    case = run(source).start(n="x")
    case.complete("a")
    assert (case.failures(), case.waits, case.status) == ([("s", "engine.feel_type")], [], Status.RUNNING)

    case.correct(n=1)
    case.retry("s")

    assert case.waits == ["after"]
    assert case.variables["r"] == 2


def test_a_failed_element_fails_again_as_long_as_nothing_is_mended(run: Begin) -> None:
    case = run(bpmn(start(), script("s", "1 + n", "r"), end(), path("start", "s", "end"))).start(n="x")

    for _ in range(3):
        case.retry("s")
        assert case.failures() == [("s", "engine.feel_type")]
    case.correct(n=1)
    case.retry("s")

    assert case.status is Status.ENDED


def test_only_what_has_failed_can_be_tried_again(run: Begin) -> None:
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"))).start()

    for token in (case.tokens("a")[0], "0" * 32, "x"):
        with pytest.raises(NotFound):
            case._engine.retry(case._model, case.position, token=token, around=case.around)


def test_a_failed_instance_can_be_cancelled(run: Begin) -> None:
    case = run(bpmn(start(), script("s", "1 + n", "r"), end(), path("start", "s", "end"))).start(n="x")

    case.cancel()

    assert (case.status, case.failures()) == (Status.CANCELLED, [])
    assert case.happened("s") == ["failed", "cancelled"]


CIRCLE = bpmn(
    start(),
    element("exclusiveGateway", "again"),
    element("task", "t"),
    element("exclusiveGateway", "x", default="x_again"),
    end(),
    path("start", "again", "t", "x", "again"),
    flow("x", "end", "done"),
)


def test_a_loop_that_waits_for_nobody_is_stopped_and_can_be_let_out(run: Begin) -> None:
    case = run(CIRCLE).start(done=False)
    ((element_id, code),) = case.failures()
    assert (code, case.status) == ("engine.limit_passed", Status.RUNNING)
    assert case.happened("t").count("completed") <= 10_000

    case.correct(done=True)
    case.retry(element_id)

    assert case.status is Status.ENDED


def test_a_chain_below_the_limit_of_steps_runs_in_one_go(run: Begin) -> None:
    ids = [f"t{number}" for number in range(900)]
    tasks = "".join(element("task", each) for each in ids)
    case = run(bpmn(start(), tasks, end(), path("start", *ids, "end"))).start()

    assert case.status is Status.ENDED


def test_all_that_is_ready_stands_still_at_the_limit(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        element("exclusiveGateway", "n1"),
        element("task", "t1"),
        element("exclusiveGateway", "y1", default="y1_n1"),
        element("exclusiveGateway", "n2"),
        element("task", "t2"),
        element("exclusiveGateway", "y2", default="y2_n2"),
        end(),
        path("start", "split", "n1", "t1", "y1", "n1"),
        path("split", "n2", "t2", "y2", "n2"),
        flow("y1", "end", "done"),
        flow("y2", "end", "done"),
    )
    case = run(source).start(done=False)
    assert [code for _, code in case.failures()] == ["engine.limit_passed"] * 2

    case.correct(done=True)
    for element_id, _ in case.failures():
        case.retry(element_id)

    assert case.status is Status.ENDED


def test_a_called_process_that_is_gone_is_named(run: Begin) -> None:
    case = run(bpmn(start(), call("c", "other"), end(), path("start", "c", "end"))).start()

    (failure,) = case.failed.values()
    assert (failure.element_id, failure.code) == ("c", "engine.fault")
    assert "other" in failure.message


def test_a_model_without_its_process_is_named(run: Begin) -> None:
    case = run(bpmn(start(), end(), path("start", "end")))

    with pytest.raises(EngineFault, match="annan"):
        case._engine.model(root="annan", processes=case.processes, decisions={})
    with pytest.raises(EngineFault, match="annan"):
        case._engine.model(root="annan", processes={"annan": case.processes["p"]}, decisions={})


def test_a_step_changes_nothing_that_was_handed_in(run: Begin) -> None:
    case = run(bpmn(start(), user("a"), script("s", "append(rows, 1)", "rows"), end(), path("start", "a", "s", "end")))
    case.start(rows=[0])
    before, was = case.position, repr(case.position)

    case.complete("a", more=1)

    assert repr(before) == was
    assert case.variables == {"rows": [0, 1], "more": 1}


def test_the_history_names_every_element_with_its_token_and_scope(run: Begin) -> None:
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"))).start()
    case.complete("a")

    assert {each.process_key for each in case.events} == {"p"}
    assert {each.scope for each in case.events} == {""}
    tokens = [each.token for each in case.events if each.happened is Happened.STARTED]
    assert len(set(tokens)) == 3
    assert [each.token for each in case.events if each.happened is Happened.COMPLETED] == tokens
