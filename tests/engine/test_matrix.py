"""The support matrix of docs/modeling.md: every element of the standard's metamodel is planted in every place, and
either runs to an end or a wait, or is refused by name. The matrix in the manual is what this test found; with
FLOWSVC_TEST_DOCS_MATRIX=1 it is written anew."""

# ruff: noqa: E501 - a small diagram stands on one line

import os
import re
from collections.abc import Iterator, Mapping

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import CallRequested, InstanceRequested, MessageAwaited, Status, TaskOpened, TimerArmed
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from tests.conftest import ROOT
from tests.engine.driver import Run
from tests.engine.test_elements_tasks import TABLE
from tests.factories import (
    TERMINATE,
    boundary,
    bpmn,
    call,
    condition,
    element,
    end,
    error,
    escalation,
    flow,
    link,
    message,
    multi,
    path,
    reads,
    script,
    signal,
    start,
    subprocess,
    timer,
    undoing,
    user,
    writes,
)

KNOWN = Known(processes=frozenset({"other"}), decisions=frozenset({"d"}), connectors=frozenset({"c"}))
OTHER = bpmn(element("task", "t"), key="other")
MANUAL = ROOT / "docs/modeling.md"
BEGINS, ENDS = "<!-- the matrix begins -->\n", "<!-- the matrix ends -->\n"
WRITES = "FLOWSVC_TEST_DOCS_MATRIX"

# Events: BPMN 2.0.2, table 10.93

DEFINITIONS: Mapping[str, str] = {
    "none": "",
    "message": message(),
    "timer": timer("PT1H"),
    "error": error("e1"),
    "escalation": escalation("x1"),
    "cancel": "<bpmn:cancelEventDefinition/>",
    "compensation": "<bpmn:compensateEventDefinition/>",
    "conditional": condition("a = 2"),
    "link": link("l"),
    "signal": signal(),
    "terminate": TERMINATE,
    "multiple": message() + timer("PT1H"),
    "parallel multiple": message() + timer("PT1H"),
}
_STARTS_INSIDE = "message timer error escalation compensation conditional signal multiple, parallel multiple"
IN_THE_STANDARD: Mapping[str, frozenset[str]] = {
    place: frozenset(re.findall(r"parallel multiple|\w+", words))
    for place, words in {
        "start of a process": "none message timer conditional signal multiple, parallel multiple",
        "start of a subprocess": "none",
        "start of an event subprocess": _STARTS_INSIDE,
        "the same, not interrupting": _STARTS_INSIDE.replace("error ", "").replace("compensation ", ""),
        "intermediate, catching": "message timer conditional link signal multiple, parallel multiple",
        "intermediate, throwing": "none message escalation compensation link signal multiple",
        "boundary": "message timer error escalation cancel compensation conditional signal multiple, parallel multiple",
        "boundary, not interrupting": "message timer escalation conditional signal multiple, parallel multiple",
        "end": "none message error escalation cancel compensation signal terminate multiple",
    }.items()
}
FIRST = script("first", "2", "a")
INSIDE = (start("s"), user("in"), path("s", "in"))


