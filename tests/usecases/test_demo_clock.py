"""The clock of a demonstration: everything on the way happens, each thing at its own time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from flowsvc.domain.access import NOBODY, SYSTEM
from flowsvc.domain.clock import ManualClock, SystemClock
from flowsvc.domain.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from flowsvc.domain.instances import HistoryEvent
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit, instances, schema
from flowsvc.store.transaction import Store
from flowsvc.usecases import demo_clock, directory, sessions
from flowsvc.usecases.context import Context
from flowsvc.usecases.demo_clock import move_clock
from flowsvc.usecases.deployments import deploy
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.instances import start_instance
from tests.usecases.conftest import START

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="p" name="P" isExecutable="true">"""


def deadline(name: str, rule: str) -> str:
    """A task that its deadline takes from whoever has not done it."""
    return (
        f'<userTask id="task-{name}" camunda:candidateGroups="samordning"/>'
        f'<boundaryEvent id="{name}" attachedToRef="task-{name}"><timerEventDefinition>'
        f"<timeDuration>{rule}</timeDuration></timerEventDefinition></boundaryEvent>"
    )


def flow(number: int, source: str, target: str) -> str:
    return f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'


def process(*parts: str) -> SourceFile:
    return SourceFile("p.bpmn", f"{HEAD}{''.join(parts)}</process></definitions>".encode())


def deadlines(*rules: str) -> SourceFile:
    names = [f"wait{n}" for n in range(1, len(rules) + 1)]
    return process(
        '<startEvent id="start"/><endEvent id="end"/>',
        *map(deadline, names, rules),
        flow(0, "start", "task-wait1"),
        *(flow(n, a, f"task-{b}") for n, (a, b) in enumerate(pairwise(names), start=1)),
        flow(99, names[-1], "end"),
        # A task leads on too, whoever does it.
        *(flow(100 + n, f"task-{name}", "end") for n, name in enumerate(names)),
    )


def started(ctx: Context, file: SourceFile) -> str:
    deploy(ctx, SYSTEM, [file])
    return start_instance(ctx, SYSTEM, "p", Sent(variables={})).instance_id


def passed(ctx: Context, instance_id: str) -> dict[str, datetime]:
    with ctx.store.read() as tx:
        history: tuple[HistoryEvent, ...] = audit.history_of(tx, instance_id)
    return {each.element_id: each.at for each in history if each.happened in ("fired", "caught", "completed")}


def test_it_is_the_same_time_of_day_so_many_working_days_later(ctx: Context, clock: ManualClock) -> None:
    # From Tuesday 24 November, 9 in the morning, over a weekend.
    assert move_clock(ctx, SYSTEM, working_days=5) == datetime(2026, 12, 1, 8, tzinfo=UTC) == clock.now()


def test_the_time_of_day_is_the_local_one_when_summer_time_begins(ctx: Context, clock: ManualClock) -> None:
    clock.set(datetime(2026, 3, 27, 8, tzinfo=UTC))

    assert move_clock(ctx, SYSTEM, working_days=1) == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_days_of_the_calendar_can_be_moved_too(ctx: Context) -> None:
    assert move_clock(ctx, SYSTEM, days=30) == START + timedelta(days=30)


def test_a_deadline_that_another_one_sets_off_counts_from_that_one(ctx: Context) -> None:
    instance_id = started(ctx, deadlines("PT24H", "PT48H", "P1BD"))

    move_clock(ctx, SYSTEM, working_days=10)

    at = passed(ctx, instance_id)
    assert at["wait1"] == START + timedelta(hours=24)
    assert at["wait2"] == START + timedelta(hours=72)
    # Friday's deadline of one working day ends with Monday.
    assert at["wait3"] == datetime(2026, 11, 30, 23, tzinfo=UTC)
    with ctx.store.read() as tx:
        assert instances.by_id(tx, instance_id).ended_at == at["wait3"]


def test_what_is_due_later_does_not_happen(ctx: Context) -> None:
    instance_id = started(ctx, deadlines("PT24H", "PT48H"))

    move_clock(ctx, SYSTEM, working_days=2)

    assert set(passed(ctx, instance_id)) == {"start", "wait1"}


def test_a_diagram_that_goes_round_and_round_stops_the_clock_with_a_reason(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_clock, "MOST_JOBS", 20)
    laps = process(
        '<startEvent id="start"/><exclusiveGateway id="again"/><endEvent id="end"/>',
        deadline("wait", "PT1H"),
        flow(1, "start", "again"),
        flow(2, "again", "task-wait"),
        flow(3, "wait", "again"),
        flow(4, "task-wait", "end"),
    )
    started(ctx, laps)

    with pytest.raises(Conflict, match="Klockan stannade 2026-11-25"):
        move_clock(ctx, SYSTEM, working_days=5)


def test_whoever_is_signed_in_stays_so(ctx: Context) -> None:
    directory.share_password(ctx, SYSTEM, password="ett gott lösenord")
    secret = sessions.sign_in(
        ctx, username="enhetschef.bup", password="ett gott lösenord", address="a", lasts=timedelta(hours=8)
    )

    move_clock(ctx, SYSTEM, days=30)

    assert sessions.actor_of(ctx, secret, idle=timedelta(hours=1)) is not NOBODY


@pytest.mark.parametrize("by", [{}, {"days": -1}, {"working_days": 401}, {"working_days": 2, "days": -1}])
def test_a_move_back_or_too_far_is_refused(ctx: Context, by: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="framåt"):
        move_clock(ctx, SYSTEM, **by)


def test_no_other_database_has_a_clock_to_move(ctx: Context) -> None:
    with pytest.raises(NotFound):
        move_clock(replace(ctx, demo=False), SYSTEM, days=1)
    with pytest.raises(NotFound):
        move_clock(replace(ctx, clock=SystemClock()), SYSTEM, days=1)
    with pytest.raises(NotSignedIn):
        move_clock(ctx, NOBODY, days=1)


@pytest.fixture
def empty(database_url: str) -> Iterator[Store]:
    schema.upgrade(database_url)
    store = Store(database_url)
    yield store
    store.dispose()


def test_every_process_on_the_database_sees_the_same_clock(empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = demo_clock.clock_of(empty), demo_clock.clock_of(empty)
    later = SystemClock().now() + timedelta(days=7)

    here.set(later)
    monkeypatch.setattr(there, "READ_AGAIN", 0.0)

    for clock in (here, there, demo_clock.clock_of(empty)):
        assert timedelta(0) <= clock.now() - later < timedelta(minutes=1)


def test_an_empty_database_becomes_a_demonstration_and_stays_one(empty: Store) -> None:
    assert not demo_clock.is_demonstration(empty)

    demo_clock.make_demonstration(empty)
    demo_clock.make_demonstration(empty)

    assert demo_clock.is_demonstration(empty)


def test_a_database_with_people_in_it_becomes_no_demonstration(ctx: Context) -> None:
    with pytest.raises(Conflict, match="inte tom"):
        demo_clock.make_demonstration(ctx.store)

    assert not demo_clock.is_demonstration(ctx.store)
