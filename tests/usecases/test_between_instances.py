"""What passes between instances: messages that one sends another, early ones that lie ready, exactly once each."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import AmbiguousMessage, NotFound
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.jobs import JobKind
from flowsvc.domain.messages import TIME_TO_LIVE
from flowsvc.domain.values import Variables
from flowsvc.engine.outcome import MessageThrown, Outcome, Status
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit, instances, jobs
from flowsvc.store import messages as stored
from flowsvc.store.tables import job, message, message_variable
from flowsvc.usecases import instances as moves
from flowsvc.usecases import jobs as worker
from flowsvc.usecases import messages
from flowsvc.usecases.advance import CLOCK, advance, stand
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once
from flowsvc.usecases.sending import Reached
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


def throw(ctx: Context, instance_id: str, *thrown: MessageThrown) -> None:
    """A step of the instance throws, as an event of its diagram would."""
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(instance_id)
        outcome = Outcome(
            state=instance.state,
            status=Status.RUNNING,
            thrown_messages=thrown,
        )
        advance(ctx, tx, stand(ctx, tx, instance, now=ctx.clock.now()), outcome, CLOCK)


def reply(key: str, *, name: str = "svar", until: datetime | None = None, **variables: object) -> MessageThrown:
    values: Variables = dict(variables)  # type: ignore[arg-type]  # plain values
    return MessageThrown("t1", "skicka", "prov", name, key, values, expires_at=until)


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
    throw(ctx, sender, reply("A9"), reply("A8", until=clock.now() + timedelta(minutes=5)))
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


def test_a_message_starts_the_newest_version_alone(ctx: Context) -> None:
    deploy(ctx, listening(), by_message("bestall"))
    newer = by_message("bestall")
    deploy(ctx, replace(newer, data=newer.data.replace(b'name="A"', b'name="B"')))
    sender = begin(ctx, "A1")

    throw(ctx, sender, reply("SJ-1", name="bestallning"))
    run_jobs(ctx)

    (started,) = of_process(ctx, "bestall")
    assert names(ctx, started) == ["B"]


def test_a_waiting_message_that_two_new_processes_start_by_is_an_incident_when_its_time_is_up(
    ctx: Context, clock: ManualClock
) -> None:
    deploy(ctx, listening())
    sender = begin(ctx, "A1")
    throw(ctx, sender, reply("SJ-1", name="bestallning"))
    run_jobs(ctx)
    deploy(ctx, by_message("bestall"), by_message("annan"))

    clock.advance(days=1)
    run_jobs(ctx)

    assert [each.code for each in incidents_of(ctx, sender)] == [AmbiguousMessage.code]
    assert left_over(ctx) == (1, 0, 1)


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


# The same, drawn


SIGNALS = '<bpmn:signal id="s" name="larm"/>'


def drawn(key: str, body: str) -> SourceFile:
    """A process of a file that has the signal `larm`."""
    made = process(key, body)
    return replace(made, data=made.data.replace(b"<bpmn:process ", f"{SIGNALS}<bpmn:process ".encode(), 1))


def event(kind: str, name: str, definition: str, own: str = "") -> tuple[str, str]:
    """An event named by its id."""
    inside = f"<bpmn:extensionElements>{own}</bpmn:extensionElements>" if own else ""
    return name, f'<bpmn:{kind} id="{name}">{inside}{definition}</bpmn:{kind}>'


def inputs(**values: str) -> str:
    said = "".join(
        f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>' for name, text in values.items()
    )
    return f"<camunda:inputOutput>{said}</camunda:inputOutput>"


SIGNAL = '<bpmn:signalEventDefinition signalRef="s"/>'
MESSAGE = '<bpmn:messageEventDefinition messageRef="m2"/>'


def alarmed(key: str = "prov") -> SourceFile:
    """Task A, then it waits for the signal, then task B."""
    catch = event("intermediateCatchEvent", "vanta", SIGNAL)
    return drawn(key, chain(START, user_task("A"), catch, user_task("B"), END))


def alarming(key: str = "larmar") -> SourceFile:
    """Task A, then it throws the signal with a variable, then task B."""
    thrown = event("intermediateThrowEvent", "larma", SIGNAL, inputs(plats="=plats"))
    return drawn(key, chain(START, user_task("A"), thrown, user_task("B"), END))


def begun_by_signal(key: str = "utryckning", name: str = "A") -> SourceFile:
    return drawn(key, chain(event("startEvent", "start", SIGNAL), user_task(name), END))


def of_process(ctx: Context, key: str) -> list[str]:
    """The ids of the instances of the process, newest first."""
    with ctx.store.read() as tx:
        found = instances.page(tx, scope_posts=None, now=ctx.clock.now(), process_key=key).items
    return [each.id for each in found]


def test_a_signal_from_outside_reaches_all_that_wait_for_it_and_starts_what_begins_with_it(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, alarmed(), begun_by_signal())
    waiting = [start(ctx, "bup.behandlare", "prov").instance_id for _ in range(3)]
    for each in waiting[:2]:
        complete(ctx, each, "A")
    once = Once("klient", "nyckel", "f" * 64)

    first = messages.send_signal(ctx, CLIENT, name="larm", variables={"plats": "Ekby"}, once=once)
    again = messages.send_signal(ctx, CLIENT, name="larm", variables={"plats": "Ekby"}, once=once)
    run_jobs(ctx)

    assert first == again == Reached(2, ("utryckning",))
    assert [names(ctx, each) for each in waiting] == [["B"], ["B"], ["A"]]
    (started,) = of_process(ctx, "utryckning")
    assert [variables_of(ctx, each)["plats"] for each in (*waiting[:2], started)] == ["Ekby"] * 3
    assert left_over(ctx) == (0, 0, 0)


def test_a_signal_that_an_instance_throws_reaches_the_others_that_wait_at_that_moment(ctx: Context) -> None:
    deploy(ctx, alarmed(), alarming())
    early, late = (start(ctx, "bup.behandlare", "prov").instance_id for _ in range(2))
    complete(ctx, early, "A")
    sender = start(ctx, "bup.behandlare", "larmar", plats="Ekby").instance_id

    complete(ctx, sender, "A")
    complete(ctx, late, "A")
    run_jobs(ctx)

    assert (names(ctx, sender), names(ctx, early), names(ctx, late)) == (["B"], ["B"], [])
    assert variables_of(ctx, early)["plats"] == "Ekby"
    with ctx.store.read() as tx:
        assert [each.signal for each in stored.signal_subscriptions_of(tx, late)] == ["larm"]
        assert stored.signal_subscriptions_of(tx, early) == ()


def test_a_suspended_instance_catches_its_signal_when_it_is_resumed(ctx: Context) -> None:
    deploy(ctx, alarmed())
    taker = start(ctx, "bup.behandlare", "prov").instance_id
    complete(ctx, taker, "A")
    operator = as_post(ctx, "driftansvarig")
    moves.suspend_instance(ctx, operator, taker)
    messages.send_signal(ctx, CLIENT, name="larm", variables={})
    run_jobs(ctx)
    assert names(ctx, taker) == []

    moves.resume_instance(ctx, operator, taker)
    run_jobs(ctx)

    assert names(ctx, taker) == ["B"]


def test_an_event_that_begins_to_wait_after_the_throw_does_not_catch_it_though_its_case_does(ctx: Context) -> None:
    def watched(task: str, then: str) -> str:
        border = f'<bpmn:boundaryEvent id="b{task}" attachedToRef="{task}">{SIGNAL}</bpmn:boundaryEvent>'
        after = user_task(then)[1] + f'<bpmn:endEvent id="e{then}"/>' + flow(then, f"e{then}")
        return border + after + flow(f"b{task}", then)

    fork = ("fork", '<bpmn:parallelGateway id="fork"/>')
    first = chain(START, fork, user_task("W"), END) + watched("W", "X")
    second = chain(user_task("A"), user_task("V"), ("end2", '<bpmn:endEvent id="end2"/>')) + watched("V", "Y")
    deploy(ctx, drawn("prov", first + second + flow("fork", "A")))
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id

    messages.send_signal(ctx, CLIENT, name="larm", variables={})
    complete(ctx, instance_id, "A")
    run_jobs(ctx)

    assert names(ctx, instance_id) == ["V", "X"]


def test_no_value_of_a_signal_stands_in_a_job(ctx: Context) -> None:
    deploy(ctx, alarmed())
    taker = start(ctx, "bup.behandlare", "prov").instance_id
    complete(ctx, taker, "A")
    messages.send_signal(ctx, CLIENT, name="larm", variables={"plats": "hemligt"})

    with ctx.store.read() as tx:
        (found,) = jobs.of_instance(tx, taker)

    assert found.kind is JobKind.DELIVER_SIGNAL
    assert "hemligt" not in repr(found)


def test_only_the_newest_version_starts_by_a_signal_and_none_whose_newest_version_does_not(ctx: Context) -> None:
    deploy(ctx, begun_by_signal(), begun_by_signal("annan"))
    deploy(ctx, begun_by_signal(name="B"))
    messages.send_signal(ctx, CLIENT, name="larm", variables={})
    deploy(ctx, process("annan", chain(START, user_task("A"), END)))

    run_jobs(ctx)

    (started,) = of_process(ctx, "utryckning")
    assert names(ctx, started) == ["B"]
    assert of_process(ctx, "annan") == []
    assert messages.send_signal(ctx, CLIENT, name="larm", variables={}).starts == ("utryckning",)


def test_a_drawn_message_event_sends_to_the_case_that_its_key_names_and_for_as_long_as_it_says(
    ctx: Context, clock: ManualClock
) -> None:
    own = properties(correlationKey="=till", timeToLive="PT2H").removeprefix("<bpmn:extensionElements>")
    own = own.removesuffix("</bpmn:extensionElements>") + inputs(besked="=besked")
    thrown = event("intermediateThrowEvent", "skicka", MESSAGE, own)
    deploy(ctx, listening(), process("sander", chain(START, thrown, user_task("A"), END)))
    taker = begin(ctx, "A1")

    start(ctx, "bup.behandlare", "sander", till="A1", besked="ja", annat="stannar")
    start(ctx, "bup.behandlare", "sander", till="A2", besked="nej")
    run_jobs(ctx)

    assert names(ctx, taker) == ["C"]
    assert (variables_of(ctx, taker)["besked"], "annat" in variables_of(ctx, taker)) == ("ja", False)
    assert worker.next_due_at(ctx) == clock.now() + timedelta(hours=2)


def test_an_answer_to_the_own_case_comes_by_the_business_key(ctx: Context) -> None:
    """Where neither side names a key, both mean the case itself."""
    catch = event("intermediateCatchEvent", "vanta", MESSAGE)
    fork = ("fork", '<bpmn:parallelGateway id="fork"/>')
    sends = event("intermediateThrowEvent", "skicka", MESSAGE)
    body = chain(START, user_task("A"), fork, catch, user_task("B"), END) + sends[1] + '<bpmn:endEvent id="end2"/>'
    deploy(ctx, process("prov", body + flow("fork", "skicka") + flow("skicka", "end2")))
    first, second = (start(ctx, "bup.behandlare", "prov").instance_id for _ in range(2))
    complete(ctx, first, "A")

    run_jobs(ctx)

    assert (names(ctx, first), names(ctx, second)) == (["B"], ["A"])


def test_many_workers_deliver_a_signal_once_to_each(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, alarmed(), begun_by_signal())
    takers = [start(ctx, "bup.behandlare", "prov").instance_id for _ in range(10)]
    for each in takers:
        complete(ctx, each, "A")

    def work(name: str) -> None:
        while worker.run_due_jobs(ctx, owner=name, limit=3):
            pass

    for _ in range(3):
        messages.send_signal(ctx, CLIENT, name="larm", variables={})
    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [names(ctx, each) for each in takers] == [["B"]] * 10
    assert len(of_process(ctx, "utryckning")) == 3
    assert left_over(ctx) == (0, 0, 0)
    assert [incidents_of(ctx, each) for each in takers] == [[]] * 10
