"""How a process or subprocess begins (BPMN 2.0.2, 10.5.2, 10.6.6 and 13.3.3)."""

from tests.conformance.cells.drawing import task
from tests.conformance.stories import Cell, begins, comes, done
from tests.factories import catch, element, end, message, path, signal, start, subprocess, timer, user

_EITHER = (
    catch("x", message()),
    catch("y", message("m2")),
    task("a"),
    task("b"),
    path("g", "x", "a"),
    path("g", "y", "b"),
)

CELLS = (
    Cell(
        "start none",
        "10.5.2",
        start() + task("a") + end() + path("start", "a", "end"),
        (begins("start a end"),),
    ),
    Cell(
        "start message",
        "10.5.2, table 10.84",
        start("start", message()) + user("a") + end() + path("start", "a", "end"),
        (begins("start.caught start", at="start", n=1), done("a", "a end")),
        ends_with={"n": 1},
    ),
    Cell(
        "start timer",
        "10.5.2, table 10.84",
        start("start", timer("PT1H")) + task("a") + end() + path("start", "a", "end"),
        (begins("start.fired start a end", at="start"),),
    ),
    Cell(
        "start signal",
        "10.5.2, table 10.84",
        start("start", signal()) + task("a") + end() + path("start", "a", "end"),
        (begins("start.caught start a end", at="start"),),
    ),
    Cell(
        "start multiple, by one of them",
        "10.5.2, table 10.84: only one of the triggers is required",
        start("start", message() + signal()) + task("a") + end() + path("start", "a", "end"),
        (begins("start.caught start a end", at="start"),),
    ),
    Cell(
        "start by the second of several start events",
        "10.5.2: each start event is an independent event",
        start() + start("other", message()) + task("a") + task("b") + end()
        + path("start", "a", "end") + path("other", "b", "end"),
        (begins("other.caught other b end", at="other"),),
    ),
    Cell(
        "start of a subprocess",
        "10.5.2: the start event of a subprocess has no trigger",
        start() + subprocess("host", start("s"), task("in"), end("e"), path("s", "in", "e")) + end()
        + path("start", "host", "end"),
        (begins("start host.started s in e host end"),),
    ),
    Cell(
        "start without a start event",
        "10.5.2: all flow objects without an incoming flow begin when the process is instantiated",
        task("a") + user("b") + task("c") + path("a", "c"),
        (begins("(a c | b.started)"), done("b", "b")),
    ),
    Cell(
        "start of a subprocess without a start event",
        "10.5.2 and 13.3.4",
        start() + subprocess("host", user("x"), user("y")) + end() + path("start", "host", "end"),
        (begins("start (x.started | y.started)"), done("y", "y"), done("x", "x host end")),
    ),
    Cell(
        "start by an event-based gateway",
        "10.6.6 and 13.4.4",
        element("eventBasedGateway", "g", instantiate="true") + "".join(_EITHER),
        (begins("(g | y.caught y b)", at="y"),),
    ),
    Cell(
        "start by a parallel event-based gateway",
        "10.6.6: all events of the gateway must be received for the process to complete",
        element("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel") + "".join(_EITHER),
        (begins("y.caught y b", at="y"), comes("x", "(g | x.caught x a)")),
    ),
    Cell(
        "start by a receive task",
        "10.3.3: a receive task that instantiates starts the process by its message",
        element("receiveTask", "r", messageRef="m", instantiate="true") + task("a") + path("r", "a"),
        (begins("r.caught r a", at="r"),),
    ),
)  # fmt: skip
