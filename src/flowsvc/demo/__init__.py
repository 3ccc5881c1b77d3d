"""The demonstration county: fictitious authorities, units, posts and people, with dates that follow today."""

import json
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources

from flowsvc.demo import stories
from flowsvc.domain import calendar, directory_file
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.agreements import Agreement
from flowsvc.domain.bodies import Body
from flowsvc.domain.directory import Directory
from flowsvc.usecases import directory as directories
from flowsvc.usecases.context import Context

PASSWORD = "prova-flowsvc"  # noqa: S105 - everybody's in the demonstration, and shown when it starts
"""What every person of the demonstration county signs in with."""

_WRITTEN_FOR = date(2026, 1, 1)
"""The day that the file takes for today."""


def load(ctx: Context) -> None:
    """The county is in the database with its stories up to now, and everybody in it signs in with PASSWORD. The shipped
    processes are there already."""
    county = directory_file.to_json(directory(ctx.today()))
    directories.import_directory(ctx, SYSTEM, json.dumps(county).encode())
    stories.play(ctx)
    # Last, for it is what says that the county is loaded.
    directories.share_password(ctx, SYSTEM, password=PASSWORD)


def is_loaded(ctx: Context) -> bool:
    """Whether the county is there already."""
    return any(each.has_password for each in directories.list_users(ctx, SYSTEM))


def directory(today: date) -> Directory:
    """The county as it stands today: who is on leave, who steps in and what is about to expire is the same whatever the
    day, and bodies meet in the months and on the weekdays that the file says."""
    text = resources.files("flowsvc.demo").joinpath("county.json").read_text(encoding="utf-8")
    county = directory_file.from_json(json.loads(text))
    since = today - _WRITTEN_FOR
    return replace(
        county,
        assignments=tuple(
            replace(each, from_on=each.from_on + since, until_on=_moved(each.until_on, since))
            for each in county.assignments
        ),
        absences=tuple(
            replace(each, from_on=each.from_on + since, until_on=each.until_on + since) for each in county.absences
        ),
        bodies={each.id: _meeting_later(each, years=today.year - _WRITTEN_FOR.year) for each in county.bodies.values()},
        agreements={each.id: _agreed_later(each, since) for each in county.agreements.values()},
    )


def _agreed_later(agreement: Agreement, since: timedelta) -> Agreement:
    """Versions begin with a month and end with one, as agreements do."""

    def first(on: date | None) -> date | None:
        return (on + since).replace(day=1) if on else None

    def last(on: date | None) -> date | None:
        return (on + timedelta(days=1) + since).replace(day=1) - timedelta(days=1) if on else None

    versions = tuple(
        replace(
            each,
            valid_from=first(each.valid_from),
            valid_until=last(each.valid_until),
            parties=tuple(replace(party, decided_on=_moved(party.decided_on, since)) for party in each.parties),
        )
        for each in agreement.versions
    )
    changes = tuple(replace(each, on=each.on + since) for each in agreement.changes)
    return replace(agreement, versions=versions, changes=changes)


def _meeting_later(body: Body, *, years: int) -> Body:
    # So many weeks are a year but for a day or two, and keep the weekday.
    later = timedelta(weeks=52) * years
    moved = {replace(each, on=calendar.next_working_day(each.on + later, frozenset())) for each in body.meetings}
    return replace(body, meetings=tuple(sorted(moved)))


def _moved(on: date | None, since: timedelta) -> date | None:
    return on + since if on else None
