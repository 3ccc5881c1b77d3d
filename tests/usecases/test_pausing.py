"""A case rests with a reason where its processes allow it: lengths of time keep what is left of them, dates stand, and
what delivers support is never held up."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import Conflict, Forbidden, InstanceSuspended, InvalidInput, NotFound
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.jobs import JobKind
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import escalations, jobs, pauses
from flowsvc.usecases import case_pages, inbox, notices, pausing, telling
from flowsvc.usecases import instances as moves
from flowsvc.usecases import jobs as worker
from flowsvc.usecases.context import Context
from tests.usecases.conftest import Machinery, opened
from tests.usecases.office import (
    CLIENT,
    END,
    START,
    as_post,
    chain,
    complete,
    deploy,
    flow,
    instance_of,
    names,
    open_tasks,
    pass_until,
    process,
    properties,
    report,
    run_jobs,
    start,
    user_task,
)
from tests.usecases.test_notices import Postbox

CHIEF = "enhetschef.bup"
STAFF = "bup.behandlare"
PAUSABLE = properties(pausable="true")


def local_end(day: date) -> datetime:
    """Midnight in Stockholm, in winter."""
    return datetime(day.year, day.month, day.day, 23, tzinfo=UTC)


def timed(rule: str = "P5BD", kind: str = "timeDuration", *, due: str = "P5BD", said: str = PAUSABLE) -> SourceFile:
    """A task of the chief with a due time, and a timer that opens another."""
    task = (
        "A",
        f'<bpmn:userTask id="A" name="A" camunda:candidateGroups="post:{CHIEF}" camunda:dueDate="{due}"/>',
    )
    boundary = (
        '<bpmn:boundaryEvent id="ute" attachedToRef="A" cancelActivity="false"><bpmn:timerEventDefinition id="d">'
        f"<bpmn:{kind}>{rule}</bpmn:{kind}></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    after = user_task("B", f"post:{CHIEF}")[1] + '<bpmn:endEvent id="end2"/>' + flow("ute", "B") + flow("B", "end2")
    return process("prov", said + chain(START, task, END) + boundary + after)


def begin(ctx: Context, file: SourceFile) -> str:
    deploy(ctx, file)
    return start(ctx, STAFF, "prov").instance_id


def pause(ctx: Context, instance_id: str, *, until: date | None = None, post: str = CHIEF) -> None:
    pausing.pause_instance(ctx, as_post(ctx, post), instance_id, reason="Familjen är bortrest.", until=until)


def resume(ctx: Context, instance_id: str, *, post: str = CHIEF) -> None:
    pausing.resume_paused(ctx, as_post(ctx, post), instance_id)


def timer_due(ctx: Context, instance_id: str) -> datetime:
    with ctx.store.read() as tx:
        (found,) = (job for job in jobs.of_instance(tx, instance_id) if job.kind is JobKind.TIMER)
    return found.due_at


def test_what_was_left_of_a_timer_and_of_a_task_is_left_over_weekend_and_holiday(
    any_ctx: Context, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 12, 21, 9, tzinfo=UTC))
    instance_id = begin(any_ctx, timed())
    # Monday to the next Wednesday: the eve, two holidays and a weekend lie between.
    assert timer_due(any_ctx, instance_id) == local_end(date(2026, 12, 30))
    clock.set(datetime(2026, 12, 23, 9, tzinfo=UTC))

    pause(any_ctx, instance_id)
    clock.set(datetime(2026, 12, 26, 9, tzinfo=UTC))
    resume(any_ctx, instance_id)

    # Four working days were left with Wednesday: now Monday to Wednesday, and the first one after New Year.
    expected = local_end(date(2027, 1, 4))
    (task,) = open_tasks(any_ctx, instance_id)
    assert (timer_due(any_ctx, instance_id), task.due_at, task.due_on) == (expected, expected, date(2027, 1, 4))
    pass_until(any_ctx, clock, expected - timedelta(minutes=1))
    assert names(any_ctx, instance_id) == ["A"]
    pass_until(any_ctx, clock, expected)
    assert names(any_ctx, instance_id) == ["A", "B"]


def test_nothing_happens_while_it_rests_however_long(any_ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(any_ctx, timed("PT2H"))
    clock.advance(hours=1)
    pause(any_ctx, instance_id)

    pass_until(any_ctx, clock, clock.now() + timedelta(days=90))

    (task,) = open_tasks(any_ctx, instance_id)
    with pytest.raises(InstanceSuspended, match="pausat"):
        complete(any_ctx, instance_id, "A")
    (row,) = inbox.my_tasks(any_ctx, as_post(any_ctx, CHIEF), language="sv").items
    assert (row.is_paused, row.is_overdue, task.name) == (True, False, "A")
    resume(any_ctx, instance_id)
    assert timer_due(any_ctx, instance_id) == clock.now() + timedelta(hours=1)
    complete(any_ctx, instance_id, "A")


def test_a_timer_set_to_a_date_fires_meanwhile_and_a_due_date_stands(any_ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(any_ctx, timed("2026-11-27", "timeDate", due="2026-11-30"))
    pause(any_ctx, instance_id)

    pass_until(any_ctx, clock, datetime(2026, 12, 3, 9, tzinfo=UTC))

    assert names(any_ctx, instance_id) == ["A", "B"]
    with pytest.raises(InstanceSuspended):
        complete(any_ctx, instance_id, "B")
    resume(any_ctx, instance_id)
    assert open_tasks(any_ctx, instance_id, "A")[0].due_on == date(2026, 11, 30)


def test_a_pause_ends_by_itself_on_its_day(any_ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(any_ctx, timed())
    pause(any_ctx, instance_id, until=date(2026, 12, 1))

    pass_until(any_ctx, clock, local_end(date(2026, 11, 30)) - timedelta(minutes=1))
    assert instance_of(any_ctx, instance_id).status is InstanceStatus.PAUSED
    pass_until(any_ctx, clock, local_end(date(2026, 11, 30)))

    assert instance_of(any_ctx, instance_id).status is InstanceStatus.RUNNING
    # Tuesday to the next Tuesday: six with both.
    assert timer_due(any_ctx, instance_id) == local_end(date(2026, 12, 8))
    with any_ctx.store.read() as tx:
        assert pauses.open_of(tx, instance_id) is None


def test_a_case_resumed_before_its_day_is_not_resumed_again(any_ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(any_ctx, timed())
    pause(any_ctx, instance_id, until=date(2026, 12, 1))
    resume(any_ctx, instance_id)
    pause(any_ctx, instance_id)

    pass_until(any_ctx, clock, datetime(2026, 12, 3, 9, tzinfo=UTC))

    assert instance_of(any_ctx, instance_id).status is InstanceStatus.PAUSED


def test_what_delivers_support_goes_on(any_ctx: Context, clock: ManualClock) -> None:
    support = "<bpmn:extensionElements>" + PAUSABLE.split("<bpmn:extensionElements>")[1]
    task = user_task("Stöd", f"post:{CHIEF}", support.replace("pausable", "deliversSupport"))
    helped = (task[0], task[1].replace('id="Stöd"', 'id="stod" camunda:dueDate="P2BD"'))
    instance_id = begin(any_ctx, process("prov", PAUSABLE + chain(START, ("stod", helped[1]), user_task("A"), END)))
    (before,) = open_tasks(any_ctx, instance_id)
    pause(any_ctx, instance_id)
    clock.advance(days=3)

    assert [each.what for each in notices.my_notices(any_ctx, as_post(any_ctx, CHIEF), language="sv")] == [
        "Försenad uppgift"
    ]
    (row,) = inbox.my_tasks(any_ctx, as_post(any_ctx, CHIEF), language="sv").items
    assert (row.is_paused, row.is_overdue, row.due_at) == (False, True, before.due_at)
    complete(any_ctx, instance_id, "Stöd")

    assert (names(any_ctx, instance_id), instance_of(any_ctx, instance_id).status) == (["A"], InstanceStatus.PAUSED)
    with pytest.raises(InstanceSuspended):
        complete(any_ctx, instance_id, "A")


def test_a_case_that_ends_while_it_rests_has_no_pause_left(any_ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(any_ctx, timed())
    pause(any_ctx, instance_id, until=date(2026, 12, 1))

    moves.cancel_instance(any_ctx, CLIENT, instance_id)
    pass_until(any_ctx, clock, datetime(2026, 12, 3, 9, tzinfo=UTC))

    assert instance_of(any_ctx, instance_id).status is InstanceStatus.CANCELLED
    with any_ctx.store.read() as tx:
        assert (pauses.open_of(tx, instance_id), jobs.of_instance(tx, instance_id)) == (None, ())


# Notices


def think(ctx: Context) -> None:
    while telling.think_of_mail(ctx):
        pass
    run_jobs(ctx)


@pytest.mark.parametrize("by", ["pause", "suspension"])
def test_nothing_is_told_of_a_case_that_rests_and_then_what_is_still_due(
    any_ctx: Context, clock: ManualClock, by: str
) -> None:
    postbox = Postbox()
    ctx = replace(any_ctx, mailer=postbox, public_url="https://samverkan.example")
    instance_id = begin(ctx, timed("P30BD"))
    chief = as_post(ctx, CHIEF)
    if by == "pause":
        pause(ctx, instance_id)
    else:
        moves.suspend_instance(ctx, CLIENT, instance_id)

    for _ in range(20):
        think(ctx)
        clock.advance(days=1)
    assert postbox.letters == []
    assert notices.my_notices(ctx, chief, language="sv") == ()
    assert notices.unseen_count(ctx, chief) == 0

    moves.resume_instance(ctx, CLIENT, instance_id)
    think(ctx)
    told = [each.what for each in notices.my_notices(ctx, chief, language="sv")]
    assert told == (["Ny uppgift"] if by == "pause" else ["Försenad uppgift"])
    assert len(postbox.letters) == 1


def test_reminders_come_when_as_much_is_left_as_they_say(any_ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(any_ctx, timed("P30BD", due="P10BD"))
    chief = as_post(any_ctx, CHIEF)
    clock.advance(days=2)
    pause(any_ctx, instance_id)
    clock.advance(days=14)
    resume(any_ctx, instance_id)

    seen = []
    for _ in range(15):
        seen += [(clock.now().day, each.what) for each in notices.my_notices(any_ctx, chief, language="sv")]
        clock.advance(days=1)

    found = {what: day for day, what in reversed(seen)}
    (task,) = open_tasks(any_ctx, instance_id)
    # Paused on Thursday with nine working days left, resumed on Thursday two weeks later.
    assert task.due_on == date(2026, 12, 22)
    assert found == {"Ny uppgift": 10, "Halva tiden har gått": 15, "En arbetsdag kvar": 21, "Försenad uppgift": 23}


def test_mail_that_waited_for_the_morning_waits_for_the_case_too(any_ctx: Context, clock: ManualClock) -> None:
    postbox = Postbox()
    ctx = replace(any_ctx, mailer=postbox, public_url="https://samverkan.example")
    clock.set(datetime(2026, 11, 24, 20, tzinfo=UTC))
    instance_id = begin(ctx, timed())
    think(ctx)
    pause(ctx, instance_id)

    clock.advance(days=1)
    think(ctx)
    assert postbox.letters == []
    resume(ctx, instance_id)
    clock.advance(days=1)
    think(ctx)

    assert len(postbox.letters) == 1


# Who and where


def test_a_manager_whose_post_has_the_case_may_pause_it_and_others_may_not(any_ctx: Context) -> None:
    instance_id = begin(any_ctx, timed())

    with pytest.raises(Forbidden):
        pause(any_ctx, instance_id, post=STAFF)
    with pytest.raises(NotFound):
        pause(any_ctx, instance_id, post="enhetschef.barn.alvsta")
    pause(any_ctx, instance_id)
    with pytest.raises(InstanceSuspended):
        pause(any_ctx, instance_id)
    with pytest.raises(Forbidden):
        resume(any_ctx, instance_id, post=STAFF)
    resume(any_ctx, instance_id)
    with pytest.raises(Conflict):
        resume(any_ctx, instance_id)


def test_a_pause_needs_a_reason_and_a_day_ahead(any_ctx: Context) -> None:
    instance_id, chief = begin(any_ctx, timed()), as_post(any_ctx, CHIEF)

    with pytest.raises(InvalidInput, match="varför"):
        pausing.pause_instance(any_ctx, chief, instance_id, reason=" ")
    with pytest.raises(InvalidInput, match="efter i dag"):
        pausing.pause_instance(any_ctx, chief, instance_id, reason="Väntar", until=any_ctx.today())


@pytest.mark.parametrize("said", ["", properties(pausable="false")])
def test_a_process_that_does_not_say_so_is_not_paused(ctx: Context, said: str) -> None:
    instance_id = begin(ctx, timed(said=said))

    with pytest.raises(Conflict, match="”A” i processen Prov får inte vänta"):
        pause(ctx, instance_id)


def test_a_case_that_waits_for_a_repeating_length_is_not_paused_and_one_by_the_calendar_is(ctx: Context) -> None:
    instance_id = begin(ctx, timed("R/P1W", "timeCycle"))
    with pytest.raises(Conflict, match="upprepas"):
        pause(ctx, instance_id)
    deploy(ctx, timed("0 0 8 ? * MON-FRI", "timeCycle"))
    other = start(ctx, STAFF, "prov").instance_id

    pause(ctx, other)


def test_a_shortcoming_may_rest_with_what_is_owed_in_it_and_a_dispute_may_not(
    shipped: Context, clock: ManualClock
) -> None:
    dispute = report(shipped)
    instance_id = report(shipped, kind="shortcoming", child_waiting=False)
    with pytest.raises(Conflict):
        pausing.pause_instance(shipped, CLIENT, dispute, reason="Väntar")
    with shipped.store.read() as tx:
        before = escalations.of_instance(tx, instance_id)

    pausing.pause_instance(shipped, CLIENT, instance_id, reason="Väntar på ny rutin")
    clock.advance(days=14)
    moves.resume_instance(shipped, CLIENT, instance_id)

    with shipped.store.read() as tx:
        after = escalations.of_instance(tx, instance_id)
    assert before is not None
    assert after is not None
    assert before.lift_at is not None
    assert after.lift_at == before.lift_at + timedelta(days=14)
    assert {each.due_at for each in after.owed_now()} == {after.lift_at}
    (task,) = open_tasks(shipped, instance_id)
    assert task.due_at == timer_due(shipped, instance_id) == after.lift_at


def test_a_case_in_which_a_child_waits_for_support_is_not_paused(shipped: Context) -> None:
    instance_id = report(shipped, kind="shortcoming", child_waiting=True)

    with pytest.raises(Conflict, match="Säkra stödet först"):
        pausing.pause_instance(shipped, CLIENT, instance_id, reason="Väntar")


def test_the_case_says_that_it_is_paused_by_whom_and_why(ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(ctx, timed())
    pause(ctx, instance_id, until=date(2026, 12, 1))

    page = case_pages.case_page(ctx, as_post(ctx, STAFF), instance_id, language="sv")

    assert page.row.status_words == "Pausat"
    assert page.pause is not None
    assert (page.pause.reason, page.pause.until) == ("Familjen är bortrest.", date(2026, 12, 1))
    assert (page.can_pause, page.can_resume) == (False, False)
    assert (page.timeline[0].what, page.timeline[0].answers[0]) == ("Ärendet pausat", ("Skäl", "Familjen är bortrest."))
    resume(ctx, instance_id)
    page = case_pages.case_page(ctx, as_post(ctx, CHIEF), instance_id, language="en")
    assert (page.pause, page.can_pause, page.timeline[0].what) == (None, True, "Resumed")


# Races


def test_a_timer_that_was_leased_while_its_case_was_paused_and_resumed_keeps_its_new_time(
    any_ctx: Context, clock: ManualClock
) -> None:
    instance_id = begin(any_ctx, timed("PT2H"))
    pause(any_ctx, instance_id)
    clock.advance(hours=1)
    resume(any_ctx, instance_id)
    moved = timer_due(any_ctx, instance_id)
    with any_ctx.store.begin() as tx:
        (leased,) = jobs.lease_due(tx, now=moved, owner="w", limit=1)

    # The worker still knows the time that the job had before.
    worker._hold(any_ctx, replace(leased, due_at=clock.now() - timedelta(hours=1)))

    assert timer_due(any_ctx, instance_id) == moved


def test_two_workers_and_a_person_end_a_pause_once(
    any_ctx: Context, database_url: str, clock: ManualClock, machinery: Machinery
) -> None:
    cases = [begin(any_ctx, timed())] + [start(any_ctx, STAFF, "prov").instance_id for _ in range(5)]
    for each in cases:
        pause(any_ctx, each, until=date(2026, 12, 1))
    clock.set(datetime(2026, 12, 1, 9, tzinfo=UTC))

    def work(ctx: Context, name: str) -> None:
        while worker.run_due_jobs(ctx, owner=name, limit=2):
            pass

    def by_hand() -> None:
        for each in cases:
            try:
                resume(any_ctx, each)
            except Conflict:
                continue

    with opened(database_url, clock, machinery) as one, opened(database_url, clock, machinery) as other:
        threads = [threading.Thread(target=work, args=(ctx, name)) for name, ctx in (("a", one), ("b", other))]
        threads.append(threading.Thread(target=by_hand))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    run_jobs(any_ctx)

    for each in cases:
        page = case_pages.case_page(any_ctx, as_post(any_ctx, CHIEF), each, language="sv")
        assert [entry.what for entry in page.timeline].count("Återupptaget") == 1
        assert timer_due(any_ctx, each) == local_end(date(2026, 12, 8))
