"""Data stores between processes, people and programs: no update is lost, and what is sent twice happens once."""

import threading

import pytest

from flowsvc.domain.access import SYSTEM, Actor, ActorKind
from flowsvc.domain.errors import NotFound, StaleRevision
from flowsvc.usecases import data_stores
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once
from tests.usecases.office import (
    END,
    START,
    chain,
    complete,
    deploy,
    incidents_of,
    names,
    process,
    start,
    user_task,
    variables_of,
)

CLIENT = Actor(kind=ActorKind.CLIENT, person_id="priser", scopes=frozenset({"data-stores:write"}))
STORE = '<bpmn:dataStoreReference id="lager" name="räknare"/>'
COUNT = (
    "rakna",
    '<bpmn:scriptTask id="rakna" scriptFormat="feel" camunda:resultVariable="x">'
    '<bpmn:ioSpecification><bpmn:dataInput id="i" name="nu"/><bpmn:inputSet><bpmn:dataInputRefs>i</bpmn:dataInputRefs>'
    "</bpmn:inputSet><bpmn:outputSet/></bpmn:ioSpecification>"
    "<bpmn:dataInputAssociation><bpmn:sourceRef>lager</bpmn:sourceRef><bpmn:targetRef>i</bpmn:targetRef>"
    "</bpmn:dataInputAssociation><bpmn:dataOutputAssociation><bpmn:targetRef>lager</bpmn:targetRef>"
    "<bpmn:transformation>nu + 1</bpmn:transformation></bpmn:dataOutputAssociation>"
    "<bpmn:script>1</bpmn:script></bpmn:scriptTask>",
)
COUNTING = process("raknar", chain(START, user_task("A"), COUNT, user_task("B"), END) + STORE)


def test_instances_that_compete_for_one_store_lose_no_update(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, COUNTING)
    data_stores.set_data_store(ctx, SYSTEM, "räknare", 0)
    started = [start(ctx, "bup.behandlare", "raknar").instance_id for _ in range(8)]
    faults: list[Exception] = []

    def go_on(mine: list[str]) -> None:
        try:
            for each in mine:
                complete(ctx, each, "A")
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=go_on, args=(started[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert [names(ctx, each) for each in started] == [["B"]] * 8
    found = data_stores.show_data_store(ctx, SYSTEM, "räknare")
    assert (found.value, found.version) == (8, 9)
    assert found.changed_by_instance in started


def test_a_process_that_needs_a_store_waits_as_an_incident_until_it_has_a_value(ctx: Context) -> None:
    deploy(ctx, COUNTING)
    instance_id = start(ctx, "bup.behandlare", "raknar").instance_id
    complete(ctx, instance_id, "A")
    (incident,) = incidents_of(ctx, instance_id)
    assert incident.code == "engine.data_missing"
    assert "nu" in incident.message

    with pytest.raises(NotFound):
        data_stores.show_data_store(ctx, SYSTEM, "räknare")

    assert "räknare" not in variables_of(ctx, instance_id)


def test_a_value_is_set_once_however_often_it_is_sent(ctx: Context) -> None:
    once = Once("client:x", "k1", "f")

    first = data_stores.set_data_store(ctx, CLIENT, "taxor", [1], once=once)
    data_stores.set_data_store(ctx, CLIENT, "taxor", [2])
    again = data_stores.set_data_store(ctx, CLIENT, "taxor", [1], once=once)

    assert again == first
    assert data_stores.show_data_store(ctx, CLIENT, "taxor").value == [2]


def test_a_value_that_somebody_has_changed_since_is_not_overwritten(ctx: Context) -> None:
    data_stores.set_data_store(ctx, CLIENT, "taxor", 1)
    read = data_stores.show_data_store(ctx, CLIENT, "taxor")
    data_stores.set_data_store(ctx, CLIENT, "taxor", 2)

    with pytest.raises(StaleRevision):
        data_stores.set_data_store(ctx, CLIENT, "taxor", 3, version=read.version)

    assert data_stores.set_data_store(ctx, CLIENT, "taxor", None, version=2).value is None
    assert data_stores.list_data_stores(ctx, CLIENT, limit=5, after=None).items == ()
