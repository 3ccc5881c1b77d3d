"""Starting, suspending, resuming and cancelling; and the shipped dispute as far as the store sees it."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from flowsvc.domain.calendar import end_of_day
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.directory import Level
from flowsvc.domain.errors import Conflict, Forbidden, FormInvalid, InvalidInput, NotFound
from flowsvc.domain.escalations import EscalationState
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.jobs import JobKind
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit, escalations, instances, jobs, messages, tasks
from flowsvc.usecases import instances as moves
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.once import Once
from tests.engine.test_elements_parameters import NAMES
from tests.usecases.office import (
    CLIENT,
    END,
    POSITION,
    REPORT,
    START,
    as_post,
    chain,
    complete,
    deploy,
    instance_of,
    names,
    open_tasks,
    pass_until,
    process,
    properties,
    report,
    run_jobs,
    start,
    user_task,
    variables_of,
)

ZONE = "Europe/Stockholm"


def simple(ctx: Context, attributes: str = "") -> None:
    deploy(ctx, process("prov", chain(START, user_task("A"), END), attributes))


def start_as_program(ctx: Context, initiator_post: str = "") -> str:
    sent = Sent(variables=dict(REPORT))
    return moves.start_instance(ctx, CLIENT, "avvikelse", sent, initiator_post=initiator_post).instance_id


def test_what_a_program_starts_for_a_post_goes_back_to_that_post(shipped: Context) -> None:
    instance_id = start_as_program(shipped, "bup.behandlare")

    instance = instance_of(shipped, instance_id)
    found = variables_of(shipped, instance_id)
    with shipped.store.read() as tx:
        readers = {each.post_id: each.ground for each in instances.readers_of(tx, instance_id)}
        (sent,) = tasks.submissions_of(tx, instance_id)
    assert (instance.started_by, instance.started_post) == ("klient", "bup.behandlare")
    assert found["reporter"] == "bup.behandlare"
    assert found["reporter_posts"] == ["post:bup.behandlare"]
    assert readers["bup.behandlare"] == "reporter"
    assert (sent.person_id, sent.post_id, sent.party_id) == ("klient", "bup.behandlare", instance.lead_party)


def test_what_a_program_starts_for_nobody_goes_back_to_the_manager_of_the_place(shipped: Context) -> None:
    instance_id = start_as_program(shipped)

    found = variables_of(shipped, instance_id)
    assert found["reporter_posts"] == ["post:enhetschef.bup"]
    assert instance_of(shipped, instance_id).lead_party is not None


def test_answers_that_stay_inside_a_party_need_a_post_that_says_which(ctx: Context) -> None:
    component = {
        "type": "textfield",
        "id": "f1",
        "key": "anteckning",
        "label": "Anteckning",
        "properties": {"en.label": "Note", "flowsvc:visibility": "party"},
    }
    form = {"type": "default", "id": "egen", "schemaVersion": 19, "components": [component]}
    begins = ("start", '<bpmn:startEvent id="start" camunda:formKey="egen"/>')
    deploy(ctx, SourceFile("egen.form", json.dumps(form).encode()))
    deploy(ctx, process("prov", chain(begins, user_task("A"), END)))
    sent = Sent(variables={"anteckning": "bara vi"})

    with pytest.raises(InvalidInput, match="initiatorPost"):
        moves.start_instance(ctx, CLIENT, "prov", sent)
    receipt = moves.start_instance(ctx, CLIENT, "prov", sent, initiator_post="bup.behandlare")

    with ctx.store.read() as tx:
        (row,) = [each for each in instances.variables_of(tx, receipt.instance_id) if each.name == "anteckning"]
    assert row.owner_party == instance_of(ctx, receipt.instance_id).lead_party


def test_a_program_starts_for_no_post_that_does_not_exist_and_a_person_for_no_other(shipped: Context) -> None:
    with pytest.raises(InvalidInput):
        start_as_program(shipped, "finns.inte")
    sent, anna = Sent(variables=dict(REPORT)), as_post(shipped, "bup.behandlare")
    with pytest.raises(InvalidInput):
        moves.start_instance(shipped, anna, "avvikelse", sent, initiator_post="enhetschef.bup")


def test_a_started_case_has_a_number_its_reporter_and_its_versions(shipped: Context) -> None:
    receipt = start(shipped, "bup.behandlare", "avvikelse", **REPORT)

    instance = instance_of(shipped, receipt.instance_id)
    with shipped.store.read() as tx:
        readers = instances.readers_of(tx, instance.id)
        submission = tasks.submission_by_id(tx, receipt.submission_id)
    assert receipt.business_key == instance.business_key == "SJ-AVV-2026-00001"
    assert start(shipped, "bup.behandlare", "avvikelse", **REPORT).business_key == "SJ-AVV-2026-00002"
    assert ("bup.behandlare", "reporter") in [(reader.post_id, reader.ground) for reader in readers]
    assert {"form:af1", "decision:triage", "process:eskalering"} <= set(instance.pins)
    assert "process:principfraga" not in instance.pins
    assert {party.party_id for party in instance.parties} == {"region", "alvsta"}
    assert (instance.lead_party, instance.title) == ("region", "Fråga om ansvar: placering")
    assert variables_of(shipped, instance.id)["reporter"] == "bup.behandlare"
    assert submission is not None
    assert submission.shared_values["event_date"] == date(2026, 11, 20)
    assert instance.child_waiting


def test_the_year_of_a_case_number_is_the_local_one(ctx: Context, clock: ManualClock) -> None:
    simple(ctx)
    clock.set(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))

    assert start(ctx, "bup.behandlare", "prov").business_key == "SJ-PRO-2027-00001"


def test_only_those_whom_the_process_names_may_start_it(ctx: Context) -> None:
    simple(ctx, 'camunda:candidateStarterGroups="samordning"')

    offered = {
        post: [each.key for each in moves.startable(ctx, as_post(ctx, post))]
        for post in ("processledare", "larare.alvsta")
    }
    assert offered == {"processledare": ["prov"], "larare.alvsta": []}
    with pytest.raises(Forbidden):
        start(ctx, "larare.alvsta", "prov")
    assert start(ctx, "processledare", "prov").business_key


def test_what_other_processes_call_is_not_offered_to_be_started(shipped: Context) -> None:
    offered = moves.startable(shipped, as_post(shipped, "bup.behandlare"))

    assert [(each.key, each.form_key) for each in offered] == [("avvikelse", "af1")]


def test_a_start_form_with_faults_starts_nothing_and_uses_no_number(shipped: Context) -> None:
    with pytest.raises(FormInvalid):
        report(shipped, kind="okänd")

    assert start(shipped, "bup.behandlare", "avvikelse", **REPORT).business_key == "SJ-AVV-2026-00001"


def test_an_unknown_process_or_start_is_refused(ctx: Context) -> None:
    simple(ctx)

    with pytest.raises(NotFound):
        start(ctx, "bup.behandlare", "annat")
    with pytest.raises(InvalidInput):
        moves.start_instance(ctx, CLIENT, "prov", Sent(variables={}), start_element="annan")


def test_a_business_key_of_the_caller_is_given_once(ctx: Context) -> None:
    simple(ctx)
    moves.start_instance(ctx, CLIENT, "prov", Sent(variables={}), business_key="EGET-1")

    with pytest.raises(Conflict):
        moves.start_instance(ctx, CLIENT, "prov", Sent(variables={}), business_key="EGET-1")


def test_a_start_form_sent_twice_starts_one_case(ctx: Context) -> None:
    simple(ctx)
    anna = as_post(ctx, "bup.behandlare")
    sent = Sent(variables={}, one_time_key="start-1")

    first = moves.start_instance(ctx, anna, "prov", sent)
    second = moves.start_instance(ctx, anna, "prov", sent)

    assert (second.instance_id, second.again) == (first.instance_id, True)
    with pytest.raises(Conflict):
        moves.start_instance(ctx, as_post(ctx, "bup.lakare"), "prov", sent)


def test_a_client_that_repeats_its_start_gets_the_first_instance(ctx: Context) -> None:
    simple(ctx)
    once = Once("klient", "nyckel", "f" * 64)

    first = moves.start_instance(ctx, CLIENT, "prov", Sent(variables={}), once=once)
    second = moves.start_instance(ctx, CLIENT, "prov", Sent(variables={}), once=once)

    assert second.instance_id == first.instance_id


def test_one_form_sent_many_times_at_once_starts_one_case(any_ctx: Context) -> None:
    ctx = any_ctx
    simple(ctx)
    anna = as_post(ctx, "bup.behandlare")
    ready = threading.Barrier(4)
    started: list[str] = []

    def send() -> None:
        ready.wait()
        sent = Sent(variables={}, one_time_key="start-1")
        started.append(moves.start_instance(ctx, anna, "prov", sent).instance_id)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(started) == 4
    assert len(set(started)) == 1
    # No number was used up by those who came second.
    assert start(ctx, "bup.behandlare", "prov").business_key == "SJ-PRO-2026-00002"


def test_a_dispute_is_lifted_when_the_levels_time_is_up(shipped: Context, clock: ManualClock) -> None:
    instance_id = report(shipped)
    with shipped.store.read() as tx:
        before = escalations.of_instance(tx, instance_id)
    assert before is not None
    assert (before.level, {each.party_id for each in before.answers}) == (Level.OPER, {"region", "alvsta"})
    assert before.lift_at is not None
    complete(shipped, instance_id, "Ange ståndpunkt", party="alvsta", **POSITION)

    pass_until(shipped, clock, before.lift_at)

    with shipped.store.read() as tx:
        after = escalations.of_instance(tx, instance_id)
    assert after is not None
    assert after.level is Level.UNIT
    silent = {each.party_id: each.silent_at is not None for each in after.answers if each.level is Level.OPER}
    assert silent == {"region": True, "alvsta": False}
    posts = {task.party_id: task.candidate_posts for task in open_tasks(shipped, instance_id, "Ange ståndpunkt")}
    assert posts == {"region": ("enhetschef.bup",), "alvsta": ("enhetschef.barn.alvsta",)}
    with shipped.store.read() as tx:
        readers = {reader.post_id for reader in instances.readers_of(tx, instance_id)}
        assert audit.first_broken_link(tx, instance_id) is None
    assert {"enhetschef.bup", "enhetschef.barn.alvsta"} <= readers


def test_two_parties_state_positions_propose_and_agree(shipped: Context) -> None:
    instance_id = report(shipped)

    for party in ("region", "alvsta"):
        complete(shipped, instance_id, "Ange ståndpunkt", party=party, **POSITION)
    complete(
        shipped,
        instance_id,
        "Förhandla",
        party="region",
        action="propose",
        interventions=[{"what": "Behandling", "who": "region"}],
        cost_lines=[{"cost_type": "treatment", "payer": "region", "share": 100}],
        valid_until="2027-12-31",
    )
    complete(shipped, instance_id, "Förhandla", party="alvsta", action="accept", version=1)

    with shipped.store.read() as tx:
        thread = escalations.proposals_of(tx, instance_id)
        said = escalations.acceptances_of(tx, instance_id)
    assert [each.version for each in thread] == [1]
    assert {(each.party_id, each.answer) for each in said} == {("region", "accept"), ("alvsta", "accept")}
    assert not open_tasks(shipped, instance_id, "Förhandla")
    assert any(name.startswith("Skriv") or "eslut" in name for name in names(shipped, instance_id))


def test_a_suspended_instance_keeps_its_times_and_takes_them_up_when_resumed(
    shipped: Context, clock: ManualClock
) -> None:
    instance_id = report(shipped)
    for party in ("region", "alvsta"):
        complete(shipped, instance_id, "Föreslå vem som ansvarar tills vidare", party=party, proposed_party="region")
    complete(
        shipped,
        instance_id,
        "Säkra stödet",
        secured_how="Boendet fortsätter.",
        secured_from="2026-11-24",
        without_prejudice=True,
    )
    operator = as_post(shipped, "driftansvarig")
    with shipped.store.read() as tx:
        before = {job.id: job.due_at for job in jobs.of_instance(tx, instance_id)}
        row = escalations.of_instance(tx, instance_id)
    assert row is not None
    assert row.lift_at is not None

    moves.suspend_instance(shipped, operator, instance_id, reason="Tabellen är fel.")
    with pytest.raises(Conflict):
        moves.suspend_instance(shipped, operator, instance_id)
    clock.set(row.lift_at + timedelta(days=1))
    assert run_jobs(shipped) == 0
    with shipped.store.read() as tx:
        kept = {job.id: job.due_at for job in jobs.of_instance(tx, instance_id)}
        level = escalations.of_instance(tx, instance_id)
    assert kept == before
    assert level is not None
    assert level.level is Level.OPER

    moves.resume_instance(shipped, operator, instance_id)
    with pytest.raises(Conflict):
        moves.resume_instance(shipped, operator, instance_id)
    run_jobs(shipped)

    with shipped.store.read() as tx:
        level = escalations.of_instance(tx, instance_id)
        history = [event.happened for event in audit.history_of(tx, instance_id)]
    assert level is not None
    assert level.level is Level.UNIT
    assert ("suspended" in history, "resumed" in history) == (True, True)


def test_the_alarm_of_a_support_task_is_not_delayed_by_a_suspension(shipped: Context, clock: ManualClock) -> None:
    instance_id = report(shipped)
    for party in ("region", "alvsta"):
        complete(shipped, instance_id, "Föreslå vem som ansvarar tills vidare", party=party, proposed_party="region")
    (support,) = open_tasks(shipped, instance_id, "Säkra stödet")
    assert support.delivers_support
    moves.suspend_instance(shipped, as_post(shipped, "driftansvarig"), instance_id)

    clock.set(end_of_day(date(2026, 11, 30), ZONE))
    run_jobs(shipped)

    assert "Larm: stödet är inte säkrat" in names(shipped, instance_id)


def test_a_cancelled_instance_has_nothing_left_to_do(shipped: Context) -> None:
    instance_id = report(shipped)

    moves.cancel_instance(shipped, CLIENT, instance_id, reason="Dubblett.", once=Once("klient", "n", "f" * 64))
    moves.cancel_instance(shipped, CLIENT, instance_id, reason="Dubblett.", once=Once("klient", "n", "f" * 64))

    instance = instance_of(shipped, instance_id)
    with shipped.store.read() as tx:
        row = escalations.of_instance(tx, instance_id)
        assert jobs.of_instance(tx, instance_id) == ()
        assert messages.subscriptions_of(tx, instance_id) == ()
        assert audit.first_broken_link(tx, instance_id) is None
    assert (instance.status, names(shipped, instance_id)) == (InstanceStatus.CANCELLED, [])
    assert row is not None
    assert row.state is EscalationState.CLOSED
    with pytest.raises(Conflict):
        moves.cancel_instance(shipped, CLIENT, instance_id)


def caller(own_case: str = "true", awaited: str = "true") -> tuple[str, str]:
    said = (
        '<bpmn:extensionElements><camunda:in source="fraga" target="fraga"/><camunda:out source="svar" target="svar"/>'
        f'<camunda:properties><camunda:property name="flowsvc:ownCase" value="{own_case}"/>'
        f'<camunda:property name="flowsvc:awaited" value="{awaited}"/></camunda:properties>'
        "</bpmn:extensionElements>"
    )
    return "kalla", f'<bpmn:callActivity id="kalla" name="Fråga" calledElement="barn">{said}</bpmn:callActivity>'


def deploy_call(ctx: Context) -> None:
    deploy(ctx, process("barn", chain(START, user_task("Svara"), END)))
    deploy(ctx, process("prov", chain(START, caller(), user_task("Efteråt"), END)))


def test_a_called_case_of_its_own_starts_once_and_is_joined_when_it_ends(ctx: Context) -> None:
    deploy_call(ctx)
    instance_id = start(ctx, "bup.behandlare", "prov", fraga="Vem?").instance_id
    with ctx.store.read() as tx:
        (job,) = jobs.of_instance(tx, instance_id)
    assert job.kind is JobKind.START_INSTANCE
    run_jobs(ctx)
    with ctx.store.begin() as tx:
        # As if the worker had died after the start and before it was known.
        jobs.add(tx, job)
    run_jobs(ctx)

    with ctx.store.read() as tx:
        (child,) = instances.children_of(tx, instance_id)
    assert variables_of(ctx, child.id)["fraga"] == "Vem?"
    assert child.business_key == "SJ-BAR-2026-00001"
    complete(ctx, child.id, "Svara", svar="Regionen")
    run_jobs(ctx)

    assert names(ctx, instance_id) == ["Efteråt"]
    assert variables_of(ctx, instance_id)["svar"] == "Regionen"


def test_a_called_case_that_nobody_waits_for_starts_even_when_its_caller_is_over(ctx: Context) -> None:
    deploy(ctx, process("barn", chain(START, user_task("Svara"), END)))
    deploy(ctx, process("prov", chain(START, caller(awaited="false"), END)))
    instance_id = start(ctx, "bup.behandlare", "prov", fraga="Vem?").instance_id
    assert instance_of(ctx, instance_id).status is InstanceStatus.ENDED

    run_jobs(ctx)

    with ctx.store.read() as tx:
        (child,) = instances.children_of(tx, instance_id)
    assert names(ctx, child.id) == ["Svara"]
    complete(ctx, child.id, "Svara", svar="Regionen")
    run_jobs(ctx)
    assert instance_of(ctx, child.id).status is InstanceStatus.ENDED


def test_a_called_case_waits_while_its_caller_is_suspended(ctx: Context) -> None:
    deploy_call(ctx)
    instance_id = start(ctx, "bup.behandlare", "prov", fraga="Vem?").instance_id
    run_jobs(ctx)
    with ctx.store.read() as tx:
        (child,) = instances.children_of(tx, instance_id)
    operator = as_post(ctx, "driftansvarig")
    moves.suspend_instance(ctx, operator, instance_id)
    complete(ctx, child.id, "Svara", svar="Regionen")
    run_jobs(ctx)
    assert names(ctx, instance_id) == []

    moves.resume_instance(ctx, operator, instance_id)
    run_jobs(ctx)

    assert names(ctx, instance_id) == ["Efteråt"]


def test_what_a_process_says_of_its_case_follows_it(ctx: Context) -> None:
    said = properties(title="=&quot;Fråga &quot; + string(nr)", endState="answered", childWaiting="=true")
    deploy(ctx, process("prov", chain(START, user_task("A", inside=said), END)))

    instance = instance_of(ctx, start(ctx, "bup.behandlare", "prov", nr=7).instance_id)

    assert (instance.title, instance.end_state, instance.child_waiting) == ("Fråga 7", "answered", True)


def test_variables_of_any_name_are_kept_as_they_came(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, process("prov", chain(START, user_task("A"), user_task("B"), END)))
    given = {name: {name: [{name: 1}, None]} for name in NAMES}
    more: dict[str, Any] = {f"{name}2": {"$t": name, "v": [name]} for name in NAMES}
    instance_id = start(ctx, "bup.behandlare", "prov", **given).instance_id

    complete(ctx, instance_id, "A", **more)

    assert variables_of(ctx, instance_id) == {**given, **more}
