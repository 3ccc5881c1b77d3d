"""Claiming, assigning and completing: once each, however many try, however often it is sent."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from flowsvc.domain.access import Actor
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import (
    AlreadyClaimed,
    AlreadyCompleted,
    Conflict,
    FormInvalid,
    InstanceSuspended,
    InvalidInput,
    KeyReused,
    NotFound,
)
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.tasks import TaskState
from flowsvc.store import audit, tasks
from flowsvc.usecases import instances
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.once import Once
from tests.usecases.office import (
    CLIENT,
    END,
    POSITION,
    START,
    as_post,
    chain,
    complete,
    deploy,
    flow,
    instance_of,
    open_tasks,
    process,
    properties,
    report,
    start,
    user_task,
    variables_of,
)

ROUNDS = 20


def begin(ctx: Context, groups: str = "post:bup.behandlare") -> str:
    """A running instance with one task, A; the task's id."""
    deploy(ctx, process("prov", chain(START, user_task("A", groups), END)))
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    (task,) = open_tasks(ctx, instance_id)
    return task.id


def test_a_claimed_task_is_held_by_one_person_until_it_is_returned(ctx: Context) -> None:
    task_id = begin(ctx, "post:bup.behandlare,post:bup.lakare")
    anna, bo = as_post(ctx, "bup.behandlare"), as_post(ctx, "bup.lakare")

    desk.claim_task(ctx, anna, task_id)
    with pytest.raises(AlreadyClaimed):
        desk.claim_task(ctx, bo, task_id)
    with pytest.raises(AlreadyClaimed):
        desk.unclaim_task(ctx, bo, task_id)
    with pytest.raises(AlreadyClaimed):
        desk.complete_task(ctx, bo, task_id, Sent(variables={}))
    desk.unclaim_task(ctx, anna, task_id)
    desk.claim_task(ctx, bo, task_id)

    with ctx.store.read() as tx:
        held = tasks.by_id(tx, task_id)
    assert (held.assignee, held.assigned_post) == (bo.person_id, "bup.lakare")


def test_assigning_stands_in_the_history_with_its_reason_for_the_own_party(ctx: Context) -> None:
    task_id = begin(ctx)
    person = as_post(ctx, "bup.behandlare").person_id

    desk.assign_task(ctx, CLIENT, task_id, person_id=person, reason=" Ledig i mars ")

    with ctx.store.read() as tx:
        history = audit.history_of(tx, tasks.by_id(tx, task_id).instance_id)
    (told,) = [each for each in history if each.happened == desk.ASSIGNED]
    assert (told.details["reason"], told.details["person"], told.owner_party) == ("Ledig i mars", person, "region")
    with pytest.raises(InvalidInput):
        desk.assign_task(ctx, CLIENT, task_id, person_id=person, reason="x" * 501)


def test_a_task_is_assigned_only_to_somebody_who_may_do_it(ctx: Context) -> None:
    task_id = begin(ctx, "post:bup.behandlare,post:enhetschef.bup")
    manager = as_post(ctx, "enhetschef.bup")

    desk.assign_task(ctx, manager, task_id, person_id=as_post(ctx, "bup.behandlare").person_id)
    with pytest.raises(InvalidInput):
        desk.assign_task(ctx, manager, task_id, person_id=as_post(ctx, "larare.alvsta").person_id)
    with pytest.raises(InvalidInput):
        desk.assign_task(ctx, manager, task_id, person_id="okand")

    with ctx.store.read() as tx:
        assert tasks.by_id(tx, task_id).assignee == as_post(ctx, "bup.behandlare").person_id


def test_a_task_that_is_not_mine_cannot_be_seen(ctx: Context) -> None:
    task_id = begin(ctx)

    with pytest.raises(NotFound):
        desk.complete_task(ctx, as_post(ctx, "larare.alvsta"), task_id, Sent(variables={}))


def test_completing_moves_the_process_on_and_says_who_did_what(ctx: Context) -> None:
    task_id = begin(ctx)
    anna = as_post(ctx, "bup.behandlare")

    receipt = desk.complete_task(ctx, anna, task_id, Sent(variables={"svar": 42}))

    instance = instance_of(ctx, receipt.instance_id)
    with ctx.store.read() as tx:
        task = tasks.by_id(tx, task_id)
        history = audit.history_of(tx, instance.id)
        assert audit.first_broken_link(tx, instance.id) is None
    assert instance.status is InstanceStatus.ENDED
    assert (task.state, task.closed_by) == (TaskState.COMPLETED, anna.person_id)
    assert variables_of(ctx, instance.id)["svar"] == 42
    done = [event for event in history if (event.element_id, event.happened) == ("A", "completed")]
    assert [(event.person_id, event.post_id) for event in done] == [(anna.person_id, "bup.behandlare")]
    assert desk.receipt_of(ctx, anna, receipt.submission_id) == receipt
    with pytest.raises(NotFound):
        desk.receipt_of(ctx, as_post(ctx, "bup.lakare"), receipt.submission_id)


