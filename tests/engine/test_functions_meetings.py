"""The functions about meetings, over a county with a committee and a coordinating group."""

from dataclasses import replace
from datetime import date

from flowsvc.domain.bodies import Body, BodyKind, Meeting
from tests.engine.test_functions import call
from tests.processes.county import COUNTY

# Today is Monday 2 March 2026.
UTSKOTT = Body(
    "utskott",
    BodyKind.COMMITTEE,
    "Individutskottet",
    party_id="ekby",
    posts=("a", "b"),
    chair="a",
    meetings=(Meeting(date(2026, 2, 24)), Meeting(date(2026, 3, 17)), Meeting(date(2026, 4, 7))),
)
GRUPP = Body("grupp", BodyKind.COORDINATING_GROUP, "Samordnande gruppen", posts=("c",), meetings=UTSKOTT.meetings)
WITH_BODIES = replace(COUNTY, bodies={UTSKOTT.id: UTSKOTT, GRUPP.id: GRUPP})


def test_the_next_meeting_comes_with_its_body_and_who_sits_on_it() -> None:
    found = call(
        "meeting.next",
        {"body_kind": "committee", "party": "ekby", "not_before": date(2026, 3, 18), "not_after": date(2026, 8, 1)},
        directory=WITH_BODIES,
    )

    assert found == {
        "meeting_on": date(2026, 4, 7),
        "body": "utskott",
        "body_name": "Individutskottet",
        "posts": ["post:a", "post:b"],
        "chair": "post:a",
        "is_in_time": True,
    }


def test_the_last_day_stands_where_no_meeting_is_planned_by_then() -> None:
    found = call(
        "meeting.next",
        {"body_kind": "committee", "party": "ekby", "not_before": date(2026, 3, 18), "not_after": date(2026, 4, 1)},
        directory=WITH_BODIES,
    )

    assert (found["meeting_on"], found["is_in_time"], found["body"]) == (date(2026, 4, 1), False, "utskott")


def test_the_last_day_stands_where_the_party_has_no_such_body() -> None:
    found = call(
        "meeting.next",
        {"body_kind": "committee", "party": "lund", "not_before": None, "not_after": date(2026, 4, 1)},
        directory=WITH_BODIES,
    )

    assert (found["meeting_on"], found["is_in_time"], found["body"], found["posts"], found["chair"]) == (
        date(2026, 4, 1),
        False,
        "",
        [],
        "",
    )


def test_without_a_party_the_countys_body_is_meant() -> None:
    found = call("meeting.next", {"body_kind": "coordinating_group"}, directory=WITH_BODIES)

    assert (found["meeting_on"], found["body"], found["chair"]) == (date(2026, 3, 17), "grupp", "")


def test_a_deadline_is_the_next_meeting_where_it_comes_before_the_working_days_have_run() -> None:
    found = call("meeting.deadline", {"body_kind": "coordinating_group", "working_days": 15}, directory=WITH_BODIES)

    assert (found["due_on"], found["is_meeting"], found["posts"]) == (date(2026, 3, 17), True, ["post:c"])


def test_a_deadline_is_so_many_working_days_where_the_next_meeting_comes_later() -> None:
    found = call("meeting.deadline", {"body_kind": "coordinating_group", "working_days": 5}, directory=WITH_BODIES)

    assert (found["due_on"], found["is_meeting"], found["body"]) == (date(2026, 3, 9), False, "grupp")


def test_a_deadline_may_name_its_body() -> None:
    found = call(
        "meeting.deadline",
        {"body_kind": "coordinating_group", "body": "another", "working_days": 15},
        directory=WITH_BODIES,
    )

    assert (found["due_on"], found["is_meeting"], found["body"]) == (date(2026, 3, 23), False, "")
