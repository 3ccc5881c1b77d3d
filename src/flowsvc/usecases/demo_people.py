"""Who can be signed in as in the demonstration county. No other database shows its people to strangers."""

from dataclasses import dataclass

from flowsvc.domain import directory
from flowsvc.usecases.context import Context


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as."""

    username: str
    name: str
    post_name: str
    is_absent: bool


@dataclass(frozen=True)
class DemoGroup:
    """The people of one party, those of the highest level first."""

    party_name: str
    people: tuple[DemoPerson, ...]


def groups(ctx: Context, *, language: str) -> tuple[DemoGroup, ...]:
    """The people of each party; nothing where the database is not a demonstration."""
    if not ctx.demo:
        return ()
    today, english = ctx.today(), language == "en"
    with ctx.store.read() as tx:
        known = tx.directory()
    found: dict[str, list[tuple[int, DemoPerson]]] = {}
    for person in known.people.values():
        posts = directory.posts_held(known, person.id, today)
        if person.disabled or not posts:
            continue
        post = max(posts, key=lambda each: each.level)
        shown = DemoPerson(
            username=person.username,
            name=person.name,
            post_name=(post.name_en if english else "") or post.name,
            is_absent=directory.is_absent(known, person.id, today),
        )
        found.setdefault(known.units[post.unit_id].party_id, []).append((-int(post.level), shown))
    return tuple(
        DemoGroup(
            party_name=(party.name_en if english else "") or party.name,
            people=tuple(shown for _, shown in sorted(found[party.id], key=lambda each: (each[0], each[1].post_name))),
        )
        for party in known.parties.values()
        if party.id in found
    )
