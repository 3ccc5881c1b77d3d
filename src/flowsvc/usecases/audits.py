"""Sees whether the histories of the cases are what they were when they were written."""

from dataclasses import dataclass

from flowsvc.domain.access import Action, Actor, require
from flowsvc.store import audit, instances
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context

_AT_A_TIME = 200


@dataclass(frozen=True)
class BrokenHistory:
    """A case whose history was changed afterwards, and its first event that is not as it was."""

    business_key: str
    sequence: int


@dataclass(frozen=True)
class Verified:
    """What a check of all histories found."""

    checked: int
    broken: tuple[BrokenHistory, ...]


def verify_histories(ctx: Context, actor: Actor) -> Verified:
    """Every event of every case has been compared with the hash that was written with it."""
    require(actor, Action.READ_OPERATIONS)
    checked, broken, after = 0, list[BrokenHistory](), None
    while True:
        # A short transaction for each page: a long one would keep SQLite's log from being written back.
        with ctx.store.read() as tx:
            page = instances.page(tx, scope_posts=None, now=ctx.clock.now(), after=after, limit=_AT_A_TIME)
            for each in page.items:
                sequence = _first_broken(tx, each.id)
                if sequence is not None:
                    broken.append(BrokenHistory(each.business_key, sequence))
        checked += len(page.items)
        after = page.next_after
        if after is None:
            return Verified(checked, tuple(broken))


def _first_broken(tx: Transaction, instance_id: str) -> int | None:
    link = audit.first_broken_link(tx, instance_id)
    if link is not None:
        return link.sequence
    # Events cut off at the end leave a chain that is whole; the instance knows how many there were.
    last = tx.instance(instance_id).next_sequence - 1
    if last > 0 and not audit.history_of(tx, instance_id, after=last - 1, limit=1):
        return last
    return None
