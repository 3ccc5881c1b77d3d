"""Following a case, and saying that two belong together."""

from flowsvc.domain.access import Action, Actor, ground_to_read
from flowsvc.domain.errors import InvalidInput
from flowsvc.store import following, instances
from flowsvc.store.following import Link
from flowsvc.usecases.context import Context
from flowsvc.usecases.reading import open_instance


def follow_instance(ctx: Context, actor: Actor, instance_id: str) -> None:
    """The actor is told when the case goes to another level or is over; NotFound where it is not theirs to see."""
    open_instance(ctx, actor, Action.FOLLOW_INSTANCE, instance_id)
    with ctx.store.begin() as tx:
        following.follow(tx, instance_id, actor.person_id, at=ctx.clock.now())


def stop_following(ctx: Context, actor: Actor, instance_id: str) -> None:
    """The actor is told of the case as one who does not follow it."""
    open_instance(ctx, actor, Action.FOLLOW_INSTANCE, instance_id)
    with ctx.store.begin() as tx:
        following.stop(tx, instance_id, actor.person_id)


def link_instances(ctx: Context, actor: Actor, instance_id: str, *, business_key: str, reason: str) -> None:
    """The case and the one with the number belong together, for those who may read both. NotFound where the actor may
    not; InvalidInput without a reason, or for the case itself."""
    open_instance(ctx, actor, Action.LINK_INSTANCES, instance_id, items=["link"])
    if not reason.strip():
        raise InvalidInput("Skriv varför ärendena hör ihop.")
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        other = instances.by_business_key(tx, business_key.strip().upper())
        ground_to_read(actor, instances.readers_of(tx, other.id), now=now)
        if other.id == instance_id:
            raise InvalidInput("Ett ärende kan inte länkas till sig självt. Ange ett annat ärendenummer.")
        following.link(tx, instance_id, Link(other.id, reason.strip()[:500], actor.person_id, now))
