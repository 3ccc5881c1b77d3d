"""The demonstration shows a matter in every state, played through the use cases that the pages use."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from flowsvc import app, demo
from flowsvc.domain.directory import Level
from flowsvc.domain.escalations import Escalation
from flowsvc.domain.instances import InstanceStatus
from flowsvc.settings import read_settings
from flowsvc.store import escalations, instances, jobs, schema, tasks
from flowsvc.usecases.context import Context

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    data: Path = tmp_path_factory.mktemp("demo")
    settings = read_settings({"FLOWSVC_DATA": str(data), "FLOWSVC_DEMO": "1"})
    schema.upgrade(settings.database_url)
    with app.context(settings) as ctx:
        app.deploy_shipped(ctx)
        demo.load(ctx)
        yield ctx


def all_escalations(ctx: Context) -> list[Escalation]:
    with ctx.store.read() as tx:
        page = instances.page(tx, scope_posts=None, now=ctx.clock.now(), limit=100)
        found = [escalations.of_instance(tx, each.id) for each in page.items]
    return [each for each in found if each is not None]


def test_a_matter_stands_at_every_level_of_the_ladder(county: Context) -> None:
    assert {each.level for each in all_escalations(county) if each.closed_at is None} == set(Level)


def test_matters_are_open_solved_withdrawn_and_unsolved(county: Context) -> None:
    with county.store.read() as tx:
        page = instances.page(tx, scope_posts=None, now=county.clock.now(), limit=100)
    states = {(each.status, each.end_state) for each in page.items}

    assert {
        (InstanceStatus.RUNNING, ""),
        (InstanceStatus.RUNNING, "unsolved_at_leadership"),
        (InstanceStatus.PAUSED, ""),
        (InstanceStatus.ENDED, "solved_operational"),
        (InstanceStatus.ENDED, "withdrawn"),
    } <= states


def test_somebody_has_been_silent_and_a_support_is_late(county: Context) -> None:
    found = all_escalations(county)
    now = county.clock.now()

    assert any(answer.silent_at for each in found for answer in each.answers)
    assert any(each.interim_due_at and each.interim_due_at < now and not each.interim_secured_at for each in found)


def test_placements_stand_at_their_beginning_in_the_middle_and_at_their_end(county: Context) -> None:
    with county.store.read() as tx:
        page = instances.page(tx, scope_posts=None, now=county.clock.now(), limit=100)
        placements = [each for each in page.items if "-PLC-" in each.business_key]
        waiting = {task.name for each in placements for task in tasks.of_instance(tx, each.id, open_only=True)}
        disputes = [child for each in placements for child in instances.children_of(tx, each.id)]

    assert {
        "Barnets delaktighet",
        "Ordna så att enheten deltar",
        "Underställ rätten",
        "Bered ärendet: övervägande av vården",
        "Följ upp planen",
    } <= waiting
    assert (InstanceStatus.ENDED, "ended_planned") in {(each.status, each.end_state) for each in placements}
    assert len(disputes) == 2, "one about cost, one about a line that nobody owns"


def test_nothing_stands_still_and_everything_open_waits_for_somebody(county: Context) -> None:
    with county.store.read() as tx:
        page = instances.page(tx, scope_posts=None, now=county.clock.now(), limit=100)
        waiting = {
            each.business_key: tasks.of_instance(tx, each.id, open_only=True)
            for each in page.items
            if each.status is InstanceStatus.RUNNING
        }
        stopped = jobs.open_incidents(tx).items

    assert stopped == ()
    assert [number for number, found in waiting.items() if not found] == []
    assert all(task.candidate_posts or task.candidate_groups for found in waiting.values() for task in found)


def test_its_history_is_weeks_old_and_never_in_the_future(county: Context) -> None:
    began = [each.opened_at for each in all_escalations(county)]
    now = county.clock.now()

    assert min(began) < now - timedelta(days=60)
    assert max(began) <= now


def test_a_yearly_review_has_ended_one_runs_and_one_is_planned(county: Context) -> None:
    with county.store.read() as tx:
        page = instances.page(tx, scope_posts=None, now=county.clock.now(), limit=100)
        found = {each.id: each for each in page.items if "-UPP-" in each.business_key}
        names = {
            each: sorted({task.name for task in tasks.of_instance(tx, each, open_only=True)})
            for each, row in found.items()
            if row.status is InstanceStatus.RUNNING
        }
        changes = tx.directory().agreements["placerade-barn"].changes

    assert [each.end_state for each in found.values() if each.status is InstanceStatus.ENDED] == ["editorial"]
    assert sorted(names.values()) == [["Lämna partens bidrag", "Påminn parten"], ["Planera uppföljningen"]]
    assert "Länken till rutinen rättad" in [each.text for each in changes]
