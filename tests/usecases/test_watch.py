"""The watch finds an instance that waits for nothing, and no other."""

from dataclasses import replace
from datetime import timedelta

from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.jobs import STUCK
from flowsvc.domain.tasks import TaskState
from flowsvc.store import jobs, tasks
from flowsvc.usecases import instances as moves
from flowsvc.usecases import jobs as worker
from flowsvc.usecases import messages, readiness, watch
from flowsvc.usecases.context import Context
from tests.usecases.office import (
    CLIENT,
    END,
    START,
    as_post,
    chain,
    complete,
    deploy,
    incidents_of,
    instance_of,
    process,
    properties,
    report,
    run_jobs,
    start,
    user_task,
)


def lost(ctx: Context) -> str:
    """An instance whose open task is gone from the database, as no step would leave it."""
    deploy(ctx, process("prov", chain(START, user_task("A"), END)))
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    with ctx.store.begin() as tx:
        (task,) = tasks.of_instance(tx, instance_id, open_only=True)
        tasks.close(tx, instance_id, [task.token], state=TaskState.COMPLETED, at=ctx.clock.now(), by=None)
    return instance_id


def test_an_instance_that_waits_for_nothing_has_one_incident(any_ctx: Context) -> None:
    instance_id = lost(any_ctx)

    assert watch.report_stuck(any_ctx) == 1
    assert watch.report_stuck(any_ctx) == 0

    (incident,) = incidents_of(any_ctx, instance_id)
    assert (incident.code, incident.element_id, incident.process_key) == (STUCK, "", "prov")
    assert [each.id for each in worker.open_incidents(any_ctx, as_post(any_ctx, "driftansvarig")).items] == [
        incident.id
    ]
    assert readiness.stuck(any_ctx) == 1


def test_whoever_tries_a_stuck_instance_again_has_it_looked_at_again(ctx: Context) -> None:
    instance_id = lost(ctx)
    watch.report_stuck(ctx)
    (incident,) = incidents_of(ctx, instance_id)

    worker.retry_incident(ctx, as_post(ctx, "driftansvarig"), incident.id)
    assert incidents_of(ctx, instance_id) == []
    worker.housekeeping(ctx)

    assert [each.code for each in incidents_of(ctx, instance_id)] == [STUCK]


def test_what_is_cancelled_is_stuck_no_more(ctx: Context) -> None:
    instance_id = lost(ctx)
    watch.report_stuck(ctx)

    moves.cancel_instance(ctx, CLIENT, instance_id)

    assert incidents_of(ctx, instance_id) == []
    assert watch.report_stuck(ctx) == 0


def test_a_message_that_it_has_sent_is_no_reason_to_wait(ctx: Context) -> None:
    instance_id = lost(ctx)
    messages.correlate(ctx, CLIENT, name="svar", correlation_key="A", variables={}, time_to_live=timedelta(hours=1))
    with ctx.store.begin() as tx:
        (waits,) = jobs.page(tx).items
        jobs.finish(tx, waits)
        jobs.add(tx, replace(waits, instance_id=instance_id))

    assert watch.report_stuck(ctx) == 1


def test_nothing_that_waits_for_something_is_found(shipped: Context) -> None:
    instance_id = report(shipped)
    run_jobs(shipped)

    assert watch.report_stuck(shipped) == 0

    moves.suspend_instance(shipped, as_post(shipped, "driftansvarig"), instance_id)
    assert watch.report_stuck(shipped) == 0


def test_who_waits_for_a_time_a_message_or_a_case_of_its_own_is_not_found(ctx: Context) -> None:
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    message = '<bpmn:messageEventDefinition messageRef="m2"/>'
    call = f'<bpmn:callActivity id="v" calledElement="inre">{properties(ownCase="true")}</bpmn:callActivity>'

    def catch(definition: str) -> str:
        return f'<bpmn:intermediateCatchEvent id="v">{definition}</bpmn:intermediateCatchEvent>'

    bodies = {"tid": catch(timer), "bud": catch(message), "egen": call}
    deploy(ctx, process("inre", chain(START, user_task("A"), END)))
    deploy(ctx, *(process(key, chain(START, ("v", body), END)) for key, body in bodies.items()))
    for key in bodies:
        start(ctx, "bup.behandlare", key)

    found = [watch.report_stuck(ctx)]
    run_jobs(ctx)
    found.append(watch.report_stuck(ctx))

    assert found == [0, 0]


def test_neither_an_instance_that_ended_nor_one_with_an_incident_is_found(ctx: Context) -> None:
    script = (
        "rakna",
        '<bpmn:scriptTask id="rakna" scriptFormat="feel" camunda:resultVariable="x">'
        "<bpmn:script>okänt.namn</bpmn:script></bpmn:scriptTask>",
    )
    deploy(ctx, process("trasig", chain(START, script, END)), process("prov", chain(START, user_task("A"), END)))
    start(ctx, "bup.behandlare", "trasig")
    ended = start(ctx, "bup.behandlare", "prov").instance_id
    complete(ctx, ended, "A")

    assert instance_of(ctx, ended).status is InstanceStatus.ENDED
    assert watch.report_stuck(ctx) == 0
