"""The functions about meetings: when a body meets next, and what is due at its next meeting at the latest."""

from datetime import date

from flowsvc.domain.bodies import Sitting, next_sitting
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.functions.world import Inputs, World, candidates


def find_next(world: World, given: Inputs) -> Variables:
    """The first meeting of the party's bodies of the kind (the county's where no party is given) within the period.
    With none planned in it, the last day stands unmoved and `is_in_time` is false."""
    not_after = given.day("not_after")
    sitting = _sitting(
        world,
        given,
        body_id=None,
        not_before=given.day("not_before") or world.today,
        not_after=not_after,
    )
    return _told(sitting) | {
        "meeting_on": sitting.on if sitting else not_after,
        "is_in_time": sitting is not None and sitting.is_in_time,
    }


def find_deadline(world: World, given: Inputs) -> Variables:
    """The body's next meeting from today, or so many working days from now, whichever comes first."""
    latest = world.working_days_on(given.number("working_days") or 0)
    sitting = _sitting(world, given, body_id=given.text("body") or None, not_before=world.today, not_after=latest)
    met = sitting is not None and sitting.is_in_time
    return _told(sitting) | {"due_on": sitting.on if sitting and met else latest, "is_meeting": met}


def find_of_body(world: World, given: Inputs) -> Variables:
    """The first meeting of this body within the period. With none planned in it, or no such body, the last day stands
    unmoved and `is_in_time` is false."""
    not_after = given.day("not_after")
    named = [each for each in world.directory.bodies.values() if each.id == given.text("body")]
    sitting = next(
        (
            next_sitting(
                named,
                kind=body.kind,
                party_id=body.party_id,
                not_before=given.day("not_before") or world.today,
                not_after=not_after,
            )
            for body in named
        ),
        None,
    )
    told = _told(sitting)
    del told["body"]
    return told | {
        "meeting_on": sitting.on if sitting else not_after,
        "is_in_time": sitting is not None and sitting.is_in_time,
    }


def _sitting(
    world: World, given: Inputs, *, body_id: str | None, not_before: date, not_after: date | None
) -> Sitting | None:
    return next_sitting(
        world.directory.bodies.values(),
        kind=given.text("body_kind"),
        party_id=given.text("party") or None,
        not_before=not_before,
        not_after=not_after,
        body_id=body_id,
    )


def _told(sitting: Sitting | None) -> dict[str, Value]:
    body = sitting.body if sitting else None
    return {
        "body": body.id if body else "",
        "body_name": body.name if body else "",
        "posts": candidates(body.posts) if body else [],
        "chair": "".join(str(each) for each in candidates([body.chair])) if body and body.chair else "",
    }
