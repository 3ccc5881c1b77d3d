"""Input and output parameters: texts, scripts, lists and maps at any depth, under any name."""

import pytest

from flowsvc.domain.values import Value, from_json, to_json
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import CallRequested
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.factories import (
    bpmn,
    call,
    element,
    end,
    inputs_outputs,
    multi,
    path,
    script,
    start,
    subprocess,
    throw,
    user,
)

NAMES = (
    "typename", "len", "__builtins__", "å ä ö", "data_objects", "self", "id", "date of birth", "list", "null", "if",
    'with "quotes"', "it's", "a.b.c", "1st", "a-b", "", "{}", "${x}", "=x", "<b>&amp;", "\\n", "🧒", "$t",
)  # fmt: skip
NESTED = (
    '<camunda:inputParameter name="{}"><camunda:map>'
    '<camunda:entry key="plain">text</camunda:entry><camunda:entry key="with &quot;quotes&quot;">=n + 1</camunda:entry>'
    '<camunda:entry key="list"><camunda:list><camunda:value>a</camunda:value><camunda:value>${{n}}</camunda:value>'
    '<camunda:script scriptFormat="feel">n * 10</camunda:script><camunda:map><camunda:entry key="n">=n</camunda:entry>'
    '<camunda:entry key="m">=n</camunda:entry></camunda:map><camunda:list/></camunda:list></camunda:entry>'
    '<camunda:entry key="script"><camunda:script scriptFormat="feel">[n]</camunda:script></camunda:entry>'
    "</camunda:map></camunda:inputParameter>"
)
MADE = {"plain": "text", 'with "quotes"': 3, "list": ["a", 2, 20, {"n": 2, "m": 2}, []], "script": [2]}


def parameters(inside: str) -> str:
    return f"<camunda:inputOutput>{inside}</camunda:inputOutput>"


def alone(task: str) -> bytes:
    return bpmn(start(), task, user("after"), end(), path("start", "a", "after", "end"))


def test_lists_maps_and_scripts_are_built_out_of_their_parts(run: Begin) -> None:
    own = parameters(NESTED.format("x") + NESTED.replace("input", "output").format("y"))

    case = run(alone(user("a", own=own))).start(n=2)

    assert case.seen_from("a") == {"n": 2, "x": MADE}
    case.complete("a")
    assert case.variables == {"n": 2, "y": MADE}


def test_every_element_that_takes_parameters_takes_nested_ones(run: Begin) -> None:
    own = parameters(NESTED.format("x"))
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    external = element("serviceTask", "call", own=own, camunda_type="external", camunda_topic="t")
    source = bpmn(
        start(), throw("t", message, own=own), element("sendTask", "s", own=own, messageRef="m"),
        subprocess("sub", user("in"), multi("=[1]"), own=own), external, path("start", "t", "s", "sub", "call"),
    )  # fmt: skip

    case = run(source).start(n=2)
    assert [each.variables for each in case.messages] == [{"x": MADE}, {"x": MADE}]
    assert case.seen_from("in")["x"] == MADE
    case.complete("in")

    asked = case.wait("call")
    assert isinstance(asked, CallRequested)
    assert asked.inputs == {"x": MADE}


@pytest.mark.parametrize("name", [each for each in NAMES if each])
def test_any_name_is_a_variable_of_all_kinds_of_elements(run: Begin, name: str) -> None:
    own = inputs_outputs({name: "in"}, {name: "=n"})
    called = bpmn(start("s"), user("inner"), path("s", "inner"), key="q")
    own_all = '<camunda:in variables="all"/><camunda:out variables="all"/>'
    source = bpmn(
        start(), user("a", own=own), script("b", "n + 1", name), call("c", "q", own=own_all), user("d"),
        path("start", "a", "b", "c", "d"),
    )  # fmt: skip
    case = run(source, called={"q": called}).start_with({name: {name: [{name: 1}]}, "n": 1})
    assert case.seen_from("a") == {name: "in", "n": 1}

    case.complete("a", **{"other": {name: {"$t": "date", "v": "no date"}}})
    assert case.seen_from("inner") == {name: 2, "n": 1, "other": {name: {"$t": "date", "v": "no date"}}}
    case.complete_token(case.tokens("inner")[0], **{name: [None]})

    assert case.failures() == []
    assert case.variables[name] == [None]
    assert from_json(to_json(case.variables)) == case.variables


@pytest.mark.parametrize("name", NAMES)
def test_parallel_branches_lose_nothing_whatever_the_name(run: Begin, name: str) -> None:
    source = bpmn(
        start(), element("parallelGateway", "f"), user("x"), user("y"), element("parallelGateway", "j"), user("z"),
        path("start", "f", "x", "j", "z"), path("f", "y", "j"),
    )  # fmt: skip
    given = {f"{name}{number}": {name: [number]} for number in range(3)}
    case = run(source).start_with({name: "before"})

    case.complete_token(case.tokens("x")[0], **{f"{name}0": given[f"{name}0"], f"{name}1": 0})
    case.complete_token(case.tokens("y")[0], **{f"{name}1": given[f"{name}1"], f"{name}2": given[f"{name}2"]})

    assert case.variables == {name: "before", **given}


def test_a_context_that_looks_like_a_tagged_value_comes_back_as_it_was() -> None:
    values: list[Value] = [
        {"$t": "date", "v": "no date"},
        {"$t": "context", "v": {"$t": 1, "v": 2}},
        {"$t": None, "v": []},
    ]

    assert from_json(to_json(values)) == values


