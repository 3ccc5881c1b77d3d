"""A case is paused with a reason where its processes allow it, and resumed by a person or on its day. While it rests
only what delivers support, and what is set to a date, goes on; then each length of time has left what it had."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from flowsvc.domain import calendar, notices, pauses
from flowsvc.domain.access import SYSTEM, ActingPost, Action, Actor, ActorKind, can, ground_to_read, require
from flowsvc.domain.definitions import DefinitionKind, ProcessFacts
from flowsvc.domain.directory import Role
from flowsvc.domain.errors import Conflict, FlowError, Forbidden
from flowsvc.domain.instances import InstanceStatus, ProcessInstance, require_running
from flowsvc.domain.jobs import Job, JobKind, JobState
from flowsvc.domain.pauses import Pause, Rest
from flowsvc.domain.tasks import UserTask
from flowsvc.engine.outcome import Happened
from flowsvc.store import audit, escalations, instances, jobs, messages, tasks
from flowsvc.store import notices as stored
from flowsvc.store import pauses as kept
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models, resting, telling, waiting
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.people import who

PAUSED = "paused"
RESUMED = "resumed"
_MAY_PAUSE = (Role.MANAGER, Role.COORDINATOR)


@dataclass(frozen=True)
class PauseView:
    """The pause that goes on, in words; `until` is the day on which it ends by itself."""

    began_at: datetime
    by: str
    until: date | None
    reason: str


def pause_instance(
    ctx: Context,
    actor: Actor,
    instance_id: str,
    *,
    reason: str,
    until: date | None = None,
    once: Once | None = None,
) -> None:
    """The case rests until somebody resumes it, or until that day begins. NotFound where it is not the actor's to see;
    Forbidden for who reads it otherwise than as its manager or coordinator; Conflict where it may not be paused now;
    InvalidInput without a reason, or for a day that does not lie ahead."""
    require(actor, Action.PAUSE_INSTANCE)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(instance_id)
        acting = _acting(tx, actor, instance, now=now)
        if replay(tx, once) is not None:
            return
        require_running(instance)
        why = pauses.require_reason(reason)
        pauses.require_until(until, today=calendar.local_date(now, ctx.zone))
        _require_pausable(tx, instance)
        post_id = acting.post_id if acting else None
        kept.add(tx, Pause(ctx.clock.new_id(), instance_id, now, actor.person_id, post_id, why, until))
        held = [each.id for each in jobs.of_instance(tx, instance_id) if not waiting.goes_on_paused(each)]
        jobs.suspend(tx, instance_id, held)
        if until is not None:
            _add_end(ctx, tx, instance_id, until, now=now)
        details = {"reason": why} | ({"until": until.isoformat()} if until else {})
        event = resting.event(actor, instance, PAUSED, now=now, details=details, post_id=post_id)
        resting.move(tx, instance, InstanceStatus.PAUSED, event)
        remember(tx, once, {}, now=now)


def resume_paused(ctx: Context, actor: Actor, instance_id: str, *, once: Once | None = None) -> None:
    """The paused case goes on, each length of time with what was left of it. Conflict where it is not paused; NotFound
    and Forbidden as for pausing it."""
    require(actor, Action.PAUSE_INSTANCE)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(instance_id)
        acting = _acting(tx, actor, instance, now=now)
        if replay(tx, once) is not None:
            return
        if instance.status is not InstanceStatus.PAUSED:
            raise Conflict(f"Ärendet {instance.business_key} är inte pausat.")
        end_pause(ctx, tx, actor, instance, post_id=acting.post_id if acting else None, now=now)
        remember(tx, once, {}, now=now)


def resume_by_time(ctx: Context, job: Job) -> None:
    """The day has come on which the pause ends by itself, unless it has ended already."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(job.instance_id or "")
        if jobs.finish(tx, job) and instance.status is InstanceStatus.PAUSED:
            end_pause(ctx, tx, SYSTEM, instance, now=now)


def _add_end(ctx: Context, tx: Transaction, instance_id: str, until: date, *, now: datetime) -> None:
    day_before = date.fromordinal(until.toordinal() - 1)
    added = waiting.new_job(
        ctx,
        JobKind.RESUME,
        (pauses.TOKEN, "", ""),
        instance_id=instance_id,
        due_at=calendar.end_of_day(day_before, ctx.zone),
        request={},
        now=now,
    )
    jobs.add(tx, added)


