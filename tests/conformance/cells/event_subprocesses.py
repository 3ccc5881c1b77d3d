"""Event subprocesses: their start events, interrupting or not, in a process and in a subprocess (BPMN 2.0.2, 10.3.5,
10.5.2, table 10.86, and 13.5.4)."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.drawing import AWAITED, fork, more, task
from tests.conformance.stories import Act, Cell, begins, broken, comes, done, fires, signalled
from tests.factories import (
    TERMINATE,
    boundary,
    compensation,
    element,
    end,
    error,
    escalation,
    message,
    path,
    script,
    start,
    subprocess,
    throw,
    timer,
    user,
)

_CLAUSE = "10.5.2, table 10.86, and 13.5.4"


def beside(definition: str, *, interrupting: bool, identity: str = "es", **attributes: str) -> str:
    """An event subprocess with one task inside."""
    given = attributes | ({} if interrupting else {"isInterrupting": "false"})
    inside = start("es_start", definition, **given) + user("es_in") + end("es_end")
    return subprocess(identity, inside, path("es_start", "es_in", "es_end"), triggeredByEvent="true")


def both(kind: str, *before: Act, happened: str, by: Act) -> tuple[Cell, Cell]:
    """One that interrupts ends everything else in the process, which ends with it; the other runs beside."""
    sets_off = f"es_start.{happened} es_start es_in.started"
    flow = start() + user("host") + end() + path("start", "host", "end")
    return (
        Cell(
            f"event subprocess {kind}",
            _CLAUSE,
            flow + beside(AWAITED[kind], interrupting=True, **more(kind)),
            (
                begins("start"),
                *before,
                Act(by.verb, by.what, f"(host.cancelled | {sets_off})"),
                done("es_in", "es_in es_end es"),
            ),
        ),
        Cell(
            f"event subprocess {kind}, not interrupting",
            _CLAUSE,
            flow + beside(AWAITED[kind], interrupting=False, **more(kind)),
            (
                begins("start"),
                *before,
                Act(by.verb, by.what, sets_off),
                done("host", "host end"),
                done("es_in", "es_in es_end es"),
            ),
        ),
    )


def conditional(*, interrupting: bool) -> Cell:
    """A path of the process writes what the condition sees."""
    parts = start() + fork("f") + user("host") + user("a") + script("set", "2", "n") + path("start", "f", "host")
    parts += path("f", "a", "set") + beside(AWAITED["conditional"], interrupting=interrupting)
    sets_off = "es_start.fired es_start es_in.started"
    then = f"a set (host.cancelled | {sets_off})" if interrupting else f"a set {sets_off}"
    story = [begins("start f (host.started | a.started)", n=1), done("a", then)]
    story += [] if interrupting else [done("host", "host")]
    name = "event subprocess conditional" + ("" if interrupting else ", not interrupting")
    return Cell(name, _CLAUSE + ", and 10.5.5", parts, (*story, done("es_in", "es_in es_end es")))


def escalated(*, interrupting: bool) -> Cell:
    """The subprocess escalates to its own event subprocess."""
    inside = start("s") + user("in") + throw("e", escalation("x1")) + task("on") + path("s", "in", "e", "on")
    parts = start() + subprocess("host", inside, beside(escalation("x1"), interrupting=interrupting)) + end()
    sets_off = "es_start.caught es_start es_in.started"
    then = f"in e.thrown (e | {sets_off})" if interrupting else f"in e.thrown (e on | {sets_off})"
    name = "event subprocess escalation" + ("" if interrupting else ", not interrupting")
    story = (begins("start s in.started"), done("in", then), done("es_in", "es_in es_end es host end"))
    return Cell(name, _CLAUSE, parts + path("start", "host", "end"), story)


def compensated(*, interrupting: bool) -> Cell:
    """It undoes the subprocess that was completed."""
    inside = start("s") + task("x") + path("s", "x")
    undoes = start("es_start", compensation(), **({} if interrupting else {"isInterrupting": "false"}))
    undoes += task("undo") + path("es_start", "undo")
    parts = start() + subprocess("host", inside, subprocess("es", undoes, triggeredByEvent="true"))
    parts += user("a") + throw("c", compensation("host")) + end() + path("start", "host", "a", "c", "end")
    name = "event subprocess compensation" + ("" if interrupting else ", not interrupting")
    story = (begins("start s x host a.started"), done("a", "a c.thrown es_start.caught es_start undo es c end"))
    return Cell(name, "10.7.1 and 13.5.5: a compensation event subprocess", parts, story)


CELLS = (
    *both("message", happened="caught", by=comes("es_start", "")),
    *both("timer", happened="fired", by=fires("es_start", "")),
    *both("signal", happened="caught", by=signalled("larm", "")),
    *both("multiple", happened="caught", by=signalled("faran över", "")),
    *both("parallel multiple", signalled("larm", ""), happened="caught", by=comes("es_start", "")),
    conditional(interrupting=True),
    conditional(interrupting=False),
    escalated(interrupting=True),
    escalated(interrupting=False),
    compensated(interrupting=True),
    compensated(interrupting=False),
    Cell(
        "event subprocess error",
        "10.5.2, table 10.86, and 13.5.4: the flow goes on from the subprocess as if it had been completed",
        start() + subprocess(
            "host", start("s"), element("serviceTask", "x", camunda_type="external", camunda_topic="t"), fork("f"),
            user("y"), path("s", "f", "x"), path("f", "y"), beside(error("e1"), interrupting=True),
        ) + task("next") + path("start", "host", "next"),
        (
            begins("start s f (x.started | y.started)"),
            broken("x", "E1", "(x.cancelled | y.cancelled | es_start.caught es_start es_in.started)"),
            done("es_in", "es_in es_end es host next"),
        ),
    ),
    Cell(
        "event subprocess error catches before the border",
        "10.5.7: the innermost enclosing scope that can catch it catches the error",
        start() + subprocess(
            "host", start("s"), user("in"), end("e", error("e1")), path("s", "in", "e"), beside(error("e1"), interrupting=True),
        ) + boundary("b", "host", error("e1")) + task("late") + task("next") + path("start", "host", "next")
        + path("b", "late"),
        (
            begins("start s in.started"),
            done("in", "in e.thrown (e | es_start.caught es_start es_in.started)"),
            done("es_in", "es_in es_end es host next"),
        ),
    ),
    Cell(
        "event subprocess that runs twice",
        "13.5.4: a non-interrupting event subprocess may be started again, also while it runs",
        start() + user("host") + beside(message(), interrupting=False) + path("start", "host"),
        (
            begins("start"),
            comes("es_start", "es_start.caught es_start es_in.started"),
            comes("es_start", "es_start.caught es_start es_in.started"),
            done("host", "host"),
            done("es_in", "es_in es_end es"),
            done("es_in", "es_in es_end es"),
        ),
    ),
    Cell(
        "event subprocess is not armed in a scope that has not begun",
        "13.5.4: its start event is enabled while the scope around it is active",
        start() + user("a") + subprocess("host", start("s"), user("in"), path("s", "in"), beside(timer("PT1H"), interrupting=True))
        + end() + path("start", "a", "host", "end"),
        (
            begins("start a.started"),
            done("a", "a s in.started"),
            fires("es_start", "(in.cancelled | es_start.fired es_start es_in.started)"),
            done("es_in", "es_in es_end es host end"),
        ),
    ),
    Cell(
        "event subprocess that terminates only itself",
        "10.5.3 and 13.5.4: the terminate end event ends the scope that it stands in",
        start() + user("host") + path("start", "host") + subprocess(
            "es", start("es_start", message(), isInterrupting="false"), fork("f"), user("x"), end("t", TERMINATE),
            path("es_start", "f", "x"), path("f", "t"), triggeredByEvent="true",
        ),
        (
            begins("start"),
            comes("es_start", "es_start.caught es_start f (x.started | t.thrown) (t | x.cancelled) es"),
            done("host", "host"),
        ),
    ),
)  # fmt: skip
