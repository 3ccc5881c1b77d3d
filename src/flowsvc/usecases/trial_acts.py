"""What one can do within an opened trial: move its clock, start, act as any post, and answer for what is outside."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flowsvc.domain.access import SYSTEM, Actor, ActorKind
from flowsvc.domain.acting import in_the_name_of
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.directory import holders, present_holders
from flowsvc.domain.errors import Conflict, FlowError, InvalidInput, NotFound
from flowsvc.domain.jobs import Job, JobKind
from flowsvc.domain.values import Variables
from flowsvc.store import instances, jobs, tasks
from flowsvc.usecases import demo_clock, external_tasks, messages, models
from flowsvc.usecases import instances as starting
from flowsvc.usecases import jobs as worker
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.tasks import Receipt
from flowsvc.usecases.trying import Trial

MOST_JOBS = 300
"""One move of the clock sets off no more."""
MOST_CASES = 100
"""A trial shows no more."""
ANYBODY = "-"
"""In the place of a post, for a task that no post can take."""
_BY_HAND = "by-hand"
_LONGEST = 20_000
_HELD_FOR = timedelta(hours=1)


# Time


def settle(trial: Trial) -> None:
    """What is due now has happened."""
    demo_clock.go_to(trial.ctx, trial.clock, trial.clock.now(), most=MOST_JOBS)


def move(trial: Trial, *, working_days: int = 0, to_next: bool = False, to: date | None = None) -> str:
    """It is later in the trial, and all that fell due on the way has happened: so many working days on, at the next
    thing that is due, or on that day at the same time. Empty, or what stopped the clock on the way."""
    now = trial.clock.now()
    if to_next:
        target = next_at(trial)
        if target is None:
            raise Conflict("Inget i provkörningen väntar på en tid.")
    else:
        days = 0
        if to is not None:
            days = (to - now.astimezone(ZoneInfo(trial.ctx.zone)).date()).days
        if not 0 < working_days + days <= demo_clock.FURTHEST_DAYS:
            raise InvalidInput(f"Klockan flyttas framåt, 1 till {demo_clock.FURTHEST_DAYS} dagar åt gången.")
        with trial.ctx.store.read() as tx:
            closed = frozenset(day.on for day in tx.directory().closed_days)
        target = demo_clock.later(now, working_days, days, zone=trial.ctx.zone, closed=closed)
    try:
        demo_clock.go_to(trial.ctx, trial.clock, target, most=MOST_JOBS)
    except Conflict as error:
        return error.message
    return ""


def next_at(trial: Trial) -> datetime | None:
    """When the next timer runs out or the next open task is due; None for never."""
    now = trial.clock.now()
    due = worker.next_due_at(trial.ctx)
    with trial.ctx.store.read() as tx:
        ids = [each.id for each in instances.oldest(tx, limit=MOST_CASES)]
        waiting = [each.due_at for one in ids for each in tasks.of_instance(tx, one, open_only=True)]
    later = [each for each in (due, *waiting) if each is not None and each > now]
    return min(later, default=None)


# People


def as_post(trial: Trial, post_id: str, *, task_id: str = "") -> Actor:
    """Somebody with the post: who holds the task, else who holds the post today, else nobody in particular.
    InvalidInput where there is no such post."""
    if post_id == ANYBODY:
        return SYSTEM
    with trial.ctx.store.read() as tx:
        known = tx.directory()
        assignee = tasks.by_id(tx, task_id).assignee if task_id else None
    acting, today = in_the_name_of(known, post_id), trial.ctx.today()
    found = (*present_holders(known, post_id, today), *holders(known, post_id, today))
    person = known.people.get(assignee or "") or next(iter(found), None)
    return Actor(
        kind=ActorKind.PERSON,
        person_id=person.id if person else f"{post_id}"[:32],
        name=person.name if person else "",
        posts=(acting,),
    )


def how_started(trial: Trial) -> str:
    """`form` where the process asks its start form, `values` where it is started with values alone, by hand, message or
    signal, `time` where it starts by itself."""
    with trial.ctx.store.read() as tx:
        facts = models.facts_of(models.latest(tx, DefinitionKind.PROCESS, trial.process_key))
    kinds = {each.kind: each for each in facts.starts}
    if "none" in kinds:
        return "form" if kinds["none"].form_key else "values"
    return "values" if {"message", "signal"}.intersection(kinds) else "time"


def start(trial: Trial, sent: Sent) -> Receipt:
    """The process that is tried has started, as the trial's post."""
    receipt = starting.start_instance(trial.ctx, as_post(trial, trial.post_id), trial.process_key, sent)
    settle(trial)
    return receipt


