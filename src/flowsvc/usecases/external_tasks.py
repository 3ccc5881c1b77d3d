"""External tasks: programs outside fetch them by topic, hold them for a time, and say how they went."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.errors import Conflict, InvalidInput, NotFound
from flowsvc.domain.instances import require_running
from flowsvc.domain.jobs import Job, JobKind, after_failure
from flowsvc.domain.values import Variables
from flowsvc.engine.outcome import Outcome
from flowsvc.store import jobs, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import waiting
from flowsvc.usecases.advance import Cause, Footing, advance, stand
from flowsvc.usecases.context import Context
from flowsvc.usecases.jobs import incident_of, inputs_of, retry_after
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.reading import log_read

LONGEST_LOCK = timedelta(days=1)
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class ExternalTask:
    """A task that a worker holds until `locked_until`, with what it needs to do it."""

    id: str
    topic: str
    instance_id: str
    business_key: str
    element_id: str
    process_key: str
    priority: int
    retries_left: int
    locked_until: datetime
    variables: Variables


def fetch_and_lock(
    ctx: Context,
    actor: Actor,
    *,
    worker: str,
    topics: Mapping[str, timedelta],
    limit: int,
    once: Once | None = None,
) -> tuple[ExternalTask, ...]:
    """Up to `limit` tasks of the topics, each held by the worker for the time its topic gives. Asked for twice, those
    of the first time come back that the worker still holds, and no others."""
    require(actor, Action.WORK_EXTERNAL_TASKS)
    if not worker.strip():
        raise InvalidInput("Ange vem som hämtar (workerId).")
    if not 0 < limit <= MOST_AT_ONCE:
        raise InvalidInput(f"Hämta mellan 1 och {MOST_AT_ONCE} uppgifter åt gången.")
    for lock_for in topics.values():
        _require_lock(lock_for)
    now = ctx.clock.now()
    held: list[Job] = []
    with ctx.store.begin() as tx:
        kept = replay(tx, once)
        if kept is None:
            for topic, lock_for in topics.items():
                room = limit - len(held)
                if room > 0:
                    held += jobs.lease_external(
                        tx, topics=[topic], worker=worker, now=now, lock_for=lock_for, limit=room
                    )
            # Which tasks, and by which lease; their values stand where they stood.
            remember(tx, once, {"fences": {job.id: job.fence for job in held}}, now=now)
        else:
            held += _still_held(tx, kept)
        found = tuple(_task(tx, job) for job in held)
        for task in found:
            log_read(
                ctx,
                tx,
                actor,
                task.instance_id,
                Action.WORK_EXTERNAL_TASKS,
                ground="client",
                items=sorted(task.variables),
            )
    return found


def _still_held(tx: Transaction, kept: Mapping[str, object]) -> Iterator[Job]:
    fences = kept["fences"]
    assert isinstance(fences, dict)  # noqa: S101 - written by fetch_and_lock
    for job_id, fence in fences.items():
        with suppress(NotFound):
            job = jobs.by_id(tx, job_id)
            if job.fence == fence and job.lease_owner:
                yield job


def _require_lock(lock_for: timedelta) -> None:
    if not timedelta(0) < lock_for <= LONGEST_LOCK:
        raise InvalidInput("En uppgift kan hållas i högst ett dygn, och i mer än ingen tid.")


def _task(tx: Transaction, job: Job) -> ExternalTask:
    instance_id = job.instance_id or ""
    priority = job.request.get("priority")
    return ExternalTask(
        id=job.id,
        topic=str(job.request.get("name") or ""),
        instance_id=instance_id,
        business_key=tasks.business_key_of(tx, instance_id),
        element_id=job.element_id,
        process_key=job.process_key,
        priority=priority if isinstance(priority, int) else 0,
        retries_left=job.retries_left,
        locked_until=job.lease_until or job.due_at,
        variables=inputs_of(tx, job),
    )


def complete(
    ctx: Context, actor: Actor, job_id: str, *, worker: str, variables: Variables, once: Once | None = None
) -> None:
    """The task is done with this result, and its instance has gone on."""

    def finish(footing: Footing, job: Job) -> Outcome:
        return ctx.engine.finish_call(
            footing.model, footing.position, token=job.token, result=variables, around=footing.around
        )

    _answer(ctx, actor, job_id, finish, worker=worker, once=once)


def bpmn_error(
    ctx: Context,
    actor: Actor,
    job_id: str,
    *,
    worker: str,
    code: str,
    message: str = "",
    variables: Variables | None = None,
    once: Once | None = None,
) -> None:
    """The task ended in an error that the diagram knows: its error event goes on."""

    def fail_call(footing: Footing, job: Job) -> Outcome:
        return ctx.engine.fail_call(
            footing.model,
            footing.position,
            token=job.token,
            error_code=code,
            message=message,
            variables=variables or {},
            around=footing.around,
        )

    _answer(ctx, actor, job_id, fail_call, worker=worker, once=once)


def _answer(
    ctx: Context,
    actor: Actor,
    job_id: str,
    run: Callable[[Footing, Job], Outcome],
    *,
    worker: str,
    once: Once | None,
) -> None:
    require(actor, Action.WORK_EXTERNAL_TASKS)
    with ctx.store.begin() as tx:
        now = ctx.clock.now()
        if replay(tx, once) is not None:
            return
        instance = tx.lock_instance(_held_by(tx, job_id, worker).instance_id or "")
        # Read again under the lock: the task may have been cancelled, or held by another, until now.
        job = _held_by(tx, job_id, worker)
        require_running(instance, delivers_support=waiting.delivers_support(job.request))
        jobs.finish(tx, job)
        footing = stand(ctx, tx, instance, now=now)
        outcome = run(footing, job)
        advance(ctx, tx, footing, outcome, Cause(element_id=job.element_id, person_id=actor.person_id or None))
        remember(tx, once, {}, now=now)


def _held_by(tx: Transaction, job_id: str, worker: str) -> Job:
    job = jobs.by_id(tx, job_id)
    if job.kind is not JobKind.EXTERNAL:
        raise NotFound("Det finns ingen sådan extern uppgift.")
    if job.lease_owner != worker or not worker:
        raise Conflict("Uppgiften hålls inte av den som svarar. Hämta den på nytt.")
    return job


def fail(
    ctx: Context,
    actor: Actor,
    job_id: str,
    *,
    worker: str,
    retries: int | None = None,
    wait_for: timedelta | None = None,
    once: Once | None = None,
) -> None:
    """The task is offered again after a while, or stands still with an incident when no tries are left. What the worker
    says of the fault may hold what the case is about, so it is not kept."""
    require(actor, Action.WORK_EXTERNAL_TASKS)
    if retries is not None and retries < 0:
        raise InvalidInput("Antalet försök kan inte vara mindre än noll.")
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        if replay(tx, once) is not None:
            return
        job = _held_by(tx, job_id, worker)
        wait = wait_for if wait_for is not None else retry_after(job)
        tries = job if retries is None else replace(job, retries_left=retries + 1)
        decided = after_failure(tries, now=now, retry=True, after=wait, jitter=ctx.clock.jitter())
        if decided.at is not None:
            jobs.put_off(tx, job, at=decided.at, retries_left=decided.retries_left)
        else:
            jobs.give_up(tx, job)
            topic = str(job.request.get("name") or "")
            text = f"Den externa uppgiften {topic} misslyckades och har inga försök kvar."
            jobs.add_incident(tx, incident_of(ctx, job, code="external_task.failed", message=text, now=now))
        remember(tx, once, {}, now=now)


def extend(
    ctx: Context, actor: Actor, job_id: str, *, worker: str, lock_for: timedelta, once: Once | None = None
) -> None:
    """The worker holds the task for this long from now."""
    require(actor, Action.WORK_EXTERNAL_TASKS)
    _require_lock(lock_for)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        if replay(tx, once) is not None:
            return
        jobs.extend(tx, _held_by(tx, job_id, worker), until=now + lock_for)
        remember(tx, once, {}, now=now)
