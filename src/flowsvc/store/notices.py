"""Notices: what is to be told, to whom it is to be told now, who has seen it. Hides that those of a task follow its
candidates and its holder, who are asked for each time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from flowsvc.domain.access import TaskScope
from flowsvc.domain.instances import RESTING
from flowsvc.domain.notices import FOLLOWERS, MailChoice, Notice, NoticeKind, Preferences
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import (
    follower,
    notice,
    notice_seen,
    preference,
    process_instance,
    reader,
    task_candidate,
    user_task,
)
from flowsvc.store.transaction import Transaction

AT_ONCE = 100
"""Notices of one list; no badge counts further."""
_KEPT = timedelta(days=90)
"""How long something that leaves nothing to do is shown."""
_IS_OPEN = sa.text("user_task.state = 'open'")
_IS_CLAIMABLE = sa.text("task_candidate.claimable")
_UNTOLD = sa.text("notice.told_at IS NULL")


_AT_REST = process_instance.alias("at_rest")
_SUPPORT = user_task.alias("support")


def quiet(instance_id: "sa.ColumnElement[str]", task_id: "sa.ColumnElement[Any]") -> "sa.ColumnElement[bool]":
    """Whether nothing is told of the instance now, for it rests; a task of it that delivers support is told of."""
    rests = sa.exists().where(_AT_REST.c.id == instance_id, _AT_REST.c.status.in_(sorted(RESTING)))
    supports = sa.exists().where(
        _SUPPORT.c.id == task_id, _SUPPORT.c.instance_id == instance_id, _SUPPORT.c.delivers_support
    )
    return sa.and_(rests, ~supports)


_IS_QUIET = quiet(notice.c.instance_id, notice.c.task_id)


@dataclass(frozen=True)
class ListedNotice:
    """A notice as a person's list shows it."""

    id: str
    instance_id: str
    task_id: str | None
    kind: NoticeKind
    at: datetime
    business_key: str
    is_seen: bool


def add(tx: Transaction, added: Iterable[Notice], *, told_at: datetime | None = None) -> None:
    """The notices will be told; one that there is already is left as it is."""
    rows = [values_of(each, notice) | {"kind": str(each.kind), "told_at": told_at} for each in added]
    if rows:
        insert = tx.insert(notice).on_conflict_do_nothing(index_elements=[notice.c.id, notice.c.instance_id])
        tx.conn.execute(insert, rows)


def drop_of_tasks(tx: Transaction, instance_id: str, task_ids: Sequence[str]) -> None:
    """Nothing more is told of the tasks."""
    if task_ids:
        tx.conn.execute(
            sa.delete(notice).where(notice.c.instance_id == instance_id, notice.c.task_id.in_(list(task_ids)))
        )


def of_tasks(tx: Transaction, instance_id: str, task_ids: Sequence[str]) -> tuple[Notice, ...]:
    """What has been told, or will be, of these tasks of the instance."""
    statement = sa.select(*columns_for(notice, Notice)).where(
        notice.c.instance_id == instance_id, notice.c.task_id.in_(list(task_ids))
    )
    found = tx.conn.execute(statement.order_by(notice.c.at, notice.c.id))
    return tuple(Notice(**{**row._mapping, "kind": NoticeKind(row.kind)}) for row in found)


def move(tx: Transaction, moved: Notice) -> None:
    """It is told from its new time on."""
    same = (notice.c.id == moved.id, notice.c.instance_id == moved.instance_id)
    tx.conn.execute(sa.update(notice).where(*same).values(at=moved.at))


def untold(tx: Transaction, *, now: datetime, limit: int) -> tuple[Notice, ...]:
    """Notices whose time has come and of which no mail has been thought, the oldest first; none of what rests."""
    statement = sa.select(*columns_for(notice, Notice)).where(_UNTOLD, notice.c.at <= now, ~_IS_QUIET)
    found = tx.conn.execute(statement.order_by(notice.c.at, notice.c.id).limit(limit))
    return tuple(Notice(**{**row._mapping, "kind": NoticeKind(row.kind)}) for row in found)


