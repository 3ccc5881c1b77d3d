"""Events that meet scopes inside each other: called processes, bodies of loops, handlers that run on (BPMN 2.0.2, 10.5.7,
13.3 and 13.5)."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.compensation import back, undo
from tests.conformance.cells.drawing import TERMINATE, fork, task
from tests.conformance.stories import Cell, begins, broken, comes, done, fires, signalled
from tests.factories import (
    boundary,
    call,
    catch,
    compensation,
    condition,
    element,
    end,
    error,
    escalation,
    laps,
    message,
    multi,
    path,
    signal,
    start,
    subprocess,
    throw,
    timer,
    user,
)

_AFTER = end() + task("late") + path("start", "host", "end") + path("b", "late")
_COMPLEX = (
    '<bpmn:multiInstanceLoopCharacteristics behavior="Complex"><bpmn:loopCardinality>2</bpmn:loopCardinality>'
    "<bpmn:complexBehaviorDefinition><bpmn:condition>nrOfCompletedInstances = 1</bpmn:condition>"
    '<bpmn:event id="ev"><bpmn:signalEventDefinition id="bd" signalRef="sg"/></bpmn:event></bpmn:complexBehaviorDefinition>'
    "</bpmn:multiInstanceLoopCharacteristics>"
)


def handler(definition: str, *inside: str, interrupting: bool = True, ends: str = "") -> str:
    """An event subprocess that waits for a person, or that holds something else."""
    given = {} if interrupting else {"isInterrupting": "false"}
    held = "".join(inside) or user("h") + path("hs", "h")
    return subprocess("es", start("hs", definition, **given), held, ends, triggeredByEvent="true")


CELLS = (
    Cell(
        "error out of a called process",
        "10.5.7: an error goes to the enclosing activity, also over a call",
        start() + call("host", "errs") + boundary("b", "host", error("e1")) + _AFTER,
        (begins("start k_s k.started"), done("k", "k k_e.thrown (k_e | host.cancelled | b.caught) b late")),
        called={"errs": start("k_s") + user("k") + end("k_e", error("e1")) + path("k_s", "k", "k_e")},
    ),
    Cell(
        "escalation out of a called process",
        "10.5.7 and 10.5.6: what is called goes on",
        start() + call("host", "escalates") + boundary("b", "host", escalation("x1"), interrupting=False) + _AFTER,
        (begins("start k_s k_t.thrown (k_t k.started | b.caught b late)"), done("k", "k host end")),
        called={"escalates": start("k_s") + throw("k_t", escalation("x1")) + user("k") + path("k_s", "k_t", "k")},
    ),
    Cell(
        "signal into a called process",
        "10.5.1: a signal has no scope",
        start() + call("host", "listens") + end() + path("start", "host", "end"),
        (begins("start k_s k_c.started"), signalled("larm", "k_c.caught k_c host end")),
        called={"listens": (start("k_s") + catch("k_c", signal()) + path("k_s", "k_c"))},
    ),
    Cell(
        "terminate in a called process",
        "10.5.3: only the process in which it stands is ended",
        start() + call("host", "stops") + end() + path("start", "host", "end"),
        (begins("start k_s k_f (k.started | k_e.thrown) (k_e | k.cancelled) host end"),),
        called={"stops": start("k_s") + fork("k_f") + user("k") + end("k_e", TERMINATE) + path("k_s", "k_f", "k") + path("k_f", "k_e")},
    ),
    Cell(
        "terminate in one body of several",
        "13.3.7 and 10.5.3: each instance is a scope of its own",
        start() + subprocess("host", multi("=[1, 2]", "i"), start("s"), fork("f"), user("x"), user("y"), end("e", TERMINATE),
                             path("s", "f", "x", "e"), path("f", "y")) + end() + path("start", "host", "end"),
        (
            begins("start (s f (x.started | y.started) | s f (x.started | y.started))"),
            done("x", "x e.thrown (e | y.cancelled) host"),
            done("x", "x e.thrown (e | y.cancelled) host host end"),
        ),
    ),
    Cell(
        "error in one body ends all of them",
        "13.3.7 and 10.5.7: the border is that of the whole",
        start() + element("serviceTask", "host", multi("=[1, 2]", "i"), camunda_type="external", camunda_topic="t")
        + boundary("b", "host", error("e1")) + _AFTER,
        (
            begins("start host.started (host.started | host.started)"),
            broken("host", "E1", "(host.cancelled host.cancelled host.cancelled | b.caught) b late"),
        ),
    ),
    Cell(
        "error caught inside one body",
        "13.5.4: the event subprocess of the body ends that body alone",
        start() + subprocess(
            "host", multi("=[1, 2]", "i"), start("s"), user("x"), end("e", error("e1")), path("s", "x", "e"), handler(error("e1")),
        ) + end() + path("start", "host", "end"),
        (
            begins("start (s x.started | s x.started)"),
            done("x", "x e.thrown (e | hs.caught hs h.started)"),
            done("h", "h es host"),
            done("x", "x e.thrown (e | hs.caught hs h.started)"),
            done("h", "h es host host end"),
        ),
    ),
    Cell(
        "error out of an event subprocess",
        "10.5.7 and 13.5.4: what a handler throws is caught outside of its scope",
        start() + subprocess(
            "host", start("s"), user("x"), path("s", "x"), handler(message(), end("he", error("e1")), path("hs", "he")),
        ) + boundary("b", "host", error("e1")) + _AFTER,
        (
            begins("start s x.started"),
            comes("hs", "(x.cancelled | hs.caught hs he.thrown) (he | es.cancelled | host.cancelled | b.caught) b late"),
        ),
    ),
    Cell(
        "handler that outlives the flow",
        "13.5.4: the scope is not completed before its non-interrupting handlers are",
        start() + subprocess("host", start("s"), user("x"), path("s", "x"), handler(message(), interrupting=False)) + end()
        + path("start", "host", "end"),
        (
            begins("start s x.started"),
            comes("hs", "hs.caught hs h.started"),
            done("x", "x"),
            done("h", "h es host end"),
        ),
    ),
    Cell(
        "handler that nothing sets off",
        "13.5.4: a handler that waits does not hold its scope",
        start() + user("a") + end() + path("start", "a", "end") + handler(message(), interrupting=False),
        (begins("start a.started"), done("a", "a end")),
    ),
    Cell(
        "handler that undoes its scope",
        "10.7.1 and 13.5.5: an event subprocess compensates the activities of the scope around it",
        start() + subprocess(
            "host", start("s"), task("x"), undo("x"), user("y"), end("e", error("e1")), path("s", "x", "y", "e"),
            handler(error("e1"), throw("ht", compensation()), end("he"), path("hs", "ht", "he")),
        ) + end() + path("start", "host", "end"),
        (
            begins("start s x y.started"),
            done("y", f"y e.thrown (e | hs.caught hs ht.thrown) {back('x')} ht he es host end"),
        ),
    ),
    Cell(
        "compensation of a called process",
        "13.5.5: default compensation of what was called",
        start() + call("host", "undone") + throw("t", compensation("host")) + end() + path("start", "host", "t", "end"),
        (begins(f"start k_s x k_e host t.thrown {back('x')} t end"),),
        called={"undone": start("k_s") + task("x") + undo("x") + end("k_e") + path("k_s", "x", "k_e")},
    ),
    Cell(
        "compensation of what was interrupted",
        "13.5.5: an activity that was not completed is not compensated, nor what was completed in it",
        start() + subprocess("host", start("s"), task("x"), undo("x"), user("y"), path("s", "x", "y"))
        + boundary("b", "host", timer("PT1H")) + throw("t", compensation()) + end() + path("start", "host", "end") + path("b", "t"),
        (begins("start s x y.started"), fires("b", "(y.cancelled | host.cancelled | b.fired) b t.thrown t")),
    ),
    Cell(
        "border within border",
        "13.5.3: an inner event leaves what is around it as it was",
        start() + subprocess("host", start("s"), user("x"), boundary("bx", "x", timer("PT1H")), user("z"), path("s", "x"), path("bx", "z"))
        + boundary("b", "host", message()) + _AFTER,
        (begins("start s x.started"), fires("bx", "(x.cancelled | bx.fired) bx z.started"), done("z", "z host end")),
    ),
    Cell(
        "first of two borders",
        "13.5.3: what interrupts takes all other events of the activity with it",
        start() + user("host") + boundary("b", "host", message()) + boundary("b2", "host", timer("PT1H")) + task("no") + path("b2", "no")
        + _AFTER,
        (begins("start host.started"), comes("b", "(host.cancelled | b.caught) b late")),
    ),
    Cell(
        "two subprocesses at once",
        "13.3.4: an escalation is caught on the border of its own",
        start() + fork("f") + subprocess("h1", start("s1"), user("x"), throw("t1", escalation("x1")), path("s1", "x", "t1"))
        + subprocess("h2", start("s2"), user("y"), path("s2", "y")) + boundary("b1", "h1", escalation("x1"), interrupting=False)
        + boundary("b2", "h2", escalation("x1")) + task("l1") + task("l2") + path("start", "f", "h1") + path("f", "h2") + path("b1", "l1")
        + path("b2", "l2"),
        (
            begins("start f (s1 x.started | s2 y.started)"),
            done("x", "x t1.thrown (t1 h1 | b1.caught b1 l1)"),
            done("y", "y h2"),
        ),
    ),
    Cell(
        "multi-instance with complex behavior",
        "table 10.29: the event is thrown where its condition holds",
        start() + user("host", _COMPLEX) + boundary("b", "host", signal(), interrupting=False) + _AFTER,
        (
            begins("start host.started (host.started | host.started)"),
            done("host", "host host.thrown b.caught b late"),
            done("host", "host host end"),
        ),
    ),
    Cell(
        "condition that becomes true again",
        "10.5.5, table 10.93, and 13.5.3: a non-interrupting event happens each time the condition becomes true",
        start() + fork("f") + user("host") + boundary("b", "host", condition("n > 1"), interrupting=False) + task("late")
        + user("a", laps(most=3)) + path("start", "f", "host") + path("f", "a") + path("b", "late"),
        (
            begins("start f", n=1),
            done("a", "a b.fired b late", n=2),
            done("a", "a", n=0),
            done("a", "a (a | b.fired b late)", n=3),
            done("host", "host"),
        ),
    ),
    Cell(
        "handler that interrupts another handler",
        "13.5.4: an interrupting event subprocess ends everything else in its scope",
        start() + user("a") + path("start", "a") + handler(message(), interrupting=False)
        + subprocess("es2", start("hs2", message("m2")), user("h2"), path("hs2", "h2"), triggeredByEvent="true"),
        (
            begins("start a.started"),
            comes("hs", "hs.caught hs h.started"),
            comes("hs2", "(a.cancelled | h.cancelled | es.cancelled | hs2.caught hs2 h2.started)"),
            done("h2", "h2 es2"),
        ),
    ),
    Cell(
        "one signal to all that wait for it",
        "10.5.1: all catching events in reach are triggered",
        start() + fork("f") + catch("c", signal()) + user("x") + boundary("b", "x", signal(), interrupting=False) + task("l")
        + subprocess("host", start("s"), catch("deep", signal()), path("s", "deep")) + path("start", "f", "c") + path("f", "x")
        + path("f", "host") + path("b", "l") + handler(signal(), interrupting=False),
        (
            begins("start f (c.started | x.started | s deep.started)"),
            signalled("larm", "(c.caught c | b.caught b l | deep.caught deep host | hs.caught hs h.started)"),
            done("h", "h es"),
            done("x", "x"),
        ),
    ),
    Cell(
        "escalation caught by any code, interrupting",
        "10.5.6, table 10.92",
        start() + subprocess("host", start("s"), user("x"), throw("t", escalation("x2")), user("y"), path("s", "x", "t", "y"))
        + boundary("b", "host", escalation()) + _AFTER,
        (begins("start s x.started"), done("x", "x t.thrown (t | host.cancelled | b.caught) b late")),
    ),
    Cell(
        "event-based gateway with a condition",
        "10.6.6 and 13.4.4",
        start() + fork("f") + user("a") + element("eventBasedGateway", "g") + catch("c", condition("n > 1")) + catch("t", timer("PT1H"))
        + task("x") + path("start", "f", "a") + path("f", "g", "c", "x") + path("g", "t"),
        (begins("start f a.started", n=1), done("a", "(a | g | c.fired c x)", n=2)),
    ),
    Cell(
        "terminate while a handler runs",
        "10.5.3: everything in the process is ended, its event subprocesses too",
        start() + user("a") + end("e", TERMINATE) + path("start", "a", "e") + handler(message(), interrupting=False),
        (
            begins("start a.started"),
            comes("hs", "hs.caught hs h.started"),
            done("a", "a e.thrown (e | h.cancelled es.cancelled)"),
        ),
    ),
    Cell(
        "handler inside a handler",
        "13.5.4: an event subprocess is a scope with handlers of its own",
        start() + user("a") + path("start", "a") + subprocess(
            "es", start("hs", message(), isInterrupting="false"), user("h"), path("hs", "h"),
            subprocess("deep", start("ds", timer("PT1H"), isInterrupting="false"), user("d"), path("ds", "d"), triggeredByEvent="true"),
            triggeredByEvent="true",
        ),
        (
            begins("start a.started"),
            comes("hs", "hs.caught hs h.started"),
            fires("ds", "ds.fired ds d.started"),
            done("h", "h"),
            done("d", "d deep es"),
            done("a", "a"),
        ),
    ),
    Cell(
        "border of a receive task",
        "13.5.3",
        start() + element("receiveTask", "host", messageRef="m") + boundary("b", "host", timer("PT1H")) + _AFTER,
        (begins("start host.started"), fires("b", "(host.cancelled | b.fired) b late")),
    ),
    Cell(
        "timer that repeats itself sets off handlers",
        "10.5.5, table 10.101, and 13.5.4",
        start() + user("a") + path("start", "a") + handler(timer("R2/PT1H", "timeCycle"), interrupting=False),
        (
            begins("start a.started"),
            fires("hs", "hs.fired hs h.started"),
            fires("hs", "hs.fired hs h.started"),
            done("a", "a"),
            done("h", "h es"),
            done("h", "h es"),
        ),
    ),
)  # fmt: skip
