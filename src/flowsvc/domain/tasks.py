"""A user task: who may take it, when it is due, and the moves claim, unclaim, assign and complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from flowsvc.domain.errors import AlreadyClaimed, AlreadyCompleted
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.values import Variables


class TaskState(StrEnum):
    """The life of a user task."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class UserTask:
    """A user task as stored. `candidates` are posts and groups, resolved to people when asked, never copied."""

    id: str
    instance_id: str
    token: str
    element_id: str
    process_key: str
    name: str
    name_en: str
    lane: str
    party_id: str | None
    scope: str
    form_definition_id: str | None
    form_key: str
    state: TaskState
    assignee: str | None
    """A person's id."""
    assigned_post: str | None
    due_rule: str
    due_on: date | None
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    delivers_support: bool
    properties: dict[str, object]
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    version: int
    business_key: str = ""
    title: str = ""
    process_name: str = ""
    process_name_en: str = ""
    child_waiting: bool = False
    instance_status: InstanceStatus = InstanceStatus.RUNNING
    candidate_posts: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    candidate_people: tuple[str, ...] = ()
    """Persons whom the diagram itself names, where it does not address posts."""

    def kind(self, language: str) -> str:
        """What kind of task it is, without what it is about: for mail and calendars that leave the house."""
        english = language == "en" and self.name_en
        name = self.name_en if english else self.name
        about = self.properties.get("about:en" if english else "about")
        return name[: -len(f": {about}")] if isinstance(about, str) and about else name

    @property
    def is_paused(self) -> bool:
        """Whether it waits for its case to be resumed; what delivers support never does (INV-1)."""
        return self.instance_status is InstanceStatus.PAUSED and not self.delivers_support


@dataclass(frozen=True)
class Submission:
    """What somebody sent with a form: immutable, with the post they acted as and for whom."""

    id: str
    instance_id: str
    task_id: str | None
    form_definition_id: str | None
    person_id: str
    post_id: str | None
    on_behalf_of: str | None
    party_id: str | None
    at: datetime
    replaces: str | None
    one_time_key: str
    shared_values: Variables
    own_values: Variables
    """Values of fields that stay inside the party."""


@dataclass(frozen=True)
class Draft:
    """A half-filled form, private to its person; survives sign-out."""

    person_id: str
    place: str
    """`task:<id>` or `start:<definition key>`."""
    values: Variables
    saved_at: datetime
    typed: Mapping[str, str] = field(default_factory=dict)
    """What stands in a field and cannot be read, as it was typed, by input name."""


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks a list is asked for; what is None is not asked about. `candidate_group` is `post:ID` or a group's
    name, `search` how the case number begins."""

    state: TaskState | None = None
    assignee: str | None = None
    candidate_group: str | None = None
    instance_id: str | None = None
    process_key: str | None = None
    element_id: str | None = None
    search: str = ""


def claim(task: UserTask, *, person_id: str) -> None:
    """The task may be claimed by the person: it is open and nobody else holds it."""
    require_open(task)
    if task.assignee not in (None, person_id):
        raise AlreadyClaimed(
            "Uppgiften har redan tagits av någon annan. Be den personen lämna tillbaka den, eller välj en annan."
        )


def require_open(task: UserTask, *, closed_by_name: str = "") -> None:
    """The task is open; AlreadyCompleted says by whom and when it was closed."""
    if task.state is TaskState.OPEN:
        return
    done = "avslutades av ärendets gång" if task.state is TaskState.CANCELLED else "är redan klar"
    raise AlreadyCompleted(
        f"Uppgiften {done}. Det du skickade har inte sparats i ärendet.", by=closed_by_name, at=task.closed_at
    )
