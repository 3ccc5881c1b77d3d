"""Messages on their way and who waits for them: found by name and key, taken once, never missed by each other."""

import threading
from dataclasses import replace
from datetime import timedelta

from flowsvc.domain.messages import Message, MessageState, MessageSubscription, SignalSubscription
from flowsvc.store import instances, messages
from flowsvc.store.transaction import Store
from tests.store.test_instances import NOW, begin_with_definition, make_instance
from tests.store.test_tasks import plan_of

WAITS = MessageSubscription("i1", "k1", "mote", "prov", "Möte", "begar-mote", "SJ-1", False, {"offer": "Möte"}, NOW)
SIGNAL = SignalSubscription("i1", "k2", "larm", "prov", "Larm", "larm", True, NOW)


def make_message(**changes: object) -> Message:
    made = Message(
        id="m1",
        name="begar-mote",
        correlation_key="SJ-1",
        business_key="",
        state=MessageState.SENT,
        sender_instance=None,
        element_id="skicka",
        process_key="prov",
        sent_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Message


def with_instance(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())


def test_who_waits_for_a_message_is_found_by_name_and_key(store: Store) -> None:
    with_instance(store)
    with store.begin() as tx:
        messages.add_subscriptions(tx, [WAITS])

    with store.begin() as tx:
        assert messages.subscriptions_for(tx, "begar-mote", "SJ-1") == (WAITS,)
        assert messages.subscriptions_for(tx, "begar-mote", "SJ-2") == ()
        assert messages.subscriptions_of(tx, "i1") == (WAITS,)
        messages.drop_subscriptions(tx, "i1", ["k1"])
        assert messages.subscriptions_of(tx, "i1") == ()


def test_who_waits_for_a_signal_is_found_by_its_name(store: Store) -> None:
    with_instance(store)
    with store.begin() as tx:
        messages.add_signal_subscriptions(tx, [SIGNAL])

    with store.begin() as tx:
        assert messages.signal_subscriptions_for(tx, "larm") == (SIGNAL,)
        assert messages.signal_subscriptions_for(tx, "lugnt") == ()
        assert messages.signal_subscriptions_of(tx, "i1") == (SIGNAL,)
        messages.drop_subscriptions(tx, "i1", ["k2"])
        assert messages.signal_subscriptions_of(tx, "i1") == ()


def test_a_message_comes_back_with_its_values_and_is_dropped_once(store: Store) -> None:
    with store.begin() as tx:
        messages.add(tx, make_message(), {"när": NOW, "antal": 2})

    with store.begin() as tx:
        assert messages.find(tx, "m1") == make_message()
        assert messages.variables_of(tx, "m1") == {"när": NOW, "antal": 2}
        assert messages.drop(tx, "m1") is True
        assert messages.drop(tx, "m1") is False
        assert messages.find(tx, "m1") is None
        assert messages.variables_of(tx, "m1") == {}


def test_only_messages_that_nobody_has_waited_for_lie_ready_oldest_first(store: Store) -> None:
    with store.begin() as tx:
        messages.add(tx, make_message(id="m2", state=MessageState.WAITING), {})
        messages.add(tx, make_message(id="m1", state=MessageState.WAITING), {})
        messages.add(tx, make_message(id="m3"), {})
        messages.add(tx, make_message(id="m4", state=MessageState.WAITING, correlation_key="SJ-2"), {})

    with store.begin() as tx:
        assert [each.id for each in messages.waiting_for(tx, "begar-mote", "SJ-1")] == ["m1", "m2"]
        assert messages.move(tx, "m1", at=MessageState.WAITING, to=MessageState.ASSIGNED) is True
        assert messages.move(tx, "m1", at=MessageState.WAITING, to=MessageState.ASSIGNED) is False
        assert [each.id for each in messages.waiting_for(tx, "begar-mote", "SJ-1")] == ["m2"]


def test_a_message_and_an_event_that_comes_at_the_same_moment_find_each_other(store: Store) -> None:
    with_instance(store)
    key = [("begar-mote", "SJ-1")]
    for lap in range(10):
        ready = threading.Barrier(2)
        found: list[str] = []

        def send(ready: threading.Barrier = ready, found: list[str] = found, lap: int = lap) -> None:
            ready.wait()
            with store.begin() as tx:
                messages.hold(tx, key)
                if messages.subscriptions_for(tx, "begar-mote", "SJ-1"):
                    found.append("message")
                messages.add(tx, make_message(id=f"m{lap}", state=MessageState.WAITING), {})

        thread = threading.Thread(target=send)
        thread.start()
        ready.wait()
        with store.begin() as tx:
            messages.hold(tx, key)
            messages.add_subscriptions(tx, [WAITS])
            if messages.waiting_for(tx, "begar-mote", "SJ-1"):
                found.append("event")
        thread.join()
        with store.begin() as tx:
            messages.drop_subscriptions(tx, "i1", ["k1"])
            messages.drop(tx, f"m{lap}")

        assert len(found) == 1


def test_sqlite_finds_what_lies_ready_and_who_waits_by_index(sqlite_store: Store) -> None:
    ready = plan_of(sqlite_store, lambda tx: messages.waiting_for(tx, "begar-mote", "SJ-1"))
    signal = plan_of(sqlite_store, lambda tx: messages.signal_subscriptions_for(tx, "larm"))

    for plan, index in ((ready, "ix_message_waiting"), (signal, "ix_signal_subscription_signal")):
        assert any(index in line for line in plan), plan
