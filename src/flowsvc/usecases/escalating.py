"""Keeps the escalation rows in step with a process, by what its elements declare (flowsvc:escalationLevel and others):
no process is known here by name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from flowsvc.domain.directory import Level
from flowsvc.domain.escalations import (
    Acceptance,
    Escalation,
    EscalationAnswer,
    EscalationState,
    Proposal,
    moves,
)
from flowsvc.domain.instances import ProcessInstance, Reader
from flowsvc.domain.tasks import Submission, UserTask
from flowsvc.domain.values import Value, Variables
from flowsvc.engine import timers
from flowsvc.engine.outcome import ElementEvent, Happened, Outcome
from flowsvc.store import escalations, instances
from flowsvc.store.transaction import Transaction

_OPENING = frozenset({"escalationLevel", "escalationKind", "interimWithin"})
_CHANGING = frozenset({"interimParty", "interimSecured", "amount", "childWaiting", "escalationOutcome"})


def follow(
    tx: Transaction,
    instance: ProcessInstance,
    outcome: Outcome,
    *,
    now: datetime,
    closed_days: frozenset[date],
    zone: str,
) -> None:
    """The instance's escalation, the answers owed and its readers say what the step's elements declared."""
    declared = [event for event in outcome.events if event.properties and event.happened is not Happened.CANCELLED]
    is_declared = any((_OPENING | _CHANGING) & set(event.properties) for event in declared)
    has_run_out = any(event.happened is Happened.FIRED for event in outcome.events)
    if not is_declared and not has_run_out:
        return
    row = found = escalations.of_instance(tx, instance.id)
    if found is not None and found.lift_at is not None and found.lift_at <= now:
        # Also at the last level, which no other level follows.
        escalations.silence(tx, found, now=now)
    for event in declared:
        if "escalationLevel" in event.properties:
            row = _enter_level(tx, instance, row, event, now=now, closed_days=closed_days, zone=zone)
        if row is None and (_OPENING | {"interimParty"}) & set(event.properties):
            row = _opened(instance, kind="", level=Level.OPER, now=now)
        if row is not None:
            row = _changed(row, event.properties, now=now, closed_days=closed_days, zone=zone)
    if row is not None and row != found:
        escalations.open_or_move(tx, row)


def close(tx: Transaction, instance_id: str, *, now: datetime) -> None:
    """The instance is over, and with it an escalation that is still open: nobody owes an answer any more."""
    row = escalations.of_instance(tx, instance_id)
    if row is not None and row.state is EscalationState.OPEN:
        escalations.open_or_move(
            tx, replace(row, state=EscalationState.CLOSED, closed_at=now, lift_on=None, lift_at=None)
        )


def _opened(instance: ProcessInstance, *, kind: str, level: Level, now: datetime) -> Escalation:
    return Escalation(
        instance_id=instance.id,
        kind=kind,
        level=level,
        visit=0,
        level_since=now,
        lift_on=None,
        lift_at=None,
        state=EscalationState.OPEN,
        outcome="",
        child_waiting=instance.child_waiting,
        interim_party=None,
        interim_due_at=None,
        interim_secured_at=None,
        amount=None,
        opened_at=now,
        closed_at=None,
    )


def _enter_level(
    tx: Transaction,
    instance: ProcessInstance,
    row: Escalation | None,
    event: ElementEvent,
    *,
    now: datetime,
    closed_days: frozenset[date],
    zone: str,
) -> Escalation:
    """A level begins: the last one's unanswered questions whose time is up are silence; each party owes an answer."""
    level = Level[str(event.properties["escalationLevel"])]
    rule = str(event.properties.get("answerWithin") or "")
    due = timers.due(rule, now=now, closed_days=closed_days, zone=zone) if rule else None
    if row is not None:
        escalations.silence(tx, row, now=now)
    visit = 1 + max((each.visit for each in row.answers if each.level is level), default=0) if row is not None else 1
    owing = _owing(event.properties.get("owesAnswer"))
    escalations.ask(
        tx,
        instance.id,
        [
            EscalationAnswer(
                party_id=party,
                level=level,
                visit=visit,
                posts=tuple(posts),
                due_on=due.on if due else None,
                due_at=due.at if due else now,
                given_at=None,
                silent_at=None,
            )
            for party, posts in owing.items()
        ],
    )
    instances.add_readers(
        tx,
        instance.id,
        [Reader(post_id=p, ground="addressee", since=now) for posts in owing.values() for p in posts],
    )
    row = row or _opened(instance, kind="", level=level, now=now)
    return replace(
        row,
        kind=str(event.properties.get("escalationKind") or row.kind),
        level=level,
        visit=visit,
        level_since=now,
        lift_on=due.on if due else None,
        lift_at=due.at if due else None,
        state=EscalationState.OPEN,
        outcome="",
        closed_at=None,
    )


