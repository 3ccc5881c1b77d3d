"""The register of agreements in the store, on both databases; and private calendar feeds."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from flowsvc import demo
from flowsvc.domain.agreements import Change, ChangeClass
from flowsvc.domain.errors import Conflict
from flowsvc.store import directory, feeds, instances
from flowsvc.store.transaction import Store
from tests.store.test_instances import begin_with_definition, make_instance

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def county(store: Store) -> Store:
    with store.begin() as tx:
        directory.replace(tx, demo.directory(TODAY))
    return store


def test_the_register_comes_back_as_it_was(county: Store) -> None:
    with county.read() as tx:
        found = tx.directory().agreements

    assert found == demo.directory(TODAY).agreements


def test_a_changed_agreement_is_seen_at_once_under_a_new_revision(county: Store) -> None:
    with county.begin() as tx:
        before = tx.directory()
        agreement = before.agreements["placerade-barn"]
        change = Change("i1:t:1", TODAY, "Ny länk", "Gruppen", ChangeClass.EDITORIAL, instance_id="i1")
        changed = agreement.changed([change]).drafted().extended(agreement.versions[0].id, date(2030, 12, 31))
        directory.change_agreement(tx, changed)

    with county.read() as tx:
        after = tx.directory()
    assert after.revision == before.revision + 1
    assert after.agreements["placerade-barn"] == changed


def test_what_a_later_file_leaves_out_stays_since_cases_refer_to_it(county: Store) -> None:
    with county.begin() as tx:
        whole = tx.directory()
        kept = whole.agreements["barn-och-unga"]
        thinner = replace(kept, versions=kept.versions[1:], changes=kept.changes[:1])
        directory.replace(tx, replace(whole, agreements={kept.id: thinner}))

    with county.read() as tx:
        after = tx.directory().agreements
    assert after == whole.agreements


def test_a_party_that_a_version_no_longer_names_is_no_party_of_it(county: Store) -> None:
    with county.begin() as tx:
        agreement = tx.directory().agreements["utskrivning"]
        version = replace(agreement.versions[0], parties=agreement.versions[0].parties[:2])
        directory.change_agreement(tx, replace(agreement, versions=(version,)))

    with county.read() as tx:
        after = tx.directory().agreements["utskrivning"]
    assert [each.party_id for each in after.versions[0].parties] == ["region", "alvsta"]


def test_there_is_one_case_of_a_process_for_what_it_is_the_only_one_for(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance(once_key="2026"))
        instances.add(tx, make_instance(id="i2", business_key="2"))
        instances.add(tx, make_instance(id="i3", business_key="3"))

    with pytest.raises(Conflict), store.begin() as tx:
        instances.add(tx, make_instance(id="i4", business_key="4", once_key="2026"))
    with store.read() as tx:
        assert instances.with_once_key(tx, "prov", "2026") == make_instance().business_key
        assert instances.with_once_key(tx, "annan", "2026") is None


def test_a_person_has_one_feed_at_a_time_and_none_while_shut_out(county: Store) -> None:
    with county.begin() as tx:
        person = next(iter(tx.directory().people))
        feeds.put(tx, person, token_hash="a" * 64, at=NOW)
        feeds.put(tx, person, token_hash="b" * 64, at=NOW)

    with county.begin() as tx:
        assert feeds.owner(tx, "a" * 64) is None
        assert feeds.owner(tx, "b" * 64) == person
        assert feeds.made_at(tx, person) == NOW
        directory.disable(tx, person)
        assert feeds.owner(tx, "b" * 64) is None
        feeds.drop(tx, person)
        assert feeds.made_at(tx, person) is None