def event_in(place: str, kind: str) -> bytes:
    """A process with such an event in that place; what the event needs around it is there."""
    definition = DEFINITIONS[kind]
    if kind == "multiple" and place in ("start of a process", "intermediate, throwing", "end"):
        definition = message() + signal()
    more = {"parallelMultiple": "true"} if kind == "parallel multiple" else {}
    host = "transaction" if kind == "cancel" else "subProcess"
    match place:
        case "start of a process":
            return bpmn(start("planted", definition, **more), user("a"), flow("planted", "a"))
        case "start of a subprocess":
            return _behind_first(
                subprocess("host", start("planted", definition, **more), user("in"), flow("planted", "in"))
            )
        case "start of an event subprocess" | "the same, not interrupting":
            interrupts = "true" if place == "start of an event subprocess" else "false"
            begins = start("planted", definition, isInterrupting=interrupts, **more)
            inside = (begins, user("es_in"), flow("planted", "es_in"))
            return _behind_first(user("host"), subprocess("es", *inside, triggeredByEvent="true"))
        case "intermediate, catching" if kind == "link":
            thrown = element("intermediateThrowEvent", "host", definition)
            return _behind_first(
                thrown, element("intermediateCatchEvent", "planted", definition), user("b"), flow("planted", "b")
            )
        case "intermediate, throwing" if kind == "link":
            caught = element("intermediateCatchEvent", "caught", definition)
            return _behind_first(element("intermediateThrowEvent", "planted", definition), caught, host="planted")
        case "intermediate, catching":
            return _behind_first(element("intermediateCatchEvent", "planted", definition, **more), host="planted")
        case "intermediate, throwing":
            return _behind_first(element("intermediateThrowEvent", "planted", definition), host="planted")
        case "boundary" | "boundary, not interrupting":
            event = boundary("planted", "host", definition, interrupting=place == "boundary")
            event = event.replace("<bpmn:boundaryEvent", f"<bpmn:boundaryEvent{_written(more)}")
            if kind == "compensation":
                undo = element("task", "undo", isForCompensation="true")
                tied = '<bpmn:association id="tie" sourceRef="planted" targetRef="undo"/>'
                return _behind_first(user("host"), event, undo, tied)
            return _behind_first(element(host, "host", *INSIDE), event, user("late"), flow("planted", "late"))
        case _:
            ends = (start("s"), user("in"), end("planted", definition), path("s", "in", "planted"))
            return _behind_first(
                element(host, "host", *ends), boundary("b", "host", definition) if _is_caught(kind) else ""
            )


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items())


def _is_caught(kind: str) -> bool:
    return kind in ("error", "cancel")


def _behind_first(*parts: str, host: str = "host") -> bytes:
    return bpmn(start(), FIRST, *parts, path("start", "first", host))


# Activities: BPMN 2.0.2, 10.3

ACTIVITIES: Mapping[str, str] = {
    "task": element("task", "planted", "{}"),
    "manual task": element("manualTask", "planted", "{}"),
    "user task": user("planted", "{}"),
    "script task": element(
        "scriptTask", "planted", "{}<bpmn:script>1 + 1</bpmn:script>", scriptFormat="feel", camunda_resultVariable="r"
    ),
    "business rule task": element(
        "businessRuleTask", "planted", "{}", camunda_decisionRef="d", camunda_resultVariable="r"
    ),
    "service task": element("serviceTask", "planted", "{}", camunda_type="external", camunda_topic="t"),
    "send task": element("sendTask", "planted", "{}", messageRef="m"),
    "receive task": element("receiveTask", "planted", "{}", messageRef="m"),
    "call activity": call("planted", "other", "{}"),
    "subprocess": subprocess("planted", "{}", user("in")),
    "event subprocess": subprocess(
        "planted", "{}", start("es", message()), user("in"), flow("es", "in"), triggeredByEvent="true"
    ),
    "transaction": element("transaction", "planted", "{}", user("in")),
    "ad hoc subprocess": element("adHocSubProcess", "planted", "{}", user("in"), user("in2")),
}
COUNT = "<bpmn:multiInstanceLoopCharacteristics{}><bpmn:loopCardinality>2</bpmn:loopCardinality>{}</bpmn:multiInstanceLoopCharacteristics>"
LOOPS: Mapping[str, str] = {
    "once": "",
    "standard loop": '<bpmn:standardLoopCharacteristics loopMaximum="2"/>',
    "multi-instance, parallel": multi("=[1, 2]", "item"),
    "multi-instance, sequential": multi("=[1, 2]", "item").replace(
        "Characteristics ", 'Characteristics isSequential="true" '
    ),
    "counted": COUNT.format("", ""),
    "events as bodies end (`behavior`)": COUNT.format(' behavior="One" oneBehaviorEventRef="bd"', ""),
}
MARKS = ("isForCompensation", "startQuantity", "completionQuantity")


def activity_in(kind: str, loop: str) -> bytes:
    drawn = ACTIVITIES[kind].replace("{}", LOOPS[loop])
    shared = b'<bpmn:messageEventDefinition id="bd" messageRef="m"/><bpmn:process'
    if kind == "event subprocess":
        return _behind_first(user("host"), drawn).replace(b"<bpmn:process", shared)
    return _behind_first(drawn, host="planted").replace(b"<bpmn:process", shared)


# What stands beside the flow, and roots: BPMN 2.0.2, 8.2 to 8.4, 10.4 and 10.7