# Who may, and where


def _acting(tx: Transaction, actor: Actor, instance: ProcessInstance, *, now: datetime) -> ActingPost | None:
    """The post as which a person pauses or resumes; None for a program."""
    readers = instances.readers_of(tx, instance.id)
    ground_to_read(actor, readers, now=now)
    if actor.kind is not ActorKind.PERSON:
        return None
    reading = {each.post_id for each in readers if each.until is None or now <= each.until}
    for post in actor.posts:
        if post.on_behalf_of is None and post.post_id in reading and set(post.roles).intersection(_MAY_PAUSE):
            return post
    raise Forbidden("Bara en chef eller samordnare som har ärendet kan pausa och återuppta det.")


def _require_pausable(tx: Transaction, instance: ProcessInstance) -> None:
    """Everything that the case waits for may wait: Conflict names what may not."""
    if _child_waits(tx, instance):
        raise Conflict("Ett barn väntar på stöd i ärendet. Säkra stödet först, sedan kan ärendet pausas.")
    processes = _processes(tx, instance)
    closed = pauses.not_pausable(instance.process_key, processes)
    places = _places(tx, instance)
    for key, name in places:
        if key in closed:
            where = processes[key].name if key in processes else key
            if name:
                raise Conflict(
                    f"Ärendet kan inte pausas nu: ”{name}” i processen {where} får inte vänta. Pausa ärendet när den "
                    "delen är klar."
                )
            raise Conflict(
                f"Ärendet kan inte pausas nu: processen {where} får inte vänta. Pausa ärendet när den delen är klar."
            )
    for job in jobs.of_instance(tx, instance.id):
        rule = str(job.request.get("rule") or "")
        if job.kind is JobKind.TIMER and pauses.is_repeated_length(rule) and not waiting.goes_on_paused(job):
            raise Conflict(
                f"Ärendet kan inte pausas nu: det väntar på en tid som upprepas ({rule}). Vänta tills den delen är "
                "klar, eller låt upprepningen följa kalendern i diagrammet."
            )


def _child_waits(tx: Transaction, instance: ProcessInstance) -> bool:
    matter = escalations.of_instance(tx, instance.id)
    if matter is None:
        return instance.child_waiting
    return (instance.child_waiting or matter.child_waiting) and matter.interim_secured_at is None


def _processes(tx: Transaction, instance: ProcessInstance) -> dict[str, ProcessFacts]:
    """What the processes say that run inside the case, in its versions."""
    names = [name.removeprefix("process:") for name in instance.pins if name.startswith("process:")]
    return {key: models.facts_of(models.pinned(tx, instance.pins, DefinitionKind.PROCESS, key)) for key in names}


def _places(tx: Transaction, instance: ProcessInstance) -> list[tuple[str, str]]:
    """Where the case waits: process keys, with the names of tasks. What may come by message at any time counts only
    where there is nothing else."""
    found = [(task.process_key, task.name) for task in tasks.of_instance(tx, instance.id, open_only=True)]
    found += [(job.process_key, "") for job in jobs.of_instance(tx, instance.id) if job.process_key]
    called = {each.parent_token for each in instances.children_of(tx, instance.id) if each.ended_at is None}
    if called:
        last = {move.token: move for move in audit.moves_of(tx, instance.id) if move.token in called}
        found += [(move.process_key, "") for move in last.values() if move.happened == Happened.STARTED]
    if not found:
        found += [(each.process_key, "") for each in messages.subscriptions_of(tx, instance.id)]
        found += [(each.process_key, "") for each in messages.signal_subscriptions_of(tx, instance.id)]
    return found or [(instance.process_key, "")]


def can_be_paused(ctx: Context, tx: Transaction, actor: Actor, instance: ProcessInstance) -> bool:
    """Whether the actor may pause the case now."""
    if not can(actor, Action.PAUSE_INSTANCE) or instance.status is not InstanceStatus.RUNNING:
        return False
    try:
        _acting(tx, actor, instance, now=ctx.clock.now())
        _require_pausable(tx, instance)
    except FlowError:
        return False
    return True


