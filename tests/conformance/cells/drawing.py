"""What the cells draw again and again."""

from tests.factories import TERMINATE, condition, element, error, escalation, message, signal, timer

CANCEL = "<bpmn:cancelEventDefinition/>"

AWAITED = {
    "message": message(),
    "timer": timer("PT1H"),
    "conditional": condition("n > 1"),
    "signal": signal(),
    "multiple": message() + signal("sg2"),
    "parallel multiple": message() + signal(),
    "error": error("e1"),
    "escalation": escalation("x1"),
}
"""Triggers that a waiting event may have. The condition becomes true with n = 2."""

__all__ = ["AWAITED", "CANCEL", "TERMINATE", "fork", "more", "task"]


def task(identity: str) -> str:
    """A task that is passed straight through."""
    return element("task", identity)


def fork(identity: str) -> str:
    """A parallel gateway."""
    return element("parallelGateway", identity)


def more(kind: str) -> dict[str, str]:
    """The attributes that such an event has beside its triggers."""
    return {"parallelMultiple": "true"} if kind == "parallel multiple" else {}
