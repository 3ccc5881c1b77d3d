"""Who waits for messages and signals, and the messages on their way with their values. Hides how a message that comes
and an event that begins to wait for it at the same moment still find each other."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from flowsvc.domain.messages import Message, MessageState, MessageSubscription, SignalSubscription
from flowsvc.domain.values import Variables, from_json, to_json
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import message, message_subscription, message_variable, signal_subscription
from flowsvc.store.transaction import Transaction

_WAITING = sa.text("message.state = 'waiting'")

_MESSAGE = sa.select(*columns_for(message, Message))
_SUBSCRIPTION = sa.select(*columns_for(message_subscription, MessageSubscription))
_SIGNAL = sa.select(*columns_for(signal_subscription, SignalSubscription))


# Who waits


def add_subscriptions(tx: Transaction, added: Sequence[MessageSubscription]) -> None:
    """The messages are waited for."""
    if added:
        tx.conn.execute(sa.insert(message_subscription), [values_of(each, message_subscription) for each in added])


def add_signal_subscriptions(tx: Transaction, added: Sequence[SignalSubscription]) -> None:
    """The signals are waited for."""
    if added:
        tx.conn.execute(sa.insert(signal_subscription), [values_of(each, signal_subscription) for each in added])


def drop_subscriptions(tx: Transaction, instance_id: str, tokens: Sequence[str]) -> None:
    """These tokens wait for no message and no signal."""
    if tokens:
        for table in (message_subscription, signal_subscription):
            tx.conn.execute(sa.delete(table).where(table.c.instance_id == instance_id, table.c.token.in_(list(tokens))))


def subscriptions_of(tx: Transaction, instance_id: str) -> tuple[MessageSubscription, ...]:
    """The messages that the instance waits for."""
    statement = _SUBSCRIPTION.where(message_subscription.c.instance_id == instance_id)
    rows = tx.conn.execute(statement.order_by(message_subscription.c.created_at, message_subscription.c.token))
    return tuple(MessageSubscription(**row._mapping) for row in rows)


def subscriptions_for(tx: Transaction, name: str, correlation_key: str) -> tuple[MessageSubscription, ...]:
    """Who waits for the message with the key."""
    statement = _SUBSCRIPTION.where(
        message_subscription.c.message == name, message_subscription.c.correlation_key == correlation_key
    )
    rows = tx.conn.execute(statement.order_by(message_subscription.c.instance_id, message_subscription.c.token))
    return tuple(MessageSubscription(**row._mapping) for row in rows)


def signal_subscriptions_of(tx: Transaction, instance_id: str) -> tuple[SignalSubscription, ...]:
    """The signals that the instance waits for."""
    statement = _SIGNAL.where(signal_subscription.c.instance_id == instance_id)
    rows = tx.conn.execute(statement.order_by(signal_subscription.c.created_at, signal_subscription.c.token))
    return tuple(SignalSubscription(**row._mapping) for row in rows)


def signal_subscriptions_for(tx: Transaction, signal: str) -> tuple[SignalSubscription, ...]:
    """Who waits for the signal, instance by instance."""
    statement = _SIGNAL.where(signal_subscription.c.signal == signal)
    rows = tx.conn.execute(statement.order_by(signal_subscription.c.instance_id, signal_subscription.c.token))
    return tuple(SignalSubscription(**row._mapping) for row in rows)


def hold(tx: Transaction, keys: Iterable[tuple[str, str]]) -> None:
    """Until this transaction ends nobody else lets a message with one of these names and keys wait, or begins to wait
    for one: of two that would miss each other, the second sees what the first did. No instance may be locked after."""
    for name, key in sorted(set(keys)):
        tx.wait_for_lock(f"message:{name}:{key}")


# Messages on their way


def add(tx: Transaction, added: Message, variables: Variables) -> None:
    """The message is on its way with its values."""
    tx.conn.execute(sa.insert(message), values_of(added, message) | {"state": str(added.state)})
    if variables:
        rows = [
            {"message_id": added.id, "name": name, "value": to_json(value)} for name, value in sorted(variables.items())
        ]
        tx.conn.execute(sa.insert(message_variable), rows)


def find(tx: Transaction, message_id: str) -> Message | None:
    """The message; None when it has been taken or has expired."""
    row = tx.conn.execute(_MESSAGE.where(message.c.id == message_id)).first()
    return _message(row) if row is not None else None


def waiting_for(tx: Transaction, name: str, correlation_key: str) -> tuple[Message, ...]:
    """The messages with the name and key that nobody has waited for, oldest first."""
    statement = _MESSAGE.where(_WAITING, message.c.name == name, message.c.correlation_key == correlation_key)
    return tuple(_message(row) for row in tx.conn.execute(statement.order_by(message.c.id)))


def move(tx: Transaction, message_id: str, *, at: MessageState, to: MessageState) -> bool:
    """Whether the message was in the one state, and is now in the other."""
    statement = sa.update(message).where(message.c.id == message_id, message.c.state == str(at))
    return tx.conn.execute(statement.values(state=str(to))).rowcount == 1


def variables_of(tx: Transaction, message_id: str) -> Variables:
    """The values that the message brings."""
    statement = sa.select(message_variable.c.name, message_variable.c.value)
    rows = tx.conn.execute(statement.where(message_variable.c.message_id == message_id))
    return {row.name: from_json(row.value) for row in rows}


def drop(tx: Transaction, message_id: str) -> bool:
    """The message and its values are gone; False where they were already."""
    tx.conn.execute(sa.delete(message_variable).where(message_variable.c.message_id == message_id))
    return tx.conn.execute(sa.delete(message).where(message.c.id == message_id)).rowcount == 1


def _message(row: "sa.Row[Any]") -> Message:
    return Message(**{**row._mapping, "state": MessageState(row.state)})
