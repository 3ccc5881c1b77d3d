"""The deploy check: what runs passes, and everything else is refused by name with a cure, whatever the file holds."""

# ruff: noqa: E501 - a small diagram stands on one line

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsvc.engine.feel import Feel
from flowsvc.engine.functions import FUNCTION_NAMES
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from tests.conftest import ROOT

KNOWN = Known(
    forms=frozenset({"f"}),
    decisions=frozenset({"d"}),
    processes=frozenset({"other"}),
    groups=frozenset({"g"}),
    functions=frozenset({"fn"}),
)
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="t">'
)
SHARED = (
    '<bpmn:message id="m" name="hej"/><bpmn:error id="e" errorCode="E1"/>'
    '<bpmn:escalation id="x" escalationCode="X1"/><bpmn:signal id="s" name="s"/>'
)
TASK = '<bpmn:userTask id="a" name="A" camunda:candidateGroups="g" camunda:formKey="f"/>'


@pytest.fixture(scope="module")
def feel() -> Iterator[Feel]:
    with Feel() as feel:
        yield feel


def flow(source: str, target: str, inside: str = "") -> str:
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def file(body: str) -> bytes:
    return f'{HEAD}{SHARED}<bpmn:process id="p" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'.encode()


def around(element: str, more: str = "") -> bytes:
    """start → the element with id `a` → end."""
    return file(
        f'<bpmn:startEvent id="start"/>{element}<bpmn:endEvent id="end"/>{flow("start", "a")}{flow("a", "end")}{more}'
    )


def report(data: bytes, feel: Feel, name: str = "p.bpmn") -> Report:
    return check([SourceFile(name, data)], known=KNOWN, feel=feel)


def codes(data: bytes, feel: Feel) -> set[str]:
    return {each.code for each in report(data, feel).problems if each.severity == "refused"}


def boundary(inside: str, more: str = "") -> str:
    return (
        f'<bpmn:boundaryEvent id="b" attachedToRef="a" {more}>{inside}</bpmn:boundaryEvent>'
        f'<bpmn:endEvent id="late"/>{flow("b", "late")}'
    )


TIMER = '<bpmn:timerEventDefinition id="t"><bpmn:timeDuration>{}</bpmn:timeDuration></bpmn:timerEventDefinition>'
MESSAGE = '<bpmn:messageEventDefinition id="md" messageRef="m"/>'
SUB = (
    '<bpmn:subProcess id="a">{}<bpmn:startEvent id="s1"/><bpmn:endEvent id="e1">{}</bpmn:endEvent>'
    + flow("s1", "e1")
    + "</bpmn:subProcess>"
)
PEOPLE = '<bpmn:userTask id="a" camunda:candidateGroups="g">{}</bpmn:userTask>'
CONDITION = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">x = 1</bpmn:conditionExpression>'
AD_HOC = '<bpmn:adHocSubProcess id="a" {}><bpmn:task id="t"/>{}</bpmn:adHocSubProcess>'
COUNT = "<bpmn:multiInstanceLoopCharacteristics {}><bpmn:loopCardinality>{}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
EVENT_SUBPROCESS = (
    '<bpmn:subProcess id="es" triggeredByEvent="true">{}<bpmn:startEvent id="s1">' + MESSAGE + "</bpmn:startEvent>"
    '<bpmn:endEvent id="e1"/>' + flow("s1", "e1") + "</bpmn:subProcess>"
)
MULTI = '<bpmn:multiInstanceLoopCharacteristics id="l" {}/>'


