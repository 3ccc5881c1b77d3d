"""The demonstration county can be used as it is: every line has its ladder, and SC8 can be seen in it."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from flowsvc import demo
from flowsvc.domain import directory as directories
from flowsvc.domain import directory_file
from flowsvc.domain.acting import acting_posts, attending
from flowsvc.domain.bodies import BodyKind
from flowsvc.domain.directory import Level, PartyType, Role
from tests.conftest import ROOT

TODAY = date(2031, 4, 9)
NOW = datetime(2031, 4, 9, 8, tzinfo=UTC)
COUNTY = demo.directory(TODAY)


def rungs(unit_id: str) -> list[tuple[Level, tuple[str, ...]]]:
    found = [directories.ladder(COUNTY, unit_id=unit_id, level=level, on=TODAY) for level in Level]
    return [(rung.level, rung.posts) for rung in found]


def test_nothing_in_the_county_is_refused_and_what_is_shown_as_missing_is_warned_about() -> None:
    problems = directory_file.check(COUNTY, on=TODAY)

    assert [(each.code, each.element_id) for each in problems] == [
        ("directory.empty_post", "skolomradeschef.granfors"),
        ("agreement.expires_within_6_months", "placerade-barn"),
        ("agreement.no_review", "barnens-basta"),
        ("agreement.expired", "utskrivning"),
    ]


def test_the_register_names_processes_that_are_shipped() -> None:
    named = {process for agreement in COUNTY.agreements.values() for process in agreement.processes}

    assert named
    assert named <= {path.stem for path in (ROOT / "processes").glob("*.bpmn")}


def test_there_are_a_region_and_four_municipalities_of_a_county_that_does_not_exist() -> None:
    types = [party.type for party in COUNTY.parties.values()]

    assert (types.count(PartyType.REGION), types.count(PartyType.MUNICIPALITY)) == (1, 4)
    assert {party.county for party in COUNTY.parties.values()} == {"SJ"}


def test_people_sign_in_by_the_name_of_their_post() -> None:
    names = {person.username for person in COUNTY.people.values()}

    assert {"enhetschef.bup", "bup.behandlare", "socialsekreterare.alvsta", "ifo-chef.alvsta"} <= names
    assert {
        "socialdirektor.alvsta",
        "processledare",
        "processagare",
        "driftansvarig",
        "administrator",
    } <= names
    assert names - set(COUNTY.posts) == {"bup.behandlare2", "socialsekreterare2.alvsta", "processledare2"}


def test_both_sides_have_posts_at_every_level_with_mandates_that_grow() -> None:
    for unit_id in ("bup-oppenvard", "alvsta-barn", "alvsta-lss", "alvsta-elevhalsa", "habilitering-team"):
        assert [level for level, _ in rungs(unit_id)] == list(Level)
        mandates = [
            directories.ladder(COUNTY, unit_id=unit_id, level=level, on=TODAY).cost_mandate or 0 for level in Level
        ]
        assert all(lower < higher for lower, higher in pairwise(mandates))


def test_the_small_municipality_has_no_area_managers_and_answers_one_level_up() -> None:
    assert rungs("tallmyra-barn") == [
        (Level.OPER, ("socialsekreterare.tallmyra",)),
        (Level.UNIT, ("enhetschef.barn.tallmyra",)),
        (Level.DIR, ("socialdirektor.tallmyra",)),
        (Level.DIR, ("socialdirektor.tallmyra",)),
        (Level.LEAD, ("kommundirektor.tallmyra",)),
    ]


def test_the_school_has_a_line_of_its_own() -> None:
    assert [posts for _, posts in rungs("alvsta-skola")] == [
        ("larare.alvsta",),
        ("rektor.alvsta",),
        ("skolomradeschef.alvsta",),
        ("utbildningsdirektor.alvsta",),
        ("kommundirektor.alvsta",),
    ]


def test_a_vacant_post_is_passed_over() -> None:
    assert rungs("granfors-skola")[Level.AREA] == (Level.DIR, ("utbildningsdirektor.granfors",))


@pytest.mark.parametrize("unit_id", [u for u in COUNTY.units if u in COUNTY.posts_of_unit and u != "sjovillan"])
def test_every_line_reaches_its_leadership(unit_id: str) -> None:
    assert rungs(unit_id)[Level.LEAD][0] is Level.LEAD


def test_every_role_is_held_by_somebody() -> None:
    held = {
        role for post in COUNTY.posts.values() if directories.holders(COUNTY, post.id, TODAY) for role in post.roles
    }

    assert held == set(Role)


def test_the_coordination_office_is_a_group_of_its_own() -> None:
    assert "samordning" in directories.groups(COUNTY)


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2028, 2, 29), TODAY])
def test_sc8_can_be_seen_whatever_the_day(today: date) -> None:
    county = demo.directory(today)
    now = datetime(today.year, today.month, today.day, 8, tzinfo=UTC)
    boss = directories.holders(county, "verksamhetschef.habilitering", today)[0]

    found = acting_posts(county, boss.id, now=now, zone="Europe/Stockholm", closed=frozenset())

    assert attending(county, "enhetschef.habilitering", today) is None
    late = [each for each in found if each.on_behalf_of == "enhetschef.habilitering"]
    assert [each.opened_before is not None for each in late] == [True]


def test_a_named_substitute_steps_in_for_a_manager_who_is_away() -> None:
    assert attending(COUNTY, "enhetschef.lss.alvsta", TODAY) == "lss-handlaggare.alvsta"


def test_the_managers_that_the_guide_signs_in_as_are_at_work() -> None:
    for post in ("enhetschef.bup", "enhetschef.barn.alvsta", "ifo-chef.alvsta", "verksamhetschef.bup"):
        assert attending(COUNTY, post, TODAY) == post


def test_the_file_of_the_county_is_written_as_it_would_be_exported() -> None:
    assert directory_file.from_json(directory_file.to_json(COUNTY)) == COUNTY


def test_every_municipality_has_a_committee_that_meets_every_second_or_third_week_for_two_years() -> None:
    committees = {each.party_id: each for each in COUNTY.bodies.values() if each.kind is BodyKind.COMMITTEE}

    assert set(committees) == {"alvsta", "bjorknas", "granfors", "tallmyra"}
    for body in committees.values():
        ahead = [meeting.on for meeting in body.meetings if meeting.on >= TODAY]
        assert ahead[-1] >= date(TODAY.year + 2, 1, 1)
        assert all(7 <= (after - before).days <= 28 for before, after in pairwise(ahead))


def test_local_groups_meet_in_spring_and_in_autumn_whatever_the_year() -> None:
    for year in (2026, 2031):
        county = demo.directory(date(year, 4, 9))
        groups = [each for each in county.bodies.values() if each.kind is BodyKind.LOCAL_GROUP]

        assert len(groups) == 2
        for group in groups:
            months = [meeting.on.month for meeting in group.meetings if meeting.on.year == year]
            assert len(months) == 2
            assert months[0] in (3, 4, 5)
            assert months[1] in (9, 10, 11)
