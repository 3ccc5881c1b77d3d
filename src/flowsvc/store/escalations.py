"""Escalations with the answers that are owed at each level, and the thread of proposals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from flowsvc.domain.directory import Level
from flowsvc.domain.escalations import (
    Acceptance,
    Answer,
    Escalation,
    EscalationAnswer,
    EscalationState,
    Proposal,
)
from flowsvc.domain.instances import InstanceStatus
from flowsvc.store.paging import Page, cut, read_mark
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import (
    acceptance,
    escalation,
    escalation_answer,
    instance_party,
    process_instance,
    proposal,
    reader,
)
from flowsvc.store.transaction import Transaction
from flowsvc.store.types import END_OF_TIME

Sort = Literal["lift", "since", "level"]
"""The order of the queue: what is lifted first, what has stood longest at its level, the highest level."""

_ESCALATION = sa.select(*columns_for(escalation, Escalation)).where(escalation.c.instance_id == sa.bindparam("id"))
_ANSWERS = (
    sa.select(*columns_for(escalation_answer, EscalationAnswer))
    .where(escalation_answer.c.instance_id == sa.bindparam("id"))
    .order_by(escalation_answer.c.level, escalation_answer.c.visit, escalation_answer.c.party_id)
)
_PROPOSALS = (
    sa.select(*columns_for(proposal, Proposal))
    .where(proposal.c.instance_id == sa.bindparam("id"))
    .order_by(proposal.c.version)
)
_ACCEPTANCES = (
    sa.select(*columns_for(acceptance, Acceptance))
    .where(acceptance.c.instance_id == sa.bindparam("id"))
    .order_by(acceptance.c.version, acceptance.c.party_id)
)


def of_instance(tx: Transaction, instance_id: str) -> Escalation | None:
    """The instance's escalation with all its answers; None where it was never escalated."""
    row = tx.conn.execute(_ESCALATION, {"id": instance_id}).first()
    if row is None:
        return None
    values = {**row._mapping, "level": Level(row.level), "state": EscalationState(row.state)}
    return Escalation(**values, answers=answers_of(tx, instance_id))


def answers_of(tx: Transaction, instance_id: str) -> tuple[EscalationAnswer, ...]:
    """What each party owes or has given, level by level and visit by visit."""
    return tuple(
        EscalationAnswer(**{**row._mapping, "level": Level(row.level), "posts": tuple(row.posts)})
        for row in tx.conn.execute(_ANSWERS, {"id": instance_id})
    )


def open_or_move(tx: Transaction, moved: Escalation) -> None:
    """The instance's escalation stands as given; its answers are kept by themselves."""
    row = values_of(replace(moved, level=Level(moved.level)), escalation) | {"level": int(moved.level)}
    row["sort_at"] = moved.lift_at or END_OF_TIME
    insert = tx.insert(escalation)
    kept = [name for name in row if name != "instance_id"]
    tx.conn.execute(
        insert.values(**row).on_conflict_do_update(
            index_elements=[escalation.c.instance_id], set_={name: insert.excluded[name] for name in kept}
        )
    )


def ask(tx: Transaction, instance_id: str, owed: Sequence[EscalationAnswer]) -> None:
    """Each party owes this answer, beside what was given or silent on earlier visits to the level."""
    for each in owed:
        row = {"instance_id": instance_id, "level": int(each.level), "posts": list(each.posts)}
        tx.conn.execute(sa.insert(escalation_answer), values_of(each, escalation_answer) | row)


def give(tx: Transaction, at: Escalation, *, party_id: str, now: datetime) -> None:
    """The party has answered where the matter stands; the first answer's time stands."""
    tx.conn.execute(_unanswered(at).where(escalation_answer.c.party_id == party_id).values(given_at=now))


def silence(tx: Transaction, at: Escalation, *, now: datetime) -> None:
    """Whoever owed an answer where the matter stands and let the time run out is recorded as silent. Silence is never
    consent (INV-8)."""
    tx.conn.execute(
        _unanswered(at)
        .where(escalation_answer.c.silent_at.is_(None), escalation_answer.c.due_at <= now)
        .values(silent_at=now)
    )


