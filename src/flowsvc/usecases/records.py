"""Instances and tasks as they are stored, for other programs: rows, not words. Every reading of one instance is logged,
and nobody is shown what a party keeps for itself but that party."""

from collections.abc import Sequence
from dataclasses import dataclass

from flowsvc.domain.access import Action, Actor, ActorKind, require, require_task, task_scope
from flowsvc.domain.definitions import Definition
from flowsvc.domain.directory import Level
from flowsvc.domain.escalations import Escalation, EscalationState
from flowsvc.domain.instances import HistoryEvent, InstanceStatus, ProcessInstance, Variable
from flowsvc.domain.jobs import Incident
from flowsvc.domain.tasks import TaskFilter, TaskState, UserTask
from flowsvc.domain.values import Variables
from flowsvc.store import audit, definitions, escalations, instances, jobs, tasks
from flowsvc.store.instances import ListedInstance
from flowsvc.store.paging import Page
from flowsvc.usecases.context import Context
from flowsvc.usecases.reading import log_read, open_instance
from flowsvc.usecases.task_pages import visible_to


@dataclass(frozen=True)
class InstanceRecord:
    """An instance with the list row that names its process."""

    listed: ListedInstance
    instance: ProcessInstance


@dataclass(frozen=True)
class VariableRecords:
    """The variables that the actor may see, and the names of those that a party keeps for itself."""

    shown: tuple[Variable, ...]
    withheld: tuple[str, ...]


@dataclass(frozen=True)
class FormRecord:
    """The form of a task in the version that it is bound to, and the values that it starts with."""

    definition: Definition
    values: Variables


def instances_page(
    ctx: Context,
    actor: Actor,
    *,
    statuses: Sequence[InstanceStatus] = (),
    process_key: str | None = None,
    search: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page[ListedInstance]:
    """The instances that the actor may read, newest first; `search` is how the business key begins."""
    require(actor, Action.READ_INSTANCE)
    with ctx.store.read() as tx:
        return instances.page(
            tx,
            scope_posts=actor.reach if actor.kind is ActorKind.PERSON else None,
            now=ctx.clock.now(),
            statuses=statuses,
            process_key=process_key,
            search=search,
            after=after,
            limit=limit,
        )


def instance_record(ctx: Context, actor: Actor, instance_id: str) -> InstanceRecord:
    """The instance as it stands; NotFound where it is not the actor's to see."""
    opened = open_instance(ctx, actor, Action.READ_INSTANCE, instance_id)
    with ctx.store.read() as tx:
        return InstanceRecord(instances.listed(tx, [instance_id])[instance_id], opened.instance)


def variables_of(ctx: Context, actor: Actor, instance_id: str) -> VariableRecords:
    """The variables of the instance that are shared or the actor's own party's, and the names of the others."""
    opened = open_instance(ctx, actor, Action.READ_INSTANCE, instance_id, items=["variables"])
    with ctx.store.read() as tx:
        rows = instances.variables_of(tx, instance_id)
    return VariableRecords(
        shown=tuple(row for row in rows if opened.may_see(row.owner_party)),
        withheld=tuple(sorted({row.name for row in rows if not opened.may_see(row.owner_party)})),
    )


def history_of(ctx: Context, actor: Actor, instance_id: str, *, after: int = 0, limit: int = 200) -> Page[HistoryEvent]:
    """Every element that ran, automatic ones too, after the sequence number, oldest first; the mark of the next page
    is the last sequence number of this one."""
    opened = open_instance(ctx, actor, Action.READ_INSTANCE, instance_id, items=["history"])
    with ctx.store.read() as tx:
        found = audit.history_of(tx, instance_id, after=after, limit=limit + 1)
    page = found[:limit]
    shown = tuple(event for event in page if opened.may_see(event.owner_party))
    return Page(shown, str(page[-1].sequence) if len(found) > limit else None)


def incidents_of(ctx: Context, actor: Actor, instance_id: str) -> tuple[Incident, ...]:
    """What has failed in the instance, resolved or not."""
    open_instance(ctx, actor, Action.READ_INSTANCE, instance_id, items=["incidents"])
    with ctx.store.read() as tx:
        return jobs.incidents_of(tx, instance_id)


def escalations_page(
    ctx: Context,
    actor: Actor,
    *,
    state: EscalationState | None = None,
    level: Level | None = None,
    party: str | None = None,
    child_waiting: bool | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Escalation]:
    """The escalations of the instances that the actor may read, with what each party owes at the level they stand at;
    the one that is lifted first comes first."""
    require(actor, Action.READ_ESCALATIONS)
    with ctx.store.read() as tx:
        return escalations.queue(
            tx,
            posts=actor.reach if actor.kind is ActorKind.PERSON else None,
            now=ctx.clock.now(),
            state=state,
            level=level,
            party=party,
            child_waiting=child_waiting,
            after=after,
            limit=limit,
        )


def tasks_page(
    ctx: Context, actor: Actor, wanted: TaskFilter, *, after: str | None = None, limit: int = 50
) -> Page[UserTask]:
    """The user tasks that the actor may see, by due time."""
    require(actor, Action.READ_TASK)
    with ctx.store.read() as tx:
        return tasks.page(tx, wanted, scope=task_scope(actor), after=after, limit=limit)


def task_record(ctx: Context, actor: Actor, task_id: str) -> UserTask:
    """The task as it stands, with the reading on record; NotFound where it is not the actor's to see."""
    require(actor, Action.READ_TASK)
    with ctx.store.begin() as tx:
        task = tasks.by_id(tx, task_id)
        acting = require_task(actor, Action.READ_TASK, task)
        ground = "candidate" if acting else str(actor.kind)
        log_read(ctx, tx, actor, task.instance_id, Action.READ_TASK, ground=ground, items=[task.id], acting=acting)
    return task


def task_form(ctx: Context, actor: Actor, task_id: str) -> FormRecord | None:
    """The form of the task, with the values known of its fields while it is open; None where the task has no form."""
    task = task_record(ctx, actor, task_id)
    if task.form_definition_id is None:
        return None
    acting = require_task(actor, Action.READ_TASK, task)
    with ctx.store.read() as tx:
        definition = definitions.by_id(tx, task.form_definition_id)
        known: Variables = {}
        if task.state is TaskState.OPEN:
            instance = tx.instance(task.instance_id)
            known = visible_to(ctx, tx, instance, task.token, party=acting.party_id if acting else None)
    return FormRecord(definition, known)