def test_whoever_comes_second_is_told_who_was_first_and_when(ctx: Context, clock: ManualClock) -> None:
    task_id = begin(ctx, "post:bup.behandlare,post:bup.lakare")
    anna = as_post(ctx, "bup.behandlare")
    at = desk.complete_task(ctx, anna, task_id, Sent(variables={})).at
    clock.advance(hours=1)

    with pytest.raises(AlreadyCompleted) as told:
        desk.complete_task(ctx, as_post(ctx, "bup.lakare"), task_id, Sent(variables={}))

    assert (told.value.by, told.value.at) == (anna.name, at)


def test_a_form_sent_twice_shows_its_first_receipt(ctx: Context) -> None:
    task_id = begin(ctx, "post:bup.behandlare,post:bup.lakare")
    anna = as_post(ctx, "bup.behandlare")
    sent = Sent(variables={"svar": 1}, one_time_key="formulär-1")

    first = desk.complete_task(ctx, anna, task_id, sent)
    second = desk.complete_task(ctx, anna, task_id, sent)

    assert (second.submission_id, second.at, first.again, second.again) == (first.submission_id, first.at, False, True)
    with pytest.raises(Conflict):
        desk.complete_task(ctx, as_post(ctx, "bup.lakare"), task_id, sent)


def test_a_key_of_a_client_gives_the_first_answer_again_and_refuses_another_request(ctx: Context) -> None:
    task_id = begin(ctx)
    once = Once("klient", "nyckel-1", "a" * 64)

    first = desk.complete_task(ctx, CLIENT, task_id, Sent(variables={"svar": 1}), once=once)
    second = desk.complete_task(ctx, CLIENT, task_id, Sent(variables={"svar": 1}), once=once)

    assert second.submission_id == first.submission_id
    with pytest.raises(KeyReused):
        desk.complete_task(ctx, CLIENT, task_id, Sent(variables={}), once=Once("klient", "nyckel-1", "b" * 64))


