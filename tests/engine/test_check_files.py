"""Any bytes named .bpmn get a named reason, and what real tools write is read for what it means."""

# ruff: noqa: E501 - a small diagram stands on one line

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from tests.factories import HEAD, bpmn, element, end, flow, path, start, subprocess, user

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SMALL = (
    '<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/>'
    '<endEvent id="e"/></process>'
)


def report(*data: bytes | str, feel: Feel, known: Known | None = None) -> Report:
    files = [
        SourceFile(f"p{number}.bpmn", each.encode() if isinstance(each, str) else each)
        for number, each in enumerate(data)
    ]
    return check(files, known=known or Known(processes=frozenset({"other"})), feel=feel)


def codes(found: Report, severity: str = "refused") -> list[str]:
    return [each.code for each in found.problems if each.severity == severity]


def definitions(inside: str, *, space: str = MODEL, more: str = "") -> str:
    return f'<definitions xmlns="{space}" targetNamespace="t" {more}>{inside}</definitions>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml.malformed"),
        (b"   \n", "xml.malformed"),
        (b"not xml", "xml.malformed"),
        (b"PK\x03\x04\x14\x00", "xml.malformed"),
        (b"\x00" * 100, "xml.malformed"),
        (b"<definitions", "xml.malformed"),
        (b"<a>&nbsp;</a>", "xml.malformed"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "xml.malformed"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "xml.malformed"),
        ('<?xml version="1.0" encoding="UTF-8"?><a>å</a>'.encode("latin-1"), "xml.malformed"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml.doctype"),
        (b"<a>" * 300 + b"</a>" * 300, "xml.malformed"),
        (b"<a>" + b" " * 2_000_000 + b"</a>", "input.too_large"),
        (b"<a/>", "file.not_bpmn"),
        (b'{"type": "default"}', "xml.malformed"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "file.not_bpmn"),
        (f"<definitions>{SMALL}</definitions>".encode(), "file.no_namespace"),
        (definitions(SMALL, space="http://schema.omg.org/spec/BPMN/2.0").encode(), "file.old_bpmn"),
        (b'<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>', "file.old_bpmn"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "file.is_dmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>', "file.is_cmmn"),
        (SMALL.replace("<process", f'<process xmlns="{MODEL}"').encode(), "file.fragment"),
        (definitions("").encode(), "file.nothing"),
        (definitions('<choreography id="c"/>').encode(), "file.choreography"),
        (definitions('<process id="p" isExecutable="false"><task id="t"/></process>').encode(), "file.no_process"),
        (definitions('<process id="p"/>').encode(), "file.no_process"),
        (definitions('<process id="p" isExecutable="true"/>').encode(), "process.empty"),
        (definitions('<process isExecutable="true"><task id="t"/></process>').encode(), "id.missing"),
        (definitions('<extension definition="x" mustUnderstand="true"/>' + SMALL).encode(), "extension.must_understand"),
    ],
)  # fmt: skip
def test_what_is_no_diagram_that_runs_has_its_reason_named(data: bytes, code: str, shared_feel: Feel) -> None:
    found = report(data, feel=shared_feel)

    assert code in codes(found)
    assert all(each.what and each.file_name for each in found.problems)


def test_the_reason_of_a_file_that_is_too_large_is_in_both_languages(shared_feel: Feel) -> None:
    (problem,) = report(b"<a>" + b" " * 2_000_000 + b"</a>", feel=shared_feel).problems

    assert all((problem.what, problem.cure, problem.what_en, problem.cure_en))


