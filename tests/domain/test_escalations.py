"""Moves in a negotiation, and what they add up to: agreed, lifted or open."""

from datetime import UTC, datetime, timedelta

import pytest

from flowsvc.domain.directory import Level
from flowsvc.domain.errors import FormInvalid
from flowsvc.domain.escalations import (
    Acceptance,
    Answer,
    LevelResult,
    LiftReason,
    NewAnswer,
    NewProposal,
    Proposal,
    Standing,
    may_decide,
    moves,
    silent_parties,
    standing,
    wanting_lift,
)
from flowsvc.domain.values import Variables

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
KRONOR = 100


def proposal(version: int, party: str = "a", cost: int | None = None) -> Proposal:
    return Proposal(version, party, "p", None, START + timedelta(hours=version), f"s{version}", cost)


def said(
    version: int, party: str, answer: Answer = Answer.ACCEPT, *, within: bool = True, after: int = 1
) -> Acceptance:
    at = START + timedelta(hours=version, minutes=after)
    return Acceptance(version, party, answer, within, "p", None, at, "s")


def stands(
    *rows: Proposal | Acceptance,
    parties: tuple[str, ...] = ("a", "b"),
    level: Level = Level.UNIT,
    wants: tuple[str, ...] = (),
    alone: bool = False,
    mover: str = "a",
) -> Standing:
    return standing(
        [row for row in rows if isinstance(row, Proposal)],
        [row for row in rows if isinstance(row, Acceptance)],
        parties=parties,
        level=level,
        wants_lift=wants,
        may_lift_alone=alone,
        mover=mover,
    )


def test_a_new_proposal_is_the_next_version_and_accepted_by_its_author() -> None:
    move = moves(
        {"action": "propose", "monthly_cost": 900 * KRONOR},
        party_id="a",
        current_version=2,
        mandate=1000 * KRONOR,
        proposals=[proposal(1), proposal(2)],
    )

    assert move.proposal == NewProposal(version=3, monthly_cost=900 * KRONOR)
    assert move.answers == (NewAnswer(3, Answer.ACCEPT, within_mandate=True),)


def test_a_proposal_above_the_mandate_does_not_bind_its_author() -> None:
    values: Variables = {"action": "propose", "monthly_cost": 1001 * KRONOR}
    move = moves(values, party_id="a", current_version=0, mandate=1000 * KRONOR, proposals=[])

    assert move.answers == (NewAnswer(1, Answer.ACCEPT, within_mandate=False),)


def test_a_counter_proposal_answers_the_version_shown_and_makes_the_next() -> None:
    values: Variables = {"action": "counter", "version": 1, "monthly_cost": None}
    move = moves(values, party_id="b", current_version=1, mandate=None, proposals=[proposal(1)])

    assert move.proposal == NewProposal(version=2, monthly_cost=None)
    assert [(each.version, each.answer) for each in move.answers] == [(1, Answer.COUNTER), (2, Answer.ACCEPT)]


def test_a_counter_to_a_version_that_is_gone_still_makes_the_next() -> None:
    values: Variables = {"action": "counter", "version": 1}
    rows = [proposal(1), proposal(2)]
    move = moves(values, party_id="b", current_version=2, mandate=None, proposals=rows)

    assert move.proposal is not None
    assert move.proposal.version == 3


@pytest.mark.parametrize("action", ["accept", "reject", "no_mandate"])
def test_an_answer_to_a_version_that_is_gone_is_refused(action: str) -> None:
    rows = [proposal(1), proposal(2)]
    values: Variables = {"action": action, "version": 1}

    with pytest.raises(FormInvalid) as caught:
        moves(values, party_id="b", current_version=2, mandate=None, proposals=rows)

    assert "Version 2" in caught.value.fields["action"]


def test_an_answer_without_a_proposal_is_refused() -> None:
    with pytest.raises(FormInvalid):
        moves({"action": "accept"}, party_id="b", current_version=0, mandate=None, proposals=[])


