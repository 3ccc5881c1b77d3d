"""Data as it is drawn: data objects, properties, inputs and outputs, and what is copied along the associations."""

import pytest

from flowsvc.domain.values import Variables
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import CallRequested
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.factories import (
    boundary,
    bpmn,
    call,
    catch,
    data_object,
    data_sets,
    element,
    end,
    flow,
    inputs_outputs,
    io,
    message,
    multi,
    path,
    reads,
    script,
    signal,
    start,
    subprocess,
    throw,
    user,
    writes,
)

OBJECT = data_object("o", "ansökan")


def alone(task: str, *beside: str) -> bytes:
    """start → the element a → a user task → end, with data beside them."""
    return bpmn(*beside, start(), task, user("after"), end(), path("start", "a", "after", "end"))


def refused(source: bytes, feel: Feel) -> set[str]:
    found = check([SourceFile("p.bpmn", source)], known=Known(processes=frozenset({"other"})), feel=feel).problems
    return {each.code for each in found if each.severity == "refused"}


# Data objects and properties


@pytest.mark.parametrize(
    ("drawn", "name"),
    [
        (data_object("o", "Ansökan"), "Ansökan"),
        (data_object("o", "pil").replace('id="o"', 'id="o" name="eget"'), "eget"),
        (data_object("o"), "o"),
        ('<bpmn:dataObjectReference id="o_r" name="utan objekt"/>', "utan objekt"),
        ('<bpmn:property id="o_r" name="plan"/>', "plan"),
    ],
)
def test_a_data_object_is_a_variable_without_a_value_by_its_name(run: Begin, drawn: str, name: str) -> None:
    case = run(alone(user("a", io(outputs=("x",)), writes("x_out", to="o_r")), drawn)).start()
    assert case.variables == {name: None}

    case.complete("a", x="svar")

    assert case.variables == {name: "svar"}


def test_a_data_object_that_is_given_at_the_start_has_that_value(run: Begin) -> None:
    assert run(alone(user("a"), OBJECT)).start(ansökan="given").variables == {"ansökan": "given"}


def test_the_data_object_of_a_subprocess_belongs_to_each_visit_of_it(run: Begin) -> None:
    inner = (data_object("i", "ansökan"), start("s"), script("x", "given", "ansökan"), user("in"), path("s", "x", "in"))
    own = inputs_outputs({"given": "=item"})
    source = bpmn(
        OBJECT,
        start(),
        subprocess("sub", *inner, multi("=[1, 2]", "item"), own=own),
        end(),
        path("start", "sub", "end"),
    )
    case = run(source).start(ansökan="outer")

    inside = [values["ansökan"] for values in case.position.scopes.values() if "loopCounter" in values]
    assert inside in ([1, 2], [2, 1])
    assert case.variables == {"ansökan": "outer"}


def test_a_property_of_an_activity_is_seen_by_it_alone(run: Begin) -> None:
    prop = '<bpmn:property id="pr" name="minne"/>'
    case = run(alone(user("a", prop, reads("o_r", into="pr"), writes("pr", to="o_r", by="minne + 1")), OBJECT)).start(
        ansökan=1
    )
    assert case.seen_from("a") == {"ansökan": 1, "minne": 1}

    case.complete("a", minne=5)

    assert case.variables == {"ansökan": 6}


def test_a_data_state_is_only_warned_about(shared_feel: Feel) -> None:
    drawn = '<bpmn:dataObject id="o"><bpmn:dataState id="s" name="granskad"/></bpmn:dataObject>'
    found = check([SourceFile("p.bpmn", alone(user("a"), drawn))], known=Known(), feel=shared_feel).problems

    assert {each.code for each in found if each.severity == "warned"} >= {"data.state"}
    assert not [each for each in found if each.severity == "refused"]


# Inputs and outputs


def test_inputs_are_copied_in_and_outputs_out(run: Begin) -> None:
    task = user("a", io(("in",), ("out",)), reads("o_r", into="in_in"), writes("out_out", to="o_r"))
    case = run(alone(task, OBJECT)).start(ansökan={"namn": ["x"]})
    assert case.seen_from("a") == {"ansökan": {"namn": ["x"]}, "in": {"namn": ["x"]}, "out": None}

    case.complete("a", out={"svar": 1}, other=2)

    assert case.variables == {"ansökan": {"svar": 1}, "other": 2}