@pytest.mark.parametrize(
    "data",
    [
        definitions(SMALL),
        definitions(SMALL).replace("definitions", "bpmn2:definitions").replace("xmlns=", "xmlns:bpmn2=").replace(
            "<process", "<bpmn2:process").replace("</process", "</bpmn2:process").replace("<startEvent", "<bpmn2:startEvent")
            .replace("<endEvent", "<bpmn2:endEvent").replace("<sequenceFlow", "<bpmn2:sequenceFlow"),
        definitions(SMALL.replace(' isExecutable="true"', "")),
        definitions(SMALL.replace('"true"', '"1"')),
        definitions(SMALL.replace(' id="f"', "")),
        "\ufeff" + definitions(SMALL),
        '<?xml version="1.0" encoding="UTF-16"?>' + definitions(SMALL),
        '<?xml version="1.0" encoding="ISO-8859-1"?>' + definitions(SMALL.replace('id="s"', 'id="s" name="Början"')),
        definitions(SMALL + '<process id="black_box"/>'),
        definitions(SMALL + '<process id="other" isExecutable="false"><task id="t"/></process>'),
        definitions(SMALL, more='exporter="x" expressionLanguage="http://www.w3.org/1999/XPath"'),
    ],
)  # fmt: skip
def test_what_tools_write_otherwise_means_the_same(data: str, shared_feel: Feel) -> None:
    encoding = "utf-16" if "UTF-16" in data else "iso-8859-1" if "8859" in data else "utf-8"

    found = report(data.encode(encoding), feel=shared_feel)

    assert codes(found) == []
    assert [each.key for each in found.processes] == ["p"]


def test_where_one_process_is_marked_executable_those_that_do_not_say_are_drawings(shared_feel: Feel) -> None:
    unmarked = '<process id="q"><task id="t"/></process>'

    both = report(definitions(unmarked + unmarked.replace('"q"', '"r"').replace('"t"', '"u"')), feel=shared_feel)
    one = report(definitions(SMALL + unmarked), feel=shared_feel)

    assert [each.key for each in both.processes] == ["q", "r"]
    assert [each.key for each in one.processes] == ["p"]


def test_several_pools_with_black_boxes_and_message_flows_are_read(shared_feel: Feel) -> None:
    pools = (
        '<collaboration id="c"><participant id="pool" name="Vi" processRef="p"/><participant id="box" name="De"/>'
        '<messageFlow id="mf" sourceRef="box" targetRef="s"/><textAnnotation id="ta"><text>hej</text></textAnnotation>'
        '<association id="as" sourceRef="ta" targetRef="pool"/></collaboration>'
    )

    found = report(definitions(pools + SMALL), feel=shared_feel)

    assert (codes(found), codes(found, "warned")) == ([], [])
    assert [each.name for each in found.processes] == ["Vi"]


def test_a_process_may_begin_and_end_without_events(shared_feel: Feel) -> None:
    found = report(bpmn(user("a"), user("b"), user("c"), flow("a", "b")), feel=shared_feel)

    assert codes(found) == []
    assert [each.element_id for each in found.processes[0].starts] == ["p.start"]


@pytest.mark.parametrize(
    "drawn",
    [
        '<bpmn:dataObject id="d"/><bpmn:dataObjectReference id="dr" dataObjectRef="d"/><bpmn:dataStoreReference id="ds"/>',
        '<bpmn:textAnnotation id="ta"><bpmn:text>hej</bpmn:text></bpmn:textAnnotation><bpmn:group id="g"/>',
        '<bpmn:association id="as" sourceRef="a" targetRef="a"/><bpmn:property id="pr" name="x"/>',
        '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="L"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        '<bpmn:ioSpecification id="io"><bpmn:inputSet id="is"/><bpmn:outputSet id="os"/></bpmn:ioSpecification>',
        '<bpmn:auditing id="au"/><bpmn:monitoring id="mo"/>',
    ],
)
def test_what_is_only_drawn_stops_nothing(drawn: str, shared_feel: Feel) -> None:
    found = report(bpmn(start(), user("a"), end(), path("start", "a", "end"), drawn), feel=shared_feel)

    assert codes(found) == []


