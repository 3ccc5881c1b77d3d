"""Compensation and transactions: what has been completed is undone, the latest first, with the variables it had."""

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Happened, Status
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.engine.driver import Run
from tests.factories import (
    TERMINATE,
    boundary,
    bpmn,
    call,
    compensation,
    element,
    end,
    error,
    escalation,
    flow,
    inputs_outputs,
    message,
    multi,
    path,
    properties,
    script,
    signal,
    start,
    subprocess,
    throw,
    undoing,
    user,
)

CANCEL = "<bpmn:cancelEventDefinition/>"


def undoable(identity: str, *inside: str, own: str = "") -> str:
    """A user task that the user task `un_…` undoes."""
    undoer = user(f"un_{identity}", isForCompensation="true")
    return user(identity, *inside, own=own) + undoing(identity, f"un_{identity}") + undoer


def counting(identity: str) -> str:
    """A user task that a script undoes, by adding the task's id to the variable `undone`."""
    undoer = script(f"un_{identity}", f'append(undone, "{identity}")', "undone")
    return (
        user(identity) + undoing(identity, f"un_{identity}") + undoer.replace(" id", ' isForCompensation="true" id', 1)
    )


def several(throws: str, *, how: str = "") -> bytes:
    """a, b and c in a row, each undoable; then what throws."""
    tail = throw("t", throws) + user("after") + end() + path("t", "after", "end")
    if how == "end":
        tail = end("t", throws)
    tasks = "".join(undoable(each) for each in ("a", "b", "c"))
    return bpmn(start(), tasks, path("start", "a", "b", "c", "t"), tail)


@pytest.mark.parametrize("how", ["throw", "end"])
def test_all_that_was_completed_is_undone_the_latest_first_and_the_thrower_waits(run: Begin, how: str) -> None:
    case = run(several(compensation(), how=how)).start()
    for each in ("a", "b", "c"):
        case.complete(each)

    for each in ("c", "b", "a"):
        assert case.waits == [f"un_{each}"]
        assert case.happened("t") == ["started", "thrown"]
        assert case.happened(f"c_{each}") == ["started", "caught", "completed"]
        case.complete(f"un_{each}")

    assert case.happened("t") == ["started", "thrown", "completed"]
    assert case.happened("a") == ["started", "completed"]
    if how == "throw":
        assert case.waits == ["after"]
        case.complete("after")
    assert case.status is Status.ENDED


def test_one_activity_alone_is_undone_where_it_is_named(run: Begin) -> None:
    case = run(several(compensation("b"))).start()
    for each in ("a", "b", "c"):
        case.complete(each)
    assert case.waits == ["un_b"]

    case.complete("un_b")

    assert case.waits == ["after"]


def test_what_was_not_completed_is_not_undone_and_what_was_undone_is_not_undone_again(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        undoable("a"),
        undoable("b"),
        throw("t", compensation()),
        throw("t2", compensation()),
        end(),
        end("end2"),
        path("start", "split", "a", "t", "t2", "end"),
        path("split", "b", "end2"),
    )
    case = run(source).start()

    case.complete("a")
    assert case.waits == ["b", "un_a"]
    case.complete("un_a")

    assert case.waits == ["b"]
    assert case.happened("t2") == ["started", "thrown", "completed"]
    case.complete("b")
    assert case.status is Status.ENDED


def test_nothing_waits_for_compensation_when_the_process_has_ended(run: Begin) -> None:
    own = inputs_outputs({"x": "=1"})
    case = run(bpmn(start(), undoable("a", own=own), end(), path("start", "a", "end"))).start()

    case.complete("a")

    assert case.status is Status.ENDED
    assert set(case.position.scopes) == {""}
    assert "c_a" not in {each.element_id for each in case.events}


def test_what_undoes_sees_the_variables_as_its_activity_left_them(run: Begin) -> None:
    own = inputs_outputs({"mine": "=n + 1"})
    source = bpmn(
        start(),
        undoable("a", own=own),
        user("b"),
        throw("t", compensation()),
        end(),
        path("start", "a", "b", "t", "end"),
    )
    case = run(source).start(n=1)
    case.complete("a")

    case.complete("b", n=100, mine=0)

    assert case.seen_from("un_a") == {"n": 100, "mine": 2}
    case.complete("un_a")
    assert case.status is Status.ENDED
    assert set(case.position.scopes) == {""}


