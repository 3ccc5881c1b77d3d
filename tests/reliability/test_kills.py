"""The service is killed at random moments while people work: what was acknowledged is there once, whatever happens.
Prints how many were acknowledged, lost and double."""

import http.client
import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from flowsvc.store.tables import event, job, submission, variable

HERE = Path(__file__).parent
PEOPLE = 4
WAITS = 40
TALKS = 20
GUARDS = 2
ROUNDS = 6
KILLS = {"sqlite": 30, "postgresql": 10}
ACKNOWLEDGED = {"sqlite": 300, "postgresql": 100}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
GIVE_UP = 300.0
"""Seconds after which the run has failed, whatever it was doing."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Service:
    """`flowsvc serve`, started and killed as often as need be."""

    environment: dict[str, str]
    port: int
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def run(self, *arguments: str) -> str:
        """What a command prints."""
        done = subprocess.run(
            [sys.executable, "-m", "flowsvc", *arguments],
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flowsvc", "serve"], env=self.environment, stdout=log, stderr=log
            )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(self.log.read_text()[-2000:])
            with suppress(OSError, http.client.HTTPException):
                if ask(self.port, "GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.02)
        raise AssertionError("the service does not get ready")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and answer; OSError or HTTPException where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        named = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        connection.request(method, path, json.dumps(body) if body is not None else None, named)
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text[:1] in b"{[" and text else text.decode()
    finally:
        connection.close()


@dataclass
class Worker:
    """Somebody who completes the same task of one instance again and again, and asks again where no answer came."""

    port: int
    token: str
    number: int
    stop: threading.Event
    instance: str = ""
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def run(self) -> None:
        for lap in itertools.count():
            if self.stop.is_set():
                return
            if not self.instance:
                started = self.insist(
                    "POST", "/process-definitions/laps/start", {"variables": {}}, f"start-{self.number}"
                )
                self.instance = started["processInstanceId"]
            found = self.insist("GET", f"/user-tasks?processInstanceId={self.instance}&state=open", None, "")
            (task,) = found["items"]
            path = f"/user-tasks/{task['id']}/complete"
            self.acknowledged.append(self.insist("POST", path, {"variables": {}}, f"lap-{self.number}-{lap}"))

    def insist(self, method: str, path: str, body: Any, key: str) -> Any:
        """The answer, asked for until there is one: the same key all the time."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency_Key": key} if key else {})
                status, answer = ask(self.port, method, f"/api/v1{path}", body, **headers)
                if status < 300:
                    return answer
                if status < 500:
                    self.faults.append(f"{method} {path}: {status} {answer}")
                    raise AssertionError(self.faults[-1])
            time.sleep(0.02)
        raise AssertionError(f"no answer to {method} {path}")


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("FLOWSVC_")}
    started = Service(
        environment=own
        | {
            "FLOWSVC_DATA": str(tmp_path / "data"),
            "FLOWSVC_DATABASE": database_url,
            "FLOWSVC_PORT": str(port),
            "FLOWSVC_RELEASE_APPROVALS": "0",
        },
        port=port,
        log=tmp_path / "serve.log",
    )
    yield started
    if started.process is not None:
        started.process.kill()
        started.process.wait()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_done_twice_however_often_the_service_is_killed(
    service: Service, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = make_url(database_url).get_backend_name()
    service.run("db", "upgrade")
    service.run("directory", "import", str(HERE / "directory.json"))
    service.run("deploy", str(HERE / "laps.bpmn"), str(HERE / "waits.bpmn"), str(HERE / "talk.bpmn"))
    token = service.run("token", "issue", "load", "--scope", "instances:write", "--scope", "tasks:write").split()[-1]
    service.start()
    stop = threading.Event()
    people = [Worker(service.port, token, number, stop) for number in range(PEOPLE)]
    for number in range(WAITS):
        seconds = 1 + number % 20
        people[0].insist(
            "POST", "/process-definitions/waits/start", {"variables": {"seconds": seconds}}, f"wait-{number}"
        )
    for number in range(GUARDS):
        people[0].insist("POST", "/process-definitions/guard/start", {"variables": {}}, f"guard-{number}")
    for number in range(TALKS):
        values = {"pair": str(number), "seconds": 1 + number}
        people[0].insist("POST", "/process-definitions/ask/start", {"variables": values}, f"talk-{number}")
    threads = [threading.Thread(target=person.run) for person in people]
    for thread in threads:
        thread.start()

    chance = secrets.SystemRandom()
    began, kills = time.monotonic(), 0
    while kills < KILLS[backend] or sum(len(each.acknowledged) for each in people) < ACKNOWLEDGED[backend]:
        assert time.monotonic() - began < GIVE_UP, "too slow"
        assert all(thread.is_alive() for thread in threads), [each.faults for each in people]
        time.sleep(chance.uniform(0.05, 0.9))
        service.kill()
        kills += 1
        service.start()
    stop.set()
    for thread in threads:
        thread.join(timeout=60)
    engine = sa.create_engine(database_url)
    # The leases of the dead run out now, to save the minute. What a living process holds meets another that holds it
    # too, and is done once all the same.
    with engine.begin() as connection:
        connection.execute(sa.update(job).where(job.c.lease_until.is_not(None)).values(lease_until=LONG_AGO))
    wait_for_jobs(engine)

    found = count(engine, people)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{backend}: {kills} kills, {found.acknowledged} acknowledged completions, "
            f"{found.lost} lost, {found.double} double; "
            f"{found.timers} timers, {found.timers_lost} lost, {found.timers_double} double, "
            f"{found.timers_early} early; {TALKS} questions, replies and signals to {GUARDS + TALKS}, "
            f"{found.talks_lost} lost, {found.talks_double} double\n"
        )
    engine.dispose()

    assert found.acknowledged >= ACKNOWLEDGED[backend]
    assert (found.lost, found.double) == (0, 0)
    assert found.timers == WAITS
    assert (found.timers_lost, found.timers_double, found.timers_early) == (0, 0, 0)
    assert (found.talks_lost, found.talks_double) == (0, 0)
    # A round that was missed is not made up for.
    assert all(1 <= each <= ROUNDS for each in found.rounds)


