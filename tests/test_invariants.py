"""Each invariant of the domain (domain.md 0.5) is held by tests that are named here, and none of them is gone."""

import ast
from functools import cache

import pytest

from tests.conftest import ROOT

HELD_BY = {
    "INV-1: support is never put aside or delayed by a dispute": (
        "processes/test_interim.py::test_nothing_in_the_dispute_touches_the_task_that_delivers_support",
        "processes/test_kostnad.py::test_the_task_that_starts_the_support_is_never_blocked",
        "processes/test_kostnad.py::test_sc2_the_placement_starts_on_the_planned_day_and_the_dispute_is_joined_again",
        "usecases/test_scenarios.py::test_nothing_that_secures_the_childs_support_waits_for_a_suspended_matter",
    ),
    "INV-2: always one interim responsible party": (
        "processes/test_interim.py::test_the_rule_names_one_party_in_every_situation",
        "processes/test_interim.py::test_where_nobody_answers_the_rule_decides_after_one_working_day",
        "processes/test_tables.py::test_the_interim_rule_always_names_somebody",
    ),
    "INV-3: support without unreasonable delay": (
        "processes/test_tables.py::test_the_support_is_to_be_secured_within_one_working_day",
        "processes/test_interim.py::test_both_sides_directors_are_alarmed_until_the_support_is_secured",
        "processes/test_vard.py::test_a_breakdown_gives_support_the_same_day_and_is_investigated_before_the_move",
    ),
    "INV-4: the child's best interests stand in every decision": (
        "processes/test_forms.py::test_every_decision_about_a_child_states_best_interests",
    ),
    "INV-5: the child's view is sought, or the reason is said": (
        "processes/test_placering.py::test_a_child_who_is_not_heard_needs_a_reason",
        "processes/test_placering.py::test_a_decision_says_what_the_child_thinks_or_why_not",
        "processes/test_tvist.py::test_a_decision_without_reasons_for_a_missing_view_goes_back",
    ),
    "INV-6: nobody without a role sees a case, and every reading is on record": (
        "usecases/test_access.py::test_every_use_case_refuses_a_nobody_and_changes_nothing",
        "usecases/test_case_pages.py::test_an_outsider_gets_nothing_and_nothing_is_logged_as_read",
        "usecases/test_case_pages.py::test_every_reading_is_on_record_with_its_ground",
        "web/test_access.py::test_somebody_elses_task_and_case_look_like_nothing",
    ),
    "INV-7: ultimate responsibility takes away nobody else's duty": (
        "processes/test_tables.py::test_social_and_psychiatric_needs_bring_both_principals",
        "processes/test_tables.py::test_each_cost_has_a_principle",
    ),
    "INV-8: silence is never consent": (
        "processes/test_tvist.py::test_silence_is_noted_level_by_level_and_is_no_consent",
        "processes/test_tvist.py::test_nobody_ever_answering_ends_in_a_record_and_never_in_a_decision",
        "processes/test_kostnad.py::test_silence_by_the_start_is_no_signature",
        "usecases/test_scenarios.py::test_a_party_that_never_answers_has_consented_to_nothing",
        "usecases/test_yearly_review.py::test_a_silent_party_is_reminded_lifted_to_its_managers_and_noted_while_the_review_goes_on",
    ),
    "INV-9: statutory reports run beside the matter": (
        "processes/test_brist.py::test_statutory_duties_are_confirmed_beside_the_case_and_stop_nothing",
        "processes/test_tables.py::test_every_sign_brings_its_duty",
    ),
    "INV-10: statistics tell of no child": (
        "domain/test_statistics.py::test_no_small_count_stands_anywhere",
        "domain/test_placement_figures.py::test_few_placements_tell_nothing_of_any_child",
        "domain/test_placement_figures.py::test_one_that_differs_is_not_given_away_by_the_share",
    ),
    "INV-11: an agreement holds when all have adopted it and its day has come": (
        "domain/test_agreements.py::test_the_version_of_a_day_is_the_one_in_force_on_it_first_and_last_day_included",
        "domain/test_agreements.py::test_a_draft_says_what_the_last_version_does_and_waits_for_every_party",
    ),
    "INV-12: what varies by county is data": (
        "test_architecture.py::test_no_process_key_stands_in_the_code",
        "processes/test_placering.py::test_one_scenario_runs_in_two_counties_by_directory_and_tables_alone",
        "processes/test_tvist.py::test_the_same_dispute_has_the_limits_of_its_county",
        "processes/test_tables.py::test_levels_and_limits_may_have_rows_of_a_county_and_of_a_version",
    ),
}


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


@pytest.mark.parametrize("invariant", HELD_BY, ids=lambda text: text.partition(":")[0])
def test_every_invariant_is_held_by_tests(invariant: str) -> None:
    named = [each.partition("::") for each in HELD_BY[invariant]]

    assert named
    assert [name for file, _, name in named if name not in names_in(file)] == []


def test_no_invariant_is_left_out() -> None:
    assert [each.partition(":")[0] for each in HELD_BY] == [f"INV-{number}" for number in range(1, 13)]
