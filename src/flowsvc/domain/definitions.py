"""What is deployed: immutable process, decision and form definitions, and what a process says of itself."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Binding(StrEnum):
    """Which version of a form, decision or called process a running instance uses."""

    DEPLOYMENT = "deployment"
    """The version pinned when the instance started (the default): a running case keeps its versions."""
    LATEST = "latest"


@dataclass(frozen=True)
class Reference:
    """A name in a diagram that points to another definition."""

    kind: str
    """`form`, `decision` or `process`."""
    key: str
    element_id: str
    binding: Binding = Binding.DEPLOYMENT
    own_case: bool = False


@dataclass(frozen=True)
class StartElement:
    """A start event of a process: how it is started, and by whom."""

    element_id: str
    kind: str
    """`none`, `message`, `signal` or `timer`."""
    form_key: str = ""
    message: str = ""
    signal: str = ""
    timer_kind: str = ""
    """`timeDate`, `timeDuration` or `timeCycle`."""
    timer: str = ""
    initiator: str = ""


@dataclass(frozen=True)
class ProcessFacts:
    """What one executable process in a file says of itself. Texts are (Swedish, English)."""

    key: str
    name: str
    name_en: str
    documentation: str
    documentation_en: str
    version_tag: str
    starts: tuple[StartElement, ...]
    starter_groups: tuple[str, ...]
    references: tuple[Reference, ...]
    history_time_to_live: str = ""
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def called_inside(self) -> tuple[str, ...]:
        """The keys of the processes that run inside this one; those of a case of their own do not."""
        return tuple(each.key for each in self.references if each.kind == "process" and not each.own_case)


class DefinitionKind(StrEnum):
    """The three kinds of file that are deployed."""

    PROCESS = "process"
    DECISION = "decision"
    FORM = "form"


@dataclass(frozen=True)
class Definition:
    """One immutable version of a process, decision or form, with its source."""

    id: str
    kind: DefinitionKind
    key: str
    version: int
    deployment_id: str
    name: str
    name_en: str
    file_name: str
    source: bytes
    sha256: str
    feel_hash: str
    shipped: bool
    facts: dict[str, object]
    """For a process its ProcessFacts as JSON; for a decision its namespace and what it imports; else empty."""
    deployed_at: datetime
    deployed_by: str