def wait_for_jobs(engine: sa.Engine) -> None:
    """Every timer has had its time and every message its receiver, and a little more: also a job that was leased by a
    process that is dead is done, after its lease."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with engine.connect() as connection:
            left = connection.execute(sa.select(job.c.kind, job.c.state)).all()
        if not left:
            return
        time.sleep(0.2)
    raise AssertionError(f"jobs are still waiting: {left}")


@dataclass
class Found:
    """What the database holds, against what was acknowledged."""

    acknowledged: int
    lost: int
    double: int
    timers: int
    timers_lost: int
    timers_double: int
    timers_early: int
    talks_lost: int
    talks_double: int
    rounds: list[int]


def count(engine: sa.Engine, people: list[Worker]) -> Found:
    acknowledged = [answer["submissionId"] for person in people for answer in person.acknowledged]
    with engine.connect() as connection:
        stored = set(connection.execute(sa.select(submission.c.id)).scalars())
        laps = by_instance(connection, done("lap", "completed"))
        counted = by_instance(connection, named("n"))
        fired = connection.execute(done("time", "fired")).all()
        armed = by_instance(connection, done("wait", "started"))
        seconds = by_instance(connection, named("seconds"))
        told_of = [
            (1, each) for element in ("hears", "replied", "called_out") for each in times(connection, element, TALKS)
        ] + [(TALKS, each) for each in times(connection, "rung", GUARDS)]
        rounds = times(connection, "round", GUARDS)
    # What was done as a person's history, as the process's own count, and as what the person was told.
    told = [(len(laps.get(each.instance, ())), counted[each.instance][0], len(each.acknowledged)) for each in people]
    return Found(
        acknowledged=len(acknowledged),
        lost=len(set(acknowledged) - stored) + sum(max(0, heard - min(seen, n)) for seen, n, heard in told),
        double=len(acknowledged)
        - len(set(acknowledged))
        + sum(max(0, max(seen, n) - heard) for seen, n, heard in told),
        timers=len(armed),
        timers_lost=len(set(armed) - {row.instance_id for row in fired}),
        timers_double=len(fired) - len({row.instance_id for row in fired}),
        timers_early=sum(
            row.what < armed[row.instance_id][0] + timedelta(seconds=seconds[row.instance_id][0]) for row in fired
        ),
        talks_lost=sum(max(0, wanted - seen) for wanted, seen in told_of),
        talks_double=sum(max(0, seen - wanted) for wanted, seen in told_of),
        rounds=rounds,
    )


def times(connection: sa.Connection, element_id: str, instances: int) -> list[int]:
    """How often the event happened in each instance that has it; of so many instances, at least."""
    happened = event.c.happened.in_(["caught", "fired", "thrown"])
    counted = sa.select(sa.func.count()).where(event.c.element_id == element_id, happened)
    found = list(connection.execute(counted.group_by(event.c.instance_id)).scalars())
    return found + [0] * (instances - len(found))


def done(element_id: str, happened: str) -> "sa.Select[Any]":
    return sa.select(event.c.instance_id, event.c.at.label("what")).where(
        event.c.element_id == element_id, event.c.happened == happened
    )


def named(name: str) -> "sa.Select[Any]":
    return sa.select(variable.c.instance_id, variable.c.value.label("what")).where(variable.c.name == name)


def by_instance(connection: sa.Connection, question: "sa.Select[Any]") -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in connection.execute(question):
        found.setdefault(row.instance_id, []).append(row.what)
    return found