@pytest.mark.parametrize("action", [None, "nonsense", 3])
def test_an_unknown_action_is_refused(action: str | int | None) -> None:
    with pytest.raises(FormInvalid):
        moves({"action": action}, party_id="b", current_version=1, mandate=None, proposals=[proposal(1)])


def test_asking_to_lift_writes_nothing_in_the_thread() -> None:
    move = moves({"action": "escalate"}, party_id="b", current_version=0, mandate=None, proposals=[])

    assert (move.proposal, move.answers, move.wants_lift) == (None, (), True)


@pytest.mark.parametrize(
    ("mandate", "cost", "within"),
    [(None, None, True), (None, 0, True), (None, 1, False), (10, 10, True), (10, 11, False)],
)
def test_an_acceptance_is_within_the_mandate_or_not(mandate: int | None, cost: int | None, within: bool) -> None:
    rows = [proposal(1, cost=cost)]
    move = moves({"action": "accept", "version": 1}, party_id="b", current_version=1, mandate=mandate, proposals=rows)

    assert move.answers == (NewAnswer(1, Answer.ACCEPT, within_mandate=within),)


def test_all_accepting_the_newest_version_is_agreement() -> None:
    result = stands(proposal(1), said(1, "a"), said(1, "b"))

    assert (result.result, result.version) == (LevelResult.AGREED, 1)


def test_accepting_an_older_version_counts_for_nothing() -> None:
    result = stands(proposal(1), said(1, "a"), said(1, "b"), proposal(2), said(2, "a"))

    assert result.result is LevelResult.OPEN
    assert result.said == {"a": Answer.ACCEPT}


def test_silence_is_never_consent() -> None:
    rows = (proposal(1), said(1, "a"), said(1, "b"))

    assert stands(*rows, parties=("a", "b", "c")).result is LevelResult.OPEN
    assert stands().result is LevelResult.OPEN


def test_a_party_may_change_its_answer() -> None:
    first = said(1, "b", Answer.REJECT)
    later = said(1, "b", after=9)

    assert stands(proposal(1), said(1, "a"), later, first).result is LevelResult.AGREED


def test_all_accepting_beyond_a_mandate_is_lifted_for_confirmation() -> None:
    result = stands(proposal(1), said(1, "a"), said(1, "b", within=False))

    assert (result.result, result.reason) == (LevelResult.LIFT, LiftReason.MANDATE)


def test_at_leadership_nobody_needs_confirmation() -> None:
    result = stands(proposal(1), said(1, "a"), said(1, "b", within=False), level=Level.LEAD)

    assert result.result is LevelResult.AGREED


def test_all_wanting_to_lift_lifts() -> None:
    assert stands(wants=("b", "a")).reason is LiftReason.ALL


def test_one_may_lift_alone_only_after_the_least_time() -> None:
    assert stands(wants=("a",)).result is LevelResult.OPEN
    assert stands(wants=("a",), alone=True).reason is LiftReason.ALONE
    assert stands(wants=("b",), alone=True).result is LevelResult.OPEN


def test_a_wish_to_lift_goes_before_an_old_agreement() -> None:
    rows = (proposal(1), said(1, "a"), said(1, "b"))

    assert stands(*rows, wants=("a",), alone=True).reason is LiftReason.ALONE
    assert stands(*rows, wants=("b",)).result is LevelResult.OPEN


def test_a_wish_to_lift_holds_until_its_party_does_otherwise() -> None:
    assert wanting_lift(("b",), mover="a", action="escalate") == ("b", "a")
    assert wanting_lift(("b", "a"), mover="a", action="propose") == ("b",)


def test_who_gave_no_position_is_silent() -> None:
    assert silent_parties(["a", "b", "c"], ["b"]) == ("a", "c")


def test_who_may_decide() -> None:
    assert may_decide(10, 10, level=Level.UNIT)
    assert not may_decide(None, 10, level=Level.DIR)
    assert may_decide(None, 10, level=Level.LEAD)
