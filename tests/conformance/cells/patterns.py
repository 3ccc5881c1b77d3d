"""The workflow control-flow patterns that BPMN can draw (van der Aalst et al.; numbers as in the catalogue), with the
traces that BPMN 2.0.2, chapter 13, gives them."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.drawing import TERMINATE, fork, task
from tests.conformance.stories import Cell, begins, broken, comes, done, fires, signalled
from tests.factories import (
    boundary,
    catch,
    element,
    end,
    error,
    flow,
    laps,
    message,
    multi,
    path,
    signal,
    start,
    subprocess,
    timer,
    user,
)


def split(*ways: str) -> str:
    """Three tasks for people side by side, each with its way on."""
    return (
        start()
        + fork("f")
        + path("start", "f")
        + "".join(user(each) + path("f", each) for each in "abc")
        + "".join(ways)
    )


def joins(until: str) -> str:
    """A complex gateway behind the three, with the task x behind it for the first time it opens."""
    inside = f"<bpmn:activationCondition>{until}</bpmn:activationCondition>"
    gateway = element("complexGateway", "j", inside, default="j_over") + end("over") + task("x")
    return gateway + "".join(path(each, "j") for each in "abc") + flow("j", "x", "waitingForStart") + path("j", "over")


_THREE = "start f (a.started | b.started | c.started)"
_CHOICE = start() + element("inclusiveGateway", "g") + user("a") + user("b") + path("start", "g")
_CHOICE += flow("g", "a", "n > 0") + flow("g", "b", "n > 1")

CELLS = (
    Cell("wcp 1 sequence", "13.3.1", start() + task("a") + task("b") + end() + path("start", "a", "b", "end"),
         (begins("start a b end"),)),
    Cell("wcp 2 parallel split", "13.4.1", split(), (begins(_THREE), done("b", "b"), done("c", "c"), done("a", "a"))),
    Cell("wcp 3 synchronization", "13.4.1", split(fork("j"), *(path(each, "j") for each in "abc"), task("x"), path("j", "x")),
         (begins(_THREE), done("b", "b"), done("c", "c"), done("a", "a j x"))),
    Cell("wcp 4 exclusive choice", "13.4.2",
         start() + element("exclusiveGateway", "g", default="g_b") + task("a") + task("b") + path("start", "g", "b")
         + flow("g", "a", "n > 1"), (begins("start g a", n=2),)),
    Cell("wcp 5 simple merge", "13.4.2",
         start() + element("exclusiveGateway", "g", default="g_b") + task("a") + task("b") + element("exclusiveGateway", "mg")
         + task("x") + path("start", "g", "b", "mg", "x") + flow("g", "a", "n > 1") + path("a", "mg"),
         (begins("start g b mg x", n=1),)),
    Cell("wcp 6 multi-choice", "13.4.3", _CHOICE, (begins("start g (a.started | b.started)", n=2), done("a", "a"), done("b", "b"))),
    Cell("wcp 7 structured synchronizing merge", "13.4.3",
         _CHOICE + element("inclusiveGateway", "j") + task("x") + path("a", "j", "x") + path("b", "j"),
         (begins("start g (a.started | b.started)", n=2), done("b", "b"), done("a", "a j x"))),
    Cell("wcp 8 multi-merge", "13.3.1", split(task("x"), *(path(each, "x") for each in "abc")),
         (begins(_THREE), done("b", "b x"), done("c", "c x"), done("a", "a x"))),
    Cell("wcp 9 structured discriminator", "13.4.5", split(joins("activationCount = 1")),
         (begins(_THREE), done("b", "b j x"), done("c", "c"), done("a", "a j over"))),
    Cell("wcp 10 arbitrary cycles", "13.3.1",
         start() + element("exclusiveGateway", "mg") + user("a") + element("exclusiveGateway", "g", default="g_b") + user("b")
         + element("exclusiveGateway", "h", default="h_end") + end() + path("start", "mg", "a", "g", "b", "h", "end")
         + flow("g", "mg", "n = 1") + flow("h", "b", "n = 2"),
         (
             begins("start mg a.started"), done("a", "a g mg a.started", n=1), done("a", "a g b.started", n=2),
             done("b", "b h b.started"), done("b", "b h end", n=3),
         )),
    Cell("wcp 11 implicit termination", "13.3.3: the process is completed when no token is left", split(),
         (begins(_THREE), done("a", "a"), done("b", "b"), done("c", "c"))),
    Cell("wcp 12 multiple instances without synchronization", "table 10.27: behavior None throws for each instance",
         start() + user("a", '<bpmn:multiInstanceLoopCharacteristics behavior="None" noneBehaviorEventRef="bd">'
                        "<bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>")
         + boundary("b", "a", signal(), interrupting=False) + task("x") + end() + path("start", "a", "end") + path("b", "x"),
         (
             begins("start a.started (a.started | a.started)"),
             done("a", "a a.thrown b.caught b x"),
             done("a", "a (a.thrown b.caught b x | a end)"),
         ),
         roots='<bpmn:signalEventDefinition id="bd" signalRef="sg"/>'),
    Cell("wcp 13 multiple instances known when drawn", "13.3.7",
         start() + user("a", multi("=[1, 2, 3]", "i")) + task("x") + path("start", "a", "x"),
         (begins("start"), done("a", "a"), done("a", "a"), done("a", "a a x"))),
    Cell("wcp 14 multiple instances known when they begin", "13.3.7",
         start() + user("a", multi("=items", "i")) + task("x") + path("start", "a", "x"),
         (begins("start", items=["p", "q"]), done("a", "a"), done("a", "a a x"))),
    Cell("wcp 16 deferred choice", "13.4.4",
         start() + element("eventBasedGateway", "g") + catch("c1", message()) + catch("c2", message("m2")) + task("x") + task("y")
         + path("start", "g", "c1", "x") + path("g", "c2", "y"), (begins("start"), comes("c2", "(g | c2.caught c2 y)"))),
    Cell("wcp 17 interleaved parallel routing", "table 10.22: ordering Sequential",
         start() + element("adHocSubProcess", "h", user("a"), user("b"), user("c"), path("a", "b"), ordering="Sequential")
         + end() + path("start", "h", "end"),
         (begins("start a.started"), done("a", "a b.started"), done("b", "b c.started"), done("c", "c h end"))),
    Cell("wcp 18 milestone", "13.5.3: what may be done while something is so, and no longer",
         start() + user("open") + boundary("b", "open", message(), interrupting=False) + task("x") + user("closed")
         + path("start", "open", "closed") + path("b", "x"),
         (begins("start open.started"), comes("b", "b.caught b x"), done("open", "open closed.started"), done("closed", "closed"))),
    Cell("wcp 19 cancel activity", "13.5.3",
         start() + user("a") + boundary("b", "a", message()) + task("x") + end() + path("start", "a", "end") + path("b", "x"),
         (begins("start a.started"), comes("b", "(a.cancelled | b.caught) b x"))),
    Cell("wcp 19 cancel activity by an error", "13.5.3",
         start() + element("serviceTask", "a", camunda_type="external", camunda_topic="t") + boundary("b", "a", error("e1"))
         + task("x") + end() + path("start", "a", "end") + path("b", "x"),
         (begins("start a.started"), broken("a", "E1", "(a.cancelled | b.caught) b x"))),
    Cell("wcp 20 cancel case", "10.5.3", split(end("e", TERMINATE), path("a", "e")),
         (begins(_THREE), done("a", "a e.thrown (e | b.cancelled | c.cancelled)"))),
    Cell("wcp 21 structured loop", "13.3.6",
         start() + user("a", laps("n < 3")) + end() + path("start", "a", "end"),
         (begins("start a.started a.started", n=1), done("a", "a a.started", n=2), done("a", "a a end", n=3))),
    Cell("wcp 23 transient trigger", "10.5.1: a signal that nobody waits for is lost",
         start() + user("a") + catch("s", signal()) + path("start", "a", "s"),
         (begins("start a.started"), done("a", "a s.started"), signalled("larm", "s.caught s"))),
    Cell("wcp 25 cancel region", "13.5.3",
         start() + subprocess("h", start("s"), fork("f"), user("a"), user("b"), path("s", "f", "a"), path("f", "b"))
         + boundary("e", "h", timer("PT1H")) + task("x") + end() + path("start", "h", "end") + path("e", "x"),
         (begins("start s f (a.started | b.started)"), done("a", "a"), fires("e", "(b.cancelled | h.cancelled | e.fired) e x"))),
    Cell("wcp 26 cancel multiple instances", "13.5.3 and 13.3.7",
         start() + user("a", multi("=[1, 2]", "i")) + boundary("b", "a", message()) + task("x") + end()
         + path("start", "a", "end") + path("b", "x"),
         (begins("start"), comes("b", "(a.cancelled a.cancelled a.cancelled | b.caught) b x"))),
    Cell("wcp 28 blocking discriminator", "13.4.5: the gateway resets when all have come", split(joins("activationCount = 1")),
         (begins(_THREE), done("a", "a j x"), done("c", "c"), done("b", "b j over"))),
    Cell("wcp 29 cancelling discriminator", "10.5.3: the first to end terminates the subprocess",
         start() + subprocess("h", start("s"), fork("f"), user("a"), user("b"), end("e", TERMINATE), path("s", "f", "a", "e"),
                              path("f", "b", "e")) + task("x") + path("start", "h", "x"),
         (begins("start s f (a.started | b.started)"), done("b", "b e.thrown (e | a.cancelled) h x"))),
    Cell("wcp 30 structured partial join", "13.4.5", split(joins("activationCount = 2")),
         (begins(_THREE), done("c", "c"), done("a", "a j x"), done("b", "b j over"))),
    Cell("wcp 33 generalized and-join", "13.4.1", split(task("p"), fork("j"), task("x"), path("a", "p", "j", "x"), path("b", "j"), path("c", "j")),
         (begins(_THREE), done("a", "a p"), done("b", "b"), done("c", "c j x"))),
    Cell("wcp 34 static partial join for multiple instances", "table 10.27: completionCondition",
         start() + user("a", multi("=[1, 2, 3]", "i", until="nrOfCompletedInstances >= 2")) + task("x") + path("start", "a", "x"),
         (begins("start"), done("a", "a"), done("a", "a (a.cancelled | a x)"))),
    Cell("wcp 38 general synchronizing merge", "13.4.3: the join waits for a token that may still come round a loop",
         _CHOICE + element("exclusiveGateway", "back", default="back_j") + element("exclusiveGateway", "mg")
         + user("c") + element("inclusiveGateway", "j") + task("x") + path("a", "j", "x") + path("b", "mg", "c", "back", "j")
         + flow("back", "mg", "n = 3"),
         (
             begins("start g (a.started | b.started)", n=2), done("a", "a"), done("b", "b mg c.started"),
             done("c", "c back mg c.started", n=3), done("c", "c back j x", n=4),
         )),
    Cell("wcp 41 thread merge", "table 10.3: startQuantity",
         split(element("task", "x", startQuantity="3"), *(path(each, "x") for each in "abc")),
         (begins(_THREE), done("a", "a"), done("b", "b"), done("c", "c x"))),
    Cell("wcp 42 thread split", "table 10.3: completionQuantity",
         start() + element("task", "a", completionQuantity="3") + task("x") + path("start", "a", "x"),
         (begins("start a (x | x | x)"),)),
    Cell("wcp 43 explicit termination", "10.5.3", split(end("e", TERMINATE), path("c", "e")),
         (begins(_THREE), done("a", "a"), done("c", "c e.thrown (e | b.cancelled)"))),
)  # fmt: skip
