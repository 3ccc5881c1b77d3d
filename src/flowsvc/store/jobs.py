"""Jobs with their leases, and incidents. Hides how several workers share the jobs: each leases what is due, and a fence
that grows with every lease keeps a late one from doing it twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from flowsvc.domain.errors import NotFound
from flowsvc.domain.jobs import LEASE, Incident, Job, JobKind, JobState
from flowsvc.store.paging import Page, cut, read_mark
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import incident, job
from flowsvc.store.transaction import Transaction

# Written out, so that the partial indexes serve them: no database knows what a parameter will be.
_FOR_US = sa.text("job.state = 'waiting' AND job.kind <> 'external'")
_FOR_OTHERS = sa.text("job.state = 'waiting' AND job.kind = 'external'")
_LEASED = sa.text("job.lease_until IS NOT NULL")
_OPEN = sa.text("incident.resolved_at IS NULL")

_JOB = sa.select(*columns_for(job, Job))
_INCIDENT = sa.select(*columns_for(incident, Incident))


def add(tx: Transaction, added: Job) -> None:
    """The job waits. One that waits already for the same token, cycle and kind is left as it is: never double."""
    row = values_of(added, job) | {
        "kind": str(added.kind),
        "state": str(added.state),
        "instance_id": added.instance_id or "",
        "topic": str(added.request.get("name", "")) if added.kind is JobKind.EXTERNAL else "",
    }
    insert = tx.insert(job)
    tx.conn.execute(
        insert.values(row).on_conflict_do_nothing(
            index_elements=[job.c.instance_id, job.c.token, job.c.cycle, job.c.kind]
        )
    )


def by_id(tx: Transaction, job_id: str) -> Job:
    """The job; NotFound, also when it is done."""
    row = tx.conn.execute(_JOB.where(job.c.id == job_id)).first()
    if row is None:
        raise NotFound("Det finns inget sådant jobb. Det kan redan vara klart.")
    return _job(row)


def of_instance(tx: Transaction, instance_id: str) -> tuple[Job, ...]:
    """The jobs of the instance, next due first."""
    statement = _JOB.where(job.c.instance_id == instance_id).order_by(job.c.due_at, job.c.id)
    return tuple(_job(row) for row in tx.conn.execute(statement))


def of_kind(tx: Transaction, kind: JobKind) -> tuple[Job, ...]:
    """The jobs of the kind, next due first."""
    statement = _JOB.where(job.c.kind == str(kind)).order_by(job.c.due_at, job.c.id)
    return tuple(_job(row) for row in tx.conn.execute(statement))


def drop(tx: Transaction, instance_id: str, tokens: Sequence[str]) -> None:
    """Nothing is left to do for these tokens of the instance (of no instance: the empty id)."""
    if tokens:
        tx.conn.execute(sa.delete(job).where(job.c.instance_id == instance_id, job.c.token.in_(list(tokens))))


def lease_due(tx: Transaction, *, now: datetime, owner: str, limit: int) -> tuple[Job, ...]:
    """Jobs that are due and that nobody has leased, next due first; the owner has them for LEASE. Others who ask at the
    same time get other jobs. One whose last lease ended without a word comes alone: should it take down its process
    again, no other job is counted as having done so."""
    free = sa.or_(job.c.lease_until.is_(None), job.c.lease_until <= now)
    due = _JOB.where(_FOR_US, job.c.due_at <= now, free).order_by(job.c.due_at, job.c.id)
    found = _locked(tx, due, limit=limit)
    left = next((each for each in found if each.lease_until is not None), None)
    return _leased(tx, found if left is None else [left], until=now + LEASE, owner=owner, crashes=int(left is not None))


def lease_external(
    tx: Transaction, *, topics: Sequence[str], worker: str, now: datetime, lock_for: timedelta, limit: int
) -> tuple[Job, ...]:
    """External tasks of the topics that are due and that nobody has locked; the worker has them for `lock_for`."""
    free = sa.or_(job.c.lease_until.is_(None), job.c.lease_until <= now)
    due = _JOB.where(_FOR_OTHERS, job.c.topic.in_(list(topics)), job.c.due_at <= now, free)
    # A program outside that holds a task too long is no crash of ours.
    found = _locked(tx, due.order_by(job.c.due_at, job.c.id), limit=limit)
    return _leased(tx, found, until=now + lock_for, owner=worker, crashes=0)


def _locked(tx: Transaction, due: "sa.Select[Any]", *, limit: int) -> list[Job]:
    return [_job(row) for row in tx.conn.execute(due.limit(limit).with_for_update(skip_locked=True))]


def _leased(tx: Transaction, found: Sequence[Job], *, until: datetime, owner: str, crashes: int) -> tuple[Job, ...]:
    if not found:
        return ()
    tx.conn.execute(
        sa.update(job)
        .where(job.c.id.in_([each.id for each in found]))
        .values(
            lease_until=until,
            lease_owner=owner,
            fence=job.c.fence + 1,
            attempts=job.c.attempts + 1,
            crashes=job.c.crashes + crashes,
        )
    )
    return tuple(
        replace(
            each,
            lease_until=until,
            lease_owner=owner,
            fence=each.fence + 1,
            attempts=each.attempts + 1,
            crashes=each.crashes + crashes,
        )
        for each in found
    )


def still_leased(tx: Transaction, leased: Job) -> bool:
    """Whether the job is there and nobody has leased it since."""
    statement = sa.select(job.c.id).where(*_same(leased))
    return tx.conn.execute(statement).first() is not None


def _same(leased: Job) -> tuple["sa.ColumnElement[bool]", ...]:
    return (job.c.id == leased.id, job.c.instance_id == (leased.instance_id or ""), job.c.fence == leased.fence)


def finish(tx: Transaction, leased: Job) -> bool:
    """The job is done and gone; False where it is gone already or somebody else has leased it since."""
    return tx.conn.execute(sa.delete(job).where(*_same(leased))).rowcount == 1


def extend(tx: Transaction, leased: Job, *, until: datetime) -> None:
    """The holder has the job until this time."""
    tx.conn.execute(sa.update(job).where(*_same(leased)).values(lease_until=until))


def put_off(tx: Transaction, leased: Job, *, at: datetime, retries_left: int) -> None:
    """The job is tried again at this time, by whoever comes first."""
    _let_go(tx, leased, due_at=at, retries_left=retries_left)


def give_up(tx: Transaction, leased: Job) -> None:
    """The job is tried no more until somebody sets its retries."""
    _let_go(tx, leased, state=str(JobState.FAILED), retries_left=0)


def hold(tx: Transaction, leased: Job) -> None:
    """The job waits, as if it had never been leased, for its suspended instance to be resumed."""
    _let_go(tx, leased, state=str(JobState.SUSPENDED), attempts=max(leased.attempts - 1, 0))


def give_back(tx: Transaction, leased: Job) -> None:
    """The job waits as if it had never been leased, for the due time that its row has by now."""
    _let_go(tx, leased, attempts=max(leased.attempts - 1, 0))


def _let_go(tx: Transaction, leased: Job, **changes: object) -> None:
    tx.conn.execute(sa.update(job).where(*_same(leased)).values(lease_until=None, lease_owner="", crashes=0, **changes))


def suspend(tx: Transaction, instance_id: str, job_ids: Sequence[str]) -> None:
    """These waiting jobs of the instance wait for it to be resumed, and keep their due times."""
    if job_ids:
        tx.conn.execute(
            sa.update(job)
            .where(
                job.c.instance_id == instance_id,
                job.c.id.in_(list(job_ids)),
                job.c.state == str(JobState.WAITING),
            )
            .values(state=str(JobState.SUSPENDED))
        )


def resume(tx: Transaction, instance_id: str) -> None:
    """The suspended jobs of the instance wait for their due times again."""
    tx.conn.execute(
        sa.update(job)
        .where(job.c.instance_id == instance_id, job.c.state == str(JobState.SUSPENDED))
        .values(state=str(JobState.WAITING))
    )


def move(tx: Transaction, moved: Job, *, due_at: datetime) -> None:
    """The job is due at this time."""
    same = (job.c.id == moved.id, job.c.instance_id == (moved.instance_id or ""))
    tx.conn.execute(sa.update(job).where(*same).values(due_at=due_at))


def set_retries(tx: Transaction, job_id: str, *, retries: int, due_at: datetime) -> None:
    """The job is tried from this time on, so many times; NotFound."""
    changed = tx.conn.execute(
        sa.update(job)
        .where(job.c.id == job_id)
        .values(
            retries_left=retries,
            attempts=0,
            crashes=0,
            due_at=due_at,
            state=str(JobState.WAITING),
            lease_until=None,
            lease_owner="",
        )
    )
    if changed.rowcount != 1:
        raise NotFound("Det finns inget sådant jobb. Det kan redan vara klart.")


def next_due_at(tx: Transaction) -> datetime | None:
    """When a worker has something to do next: the first due time, or the end of the first lease; None for nothing."""
    waiting = (
        sa.select(job.c.due_at).where(_FOR_US, job.c.lease_until.is_(None)).order_by(job.c.due_at, job.c.id).limit(1)
    )
    leased = sa.select(job.c.lease_until).where(_FOR_US, _LEASED).order_by(job.c.lease_until).limit(1)
    times = [tx.conn.execute(statement).scalar() for statement in (waiting, leased)]
    return min((at for at in times if at is not None), default=None)


def page(
    tx: Transaction,
    *,
    instance_id: str | None = None,
    kind: JobKind | None = None,
    state: JobState | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Job]:
    """Jobs, oldest first."""
    statement = _JOB.order_by(job.c.id).limit(limit + 1)
    wanted = {job.c.instance_id: instance_id, job.c.kind: kind, job.c.state: state}
    statement = statement.where(*(column == str(value) for column, value in wanted.items() if value is not None))
    if after is not None:
        statement = statement.where(job.c.id > read_mark(after, str)[0])
    return cut(tx.conn.execute(statement).all(), limit, build=_job, mark=lambda row: (row.id,))


def _job(row: "sa.Row[Any]") -> Job:
    values: Mapping[str, Any] = {
        **row._mapping,
        "kind": JobKind(row.kind),
        "state": JobState(row.state),
        "instance_id": row.instance_id or None,
    }
    return Job(**values)


# Incidents


def add_incident(tx: Transaction, added: Incident) -> None:
    """The incident is open."""
    tx.conn.execute(sa.insert(incident), values_of(added, incident) | {"names": list(added.names)})


def incident_by_id(tx: Transaction, incident_id: str) -> Incident:
    """The incident; NotFound."""
    row = tx.conn.execute(_INCIDENT.where(incident.c.id == incident_id)).first()
    if row is None:
        raise NotFound("Det finns ingen sådan incident.")
    return _incident(row)


def resolve_incident(tx: Transaction, incident_id: str, *, at: datetime, by: str | None) -> None:
    """The incident is over, unless it was already."""
    tx.conn.execute(
        sa.update(incident).where(incident.c.id == incident_id, _OPEN).values(resolved_at=at, resolved_by=by)
    )


def resolve_incidents(
    tx: Transaction, instance_id: str, tokens: Sequence[str], *, at: datetime, by: str | None
) -> None:
    """The open incidents of these tokens are over."""
    if tokens:
        tx.conn.execute(
            sa.update(incident)
            .where(incident.c.instance_id == instance_id, incident.c.token.in_(list(tokens)), _OPEN)
            .values(resolved_at=at, resolved_by=by)
        )


def resolve_incidents_of_job(tx: Transaction, job_id: str, *, at: datetime, by: str | None) -> None:
    """The open incidents of the job are over."""
    tx.conn.execute(
        sa.update(incident).where(incident.c.job_id == job_id, _OPEN).values(resolved_at=at, resolved_by=by)
    )


def incidents_of(tx: Transaction, instance_id: str) -> tuple[Incident, ...]:
    """Every incident of the instance, oldest first."""
    rows = tx.conn.execute(_INCIDENT.where(incident.c.instance_id == instance_id).order_by(incident.c.id))
    return tuple(_incident(row) for row in rows)


def open_incidents(tx: Transaction, *, after: str | None = None, limit: int = 50) -> Page[Incident]:
    """What stands still, longest first."""
    statement = _INCIDENT.where(_OPEN).order_by(incident.c.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(incident.c.id > read_mark(after, str)[0])
    return cut(tx.conn.execute(statement).all(), limit, build=_incident, mark=lambda row: (row.id,))


def open_with_code(tx: Transaction, code: str) -> int:
    """How many open incidents have the code."""
    counted = sa.select(sa.func.count()).select_from(incident).where(_OPEN, incident.c.code == code)
    return int(tx.conn.execute(counted).scalar_one())


def _incident(row: "sa.Row[Any]") -> Incident:
    return Incident(**{**row._mapping, "names": tuple(row.names)})
