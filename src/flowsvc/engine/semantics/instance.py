"""One process instance while a step runs: tokens and scopes on SpiffWorkflow's task trees, with a run loop of our own.
Hides what the library would do instead: predict paths, keep finished tasks, walk the tree and copy data."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn
from uuid import UUID, uuid5

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.util.event import EventManager
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task

from flowsvc.domain.errors import EngineFault, LimitPassed, NoPathTaken, NotFound
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.feel import Feel
from flowsvc.engine.items import NO_DATA
from flowsvc.engine.outcome import (
    ROOT_SCOPE,
    Closed,
    ElementEvent,
    Failure,
    Happened,
    Scopes,
    Status,
    Surroundings,
)
from flowsvc.engine.semantics.expressions import Expressions
from flowsvc.engine.semantics.facts import Element, Flow
from flowsvc.engine.semantics.paths import Paths
from flowsvc.engine.semantics.record import Record
from flowsvc.engine.semantics.variables import NOWHERE, Chain, ScopedVariables, Visible

MAX_STEPS = 10_000
MAX_SECONDS = 5.0
MAX_SCOPES = 50

_LASTING = frozenset({"body", "lap", "of", "done", "local", "own", "inner", "result"})
"""What stays known of a visit that can be undone."""

NOTHING: Mapping[str, Value] = {}
GONE = "Det finns inget sådant som väntar i ärendet; det är redan avslutat eller har aldrig funnits."


class ProcessSpec(BpmnProcessSpec):
    """A process or embedded subprocess: its elements by id. The library's own start and end tasks are taken out, so
    that an element may be called Start or End, and no join waits at the end."""

    def __init__(self, name: str, *, process_key: str) -> None:
        super().__init__(name=name)
        self.process_key = process_key
        self.task_specs.clear()
        self.end = None
        self.is_watched = False
        """Some element in it watches its scope."""
        self.data = NO_DATA
        """The data that a process holds; that of a subprocess is its element's."""
        self.stores: frozenset[str] = frozenset()
        """The data stores that are read or written in it and in its subprocesses."""

    def nodes(self) -> Iterator[FlowNode]:
        """All elements in the order of the file."""
        yield from self.task_specs.values()

    def survey(self) -> None:
        """Every element knows what it needs of the others. Called once, when all are there."""
        paths = Paths.of({node.element.id: ([flow.id for flow in node.flows], node.onward()) for node in self.nodes()})
        for node in self.nodes():
            node.survey(paths)
        self.is_watched = any(node.watches_scope for node in self.nodes())

    def node(self, element_id: str) -> FlowNode:
        """The element; EngineFault where a changed diagram does not have it."""
        found = self.task_specs.get(element_id)
        if found is None:
            raise EngineFault(f"Elementet {element_id} finns inte i processen {self.process_key}.")
        node: FlowNode = found
        return node


