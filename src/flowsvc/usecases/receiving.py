"""How messages and signals arrive: the jobs that find a receiver, hand it what was sent, or start a process by it.
Each job has one transaction, which touches one instance; what was sent is gone in the same transaction."""

from dataclasses import replace
from datetime import datetime

import structlog

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.errors import AmbiguousMessage, NotFound
from flowsvc.domain.instances import HistoryEvent, ProcessInstance
from flowsvc.domain.jobs import Job
from flowsvc.domain.messages import Message, MessageState
from flowsvc.store import audit, instances, jobs, messages
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import correlation, sending
from flowsvc.usecases.advance import Cause, advance, stand
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.instances import Asked, begin_instance
from flowsvc.usecases.running import take_up

EXPIRED = "expired"
"""What the history of the sender says of a message that nobody took."""

_log = structlog.get_logger()


def find_receiver(ctx: Context, job: Job) -> None:
    """The message is on its way to the one event that waits for it, or has started the one process that it starts; or
    it waits, and its time is up. AmbiguousMessage where several could take it."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        message = messages.find(tx, job.token)
        if message is None:
            jobs.finish(tx, job)
        elif message.state is MessageState.WAITING:
            _stop_waiting(ctx, tx, job, message, now=now)
        else:
            _find_receiver(ctx, tx, job, message, now=now)


def _find_receiver(ctx: Context, tx: Transaction, job: Job, message: Message, *, now: datetime) -> None:
    taker = correlation.waiting_for(tx, message.name, message.correlation_key, message.business_key)
    asked = correlation.started_by(tx, message.name) if taker is None else None
    if taker is None and asked is None:
        if message.expires_at <= now:
            _expire(tx, job, message, now=now)
            return
        messages.hold(tx, [(message.name, message.correlation_key)])
        # Somebody may have begun to wait for it until just now.
        taker = correlation.waiting_for(tx, message.name, message.correlation_key, message.business_key)
    if not jobs.finish(tx, job):
        return
    if taker is not None:
        messages.move(tx, message.id, at=MessageState.SENT, to=MessageState.ASSIGNED)
        sending.deliver(ctx, tx, message, taker, now=now)
    elif asked is not None:
        number = message.business_key or _free(tx, message.correlation_key)
        variables = messages.variables_of(tx, message.id)
        messages.drop(tx, message.id)
        _begin(ctx, tx, replace(asked, business_key=number), Sent(variables=variables), now=now)
    else:
        messages.move(tx, message.id, at=MessageState.SENT, to=MessageState.WAITING)
        sending.find_receiver(ctx, tx, message, at=message.expires_at, now=now)


def _free(tx: Transaction, correlation_key: str) -> str:
    """The key as a case number, where no other case has it."""
    try:
        instances.by_business_key(tx, correlation_key)
    except NotFound:
        return correlation_key
    return ""


def _begin(ctx: Context, tx: Transaction, asked: Asked, sent: Sent, *, now: datetime) -> None:
    # What comes by message or signal stands for what the start form would have asked for.
    asked = replace(asked, start=replace(asked.start, form_key=""))
    begin_instance(ctx, tx, SYSTEM, asked, sent, now=now, by_hand=False)


def _stop_waiting(ctx: Context, tx: Transaction, job: Job, message: Message, *, now: datetime) -> None:
    """The message has waited long enough, or an operator wants its receiver looked for again."""
    sender = _sender(tx, message)
    messages.hold(tx, [(message.name, message.correlation_key)])
    if message.expires_at <= now and not _is_wanted(tx, message):
        _expire(tx, job, message, now=now, sender=sender)
    elif jobs.finish(tx, job) and messages.move(tx, message.id, at=MessageState.WAITING, to=MessageState.SENT):
        # In a transaction of its own, since no instance may start while others are kept from waiting.
        sending.find_receiver(ctx, tx, message, at=now, now=now)


def _is_wanted(tx: Transaction, message: Message) -> bool:
    try:
        waits = correlation.waiting_for(tx, message.name, message.correlation_key, message.business_key)
        return waits is not None or correlation.started_by(tx, message.name) is not None
    except AmbiguousMessage:
        # Wanted by more than one, which whoever looks for its receiver will say.
        return True


def _sender(tx: Transaction, message: Message) -> ProcessInstance | None:
    return tx.lock_instance(message.sender_instance) if message.sender_instance else None


def _expire(
    tx: Transaction, job: Job, message: Message, *, now: datetime, sender: ProcessInstance | None = None
) -> None:
    """Nobody took the message. It is gone, and its sender's history says so."""
    instance = sender or _sender(tx, message)
    if not jobs.finish(tx, job):
        return
    messages.drop(tx, message.id)
    _log.warning("message.expired", instance=message.sender_instance, element=message.element_id, name=message.name)
    if instance is None:
        return
    event = HistoryEvent(
        sequence=0,
        at=now,
        happened=EXPIRED,
        element_id=message.element_id,
        element_type="message",
        name=message.name,
        process_key=message.process_key,
        token="",
        person_id=None,
        post_id=None,
        on_behalf_of=None,
        owner_party=None,
    )
    audit.append_events(tx, instance.id, first_sequence=instance.next_sequence, events=[event])
    tx.save_instance(replace(instance, next_sequence=instance.next_sequence + 1), expected_version=instance.version)