GATEWAYS: Mapping[str, bytes] = {
    "exclusive gateway": bpmn(
        start(), FIRST, element("exclusiveGateway", "planted", default="planted_y"), user("x"), user("y"),
        path("start", "first", "planted", "y"), flow("planted", "x", "a = 1"),
    ),
    "inclusive gateway": bpmn(
        start(), FIRST, element("inclusiveGateway", "planted"), user("x"), user("y"), element("inclusiveGateway", "j"),
        path("start", "first", "planted"), flow("planted", "x", "a = 2"), flow("planted", "y", "a > 1"), path("x", "j"), path("y", "j"),
    ),
    "parallel gateway": bpmn(
        start(), element("parallelGateway", "planted"), user("x"), user("y"), element("parallelGateway", "j"),
        path("start", "planted", "x", "j"), path("planted", "y", "j"),
    ),
    "complex gateway": bpmn(
        start(), element("parallelGateway", "f"), user("x"), user("y"), path("start", "f", "x", "planted"), path("f", "y", "planted"),
        element("complexGateway", "planted", "<bpmn:activationCondition>activationCount = 1</bpmn:activationCondition>", default="planted_end"),
        end(), path("planted", "end"),
    ),
    "event-based gateway": bpmn(
        start(), element("eventBasedGateway", "planted"), element("intermediateCatchEvent", "x", message()),
        element("intermediateCatchEvent", "y", timer("PT1H")), path("start", "planted", "x"), path("planted", "y"),
    ),
    "event-based gateway that starts a process": bpmn(
        element("eventBasedGateway", "planted", instantiate="true"), element("intermediateCatchEvent", "x", message()),
        element("intermediateCatchEvent", "y", message("m2")), path("planted", "x"), path("planted", "y"),
    ),
    "the same, for all events (`Parallel`)": bpmn(
        element("eventBasedGateway", "planted", instantiate="true", eventGatewayType="Parallel"),
        element("intermediateCatchEvent", "x", message()), element("intermediateCatchEvent", "y", message("m2")),
        path("planted", "x"), path("planted", "y"),
    ),
    "receive task that starts a process": bpmn(element("receiveTask", "planted", messageRef="m", instantiate="true")),
    "conditional flow out of an activity": bpmn(
        start(), FIRST, element("task", "planted", default="planted_y"), user("x"), user("y"),
        path("start", "first", "planted", "y"), flow("planted", "x", "a = 2"),
    ),
}  # fmt: skip
_IO = "<bpmn:ioSpecification><bpmn:dataInput id='di'/><bpmn:dataOutput id='do'/><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>"
_OBJECT = '<bpmn:dataObject id="o"/>'
BESIDE: Mapping[str, bytes] = {
    "lanes": bpmn(user("a"), '<bpmn:laneSet id="ls"><bpmn:lane id="planted"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'),
    "text annotation": bpmn(user("a"), '<bpmn:textAnnotation id="planted"/>'),
    "association": bpmn(user("a"), '<bpmn:association id="planted" sourceRef="a" targetRef="a"/>'),
    "group": bpmn(user("a"), '<bpmn:group id="planted"/>'),
    "data object": bpmn(user("a"), '<bpmn:dataObject id="planted"/><bpmn:dataObjectReference id="r" dataObjectRef="planted"/>'),
    "data store": bpmn(user("a"), '<bpmn:dataStoreReference id="planted"/>'),
    "data store, read and written": bpmn('<bpmn:dataStoreReference id="o"/>', user("planted", _IO + reads("o", into="di") + writes("do", to="o"))),
    "data state": bpmn(user("a"), '<bpmn:dataObject id="planted"><bpmn:dataState id="ds"/></bpmn:dataObject>'),
    "input and output specification": bpmn(user("planted", _IO)),
    "property": bpmn(user("planted", '<bpmn:property id="pp"/>')),
    "data association, in": bpmn(_OBJECT, user("planted", _IO + reads("o", into="di"))),
    "data association, out": bpmn(_OBJECT, user("planted", _IO + writes("do", to="o"))),
    "the same, that says nothing of what": bpmn(_OBJECT, user("planted", writes(to="o"))),
    "transformation and assignment": bpmn(_OBJECT, user("planted", _IO + writes("do", to="o", by="do", parts={"o.x": "do"}))),
    "data input of a throwing event": bpmn(start(), _OBJECT, element("endEvent", "planted", '<bpmn:dataInput id="di"/>' + reads("o", into="di") + signal()), path("start", "planted")),
    "data output of a catching event": bpmn(start("s", '<bpmn:dataOutput id="do"/>' + writes("do", to="o") + message()), _OBJECT, user("planted"), path("s", "planted")),
    "resource roles (`potentialOwner` …)": bpmn(user("planted", '<bpmn:potentialOwner id="po"/>')),
    "auditing, monitoring": bpmn(user("planted", "<bpmn:auditing/><bpmn:monitoring/>")),
}  # fmt: skip
GLOBAL_TASKS = ("globalTask", "globalUserTask", "globalScriptTask", "globalBusinessRuleTask", "globalManualTask")
ROOTS: Mapping[str, str] = {
    "collaboration": '<bpmn:collaboration id="planted"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb"/>'
    '<bpmn:messageFlow id="mf" sourceRef="pb" targetRef="pa"/></bpmn:collaboration>',
    "message, signal, error, escalation": '<bpmn:signal id="planted" name="x"/>',
    "event definition that events share": '<bpmn:terminateEventDefinition id="planted"/>',
    "item definition": '<bpmn:itemDefinition id="planted"/>',
    "interface and operation": '<bpmn:interface id="planted" name="i"/>',
    "data store": '<bpmn:dataStore id="planted"/>',
    "category": '<bpmn:category id="planted"/>',
    "correlation property": '<bpmn:correlationProperty id="planted"/>',
    "resource": '<bpmn:resource id="planted" name="r"/>',
    "import": '<bpmn:import importType="x" location="y" namespace="z"/>',
    "choreography": '<bpmn:choreography id="planted"/>',
    "global choreography task": '<bpmn:globalChoreographyTask id="planted"/>',
    "global conversation": '<bpmn:globalConversation id="planted"/>',
    "end point": '<bpmn:endPoint id="planted"/>',
    "partner entity, partner role": '<bpmn:partnerEntity id="planted" name="p"/>',
    "relationship": '<bpmn:relationship id="planted" type="t"/>',
    "extension": '<bpmn:extension definition="x"/>',
    "extension that must be understood": '<bpmn:extension definition="x" mustUnderstand="true"/>',
}


