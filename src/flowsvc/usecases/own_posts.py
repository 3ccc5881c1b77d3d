"""What the signed-in person is, in words."""

from flowsvc.domain.access import Action, Actor, require
from flowsvc.usecases.context import Context
from flowsvc.usecases.people import party_name, post_name


def own_posts(ctx: Context, actor: Actor, *, language: str) -> tuple[str, ...]:
    """The posts that the actor holds today, each with its party: what one stands in for is said where it is done."""
    require(actor, Action.SIGN_OUT)
    with ctx.store.read() as tx:
        known = tx.directory()
    return tuple(
        ", ".join((post_name(known, post.post_id, language), party_name(known, post.party_id, language)))
        for post in actor.posts
        if post.on_behalf_of is None
    )
