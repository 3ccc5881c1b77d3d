"""Due times: working days and days end with the local day, hours are exact, and summer time is right both ways."""

from datetime import UTC, date, datetime, timedelta

import pytest

from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.values import MonthsDuration, Value
from flowsvc.engine.outcome import Due
from flowsvc.engine.timers import due

TUESDAY = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)


def found(rule: Value, now: datetime = TUESDAY, closed: frozenset[date] = frozenset()) -> Due:
    return due(rule, now=now, closed_days=closed, zone="Europe/Stockholm")


@pytest.mark.parametrize(
    ("rule", "on"),
    [
        ("P5BD", date(2026, 12, 1)),
        ("P0BD", date(2026, 11, 24)),
        ("P30D", date(2026, 12, 24)),
        ("P1M", date(2026, 12, 24)),
        ("P1W", date(2026, 12, 1)),
        ("2026-12-03", date(2026, 12, 3)),
        (date(2026, 12, 3), date(2026, 12, 3)),
        (timedelta(days=2), date(2026, 11, 26)),
        (MonthsDuration(3), date(2027, 2, 24)),
    ],
)
def test_a_rule_of_days_ends_with_the_local_day(rule: Value, on: date) -> None:
    result = found(rule)

    assert result.on == on
    assert result.at == datetime(on.year, on.month, on.day, 23, 0, tzinfo=UTC)


def test_periods_that_follow_each_other_at_midnight_lose_no_day() -> None:
    first = found("P5BD", datetime(2026, 3, 2, 8, tzinfo=UTC))
    second = found("P5BD", first.at + timedelta(seconds=2))

    assert (first.on, second.on) == (date(2026, 3, 9), date(2026, 3, 16))
    assert found("P0BD", first.at).on == date(2026, 3, 10), "what is to be done today is not late when it begins"


def test_a_closed_day_is_no_working_day() -> None:
    assert found("P1BD", closed=frozenset({date(2026, 11, 25)})).on == date(2026, 11, 26)


def test_the_day_is_the_local_one_after_midnight_in_sweden() -> None:
    assert found("P1BD", now=datetime(2026, 11, 24, 23, 30, tzinfo=UTC)).on == date(2026, 11, 26)


@pytest.mark.parametrize("rule", ["PT2H", timedelta(hours=2)])
def test_hours_are_exact(rule: Value) -> None:
    result = found(rule)

    assert (result.at, result.on) == (TUESDAY + timedelta(hours=2), None)


def test_a_time_without_zone_is_swedish_in_summer_and_in_winter() -> None:
    assert found("2026-12-03T08:00:00").at == datetime(2026, 12, 3, 7, 0, tzinfo=UTC)
    assert found("2027-07-01T08:00:00").at == datetime(2027, 7, 1, 6, 0, tzinfo=UTC)


def test_a_day_in_spring_is_an_hour_shorter() -> None:
    before = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)

    assert found("P1D", now=before).at == datetime(2027, 3, 28, 22, 0, tzinfo=UTC)


def test_the_last_of_august_and_six_months_is_the_last_of_february() -> None:
    assert found("P6M", now=datetime(2026, 8, 31, 10, 0, tzinfo=UTC)).on == date(2027, 2, 28)
    assert found("P6M", now=datetime(2027, 8, 31, 10, 0, tzinfo=UTC)).on == date(2028, 2, 29)


@pytest.mark.parametrize(
    "rule", ["", "P", "5D", "P1Y2D", "tomorrow", "2026-02-30", 5, True, None, [], "P99999999D", "P2000Y"]
)
def test_what_is_no_time_is_a_fault(rule: Value) -> None:
    with pytest.raises(ScriptFailed):
        found(rule)