def test_feel_that_makes_no_value_is_an_incident(run: Begin) -> None:
    case = run(alone(script("a", '{"$t": "date", "v": "no date"}', "x"))).start()

    assert case.failures() == [("a", "engine.feel_type")]
    assert "no date" not in next(iter(case.failed.values())).message


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<camunda:inputParameter name="x">text<camunda:list/></camunda:inputParameter>', "parameter.shape"),
        ('<camunda:inputParameter name="x"><camunda:list/><camunda:map/></camunda:inputParameter>', "parameter.shape"),
        ('<camunda:inputParameter name="x"><camunda:map><camunda:entry>a</camunda:entry></camunda:map>'
         "</camunda:inputParameter>", "parameter.shape"),
        ('<camunda:inputParameter name="x"><camunda:map><camunda:entry key="a"/><camunda:entry key="a"/></camunda:map>'
         "</camunda:inputParameter>", "parameter.shape"),
        ('<camunda:inputParameter name="x"><camunda:value>a</camunda:value></camunda:inputParameter>',
         "parameter.shape"),
        ('<camunda:inputParameter name="x"><camunda:list><camunda:entry key="a"/></camunda:list>'
         "</camunda:inputParameter>", "parameter.shape"),
        ('<camunda:inputParameter name="x"><camunda:script scriptFormat="groovy">1</camunda:script>'
         "</camunda:inputParameter>", "script.language"),
        ('<camunda:inputParameter name="x"><camunda:list><camunda:value>=1 +</camunda:value></camunda:list>'
         "</camunda:inputParameter>", "expression.feel"),
        ('<camunda:inputParameter name="x"><camunda:script scriptFormat="feel">1 +</camunda:script>'
         "</camunda:inputParameter>", "expression.feel"),
        ("<camunda:inputParameter>1</camunda:inputParameter>", "parameter.name"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused(inside: str, code: str, shared_feel: Feel) -> None:
    found = check([SourceFile("p.bpmn", alone(user("a", own=parameters(inside))))], known=Known(), feel=shared_feel)

    assert code in {each.code for each in found.problems if each.severity == "refused"}


def test_a_script_beside_a_parameter_is_refused(shared_feel: Feel) -> None:
    source = alone(user("a", own='<camunda:script scriptFormat="feel">1</camunda:script>'))

    found = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel)

    assert "attribute.refused" in {each.code for each in found.problems if each.severity == "refused"}


# Calls


def test_what_is_local_to_a_call_is_all_that_it_hands_over_and_gets_back(run: Begin) -> None:
    called = bpmn(start("s"), script("x", "a + 1", "made"), user("in"), path("s", "x", "in"), key="q")
    own = (
        inputs_outputs({"a": "=n"}, {"b": "=made * 10"})
        + '<camunda:in variables="all" local="true"/><camunda:in source="n" target="m"/>'
        + '<camunda:out source="made" target="made" local="true"/><camunda:out sourceExpression="made + m" target="c"/>'
    )
    case = run(alone(call("a", "q", own=own)), called={"q": called}).start(n=1, hidden=2)
    assert case.seen_from("in") == {"a": 1, "m": 1, "made": 2}

    case.complete("in")

    assert case.variables == {"n": 1, "hidden": 2, "b": 20, "c": 3}


def test_a_call_with_nothing_of_its_own_hands_nothing_local_over(run: Begin) -> None:
    called = bpmn(user("in"), key="q")
    own = '<camunda:in variables="all" local="true"/><camunda:in businessKey="#{execution.processBusinessKey}"/>'

    assert run(alone(call("a", "q", own=own)), called={"q": called}).start(n=1).seen_from("in") == {}


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ("<camunda:in/>", "mapping.unclear"),
        ('<camunda:in source="a"/>', "mapping.unclear"),
        ('<camunda:in source="a" sourceExpression="=a" target="b"/>', "mapping.unclear"),
        ('<camunda:in variables="all" target="b"/>', "mapping.unclear"),
        ('<camunda:out variables="some"/>', "mapping.unclear"),
        ('<camunda:out businessKey="=a"/>', "mapping.unclear"),
        ('<camunda:in source="a" target="b" local="perhaps"/>', "mapping.unclear"),
    ],
)
def test_a_call_that_does_not_say_what_it_hands_over_is_refused(mapping: str, code: str, shared_feel: Feel) -> None:
    found = check(
        [SourceFile("p.bpmn", alone(call("a", "other", own=mapping)))],
        known=Known(processes=frozenset({"other"})),
        feel=shared_feel,
    ).problems

    assert {each.code for each in found if each.severity == "refused"} == {code}


def test_the_case_number_that_a_call_inside_the_case_gives_is_warned_about(shared_feel: Feel) -> None:
    found = check(
        [SourceFile("p.bpmn", alone(call("a", "other", own='<camunda:in businessKey="=a"/>')))],
        known=Known(processes=frozenset({"other"})),
        feel=shared_feel,
    ).problems

    assert ("warned", "mapping.business_key") in {(each.severity, each.code) for each in found}
    assert not any(each.severity == "refused" for each in found)


def test_a_call_inside_a_subprocess_says_for_itself_what_it_hands_over(run: Begin) -> None:
    inner = call("c", "q", own='<camunda:in source="n" target="m"/>')

    case = run(alone(subprocess("a", inner)), called={"q": bpmn(user("in"), key="q")}).start(n=1)

    assert case.seen_from("in") == {"m": 1}


def test_what_a_signal_takes_along_is_said_by_parameters_alone(shared_feel: Feel) -> None:
    signal = (
        '<bpmn:signalEventDefinition signalRef="sg"><bpmn:extensionElements><camunda:in variables="all"/>'
        "</bpmn:extensionElements></bpmn:signalEventDefinition>"
    )
    found = check([SourceFile("p.bpmn", alone(throw("a", signal)))], known=Known(), feel=shared_feel).problems

    assert {each.code for each in found if each.severity == "refused"} == {"mapping.place"}