def test_a_transformation_makes_the_value_out_of_its_sources(run: Begin) -> None:
    other = data_object("q", "bilaga")
    task = user("a", io(("in",)), reads("o_r", "q_r", into="in_in", by="ansökan + bilaga + extra"))

    case = run(alone(task, OBJECT, other)).start(ansökan=1, bilaga=2, extra=4)

    assert case.seen_from("a")["in"] == 7


def test_assignments_set_parts_of_the_target(run: Begin) -> None:
    task = user(
        "a",
        io(outputs=("svar",)),
        writes("svar_out", to="o_r", parts={"ansökan.beslut.text": "svar", "o_r.antal": "1 + 1"}),
    )
    case = run(alone(task, OBJECT)).start(ansökan={"namn": "x"})

    case.complete("a", svar="ja")

    assert case.variables == {"ansökan": {"namn": "x", "beslut": {"text": "ja"}, "antal": 2}}


def test_a_required_input_without_value_stops_the_activity_and_names_it(run: Begin) -> None:
    task = user("a", io(("in", "extra"), optional=("extra",)), reads("o_r", into="in_in"))
    case = run(alone(task, OBJECT)).start()
    assert [(each.code, each.names) for each in case.failed.values()] == [("engine.data_missing", ("in",))]

    case.correct(ansökan=3)
    case.retry("a")

    assert case.seen_from("a") == {"ansökan": 3, "in": 3, "extra": None}


def test_a_required_output_without_value_stops_the_end(run: Begin) -> None:
    task = user("a", io(outputs=("ut", "mer"), optional=("mer",)), writes("ut_out", to="o_r"))
    case = run(alone(task, OBJECT)).start()

    case.complete("a", mer=1)

    assert [(each.code, each.names) for each in case.failed.values()] == [("engine.data_missing", ("ut",))]
    assert case.variables == {"ansökan": None}


def test_the_first_complete_input_set_decides_which_output_set_must_be_complete(run: Begin) -> None:
    sets = (
        '<bpmn:inputSet id="i1"><bpmn:dataInputRefs>x_in</bpmn:dataInputRefs>'
        "<bpmn:outputSetRefs>o1</bpmn:outputSetRefs></bpmn:inputSet>"
        '<bpmn:inputSet id="i2"><bpmn:dataInputRefs>y_in</bpmn:dataInputRefs>'
        "<bpmn:outputSetRefs>o2</bpmn:outputSetRefs></bpmn:inputSet>"
        '<bpmn:outputSet id="o1"><bpmn:dataOutputRefs>a_out</bpmn:dataOutputRefs></bpmn:outputSet>'
        '<bpmn:outputSet id="o2"><bpmn:dataOutputRefs>b_out</bpmn:dataOutputRefs></bpmn:outputSet>'
    )
    task = user(
        "a", io(("x", "y"), ("a", "b"), sets=sets), reads("o_r", into="x_in"), reads("q_r", into="y_in"),
        writes("a_out", to="o_r"), writes("b_out", to="q_r"),
    )  # fmt: skip
    case = run(alone(task, OBJECT, data_object("q", "bilaga"))).start(bilaga=1)

    case.complete("a", a=1)
    assert [each.names for each in case.failed.values()] == [("b",)]

    case = run(alone(task, OBJECT, data_object("q", "bilaga"))).start(bilaga=1)
    case.complete("a", b=7)
    assert (case.failures(), case.variables) == ([], {"ansökan": None, "bilaga": 7})


def test_values_are_never_shared_between_data(run: Begin) -> None:
    both = writes("out_out", to="q_r") + writes("out_out", to="r_r")
    task = user("a", io(("in",), ("out",)), reads("o_r", into="in_in"), both)
    case = run(alone(task, OBJECT, data_object("q", "bilaga"), data_object("r", "kopia"))).start(ansökan=[{"n": 1}])
    (inside,) = [values for scope, values in case.position.scopes.items() if scope]
    assert inside["in"] == case.variables["ansökan"]
    assert inside["in"] is not case.variables["ansökan"]

    given = [{"n": 2}]
    case.complete("a", out=given)

    assert case.variables["bilaga"] == case.variables["kopia"] == given
    assert len({id(each) for each in (case.variables["bilaga"], case.variables["kopia"], given)}) == 3


