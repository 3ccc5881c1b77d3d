"""The worker: what is due happens once, soon, and without being told. In real time, as nothing else is."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import ManualClock, SystemClock
from flowsvc.domain.errors import Misconfigured
from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.store import audit, jobs, schema
from flowsvc.store.transaction import Store
from flowsvc.usecases.context import Context
from flowsvc.usecases.deployments import deploy
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.instances import start_instance
from flowsvc.worker import Worker, alone_on
from tests.usecases.test_demo_clock import deadlines

AT_MOST = timedelta(seconds=2)
"""How late a timer may be."""


@pytest.fixture
def ctx(sqlite_url: str) -> Iterator[Context]:
    schema.upgrade(sqlite_url)
    store = Store(sqlite_url)
    with Feel() as feel:
        yield Context(
            store=store,
            feel=feel,
            engine=Engine(feel),
            clock=SystemClock(),
            zone="Europe/Stockholm",
            county="SJ",
            demo=False,
            upload_limit=1_000_000,
        )
    store.dispose()


@pytest.fixture
def worker(ctx: Context) -> Iterator[Worker]:
    worker = Worker(ctx, "arbetaren")
    yield worker
    worker.stop()


def started(ctx: Context, rule: str, *, at: datetime | None = None) -> str:
    """An instance with a deadline, started then or now."""
    then = replace(ctx, clock=ManualClock(at or ctx.clock.now()))
    deploy(then, SYSTEM, [deadlines(rule)])
    return start_instance(then, SYSTEM, "p", Sent(variables={})).instance_id


def fired(ctx: Context, instance_id: str) -> list[datetime]:
    with ctx.store.read() as tx:
        history = audit.history_of(tx, instance_id)
    return [each.at for each in history if each.element_id == "wait1" and each.happened == "fired"]


def wait_until(holds: Callable[[], object], *, at_most: timedelta) -> None:
    ends = time.monotonic() + at_most.total_seconds()
    while not holds():
        assert time.monotonic() < ends, "it has not happened in time"
        time.sleep(0.02)


def test_a_timer_that_fell_due_while_nobody_was_there_fires_once(ctx: Context, worker: Worker) -> None:
    instance_id = started(ctx, "PT1H", at=ctx.clock.now() - timedelta(days=3))

    worker.start()
    wait_until(lambda: fired(ctx, instance_id), at_most=AT_MOST)
    worker.stop()

    assert len(fired(ctx, instance_id)) == 1
    with ctx.store.read() as tx:
        assert jobs.next_due_at(tx) is None


def test_a_timer_that_others_have_written_fires_within_two_seconds_of_its_time_and_never_before(
    ctx: Context, worker: Worker
) -> None:
    worker.start()
    wait_until(lambda: not worker.is_running, at_most=AT_MOST)
    began = ctx.clock.now()

    # Nobody wakes the worker, as nobody can from another process.
    instance_id = started(ctx, "PT1S", at=began)
    wait_until(lambda: fired(ctx, instance_id), at_most=timedelta(seconds=1) + AT_MOST)

    late = fired(ctx, instance_id)[0] - (began + timedelta(seconds=1))
    assert timedelta(0) <= late < AT_MOST


def test_a_worker_that_is_woken_looks_at_once(ctx: Context, worker: Worker) -> None:
    worker.start()
    wait_until(lambda: not worker.is_running, at_most=AT_MOST)
    instance_id = started(ctx, "PT1H", at=ctx.clock.now() - timedelta(days=1))

    worker.wake()

    wait_until(lambda: fired(ctx, instance_id), at_most=timedelta(seconds=0.9))


def test_two_workers_fire_each_timer_once(ctx: Context, worker: Worker) -> None:
    ago = ctx.clock.now() - timedelta(days=1)
    found = [started(ctx, "PT1H", at=ago + timedelta(seconds=n)) for n in range(12)]
    other = Worker(ctx, "den andra")

    worker.start()
    other.start()
    wait_until(lambda: all(fired(ctx, each) for each in found), at_most=timedelta(seconds=10))
    other.stop()

    assert {len(fired(ctx, each)) for each in found} == {1}


def test_a_worker_goes_on_after_what_it_did_not_expect(
    ctx: Context, worker: Worker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = threading.Event()

    def break_once() -> None:
        if not broken.is_set():
            broken.set()
            raise OSError("disken")

    monkeypatch.setattr("flowsvc.worker.AFTER_FAILURE", timedelta(milliseconds=100))
    monkeypatch.setattr(worker, "_keep_house", break_once)
    worker.start()
    wait_until(broken.is_set, at_most=AT_MOST)

    instance_id = started(ctx, "PT1H", at=ctx.clock.now() - timedelta(days=1))

    wait_until(lambda: fired(ctx, instance_id), at_most=AT_MOST)
    assert "worker.failed" in capsys.readouterr().out


def test_a_worker_that_is_stopped_begins_nothing_more(ctx: Context, worker: Worker) -> None:
    worker.start()
    worker.stop()
    instance_id = started(ctx, "PT1H", at=ctx.clock.now() - timedelta(days=1))

    worker.wake()
    worker.stop()

    assert fired(ctx, instance_id) == []


def test_a_second_worker_on_the_same_file_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    database = tmp_path / "flowsvc.db"

    with alone_on(database), pytest.raises(Misconfigured, match=r"process \d+") as refusal, alone_on(database):
        raise AssertionError("there were two")
    with alone_on(database):
        pass

    assert "FLOWSVC_DATA" in refusal.value.message


def test_a_worker_that_is_stopped_while_it_starts_stops(ctx: Context) -> None:
    for _ in range(20):
        worker = Worker(ctx, "arbetaren")
        worker.start()
        stopping = threading.Thread(target=worker.stop, daemon=True)
        stopping.start()
        stopping.join(timeout=10)

        assert not stopping.is_alive()
