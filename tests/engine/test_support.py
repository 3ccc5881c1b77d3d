"""The support matrix: each trigger in each position, and each element, either runs or is refused by name. And a diagram
as Camunda Modeler saves it gets an answer for every element and attribute."""

from collections import defaultdict

import pytest

from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from tests.conftest import ROOT
from tests.factories import (
    TERMINATE,
    boundary,
    bpmn,
    catch,
    compensation,
    condition,
    element,
    end,
    error,
    escalation,
    flow,
    link,
    message,
    path,
    signal,
    start,
    subprocess,
    throw,
    timer,
    undoing,
    user,
)

TRIGGERS = {
    "none": "",
    "message": message(),
    "timer": timer("P5BD"),
    "error": error("e1"),
    "escalation": escalation("x1"),
    "terminate": TERMINATE,
    "signal": signal(),
    "conditional": condition("a"),
    "compensate": compensation(),
    "cancel": "<bpmn:cancelEventDefinition/>",
    "link": link("l"),
    "multiple": message() + signal(),
}
INSIDE = (start("s"), user("a"), end("e"), path("s", "a", "e"))
HOST = subprocess("host", *INSIDE)


def triggered(definition: str, *, interrupting: str) -> str:
    begins = start("es_start", definition, isInterrupting=interrupting)
    return subprocess("es", begins, end("es_end"), flow("es_start", "es_end"), triggeredByEvent="true")


def around(activity: str, *more: str) -> bytes:
    return bpmn(start(), activity, end(), path("start", "host", "end"), *more)


def in_position(position: str, definition: str) -> bytes:
    match position:
        case "start of a process":
            return bpmn(start("start", definition), end(), flow("start", "end"))
        case "start of a subprocess":
            return around(HOST.replace(start("s"), start("s", definition)))
        case "start of an event subprocess":
            return around(HOST, triggered(definition, interrupting="true"))
        case "start of a non-interrupting event subprocess":
            return around(HOST, triggered(definition, interrupting="false"))
        case "end":
            return around(HOST.replace(end("e"), end("e", definition)))
        case "border" | "non-interrupting border" if "compensate" in definition:
            undoer = user("undoer", isForCompensation="true")
            return around(HOST, undoing("host", "undoer").replace("c_host", "b"), undoer)
        case "border":
            return around(HOST, boundary("b", "host", definition), end("late"), flow("b", "late"))
        case "non-interrupting border":
            event = boundary("b", "host", definition, interrupting=False)
            return around(HOST, event, end("late"), flow("b", "late"))
        case "intermediate, waiting" if "link" in definition:
            return linked(catch("host", definition), throw("before", definition))
        case "intermediate, waiting":
            return around(catch("host", definition))
        case _ if "link" in definition:
            return linked(catch("behind", definition), throw("host", definition))
        case _:
            return around(throw("host", definition))


def linked(catches: str, throws: str) -> bytes:
    there, here = ("host", "before") if "host" in catches else ("behind", "host")
    return bpmn(start(), throws, catches, end(), flow("start", here), flow(there, "end"))


AWAITED = {"message", "timer", "signal", "conditional", "multiple"}
RUNS = {
    "start of a process": {"none", "message", "timer", "signal", "multiple"},
    "start of a subprocess": {"none"},
    "start of an event subprocess": AWAITED | {"error", "escalation", "compensate"},
    "start of a non-interrupting event subprocess": AWAITED | {"escalation", "compensate"},
    "end": {"none", "message", "signal", "error", "escalation", "terminate", "compensate", "multiple"},
    "border": AWAITED | {"error", "escalation", "compensate"},
    "non-interrupting border": AWAITED | {"escalation", "compensate"},
    "intermediate, waiting": AWAITED | {"none", "link"},
    "intermediate, sending": {"none", "message", "signal", "escalation", "link", "compensate", "multiple"},
}


def report(source: bytes, feel: Feel) -> Report:
    return check([SourceFile("p.bpmn", source)], known=Known(), feel=feel)


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("position", RUNS)
def test_an_event_runs_where_it_is_said_to_and_is_refused_by_name_elsewhere(
    position: str, trigger: str, shared_feel: Feel
) -> None:
    source = in_position(position, TRIGGERS[trigger])

    found = [each for each in report(source, shared_feel).problems if each.severity == "refused"]

    if trigger in RUNS[position]:
        assert found == []
        Engine(shared_feel).model(root="p", processes={"p": source}, decisions={})
    else:
        assert found
        assert {each.element_id for each in found} & {"start", "s", "es", "es_start", "e", "b", "host"}
        assert all(each.what and each.cure and each.what_en and each.cure_en for each in found)


def test_a_cancel_event_runs_at_the_end_and_on_the_border_of_a_transaction_alone(shared_feel: Feel) -> None:
    cancelled = HOST.replace(end("e"), end("e", TRIGGERS["cancel"]))
    border = boundary("b", "host", TRIGGERS["cancel"]), end("late"), flow("b", "late")

    for kind, refuses in (("subProcess", True), ("transaction", False)):
        source = around(cancelled.replace("bpmn:subProcess", f"bpmn:{kind}"), *border)
        assert report(source, shared_feel).refused is refuses
    Engine(shared_feel).model(root="p", processes={"p": source}, decisions={})