def test_each_body_is_undone_with_its_own_variables_the_latest_first(run: Begin) -> None:
    source = bpmn(
        start(), undoable("a", multi("[10, 20, 30]", "item")), throw("t", compensation()), user("after"), end(),
        path("start", "a", "t", "after", "end"),
    )  # fmt: skip
    case = run(source).start()
    first, second, third = case.tokens("a")
    for token in (second, first, third):
        case.complete_token(token)

    seen = []
    while "un_a" in case.waits:
        seen.append(case.seen_from("un_a")["item"])
        case.complete("un_a")

    assert seen == [30, 10, 20]
    assert case.waits == ["after"]


@pytest.mark.parametrize("kind", ["subprocess", "bodies", "call", "nested"])
def test_what_was_completed_inside_is_undone_inside(run: Begin, kind: str) -> None:
    body = start("s"), undoable("a"), undoable("b"), end("e"), path("s", "a", "b", "e")
    called = None
    match kind:
        case "call":
            host, called = call("host", "other"), {"other": bpmn(*body, key="other")}
        case "nested":
            host = subprocess("host", start("s0"), subprocess("inner", *body), end("e0"), path("s0", "inner", "e0"))
        case _:
            host = subprocess("host", *body, *((multi("[1, 2]"),) if kind == "bodies" else ()))
    tail = throw("t", compensation()), user("after"), end(), path("start", "host", "t", "after", "end")
    case = run(bpmn(start(), host, *tail), called=called).start()
    for each in ("a", "b"):
        for token in case.tokens(each):
            case.complete_token(token)
    assert case.happened("host")[-1] == "completed"

    undone = []
    while case.waits != ["after"]:
        (waits,) = case.waits
        undone.append(waits)
        case.complete(waits)

    assert undone == ["un_b", "un_a"] * (2 if kind == "bodies" else 1)
    case.complete("after")
    assert case.status is Status.ENDED
    assert set(case.position.scopes) == {""}


def test_a_subprocess_is_undone_in_its_place_among_the_others(run: Begin) -> None:
    host = subprocess("host", start("s"), undoable("b"), end("e"), path("s", "b", "e"))
    tail = throw("t", compensation()), end(), path("start", "a", "host", "c", "t", "end")
    case = run(bpmn(start(), undoable("a"), host, undoable("c"), *tail)).start()
    for each in ("a", "b", "c"):
        case.complete(each)

    for each in ("un_c", "un_b", "un_a"):
        assert case.waits == [each]
        case.complete(each)

    assert case.status is Status.ENDED


def test_what_stands_behind_the_border_of_a_subprocess_undoes_it_as_a_whole(run: Begin) -> None:
    own = inputs_outputs({"mine": "=1"})
    host = subprocess("host", start("s"), undoable("a"), end("e"), path("s", "a", "e"), own=own)
    undoer = user("un_host", isForCompensation="true") + undoing("host", "un_host")
    tail = throw("t", compensation("host")), end(), path("start", "host", "t", "end")
    case = run(bpmn(start(), host, undoer, *tail)).start()

    case.complete("a", mine=2)

    assert case.waits == ["un_host"]
    assert case.seen_from("un_host") == {"mine": 2}
    case.complete("un_host")
    assert case.status is Status.ENDED


def test_a_compensation_event_subprocess_undoes_its_scope_and_sees_what_it_left(run: Begin) -> None:
    undoes = subprocess(
        "es", start("es_start", compensation()), user("first"), throw("inner_t", compensation()), end("es_end"),
        path("es_start", "first", "inner_t", "es_end"), triggeredByEvent="true",
    )  # fmt: skip
    own = inputs_outputs({"mine": "=1"})
    host = subprocess("host", start("s"), undoable("a"), undoes, end("e"), path("s", "a", "e"), own=own)
    tail = throw("t", compensation()), user("after"), end(), path("start", "host", "t", "after", "end")
    case = run(bpmn(start(), host, *tail)).start()
    assert case.waits == ["a"]

    case.complete("a", mine=5)
    assert case.waits == ["first"]
    assert case.seen_from("first") == {"mine": 5}
    assert case.happened("es_start") == ["started", "caught", "completed"]
    case.complete("first")
    assert case.waits == ["un_a"]
    case.complete("un_a")

    assert case.waits == ["after"]
    assert set(case.position.scopes) == {""}


