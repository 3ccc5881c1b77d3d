"""Tasks: by people, by FEEL, by a table, by a function, by somebody outside."""

from datetime import date, timedelta
from typing import Any

import pytest

from flowsvc.domain.errors import NotFound, ScriptFailed
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.decision_tree import DecisionTree, InputColumn, OutputColumn, Rule, Table
from flowsvc.engine.outcome import CallRequested, Status
from tests.engine.conftest import Begin
from tests.factories import bpmn, element, end, inputs_outputs, path, properties, script, start, user


def alone(task: str) -> bytes:
    """start → the element a → a user task → end."""
    return bpmn(start(), task, user("after"), end(), path("start", "a", "after", "end"))


# User task


def test_a_user_task_says_who_does_it_when_and_with_which_form(run: Begin) -> None:
    task = user(
        "a",
        own=properties(party="=p", note="as it stands"),
        name="Ange\nståndpunkt",
        camunda_assignee="=boss",
        camunda_candidateUsers="u1, u2",
        camunda_candidateGroups="=groups",
        camunda_dueDate="P5BD",
        camunda_followUpDate="PT2H",
        camunda_priority="=40 + 2",
        camunda_formKey="f",
    )
    opened = run(alone(task)).start(boss="chef", groups=["g1", "g2"], p="ekby").task("a")

    assert (opened.name, opened.form_key, opened.assignee) == ("Ange ståndpunkt", "f", "chef")
    assert (opened.candidate_users, opened.candidate_groups) == (("u1", "u2"), ("g1", "g2"))
    assert opened.due is not None
    assert (opened.due.rule, opened.due.on) == ("P5BD", date(2026, 3, 9))
    assert opened.follow_up is not None
    assert opened.follow_up.at.hour == 10
    assert (opened.priority, opened.properties) == (42, {"party": "ekby", "note": "as it stands"})


def test_what_a_task_does_not_say_has_a_plain_meaning(run: Begin) -> None:
    opened = run(alone(user("a"))).start().task("a")

    assert (opened.assignee, opened.candidate_users, opened.form_key, opened.lane) == ("", (), "", "")
    assert (opened.due, opened.follow_up, opened.priority) == (None, None, 50)


def test_a_due_date_may_come_out_of_a_variable(run: Begin) -> None:
    case = run(alone(user("a", camunda_dueDate="=by"))).start(by=date(2026, 4, 1))

    due = case.task("a").due
    assert due is not None
    assert due.on == date(2026, 4, 1)


def test_what_a_task_ends_with_stands_in_the_instance(run: Begin) -> None:
    case = run(alone(user("a", own=properties(end_said="=answer")))).start(answer="none", other=1)

    case.complete("a", answer="yes", more=[1, {"x": date(2026, 1, 1)}])

    assert case.variables == {"answer": "yes", "other": 1, "more": [1, {"x": date(2026, 1, 1)}]}
    assert case.events[3].properties == {"said": "yes"}
    assert case.last is not None
    assert [each.by_token for each in case.last.variables] == [case.events[2].token] * 2


def test_input_parameters_are_seen_by_the_task_alone_and_outputs_leave_it(run: Begin) -> None:
    own = inputs_outputs({"asked": "=1 + base", "plain": "text"}, {"result": "=asked + given"})
    case = run(alone(user("a", own=own))).start(base=2)
    assert case.seen_from("a") == {"base": 2, "asked": 3, "plain": "text"}
    assert case.variables == {"base": 2}

    case.complete("a", given=10)

    assert case.variables == {"base": 2, "given": 10, "result": 13}
    assert set(case.position.scopes) == {""}


def test_outputs_that_fail_are_tried_again_with_the_inputs_still_at_hand(run: Begin) -> None:
    own = inputs_outputs({"asked": "=1 + base"}, {"result": "=asked + later"})
    case = run(alone(user("a", own=own))).start(base=2)

    case.complete("a", given=10)
    assert case.failures() == [("a", "engine.feel_unknown_name")]
    assert case.waits == []
    case.correct(later=7)
    case.retry("a")

    assert case.waits == ["after"]
    assert case.variables["result"] == 10


def test_a_task_is_completed_once(run: Begin) -> None:
    case = run(alone(user("a"))).start()
    (token,) = case.tokens("a")
    case.complete("a")

    with pytest.raises(NotFound):
        case.complete_token(token)
    with pytest.raises(NotFound):
        case.complete_token("no token at all")


# Script task