@pytest.mark.parametrize(
    "data",
    [
        around(TASK),
        around('<bpmn:task id="a"/>'),
        around('<bpmn:inclusiveGateway id="a"/>'),
        around(TASK, '<bpmn:endEvent id="end2"/>' + flow("a", "end2")),
        file(f'<bpmn:startEvent id="start"/>{TASK}<bpmn:endEvent id="end"/>{flow("start", "a")}{flow("a", "end", CONDITION)}'),
        around('<bpmn:scriptTask id="a" scriptFormat="feel" camunda:resultVariable="r"><bpmn:script>1 + 1</bpmn:script></bpmn:scriptTask>'),
        around('<bpmn:businessRuleTask id="a" camunda:decisionRef="d" camunda:resultVariable="r"/>'),
        around('<bpmn:serviceTask id="a" camunda:type="external" camunda:topic="t"/>'),
        around('<bpmn:callActivity id="a" calledElement="other"/>'),
        around(SUB.format("", "")),
        around(SUB.format(MULTI.format('camunda:collection="=[1, 2]" camunda:elementVariable="party"'), "")),
        around(PEOPLE.format(MULTI.format('isSequential="true" camunda:collection="=[1, 2]"'))),
        around(PEOPLE.format('<bpmn:standardLoopCharacteristics id="l" loopMaximum="3" testBefore="true"><bpmn:loopCondition>loopCounter = 1</bpmn:loopCondition></bpmn:standardLoopCharacteristics>')),
        around('<bpmn:task id="a">' + MULTI.format('camunda:collection="[1, 2]"') + "</bpmn:task>"),
        around(TASK, boundary(TIMER.format("P5BD"))),
        around(TASK, boundary(TIMER.format("=if true then &quot;P1BD&quot; else &quot;PT1H&quot;"), 'cancelActivity="false"')),
        around(TASK, boundary(MESSAGE)),
        around(SUB.format("", '<bpmn:errorEventDefinition id="ed" errorRef="e"/>'), boundary('<bpmn:errorEventDefinition id="b1" errorRef="e"/>')),
        around(SUB.format("", '<bpmn:escalationEventDefinition id="ed" escalationRef="x"/>'), boundary('<bpmn:escalationEventDefinition id="b1" escalationRef="x"/>', 'cancelActivity="false"')),
    ],
)  # fmt: skip
def test_what_this_release_runs_is_not_refused(data: bytes, feel: Feel) -> None:
    found = [each for each in report(data, feel).problems if each.severity != "used"]

    assert found == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        *[
            (around(TASK, boundary(f'<bpmn:{kind}EventDefinition id="k"/>')), "event.unsupported")
            for kind in ("link", "terminate")
        ],
        (around(TASK, boundary('<bpmn:errorEventDefinition id="k"/>').replace('"a"', '"end"')), "event.host"),
        (around(TASK, boundary(TIMER.format("PT0S"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("P0BD"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("P99999999D"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("5D"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("=1 +"))), "expression.feel"),
        (around('<bpmn:intermediateThrowEvent id="a"><bpmn:extensionElements><camunda:properties><camunda:property name="flowsvc:timeToLive" value="5D"/></camunda:properties></bpmn:extensionElements>' + MESSAGE + "</bpmn:intermediateThrowEvent>"), "timer.invalid"),
        (around('<bpmn:intermediateCatchEvent id="a"><bpmn:timerEventDefinition id="t"><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>'), "timer.cycle"),
        (around(PEOPLE.format('<bpmn:standardLoopCharacteristics id="l"/>')), "loop.endless"),
        *[
            (around(PEOPLE.format(f'<bpmn:standardLoopCharacteristics id="l" loopMaximum="{number}"/>')), "loop.maximum")
            for number in ("-1", "many", "1.5")
        ],
        (around(PEOPLE.format('<bpmn:standardLoopCharacteristics id="l"><bpmn:loopCondition>1 +</bpmn:loopCondition></bpmn:standardLoopCharacteristics>')), "expression.feel"),
        (around(TASK, EVENT_SUBPROCESS.format(MULTI.format('camunda:collection="x"'))), "loop.activity"),
        (around(PEOPLE.format(COUNT.format("", "-1"))), "loop.negative"),
        (around(PEOPLE.format(COUNT.format('camunda:collection="x"', "2"))), "loop.two_sources"),
        (around(PEOPLE.format('<bpmn:multiInstanceLoopCharacteristics camunda:collection="x"><bpmn:loopDataOutputRef>y</bpmn:loopDataOutputRef></bpmn:multiInstanceLoopCharacteristics>')), "loop.output"),
        (around(PEOPLE.format(MULTI.format(""))), "loop.collection"),
        (around('<bpmn:userTask id="a" camunda:candidateGroups="g" camunda:formKey="gone"/>'), "reference.missing"),
        (around('<bpmn:businessRuleTask id="a" camunda:decisionRef="gone"/>'), "reference.missing"),
        (around('<bpmn:callActivity id="a" calledElement="gone"/>'), "reference.missing"),
        (around('<bpmn:callActivity id="a" calledElement="p"/>'), "call.recursion"),
        (around('<bpmn:serviceTask id="a"/>'), "service.unclear"),
        (around('<bpmn:serviceTask id="a" camunda:class="org.evil.Run"/>'), "attribute.refused"),
        (around('<bpmn:serviceTask id="a" camunda:delegateExpression="${x}"/>'), "attribute.refused"),
        (around('<bpmn:scriptTask id="a" scriptFormat="groovy"><bpmn:script>1</bpmn:script></bpmn:scriptTask>'), "script.language"),
        (around('<bpmn:userTask id="a" camunda:candidateGroups="${bean.all(1)}"/>'), "expression.not_translatable"),
        (around('<bpmn:userTask id="a" camunda:candidateGroups="g"><bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements></bpmn:userTask>'), "attribute.other_engine"),
        (around('<bpmn:userTask id="a" camunda:candidateGroups="g"><bpmn:extensionElements><camunda:taskListener class="x"/></bpmn:extensionElements></bpmn:userTask>'), "attribute.refused"),
        (file(f'<bpmn:startEvent id="start"/>{TASK}<bpmn:endEvent id="end"/>{flow("start", "a", CONDITION)}{flow("a", "end")}'), "flow.condition"),
        (file(f'<bpmn:startEvent id="start"/><bpmn:parallelGateway id="a"/><bpmn:endEvent id="end"/>{flow("start", "a")}{flow("a", "end", CONDITION)}'), "flow.condition"),
        (around(TASK, '<bpmn:task id="alone"/>'), "element.unreachable"),
        (around(TASK, flow("end", "nowhere")), "flow.dangling"),
        (around('<bpmn:task id="a"><bpmn:dataInputAssociation id="i"/></bpmn:task>'), "data.nowhere"),
        (around(TASK, '<bpmn:task id="a"/>'), "id.duplicate"),
        (around('<bpmn:complexGateway id="a"/><bpmn:task id="t"/>', flow("start", "t") + flow("t", "a")), "complex.no_activation"),
        (around('<bpmn:complexGateway id="a"><bpmn:activationCondition>activationCount = 1</bpmn:activationCondition></bpmn:complexGateway>'), "complex.no_condition"),
        (around('<bpmn:complexGateway id="a" default="a_end"><bpmn:activationCondition>1 +</bpmn:activationCondition></bpmn:complexGateway>'), "expression.feel"),
        (file(""), "process.empty"),
        (file('<bpmn:task id="a"/>' + flow("a", "a")), "scope.no_start"),
        *[
            (around(f'<bpmn:task id="a" {name}Quantity="{number}"/>'), "activity.quantity")
            for name in ("start", "completion")
            for number in ("0", "-1", "1001", "two")
        ],
        (around(TASK, EVENT_SUBPROCESS.format("").replace("id=", 'startQuantity="2" id=', 1)), "activity.quantity"),
        (around('<bpmn:adHocSubProcess id="a"/>'), "ad_hoc.empty"),
        (around(AD_HOC.format("", '<bpmn:startEvent id="s1"/>')), "ad_hoc.event"),
        (around(AD_HOC.format("", '<bpmn:endEvent id="e1"/>' + flow("t", "e1"))), "ad_hoc.event"),
        (around(AD_HOC.format("", '<bpmn:completionCondition>1 +</bpmn:completionCondition>')), "expression.feel"),
        (around(AD_HOC.format('ordering="Sequential"', '<bpmn:task id="u"/><bpmn:task id="v"/>' + flow("t", "u") + flow("t", "v"))), "ad_hoc.at_once"),
    ],
)  # fmt: skip
def test_what_it_does_not_run_is_refused_with_element_line_and_cure(data: bytes, code: str, feel: Feel) -> None:
    problems = [each for each in report(data, feel).problems if each.code == code]

    assert problems, codes(data, feel)
    for each in problems:
        assert each.severity == "refused"
        assert each.what
        assert each.cure
        assert each.what_en
        assert each.cure_en
        assert each.element_id or code == "call.recursion"
        assert not re.search(r"(?<!\$)\{", each.what + each.cure + each.what_en + each.cure_en)


JOINS = '<bpmn:startEvent id="start"/><bpmn:task id="t1"/><bpmn:task id="t2"/><bpmn:parallelGateway id="j"/><bpmn:endEvent id="end"/>'
BRANCHES = flow("t1", "j") + flow("t2", "j") + flow("j", "end")
CHOICE = '<bpmn:exclusiveGateway id="g" default="g_t2"/>' + flow("g", "t1", CONDITION) + flow("g", "t2")
EDGE = '<bpmn:boundaryEvent id="b" attachedToRef="a" cancelActivity="{}"><bpmn:messageEventDefinition messageRef="m"/></bpmn:boundaryEvent>'


@pytest.mark.parametrize(
    "inside",
    [
        CHOICE + flow("start", "g"),
        TASK + flow("start", "a") + flow("a", "t1") + EDGE.format("true") + flow("b", "t2"),
        # One of two branches comes to the choice: never more than one token.
        '<bpmn:parallelGateway id="sp"/><bpmn:endEvent id="end2"/>' + flow("start", "sp") + flow("sp", "end2") + flow("sp", "g") + CHOICE,
    ],
)  # fmt: skip
def test_a_choice_into_a_parallel_join_is_a_deadlock(inside: str, feel: Feel) -> None:
    assert codes(file(JOINS + BRANCHES + inside), feel) == {"gateway.deadlock"}


@pytest.mark.parametrize(
    "inside",
    [
        # Both branches leave the activity whose border stands beside them.
        TASK + flow("start", "a") + flow("a", "t1") + flow("a", "t2") + EDGE.format("true") + flow("b", "end"),
        # Two tokens come to the choice, one by one.
        '<bpmn:parallelGateway id="sp"/><bpmn:exclusiveGateway id="mg"/><bpmn:task id="t3"/>'
        + flow("start", "sp") + flow("sp", "t3") + flow("t3", "mg") + flow("sp", "mg") + flow("mg", "g") + CHOICE,
        # An event that interrupts nothing may let a second token through.
        TASK + flow("start", "a") + EDGE.format("false") + flow("a", "g") + flow("b", "g") + CHOICE,
        TASK + flow("start", "a") + EDGE.format("false") + flow("a", "end") + flow("b", "g") + CHOICE,
        # A link leads past the choice.
        '<bpmn:parallelGateway id="sp"/>' + flow("start", "sp") + flow("sp", "g") + flow("sp", "lt") + flow("lc", "t1") + CHOICE
        + '<bpmn:intermediateThrowEvent id="lt"><bpmn:linkEventDefinition id="l1" name="L"/></bpmn:intermediateThrowEvent>'
        + '<bpmn:intermediateCatchEvent id="lc"><bpmn:linkEventDefinition id="l2" name="L"/></bpmn:intermediateCatchEvent>',
        # An activity sends two tokens to the choice.
        '<bpmn:task id="a" completionQuantity="2"/>' + flow("start", "a") + flow("a", "g") + CHOICE,
        # Some of several conditions may hold together.
        '<bpmn:inclusiveGateway id="i"/>' + flow("start", "i") + flow("i", "t1", CONDITION) + flow("i", "t2", CONDITION),
    ],
)  # fmt: skip
def test_a_join_that_may_open_is_let_through(inside: str, feel: Feel) -> None:
    assert codes(file(JOINS + BRANCHES + inside), feel) == set()


def test_the_condition_of_a_default_flow_is_said_not_to_be_read(feel: Feel) -> None:
    data = file(
        '<bpmn:startEvent id="start"/><bpmn:userTask id="a" camunda:candidateGroups="g" default="a_end"/>'
        '<bpmn:endEvent id="end"/>' + flow("start", "a") + flow("a", "end", CONDITION)
    )

    found = [(each.severity, each.code) for each in report(data, feel).problems if each.severity != "used"]
    assert ("warned", "flow.default_condition") in found
    assert not [each for each in found if each[0] == "refused"]


def test_every_camunda_attribute_is_said_to_be_used_or_ignored(feel: Feel) -> None:
    found = report(
        around('<bpmn:userTask id="a" camunda:candidateGroups="g" camunda:asyncBefore="true"/>'), feel
    ).problems

    assert {(each.attribute, each.severity) for each in found if each.attribute} == {
        ("camunda:candidateGroups", "used"),
        ("camunda:asyncBefore", "warned"),
    }


def test_the_shipped_files_pass_together_without_a_warning(feel: Feel) -> None:
    paths = [*(ROOT / "processes").iterdir(), *(ROOT / "forms").iterdir()]
    files = [SourceFile(path.name, path.read_bytes()) for path in sorted(paths)]

    found = check(files, known=Known(groups=frozenset({"samordning"}), functions=FUNCTION_NAMES), feel=feel)

    assert [each for each in found.problems if each.severity != "used"] == []
    assert {start.form_key for each in found.processes for start in each.starts} >= {"af1"}


@pytest.mark.parametrize(
    "data",
    [b"", b"<", b"<a/>", b"<!DOCTYPE a><a/>", HEAD.encode(), (HEAD + "</bpmn:definitions>").encode(), b"\xff\xfe"],
)
def test_what_is_no_diagram_gets_a_named_reason(data: bytes, feel: Feel) -> None:
    assert report(data, feel).refused


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_diagram_never_raises(data: st.DataObject, feel: Feel) -> None:
    whole = (ROOT / "processes/interim.bpmn").read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 400))
    other = data.draw(st.binary(max_size=20))

    found = report(whole[:at] + other + whole[at + length :], feel)

    assert all(each.code and each.what for each in found.problems)


def test_a_process_says_clearly_whether_it_may_be_paused(feel: Feel) -> None:
    def said(value: str) -> bytes:
        own = f'<camunda:properties><camunda:property name="flowsvc:pausable" value="{value}"/></camunda:properties>'
        return around("", f"<bpmn:extensionElements>{own}</bpmn:extensionElements>")

    assert "process.pausable" in codes(said("kanske"), feel)
    assert "process.pausable" not in codes(said("true"), feel)
