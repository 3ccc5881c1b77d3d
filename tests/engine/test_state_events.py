"""The saved state of everything that listens, repeats itself or can be undone: read again by later releases."""

import os
from pathlib import Path
from typing import Any

import orjson

from flowsvc.engine import state
from flowsvc.engine.outcome import MessageAwaited, Position, Status, TimerArmed
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.engine.test_state import WRITE_GOLDEN, shape
from tests.factories import (
    boundary,
    bpmn,
    catch,
    compensation,
    condition,
    element,
    end,
    flow,
    inputs_outputs,
    message,
    multi,
    path,
    signal,
    start,
    subprocess,
    throw,
    timer,
    undoing,
    user,
)

GOLDEN = Path(__file__).parent / "golden" / f"events-{state.FORMAT}.json"
ES = subprocess(
    "es", start("es_start", message("m2"), isInterrupting="false"), user("beside"), end("es_end"),
    path("es_start", "beside", "es_end"), triggeredByEvent="true",
)  # fmt: skip
INSIDE = (
    start("s"),
    user("deep", multi("[10, 20]", "item")),
    undoing("deep", "un_deep"),
    user("un_deep", isForCompensation="true"),
    end("e"),
    path("s", "deep", "e"),
)
BRANCHES = {
    "g": (
        element("eventBasedGateway", "g"),
        *(catch("g_message", message()), catch("g_signal", signal("sg_feel")), catch("g_timer", timer("P1BD"))),
        *(flow("g", each) for each in ("g_message", "g_signal", "g_timer")),
        *(flow(each, "merge") for each in ("g_message", "g_signal", "g_timer")),
        element("exclusiveGateway", "merge"),
        flow("merge", "join"),
    ),
    "all": (catch("all", message() + signal() + timer("P2BD"), parallelMultiple="true"), flow("all", "join")),
    "r": (element("receiveTask", "r", messageRef="m"), flow("r", "join")),
    "a": (
        user("a"),
        boundary("again", "a", timer("R/PT1H", "timeCycle"), interrupting=False) + flow("again", "end_again"),
        boundary("rises", "a", condition("n > 5"), interrupting=False) + flow("rises", "end_rises"),
        *(end("end_again"), end("end_rises"), flow("a", "join")),
    ),
    "u": (
        user("u", own=inputs_outputs({"mine": "=n + 1"})),
        undoing("u", "un_u") + user("un_u", isForCompensation="true"),
        *(subprocess("sub", *INSIDE), throw("t", compensation()), path("u", "sub", "t", "join")),
    ),
}
EVERYTHING = bpmn(
    start(),
    element("parallelGateway", "split"),
    *("".join(parts) for parts in BRANCHES.values()),
    *(flow("split", each) for each in BRANCHES),
    element("parallelGateway", "join"),
    end(),
    path("start", "split"),
    flow("join", "end"),
    ES,
)


def everything(run: Begin) -> Run:
    """One body has been undone and the next is being undone; one trigger of three has come; the cycle has begun."""
    case = run(EVERYTHING).start(n=6, kind="hemligt namn")
    case.send("es_start")
    case.signal("larm")
    case.clock.advance(hours=1)
    case.fire("again")
    case.complete("u")
    for token in case.tokens("deep"):
        case.complete_token(token)
    case.complete("un_deep")
    return case


def go_on(case: Run) -> None:
    """Every path that is left is taken to its end."""
    assert case.waits == sorted(
        ["a", "again", "all", "all", "beside", "es_start", "g_message", "g_signal", "g_timer", "r", "un_deep"]
    )
    assert case.seen_from("un_deep")["item"] == 10
    case.complete("un_deep")
    assert case.seen_from("un_u")["mine"] == 7
    case.complete("un_u")
    case.send("es_start")
    case.signal("hemligt namn")
    case.fire_token(case.tokens("again")[0], cycle=1)
    case.complete("beside", n=1)
    case.complete("beside", n=9)
    assert case.happened("rises")[-3:] == ["started", "fired", "completed"]
    case.send("r")
    for token in case.tokens("all"):
        waits = case.waiting[token]
        case.send_token(token) if isinstance(waits, MessageAwaited) else case.fire_token(token)
    assert case.waits == ["a", "again", "es_start"]
    case.complete("a")
    assert case.status is Status.ENDED
    assert set(case.position.scopes) == {""}


def test_everything_that_listens_or_can_be_undone_survives_a_save_and_goes_on(run: Begin) -> None:
    go_on(everything(run))


def test_no_value_stands_in_the_state_of_what_listens(run: Begin) -> None:
    text = everything(run).position.state.decode()

    for word in ("hemligt", "larm", "hej", "R/PT1H", "n > 5"):
        assert word not in text


def test_the_golden_state_of_what_listens_loads_and_goes_on(run: Begin) -> None:
    fresh = everything(run)
    if os.environ.get(WRITE_GOLDEN) == "1":
        GOLDEN.write_bytes(orjson.dumps(_as_file(fresh), option=orjson.OPT_INDENT_2) + b"\n")
    kept = orjson.loads(GOLDEN.read_bytes())
    case = run(EVERYTHING)
    case.clock.advance(hours=1)
    case.position = Position(state=orjson.dumps(kept["state"]), scopes=kept["scopes"])
    waits = {(each.element_id, type(each).__name__): each for each in fresh.waiting.values()}
    case.waiting = {token: _renamed(waits[*name], token) for token, name in kept["waiting"].items()}
    case.events = list(fresh.events)

    assert shape(kept["state"]) == shape(orjson.loads(fresh.position.state)), "a change of shape is a new format"
    go_on(case)


def _as_file(case: Run) -> dict[str, Any]:
    return {
        "state": orjson.loads(case.position.state),
        "scopes": case.position.scopes,
        "waiting": {token: [each.element_id, type(each).__name__] for token, each in case.waiting.items()},
    }


def _renamed(waiting: Any, token: str) -> Any:
    return type(waiting)(**{**vars(waiting), "token": token})


def test_a_repeated_timer_is_read_with_the_cycle_that_it_was_saved_in(run: Begin) -> None:
    case = everything(run)

    armed = case.wait("again")
    assert isinstance(armed, TimerArmed)
    assert (armed.cycle, armed.due.at.isoformat()) == (1, "2026-03-02T10:00:00+00:00")
