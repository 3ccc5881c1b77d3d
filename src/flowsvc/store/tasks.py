"""User tasks with their candidates, what was sent with forms, and drafts. Hides how a list of tasks is put together
from the posts and groups that they are addressed to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from flowsvc.domain.access import TaskScope
from flowsvc.domain.errors import NotFound, StaleRevision
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.tasks import Draft, Submission, TaskFilter, TaskState, UserTask
from flowsvc.domain.values import Variables, from_json, to_json
from flowsvc.store.paging import COUNT_LIMIT, Page, begins_with, cut, read_mark
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import definition, draft, process_instance, submission, task_candidate, user_task
from flowsvc.store.transaction import Transaction
from flowsvc.store.types import END_OF_TIME

# Written out, so that the partial indexes serve them: no database knows what a parameter will be.
_IS_OPEN = sa.text("user_task.state = 'open'")
_IS_CLAIMABLE = sa.text("task_candidate.claimable")

_TASK = (
    sa.select(
        *columns_for(user_task, UserTask),
        user_task.c.sort_at,
        process_instance.c.business_key,
        process_instance.c.title,
        process_instance.c.child_waiting,
        process_instance.c.status.label("instance_status"),
        definition.c.name.label("process_name"),
        definition.c.name_en.label("process_name_en"),
    )
    .join_from(user_task, process_instance, process_instance.c.id == user_task.c.instance_id)
    .join(definition, definition.c.id == process_instance.c.definition_id)
)
_BY_ID = _TASK.where(user_task.c.id == sa.bindparam("id"))
_OF_INSTANCE = _TASK.where(user_task.c.instance_id == sa.bindparam("id")).order_by(
    user_task.c.opened_at, user_task.c.id
)
_CANDIDATES = sa.select(task_candidate.c.task_id, task_candidate.c.principal).order_by(task_candidate.c.principal)
_SUBMISSION = sa.select(*columns_for(submission, Submission))
_BUSINESS_KEY = sa.select(process_instance.c.business_key).where(process_instance.c.id == sa.bindparam("id"))


def add(tx: Transaction, task: UserTask) -> None:
    """The task waits, for its candidates or for the person it is assigned to."""
    sort_at = task.due_at or END_OF_TIME
    tx.conn.execute(sa.insert(user_task), values_of(task, user_task) | {"state": str(task.state), "sort_at": sort_at})
    rows = [
        {
            "principal": principal,
            "task_id": task.id,
            "instance_id": task.instance_id,
            "sort_at": sort_at,
            "opened_at": task.opened_at,
            "claimable": task.state is TaskState.OPEN and task.assignee is None,
        }
        for principal in dict.fromkeys(_principals(task.candidate_posts, task.candidate_groups, task.candidate_people))
    ]
    if rows:
        tx.conn.execute(sa.insert(task_candidate), rows)


def _principals(posts: Iterable[str], groups: Iterable[str] = (), people: Iterable[str] = ()) -> list[str]:
    named = (("post", posts), ("group", groups), ("person", people))
    return [f"{kind}:{name}" for kind, names in named for name in names]


def by_id(tx: Transaction, task_id: str) -> UserTask:
    """The task with its case number, title and candidates; NotFound."""
    row = tx.conn.execute(_BY_ID, {"id": task_id}).first()
    if row is None:
        raise NotFound("Det finns ingen sådan uppgift, eller så har du inte tillgång till den.")
    return _tasks(tx, [row])[0]


def of_instance(tx: Transaction, instance_id: str, *, open_only: bool = False) -> tuple[UserTask, ...]:
    """The tasks of the instance, first opened first."""
    statement = _OF_INSTANCE.where(_IS_OPEN) if open_only else _OF_INSTANCE
    return _tasks(tx, tx.conn.execute(statement, {"id": instance_id}).all())


def close(
    tx: Transaction, instance_id: str, tokens: Sequence[str], *, state: TaskState, at: datetime, by: str | None
) -> None:
    """The open tasks of these tokens are over, and their drafts gone; their candidates may still read them."""
    if not tokens:
        return
    closed = (
        tx.conn.execute(
            sa.update(user_task)
            .where(user_task.c.instance_id == instance_id, user_task.c.token.in_(list(tokens)), _IS_OPEN)
            .values(state=str(state), closed_at=at, closed_by=by, version=user_task.c.version + 1)
            .returning(user_task.c.id)
        )
        .scalars()
        .all()
    )
    if closed:
        tx.conn.execute(
            sa.update(task_candidate)
            .where(task_candidate.c.task_id.in_(closed), task_candidate.c.instance_id == instance_id)
            .values(claimable=False)
        )
        tx.conn.execute(sa.delete(draft).where(draft.c.place.in_([f"task:{task_id}" for task_id in closed])))


def set_assignee(
    tx: Transaction, task_id: str, *, assignee: str | None, post: str | None, expected_version: int
) -> None:
    """The person holds the task as the post, or nobody does; StaleRevision where the task has changed meanwhile."""
    changed = tx.conn.execute(
        sa.update(user_task)
        .where(user_task.c.id == task_id, user_task.c.version == expected_version, _IS_OPEN)
        .values(assignee=assignee, assigned_post=post, version=expected_version + 1)
    )
    if changed.rowcount != 1:
        raise StaleRevision("Uppgiften har ändrats av någon annan. Läs om sidan och försök igen.")
    tx.conn.execute(
        sa.update(task_candidate).where(task_candidate.c.task_id == task_id).values(claimable=assignee is None)
    )


def readdress(tx: Transaction, task: UserTask, *, post: str, assignee: str | None) -> None:
    """The task is addressed to the post alone, and held by the person if one is named, else by nobody; StaleRevision
    where it has changed meanwhile."""
    tx.conn.execute(
        sa.delete(task_candidate).where(
            task_candidate.c.task_id == task.id, task_candidate.c.instance_id == task.instance_id
        )
    )
    tx.conn.execute(
        sa.insert(task_candidate).values(
            principal=f"post:{post}",
            task_id=task.id,
            instance_id=task.instance_id,
            sort_at=task.due_at or END_OF_TIME,
            opened_at=task.opened_at,
            claimable=assignee is None,
        )
    )
    held_as = post if assignee else None
    set_assignee(tx, task.id, assignee=assignee, post=held_as, expected_version=task.version)


def move_due(tx: Transaction, moved: UserTask) -> None:
    """The task is due, and to be followed up, when it says now; lists sort it so."""
    sort_at = moved.due_at or END_OF_TIME
    same = (user_task.c.id == moved.id, user_task.c.instance_id == moved.instance_id)
    times = {"due_on": moved.due_on, "due_at": moved.due_at, "follow_up_at": moved.follow_up_at, "sort_at": sort_at}
    tx.conn.execute(sa.update(user_task).where(*same).values(times))
    candidates = (task_candidate.c.task_id == moved.id, task_candidate.c.instance_id == moved.instance_id)
    tx.conn.execute(sa.update(task_candidate).where(*candidates).values(sort_at=sort_at))


def mine(
    tx: Transaction,
    person_id: str,
    *,
    posts: frozenset[str],
    search: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page[UserTask]:
    """The open tasks that the person holds, or that nobody holds and that are addressed to the person or one of the
    posts; by due time. `search` is how the case number begins."""
    return _page(tx, _mine(person_id, posts), search=search, after=after, limit=limit)


def claimable_by(
    tx: Transaction, scope: TaskScope, *, search: str = "", after: str | None = None, limit: int = 50
) -> Page[UserTask]:
    """The open tasks of the scope that nobody holds; by due time. `search` is how the case number begins."""
    return _page(tx, _claimable(scope), search=search, after=after, limit=limit)


def count_mine(tx: Transaction, person_id: str, *, posts: frozenset[str]) -> int:
    """How many tasks `mine` has in all; at most COUNT_LIMIT."""
    return _count(tx, _mine(person_id, posts))


def count_claimable(tx: Transaction, scope: TaskScope) -> int:
    """How many tasks `claimable_by` has in all; at most COUNT_LIMIT."""
    return _count(tx, _claimable(scope))


def page(
    tx: Transaction, wanted: TaskFilter, *, scope: TaskScope, after: str | None = None, limit: int = 50
) -> Page[UserTask]:
    """Tasks of the scope in any state, held or not; by due time."""
    statement = sa.select(user_task.c.id, user_task.c.sort_at, user_task.c.instance_id)
    if wanted.state is TaskState.OPEN:
        statement = statement.where(_IS_OPEN)
    elif wanted.state is not None:
        statement = statement.where(user_task.c.state == str(wanted.state))
    named = {
        user_task.c.assignee: wanted.assignee,
        user_task.c.instance_id: wanted.instance_id,
        user_task.c.process_key: wanted.process_key,
        user_task.c.element_id: wanted.element_id,
    }
    statement = statement.where(*(column == value for column, value in named.items() if value is not None))
    if wanted.candidate_group is not None:
        group = wanted.candidate_group
        principal = group if group.startswith("post:") else f"group:{group}"
        statement = statement.where(_is_candidate(task_candidate.c.principal == principal))
    if not scope.everything:
        grounds: list[sa.ColumnElement[bool]] = [
            task_candidate.c.principal.in_(_principals(sorted(scope.posts), sorted(scope.groups)))
        ]
        grounds += [
            sa.and_(task_candidate.c.principal == f"post:{post}", task_candidate.c.opened_at <= before)
            for post, before in sorted(scope.late_posts.items())
        ]
        statement = statement.where(_is_candidate(sa.or_(*grounds)))
    return _page(tx, [statement], search=wanted.search, after=after, limit=limit)


def _is_candidate(condition: "sa.ColumnElement[bool]") -> "sa.ColumnElement[bool]":
    return sa.exists().where(task_candidate.c.task_id == user_task.c.id, condition)


def _mine(person_id: str, posts: frozenset[str]) -> list["sa.Select[Any]"]:
    held = sa.select(user_task.c.id, user_task.c.sort_at, user_task.c.instance_id).where(
        user_task.c.assignee == person_id, _IS_OPEN
    )
    return [held, *(_addressed(principal) for principal in _principals(sorted(posts), people=[person_id]))]


def _claimable(scope: TaskScope) -> list["sa.Select[Any]"]:
    if scope.everything:
        base = sa.select(user_task.c.id, user_task.c.sort_at, user_task.c.instance_id)
        return [base.where(user_task.c.assignee.is_(None), _IS_OPEN)]
    early = [_addressed(principal) for principal in _principals(sorted(scope.posts), sorted(scope.groups))]
    late = [
        _addressed(f"post:{post}").where(task_candidate.c.opened_at <= before)
        for post, before in sorted(scope.late_posts.items())
        if post not in scope.posts
    ]
    return early + late


def _addressed(principal: str) -> "sa.Select[Any]":
    return sa.select(
        task_candidate.c.task_id.label("id"), task_candidate.c.sort_at, task_candidate.c.instance_id
    ).where(task_candidate.c.principal == principal, _IS_CLAIMABLE)


def _page(
    tx: Transaction, branches: Sequence["sa.Select[Any]"], *, search: str, after: str | None, limit: int
) -> Page[UserTask]:
    """One page over all branches: each walks its own index from the mark on, never a sort of all."""
    if not branches:
        return Page((), None)
    parts = []
    for branch in branches:
        task_id, sort_at, instance_id = branch.exported_columns.values()
        narrowed = branch
        if after is not None:
            last_at, last_id = read_mark(after, datetime, str)
            # Two conditions for one: SQLite walks its index by the first.
            narrowed = narrowed.where(
                _inner(sort_at) >= last_at, sa.or_(_inner(sort_at) > last_at, _inner(task_id) > last_id)
            )
        if search:
            narrowed = narrowed.join(process_instance, process_instance.c.id == _inner(instance_id)).where(
                begins_with(process_instance.c.business_key, search)
            )
        found = narrowed.order_by(_inner(sort_at), _inner(task_id)).limit(limit + 1).subquery()
        parts.append(sa.select(found.c.id))
    ids = sa.union(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    statement = (
        _TASK.join(ids, ids.c.id == user_task.c.id).order_by(user_task.c.sort_at, user_task.c.id).limit(limit + 1)
    )
    rows = tx.conn.execute(statement).all()
    shown = _tasks(tx, rows[:limit])
    by_task = {task.id: task for task in shown}
    return cut(rows, limit, build=lambda row: by_task[row.id], mark=lambda row: (row.sort_at, row.id))


def _inner(column: Any) -> Any:
    """The column itself where the branch gave it another name."""
    return column.element if isinstance(column, sa.Label) else column


def _count(tx: Transaction, branches: Sequence["sa.Select[Any]"]) -> int:
    if not branches:
        return 0
    parts = [sa.select(branch.limit(COUNT_LIMIT).subquery().c.id) for branch in branches]
    found = sa.union(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    limited = sa.select(found.c.id).limit(COUNT_LIMIT).subquery()
    return int(tx.conn.execute(sa.select(sa.func.count()).select_from(limited)).scalar_one())


def _tasks(tx: Transaction, rows: Sequence["sa.Row[*tuple[Any, ...]]"]) -> tuple[UserTask, ...]:
    if not rows:
        return ()
    principals: dict[str, list[str]] = {}
    for found in tx.conn.execute(_CANDIDATES.where(task_candidate.c.task_id.in_([row.id for row in rows]))):
        principals.setdefault(found.task_id, []).append(found.principal)
    return tuple(_task(row, principals.get(row.id, [])) for row in rows)


def _task(row: "sa.Row[*tuple[Any, ...]]", principals: Sequence[str]) -> UserTask:
    values = dict(row._mapping)
    values.pop("sort_at")
    values["state"] = TaskState(values["state"])
    values["instance_status"] = InstanceStatus(values["instance_status"])
    return UserTask(
        **values,
        candidate_posts=tuple(p.removeprefix("post:") for p in principals if p.startswith("post:")),
        candidate_groups=tuple(p.removeprefix("group:") for p in principals if p.startswith("group:")),
        candidate_people=tuple(p.removeprefix("person:") for p in principals if p.startswith("person:")),
    )


def business_key_of(tx: Transaction, instance_id: str) -> str:
    """The case number of the instance; NotFound."""
    found = tx.conn.execute(_BUSINESS_KEY, {"id": instance_id}).scalar()
    if found is None:
        raise NotFound("Det finns inget sådant ärende, eller så har du inte tillgång till det.")
    return str(found)


def add_submission(tx: Transaction, added: Submission) -> None:
    """What was sent stands; StaleRevision where the same form has just been sent by another transaction."""
    row = values_of(added, submission) | {
        "shared_values": _written(added.shared_values),
        "own_values": _written(added.own_values),
    }
    try:
        tx.conn.execute(sa.insert(submission), row)
    except IntegrityError as error:
        raise StaleRevision("Formuläret har redan skickats. Läs om sidan.") from error


def submission_by_id(tx: Transaction, submission_id: str) -> Submission | None:
    """What was sent under the id; None where nothing was."""
    return _submission(tx.conn.execute(_SUBMISSION.where(submission.c.id == submission_id)).first())


def submission_by_key(tx: Transaction, one_time_key: str) -> Submission | None:
    """What was sent with the form's one-time key; None where it has not been sent."""
    return _submission(tx.conn.execute(_SUBMISSION.where(submission.c.one_time_key == one_time_key)).first())


