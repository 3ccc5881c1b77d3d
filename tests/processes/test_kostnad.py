"""The cost of a placement: a meeting of its own, mandates, and a dispute that never delays the support (SC2, INV-1)."""

from datetime import date

import pytest

from flowsvc.domain.errors import FormInvalid
from flowsvc.engine.outcome import Happened
from tests.processes import placement as moves
from tests.processes.host import Case, Office
from tests.processes.test_placering import no_sip

MEETING = "Kostnadsmöte utan barn och familj"
SIGN = "Underteckna för sin part"
KRONOR = 100


@pytest.fixture
def case(office: Office) -> Case:
    """A placement whose cost is to be settled."""
    begun = moves.begin(office)
    no_sip(begun)
    return begun


def lines(*parts: tuple[str, int]) -> list[dict[str, object]]:
    return [{"cost_type": "treatment", "payer": party, "amount": amount * KRONOR} for party, amount in parts]


def test_the_table_suggests_a_payer_for_each_kind_of_cost(case: Case) -> None:
    (task,) = case.open(MEETING)

    rules = {row["cost_type"]: row["payer_rule"] for row in case.visible(task)["principles"]}

    assert rules == {
        "accommodation": "placing",
        "treatment": "home_region",
        "health": "home_region",
        "dental": "home_region",
        "school": "home",
    }


def test_whoever_signs_has_a_mandate_for_the_partys_part(case: Case) -> None:
    moves.meet_about_cost(case, cost_lines=lines(("ekby", 120_000), ("region", 30_000)))

    assert case.posts(SIGN) == ["bup.enhetschef", "ekby.ifochef"]
    moves.sign_cost(case)
    assert not case.open(SIGN)
    assert case.instances == []


def test_a_signature_without_impartiality_is_refused(case: Case) -> None:
    moves.meet_about_cost(case)

    with pytest.raises(FormInvalid) as caught:
        case.complete(SIGN, party="ekby", cost_signature="sign")
    assert set(caught.value.fields) == {"is_unbiased"}


@pytest.mark.parametrize("status", ["partly", "disputed"])
def test_sc2_a_cost_that_is_not_agreed_is_tried_in_a_case_of_its_own(case: Case, status: str) -> None:
    moves.meet_about_cost(case, status)

    (asked,) = case.instances
    assert (asked.called_key, asked.is_awaited) == ("avvikelse", True)
    assert (asked.variables["kind"], asked.variables["amount"]) == ("cost", 30_000 * KRONOR)
    assert asked.variables["placing_party"] == "ekby"
    assert asked.variables["reporter"] == "ekby.handlaggare"


def test_sc2_the_placement_starts_on_the_planned_day_and_the_dispute_is_joined_again(office: Office) -> None:
    case = moves.begin(office)
    no_sip(case)
    moves.meet_about_cost(case, "disputed")
    moves.prepare(case)
    moves.write_care_plans(case)
    case.pass_until(case.clock.now().replace(month=3, day=12))
    moves.decide(case)

    moves.start(case)

    (began,) = [
        at for at, event in case.events if event.element_id == "starta" and event.happened is Happened.COMPLETED
    ]
    assert began.date() == date(2026, 4, 20), "never later than planned"
    assert case.open("Besök och samtal"), "the care goes on"
    case.finish_case("c_tvist", outcome="agreed")
    case.complete(
        "Ta in beslutet i planen",
        cost_lines=lines(("region", 18_000), ("ekby", 12_000)),
        cost_valid_until="2027-01-01",
        renegotiate_if="Efter tre månader.",
    )
    assert case.variables["cost_state"] == "decided"


def test_the_task_that_starts_the_support_is_never_blocked(office: Office) -> None:
    case = moves.begin(office)
    moves.prepare(case)
    moves.write_care_plans(case)
    moves.decide(case)

    (task,) = case.open("Starta placeringen")

    assert task.properties["deliversSupport"] == "true"


def test_without_a_meeting_by_the_start_the_matter_is_tried(case: Case) -> None:
    case.pass_day(date(2026, 4, 20))

    (asked,) = case.instances
    assert asked.variables["kind"] == "cost"
    assert not case.open(MEETING)


def test_a_party_that_does_not_sign_has_not_agreed(case: Case) -> None:
    moves.meet_about_cost(case)
    moves.sign_cost(case, "decline")

    assert [each.variables["kind"] for each in case.instances] == ["cost"]


def test_silence_by_the_start_is_no_signature(case: Case) -> None:
    moves.meet_about_cost(case)
    case.complete(SIGN, party="ekby", cost_signature="sign", is_unbiased=True)

    case.pass_day(date(2026, 4, 20))

    assert [each.variables["kind"] for each in case.instances] == ["cost"]