@pytest.mark.parametrize(
    ("process", "code"),
    [
        ((start(), flow("start", "nowhere")), "flow.dangling"),
        ((start(), '<bpmn:sequenceFlow id="f" sourceRef="start"/>'), "flow.dangling"),
        ((start(), subprocess("s", user("a")), path("start", "s", "a")), "flow.crosses"),
        ((start(), user("a"), path("start", "a", "start")), "flow.wrong_end"),
        ((start(), end(), user("a"), path("start", "end", "a")), "flow.wrong_end"),
        ((start(), element("boundaryEvent", "b", attachedToRef="gone"), end(), path("start", "end")), "reference.dangling"),
        ((start(), element("boundaryEvent", "b", attachedToRef="end"), end(), path("start", "end")), "reference.kind"),
        ((start("start", '<bpmn:messageEventDefinition messageRef="gone"/>'),), "reference.dangling"),
        ((start("start", '<bpmn:messageEventDefinition messageRef="e1"/>'),), "reference.kind"),
        ((start(), end("end", '<bpmn:errorEventDefinition errorRef="gone"/>'), flow("start", "end")), "reference.dangling"),
        ((start(), user("a", default="gone"), flow("start", "a")), "reference.dangling"),
        ((start(), element("exclusiveGateway", "g", default="end"), end(), path("start", "g", "end")), "reference.kind"),
        ((start(), "<bpmn:task/>"), "id.missing"),
        ((start(), user("start")), "id.duplicate"),
        ((start(), element("nonsense", "n"), end(), flow("start", "end")), "element.unknown"),
        ((user("a", loopMaximum="x", isForCompensation="maybe"),), "schema.value"),
        ((element("boundaryEvent", "b", attachedToRef="a", cancelActivity="perhaps"), user("a")), "schema.value"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_refused_with_its_place(process: tuple[str, ...], code: str, shared_feel: Feel) -> None:
    found = [each for each in report(bpmn(*process), feel=shared_feel).problems if each.code == code]

    assert found
    assert all(each.element_id or each.line for each in found)


@pytest.mark.parametrize(
    ("process", "code"),
    [
        ((user("a", color="red"),), "schema.attribute"),
        ((user("a").replace("></bpmn:userTask>", "><bpmn:outgoing>f</bpmn:outgoing><bpmn:documentation/></bpmn:userTask>"),),
         "schema.place"),
        ((element("exclusiveGateway", "g", gatewayDirection="up"),), "schema.value_drawn"),
        ((user("a"), '<bpmn:dataObjectReference id="dr" dataObjectRef="gone"/>'), "reference.dangling_drawn"),
        ((user("a"), '<bpmn:laneSet id="ls"><bpmn:lane id="l"><bpmn:flowNodeRef>gone</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>'),
         "reference.dangling_drawn"),
        ((user("a", "<bpmn:potentialOwner id='po'/>"),), "content.not_read"),
        ((user("a", camunda_candidateGroups=""),), "task.nobody"),
        ((user("a"), flow("a", "b"), user("b"), flow("b", "a"), start(), flow("start", "a")), "scope.no_end"),
        ((subprocess("s"),), "scope.empty"),
    ],
)  # fmt: skip
def test_what_runs_all_the_same_is_only_warned_about(process: tuple[str, ...], code: str, shared_feel: Feel) -> None:
    found = report(bpmn(*process), feel=shared_feel)

    assert code in codes(found, "warned")
    assert codes(found) in ([], ["flow.implicit_split"])


@pytest.mark.parametrize("prefix", ["flowable", "activiti"])
def test_what_activiti_and_flowable_say_and_mean_the_same_by_is_used(prefix: str, shared_feel: Feel) -> None:
    space = f'xmlns:{prefix}="http://{prefix}.org/bpmn"'
    task = f'<userTask id="t" {prefix}:candidateGroups="g" {prefix}:async="true"/>'
    source = definitions(f'<process id="p" isExecutable="true">{task}</process>', more=space)

    found = report(source, feel=shared_feel)

    assert codes(found) == []
    assert codes(found, "warned") == ["attribute.ignored"]
    assert f"{prefix}:candidateGroups" in {each.attribute for each in found.problems if each.severity == "used"}


@pytest.mark.parametrize(
    ("space", "inside", "name"),
    [
        ("activiti.org/bpmn", '<serviceTask id="t" x:class="a.B"/>', "activiti:class"),
        ("flowable.org/bpmn", '<serviceTask id="t" x:type="http"/>', "flowable:type"),
        ("camunda.org/schema/zeebe/1.0", '<userTask id="t"><extensionElements><x:userTask/></extensionElements></userTask>', "zeebe:userTask"),
        ("operaton.org/schema/1.0/bpmn", '<serviceTask id="t" x:delegateExpression="a"/>', "operaton:delegateExpression"),
        ("spiffworkflow.org/bpmn/schema/1.0/core", '<task id="t"><extensionElements><x:preScript/></extensionElements></task>', "spiffworkflow:preScript"),
        ("camunda.org/schema/1.0/bpmn", '<sequenceFlow id="f" sourceRef="t" targetRef="u"><conditionExpression x:resource="a.js"/></sequenceFlow><task id="t"/><task id="u"/>', "camunda:resource"),
    ],
)  # fmt: skip
def test_what_belongs_to_another_engine_is_refused_by_name(
    space: str, inside: str, name: str, shared_feel: Feel
) -> None:
    process = f'<process id="p" isExecutable="true">{inside}</process>'

    found = report(definitions(process, more=f'xmlns:x="http://{space}"'), feel=shared_feel)

    assert [each.attribute for each in found.problems if each.severity == "refused" and each.attribute] == [name]


def test_extensions_of_other_tools_are_told_of_once(shared_feel: Feel) -> None:
    more = 'xmlns:d="http://www.jboss.org/drools" xmlns:s="http://www.signavio.com"'
    process = SMALL.replace("<process", '<process d:version="1"').replace("<endEvent", '<endEvent d:a="1" s:b="2"')

    assert codes(report(definitions(process, more=more), feel=shared_feel), "warned") == ["extension.foreign"] * 2


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ('<bpmn:scriptTask id="a" camunda:resultVariable="r"><bpmn:script>1 + 1</bpmn:script></bpmn:scriptTask>', ""),
        ('<bpmn:scriptTask id="a" scriptFormat="FEEL" camunda:resultVariable="r"><bpmn:script>= 1</bpmn:script></bpmn:scriptTask>', ""),
        ('<bpmn:scriptTask id="a" camunda:resultVariable="r"><bpmn:script>x = 1; y()</bpmn:script></bpmn:scriptTask>', "expression.feel"),
        ('<bpmn:scriptTask id="a" scriptFormat="javascript"><bpmn:script>1</bpmn:script></bpmn:scriptTask>', "script.language"),
    ],
)  # fmt: skip
def test_a_script_is_feel_or_its_language_is_named(script: str, code: str, shared_feel: Feel) -> None:
    found = report(bpmn(script), feel=shared_feel)

    assert codes(found) == ([code] if code else [])
    if code == "script.language":
        assert "javascript" in next(each.what for each in found.problems if each.code == code)


def test_files_with_the_same_process_cannot_be_deployed_together(shared_feel: Feel) -> None:
    assert "key.duplicate" in codes(report(definitions(SMALL), definitions(SMALL), feel=shared_feel))


def test_a_called_global_task_is_a_process_of_its_own(shared_feel: Feel) -> None:
    source = HEAD + (
        '<bpmn:globalUserTask id="gu" name="Gör" camunda:candidateGroups="g"/><bpmn:process id="p" isExecutable="true">'
        '<bpmn:callActivity id="c" calledElement="gu"/></bpmn:process></bpmn:definitions>'
    )

    found = report(source, feel=shared_feel)

    assert codes(found) == []
    assert {each.key for each in found.processes} == {"p", "gu"}


@pytest.mark.parametrize(
    "source",
    [
        bpmn(*(element("task", f"t{number}") for number in range(2001))),
        bpmn().replace(
            b"<bpmn:process", b"".join(b'<bpmn:globalTask id="g%d"/>' % n for n in range(700)) + b"<bpmn:process"
        ),
    ],
)
def test_the_processes_of_a_file_count_together_against_the_limit(source: bytes, shared_feel: Feel) -> None:
    assert codes(report(source, feel=shared_feel)) == ["diagram.too_large"]
