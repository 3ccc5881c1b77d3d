"""Bodies and their meetings: rules become days, and the next meeting never moves a last day."""

from datetime import date, time
from typing import Any

import pytest

from flowsvc.domain import directory_file
from flowsvc.domain.bodies import Body, BodyKind, Meeting, next_sitting
from flowsvc.domain.errors import InvalidInput

TODAY = date(2026, 3, 2)


def make_file(**body: Any) -> dict[str, Any]:
    return {
        "parties": [{"id": "k", "type": "municipality", "name": "Ekviks kommun", "county": "SJ"}],
        "units": [{"id": "kommun", "party": "k", "name": "Ekviks kommun"}],
        "posts": [{"id": "chef", "unit": "kommun", "name": "Kommundirektör", "level": "LEAD"}],
        "people": [{"id": "a", "username": "chef", "name": "Alva Ek"}],
        "assignments": [{"person": "a", "post": "chef", "from": "2026-01-01"}],
        "bodies": [
            {
                "id": "utskott",
                "kind": "committee",
                "name": "Individutskottet",
                "party": "k",
                "posts": ["chef"],
                "meetings": ["2026-03-10"],
            }
            | body
        ],
    }


def read(**body: Any) -> Body:
    return directory_file.from_json(make_file(**body)).bodies["utskott"]


def days(body: Body) -> list[str]:
    return [meeting.on.isoformat() for meeting in body.meetings]


def make_body(identity: str, *meetings: date, kind: BodyKind = BodyKind.COMMITTEE, party: str | None = "k") -> Body:
    return Body(identity, kind, identity, party_id=party, meetings=tuple(map(Meeting, meetings)))


def test_listed_meetings_are_days_or_local_times_in_time_order() -> None:
    body = read(meetings=["2026-04-07T13:00", "2026-03-10", "2026-03-10"])

    assert body.meetings == (Meeting(date(2026, 3, 10)), Meeting(date(2026, 4, 7), time(13)))


def test_a_rule_gives_the_meetings_between_its_days_without_the_exceptions() -> None:
    body = read(meetings={"from": "2026-03-03", "every": "P3W", "until": "2026-05-05", "except": ["2026-03-24"]})

    assert days(body) == ["2026-03-03", "2026-04-14", "2026-05-05"]


def test_a_day_of_a_rule_that_is_no_working_day_gives_way_to_the_next_one() -> None:
    # 2026-04-03 is Good Friday and 2026-04-06 Easter Monday.
    body = read(meetings={"from": "2026-03-03", "every": "P1M", "until": "2026-05-03", "at": "09:30"})

    assert body.meetings == (
        Meeting(date(2026, 3, 3), time(9, 30)),
        Meeting(date(2026, 4, 7), time(9, 30)),
        Meeting(date(2026, 5, 4), time(9, 30)),
    )


def test_a_closed_day_of_the_county_is_no_meeting_day() -> None:
    data = make_file(meetings={"from": "2026-03-10", "every": "P1W", "until": "2026-03-10"})
    data["closed_days"] = [{"on": "2026-03-10", "name": "Stängt"}]

    assert days(directory_file.from_json(data).bodies["utskott"]) == ["2026-03-11"]


@pytest.mark.parametrize(
    ("meetings", "words"),
    [
        (["i mars"], "meetings ska vara datum"),
        (["2026-03-10T13:00+01:00"], "utan tidszon"),
        ({"from": "2026-03-10", "every": "3 veckor", "until": "2026-04-10"}, "every ska vara till exempel P3W"),
        ({"from": "2026-03-10", "every": "P1W"}, "until saknas"),
        ({"from": "2026-03-10", "every": "P1D", "until": "2036-03-10"}, "fler än 1000 möten"),
        ({"from": "2026-03-10", "every": "P1W", "until": "2026-04-10", "at": "kl 9"}, "at ska vara ett klockslag"),
        ({"from": "2026-03-10", "every": "P1W", "until": "2026-04-10", "utom": []}, "okända namn: utom"),
        ({"from": "2026-03-10", "every": "P1W", "until": "2026-04-10", "except": ["jul"]}, "except ska vara en"),
    ],
)  # fmt: skip
def test_meetings_that_cannot_be_read_are_refused_with_the_place(meetings: object, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(meetings=meetings)

    assert words in refused.value.message
    assert "bodies nr 1" in refused.value.message


def test_what_is_written_is_read_back_the_same() -> None:
    directory = directory_file.from_json(
        make_file(name_en="Sub-committee", chair="chef", meetings=["2026-03-10", "2026-04-07T13:00"])
    )

    assert directory_file.from_json(directory_file.to_json(directory)) == directory


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"party": "x"}, "directory.unknown_id"),
        ({"chair": "x"}, "directory.unknown_id"),
        ({"posts": ["chef", "x"]}, "directory.unknown_id"),
        ({"posts": []}, "directory.empty_body"),
        ({"meetings": ["2026-03-01"]}, "directory.no_meetings"),
    ],
)
def test_what_a_body_lacks_is_said_when_the_directory_is_checked(body: dict[str, Any], code: str) -> None:
    problems = directory_file.check(directory_file.from_json(make_file(**body)), on=TODAY)

    assert [(each.code, each.element_id) for each in problems] == [(code, "utskott")]


def test_the_next_sitting_is_the_first_meeting_of_any_of_the_partys_bodies_of_the_kind() -> None:
    bodies = [
        make_body("a", date(2026, 3, 1), date(2026, 3, 20)),
        make_body("b", date(2026, 3, 12)),
        make_body("c", date(2026, 3, 3), party="other"),
        make_body("d", date(2026, 3, 3), kind=BodyKind.LOCAL_GROUP),
    ]

    found = next_sitting(bodies, kind="committee", party_id="k", not_before=TODAY, not_after=None)

    assert found is not None
    assert (found.body.id, found.on, found.is_in_time) == ("b", date(2026, 3, 12), True)


def test_a_meeting_on_the_last_day_is_in_time_and_the_day_after_leaves_the_last_day_unmoved() -> None:
    last = date(2026, 3, 20)

    on_it = next_sitting([make_body("a", last)], kind="committee", party_id="k", not_before=TODAY, not_after=last)
    after = next_sitting(
        [make_body("a", date(2026, 3, 21))], kind="committee", party_id="k", not_before=TODAY, not_after=last
    )

    assert on_it is not None
    assert after is not None
    assert (on_it.on, on_it.is_in_time) == (last, True)
    assert (after.on, after.is_in_time) == (last, False)


def test_there_is_no_sitting_where_there_is_no_such_body() -> None:
    bodies = [make_body("a", date(2026, 3, 20), party=None)]

    assert next_sitting(bodies, kind="committee", party_id="k", not_before=TODAY, not_after=None) is None
    assert next_sitting(bodies, kind="committee", party_id=None, not_before=TODAY, not_after=None) is not None
    assert next_sitting(bodies, kind="committee", party_id=None, not_before=TODAY, not_after=None, body_id="b") is None
