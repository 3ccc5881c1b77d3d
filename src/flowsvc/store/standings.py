"""How many open cases stand where: numbers per element, never which case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from flowsvc.store.tables import (
    incident,
    job,
    message_subscription,
    process_instance,
    signal_subscription,
    user_task,
)
from flowsvc.store.transaction import Transaction

_OPEN = ("running", "suspended", "paused")
NEWEST = "newest"
"""The pin of a called process that is not bound to a version."""


@dataclass(frozen=True)
class Standing:
    """How many open cases stand at one place. `late` and `failed` are some of those that run."""

    running: int = 0
    late: int = 0
    failed: int = 0
    suspended: int = 0
    """Those that rest: suspended by operators or paused by those whose they are."""


def at_elements(
    tx: Transaction, process_key: str, *, now: datetime, definition_id: str = "", is_newest: bool = False
) -> dict[str, Standing]:
    """By element of the process: the open cases that have a task, a timer, a message or a fault there; of one version
    where an id is given."""
    places = _places(now)
    statement = (
        sa.select(places.c.element_id, *_counts(places))
        .join(process_instance, process_instance.c.id == places.c.instance_id)
        .where(places.c.process_key == process_key, process_instance.c.status.in_(_OPEN))
        .group_by(places.c.element_id, process_instance.c.status)
    )
    if definition_id:
        statement = statement.where(_uses(process_key, definition_id, is_newest=is_newest))
    return _summed(tx.conn.execute(statement).all())


def in_called(
    tx: Transaction,
    process_key: str,
    callers: Mapping[str, str],
    *,
    now: datetime,
    definition_id: str = "",
    is_newest: bool = False,
) -> dict[str, Standing]:
    """By calling element of the process: the open cases that stand somewhere in what it calls. `callers` has the
    element by key of each process that only it leads to."""
    if not callers:
        return {}
    places = _places(now)
    caller = sa.case(dict(callers), value=places.c.process_key).label("element_id")
    statement = (
        sa.select(caller, *_counts(places))
        .join(process_instance, process_instance.c.id == places.c.instance_id)
        .where(places.c.process_key.in_(list(callers)), process_instance.c.status.in_(_OPEN))
        .where(_uses(process_key, definition_id, is_newest=is_newest))
        .group_by(caller, process_instance.c.status)
    )
    return _summed(tx.conn.execute(statement).all())


def by_version(tx: Transaction, process_key: str) -> dict[str, Standing]:
    """By definition id, or `newest`: the open cases that use the version, also where it runs inside another process."""
    statement = (
        sa.select(process_instance.c.pins, process_instance.c.status, sa.func.count().label("number"))
        .where(process_instance.c.status.in_(_OPEN), _uses(process_key, "", is_newest=False))
        .group_by(process_instance.c.pins, process_instance.c.status)
    )
    found: dict[str, Standing] = {}
    for row in tx.conn.execute(statement):
        pin = row.pins.get(f"process:{process_key}", NEWEST)
        found[pin] = _added(found.get(pin, Standing()), row.status, row.number)
    return found


def by_process(tx: Transaction) -> dict[str, Standing]:
    """By key of the process that a case was started with."""
    statement = (
        sa.select(process_instance.c.process_key, process_instance.c.status, sa.func.count().label("number"))
        .where(process_instance.c.status.in_(_OPEN))
        .group_by(process_instance.c.process_key, process_instance.c.status)
    )
    found: dict[str, Standing] = {}
    for row in tx.conn.execute(statement):
        found[row.process_key] = _added(found.get(row.process_key, Standing()), row.status, row.number)
    return found


def _places(now: datetime) -> "sa.Subquery":
    """Every element at which an instance waits for somebody, something or a time, or at which it has failed."""
    no, yes = sa.literal(0), sa.literal(1)
    is_late = sa.case((user_task.c.due_at <= now, 1), else_=0)
    parts = (
        _place(user_task, is_late, no).where(user_task.c.state == "open"),
        _place(job, no, no).where(job.c.instance_id != "", job.c.state.in_(("waiting", "suspended"))),
        _place(message_subscription, no, no),
        _place(signal_subscription, no, no),
        _place(incident, no, yes).where(incident.c.resolved_at.is_(None), incident.c.instance_id.is_not(None)),
    )
    return sa.union_all(*parts).subquery("place")


def _place(table: sa.Table, late: Any, failed: Any) -> "sa.Select[Any]":
    return sa.select(
        table.c.instance_id, table.c.process_key, table.c.element_id, late.label("late"), failed.label("failed")
    )


def _counts(places: "sa.Subquery") -> tuple[Any, ...]:
    def cases_where(mark: Any) -> Any:
        return sa.func.count(sa.distinct(sa.case((mark == 1, places.c.instance_id))))

    return (
        process_instance.c.status,
        sa.func.count(sa.distinct(places.c.instance_id)).label("number"),
        cases_where(places.c.late).label("late"),
        cases_where(places.c.failed).label("failed"),
    )


def _uses(process_key: str, definition_id: str, *, is_newest: bool) -> "sa.ColumnElement[bool]":
    """Whether an instance uses the process, of one version where an id is given. Pins are JSON as orjson writes it."""
    pins = sa.cast(process_instance.c.pins, sa.Text)
    name = f'"process:{process_key}":"'
    if not definition_id:
        return pins.contains(name, autoescape=True)
    named = [definition_id, *([NEWEST] if is_newest else [])]
    return sa.or_(*(pins.contains(f'{name}{each}"', autoescape=True) for each in named))


def _summed(rows: "Sequence[sa.Row[Any]]") -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    for row in rows:
        found[row.element_id] = _added(
            found.get(row.element_id, Standing()), row.status, row.number, late=row.late, failed=row.failed
        )
    return found


def _added(standing: Standing, status: str, number: int, *, late: int = 0, failed: int = 0) -> Standing:
    if status != "running":
        return Standing(standing.running, standing.late, standing.failed, standing.suspended + number)
    return Standing(standing.running + number, standing.late + late, standing.failed + failed, standing.suspended)
