"""*Notiser*: what a person is told, who has seen it, and how each wants mail about it."""

from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain import labels
from flowsvc.domain.access import Action, Actor, require, task_scope
from flowsvc.domain.errors import InvalidInput, NotFound
from flowsvc.domain.notices import NoticeKind, Preferences
from flowsvc.domain.tasks import UserTask
from flowsvc.store import instances, notices, tasks
from flowsvc.store.notices import ListedNotice
from flowsvc.usecases.context import Context

_URGENT = frozenset({NoticeKind.DAY_BEFORE, NoticeKind.OVERDUE})


@dataclass(frozen=True)
class NoticeRow:
    """One notice in words. `task_id` is empty where it is about the case as a whole."""

    id: str
    at: datetime
    what: str
    is_urgent: bool
    task_id: str
    task_name: str
    instance_id: str
    business_key: str
    title: str
    is_seen: bool


def my_notices(ctx: Context, actor: Actor, *, language: str) -> tuple[NoticeRow, ...]:
    """What the actor is told now, the newest first; of each task the last alone."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        found = notices.listed(tx, actor.person_id, task_scope(actor), now=ctx.clock.now())
        about = {each.task_id: tasks.by_id(tx, each.task_id) for each in found if each.task_id}
        cases_of = instances.listed(tx, sorted({each.instance_id for each in found}))
    return tuple(
        _row(each, about.get(each.task_id or ""), cases_of[each.instance_id].title, language=language) for each in found
    )


def _row(found: ListedNotice, task: UserTask | None, title: str, *, language: str) -> NoticeRow:
    name = ((task.name_en if language == "en" else "") or task.name) if task else ""
    return NoticeRow(
        id=found.id,
        at=found.at,
        what=labels.notice(found.kind, language),
        is_urgent=found.kind in _URGENT,
        task_id=found.task_id or "",
        task_name=name,
        instance_id=found.instance_id,
        business_key=found.business_key,
        title=title,
        is_seen=found.is_seen,
    )


def unseen_count(ctx: Context, actor: Actor) -> int:
    """How many notices the actor has not seen; no further than a badge counts."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        return notices.count_unseen(tx, actor.person_id, task_scope(actor), now=ctx.clock.now())


def mark_seen(ctx: Context, actor: Actor, notice_id: str = "") -> None:
    """The actor has seen the notice, or all of them where none is named. NotFound for one that is not theirs."""
    require(actor, Action.READ_OWN_PAGES)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        mine = [each.id for each in notices.listed(tx, actor.person_id, task_scope(actor), now=now)]
        if notice_id and notice_id not in mine:
            raise NotFound("Det finns ingen sådan notis.")
        notices.mark_seen(tx, actor.person_id, [notice_id] if notice_id else mine, at=now)


def my_preferences(ctx: Context, actor: Actor) -> Preferences:
    """How the actor wants mail."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        return notices.preferences_of(tx, actor.person_id)


def save_preferences(ctx: Context, actor: Actor, chosen: Preferences) -> None:
    """The actor wants mail so from now on; InvalidInput for somebody else's preferences."""
    require(actor, Action.READ_OWN_PAGES)
    if chosen.person_id != actor.person_id:
        raise InvalidInput("Inställningarna är någon annans.")
    with ctx.store.begin() as tx:
        notices.save_preferences(tx, chosen)
