"""The one place where access is decided: deny by default, need to know by assignment (domain.md INV-6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flowsvc.domain.directory import Level, Role
from flowsvc.domain.errors import Forbidden, NotFound, NotSignedIn
from flowsvc.domain.instances import Reader
from flowsvc.domain.tasks import UserTask


class Action(StrEnum):
    """Everything that can be asked of flowsvc; every use case requires exactly one."""

    SIGN_OUT = "sign_out"
    READ_OWN_PAGES = "read_own_pages"
    START_INSTANCE = "start_instance"
    READ_INSTANCE = "read_instance"
    READ_TASK = "read_task"
    CLAIM_TASK = "claim_task"
    COMPLETE_TASK = "complete_task"
    ASSIGN_TASK = "assign_task"
    HAND_OVER_TASK = "hand_over_task"
    SEND_OFFERED_MESSAGE = "send_offered_message"
    COMMENT_INSTANCE = "comment_instance"
    FOLLOW_INSTANCE = "follow_instance"
    LINK_INSTANCES = "link_instances"
    READ_DOCUMENT = "read_document"
    READ_ESCALATIONS = "read_escalations"
    READ_DEFINITIONS = "read_definitions"
    READ_COUNTS = "read_counts"
    """How many cases stand where: numbers, never which case."""
    DEPLOY = "deploy"
    CHECK_FILES = "check_files"
    READ_DRAFTS = "read_drafts"
    """Of models: what is not live yet."""
    CHANGE_DRAFT = "change_draft"
    APPROVE_RELEASE = "approve_release"
    EVALUATE_DECISION = "evaluate_decision"
    SUSPEND_INSTANCE = "suspend_instance"
    PAUSE_INSTANCE = "pause_instance"
    CANCEL_INSTANCE = "cancel_instance"
    CORRELATE_MESSAGE = "correlate_message"
    SEND_SIGNAL = "send_signal"
    READ_OPERATIONS = "read_operations"
    """Incidents and jobs: elements, codes and names, never values."""
    RETRY_JOB = "retry_job"
    WORK_EXTERNAL_TASKS = "work_external_tasks"
    READ_DIRECTORY = "read_directory"
    CHANGE_DIRECTORY = "change_directory"
    READ_DATA_STORES = "read_data_stores"
    WRITE_DATA_STORES = "write_data_stores"
    MOVE_DEMO_CLOCK = "move_demo_clock"
    TRY_DRAFT = "try_draft"


class ActorKind(StrEnum):
    """What is acting."""

    NOBODY = "nobody"
    PERSON = "person"
    CLIENT = "client"
    """A program with an API token."""
    SYSTEM = "system"
    """The worker and the command line on the host."""


@dataclass(frozen=True)
class ActingPost:
    """A post that the actor may act as. `on_behalf_of` is the post whose holder is away; `opened_before` limits it to
    tasks that have waited long enough (the nearest manager steps in last)."""

    post_id: str
    party_id: str
    unit_id: str
    level: Level
    roles: tuple[Role, ...]
    groups: tuple[str, ...]
    on_behalf_of: str | None = None
    opened_before: datetime | None = None
    cost_mandate: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who asks: a person with posts, a client with scopes, the system, or nobody."""

    kind: ActorKind = ActorKind.NOBODY
    person_id: str = ""
    name: str = ""
    posts: tuple[ActingPost, ...] = ()
    scopes: frozenset[str] = frozenset()
    language: str = "sv"

    @property
    def roles(self) -> frozenset[Role]:
        """The roles of the actor's own posts; what one stands in for gives no roles."""
        return frozenset(role for post in self.posts if post.on_behalf_of is None for role in post.roles)

    @property
    def parties(self) -> frozenset[str]:
        """The parties that the actor's posts belong to."""
        return frozenset(post.party_id for post in self.posts)

    @property
    def reach(self) -> frozenset[str]:
        """The posts whose tasks and instances the actor may see: own posts and those stood in for."""
        return frozenset(post.on_behalf_of or post.post_id for post in self.posts)


NOBODY = Actor()
SYSTEM = Actor(kind=ActorKind.SYSTEM, person_id="system", name="flowsvc")