def test_a_script_a_service_and_a_table_write_their_outputs(run: Begin) -> None:
    service = element(
        "serviceTask", "a", io(("fråga",), ("svar",)), reads("o_r", into="fråga_in"), writes("svar_out", to="q_r"),
        camunda_type="external", camunda_topic="t",
    )  # fmt: skip
    made = element(
        "scriptTask", "b", io(outputs=("r",)), writes("r_out", to="o_r"), "<bpmn:script>bilaga + 1</bpmn:script>",
        scriptFormat="feel", camunda_resultVariable="r",
    )  # fmt: skip
    source = bpmn(OBJECT, data_object("q", "bilaga"), start(), service, made, user("c"), path("start", "a", "b", "c"))
    case = run(source).start(ansökan="x", hemligt=1)
    asked = case.wait("a")
    assert isinstance(asked, CallRequested)
    assert asked.inputs == {"fråga": "x"}

    case.finish("a", {"svar": 41})

    assert case.variables == {"ansökan": 42, "bilaga": 41, "hemligt": 1}


def test_an_output_of_a_collection_must_be_a_list(run: Begin) -> None:
    drawn = data_object("o", "ansökan", isCollection="true")
    case = run(alone(user("a", io(outputs=("x",)), writes("x_out", to="o_r")), drawn)).start()

    case.complete("a", x="en")

    assert [(each.code, each.names) for each in case.failed.values()] == [("engine.script_failed", ("ansökan",))]


# Events


def test_a_throwing_event_carries_what_its_inputs_give(run: Begin) -> None:
    inputs = '<bpmn:dataInput id="di" name="bud"/>' + reads("o_r", into="di")
    both = throw("a", inputs + message())
    source = bpmn(
        OBJECT, start(), both, end("end", inputs.replace('"di"', '"dj"').replace(">di<", ">dj<") + signal()),
        path("start", "a", "end"),
    )  # fmt: skip

    case = run(source).start(ansökan=[1], annat=2)

    assert [each.variables for each in case.messages] == [{"bud": [1]}]
    assert [each.variables for each in case.signals] == [{"bud": [1]}]


OUTPUT = '<bpmn:dataOutput id="do" name="bud"/>' + writes("do", to="o_r")


@pytest.mark.parametrize(
    "catching",
    [
        catch("a", OUTPUT + message()),
        element("receiveTask", "a", io(outputs=("bud",)), writes("bud_out", to="o_r"), messageRef="m"),
    ],
)
def test_a_catching_event_puts_what_came_where_its_outputs_go(run: Begin, catching: str) -> None:
    case = run(alone(catching, OBJECT)).start()

    case.send("a", bud={"x": 1}, mer=2)

    assert case.variables == {"ansökan": {"x": 1}, "mer": 2}
    assert case.waits == ["after"]


def test_events_on_borders_beside_the_flow_and_behind_gateways_have_outputs_too(run: Begin) -> None:
    beside = subprocess(
        "es",
        start("s", OUTPUT + message("m2"), isInterrupting="false"),
        end("e"),
        path("s", "e"),
        triggeredByEvent="true",
    )
    edge = boundary("b", "x", OUTPUT.replace("do", "db", 1).replace(">do<", ">db<") + signal(), interrupting=False)
    behind = catch("c", OUTPUT.replace('"do"', '"dc"').replace(">do<", ">dc<") + message())
    source = bpmn(
        OBJECT, start(), user("x"), edge, beside, element("eventBasedGateway", "g"), behind, catch("d", signal("sg2")),
        user("y"), path("start", "x", "y"), path("start", "g", "c"), path("g", "d"),
    )  # fmt: skip
    case = run(source).start()

    case.send("s", bud=1)
    assert case.variables == {"ansökan": 1}
    case.signal("larm", bud=2)
    assert case.variables == {"ansökan": 2}
    case.send("c", bud=3)

    assert case.failures() == []
    assert case.variables == {"ansökan": 3}