def put_off_answers(tx: Transaction, at: Escalation, *, due_at: datetime, due_on: date | None) -> None:
    """What is still owed where the matter stands, and was due when the level was to be lifted, is due then."""
    tx.conn.execute(
        _unanswered(at).where(escalation_answer.c.due_at == at.lift_at).values(due_at=due_at, due_on=due_on)
    )


def _unanswered(at: Escalation) -> sa.Update:
    return sa.update(escalation_answer).where(
        escalation_answer.c.instance_id == at.instance_id,
        escalation_answer.c.level == int(at.level),
        escalation_answer.c.visit == at.visit,
        escalation_answer.c.given_at.is_(None),
    )


def add_proposal(tx: Transaction, instance_id: str, added: Proposal) -> None:
    """The version stands in the thread."""
    tx.conn.execute(sa.insert(proposal), values_of(added, proposal) | {"instance_id": instance_id})


def proposals_of(tx: Transaction, instance_id: str) -> tuple[Proposal, ...]:
    """The thread, first version first."""
    return tuple(Proposal(**row._mapping) for row in tx.conn.execute(_PROPOSALS, {"id": instance_id}))


def add_acceptance(tx: Transaction, instance_id: str, added: Acceptance) -> None:
    """The party's answer to the version is this; a later answer to the same version replaces an earlier one."""
    row = values_of(added, acceptance) | {"instance_id": instance_id, "answer": str(added.answer)}
    insert = tx.insert(acceptance)
    kept = [name for name in row if name not in ("instance_id", "version", "party_id")]
    tx.conn.execute(
        insert.values(**row).on_conflict_do_update(
            index_elements=["instance_id", "version", "party_id"],
            set_={name: insert.excluded[name] for name in kept},
        )
    )


def acceptances_of(tx: Transaction, instance_id: str) -> tuple[Acceptance, ...]:
    """Every party's answer to every version."""
    return tuple(
        Acceptance(**{**row._mapping, "answer": Answer(row.answer)})
        for row in tx.conn.execute(_ACCEPTANCES, {"id": instance_id})
    )


_QUEUE = sa.select(
    *columns_for(escalation, Escalation),
    escalation.c.sort_at,
    process_instance.c.business_key,
    process_instance.c.title,
    (process_instance.c.status == str(InstanceStatus.PAUSED)).label("is_paused"),
).join_from(escalation, process_instance, process_instance.c.id == escalation.c.instance_id)


def queue(
    tx: Transaction,
    *,
    posts: frozenset[str] | None,
    now: datetime,
    state: EscalationState | None = EscalationState.OPEN,
    level: Level | None = None,
    kind: str | None = None,
    party: str | None = None,
    child_waiting: bool | None = None,
    overdue: bool | None = None,
    sort: Sort = "lift",
    after: str | None = None,
    limit: int = 50,
) -> Page[Escalation]:
    """Escalations of instances that one of the posts may read now, or all (`posts` None), each with what is owed at its
    level. Overdue is one whose level, answer or support for the child is past its time."""
    conditions: list[sa.ColumnElement[bool]] = []
    if posts is not None:
        still = sa.or_(reader.c.until.is_(None), reader.c.until >= now)
        readable = sa.exists().where(
            reader.c.instance_id == escalation.c.instance_id, reader.c.post_id.in_(sorted(posts)), still
        )
        conditions.append(readable)
    if state is not None:
        conditions.append(escalation.c.state == str(state))
    if level is not None:
        conditions.append(escalation.c.level == int(level))
    if kind is not None:
        conditions.append(escalation.c.kind == kind)
    if child_waiting is not None:
        conditions.append(escalation.c.child_waiting.is_(child_waiting))
    if party is not None:
        conditions.append(
            sa.exists().where(
                instance_party.c.instance_id == escalation.c.instance_id, instance_party.c.party_id == party
            )
        )
    if overdue is not None:
        late = _is_late(now)
        conditions.append(late if overdue else sa.not_(late))
    order, beyond = _order(sort, after)
    statement = _QUEUE.where(*conditions, *beyond).order_by(*order).limit(limit + 1)
    rows: Sequence[Any] = tx.conn.execute(statement).all()
    owed = _answers_at_level(tx, rows[:limit])
    return cut(
        rows, limit, build=lambda row: _queued(row, owed.get(row.instance_id, ())), mark=lambda row: _mark(sort, row)
    )


