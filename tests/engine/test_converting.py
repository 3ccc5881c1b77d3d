"""Diagrams of Camunda 8 and SpiffWorkflow become ours: each thing met is told, the check judges them, and they run."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from flowsvc.engine.comparing import compare
from flowsvc.engine.converting import Conversion, convert
from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from tests.conftest import ROOT
from tests.engine.driver import Run

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="t"'
)


def zeebe(*inside: str, shared: str = "") -> SourceFile:
    head = f'{HEAD} modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0">'
    text = f'{head}{shared}<bpmn:process id="p" isExecutable="true">{"".join(inside)}</bpmn:process></bpmn:definitions>'
    return SourceFile("p.bpmn", text.encode())


def spiff(*inside: str) -> SourceFile:
    text = f'{HEAD}><bpmn:process id="p" isExecutable="true">{"".join(inside)}</bpmn:process></bpmn:definitions>'
    return SourceFile("p.bpmn", text.encode())


def element(kind: str, identity: str, own: str = "", *inside: str, given: str = "") -> str:
    extended = f"<bpmn:extensionElements>{own}</bpmn:extensionElements>" if own else ""
    return f'<bpmn:{kind} id="{identity}" name="{identity}" {given}>{extended}{"".join(inside)}</bpmn:{kind}>'


def path(*ids: str) -> str:
    return "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))


def in_line(*elements: str) -> str:
    ids = [each.split('id="')[1].split('"')[0] for each in elements]
    return element("startEvent", "start") + "".join(elements) + element("endEvent", "end") + path("start", *ids, "end")


def text_of(conversion: Conversion) -> str:
    return conversion.file.data.decode()


def checked(conversion: Conversion, feel: Feel, *, forms: frozenset[str] = frozenset()) -> Report:
    return check([conversion.file, *conversion.forms], known=Known(forms=forms), feel=feel)


def refusals(report: Report) -> Sequence[tuple[str, str]]:
    return [(each.element_id, each.code) for each in report.problems if each.severity == "refused"]


# Camunda 8

APPLICATION = zeebe(
    in_line(
        element(
            "userTask",
            "register",
            '<zeebe:userTask/><zeebe:formDefinition formId="application" bindingType="latest"/>'
            '<zeebe:assignmentDefinition assignee="=clerk" candidateGroups="clerks, managers" candidateUsers="ann"/>'
            '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P5D&quot;)" followUpDate="P2D"/>'
            '<zeebe:priorityDefinition priority="70"/>'
            '<zeebe:ioMapping><zeebe:input source="=amount * 2" target="twice"/>'
            '<zeebe:output source="=answer" target="decision"/></zeebe:ioMapping>',
        ),
        element("scriptTask", "total", '<zeebe:script expression="=amount + 1" resultVariable="sum"/>'),
        element(
            "serviceTask",
            "pay",
            '<zeebe:taskDefinition type="payment" retries="4"/>'
            '<zeebe:taskHeaders><zeebe:header key="method" value="card"/></zeebe:taskHeaders>'
            '<zeebe:ioMapping><zeebe:input source="=sum" target="order.total"/>'
            '<zeebe:input source="SEK" target="order.currency"/><zeebe:output source="=paid" target="is_paid"/>'
            "</zeebe:ioMapping>",
        ),
    )
)


def test_a_diagram_of_camunda_8_passes_the_check_and_runs_as_it_was_meant(shared_feel: Feel) -> None:
    converted = convert(APPLICATION)
    assert refusals(checked(converted, shared_feel, forms=frozenset({"application"}))) == []
    # A form outside the test is not at hand for the engine.
    source = converted.file.data.replace(b' camunda:formRef="application"', b"")

    run = Run(shared_feel, "plain", {"p": source}).start(amount=10, clerk="me", answer="no")
    task = run.task("register")
    assert (task.assignee, task.candidate_groups) == ("me", ("clerks", "managers"))
    assert run.seen_from("register")["twice"] == 20
    run.complete("register", answer="yes")

    assert (run.variables["decision"], run.variables["sum"]) == ("yes", 11)
    call = run.wait("pay")
    assert (call.name, call.inputs) == (  # type: ignore[union-attr]  # it is a call, or the line before had failed
        "payment",
        {"method": "card", "order": {"total": 11, "currency": "SEK"}},
    )


def test_each_thing_met_is_told_with_its_element_and_nothing_of_camunda_8_is_left() -> None:
    converted = convert(APPLICATION)

    assert converted.came_from == "Camunda 8"
    assert "zeebe" not in text_of(converted)
    said = [(each.element_id, each.what) for each in converted.report]
    for place, words in (
        ("register", "zeebe:assignmentDefinition assignee är nu camunda:assignee."),
        ("register", "zeebe:taskSchedule dueDate är nu camunda:dueDate."),
        ("register", "zeebe:priorityDefinition är nu camunda:priority."),
        ("register", "zeebe:formDefinition är nu camunda:formRef."),
        ("register", "bindingType=latest är nu camunda:formRefBinding."),
        ("register", "zeebe:input twice är nu camunda:inputParameter."),
        ("register", "zeebe:userTask behövs inte: alla uppgifter sköts av flowsvc."),
        ("total", 'zeebe:script är nu scriptFormat="feel".'),
        ("pay", "zeebe:taskDefinition payment är nu camunda:topic."),
        ("pay", "retries=4 är nu camunda:failedJobRetryTimeCycle R4/PT5M."),
        ("pay", "zeebe:header method är nu camunda:inputParameter."),
        ("", "Filen är nu skriven för Camunda 7."),
    ):
        assert (place, words) in said
    assert all(each.what_en and each.what_en != each.what for each in converted.report)


def test_calls_and_decisions_say_what_they_hand_over() -> None:
    text = text_of(
        convert(
            zeebe(
                element(
                    "callActivity",
                    "c",
                    '<zeebe:calledElement processId="q" propagateAllChildVariables="false" bindingType="deployment"/>'
                    '<zeebe:ioMapping><zeebe:input source="=x" target="y"/><zeebe:output source="=z" target="w"/>'
                    "</zeebe:ioMapping>",
                ),
                element("businessRuleTask", "b", '<zeebe:calledDecision decisionId="limit" resultVariable="days"/>'),
            )
        )
    )

    for part in (
        'calledElement="q"',
        'camunda:calledElementBinding="deployment"',
        '<camunda:in variables="all"/>',
        '<camunda:in sourceExpression="=x" target="y"/>',
        '<camunda:out sourceExpression="=z" target="w"/>',
        'camunda:decisionRef="limit"',
        'camunda:resultVariable="days"',
    ):
        assert part in text
    assert '<camunda:out variables="all"/>' not in text


def test_a_key_of_a_message_stands_on_all_that_wait_for_it_and_not_on_what_it_starts() -> None:
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    shared = (
        '<bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order_id"/>'
        "</bpmn:extensionElements></bpmn:message>"
    )
    converted = convert(
        zeebe(
            element("startEvent", "s", "", message),
            element("intermediateCatchEvent", "e", "", message),
            element("receiveTask", "r", given='messageRef="m"'),
            shared=shared,
        )
    )

    told = [each.element_id for each in converted.report if "flowsvc:correlationKey" in each.what]
    assert told == ["e", "r"]
    assert text_of(converted).count('name="flowsvc:correlationKey" value="=order_id"') == 2


@pytest.mark.parametrize(("item", "name"), [("=result", "result"), ("=result.total + 1", "all_item")])
def test_a_loop_collects_what_it_collected(shared_feel: Feel, item: str, name: str) -> None:
    mark = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements>'
        '<zeebe:loopCharacteristics inputCollection="=[1, 2]" inputElement="each" outputCollection="all" '
        f'outputElement="{item}"/></bpmn:extensionElements><bpmn:completionCondition>=false'
        "</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )
    work = element("userTask", "u", '<zeebe:assignmentDefinition assignee="a"/>', mark)
    converted = convert(zeebe(in_line(work)))

    assert refusals(checked(converted, shared_feel)) == []
    run = Run(shared_feel, "plain", {"p": converted.file.data}).start(all=None)
    for number in (1, 2):
        run.complete("u", result=number if name == "result" else {"total": number})
    assert run.variables["all"] == ([1, 2] if name == "result" else [2, 3])


def test_work_of_a_script_task_is_a_service_task_and_what_a_worker_no_longer_gets_is_said() -> None:
    converted = convert(zeebe(element("scriptTask", "s", '<zeebe:taskDefinition type="python-runner"/>')))

    assert '<bpmn:serviceTask id="s"' in text_of(converted)
    assert "Arbetaren fick alla variabler. Nu får den bara det som ges som indata." in [
        each.what for each in converted.report
    ]


def test_a_message_that_a_worker_sends_is_sent_by_it() -> None:
    thrown = element(
        "endEvent", "e", '<zeebe:taskDefinition type="mail"/>', '<bpmn:messageEventDefinition id="x" messageRef="m"/>'
    )
    text = text_of(convert(zeebe(thrown, shared='<bpmn:message id="m" name="hello"/>')))

    assert '<bpmn:messageEventDefinition id="x" messageRef="m" camunda:type="external" camunda:topic="mail"/>' in text


def test_a_form_inside_the_diagram_becomes_a_file(shared_feel: Feel) -> None:
    form = '{"components": [], "type": "default", "id": "Form_1", "schemaVersion": 19}'
    converted = convert(
        zeebe(
            f'<bpmn:extensionElements><zeebe:userTaskForm id="userTaskForm_1">{form}</zeebe:userTaskForm>'
            '<zeebe:versionTag value="1.2"/></bpmn:extensionElements>',
            in_line(
                element(
                    "userTask",
                    "u",
                    '<zeebe:formDefinition formKey="camunda-forms:bpmn:userTaskForm_1"/>'
                    '<zeebe:assignmentDefinition candidateGroups="g"/>',
                )
            ),
        )
    )

    assert [each.name for each in converted.forms] == ["userTaskForm_1.form"]
    assert 'camunda:versionTag="1.2"' in text_of(converted)
    assert refusals(checked(converted, shared_feel)) == []


def listened(kind: str, event: str, job: str) -> str:
    listener = f'<zeebe:{kind}Listener eventType="{event}" type="{job}"/>'
    return f"<zeebe:{kind}Listeners>{listener}</zeebe:{kind}Listeners>"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (listened("execution", "start", "log"), "start log"),
        (listened("task", "assigning", "tell"), "assigning tell"),
        ('<zeebe:adHoc activeElementsCollection="=x"/>', "zeebe:adHoc"),
        ('<zeebe:calledElement processId="=which"/>', "processId==which"),
        ('<zeebe:formDefinition formId="f" bindingType="versionTag"/>', "bindingType=versionTag"),
        ('<zeebe:taskDefinition type="t" retries="=n"/>', "retries==n"),
    ],
)  # fmt: skip
def test_what_has_no_counterpart_is_left_out_and_said_to_be(own: str, said: str) -> None:
    converted = convert(zeebe(element("callActivity", "a", own)))

    assert any(each.outcome == "left_out" and said in each.what for each in converted.report)
    assert "zeebe" not in text_of(converted)


def test_properties_are_kept_and_a_template_of_a_connector_is_said_to_be_left_out() -> None:
    own = '<zeebe:properties><zeebe:property name="cost" value="12"/></zeebe:properties>'
    converted = convert(zeebe(element("serviceTask", "a", own, given='zeebe:modelerTemplate="io.http"')))

    assert '<camunda:property name="cost" value="12"/>' in text_of(converted)
    assert ("left_out", "modelerTemplate=io.http") in [
        (each.outcome, each.what.partition(" togs")[0]) for each in converted.report
    ]


# SpiffWorkflow


def spiffed(kind: str, own: str = "", *inside: str, given: str = "") -> Conversion:
    return convert(spiff(in_line(element(kind, "a", own, *inside, given=given))))


def outcomes(conversion: Conversion, place: str = "a") -> list[tuple[str, str]]:
    return [(each.outcome, each.what) for each in conversion.report if each.element_id == place]


def test_python_that_only_assigns_becomes_feel(shared_feel: Feel) -> None:
    after = "<spiffworkflow:postScript>b = a\nc = True</spiffworkflow:postScript>"
    converted = spiffed("scriptTask", after, "<bpmn:script>a = 'x'</bpmn:script>")

    assert refusals(checked(converted, shared_feel)) == []
    run = Run(shared_feel, "plain", {"p": converted.file.data}).start(b=None, c=None)
    assert (run.variables["a"], run.variables["b"], run.variables["c"]) == ("x", "x", True)


def test_other_python_is_kept_as_a_text_said_and_refused_where_it_would_be_missed(shared_feel: Feel) -> None:
    converted = spiffed(
        "scriptTask",
        "<spiffworkflow:preScript>import os\nos.remove(x)</spiffworkflow:preScript>",
        "<bpmn:script>total = sum(rows)</bpmn:script>",
    )

    assert "os.remove(x)" in text_of(converted).split("</bpmn:documentation>")[0]
    assert [each[0] for each in outcomes(converted)] == ["left_out", "kept"]
    assert refusals(checked(converted, shared_feel)) == [("a", "script.language")]


def test_conditions_and_times_that_are_plain_become_feel_and_others_are_said() -> None:
    flow = '<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="b"><bpmn:conditionExpression>{}</bpmn:conditionExpression></bpmn:sequenceFlow>'  # noqa: E501
    marks = "<spiffworkflow:properties/>"
    plain = convert(spiff(element("task", "a", marks), flow.format("x == 'Ja' and done is True")))
    good = convert(spiff(element("task", "a", marks), flow.format("x == 'True' and not done")))
    duration = '<bpmn:timeDuration>"PT1H"</bpmn:timeDuration>'
    timed = spiffed(
        "intermediateCatchEvent", marks, f"<bpmn:timerEventDefinition>{duration}</bpmn:timerEventDefinition>"
    )

    assert [each.outcome for each in plain.report] == ["kept"]
    assert '=x = "True" and not(done)' in text_of(good)
    assert "<bpmn:timeDuration>PT1H</bpmn:timeDuration>" in text_of(timed)


def test_tasks_of_people_get_their_lane_their_words_and_the_name_of_their_form() -> None:
    lane = '<bpmn:lane id="l" name="Handläggare"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>'
    lanes = f"<bpmn:laneSet>{lane}</bpmn:laneSet>"
    own = (
        "<spiffworkflow:instructionsForEndUser>Hej {{ name }}</spiffworkflow:instructionsForEndUser>"
        '<spiffworkflow:properties><spiffworkflow:property name="formJsonSchemaFilename" value="ansokan-schema.json"/>'
        '<spiffworkflow:property name="formUiSchemaFilename" value="ansokan-ui.json"/></spiffworkflow:properties>'
        "<spiffworkflow:allowGuest>true</spiffworkflow:allowGuest>"
    )
    for kind in ("userTask", "manualTask"):
        converted = convert(spiff(lanes, in_line(element(kind, "a", own))))
        text = text_of(converted)

        assert '<bpmn:userTask id="a"' in text
        assert 'camunda:candidateGroups="Handläggare"' in text
        assert 'camunda:formRef="ansokan"' in text
        assert "Hej {{ name }}" in text
        left = [each.what for each in converted.report if each.outcome == "left_out"]
        assert [each.partition(" ")[0] for each in left] == [
            "Blanketten",
            "formUiSchemaFilename",
            "spiffworkflow:allowGuest",
        ]


def test_a_service_and_a_decision_say_what_they_are_asked() -> None:
    service = spiffed(
        "serviceTask",
        '<spiffworkflow:serviceTaskOperator id="http/GetRequest" resultVariable="answer"><spiffworkflow:parameters>'
        '<spiffworkflow:parameter id="url" type="str" value="\'https://x.example\'"/>'
        '<spiffworkflow:parameter id="rows" type="list" value="[r for r in rows]"/>'
        "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>",
    )
    decision = spiffed(
        "businessRuleTask", "<spiffworkflow:calledDecisionId>limit-table</spiffworkflow:calledDecisionId>"
    )

    for part in (
        'camunda:topic="http-GetRequest"',
        'camunda:resultVariable="answer"',
        '="https://x.example"',
        "rows = [r for",
    ):
        assert part in text_of(service)
    assert 'camunda:decisionRef="limit-table" camunda:resultVariable="limit_table"' in text_of(decision)


@pytest.mark.parametrize(
    "name",
    [
        "unitTests",
        "messageVariable",
        "messagePayload",
        "guestConfirmation",
        "signalButtonLabel",
        "scriptsOnInstances",
        "newThing",
    ],
)
def test_what_spiffworkflow_says_and_we_do_not_is_left_out_and_said_to_be(name: str) -> None:
    converted = spiffed("task", f"<spiffworkflow:{name}>x</spiffworkflow:{name}>")

    assert outcomes(converted)[0][0] == "left_out"
    assert "spiffworkflow:" not in text_of(converted).replace("xmlns", "")


def test_calls_hand_over_all_and_keys_of_messages_are_kept() -> None:
    call = spiffed(
        "callActivity", "<spiffworkflow:preScript>y = x</spiffworkflow:preScript>", given='calledElement="q"'
    )
    key = (
        "<spiffworkflow:processVariableCorrelation><spiffworkflow:propertyId>o</spiffworkflow:propertyId>"
        "<spiffworkflow:expression>order.id</spiffworkflow:expression></spiffworkflow:processVariableCorrelation>"
    )
    waits = spiffed("receiveTask", key)

    assert '<camunda:in variables="all"/>' in text_of(call)
    assert '<camunda:out variables="all"/>' in text_of(call)
    assert 'name="flowsvc:correlationKey" value="=order.id"' in text_of(waits)


# All


@pytest.mark.parametrize("file", sorted((ROOT / "processes").iterdir()), ids=lambda file: file.name)
def test_what_is_ours_already_is_not_touched(file: SourceFile) -> None:
    ours = SourceFile(file.name, file.read_bytes())  # type: ignore[attr-defined]  # a path

    assert convert(ours) == Conversion(ours)


@pytest.mark.parametrize(
    "data", [b"", b"<a", b"\0\xff", b"<a xmlns:zeebe='http://camunda.org/schema/zeebe/1.0' zeebe:b='1'/>"]
)
def test_any_bytes_are_converted_or_left_as_they_are(data: bytes) -> None:
    assert isinstance(convert(SourceFile("x.bpmn", data)), Conversion)


def test_converting_again_changes_nothing_and_the_drawing_stays() -> None:
    drawing = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><bpmndi:BPMNPlane bpmnElement="p"><bpmndi:BPMNShape '
        'bpmnElement="start"><dc:Bounds x="1" y="2" width="36" height="36"/></bpmndi:BPMNShape></bpmndi:BPMNPlane>'
        "</bpmndi:BPMNDiagram></bpmn:definitions>"
    )
    drawn = SourceFile("p.bpmn", APPLICATION.data.replace(b"</bpmn:definitions>", drawing.encode()))
    once = convert(drawn)

    assert convert(once.file) == Conversion(once.file)
    moved = compare("process", drawn.data, once.file.data, language="sv").moved
    assert [each.title for each in moved] == ["Filen"]
