"""What passes between instances: who waits for a message or a signal, and what is on its way to somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TIME_TO_LIVE = timedelta(days=1)
"""How long a message that an instance has sent waits for a receiver, where the diagram does not say."""


class MessageState(StrEnum):
    """Where a message is; one that has been taken or has expired is gone."""

    SENT = "sent"
    """Its receiver is still to be found."""
    WAITING = "waiting"
    """Nobody waits for it yet; whoever begins to, gets it."""
    ASSIGNED = "assigned"
    """It is on its way to one instance."""


@dataclass(frozen=True)
class Message:
    """A message on its way, or what a signal brings to one of its receivers. Its values are rows of their own."""

    id: str
    name: str
    correlation_key: str
    business_key: str
    """The case number of the receiver, where the sender gave one."""
    state: MessageState
    sender_instance: str | None
    """None for one that came from outside."""
    element_id: str
    process_key: str
    sent_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class MessageSubscription:
    """A message event that waits, found by name and correlation key."""

    instance_id: str
    token: str
    element_id: str
    process_key: str
    name: str
    message: str
    correlation_key: str
    interrupting: bool
    properties: dict[str, object]
    created_at: datetime


@dataclass(frozen=True)
class SignalSubscription:
    """A signal event that waits, found by the signal's name."""

    instance_id: str
    token: str
    element_id: str
    process_key: str
    name: str
    signal: str
    delivers_support: bool
    created_at: datetime