def start_by_hand(trial: Trial, values: str) -> str:
    """The process has started with the values, one `name = FEEL` a line, as its start event asks: by hand, by its
    message or by its signal. The id of its case; empty where it is still on its way."""
    given = values_of(trial, values)
    with trial.ctx.store.read() as tx:
        facts = models.facts_of(models.latest(tx, DefinitionKind.PROCESS, trial.process_key))
    kinds = {each.kind: each for each in facts.starts}
    started: str | None = ""
    if "none" in kinds:
        return start(trial, Sent(variables=given)).instance_id
    if "message" in kinds:
        sent = messages.correlate(trial.ctx, SYSTEM, name=kinds["message"].message, correlation_key="", variables=given)
        started = sent.instance_id
    elif "signal" in kinds:
        messages.send_signal(trial.ctx, SYSTEM, name=kinds["signal"].signal, variables=given)
    else:
        raise InvalidInput("Processen startar av sig själv när tiden är inne. Flytta klockan.")
    settle(trial)
    return started or ""


def complete_task(trial: Trial, post_id: str, task_id: str, sent: Sent) -> Receipt:
    """The task is done as the post, and its case has gone on."""
    receipt = desk.complete_task(trial.ctx, as_post(trial, post_id, task_id=task_id), task_id, sent)
    settle(trial)
    return receipt


def send_offered(trial: Trial, post_id: str, instance_id: str, token: str, sent: Sent) -> Receipt:
    """What the post was offered to do in the case is done."""
    receipt = messages.send_offered(trial.ctx, as_post(trial, post_id), instance_id, token, sent)
    settle(trial)
    return receipt


# What is outside


def complete_call(trial: Trial, job_id: str, values: str) -> None:
    """The call has been answered with the values, and its case has gone on."""
    given = values_of(trial, values)
    job = _take(trial, job_id)
    external_tasks.complete(trial.ctx, SYSTEM, job.id, worker=_BY_HAND, variables=given)
    settle(trial)


def end_call_with_error(trial: Trial, job_id: str, code: str, values: str) -> None:
    """The call has ended in an error that the diagram knows by the code."""
    if not code.strip():
        raise InvalidInput("Skriv felets kod, som den står i diagrammet.")
    given = values_of(trial, values)
    job = _take(trial, job_id)
    external_tasks.bpmn_error(trial.ctx, SYSTEM, job.id, worker=_BY_HAND, code=code.strip(), variables=given)
    settle(trial)


def fail_call(trial: Trial, job_id: str) -> None:
    """The call has failed for good: its case stands still there until it is tried again."""
    job = _take(trial, job_id)
    external_tasks.fail(trial.ctx, SYSTEM, job.id, worker=_BY_HAND, retries=0)
    settle(trial)


def _take(trial: Trial, job_id: str) -> Job:
    """The call, held by whoever answers by hand."""
    with trial.ctx.store.read() as tx:
        job = jobs.by_id(tx, job_id)
    if job.kind is not JobKind.EXTERNAL:
        raise NotFound("Det finns ingen sådan extern uppgift.")
    topic = str(job.request.get("name") or "")
    external_tasks.fetch_and_lock(
        trial.ctx, SYSTEM, worker=_BY_HAND, topics={topic: _HELD_FOR}, limit=external_tasks.MOST_AT_ONCE
    )
    return job


def send_message(trial: Trial, name: str, correlation_key: str, values: str) -> None:
    """The message that somebody waits for has come from outside."""
    given = values_of(trial, values)
    messages.correlate(trial.ctx, SYSTEM, name=name, correlation_key=correlation_key, variables=given)
    settle(trial)


def send_signal(trial: Trial, name: str, values: str) -> None:
    """The signal has been sent to all who wait for it."""
    messages.send_signal(trial.ctx, SYSTEM, name=name, variables=values_of(trial, values))
    settle(trial)


def try_again(trial: Trial, incident_id: str) -> None:
    """What failed has been tried again."""
    worker.retry_incident(trial.ctx, SYSTEM, incident_id)
    settle(trial)


def values_of(trial: Trial, text: str) -> Variables:
    """The values that a text gives, one `name = FEEL` a line; InvalidInput names the line that cannot be read."""
    if len(text) > _LONGEST:
        raise InvalidInput(f"Värdena är för långa, högst {_LONGEST} tecken.")
    found: Variables = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, sign, written = (part.strip() for part in line.partition("="))
        if not name.isidentifier() or not sign or not written:
            raise InvalidInput(f"Rad {number} går inte att läsa. Skriv namn = värde, till exempel antal = 3.")
        try:
            found[name] = trial.ctx.feel.evaluate(written, found, now=trial.clock.now())
        except FlowError as error:
            raise InvalidInput(f"Rad {number} är inget värde i FEEL. Skriv text inom citattecken.") from error
    return found
