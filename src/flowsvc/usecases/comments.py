"""Comments on a case: inside one's own party, which the other parties never see, or shared between all of them."""

from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain.access import Action, Actor, ActorKind
from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.instances import Comment
from flowsvc.store import comments
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.people import party_name, who
from flowsvc.usecases.reading import Opened, open_instance

LONGEST = 4000


@dataclass(frozen=True)
class CommentRow:
    """One comment in words."""

    id: str
    at: datetime
    who: str
    text: str
    only_for: str
    """The party that alone sees it; empty for a shared one."""


def comments_of(ctx: Context, actor: Actor, instance_id: str) -> tuple[Comment, ...]:
    """The comments that are shared or the actor's own party's, with the reading on record; NotFound where the case is
    not the actor's to see."""
    opened = open_instance(ctx, actor, Action.READ_INSTANCE, instance_id, items=["comments"])
    with ctx.store.read() as tx:
        return _visible(tx, opened)


def rows_of(tx: Transaction, opened: Opened, *, language: str) -> tuple[CommentRow, ...]:
    """The same comments in words, for a case that has been opened."""
    known = tx.directory()
    return tuple(
        CommentRow(
            id=each.id,
            at=each.at,
            who=who(known, each.person_id, each.post_id, language=language),
            text=each.text,
            only_for=party_name(known, each.owner_party, language),
        )
        for each in _visible(tx, opened)
    )


def _visible(tx: Transaction, opened: Opened) -> tuple[Comment, ...]:
    return tuple(each for each in comments.of_instance(tx, opened.instance.id) if opened.may_see(each.owner_party))


def add_comment(
    ctx: Context,
    actor: Actor,
    instance_id: str,
    *,
    text: str,
    is_shared: bool = False,
    once: Once | None = None,
) -> Comment:
    """The comment stands on the case: for the actor's party alone, or for all parties where it is shared. InvalidInput
    for an empty or too long one, and for one inside a party from somebody who reads the case for none."""
    opened = open_instance(ctx, actor, Action.COMMENT_INSTANCE, instance_id, items=["comment"])
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise InvalidInput(f"Skriv en kommentar, högst {LONGEST} tecken.")
    acting = next((post for post in actor.posts if post.party_id in opened.own_parties), None)
    if not is_shared and acting is None:
        raise InvalidInput("En kommentar inom en part skrivs av någon hos parten. Dela den, eller be någon där.")
    now = ctx.clock.now()
    added = Comment(
        id=ctx.clock.new_id(),
        instance_id=instance_id,
        owner_party=None if is_shared or acting is None else acting.party_id,
        person_id=actor.person_id,
        post_id=acting.post_id if acting and actor.kind is ActorKind.PERSON else None,
        text=said,
        at=now,
    )
    with ctx.store.begin() as tx:
        kept = replay(tx, once)
        if kept is not None:
            return next(each for each in comments.of_instance(tx, instance_id) if each.id == kept["id"])
        comments.add(tx, added)
        remember(tx, once, {"id": added.id}, now=now)
    return added
