"""The ladder by functional level, who holds a post, and what forms may choose from the directory."""

from collections.abc import Mapping
from datetime import date

import pytest

from flowsvc.domain import directory as directories
from flowsvc.domain.directory import (
    Absence,
    Assignment,
    Directory,
    Level,
    Party,
    PartyType,
    Person,
    Post,
    Substitution,
    Unit,
)
from flowsvc.domain.errors import InvalidInput

TODAY = date(2026, 10, 7)
BEFORE = date(2025, 1, 1)


def make_directory(
    posts: Mapping[str, tuple[str, Level, int | None]],
    *,
    units: Mapping[str, tuple[str, str | None]],
    empty: tuple[str, ...] = (),
    substitutions: tuple[Substitution, ...] = (),
    absences: tuple[Absence, ...] = (),
) -> Directory:
    """One person per post, of the same name, except on the empty ones."""
    parties = {
        "region": Party("region", PartyType.REGION, "Regionen", "The Region", "SJ"),
        "ekvik": Party("ekvik", PartyType.MUNICIPALITY, "Ekviks kommun", "Ekvik Municipality", "SJ"),
        "hem": Party("hem", PartyType.PROVIDER, "Hemmet AB", "", "SJ"),
    }
    return Directory(
        revision=1,
        parties=parties,
        units={
            unit: Unit(unit, party, parent, unit.capitalize(), f"{unit} en") for unit, (party, parent) in units.items()
        },
        posts={
            post: Post(post, unit, post.capitalize(), f"{post} en", level, cost_mandate=mandate)
            for post, (unit, level, mandate) in posts.items()
        },
        people={f"p-{post}": Person(f"p-{post}", post, post, "") for post in posts},
        assignments=tuple(Assignment(f"p-{post}", post, BEFORE) for post in posts if post not in empty),
        substitutions=substitutions,
        absences=absences,
    )


LARGE = {
    "region": ("region", None),
    "psykiatri": ("region", "region"),
    "bup": ("region", "psykiatri"),
    "mottagning": ("region", "bup"),
}
LARGE_POSTS = {
    "direktor": ("region", Level.LEAD, 9_000),
    "omradesdirektor": ("psykiatri", Level.DIR, 800),
    "verksamhetschef": ("bup", Level.AREA, 70),
    "enhetschef": ("mottagning", Level.UNIT, 6),
    "behandlare": ("mottagning", Level.OPER, None),
    "lakare": ("mottagning", Level.OPER, None),
}


def test_each_level_of_the_ladder_is_the_line_above_the_unit() -> None:
    directory = make_directory(LARGE_POSTS, units=LARGE)

    rungs = [directories.ladder(directory, unit_id="mottagning", level=level, on=TODAY) for level in Level]

    assert [(rung.level, rung.posts, rung.cost_mandate) for rung in rungs] == [
        (Level.OPER, ("behandlare", "lakare"), None),
        (Level.UNIT, ("enhetschef",), 6),
        (Level.AREA, ("verksamhetschef",), 70),
        (Level.DIR, ("omradesdirektor",), 800),
        (Level.LEAD, ("direktor",), 9_000),
    ]
    assert {rung.party_id for rung in rungs} == {"region"}


def test_a_party_without_a_level_answers_at_its_next_higher_one() -> None:
    units = {"kommun": ("ekvik", None), "social": ("ekvik", "kommun"), "barn": ("ekvik", "social")}
    posts = {
        "kommundirektor": ("kommun", Level.LEAD, 1),
        "socialchef": ("social", Level.DIR, 1),
        "enhetschef": ("barn", Level.UNIT, 1),
    }
    directory = make_directory(posts, units=units)

    at_area = directories.ladder(directory, unit_id="barn", level=Level.AREA, on=TODAY)
    at_operational = directories.ladder(directory, unit_id="barn", level=Level.OPER, on=TODAY)

    assert (at_area.level, at_area.posts) == (Level.DIR, ("socialchef",))
    assert (at_operational.level, at_operational.posts) == (Level.UNIT, ("enhetschef",))


def test_a_level_in_another_line_of_the_party_is_not_borrowed() -> None:
    units = {"kommun": ("ekvik", None), "social": ("ekvik", "kommun"), "skola": ("ekvik", "kommun")}
    posts = {
        "kommundirektor": ("kommun", Level.LEAD, 1),
        "socialchef": ("social", Level.DIR, 1),
        "skolomradeschef": ("skola", Level.AREA, 1),
    }
    directory = make_directory(posts, units=units)

    rung = directories.ladder(directory, unit_id="social", level=Level.AREA, on=TODAY)

    assert rung.posts == ("socialchef",)


