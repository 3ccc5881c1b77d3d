"""What BPMN lets a file leave out: scopes without start or end, codes, prefixes, shared event definitions, and tasks
that are called."""

from tests.engine.conftest import Begin
from tests.factories import boundary, bpmn, call, element, end, flow, path, script, start, subprocess, user


def test_a_process_without_start_event_begins_with_all_that_no_flow_leads_to(run: Begin) -> None:
    process = run(
        bpmn(user("a"), user("b"), element("parallelGateway", "j"), user("c"), path("a", "j", "c"), flow("b", "j"))
    )

    process.start()

    assert process.waits == ["a", "b"]
    process.complete("a")
    process.complete("b")
    assert process.waits == ["c"]
    assert {each.element_id for each in process.events} == {"a", "b", "j", "c"}, "nothing is shown that is not drawn"


def test_a_process_without_start_event_is_started_by_the_name_that_the_check_gave(run: Begin) -> None:
    process = run(bpmn(user("a")))

    process.start("p.start")
    process.complete("a")

    assert process.status.value == "ended"


def test_an_element_that_no_flow_leaves_is_an_end(run: Begin) -> None:
    process = run(
        bpmn(start(), element("parallelGateway", "f"), user("a"), user("b"), path("start", "f", "a"), flow("f", "b"))
    )

    process.start()
    process.complete("a")
    assert process.status.value == "running"
    process.complete("b")

    assert process.status.value == "ended"


def test_a_subprocess_without_start_or_end_events_runs_whole(run: Begin) -> None:
    inside = subprocess("s", user("a"), user("b"), script("c", "1", "x"))
    process = run(bpmn(start(), inside, end(), path("start", "s", "end")))

    process.start()

    assert process.waits == ["a", "b"]
    process.complete("a")
    process.complete("b")
    assert process.status.value == "ended"
    assert process.variables == {"x": 1}


def test_an_empty_subprocess_is_passed_straight_through(run: Begin) -> None:
    process = run(bpmn(start(), subprocess("s"), end(), path("start", "s", "end")))

    assert process.start().status.value == "ended"


def test_each_none_start_event_is_a_way_to_start(run: Begin) -> None:
    process = run(bpmn(start("s1"), start("s2"), user("a"), user("b"), path("s1", "a"), path("s2", "b")))

    process.start("s2")

    assert process.waits == ["b"]


def test_a_message_without_a_name_is_called_by_its_id(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), path("start", "a"), boundary("b", "a", '<bpmn:messageEventDefinition messageRef="nn"/>')
    )
    process = run(source.replace(b"<bpmn:process", b'<bpmn:message id="nn"/><bpmn:process'))

    process.start()

    assert process.last is not None
    assert [each.message for each in process.last.messages] == ["nn"]


def test_an_error_without_a_code_is_caught_by_who_means_the_same_error(run: Begin) -> None:
    thrown = subprocess("s", end("e", '<bpmn:errorEventDefinition errorRef="bare"/>'))
    other = boundary("other", "s", '<bpmn:errorEventDefinition errorRef="e1"/>')
    same = boundary("same", "s", '<bpmn:errorEventDefinition errorRef="bare"/>')
    process = run(bpmn(thrown, other, same).replace(b"<bpmn:process", b'<bpmn:error id="bare"/><bpmn:process'))

    process.start()

    assert process.happened("same") == ["started", "caught", "completed"]
    assert process.happened("other") == []


def test_a_prefix_of_the_files_own_namespace_says_nothing(run: Begin) -> None:
    source = bpmn(user("a"), boundary("b", "a", '<bpmn:messageEventDefinition messageRef="own:m"/>'))
    process = run(source.replace(b"targetNamespace", b'xmlns:own="t" targetNamespace'))

    process.start()

    assert process.last is not None
    assert [each.message for each in process.last.messages] == ["hej"]


def test_an_event_definition_may_be_shared(run: Begin) -> None:
    shared = (
        b'<bpmn:timerEventDefinition id="often"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'
    )
    reference = "<bpmn:eventDefinitionRef>often</bpmn:eventDefinitionRef>"
    source = bpmn(user("a"), user("b"), boundary("ta", "a", reference), boundary("tb", "b", reference))
    process = run(source.replace(b"<bpmn:process", shared + b"<bpmn:process"))

    process.start()

    assert process.waits == ["a", "b", "ta", "tb"]


def test_a_global_task_runs_as_the_task_of_its_kind(run: Begin) -> None:
    tasks = (
        b'<bpmn:globalUserTask id="gu" name="Ring" camunda:candidateGroups="g"/>'
        b'<bpmn:globalScriptTask id="gs" scriptLanguage="feel" camunda:resultVariable="x">'
        b"<bpmn:script>1 + 1</bpmn:script></bpmn:globalScriptTask>"
        b'<bpmn:globalManualTask id="gm"/><bpmn:globalTask id="gt"/>'
    )
    out = '<camunda:out source="x" target="x"/>'
    calls = (call("a", "gu"), call("b", "gs", own=out), call("c", "gm"), call("d", "gt"))
    source = bpmn(start(), *calls, end(), path("start", "a", "b", "c", "d", "end")).replace(
        b"<bpmn:process", tasks + b"<bpmn:process", 1
    )
    process = run(source, called=dict.fromkeys(("gu", "gs", "gm", "gt"), source))

    process.start()

    assert process.waits == ["gu.task"]
    assert process.task("gu.task").name == "Ring"
    process.complete("gu.task")
    assert process.status.value == "ended"
    assert process.variables == {"x": 2}
