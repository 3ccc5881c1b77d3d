"""Escalations in the store: levels, owed answers, silence, the thread of proposals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from flowsvc.domain.directory import Level
from flowsvc.domain.escalations import Acceptance, Answer, Escalation, EscalationAnswer, EscalationState, Proposal
from flowsvc.domain.instances import InstanceParty, Reader
from flowsvc.store import escalations, instances
from flowsvc.store.escalations import Sort
from flowsvc.store.transaction import Store, Transaction
from tests.store.test_instances import begin_with_definition, make_instance

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROW = Escalation(
    instance_id="i1",
    kind="cost",
    level=Level.OPER,
    visit=1,
    level_since=NOW,
    lift_on=date(2026, 12, 1),
    lift_at=NOW + timedelta(days=7),
    state=EscalationState.OPEN,
    outcome="",
    child_waiting=True,
    interim_party=None,
    interim_due_at=None,
    interim_secured_at=None,
    amount=6_000_000,
    opened_at=NOW,
    closed_at=None,
)


def owed(party: str, level: Level = Level.OPER, *, visit: int = 1) -> EscalationAnswer:
    return EscalationAnswer(
        party, level, visit, (f"{party}.post",), date(2026, 12, 1), NOW + timedelta(days=7), None, None
    )


@pytest.fixture
def opened(store: Store) -> Store:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        escalations.open_or_move(tx, ROW)
        escalations.ask(tx, "i1", [owed("ekby"), owed("region")])
    return store


def test_an_escalation_comes_back_with_what_each_party_owes(opened: Store) -> None:
    with opened.read() as tx:
        found = escalations.of_instance(tx, "i1")
        assert escalations.of_instance(tx, "i2") is None

    assert found == replace(ROW, answers=(owed("ekby"), owed("region")))


def test_whoever_lets_the_time_run_out_is_silent_and_whoever_answered_is_not(opened: Store) -> None:
    late = NOW + timedelta(days=7)
    with opened.begin() as tx:
        escalations.give(tx, ROW, party_id="ekby", now=NOW)
        escalations.silence(tx, ROW, now=late - timedelta(seconds=1))
        assert [each.silent_at for each in escalations.answers_of(tx, "i1")] == [None, None]
        escalations.silence(tx, ROW, now=late)
        escalations.give(tx, ROW, party_id="ekby", now=late)

    with opened.read() as tx:
        answers = {each.party_id: each for each in escalations.answers_of(tx, "i1")}
    assert (answers["ekby"].given_at, answers["ekby"].silent_at) == (NOW, None)
    assert (answers["region"].given_at, answers["region"].silent_at) == (None, late)


def test_the_next_level_keeps_the_answers_of_the_last(opened: Store) -> None:
    with opened.begin() as tx:
        escalations.open_or_move(tx, replace(ROW, level=Level.UNIT))
        escalations.ask(tx, "i1", [owed("ekby", Level.UNIT)])
        found = escalations.of_instance(tx, "i1")

    assert found is not None
    assert found.level is Level.UNIT
    assert [(each.level, each.party_id) for each in found.answers] == [
        (Level.OPER, "ekby"),
        (Level.OPER, "region"),
        (Level.UNIT, "ekby"),
    ]


def test_a_level_visited_again_keeps_what_was_given_and_silent_the_last_time(opened: Store) -> None:
    late = NOW + timedelta(days=7)
    again = replace(ROW, visit=2)
    with opened.begin() as tx:
        escalations.give(tx, ROW, party_id="ekby", now=NOW)
        escalations.silence(tx, ROW, now=late)
        escalations.open_or_move(tx, again)
        escalations.ask(tx, "i1", [owed("ekby", visit=2), owed("region", visit=2)])
        escalations.give(tx, again, party_id="region", now=late)
        found = escalations.of_instance(tx, "i1")

    assert found is not None
    assert [(each.visit, each.party_id, each.given_at, each.silent_at) for each in found.answers] == [
        (1, "ekby", NOW, None),
        (1, "region", None, late),
        (2, "ekby", None, None),
        (2, "region", late, None),
    ]
    assert [each.visit for each in found.owed_now()] == [2, 2]


def test_the_thread_keeps_every_version_and_the_last_answer_of_each_party(opened: Store) -> None:
    first = Proposal(1, "ekby", "anna", "p1", NOW, "s1", 100)
    second = Proposal(2, "region", "bo", "p2", NOW, "s2", None)
    no = Acceptance(1, "region", Answer.REJECT, True, "bo", "p2", NOW, "s2")
    with opened.begin() as tx:
        escalations.add_proposal(tx, "i1", second)
        escalations.add_proposal(tx, "i1", first)
        escalations.add_acceptance(tx, "i1", no)
        escalations.add_acceptance(tx, "i1", replace(no, answer=Answer.ACCEPT))

    with opened.read() as tx:
        assert escalations.proposals_of(tx, "i1") == (first, second)
        assert escalations.acceptances_of(tx, "i1") == (replace(no, answer=Answer.ACCEPT),)


def reads(post: str, until: datetime | None = None) -> Reader:
    return Reader(post_id=post, ground="addressee", since=NOW, until=until)


def add_case(
    tx: Transaction, instance_id: str, row: Escalation, *, parties: Sequence[str] = ("ekby", "region")
) -> None:
    instance = make_instance(id=instance_id, business_key=f"SJ-AVV-2026-{instance_id}", title=f"Fråga {instance_id}")
    instances.add(tx, replace(instance, parties=tuple(InstanceParty(party) for party in parties)))
    instances.add_readers(tx, instance_id, [reads("chef")])
    escalations.open_or_move(tx, replace(row, instance_id=instance_id))
    escalations.ask(tx, instance_id, [owed(party, row.level) for party in parties])


@pytest.fixture
def queued(store: Store) -> Store:
    """Four open and one closed: i1 is lifted first, i2 stands highest, i3 has stood longest, i4 has no limit."""
    with store.begin() as tx:
        begin_with_definition(tx)
        add_case(tx, "i1", ROW)
        add_case(tx, "i2", replace(ROW, level=Level.DIR, lift_at=NOW + timedelta(days=9), kind="responsibility"))
        add_case(
            tx,
            "i3",
            replace(ROW, lift_at=NOW + timedelta(days=9), level_since=NOW - timedelta(days=3), child_waiting=False),
            parties=("ekby", "lund"),
        )
        add_case(tx, "i4", replace(ROW, lift_on=None, lift_at=None))
        add_case(tx, "i5", replace(ROW, state=EscalationState.CLOSED, outcome="solved_line", lift_at=None))
    return store


def ids(store: Store, posts: frozenset[str] | None = frozenset({"chef"}), **asked: Any) -> list[str]:
    with store.read() as tx:
        return [each.instance_id for each in escalations.queue(tx, posts=posts, now=NOW, **asked).items]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("lift", ["i1", "i2", "i3", "i4"]),
        ("since", ["i3", "i1", "i2", "i4"]),
        ("level", ["i2", "i3", "i1", "i4"]),
    ],
)
def test_the_queue_comes_in_the_order_asked_for_page_by_page(queued: Store, sort: Sort, expected: list[str]) -> None:
    assert ids(queued, sort=sort) == expected
    with queued.read() as tx:
        seen: list[str] = []
        after = None
        for _ in expected:
            page = escalations.queue(tx, posts=frozenset({"chef"}), now=NOW, sort=sort, after=after, limit=1)
            seen += [each.instance_id for each in page.items]
            after = page.next_after
        assert after is None
    assert seen == expected


def test_the_queue_is_narrowed_by_each_of_its_filters(queued: Store) -> None:
    assert ids(queued, level=Level.DIR) == ["i2"]
    assert ids(queued, kind="responsibility") == ["i2"]
    assert ids(queued, party="lund") == ["i3"]
    assert ids(queued, child_waiting=False) == ["i3"]
    assert ids(queued, state=EscalationState.CLOSED) == ["i5"]
    assert len(ids(queued, state=None)) == 5
    assert ids(queued, overdue=True) == []
    assert ids(queued, overdue=False) == ["i1", "i2", "i3", "i4"]


def test_overdue_is_a_late_level_a_late_answer_or_support_that_is_late(queued: Store) -> None:
    due = owed("ekby", visit=2)
    late = NOW - timedelta(hours=1)
    with queued.begin() as tx:
        escalations.open_or_move(tx, replace(ROW, instance_id="i1", lift_at=late))
        escalations.open_or_move(tx, replace(ROW, instance_id="i3", visit=2))
        escalations.ask(tx, "i3", [replace(due, due_at=late)])
        escalations.open_or_move(tx, replace(ROW, instance_id="i4", lift_at=None, interim_due_at=late))
        escalations.ask(tx, "i2", [replace(due, due_at=late), replace(due, level=Level.DIR, due_at=late, given_at=NOW)])
        escalations.open_or_move(tx, replace(ROW, instance_id="i2", level=Level.DIR, visit=2))

    assert sorted(ids(queued, overdue=True)) == ["i1", "i3", "i4"]
    assert ids(queued, overdue=False) == ["i2"]


def test_the_queue_shows_what_one_may_read_today_with_what_is_owed_at_its_level(queued: Store) -> None:
    with queued.begin() as tx:
        instances.add_readers(tx, "i1", [reads("gammal", until=NOW - timedelta(days=1)), reads("ny", until=NOW)])
        escalations.ask(tx, "i1", [owed("ekby", Level.AREA), owed("ekby", visit=2)])

    assert ids(queued, frozenset()) == []
    assert ids(queued, frozenset({"annan", "gammal"})) == []
    assert ids(queued, frozenset({"ny"})) == ["i1"]
    assert ids(queued, frozenset({"ny", "chef"})) == ["i1", "i2", "i3", "i4"]
    assert len(ids(queued, None)) == 4
    with queued.read() as tx:
        first = escalations.queue(tx, posts=None, now=NOW).items[0]
    assert (first.business_key, first.title) == ("SJ-AVV-2026-i1", "Fråga i1")
    assert first.answers == (owed("ekby"), owed("region"))
