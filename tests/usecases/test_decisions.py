"""A decision can be asked outside any process."""

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.errors import DefinitionInvalid, InvalidInput, NotFound
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


MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="{name}" namespace="urn:{name}">
{parts}</definitions>"""
IMPORT = '<import name="bas" namespace="urn:bas" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
BASE = (
    '<inputData id="i" name="Född den"><variable name="Född den" typeRef="date"/></inputData>'
    '<decision id="{key}" name="Fyller år"><variable name="Fyller år" typeRef="number"/>'
    '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
    "<literalExpression><text>2026 - Född den.year + {more}</text></literalExpression></decision>"
)
CALLS = (
    IMPORT + '<decision id="vuxen" name="Är vuxen"><variable name="Är vuxen"/>'
    '<informationRequirement><requiredDecision href="urn:bas#age"/></informationRequirement>'
    "<literalExpression><text>bas.Fyller år >= 18</text></literalExpression></decision>"
)


def file(name: str, parts: str) -> SourceFile:
    return SourceFile(f"{name}.dmn", MODEL.format(name=name, parts=parts).encode())


def base(more: int = 0, *, key: str = "age", name: str = "bas") -> SourceFile:
    return file(name, BASE.format(key=key, more=more))


def test_a_decision_is_asked_by_its_name_too(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [base()])

    found = evaluate_decision(ctx, SYSTEM, "Fyller år", {"Född den": "2010-05-01"})

    assert (found.value, found.warnings) == (16, ())


def test_of_several_decisions_of_one_name_the_last_deployed_answers_unless_they_came_together(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [base()])
    ctx.clock.advance(hours=1)  # type: ignore[attr-defined]  # the tests' own clock
    deploy(ctx, SYSTEM, [base(100, key="other", name="annan")])

    assert evaluate_decision(ctx, SYSTEM, "Fyller år", {"Född den": "2010-05-01"}).value == 116

    ctx.clock.advance(hours=1)  # type: ignore[attr-defined]  # the tests' own clock
    deploy(ctx, SYSTEM, [base(1, key="third", name="tredje"), base(2, key="fourth", name="fjärde")])
    with pytest.raises(InvalidInput, match="fourth, third"):
        evaluate_decision(ctx, SYSTEM, "Fyller år", {"Född den": "2010-05-01"})


def test_models_that_are_imported_may_be_deployed_together_or_before(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [file("vuxen", CALLS), base()])
    together = evaluate_decision(ctx, SYSTEM, "vuxen", {"Född den": "2008-05-01"})
    ctx.clock.advance(hours=1)  # type: ignore[attr-defined]  # the tests' own clock
    deploy(ctx, SYSTEM, [base(-5)])
    kept = evaluate_decision(ctx, SYSTEM, "vuxen", {"Född den": "2008-05-01"})
    deploy(ctx, SYSTEM, [file("vuxen", CALLS)])
    renewed = evaluate_decision(ctx, SYSTEM, "vuxen", {"Född den": "2008-05-01"})

    assert (together.value, kept.value, renewed.value) == (True, True, False)
    assert (kept.version, renewed.version) == (1, 2)


def test_a_type_error_is_null_and_said(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [base()])

    found = evaluate_decision(ctx, SYSTEM, "age", {"Född den": 5})

    assert found.value is None
    assert found.warnings[0].name == "Född den"
    assert "5" not in found.warnings[0].message


def test_only_types_are_no_decision(ctx: Context) -> None:
    types = file("typer", '<itemDefinition name="t"><typeRef>string</typeRef></itemDefinition>')

    with pytest.raises(DefinitionInvalid) as caught:
        deploy(ctx, SYSTEM, [types])

    assert [each.code for each in caught.value.problems] == ["decision.none"]