def test_an_output_may_have_the_name_of_the_data_that_it_goes_to(run: Begin) -> None:
    outputs = '<bpmn:dataOutput id="do" name="ansökan"/>' + writes("do", to="o_r")
    inner = (start("s", outputs + message("m2"), isInterrupting="false"), user("in"), path("s", "in"))
    edge = boundary("b", "x", outputs.replace("do", "db", 1).replace(">do<", ">db<") + signal(), interrupting=False)
    source = bpmn(
        OBJECT, start(), user("x"), edge, subprocess("es", *inner, triggeredByEvent="true"), path("start", "x")
    )
    case = run(source).start()

    case.send("s", ansökan=1)
    assert (case.variables, case.seen_from("in")) == ({"ansökan": 1}, {"ansökan": 1})
    case.signal("larm", ansökan=2)

    assert case.variables == {"ansökan": 2}


def test_a_start_by_message_puts_what_came_where_its_outputs_go(run: Begin) -> None:
    source = bpmn(OBJECT, start("s", OUTPUT + message()), user("a"), flow("s", "a"))

    assert run(source).start("s", bud=4, mer=1).variables == {"ansökan": 4, "mer": 1}


# Multi-instance and calls


def test_a_multi_instance_activity_reads_and_collects_data_by_id(run: Begin) -> None:
    mark = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>alla_in</bpmn:loopDataInputRef>"
        "<bpmn:loopDataOutputRef>svaren_out</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="one" name="en"/><bpmn:outputDataItem id="got" name="fick"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    optional = data_sets(("alla", "del"), ("svaren",), ("svaren",))
    task = user(
        "a", io(("alla", "del"), ("svaren",), sets=optional), reads("o_r", into="alla_in"), reads("one", into="del_in"),
        writes("svaren_out", to="q_r"), mark,
    )  # fmt: skip
    case = run(alone(task, OBJECT, data_object("q", "svar"))).start(ansökan=["x", "y"])
    assert sorted(str(case._engine.visible(case._model, case.position, token=t)["del"]) for t in case.tokens("a")) == [
        "x",
        "y",
    ]

    case.complete("a", fick=1)
    case.complete("a", fick=2)

    assert case.variables == {"ansökan": ["x", "y"], "svar": [1, 2]}


def test_a_loop_may_name_a_data_object_by_id(run: Begin) -> None:
    mark = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>o_r</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="one" name="en"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    source = alone(user("a", mark), data_object("o", 'min "lista". ett'))

    assert len(run(source).start_with({'min "lista". ett': [1, 2, 3]}).tokens("a")) == 3


CALLED = bpmn(
    io(("in", "extra"), ("ut",), optional=("extra",)), start("s"),
    user("x", io(("här",), ("klart",)), reads("in_in", into="här_in"), writes("klart_out", to="ut_out")),
    path("s", "x"),
    key="q",
)  # fmt: skip


def test_the_inputs_and_outputs_of_a_call_are_those_of_what_is_called_by_name(run: Begin) -> None:
    calling = call("a", "q", io(("in",), ("ut",)), reads("o_r", into="in_in"), writes("ut_out", to="o_r"))
    case = run(alone(calling, OBJECT), called={"q": CALLED}).start(ansökan="bud")
    assert case.seen_from("x") == {"in": "bud", "extra": None, "ut": None, "här": "bud", "klart": None}

    case.complete("x", klart="svar")

    assert case.variables == {"ansökan": "svar"}


def test_a_process_does_not_begin_without_the_inputs_that_it_requires(run: Begin) -> None:
    case = run(CALLED.replace(b'id="q"', b'id="p"')).start()
    assert [(each.element_id, each.names) for each in case.failed.values()] == [("s", ("in",))]

    case.correct(**{"in": 1})
    case.retry("s")

    assert case.waits == ["x"]


def test_a_global_task_has_the_inputs_of_what_is_called(run: Begin) -> None:
    drawn = element(
        "globalScriptTask", "gs", io(("tal",), ("summa",), optional=("summa",)), "<bpmn:script>tal + 1</bpmn:script>",
        scriptLanguage="feel", camunda_resultVariable="summa",
    )  # fmt: skip
    calling = call("a", "gs", io(("tal",), ("summa",)), reads("o_r", into="tal_in"), writes("summa_out", to="o_r"))
    source = alone(calling, OBJECT).replace(b"<bpmn:process", drawn.encode() + b"<bpmn:process", 1)
    source = source.replace(b'"tal_in" name', b'"t1" name', 1).replace(b">tal_in<", b">t1<", 1)
    source = source.replace(b'"summa_out" name', b'"s1" name', 1).replace(b">summa_out<", b">s1<", 2)

    case = run(source, called={"gs": source}).start(ansökan=1)

    assert case.variables == {"ansökan": 2}


