"""Puts on record who was shown what of a case, and on which ground, before it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from flowsvc.domain.access import ActingPost, Action, Actor, ActorKind, ground_to_read, require
from flowsvc.domain.instances import ProcessInstance
from flowsvc.store import audit, instances
from flowsvc.store.audit import Reading
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context


def log_read(
    ctx: Context,
    tx: Transaction,
    actor: Actor,
    instance_id: str,
    action: Action,
    *,
    ground: str,
    items: Iterable[str] = (),
    acting: ActingPost | None = None,
) -> None:
    """The reading is on record when the transaction, one of `Store.begin`, is committed: do that before the answer.
    `acting` is the post it was read as, the actor's first where none is named; `items` are ids, never values."""
    acting = acting or next(iter(actor.posts), None)
    audit.log_reading(
        tx,
        Reading(
            id=ctx.clock.new_id(),
            at=ctx.clock.now(),
            person_id=actor.person_id,
            post_id=acting.post_id if acting else None,
            on_behalf_of=acting.on_behalf_of if acting else None,
            instance_id=instance_id,
            action=action,
            ground=ground,
            items=tuple(items),
        ),
    )


@dataclass(frozen=True)
class Opened:
    """An instance that somebody is being shown, and why."""

    instance: ProcessInstance
    ground: str
    own_parties: frozenset[str]
    """The parties for which the actor reads it: their internal values may be shown."""
    sees_everything: bool = False

    def may_see(self, owner_party: str | None) -> bool:
        """Whether what the party owns may be shown; what nobody owns is shared."""
        return owner_party is None or self.sees_everything or owner_party in self.own_parties


def open_instance(ctx: Context, actor: Actor, action: Action, instance_id: str, *, items: Iterable[str] = ()) -> Opened:
    """The instance for reading, with the reading on record; NotFound, and nothing on record, where it is not the
    actor's to see."""
    require(actor, action)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = tx.instance(instance_id)
        readers = instances.readers_of(tx, instance_id)
        ground = ground_to_read(actor, readers, now=now)
        posts = {reader.post_id for reader in readers if reader.until is None or now <= reader.until}
        reading_as = [post for post in actor.posts if (post.on_behalf_of or post.post_id) in posts]
        log_read(
            ctx,
            tx,
            actor,
            instance_id,
            action,
            ground=ground,
            items=items,
            acting=min(reading_as, key=lambda post: post.on_behalf_of is not None, default=None),
        )
    return Opened(
        instance=instance,
        ground=ground,
        own_parties=frozenset(post.party_id for post in reading_as),
        sees_everything=actor.kind is ActorKind.SYSTEM,
    )
