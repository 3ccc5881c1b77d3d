"""The figures of placements are counted from what the closed cases tell, and no small count can be read (INV-10)."""

from datetime import date

import pytest

from flowsvc.domain.placement_figures import age_band, figures
from flowsvc.domain.statistics import FEW, Matter
from flowsvc.domain.values import Value, Variables

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)
TOLD: Variables = {
    "form": "family_home",
    "sip_state": "ended_goal",
    "followups": 2,
    "followups_in_time": 1,
    "child_heard": True,
    "cost_before_start": True,
    "late_by_dispute": False,
    "exam_offered": True,
    "exam_physical": "done",
    "exam_mental": "done",
    "exam_oral": "refused",
    "exam_days": 14,
    "school_days_lost": 2,
    "reviews": 2,
    "reviews_in_time": 2,
    "breakdowns": 0,
}


def make_placement(**told: Value) -> Matter:
    return Matter(
        kind="",
        area="",
        parties=("ekby", "region"),
        opened_on=date(2026, 2, 2),
        closed_on=date(2026, 10, 2),
        end_state="ended_planned",
        is_dispute=False,
        legal_basis="SOL",
        form="family_home",
        in_county="yes",
        age=9,
        extract=TOLD | told,
    )


def said(placements: list[Matter]) -> dict[tuple[str, str], str]:
    return {(each.id, each.by): each.value for each in figures(placements, since=SINCE, until=UNTIL)}


def test_every_indicator_of_placements_is_told() -> None:
    found = said([make_placement(school_days_lost=days) for days in (0, 1, 2, 3, 9)])

    assert found == {
        ("K11.basis", "SOL"): "5",
        ("K11.form", "family_home"): "5",
        ("K11.county", "county_yes"): "5",
        ("K11.age", "7-12"): "5",
        ("K5", ""): "0",
        ("K8", ""): "100 %",
        ("K9", ""): "50 %",
        ("K10", ""): "100 %",
        ("K12", ""): "100 %",
        ("K13.offered", ""): "100 %",
        ("K13.done", "physical"): "100 %",
        ("K13.done", "mental"): "100 %",
        ("K13.done", "oral"): "0 %",
        ("K13.days", ""): "14",
        ("K14", ""): "2",
        ("K15", "ekby"): "100 %",
        ("K16", "family_home"): "0 %",
    }


def test_few_placements_tell_nothing_of_any_child() -> None:
    found = said([make_placement(breakdowns=1, late_by_dispute=True) for _ in range(4)])

    assert set(found.values()) == {FEW}


def test_one_that_differs_is_not_given_away_by_the_share() -> None:
    found = said([make_placement() for _ in range(9)] + [make_placement(child_heard=False)])

    assert found["K10", ""] == FEW


def test_what_was_opened_or_closed_outside_the_period_is_not_counted() -> None:
    assert figures([make_placement()], since=date(2027, 1, 1), until=date(2027, 12, 31)) == ()


def test_a_case_that_is_no_placement_is_not_counted() -> None:
    other = Matter("cost", "placement", ("ekby",), date(2026, 2, 2), date(2026, 3, 2), "solved_line", is_dispute=True)

    assert figures([other] * 6, since=SINCE, until=UNTIL) == ()


@pytest.mark.parametrize(("age", "band"), [(0, "0-6"), (6, "0-6"), (7, "7-12"), (17, "13-17"), (20, "18-20"), (21, "")])
def test_ages_fall_into_bands(age: int, band: str) -> None:
    assert age_band(age) == band
