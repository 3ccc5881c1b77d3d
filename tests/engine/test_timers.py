"""Due times: working days and days end with the local day, hours are exact, and summer time is right both ways."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.values import MonthsDuration, Value
from flowsvc.engine.outcome import Due
from flowsvc.engine.timers import due, is_time

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
    "rule",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "5D",
        "tomorrow",
        "2026-02-30",
        5,
        True,
        None,
        [],
        "P99999999D",
        "P2000Y",
        "P1.5M",
        "P1.5DT1H",
        "PT0S",
        "P0D",
        "-P1D",
        "-PT1H",
        timedelta(0),
        timedelta(days=-1),
        MonthsDuration(0),
        MonthsDuration(-1),
        "2026-12-03T25:00",
        "2026-12-03T08:00@Nowhere",
        "2026-12-03T08:00@../etc/passwd",
        "P1M5BD",
        "2400-01-01",
    ],
)
def test_what_is_no_time_is_a_fault(rule: Value) -> None:
    with pytest.raises(ScriptFailed):
        found(rule)


@pytest.mark.parametrize(
    ("rule", "at"),
    [
        ("P1Y2M3DT4H5M6S", datetime(2028, 1, 28, 1, 5, 6, tzinfo=UTC)),
        ("P1DT0H", TUESDAY + timedelta(days=1)),
        ("P1.5D", TUESDAY + timedelta(hours=36)),
        ("P0,5D", TUESDAY + timedelta(hours=12)),
        ("PT1.5H", TUESDAY + timedelta(minutes=90)),
        ("PT0.25S", TUESDAY + timedelta(milliseconds=250)),
        ("+PT1H", TUESDAY + timedelta(hours=1)),
        (time(8, 30), datetime(2026, 11, 25, 7, 30, tzinfo=UTC)),
        (time(23, 0), datetime(2026, 11, 24, 22, 0, tzinfo=UTC)),
        (time(8, 30, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 11, 25, 6, 30, tzinfo=UTC)),
        ("2026-12-03T08:00:00@America/New_York", datetime(2026, 12, 3, 13, 0, tzinfo=UTC)),
        ("2026-12-03T08:00:00+05:30", datetime(2026, 12, 3, 2, 30, tzinfo=UTC)),
        ("2026-W49-4T08:00", datetime(2026, 12, 3, 7, 0, tzinfo=UTC)),
    ],
)
def test_months_and_days_are_counted_on_the_calendar_and_hours_are_exact(rule: Value, at: datetime) -> None:
    result = found(rule)

    assert (result.at, result.on) == (at, None)


@pytest.mark.parametrize(
    ("rule", "start", "on"),
    [
        ("P1Y", date(2028, 2, 29), date(2029, 2, 28)),
        ("P4Y", date(2028, 2, 29), date(2032, 2, 29)),
        ("P1M", date(2027, 1, 31), date(2027, 2, 28)),
        ("P1M1D", date(2027, 1, 31), date(2027, 3, 1)),
        ("P0.5Y", date(2026, 8, 31), date(2027, 2, 28)),
        ("P2W", date(2026, 12, 24), date(2027, 1, 7)),
        ("P10BD", date(2026, 12, 18), date(2027, 1, 8)),
    ],
)
def test_months_end_as_the_law_counts_them(rule: str, start: date, on: date) -> None:
    assert found(rule, datetime(start.year, start.month, start.day, 12, tzinfo=UTC)).on == on


def test_a_date_that_has_passed_is_due_at_once_however_long_ago() -> None:
    assert found("1900-01-01").at < TUESDAY
    assert found("2026-11-24T21:59:59").at < TUESDAY


def test_the_day_of_25_hours_and_the_day_of_23_keep_the_time_of_day() -> None:
    autumn, spring = datetime(2026, 10, 24, 12, 0, tzinfo=UTC), datetime(2027, 3, 27, 12, 0, tzinfo=UTC)

    assert found("P1DT0H", autumn).at - autumn == timedelta(hours=25)
    assert found("P1DT0H", spring).at - spring == timedelta(hours=23)
    assert found("PT24H", autumn).at - autumn == timedelta(hours=24)


def test_a_time_that_summer_time_leaves_out_is_an_hour_later_and_one_that_comes_twice_is_the_first() -> None:
    assert found("2027-03-28T02:30").at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert found("2026-10-25T02:30").at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    now=st.integers(0, 40 * 365 * 86_400).map(
        lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    years=st.integers(0, 3),
    months=st.integers(0, 14),
    days=st.integers(0, 40),
    hours=st.integers(0, 50),
)
def test_a_period_ends_at_the_same_time_of_day_before_its_hours_are_added(
    now: datetime, years: int, months: int, days: int, hours: int
) -> None:
    rule = f"P{years}Y{months}M{days}DT{hours}H"
    if not years + months + days + hours:
        assert not is_time(rule)
        return

    at = found(rule, now).at

    zone = ZoneInfo("Europe/Stockholm")
    begun, ended = now.astimezone(zone), (at - timedelta(hours=hours)).astimezone(zone)
    assert is_time(rule)
    assert at > now or hours == 0
    assert ended.time() == begun.time() or ended.hour - begun.hour in (0, 1), "only summer time moves a clock"


@given(text=st.text(alphabet="PTYMWDHSBR0123456789.,-+/:@ *?", max_size=25))
def test_a_literal_time_that_passes_the_check_can_be_worked_out(text: str) -> None:
    if is_time(text):
        found(text, datetime(2026, 1, 1, tzinfo=UTC))
