"""External tasks: fetched by topic, held by one worker, answered once."""

from datetime import timedelta

import pytest

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import Conflict, InstanceSuspended, InvalidInput, NotFound
from flowsvc.domain.instances import InstanceStatus
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit
from flowsvc.usecases import external_tasks, instances
from flowsvc.usecases import jobs as worker
from flowsvc.usecases.context import Context
from flowsvc.usecases.external_tasks import ExternalTask
from flowsvc.usecases.once import Once
from tests.usecases.office import (
    CLIENT,
    END,
    START,
    as_post,
    chain,
    deploy,
    flow,
    incidents_of,
    instance_of,
    names,
    process,
    run_jobs,
    start,
    user_task,
    variables_of,
)

LOCK = timedelta(minutes=5)


def external() -> SourceFile:
    inside = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="till">=mottagare</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    task = f'<bpmn:serviceTask id="skicka" camunda:type="external" camunda:topic="brev">{inside}</bpmn:serviceTask>'
    boundary = (
        '<bpmn:boundaryEvent id="nej" attachedToRef="skicka"><bpmn:errorEventDefinition id="d" errorRef="e"/>'
        "</bpmn:boundaryEvent>"
    )
    after = user_task("Nekad")[1] + '<bpmn:endEvent id="end2"/>' + flow("nej", "Nekad") + flow("Nekad", "end2")
    return process("prov", chain(START, ("skicka", task), user_task("Klar"), END) + boundary + after)


def begin(ctx: Context) -> str:
    deploy(ctx, external())
    return start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id


def fetch(ctx: Context, who: str = "w1", topic: str = "brev", limit: int = 5) -> tuple[ExternalTask, ...]:
    return external_tasks.fetch_and_lock(ctx, CLIENT, worker=who, topics={topic: LOCK}, limit=limit)


def test_a_task_is_fetched_with_its_inputs_and_held_by_one_worker(ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(ctx)
    assert fetch(ctx, topic="annat") == ()

    (task,) = fetch(ctx)

    assert (task.topic, task.instance_id, task.variables) == ("brev", instance_id, {"till": "Älvsta"})
    assert task.business_key == instance_of(ctx, instance_id).business_key
    assert task.locked_until == clock.now() + LOCK
    assert fetch(ctx, "w2") == ()
    assert run_jobs(ctx) == 0
    with ctx.store.read() as tx:
        (reading,) = audit.readings_of(tx, instance_id)
    assert (reading.person_id, reading.items) == ("klient", ("till",))


def test_a_completed_task_goes_on_with_its_result_once(ctx: Context) -> None:
    instance_id = begin(ctx)
    (task,) = fetch(ctx)
    once = Once("klient", "nyckel", "f" * 64)

    external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={"kvitto": 7}, once=once)
    external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={"kvitto": 7}, once=once)

    assert names(ctx, instance_id) == ["Klar"]
    assert variables_of(ctx, instance_id)["kvitto"] == 7
    with pytest.raises(NotFound):
        external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={})


def test_only_the_worker_that_holds_a_task_answers_for_it(ctx: Context, clock: ManualClock) -> None:
    begin(ctx)
    (task,) = fetch(ctx)

    with pytest.raises(Conflict):
        external_tasks.complete(ctx, CLIENT, task.id, worker="w2", variables={})
    with pytest.raises(Conflict):
        external_tasks.fail(ctx, CLIENT, task.id, worker="w2")
    with pytest.raises(Conflict):
        external_tasks.extend(ctx, CLIENT, task.id, worker="w2", lock_for=LOCK)
    with pytest.raises(Conflict):
        external_tasks.bpmn_error(ctx, CLIENT, task.id, worker="w2", code="NEJ")

    clock.advance(minutes=5)
    (taken_over,) = fetch(ctx, "w2")
    assert taken_over.id == task.id
    with pytest.raises(Conflict):
        external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={})


def test_a_lock_that_is_extended_lasts_longer(ctx: Context, clock: ManualClock) -> None:
    begin(ctx)
    (task,) = fetch(ctx)
    clock.advance(minutes=4)

    external_tasks.extend(ctx, CLIENT, task.id, worker="w1", lock_for=LOCK)
    clock.advance(minutes=4)

    assert fetch(ctx, "w2") == ()


def test_a_bpmn_error_goes_the_way_that_the_diagram_draws(ctx: Context) -> None:
    instance_id = begin(ctx)
    (task,) = fetch(ctx)

    external_tasks.bpmn_error(ctx, CLIENT, task.id, worker="w1", code="NEJ", variables={"skal": "flyttat"})

    assert names(ctx, instance_id) == ["Nekad"]
    assert variables_of(ctx, instance_id)["skal"] == "flyttat"


def test_a_failed_task_is_offered_again_after_a_while_and_is_an_incident_at_last(
    ctx: Context, clock: ManualClock
) -> None:
    instance_id = begin(ctx)
    (task,) = fetch(ctx)
    external_tasks.fail(ctx, CLIENT, task.id, worker="w1", retries=1, wait_for=timedelta(minutes=3))
    assert fetch(ctx) == ()
    clock.advance(minutes=3)
    (task,) = fetch(ctx)
    assert task.retries_left == 1

    external_tasks.fail(ctx, CLIENT, task.id, worker="w1", retries=0)

    (incident,) = incidents_of(ctx, instance_id)
    assert (incident.code, incident.element_id) == ("external_task.failed", "skicka")
    assert fetch(ctx) == ()
    worker.retry_incident(ctx, as_post(ctx, "driftansvarig"), incident.id)
    assert incidents_of(ctx, instance_id) == []
    (task,) = fetch(ctx)
    external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={})
    assert names(ctx, instance_id) == ["Klar"]


def test_a_worker_that_counts_no_tries_gets_three(ctx: Context, clock: ManualClock) -> None:
    instance_id = begin(ctx)

    for _ in range(3):
        (task,) = fetch(ctx)
        external_tasks.fail(ctx, CLIENT, task.id, worker="w1")
        clock.advance(hours=1)

    assert fetch(ctx) == ()
    assert len(incidents_of(ctx, instance_id)) == 1


def test_a_suspended_instance_hands_out_nothing_and_takes_nothing(ctx: Context) -> None:
    instance_id = begin(ctx)
    (task,) = fetch(ctx)
    operator = as_post(ctx, "driftansvarig")
    instances.suspend_instance(ctx, operator, instance_id)

    with pytest.raises(InstanceSuspended):
        external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={})
    instances.resume_instance(ctx, operator, instance_id)
    external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={})

    assert names(ctx, instance_id) == ["Klar"]


def test_a_task_of_a_cancelled_instance_is_gone(ctx: Context) -> None:
    instance_id = begin(ctx)
    (task,) = fetch(ctx)
    instances.cancel_instance(ctx, CLIENT, instance_id)

    with pytest.raises(NotFound):
        external_tasks.complete(ctx, CLIENT, task.id, worker="w1", variables={})
    assert instance_of(ctx, instance_id).status is InstanceStatus.CANCELLED


def test_what_cannot_be_meant_is_refused(ctx: Context) -> None:
    for who, topics, limit in (("", {"brev": LOCK}, 1), ("w", {"brev": timedelta(0)}, 1), ("w", {"brev": LOCK}, 0)):
        with pytest.raises(InvalidInput):
            external_tasks.fetch_and_lock(ctx, CLIENT, worker=who, topics=topics, limit=limit)