_ROLE_ACTIONS: Mapping[Role, frozenset[Action]] = {
    Role.STAFF: frozenset(
        {
            Action.SIGN_OUT,
            Action.READ_OWN_PAGES,
            Action.START_INSTANCE,
            Action.READ_INSTANCE,
            Action.READ_TASK,
            Action.CLAIM_TASK,
            Action.COMPLETE_TASK,
            Action.HAND_OVER_TASK,
            Action.SEND_OFFERED_MESSAGE,
            Action.COMMENT_INSTANCE,
            Action.FOLLOW_INSTANCE,
            Action.LINK_INSTANCES,
            Action.READ_DOCUMENT,
            Action.READ_DEFINITIONS,
            Action.READ_DIRECTORY,
            Action.MOVE_DEMO_CLOCK,
        }
    ),
    Role.MANAGER: frozenset({Action.READ_ESCALATIONS, Action.ASSIGN_TASK, Action.PAUSE_INSTANCE, Action.READ_COUNTS}),
    Role.COORDINATOR: frozenset({Action.READ_DEFINITIONS, Action.PAUSE_INSTANCE, Action.READ_COUNTS}),
    Role.PROCESS_OWNER: frozenset(
        {
            Action.READ_DEFINITIONS,
            Action.READ_COUNTS,
            Action.DEPLOY,
            Action.CHECK_FILES,
            Action.READ_DRAFTS,
            Action.CHANGE_DRAFT,
            Action.APPROVE_RELEASE,
            Action.EVALUATE_DECISION,
            Action.TRY_DRAFT,
            Action.READ_DATA_STORES,
            Action.WRITE_DATA_STORES,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Action.READ_DEFINITIONS,
            Action.READ_COUNTS,
            Action.READ_OPERATIONS,
            Action.RETRY_JOB,
            Action.SUSPEND_INSTANCE,
        }
    ),
    Role.ADMINISTRATOR: frozenset({Action.READ_OPERATIONS, Action.CHANGE_DIRECTORY, Action.READ_DIRECTORY}),
}
"""What each role may ask for at all; whether a given thing may be seen is decided beside it, by its readers."""

_UNATTENDED = "deployments:unattended"
_SCOPE_ACTIONS: Mapping[str, frozenset[Action]] = {
    "deployments:write": frozenset({Action.DEPLOY, Action.CHECK_FILES, Action.READ_DEFINITIONS}),
    _UNATTENDED: frozenset({Action.DEPLOY, Action.CHECK_FILES, Action.READ_DEFINITIONS}),
    "definitions:read": frozenset({Action.READ_DEFINITIONS}),
    "decisions:evaluate": frozenset({Action.EVALUATE_DECISION}),
    "instances:write": frozenset(
        {
            Action.START_INSTANCE,
            Action.READ_INSTANCE,
            Action.COMMENT_INSTANCE,
            Action.READ_DOCUMENT,
            Action.SUSPEND_INSTANCE,
            Action.PAUSE_INSTANCE,
            Action.CANCEL_INSTANCE,
            Action.CORRELATE_MESSAGE,
            Action.SEND_SIGNAL,
        }
    ),
    "messages:send": frozenset({Action.CORRELATE_MESSAGE, Action.SEND_SIGNAL}),
    "instances:read": frozenset({Action.READ_INSTANCE, Action.READ_DOCUMENT}),
    "tasks:write": frozenset({Action.READ_TASK, Action.CLAIM_TASK, Action.COMPLETE_TASK, Action.ASSIGN_TASK}),
    "tasks:read": frozenset({Action.READ_TASK}),
    "external-tasks": frozenset({Action.WORK_EXTERNAL_TASKS}),
    "escalations:read": frozenset({Action.READ_ESCALATIONS}),
    "data-stores:read": frozenset({Action.READ_DATA_STORES}),
    "data-stores:write": frozenset({Action.READ_DATA_STORES, Action.WRITE_DATA_STORES}),
    "operations:read": frozenset({Action.READ_OPERATIONS}),
    "operations:write": frozenset({Action.READ_OPERATIONS, Action.RETRY_JOB}),
    "directory:read": frozenset({Action.READ_DIRECTORY}),
    "directory:write": frozenset({Action.READ_DIRECTORY, Action.CHANGE_DIRECTORY}),
}

