"""Data stores (BPMN 2.0.2, 10.4.1): values that processes share and that outlive them, such as rates and codes. Never
personal data: whoever may read one reads all of it, and no case's access rules hold."""

from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain.values import Value


@dataclass(frozen=True)
class DataStore:
    """A data store with its value as it stands; one without value is in no list."""

    name: str
    value: Value
    version: int
    """How many times it has been written."""
    changed_at: datetime
    changed_by: str
    """Who wrote it: a person's or client's id, or flowsvc."""
    changed_by_instance: str | None
    """The instance that wrote it, where a process did."""