ELEMENTS = {
    "task": True,
    "manualTask": True,
    "exclusiveGateway": True,
    "parallelGateway": True,
    "inclusiveGateway": True,
    "complexGateway": True,
    "callChoreography": False,
    "subChoreography": False,
    "choreographyTask": False,
    "subConversation": False,
    "implicitThrowEvent": False,
    "event": False,
}


@pytest.mark.parametrize(("kind", "runs"), ELEMENTS.items())
def test_an_element_runs_or_is_refused(kind: str, runs: bool, shared_feel: Feel) -> None:
    source = around(element(kind, "host"))

    assert report(source, shared_feel).refused is not runs


@pytest.mark.parametrize("kind", ["sendTask", "receiveTask"])
@pytest.mark.parametrize("attributes", [{"messageRef": "m"}, {}], ids=["named", "unnamed"])
def test_a_message_task_runs_where_it_names_its_message(
    kind: str, attributes: dict[str, str], shared_feel: Feel
) -> None:
    source = around(element(kind, "host", **attributes))

    assert report(source, shared_feel).refused is not bool(attributes)
    if attributes:
        Engine(shared_feel).model(root="p", processes={"p": source}, decisions={})


def test_an_ad_hoc_subprocess_runs_where_it_has_something_to_begin_with(shared_feel: Feel) -> None:
    assert report(around(element("adHocSubProcess", "host", element("task", "t"))), shared_feel).refused is False
    assert report(around(element("adHocSubProcess", "host")), shared_feel).refused is True


# As Camunda Modeler saves it

MODELER = (ROOT / "tests/engine/data/modeler.bpmn").read_bytes()
KNOWN = Known(
    processes=frozenset({"kontroll"}),
    decisions=frozenset({"nivå"}),
    forms=frozenset({"anmalan", "bedom"}),
    groups=frozenset({"samordning"}),
    functions=frozenset({"ladder.lift"}),
)


def said(shared_feel: Feel) -> dict[str, dict[str, set[str]]]:
    """Severity → element → the attributes and codes named."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for each in check([SourceFile("modeler.bpmn", MODELER)], known=KNOWN, feel=shared_feel).problems:
        found[each.severity][each.element_id].add(each.attribute or each.code)
    return found


def test_a_diagram_out_of_camunda_modeler_gets_an_answer_for_each_attribute(shared_feel: Feel) -> None:
    found = said(shared_feel)

    assert found["used"]["bedom"] >= {"camunda:candidateGroups", "camunda:formKey", "camunda:dueDate", "used"}
    assert found["used"]["arende"] >= {"camunda:versionTag", "camunda:historyTimeToLive"}
    assert found["used"]["regel"] >= {"camunda:decisionRef", "camunda:resultVariable", "camunda:mapDecisionResult"}
    assert found["used"]["brev"] >= {"camunda:type", "camunda:topic"}
    assert {place: set(names) for place, names in found["warned"].items()} == {
        "arende": {"camunda:isStartableInTasklist"},
        "bedom": {"camunda:asyncBefore", "camunda:exclusive"},
        "brev": {"camunda:asyncAfter"},
        "anrop": {"mapping.business_key"},
    }
    assert {place: set(names) for place, names in found["refused"].items()} == {
        "bedom": {"camunda:taskListener"},
        "skript": {"script.language"},
        "klass": {"camunda:class", "service.unclear"},
        "signal": {"reference.unnamed"},
    }


def test_every_drawn_element_and_every_attribute_of_camunda_is_named(shared_feel: Feel) -> None:
    problems = check([SourceFile("modeler.bpmn", MODELER)], known=KNOWN, feel=shared_feel).problems

    named = {each.element_id for each in problems}
    drawn = {"start", "bedom", "paminn", "regel", "val", "brev", "skript", "klass", "anrop", "slut", "signal"}
    assert drawn <= named
    assert {each.attribute for each in problems} >= {
        "camunda:asyncBefore",
        "camunda:calledElementBinding",
        "camunda:followUpDate",
        "camunda:initiator",
        "camunda:priority",
    }


def test_what_is_left_without_the_refused_parts_runs(shared_feel: Feel) -> None:
    text = MODELER.decode()
    mended = (
        text.replace('camunda:class="se.lan.Klass"', 'camunda:type="external" camunda:topic="x"')
        .replace('scriptFormat="groovy"', 'scriptFormat="feel"')
        .replace('<bpmn:signalEventDefinition id="signal_def" />', '<bpmn:terminateEventDefinition id="signal_def" />')
    )
    first = mended.index("<camunda:taskListener")
    mended = mended[:first] + mended[mended.index("/>", first) + 2 :]

    problems = check([SourceFile("m.bpmn", mended.encode())], known=KNOWN, feel=shared_feel).problems

    assert [(each.element_id, each.what) for each in problems if each.severity == "refused"] == []
    Engine(shared_feel).model(root="arende", processes={"arende": mended.encode()}, decisions={})
