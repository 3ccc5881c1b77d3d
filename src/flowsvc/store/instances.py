"""Process instances and what belongs to one: parties, readers, variables, its subject; lists of instances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowsvc.domain.errors import Conflict, NotFound
from flowsvc.domain.instances import InstanceParty, InstanceStatus, ProcessInstance, Reader, Subject, Variable
from flowsvc.domain.jobs import JobKind
from flowsvc.domain.tasks import TaskState
from flowsvc.domain.values import ValueType, from_json, to_json
from flowsvc.store.paging import Page, begins_with, cut, read_mark
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import (
    case_number,
    definition,
    incident,
    instance_party,
    job,
    message_subscription,
    process_instance,
    reader,
    signal_subscription,
    subject,
    user_task,
    variable,
)
from flowsvc.store.transaction import Transaction


@dataclass(frozen=True)
class ListedInstance:
    """An instance as lists show it: without its engine state."""

    id: str
    definition_id: str
    process_key: str
    process_name: str
    process_name_en: str
    business_key: str
    title: str
    status: InstanceStatus
    county: str
    lead_party: str | None
    started_by: str
    started_post: str | None
    started_at: datetime
    ended_at: datetime | None
    end_state: str
    child_waiting: bool
    parent_instance: str | None
    parent_token: str | None


_INSERT = sa.insert(process_instance)
_INSERT_PARTY = sa.insert(instance_party)
_ID_BY_KEY = sa.select(process_instance.c.id).where(process_instance.c.business_key == sa.bindparam("key"))
_LISTED = sa.select(
    *columns_for(process_instance, ListedInstance),
    definition.c.name.label("process_name"),
    definition.c.name_en.label("process_name_en"),
).join_from(process_instance, definition)
_CHILDREN = _LISTED.where(process_instance.c.parent_instance == sa.bindparam("id")).order_by(process_instance.c.id)
_PARTIES = (
    sa.select(*columns_for(instance_party, InstanceParty))
    .where(instance_party.c.instance_id == sa.bindparam("id"))
    .order_by(instance_party.c.party_id)
)
_READERS = (
    sa.select(*columns_for(reader, Reader))
    .where(reader.c.instance_id == sa.bindparam("id"))
    .order_by(reader.c.since, reader.c.post_id)
)
_VARIABLES = (
    sa.select(*columns_for(variable, Variable))
    .where(variable.c.instance_id == sa.bindparam("id"))
    .order_by(variable.c.scope, variable.c.name)
)
_SUBJECT = sa.select(*columns_for(subject, Subject)).where(subject.c.id == sa.bindparam("id"))


def add(tx: Transaction, instance: ProcessInstance) -> None:
    """The instance and its parties are stored; Conflict where its business key is taken, or what it is the only one
    for."""
    try:
        tx.conn.execute(_INSERT, values_of(instance, process_instance))
    except IntegrityError as error:
        raise Conflict(
            f"Det finns redan ett ärende med numret {instance.business_key}. Välj ett annat nummer."
        ) from error
    _insert_parties(tx, instance.id, instance.parties)


def by_id(tx: Transaction, instance_id: str) -> ProcessInstance:
    """The instance as it stands, not locked; NotFound."""
    return tx.instance(instance_id)


def by_business_key(tx: Transaction, business_key: str) -> ProcessInstance:
    """The instance with the case number; NotFound."""
    found = tx.conn.execute(_ID_BY_KEY, {"key": business_key}).scalar()
    if found is None:
        raise NotFound("Det finns inget sådant ärende, eller så har du inte tillgång till det.")
    return tx.instance(found)


def with_once_key(tx: Transaction, process_key: str, once_key: str) -> str | None:
    """The case number of the process's instance that is the only one for the key; None where there is none."""
    statement = sa.select(process_instance.c.business_key).where(
        process_instance.c.process_key == process_key, process_instance.c.once_key == once_key
    )
    return tx.conn.execute(statement).scalar()


def next_case_number(tx: Transaction, series: str) -> int:
    """The next number of the series, from 1 and without gaps; others wait for it until this transaction ends."""
    insert = tx.insert(case_number).values(series=series, last=1)
    statement = insert.on_conflict_do_update(
        index_elements=[case_number.c.series], set_={"last": case_number.c.last + 1}
    ).returning(case_number.c.last)
    return int(tx.conn.execute(statement).scalar_one())