def _is_late(now: datetime) -> "sa.ColumnElement[bool]":
    answer_late = sa.exists().where(
        escalation_answer.c.instance_id == escalation.c.instance_id,
        escalation_answer.c.level == escalation.c.level,
        escalation_answer.c.visit == escalation.c.visit,
        escalation_answer.c.given_at.is_(None),
        escalation_answer.c.due_at <= now,
    )
    unsecured = sa.and_(escalation.c.interim_secured_at.is_(None), escalation.c.interim_due_at.is_not(None))
    support_late = sa.and_(unsecured, escalation.c.interim_due_at <= now)
    # An open matter without a limit has the end of time for its place in the list.
    return sa.or_(
        sa.and_(
            escalation.c.state == str(EscalationState.OPEN),
            process_instance.c.status != str(InstanceStatus.PAUSED),
            sa.or_(escalation.c.sort_at <= now, answer_late),
        ),
        support_late,
    )


def _order(sort: Sort, after: str | None) -> tuple[list["sa.ColumnElement[Any]"], list["sa.ColumnElement[bool]"]]:
    ident = escalation.c.instance_id
    if sort == "level":
        order = [escalation.c.level.desc(), escalation.c.level_since, ident]
        if after is None:
            return order, []
        last_level, last_since, last_id = read_mark(after, int, datetime, str)
        later = sa.and_(escalation.c.level == last_level, _past(escalation.c.level_since, ident, last_since, last_id))
        return order, [sa.or_(escalation.c.level < last_level, later)]
    column = escalation.c.level_since if sort == "since" else escalation.c.sort_at
    if after is None:
        return [column, ident], []
    last_at, last_id = read_mark(after, datetime, str)
    return [column, ident], [_past(column, ident, last_at, last_id)]


def _past(at: "sa.Column[Any]", ident: "sa.Column[Any]", last_at: datetime, last_id: str) -> "sa.ColumnElement[bool]":
    return sa.and_(at >= last_at, sa.or_(at > last_at, ident > last_id))


def _mark(sort: Sort, row: "sa.Row[Any]") -> tuple[object, ...]:
    match sort:
        case "level":
            return (row.level, row.level_since, row.instance_id)
        case "since":
            return (row.level_since, row.instance_id)
        case _:
            return (row.sort_at, row.instance_id)


def _answers_at_level(tx: Transaction, rows: Sequence["sa.Row[Any]"]) -> dict[str, list[EscalationAnswer]]:
    if not rows:
        return {}
    standing = {row.instance_id: (row.level, row.visit) for row in rows}
    statement = (
        sa.select(escalation_answer.c.instance_id, *columns_for(escalation_answer, EscalationAnswer))
        .where(escalation_answer.c.instance_id.in_(list(standing)))
        .order_by(escalation_answer.c.party_id)
    )
    found: dict[str, list[EscalationAnswer]] = {}
    for row in tx.conn.execute(statement):
        if (row.level, row.visit) == standing[row.instance_id]:
            values = {**row._mapping, "level": Level(row.level), "posts": tuple(row.posts)}
            found.setdefault(values.pop("instance_id"), []).append(EscalationAnswer(**values))
    return found


def _queued(row: "sa.Row[Any]", answers: Sequence[EscalationAnswer]) -> Escalation:
    values = {**row._mapping, "level": Level(row.level), "state": EscalationState(row.state)}
    values |= {"is_paused": bool(row.is_paused)}
    values.pop("sort_at")
    return Escalation(**values, answers=tuple(answers))
