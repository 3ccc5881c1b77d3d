"""Where a story happens: in the engine's memory, or in the whole service, asked through its API while two workers with
connections of their own compete for what is to be done."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from flowsvc.domain.access import SCOPES, SYSTEM
from flowsvc.domain.clock import ManualClock
from flowsvc.engine.decisions import parse_decisions
from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Happened, Status, TimerArmed
from flowsvc.store import instances, jobs
from flowsvc.store import messages as stored
from flowsvc.usecases import directory
from flowsvc.usecases import jobs as worker
from flowsvc.usecases.context import Context, Parsed
from flowsvc.web import create_web
from tests.conformance.stories import Act, Cell, Entry, Standing
from tests.engine.driver import Mode, Run
from tests.usecases.conftest import START, Machinery, founded, opened
from tests.web.conftest import settings
from tests.web.programs import Program

TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dd" name="dd" namespace="urn:d">
  <decision id="d" name="D"><decisionTable hitPolicy="UNIQUE">
    <input id="i"><inputExpression typeRef="number"><text>n</text></inputExpression></input>
    <output id="o" name="days" typeRef="number"/>
    <rule id="r1"><inputEntry><text>&lt; 10</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
    <rule id="r2"><inputEntry><text>&gt;= 10</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""
"""The decision `d` that business rule tasks ask."""


class World(Protocol):
    """Where one cell's story happens."""

    def does(self, act: Act) -> Sequence[Entry]:
        """What the history has had since the act before."""

    def stands(self) -> Standing: ...

    def variables(self) -> Mapping[str, Any]: ...


class Memory:
    """The engine alone."""

    def __init__(self, cell: Cell, feel: Feel, mode: Mode) -> None:
        self._cell = cell
        decisions = {each.key: each for each in parse_decisions(TABLE, file_name="d.dmn")}
        self._run = Run(feel, mode, cell.processes, decisions=decisions, root=cell.key)

    def does(self, act: Act) -> Sequence[Entry]:
        """The engine takes the act."""
        run, seen = self._run, len(self._run.events)
        match act.verb:
            case "begins":
                run.start_with(dict(act.values), element=act.what or None)
            case "done":
                run.complete(act.what, **act.values)
            case "fires":
                waits = run.wait(act.what)
                assert isinstance(waits, TimerArmed)
                run.fire_token(waits.token, cycle=waits.cycle)
            case "comes":
                run.send(act.what, **act.values)
            case "signalled":
                run.signal(self._cell.signal(act.what), **act.values)
            case "answered":
                run.finish(act.what, dict(act.values))
            case "broken":
                run.break_off(act.what, act.code, **act.values)
        return [Entry(each.element_id, each.happened.value, each.token) for each in run.events[seen:]]

    def stands(self) -> Standing:
        """As the driver has it."""
        fails = sorted(element for element, _ in self._run.failures())
        return Standing(tuple(self._run.waits), tuple(fails), self._run.status is not Status.RUNNING)

    def variables(self) -> Mapping[str, Any]:
        """The instance's own."""
        return self._run.variables