def deliver_message(ctx: Context, job: Job) -> None:
    """The event has caught the message; where it waits no more, another receiver is looked for."""
    now = ctx.clock.now()
    token = str(job.request["token"])
    with ctx.store.begin() as tx:
        instance = take_up(tx, job)
        message = messages.find(tx, job.token)
        if instance is None or message is None:
            return
        waits = next((each for each in messages.subscriptions_of(tx, instance.id) if each.token == token), None)
        if waits is None:
            messages.move(tx, message.id, at=MessageState.ASSIGNED, to=MessageState.SENT)
            sending.find_receiver(ctx, tx, message, at=now, now=now)
            return
        footing = stand(ctx, tx, instance, now=now)
        outcome = ctx.engine.deliver_message(
            footing.model,
            footing.position,
            token=token,
            variables=messages.variables_of(tx, message.id),
            around=footing.around,
        )
        messages.drop(tx, message.id)
        advance(ctx, tx, footing, outcome, Cause(element_id=waits.element_id))


def deliver_signal(ctx: Context, job: Job) -> None:
    """The instance has caught the signal, if one of its events that waited when it was sent still does."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = take_up(tx, job)
        message = messages.find(tx, job.token)
        if instance is None or message is None:
            return
        variables = messages.variables_of(tx, message.id)
        messages.drop(tx, message.id)
        waits = messages.signal_subscriptions_of(tx, instance.id)
        sent_to = job.request["tokens"]
        assert isinstance(sent_to, list)  # noqa: S101 - written by send_signal
        # Who began to wait after it was sent does not get it.
        still = {each.token for each in waits if each.signal == message.name}.intersection(sent_to)
        if not still:
            return
        footing = stand(ctx, tx, instance, now=now)
        outcome = ctx.engine.deliver_signal(
            footing.model,
            footing.position,
            signal=message.name,
            tokens=still,
            variables=variables,
            around=footing.around,
        )
        advance(ctx, tx, footing, outcome, Cause(element_id=job.element_id))


def start_by_signal(ctx: Context, job: Job) -> None:
    """The process has started by the signal, in its newest version; where that version starts by it no more, it has
    not."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        message = messages.find(tx, job.token)
        if not jobs.finish(tx, job) or message is None:
            return
        variables = messages.variables_of(tx, message.id)
        messages.drop(tx, message.id)
        found = next(
            (
                Asked(definition, start)
                for definition, start in sending.started_by_signal(tx, message.name)
                if (definition.key, start.element_id) == (job.process_key, job.element_id)
            ),
            None,
        )
        if found is not None:
            _begin(ctx, tx, found, Sent(variables=variables), now=now)