def test_an_event_subprocess_undoes_what_it_interrupted_around_it(run: Begin) -> None:
    es = subprocess(
        "es", start("stop", message()), throw("t", compensation()), user("last"), end("es_end"),
        path("stop", "t", "last", "es_end"), triggeredByEvent="true",
    )  # fmt: skip
    case = run(bpmn(start(), undoable("a"), user("b"), end(), path("start", "a", "b", "end"), es)).start()
    case.complete("a")

    case.send("stop")

    assert case.waits == ["un_a"]
    case.complete("un_a")
    assert case.waits == ["last"]
    case.complete("last")
    assert case.status is Status.ENDED


def test_what_undoes_may_be_anything_that_an_activity_may_be(run: Begin) -> None:
    undoer = subprocess(
        "un_a", start("us"), user("u", multi("[1, 2]")), end("ue"), path("us", "u", "ue"), isForCompensation="true"
    )
    parts = start(), user("a"), undoing("a", "un_a"), undoer, throw("t", compensation()), end()
    case = run(bpmn(*parts, path("start", "a", "t", "end"))).start()
    case.complete("a")
    assert case.waits == ["u", "u"]

    case.complete("u")
    case.complete("u")

    assert case.status is Status.ENDED


def test_scripts_undo_in_one_step(run: Begin) -> None:
    tasks = "".join(counting(each) for each in ("a", "b"))
    case = run(bpmn(start(), tasks, end("t", compensation()), path("start", "a", "b", "t"))).start(undone=[])
    case.complete("a")

    case.complete("b")

    assert case.status is Status.ENDED
    assert case.variables == {"undone": ["b", "a"]}


def test_undoing_that_fails_stands_still_and_can_be_tried_again(run: Begin) -> None:
    tasks = "".join(counting(each) for each in ("a", "b"))
    case = run(bpmn(start(), tasks, end("t", compensation()), path("start", "a", "b", "t"))).start()
    case.complete("a")
    case.complete("b")
    assert case.failures() == [("un_b", "engine.feel_unknown_name")]

    case.correct(undone=[])
    case.retry("un_b")

    assert case.status is Status.ENDED
    assert case.variables == {"undone": ["b", "a"]}


def test_what_interrupts_the_thrower_ends_its_compensation(run: Begin) -> None:
    host = subprocess(
        "host",
        start("s"),
        undoable("a"),
        undoable("b"),
        throw("t", compensation()),
        end("e"),
        path("s", "a", "b", "t", "e"),
    )
    border = boundary("x", "host", signal()) + flow("x", "late") + user("late") + end("end2") + flow("late", "end2")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border)).start()
    case.complete("a")
    case.complete("b")

    case.signal("larm")

    assert case.waits == ["late"]
    assert case.happened("un_b") == ["started", "cancelled"]
    assert case.happened("t")[-1] == "cancelled"


def test_a_terminated_scope_has_nothing_left_to_undo(run: Begin) -> None:
    host = subprocess("host", start("s"), undoable("a"), end("e", TERMINATE), path("s", "a", "e"))
    tail = throw("t", compensation()), user("after"), end(), path("start", "host", "t", "after", "end")
    case = run(bpmn(start(), host, *tail)).start()

    case.complete("a")

    assert case.waits == ["after"]
    assert set(case.position.scopes) == {""}


def test_a_scope_that_was_interrupted_has_nothing_to_undo(run: Begin) -> None:
    host = subprocess("host", start("s"), undoable("a"), end("e", error("e1")), path("s", "a", "e"))
    border = boundary("x", "host", error()) + flow("x", "t")
    tail = throw("t", compensation()), user("after"), end(), end("end2")
    case = run(bpmn(start(), host, border, *tail, path("start", "host", "end2"), path("t", "after", "end"))).start()

    case.complete("a")

    assert case.waits == ["after"]


def test_a_cancelled_instance_keeps_nothing(run: Begin) -> None:
    case = run(several(compensation())).start()
    case.complete("a")

    case.cancel()

    assert (case.status, case.waits) == (Status.CANCELLED, [])
    assert case.last is not None
    assert case.happened("a") == ["started", "completed"]


# Transactions