@dataclass(frozen=True)
class Installation:
    """One service in which every cell is deployed."""

    ctx: Context
    clock: ManualClock
    program: Program
    workers: tuple[Context, Context]

    def works(self) -> None:
        """Both workers do what is due, each as fast as it can, until nothing is left."""
        gate = threading.Barrier(len(self.workers))

        def work(ctx: Context, name: str) -> None:
            gate.wait()
            while worker.run_due_jobs(ctx, owner=name, limit=1):
                pass

        threads = [
            threading.Thread(target=work, args=(ctx, f"worker {place}")) for place, ctx in enumerate(self.workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # What one of them had in hand may have made more, after the other had seen nothing.
        while worker.run_due_jobs(self.ctx, owner="last"):
            pass

    def leaves(self, instance_id: str) -> None:
        """What still runs is cancelled, so that no later signal or time finds it."""
        self.program.post(f"/process-instances/{instance_id}/cancel", {"reason": "berättelsen är slut"})

    def asks(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All items of a list of the API."""
        answer = self.program.get(path, **query)
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        assert answer.json.get("next") is None
        items: list[dict[str, Any]] = answer.json["items"]
        return items

    def tells(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer of a route that writes."""
        answer = self.program.post(path, body)
        assert answer.status_code < 300, answer.text
        return answer.json


@contextmanager
def installed(folder: Path, feel: Feel, cells: Sequence[Cell]) -> Iterator[Installation]:
    """A new database with all cells in one deployment, its API, and two workers."""
    machinery = Machinery(feel, Engine(feel), Parsed())
    url, clock = f"sqlite:///{folder / 'flowsvc.db'}", ManualClock(START)
    with (
        founded(url, clock, machinery) as ctx,
        opened(url, clock, machinery) as one,
        opened(url, clock, machinery) as other,
    ):
        app = create_web(ctx, settings())
        secret = directory.issue_token(ctx, SYSTEM, name="Programmet", scopes=sorted(SCOPES))
        program = Program(app.test_client(), {"Authorization": f"Bearer {secret}"})
        files = {f"{key}.bpmn": source for cell in cells for key, source in cell.files.items()}
        answer = program.deploy(("d.dmn", TABLE), *files.items())
        assert answer.status_code == 201, answer.text
        yield Installation(ctx, clock, program, (one, other))


@dataclass
class Service:
    """The whole service; what happens to the cell's instance there."""

    cell: Cell
    place: Installation
    instance_id: str = ""
    seen: int = 0

    def does(self, act: Act) -> Sequence[Entry]:
        """The service is asked for the act, and the workers do what follows from it."""
        match act.verb:
            case "begins":
                self._begins(act)
            case "done":
                (task, *_) = self._tasks(act.what)
                self.place.tells(f"/user-tasks/{task['id']}/complete", {"variables": act.values})
            case "fires":
                self._fires(act.what)
            case "comes":
                self._comes(act)
            case "signalled":
                self._signalled(act)
            case "answered" | "broken":
                self._worked(act)
        self.place.works()
        return self._news()

    def _begins(self, act: Act) -> None:
        starts = self._definition()["starts"]
        start = next((each for each in starts if each["elementId"] == act.what), None) if act.what else None
        kind = start["kind"] if start is not None else ""
        match kind:
            case "message":
                said = {"name": start["message"] if start else "", "correlationKeys": {"nr": self.cell.key}}
                told = self.place.tells("/messages", said | {"variables": act.values})
                self.instance_id = told["processInstanceId"]
            case "signal":
                self.place.tells("/signals", {"name": self.cell.signal("larm"), "variables": act.values})
                self.place.works()
            case "timer":
                self.place.clock.advance(hours=2)
                self.place.works()
            case _:
                asked = {"variables": act.values, "businessKey": self.cell.key}
                asked |= {"startElementId": act.what} if act.what else {}
                told = self.place.tells(f"/process-definitions/{self.cell.key}/start", asked)
                self.instance_id = told["processInstanceId"]
        if not self.instance_id:
            (found,) = self.place.asks("/process-instances", processDefinitionKey=self.cell.key)
            self.instance_id = found["id"]

    def _definition(self) -> dict[str, Any]:
        (found,) = self.place.asks("/process-definitions", key=self.cell.key)
        answer = self.place.program.get(f"/process-definitions/{found['id']}")
        assert answer.json is not None
        shown: dict[str, Any] = answer.json
        return shown

    def _tasks(self, element: str | None = None) -> list[dict[str, Any]]:
        query = {"elementId": element} if element else {}
        return self.place.asks("/user-tasks", processInstanceId=self.instance_id, state="open", **query)

    def _fires(self, element: str) -> None:
        waiting = self.place.asks("/jobs", processInstanceId=self.instance_id, kind="timer")
        (timer, *_) = [each for each in waiting if each["elementId"] == element]
        with self.place.ctx.store.read() as tx:
            due = next(each.due_at for each in jobs.of_instance(tx, self.instance_id) if each.id == timer["id"])
        self.place.clock.set(max(due, self.place.clock.now()))

    def _comes(self, act: Act) -> None:
        with self.place.ctx.store.read() as tx:
            waiting = stored.subscriptions_of(tx, self.instance_id)
        (waits, *_) = [each for each in waiting if each.element_id == act.what]
        said = {"name": waits.message, "correlationKeys": {"nr": waits.correlation_key}, "variables": act.values}
        self.place.tells("/messages", said)

    def _signalled(self, act: Act) -> None:
        self.place.tells("/signals", {"name": self.cell.signal(act.what), "variables": act.values})

    def _worked(self, act: Act) -> None:
        """The topic is the cell's own, so that no worker takes what belongs to another."""
        topic = [{"topicName": self.cell.key, "lockDuration": 60_000}]
        tasks = self.place.tells("/external-tasks/fetch-and-lock", {"workerId": "w", "topics": topic, "maxTasks": 1})[
            "items"
        ]
        (task, *_) = [each for each in tasks if each["elementId"] == act.what]
        said: dict[str, Any] = {"workerId": "w", "variables": act.values}
        if act.verb == "broken":
            said |= {"errorCode": act.code, "errorMessage": "något gick fel"}
        self.place.tells(f"/external-tasks/{task['id']}/{'complete' if act.verb == 'answered' else 'bpmn-error'}", said)

    def _news(self) -> list[Entry]:
        """What the history has had since; what it says of people and messages on their way is not of elements."""
        found = self.place.asks(f"/process-instances/{self.instance_id}/history", after=str(self.seen), limit=200)
        self.seen = found[-1]["sequence"] if found else self.seen
        happened = {str(each) for each in Happened}
        return [
            Entry(each["elementId"], each["happened"], each["token"])
            for each in found
            if each["elementId"] and each["happened"] in happened
        ]

    def stands(self) -> Standing:
        """As the store has it."""
        answer = self.place.program.get(f"/process-instances/{self.instance_id}")
        assert answer.json is not None
        incidents = self.place.asks(f"/process-instances/{self.instance_id}/incidents")
        with self.place.ctx.store.read() as tx:
            waiting = [
                *(each.element_id for each in stored.subscriptions_of(tx, self.instance_id)),
                *(each.element_id for each in stored.signal_subscriptions_of(tx, self.instance_id)),
            ]
        timed = self.place.asks("/jobs", processInstanceId=self.instance_id)
        waiting += [each["elementId"] for each in timed if each["kind"] in ("timer", "external")]
        waiting += [each["elementId"] for each in self._tasks()]
        fails = sorted(each["elementId"] for each in incidents if each["resolvedAt"] is None)
        return Standing(tuple(sorted(waiting)), tuple(fails), answer.json["status"] == "ended")

    def is_stuck(self) -> bool:
        """Whether the watch finds it, and nothing else in the service."""
        with self.place.ctx.store.read() as tx:
            found = instances.stuck(tx, limit=10)
        assert set(found) <= {self.instance_id}
        return bool(found)

    def variables(self) -> Mapping[str, Any]:
        """The instance's own."""
        found = self.place.asks(f"/process-instances/{self.instance_id}/variables")
        return {each["name"]: each["value"] for each in found if each["scope"] == ""}
