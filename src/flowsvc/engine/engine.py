"""The engine's face: one call for each thing that can happen to an instance, a position in and an outcome out.
Hides SpiffWorkflow, the run loop and the state's format. It keeps nothing between calls and does no I/O but FEEL."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from SpiffWorkflow import TaskState

from flowsvc.domain.errors import EngineFault, NotFound
from flowsvc.domain.values import Value, Variables
from flowsvc.engine import state
from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import ROOT_SCOPE, Happened, Outcome, Position, Scopes, Status, Surroundings
from flowsvc.engine.semantics.activity import is_waiting
from flowsvc.engine.semantics.building import process_spec
from flowsvc.engine.semantics.calls import CallActivity
from flowsvc.engine.semantics.catching import StartEvent
from flowsvc.engine.semantics.data import keep, open_items
from flowsvc.engine.semantics.event_gateway import begin
from flowsvc.engine.semantics.events import bring, set_off
from flowsvc.engine.semantics.facts import Text, Trigger
from flowsvc.engine.semantics.instance import GONE, Instance, ProcessSpec, Token
from flowsvc.engine.semantics.listening import listened_for
from flowsvc.engine.semantics.tasks import ServiceTask, UserTask
from flowsvc.engine.semantics.throwing import Events, catcher, deliver_signal, uncaught
from flowsvc.engine.semantics.variables import copied

NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Model:
    """A process with all that runs inside it: read-only, shared among threads and instances."""

    root: ProcessSpec
    processes: Mapping[str, ProcessSpec]
    decisions: Mapping[str, DecisionTree]
    stores: tuple[str, ...] = ()
    """The data stores that all this reads or writes, in the order of the alphabet."""


class Engine:
    """Runs instances; one for a process, safe to share among threads."""

    def __init__(self, feel: Feel) -> None:
        self._feel = feel

    def model(self, *, root: str, processes: Mapping[str, bytes], decisions: Mapping[str, DecisionTree]) -> Model:
        """The process `root`, with the processes that it may call inside itself and the decisions that they ask, all
        by key. EngineFault for an element that cannot run: what has passed the deploy check has none."""
        specs = {key: process_spec(source, key) for key, source in processes.items()}
        if root not in specs:
            raise EngineFault(f"Processen {root} finns inte. Publicera den.")
        stores = frozenset[str]().union(*(each.stores for each in specs.values()))
        return Model(root=specs[root], processes=specs, decisions=dict(decisions), stores=tuple(sorted(stores)))

    def start(
        self, model: Model, *, variables: Variables, around: Surroundings, start_element: str | None = None
    ) -> Outcome:
        """A new instance has run to its first rest. It begins at the start event, receive task or event behind an
        instantiating gateway that is named; else at the start event without trigger, else at the only one."""
        instance = self._instance(model, {"": {}}, around)
        token = begin(instance, start_element)
        initiator = token.node.initiator if isinstance(token.node, StartEvent) else ""
        given = {initiator: around.initiator, **variables} if initiator else variables
        open_items(instance, ROOT_SCOPE, model.root.data, given=given, by_token=token.key)
        bring(token, given)
        keep(token, token.brought)
        return _run(instance)

    def complete_user_task(
        self, model: Model, position: Position, *, token: str, variables: Variables, around: Surroundings
    ) -> Outcome:
        """The task is done with these values. NotFound where it is not open."""
        instance = self._at(model, position, around)
        task = instance.find(token)
        if not (isinstance(task.node, UserTask) and is_waiting(task)):
            raise NotFound(GONE)
        _assign(task, variables)
        return _resumed(instance, task)

    def fire_timer(self, model: Model, position: Position, *, token: str, cycle: int, around: Surroundings) -> Outcome:
        """The timer's time has come. NotFound where it waits no more, or never had such a cycle."""
        instance = self._at(model, position, around)
        listener = _listener(instance, token, "timer")
        if cycle != listener.internal_data.get("cycle", 0):
            raise NotFound(GONE)
        set_off(listener)
        return _run(instance)

    def deliver_message(
        self, model: Model, position: Position, *, token: str, variables: Variables, around: Surroundings
    ) -> Outcome:
        """The message has come, and brought the values. NotFound where nothing waits for it any more."""
        instance = self._at(model, position, around)
        listener = _listener(instance, token, "message")
        bring(listener, variables)
        set_off(listener)
        return _run(instance)

    def deliver_signal(
        self,
        model: Model,
        position: Position,
        *,
        signal: str,
        variables: Variables,
        around: Surroundings,
        tokens: Collection[str] | None = None,
    ) -> Outcome:
        """All events of the instance that wait for the signal, or those of the tokens that do, have caught it and what
        it brought. NotFound where none does."""
        instance = self._at(model, position, around)
        if not deliver_signal(instance, signal, variables, among=tokens):
            raise NotFound(GONE)
        return _run(instance)

    def finish_call(
        self, model: Model, position: Position, *, token: str, result: Value, around: Surroundings
    ) -> Outcome:
        """A connector, an external worker or an instance of its own is done. NotFound where nobody waits for it."""
        instance = self._at(model, position, around)
        called = _waiting_call(instance, token)
        given = copied(result)
        if isinstance(called.node, CallActivity):
            called.node.take(called, given if isinstance(given, dict) else {})
        else:
            called.node.take(called, given)
        return _resumed(instance, called)

    def fail_call(
        self,
        model: Model,
        position: Position,
        *,
        token: str,
        error_code: str,
        message: str,
        variables: Variables,
        around: Surroundings,
    ) -> Outcome:
        """The call ended with a BPMN error: the nearest error event that fits goes on, with the values at hand. Where
        none fits the token has failed, and `retry` asks for the call anew. What the worker said stays with the worker:
        `message` may hold a value, and an incident may not."""
        instance = self._at(model, position, around)
        called = _waiting_call(instance, token)
        thrown = Trigger("error", Text(error_code))
        caught = catcher(thrown, called)
        if caught is None:
            instance.close(called, Happened.FAILED)
            instance.fail(called, uncaught(instance, thrown))
        else:
            for name, value in variables.items():
                called.node.assign_outside(called, name, value)
            caught.fire()
        return _run(instance)

    def retry(self, model: Model, position: Position, *, token: str, around: Surroundings) -> Outcome:
        """The failed token has tried again, from where it failed. NotFound where it has not failed."""
        instance = self._at(model, position, around)
        failed = instance.find(token)
        if failed.state != TaskState.ERROR:
            raise NotFound(GONE)
        if failed.is_listening:
            instance.event_manager.conditions.try_again(failed)
        else:
            instance.queue(failed)
        return _run(instance)

    def cancel(self, model: Model, position: Position, *, around: Surroundings) -> Outcome:
        """Nothing waits in the instance any more."""
        instance = self._at(model, position, around)
        instance.clear(instance)
        instance.status = Status.CANCELLED
        return _run(instance)

    def visible(self, model: Model, position: Position, *, token: str) -> Variables:
        """The variables that the token sees; inner ones hide outer ones."""
        # Nothing is run, so no time is needed.
        instance = self._at(model, position, Surroundings(now=NO_TIME))
        found = instance.variables.seen_from(instance.chain(instance.find(token)))
        return {name: copied(value) for name, value in found.items()}

    def _at(self, model: Model, position: Position, around: Surroundings) -> Instance:
        instance = self._instance(model, position.scopes, around)
        state.decode(position.state, instance)
        return instance

    def _instance(self, model: Model, scopes: Scopes, around: Surroundings) -> Instance:
        return Instance(
            model.root,
            processes=model.processes,
            decisions=model.decisions,
            feel=self._feel,
            scopes=scopes,
            around=around,
            events=Events,
        )


def _assign(token: Token, values: Variables) -> None:
    for name, value in values.items():
        token.node.assign_outside(token, name, value)


def _listener(instance: Instance, key: str, kind: str) -> Token:
    listener = instance.find(key)
    trigger = listened_for(listener)
    if trigger is None or trigger.kind != kind:
        raise NotFound(GONE)
    return listener


def _waiting_call(instance: Instance, key: str) -> Token:
    token = instance.find(key)
    if not (isinstance(token.node, ServiceTask | CallActivity) and is_waiting(token)):
        raise NotFound(GONE)
    return token


def _resumed(instance: Instance, token: Token) -> Outcome:
    instance.close(token, Happened.COMPLETED)
    instance.resume(token)
    return _run(instance)


def _run(instance: Instance) -> Outcome:
    instance.run_to_rest()
    return instance.record.outcome(state.encode(instance), instance.status, instance.variables.writes)