SCOPES = frozenset(_SCOPE_ACTIONS)
"""The scopes that an API token may carry."""


def can(actor: Actor, action: Action) -> bool:
    """Whether the actor may ask for the action at all."""
    match actor.kind:
        case ActorKind.SYSTEM:
            return True
        case ActorKind.PERSON:
            # A role above staff adds to what staff may do; a pure administrator is not staff of any case.
            return any(action in _ROLE_ACTIONS[role] for role in actor.roles)
        case ActorKind.CLIENT:
            return any(action in _SCOPE_ACTIONS.get(scope, frozenset()) for scope in actor.scopes)
        case _:
            return False


def deploys_unattended(actor: Actor) -> bool:
    """Whether what the actor deploys needs nobody's approval: a program's alone, whose token says so by name."""
    return actor.kind is ActorKind.CLIENT and _UNATTENDED in actor.scopes


def require(actor: Actor, action: Action) -> None:
    """The actor may ask for the action; NotSignedIn or Forbidden otherwise."""
    if actor.kind is ActorKind.NOBODY:
        raise NotSignedIn("Logga in för att fortsätta.")
    if not can(actor, action):
        raise Forbidden(
            "Du har inte behörighet till det här. Be den som sköter behörigheter i din organisation om hjälp."
        )


def ground_to_read(actor: Actor, readers: Iterable[Reader], *, now: datetime) -> str:
    """Why the actor may read an instance with these readers; NotFound where there is no reason (not yours to see)."""
    if actor.kind is ActorKind.SYSTEM:
        return "system"
    if actor.kind is ActorKind.CLIENT:
        return "client"
    for reader in readers:
        if reader.post_id in actor.reach and (reader.until is None or now <= reader.until):
            return reader.ground
    raise NotFound("Det finns inget sådant ärende, eller så har du inte tillgång till det.")


def acting_post(actor: Actor, task: UserTask) -> ActingPost | None:
    """The post as which the actor may work on the task: an own post first, then one stood in for, then the first own
    post of somebody whom the task itself names; None if neither."""
    for acting in sorted(actor.posts, key=lambda post: post.on_behalf_of is not None):
        reached = acting.on_behalf_of or acting.post_id
        late_enough = acting.opened_before is None or task.opened_at <= acting.opened_before
        if late_enough and (reached in task.candidate_posts or set(acting.groups) & set(task.candidate_groups)):
            return acting
    if actor.person_id in (task.assignee, *task.candidate_people):
        return next((post for post in actor.posts if post.on_behalf_of is None), None)
    return None


def require_task(actor: Actor, action: Action, task: UserTask) -> ActingPost | None:
    """The actor may do the action with this task; returns the post acted as (None for the system and clients).
    NotFound where the task is not the actor's to see."""
    require(actor, action)
    if actor.kind in (ActorKind.SYSTEM, ActorKind.CLIENT):
        return None
    acting = acting_post(actor, task)
    if acting is None:
        raise NotFound("Det finns ingen sådan uppgift, eller så har du inte tillgång till den.")
    return acting


@dataclass(frozen=True)
class TaskScope:
    """Which tasks an actor's lists may show: those of these posts and groups; late ones only if opened before."""

    everything: bool = False
    posts: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    late_posts: Mapping[str, datetime] = field(default_factory=dict)


def task_scope(actor: Actor) -> TaskScope:
    """The tasks that the actor's lists may show."""
    if actor.kind in (ActorKind.SYSTEM, ActorKind.CLIENT):
        return TaskScope(everything=True)
    early = [post for post in actor.posts if post.opened_before is None]
    late = [(post.on_behalf_of or post.post_id, post.opened_before) for post in actor.posts]
    return TaskScope(
        posts=frozenset(post.on_behalf_of or post.post_id for post in early),
        groups=frozenset(group for post in early for group in post.groups),
        late_posts={post: before for post, before in late if before is not None},
    )
