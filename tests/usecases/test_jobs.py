"""What the worker does: timers once each, failures tried again and then shown, start timers, connectors, tidying up."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from flowsvc.connectors.base import BpmnError, Input
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.calendar import end_of_day
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import Conflict, ConnectorFailed, NotFound
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.jobs import LEASE, MOST_CRASHES, JobKind, JobState
from flowsvc.domain.values import Variables
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit, idempotency, instances, jobs, tasks
from flowsvc.usecases import attachments as files
from flowsvc.usecases import instances as moves
from flowsvc.usecases import jobs as worker
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
    open_tasks,
    pass_until,
    process,
    report,
    run_jobs,
    start,
    user_task,
    variables_of,
)


def timed(rule: str = "PT1H") -> SourceFile:
    """A task that a timer interrupts."""
    boundary = (
        '<bpmn:boundaryEvent id="frist" attachedToRef="A"><bpmn:timerEventDefinition id="d">'
        f'<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{rule}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    after = user_task("B")[1] + '<bpmn:endEvent id="end2"/>' + flow("frist", "B") + flow("B", "end2")
    return process("prov", chain(START, user_task("A"), END) + boundary + after)


def fired(ctx: Context, instance_id: str) -> int:
    with ctx.store.read() as tx:
        return sum(event.happened == "fired" for event in audit.history_of(tx, instance_id))


def test_a_timer_fires_at_its_time_and_not_before(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, timed())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    assert worker.next_due_at(ctx) == clock.now() + timedelta(hours=1)

    clock.advance(minutes=59, seconds=59)
    assert run_jobs(ctx) == 0
    clock.advance(seconds=1)
    assert run_jobs(ctx) == 1

    assert (names(ctx, instance_id), fired(ctx, instance_id)) == (["B"], 1)
    assert worker.next_due_at(ctx) is None


def test_timers_that_fell_due_while_nothing_ran_fire_once_each(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, timed())
    started = [start(ctx, "bup.behandlare", "prov").instance_id for _ in range(25)]

    clock.advance(days=90)
    run_jobs(ctx)
    run_jobs(ctx)

    assert [fired(ctx, each) for each in started] == [1] * 25


def test_a_timer_whose_task_is_done_does_nothing(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, timed())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    with ctx.store.read() as tx:
        (job,) = jobs.of_instance(tx, instance_id)
    complete(ctx, instance_id, "A")
    with ctx.store.begin() as tx:
        assert jobs.of_instance(tx, instance_id) == ()
        # As if it had been leased before the task was completed.
        jobs.add(tx, job)

    clock.advance(hours=2)
    assert run_jobs(ctx) == 1

    assert instance_of(ctx, instance_id).status is InstanceStatus.ENDED
    assert incidents_of(ctx, instance_id) == []
    with ctx.store.read() as tx:
        assert jobs.page(tx).items == ()


def test_many_workers_fire_each_timer_once(any_ctx: Context, clock: ManualClock) -> None:
    ctx = any_ctx
    deploy(ctx, timed())
    started = [start(ctx, "bup.behandlare", "prov").instance_id for _ in range(20)]
    clock.advance(hours=1)

    def work(name: str) -> None:
        while worker.run_due_jobs(ctx, owner=name, limit=3):
            pass

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [fired(ctx, each) for each in started] == [1] * 20


def test_completing_and_the_timer_at_once_do_one_of_the_two(any_ctx: Context, clock: ManualClock) -> None:
    ctx = any_ctx
    deploy(ctx, timed())
    for _ in range(10):
        instance_id = start(ctx, "bup.behandlare", "prov").instance_id
        clock.advance(hours=1)
        ready = threading.Barrier(2)

        def work(ready: threading.Barrier = ready) -> None:
            ready.wait()
            worker.run_due_jobs(ctx, owner="w")

        thread = threading.Thread(target=work)
        thread.start()
        ready.wait()
        try:
            complete(ctx, instance_id, "A")
        except (Conflict, ValueError):
            assert names(ctx, instance_id) == ["B"]
        else:
            assert instance_of(ctx, instance_id).status is InstanceStatus.ENDED
        thread.join()
        assert fired(ctx, instance_id) == (1 if names(ctx, instance_id) else 0)
        assert incidents_of(ctx, instance_id) == []


def test_a_worker_that_lost_its_lease_does_nothing(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, timed())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    clock.advance(hours=1)
    with ctx.store.begin() as tx:
        (late,) = jobs.lease_due(tx, now=clock.now(), owner="sov", limit=1)
    clock.advance(seconds=LEASE.total_seconds())
    run_jobs(ctx)

    worker._try(ctx, late)

    assert fired(ctx, instance_id) == 1
    assert incidents_of(ctx, instance_id) == []


def failing() -> SourceFile:
    """A script that divides by a variable."""
    script = '<bpmn:scriptTask id="rakna" name="Räkna" scriptFormat="feel" camunda:resultVariable="kvot">'
    body = (
        "rakna",
        f"{script}<bpmn:script>=if antal > 0 then 100 / antal else antal.fel</bpmn:script></bpmn:scriptTask>",
    )
    return process("prov", chain(START, user_task("A"), body, user_task("B"), END))


def test_a_failed_element_is_an_incident_without_values_that_can_be_tried_again(ctx: Context) -> None:
    deploy(ctx, failing())
    instance_id = start(ctx, "bup.behandlare", "prov", antal="hemligt").instance_id
    complete(ctx, instance_id, "A")
    (incident,) = incidents_of(ctx, instance_id)
    assert (incident.element_id, incident.code) == ("rakna", "engine.feel_type")
    assert "hemligt" not in repr(incident)
    operator = as_post(ctx, "driftansvarig")
    assert [each.id for each in worker.open_incidents(ctx, operator).items] == [incident.id]

    worker.retry_incident(ctx, operator, incident.id)
    (again,) = incidents_of(ctx, instance_id)
    assert again.id != incident.id
    with pytest.raises(Conflict):
        worker.retry_incident(ctx, operator, incident.id)
    with ctx.store.begin() as tx:
        (row,) = [each for each in instances.variables_of(tx, instance_id) if each.name == "antal"]
        instances.set_variables(tx, instance_id, [replace(row, value=4)])
    worker.retry_incident(ctx, operator, again.id)

    assert variables_of(ctx, instance_id)["kvot"] == 25
    assert names(ctx, instance_id) == ["B"]
    assert incidents_of(ctx, instance_id) == []


class Post:
    """A connector that fails as often as it is told to."""

    name = "brev"
    label = "Brev"
    label_en = "Letter"
    inputs: tuple[Input, ...] = (Input("till", "Till", "To"),)

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.sent: list[tuple[Variables, str]] = []

    def run(self, inputs: Variables, *, key: str) -> Variables:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((inputs, key))
        return {"kvitto": f"brev till {inputs['till']}"}


def calling(retry_cycle: str = "") -> SourceFile:
    inside = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        '<camunda:inputParameter name="till">=mottagare</camunda:inputParameter>'
        '<camunda:outputParameter name="kvitto">=kvitto</camunda:outputParameter></camunda:inputOutput>'
        f"{retry_cycle and f'<camunda:failedJobRetryTimeCycle>{retry_cycle}</camunda:failedJobRetryTimeCycle>'}"
        '<camunda:properties><camunda:property name="flowsvc:connector" value="brev"/></camunda:properties>'
        "</bpmn:extensionElements>"
    )
    return process(
        "prov", chain(START, ("brev", f'<bpmn:serviceTask id="brev">{inside}</bpmn:serviceTask>'), user_task("A"), END)
    )


def with_connector(ctx: Context, post: Post, retry_cycle: str = "") -> Context:
    """An installation that has the connector, and the process that calls it."""
    connected = replace(ctx, connectors={"brev": post})
    deploy(connected, calling(retry_cycle))
    return connected


def test_a_call_is_made_outside_any_transaction_and_its_result_taken_in(ctx: Context) -> None:
    post = Post()
    ctx = with_connector(ctx, post)
    instance_id = start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id

    run_jobs(ctx)

    assert names(ctx, instance_id) == ["A"]
    assert variables_of(ctx, instance_id)["kvitto"] == "brev till Älvsta"
    assert [inputs for inputs, _ in post.sent] == [{"till": "Älvsta"}]


def test_a_failed_call_is_tried_again_after_growing_waits_and_then_an_incident(
    ctx: Context, clock: ManualClock
) -> None:
    post = Post(*(ConnectorFailed("Mottagaren svarar inte.") for _ in range(3)))
    ctx = with_connector(ctx, post)
    operator = as_post(ctx, "driftansvarig")
    instance_id = start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id

    waits: list[timedelta] = []
    run_jobs(ctx)
    while (due := worker.next_due_at(ctx)) is not None:
        waits.append(due - clock.now())
        clock.set(due)
        run_jobs(ctx)
    (incident,) = incidents_of(ctx, instance_id)
    (failed,) = worker.jobs_page(ctx, operator, state=JobState.FAILED).items

    assert len(waits) == 2
    assert waits[0] < waits[1]
    assert (incident.code, incident.job_id) == ("connector.failed", failed.id)
    worker.retry_job(ctx, operator, failed.id, once=Once("x", "1", "f" * 64))
    worker.retry_job(ctx, operator, failed.id, once=Once("x", "1", "f" * 64))
    run_jobs(ctx)
    assert names(ctx, instance_id) == ["A"]
    assert incidents_of(ctx, instance_id) == []


def test_the_diagram_says_how_often_and_how_soon_a_call_is_tried_again(ctx: Context, clock: ManualClock) -> None:
    ctx = with_connector(ctx, Post(ConnectorFailed("a"), ConnectorFailed("b")), "R2/PT7M")
    instance_id = start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id

    run_jobs(ctx)
    assert worker.next_due_at(ctx) == clock.now() + timedelta(minutes=7)
    clock.advance(minutes=7)
    run_jobs(ctx)

    assert [each.code for each in incidents_of(ctx, instance_id)] == ["connector.failed"]


def test_a_call_may_end_in_an_error_that_the_diagram_catches(ctx: Context) -> None:
    boundary = (
        '<bpmn:boundaryEvent id="nej" attachedToRef="brev"><bpmn:errorEventDefinition errorRef="e"/>'
        "</bpmn:boundaryEvent>"
    )
    after = user_task("Nekad")[1] + '<bpmn:endEvent id="end2"/>' + flow("nej", "Nekad") + flow("Nekad", "end2")
    drawn = calling()
    ctx = replace(ctx, connectors={"brev": Post(BpmnError("NEJ", {"orsak": "flyttad"}), BpmnError("ANNAT"))})
    deploy(
        ctx, replace(drawn, data=drawn.data.replace(b"</bpmn:process>", f"{boundary}{after}</bpmn:process>".encode()))
    )
    caught, uncaught = (start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id for _ in range(2))

    run_jobs(ctx)

    assert names(ctx, caught) == ["Nekad"]
    assert variables_of(ctx, caught)["orsak"] == "flyttad"
    assert [each.element_id for each in incidents_of(ctx, uncaught)] == ["brev"]
    with ctx.store.read() as tx:
        assert jobs.page(tx).items == ()


class Killing(Post):
    """A connector that takes down its process while it is told to."""

    is_deadly = True

    def run(self, inputs: Variables, *, key: str) -> Variables:
        if self.is_deadly:
            raise KeyboardInterrupt
        return super().run(inputs, key=key)


def test_a_job_that_takes_down_its_process_is_an_incident_and_the_others_go_on(
    ctx: Context, clock: ManualClock
) -> None:
    post = Killing()
    ctx = with_connector(ctx, post)
    deploy(ctx, replace(timed("PT1S"), name="annan.bpmn", data=timed("PT1S").data.replace(b'id="prov"', b'id="annan"')))
    instance_id = start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id
    others = [start(ctx, "bup.behandlare", "annan").instance_id for _ in range(3)]
    clock.advance(seconds=1)

    deaths = 0
    for _ in range(20):
        try:
            run_jobs(ctx)
        except KeyboardInterrupt:
            deaths += 1
        clock.advance(seconds=LEASE.total_seconds())

    (incident,) = incidents_of(ctx, instance_id)
    assert (deaths, incident.code, incident.element_id) == (MOST_CRASHES, "job.crashes", "brev")
    assert [names(ctx, each) for each in others] == [["B"]] * 3
    post.is_deadly = False
    worker.retry_incident(ctx, as_post(ctx, "driftansvarig"), incident.id)
    run_jobs(ctx)
    assert names(ctx, instance_id) == ["A"]


def test_a_job_of_an_instance_that_is_resumed_at_that_moment_is_not_forgotten(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, timed())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    clock.advance(hours=1)
    with ctx.store.begin() as tx:
        (leased,) = jobs.lease_due(tx, now=clock.now(), owner="w", limit=1)

    # It has met the suspended instance, which is resumed before it says that it waits.
    worker._hold(ctx, leased)

    assert run_jobs(ctx) == 1
    assert names(ctx, instance_id) == ["B"]


def reminding(rule: str = "R/PT1H") -> SourceFile:
    """A task with a reminder that comes again and again."""
    boundary = (
        '<bpmn:boundaryEvent id="paminn" attachedToRef="A" cancelActivity="false"><bpmn:timerEventDefinition id="d">'
        f"<bpmn:timeCycle>{rule}</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    after = user_task("B")[1] + '<bpmn:endEvent id="end2"/>' + flow("paminn", "B") + flow("B", "end2")
    return process("prov", chain(START, user_task("A"), END) + boundary + after)


def cycles(ctx: Context, instance_id: str) -> list[int]:
    with ctx.store.read() as tx:
        return [job.cycle for job in jobs.of_instance(tx, instance_id)]


def test_a_repeating_timer_has_one_job_at_a_time_and_a_new_one_from_the_step_that_fired_it(
    ctx: Context, clock: ManualClock
) -> None:
    deploy(ctx, reminding())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id

    seen = [cycles(ctx, instance_id)]
    for _ in range(3):
        clock.advance(hours=1)
        assert run_jobs(ctx) == 1
        seen.append(cycles(ctx, instance_id))

    assert all(len(each) == 1 for each in seen)
    assert [each[0] for each in seen] == list(range(seen[0][0], seen[0][0] + 4))
    assert names(ctx, instance_id) == ["A", "B", "B", "B"]


def test_the_times_that_passed_while_nothing_ran_are_one(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, reminding())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id

    clock.advance(hours=100, minutes=30)
    run_jobs(ctx)

    assert fired(ctx, instance_id) == 1
    due = worker.next_due_at(ctx)
    assert due is not None
    assert clock.now() < due <= clock.now() + timedelta(hours=1)


def test_a_suspended_instance_keeps_its_repeating_timer(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, reminding())
    operator = as_post(ctx, "driftansvarig")
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    moves.suspend_instance(ctx, operator, instance_id)
    clock.advance(hours=5)
    run_jobs(ctx)
    assert fired(ctx, instance_id) == 0

    moves.resume_instance(ctx, operator, instance_id)
    run_jobs(ctx)

    assert fired(ctx, instance_id) == 1
    assert len(cycles(ctx, instance_id)) == 1


def test_a_repeating_timer_is_over_with_what_it_stands_on(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, reminding())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    clock.advance(hours=1)
    run_jobs(ctx)

    complete(ctx, instance_id, "A")

    assert cycles(ctx, instance_id) == []
    assert worker.next_due_at(ctx) is None


def test_two_workers_fire_each_time_of_a_cycle_once(any_ctx: Context, clock: ManualClock) -> None:
    ctx = any_ctx
    deploy(ctx, reminding("R4/PT1H"))
    started = [start(ctx, "bup.behandlare", "prov").instance_id for _ in range(8)]

    def work(name: str) -> None:
        while worker.run_due_jobs(ctx, owner=name, limit=3):
            pass

    for _ in range(6):
        clock.advance(hours=1)
        threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [fired(ctx, each) for each in started] == [4] * 8
    assert worker.next_due_at(ctx) is None


def test_an_unforeseen_fault_of_a_job_is_shown_by_its_kind_alone(ctx: Context, clock: ManualClock) -> None:
    ctx = with_connector(ctx, Post(*(RuntimeError("personnummer 20100101-1234") for _ in range(3))))
    instance_id = start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id

    pass_until(ctx, clock, clock.now() + timedelta(days=1))

    (incident,) = incidents_of(ctx, instance_id)
    assert (incident.code, incident.message) == ("job.failed", "Jobbet stannade (RuntimeError).")


def test_a_call_that_the_installation_does_not_have_is_an_incident_at_once(ctx: Context) -> None:
    ctx = replace(with_connector(ctx, Post()), connectors={})
    instance_id = start(ctx, "bup.behandlare", "prov", mottagare="Älvsta").instance_id

    run_jobs(ctx)

    (incident,) = incidents_of(ctx, instance_id)
    worker.retry_incident(ctx, as_post(ctx, "driftansvarig"), incident.id)
    assert incidents_of(ctx, instance_id) == []


def test_a_question_of_principle_is_a_case_of_its_own_that_the_dispute_does_not_wait_for(
    shipped: Context, clock: ManualClock
) -> None:
    instance_id = report(shipped)
    while not open_tasks(shipped, instance_id, "Dokumentera olöst tvist"):
        due = worker.next_due_at(shipped)
        assert due is not None
        pass_until(shipped, clock, due)
    complete(
        shipped,
        instance_id,
        "Dokumentera olöst tvist",
        final_positions=[],
        disputed=["responsibility"],
        route="county_body_principle",
        principle_question="Vem ansvarar för behandling på hem?",
        motivation="Ingen av parterna ändrar sig.",
        interim_review=(clock.now() + timedelta(days=20)).date().isoformat(),
    )

    run_jobs(shipped)
    with shipped.store.read() as tx:
        (child,) = instances.children_of(tx, instance_id)
    assert child.business_key.startswith("SJ-PRI-")
    assert set(variables_of(shipped, child.id)) == {"title", "area", "party_names", "principle_question"}
    assert "Bevaka olöst tvist" in names(shipped, instance_id)
    complete(
        shipped,
        child.id,
        "Behandla principfrågan",
        principle_answer="Regionen.",
        answered_on=clock.now().date().isoformat(),
    )
    run_jobs(shipped)

    with shipped.store.read() as tx:
        completed = [event.element_id for event in audit.history_of(tx, instance_id) if event.happened == "completed"]
    assert instance_of(shipped, child.id).status is InstanceStatus.ENDED
    assert "princip_klar" in completed
    assert "Bevaka olöst tvist" in names(shipped, instance_id)


def repeating(kind: str, rule: str, name: str = "A") -> SourceFile:
    event = (
        f'<bpmn:startEvent id="start"><bpmn:timerEventDefinition id="d"><bpmn:{kind} '
        f'xsi:type="bpmn:tFormalExpression">{rule}</bpmn:{kind}></bpmn:timerEventDefinition></bpmn:startEvent>'
    )
    return process("prov", chain(("start", event), user_task(name), END))


def started(ctx: Context) -> int:
    with ctx.store.read() as tx:
        return len(instances.page(tx, scope_posts=None, now=ctx.clock.now()).items)


def test_a_date_starts_a_process_once(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, repeating("timeDate", "2026-12-01T08:00:00"))

    clock.set(end_of_day(date(2026, 12, 2), ctx.zone))
    run_jobs(ctx)
    clock.advance(days=400)
    run_jobs(ctx)

    assert started(ctx) == 1


def test_a_cycle_makes_up_for_missed_times_with_one(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, repeating("timeCycle", "R/PT1H"))
    clock.advance(hours=1)
    run_jobs(ctx)
    assert started(ctx) == 1

    clock.advance(hours=100)
    run_jobs(ctx)
    run_jobs(ctx)
    assert started(ctx) == 2
    assert worker.next_due_at(ctx) == clock.now() + timedelta(hours=1)


def test_a_new_version_takes_over_the_times_of_the_old_one(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, repeating("timeCycle", "R/PT1H"))
    deploy(ctx, repeating("timeCycle", "R/PT1H", name="Ny"))
    clock.advance(hours=1)

    run_jobs(ctx)

    assert started(ctx) == 1
    with ctx.store.read() as tx:
        (waiting,) = jobs.page(tx, kind=JobKind.START_TIMER).items
        (found,) = instances.page(tx, scope_posts=None, now=clock.now()).items
    assert names(ctx, found.id) == ["Ny"]
    assert waiting.cycle == 2


def test_old_things_are_forgotten_and_new_ones_kept(ctx: Context, clock: ManualClock) -> None:
    anna = as_post(ctx, "bup.behandlare")
    upload = files.store_upload(ctx, anna, name="a.txt", content_type="text/plain", content=b"hej")
    with ctx.store.begin() as tx:
        idempotency.put(tx, principal="p", key="k", fingerprint="f", answer={}, now=clock.now())
    clock.advance(days=13)
    worker.housekeeping(ctx)
    with ctx.store.read() as tx:
        assert idempotency.get(tx, principal="p", key="k") is not None

    clock.advance(days=60)
    worker.housekeeping(ctx)

    with ctx.store.read() as tx:
        assert idempotency.get(tx, principal="p", key="k") is None
    with pytest.raises(NotFound):
        files.read_attachment(ctx, anna, upload.id)


def test_the_jobs_of_a_cancelled_instance_are_gone(ctx: Context, clock: ManualClock) -> None:
    deploy(ctx, timed())
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    moves.cancel_instance(ctx, CLIENT, instance_id)

    clock.advance(days=1)

    assert run_jobs(ctx) == 0
    with ctx.store.read() as tx:
        assert tasks.of_instance(tx, instance_id, open_only=True) == ()
    assert worker.jobs_page(ctx, SYSTEM).items == ()
