"""A process instance: its states and moves, its parties and readers, its history."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from flowsvc.domain.errors import Conflict, InstanceSuspended
from flowsvc.domain.values import Value, ValueType


class InstanceStatus(StrEnum):
    """Where a process instance stands."""

    RUNNING = "running"
    SUSPENDED = "suspended"
    """Stopped by operators: everything keeps its due time."""
    PAUSED = "paused"
    """Rests with a reason: lengths of time keep what is left of them."""
    ENDED = "ended"
    CANCELLED = "cancelled"


RESTING = frozenset({InstanceStatus.SUSPENDED, InstanceStatus.PAUSED})
"""Nothing happens, and nothing is told, but for what delivers support to a child (INV-1)."""


@dataclass(frozen=True)
class InstanceParty:
    """A party of an instance, with its own registration number and its side in the matter."""

    party_id: str
    role: str = ""
    """`lead` for the party that opened the matter, else empty."""
    registration_number: str = ""


@dataclass(frozen=True)
class ProcessInstance:
    """One running or finished instance. `version` grows with every transaction that changes it."""

    id: str
    definition_id: str
    process_key: str
    business_key: str
    title: str
    status: InstanceStatus
    version: int
    state: bytes
    state_format: int
    pins: dict[str, str]
    """`form:key`, `decision:key`, `process:key` -> definition id, fixed when the instance started."""
    county: str
    agreement_version_id: str | None
    lead_party: str | None
    started_by: str
    started_post: str | None
    started_at: datetime
    ended_at: datetime | None
    end_state: str
    parent_instance: str | None
    parent_token: str | None
    subject_id: str | None
    retention_class: str
    legal_hold: bool
    child_waiting: bool
    next_sequence: int
    once_key: str | None = None
    """What the instance is the only one of its process for, as the process says (flowsvc:once)."""
    parties: tuple[InstanceParty, ...] = ()

    @property
    def is_resting(self) -> bool:
        """Whether it is suspended or paused."""
        return self.status in RESTING


@dataclass(frozen=True)
class Variable:
    """A variable row: where it holds, its type, its value, who owns it, who set it and when."""

    scope: str
    name: str
    type: ValueType
    value: Value
    owner_party: str | None
    """None is shared between the parties."""
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class HistoryEvent:
    """One row of an instance's history, append-only."""

    sequence: int
    at: datetime
    happened: str
    element_id: str
    element_type: str
    name: str
    process_key: str
    token: str
    person_id: str | None
    post_id: str | None
    on_behalf_of: str | None
    owner_party: str | None
    details: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Reader:
    """A post that may read an instance, and why (need to know, domain.md INV-6)."""

    post_id: str
    ground: str
    """`reporter`, `candidate`, `addressee`, `decider` … : the words shown to the reader."""
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Comment:
    """What somebody has written on an instance: for one party alone, or shared (None)."""

    id: str
    instance_id: str
    owner_party: str | None
    person_id: str
    post_id: str | None
    text: str
    at: datetime


@dataclass(frozen=True)
class Subject:
    """The child, apart from the case: shown as a pseudonym."""

    id: str
    pseudonym: str
    key_id: str | None
    ciphertext: bytes | None
    birth_month: date | None


def require_running(instance: ProcessInstance, *, delivers_support: bool = False) -> None:
    """The instance may be worked on. A task that delivers support is never blocked by a rest (INV-1)."""
    if instance.is_resting and delivers_support:
        return
    match instance.status:
        case InstanceStatus.RUNNING:
            return
        case InstanceStatus.PAUSED:
            raise InstanceSuspended(
                f"Ärendet {instance.business_key} är pausat. En chef eller samordnare kan återuppta det på ärendets "
                "sida."
            )
        case InstanceStatus.SUSPENDED:
            raise InstanceSuspended(
                f"Ärendet {instance.business_key} är stoppat av driften. Vänta tills det återupptas."
            )
        case _:
            raise Conflict(f"Ärendet {instance.business_key} är avslutat.")