def has_untold(tx: Transaction, *, now: datetime) -> bool:
    """Whether there are any."""
    statement = sa.select(notice.c.id).where(_UNTOLD, notice.c.at <= now, ~_IS_QUIET).limit(1)
    return tx.conn.execute(statement).first() is not None


def mark_told(tx: Transaction, told: Iterable[Notice], *, at: datetime) -> None:
    """Mail about the notices has been thought of."""
    rows = [{"told": each.id, "of": each.instance_id} for each in told]
    if rows:
        same = (notice.c.id == sa.bindparam("told"), notice.c.instance_id == sa.bindparam("of"))
        tx.conn.execute(sa.update(notice).where(*same).values(told_at=at), rows)


def by_ids(tx: Transaction, ids: Sequence[str]) -> dict[str, Notice]:
    """The notices by id, those that there still are."""
    statement = sa.select(*columns_for(notice, Notice)).where(notice.c.id.in_(list(ids)))
    return {row.id: Notice(**{**row._mapping, "kind": NoticeKind(row.kind)}) for row in tx.conn.execute(statement)}


def of_instance(tx: Transaction, instance_id: str, *, until: datetime) -> tuple[Notice, ...]:
    """What has come to be told of the instance by then, the latest first."""
    statement = sa.select(*columns_for(notice, Notice)).where(notice.c.instance_id == instance_id, notice.c.at <= until)
    found = tx.conn.execute(statement.order_by(notice.c.at.desc(), notice.c.id))
    return tuple(Notice(**{**row._mapping, "kind": NoticeKind(row.kind)}) for row in found)


def tasks_without(tx: Transaction, *, limit: int) -> tuple[str, ...]:
    """The ids of open tasks of which nothing is to be told: they are older than notices are."""
    told = sa.exists().where(notice.c.task_id == user_task.c.id, notice.c.instance_id == user_task.c.instance_id)
    return tuple(tx.conn.execute(sa.select(user_task.c.id).where(_IS_OPEN, ~told).limit(limit)).scalars())


def listed(tx: Transaction, person_id: str, scope: TaskScope, *, now: datetime) -> tuple[ListedNotice, ...]:
    """What the person is told now, the newest first: of open tasks that they hold or may take, and what is addressed to
    their posts; of each task the last alone. At most AT_ONCE."""
    found = _for_person(person_id, scope, now=now)
    statement = (
        sa.select(
            *(notice.c[name] for name in ("id", "instance_id", "task_id", "kind", "at")),
            process_instance.c.business_key,
            _is_seen(person_id, notice).label("is_seen"),
        )
        .join(found, sa.and_(found.c.id == notice.c.id, found.c.instance_id == notice.c.instance_id))
        .join(process_instance, process_instance.c.id == notice.c.instance_id)
        .where(~_is_followed(now), ~_IS_QUIET)
        .order_by(notice.c.at.desc(), notice.c.id)
        .limit(AT_ONCE)
    )
    return tuple(
        ListedNotice(**{**row._mapping, "kind": NoticeKind(row.kind), "is_seen": bool(row.is_seen)})
        for row in tx.conn.execute(statement)
    )


def count_unseen(tx: Transaction, person_id: str, scope: TaskScope, *, now: datetime) -> int:
    """How many of them the person has not seen; at most AT_ONCE."""
    found = _for_person(person_id, scope, now=now)
    unseen = (
        sa.select(notice.c.id)
        .join(found, sa.and_(found.c.id == notice.c.id, found.c.instance_id == notice.c.instance_id))
        .where(~_is_followed(now), ~_is_seen(person_id, notice), ~_IS_QUIET)
        .limit(AT_ONCE)
        .subquery()
    )
    return int(tx.conn.execute(sa.select(sa.func.count()).select_from(unseen)).scalar_one())