def submissions_of(tx: Transaction, instance_id: str) -> tuple[Submission, ...]:
    """Everything that was sent in the instance, oldest first."""
    statement = _SUBMISSION.where(submission.c.instance_id == instance_id).order_by(submission.c.at, submission.c.id)
    return tuple(found for row in tx.conn.execute(statement) if (found := _submission(row)) is not None)


def _submission(row: "sa.Row[*tuple[Any, ...]] | None") -> Submission | None:
    if row is None:
        return None
    values = {**row._mapping, "shared_values": _read(row.shared_values), "own_values": _read(row.own_values)}
    return Submission(**values)


def _written(values: Variables) -> dict[str, object]:
    return {name: to_json(value) for name, value in values.items()}


def _read(values: Mapping[str, object]) -> Variables:
    return {name: from_json(value) for name, value in values.items()}


def save_draft(tx: Transaction, saved: Draft) -> None:
    """The person's half-filled form at the place is this."""
    insert = tx.insert(draft)
    row = values_of(saved, draft) | {"values": _written(saved.values), "typed": dict(saved.typed)}
    tx.conn.execute(
        insert.values(row).on_conflict_do_update(
            index_elements=[draft.c.person_id, draft.c.place],
            set_={name: insert.excluded[name] for name in ("values", "typed", "saved_at")},
        )
    )


def draft_of(tx: Transaction, *, person_id: str, place: str) -> Draft | None:
    """The person's half-filled form at the place; None where there is none."""
    row = tx.conn.execute(sa.select(draft).where(draft.c.person_id == person_id, draft.c.place == place)).first()
    if row is None:
        return None
    values = _read(row._mapping["values"])
    return Draft(person_id=row.person_id, place=row.place, values=values, saved_at=row.saved_at, typed=row.typed)


def drop_draft(tx: Transaction, *, person_id: str, place: str) -> None:
    """The person has no half-filled form at the place."""
    tx.conn.execute(sa.delete(draft).where(draft.c.person_id == person_id, draft.c.place == place))


def drop_drafts_of_task(tx: Transaction, task_id: str) -> None:
    """Nobody has a half-filled form for the task."""
    tx.conn.execute(sa.delete(draft).where(draft.c.place == f"task:{task_id}"))
