"""Messages: offered to people, correlated by other systems, and those that start a process."""

import pytest

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.directory import Level
from flowsvc.domain.errors import Conflict, FormInvalid, InstanceSuspended, NotFound
from flowsvc.domain.escalations import EscalationState
from flowsvc.domain.instances import InstanceStatus
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit, escalations, tasks
from flowsvc.usecases import instances, messages
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
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
    instance_of,
    names,
    process,
    report,
    start,
    user_task,
    variables_of,
)

WITHDRAWAL = {"withdrawal_reason": "need_gone", "withdrawal_text": "Behovet finns inte längre."}
MEETING = {"meeting_reason": "Vi kommer inte vidare.", "meeting_form": "digital"}


def token_of(ctx: Context, post: str, instance_id: str, label: str) -> str:
    (found,) = [each for each in messages.offers_of(ctx, as_post(ctx, post), instance_id) if each.label == label]
    return found.token


def test_a_message_is_offered_to_those_whom_the_diagram_names(shipped: Context) -> None:
    instance_id = report(shipped)

    def offered(post: str) -> list[str]:
        return sorted(each.message for each in messages.offers_of(shipped, as_post(shipped, post), instance_id))

    assert offered("bup.behandlare") == ["aterkalla", "gemensamt-mote"]
    assert offered("socialsekreterare.alvsta") == ["gemensamt-mote"]
    with pytest.raises(NotFound):
        offered("larare.alvsta")


def test_the_party_that_reported_withdraws_and_the_support_goes_on(shipped: Context) -> None:
    instance_id = report(shipped)
    anna = as_post(shipped, "bup.behandlare")
    (withdraw,) = [each for each in messages.offers_of(shipped, anna, instance_id) if each.form_key == "aterkalla"]

    receipt = messages.send_offered(
        shipped, anna, instance_id, withdraw.token, Sent(variables=dict(WITHDRAWAL), one_time_key="en-gång")
    )
    again = messages.send_offered(
        shipped, anna, instance_id, withdraw.token, Sent(variables=dict(WITHDRAWAL), one_time_key="en-gång")
    )

    with shipped.store.read() as tx:
        row = escalations.of_instance(tx, instance_id)
        sent = tasks.submission_by_id(tx, receipt.submission_id)
        history = audit.history_of(tx, instance_id)
    assert row is not None
    assert row.state is EscalationState.CLOSED
    assert row.outcome == "withdrawn"
    assert sent is not None
    assert (sent.post_id, sent.shared_values["withdrawal_reason"]) == ("bup.behandlare", "need_gone")
    assert (again.submission_id, again.again) == (receipt.submission_id, True)
    assert receipt.task_name == withdraw.label
    caught = [event for event in history if event.happened == "caught" and event.person_id == anna.person_id]
    assert caught
    open_now = names(shipped, instance_id)
    assert not any(name in open_now for name in ("Ange ståndpunkt", "Förhandla"))
    assert "Föreslå vem som ansvarar tills vidare" in open_now
    assert instance_of(shipped, instance_id).status is InstanceStatus.RUNNING


def test_what_is_not_offered_to_me_cannot_be_sent(shipped: Context) -> None:
    instance_id = report(shipped)
    anna = as_post(shipped, "bup.behandlare")
    (withdraw,) = [each for each in messages.offers_of(shipped, anna, instance_id) if each.form_key == "aterkalla"]

    with pytest.raises(NotFound):
        messages.send_offered(
            shipped,
            as_post(shipped, "socialsekreterare.alvsta"),
            instance_id,
            withdraw.token,
            Sent(variables=dict(WITHDRAWAL)),
        )
    with pytest.raises(FormInvalid):
        messages.send_offered(shipped, anna, instance_id, withdraw.token, Sent(variables={}))


def test_a_meeting_may_be_asked_for_again_and_again(shipped: Context) -> None:
    instance_id = report(shipped)
    bo = as_post(shipped, "socialsekreterare.alvsta")

    for _ in range(2):
        token = token_of(shipped, "socialsekreterare.alvsta", instance_id, "Begär gemensamt möte")
        messages.send_offered(shipped, bo, instance_id, token, Sent(variables=dict(MEETING)))

    assert names(shipped, instance_id).count("Dokumentera gemensamt möte") == 2
    with shipped.store.read() as tx:
        row = escalations.of_instance(tx, instance_id)
    assert row is not None
    assert row.level is Level.OPER


