"""Every error that flowsvc raises on purpose. A message names the thing and the cure and never holds a case value."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal


class FlowError(Exception):
    """The root of the tree; `code` is stable and part of the API."""

    code: ClassVar[str] = "flow.error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Problem:
    """One finding of the deploy check: where it is, what is wrong, what to do instead, in Swedish and English."""

    severity: Literal["refused", "warned", "used"]
    code: str
    element_id: str
    line: int
    what: str
    cure: str
    what_en: str = ""
    cure_en: str = ""
    file_name: str = ""
    attribute: str = ""

    def as_json(self) -> dict[str, object]:
        """The finding as plain JSON."""
        return asdict(self)


class InvalidInput(FlowError):
    """What was sent cannot be used as it is."""

    code = "input.invalid"


class FormInvalid(InvalidInput):
    """A submitted form has faults; `fields` maps the field's name to a text for people."""

    code = "form.invalid"

    def __init__(self, fields: Mapping[str, str], *, message: str = "Formuläret har fel som behöver rättas.") -> None:
        super().__init__(message)
        self.fields = dict(fields)


class DefinitionInvalid(InvalidInput):
    """A diagram, decision or form is refused; `problems` says per element why and what to draw instead."""

    code = "definition.invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = next((p for p in problems if p.severity == "refused"), problems[0])
        super().__init__(f"{first.file_name}: {first.element_id}: {first.what} {first.cure}".strip())
        self.english = f"{first.file_name}: {first.element_id}: {first.what_en} {first.cure_en}".strip()
        self.problems = tuple(problems)


class TooLarge(InvalidInput):
    """A stated limit is passed."""

    code = "input.too_large"


class NotSignedIn(FlowError):
    """Nobody is signed in, or the session has ended."""

    code = "session.missing"


class Forbidden(FlowError):
    """The thing may be seen, but this may not be done with it."""

    code = "access.forbidden"


class NotFound(FlowError):
    """There is no such thing, or it is not yours to see: both look the same."""

    code = "not_found"


class Conflict(FlowError):
    """The thing has changed since it was read."""

    code = "conflict"


class AlreadyClaimed(Conflict):
    """Somebody else holds the task."""

    code = "task.already_claimed"


class AlreadyCompleted(Conflict):
    """The task is done; `by` and `at` say who and when."""

    code = "task.already_completed"

    def __init__(self, message: str, *, by: str = "", at: datetime | None = None) -> None:
        super().__init__(message)
        self.by = by
        self.at = at


class InstanceSuspended(Conflict):
    """The process instance is suspended or paused."""

    code = "instance.suspended"


class AmbiguousMessage(Conflict):
    """More than one could take the message."""

    code = "message.ambiguous"


class StaleRevision(Conflict):
    """Somebody saved first."""

    code = "revision.stale"


class KeyReused(Conflict):
    """The idempotency key has been used for another request."""

    code = "idempotency.key_reused"


class TooManyAttempts(FlowError):
    """Too many tries; `after` says how long to wait."""

    code = "session.too_many_attempts"

    def __init__(self, message: str, *, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class ConnectorFailed(FlowError):
    """A call that leaves the machine failed; never leaves the job that made it."""

    code = "connector.failed"

    def __init__(self, message: str, *, retry: bool = True, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry = retry
        self.after = after


class EngineFault(FlowError):
    """An element could not run; becomes an incident. `names` are variable or rule names, never values."""

    code = "engine.fault"

    def __init__(self, message: str, *, names: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.names = tuple(names)


class ScriptFailed(EngineFault):
    """An expression, script or function failed."""

    code = "engine.script_failed"


class NoPathTaken(EngineFault):
    """No condition of a gateway was true and it has no default flow (BPMN 2.0.2, 13.4.2)."""

    code = "engine.no_path_taken"


class DataMissing(EngineFault):
    """No input or output set of an element is complete (BPMN 2.0.2, 10.4.2); `names` are what lacks a value."""

    code = "engine.data_missing"


class LimitPassed(EngineFault):
    """A transaction ran past a stated limit (steps, time, bodies)."""

    code = "engine.limit_passed"


class Misconfigured(FlowError):
    """A setting, the schema or the build is not right; the command ends with exit code 2 and this text."""

    code = "settings.invalid"
