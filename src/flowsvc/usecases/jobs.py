"""What the worker does: runs the jobs that are due, each in a transaction of its own, and turns failures into tries
again or incidents. Also what operators do about jobs that failed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from flowsvc.connectors.base import BpmnError
from flowsvc.domain.access import SYSTEM, Action, Actor, require
from flowsvc.domain.definitions import Definition, DefinitionKind, StartElement
from flowsvc.domain.errors import (
    AmbiguousMessage,
    Conflict,
    ConnectorFailed,
    EngineFault,
    FlowError,
    InvalidInput,
    NotFound,
)
from flowsvc.domain.jobs import MOST_CRASHES, Incident, Job, JobKind, JobState, after_failure
from flowsvc.domain.values import MonthsDuration, Value, Variables, parse_duration
from flowsvc.engine.outcome import Outcome
from flowsvc.store import attachments, definitions, directory, idempotency, instances, jobs, outbox, trials
from flowsvc.store.paging import Page
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models, pausing, receiving, rhythms, start_timers, telling, waiting, watch
from flowsvc.usecases.advance import Cause, Footing, advance, stand
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.instances import Asked, begin_instance
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.running import Suspended, require_not_suspended, take_step

KEEP_ANSWERS = timedelta(days=14)
"""How long a client may send the same request again and get its first answer."""
KEEP_UPLOADS = timedelta(days=60)
"""How long a file waits for the form it was uploaded for; a draft is rarely older."""
KEEP_ATTEMPTS = timedelta(days=1)
KEEP_TRIALS = timedelta(days=1)
"""How long nobody has to have moved a trial of a draft on, for it to be thrown away."""

_log = structlog.get_logger()


def run_due_jobs(ctx: Context, *, owner: str, limit: int = 20) -> int:
    """Up to `limit` jobs that were due have been tried; returns how many. None is done twice, whoever else runs
    them."""
    with ctx.store.begin() as tx:
        leased = jobs.lease_due(tx, now=ctx.clock.now(), owner=owner, limit=limit)
    for job in leased:
        _try(ctx, job)
    return len(leased)


def next_due_at(ctx: Context) -> datetime | None:
    """When there is something to do next; None for nothing."""
    with ctx.store.read() as tx:
        return jobs.next_due_at(tx)


def arm_start_timers(ctx: Context, tx: Transaction, definition: Definition) -> None:
    """The timer start events of the newest version wait for their times, and those of older versions no more."""
    start_timers.arm(ctx, tx, definition)


def _try(ctx: Context, job: Job) -> None:
    if job.crashes >= MOST_CRASHES:
        _crashes(ctx, job)
        return
    try:
        _RUNS[job.kind](ctx, job)
    except Suspended:
        _hold(ctx, job)
    except Exception as error:  # the job boundary: whatever happens in one job, the others run
        _failed(ctx, job, error)


def _hold(ctx: Context, job: Job) -> None:
    with ctx.store.begin() as tx:
        # Resumed meanwhile, the instance would look for its suspended jobs no more.
        if waiting.has_to_wait(tx.lock_instance(job.instance_id or ""), job):
            jobs.hold(tx, job)
        else:
            jobs.give_back(tx, job)


def _crashes(ctx: Context, job: Job) -> None:
    """The job takes down every process that runs it: it is tried no more, and the others go on."""
    now = ctx.clock.now()
    _log.error("job.crashes", job=job.id, kind=str(job.kind), instance=job.instance_id, element=job.element_id)
    text = f"Processen som gjorde jobbet har dött {job.crashes} gånger i rad. Sök orsaken i loggen och försök igen."
    with ctx.store.begin() as tx:
        if jobs.still_leased(tx, job):
            jobs.give_up(tx, job)
            jobs.add_incident(tx, incident_of(ctx, job, code="job.crashes", message=text, now=now))


def _failed(ctx: Context, job: Job, error: Exception) -> None:
    """The job is tried again later, or an incident says that it stands still. Neither holds a value: only what flowsvc
    itself has written about an error is kept, and of others their kind."""
    now = ctx.clock.now()
    code = error.code if isinstance(error, FlowError) else "job.failed"
    # What is wrong with a diagram, a table or a key will not mend itself; a database or a network may.
    may_mend = not isinstance(error, EngineFault | InvalidInput | NotFound | AmbiguousMessage)
    after = retry_after(job)
    if isinstance(error, ConnectorFailed):
        may_mend, after = error.retry, error.after or after
    retry = after_failure(job, now=now, retry=may_mend, after=after, jitter=ctx.clock.jitter())
    _log.warning(
        "job.failed",
        job=job.id,
        kind=str(job.kind),
        instance=job.instance_id,
        element=job.element_id,
        code=code,
        error=type(error).__name__,
        again_at=retry.at.isoformat() if retry.at else None,
    )
    with ctx.store.begin() as tx:
        if not jobs.still_leased(tx, job):
            return
        if retry.at is not None:
            jobs.put_off(tx, job, at=retry.at, retries_left=retry.retries_left)
            return
        jobs.give_up(tx, job)
        text = error.message if isinstance(error, FlowError) else f"Jobbet stannade ({type(error).__name__})."
        names = error.names if isinstance(error, EngineFault) else ()
        jobs.add_incident(tx, incident_of(ctx, job, code=code, message=text, names=names, now=now))


def retry_after(job: Job) -> timedelta | None:
    """How long the diagram says to wait before the next try; None where it does not."""
    written = str(job.request.get("retryAfter") or "")
    try:
        length = parse_duration(written) if written else None
    except ValueError:
        return None
    return None if isinstance(length, MonthsDuration) else length


def incident_of(
    ctx: Context, job: Job, *, code: str, message: str, now: datetime, names: tuple[str, ...] = ()
) -> Incident:
    """The incident of a job that is tried no more."""
    return Incident(
        id=ctx.clock.new_id(),
        instance_id=job.instance_id,
        job_id=job.id,
        token=job.token,
        element_id=job.element_id,
        process_key=job.process_key,
        code=code,
        message=message,
        names=names,
        at=now,
        resolved_at=None,
        resolved_by=None,
    )


# One function for each kind of job


def _fire_timer(ctx: Context, job: Job) -> None:
    def fire(footing: Footing) -> Outcome:
        return ctx.engine.fire_timer(
            footing.model, footing.position, token=job.token, cycle=job.cycle, around=footing.around
        )

    with ctx.store.begin() as tx:
        take_step(ctx, tx, job, fire)


def _call_connector(ctx: Context, job: Job) -> None:
    """The call is made with no transaction open; a second one takes its result."""
    name = str(job.request.get("name") or "")
    connector = ctx.connectors.get(name)
    if connector is None:
        raise NotFound(f"Kopplingen {name} finns inte i den här installationen.")
    with ctx.store.read() as tx:
        require_not_suspended(tx.instance(job.instance_id or ""), job)
        inputs = inputs_of(tx, job)
    # The same on every try, so that the other side can see a repeated call for what it is.
    try:
        result = connector.run(inputs, key=job.id)
    except BpmnError as error:
        _end_with_error(ctx, job, error)
        return
    with ctx.store.begin() as tx:
        take_step(ctx, tx, job, lambda footing: _finish(ctx, footing, job, dict(result)))


def _end_with_error(ctx: Context, job: Job, error: BpmnError) -> None:
    def fail_call(footing: Footing) -> Outcome:
        return ctx.engine.fail_call(
            footing.model,
            footing.position,
            token=job.token,
            error_code=error.code,
            message="",
            variables=error.variables,
            around=footing.around,
        )

    with ctx.store.begin() as tx:
        take_step(ctx, tx, job, fail_call)


def inputs_of(tx: Transaction, job: Job) -> Variables:
    """The values that a call was made with: they stand as variables in the scope of its token."""
    rows = instances.variables_of(tx, job.instance_id or "")
    return {row.name: row.value for row in rows if row.scope == job.token}


def _finish(ctx: Context, footing: Footing, job: Job, result: Value) -> Outcome:
    return ctx.engine.finish_call(
        footing.model, footing.position, token=job.token, result=result, around=footing.around
    )


def _start_called(ctx: Context, job: Job) -> None:
    """The called process runs as a case of its own. The caller is only read: its token waits until the called one is
    over, or has gone on, and then even a caller that is over has its case."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        caller = tx.instance(job.instance_id or "")
        require_not_suspended(caller, job)
        children = instances.children_of(tx, caller.id)
        is_started = any(child.parent_token == job.token for child in children)
        is_over = caller.ended_at is not None and job.request.get("awaited", True) is True
        if not jobs.finish(tx, job) or is_started or is_over:
            return
        called = models.latest(tx, DefinitionKind.PROCESS, str(job.request["called"]))
        start = next((each for each in models.facts_of(called).starts if each.kind == "none"), None)
        if start is None:
            raise InvalidInput(f"Processen {called.name} har ingen start utan meddelande eller tid.")
        asked = Asked(
            called,
            # The caller hands over what the start form would have asked for.
            replace(start, form_key=""),
            business_key=str(job.request.get("businessKey") or ""),
            parent_instance=caller.id,
            parent_token=job.token,
        )
        given = _unasked(ctx, tx, start) | inputs_of(tx, job)
        begin_instance(ctx, tx, SYSTEM, asked, Sent(variables=given), now=now, by_hand=False)


