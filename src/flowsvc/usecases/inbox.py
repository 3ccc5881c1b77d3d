"""Lists of tasks as staff read them: mine, and what my groups and I may take. Names stand in the asked language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from flowsvc.domain import calendar, directory
from flowsvc.domain.access import (
    Action,
    Actor,
    ActorKind,
    TaskScope,
    acting_post,
    ground_to_read,
    require,
    task_scope,
)
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import NotFound
from flowsvc.domain.instances import RESTING
from flowsvc.domain.tasks import TaskState, UserTask
from flowsvc.store import instances, tasks
from flowsvc.store.paging import Page
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import pictures
from flowsvc.usecases.context import Context
from flowsvc.usecases.people import party_name, person_name, post_name


@dataclass(frozen=True)
class TaskRow:
    """One task in a list."""

    id: str
    instance_id: str
    name: str
    business_key: str
    title: str
    process_name: str
    party_name: str
    lane: str
    due_on: date | None
    due_at: datetime | None
    working_days_left: int | None
    """0 is today, negative is late, None is without a due time."""
    due_words: str
    """"i dag", "om 3 arbetsdagar", "2 arbetsdagar försenad"; empty without a due time."""
    is_overdue: bool
    child_waiting: bool
    delivers_support: bool
    assignee_name: str
    is_mine: bool
    can_claim: bool
    can_read_case: bool
    """Being in a group that is asked gives the task, and not its case."""
    acting_for: str
    """The post stood in for, or empty."""
    opened_at: datetime
    is_paused: bool = False
    """Its case is paused: it cannot be done now, and is not late."""
    rests: bool = False
    """Its case is paused or suspended: it cannot be done now."""


@dataclass(frozen=True)
class InboxCounts:
    """How many tasks wait in each list; at most COUNT_LIMIT of store.paging."""

    mine: int
    group: int


def my_tasks(
    ctx: Context, actor: Actor, *, language: str, search: str = "", after: str | None = None, limit: int = 50
) -> Page[TaskRow]:
    """What waits for the actor: held, or addressed to a post that nobody else holds today. By due time."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        sole = sole_posts(ctx, tx.directory(), actor)
        found = tasks.mine(tx, actor.person_id, posts=sole, search=search.strip(), after=after, limit=limit)
        return Page(task_rows(ctx, tx, actor, found.items, language=language), found.next_after)


def group_tasks(
    ctx: Context, actor: Actor, *, language: str, search: str = "", after: str | None = None, limit: int = 50
) -> Page[TaskRow]:
    """What else the actor may take: of groups, of shared posts, of posts stood in for. By due time."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        scope, sole = _group_scope(ctx, tx.directory(), actor)
        found = tasks.claimable_by(tx, scope, search=search.strip(), after=after, limit=limit)
        # A task addressed to several posts is in the other list already where one of them is the actor's alone.
        others = [task for task in found.items if not sole.intersection(task.candidate_posts)]
        return Page(task_rows(ctx, tx, actor, others, language=language), found.next_after)


def counts(ctx: Context, actor: Actor) -> InboxCounts:
    """How much waits in each list."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        scope, sole = _group_scope(ctx, tx.directory(), actor)
        return InboxCounts(
            mine=tasks.count_mine(tx, actor.person_id, posts=sole), group=tasks.count_claimable(tx, scope)
        )


def sole_posts(ctx: Context, known: Directory, actor: Actor) -> frozenset[str]:
    """The actor's own posts that nobody else holds today."""
    today = ctx.today()
    own = [post.post_id for post in actor.posts if post.on_behalf_of is None]
    return frozenset(
        post for post in own if {each.id for each in directory.holders(known, post, today)} == {actor.person_id}
    )


def _group_scope(ctx: Context, known: Directory, actor: Actor) -> tuple[TaskScope, frozenset[str]]:
    sole, scope = sole_posts(ctx, known, actor), task_scope(actor)
    return replace(scope, posts=scope.posts - sole), sole


def task_rows(
    ctx: Context, tx: Transaction, actor: Actor, found: Iterable[UserTask], *, language: str
) -> tuple[TaskRow, ...]:
    """The tasks as rows, in the same order."""
    listed = tuple(found)
    pins: Mapping[str, dict[str, str]] = {}
    if language == "en":
        pins = instances.pins_of(tx, {task.instance_id for task in listed})
    return tuple(
        task_row(
            ctx,
            tx.directory(),
            actor,
            task,
            language=language,
            lane=pictures.lane_name(ctx, tx, pins.get(task.instance_id, {}), task, language=language),
            can_read_case=may_read_case(ctx, tx, actor, task),
        )
        for task in listed
    )


def may_read_case(ctx: Context, tx: Transaction, actor: Actor, task: UserTask) -> bool:
    """Whether the case of a task in the actor's lists may be opened too: being in a group is no ground."""
    own = {post.on_behalf_of or post.post_id for post in actor.posts}
    if own & set(task.candidate_posts):
        return True
    try:
        ground_to_read(actor, instances.readers_of(tx, task.instance_id), now=ctx.clock.now())
    except NotFound:
        return False
    return True


def task_row(
    ctx: Context,
    known: Directory,
    actor: Actor,
    task: UserTask,
    *,
    language: str,
    lane: str,
    can_read_case: bool = True,
) -> TaskRow:
    """One task as a row."""
    now, english = ctx.clock.now(), language == "en"
    acting = acting_post(actor, task) if actor.kind is ActorKind.PERSON else None
    is_open = task.state is TaskState.OPEN
    due_on = _due_day(ctx, task)
    closed_days = frozenset(day.on for day in known.closed_days)
    left = calendar.working_days_between(ctx.today(), due_on, closed_days) if due_on else None
    return TaskRow(
        id=task.id,
        instance_id=task.instance_id,
        name=(task.name_en if english else "") or task.name,
        business_key=task.business_key,
        title=task.title,
        process_name=(task.process_name_en if english else "") or task.process_name,
        party_name=party_name(known, task.party_id, language),
        lane=lane,
        due_on=due_on,
        due_at=task.due_at,
        working_days_left=left,
        due_words=calendar.words(due_on, today=ctx.today(), closed=closed_days, language=language) if due_on else "",
        is_overdue=is_open and not task.is_paused and task.due_at is not None and task.due_at <= now,
        is_paused=is_open and task.is_paused,
        rests=is_open and task.instance_status in RESTING and not task.delivers_support,
        child_waiting=task.child_waiting,
        delivers_support=task.delivers_support,
        assignee_name=person_name(known, task.assignee),
        is_mine=task.assignee == actor.person_id,
        can_read_case=can_read_case,
        can_claim=is_open and task.assignee is None and acting is not None,
        acting_for=post_name(known, acting.on_behalf_of, language) if acting else "",
        opened_at=task.opened_at,
    )


def _due_day(ctx: Context, task: UserTask) -> date | None:
    if task.due_on is not None or task.due_at is None:
        return task.due_on
    return calendar.local_date(task.due_at, ctx.zone)