class Token(Task):
    """One visit of an element. It dies with the visit; what comes after is another token."""

    brought: Mapping[str, Value] = NOTHING
    """What a trigger has brought to the data outputs of the element, until that has it; it does not outlive a step."""

    @property
    def key(self) -> str:
        """The id by which the host knows it."""
        key: str = self.id.hex
        return key

    @property
    def instance(self) -> Instance:
        """The instance it belongs to."""
        top: Instance = self.workflow.top_workflow
        return top

    @property
    def node(self) -> FlowNode:
        """The element it stands at."""
        node: FlowNode = self.task_spec
        return node

    @property
    def is_listening(self) -> bool:
        """It waits for a trigger beside the flow: an armed boundary event or event subprocess."""
        return "listens" in self.internal_data

    @property
    def is_undoable(self) -> bool:
        """Its activity has been completed, and it is kept for compensation."""
        return "undoable" in self.internal_data

    @property
    def is_body(self) -> bool:
        """It is one of the times that its activity is done; its parent stands for the whole."""
        return "body" in self.internal_data

    @property
    def keeps_variables(self) -> bool:
        """What it sets, and no scope around holds, stays with it: a multi-instance body, not a lap of a loop."""
        return self.is_body and "lap" not in self.internal_data

    @property
    def is_shown(self) -> bool:
        """The history has seen it start, and not end."""
        if self.is_listening or "over" in self.internal_data or "gathers" in self.internal_data:
            return False
        return self.state != TaskState.READY or "leaving" in self.internal_data

    def set_state(self, state: int) -> None:
        """The state is set, also backwards, which the library's own setter refuses."""
        self._set_state(state)

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing: the library builds this at each change of state, walking all tasks for it."""
        return dct or {}


class FlowNode(BpmnSpecMixin):
    """An element of a diagram and what it does with a token."""

    is_isolating = False
    """Its inside sees none of the variables around it."""

    watches_scope = False
    """What it waits for depends on the other tokens of its scope."""

    @property
    def is_join(self) -> bool:
        """It counts by which flows tokens come."""
        return False

    def __init__(self, wf_spec: ProcessSpec, bpmn_id: str, *, element: Element, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, bpmn_name=element.name, **kwargs)
        self.element = element
        self.flows: list[Flow] = []
        self.incoming: list[str] = []
        self.data = NO_DATA

    @property
    def takes(self) -> Sequence[str]:
        """The data outputs that what a trigger brings goes to, by name."""
        return self.data.outputs

    def onward(self) -> Iterator[str]:
        """The elements at which a token that stands here may be next."""
        return (flow.target for flow in self.flows)

    def survey(self, paths: Paths) -> None:
        """Called once, when the elements around are known."""

    def may_open(self, token: Token) -> bool:
        """Asked of an element that watches its scope, when nothing else can run: the waiting token goes on."""
        return False

    def inside_of(self, token: Token) -> ProcessSpec:
        """What runs inside the element; EngineFault where nothing does."""
        raise EngineFault(f"Elementet {self.element.id} har inget inuti sig.")

    def local_scope(self, token: Token) -> str:
        """The name of the scope of the element's own variables. It is not the token's: the host forgets what it keeps
        under the token's name when the wait is over, and the outputs are still to be read."""
        return uuid5(token.id, "local").hex

    def assign_outside(self, token: Token, name: str, value: Value) -> None:
        """The value stands in the scopes around the token."""
        instance = token.instance
        instance.variables.assign(instance.chain(token), name, value, by_token=token.key)

    def is_enough(self, scope: Scope) -> bool:
        """Asked of the element around a scope when an activity in it ends: nothing more need be done there."""
        return False

    def end_inside(self, scope: Scope) -> None:
        """Nothing more begins in the scope, for there is enough."""

    def refill(self, scope: Scope) -> bool:
        """Asked of the element around a scope in which no flow is left; True where another has begun."""
        return False

    def can_be_undone(self, token: Token) -> bool:
        """What the token has done can be undone when it has ended."""
        return False

    def told_to_bodies(self, whole: Token) -> Variables:
        """What the bodies of a repeated element see of the whole."""
        return {}

    def shown_type(self, token: Token) -> str:
        """The BPMN name under which the history shows the token."""
        return self.element.type

    def enter(self, token: Token) -> bool:
        """The element has started; True when it is done at once, False when the token waits."""
        self.show_start(token)
        return True

    def leave(self, token: Token) -> None:
        """The element is done: the history says so and the flow goes on."""
        self.go_on(token, self.chosen(token))

    def go_on(self, token: Token, flows: Sequence[Flow]) -> None:
        """The history has the end, and each of the flows a token."""
        self.show_end(token)
        token.instance.move(token, flows)

    def show_start(self, token: Token) -> dict[str, Value]:
        """The history has the start with the element's properties."""
        instance = token.instance
        properties = instance.expressions.named(instance.chain(token), self.element.properties)
        instance.tell(token, Happened.STARTED, properties)
        return properties

    def show_end(self, token: Token) -> None:
        """The history has the end with the element's properties for it."""
        instance = token.instance
        properties = instance.expressions.named(instance.chain(token), self.element.end_properties)
        instance.tell(token, Happened.COMPLETED, properties)

    def chosen(self, token: Token) -> list[Flow]:
        """The flows that are taken: all without a condition, those whose condition holds, and the default one where no
        condition does (BPMN 2.0.2, 13.3.1 and table 10.3). NoPathTaken where that is none of them."""
        asked = [flow for flow in self.flows if flow.condition and not flow.is_default]
        if not asked:
            return self.flows
        instance = token.instance
        answers = instance.expressions.conditions(self.seen_by_flows(token), [flow.condition for flow in asked])
        true = {flow.id for flow, holds in zip(asked, answers, strict=True) if holds()}
        taken = [
            flow for flow in self.flows if flow.id in true or (not true if flow.is_default else not flow.condition)
        ]
        return taken or self.no_path()

    def seen_by_flows(self, token: Token) -> Chain:
        """What the conditions on the outgoing flows see."""
        return token.instance.chain(token)

    def no_path(self) -> NoReturn:
        """Raises NoPathTaken: every condition is false, and there is no default flow."""
        raise NoPathTaken(
            f"Inget villkor ut ur {self.element.name or self.element.id} är sant och inget standardflöde finns."
        )

    # What SpiffWorkflow calls.

    def test(self) -> None:
        """Checked on deployment."""

    def _run_hook(self, my_task: Token) -> bool | None:
        return True if self.enter(my_task) else None

    def _on_complete(self, my_task: Token) -> None:
        # The library would go through the token's children afterwards.
        self.leave(my_task)


