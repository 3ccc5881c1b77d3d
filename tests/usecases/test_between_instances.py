"""What passes between instances: messages that one sends another, early ones that lie ready, exactly once each."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import AmbiguousMessage, NotFound
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.jobs import JobKind
from flowsvc.domain.messages import TIME_TO_LIVE
from flowsvc.domain.values import Variables
from flowsvc.engine.outcome import MessageThrown, Outcome, SignalThrown, Status
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit, instances, jobs
from flowsvc.store.tables import job, message, message_variable
from flowsvc.usecases import instances as moves
from flowsvc.usecases import jobs as worker
from flowsvc.usecases import messages
from flowsvc.usecases.advance import CLOCK, advance, stand
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once
from tests.usecases.office import (
    CLIENT,
    END,
    START,
    as_post,
    chain,
    complete,
    deploy,
    flow,
    incidents_of,
    instance_of,
    names,
    process,
    properties,
    run_jobs,
    start,
    user_task,
    variables_of,
)


def listening(key: str = "prov", *, interrupting: bool = True) -> SourceFile:
    """Task A, then B; the message `svar` with the key `nr` takes B to C."""
    boundary = (
        f'<bpmn:boundaryEvent id="svar" attachedToRef="B" cancelActivity="{str(interrupting).lower()}">'
        f'{properties(correlationKey="=nr")}<bpmn:messageEventDefinition id="d" messageRef="m2"/></bpmn:boundaryEvent>'
    )
    after = user_task("C")[1] + '<bpmn:endEvent id="end2"/>' + flow("svar", "C") + flow("C", "end2")
    return process(key, chain(START, user_task("A"), user_task("B"), END) + boundary + after)


def by_message(key: str) -> SourceFile:
    event = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition id="d" messageRef="m"/></bpmn:startEvent>'
    return process(key, chain(("start", event), user_task("A"), END))


def begin(ctx: Context, nr: str, *, key: str = "prov", waits: bool = True) -> str:
    """An instance that waits for `svar` with the key, or that will when A is done."""
    instance_id = start(ctx, "bup.behandlare", key, nr=nr).instance_id
    if waits:
        complete(ctx, instance_id, "A")
    return instance_id


def throw(ctx: Context, instance_id: str, *thrown: MessageThrown | SignalThrown) -> None:
    """A step of the instance throws, as an event of its diagram would."""
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(instance_id)
        outcome = Outcome(
            state=instance.state,
            status=Status.RUNNING,
            thrown_messages=tuple(each for each in thrown if isinstance(each, MessageThrown)),
            thrown_signals=tuple(each for each in thrown if isinstance(each, SignalThrown)),
        )
        advance(ctx, tx, stand(ctx, tx, instance, now=ctx.clock.now()), outcome, CLOCK)


def reply(key: str, *, name: str = "svar", lives: timedelta | None = None, **variables: object) -> MessageThrown:
    values: Variables = dict(variables)  # type: ignore[arg-type]  # plain values
    return MessageThrown("t1", "skicka", "prov", name, key, values, time_to_live=lives)


def left_over(ctx: Context) -> tuple[int, int, int]:
    """Messages, their values, and jobs that are still there."""
    with ctx.store.read() as tx:
        return tuple(  # type: ignore[return-value]  # three numbers
            tx.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (message, message_variable, job)
        )


def test_a_message_that_an_instance_sends_reaches_the_one_that_waits_for_its_key(ctx: Context) -> None:
    deploy(ctx, listening())
    sender, first, second = begin(ctx, "A1"), begin(ctx, "A2"), begin(ctx, "A3")

    throw(ctx, sender, reply("A3", besked="ja"))
    assert names(ctx, second) == ["B"]
    run_jobs(ctx)

    assert (names(ctx, sender), names(ctx, first), names(ctx, second)) == (["B"], ["B"], ["C"])
    assert variables_of(ctx, second)["besked"] == "ja"
    assert left_over(ctx) == (0, 0, 0)
    with ctx.store.read() as tx:
        caught = [each for each in audit.history_of(tx, second) if each.happened == "caught"]
    assert [each.element_id for each in caught] == ["svar"]


def test_an_instance_may_send_itself_a_message(ctx: Context) -> None:
    deploy(ctx, listening())
    instance_id = begin(ctx, "A1")

    throw(ctx, instance_id, reply("A1"))
    run_jobs(ctx)

    assert names(ctx, instance_id) == ["C"]


def test_no_value_of_a_message_stands_in_a_job(ctx: Context) -> None:
    deploy(ctx, listening())
    sender, taker = begin(ctx, "A1"), begin(ctx, "A2")
    throw(ctx, sender, reply("A2", besked="hemligt"))

    with ctx.store.read() as tx:
        found = list(jobs.of_instance(tx, sender))
    worker.run_due_jobs(ctx, owner="w", limit=1)
    with ctx.store.read() as tx:
        found += jobs.of_instance(tx, taker)

    assert {each.kind for each in found} == {JobKind.SEND_MESSAGE, JobKind.DELIVER_MESSAGE}
    assert "hemligt" not in repr(found)


def test_a_message_starts_a_process_under_its_key_where_that_number_is_free(ctx: Context) -> None:
    deploy(ctx, listening(), by_message("bestall"))
    sender = begin(ctx, "A1")

    throw(ctx, sender, reply("SJ-1", name="bestallning", vad="plats"))
    throw(ctx, sender, reply("SJ-1", name="bestallning", vad="plan"))
    run_jobs(ctx)

    with ctx.store.read() as tx:
        found = instances.page(tx, scope_posts=None, now=ctx.clock.now(), process_key="bestall").items
    assert sorted(each.business_key for each in found) == ["SJ-1", "SJ-BES-2026-00001"]
    assert sorted(str(variables_of(ctx, each.id)["vad"]) for each in found) == ["plan", "plats"]
    assert left_over(ctx) == (0, 0, 0)


def test_a_message_that_two_wait_for_is_an_incident_that_names_them_and_can_be_tried_again(ctx: Context) -> None:
    deploy(ctx, listening())
    sender, first, second = begin(ctx, "A1"), begin(ctx, "A2"), begin(ctx, "A2")

    throw(ctx, sender, reply("A2", besked="hemligt"))
    run_jobs(ctx)

    (incident,) = incidents_of(ctx, sender)
    assert (incident.code, incident.element_id) == (AmbiguousMessage.code, "skicka")
    assert f"{instance_of(ctx, first).business_key} (svar)" in incident.message
    assert f"{instance_of(ctx, second).business_key} (svar)" in incident.message
    assert "hemligt" not in incident.message
    complete(ctx, first, "B")

    worker.retry_incident(ctx, as_post(ctx, "driftansvarig"), incident.id)
    run_jobs(ctx)

    assert names(ctx, second) == ["C"]
    assert incidents_of(ctx, sender) == []


def test_a_message_waits_for_the_event_that_begins_to_wait_for_it(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, listening())
    sender, taker = begin(ctx, "A1"), begin(ctx, "A2", waits=False)
    throw(ctx, sender, reply("A2", besked="ja"))
    run_jobs(ctx)
    assert names(ctx, taker) == ["A"]

    complete(ctx, taker, "A")
    run_jobs(ctx)

    assert names(ctx, taker) == ["C"]
    assert variables_of(ctx, taker)["besked"] == "ja"
    assert left_over(ctx) == (0, 0, 0)


def test_of_two_messages_that_lie_ready_an_interrupting_event_takes_the_oldest(ctx: Context) -> None:
    deploy(ctx, listening())
    sender, taker = begin(ctx, "A1"), begin(ctx, "A2", waits=False)
    throw(ctx, sender, reply("A2", besked="första"), reply("A2", besked="andra"))
    run_jobs(ctx)

    complete(ctx, taker, "A")
    run_jobs(ctx)

    assert variables_of(ctx, taker)["besked"] == "första"
    assert left_over(ctx) == (1, 1, 1)


def test_an_event_that_goes_on_waiting_takes_all_that_lie_ready(ctx: Context) -> None:
    deploy(ctx, listening(interrupting=False))
    sender, taker = begin(ctx, "A1"), begin(ctx, "A2", waits=False)
    throw(ctx, sender, *(reply("A2") for _ in range(3)))
    run_jobs(ctx)

    complete(ctx, taker, "A")
    run_jobs(ctx)

    assert names(ctx, taker) == ["B", "C", "C", "C"]


def test_a_message_that_nobody_takes_expires_with_a_trace(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, listening())
    sender = begin(ctx, "A1")
    throw(ctx, sender, reply("A9"), reply("A8", lives=timedelta(minutes=5)))
    run_jobs(ctx)

    def expired() -> int:
        with ctx.store.read() as tx:
            assert audit.first_broken_link(tx, sender) is None
            return sum(each.happened == "expired" for each in audit.history_of(tx, sender))

    clock.advance(minutes=5)
    run_jobs(ctx)
    assert expired() == 1
    clock.set(clock.now() - timedelta(minutes=5) + TIME_TO_LIVE)
    run_jobs(ctx)

    assert expired() == 2
    assert left_over(ctx) == (0, 0, 0)
    late = begin(ctx, "A9")
    assert run_jobs(ctx) == 0
    assert names(ctx, late) == ["B"]


def test_a_message_whose_event_stopped_waiting_on_the_way_waits_for_another(ctx: Context) -> None:
    deploy(ctx, listening())
    sender, first = begin(ctx, "A1"), begin(ctx, "A2")
    throw(ctx, sender, reply("A2", besked="ja"))
    assert worker.run_due_jobs(ctx, owner="w", limit=1) == 1
    complete(ctx, first, "B")
    run_jobs(ctx)

    second = begin(ctx, "A2")
    run_jobs(ctx)

    assert instance_of(ctx, first).status is InstanceStatus.ENDED
    assert names(ctx, second) == ["C"]


def test_a_suspended_instance_takes_its_message_when_it_is_resumed(ctx: Context) -> None:
    deploy(ctx, listening())
    sender, taker = begin(ctx, "A1"), begin(ctx, "A2")
    operator = as_post(ctx, "driftansvarig")
    moves.suspend_instance(ctx, operator, taker)
    throw(ctx, sender, reply("A2"))
    run_jobs(ctx)
    assert names(ctx, taker) == ["B"]

    moves.resume_instance(ctx, operator, taker)
    run_jobs(ctx)

    assert names(ctx, taker) == ["C"]


def test_an_early_message_from_outside_waits_for_its_time_to_live(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, listening())

    def early(key: str) -> messages.Correlated:
        return messages.correlate(
            ctx,
            CLIENT,
            name="svar",
            correlation_key=key,
            variables={"besked": "ja"},
            time_to_live=timedelta(hours=1),
            once=Once("klient", key, "f" * 64),
        )

    assert (early("A1").waits, early("A1").waits, early("A2").waits) == (True, True, True)
    assert left_over(ctx) == (2, 2, 2)
    taker = begin(ctx, "A1")
    run_jobs(ctx)
    assert names(ctx, taker) == ["C"]

    clock.advance(hours=1)
    run_jobs(ctx)

    assert left_over(ctx) == (0, 0, 0)
    with pytest.raises(NotFound):
        messages.correlate(ctx, CLIENT, name="svar", correlation_key="A2", variables={})


def test_an_early_message_for_one_case_is_taken_by_no_other(ctx: Context) -> None:
    deploy(ctx, listening())
    first, second = begin(ctx, "A1", waits=False), begin(ctx, "A1", waits=False)
    number = instance_of(ctx, second).business_key
    messages.correlate(
        ctx,
        CLIENT,
        name="svar",
        correlation_key="A1",
        variables={},
        business_key=number,
        time_to_live=timedelta(hours=1),
    )

    complete(ctx, first, "A")
    complete(ctx, second, "A")
    run_jobs(ctx)

    assert (names(ctx, first), names(ctx, second)) == (["B"], ["C"])


def test_an_operator_may_have_the_receiver_of_a_waiting_message_looked_for_again(ctx: Context) -> None:
    deploy(ctx, listening())
    sender = begin(ctx, "A1")
    throw(ctx, sender, reply("SJ-7", name="bestallning"))
    run_jobs(ctx)
    deploy(ctx, by_message("bestall"))
    with ctx.store.read() as tx:
        (waits,) = jobs.of_instance(tx, sender)

    worker.retry_job(ctx, as_post(ctx, "driftansvarig"), waits.id)
    run_jobs(ctx)

    with ctx.store.read() as tx:
        assert instances.by_business_key(tx, "SJ-7").process_key == "bestall"


def test_many_workers_deliver_each_message_once_while_the_events_begin_to_wait(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, listening())
    sender = begin(ctx, "A0")
    takers = [begin(ctx, f"K{n}", waits=False) for n in range(12)]

    def work(name: str) -> None:
        while worker.run_due_jobs(ctx, owner=name, limit=3):
            pass

    def go_on() -> None:
        for taker in takers:
            complete(ctx, taker, "A")

    for n in range(12):
        throw(ctx, sender, reply(f"K{n}", nummer=n))
    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(2)] + [threading.Thread(target=go_on)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_jobs(ctx)

    assert [names(ctx, each) for each in takers] == [["C"]] * 12
    assert [variables_of(ctx, each)["nummer"] for each in takers] == list(range(12))
    assert left_over(ctx) == (0, 0, 0)
