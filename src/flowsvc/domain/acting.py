"""Who may act as whom right now: own posts, posts one is the named substitute for, the nearest manager last
(domain.md 2.6). Hides how absence, order and the working day of grace play together."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from flowsvc.domain import calendar
from flowsvc.domain.access import ActingPost
from flowsvc.domain.directory import Directory, Level, Post, posts_held, present_holders
from flowsvc.domain.errors import InvalidInput


def acting_posts(
    directory: Directory,
    person_id: str,
    *,
    now: datetime,
    zone: str,
    closed: frozenset[date],
    absence_grace: int = 1,
) -> tuple[ActingPost, ...]:
    """The posts the person may act as now: those held today; those whose holders are all away and for which
    one of the person's posts is the first substitute present; and those below with neither, for tasks that
    have waited `absence_grace` working days. None for somebody disabled or unknown."""
    today = calendar.local_date(now, zone)
    own = posts_held(directory, person_id, today)
    held = {post.id for post in own}
    acting = [_acting(directory, post) for post in own]
    stood_for = [directory.posts[each.post_id] for each in directory.substitutions if each.substitute_post_id in held]
    managing: dict[str, str] = {}
    for post in (*own, *stood_for):
        as_post = attending(directory, post.id, today)
        if as_post not in held or not _is_present(directory, as_post, person_id, today):
            continue
        managing[post.id] = as_post
        if post.id not in held:
            acting.append(replace(_acting(directory, post), post_id=as_post, on_behalf_of=post.id))
    before = calendar.working_days_before(now, absence_grace, zone=zone, closed=closed)
    for manager_id, as_post in managing.items():
        manager = directory.posts[manager_id]
        for post in _unattended_below(directory, manager, today):
            acting.append(
                replace(
                    _acting(directory, post),
                    post_id=as_post,
                    on_behalf_of=post.id,
                    opened_before=before,
                    cost_mandate=_higher(post.cost_mandate, manager.cost_mandate),
                )
            )
    return tuple(acting)


def in_the_name_of(directory: Directory, post_id: str) -> ActingPost:
    """The post that a program acts for. InvalidInput where there is no such post."""
    post = directory.posts.get(post_id)
    if post is None:
        raise InvalidInput(f"Befattningen {post_id} finns inte i katalogen. Ange en som finns.")
    return _acting(directory, post)


def attending(directory: Directory, post_id: str, on: date) -> str | None:
    """The post that sees to this post's tasks that day: itself where a holder is present, else its first
    substitute with a holder present; None where there is neither."""
    named = (post_id, *directory.substitutes_of_post.get(post_id, ()))
    return next((each for each in named if present_holders(directory, each, on)), None)


def _is_present(directory: Directory, post_id: str, person_id: str, on: date) -> bool:
    return any(person.id == person_id for person in present_holders(directory, post_id, on))


def _unattended_below(directory: Directory, manager: Post, on: date) -> Iterator[Post]:
    """The posts in and below the manager's unit that nobody sees to and whose nearest manager this one is."""
    if manager.level == Level.OPER:
        return
    waiting, seen = [manager.unit_id], set[str]()
    while waiting:
        unit_id = waiting.pop()
        if unit_id in seen:
            continue
        seen.add(unit_id)
        waiting.extend(unit.id for unit in directory.units_below.get(unit_id, ()))
        for post in directory.posts_of_unit.get(unit_id, ()):
            is_left = post.level < manager.level and attending(directory, post.id, on) is None
            if is_left and manager in _nearest_attended(directory, post, on):
                yield post


def _nearest_attended(directory: Directory, post: Post, on: date) -> list[Post]:
    """The posts of the next level above in the post's line that somebody sees to."""
    line = directory.line(post.unit_id)
    for level in range(post.level + 1, len(Level)):
        for unit in line:
            found = [
                each
                for each in directory.posts_of_unit.get(unit.id, ())
                if each.level == level and attending(directory, each.id, on)
            ]
            if found:
                return found
    return []


def _acting(directory: Directory, post: Post) -> ActingPost:
    return ActingPost(
        post_id=post.id,
        party_id=directory.party_of_post(post.id).id,
        unit_id=post.unit_id,
        level=post.level,
        roles=post.roles,
        groups=post.groups,
        cost_mandate=post.cost_mandate,
    )


def _higher(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
