"""A small host for the processes: keeps an instance's position, tasks, timers and thread in memory, and moves
a clock. It does what flowsvc does with a step's outcome, so that a test reads as what people do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flowsvc.domain.calendar import end_of_day, local_date
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.directory import Directory
from flowsvc.domain.escalations import Acceptance, Proposal, moves
from flowsvc.domain.forms import Choice, Choices, parse_form, validate_variables
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.decisions import parse_decisions
from flowsvc.engine.engine import Engine, Model
from flowsvc.engine.feel import Feel
from flowsvc.engine.functions import bind
from flowsvc.engine.outcome import (
    DecisionMade,
    ElementEvent,
    Happened,
    InstanceRequested,
    MessageAwaited,
    MessageThrown,
    Outcome,
    Position,
    Status,
    Surroundings,
    TaskOpened,
    TimerArmed,
)
from tests.conftest import ROOT

ZONE = "Europe/Stockholm"
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
CASE = "Å-AVV-2026-00001"


@dataclass
class Office:
    """The engine with every shipped file: one for all tests of a run."""

    feel: Feel
    engine: Engine
    sources: dict[str, bytes]
    decisions: dict[str, DecisionTree]
    models: dict[str, Model] = field(default_factory=dict)

    @classmethod
    def open(cls, feel: Feel) -> "Office":
        folder = ROOT / "processes"
        return cls(
            feel=feel,
            engine=Engine(feel),
            sources={path.stem: path.read_bytes() for path in sorted(folder.glob("*.bpmn"))},
            decisions={
                tree.key: tree
                for path in sorted(folder.glob("*.dmn"))
                for tree in parse_decisions(path.read_bytes(), file_name=path.name)
            },
        )

    def model(self, key: str) -> Model:
        """The process with all that it may call, read once."""
        if key not in self.models:
            self.models[key] = self.engine.model(root=key, processes=self.sources, decisions=self.decisions)
        return self.models[key]


def form_path(key: str) -> Path:
    return ROOT / "forms" / f"{key}.form"


class Case:
    """One running instance and everything around it."""

    def __init__(
        self, office: Office, directory: Directory, *, process: str = "avvikelse", start: datetime = MONDAY
    ) -> None:
        self.office = office
        self.directory = directory
        self.model = office.model(process)
        self.clock = ManualClock(start)
        self.position = Position(state=b"", scopes={"": {}})
        self.status = Status.RUNNING
        self.tasks: dict[str, TaskOpened] = {}
        self.timers: dict[str, TimerArmed] = {}
        self.messages: dict[str, MessageAwaited] = {}
        self.sent: list[MessageThrown] = []
        self.events: list[tuple[datetime, ElementEvent]] = []
        self.decisions: list[DecisionMade] = []
        self.instances: list[InstanceRequested] = []
        self.proposals: list[Proposal] = []
        self.acceptances: list[Acceptance] = []

    # What happens

    def start(self, *, start_form: str = "af1", reporter: str = "ekby.handlaggare", **values: Any) -> "Case":
        filled = self._filled(start_form, values, known={})
        self._take(self.office.engine.start(self.model, variables=filled, around=self._around(initiator=reporter)))
        return self

    def begin(self, **values: Any) -> "Case":
        """The process starts with these variables, as a caller hands them over."""
        self._take(self.office.engine.start(self.model, variables=values, around=self._around()))
        return self

    def finish_case(self, element: str, **result: Any) -> None:
        """The case of its own that the call activity waits for has ended with these variables."""
        asked = [each for each in self.instances if each.element_id == element and each.is_awaited][-1]
        self._take(
            self.office.engine.finish_call(
                self.model, self.position, token=asked.token, result=result, around=self._around()
            )
        )

    def complete(self, name: str, *, party: str = "", **values: Any) -> None:
        """The one open task of that name (and party) is done with these values."""
        (task,) = self.open(name, party=party)
        self.complete_token(task.token, **values)

    def complete_token(self, token: str, **values: Any) -> None:
        """The open task with that token is done with these values."""
        task = self.tasks[token]
        filled = self._filled(task.form_key, values, known=self.visible(task))
        if task.properties.get("answers") == "negotiation":
            self._record(task, filled)
        self._take(
            self.office.engine.complete_user_task(
                self.model, self.position, token=task.token, variables=filled, around=self._around()
            )
        )

    def complete_unread(self, name: str, **values: Any) -> None:
        """The one open task of that name is done with these values, whatever its form says of them."""
        (task,) = self.open(name)
        form = parse_form(form_path(task.form_key).read_bytes(), file_name=task.form_key)
        filled = dict.fromkeys(spec.key for spec in form.fields()) | values
        self._take(
            self.office.engine.complete_user_task(
                self.model, self.position, token=task.token, variables=filled, around=self._around()
            )
        )

    def send(self, message: str, **values: Any) -> None:
        """The message reaches the case."""
        (waits,) = [each for each in self.messages.values() if each.message == message]
        filled = self._filled(str(waits.properties["offerForm"]), values, known={})
        self._take(
            self.office.engine.deliver_message(
                self.model, self.position, token=waits.token, variables=filled, around=self._around()
            )
        )

    def hand_over(self, sent: MessageThrown) -> None:
        """The message that the case has thrown reaches the case itself."""
        (waits,) = [each for each in self.messages.values() if each.message == sent.message]
        self._take(
            self.office.engine.deliver_message(
                self.model, self.position, token=waits.token, variables=sent.variables, around=self._around()
            )
        )

    def pass_until(self, moment: datetime) -> None:
        """Time passes; every timer on the way fires at its time."""
        while self.timers:
            first = min(self.timers.values(), key=lambda each: each.due.at)
            if first.due.at > moment:
                break
            self.clock.set(max(first.due.at, self.clock.now()))
            self._take(
                self.office.engine.fire_timer(
                    self.model, self.position, token=first.token, cycle=first.cycle, around=self._around()
                )
            )
        self.clock.set(moment)

    def pass_days(self, days: int) -> None:
        """That many days pass."""
        self.pass_until(self.clock.now() + timedelta(days=days))

    def pass_day(self, on: date) -> None:
        """The local day ends."""
        self.pass_until(end_of_day(on, ZONE))

    # What can be seen

    @property
    def today(self) -> date:
        return local_date(self.clock.now(), ZONE)

    def open(self, name: str, *, party: str = "") -> list[TaskOpened]:
        return [
            task
            for task in self.tasks.values()
            if task.name == name and (not party or task.properties.get("party") == party)
        ]

    def names(self) -> list[str]:
        return sorted(task.name for task in self.tasks.values())

    def posts(self, name: str) -> list[str]:
        found = [group.removeprefix("post:") for task in self.open(name) for group in task.candidate_groups]
        return sorted(found)

    def visible(self, task: TaskOpened) -> dict[str, Any]:
        """What can be seen from the task."""
        return dict(self.office.engine.visible(self.model, self.position, token=task.token))

    @property
    def variables(self) -> dict[str, Any]:
        return dict(self.position.scopes[""])

    def declared(self, name: str) -> list[Value]:
        """The values of a declared property in the order in which they changed."""
        found: list[Value] = []
        for _, event in self.events:
            value = event.properties.get(name)
            if event.happened is not Happened.CANCELLED and value is not None and found[-1:] != [value]:
                found.append(value)
        return found

    def times(self, element: str, happened: Happened = Happened.COMPLETED) -> int:
        return sum(event.element_id == element and event.happened is happened for _, event in self.events)

    @property
    def end_state(self) -> Value:
        return self.declared("endState")[-1]

    # How the host does it

    def _around(self, *, initiator: str = "") -> Surroundings:
        now = self.clock.now()
        functions = bind(
            directory=self.directory,
            now=now,
            closed_days=frozenset(),
            zone=ZONE,
            business_key=CASE,
            proposals=self.proposals,
            acceptances=self.acceptances,
        )
        return Surroundings(now=now, functions=functions, zone=ZONE, business_key=CASE, initiator=initiator)

    def _filled(self, form_key: str, values: Variables, *, known: Variables) -> Variables:
        form = parse_form(form_path(form_key).read_bytes(), file_name=f"{form_key}.form")

        def evaluate(texts: Sequence[str], variables: Variables) -> Sequence[Value]:
            names = {name for text in texts for name in self.office.feel.variables(text)}
            seen = dict.fromkeys(names) | variables
            return [self.office.feel.evaluate(text, seen, now=self.clock.now()) for text in texts]

        asked = validate_variables(
            form, values, known=known, choices=self._choices(), evaluate=evaluate, today=self.today, language="sv"
        )
        return {spec.key: None for spec in form.fields() if spec.key not in known} | asked

    def _choices(self) -> Choices:
        units = [Choice(each.id, each.name) for each in self.directory.units.values()]
        parties = [Choice(each.id, each.name) for each in self.directory.parties.values()]
        return {"units": units, "counterparts": units, "all_units": units, "parties": parties}

    def _record(self, task: TaskOpened, values: Variables) -> None:
        party = str(task.properties["party"])
        post = self.directory.posts[task.candidate_groups[0].removeprefix("post:")]
        move = moves(
            values,
            party_id=party,
            current_version=max((each.version for each in self.proposals), default=0),
            mandate=post.cost_mandate,
            proposals=self.proposals,
        )
        now = self.clock.now()
        if move.proposal:
            self.proposals.append(
                Proposal(move.proposal.version, party, post.id, post.id, now, "s", move.proposal.monthly_cost)
            )
        for answer in move.answers:
            self.acceptances.append(
                Acceptance(answer.version, party, answer.answer, answer.within_mandate, post.id, post.id, now, "s")
            )

    def _take(self, outcome: Outcome) -> None:
        assert outcome.failures == (), outcome.failures
        scopes = {name: dict(values) for name, values in self.position.scopes.items()}
        for change in outcome.variables:
            scopes.setdefault(change.scope, {})[change.name] = change.value
        for closed in outcome.closed:
            for waiting in (self.tasks, self.timers, self.messages):
                waiting.pop(closed.token, None)
        for scope in (*outcome.closed_scopes, *(closed.token for closed in outcome.closed)):
            scopes.pop(scope, None)
        self.position = Position(state=outcome.state, scopes=scopes)
        self.status = outcome.status
        self.tasks |= {task.token: task for task in outcome.tasks}
        self.timers |= {timer.token: timer for timer in outcome.timers}
        self.messages |= {message.token: message for message in outcome.messages}
        self.instances.extend(outcome.instances)
        self.sent.extend(outcome.thrown_messages)
        self.decisions.extend(outcome.decisions)
        self.events.extend((self.clock.now(), event) for event in outcome.events)
