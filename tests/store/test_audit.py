"""The history is a chain that shows any change; readings are on record; keys give their first answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from flowsvc.domain.instances import HistoryEvent
from flowsvc.store import audit, idempotency, instances, settings
from flowsvc.store.audit import BrokenLink, Reading
from flowsvc.store.tables import event
from flowsvc.store.transaction import Store
from tests.store.test_instances import begin_with_definition, make_instance

NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


def happened(element: str) -> HistoryEvent:
    return HistoryEvent(
        0, NOW, "completed", element, "userTask", "Å", "prov", "t", "anna", "p1", None, None, {"b": 1, "a": 2}
    )


@pytest.fixture
def written(store: Store) -> Store:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        audit.append_events(tx, "i1", first_sequence=1, events=[happened("a"), happened("b")])
        audit.append_events(tx, "i1", first_sequence=3, events=[happened("c")])
    return store


def test_a_history_is_numbered_and_whole(written: Store) -> None:
    with written.read() as tx:
        found = audit.history_of(tx, "i1")
        assert [(each.sequence, each.element_id) for each in found] == [(1, "a"), (2, "b"), (3, "c")]
        assert found[0].at == NOW
        assert [each.sequence for each in audit.history_of(tx, "i1", after=1, limit=1)] == [2]
        assert audit.first_broken_link(tx, "i1") is None


@pytest.mark.parametrize(
    ("change", "sequence"),
    [
        (sa.update(event).where(event.c.sequence == 2).values(person_id="bo"), 2),
        (sa.update(event).where(event.c.sequence == 3).values(at=NOW + timedelta(microseconds=1)), 3),
        (sa.delete(event).where(event.c.sequence == 1), 1),
        (sa.delete(event).where(event.c.sequence == 2), 2),
    ],
)
def test_whatever_is_changed_afterwards_is_found(written: Store, change: sa.Update, sequence: int) -> None:
    with written.begin() as tx:
        tx.conn.execute(change)
        assert audit.first_broken_link(tx, "i1") == BrokenLink("i1", sequence)


def test_readings_are_on_record(written: Store) -> None:
    reading = Reading("r1", NOW, "anna", "p1", None, "i1", "read_instance", "candidate", ("history", "form:af1"))
    with written.begin() as tx:
        audit.log_reading(tx, reading)
        assert audit.readings_of(tx, "i1") == (reading,)


def test_a_key_gives_its_first_answer_until_it_is_forgotten(store: Store) -> None:
    with store.begin() as tx:
        assert idempotency.get(tx, principal="a", key="k") is None
        idempotency.put(tx, principal="a", key="k", fingerprint="f", answer={"id": "1"}, now=NOW)
        kept = idempotency.get(tx, principal="a", key="k")
        assert kept is not None
        assert (kept.fingerprint, kept.answer) == ("f", {"id": "1"})
        assert idempotency.get(tx, principal="b", key="k") is None
        assert idempotency.forget_before(tx, NOW + timedelta(seconds=1)) == 1


def test_a_setting_of_the_database_is_kept(store: Store) -> None:
    with store.begin() as tx:
        assert settings.get(tx, "clock") is None
        settings.put(tx, "clock", {"days": 1})
        settings.put(tx, "clock", {"days": 2})
        assert settings.get(tx, "clock") == {"days": 2}


def test_the_last_part_of_a_history_is_read_from_its_end(written: Store) -> None:
    with written.read() as tx:
        assert [each.sequence for each in audit.last_before(tx, "i1", before=None, limit=2)] == [2, 3]
        assert [each.sequence for each in audit.last_before(tx, "i1", before=2, limit=2)] == [1]
        assert [each.element_id for each in audit.moves_of(tx, "i1")] == ["a", "b", "c"]


def test_events_are_found_by_what_their_details_name(store: Store) -> None:
    named = [{"escalationLevel": "UNIT"}, {"note": '"escalationLevel"'}, {}, {"escalationXLevel": "no"}]
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        audit.append_events(
            tx, "i1", first_sequence=1, events=[replace(happened("a"), details=dict(each)) for each in named]
        )

    with store.read() as tx:
        assert [each.sequence for each in audit.telling(tx, "i1", "escalationLevel", "other")] == [1]
