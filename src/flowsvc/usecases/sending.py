"""How messages and signals get on their way: those that an instance throws, in the transaction of the throw, and those
from outside. Also who begins to wait, for whom a message may lie ready. Each delivery is a job of its receiver; the
values stand with the message, never in the job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flowsvc.domain.definitions import Definition, DefinitionKind, StartElement
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.jobs import JobKind
from flowsvc.domain.messages import TIME_TO_LIVE, Message, MessageState, MessageSubscription, SignalSubscription
from flowsvc.domain.values import Variables, to_json
from flowsvc.engine.outcome import MessageThrown, Outcome
from flowsvc.store import definitions, jobs, messages
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models, waiting
from flowsvc.usecases.context import Context

OUTSIDE = ""
"""The instance of a job that belongs to none."""


@dataclass(frozen=True)
class Sender:
    """Who sends: an instance and its element, or somebody outside."""

    instance_id: str | None = None
    element_id: str = ""
    process_key: str = ""


@dataclass(frozen=True)
class Reached:
    """Where a signal goes: how many instances it will reach, and which processes it will start."""

    instances: int
    starts: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The answer, for whoever sends the same again."""
        return {"instances": self.instances, "starts": list(self.starts)}

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> "Reached":
        """What `as_json` gave."""
        reached, starts = kept["instances"], kept["starts"]
        assert isinstance(reached, int) and isinstance(starts, list)  # noqa: PT018, S101 - written by as_json
        return cls(reached, tuple(map(str, starts)))


def listen(ctx: Context, tx: Transaction, instance: ProcessInstance, outcome: Outcome, *, now: datetime) -> None:
    """The events of the step wait for their messages and signals; a message that lies ready for one is on its way."""
    messages.add_signal_subscriptions(
        tx,
        [
            SignalSubscription(
                instance_id=instance.id,
                token=waits.token,
                element_id=waits.element_id,
                process_key=waits.process_key,
                name=waits.name,
                signal=waits.signal,
                delivers_support=waits.delivers_support,
                created_at=now,
            )
            for waits in outcome.signals
        ],
    )
    added = [
        MessageSubscription(
            instance_id=instance.id,
            token=waits.token,
            element_id=waits.element_id,
            process_key=waits.process_key,
            name=waits.name,
            message=waits.message,
            correlation_key=waits.correlation_key,
            interrupting=waits.interrupting,
            properties={name: to_json(value) for name, value in waits.properties.items()},
            created_at=now,
        )
        for waits in outcome.messages
    ]
    messages.hold(tx, [(each.message, each.correlation_key) for each in added])
    messages.add_subscriptions(tx, added)
    for subscription in added:
        _hand_over(ctx, tx, instance, subscription, now=now)


def _hand_over(
    ctx: Context, tx: Transaction, instance: ProcessInstance, subscription: MessageSubscription, *, now: datetime
) -> None:
    """The messages that lie ready for the event: the oldest, or all where it goes on waiting."""
    ready = messages.waiting_for(tx, subscription.message, subscription.correlation_key)
    ready = tuple(each for each in ready if each.business_key in ("", instance.business_key) and each.expires_at > now)
    for message in ready[:1] if subscription.interrupting else ready:
        if messages.move(tx, message.id, at=MessageState.WAITING, to=MessageState.ASSIGNED):
            # Until now that job waited for the message to expire.
            jobs.drop(tx, message.sender_instance or OUTSIDE, [message.id])
            deliver(ctx, tx, message, subscription, now=now)


def send_thrown(ctx: Context, tx: Transaction, instance: ProcessInstance, outcome: Outcome, *, now: datetime) -> None:
    """What the step has thrown is on its way."""
    for thrown in outcome.thrown_messages:
        message = _thrown(ctx, instance, thrown, now=now)
        messages.add(tx, message, thrown.variables)
        find_receiver(ctx, tx, message, at=now, now=now)
    for signal in outcome.thrown_signals:
        sender = Sender(instance.id, signal.element_id, signal.process_key)
        send_signal(ctx, tx, signal.signal, signal.variables, sender=sender, now=now)