def race(ctx: Context, actors: list[Actor], sent: list[Sent], task_id: str) -> list[str]:
    """Both at the same moment; what each was told."""
    ready = threading.Barrier(len(actors))
    told: list[str] = []

    def send(actor: Actor, form: Sent) -> None:
        ready.wait()
        try:
            receipt = desk.complete_task(ctx, actor, task_id, form)
            told.append("again" if receipt.again else "done")
        except AlreadyCompleted as error:
            told.append(f"late: {error.by}" if error.at else "late")

    threads = [threading.Thread(target=send, args=pair) for pair in zip(actors, sent, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_of_two_who_complete_at_once_one_is_told_of_the_other(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, process("prov", chain(START, user_task("A", "post:bup.behandlare,post:bup.lakare"), END)))
    anna, bo = as_post(ctx, "bup.behandlare"), as_post(ctx, "bup.lakare")
    outcomes: Counter[int] = Counter()

    for _ in range(ROUNDS):
        instance_id = start(ctx, "bup.behandlare", "prov").instance_id
        (task,) = open_tasks(ctx, instance_id)
        told = race(ctx, [anna, bo], [Sent(variables={}), Sent(variables={})], task.id)
        with ctx.store.read() as tx:
            closer = tasks.by_id(tx, task.id).closed_by
            outcomes[len(tasks.submissions_of(tx, instance_id))] += 1
        winner = anna if closer == anna.person_id else bo
        assert told == ["done", f"late: {winner.name}"]

    # One submission is the start, the other the task's.
    assert outcomes == {2: ROUNDS}


def test_a_form_that_is_sent_twice_at_once_is_done_once(any_ctx: Context) -> None:
    ctx = any_ctx
    deploy(ctx, process("prov", chain(START, user_task("A"), END)))
    anna = as_post(ctx, "bup.behandlare")

    for number in range(ROUNDS):
        instance_id = start(ctx, "bup.behandlare", "prov").instance_id
        (task,) = open_tasks(ctx, instance_id)
        same = Sent(variables={}, one_time_key=f"formulär-{number}")
        assert race(ctx, [anna, anna], [same, same], task.id) == ["again", "done"]


def test_a_form_with_faults_changes_nothing_and_says_which(shipped: Context) -> None:
    instance_id = report(shipped)
    before = instance_of(shipped, instance_id).version

    with pytest.raises(FormInvalid) as told:
        complete(shipped, instance_id, "Ange ståndpunkt", party="alvsta", stance="annan")

    assert {"stance", "legal_basis", "child_best_assessment"} <= set(told.value.fields)
    assert instance_of(shipped, instance_id).version == before


def test_what_stays_inside_the_party_is_kept_apart(shipped: Context) -> None:
    instance_id = report(shipped)

    receipt = complete(shipped, instance_id, "Ange ståndpunkt", party="alvsta", **POSITION, internal_note="Vår gräns.")

    with shipped.store.read() as tx:
        sent = tasks.submission_by_id(tx, receipt.submission_id)
    assert sent is not None
    assert sent.own_values["internal_note"] == "Vår gräns."
    assert "internal_note" not in sent.shared_values
    assert sent.party_id == "alvsta"


def test_a_draft_is_its_persons_and_gone_when_the_form_is_sent(ctx: Context) -> None:
    task_id = begin(ctx)
    anna = as_post(ctx, "bup.behandlare")
    place = f"task:{task_id}"

    desk.save_draft(ctx, anna, place, values={"svar": "halvt"})
    with pytest.raises(NotFound):
        desk.save_draft(ctx, as_post(ctx, "larare.alvsta"), place, values={})
    with ctx.store.read() as tx:
        kept = tasks.draft_of(tx, person_id=anna.person_id, place=place)
    desk.complete_task(ctx, anna, task_id, Sent(variables={}))

    assert kept is not None
    assert kept.values == {"svar": "halvt"}
    with ctx.store.read() as tx:
        assert tasks.draft_of(tx, person_id=anna.person_id, place=place) is None
    with pytest.raises(AlreadyCompleted):
        desk.save_draft(ctx, anna, place, values={})


def test_only_the_task_that_delivers_support_can_be_done_in_a_suspended_instance(ctx: Context) -> None:
    start_event, end = START[1], END[1]
    split, join = '<bpmn:parallelGateway id="dela"/>', '<bpmn:parallelGateway id="mots"/>'
    support = user_task("Stöd", inside=properties(deliversSupport="true"))[1].replace('id="Stöd"', 'id="stod"')
    talk = user_task("Tala")[1]

    body = "".join([start_event, split, support, talk, join, end])
    flows = [("start", "dela"), ("dela", "stod"), ("dela", "Tala"), ("stod", "mots"), ("Tala", "mots"), ("mots", "end")]
    deploy(ctx, process("prov", body + "".join(flow(*pair) for pair in flows)))
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    instances.suspend_instance(ctx, as_post(ctx, "driftansvarig"), instance_id, reason="Fel i tabellen.")

    complete(ctx, instance_id, "Stöd")
    with pytest.raises(InstanceSuspended):
        complete(ctx, instance_id, "Tala")
    instances.resume_instance(ctx, as_post(ctx, "driftansvarig"), instance_id)
    complete(ctx, instance_id, "Tala")

    assert instance_of(ctx, instance_id).status is InstanceStatus.ENDED


def test_a_task_may_name_the_people_who_do_it(ctx: Context) -> None:
    anna = as_post(ctx, "bup.behandlare")
    with ctx.store.read() as tx:
        username = tx.directory().people[anna.person_id].username
    named = f'<bpmn:userTask id="A" name="A" camunda:candidateUsers="{username}"/>'
    held = f'<bpmn:userTask id="B" name="B" camunda:assignee="{username}"/>'
    deploy(ctx, process("prov", chain(START, ("A", named), ("B", held), END)))
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id

    with ctx.store.read() as tx:
        mine = tasks.mine(tx, anna.person_id, posts=frozenset())
    desk.complete_task(ctx, anna, mine.items[0].id, Sent(variables={}))
    (second,) = open_tasks(ctx, instance_id)
    with pytest.raises(NotFound):
        desk.complete_task(ctx, as_post(ctx, "bup.lakare"), second.id, Sent(variables={}))
    desk.complete_task(ctx, anna, second.id, Sent(variables={}))

    assert second.assignee == anna.person_id
    assert instance_of(ctx, instance_id).status is InstanceStatus.ENDED


def test_time_stands_in_the_receipt_as_it_was(ctx: Context, clock: ManualClock) -> None:
    task_id = begin(ctx)
    clock.advance(hours=3)

    receipt = desk.complete_task(ctx, as_post(ctx, "bup.behandlare"), task_id, Sent(variables={}))

    assert receipt.at == clock.now()
    assert receipt.at - timedelta(hours=3) < clock.now()
