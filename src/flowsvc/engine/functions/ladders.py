"""The functions about the ladder: who answers at a level, how the negotiation stands, when a decision
holds."""

from collections.abc import Sequence
from datetime import timedelta

from flowsvc.domain import calendar, escalations
from flowsvc.domain.escalations import Answer, LevelResult, LiftReason, Proposal
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.functions.world import (
    POST,
    Inputs,
    World,
    candidates,
    kronor,
    party_of,
    posts_at,
    posts_of,
)


def find_addressees(world: World, given: Inputs) -> Variables:
    """Who answers for each party at the level, until when, and from when one party may lift the matter
    alone."""
    level = given.level("level")
    addressees: list[Value] = []
    for party in given.contexts("parties"):
        units = party.get("units")
        named = [str(unit) for unit in units] if isinstance(units, list) else [str(party["unit"])]
        posts, found, mandate = posts_at(world, named, level)
        addressees.append(
            {
                "party": party["party"],
                "name": party["name"],
                "level": found.name,
                "posts": posts,
                "mandate": mandate,
                "unit_posts": party["posts"],
            }
        )
    lead = given.text("lead_party")
    least = given.number("min_negotiation_days") or 0
    alone = world.today
    if least:
        # That many whole working days first: the day after the last of them.
        alone = world.working_days_on(least) + timedelta(days=1)
    within = given.number("limit_days") or 0
    return {
        "addressees": addressees,
        "lead_posts": [post for each in addressees if party_of(each) == lead for post in posts_of(each)],
        "all_posts": [post for each in addressees for post in posts_of(each)],
        "answer_by": world.working_days_on(within),
        "lift_alone_from": alone,
        "round_no": (given.number("round_no") or 0) + 1,
        "wants_lift": [],
        "wants_lift_names": "",
        "level_result": LevelResult.OPEN.value,
        "lift_reason": LiftReason.NONE.value,
    }


def negotiation_state(world: World, given: Inputs) -> Variables:
    """How the level stands after a party's move: open, agreed or to be lifted; the newest version; the thread
    as a table for people, newest first. The rows of the thread are written by the host before the step."""
    parties = [party_of(each) for each in given.contexts("parties")]
    mover = given.text("party")
    wants = escalations.wanting_lift(given.texts("wants_lift"), mover=mover, action=given.text("action"))
    alone_from, labels = given.day("lift_alone_from"), given.context("cost_labels")
    level = given.level("level")
    # What a post below said beyond its mandate was lifted to be confirmed here: it is no answer at this level.
    below = {post.id for post in world.directory.posts.values() if post.level < level}
    answers = [row for row in world.acceptances if row.within_mandate or row.post_id not in below]
    stands = escalations.standing(
        world.proposals,
        answers,
        parties=parties,
        level=level,
        wants_lift=wants,
        may_lift_alone=alone_from is not None and world.today >= alone_from,
        mover=mover,
    )
    return {
        "level_result": stands.result.value,
        "lift_reason": stands.reason.value,
        "version": stands.version,
        "wants_lift": list(stands.wants_lift),
        "wants_lift_names": ", ".join(world.party_name(party) for party in stands.wants_lift),
        "thread": [_thread_row(world, each, parties) for each in reversed(world.proposals)],
        "proposal_interventions": [_named(world, row, "who") for row in given.contexts("interventions")],
        "proposal_costs": [
            _named(world, row, "payer") | {"cost_type": labels.get(str(row.get("cost_type")), row.get("cost_type"))}
            for row in given.contexts("cost_lines")
        ],
    }


def _named(world: World, row: Variables, field: str) -> Variables:
    """The row with the party of the field by name, as people read it."""
    return row | {field: world.party_name(str(row.get(field) or ""))}


def _thread_row(world: World, proposal: Proposal, parties: Sequence[str]) -> Value:
    said = {row.party_id: row.answer for row in world.acceptances if row.version == proposal.version}

    def those(*answers: Answer) -> str:
        return ", ".join(world.party_name(party) for party in parties if said.get(party) in answers)

    return {
        "version": proposal.version,
        "party": world.party_name(proposal.party_id),
        "on": calendar.local_date(proposal.at, world.zone),
        "cost": kronor(proposal.monthly_cost),
        "accepted": those(Answer.ACCEPT),
        "declined": those(Answer.REJECT, Answer.COUNTER, Answer.NO_MANDATE),
        "unanswered": ", ".join(world.party_name(party) for party in parties if party not in said),
    }


def lift_matter(world: World, given: Inputs) -> Variables:
    """The next level, whether the one that is left was the last, and who was silent where its time ran
    out."""
    level, following = given.level("level"), given.text("next_level")
    reason = given.text("lift_reason") or LiftReason.TIMEOUT.value
    silent: list[Value] = [*given.contexts("silent")]
    if reason == LiftReason.TIMEOUT:
        asked = [party_of(each) for each in given.contexts("addressees")]
        given_now = [row for row in given.contexts("positions") if row.get("round_no") == given.number("round_no")]
        for party in escalations.silent_parties(asked, [party_of(row) for row in given_now]):
            silent.append({"party": party, "name": world.party_name(party), "level": level.name})
    latest = world.today + timedelta(days=given.number("review_days") or 0)
    names = [f"{row['name']} ({row['level']})" for row in silent if isinstance(row, dict)]
    return {
        "level": following or level.name,
        "left_level": level.name,
        "is_last": not following,
        "lift_reason": reason,
        "silent": silent,
        "silent_names": ", ".join(dict.fromkeys(names)),
        "interim_review": latest,
        "review_latest": latest,
    }


def check_decision(world: World, given: Inputs) -> Variables:
    """Whether a written decision holds formally (A21), what is missing in words, who must sign, and whether
    what was paid meanwhile must be settled."""
    level, cost = given.level("level"), given.number("monthly_cost")
    deciders: list[Value] = []
    faults = [text for name, text in _MUST_SAY.items() if not given.text(name).strip()]
    if not given.text("child_view").strip() and not given.text("not_heard_reason").strip():
        faults.append("Ange barnets åsikt, eller varför barnet inte har hörts.")
    for each in given.contexts("addressees"):
        posts = [str(post).removeprefix(POST) for post in posts_of(each)]
        known = world.directory.posts
        able = [p for p in posts if p in known and escalations.may_decide(known[p].cost_mandate, cost, level=level)]
        deciders.append({"party": each["party"], "name": each["name"], "posts": candidates(able or posts)})
        if not able:
            faults.append(f"{each['name']} har ingen på nivån som får besluta om {kronor(cost)} i månaden.")
    payers = list(dict.fromkeys(str(line["payer"]) for line in given.contexts("cost_lines") if line.get("payer")))
    interim = given.text("interim_party")
    return {
        "is_formally_right": not faults,
        "faults": " ".join(faults),
        "deciders": deciders,
        "payer_names": ", ".join(map(world.party_name, payers)),
        "settlement_needed": bool(interim) and any(payer != interim for payer in payers),
        "decision_no": f"{world.business_key}-{(given.number('attempt') or 0) + 1}",
        "attempt": (given.number("attempt") or 0) + 1,
    }


_MUST_SAY = {
    "content": "Skriv vad som beslutas.",
    "reasons": "Skriv skälen, med lag och punkt.",
    "child_best": "Skriv hur barnets bästa har bedömts.",
}