def _thrown(ctx: Context, instance: ProcessInstance, thrown: MessageThrown, *, now: datetime) -> Message:
    return Message(
        id=ctx.clock.new_id(),
        name=thrown.message,
        correlation_key=thrown.correlation_key,
        business_key="",
        state=MessageState.SENT,
        sender_instance=instance.id,
        element_id=thrown.element_id,
        process_key=thrown.process_key,
        sent_at=now,
        expires_at=thrown.expires_at or now + TIME_TO_LIVE,
    )


def find_receiver(ctx: Context, tx: Transaction, message: Message, *, at: datetime, now: datetime) -> None:
    """At that time the worker looks for somebody who takes the message."""
    place = (message.id, message.element_id, message.process_key)
    jobs.add(
        tx,
        waiting.new_job(
            ctx, JobKind.SEND_MESSAGE, place, instance_id=message.sender_instance, due_at=at, request={}, now=now
        ),
    )


def deliver(
    ctx: Context, tx: Transaction, message: Message, subscription: MessageSubscription, *, now: datetime
) -> None:
    """The assigned message is on its way to the event that waits for it."""
    request: dict[str, object] = {"token": subscription.token}
    if waiting.delivers_support(subscription.properties):
        request["deliversSupport"] = True
    place = (message.id, subscription.element_id, subscription.process_key)
    jobs.add(
        tx,
        waiting.new_job(
            ctx,
            JobKind.DELIVER_MESSAGE,
            place,
            instance_id=subscription.instance_id,
            due_at=now,
            request=request,
            now=now,
        ),
    )


def send_signal(
    ctx: Context, tx: Transaction, name: str, variables: Variables, *, sender: Sender, now: datetime
) -> Reached:
    """The signal is on its way to every other instance that waits for it now, and to every process that it starts.
    Signals are not kept: who begins to wait later does not get it (BPMN 2.0.2, 10.5.1)."""
    waits = [each for each in messages.signal_subscriptions_for(tx, name) if each.instance_id != sender.instance_id]
    reached = 0
    for instance_id, found in groupby(waits, key=lambda each: each.instance_id):
        _bring(ctx, tx, name, variables, sender, instance_id, list(found), now=now)
        reached += 1
    starts = started_by_signal(tx, name)
    for definition, start in starts:
        message = _carrying(ctx, tx, name, variables, sender, now=now)
        place = (message.id, start.element_id, definition.key)
        job = waiting.new_job(ctx, JobKind.START_SIGNAL, place, instance_id=None, due_at=now, request={}, now=now)
        jobs.add(tx, job)
    return Reached(reached, tuple(definition.key for definition, _ in starts))


def started_by_signal(tx: Transaction, name: str) -> list[tuple[Definition, StartElement]]:
    """The start events that the signal sets off, of the newest version of each process."""
    return [
        (definition, start)
        for definition in definitions.all_latest(tx, DefinitionKind.PROCESS)
        for start in models.facts_of(definition).starts
        if start.kind == "signal" and start.signal == name
    ]


def _bring(
    ctx: Context,
    tx: Transaction,
    name: str,
    variables: Variables,
    sender: Sender,
    instance_id: str,
    found: Sequence[SignalSubscription],
    *,
    now: datetime,
) -> None:
    message = _carrying(ctx, tx, name, variables, sender, now=now)
    request: dict[str, object] = {"tokens": [each.token for each in found]}
    if any(each.delivers_support for each in found):
        request["deliversSupport"] = True
    place = (message.id, found[0].element_id, found[0].process_key)
    job = waiting.new_job(
        ctx, JobKind.DELIVER_SIGNAL, place, instance_id=instance_id, due_at=now, request=request, now=now
    )
    jobs.add(tx, job)


def _carrying(
    ctx: Context, tx: Transaction, name: str, variables: Variables, sender: Sender, *, now: datetime
) -> Message:
    """What brings the signal's values to one receiver."""
    message = Message(
        id=ctx.clock.new_id(),
        name=name,
        correlation_key="",
        business_key="",
        state=MessageState.ASSIGNED,
        sender_instance=sender.instance_id,
        element_id=sender.element_id,
        process_key=sender.process_key,
        sent_at=now,
        expires_at=now,
    )
    messages.add(tx, message, variables)
    return message