@pytest.mark.parametrize(
    ("feel", "value"),
    [
        ("1 + n", 3),
        ('{a: n, b: [n, "x"]}', {"a": 2, "b": [2, "x"]}),
        ('date("2026-03-02") + duration("P1D")', date(2026, 3, 3)),
        ('duration("P2D")', timedelta(days=2)),
        ("null", None),
    ],
)
def test_a_script_keeps_what_feel_says(run: Begin, feel: str, value: Value) -> None:
    case = run(alone(script("a", feel, "r"))).start(n=2)

    assert case.variables["r"] == value


def test_a_script_that_fails_is_an_incident_without_values_that_retry_mends(run: Begin) -> None:
    case = run(alone(script("a", "secret + n", "r"))).start(secret="hemligt", n=1)

    (failure,) = case.failed.values()
    assert (failure.code, failure.element_id) == ("engine.feel_type", "a")
    assert "hemligt" not in repr(failure)
    assert "r" not in case.variables
    case.correct(secret=2)
    case.retry("a")

    assert case.variables["r"] == 3
    assert case.waits == ["after"]


# Business rule task

TABLE = DecisionTree(
    key="d",
    name="D",
    logic=Table(
        hit_policy="UNIQUE",
        inputs=(InputColumn("n", "n", "number"),),
        outputs=(OutputColumn("days", "Dagar", "number"), OutputColumn("who", "Vem", "string")),
        rules=(Rule("r1", ("< 10",), ("5", '"chef"')), Rule("r2", (">= 10",), ("2", '"direktör"'))),
    ),
)


def ask(mapping: str = "") -> bytes:
    attributes = {"camunda_decisionRef": "d", "camunda_resultVariable": "r"}
    if mapping:
        attributes["camunda_mapDecisionResult"] = mapping
    return alone(element("businessRuleTask", "a", **attributes))


@pytest.mark.parametrize(
    ("mapping", "value"),
    [
        ("", {"days": 2, "who": "direktör"}),
        ("singleResult", {"days": 2, "who": "direktör"}),
        ("resultList", [{"days": 2, "who": "direktör"}]),
    ],
)
def test_a_table_answers_in_the_form_asked_for_and_the_rules_are_told(run: Begin, mapping: str, value: Value) -> None:
    case = run(ask(mapping), decisions={"d": TABLE}).start(n=12, secret="hemligt")

    assert case.variables["r"] == value
    assert case.last is not None
    (made,) = case.last.decisions
    assert (made.matched, made.names) == (("d#2",), ("n",))


def test_a_table_with_several_outputs_gives_no_single_entry(run: Begin) -> None:
    case = run(ask("singleEntry"), decisions={"d": TABLE}).start(n=12)

    assert case.failures() == [("a", "engine.script_failed")]
    assert case.last is not None
    assert case.last.decisions == (), "a decision that came to nothing is not told"


# Service task: functions


def service(*, own: str = "", **attributes: str) -> str:
    return element("serviceTask", "a", own=own, **attributes)


def test_a_function_runs_at_once_on_its_inputs_alone(run: Begin) -> None:
    asked: list[Variables] = []

    def fn(given: Variables) -> Value:
        asked.append(dict(given))
        return {"x": 7, "y": [1]}

    own = properties(function="fn") + inputs_outputs({"n": "=n + 1"}, {"got": "=x", "list": "=y"})
    case = run(alone(service(own=own)), functions={"fn": fn}).start(n=1, other="hidden")

    assert asked == [{"n": 2}]
    assert case.variables == {"n": 1, "other": "hidden", "got": 7, "list": [1]}


def test_a_result_variable_keeps_all_that_a_function_gives(run: Begin) -> None:
    functions: Any = {"fn": lambda given: {"x": 7}}
    case = run(alone(service(own=properties(function="fn"), camunda_resultVariable="r")), functions=functions).start()

    assert case.variables == {"r": {"x": 7}}


def test_what_a_function_gives_is_not_shared_with_it(run: Begin) -> None:
    kept: list[Value] = [1]
    own = properties(function="fn")
    functions: Any = {"fn": lambda given: kept}
    case = run(alone(service(own=own, camunda_resultVariable="r")), functions=functions).start()

    kept.append(2)

    assert case.variables == {"r": [1]}


@pytest.mark.parametrize("raised", [ValueError("hemligt"), KeyError("hemligt"), ScriptFailed("Går inte.")])
def test_a_function_that_fails_is_an_incident_without_values(run: Begin, raised: Exception) -> None:
    def fn(given: Variables) -> Value:
        raise raised

    case = run(alone(service(own=properties(function="fn"))), functions={"fn": fn}).start()

    assert case.failures() == [("a", "engine.script_failed")]
    assert "hemligt" not in repr(case.failed)


