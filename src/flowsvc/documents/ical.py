"""A calendar as other programs read it (iCalendar, RFC 5545); hides the library and its time zones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True)
class Appointment:
    """A whole day, or a moment in UTC. `id` is the same each time it is told, so that programs know it again."""

    id: str
    on: date | datetime
    title: str
    is_busy: bool
    """Whether people are taken up then; a last day takes nobody up."""


def feed(name: str, appointments: Sequence[Appointment], *, now: datetime) -> bytes:
    """The calendar with its name and these appointments, in UTF-8."""
    calendar = Calendar()
    calendar.add("prodid", "-//flowsvc//flowsvc//SV")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for each in appointments:
        event = Event()
        event.add("uid", f"{each.id}@flowsvc")
        event.add("dtstamp", now)
        event.add("dtstart", each.on)
        event.add("summary", each.title)
        event.add("class", "PRIVATE")
        event.add("transp", "OPAQUE" if each.is_busy else "TRANSPARENT")
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
