"""Gateways and flows (BPMN 2.0.2, 10.6, 13.3.1 and 13.4)."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.drawing import fork, task
from tests.conformance.stories import Cell, begins, comes, done, fires, signalled
from tests.factories import catch, element, end, flow, message, path, signal, start, timer, user

_INCLUSIVE = (
    start() + element("inclusiveGateway", "g", default="g_c") + user("a") + user("b") + task("c")
    + element("inclusiveGateway", "j") + end() + path("start", "g") + flow("g", "a", "n > 1") + flow("g", "b", "n > 2")
    + path("g", "c", "j") + path("a", "j") + path("b", "j", "end")
).replace(path("j", "end"), "") + path("j", "end")  # fmt: skip
_COMPLEX = "<bpmn:activationCondition>activationCount = 2</bpmn:activationCondition>"
_EVENTS = start() + element("eventBasedGateway", "g") + catch("m1", message()) + catch("t1", timer("PT1H"))
_EVENTS += catch("s1", signal()) + task("a") + task("b") + task("c") + path("start", "g", "m1", "a")
_EVENTS += path("g", "t1", "b") + path("g", "s1", "c")

CELLS = (
    Cell(
        "exclusive gateway, first true",
        "13.4.2: conditions are evaluated in order, and the first that is true is taken",
        start() + element("exclusiveGateway", "g", default="g_c") + task("a") + task("b") + task("c")
        + path("start", "g") + flow("g", "a", "n > 5") + flow("g", "b", "n > 1") + path("g", "c"),
        (begins("start g b", n=7 - 4),),
    ),
    Cell(
        "exclusive gateway, both true",
        "13.4.2: only one path is taken",
        start() + element("exclusiveGateway", "g") + task("a") + task("b")
        + path("start", "g") + flow("g", "a", "n > 1") + flow("g", "b", "n > 0"),
        (begins("start g a", n=3),),
    ),
    Cell(
        "exclusive gateway, default",
        "13.4.2: the default flow is taken when no condition is true",
        start() + element("exclusiveGateway", "g", default="g_c") + task("a") + task("c")
        + path("start", "g", "c") + flow("g", "a", "n > 5"),
        (begins("start g c", n=1),),
    ),
    Cell(
        "exclusive gateway, nothing true",
        "13.4.2: without a default flow a runtime exception occurs; here it is an incident",
        start() + element("exclusiveGateway", "g") + task("a") + task("b")
        + path("start", "g") + flow("g", "a", "n > 5") + flow("g", "b", "n > 6"),
        (begins("start g.failed", n=1),),
        fails="g",
    ),
    Cell(
        "exclusive merge",
        "13.4.2: each token that comes is passed on",
        start() + fork("f") + task("a") + task("b") + element("exclusiveGateway", "j") + task("x")
        + path("start", "f", "a", "j", "x") + path("f", "b", "j"),
        (begins("start f (a j x | b j x)"),),
    ),
    Cell(
        "inclusive gateway, all true",
        "13.4.3: every path whose condition is true, and the join waits for all of them",
        _INCLUSIVE,
        (begins("start g (a.started | b.started)", n=3), done("b", "b"), done("a", "a j end")),
    ),
    Cell(
        "inclusive gateway, one true",
        "13.4.3: the join does not wait for what cannot come",
        _INCLUSIVE,
        (begins("start g a.started", n=2), done("a", "a j end")),
    ),
    Cell("inclusive gateway, default", "13.4.3", _INCLUSIVE, (begins("start g c j end", n=1),)),
    Cell(
        "parallel gateway",
        "13.4.1: a token on each outgoing flow, and the join needs one on each incoming",
        start() + fork("g") + user("a") + user("b") + fork("j") + end() + path("start", "g", "a", "j", "end")
        + path("g", "b", "j"),
        (begins("start g (a.started | b.started)"), done("a", "a"), done("b", "b j end")),
    ),
    Cell(
        "parallel gateway, one token for each flow",
        "13.4.1: the join consumes exactly one token from each incoming flow",
        start() + fork("g") + task("a") + task("b") + element("exclusiveGateway", "mg") + user("c") + fork("j") + task("x")
        + path("start", "g", "a", "mg", "j", "x") + path("g", "b", "mg") + path("g", "c", "j"),
        (begins("start g (a mg | b mg | c.started)"), done("c", "c j x")),
        stands_still=True,
    ),
    Cell(
        "complex gateway as a split",
        "13.4.5: as an inclusive gateway",
        start() + element("complexGateway", "g", default="g_c") + task("a") + task("b") + task("c") + path("start", "g", "c")
        + flow("g", "a", "n > 1") + flow("g", "b", "n > 2"),
        (begins("start g (a | b)", n=3),),
    ),
    Cell(
        "complex gateway as a join",
        "13.4.5: activated when its condition is true, then waits for the rest, and resets",
        start() + fork("f") + user("a") + user("b") + user("c") + element("complexGateway", "g", _COMPLEX, default="g_no")
        + task("x") + end("no") + path("start", "f", "a", "g", "no") + path("f", "b", "g") + path("f", "c", "g")
        + flow("g", "x", "waitingForStart"),
        (
            begins("start f (a.started | b.started | c.started)"),
            done("a", "a"),
            done("c", "c g x"),
            done("b", "b g no"),
        ),
    ),
    Cell("event-based gateway, message", "13.4.4: what comes first decides", _EVENTS, (
        begins("start"), comes("m1", "(g | m1.caught m1 a)"),
    )),
    Cell("event-based gateway, timer", "13.4.4", _EVENTS, (begins("start"), fires("t1", "(g | t1.fired t1 b)"))),
    Cell("event-based gateway, signal", "13.4.4", _EVENTS, (begins("start"), signalled("larm", "(g | s1.caught s1 c)"))),
    Cell(
        "event-based gateway with a receive task",
        "10.6.6: a receive task may stand in the place of a message event",
        start() + element("eventBasedGateway", "g") + element("receiveTask", "r", messageRef="m")
        + catch("t1", timer("PT1H")) + path("start", "g", "r") + path("g", "t1"),
        (begins("start"), comes("r", "(g | r.caught r)")),
    ),
    Cell(
        "conditional flow out of an activity",
        "13.3.1 and 10.3.1: a conditional flow is taken when its condition is true, beside those without",
        start() + task("planted") + task("a") + task("b") + task("c") + path("start", "planted", "c")
        + flow("planted", "a", "n > 1") + flow("planted", "b", "n > 5"),
        (begins("start planted (a | c)", n=3),),
    ),
    Cell(
        "default flow out of an activity",
        "table 10.3: the default flow is taken only when no condition is true",
        start() + element("task", "planted", default="planted_c") + task("a") + task("c") + path("start", "planted", "c")
        + flow("planted", "a", "n > 1"),
        (begins("start planted c", n=1),),
    ),
    Cell(
        "default flow out of an activity, not taken",
        "table 10.3",
        start() + element("task", "planted", default="planted_c") + task("a") + task("c") + path("start", "planted", "c")
        + flow("planted", "a", "n > 1"),
        (begins("start planted a", n=3),),
    ),
    Cell(
        "implicit split and merge",
        "13.3.1: a token on each outgoing flow; an activity runs for each token that comes",
        start() + task("a") + task("b") + task("c") + task("d") + path("start", "a", "b", "d") + path("a", "c", "d"),
        (begins("start a (b d | c d)"),),
    ),
    Cell(
        "implicit split out of an event",
        "10.5.1 and 13.5.2: several flows out of an event are taken in parallel",
        start() + task("a") + task("b") + path("start", "a") + path("start", "b"),
        (begins("start (a | b)"),),
    ),
)  # fmt: skip
