"""The saved state: small, without values and without specification, read again for as long as its format is known."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from flowsvc.domain.errors import EngineFault
from flowsvc.engine import state
from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Position, Status
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import (
    boundary,
    bpmn,
    call,
    element,
    end,
    flow,
    inputs_outputs,
    message,
    multi,
    path,
    script,
    start,
    subprocess,
    timer,
    user,
)

GOLDEN = Path(__file__).parent / "golden"
WRITE_GOLDEN = "FLOWSVC_TEST_WRITE_GOLDEN"
"""Set to 1 it writes the golden state of the present format, once, when a format is new."""

STOP = subprocess(
    "es", start("stop", message("m2")), user("stopped"), end("e_stop"), path("stop", "stopped", "e_stop"),
    triggeredByEvent="true",
)  # fmt: skip
CALLED = bpmn(start("s"), user("inside_call"), end("e"), path("s", "inside_call", "e"), key="other")
EVERYTHING = bpmn(
    start(),
    element("parallelGateway", "split"),
    user("a", own=inputs_outputs({"asked": "=secret + 1"}, {"out": "=asked"})),
    boundary("b_timer", "a", timer("P5BD"), interrupting=False),
    boundary("b_message", "a", message()),
    subprocess(
        "sub",
        start("s"),
        user("each", multi("[10, 20]", "item", output="answers", collects="answer")),
        end("e"),
        path("s", "each", "e"),
        own=inputs_outputs({"local": "=secret"}),
    ),
    call("called", "other", own='<camunda:in source="secret" target="given"/>'),
    element("serviceTask", "external", camunda_type="external", camunda_topic="t"),
    script("fails", "secret + missing", "r"),
    element("parallelGateway", "join"),
    user("after"),
    end(),
    end("end2"),
    path("start", "split", "a", "join", "after", "end"),
    *(path("split", each, "join") for each in ("sub", "called", "external", "fails")),
    flow("b_timer", "late"),
    user("late"),
    flow("late", "end2"),
    flow("b_message", "end3"),
    end("end3"),
    STOP,
)
SECRET = 7310555777


def everything(run: Begin) -> Run:
    """An instance in which every kind of thing waits at once; one body and one branch are done."""
    case = run(EVERYTHING, called={"other": CALLED}).start(secret=SECRET)
    case.complete("each", answer="hemligt svar")
    case.finish("external", {"note": "hemlig anteckning"})
    return case


def test_everything_that_can_wait_survives_a_save_and_goes_on(run: Begin) -> None:
    case = everything(run)
    assert case.waits == ["a", "b_message", "b_timer", "each", "inside_call", "stop"]
    assert case.failures() == [("fails", "engine.feel_unknown_name")]

    go_on(case)


def go_on(case: Run) -> None:
    """Every path that is left is taken to its end."""
    case.fire("b_timer")
    case.complete("late")
    case.complete("each", answer=2)
    case.complete("inside_call")
    case.correct(missing=1)
    case.retry("fails")
    case.complete("a")
    assert case.waits == ["after", "stop"]
    assert case.variables["answers"] == ["hemligt svar", 2]
    assert case.variables["out"] == SECRET + 1
    case.complete("after")
    assert case.status is Status.ENDED


def values_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from values_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from values_in(each)
    else:
        yield str(value)


def test_no_value_of_a_variable_stands_in_the_state(run: Begin) -> None:
    case = everything(run)

    text = case.position.state.decode()
    for scope in case.position.scopes.values():
        for value in values_in(scope):
            # A number of one digit is also a count.
            assert len(value) < 2 or not re.search(rf"(?<![0-9a-f]){re.escape(value)}(?![0-9a-f])", text), value
    assert "hemlig" not in text
    assert str(SECRET) not in text


def test_nothing_of_the_specification_stands_in_the_state(run: Begin) -> None:
    text = everything(run).position.state.decode()

    for word in ("P5BD", "hej", "secret", "candidateGroups", "split", "after", '"g"'):
        assert word not in text
    assert len(text) < 2_000


def test_the_state_of_one_waiting_task_is_a_hundred_bytes(run: Begin) -> None:
    case = run(bpmn(start(), user("a"), end(), path("start", "a", "end"))).start(much="x" * 10_000)

    assert len(case.position.state) < 110


def test_an_ended_instance_has_a_state_in_which_nothing_is_found(run: Begin) -> None:
    case = run(bpmn(start(), end(), path("start", "end"))).start()

    assert orjson.loads(case.position.state) == {"format": 1, "status": "ended", "tokens": []}


@pytest.fixture
def waiting(shared_feel: Feel) -> Run:
    source = bpmn(start(), user("a"), end(), path("start", "a", "end"))
    return Run(shared_feel, "plain", {"p": source}).start()


@pytest.mark.parametrize("written", [0, 2, 99, "1", None])
def test_a_format_that_is_not_known_is_refused_with_the_cure(waiting: Run, written: object) -> None:
    changed = orjson.dumps({**orjson.loads(waiting.position.state), "format": written})
    waiting.position = Position(state=changed, scopes=waiting.position.scopes)

    with pytest.raises(EngineFault, match="den version av flowsvc som sparade det"):
        waiting.complete("a")


@pytest.mark.parametrize("found", [b"", b"{", b"[]", b"null", b"{}", b"\xff"])
def test_what_is_no_state_is_refused_with_the_cure(waiting: Run, found: bytes) -> None:
    waiting.position = Position(state=found, scopes=waiting.position.scopes)

    with pytest.raises(EngineFault, match="säkerhetskopia"):
        waiting.complete("a")


@pytest.mark.parametrize(
    "token",
    [
        ["not an id", "a", "s"],
        ["0" * 32, "a", "?"],
        ["0" * 32],
        ["0" * 32, "a", "s", {}, [], [["1" * 32, "a", "s"]]],
        17,
    ],
)
def test_a_state_with_a_token_that_cannot_be_is_refused(waiting: Run, token: object) -> None:
    found = orjson.dumps({"format": 1, "status": "running", "tokens": [token]})
    waiting.position = Position(state=found, scopes=waiting.position.scopes)

    with pytest.raises(EngineFault):
        waiting.fire_token("0" * 32)


def test_an_element_that_the_diagram_has_no_more_is_named(waiting: Run) -> None:
    changed = bpmn(start(), user("b"), end(), path("start", "b", "end"))
    engine = Engine(waiting.feel)
    model = engine.model(root="p", processes={"p": changed}, decisions={})

    with pytest.raises(EngineFault, match="Elementet a finns inte"):
        engine.complete_user_task(
            model, waiting.position, token=waiting.tokens("a")[0], variables={}, around=waiting.around
        )


def test_a_token_keeps_its_id_when_elements_come_before_and_after(waiting: Run) -> None:
    changed = bpmn(start(), user("z"), user("a"), user("b"), end(), path("start", "z", "a", "b", "end"))
    engine = Engine(waiting.feel)
    model = engine.model(root="p", processes={"p": changed}, decisions={})

    outcome = engine.complete_user_task(
        model, waiting.position, token=waiting.tokens("a")[0], variables={}, around=waiting.around
    )

    assert [each.element_id for each in outcome.tasks] == ["b"]


# Golden states: what an earlier release has saved is read by this one.


def as_file(case: Run) -> dict[str, Any]:
    return {
        "state": orjson.loads(case.position.state),
        "scopes": case.position.scopes,
        "waiting": {token: each.element_id for token, each in case.waiting.items()},
        "failed": {token: each.element_id for token, each in case.failed.items()},
    }


def formats() -> list[int]:
    return sorted(int(path.stem.removeprefix("format-")) for path in GOLDEN.glob("format-*.json"))


def test_the_present_format_has_a_golden_state(run: Begin) -> None:
    if os.environ.get(WRITE_GOLDEN) == "1":
        written = orjson.dumps(as_file(everything(run)), option=orjson.OPT_INDENT_2)
        (GOLDEN / f"format-{state.FORMAT}.json").write_bytes(written + b"\n")

    assert state.FORMAT in formats()


@pytest.mark.parametrize("number", formats())
def test_a_golden_state_loads_and_goes_on(run: Begin, number: int) -> None:
    kept = orjson.loads((GOLDEN / f"format-{number}.json").read_bytes())
    fresh = everything(run)
    case = run(EVERYTHING, called={"other": CALLED})
    case.position = Position(state=orjson.dumps(kept["state"]), scopes=kept["scopes"])
    waits, failed = {each.element_id: each for each in fresh.waiting.values()}, list(fresh.failed.values())
    case.waiting = {token: _renamed(waits[name], token) for token, name in kept["waiting"].items()}
    case.failed = {token: _renamed(failed[0], token) for token in kept["failed"]}

    go_on(case)


def _renamed(waiting: Any, token: str) -> Any:
    return type(waiting)(**{**vars(waiting), "token": token})


def test_the_golden_state_of_this_format_is_what_is_written_today(run: Begin) -> None:
    """A change of the state's shape is a new format with a golden state of its own."""
    kept = orjson.loads((GOLDEN / f"format-{state.FORMAT}.json").read_bytes())

    assert shape(kept["state"]) == shape(orjson.loads(everything(run).position.state))


def shape(found: Any) -> Any:
    """The state without its ids."""
    if isinstance(found, dict):
        return {key: shape(each) for key, each in found.items()}
    if isinstance(found, list):
        return [shape(each) for each in found]
    return "id" if isinstance(found, str) and re.fullmatch("[0-9a-f]{32}", found) else found
