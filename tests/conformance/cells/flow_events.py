"""Events in the flow, catching and throwing, and end events (BPMN 2.0.2, 10.5.3, 10.5.4 and 13.5)."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.drawing import AWAITED, CANCEL, TERMINATE, fork, more, task
from tests.conformance.stories import Act, Cell, begins, comes, done, fires, signalled
from tests.factories import (
    boundary,
    catch,
    compensation,
    element,
    end,
    error,
    escalation,
    link,
    message,
    path,
    script,
    signal,
    start,
    subprocess,
    throw,
    undoing,
    user,
)


def waits(kind: str, *story: Act) -> Cell:
    """The event is waited for, and the flow goes on when it has come."""
    drawn = start() + catch("e", AWAITED[kind], **more(kind)) + end() + path("start", "e", "end")
    return Cell(f"catch {kind}", "10.5.4 and 13.5.2", drawn, (begins("start e.started"), *story))


def thrown(kind: str, definition: str, clause: str = "10.5.4 and 13.5.1") -> Cell:
    """The event throws, and the flow goes on at once."""
    drawn = start() + throw("e", definition) + task("a") + end() + path("start", "e", "a", "end")
    return Cell(f"throw {kind}", clause, drawn, (begins("start e.thrown e a end"),))


def ends(kind: str, definition: str, clause: str = "10.5.3") -> Cell:
    """One path ends with the event; the other goes on."""
    drawn = start() + fork("f") + user("a") + end() + end("e", definition) + path("start", "f", "a", "end")
    is_thrown = "" if kind == "none" else "e.thrown "
    story = (begins(f"start f (a.started | {is_thrown}e)"), done("a", "a end"))
    return Cell(f"end {kind}", clause, drawn + path("f", "e"), story)


def in_host(*definition: str, host: str = "subProcess") -> str:
    """A subprocess whose second path ends with the event while the first waits."""
    inside = start("s") + fork("f") + user("in") + end("e", *definition)
    return element(host, "host", inside + path("s", "f", "in") + path("f", "e"))


_AFTER_HOST = end() + task("late") + end("late_end") + path("start", "host", "end") + path("b", "late", "late_end")

CELLS = (
    waits("message", comes("e", "e.caught e end")),
    waits("timer", fires("e", "e.fired e end")),
    waits("signal", signalled("larm", "e.caught e end")),
    waits("multiple", signalled("faran över", "e.caught e end")),
    waits("parallel multiple", signalled("larm", ""), comes("e", "e.caught e end")),
    Cell(
        "catch conditional",
        "10.5.5, table 10.93: triggered when the condition becomes true",
        start() + fork("f") + user("a") + catch("e", AWAITED["conditional"]) + end() + end("end2")
        + path("start", "f", "e", "end") + path("f", "a", "end2"),
        (begins("start f (a.started | e.started)", n=1), done("a", "(a end2 | e.fired e end)", n=2)),
    ),
    Cell(
        "catch none",
        "13.5.2: nothing is waited for",
        start() + catch("e") + end() + path("start", "e", "end"),
        (begins("start e end"),),
    ),
    Cell(
        "catch and throw a link",
        "10.5.5: a pair of link events is one sequence flow",
        start() + throw("out", link("l")) + catch("into", link("l")) + task("a") + path("start", "out") + path("into", "a"),
        (begins("start out.thrown out into.caught into a"),),
    ),
    Cell(
        "catch links of several sources",
        "10.5.5: there can be multiple source link events, but only one target",
        start() + fork("f") + throw("out", link("l")) + throw("out2", link("l")) + catch("into", link("l")) + task("a")
        + path("start", "f", "out") + path("f", "out2") + path("into", "a"),
        (begins("start f (out.thrown out into.caught into a | out2.thrown out2 into.caught into a)"),),
    ),
    Cell(
        "throw none",
        "10.5.4, table 10.89: used to indicate some change of state",
        start() + throw("e") + end() + path("start", "e", "end"),
        (begins("start e end"),),
    ),
    thrown("message", message()),
    thrown("signal", signal()),
    thrown("multiple", message() + signal()),
    thrown("escalation that nobody catches", escalation("x1"), "13.5.1: an uncaught escalation changes nothing"),
    Cell(
        "throw signal that is caught in the same instance",
        "10.5.1 and 13.5.1: a signal is broadcast to all that wait for it",
        start() + fork("f") + catch("c1", signal()) + catch("c2", signal()) + user("a") + throw("e", signal())
        + path("start", "f", "c1") + path("f", "c2") + path("f", "a", "e"),
        (
            begins("start f (c1.started | c2.started | a.started)"),
            done("a", "a e.thrown (e | c1.caught c1 | c2.caught c2)"),
        ),
    ),
    Cell(
        "throw escalation out of a subprocess",
        "10.5.6, table 10.92: the throwing path goes on when what catches does not interrupt",
        start() + subprocess("host", start("s"), throw("e", escalation("x1")), user("in"), path("s", "e", "in"))
        + boundary("b", "host", escalation("x1"), interrupting=False) + _AFTER_HOST,
        (begins("start s e.thrown (e in.started | b.caught b late late_end)"), done("in", "in host end")),
    ),
    ends("none", ""),
    ends("message", message()),
    ends("signal", signal()),
    ends("multiple", message() + signal()),
    ends("escalation", escalation("x1")),
    ends("compensation", compensation(), "10.5.3: with nothing to compensate the path ends"),
    Cell(
        "end error",
        "10.5.3: the error is caught on the border, and all in the subprocess is ended",
        start() + in_host(error("e1")) + boundary("b", "host", error("e1")) + _AFTER_HOST,
        (begins("start s f (in.started | e.thrown) (e | in.cancelled | host.cancelled | b.caught) b late late_end"),),
    ),
    Cell(
        "end error that nobody catches",
        "10.5.1: an error is critical; what is done when nothing catches it is left open, and here it is an incident",
        start() + end("e", error("e1")) + path("start", "e"),
        (begins("start e.failed"),),
        fails="e",
    ),
    Cell(
        "end cancel",
        "10.5.3 and 13.4.2: the transaction is cancelled, its completed activities are compensated",
        start() + element(
            "transaction", "host", start("s"), task("x"), undoing("x", "undo"), element("task", "undo", isForCompensation="true"),
            fork("f"), user("in"), end("e", CANCEL), path("s", "x", "f", "in"), path("f", "e"),
        ) + boundary("b", "host", CANCEL) + _AFTER_HOST,
        (
            begins(
                "start s x f (in.started | e.thrown) in.cancelled c_x.caught (c_x | undo) (e | host.cancelled | b.caught)"
                " b late late_end"
            ),
        ),
    ),
    Cell(
        "end terminate",
        "10.5.3: all activities in the process are ended at once, without compensation",
        start() + fork("f") + user("a") + user("z") + end("e", TERMINATE) + path("start", "f", "a", "e") + path("f", "z"),
        (begins("start f (a.started | z.started)"), done("a", "a e.thrown (e | z.cancelled)")),
    ),
    Cell(
        "end terminate in a subprocess",
        "10.5.3 and 13.5.3: only the subprocess is ended, and the flow goes on from it",
        start() + fork("o") + user("beside") + in_host(TERMINATE) + task("b") + path("start", "o", "host", "b")
        + path("o", "beside"),
        (
            begins(
                "start o (beside.started | s f (in.started | e.thrown) (e | in.cancelled) host b)",
            ),
            done("beside", "beside"),
        ),
    ),
    Cell(
        "end event reached by several tokens",
        "10.5.3: each token that comes is consumed, and the process ends with the last",
        start() + fork("f") + user("a") + user("b") + end() + path("start", "f", "a", "end") + path("f", "b", "end"),
        (begins("start f (a.started | b.started)"), done("b", "b end"), done("a", "a end")),
    ),
    Cell(
        "condition that is true already",
        "10.5.5, table 10.93",
        start() + script("set", "2", "n") + catch("e", AWAITED["conditional"]) + path("start", "set", "e"),
        (begins("start set e.fired e", n=1),),
    ),
)  # fmt: skip
