"""What a connector is: a named call that leaves the machine, with declared inputs. It is run by a job, never inside a
transaction, at least once with a stable key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from flowsvc.domain.values import Variables


@dataclass(frozen=True)
class Input:
    """One declared input of a connector: its name, what it is for in Swedish and English, and whether it is needed."""

    name: str
    label: str
    label_en: str
    required: bool = True


class BpmnError(Exception):
    """The call ended in an error that the diagram knows by its code; the values go to whatever catches it."""

    def __init__(self, code: str, variables: Variables | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.variables = variables or {}


class Connector(Protocol):
    """A call to something outside."""

    name: str
    label: str
    label_en: str
    inputs: tuple[Input, ...]

    def run(self, inputs: Variables, *, key: str) -> Variables:
        """Make the call and return its result by name. `key` is the same on every try of the same call, so that the
        other side can see a repeated call for what it is. ConnectorFailed says whether trying again can help; BpmnError
        hands the matter to the diagram."""


Connectors = Mapping[str, Connector]
