"""What the figures are counted from, on both databases: cases of one agreement, their levels, silences and codes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flowsvc import demo
from flowsvc.domain.directory import Level
from flowsvc.domain.escalations import EscalationState
from flowsvc.domain.instances import HistoryEvent
from flowsvc.domain.values import ValueType
from flowsvc.store import audit, directory, escalations, figures, instances
from flowsvc.store.transaction import Store, Transaction
from tests.store.test_escalations import NOW, ROW, owed
from tests.store.test_instances import begin_with_definition, make_instance, variable

AGREEMENT = "barn-och-unga"
NAMES = ("kind", "area")


def entered(level: str, at: datetime) -> HistoryEvent:
    return HistoryEvent(
        sequence=0,
        at=at,
        happened="started",
        element_id="niva",
        element_type="subProcess",
        name="",
        process_key="prov",
        token="t",
        person_id=None,
        post_id=None,
        on_behalf_of=None,
        owner_party=None,
        details={"escalationLevel": level} if level else {},
    )


def add(tx: Transaction, identity: str, **changes: object) -> None:
    number = f"SJ-PRO-2026-{identity}"
    version = {"agreement_version_id": f"{AGREEMENT}:2", "business_key": number} | changes
    instances.add(tx, make_instance(id=identity, **version))


@pytest.fixture
def county(store: Store) -> Store:
    with store.begin() as tx:
        begin_with_definition(tx)
        directory.replace(tx, demo.directory(date(2026, 11, 24)))
    return store


def counted(store: Store) -> dict[str, figures.CountedInstance]:
    with store.read() as tx:
        return {each.id: each for each in figures.counted(tx, AGREEMENT, names=NAMES)}


def test_cases_of_any_version_of_the_agreement_are_counted_and_no_others(county: Store) -> None:
    with county.begin() as tx:
        add(tx, "i1")
        add(tx, "i2", agreement_version_id=f"{AGREEMENT}:1")
        add(tx, "i3", agreement_version_id="placerade-barn:1")
        add(tx, "i4", agreement_version_id=None)
        add(tx, "i5", parent_instance="i1")

    assert set(counted(county)) == {"i1", "i2"}


def test_a_dispute_is_counted_with_its_levels_its_silences_and_when_support_was_secured(county: Store) -> None:
    later = NOW + timedelta(days=8)
    with county.begin() as tx:
        add(tx, "i1")
        escalations.open_or_move(tx, ROW)
        escalations.ask(tx, "i1", [owed("ekby"), owed("region")])
        escalations.give(tx, ROW, party_id="ekby", now=NOW)
        escalations.silence(tx, ROW, now=later)
        closed = replace(ROW, state=EscalationState.CLOSED, outcome="solved_line", closed_at=later)
        escalations.open_or_move(tx, replace(closed, interim_secured_at=NOW))
        events = [entered("OPER", NOW), entered("", NOW), entered("UNIT", later)]
        audit.append_events(tx, "i1", first_sequence=1, events=events)

    found = counted(county)["i1"]

    assert (found.is_dispute, found.kind, found.outcome, found.closed_at) == (True, "cost", "solved_line", later)
    assert found.silences == (("region", int(Level.OPER)),)
    assert found.levels == (("OPER", NOW), ("UNIT", later))
    assert found.interim_secured_at == NOW
    assert set(found.parties) == {"ekby", "region"}


def test_only_shared_codes_of_the_case_itself_are_read(county: Store) -> None:
    with county.begin() as tx:
        add(tx, "i1")
        instances.set_variables(
            tx,
            "i1",
            [
                variable("area", "sip", ValueType.TEXT),
                variable("kind", "hemligt", ValueType.TEXT, owner="ekby"),
                variable("area", "inre", ValueType.TEXT, scope="s"),
                variable("description", "Berättelsen", ValueType.TEXT),
            ],
        )

    assert counted(county)["i1"].codes == {"area": "sip"}
    assert not counted(county)["i1"].is_dispute


def test_more_cases_than_fit_in_one_question_are_all_counted(county: Store) -> None:
    with county.begin() as tx:
        for number in range(1003):
            add(tx, f"n{number:04}", started_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number))

    found = counted(county)

    assert len(found) == 1003
    assert all(each.parties for each in found.values())