def mark_seen(tx: Transaction, person_id: str, ids: Iterable[str], *, at: datetime) -> None:
    """The person has seen the notices."""
    rows = [{"notice_id": each, "person_id": person_id, "at": at} for each in ids]
    if rows:
        insert = tx.insert(notice_seen)
        same = [notice_seen.c.notice_id, notice_seen.c.person_id]
        tx.conn.execute(insert.on_conflict_do_nothing(index_elements=same), rows)


def _is_seen(person_id: str, of: sa.FromClause) -> "sa.ColumnElement[bool]":
    return sa.exists().where(notice_seen.c.notice_id == of.c.id, notice_seen.c.person_id == person_id)


_LATER = notice.alias("later")


def _is_followed(now: datetime) -> "sa.ColumnElement[bool]":
    """Whether something later has been told of the same task: that it is overdue says more than that it is new."""
    same = (_LATER.c.task_id == notice.c.task_id, _LATER.c.instance_id == notice.c.instance_id)
    # At the same moment one of the two is shown, not both.
    later = sa.or_(_LATER.c.at > notice.c.at, sa.and_(_LATER.c.at == notice.c.at, _LATER.c.id > notice.c.id))
    return sa.exists().where(*same, later, _LATER.c.at <= now)


def _for_person(person_id: str, scope: TaskScope, *, now: datetime) -> "sa.Subquery":
    keys = (notice.c.id, notice.c.instance_id)
    of_task = sa.and_(notice.c.task_id == user_task.c.id, notice.c.instance_id == user_task.c.instance_id)
    branches: list[sa.Select[Any]] = [
        sa.select(*keys).join_from(user_task, notice, of_task).where(user_task.c.assignee == person_id, _IS_OPEN)
    ]
    of_candidate = sa.and_(
        notice.c.task_id == task_candidate.c.task_id, notice.c.instance_id == task_candidate.c.instance_id
    )
    addressed = sa.select(*keys).join_from(task_candidate, notice, of_candidate).where(_IS_CLAIMABLE)
    posts = [f"post:{post}" for post in sorted(scope.posts)]
    principals = [*posts, *(f"group:{group}" for group in sorted(scope.groups)), f"person:{person_id}"]
    branches += [addressed.where(task_candidate.c.principal == each) for each in principals]
    branches += [
        addressed.where(task_candidate.c.principal == f"post:{post}", task_candidate.c.opened_at <= before)
        for post, before in sorted(scope.late_posts.items())
    ]
    may_read = sa.exists().where(
        reader.c.instance_id == notice.c.instance_id,
        reader.c.post_id.in_(sorted(scope.posts)),
        sa.or_(reader.c.until.is_(None), reader.c.until >= now),
    )
    direct = sa.select(*keys).where(notice.c.task_id.is_(None), notice.c.at > now - _KEPT, may_read)
    branches += [direct.where(notice.c.principal == each) for each in posts]
    followed = direct.join_from(notice, follower, follower.c.instance_id == notice.c.instance_id)
    since = sa.and_(notice.c.principal == FOLLOWERS, notice.c.at >= follower.c.since)
    branches.append(followed.where(follower.c.person_id == person_id, since))
    timely = [branch.where(notice.c.at <= now) for branch in branches]
    return sa.union(*timely).subquery()


# How people want mail


def preferences_of(tx: Transaction, person_id: str) -> Preferences:
    """What the person has chosen, or what holds for those who have chosen nothing."""
    row = tx.conn.execute(sa.select(preference).where(preference.c.person_id == person_id)).first()
    if row is None:
        return Preferences(person_id)
    return Preferences(**{**row._mapping, "mail": MailChoice(row.mail)})


def save_preferences(tx: Transaction, chosen: Preferences) -> None:
    """The person has chosen this."""
    row = values_of(chosen, preference) | {"mail": str(chosen.mail)}
    insert = tx.insert(preference)
    kept = {name: insert.excluded[name] for name in row if name != "person_id"}
    tx.conn.execute(insert.values(row).on_conflict_do_update(index_elements=[preference.c.person_id], set_=kept))