def transaction(*more: str, ends: str = CANCEL) -> str:
    """Two undoable tasks, one beside, and an end that cancels where `bad`."""
    return element(
        "transaction",
        "host",
        start("s"),
        element("parallelGateway", "split"),
        user("beside"),
        end("e_beside"),
        undoable("a"),
        undoable("b"),
        element("exclusiveGateway", "x", default="x_e"),
        end("cancelled", ends),
        end("e"),
        path("s", "split", "a", "b", "x", "e"),
        path("split", "beside", "e_beside"),
        flow("x", "cancelled", "bad"),
        *more,
    )


def around(host: str, *more: str) -> bytes:
    border = boundary("x_cancel", "host", CANCEL) + flow("x_cancel", "late") + user("late") + end("end2")
    parts = start(), host, user("after"), end(), path("start", "host", "after", "end"), border, flow("late", "end2")
    return bpmn(*parts, *more)


def two_done(case: Run) -> Run:
    case.complete("a")
    case.complete("b")
    return case


def test_a_cancelled_transaction_undoes_what_was_completed_before_it_goes_on(run: Begin) -> None:
    case = two_done(run(around(transaction())).start(bad=True))

    assert case.waits == ["un_b"], "what went on beside is cancelled first"
    assert case.happened("beside") == ["started", "cancelled"]
    assert case.happened("host") == ["started"]
    case.complete("un_b")
    assert case.waits == ["un_a"]
    case.complete("un_a")

    assert case.waits == ["late"]
    assert case.happened("cancelled") == ["started", "thrown", "completed"]
    assert case.happened("x_cancel") == ["started", "caught", "completed"]
    assert case.happened("host") == ["started", "cancelled"]
    case.complete("late")
    assert case.status is Status.ENDED
    assert set(case.position.scopes) == {""}


def test_a_transaction_with_nothing_to_undo_is_cancelled_at_once(run: Begin) -> None:
    host = element("transaction", "host", start("s"), user("a"), end("cancelled", CANCEL), path("s", "a", "cancelled"))
    case = run(around(host)).start()

    case.complete("a")

    assert case.waits == ["late"]


def test_a_transaction_that_ends_well_is_a_subprocess(run: Begin) -> None:
    case = two_done(run(around(transaction())).start(bad=False))
    case.complete("beside")

    assert case.waits == ["after"]
    assert case.happened("host") == ["started", "completed"]


def test_an_error_out_of_a_transaction_undoes_nothing(run: Begin) -> None:
    hazard = boundary("hazard", "host", error()) + flow("hazard", "oh") + user("oh") + end("end3") + flow("oh", "end3")
    source = around(transaction(ends=error("e1")), hazard).replace(boundary("x_cancel", "host", CANCEL).encode(), b"")
    source = (
        source.replace(flow("x_cancel", "late").encode(), b"")
        .replace(user("late").encode() + end("end2").encode(), b"")
        .replace(flow("late", "end2").encode(), b"")
    )
    case = two_done(run(source).start(bad=True))

    assert case.waits == ["oh"]
    assert case.happened("un_b") == []


def test_a_completed_transaction_can_be_undone_from_outside(run: Begin) -> None:
    tail = throw("t", compensation("host")) + user("last") + path("after", "t", "last", "end")
    source = around(transaction()).replace(flow("after", "end").encode(), tail.encode())
    case = two_done(run(source).start(bad=False))
    case.complete("beside")
    case.complete("after")

    assert case.waits == ["un_b"]
    case.complete("un_b")
    case.complete("un_a")
    assert case.waits == ["last"]


def test_a_transaction_inside_a_transaction_is_undone_with_it(run: Begin) -> None:
    inner = element("transaction", "inner", start("s2"), undoable("z"), end("e_in"), path("s2", "z", "e_in"))
    host = element(
        "transaction",
        "host",
        start("s"),
        inner,
        undoable("a"),
        end("cancelled", CANCEL),
        path("s", "inner", "a", "cancelled"),
    )
    case = run(around(host)).start()
    case.complete("z")
    case.complete("a")

    for each in ("un_a", "un_z"):
        assert case.waits == [each]
        case.complete(each)

    assert case.waits == ["late"]


def test_an_escalation_from_what_undoes_is_caught_outside(run: Begin) -> None:
    undoer = subprocess("un_a", start("us"), end("ue", escalation("x1")), path("us", "ue"), isForCompensation="true")
    host = subprocess(
        "host", start("s"), user("a"), undoing("a", "un_a"), undoer, end("t", compensation()), path("s", "a", "t")
    )
    border = boundary("x", "host", escalation(), interrupting=False) + flow("x", "late") + user("late") + end("end2")
    case = run(bpmn(start(), host, end(), path("start", "host", "end"), border, flow("late", "end2"))).start()

    case.complete("a")

    assert case.waits == ["late"]
    assert [each.element_id for each in case.events if each.happened is Happened.CANCELLED] == []


