"""What an instance waits for beside people: the jobs and incidents that follow from a step."""

import re
from dataclasses import replace
from datetime import datetime

from flowsvc.domain import pauses
from flowsvc.domain.instances import InstanceStatus, ProcessInstance
from flowsvc.domain.jobs import Incident, Job, JobKind, JobState
from flowsvc.engine.outcome import CallRequested, Outcome
from flowsvc.store import jobs
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context

RETRIES = 3
NO_TOKEN = ""
"""Of an incident that is about the instance as a whole."""

_RETRY_CYCLE = re.compile(r"R(\d{1,3})/(P\S+)")
"""failedJobRetryTimeCycle: how often, and how long between."""


def add(ctx: Context, tx: Transaction, instance: ProcessInstance, outcome: Outcome, *, now: datetime) -> None:
    """The jobs and incidents of the step are stored; the jobs of a resting instance wait for it to be resumed, all
    but those that go on meanwhile."""

    def store_job(
        kind: JobKind,
        place: tuple[str, str, str],
        *,
        due_at: datetime,
        request: dict[str, object],
        cycle: int = 0,
        retries: int = RETRIES,
    ) -> None:
        added = new_job(
            ctx,
            kind,
            place,
            instance_id=instance.id,
            due_at=due_at,
            request=request,
            cycle=cycle,
            retries=retries,
            now=now,
        )
        jobs.add(tx, replace(added, state=JobState.SUSPENDED) if has_to_wait(instance, added) else added)

    for timer in outcome.timers:
        request: dict[str, object] = {"rule": timer.due.rule}
        if timer.delivers_support:
            request["deliversSupport"] = True
        place = (timer.token, timer.element_id, timer.process_key)
        store_job(JobKind.TIMER, place, due_at=timer.due.at, request=request, cycle=timer.cycle)
    for call in outcome.calls:
        kind = JobKind.EXTERNAL if call.kind == "external" or ctx.calls_by_hand else JobKind.CONNECTOR
        retries, wait = _retry_cycle(call)
        request = {"name": call.name, "priority": call.priority, "retryAfter": wait}
        place = (call.token, call.element_id, call.process_key)
        store_job(kind, place, due_at=now, request=request, retries=retries)
    for asked in outcome.instances:
        request = {"called": asked.called_key, "businessKey": asked.business_key, "awaited": asked.is_awaited}
        place = (asked.token, asked.element_id, asked.process_key)
        store_job(JobKind.START_INSTANCE, place, due_at=now, request=request)
    _add_incidents(ctx, tx, instance, outcome, now=now)


def new_job(
    ctx: Context,
    kind: JobKind,
    place: tuple[str, str, str],
    *,
    instance_id: str | None,
    due_at: datetime,
    request: dict[str, object],
    now: datetime,
    cycle: int = 0,
    retries: int = RETRIES,
) -> Job:
    """A job that nobody has tried; `place` is its token, element and process."""
    token, element_id, process_key = place
    return Job(
        id=ctx.clock.new_id(),
        kind=kind,
        instance_id=instance_id,
        token=token,
        cycle=cycle,
        element_id=element_id,
        process_key=process_key,
        due_at=due_at,
        state=JobState.WAITING,
        attempts=0,
        retries_left=retries,
        lease_until=None,
        lease_owner="",
        fence=0,
        crashes=0,
        request=request,
        created_at=now,
    )


def delivers_support(said: dict[str, object]) -> bool:
    """Whether a job's request or an element's properties say that it delivers support."""
    return said.get("deliversSupport") in (True, "true")


def has_to_wait(instance: ProcessInstance, job: Job) -> bool:
    """Whether the job waits for its resting instance to be resumed. What delivers support never does (INV-1)."""
    match instance.status:
        case InstanceStatus.SUSPENDED:
            return not delivers_support(job.request)
        case InstanceStatus.PAUSED:
            return not goes_on_paused(job)
        case _:
            return False


def goes_on_paused(job: Job) -> bool:
    """Whether the job is done also while its instance is paused: it delivers support, ends the pause, or is a timer set
    to a date."""
    rule = str(job.request.get("rule") or "")
    is_dated = job.kind is JobKind.TIMER and not pauses.is_length(rule) and not pauses.is_repeated_length(rule)
    return delivers_support(job.request) or job.kind is JobKind.RESUME or is_dated


def _retry_cycle(call: CallRequested) -> tuple[int, str]:
    found = _RETRY_CYCLE.fullmatch(call.retry_cycle.strip())
    return (int(found[1]), found[2]) if found else (RETRIES, "")


def _add_incidents(
    ctx: Context, tx: Transaction, instance: ProcessInstance, outcome: Outcome, *, now: datetime
) -> None:
    for failure in outcome.failures:
        jobs.add_incident(
            tx,
            Incident(
                id=ctx.clock.new_id(),
                instance_id=instance.id,
                job_id=None,
                token=failure.token,
                element_id=failure.element_id,
                process_key=failure.process_key,
                code=failure.code,
                message=failure.message,
                names=failure.names,
                at=now,
                resolved_at=None,
                resolved_by=None,
            ),
        )


def join_job(ctx: Context, instance: ProcessInstance, *, now: datetime) -> Job:
    """The job that joins an ended instance to the call that it was started by."""
    return new_job(
        ctx,
        JobKind.FINISH_CALL,
        (instance.parent_token or "", "", ""),
        instance_id=instance.parent_instance,
        due_at=now,
        request={"called": instance.id},
        now=now,
    )