def test_a_function_that_is_not_there_any_more_is_an_incident(run: Begin) -> None:
    case = run(alone(service(own=properties(function="fn"))), functions={"fn": lambda given: None})
    case.functions = {}

    assert case.start().failures() == [("a", "engine.fault")]


# Service task: connectors and external workers


def test_a_connector_is_asked_for_and_its_result_goes_to_the_outputs(run: Begin) -> None:
    own = properties(connector="c") + inputs_outputs({"to": "=whom", "plain": "x"}, {"sent": "=id"})
    own += "<camunda:failedJobRetryTimeCycle>R3/PT5M</camunda:failedJobRetryTimeCycle>"
    case = run(alone(service(own=own))).start(whom="a@b.se")

    call = case.wait("a")
    assert isinstance(call, CallRequested)
    assert (call.kind, call.name, call.inputs, call.retry_cycle) == (
        "connector",
        "c",
        {"to": "a@b.se", "plain": "x"},
        "R3/PT5M",
    )
    case.finish("a", {"id": 17})

    assert case.variables == {"whom": "a@b.se", "sent": 17}
    assert case.waits == ["after"]


def test_the_result_is_at_hand_when_an_output_that_failed_is_tried_again(run: Begin) -> None:
    own = properties(connector="c") + inputs_outputs({"n": "=1"}, {"sent": "=id + n + later"})
    case = run(alone(service(own=own))).start()

    case.finish("a", {"id": 17})
    assert case.failures() == [("a", "engine.feel_unknown_name")]
    case.correct(later=1)
    case.retry("a")

    assert case.variables["sent"] == 19


EXTERNAL = {"camunda_type": "external", "camunda_topic": "brev", "camunda_taskPriority": "=7"}


def test_an_external_worker_is_waited_for_and_its_values_stand_in_the_instance(run: Begin) -> None:
    case = run(alone(service(**EXTERNAL))).start(n=1)
    call = case.wait("a")
    assert isinstance(call, CallRequested)
    assert (call.kind, call.name, call.priority, call.inputs) == ("external", "brev", 7, {})

    case.finish("a", {"n": 2, "sent": True})

    assert case.variables == {"n": 2, "sent": True}


def test_a_call_is_finished_once(run: Begin) -> None:
    case = run(alone(service(**EXTERNAL))).start()
    (token,) = case.tokens("a")
    waits = case.wait("a")
    case.finish("a", {})
    case.waiting[token] = waits

    with pytest.raises(NotFound):
        case.finish("a", {})
    with pytest.raises(NotFound):
        case.break_off("a", "E1")
    assert case.status is Status.RUNNING


# Names and values that break other engines


@pytest.mark.parametrize(
    "name", ["typename", "len", "__builtins__", "åäö", "data_objects", "self", "id", "date of birth"]
)
def test_a_variable_may_have_any_name(run: Begin, name: str) -> None:
    case = run(alone(user("a"))).start_with({name: 1})

    case.complete("a", **{name: {"typename": "timedelta", "days": 1}})

    assert case.variables == {name: {"typename": "timedelta", "days": 1}}
    assert case.seen_from("after")[name] == {"typename": "timedelta", "days": 1}


def test_a_variable_named_as_in_swedish_is_read_by_feel(run: Begin) -> None:
    case = run(alone(script("a", "åäö + 1", "ö"))).start_with({"åäö": 1})

    assert case.variables["ö"] == 2


def test_nested_values_are_never_shared_between_two_names_or_steps(run: Begin) -> None:
    case = run(bpmn(start(), script("s", "given", "copy"), user("a"), end(), path("start", "s", "a", "end")))
    given: Any = {"kids": [{"n": "B"}]}
    case.start(given=given)

    given["kids"][0]["n"] = "changed outside"
    case.seen_from("a")["given"]["kids"].append("changed outside")  # type: ignore[index, call-overload, union-attr]

    assert case.variables == {"given": {"kids": [{"n": "B"}]}, "copy": {"kids": [{"n": "B"}]}}


def test_a_list_that_is_sent_again_replaces_the_old_one(run: Begin) -> None:
    case = run(alone(user("a"))).start(kids=[{"n": "A", "x": 1}, {"n": "B"}], tags=["a", "b", "c"])

    case.complete("a", kids=[{"n": "B"}], tags=["c"])

    assert case.variables == {"kids": [{"n": "B"}], "tags": ["c"]}
