"""Takes an instance through the engine step by step, as a host would, in memory. In the mode `restored` nothing
outlives a step but the position: engine and model are made anew, and the state goes through its codec and must
come back the same, with every token id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.values import Value, Variables
from flowsvc.engine import state
from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.engine import Engine, Model
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import (
    CallRequested,
    ElementEvent,
    Failure,
    Happened,
    InstanceRequested,
    MessageAwaited,
    MessageThrown,
    Outcome,
    Position,
    PureFunction,
    SignalAwaited,
    SignalThrown,
    Status,
    Surroundings,
    TaskOpened,
    TimerArmed,
)
from flowsvc.engine.parsing import Known, SourceFile, check
from flowsvc.engine.semantics.instance import Instance
from flowsvc.engine.semantics.throwing import Events

Mode: TypeAlias = Literal["plain", "restored"]
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
Waiting: TypeAlias = "TaskOpened | TimerArmed | MessageAwaited | SignalAwaited | CallRequested | InstanceRequested"


@dataclass
class Run:
    """One instance and what is known of it."""

    feel: Feel
    mode: Mode
    processes: Mapping[str, bytes]
    decisions: Mapping[str, DecisionTree] = field(default_factory=dict)
    functions: Mapping[str, PureFunction] = field(default_factory=dict)
    root: str = "p"
    position: Position = field(default_factory=lambda: Position(state=b"", scopes={"": {}}))
    status: Status = Status.RUNNING
    waiting: dict[str, Waiting] = field(default_factory=dict)
    failed: dict[str, Failure] = field(default_factory=dict)
    events: list[ElementEvent] = field(default_factory=list)
    requested: list[InstanceRequested] = field(default_factory=list)
    last: Outcome | None = None
    messages: list[MessageThrown] = field(default_factory=list)
    signals: list[SignalThrown] = field(default_factory=list)
    stores: Variables = field(default_factory=dict)
    """The data stores, which other instances may change between two steps."""

    def __post_init__(self) -> None:
        self.clock = ManualClock(MONDAY)
        self.business_key = "Å-1"
        _require_accepted(self.feel, tuple(self.processes.items()), tuple(self.decisions), tuple(self.functions))
        self._engine, self._model = self._fresh()

    # What happens

    def start(self, element: str | None = None, **variables: Any) -> "Run":
        return self.start_with(variables, element=element)

    def start_with(self, variables: Variables, *, element: str | None = None) -> "Run":
        self._take(self._engine.start(self._model, variables=variables, around=self.around, start_element=element))
        return self

    def complete(self, element: str, /, **variables: Any) -> None:
        """The first open task of that element is done."""
        self.complete_token(self.tokens(element)[0], **variables)

    def complete_token(self, token: str, /, **variables: Any) -> None:
        self._take(
            self._engine.complete_user_task(
                self._model, self.position, token=token, variables=variables, around=self.around
            )
        )

    def fire(self, element: str) -> None:
        self.fire_token(self.tokens(element)[0])

    def fire_token(self, token: str, *, cycle: int = 0) -> None:
        self._take(self._engine.fire_timer(self._model, self.position, token=token, cycle=cycle, around=self.around))

    def send(self, element: str, /, **variables: Any) -> None:
        self.send_token(self.tokens(element)[0], **variables)

    def send_token(self, token: str, /, **variables: Any) -> None:
        self._take(
            self._engine.deliver_message(
                self._model, self.position, token=token, variables=variables, around=self.around
            )
        )

    def signal(self, name: str, /, **variables: Any) -> None:
        """A signal comes from outside."""
        self._take(
            self._engine.deliver_signal(
                self._model, self.position, signal=name, variables=variables, around=self.around
            )
        )

    def finish(self, element: str, result: Value) -> None:
        self._take(
            self._engine.finish_call(
                self._model, self.position, token=self.tokens(element)[0], result=result, around=self.around
            )
        )

    def break_off(self, element: str, code: str, /, **variables: Any) -> None:
        """The worker of that element's call says that it ended with an error."""
        self._take(
            self._engine.fail_call(
                self._model,
                self.position,
                token=self.tokens(element)[0],
                error_code=code,
                message="något gick fel",
                variables=variables,
                around=self.around,
            )
        )

    def retry(self, element: str) -> None:
        token = next(each.token for each in self.failed.values() if each.element_id == element)
        del self.failed[token]
        self._take(self._engine.retry(self._model, self.position, token=token, around=self.around))

    def cancel(self) -> None:
        self._take(self._engine.cancel(self._model, self.position, around=self.around))

    def correct(self, **variables: Any) -> None:
        """Somebody changes variables of the instance, as an operator may."""
        self.position = replace(
            self.position, scopes={**self.position.scopes, "": {**self.position.scopes[""], **variables}}
        )

    # What can be seen

    @property
    def around(self) -> Surroundings:
        return Surroundings(
            now=self.clock.now(),
            functions=self.functions,
            business_key=self.business_key,
            initiator="me",
            data_stores={name: self.stores.get(name) for name in self._model.stores},
        )

    @property
    def variables(self) -> Variables:
        return dict(self.position.scopes[""])

    @property
    def waits(self) -> list[str]:
        """The elements that wait for something outside, in the order of the alphabet."""
        return sorted(each.element_id for each in self.waiting.values())

    def tokens(self, element: str) -> list[str]:
        return [each.token for each in self.waiting.values() if each.element_id == element]

    def task(self, element: str) -> TaskOpened:
        (found,) = [self.waiting[token] for token in self.tokens(element)]
        assert isinstance(found, TaskOpened)
        return found

    def wait(self, element: str) -> Waiting:
        return self.waiting[self.tokens(element)[0]]

    def seen_from(self, element: str) -> Variables:
        return self._engine.visible(self._model, self.position, token=self.tokens(element)[0])

    def failures(self) -> list[tuple[str, str]]:
        return [(each.element_id, each.code) for each in self.failed.values()]

    def happened(self, element: str) -> list[str]:
        """What the history says of the element, in order."""
        return [each.happened.value for each in self.events if each.element_id == element]

    def completed(self) -> list[str]:
        """The elements that have been completed, in order."""
        return [each.element_id for each in self.events if each.happened is Happened.COMPLETED]

    def restored(self) -> Instance:
        """The instance as the state describes it."""
        return _restored(self._model, self.position, self.around, self.feel)

    # How the host does it

    def _fresh(self) -> tuple[Engine, Model]:
        engine = Engine(self.feel)
        return engine, engine.model(root=self.root, processes=self.processes, decisions=self.decisions)

    def _take(self, outcome: Outcome) -> None:
        self.last = outcome
        self.status = outcome.status
        scopes = {name: dict(values) for name, values in self.position.scopes.items()}
        for change in outcome.variables:
            scopes.setdefault(change.scope, {})[change.name] = change.value
        for closed in outcome.closed:
            self.waiting.pop(closed.token, None)
            self.failed.pop(closed.token, None)
        for scope in (*outcome.closed_scopes, *(closed.token for closed in outcome.closed)):
            scopes.pop(scope, None)
        self.position = Position(state=outcome.state, scopes=scopes)
        opened: Sequence[Waiting] = (
            *outcome.tasks,
            *outcome.timers,
            *outcome.messages,
            *outcome.signals,
            *outcome.calls,
            *(each for each in outcome.instances if each.is_awaited),
        )
        self.requested.extend(outcome.instances)
        self.waiting |= {each.token: each for each in opened}
        self.failed |= {each.token: each for each in outcome.failures}
        self.events.extend(outcome.events)
        self.messages.extend(outcome.thrown_messages)
        self.signals.extend(outcome.thrown_signals)
        self.stores |= {each.name: each.value for each in outcome.stored}
        if self.mode == "restored":
            self._engine, self._model = self._fresh()
            self._require_same()

    def _require_same(self) -> None:
        """State → instance → state gives the same bytes, and all that waits or has failed is found by its id."""
        instance = self.restored()
        assert state.encode(instance) == self.position.state
        for token in (*self.waiting, *self.failed):
            assert instance.find(token).key == token
        if self.status is not Status.RUNNING:
            assert (self.waiting, self.failed, instance.tokens()) == ({}, {}, [])
            assert set(self.position.scopes) == {""}, "a scope outlived its instance"


def _restored(model: Model, position: Position, around: Surroundings, feel: Feel) -> Instance:
    instance = Instance(
        model.root,
        processes=model.processes,
        decisions=model.decisions,
        feel=feel,
        scopes=position.scopes,
        around=around,
        events=Events,
    )
    state.decode(position.state, instance)
    return instance


@lru_cache(maxsize=500)
def _require_accepted(
    feel: Feel, processes: tuple[tuple[str, bytes], ...], decisions: tuple[str, ...], functions: tuple[str, ...]
) -> None:
    """What the tests run is what the deploy check lets through."""
    known = Known(
        processes=frozenset({"other"}),
        decisions=frozenset(decisions),
        forms=frozenset({"f"}),
        functions=frozenset(functions),
        connectors=frozenset({"c"}),
    )
    # One file may hold several of the processes.
    files = [SourceFile(f"{key}.bpmn", source) for source, key in {source: key for key, source in processes}.items()]
    problems = check(files, known=known, feel=feel).problems
    refused = [(each.code, each.element_id, each.what) for each in problems if each.severity == "refused"]
    assert refused == []