def with_root(drawn: str) -> bytes:
    return bpmn(user("a")).replace(b"<bpmn:process", drawn.encode() + b"<bpmn:process")


def with_mark(mark: str) -> bytes:
    value = "true" if mark.startswith("is") else "2"
    twice = (element("parallelGateway", "f"), path("start", "first", "f"), flow("f", "planted"))
    drawn = user("planted", **{mark: value})
    if mark == "isForCompensation":
        return bpmn(start(), user("host"), undoing("host", "planted"), flow("start", "host"), drawn)
    return bpmn(start(), FIRST, *twice, drawn, element("sequenceFlow", "again", sourceRef="f", targetRef="planted"))


def with_global_task(kind: str) -> bytes:
    inside = "<bpmn:script>1</bpmn:script>" if kind == "globalScriptTask" else ""
    given = {
        "globalUserTask": {"camunda_candidateGroups": "g"},
        "globalScriptTask": {"scriptLanguage": "feel", "camunda_resultVariable": "r"},
        "globalBusinessRuleTask": {"camunda_decisionRef": "d"},
    }
    task = element(kind, "planted", inside, **given.get(kind, {}))
    return bpmn(start(), call("c", "planted", own='<camunda:in variables="all"/>'), flow("start", "c")).replace(
        b"<bpmn:process", task.encode() + b"<bpmn:process"
    )


# What is found

RUNS, REFUSED, NOT_BPMN, WARNED, DRAWN = "✔", "✘", "–", "warned", "drawn"


def cells() -> Iterator[tuple[str, str, bytes]]:
    for place in IN_THE_STANDARD:
        for kind in DEFINITIONS:
            yield f"{kind} event", place, event_in(place, kind)
    for kind in ACTIVITIES:
        for loop in LOOPS:
            yield kind, loop, activity_in(kind, loop)
    for kind, source in {**GATEWAYS, **BESIDE}.items():
        yield kind, "", source
    for mark in MARKS:
        yield f"`{mark}`", "", with_mark(mark)
    for kind in GLOBAL_TASKS:
        yield f"`{kind}`, called", "", with_global_task(kind)
    for kind, drawn in ROOTS.items():
        yield f"{kind} (root)", "", with_root(drawn)