def _owing(value: Value) -> dict[str, list[str]]:
    owing: dict[str, list[str]] = {}
    for each in value if isinstance(value, list) else []:
        if isinstance(each, dict) and each.get("party"):
            posts = each.get("posts")
            named = [str(post).removeprefix("post:") for post in posts] if isinstance(posts, list) else []
            owing.setdefault(str(each["party"]), []).extend(named)
    return owing


def _changed(
    row: Escalation, said: Mapping[str, Value], *, now: datetime, closed_days: frozenset[date], zone: str
) -> Escalation:
    if said.get("interimWithin"):
        due = timers.due(str(said["interimWithin"]), now=now, closed_days=closed_days, zone=zone)
        row = replace(row, interim_due_at=due.at)
    if said.get("interimParty"):
        row = replace(row, interim_party=str(said["interimParty"]))
    if said.get("interimSecured") in (True, "true"):
        row = replace(row, interim_secured_at=row.interim_secured_at or now)
    if said.get("childWaiting") is not None:
        row = replace(row, child_waiting=said["childWaiting"] in (True, "true"))
    amount = said.get("amount")
    if isinstance(amount, int | float):
        row = replace(row, amount=int(amount))
    if said.get("escalationOutcome"):
        row = replace(
            row,
            outcome=str(said["escalationOutcome"]),
            state=EscalationState.CLOSED,
            closed_at=now,
            lift_on=None,
            lift_at=None,
        )
    return row


def record_answer(
    tx: Transaction,
    task: UserTask,
    submission: Submission,
    values: Variables,
    *,
    mandate: int | None,
    now: datetime,
) -> None:
    """What a completed task says in the matter is recorded: a position given, a proposal made, a version answered."""
    answers = task.properties.get("answers")
    party = task.party_id or submission.party_id
    if answers not in ("position", "negotiation") or party is None:
        return
    row = escalations.of_instance(tx, task.instance_id)
    if row is not None:
        escalations.give(tx, row, party_id=party, now=now)
    if answers == "negotiation":
        _negotiate(tx, task, submission, values, party=party, mandate=mandate, now=now)


def _negotiate(
    tx: Transaction,
    task: UserTask,
    submission: Submission,
    values: Variables,
    *,
    party: str,
    mandate: int | None,
    now: datetime,
) -> None:
    thread = escalations.proposals_of(tx, task.instance_id)
    move = moves(
        values,
        party_id=party,
        current_version=thread[-1].version if thread else 0,
        mandate=mandate,
        proposals=thread,
    )
    if move.proposal is not None:
        escalations.add_proposal(
            tx,
            task.instance_id,
            Proposal(
                version=move.proposal.version,
                party_id=party,
                person_id=submission.person_id,
                post_id=submission.post_id,
                at=now,
                submission_id=submission.id,
                monthly_cost=move.proposal.monthly_cost,
            ),
        )
    for answer in move.answers:
        escalations.add_acceptance(
            tx,
            task.instance_id,
            Acceptance(
                version=answer.version,
                party_id=party,
                answer=answer.answer,
                within_mandate=answer.within_mandate,
                person_id=submission.person_id,
                post_id=submission.post_id,
                at=now,
                submission_id=submission.id,
            ),
        )
