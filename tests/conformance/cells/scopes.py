"""Subprocesses, calls, ad hoc subprocesses, loops and quantities: what begins, what ends and who sees which variables
(BPMN 2.0.2, 10.3.5 to 10.3.8, 13.3.4 to 13.3.7)."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.drawing import fork, task
from tests.conformance.stories import Cell, begins, comes, done, fires, signalled
from tests.factories import (
    boundary,
    call,
    catch,
    element,
    end,
    laps,
    message,
    multi,
    path,
    script,
    start,
    subprocess,
    timer,
    user,
)

_IN_OUT = '<camunda:in source="n" target="m"/><camunda:out source="r" target="r"/>'
_AD_HOC = "<bpmn:completionCondition>n > 1</bpmn:completionCondition>"
_GLOBAL = {
    "globalTask": "",
    "globalManualTask": "",
    "globalScriptTask": "<bpmn:script>1</bpmn:script>",
    "globalBusinessRuleTask": "",
}
_GIVEN = {
    "globalScriptTask": {"scriptLanguage": "feel", "camunda_resultVariable": "r"},
    "globalBusinessRuleTask": {"camunda_decisionRef": "d", "camunda_resultVariable": "r"},
}
_BESIDE = (
    '<bpmn:collaboration id="co"><bpmn:participant id="pa" processRef="{key}"/><bpmn:participant id="pb"/></bpmn:collaboration>'
    '<bpmn:itemDefinition id="item"/><bpmn:interface id="iface" name="i"/><bpmn:dataStore id="ds"/><bpmn:category id="cat"/>'
    '<bpmn:correlationProperty id="cp"/><bpmn:resource id="res" name="r"/><bpmn:signal id="sig_x" name="x"/>'
    '<bpmn:terminateEventDefinition id="shared"/>'
)


def called(kind: str) -> Cell:
    """A global task is done where it is called."""
    key = kind.replace("Task", "-task").lower()
    drawn = start() + call("c", key, own='<camunda:in variables="all"/>') + end() + path("start", "c", "end")
    root = element(kind, key, _GLOBAL.get(kind, ""), **_GIVEN.get(kind, {}))
    words = f"{key}.start {key}.task {key}.end"
    return Cell(f"called {kind}", "10.3.6 and 13.3.4", drawn, (begins(f"start {words} c end", n=1),), roots=root)


CELLS = (
    *(called(kind) for kind in _GLOBAL),
    Cell(
        "called globalUserTask",
        "10.3.6 and 13.3.4",
        start() + call("c", "global-user") + end() + path("start", "c", "end"),
        (begins("start global-user.start global-user.task.started"), done("global-user.task", "global-user.task global-user.end c end")),
        roots=element("globalUserTask", "global-user", camunda_candidateGroups="g"),
    ),
    Cell(
        "call that hands variables over",
        "10.3.6 and 10.4.1: a called process has data of its own",
        start() + call("c", "adds", own=_IN_OUT) + end() + path("start", "c", "end"),
        (begins("start a_s a c end", n=1),),
        called={"adds": start("a_s") + script("a", "m + 1", "r") + path("a_s", "a")},
        ends_with={"n": 1, "r": 2},
    ),
    Cell(
        "call that is interrupted",
        "13.3.4 and 13.5.3: what is called ends with its caller",
        start() + call("c", "waits") + boundary("b", "c", timer("PT1H")) + end() + task("late") + path("start", "c", "end")
        + path("b", "late"),
        (begins("start w_s w.started"), fires("b", "(w.cancelled | c.cancelled | b.fired) b late")),
        called={"waits": start("w_s") + user("w") + path("w_s", "w")},
    ),
    Cell(
        "subprocess ends when no token is left",
        "13.3.4: completed when there are no more tokens in it and none of its activities is active",
        start() + subprocess("host", start("s"), fork("f"), user("x"), end("e1x"), user("y"), end("e2x"),
                             path("s", "f", "x", "e1x"), path("f", "y", "e2x")) + end() + path("start", "host", "end"),
        (begins("start s f (x.started | y.started)"), done("y", "y e2x"), done("x", "x e1x host end")),
    ),
    Cell(
        "ad hoc subprocess, parallel",
        "10.3.5 and 13.3.5: activities without incoming flows begin, and the condition is asked when one ends",
        start() + element("adHocSubProcess", "host", _AD_HOC, user("x"), user("y")) + end() + path("start", "host", "end"),
        (
            begins("start (x.started | y.started)", n=1),
            done("x", "x (y.cancelled | host end)", n=2),
        ),
    ),
    Cell(
        "ad hoc subprocess that lets the rest end",
        "table 10.22: cancelRemainingInstances is false",
        start() + element("adHocSubProcess", "host", _AD_HOC, user("x"), user("y"), cancelRemainingInstances="false") + end()
        + path("start", "host", "end"),
        (begins("start (x.started | y.started)", n=1), done("x", "x", n=2), done("y", "y host end")),
    ),
    Cell(
        "ad hoc subprocess, sequential",
        "table 10.22: only one activity at a time",
        start() + element("adHocSubProcess", "host", user("x"), user("y"), ordering="Sequential") + end()
        + path("start", "host", "end"),
        (begins("start x.started"), done("x", "x y.started"), done("y", "y host end")),
    ),
    Cell(
        "startQuantity",
        "table 10.3: the number of tokens that must arrive before the activity can begin",
        start() + fork("f") + user("x") + user("y") + element("task", "planted", startQuantity="2") + end()
        + path("start", "f", "x", "planted", "end") + path("f", "y", "planted"),
        (begins("start f (x.started | y.started)"), done("x", "x"), done("y", "y planted end")),
    ),
    Cell(
        "startQuantity that is never reached",
        "table 10.3: the activity does not begin",
        start() + user("x") + element("task", "planted", startQuantity="2") + end() + path("start", "x", "planted", "end"),
        (begins("start x.started"), done("x", "x")),
        stands_still=True,
    ),
    Cell(
        "completionQuantity",
        "table 10.3: the number of tokens sent down the outgoing flow",
        start() + element("task", "planted", completionQuantity="2") + task("x") + end() + path("start", "planted", "x", "end"),
        (begins("start planted (x end | x end)"),),
    ),
    Cell(
        "loop until a condition",
        "10.3.8, table 10.26: the condition is asked after each lap",
        start() + script("a", "n + 1", "n", laps("n < 3")) + end() + path("start", "a", "end"),
        (begins("start a a a end", n=1),),
        ends_with={"n": 3},
    ),
    Cell(
        "loop that tests before",
        "table 10.26: testBefore, so that it may be done no time at all",
        start() + script("a", "n + 1", "n", laps("n < 1", before=True)) + end() + path("start", "a", "end"),
        (begins("start a end", n=1),),
        ends_with={"n": 1},
    ),
    Cell(
        "multi-instance of nothing",
        "13.3.7: with no instances the activity is completed at once",
        start() + user("a", multi("=[]", "item")) + end() + path("start", "a", "end"),
        (begins("start a end"),),
    ),
    Cell(
        "multi-instance that is enough",
        "table 10.27: completionCondition, and the remaining instances are cancelled",
        start() + user("a", multi("=[1, 2, 3]", "item", until="nrOfCompletedInstances = 2")) + end() + path("start", "a", "end"),
        (begins("start a.started a.started a.started a.started"), done("a", "a"), done("a", "a (a.cancelled | a end)")),
    ),
    Cell(
        "multi-instance that collects",
        "table 10.27: loopDataOutputRef, in the order of the input",
        start() + user("a", multi("=items", "item", output="all", collects="answer")) + end() + path("start", "a", "end"),
        (begins("start", items=[1, 2]), done("a", "a", answer="x"), done("a", "a a end", answer="x")),
        ends_with={"all": ["x", "x"]},
    ),
    Cell(
        "multi-instance with an interrupting border",
        "13.3.7 and 13.5.3: the border is that of the whole",
        start() + user("a", multi("=[1, 2]", "item")) + boundary("b", "a", timer("PT1H")) + task("late") + end()
        + path("start", "a", "end") + path("b", "late"),
        (begins("start"), done("a", "a"), fires("b", "(a.cancelled a.cancelled | b.fired) b late")),
    ),
    Cell(
        "subprocess multi-instance with waiting inside",
        "13.3.7",
        start() + subprocess("host", multi("=[1, 2]", "item", sequential=True), start("s"), catch("c", message()), end("e"),
                             path("s", "c", "e")) + end() + path("start", "host", "end"),
        (begins("start s"), comes("c", "c.caught c e host s"), comes("c", "c.caught c e host host end")),
    ),
    Cell(
        "what stands beside the process",
        "8.4, 9.3 and 10.8: changes nothing of what runs",
        start() + user("a") + element("endEvent", "end", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>")
        + path("start", "a", "end")
        + '<bpmn:laneSet id="ls"><bpmn:lane id="lane"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        (begins("start a.started"), done("a", "a end.thrown end")),
        roots=_BESIDE.replace("{key}", "what-stands-beside-the-process"),
    ),
    Cell(
        "event definition that two events share",
        "8.4.5 and 10.5.5: a reusable event definition",
        start() + fork("f")
        + catch("x", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>")
        + catch("y", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>") + path("start", "f", "x") + path("f", "y"),
        (begins("start f (x.started | y.started)"), signalled("larm", "(x.caught x | y.caught y)")),
        roots='<bpmn:signalEventDefinition id="shared" signalRef="sg"/>',
    ),
)  # fmt: skip
