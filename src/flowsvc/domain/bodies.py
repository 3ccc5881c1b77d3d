"""Bodies that meet: committees, county bodies, coordinating and local groups, with the days they have planned. Hides
how a rule such as "every third week" becomes days, and which meeting is the next."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from flowsvc.domain import calendar
from flowsvc.domain.entries import Entry
from flowsvc.domain.errors import InvalidInput

_EVERY = re.compile(r"P([1-9]\d{0,2})([DWM])")
_MOST_MEETINGS = 1000
"""What a rule may give; ten years of weekly meetings are half of it."""


class BodyKind(StrEnum):
    """What a body is for (domain.md 2.5, 2.6)."""

    COMMITTEE = "committee"
    COUNTY_BODY = "county_body"
    COORDINATING_GROUP = "coordinating_group"
    LOCAL_GROUP = "local_group"
    POLITICAL_BODY = "political_body"
    DECIDING_BODY = "deciding_body"


@dataclass(frozen=True, order=True)
class Meeting:
    """One planned meeting: its local day, and its local time where one is set."""

    on: date
    at: time | None = None


@dataclass(frozen=True)
class Body:
    """A body of one party, or of the county where it has no party, with its seats and its planned meetings."""

    id: str
    kind: BodyKind
    name: str
    name_en: str = ""
    party_id: str | None = None
    posts: tuple[str, ...] = ()
    chair: str | None = None
    meetings: tuple[Meeting, ...] = ()
    """In time order, each day once."""


@dataclass(frozen=True)
class Sitting:
    """When a body meets next within a period: `is_in_time` is false where no meeting is planned within it."""

    body: Body
    on: date | None
    is_in_time: bool


def next_sitting(
    bodies: Iterable[Body],
    *,
    kind: str,
    party_id: str | None,
    not_before: date,
    not_after: date | None,
    body_id: str | None = None,
) -> Sitting | None:
    """The first meeting on or after `not_before` among the party's bodies of the kind, or the county's where no party
    is given. With none on or before `not_after` that date stands, unmoved; None where there is no such body."""
    asked = sorted(
        (each for each in bodies if each.kind == kind and each.party_id == party_id and body_id in (None, each.id)),
        key=lambda each: each.id,
    )
    planned = [
        (meeting.on, body.id, body)
        for body in asked
        for meeting in body.meetings
        if not_before <= meeting.on and (not_after is None or meeting.on <= not_after)
    ]
    if planned:
        on, _, body = min(planned, key=lambda each: each[:2])
        return Sitting(body, on, True)
    return Sitting(asked[0], not_after, False) if asked else None


def read_body(entry: Entry, *, closed: frozenset[date]) -> Body:
    """The body that an entry of the directory file describes. InvalidInput for a rule that gives no meetings."""
    return Body(
        id=entry.text("id"),
        kind=entry.one_of("kind", {each.value: each for each in BodyKind}),
        name=entry.text("name"),
        name_en=entry.text("name_en", ""),
        party_id=entry.text_or_none("party"),
        posts=entry.texts("posts"),
        chair=entry.text_or_none("chair"),
        meetings=entry.listed_or_ruled("meetings", _listed, lambda rule: _ruled(rule, closed)),
    )


def body_entry(body: Body) -> Mapping[str, object]:
    """The entry of the directory file that `read_body` makes the same body of; the meetings day by day."""
    entry = {
        "id": body.id,
        "kind": body.kind.value,
        "name": body.name,
        "name_en": body.name_en,
        "party": body.party_id,
        "posts": list(body.posts),
        "chair": body.chair,
        "meetings": meeting_texts(body.meetings),
    }
    return {key: value for key, value in entry.items() if value not in (None, "", [])}


def meeting_texts(meetings: Iterable[Meeting]) -> list[str]:
    """The meetings as ISO dates, or local date-times where a time is set."""
    return [f"{each.on}T{each.at:%H:%M}" if each.at else each.on.isoformat() for each in meetings]


def meetings_from(texts: Iterable[str]) -> tuple[Meeting, ...]:
    """The meetings that ISO dates and local date-times stand for, in time order. ValueError for any other text."""
    return tuple(sorted({_meeting(text) for text in texts}))


def _meeting(text: str) -> Meeting:
    if "T" not in text:
        return Meeting(date.fromisoformat(text))
    at = datetime.fromisoformat(text)
    if at.tzinfo is not None:
        raise ValueError("a meeting's time is the local one")
    return Meeting(at.date(), at.time())


def _listed(texts: tuple[str, ...], place: str) -> tuple[Meeting, ...]:
    try:
        return meetings_from(texts)
    except ValueError as error:
        raise InvalidInput(
            f"{place} ska vara datum (åååå-mm-dd) eller lokala tider (åååå-mm-ddTtt:mm) utan tidszon."
        ) from error


def _ruled(rule: Entry, closed: frozenset[date]) -> tuple[Meeting, ...]:
    """A day that is no working day gives way to the next one; the days of `except` are left out."""
    first, until = rule.day("from"), rule.day("until")
    every = _EVERY.fullmatch(rule.text("every"))
    if every is None:
        raise rule.wrong("every", "ska vara till exempel P3W (var tredje vecka) eller P1M (varje månad)")
    left_out = rule.days("except")
    at = rule.clock_time("at")
    count, unit = int(every[1]), every[2]
    meetings: list[Meeting] = []
    for number in range(_MOST_MEETINGS):
        if unit == "M":
            on = calendar.add_months(first, number * count)
        else:
            on = first + timedelta(days=number * count * (7 if unit == "W" else 1))
        if on > until:
            return tuple(sorted(set(meetings)))
        if on not in left_out:
            meetings.append(Meeting(calendar.next_working_day(on, closed), at))
    raise rule.wrong("until", f"ger fler än {_MOST_MEETINGS} möten; välj ett närmare datum")