def _unasked(ctx: Context, tx: Transaction, start: StartElement) -> Variables:
    """Nothing, for each field of the start form: what the caller does not hand over has not been answered."""
    if not start.form_key:
        return {}
    form = models.form_of(ctx, models.latest(tx, DefinitionKind.FORM, start.form_key))
    return {spec.key: None for spec in form.fields()}


def _join_called(ctx: Context, job: Job) -> None:
    """The caller goes on with what the called instance ended with; what one party owns there stays there."""
    called = str(job.request["called"])
    with ctx.store.begin() as tx:
        rows = instances.variables_of(tx, called)
        result: Variables = {row.name: row.value for row in rows if row.scope == "" and row.owner_party is None}
        take_step(ctx, tx, job, lambda footing: _finish(ctx, footing, job, result))


def _start_by_time(ctx: Context, job: Job) -> None:
    """A timer start event: the newest version of its process starts, and the next time of a cycle waits."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        if not jobs.finish(tx, job):
            return
        definition = definitions.latest(tx, DefinitionKind.PROCESS, job.process_key)
        if definition is None or definition.id != job.request.get("definition"):
            return
        start = next(each for each in models.facts_of(definition).starts if each.element_id == job.element_id)
        start_timers.arm_next(ctx, tx, definition, start, done=job, now=now)
        begin_instance(ctx, tx, SYSTEM, Asked(definition, start), Sent(variables={}), now=now, by_hand=False)


_RUNS: dict[JobKind, Callable[[Context, Job], None]] = {
    JobKind.TIMER: _fire_timer,
    JobKind.CONNECTOR: _call_connector,
    JobKind.START_INSTANCE: _start_called,
    JobKind.FINISH_CALL: _join_called,
    JobKind.START_TIMER: _start_by_time,
    JobKind.START_SIGNAL: receiving.start_by_signal,
    JobKind.SEND_MESSAGE: receiving.find_receiver,
    JobKind.DELIVER_MESSAGE: receiving.deliver_message,
    JobKind.DELIVER_SIGNAL: receiving.deliver_signal,
    JobKind.RESUME: pausing.resume_by_time,
    JobKind.REGISTER: rhythms.start_due,
    JobKind.MAIL: telling.send_mail,
}


# What operators do


def jobs_page(
    ctx: Context,
    actor: Actor,
    *,
    instance_id: str | None = None,
    kind: JobKind | None = None,
    state: JobState | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Job]:
    """Jobs, oldest first; they hold no values."""
    require(actor, Action.READ_OPERATIONS)
    with ctx.store.read() as tx:
        return jobs.page(tx, instance_id=instance_id, kind=kind, state=state, after=after, limit=limit)


def open_incidents(ctx: Context, actor: Actor, *, after: str | None = None, limit: int = 50) -> Page[Incident]:
    """What stands still, longest first; incidents hold no values."""
    require(actor, Action.READ_OPERATIONS)
    with ctx.store.read() as tx:
        return jobs.open_incidents(tx, after=after, limit=limit)


def retry_job(ctx: Context, actor: Actor, job_id: str, *, once: Once | None = None) -> None:
    """The job is due now, with all its tries, and its incident is over."""
    require(actor, Action.RETRY_JOB)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        if replay(tx, once) is not None:
            return
        _set_going(tx, actor, jobs.by_id(tx, job_id), now=now)
        remember(tx, once, {}, now=now)


def _set_going(tx: Transaction, actor: Actor, job: Job, *, now: datetime) -> None:
    if job.state is JobState.SUSPENDED:
        raise Conflict("Ärendet är pausat eller stoppat. Återuppta det, så går jobbet igång av sig självt.")
    jobs.set_retries(tx, job.id, retries=waiting.RETRIES, due_at=now)
    jobs.resolve_incidents_of_job(tx, job.id, at=now, by=actor.person_id)


def retry_incident(ctx: Context, actor: Actor, incident_id: str, *, once: Once | None = None) -> None:
    """The incident is over and what failed is tried again; should it fail again, that is a new incident."""
    require(actor, Action.RETRY_JOB)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        if replay(tx, once) is not None:
            return
        incident = jobs.incident_by_id(tx, incident_id)
        if incident.job_id is not None:
            _set_going(tx, actor, jobs.by_id(tx, incident.job_id), now=now)
        else:
            instance = tx.lock_instance(incident.instance_id or "")
            # Read again under the lock: somebody else may have tried it meanwhile.
            if jobs.incident_by_id(tx, incident_id).resolved_at is not None:
                raise Conflict("Incidenten är redan åtgärdad.")
            jobs.resolve_incident(tx, incident_id, at=now, by=actor.person_id)
            # The watch looks again at what stood still as a whole; there is no element to try.
            if incident.token != waiting.NO_TOKEN:
                footing = stand(ctx, tx, instance, now=now)
                outcome = ctx.engine.retry(footing.model, footing.position, token=incident.token, around=footing.around)
                advance(ctx, tx, footing, outcome, Cause())
        remember(tx, once, {}, now=now)


def housekeeping(ctx: Context) -> None:
    """What nobody can ask for any more is gone: old answers to repeated requests, files of forms that were never sent,
    ended sessions, old failures to sign in, mail that was sent. What stands still for no reason has an incident. One
    process at a time does it."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        if not tx.advisory_lock("housekeeping"):
            return
        idempotency.forget_before(tx, now - KEEP_ANSWERS)
        attachments.drop_unbound_before(tx, now - KEEP_UPLOADS)
        directory.forget_sessions_before(tx, now)
        directory.forget_attempts_before(tx, now - KEEP_ATTEMPTS)
        outbox.forget_before(tx, now - telling.KEEP_SENT)
        trials.forget_unused(tx, since=now - KEEP_TRIALS)
    telling.plan_older(ctx)
    watch.report_stuck(ctx)
