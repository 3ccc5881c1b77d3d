"""The engine as a whole: nothing of a diagram becomes Python, and one model serves all instances and threads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Outcome, Position, Status, Surroundings
from tests.conftest import ROOT
from tests.engine.driver import MONDAY, Run
from tests.factories import boundary, bpmn, element, end, flow, inputs_outputs, multi, path, script, start, timer, user

AUDITED = """
import sys

sys.path[:0] = [{root!r}, {source!r}]
from flowsvc.engine.feel import Feel
from tests.engine.test_engine import take_everything

caught = []
is_watching = False


def watch(event, arguments):
    if is_watching and event in ("compile", "exec", "import", "open", "os.system", "subprocess.Popen"):
        caught.append((event, str(arguments)[:200]))


sys.addaudithook(watch)
with Feel() as feel:
    take_everything(feel)  # now all modules and the child process of FEEL are there
    is_watching = True
    take_everything(feel)
    is_watching = False
assert not caught, caught

is_watching = True
eval("1 + 1")
is_watching = False
assert {{event for event, _ in caught}} == {{"compile", "exec"}}, "the hook sees nothing"
print("nothing compiled, nothing executed")
"""

CODE = '__import__("os").system("true")'
EVERYTHING = bpmn(
    start(),
    script("s", 'if n > 1 then "more" else "less"', "word"),
    element("exclusiveGateway", "x", default="x_b"),
    user("a", multi("[1, 2]", "i", output="all", collects="i"), own=inputs_outputs({"text": CODE}, {"out": "=said"})),
    user("b", name=CODE),
    boundary("late", "a", timer('=if n > 1 then "PT1H" else "P1BD"'), interrupting=False),
    end(),
    end("end2"),
    path("start", "s", "x", "b", "end"),
    flow("x", "a", "n = 2"),
    flow("a", "end"),
    flow("late", "end2"),
)


def take_everything(feel: Feel) -> None:
    """A process with all that is evaluated runs from model to end; its texts and values are Python."""
    run = Run(feel, "restored", {"p": EVERYTHING}).start(n=2, __builtins__=CODE, typename=CODE)
    run.fire("late")
    run.complete("a", said=CODE)
    run.complete("a", said=CODE, __class__=CODE)
    assert run.status is Status.ENDED


def test_nothing_of_a_diagram_or_of_a_value_is_compiled_or_executed() -> None:
    code = AUDITED.format(root=str(ROOT), source=str(ROOT / "src"))

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)

    assert (found.stdout, found.stderr) == ("nothing compiled, nothing executed\n", "")


def test_one_model_serves_many_instances_in_many_threads(shared_feel: Feel) -> None:
    engine = Engine(shared_feel)
    model = engine.model(
        root="p",
        processes={"p": bpmn(start(), user("a"), script("s", "n * 2", "r"), end(), path("start", "a", "s", "end"))},
        decisions={},
    )
    around = Surroundings(now=MONDAY)

    def one(number: int) -> Outcome:
        outcome = engine.start(model, variables={"n": number}, around=around)
        position = Position(state=outcome.state, scopes={"": {"n": number}})
        return engine.complete_user_task(model, position, token=outcome.tasks[0].token, variables={}, around=around)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(one, range(100)))

    assert [outcome.variables[-1].value for outcome in outcomes] == [2 * number for number in range(100)]
    assert {outcome.status for outcome in outcomes} == {Status.ENDED}


def test_a_process_may_have_elements_called_as_the_library_calls_its_own(shared_feel: Feel) -> None:
    source = bpmn(start("Start"), user("Root"), end("End"), path("Start", "Root", "End"))
    run = Run(shared_feel, "restored", {"p": source}).start()

    run.complete("Root")

    assert run.status is Status.ENDED
    assert run.completed() == ["Start", "Root", "End"]