def set_parties(tx: Transaction, instance_id: str, parties: Sequence[InstanceParty]) -> None:
    """The instance has exactly these parties. One that stays and comes without a number keeps the one it has."""
    numbers = {each.party_id: each.registration_number for each in parties_of(tx, instance_id)}
    tx.conn.execute(sa.delete(instance_party).where(instance_party.c.instance_id == instance_id))
    _insert_parties(
        tx,
        instance_id,
        [
            InstanceParty(
                party_id=each.party_id,
                role=each.role,
                registration_number=each.registration_number or numbers.get(each.party_id, ""),
            )
            for each in parties
        ],
    )


def _insert_parties(tx: Transaction, instance_id: str, parties: Sequence[InstanceParty]) -> None:
    if parties:
        rows = [values_of(each, instance_party) | {"instance_id": instance_id} for each in parties]
        tx.conn.execute(_INSERT_PARTY, rows)


def parties_of(tx: Transaction, instance_id: str) -> tuple[InstanceParty, ...]:
    """The parties of the instance, by id."""
    return tuple(InstanceParty(**row._mapping) for row in tx.conn.execute(_PARTIES, {"id": instance_id}))


def parties_for(tx: Transaction, instance_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The ids of the parties of each instance, by its id."""
    found: dict[str, tuple[str, ...]] = {}
    if instance_ids:
        columns = (instance_party.c.instance_id, instance_party.c.party_id)
        wanted = sa.select(*columns).where(instance_party.c.instance_id.in_(list(instance_ids))).order_by(*columns)
        for row in tx.conn.execute(wanted):
            found[row.instance_id] = (*found.get(row.instance_id, ()), row.party_id)
    return found


def add_readers(tx: Transaction, instance_id: str, readers: Iterable[Reader]) -> None:
    """The posts may read the instance. A post that may already keeps its ground and its day; one whose time
    would end gets the later end."""
    rows = [values_of(each, reader) | {"instance_id": instance_id} for each in readers]
    if not rows:
        return
    insert = tx.insert(reader)
    new = insert.excluded
    later = sa.or_(new.until.is_(None), new.until > reader.c.until)
    statement = insert.on_conflict_do_update(
        index_elements=[reader.c.instance_id, reader.c.post_id],
        set_={"until": new.until},
        where=sa.and_(reader.c.until.is_not(None), later),
    )
    tx.conn.execute(statement, rows)


def readers_of(tx: Transaction, instance_id: str) -> tuple[Reader, ...]:
    """The posts that may or might read the instance, first come first."""
    return tuple(Reader(**row._mapping) for row in tx.conn.execute(_READERS, {"id": instance_id}))


def set_variables(tx: Transaction, instance_id: str, variables: Sequence[Variable]) -> None:
    """The variables have these values, types and owners; others are as they were."""
    if not variables:
        return
    rows = [
        values_of(each, variable) | {"instance_id": instance_id, "value": to_json(each.value)} for each in variables
    ]
    insert = tx.insert(variable)
    kept = ("type", "value", "owner_party", "set_by", "set_at")
    statement = insert.on_conflict_do_update(
        index_elements=[variable.c.instance_id, variable.c.scope, variable.c.name],
        set_={name: insert.excluded[name] for name in kept},
    )
    tx.conn.execute(statement, rows)


def variables_of(tx: Transaction, instance_id: str) -> tuple[Variable, ...]:
    """All variables of the instance, by scope and name."""
    return tuple(
        Variable(**{**row._mapping, "type": ValueType(row.type), "value": from_json(row.value)})
        for row in tx.conn.execute(_VARIABLES, {"id": instance_id})
    )


def drop_scopes(tx: Transaction, instance_id: str, scopes: Sequence[str]) -> None:
    """The variables of these scopes are gone; history and submissions still have them."""
    if scopes:
        tx.conn.execute(
            sa.delete(variable).where(variable.c.instance_id == instance_id, variable.c.scope.in_(list(scopes)))
        )


def add_subject(tx: Transaction, added: Subject) -> None:
    """The child is stored, apart from any case."""
    tx.conn.execute(sa.insert(subject), values_of(added, subject))


def subject_by_id(tx: Transaction, subject_id: str) -> Subject:
    """The child; NotFound."""
    row = tx.conn.execute(_SUBJECT, {"id": subject_id}).first()
    if row is None:
        raise NotFound("Uppgifterna om barnet finns inte.")
    return Subject(**row._mapping)


def children_of(tx: Transaction, instance_id: str) -> tuple[ListedInstance, ...]:
    """The instances that were called by the instance as cases of their own."""
    return tuple(_listed(row) for row in tx.conn.execute(_CHILDREN, {"id": instance_id}))


def stuck(tx: Transaction, *, limit: int) -> tuple[str, ...]:
    """The ids of running instances that wait for nothing at all: no open task, job, message, signal, instance of their
    own or incident. Empty unless something is wrong."""
    return tuple(tx.conn.execute(_STUCK.order_by(process_instance.c.id).limit(limit)).scalars())


def is_stuck(tx: Transaction, instance_id: str) -> bool:
    """Whether the instance is one of them."""
    return tx.conn.execute(_STUCK.where(process_instance.c.id == instance_id)).first() is not None


def _nothing_of(
    table: sa.FromClause, column: "sa.ColumnElement[str]", *conditions: "sa.ColumnElement[bool]"
) -> "sa.ColumnElement[bool]":
    found = sa.select(sa.literal(1)).select_from(table).where(column == process_instance.c.id, *conditions)
    return ~found.correlate(process_instance).exists()


_CALLED = process_instance.alias("called")
_STUCK = sa.select(process_instance.c.id).where(
    process_instance.c.status == str(InstanceStatus.RUNNING),
    _nothing_of(user_task, user_task.c.instance_id, user_task.c.state == str(TaskState.OPEN)),
    # A message that the instance has sent is no reason to wait.
    _nothing_of(job, job.c.instance_id, job.c.kind != str(JobKind.SEND_MESSAGE)),
    _nothing_of(message_subscription, message_subscription.c.instance_id),
    _nothing_of(signal_subscription, signal_subscription.c.instance_id),
    _nothing_of(_CALLED, _CALLED.c.parent_instance, _CALLED.c.ended_at.is_(None)),
    _nothing_of(incident, incident.c.instance_id, incident.c.resolved_at.is_(None)),
)


def listed(tx: Transaction, instance_ids: Sequence[str]) -> dict[str, ListedInstance]:
    """The instances by id, those that there are."""
    if not instance_ids:
        return {}
    rows = tx.conn.execute(_LISTED.where(process_instance.c.id.in_(list(instance_ids))))
    return {row.id: _listed(row) for row in rows}


def oldest(tx: Transaction, *, limit: int) -> tuple[ListedInstance, ...]:
    """The instances that started first, in that order."""
    found = _LISTED.order_by(process_instance.c.started_at, process_instance.c.id).limit(limit)
    return tuple(_listed(row) for row in tx.conn.execute(found))


def pins_of(tx: Transaction, instance_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """The pinned definitions of each instance, by its id."""
    ids = sorted(set(instance_ids))
    if not ids:
        return {}
    rows = tx.conn.execute(
        sa.select(process_instance.c.id, process_instance.c.pins).where(process_instance.c.id.in_(ids))
    )
    return {row.id: row.pins for row in rows}


def page(
    tx: Transaction,
    *,
    scope_posts: frozenset[str] | None,
    now: datetime,
    statuses: Sequence[InstanceStatus] = (),
    process_key: str | None = None,
    search: str = "",
    started_by: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[ListedInstance]:
    """Instances, newest first: those that one of the posts may read now, or all (`scope_posts` None).
    `search` is how the business key begins, `started_by` who started them."""
    conditions: list[sa.ColumnElement[bool]] = []
    if after is not None:
        # Ids grow with time, so that their order is the order of starting.
        conditions.append(process_instance.c.id < read_mark(after, str)[0])
    if process_key is not None:
        conditions.append(process_instance.c.process_key == process_key)
    if started_by is not None:
        conditions.append(process_instance.c.started_by == started_by)
    if search:
        conditions.append(begins_with(process_instance.c.business_key, search))
    base = sa.select(process_instance.c.id).where(*conditions)
    # One branch for each status and post, each walking its index from the newest: never a sort of all.
    branches = [base.where(process_instance.c.status == status) for status in statuses] or [base]
    if scope_posts is not None:
        branches = [_read_by(branch, post, now=now) for branch in branches for post in sorted(scope_posts)]
    if not branches:
        return Page((), None)
    parts = [
        sa.select(branch.order_by(process_instance.c.id.desc()).limit(limit + 1).subquery().c.id) for branch in branches
    ]
    found = sa.union(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    statement = (
        _LISTED.join(found, found.c.id == process_instance.c.id).order_by(process_instance.c.id.desc()).limit(limit + 1)
    )
    return cut(tx.conn.execute(statement).all(), limit, build=_listed, mark=lambda row: (row.id,))


def _read_by(branch: "sa.Select[Any]", post: str, *, now: datetime) -> "sa.Select[Any]":
    still = sa.or_(reader.c.until.is_(None), reader.c.until >= now)
    return branch.join(reader, reader.c.instance_id == process_instance.c.id).where(reader.c.post_id == post, still)


def _listed(row: "sa.Row[*tuple[Any, ...]]") -> ListedInstance:
    return ListedInstance(**{**row._mapping, "status": InstanceStatus(row.status)})
