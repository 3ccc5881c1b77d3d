"""Cycles of timer start events: the next time, whatever was missed, in the zone where people are."""

from datetime import UTC, date, datetime

import pytest

from flowsvc.domain.errors import ScriptFailed
from flowsvc.engine.outcome import Due
from flowsvc.engine.timers import Occurrence, next_in_cycle

ZONE = "Europe/Stockholm"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def following(rule: str, now: str, last: tuple[int, str] | None = None) -> tuple[int, datetime] | None:
    before = Occurrence(last[0], Due(rule, at(last[1]))) if last else None
    found = next_in_cycle(rule, last=before, now=at(now), closed_days=frozenset({date(2026, 11, 25)}), zone=ZONE)
    return (found.number, found.due.at) if found else None


def test_a_cycle_of_hours_counts_from_now_and_then_from_the_last() -> None:
    assert following("R/PT1H", "2026-11-24T08:00") == (1, at("2026-11-24T09:00"))
    assert following("R/PT1H", "2026-11-24T09:00", (1, "2026-11-24T09:00")) == (2, at("2026-11-24T10:00"))


def test_what_was_missed_is_passed_over_and_counts() -> None:
    assert following("R/PT1H", "2026-11-24T19:30", (1, "2026-11-24T09:00")) == (12, at("2026-11-24T20:00"))
    assert following("R5/PT1H", "2026-11-24T19:30", (1, "2026-11-24T09:00")) is None


def test_a_cycle_of_days_ends_with_the_local_day() -> None:
    assert following("R/P1D", "2026-11-24T08:00") == (1, at("2026-11-25T23:00"))
    assert following("R/P1D", "2026-11-25T23:00", (1, "2026-11-25T23:00")) == (2, at("2026-11-26T23:00"))


def test_a_cycle_of_working_days_passes_over_closed_days_and_weekends() -> None:
    assert following("R/P1BD", "2026-11-24T08:00") == (1, at("2026-11-26T23:00"))
    assert following("R/P1BD", "2026-11-27T23:00", (1, "2026-11-27T23:00")) == (2, at("2026-11-30T23:00"))


def test_a_cycle_with_a_start_keeps_its_time_of_day_over_summer_time() -> None:
    rule = "R/2026-03-27T08:00/P1D"

    assert following(rule, "2026-03-26T12:00") == (1, at("2026-03-27T07:00"))
    assert following(rule, "2026-03-28T07:00", (2, "2026-03-28T07:00")) == (3, at("2026-03-29T06:00"))


def test_a_cycle_whose_start_has_passed_begins_with_the_next_time() -> None:
    assert following("R/2026-01-07T08:00/P1D", "2026-01-10T12:00") == (5, at("2026-01-11T07:00"))
    assert following("R2/2026-01-07T08:00/P1D", "2026-01-10T12:00") is None


def test_months_keep_the_day_of_the_month() -> None:
    assert following("R/2026-01-15T08:00/P1M", "2026-01-20T12:00") == (2, at("2026-02-15T07:00"))


@pytest.mark.parametrize("rule", ["R/PT0S", "PT1H", "R/1H", "R/PX", "R/-PT1H", "R/P0D"])
def test_a_cycle_that_cannot_be_meant_is_refused(rule: str) -> None:
    with pytest.raises(ScriptFailed):
        following(rule, "2026-01-01T08:00")
