"""The engine measured against SpiffWorkflow's own loop and serializer, and a long run against a short one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from flowsvc.bench import Figure, best_of
from flowsvc.engine.engine import Engine, Model
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Outcome, Position, Surroundings, TaskOpened

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
AROUND = Surroundings(now=NOW)
KEY = "p"


@dataclass(frozen=True)
class Sizes:
    """How much is measured; the test of this room measures less."""

    tasks: int = 30
    definitions: int = 100
    laps: int = 10_000
    bodies: int = 1_000
    elements: int = 1_990
    tries: int = 7


def figures(sizes: Sizes) -> Iterator[Figure]:
    """One figure after another."""
    with Feel() as feel:
        engine = Engine(feel)
        yield _loading(engine, sizes)
        yield from _moving(engine, sizes)
        yield _laps(engine, sizes)
        yield _bodies(engine, sizes)
        yield _large(engine, sizes)


class Run:
    """An instance in memory, saved and restored at every completion."""

    def __init__(self, engine: Engine, source: bytes) -> None:
        self._engine = engine
        self._model: Model = engine.model(root=KEY, processes={KEY: source}, decisions={})
        self.open: dict[str, TaskOpened] = {}
        self.position = Position(state=b"", scopes={"": {}})
        self._take(engine.start(self._model, variables={"again": True}, around=AROUND))

    def complete(self) -> None:
        """The task that has waited longest is done."""
        self._take(self.tried())

    def restored(self) -> object:
        """What the open task sees, once the instance stands again."""
        return self._engine.visible(self._model, self.position, token=next(iter(self.open)))

    def tried(self) -> Outcome:
        """What completing the task would produce; nothing is kept."""
        token = next(iter(self.open))
        return self._engine.complete_user_task(self._model, self.position, token=token, variables={}, around=AROUND)

    def _take(self, outcome: Outcome) -> None:
        scopes = {name: dict(values) for name, values in self.position.scopes.items()}
        for each in outcome.variables:
            scopes.setdefault(each.scope, {})[each.name] = each.value
        for closed in outcome.closed:
            self.open.pop(closed.token, None)
        for scope in (*outcome.closed_scopes, *(closed.token for closed in outcome.closed)):
            scopes.pop(scope, None)
        self.open |= {each.token: each for each in outcome.tasks}
        self.position = replace(self.position, state=outcome.state, scopes=scopes)


class Library:
    """The same instance with SpiffWorkflow alone, as its documentation saves and restores it."""

    def __init__(self, source: bytes) -> None:
        self._serializer = BpmnWorkflowSerializer()
        begun = BpmnWorkflow(_library_spec(source))
        begun.do_engine_steps()
        self.saved: str = self._serializer.serialize_json(begun)

    def complete(self) -> None:
        """The open task is done."""
        self.saved = self.tried()

    def restored(self) -> BpmnWorkflow:
        """The instance stands again."""
        return self._serializer.deserialize_json(self.saved)

    def tried(self) -> str:
        """What completing the task would save."""
        restored = self.restored()
        restored.get_tasks(state=TaskState.READY, manual=True)[0].run()
        restored.do_engine_steps()
        saved: str = self._serializer.serialize_json(restored)
        return saved


def _library_spec(source: bytes) -> object:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(source))
    return parser.get_spec(KEY)


def _loading(engine: Engine, sizes: Sizes) -> Figure:
    sources = [_chain(sizes.tasks, name=str(number)) for number in range(sizes.definitions)]

    def ours() -> None:
        for source in sources:
            engine.model(root=KEY, processes={KEY: source}, decisions={})

    def theirs() -> None:
        for source in sources:
            _library_spec(source)

    tries = max(sizes.tries // 3, 1)
    return Figure(
        f"loading {sizes.definitions} definitions", best_of(tries, ours), "the library's parser", best_of(tries, theirs)
    )


def _moving(engine: Engine, sizes: Sizes) -> Iterator[Figure]:
    source = _chain(sizes.tasks)
    run, library = Run(engine, source), Library(source)
    for _ in range(sizes.tasks // 2):
        run.complete()
        library.complete()
    done = f"{sizes.tasks} tasks half done"
    for name, ours, yardstick, theirs in (
        (f"restoring, {done}", run.restored, "the library's serializer", library.restored),
        (f"restoring, completing and saving, {done}", run.tried, "the library's loop and serializer", library.tried),
    ):
        yield Figure(name, best_of(sizes.tries, ours), yardstick, best_of(sizes.tries, theirs))


def _laps(engine: Engine, sizes: Sizes) -> Figure:
    run = Run(engine, _loop())
    early = 0.0
    for lap in range(sizes.laps):
        if lap == min(10, sizes.laps - 1):
            early = best_of(sizes.tries, run.tried)
        run.complete()
    late = best_of(sizes.tries, run.tried)
    return Figure(f"lap {sizes.laps} of a loop ({len(run.position.state)} bytes of state)", late, "lap 10", early)


def _bodies(engine: Engine, sizes: Sizes) -> Figure:
    few, many = (Run(engine, _repeated(number)) for number in (10, sizes.bodies))
    name = f"completing one of {sizes.bodies} bodies"
    return Figure(name, best_of(sizes.tries, many.tried), "one of 10", best_of(sizes.tries, few.tried))


def _large(engine: Engine, sizes: Sizes) -> Figure:
    small, large = (Run(engine, _chain(number)) for number in (10, sizes.elements))
    name = f"completing a task among {sizes.elements} elements"
    return Figure(name, best_of(sizes.tries, large.tried), "among 10", best_of(sizes.tries, small.tried))


def _chain(tasks: int, *, name: str = "") -> bytes:
    """So many user tasks one after another."""
    ids = ["begin", *(f"t{number}" for number in range(tasks)), "over"]
    parts = ['<startEvent id="begin"/>', '<endEvent id="over"/>']
    parts += [f'<userTask id="{each}" name="{each} {name}"/>' for each in ids[1:-1]]
    parts += [_flow(source, target) for source, target in pairwise(ids)]
    return _diagram(parts)


def _loop() -> bytes:
    parts = [
        '<startEvent id="begin"/>',
        '<exclusiveGateway id="merge"/>',
        '<userTask id="task"/>',
        '<exclusiveGateway id="choice" default="choice_over"/>',
        '<endEvent id="over"/>',
        _flow("begin", "merge"),
        _flow("merge", "task"),
        _flow("task", "choice"),
        _flow("choice", "merge", "<conditionExpression>again</conditionExpression>"),
        _flow("choice", "over"),
    ]
    return _diagram(parts)


def _repeated(bodies: int) -> bytes:
    times = f"<loopCardinality>{bodies}</loopCardinality>"
    loop = f"<multiInstanceLoopCharacteristics>{times}</multiInstanceLoopCharacteristics>"
    task = f'<userTask id="task">{loop}</userTask>'
    ends = ['<startEvent id="begin"/>', '<endEvent id="over"/>']
    return _diagram([*ends, task, _flow("begin", "task"), _flow("task", "over")])


def _flow(source: str, target: str, inside: str = "") -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def _diagram(parts: list[str]) -> bytes:
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        f'<process id="{KEY}" isExecutable="true">{"".join(parts)}</process></definitions>'
    ).encode()
