"""Working days, local deadlines and statutory periods of the Swedish calendar."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsvc.domain import calendar

ZONE = "Europe/Stockholm"
NONE_CLOSED: frozenset[date] = frozenset()
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2026, 1, 1), "nyårsdagen"),
        (date(2026, 1, 6), "trettondedag jul"),
        (date(2026, 4, 3), "långfredagen"),
        (date(2026, 4, 6), "annandag påsk"),
        (date(2026, 5, 1), "första maj"),
        (date(2026, 5, 14), "Kristi himmelsfärdsdag"),
        (date(2025, 6, 6), "nationaldagen"),
        (date(2026, 6, 19), "midsommarafton"),
        (date(2026, 12, 24), "julafton"),
        (date(2026, 12, 25), "juldagen"),
        (date(2026, 12, 31), "nyårsafton"),
        (date(2026, 10, 3), "lördag"),
        (date(2026, 10, 4), "söndag"),
    ],
)
def test_holidays_eves_and_weekends_are_no_working_days(on: date, name: str) -> None:
    assert not calendar.is_working_day(on, NONE_CLOSED), name


@pytest.mark.parametrize("on", [date(2026, 1, 5), date(2026, 4, 2), date(2026, 5, 15), date(2026, 12, 23)])
def test_days_beside_holidays_are_working_days(on: date) -> None:
    assert calendar.is_working_day(on, NONE_CLOSED)


@pytest.mark.parametrize(("year", "day"), [(2024, 21), (2025, 20), (2026, 19), (2027, 25), (2028, 23)])
def test_midsummer_eve_is_the_friday_from_19_to_25_june(year: int, day: int) -> None:
    weekdays = [on for d in range(19, 26) if (on := date(year, 6, d)).weekday() < 5]

    assert [on.day for on in weekdays if not calendar.is_working_day(on, NONE_CLOSED)] == [day]


def test_a_closed_day_of_the_organisation_is_no_working_day() -> None:
    friday_after_ascension = date(2026, 5, 15)

    assert calendar.add_working_days(date(2026, 5, 13), 1, NONE_CLOSED) == friday_after_ascension
    closed = frozenset({friday_after_ascension})
    assert calendar.add_working_days(date(2026, 5, 13), 1, closed) == date(2026, 5, 18)


def test_a_deadline_on_midsummer_eve_moves_to_the_next_working_day() -> None:
    assert calendar.next_working_day(date(2026, 6, 19), NONE_CLOSED) == date(2026, 6, 22)


def test_working_days_are_counted_over_christmas_and_back_again() -> None:
    assert calendar.add_working_days(date(2026, 12, 22), 5, NONE_CLOSED) == date(2027, 1, 4)
    assert calendar.add_working_days(date(2027, 1, 4), -5, NONE_CLOSED) == date(2026, 12, 22)


def test_no_working_days_from_a_saturday_is_that_saturday() -> None:
    assert calendar.add_working_days(date(2026, 10, 3), 0, NONE_CLOSED) == date(2026, 10, 3)


@given(start=DAYS, days=st.integers(1, 60))
def test_adding_working_days_and_counting_them_agree(start: date, days: int) -> None:
    end = calendar.add_working_days(start, days, NONE_CLOSED)

    assert calendar.is_working_day(end, NONE_CLOSED)
    assert calendar.working_days_between(start, end, NONE_CLOSED) == days
    assert calendar.working_days_between(end, start, NONE_CLOSED) == -days


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 10, 31), 2, date(2026, 12, 31)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_on_the_same_number_or_the_last_of_the_month(start: date, months: int, end: date) -> None:
    assert calendar.add_months(start, months) == end


@given(start=DAYS, months=st.integers(0, 60))
def test_months_never_spill_into_the_next_month(start: date, months: int) -> None:
    end = calendar.add_months(start, months)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day <= start.day


@pytest.mark.parametrize(
    ("start", "months", "weeks", "end"),
    [
        (date(2026, 2, 27), 1, 0, date(2026, 3, 27)),
        (date(2026, 2, 28), 1, 0, date(2026, 3, 30)),
        (date(2026, 5, 19), 1, 0, date(2026, 6, 22)),
        (date(2026, 5, 29), 0, 3, date(2026, 6, 22)),
        (date(2026, 8, 31), 6, 0, date(2027, 3, 1)),
        (date(2026, 9, 24), 3, 0, date(2026, 12, 28)),
    ],
)
def test_a_statutory_period_ends_on_a_weekday_that_is_no_holiday(
    start: date, months: int, weeks: int, end: date
) -> None:
    assert calendar.statutory_end(start, months=months, weeks=weeks) == end


@pytest.mark.parametrize(
    ("on", "end"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 23, tzinfo=UTC)),
        (date(2026, 7, 15), datetime(2026, 7, 15, 22, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_local_midnight_whatever_the_season(on: date, end: datetime) -> None:
    assert calendar.end_of_day(on, ZONE) == end


@given(on=DAYS)
def test_the_moment_before_the_end_of_a_day_is_still_that_day(on: date) -> None:
    end = calendar.end_of_day(on, ZONE)

    assert calendar.local_date(end, ZONE) > on
    assert calendar.local_date(end.replace(microsecond=0) - (datetime.resolution), ZONE) == on


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (datetime(2026, 10, 7, 8, tzinfo=UTC), datetime(2026, 10, 6, 8, tzinfo=UTC)),
        (datetime(2026, 10, 5, 8, tzinfo=UTC), datetime(2026, 10, 2, 8, tzinfo=UTC)),
        # Sunday: nothing has run since Friday ended, so one working day began with the end of Thursday.
        (datetime(2026, 10, 4, 8, tzinfo=UTC), datetime(2026, 10, 1, 22, tzinfo=UTC)),
        # Ten o'clock is ten o'clock on both sides of the change to winter time.
        (datetime(2026, 10, 26, 9, tzinfo=UTC), datetime(2026, 10, 23, 8, tzinfo=UTC)),
    ],
)
def test_one_working_day_ago(now: datetime, before: datetime) -> None:
    assert calendar.working_days_before(now, 1, zone=ZONE, closed=NONE_CLOSED) == before


@pytest.mark.parametrize(
    ("on", "swedish", "english"),
    [
        (date(2026, 10, 7), "i dag", "today"),
        (date(2026, 10, 8), "i morgon", "tomorrow"),
        (date(2026, 10, 9), "om 2 arbetsdagar", "in 2 working days"),
        (date(2026, 10, 12), "om 3 arbetsdagar", "in 3 working days"),
        (date(2026, 10, 6), "1 arbetsdag försenad", "1 working day overdue"),
        (date(2026, 10, 2), "3 arbetsdagar försenad", "3 working days overdue"),
    ],
)
def test_a_due_date_in_words(on: date, swedish: str, english: str) -> None:
    today = date(2026, 10, 7)

    assert calendar.words(on, today=today, closed=NONE_CLOSED, language="sv") == swedish
    assert calendar.words(on, today=today, closed=NONE_CLOSED, language="en") == english


def test_words_around_a_weekend_never_count_nought_days() -> None:
    friday, saturday, sunday, monday = (date(2026, 10, day) for day in (2, 3, 4, 5))

    def words(on: date, today: date, language: str = "sv") -> str:
        return calendar.words(on, today=today, closed=NONE_CLOSED, language=language)

    assert words(sunday, friday) == "på söndag"
    assert words(sunday, friday, "en") == "on Sunday"
    assert words(monday, friday) == "om 1 arbetsdag"
    assert words(friday, saturday) == "försenad"
    assert words(friday, monday) == "1 arbetsdag försenad"


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2026, 3, 3, 22, 59, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 3, 23, 0, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 3, 23, 0, 2, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 3, 23, 5, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 7, 3, 22, 0, tzinfo=UTC), date(2026, 7, 3)),
    ],
)
def test_what_a_deadline_sets_off_at_midnight_is_counted_from_the_day_that_ended(at: datetime, on: date) -> None:
    assert calendar.counting_date(at, ZONE) == on