class _Tree:
    """What a whole instance and a scope inside it do otherwise than the library."""

    tasks: dict[Any, Any]
    task_tree: Token

    def _task_completed_notify(self, task: Token) -> None:
        """Nothing: the library would walk the tree for waiting tasks at each completion."""

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing: the library would walk all tasks for it."""
        return dct or {}

    def plant(self, spec: ProcessSpec) -> None:
        """The tree has its root; tokens stand directly below it, whatever path they came."""
        self.task_tree = Token(self, spec.start, None, TaskState.COMPLETED)

    def tokens(self) -> list[Token]:
        """The tokens directly in this scope, listeners among them."""
        found: list[Token] = self.task_tree.children
        return found

    def has_flow(self) -> bool:
        """Some token is left that does not only listen. It looks no further than the first, for it is asked often."""
        return any(not self.tasks[each].is_listening for each in self.task_tree._children)


class Scope(_Tree, BpmnSubWorkflow):
    """The inside of a subprocess or inside-called process, opened by its owner."""

    def __init__(self, spec: ProcessSpec, *, owner: Token) -> None:
        self.owner = owner
        super().__init__(spec, owner.id, owner.instance, deserializing=True)
        self.plant(spec)

    @property
    def parent_workflow(self) -> Instance | Scope:
        """The scope that the owner stands in."""
        around: Instance | Scope = self.owner.workflow
        return around

    @property
    def is_closing(self) -> bool:
        """What runs in it goes on to its end, and nothing follows."""
        return "closing" in self.owner.internal_data


class NoScripts:
    """Stands where the library wants a Python engine: nothing of a diagram is ever run as Python."""


class Instance(_Tree, BpmnWorkflow):
    """The instance while one step runs."""

    def __init__(
        self,
        root: ProcessSpec,
        *,
        processes: Mapping[str, ProcessSpec],
        decisions: Mapping[str, DecisionTree],
        feel: Feel,
        scopes: Scopes,
        around: Surroundings,
        events: type[EventManager],
    ) -> None:
        super().__init__(root, subprocess_specs=dict(processes), script_engine=NoScripts(), deserializing=True)
        self.event_manager = events(self)
        self.decisions = decisions
        self.feel = feel
        self.around = around
        self.variables = ScopedVariables(scopes)
        self.expressions = Expressions(feel, self.variables, around.now)
        self.record = Record()
        self.status = Status.RUNNING
        self._ready: deque[Token] = deque()
        self.plant(root)

    # Where variables are looked up.

    def scope_of(self, workflow: Instance | Scope) -> str:
        """The name of the scope."""
        return workflow.owner.key if isinstance(workflow, Scope) else ROOT_SCOPE

    def chain_of(self, workflow: Instance | Scope) -> Chain:
        """The scopes seen from inside the scope. A called process sees nothing of its caller."""
        found: list[Visible] = []
        while isinstance(workflow, Scope):
            owner = workflow.owner
            is_isolated = owner.node.is_isolating
            found.append(Visible(owner.key, is_body=owner.keeps_variables and not is_isolated))
            if is_isolated:
                return tuple(found)
            found.extend(self._beside(owner))
            workflow = owner.workflow
        return (*found, Visible(ROOT_SCOPE))

    def chain(self, token: Token) -> Chain:
        """The scopes seen from the token, its own first where it has one."""
        outer = self.chain_of(token.workflow)
        local = token.internal_data.get("local")
        own = () if local is None else (Visible(local, is_body=token.keeps_variables),)
        return (*own, *self._beside(token), *outer)

    def _beside(self, token: Token) -> Chain:
        """What a body sees of its whole: worked out, and so in no scope. And what undoes an activity sees the variables
        of that."""
        parent = token.parent
        if token.is_body:
            told = parent.node.told_to_bodies(parent)
            return (Visible(NOWHERE, told=told),) if told else ()
        if parent is not None and parent.is_undoable:
            local = parent.internal_data.get("local")
            own = () if local is None else (Visible(local, is_body=parent.keeps_variables),)
            return (*own, *self._beside(parent))
        return ()

    # The life of tokens.

    def all_tokens(self) -> Iterator[Token]:
        """Every token at any depth, outer ones first."""
        waiting = list(reversed(self.tokens()))
        while waiting:
            token = waiting.pop()
            yield token
            inner = self.subprocesses.get(token.id)
            waiting.extend(reversed([*token.children, *(inner.tokens() if inner is not None else ())]))

    def find(self, key: str) -> Token:
        """The token with that id; NotFound where it has ended or never was."""
        try:
            wanted = UUID(hex=key)
        except ValueError as error:
            raise NotFound(GONE) from error
        for tree in (self, *self.subprocesses.values()):
            found: Token | None = tree.tasks.get(wanted)
            if found is not None and found is not tree.task_tree:
                return found
        raise NotFound(GONE)

    def spawn(
        self,
        workflow: Instance | Scope,
        node: FlowNode,
        *,
        below: Token | None = None,
        is_next: bool = False,
        **data: Any,
    ) -> Token:
        """A new token is ready at the element."""
        token = Token(workflow, node, below or workflow.task_tree, TaskState.READY)
        token.internal_data.update(data)
        self.queue(token, is_next=is_next)
        return token

    def queue(self, token: Token, *, is_next: bool = False) -> None:
        """The token runs after the others that are ready, or before them."""
        token.set_state(TaskState.READY)
        if is_next:
            self._ready.appendleft(token)
        else:
            self._ready.append(token)

    def resume(self, token: Token) -> None:
        """What the token waited for is done: the element is left next."""
        token.internal_data["leaving"] = True
        self.queue(token, is_next=True)

    def move(self, token: Token, flows: Sequence[Flow]) -> None:
        """The token's visit is over and each flow carries a new one on."""
        workflow, undone = token.workflow, token.parent
        self.retire(token)
        if undone.is_undoable:
            self.event_manager.undone(undone)
            return
        if isinstance(workflow, Scope) and workflow.is_closing:
            flows = ()
        for flow in flows:
            node = workflow.spec.node(flow.target)
            token = self.spawn(workflow, node)
            if node.is_join:
                token.internal_data["via"] = flow.id
        self.settle(workflow)

    def discard(self, token: Token) -> None:
        """The token, its listeners and its own scope are gone."""
        inner = self.subprocesses.pop(token.id, None)
        for kept in (*token.children, *(inner.tokens() if inner is not None else ())):
            if kept.is_undoable:
                self.discard(kept)
            else:
                self.silence(kept)
        self.close_scopes(token)
        token.set_state(TaskState.COMPLETED)
        token.workflow._remove_task(token.id)

    def retire(self, token: Token) -> None:
        """The token's visit is over. What can be undone stays, with its variables, behind what was completed before."""
        if not token.node.can_be_undone(token):
            self.discard(token)
            return
        for child in token.children:
            if not child.is_undoable:
                self.silence(child)
        data = token.internal_data
        if "kept" in data:
            self.record.closed_scopes.append(data["kept"])
        lasting = {name: value for name, value in data.items() if name in _LASTING}
        token.internal_data = {**lasting, "listens": True, "undoable": True}
        token.set_state(TaskState.WAITING)
        beside = token.parent._children
        beside.remove(token.id)
        beside.append(token.id)

    def silence(self, listener: Token) -> None:
        """The armed event waits no more."""
        self.close(listener, Happened.CANCELLED)
        listener.set_state(TaskState.CANCELLED)
        listener.workflow._remove_task(listener.id)

    def close_scopes(self, token: Token) -> None:
        """The scopes that the token opened are over."""
        names = (token.internal_data.pop(name, None) for name in ("local", "inner", "kept", "caught"))
        self.record.closed_scopes.extend(dict.fromkeys(name for name in names if name is not None))

    def close(self, token: Token, happened: Happened) -> None:
        """The host knows that whatever it keeps for the token is over."""
        token.internal_data.pop("open", None)
        self.record.closed.append(Closed(token.key, happened))

    def spend(self, listener: Token, happened: Happened) -> None:
        """What the listener waited for has come, and it waits no more."""
        self.close(listener, happened)
        listener.set_state(TaskState.COMPLETED)
        listener.workflow._remove_task(listener.id)

    def settle(self, workflow: Instance | Scope) -> None:
        """A scope without tokens is over, and its owner goes on."""
        if workflow.has_flow():
            return
        is_open = isinstance(workflow, Scope) and not workflow.owner.is_undoable
        if is_open and workflow.owner.node.refill(workflow):
            return
        for listener in workflow.tokens():
            if not listener.is_undoable:
                self.silence(listener)
        if not isinstance(workflow, Scope):
            for kept in workflow.tokens():
                self.discard(kept)
            self.status = Status.ENDED
        elif workflow.owner.is_undoable:
            self.event_manager.undone(workflow.owner)
        else:
            if not workflow.tokens():
                self.subprocesses.pop(workflow.owner.id, None)
            self.resume(workflow.owner)

    def open_scope(self, owner: Token, spec: ProcessSpec) -> Scope:
        """The owner's inside exists and is empty."""
        scope = Scope(spec, owner=owner)
        if scope.depth > MAX_SCOPES:
            raise LimitPassed(f"Fler än {MAX_SCOPES} delprocesser inuti varandra.")
        self.subprocesses[owner.id] = scope
        owner.internal_data["inner"] = owner.key
        return scope

    def cancel_token(self, token: Token) -> None:
        """The token and everything inside it are cancelled, innermost first."""
        inner = self.subprocesses.pop(token.id, None)
        if inner is not None:
            self.clear(inner)
        for child in token.children:
            self.cancel_token(child)
        is_shown = token.is_shown
        is_awaited = "open" in token.internal_data or token.is_listening or token.state == TaskState.ERROR
        if is_awaited and not token.is_undoable:
            self.close(token, Happened.CANCELLED)
        if is_shown:
            self.tell(token, Happened.CANCELLED)
        self.close_scopes(token)
        token.set_state(TaskState.CANCELLED)
        token.workflow._remove_task(token.id)

    def clear(self, workflow: Instance | Scope, *, but: Token | None = None, keeps_done: bool = False) -> None:
        """All tokens in the scope are cancelled, but the one and, if so wished, what can be undone later."""
        for token in workflow.tokens():
            is_kept = keeps_done and token.is_undoable and "by" not in token.internal_data
            if token is not but and not is_kept:
                self.cancel_token(token)

    # The run loop.

    def run_to_rest(self) -> None:
        """Every token waits for something outside, has failed or is gone. One token runs at a time, first come first
        served, so that a trigger from one branch meets the others midway."""
        started = time.monotonic()
        steps = 0
        if not self._ready:
            self.event_manager.after_element()
        while self._ready or self._open_joins():
            token = self._ready.popleft()
            if token.state != TaskState.READY:
                continue
            steps += 1
            if steps > MAX_STEPS or time.monotonic() - started > MAX_SECONDS:
                self._stop_at_limit(token)
                return
            self._attempt(token)
            self.event_manager.after_element()

    def _open_joins(self) -> bool:
        """Of the joins that watch their scope, the first in each scope that may open does; True where one did."""
        for tree in (self, *self.subprocesses.values()):
            if tree.spec.is_watched:
                self._open_join(tree)
        return bool(self._ready)

    def _open_join(self, workflow: Instance | Scope) -> None:
        asked = set[FlowNode]()
        for token in workflow.tokens():
            node = token.node
            if not (node.watches_scope and token.state == TaskState.STARTED) or node in asked:
                continue
            # A second round at the same join waits for the first.
            asked.add(node)
            try:
                is_open = node.may_open(token)
            except EngineFault as fault:
                self.fail(token, fault)
                continue
            if is_open:
                self.resume(token)
                return

    def _attempt(self, token: Token) -> None:
        record, variables = self.record.mark(), self.variables.mark()
        data = dict(token.internal_data)
        try:
            if "leaving" in token.internal_data:
                token.complete()
            else:
                token.run()
        except EngineFault as fault:
            self.record.undo(record)
            self.variables.undo(variables)
            token.internal_data = data
            self.fail(token, fault)

    def fail(self, token: Token, fault: EngineFault) -> None:
        """The token stands still at its element, and the host has an incident to show."""
        token.set_state(TaskState.ERROR)
        self.tell(token, Happened.FAILED)
        element = token.node.element
        self.record.failures.append(
            Failure(token.key, element.id, element.process_key, fault.code, fault.message, fault.names)
        )

    def _stop_at_limit(self, first: Token) -> None:
        fault = LimitPassed(
            f"Ärendet gick {MAX_STEPS} steg eller {MAX_SECONDS:.0f} s utan att vänta på någon. "
            "Går det runt i en slinga?"
        )
        for token in (first, *self._ready):
            if token.state == TaskState.READY:
                self.fail(token, fault)
        self._ready.clear()

    def tell(self, token: Token, happened: Happened, properties: Mapping[str, Value] | None = None) -> None:
        """The history has an entry for the token's element."""
        element = token.node.element
        self.record.events.append(
            ElementEvent(
                element_id=element.id,
                element_type=token.node.shown_type(token),
                name=element.name,
                process_key=element.process_key,
                token=token.key,
                scope=self.scope_of(token.workflow),
                happened=happened,
                properties=properties or {},
            )
        )
