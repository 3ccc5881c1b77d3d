"""When a task is told of, when mail may come, and what a letter says."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from flowsvc.domain import calendar
from flowsvc.domain.letters import Line, letter
from flowsvc.domain.notices import MailChoice, NoticeKind, Preferences, mail_at, of_task
from tests.factories import make_task

ZONE = "Europe/Stockholm"
OPENED = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""A Tuesday, nine o'clock in Stockholm."""


def times(due_on: date | None) -> dict[NoticeKind, datetime]:
    due_at = calendar.end_of_day(due_on, ZONE) if due_on else None
    task = make_task(opened_at=OPENED, due_on=due_on, due_at=due_at)
    return {each.kind: each.at for each in of_task(task, closed=frozenset(), zone=ZONE)}


def test_a_task_is_told_at_once_at_half_time_one_working_day_before_and_when_it_is_overdue() -> None:
    told = times(date(2026, 12, 8))

    assert told == {
        NoticeKind.NEW_TASK: OPENED,
        NoticeKind.HALF_TIME: datetime(2026, 12, 1, 7, tzinfo=UTC),
        NoticeKind.DAY_BEFORE: datetime(2026, 12, 7, 7, tzinfo=UTC),
        NoticeKind.OVERDUE: datetime(2026, 12, 8, 23, tzinfo=UTC),
    }


def test_a_weekend_does_not_count_as_the_day_before() -> None:
    assert times(date(2026, 11, 30))[NoticeKind.DAY_BEFORE] == datetime(2026, 11, 27, 7, tzinfo=UTC)


@pytest.mark.parametrize(("due_on", "kinds"), [(date(2026, 11, 24), 2), (date(2026, 11, 25), 2), (None, 1)])
def test_a_short_time_is_not_reminded_of_before_it_has_begun(due_on: date | None, kinds: int) -> None:
    assert len(times(due_on)) == kinds


def test_the_same_task_gives_the_same_notices_again() -> None:
    task = make_task(opened_at=OPENED, due_at=OPENED + timedelta(days=20))

    assert of_task(task, closed=frozenset(), zone=ZONE) == of_task(task, closed=frozenset(), zone=ZONE)


EACH = Preferences("p")


@pytest.mark.parametrize(
    ("chosen", "now", "expected"),
    [
        (EACH, "2026-11-24T10:00", "2026-11-24T10:00"),
        (EACH, "2026-11-24T19:30", "2026-11-25T07:00"),
        (EACH, "2026-11-25T03:00", "2026-11-25T07:00"),
        (EACH, "2026-11-27T18:00", "2026-11-30T07:00"),
        (EACH, "2026-11-28T12:00", "2026-11-30T07:00"),
        (replace(EACH, is_quiet_on_days_off=False), "2026-11-28T12:00", "2026-11-28T12:00"),
        (replace(EACH, quiet_from=time(0), quiet_until=time(0)), "2026-11-25T03:00", "2026-11-25T03:00"),
        (replace(EACH, quiet_from=time(12), quiet_until=time(13)), "2026-11-24T12:30", "2026-11-24T13:00"),
        (replace(EACH, mail=MailChoice.DIGEST), "2026-11-24T10:00", "2026-11-25T07:00"),
        (replace(EACH, mail=MailChoice.DIGEST), "2026-11-24T06:00", "2026-11-24T07:00"),
        (replace(EACH, mail=MailChoice.DIGEST), "2026-11-27T10:00", "2026-11-30T07:00"),
    ],
)
def test_mail_comes_when_its_person_wants_it(chosen: Preferences, now: str, expected: str) -> None:
    def local(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}:00+01:00")

    assert mail_at(chosen, local(now), closed=frozenset(), zone=ZONE) == local(expected)


def test_whoever_wants_no_mail_gets_none() -> None:
    assert mail_at(replace(EACH, mail=MailChoice.NEVER), OPENED, closed=frozenset(), zone=ZONE) is None


def test_a_letter_is_in_the_language_of_its_reader() -> None:
    lines = [Line(NoticeKind.NEW_TASK, "SJ-AVV-2026-00001", "Ange ståndpunkt", "https://x.example/tasks/1")]

    swedish = letter("a@x.example", lines, language="sv", settings_address="https://x.example/settings", key="k")
    english = letter("a@x.example", lines, language="en", settings_address="https://x.example/settings", key="k")

    assert swedish.subject == "flowsvc: ny uppgift i ärende SJ-AVV-2026-00001"
    assert english.subject == "flowsvc: new task in case SJ-AVV-2026-00001"
    assert "Ny uppgift: Ange ståndpunkt, SJ-AVV-2026-00001\nhttps://x.example/tasks/1" in swedish.text
    assert "https://x.example/settings" in english.text


def test_one_letter_tells_several_things() -> None:
    line = Line(NoticeKind.OVERDUE, "SJ-AVV-2026-00001", "Besluta", "https://x.example/tasks/1")

    told = letter("a@x.example", [line, line], language="sv", settings_address="", key="k")

    assert told.subject == "flowsvc: 2 nya notiser"
    assert told.text.count("Försenad uppgift: Besluta") == 2
