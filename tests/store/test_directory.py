"""The directory in the store, and what sign-in keeps there."""

from dataclasses import replace as changed
from datetime import UTC, date, datetime, timedelta

import pytest

from flowsvc import demo
from flowsvc.domain.errors import NotFound
from flowsvc.store import directory
from flowsvc.store.directory import Session, Token
from flowsvc.store.transaction import Store

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def load(store: Store) -> str:
    with store.begin() as tx:
        directory.replace(tx, demo.directory(TODAY))
        person = directory.person_by_username(tx, "enhetschef.bup")
    assert person is not None
    return person[0].id


def test_the_county_comes_back_as_it_was(store: Store) -> None:
    load(store)

    with store.read() as tx:
        found = tx.directory()

    wanted = demo.directory(TODAY)
    assert found.revision == 1
    assert dict(found.posts) == dict(wanted.posts)
    assert dict(found.people) == dict(wanted.people)
    assert set(found.assignments) == set(wanted.assignments)
    assert set(found.absences) == set(wanted.absences)
    assert dict(found.bodies) == dict(wanted.bodies)


def test_a_change_is_seen_at_once_and_passwords_stay(store: Store) -> None:
    person_id = load(store)
    with store.begin() as tx:
        directory.set_password(tx, person_id, password_hash="hash", at=NOW)
        before = tx.directory()
    with store.begin() as tx:
        kept = tuple(each for each in before.assignments if each.person_id != person_id)
        directory.replace(tx, changed(before, assignments=kept))

    with store.read() as tx:
        after = tx.directory()
        found = directory.person_by_username(tx, "enhetschef.bup")
    assert after.revision == before.revision + 1
    assert person_id not in {each.person_id for each in after.assignments}
    assert found is not None
    assert found[1] == "hash"


def test_a_session_ends_by_time_by_sign_out_and_when_its_person_is_disabled(store: Store) -> None:
    person_id = load(store)
    sessions = [Session(name, person_id, NOW, NOW, NOW + timedelta(hours=1), {"language": "sv"}) for name in ("a", "b")]
    with store.begin() as tx:
        for each in sessions:
            directory.add_session(tx, each)

    with store.begin() as tx:
        assert directory.session_by_hash(tx, "a", now=NOW) == sessions[0]
        assert directory.session_by_hash(tx, "a", now=NOW + timedelta(hours=1)) is None
        directory.drop_session(tx, "a")
        assert directory.session_by_hash(tx, "a", now=NOW) is None
        directory.disable(tx, person_id)
        assert directory.session_by_hash(tx, "b", now=NOW) is None


def test_failures_are_counted_and_forgotten(store: Store) -> None:
    with store.begin() as tx:
        assert directory.attempts_of(tx, "name:anna").failures == 0
        directory.count_failure(tx, "name:anna", at=NOW)
        directory.count_failure(tx, "name:anna", at=NOW + timedelta(seconds=1))
        found = directory.attempts_of(tx, "name:anna")
        assert (found.failures, found.last_at) == (2, NOW + timedelta(seconds=1))
        directory.forget_failures(tx, "name:anna")
        assert directory.attempts_of(tx, "name:anna").failures == 0


def test_a_token_opens_until_its_day_or_its_revocation(store: Store) -> None:
    added = Token("t1", "hash", "integration", ("tasks:read",), NOW, NOW + timedelta(days=1), None, "root")
    with store.begin() as tx:
        directory.add_token(tx, added)
        assert directory.token_by_hash(tx, "hash", now=NOW) == added
        assert directory.token_by_hash(tx, "hash", now=NOW + timedelta(days=1)) is None
        directory.revoke_token(tx, "t1", at=NOW)
        assert directory.token_by_hash(tx, "hash", now=NOW) is None


def test_nobody_gets_a_password_who_does_not_exist(store: Store) -> None:
    with pytest.raises(NotFound), store.begin() as tx:
        directory.set_password(tx, "nobody", password_hash="x", at=NOW)
