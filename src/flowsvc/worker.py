"""The worker: runs what has fallen due. APScheduler is its heartbeat and stores nothing; what is due stands in the job
table. Hides how it sleeps until the next due time, how it is woken, and that one worker alone has an SQLite file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from flowsvc.domain.clock import SystemClock
from flowsvc.domain.errors import Misconfigured
from flowsvc.usecases import demo_clock, jobs, telling
from flowsvc.usecases.context import Context

BEAT = timedelta(seconds=1)
"""How long a job that another process has written may go unseen."""
AFTER_FAILURE = timedelta(seconds=5)
HOUSEKEEPING = timedelta(hours=1)

_TICK = "tick"
_AT_A_TIME = 5
"""Few, since those that are leased are run before the process stops."""


class Worker:
    """Runs due jobs in a thread of its own, from `start` to `stop`."""

    def __init__(self, ctx: Context, owner: str) -> None:
        self._ctx = ctx
        self._owner = owner
        # The heart beats by the machine's time, whatever a demonstration's clock shows.
        self._machine = SystemClock()
        self._log = structlog.get_logger("flowsvc.worker")
        self._mutex = Lock()
        self.is_running = False
        """Whether it is looking for jobs just now; otherwise it waits for its next beat."""
        self._is_woken = False
        self._is_stopping = False
        self._housekeeping_at: datetime | None = None
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """What is due runs from now on, also what fell due while nobody was there."""
        self._scheduler.add_job(self._tick, IntervalTrigger(seconds=BEAT.seconds), id=_TICK)
        self._scheduler.start()
        self.wake()

    def wake(self) -> None:
        """The worker looks for jobs now rather than at its next beat. It never waits for the worker."""
        with self._mutex:
            if self._is_stopping:
                return
            self._is_woken = True
            if not self.is_running:
                self._beat_at(self._machine.now())

    def stop(self) -> None:
        """The job that ran is done, and no other begins."""
        with self._mutex:
            if self._is_stopping:
                return
            self._is_stopping = True
        self._scheduler.shutdown(wait=True)

    def _tick(self) -> None:
        with self._mutex:
            if self._is_stopping:
                # The scheduler holds its lock until this returns, and so must not be asked for anything.
                return
            self.is_running = True
            self._is_woken = False
            # Not while this runs: APScheduler would complain of every beat that it misses.
            self._scheduler.pause_job(_TICK)
        next_at = self._machine.now() + AFTER_FAILURE
        try:
            self._run_due()
            self._keep_house()
            next_at = self._next_beat()
        # The worker's boundary: whatever went wrong, it tries again, since nobody else will.
        except Exception:
            self._log.exception("worker.failed")
        finally:
            with self._mutex:
                self.is_running = False
                if not self._is_stopping:
                    self._beat_at(self._machine.now() if self._is_woken else next_at)

    def _run_due(self) -> None:
        while not self._is_stopping:
            with demo_clock.standing_still(self._ctx):
                told = telling.think_of_mail(self._ctx)
                if not jobs.run_due_jobs(self._ctx, owner=self._owner, limit=_AT_A_TIME) and not told:
                    return

    def _keep_house(self) -> None:
        now = self._machine.now()
        if self._is_stopping or (self._housekeeping_at is not None and now < self._housekeeping_at):
            return
        jobs.housekeeping(self._ctx)
        self._housekeeping_at = now + HOUSEKEEPING

    def _next_beat(self) -> datetime:
        due = jobs.next_due_at(self._ctx)
        wait = BEAT if due is None else min(due - self._ctx.clock.now(), BEAT)
        # Something that is due and yet was not run is another worker's; looking again at once would only burn time.
        return self._machine.now() + (wait if wait > timedelta(0) else BEAT)

    def _beat_at(self, at: datetime) -> None:
        self._scheduler.modify_job(_TICK, next_run_time=at)


def owner_name() -> str:
    """What this process calls itself where it leases jobs: its host and its number."""
    return f"{os.uname().nodename}:{os.getpid()}"


@contextmanager
def alone_on(database: Path) -> Iterator[None]:
    """This process is the only worker on the SQLite file for as long as the block runs. Misconfigured, with the number
    of the other one, where there is one already."""
    path = database.with_name(f"{database.name}.worker")
    # The file stays: removing it would let a third process lock a file that no longer has a name.
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise Misconfigured(
                f"{database.parent} har redan en arbetare: process {file.read().strip() or 'okänd'}. "
                "Stoppa den (flowsvc serve eller flowsvc worker), eller ange en annan FLOWSVC_DATA."
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
