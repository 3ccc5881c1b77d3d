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
MULTI = '<bpmn:multiInstanceLoopCharacteristics id="l" {}/>'


@pytest.mark.parametrize(
    "data",
    [
        around(TASK),
        around('<bpmn:task id="a"/>'),
        around('<bpmn:scriptTask id="a" scriptFormat="feel" camunda:resultVariable="r"><bpmn:script>1 + 1</bpmn:script></bpmn:scriptTask>'),
        around('<bpmn:businessRuleTask id="a" camunda:decisionRef="d" camunda:resultVariable="r"/>'),
        around('<bpmn:serviceTask id="a" camunda:type="external" camunda:topic="t"/>'),
        around('<bpmn:callActivity id="a" calledElement="other"/>'),
        around(SUB.format("", "")),
        around(SUB.format(MULTI.format('camunda:collection="=parties" camunda:elementVariable="party"'), "")),
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
            (around(f'<bpmn:{kind} id="a"/>'), "element.unsupported")
            for kind in (
                "inclusiveGateway",
                "eventBasedGateway",
                "complexGateway",
                "intermediateCatchEvent",
                "intermediateThrowEvent",
                "sendTask",
                "receiveTask",
                "transaction",
                "adHocSubProcess",
            )
        ],
        *[
            (around(TASK, boundary(f'<bpmn:{kind}EventDefinition id="k"/>')), "event.unsupported")
            for kind in ("signal", "conditional", "compensate", "cancel", "link", "terminate")
        ],
        (around(TASK, boundary('<bpmn:errorEventDefinition id="k"/>')), "event.host"),
        (around(TASK, boundary(TIMER.format("P1D") + MESSAGE)), "event.multiple"),
        (around(TASK, boundary(TIMER.format("PT0S"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("P0BD"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("P99999999D"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("5D"))), "timer.invalid"),
        (around(TASK, boundary(TIMER.format("=1 +"))), "expression.feel"),
        (around(TASK, boundary('<bpmn:timerEventDefinition id="t"><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>')), "timer.cycle"),
        (around('<bpmn:userTask id="a"><bpmn:standardLoopCharacteristics id="l"/></bpmn:userTask>'), "loop.standard"),
        (around(PEOPLE.format(MULTI.format('isSequential="true"'))), "loop.sequential"),
        (around('<bpmn:scriptTask id="a">' + MULTI.format('camunda:collection="x"') + "</bpmn:scriptTask>"), "loop.activity"),
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
        (around(TASK, '<bpmn:endEvent id="end2"/>' + flow("a", "end2")), "flow.implicit_split"),
        (around(TASK, '<bpmn:task id="alone"/>'), "element.unreachable"),
        (around(TASK, flow("end", "nowhere")), "flow.dangling"),
        (around('<bpmn:task id="a"><bpmn:dataInputAssociation id="i"/></bpmn:task>'), "data.unsupported"),
        (around(TASK, '<bpmn:task id="a"/>'), "id.duplicate"),
        (file(""), "process.empty"),
        (file('<bpmn:task id="a"/>' + flow("a", "a")), "scope.no_start"),
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


def test_a_choice_into_a_parallel_join_is_a_deadlock(feel: Feel) -> None:
    condition = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">x = 1</bpmn:conditionExpression>'
    data = file(
        '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="g" default="g_t2"/><bpmn:task id="t1"/>'
        '<bpmn:task id="t2"/><bpmn:parallelGateway id="j"/><bpmn:endEvent id="end"/>'
        + flow("start", "g") + flow("g", "t1", condition) + flow("g", "t2") + flow("t1", "j") + flow("t2", "j")
        + flow("j", "end")
    )  # fmt: skip

    assert codes(data, feel) == {"gateway.deadlock"}


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