UNDOES = subprocess("{0}", start("{0}s", compensation()), end("{0}e"), flow("{0}s", "{0}e"), triggeredByEvent="true")
NO_WAIT = compensation().replace("/>", ' waitForCompletion="false"/>')


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((user("a"), boundary("c", "a", compensation())), "event.compensation"),
        ((user("a"), undoing("a", "u"), user("u"), flow("u", "end")), "event.compensation"),
        ((undoable("a"), flow("un_a", "end")), "activity.for_compensation"),
        ((user("a"), throw("t", compensation("a")), path("a", "t", "end")), "event.compensation_of_what"),
        ((undoable("a"), throw("t", NO_WAIT), path("a", "t", "end")), "event.compensation_waits"),
        ((user("a"), end("x", CANCEL), flow("a", "x")), "event.cancel"),
        ((user("a"), boundary("x", "a", CANCEL), flow("x", "end")), "event.cancel"),
        ((element("transaction", "a", start("s"), end("e", CANCEL), flow("s", "e")),), "event.cancel"),
        ((user("a"), UNDOES.format("x"), UNDOES.format("y")), "event_subprocess.compensation"),
    ],
    ids=["no undoer", "no mark", "in the flow", "no event", "no waiting", "elsewhere", "a task", "no catch", "twice"],
)  # fmt: skip
def test_what_cannot_be_undone_as_drawn_is_refused(parts: tuple[str, ...], code: str, shared_feel: Feel) -> None:
    source = bpmn(start(), flow("start", "a"), flow("a", "end"), end(), *parts)

    problems = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    assert code in {each.code for each in problems if each.severity == "refused"}


def test_a_cancel_whose_end_fails_has_told_of_all_that_it_ended(run: Begin) -> None:
    failing = end("cancelled", CANCEL, own=properties(end_said="=missing"))
    host = element(
        "transaction", "host", start("s"), element("parallelGateway", "split"), user("beside"), end("e_beside"),
        user("a"), failing, path("s", "split", "a", "cancelled"), path("split", "beside", "e_beside"),
    )  # fmt: skip
    case = run(around(host)).start()
    case.complete("a")
    assert (case.failures(), case.waits) == ([("cancelled", "engine.feel_unknown_name")], [])
    assert case.happened("beside") == ["started", "cancelled"]

    case.correct(missing=1)
    case.retry("cancelled")

    assert case.waits == ["late"]


def test_a_join_does_not_wait_for_what_is_kept_to_be_undone(run: Begin) -> None:
    source = bpmn(
        start(),
        element("parallelGateway", "split"),
        undoable("a"),
        undoable("b"),
        element("inclusiveGateway", "join"),
        user("after"),
        throw("t", compensation()),
        end(),
        path("start", "split", "a", "join", "after", "t", "end"),
        path("split", "b", "join"),
    )
    case = run(source).start()
    case.complete("a")
    case.complete("b")
    assert case.waits == ["after"]

    case.complete("after")

    assert case.waits == ["un_b"]


def test_what_an_ad_hoc_subprocess_completed_can_be_undone(run: Begin) -> None:
    ad_hoc = element("adHocSubProcess", "host", undoable("a"), undoable("b"))
    tail = throw("t", compensation()), user("after"), end(), path("start", "host", "t", "after", "end")
    case = run(bpmn(start(), ad_hoc, *tail)).start()
    case.complete("b")
    case.complete("a")

    for each in ("un_a", "un_b"):
        assert case.waits == [each]
        case.complete(each)

    assert case.waits == ["after"]


def test_each_lap_of_a_loop_is_undone_the_latest_first(run: Begin) -> None:
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    source = bpmn(start(), undoable("a", loop), throw("t", compensation()), end(), path("start", "a", "t", "end"))
    case = run(source).start()
    for _ in range(3):
        case.complete("a")

    seen = []
    while "un_a" in case.waits:
        seen.append(case.seen_from("un_a")["loopCounter"])
        case.complete("un_a")

    assert seen == [2, 1, 0]
    assert case.status is Status.ENDED