def test_nothing_is_sent_to_a_suspended_instance(shipped: Context) -> None:
    instance_id = report(shipped)
    token = token_of(shipped, "bup.behandlare", instance_id, "Begär gemensamt möte")
    instances.suspend_instance(shipped, as_post(shipped, "driftansvarig"), instance_id)

    with pytest.raises(InstanceSuspended):
        messages.send_offered(
            shipped, as_post(shipped, "bup.behandlare"), instance_id, token, Sent(variables=dict(MEETING))
        )


def waiting(key: str = "prov") -> SourceFile:
    """A task that a message interrupts, correlated by the variable `nr`."""
    correlation = (
        '<bpmn:extensionElements><camunda:properties><camunda:property name="flowsvc:correlationKey" value="=nr"/>'
        "</camunda:properties></bpmn:extensionElements>"
    )
    boundary = (
        f'<bpmn:boundaryEvent id="svar" name="Svar" attachedToRef="A">{correlation}'
        '<bpmn:messageEventDefinition id="d" messageRef="m2"/></bpmn:boundaryEvent>'
    )
    after = user_task("B")[1] + '<bpmn:endEvent id="end2"/>' + flow("svar", "B") + flow("B", "end2")
    return process(key, chain(START, user_task("A"), END) + boundary + after)


def by_message(key: str) -> SourceFile:
    """A process that a message starts."""
    event = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition id="d" messageRef="m"/></bpmn:startEvent>'
    return process(key, chain(("start", event), user_task("A"), END))


def test_a_message_reaches_the_one_instance_that_waits_for_its_key(ctx: Context) -> None:
    deploy(ctx, waiting())
    first = start(ctx, "bup.behandlare", "prov", nr="A1").instance_id
    second = start(ctx, "bup.behandlare", "prov", nr="A2").instance_id

    reached = messages.correlate(ctx, CLIENT, name="svar", correlation_key="A2", variables={"besked": "ja"})

    assert (reached.instance_id, reached.started) == (second, False)
    assert (names(ctx, first), names(ctx, second)) == (["A"], ["B"])
    assert variables_of(ctx, second)["besked"] == "ja"
    with pytest.raises(NotFound):
        messages.correlate(ctx, CLIENT, name="svar", correlation_key="A2", variables={})


def test_two_that_could_take_a_message_are_named_and_the_number_of_one_decides(ctx: Context) -> None:
    deploy(ctx, waiting())
    first = start(ctx, "bup.behandlare", "prov", nr="A1")
    second = start(ctx, "bup.behandlare", "prov", nr="A1")

    with pytest.raises(Conflict) as told:
        messages.correlate(ctx, CLIENT, name="svar", correlation_key="A1", variables={})
    assert first.business_key in told.value.message
    assert second.business_key in told.value.message

    reached = messages.correlate(
        ctx, CLIENT, name="svar", correlation_key="A1", variables={}, business_key=second.business_key
    )
    assert reached.instance_id == second.instance_id


def test_a_message_that_nobody_waits_for_may_start_a_process_once(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, by_message("bestall"))
    once = Once("klient", "nyckel", "f" * 64)

    first = messages.correlate(
        ctx, CLIENT, name="bestallning", correlation_key="", variables={"vad": "plats"}, once=once
    )
    second = messages.correlate(
        ctx, CLIENT, name="bestallning", correlation_key="", variables={"vad": "plats"}, once=once
    )

    assert first.started
    assert second == first
    assert first.instance_id is not None
    assert names(ctx, first.instance_id) == ["A"]
    assert variables_of(ctx, first.instance_id)["vad"] == "plats"
    assert instance_of(ctx, first.instance_id).business_key == "SJ-BES-2026-00001"
    complete(ctx, first.instance_id, "A")


def test_a_message_that_two_processes_start_by_is_a_conflict_that_names_them(ctx: Context) -> None:
    deploy(ctx, by_message("bestall"), by_message("annan"))

    with pytest.raises(Conflict) as told:
        messages.correlate(ctx, CLIENT, name="bestallning", correlation_key="", variables={})

    assert "bestall (start)" in told.value.message
    assert "annan (start)" in told.value.message
