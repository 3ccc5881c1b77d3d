"""A decision can be asked outside any process."""

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.errors import InvalidInput, NotFound
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases.context import Context
from flowsvc.usecases.decisions import evaluate_decision
from flowsvc.usecases.deployments import deploy

TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
  <decision id="limit" name="Tidsgräns">
    <decisionTable hitPolicy="FIRST">
      <input id="i"><inputExpression id="e" typeRef="date"><text>reported_on</text></inputExpression></input>
      <output id="o" name="days" typeRef="number"/>
      <rule id="old"><inputEntry id="c1"><text>&lt; date("2026-06-01")</text></inputEntry>
        <outputEntry id="a1"><text>5</text></outputEntry></rule>
      <rule id="new"><inputEntry id="c2"><text>-</text></inputEntry>
        <outputEntry id="a2"><text>{days}</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def put(ctx: Context, days: int = 10) -> None:
    deploy(ctx, SYSTEM, [SourceFile("limit.dmn", TABLE.replace("{days}", str(days)).encode())])


def test_the_newest_version_answers_and_names_its_rules(ctx: Context) -> None:
    put(ctx)
    put(ctx, days=15)

    found = evaluate_decision(ctx, SYSTEM, "limit", {"reported_on": "2026-11-24"})

    assert (found.value, found.version) == (15, 2)
    assert [(each.rule_id, each.index) for each in found.matched] == [("new", 2)]


def test_plain_iso_text_is_a_date_where_the_table_declares_one(ctx: Context) -> None:
    put(ctx)

    assert evaluate_decision(ctx, SYSTEM, "limit", {"reported_on": "2026-01-02"}).value == 5
    with pytest.raises(InvalidInput, match="reported_on som är inget datum"):
        evaluate_decision(ctx, SYSTEM, "limit", {"reported_on": "i fjol"})


def test_a_variable_that_is_missing_is_named(ctx: Context) -> None:
    put(ctx)

    with pytest.raises(InvalidInput, match=r"Tidsgräns kan inte svara.*reported_on"):
        evaluate_decision(ctx, SYSTEM, "limit", {})


def test_a_decision_that_is_not_there_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound, match="limit"):
        evaluate_decision(ctx, SYSTEM, "limit", {})