def test_a_line_that_ends_too_low_goes_on_in_its_party() -> None:
    units = {"ledning": ("ekvik", None), "skola": ("ekvik", None)}
    posts = {"kommundirektor": ("ledning", Level.LEAD, 1), "rektor": ("skola", Level.UNIT, 1)}
    directory = make_directory(posts, units=units)

    rung = directories.ladder(directory, unit_id="skola", level=Level.DIR, on=TODAY)

    assert (rung.level, rung.posts) == (Level.LEAD, ("kommundirektor",))


def test_an_empty_post_is_passed_over_unless_somebody_is_named_for_it() -> None:
    empty = make_directory(LARGE_POSTS, units=LARGE, empty=("enhetschef",))
    named = make_directory(
        LARGE_POSTS, units=LARGE, empty=("enhetschef",), substitutions=(Substitution("enhetschef", "lakare"),)
    )

    passed_over = directories.ladder(empty, unit_id="mottagning", level=Level.UNIT, on=TODAY)
    kept = directories.ladder(named, unit_id="mottagning", level=Level.UNIT, on=TODAY)

    assert passed_over.posts == ("verksamhetschef",)
    assert kept.posts == ("enhetschef",)


def test_a_manager_on_leave_still_has_her_place_in_the_ladder() -> None:
    away = Absence("p-enhetschef", TODAY, date(2026, 10, 28))
    directory = make_directory(LARGE_POSTS, units=LARGE, absences=(away,))

    rung = directories.ladder(directory, unit_id="mottagning", level=Level.UNIT, on=TODAY)

    assert rung.posts == ("enhetschef",)


@pytest.mark.parametrize("unit_id", ["okänd", "hemmet"])
def test_a_ladder_that_leads_to_nobody_is_refused_with_the_cure(unit_id: str) -> None:
    directory = make_directory({}, units={"hemmet": ("hem", None)})

    with pytest.raises(InvalidInput, match="katalogen"):
        directories.ladder(directory, unit_id=unit_id, level=Level.UNIT, on=TODAY)


def test_a_post_is_held_from_the_first_day_to_the_last_and_not_by_the_disabled() -> None:
    directory = Directory(
        revision=1,
        people={
            "a": Person("a", "a", "A", ""),
            "b": Person("b", "b", "B", "", disabled=True),
        },
        assignments=(
            Assignment("a", "enhetschef", date(2026, 3, 1), date(2026, 3, 31)),
            Assignment("b", "enhetschef", date(2026, 1, 1)),
        ),
    )

    held = {
        day: [person.id for person in directories.holders(directory, "enhetschef", day)]
        for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
    }

    assert list(held.values()) == [[], ["a"], ["a"], []]


def two_parties() -> Directory:
    units = {
        **LARGE,
        "kommun": ("ekvik", None),
        "barn": ("ekvik", "kommun"),
        "skola": ("ekvik", "kommun"),
        "tom": ("ekvik", "kommun"),
        "hemmet": ("hem", None),
    }
    posts = {
        **LARGE_POSTS,
        "kommundirektor": ("kommun", Level.LEAD, 1),
        "socialsekreterare": ("barn", Level.OPER, None),
        "rektor": ("skola", Level.UNIT, None),
        "forestandare": ("hemmet", Level.UNIT, None),
    }
    return make_directory(posts, units=units)


def test_a_form_offers_own_units_first_and_none_without_posts() -> None:
    found = directories.options(two_parties(), "units", posts=["socialsekreterare"])

    assert [choice.value for choice in found] == ["barn", "kommun", "skola"]
    assert (found[0].label, found[0].label_en) == ("Barn, Ekviks kommun", "barn en, Ekvik Municipality")


def test_a_form_offers_the_units_of_other_authorities_as_counterparts_but_no_providers() -> None:
    found = directories.options(two_parties(), "counterparts", posts=["socialsekreterare"])

    assert [choice.value for choice in found] == ["region", "psykiatri", "bup", "mottagning"]
    assert {choice.label.rpartition(", ")[2] for choice in found} == {"Regionen"}


def test_a_form_offers_all_parties() -> None:
    found = directories.options(two_parties(), "parties", posts=[])

    assert [(choice.value, choice.label_en) for choice in found] == [
        ("region", "The Region"),
        ("ekvik", "Ekvik Municipality"),
        ("hem", "Hemmet AB"),
    ]


def test_a_form_that_asks_for_something_else_is_refused() -> None:
    with pytest.raises(InvalidInput, match="people"):
        directories.options(two_parties(), "people", posts=[])