def can_be_resumed(ctx: Context, tx: Transaction, actor: Actor, instance: ProcessInstance) -> bool:
    """Whether the actor may end the pause of the case now."""
    if not can(actor, Action.PAUSE_INSTANCE) or instance.status is not InstanceStatus.PAUSED:
        return False
    try:
        _acting(tx, actor, instance, now=ctx.clock.now())
    except FlowError:
        return False
    return True


def view_of(tx: Transaction, instance: ProcessInstance, *, language: str) -> PauseView | None:
    """The pause that goes on; None where the case is not paused."""
    found = kept.open_of(tx, instance.id)
    if found is None:
        return None
    by = who(tx.directory(), found.person_id, found.post_id, language=language)
    return PauseView(found.began_at, by, found.until, found.reason)


# What moves when it goes on


def end_pause(
    ctx: Context,
    tx: Transaction,
    actor: Actor,
    instance: ProcessInstance,
    *,
    now: datetime,
    reason: str = "",
    post_id: str | None = None,
) -> None:
    """The locked, paused instance goes on: what is a length of time has been moved by the rest, what is a date has
    not, and what there still is to tell will be told."""
    found = kept.open_of(tx, instance.id)
    closed = frozenset(day.on for day in tx.directory().closed_days)
    rest = Rest(found.began_at if found else now, now, closed, ctx.zone)
    kept.end(tx, instance.id, at=now, by=None if actor.kind is ActorKind.SYSTEM else actor.person_id)
    jobs.drop(tx, instance.id, [pauses.TOKEN])
    _move_timers(tx, instance.id, rest)
    _move_tasks(tx, instance.id, rest)
    _move_level(tx, instance.id, rest)
    jobs.resume(tx, instance.id)
    telling.take_up_mail(ctx, tx, instance.id, now=now)
    details = {"reason": reason[:500]} if reason else {}
    event = resting.event(actor, instance, RESUMED, now=now, details=details, post_id=post_id)
    if actor.kind is ActorKind.SYSTEM:
        event = replace(event, person_id=None)
    resting.move(tx, instance, InstanceStatus.RUNNING, event)


def _move_timers(tx: Transaction, instance_id: str, rest: Rest) -> None:
    for job in jobs.of_instance(tx, instance_id):
        # One that has been tried was due: what it waits for is its next try.
        if job.kind is JobKind.TIMER and job.state is JobState.SUSPENDED and job.attempts == 0:
            rule = str(job.request.get("rule") or "")
            due_at = pauses.moved(rule, job.due_at, opened_at=job.created_at, rest=rest)
            if due_at != job.due_at:
                jobs.move(tx, job, due_at=due_at)


def _move_tasks(tx: Transaction, instance_id: str, rest: Rest) -> None:
    moved: dict[str, UserTask] = {}
    for task in tasks.of_instance(tx, instance_id, open_only=True):
        if task.due_at is None or task.delivers_support:
            continue
        due_at = pauses.moved(task.due_rule, task.due_at, opened_at=task.opened_at, rest=rest)
        if due_at == task.due_at:
            continue
        due_on = task.due_on and notices.last_day(due_at, rest.zone)
        # A day to look at it again that was the last day is so still.
        follow_up_at = due_at if task.follow_up_at == task.due_at else task.follow_up_at
        moved[task.id] = replace(task, due_at=due_at, due_on=due_on, follow_up_at=follow_up_at)
        tasks.move_due(tx, moved[task.id])
    for notice in stored.of_tasks(tx, instance_id, list(moved)):
        found = notices.moved(notice, moved[notice.task_id or ""], rest=rest)
        if found.at != notice.at:
            stored.move(tx, found)


def _move_level(tx: Transaction, instance_id: str, rest: Rest) -> None:
    """The time of a level, and what is owed there, is as long as its timer: a length (answerWithin). The child's
    support keeps its day."""
    matter = escalations.of_instance(tx, instance_id)
    if matter is None or matter.lift_at is None:
        return
    rule = "P1BD" if matter.lift_on else "PT1H"
    lift_at = pauses.moved(rule, matter.lift_at, opened_at=matter.level_since, rest=rest)
    lift_on = matter.lift_on and notices.last_day(lift_at, rest.zone)
    escalations.open_or_move(tx, replace(matter, lift_at=lift_at, lift_on=lift_on))
    escalations.put_off_answers(tx, matter, due_at=lift_at, due_on=lift_on)
