"""A person's calendar: own posts' meetings and own tasks' last days; a private feed that says nothing of any case."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from icalendar import Calendar, Event

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import NotFound
from flowsvc.usecases import calendars, directory
from flowsvc.usecases.context import Context
from tests.usecases.office import END, START, as_post, chain, deploy, instance_of, process, properties, start

SEATED = "enhetschef.barn.granfors"
"""Chairs the local group of the south, and is named in no other body."""


def waiting_task(ctx: Context, post: str = SEATED) -> str:
    """A task of the post with a last day, in a case with a title of its own."""
    task = (
        "A",
        f'<bpmn:userTask id="A" name="Ange ståndpunkt" camunda:candidateGroups="post:{post}" camunda:dueDate="P3BD">'
        + properties(**{"name:en": "State position", "title": "Placering av ungdom"})
        + "</bpmn:userTask>",
    )
    deploy(ctx, process("prov", chain(START, task, END)))
    return start(ctx, "bup.behandlare", "prov").instance_id


def entries(ctx: Context, post: str = SEATED, language: str = "sv") -> list[calendars.CalendarEntry]:
    page = calendars.my_calendar(ctx, as_post(ctx, post), language=language)
    return [each for _, found in page.months for each in found]


def test_the_calendar_has_the_meetings_of_the_bodies_that_my_posts_sit_on(ctx: Context) -> None:
    found = entries(ctx)

    assert {each.text for each in found} == {"Lokal samarbetsgrupp Söder"}
    assert [each.on.month for each in found] == [4, 10]
    assert {each.at for each in found} == {time(9)}
    assert entries(ctx, "larare.alvsta") == []


def test_the_calendar_has_the_last_days_of_my_tasks_in_time_order_and_in_my_language(ctx: Context) -> None:
    instance_id = waiting_task(ctx)

    first = entries(ctx, language="en")[0]

    assert (first.kind, first.text, first.on) == ("due", "State position", date(2026, 11, 27))
    assert (first.business_key, first.title) == (instance_of(ctx, instance_id).business_key, "Placering av ungdom")


def test_a_task_whose_last_day_has_passed_stays_until_it_is_done(ctx: Context, clock: ManualClock) -> None:
    waiting_task(ctx)
    clock.advance(days=10)

    assert [each.is_overdue for each in entries(ctx) if each.kind == "due"] == [True]


def test_the_page_is_split_by_month(ctx: Context) -> None:
    waiting_task(ctx)

    months = [month for month, _ in calendars.my_calendar(ctx, as_post(ctx, SEATED), language="sv").months]

    assert months == [date(2026, 11, 1), date(2027, 4, 1), date(2027, 10, 1)]


def test_the_feed_says_case_number_and_kind_of_task_and_never_a_title_or_a_person(ctx: Context) -> None:
    number = instance_of(ctx, waiting_task(ctx)).business_key
    secret = calendars.make_feed(ctx, as_post(ctx, SEATED))

    told = calendars.feed_of(ctx, secret)

    events = [each for each in Calendar.from_ical(told).walk("VEVENT") if isinstance(each, Event)]
    assert [str(each["summary"]) for each in events] == [
        f"Sista dag: Ange ståndpunkt, {number}",
        "Lokal samarbetsgrupp Söder",
        "Lokal samarbetsgrupp Söder",
    ]
    assert events[0].start == date(2026, 11, 27)
    assert events[1].start == datetime(2027, 4, 22, 7, tzinfo=UTC)
    assert b"Placering" not in told
    people = as_post(ctx, SEATED).name.encode()
    assert people not in told


def test_the_same_appointment_is_known_again_by_its_id(ctx: Context, clock: ManualClock) -> None:
    waiting_task(ctx)
    secret = calendars.make_feed(ctx, as_post(ctx, SEATED))

    before = [str(each["uid"]) for each in Calendar.from_ical(calendars.feed_of(ctx, secret)).walk("VEVENT")]
    clock.advance(days=1)
    after = [str(each["uid"]) for each in Calendar.from_ical(calendars.feed_of(ctx, secret)).walk("VEVENT")]

    assert before == after
    assert len(set(before)) == 3


def test_a_new_address_ends_the_old_one_and_a_removed_one_opens_nothing(ctx: Context) -> None:
    actor = as_post(ctx, SEATED)
    first = calendars.make_feed(ctx, actor)
    second = calendars.make_feed(ctx, actor)

    with pytest.raises(NotFound):
        calendars.feed_of(ctx, first)
    assert calendars.feed_of(ctx, second)
    assert calendars.my_calendar(ctx, actor, language="sv").feed_made_at == ctx.clock.now()
    calendars.revoke_feed(ctx, actor)

    with pytest.raises(NotFound):
        calendars.feed_of(ctx, second)
    assert calendars.my_calendar(ctx, actor, language="sv").feed_made_at is None


def test_a_feed_of_somebody_who_is_shut_out_opens_nothing(ctx: Context) -> None:
    secret = calendars.make_feed(ctx, as_post(ctx, SEATED))

    directory.disable_user(ctx, SYSTEM, SEATED)

    with pytest.raises(NotFound):
        calendars.feed_of(ctx, secret)


def test_the_secret_is_nowhere_in_the_database(ctx: Context) -> None:
    secret = calendars.make_feed(ctx, as_post(ctx, SEATED))

    with ctx.store.read() as tx:
        rows = tx.conn.exec_driver_sql("SELECT * FROM calendar_feed").all()

    assert len(rows) == 1
    assert secret not in str(rows)


def test_meetings_far_ahead_are_not_shown_yet(ctx: Context) -> None:
    last = ctx.today() + timedelta(days=400)

    assert max(each.on for each in entries(ctx, "utskottsordforande.alvsta")) <= last
