"""Data stores: read as they are at that moment, written by associations alone."""

import pytest

from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.engine.conftest import Begin
from tests.factories import (
    bpmn,
    call,
    data_object,
    end,
    inputs_outputs,
    io,
    message,
    multi,
    path,
    reads,
    script,
    start,
    subprocess,
    throw,
    user,
    writes,
)

STORE = '<bpmn:dataStore id="taxa" name="Taxor 2026"/>'
REFERENCE = '<bpmn:dataStoreReference id="ref" name="annat" dataStoreRef="taxa"/>'


def stored(*parts: str) -> bytes:
    return bpmn(REFERENCE, *parts).replace(b"<bpmn:process", STORE.encode() + b"<bpmn:process", 1)


TASK = user("a", io(("dygn",), ("ny",), optional=("ny",)), reads("ref", into="dygn_in"), writes("ny_out", to="ref"))
ALONE = stored(start(), TASK, user("b"), end(), path("start", "a", "b", "end"))


def test_a_store_is_named_by_its_root_and_read_at_that_moment(run: Begin) -> None:
    case = run(ALONE)
    case.stores["Taxor 2026"] = {"dygn": 900}
    case.start()
    case.stores["Taxor 2026"] = {"dygn": 1000}

    assert case.seen_from("a") == {"dygn": {"dygn": 900}, "ny": None}
    assert case.variables == {}


def test_what_an_output_gives_a_store_is_written_and_nothing_else(run: Begin) -> None:
    case = run(ALONE)
    case.stores["Taxor 2026"] = 900
    case.start()

    case.complete("a", ny=[1], annat=2)

    assert case.stores == {"Taxor 2026": [1]}
    assert case.variables == {"annat": 2}
    assert case.last is not None
    assert [(each.element_id, each.name, each.value) for each in case.last.stored] == [("a", "Taxor 2026", [1])]


def test_a_store_without_value_is_missing_where_it_is_required(run: Begin) -> None:
    case = run(ALONE).start()

    assert [(each.code, each.names) for each in case.failed.values()] == [("engine.data_missing", ("dygn",))]


def test_a_transformation_may_count_on_the_store_and_null_removes(run: Begin) -> None:
    adds = io(("s",)) + reads("ref", into="s_in") + writes(to="ref", by="s + 1")
    source = stored(
        start(), script("a", "1", "x", adds), script("b", "1", "y", adds.replace("s_in", "t_in")), user("c"),
        script("d", "1", "z", writes(to="ref", by="null")), path("start", "a", "b", "c", "d"),
    )  # fmt: skip
    case = run(source)
    case.stores["Taxor 2026"] = 1
    case.start()
    assert case.stores == {"Taxor 2026": 3}

    case.complete("c")

    assert case.stores == {"Taxor 2026": None}


def test_assignments_change_parts_of_a_store(run: Begin) -> None:
    task = user("a", io(outputs=("pris",)), writes("pris_out", to="ref", parts={"Taxor 2026.helg.dygn": "pris"}))
    case = run(stored(start(), task, path("start", "a")))
    case.stores["Taxor 2026"] = {"vardag": 1}
    case.start()

    case.complete("a", pris=7)

    assert case.stores == {"Taxor 2026": {"vardag": 1, "helg": {"dygn": 7}}}


def test_an_element_that_fails_has_written_nothing(run: Begin) -> None:
    own = inputs_outputs(outputs={"x": "=1"})
    task = user("a", io(outputs=("ny",)), writes("ny_out", to="ref"), writes(to="o_r", by="gone"), own=own)
    case = run(stored(data_object("o"), start(), task, path("start", "a"))).start(gone=1)
    case.position.scopes[""].pop("gone")

    case.complete("a", ny=1)

    assert case.failures() == [("a", "engine.feel_unknown_name")]
    assert case.stores == {}


def test_a_store_is_reached_from_loops_subprocesses_and_called_processes(run: Begin) -> None:
    adds = io(("s",)) + reads("ref", into="s_in") + writes(to="ref", by="s + 1")
    inner = subprocess("sub", script("x", "1", "r", adds), multi("=[1, 2, 3]"))
    called = stored(start(), script("y", "1", "r", adds), path("start", "y")).replace(b'id="p"', b'id="q"')
    case = run(stored(start(), inner, call("c", "q"), end(), path("start", "sub", "c", "end")), called={"q": called})
    case.stores["Taxor 2026"] = 0

    case.start()

    assert (case.failures(), case.stores) == ([], {"Taxor 2026": 4})


def test_a_message_carries_what_a_store_holds(run: Begin) -> None:
    inputs = '<bpmn:dataInput id="di" name="taxa"/>' + reads("ref", into="di")
    case = run(stored(start(), throw("a", inputs + message()), path("start", "a")))
    case.stores["Taxor 2026"] = 5

    assert [each.variables for each in case.start().messages] == [{"taxa": 5}]


def test_a_model_knows_the_stores_of_all_that_runs_inside_it(shared_feel: Feel) -> None:
    called = ALONE.replace(b'id="p"', b'id="q"').replace(b"Taxor 2026", b"Koder")
    engine = Engine(shared_feel)

    model = engine.model(root="p", processes={"p": ALONE, "q": called}, decisions={})

    assert model.stores == ("Koder", "Taxor 2026")


@pytest.mark.parametrize("name", ["a/b", "x" * 201])
def test_a_store_that_no_address_can_name_is_refused(name: str, shared_feel: Feel) -> None:
    source = bpmn(user("a"), f'<bpmn:dataStoreReference id="ref" name="{name}"/>')

    found = check([SourceFile("p.bpmn", source)], known=Known(), feel=shared_feel).problems

    assert [each.code for each in found if each.severity == "refused"] == ["data.store_name"]
