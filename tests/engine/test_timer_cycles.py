"""Cycles of timer start events: the next time, whatever was missed, in the zone where people are."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.values import MonthsDuration, Value
from flowsvc.engine.outcome import Due
from flowsvc.engine.timers import Occurrence, has_numbered_weekdays, is_cycle, next_in_cycle

ZONE = "Europe/Stockholm"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def following(rule: Value, now: str, last: tuple[int, str] | None = None) -> tuple[int, datetime] | None:
    before = Occurrence(last[0], Due(str(rule), at(last[1]))) if last else None
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


@pytest.mark.parametrize(
    "rule",
    [
        "R/PT0S",
        "PT1H",
        "R/1H",
        "R/PX",
        "R/-PT1H",
        "R/P0D",
        "R0/PT1H",
        "R/PT0.5S",
        "R/P200Y",
        "R3/2026-02-30/P1D",
        "R3/2026-01-01/P1D/2026-02-01",
        "R3/2026-01-01/2026-02-01",
        "R3",
        "R/",
        "",
        "* * * *",
        "61 * * * * *",
        "0 0 8 1 * MON",
        "0 0 8 30 2 ?",
        "0 0 8 ? * XYZ",
        "0 0 25 * * ?",
        "0 0 8 ? * L",
        "0 0 8 ? * MON#6",
        "0 8 * * 9",
        "0 0 8 1/0 * ?",
        "@often",
        "R3/P1M/9999-12-31",
    ],
)
def test_a_cycle_that_cannot_be_meant_is_refused(rule: str) -> None:
    assert not is_cycle(rule)
    with pytest.raises(ScriptFailed):
        following(rule, "2026-01-01T08:00")


def times(rule: str, now: str, count: int) -> list[str]:
    """The first local times of a cycle, when each is awaited in turn."""
    found: list[str] = []
    last: Occurrence | None = None
    moment = at(now)
    for _ in range(count):
        last = next_in_cycle(rule, last=last, now=moment, closed_days=frozenset(), zone=ZONE)
        if last is None:
            break
        moment = last.due.at
        found.append(moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%dT%H:%M"))
    return found


def test_months_from_the_31st_come_back_to_it() -> None:
    assert times("R/2027-01-31T08:00/P1M", "2027-01-01T00:00", 4) == [
        "2027-01-31T08:00",
        "2027-02-28T08:00",
        "2027-03-31T08:00",
        "2027-04-30T08:00",
    ]


def test_a_cycle_with_an_end_has_its_last_time_there() -> None:
    assert times("R3/P1D/2026-05-10T12:00", "2026-01-01T00:00", 9) == [
        "2026-05-08T12:00",
        "2026-05-09T12:00",
        "2026-05-10T12:00",
    ]
    assert times("R/P1W/2026-05-10T12:00", "2026-04-28T00:00", 9) == ["2026-05-03T12:00", "2026-05-10T12:00"]
    assert times("R/P1W/2026-05-10T12:00", "2026-06-01T00:00", 9) == []


def test_the_times_of_an_ended_cycle_that_were_missed_count() -> None:
    assert following("R3/P1D/2026-05-10T12:00", "2026-05-09T12:00") == (3, at("2026-05-10T10:00"))


def test_a_cycle_of_working_days_with_a_start_keeps_its_time_of_day() -> None:
    assert times("R3/2026-12-22T09:00/P1BD", "2026-12-01T00:00", 9) == [
        "2026-12-22T09:00",
        "2026-12-23T09:00",
        "2026-12-28T09:00",
    ]


def test_a_time_that_summer_time_leaves_out_is_an_hour_later_that_day_alone() -> None:
    assert times("R3/2027-03-27T02:30/P1D", "2027-03-01T00:00", 9) == [
        "2027-03-27T02:30",
        "2027-03-28T03:30",
        "2027-03-29T02:30",
    ]


def test_mixed_lengths_repeat_by_the_calendar() -> None:
    assert times("R3/2027-03-27T12:00/P1DT1H", "2027-03-01T00:00", 9) == [
        "2027-03-27T12:00",
        "2027-03-28T13:00",
        "2027-03-29T14:00",
    ]


def test_a_duration_out_of_feel_repeats_for_ever() -> None:
    assert following(timedelta(hours=1), "2026-11-24T08:00") == (1, at("2026-11-24T09:00"))
    assert following(MonthsDuration(1), "2026-11-24T08:00") == (1, at("2026-12-24T23:00"))


def test_a_cycle_that_ran_all_night_long_ago_is_found_at_once() -> None:
    assert following("R/2000-01-01T00:00/PT1S", "2026-01-01T08:00") == (820_573_202, at("2026-01-01T08:00:01"))


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("0 0 8 * * MON-FRI", ["2026-11-25T08:00", "2026-11-26T08:00", "2026-11-27T08:00", "2026-11-30T08:00"]),
        ("0 0 8 ? * 2-6", ["2026-11-25T08:00", "2026-11-26T08:00", "2026-11-27T08:00", "2026-11-30T08:00"]),
        ("0 8 * * 1-5", ["2026-11-25T08:00", "2026-11-26T08:00", "2026-11-27T08:00", "2026-11-30T08:00"]),
        ("30 7 * * 0,6", ["2026-11-28T07:30", "2026-11-29T07:30", "2026-12-05T07:30"]),
        ("30 7 * * 7", ["2026-11-29T07:30", "2026-12-06T07:30"]),
        ("0 0 9-17/4 1 JAN,JUL ?", ["2027-01-01T09:00", "2027-01-01T13:00", "2027-01-01T17:00", "2027-07-01T09:00"]),
        ("0 0/30 12 * * ?", ["2026-11-25T12:00", "2026-11-25T12:30", "2026-11-26T12:00"]),
        ("0 0 0 L * ?", ["2026-11-30T00:00", "2026-12-31T00:00"]),
        ("0 0 0 L-2 2 ?", ["2027-02-26T00:00", "2028-02-27T00:00"]),
        ("0 0 0 1W * ?", ["2026-12-01T00:00", "2027-01-01T00:00", "2027-02-01T00:00", "2027-03-01T00:00"]),
        ("0 0 0 15W 8 ?", ["2027-08-16T00:00", "2028-08-15T00:00"]),
        ("0 0 0 LW 1 ?", ["2027-01-29T00:00"]),
        ("0 0 0 ? * FRIL", ["2026-11-27T00:00", "2026-12-25T00:00"]),
        ("0 0 0 ? * 6#3", ["2026-12-18T00:00", "2027-01-15T00:00"]),
        ("0 0 12 29 2 ?", ["2028-02-29T12:00", "2032-02-29T12:00"]),
        ("0 0 0 1 1 ? 2028-2029", ["2028-01-01T00:00", "2029-01-01T00:00"]),
        ("@monthly", ["2026-12-01T00:00", "2027-01-01T00:00"]),
        ("0 0 22-2/2 * * ?", ["2026-11-25T00:00", "2026-11-25T02:00", "2026-11-25T22:00"]),
    ],
)
def test_cron_comes_when_camunda_means_it(rule: str, first: list[str]) -> None:
    assert is_cycle(rule)
    assert times(rule, "2026-11-24T21:10", len(first)) == first


def test_only_the_numbers_that_engines_read_differently_are_told_of() -> None:
    assert has_numbered_weekdays("0 0 8 ? * 2-6")
    assert not has_numbered_weekdays("0 0 8 ? * MON-FRI")
    assert not has_numbered_weekdays("0 8 * * 1-5")
    assert not has_numbered_weekdays("R/P1D")


def test_cron_in_an_hour_that_is_left_out_or_comes_twice() -> None:
    assert times("0 30 2 * * ?", "2027-03-27T12:00", 2) == ["2027-03-28T03:30", "2027-03-29T02:30"]
    assert times("0 30 2 * * ?", "2026-10-24T12:00", 2) == ["2026-10-25T02:30", "2026-10-26T02:30"]
    assert times("0 0 * * * ?", "2026-10-24T23:30", 4) == [
        "2026-10-25T02:00",
        "2026-10-25T02:00",
        "2026-10-25T03:00",
        "2026-10-25T04:00",
    ]


MOMENTS = st.integers(0, 4 * 365 * 86_400).map(lambda seconds: at("2026-01-01T00:00") + timedelta(seconds=seconds))
LENGTHS = st.sampled_from(["PT1H", "PT45M", "P1D", "P1M", "P1W", "P3BD", "P1DT6H", "P1M1D", "P1Y"])
POINTS = st.sampled_from(["", "2026-03-29T02:30/", "2026-10-25T02:30/", "2026-01-31/", "2024-02-29T23:59:59Z/"])


@given(now=MOMENTS, length=LENGTHS, point=POINTS)
def test_a_cycle_goes_on_and_passing_over_leads_where_waiting_leads(now: datetime, length: str, point: str) -> None:
    rule = f"R/{point}{length}"

    def after(last: Occurrence | None, moment: datetime) -> Occurrence:
        found = next_in_cycle(rule, last=last, now=moment, closed_days=frozenset(), zone=ZONE)
        assert found is not None
        return found

    first = after(None, now)
    waited = [first]
    for _ in range(3):
        waited.append(after(waited[-1], waited[-1].due.at))

    assert all(one.due.at < two.due.at for one, two in pairwise(waited))
    assert first.due.at > now
    passed = after(first, waited[-1].due.at - timedelta(seconds=1))
    # Months counted from now know nothing but the last time: from the 28th of February they go on with the 28th.
    # Counted at once they may end some days earlier, and where that has just gone by, with the time after it.
    later = after(waited[-1], waited[-1].due.at)
    near = [abs(passed.due.at - each.due.at) <= timedelta(days=3) for each in (waited[-1], later)]
    assert passed == waited[-1] or (not point and any(near))


@given(
    now=st.integers(0, 240 * 86_400).map(lambda seconds: at("2026-03-20T00:00") + timedelta(seconds=seconds)),
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=3),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=3),
)
def test_the_next_time_of_cron_is_the_next_minute_that_fits(now: datetime, minutes: set[int], hours: set[int]) -> None:
    rule = f"0 {','.join(map(str, minutes))} {','.join(map(str, hours))} * * ?"
    zone = ZoneInfo(ZONE)
    candidate = now.replace(second=0, microsecond=0)
    expected: datetime | None = None
    while expected is None:
        candidate += timedelta(minutes=1)
        local = candidate.astimezone(zone)
        left_out = local.hour == 3 and local.utcoffset() != (local - timedelta(hours=2)).utcoffset()
        fits = local.hour in hours or (left_out and local.month == 3 and 2 in hours)
        if fits and local.minute in minutes and not local.fold:
            expected = candidate

    found = next_in_cycle(rule, last=None, now=now, closed_days=frozenset(), zone=ZONE)

    assert found is not None
    assert found.due.at == expected


@given(text=st.text(alphabet="RPTYMWDHSB0123456789.,-+/*?#LW ", max_size=25))
def test_a_literal_cycle_that_passes_the_check_can_be_worked_out(text: str) -> None:
    if is_cycle(text):
        next_in_cycle(text, last=None, now=at("2026-01-01T00:00"), closed_days=frozenset(), zone=ZONE)
