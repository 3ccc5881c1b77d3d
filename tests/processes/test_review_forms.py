"""The forms of the yearly review as people meet them: what they ask for, when, and what they refuse."""

import pytest

from flowsvc.domain.values import Value, Variables
from tests.processes.test_forms import Fill, evaluate, faults, fill

__all__ = ["evaluate", "fill"]

CLAUSES: list[Value] = [{"value": "1", "label": "1 Ansvar"}]
DECISION: Variables = {"outcome": "keep", "reasons": "x", "decision_ref": "§ 1", "decided_on": "2026-03-02"}


def test_an_extension_needs_its_last_day_and_no_other_decision_asks_for_it(fill: Fill) -> None:
    assert fill("arlig-beslut", DECISION, attempt=1)["outcome"] == "keep"
    assert faults(fill, "arlig-beslut", DECISION | {"outcome": "extend"}, attempt=1) == {"extend_until"}
    past = DECISION | {"outcome": "extend", "extend_until": "2026-03-01"}
    assert faults(fill, "arlig-beslut", past, attempt=1) == {"extend_until"}


def test_a_decision_is_postponed_without_reasons_and_once(fill: Fill) -> None:
    assert fill("arlig-beslut", {"outcome": "postpone"}, attempt=1)["outcome"] == "postpone"
    assert faults(fill, "arlig-beslut", {"outcome": "postpone"}, attempt=2) == {"outcome"}


def test_a_decision_is_not_of_tomorrow(fill: Fill) -> None:
    assert faults(fill, "arlig-beslut", DECISION | {"decided_on": "2026-03-03"}, attempt=1) == {"decided_on"}


def test_a_meeting_that_was_held_says_when_and_who_and_one_that_was_not_says_why(fill: Fill) -> None:
    held: Variables = {"held": "yes", "held_on": "2026-03-02", "attended": ["social"]}

    assert fill("lokalt-mote-anteckningar", held)
    assert faults(fill, "lokalt-mote-anteckningar", {"held": "yes"}) == {"held_on", "attended"}
    assert faults(fill, "lokalt-mote-anteckningar", {"held": "no"}) == {"not_held_reason"}


CONTRIBUTION: Variables = {
    "responsible_manager": "Enhetschef",
    "clause_status": [{"clause": "1", "status": "works"}],
    "indicator_note": "x",
    "own_deviations_summary": "x",
    "child_participation_work": "x",
    "staff_informed": "all",
    "approve_publish": "yes",
}


@pytest.mark.parametrize("field", sorted(set(CONTRIBUTION) - {"clause_status"}))
def test_a_contribution_needs_every_answer_that_the_report_builds_on(fill: Fill, field: str) -> None:
    asked = {name: value for name, value in CONTRIBUTION.items() if name != field}

    assert faults(fill, "parts-bidrag", asked, asked=1, clause_options=CLAUSES) == {field}


def test_a_contribution_says_how_a_clause_of_the_agreement_works(fill: Fill) -> None:
    other: list[Value] = [{"clause": "9", "status": "works"}]

    assert fill("parts-bidrag", CONTRIBUTION, asked=1, clause_options=CLAUSES)
    assert faults(fill, "parts-bidrag", CONTRIBUTION | {"clause_status": []}, asked=1, clause_options=CLAUSES) == {
        "clause_status"
    }
    assert faults(fill, "parts-bidrag", CONTRIBUTION | {"clause_status": other}, asked=1, clause_options=CLAUSES) == {
        "clause_status:0:clause"
    }


def test_what_the_law_changes_is_said_in_words(fill: Fill) -> None:
    checked: Variables = {"law_checked_on": "2026-03-02", "law_points": [{"topic": "sheltered", "affected": "yes"}]}

    assert faults(fill, "arlig-lagkontroll", checked) == {"law_points"}
    checked["law_points"] = [{"topic": "sheltered", "affected": "yes", "comment": "9 kap. 6 § SoL"}]
    assert fill("arlig-lagkontroll", checked)


def test_a_period_does_not_end_before_it_begins(fill: Fill) -> None:
    plan: Variables = {
        "questions": [{"question": "x"}],
        "collection_from": "2026-12-31",
        "collection_to": "2026-01-01",
        "responsible": "x",
    }

    assert faults(fill, "arlig-plan", plan) == {"collection_to"}


def test_a_unit_manager_confirms_only_when_the_staff_has_been_told(fill: Fill) -> None:
    told: Variables = {"told_on": "2026-03-02", "told_how": "meeting"}

    assert faults(fill, "personalinformation", told | {"staff_told": False}) == {"staff_told"}
    assert fill("personalinformation", told | {"staff_told": True})
