"""The shipped decision tables answer in every situation that can arise, and say what the agreements say."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from flowsvc.domain.directory import Level
from flowsvc.domain.values import Value
from flowsvc.engine.decisions import parse_decisions
from flowsvc.engine.feel import Feel
from tests.conftest import ROOT

URGENCY = ("acute", "urgent", "normal")
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)

Decide = Callable[..., Any]


@pytest.fixture(scope="module")
def decide() -> Iterator[Decide]:
    """Asks a table."""
    with Feel() as feel:

        def decided(key: str, **inputs: Value) -> Any:
            path = ROOT / "processes" / f"{key}.dmn"
            (tree,) = parse_decisions(path.read_bytes(), file_name=path.name)
            return feel.decide(tree, inputs, now=NOW).value

        yield decided


@pytest.mark.parametrize(("level", "urgency"), list(product(Level.__members__, URGENCY)))
def test_every_level_has_an_addressee_and_a_limit(decide: Decide, level: str, urgency: str) -> None:
    rule = decide("escalation-level", level=level, urgency=urgency)

    assert rule["addressee"]
    assert rule["limit_days"] > rule["min_negotiation_days"] >= 0
    assert rule["next_level"] == ("" if level == "LEAD" else Level(Level[level] + 1).name)
    assert rule["review_days"] <= 30


@pytest.mark.parametrize(("level", "urgency"), list(product(("UNIT", "AREA", "DIR", "LEAD"), URGENCY)))
def test_a_shortcoming_has_somebody_to_assess_it_at_every_level(decide: Decide, level: str, urgency: str) -> None:
    rule = decide("brist-level", level=level, urgency=urgency)

    assert rule["addressee"]
    assert (rule["feedback_days"], rule["effect_days"]) == (10, 60)


@pytest.mark.parametrize("urgency", URGENCY)
def test_a_dispute_starts_higher_only_in_danger(decide: Decide, urgency: str) -> None:
    assert decide("start-level", urgency=urgency) == ("AREA" if urgency == "acute" else "OPER")


@pytest.mark.parametrize(
    ("urgency", "part", "provided", "placed"),
    list(product(URGENCY, ("social", "health", "school", ""), (True, False), (True, False))),
)
def test_the_interim_rule_always_names_somebody(
    decide: Decide, urgency: str, part: str, provided: bool, placed: bool
) -> None:
    rule = decide("interim", urgency=urgency, support_part=part, is_provided=provided, is_placed=placed)

    assert rule["rule"] in range(1, 6)
    assert rule["responsible"]


def test_the_support_is_to_be_secured_within_one_working_day(decide: Decide) -> None:
    assert decide("interim-limit", urgency="normal")["propose_within"] == "P1BD"
    assert decide("interim-limit", urgency="acute")["secure_within"] == "P0BD"


@pytest.mark.parametrize(
    ("sign", "duty"),
    [
        ("child_harmed", "worry_report"),
        ("misconduct", "lex_sarah"),
        ("care_injury", "lex_maria"),
        ("transfer", "transfer"),
        ("complaint", "appeal_info"),
        ("data_breach", "data_breach"),
    ],
)
def test_every_sign_brings_its_duty(decide: Decide, sign: str, duty: str) -> None:
    assert [row["duty"] for row in decide("triage", signs=[sign], urgency="normal")] == [duty]


def test_acute_danger_brings_a_protection_assessment_and_nothing_brings_nothing(decide: Decide) -> None:
    assert [row["duty"] for row in decide("triage", signs=[], urgency="acute")] == ["protection"]
    assert decide("triage", signs=[], urgency="normal") == []
