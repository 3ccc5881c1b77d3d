"""Handing a task over by hand, with a reason on record: to a person or a post of the same party, by who may take the
task or by a manager above them; also because of a conflict of interest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowsvc.domain.access import ActingPost, Action, Actor, acting_post, can, require
from flowsvc.domain.directory import Directory, Post, Role, holders, posts_held, present_holders
from flowsvc.domain.errors import AlreadyClaimed, InvalidInput, NotFound
from flowsvc.domain.instances import HistoryEvent, Reader, require_running
from flowsvc.domain.notices import Notice, NoticeKind
from flowsvc.domain.tasks import UserTask, require_open
from flowsvc.store import audit, instances, notices, tasks
from flowsvc.usecases.context import Context
from flowsvc.usecases.people import party_name, person_name, post_name

HANDED_OVER = "handed_over"
CONFLICT = "conflict_of_interest"
LONGEST = 500


@dataclass(frozen=True)
class HandOverPage:
    """Whom a task may be handed to: value and words, posts first."""

    task_id: str
    task_name: str
    instance_id: str
    business_key: str
    party: str
    posts: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]


def hand_over_page(ctx: Context, actor: Actor, task_id: str, *, language: str) -> HandOverPage:
    """The choices for the task; NotFound where it is not the actor's to hand over."""
    require(actor, Action.HAND_OVER_TASK)
    with ctx.store.read() as tx:
        task = tasks.by_id(tx, task_id)
        known, today = tx.directory(), ctx.today()
        acting = _right_to(known, actor, task)
        party = acting.party_id
        staffed = [p for p in known.posts.values() if _is_of(known, p, party) and present_holders(known, p.id, today)]
    people = {
        person.id: f"{person.name}, {post_name(known, post.id, language)}"
        for post in staffed
        for person in present_holders(known, post.id, today)
        if person.id != actor.person_id
    }
    return HandOverPage(
        task_id=task.id,
        task_name=(task.name_en if language == "en" else "") or task.name,
        instance_id=task.instance_id,
        business_key=task.business_key,
        party=party_name(known, party, language),
        posts=tuple(sorted(((f"post:{p.id}", _titled(known, p, language)) for p in staffed), key=lambda each: each[1])),
        people=tuple(sorted(((f"person:{key}", words) for key, words in people.items()), key=lambda each: each[1])),
    )


def _titled(known: Directory, post: Post, language: str) -> str:
    unit = known.units[post.unit_id]
    return f"{post_name(known, post.id, language)}, {(unit.name_en if language == 'en' else '') or unit.name}"


def hand_over_task(
    ctx: Context, actor: Actor, task_id: str, *, to: str, reason: str, is_conflict: bool = False
) -> None:
    """The task is addressed to the post, or held by the person, that `to` names (`post:ID`, `person:ID`), both of the
    party of who hands over; the reason is in the history. InvalidInput without a reason or for anybody else; NotFound
    where the task is not the actor's to hand over; AlreadyClaimed where a colleague holds it."""
    require(actor, Action.HAND_OVER_TASK)
    now, why = ctx.clock.now(), reason.strip()
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(tasks.by_id(tx, task_id).instance_id)
        task = tasks.by_id(tx, task_id)
        known = tx.directory()
        acting = _right_to(known, actor, task)
        require_open(task)
        require_running(instance, delivers_support=task.delivers_support)
        if not why or len(why) > LONGEST:
            raise InvalidInput(f"Skriv varför uppgiften lämnas över, högst {LONGEST} tecken.")
        post, person_id = _receiver(ctx, known, acting.party_id, to)
        if person_id == actor.person_id:
            raise InvalidInput("Välj någon annan än dig själv.")
        tasks.readdress(tx, task, post=post.id, assignee=person_id)
        instances.add_readers(tx, instance.id, [Reader(post_id=post.id, ground="candidate", since=now)])
        told = Notice(f"{task.id}.{HANDED_OVER}.{task.version}", instance.id, task.id, NoticeKind.NEW_TASK, "", now)
        notices.add(tx, [told])
        details = {"reason": why, "post": post.id, "person": person_id or ""}
        event = _event(actor, acting, task, CONFLICT if is_conflict else HANDED_OVER, details, ctx=ctx)
        audit.append_events(tx, instance.id, first_sequence=instance.next_sequence, events=[event])
        moved = replace(instance, next_sequence=instance.next_sequence + 1)
        tx.save_instance(moved, expected_version=instance.version)


def _event(
    actor: Actor,
    acting: ActingPost,
    task: UserTask,
    happened: str,
    details: Mapping[str, object],
    *,
    ctx: Context,
) -> HistoryEvent:
    return HistoryEvent(
        sequence=0,
        at=ctx.clock.now(),
        happened=happened,
        element_id=task.element_id,
        element_type="userTask",
        name=task.name,
        process_key=task.process_key,
        token=task.token,
        person_id=actor.person_id,
        post_id=acting.post_id,
        on_behalf_of=acting.on_behalf_of,
        # Why somebody steps aside is for their own side alone.
        owner_party=acting.party_id,
        details=dict(details),
    )


def _right_to(known: Directory, actor: Actor, task: UserTask) -> ActingPost:
    """The post as which the actor may hand the task over: as a manager above those that it is addressed to, or as who
    may take it, or holds it."""
    manager = next((post for post in actor.posts if _is_above(known, post, task)), None)
    if manager is not None:
        return manager
    acting = acting_post(actor, task)
    if acting is None:
        raise NotFound("Det finns ingen sådan uppgift, eller så har du inte tillgång till den.")
    if task.assignee not in (None, actor.person_id):
        raise AlreadyClaimed("Uppgiften hålls av någon annan. Bara den, eller en chef, kan lämna över den.")
    return acting


def may_hand_over(known: Directory, actor: Actor, task: UserTask) -> bool:
    """Whether the actor may hand the task over now."""
    try:
        _right_to(known, actor, task)
    except (NotFound, AlreadyClaimed):
        return False
    return can(actor, Action.HAND_OVER_TASK)


def _is_above(known: Directory, post: ActingPost, task: UserTask) -> bool:
    if post.on_behalf_of is not None or Role.MANAGER not in post.roles:
        return False
    named = (known.posts[each] for each in task.candidate_posts if each in known.posts)
    return any(
        each.level < post.level and post.unit_id in {unit.id for unit in known.line(each.unit_id)} for each in named
    )


def _is_of(known: Directory, post: Post, party_id: str) -> bool:
    return known.units[post.unit_id].party_id == party_id


def _receiver(ctx: Context, known: Directory, party_id: str, to: str) -> tuple[Post, str | None]:
    kind, _, name = to.partition(":")
    today = ctx.today()
    if kind == "person":
        own = [post for post in posts_held(known, name, today) if _is_of(known, post, party_id)]
        if own:
            return own[0], name
    post = known.posts.get(name) if kind == "post" else None
    if post is not None and _is_of(known, post, party_id) and holders(known, name, today):
        return post, None
    raise InvalidInput("Välj en person eller en befattning hos er egen part.")


def told(known: Directory, event: HistoryEvent, *, language: str) -> tuple[tuple[str, str], ...]:
    """What the history says of a handing over, as label and words."""
    to = person_name(known, str(event.details.get("person") or ""))
    post = post_name(known, str(event.details.get("post") or ""), language)
    labels = ("To", "Reason") if language == "en" else ("Till", "Skäl")
    return (labels[0], ", ".join(filter(None, (to, post)))), (labels[1], str(event.details.get("reason") or ""))
