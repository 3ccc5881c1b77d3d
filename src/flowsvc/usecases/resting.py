"""What suspending, pausing and resuming have in common: the instance has moved, and its history says so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flowsvc.domain.access import Actor
from flowsvc.domain.instances import HistoryEvent, InstanceStatus, ProcessInstance
from flowsvc.store import audit
from flowsvc.store.transaction import Transaction


def move(tx: Transaction, instance: ProcessInstance, status: InstanceStatus, event: HistoryEvent) -> None:
    """The instance has the status, and the event stands last in its history."""
    audit.append_events(tx, instance.id, first_sequence=instance.next_sequence, events=[event])
    moved = replace(instance, status=status, next_sequence=instance.next_sequence + 1)
    tx.save_instance(moved, expected_version=instance.version)


def event(
    actor: Actor,
    instance: ProcessInstance,
    happened: str,
    *,
    now: datetime,
    details: Mapping[str, object] | None = None,
    post_id: str | None = None,
) -> HistoryEvent:
    """The line of the history that says what happened to the instance as a whole; time itself is nobody."""
    return HistoryEvent(
        sequence=0,
        at=now,
        happened=happened,
        element_id=instance.process_key,
        element_type="process",
        name="",
        process_key=instance.process_key,
        token="",
        person_id=actor.person_id or None,
        post_id=post_id,
        on_behalf_of=None,
        owner_party=None,
        details=dict(details or {}),
    )
