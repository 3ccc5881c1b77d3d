"""Names that expressions read and nothing sets are told of; whatever may set a name counts."""

# ruff: noqa: E501 - a small diagram stands on one line

import json

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.factories import bpmn, call, element, end, flow, inputs_outputs, multi, path, properties, script, start, user

FORM = json.dumps({"id": "f", "type": "default", "components": [{"type": "textfield", "key": "amount", "label": "A"}]})
CHOICE = (
    element("exclusiveGateway", "g", default="g_end"),
    end(),
    end("other"),
    flow("g", "end"),
    flow("g", "other", "amount > 5"),
)


def unset(feel: Feel, *parts: str, called: bytes | None = None, form: str = "") -> list[str]:
    files = [SourceFile("p.bpmn", bpmn(*parts))]
    files += [SourceFile("q.bpmn", called)] if called else []
    files += [SourceFile("f.form", form.encode())] if form else []
    known = Known(processes=frozenset({"old"}), forms=frozenset({"old"}), decisions=frozenset({"d"}))
    found = check(files, known=known, feel=feel).problems
    assert [each.what for each in found if each.severity == "refused"] == []
    return [each.what.split()[2].rstrip(",") for each in found if each.code == "name.unset"]


def test_a_name_that_nothing_sets_is_told_of_once_with_the_name_that_may_be_meant(shared_feel: Feel) -> None:
    source = bpmn(
        start(), script("s", "1", "amuont"), script("t", "amount + amount", "x"), path("start", "s", "t", "g"), *CHOICE
    )

    found = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    (problem,) = [each for each in found if each.severity == "warned"]
    assert (problem.code, problem.element_id) == ("name.unset", "t")
    assert "Menas amuont?" in problem.what
    assert "Is amuont meant?" in problem.what_en


@pytest.mark.parametrize(
    "parts",
    [
        (start(), script("a", "1", "amount"), path("start", "a", "g")),
        (start(camunda_initiator="amount"), path("start", "g")),
        (start(), user("a", own=inputs_outputs(outputs={"amount": "=1"})), path("start", "a", "g")),
        (start(), element("businessRuleTask", "a", camunda_decisionRef="d", camunda_resultVariable="amount"), path("start", "a", "g")),
        (start(), call("a", "old", own='<camunda:out source="x" target="amount"/>'), path("start", "a", "g")),
        (start(), call("a", "old", own='<camunda:out variables="all"/>'), path("start", "a", "g")),
        (start(), user("a", camunda_formKey="old"), path("start", "a", "g")),
        (start(), f"<bpmn:extensionElements>{properties(variables='other, amount')}</bpmn:extensionElements>", path("start", "g")),
    ],
)  # fmt: skip
def test_what_sets_a_name_in_the_process_counts(parts: tuple[str, ...], shared_feel: Feel) -> None:
    assert unset(shared_feel, *parts, *CHOICE) == []


def test_a_field_of_a_form_counts(shared_feel: Feel) -> None:
    parts = (start("start", camunda_formKey="f"), path("start", "g"), *CHOICE)

    assert unset(shared_feel, *parts, form=FORM) == []
    assert unset(shared_feel, *parts, form=FORM.replace("amount", "sum")) == ["amount"]


def test_the_item_and_the_counter_of_a_loop_count(shared_feel: Feel) -> None:
    body = user("a", multi("=[1, 2]", "item", until="loopCounter > item"))

    assert unset(shared_feel, start(), body, end(), path("start", "a", "end")) == []


def test_what_a_caller_hands_over_counts_in_the_called_process(shared_feel: Feel) -> None:
    called = bpmn(start("qs"), script("q1", "amount + 1", "r"), flow("qs", "q1"), key="q")
    named = call("a", "q", own='<camunda:in source="x" target="amount"/>')
    everything = call("a", "q", own='<camunda:in variables="all"/>')
    before = script("b", "1", "amount")

    assert unset(shared_feel, start(), named, path("start", "a"), called=called) == []
    assert unset(shared_feel, start(), before, everything, path("start", "b", "a"), called=called) == []
    assert unset(shared_feel, start(), everything, path("start", "a"), called=called) == ["amount"]


def test_what_comes_back_from_a_call_is_not_asked_for_here(shared_feel: Feel) -> None:
    outputs = inputs_outputs(outputs={"kept": "=answer.text"})
    task = element("serviceTask", "a", own=outputs, camunda_type="external", camunda_topic="t")

    assert unset(shared_feel, start(), task, end(), path("start", "a", "end")) == []
