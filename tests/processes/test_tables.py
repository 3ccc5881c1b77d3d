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

EVERYWHERE: dict[str, Value] = {"county": "Z", "agreement_version": None}
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
    rule = decide("escalation-level", **EVERYWHERE, level=level, urgency=urgency)

    assert rule["addressee"]
    assert rule["limit_days"] > rule["min_negotiation_days"] >= 0
    assert rule["next_level"] == ("" if level == "LEAD" else Level(Level[level] + 1).name)
    assert rule["review_days"] <= 30


@pytest.mark.parametrize(("level", "urgency"), list(product(("UNIT", "AREA", "DIR", "LEAD"), URGENCY)))
def test_a_shortcoming_has_somebody_to_assess_it_at_every_level(decide: Decide, level: str, urgency: str) -> None:
    rule = decide("brist-level", **EVERYWHERE, level=level, urgency=urgency)

    assert rule["addressee"]
    assert (rule["feedback_days"], rule["effect_days"]) == (10, 60)


@pytest.mark.parametrize("urgency", URGENCY)
def test_a_dispute_starts_higher_only_in_danger(decide: Decide, urgency: str) -> None:
    assert decide("start-level", **EVERYWHERE, urgency=urgency) == ("AREA" if urgency == "acute" else "OPER")


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
    assert decide("interim-limit", **EVERYWHERE, urgency="normal")["propose_within"] == "P1BD"
    assert decide("interim-limit", **EVERYWHERE, urgency="acute")["secure_within"] == "P0BD"


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


# Placement planning

NEEDS = ("social", "psychiatric", "neuropsychiatric", "addiction", "disability", "somatic", "dental", "school")
FORMS = (
    "kinship",
    "family_home",
    "consultant_family_home",
    "emergency_home",
    "supported_housing",
    "hvb",
    "sis",
    "sheltered",
    "lss_family",
    "lss_housing",
)
BASES = ("SOL", "LVU2", "LVU3", "LVU6", "LSB", "LSS8")


def services(decide: Decide, *needs: str, age: int) -> set[str]:
    wanted: list[Value] = list(needs)
    return {row["code"] for row in decide("ansvarig-tjanst", **EVERYWHERE, needs=wanted, age=age, in_school=True)}


@pytest.mark.parametrize(("need", "age"), list(product(NEEDS, (0, 9, 16, 19))))
def test_every_need_has_a_service_at_every_age_of_a_child(decide: Decide, need: str, age: int) -> None:
    assert services(decide, need, age=age) or need == "school"


def test_who_treats_mental_ill_health_follows_age(decide: Decide) -> None:
    assert "R-BUP" in services(decide, "psychiatric", age=17)
    assert {"R-BUP", "R-UPM"} <= services(decide, "psychiatric", age=16)
    assert "R-BUP" not in services(decide, "psychiatric", age=18)
    assert {"R-VUP", "R-PV", "R-UM", "R-UPM"} <= services(decide, "psychiatric", age=18)


def test_social_and_psychiatric_needs_bring_both_principals(decide: Decide) -> None:
    assert {"K-IFO-BU", "R-BUP"} <= services(decide, "social", "psychiatric", age=12)


@pytest.mark.parametrize(("basis", "form"), list(product(BASES, FORMS)))
def test_every_placement_has_somebody_who_decides(decide: Decide, basis: str, form: str) -> None:
    found = decide("vem-beslutar", **EVERYWHERE, question="placement", legal_basis=basis, form=form, age=12)

    family = form in ("kinship", "family_home", "consultant_family_home", "emergency_home")
    assert found["law"]
    if basis == "SOL":
        assert found["decider"] == ("committee" if family else "official")
    if basis in ("LVU2", "LVU3"):
        assert found["decider"] == "court"


@pytest.mark.parametrize("form", FORMS)
def test_school_is_never_one_municipalitys_alone(decide: Decide, form: str) -> None:
    def asked(question: str) -> str:
        row = decide("vem-beslutar", **EVERYWHERE, question=question, legal_basis="SOL", form=form, age=12)
        return str(row["decider"])

    assert asked("school_support") == "home"
    assert asked("school_place") == ("operator" if form == "sis" else "stay")


@pytest.mark.parametrize(
    ("question", "basis", "age", "decider"),
    [
        ("health_care", "SOL", 9, "home_region"),
        ("immediate_care", "SOL", 9, "region_of_stay"),
        ("exam_consent", "LVU2", 9, "board"),
        ("exam_consent", "SOL", 9, "guardian"),
        ("exam_consent", "SOL", 18, "young_adult"),
        ("dental", "SOL", 19, "region"),
        ("dental", "SOL", 20, "region_fee"),
        ("anything_else", "SOL", 9, "placing"),
    ],
)
def test_who_decides_the_rest(decide: Decide, question: str, basis: str, age: int, decider: str) -> None:
    row = decide("vem-beslutar", **EVERYWHERE, question=question, legal_basis=basis, form="hvb", age=age)

    assert row["decider"] == decider


@pytest.mark.parametrize(
    ("cost", "form", "has_agreement", "payer"),
    [
        ("accommodation", "family_home", False, "placing"),
        ("accommodation", "lss_family", False, "lss"),
        ("treatment", "hvb", True, "shares"),
        ("treatment", "hvb", False, "interim"),
        ("treatment", "family_home", False, "home_region"),
        ("health", "hvb", False, "home_region"),
        ("statement", "hvb", False, "home_region"),
        ("school", "hvb", False, "home"),
        ("travel", "hvb", False, "own"),
    ],
)
def test_each_cost_has_a_principle(decide: Decide, cost: str, form: str, has_agreement: bool, payer: str) -> None:
    row = decide("kostnadsprincip", **EVERYWHERE, cost_type=cost, form=form, has_cost_agreement=has_agreement)

    assert row["payer_rule"] == payer


@pytest.mark.parametrize(("county", "age"), list(product(("E", "AB", "Z", "H", "SJ", "X"), (0, 17, 18, 20))))
def test_a_placed_child_is_never_outside_every_agreement(decide: Decide, county: str, age: int) -> None:
    rows = decide("malgrupp", county=county, agreement_version=None, age=age, form="family_home", legal_basis="SOL")

    kinds = [row["kind"] for row in rows]
    assert kinds.count("statutory") == 1
    assert ("county" in kinds) is (county != "X" and not (county == "H" and age >= 18))


LIMITED = ("escalation-level", "start-level", "interim-limit", "brist-level")


@pytest.mark.parametrize("key", LIMITED)
def test_levels_and_limits_may_have_rows_of_a_county_and_of_a_version(key: str) -> None:
    (tree,) = parse_decisions((ROOT / "processes" / f"{key}.dmn").read_bytes(), file_name=key)

    assert {"county", "agreement_version"} <= {each.expression for each in tree.inputs}