CELLS = {(kind, place): source for kind, place, source in cells()}


def checked(source: bytes, feel: Feel) -> Report:
    return check([SourceFile("p.bpmn", source)], known=KNOWN, feel=feel)


@pytest.mark.parametrize("cell", CELLS, ids=" - ".join)
def test_what_the_standard_has_runs_or_is_refused_by_name(cell: tuple[str, str], shared_feel: Feel) -> None:
    source = CELLS[cell]

    found = checked(source, shared_feel)

    refused = [each for each in found.problems if each.severity == "refused"]
    for each in refused:
        assert all((each.what, each.cure, each.what_en, each.cure_en)), each
        assert each.element_id or each.line
    if not refused:
        processes = {each.key: source for each in found.processes} | {"other": OTHER}
        planted = next(each for each in found.processes if each.key == "p")
        for begin in planted.starts:
            run = Run(shared_feel, "restored", processes, decisions={"d": TABLE})
            _require_movement(run.start(begin.element_id, a=1, n=1))


def _require_movement(run: Run) -> None:
    """Whatever it waits for happens, until the instance has ended. It never stands still without waiting."""
    for _ in range(12):
        assert [each.code for each in run.failed.values()] == []
        assert run.waiting or run.status is not Status.RUNNING, "a deadlock"
        if not run.waiting:
            break
        # Tasks first, so that what waits beside them is met as late as can be.
        waits = min(run.waiting.values(), key=lambda each: not isinstance(each, TaskOpened))
        match waits:
            case TaskOpened():
                run.complete_token(waits.token)
            case TimerArmed():
                run.fire_token(waits.token, cycle=waits.cycle)
            case MessageAwaited():
                run.send_token(waits.token)
            case CallRequested() | InstanceRequested():
                run.finish(waits.element_id, {})
            case _:
                run.signal(waits.signal)
    assert not [
        each for each in run.failed.values() if each.element_id == "planted" and each.code == "engine.fault"
    ] or (run.status is Status.RUNNING)


def mark_of(source: bytes, feel: Feel) -> str:
    found = checked(source, feel)
    if found.refused:
        return REFUSED
    codes = {each.code for each in found.problems if each.severity == "warned"}
    if codes & {"root.not_run", "content.not_read", "data.state"}:
        return WARNED
    drawn = [each for each in found.problems if "steers nothing" in each.what_en]
    return DRAWN if drawn else RUNS


def table(head: list[str], rows: Iterator[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def matrix(feel: Feel) -> str:
    def event_row(kind: str) -> list[str]:
        marks = []
        for place, standard in IN_THE_STANDARD.items():
            found = mark_of(event_in(place, kind), feel)
            marks.append(NOT_BPMN if found == REFUSED and kind not in standard else found)
        return [kind, *marks]

    def single(names: Mapping[str, bytes]) -> Iterator[list[str]]:
        return ([name, mark_of(source, feel)] for name, source in names.items())

    def own_cells(suffix: str) -> dict[str, bytes]:
        return {kind.removesuffix(suffix): source for (kind, place), source in CELLS.items() if kind.endswith(suffix)}

    marked = {f"`{mark}`": with_mark(mark) for mark in MARKS}
    called = {f"`{kind}`, called": with_global_task(kind) for kind in GLOBAL_TASKS}
    return "\n".join(
        (
            table(["event", *IN_THE_STANDARD], (event_row(kind) for kind in DEFINITIONS)),
            table(
                ["activity", *LOOPS],
                ([kind, *(mark_of(activity_in(kind, loop), feel) for loop in LOOPS)] for kind in ACTIVITIES),
            ),
            table(["gateways and flows", ""], single(GATEWAYS)),
            table(["marks and called tasks", ""], single(marked | called)),
            table(["beside the flow", ""], single(BESIDE)),
            table(["beside the process", ""], single(own_cells(" (root)"))),
        )
    )


def test_the_manual_says_what_runs(shared_feel: Feel) -> None:
    found = matrix(shared_feel)
    text = MANUAL.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGINS)
    written, _, after = rest.partition(ENDS)

    if os.environ.get(WRITES) == "1":
        MANUAL.write_text(f"{before}{BEGINS}{found}{ENDS}{after}", encoding="utf-8")
        written = found

    assert written == found, f"run this test with {WRITES}=1 and look at what has changed"
