"""*Mina anmälningar*: what somebody reported and where it stands: at which level, who has it next, and how it ended."""

from dataclasses import dataclass
from datetime import date, datetime

from flowsvc.domain import labels
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.instances import RESTING
from flowsvc.store import escalations, instances, tasks
from flowsvc.store.instances import ListedInstance
from flowsvc.store.paging import Page
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context
from flowsvc.usecases.inbox import TaskRow, task_rows


@dataclass(frozen=True)
class ReportRow:
    """One case that the reader has reported."""

    id: str
    business_key: str
    title: str
    process_name: str
    started_at: datetime
    ended_at: datetime | None
    status_words: str
    level: str
    """Where the matter stands, in words; empty for what has no levels, or is over."""
    outcome: str
    """How it ended, or stands; empty where nothing is said."""
    next_tasks: tuple[TaskRow, ...]
    """What happens next, the most urgent first."""
    is_resting: bool = False


def my_reports(
    ctx: Context, actor: Actor, *, language: str, after: str | None = None, limit: int = 20
) -> Page[ReportRow]:
    """What the actor has reported and may still read, the newest first."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        found = instances.page(
            tx,
            scope_posts=actor.reach,
            now=ctx.clock.now(),
            started_by=actor.person_id,
            after=after,
            limit=limit,
        )
        rows = tuple(_row(ctx, tx, actor, each, language=language) for each in found.items)
    return Page(rows, found.next_after)


def _row(ctx: Context, tx: Transaction, actor: Actor, listed: ListedInstance, *, language: str) -> ReportRow:
    standing = escalations.of_instance(tx, listed.id) if listed.ended_at is None else None
    waiting = sorted(tasks.of_instance(tx, listed.id, open_only=True), key=lambda task: task.due_on or date.max)
    return ReportRow(
        id=listed.id,
        business_key=listed.business_key,
        title=listed.title,
        process_name=(listed.process_name_en if language == "en" else "") or listed.process_name,
        started_at=listed.started_at,
        ended_at=listed.ended_at,
        status_words=labels.status(listed.status, language),
        level=labels.level(standing.level, language) if standing and not standing.closed_at else "",
        outcome=labels.end_state(listed.end_state, language) if listed.end_state else "",
        next_tasks=task_rows(ctx, tx, actor, waiting, language=language),
        is_resting=listed.status in RESTING,
    )