# What is refused

PLACEHOLDER = '<bpmn:property id="pl" name="__targetRef_placeholder"/>'


def test_an_arrow_that_camunda_modeler_draws_to_no_input_changes_nothing(run: Begin) -> None:
    case = run(alone(user("a", PLACEHOLDER, reads("o_r", into="pl")), OBJECT)).start(ansökan=1)

    assert case.seen_from("a") == {"ansökan": 1}


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        (writes(to="o_r"), "data.nowhere"),
        (writes("o_r", to="x").replace("<bpmn:targetRef>x</bpmn:targetRef>", ""), "data.nowhere"),
        (PLACEHOLDER + reads("ds", into="pl"), "data.nowhere"),
        (io(("in",)) + reads("o_r", "o_r", into="in_in"), "data.sources"),
        (io(("in",)) + reads("gone", into="in_in"), "data.reference"),
        (io(("in",)) + reads("hidden", into="in_in"), "data.reference"),
        (reads("o_r", into="o_r"), "data.reference"),
        (io(outputs=("x",)) + writes("x_out", to="x_out"), "data.reference"),
        (io(outputs=("x",)) + writes("x_out", to="o_r", parts={"other.part": "x"}), "data.assignment"),
        (io(outputs=("x",)) + writes("x_out", to="o_r", by="1 +"), "expression.feel"),
        (io(outputs=("x",)) + writes("x_out", to="o_r", by="${a.b()}"), "expression.not_translatable"),
        (io(("in",)), "data.unfed"),
        (io(("in",), sets=data_sets(("other",))), "data.set"),
        (io(sets="<bpmn:inputSet><bpmn:whileExecutingInputRefs>x</bpmn:whileExecutingInputRefs></bpmn:inputSet>"),
         "data.while_executing"),
    ],
)  # fmt: skip
def test_what_copies_nothing_that_is_there_is_refused(inside: str, code: str, shared_feel: Feel) -> None:
    beside = (
        '<bpmn:dataStoreReference id="ds" name="lager"/>',
        OBJECT,
        subprocess("sub", data_object("hidden"), user("u")),
    )
    source = alone(user("a", inside), *beside, flow("start", "sub"))

    assert code in refused(source, shared_feel)


def test_an_event_beside_the_flow_that_needs_several_triggers_has_no_outputs(shared_feel: Feel) -> None:
    both = OUTPUT + message() + signal()
    edge = boundary("b", "a", both).replace("<bpmn:boundaryEvent", '<bpmn:boundaryEvent parallelMultiple="true"')

    assert refused(alone(user("a"), OBJECT, edge), shared_feel) == {"data.parallel"}


def test_an_event_that_needs_several_triggers_keeps_what_each_of_them_brought(run: Begin) -> None:
    outputs = OUTPUT + '<bpmn:dataOutput id="do2" name="mer"/>' + writes("do2", to="q_r")
    waits = catch("a", outputs + message() + signal(), parallelMultiple="true")
    case = run(alone(waits, OBJECT, data_object("q", "bilaga"))).start()

    case.send("a", bud=1)
    case.signal("larm", mer=2)

    assert case.variables == {"ansökan": 1, "bilaga": 2}


def test_data_behind_other_data_of_the_same_name_is_refused(shared_feel: Feel) -> None:
    inner = (data_object("i", "ansökan"), user("x", io(outputs=("y",)), writes("y_out", to="o_r")))
    source = bpmn(OBJECT, start(), subprocess("sub", *inner), flow("start", "sub"))

    assert refused(source, shared_feel) == {"data.hidden"}


def test_values_of_data_do_not_stand_in_the_state(run: Begin) -> None:
    secret: Variables = {"ansökan": "hemligheten"}
    task = user("a", io(("in",), ("out",)), reads("o_r", into="in_in"), writes("out_out", to="o_r"))

    case = run(alone(task, OBJECT)).start_with(secret)

    assert b"hemlig" not in case.position.state
