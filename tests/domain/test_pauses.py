"""What is left of a length of time is the same before a pause and after it; what is set to a date stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsvc.domain import calendar, pauses
from flowsvc.domain.definitions import ProcessFacts, Reference
from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.pauses import Rest

ZONE = "Europe/Stockholm"
CLOSED = frozenset({date(2026, 12, 7)})
DAY = timedelta(days=1)


def at(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


def end_of(day: str) -> datetime:
    return calendar.end_of_day(date.fromisoformat(day), ZONE)


def after(rule: str, due_at: datetime, began: datetime, ended: datetime, opened: datetime | None = None) -> datetime:
    rest = Rest(began, ended, CLOSED, ZONE)
    return pauses.moved(rule, due_at, opened_at=opened or began - DAY, rest=rest)


@pytest.mark.parametrize(
    ("began", "ended", "due", "expected"),
    [
        # Over a weekend nothing is lost and nothing won.
        ("2026-11-27", "2026-11-30", "2026-12-01", "2026-12-02"),
        ("2026-11-28", "2026-11-29", "2026-12-01", "2026-12-01"),
        # Resumed on a day off, the first day that counts is the next working day.
        ("2026-11-25", "2026-11-28", "2026-11-26", "2026-12-01"),
        # Christmas and the eves are no working days, nor are an organisation's own closed days.
        ("2026-12-22", "2026-12-24", "2026-12-23", "2026-12-29"),
        ("2026-12-03", "2026-12-04", "2026-12-04", "2026-12-08"),
        # On the same day nothing moves.
        ("2026-11-25", "2026-11-25", "2026-12-02", "2026-12-02"),
    ],
)
def test_working_days_that_were_left_are_left(began: str, ended: str, due: str, expected: str) -> None:
    assert after("P5BD", end_of(due), at(began), at(ended)) == end_of(expected)


def test_calendar_days_and_hours_that_were_left_are_left() -> None:
    began, ended = at("2026-11-25"), at("2026-12-02", 13)

    assert after("P30D", end_of("2026-12-20"), began, ended) == end_of("2026-12-27")
    assert after("PT48H", at("2026-11-26", 7), began, ended) == at("2026-12-03", 10)


def test_a_date_and_what_was_overdue_stay() -> None:
    began, ended = at("2026-11-25"), at("2026-12-02")

    assert after("2026-11-30", end_of("2026-11-30"), began, ended) == end_of("2026-11-30")
    assert after("08:00:00", at("2026-11-26", 7), began, ended) == at("2026-11-26", 7)
    assert after("P2BD", end_of("2026-11-24"), began, ended) == end_of("2026-11-24")


def test_what_came_in_the_pause_counts_from_when_it_came() -> None:
    moved = after("P2BD", end_of("2026-12-02"), at("2026-11-25"), at("2026-12-01"), opened=at("2026-11-30"))

    assert moved == end_of("2026-12-03")


moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
lengths = st.timedeltas(timedelta(minutes=1), timedelta(days=120))


@given(opened=moments, before=lengths, rested=lengths, days=st.integers(1, 60))
def test_remaining_working_days_are_the_same_whenever_a_pause_comes(
    opened: datetime, before: timedelta, rested: timedelta, days: int
) -> None:
    due_on = calendar.add_working_days(calendar.counting_date(opened, ZONE), days, CLOSED)
    due_at = calendar.end_of_day(due_on, ZONE)
    began = opened + before
    ended = began + rested

    moved = pauses.moved(f"P{days}BD", due_at, opened_at=opened, rest=Rest(began, ended, CLOSED, ZONE))

    if began >= due_at:
        assert moved == due_at
        return
    assert left(moved, ended) == left(due_at, began)
    assert calendar.is_working_day(calendar.local_date(moved - timedelta(seconds=1), ZONE), CLOSED)
    assert moved >= due_at


def left(due_at: datetime, now: datetime) -> int:
    """Working days with today included."""
    today, on = calendar.local_date(now, ZONE), calendar.local_date(due_at - timedelta(seconds=1), ZONE)
    return calendar.working_days_between(today - DAY, on, CLOSED)


@given(before=lengths, rested=lengths, length=lengths)
def test_remaining_time_is_the_same_whenever_a_pause_comes(
    before: timedelta, rested: timedelta, length: timedelta
) -> None:
    opened = at("2026-11-24")
    began, due_at = opened + before, opened + length
    ended = began + rested

    moved = pauses.moved("PT5H", due_at, opened_at=opened, rest=Rest(began, ended, CLOSED, ZONE))

    assert moved == due_at if began >= due_at else moved - ended == due_at - began


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("R/P1D", True),
        ("R3/PT1H", True),
        ("R-1/P1W", True),
        ("R/2026-01-01/P1D", False),
        ("R3/P1D/2027-01-01", False),
        ("0 0 8 ? * MON-FRI", False),
        ("P5BD", False),
        ("2026-11-30", False),
    ],
)
def test_only_a_cycle_of_lengths_from_now_is_a_repeated_length(rule: str, expected: bool) -> None:
    assert pauses.is_repeated_length(rule) is expected


def facts(key: str, *calls: str, pausable: str = "", own: str = "") -> ProcessFacts:
    found = tuple(Reference("process", each, "c", own_case=each == own) for each in calls)
    said = {"pausable": pausable} if pausable else {}
    return ProcessFacts(key, key, "", "", "", "", (), (), found, properties=said)


def test_a_process_may_rest_where_it_says_so_or_is_called_only_inside_one_that_does() -> None:
    known = [
        facts("root", "open", "fixed", "apart", own="apart"),
        facts("open", "inner", "both", pausable="true"),
        facts("inner"),
        facts("fixed", "both", pausable="false"),
        facts("both"),
        facts("apart"),
    ]

    assert pauses.not_pausable("root", {each.key: each for each in known}) == {"root", "fixed", "both"}


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
def test_a_pause_has_a_reason(reason: str) -> None:
    with pytest.raises(InvalidInput, match="varför"):
        pauses.require_reason(reason)


@pytest.mark.parametrize("days", [-1, 0, 367, 2_900_000])
def test_a_pause_ends_on_a_day_ahead_or_on_none(days: int) -> None:
    today = date(2026, 11, 25)
    pauses.require_until(None, today=today)
    pauses.require_until(today + DAY, today=today)

    with pytest.raises(InvalidInput, match="efter i dag"):
        pauses.require_until(today + timedelta(days=days), today=today)
