"""Who may act as whom: holders, substitutes in order, the nearest manager last (domain.md 2.6, SC8)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from flowsvc.domain.access import ActingPost, Actor, ActorKind, acting_post, task_scope
from flowsvc.domain.acting import acting_posts
from flowsvc.domain.directory import (
    Absence,
    Assignment,
    Directory,
    Level,
    Party,
    PartyType,
    Person,
    Post,
    Role,
    Substitution,
    Unit,
)
from flowsvc.domain.tasks import TaskState, UserTask

ZONE = "Europe/Stockholm"
MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
LINE = {
    "director": ("region", Level.DIR),
    "area": ("bup", Level.AREA),
    "unit": ("clinic", Level.UNIT),
    "clinician": ("clinic", Level.OPER),
    "physician": ("clinic", Level.OPER),
    "psychologist": ("clinic", Level.OPER),
}
THREE_WEEKS = (date(2026, 10, 5), date(2026, 10, 25))


def make_directory(
    *, substitutes: tuple[str, ...] = (), away: tuple[str, ...] = (), empty: tuple[str, ...] = ()
) -> Directory:
    """One line of a region, each post held by a person of its own; `substitutes` are those of `unit`."""
    return Directory(
        revision=1,
        parties={"r": Party("r", PartyType.REGION, "Regionen", "", "SJ")},
        units={
            "region": Unit("region", "r", None, "Region", ""),
            "bup": Unit("bup", "r", "region", "BUP", ""),
            "clinic": Unit("clinic", "r", "bup", "Mottagning", ""),
        },
        posts={
            post: Post(post, unit, post, "", level, (Role.STAFF,), (f"group-{post}",), cost_mandate=level * 100)
            for post, (unit, level) in LINE.items()
        },
        people={f"p-{post}": Person(f"p-{post}", post, post, "") for post in LINE},
        assignments=tuple(Assignment(f"p-{post}", post, date(2025, 1, 1)) for post in LINE if post not in empty),
        substitutions=tuple(
            Substitution("unit", substitute, order) for order, substitute in enumerate(substitutes, start=1)
        ),
        absences=tuple(Absence(f"p-{post}", *THREE_WEEKS) for post in away),
    )


def acting(directory: Directory, post: str, now: datetime = MONDAY) -> tuple[ActingPost, ...]:
    return acting_posts(directory, f"p-{post}", now=now, zone=ZONE, closed=frozenset())


def stands_in_for(directory: Directory, post: str, now: datetime = MONDAY) -> dict[str, datetime | None]:
    return {
        each.on_behalf_of: each.opened_before for each in acting(directory, post, now) if each.on_behalf_of is not None
    }


def make_task(opened_at: datetime, *candidates: str) -> UserTask:
    return UserTask(
        id="t",
        instance_id="i",
        token="k",
        element_id="e",
        process_key="p",
        name="Ange ståndpunkt",
        name_en="State position",
        lane="",
        party_id="r",
        scope="",
        form_definition_id=None,
        form_key="",
        state=TaskState.OPEN,
        assignee=None,
        assigned_post=None,
        due_rule="P5BD",
        due_on=date(2026, 10, 12),
        due_at=datetime(2026, 10, 12, 22, tzinfo=UTC),
        follow_up_at=None,
        priority=50,
        delivers_support=False,
        properties={},
        opened_at=opened_at,
        closed_at=None,
        closed_by=None,
        version=1,
        candidate_posts=candidates,
    )


def actor(directory: Directory, post: str, now: datetime) -> Actor:
    posts = acting(directory, post, now)
    return Actor(kind=ActorKind.PERSON, person_id=f"p-{post}", name=post, posts=posts)


def test_a_person_acts_as_the_posts_held_today_and_as_nothing_else() -> None:
    found = acting(make_directory(), "unit")

    assert [(each.post_id, each.on_behalf_of, each.opened_before) for each in found] == [("unit", None, None)]
    assert (found[0].party_id, found[0].level, found[0].cost_mandate) == ("r", Level.UNIT, 100)


def test_nobody_unknown_or_disabled_acts_as_anything() -> None:
    directory = make_directory()
    disabled = replace(directory.people["p-unit"], disabled=True)

    assert acting(directory, "nobody") == ()
    assert acting(replace(directory, people={**directory.people, "p-unit": disabled}), "unit") == ()


def test_a_substitute_steps_in_at_once_with_the_mandate_and_groups_of_the_post() -> None:
    directory = make_directory(substitutes=("physician",), away=("unit",))

    stand_in = next(each for each in acting(directory, "physician") if each.on_behalf_of)

    assert (stand_in.post_id, stand_in.on_behalf_of, stand_in.opened_before) == ("physician", "unit", None)
    assert (stand_in.cost_mandate, stand_in.groups) == (100, ("group-unit",))


def test_a_substitute_stands_back_while_the_manager_is_there() -> None:
    assert stands_in_for(make_directory(substitutes=("physician",)), "physician") == {}


def test_only_the_first_substitute_who_is_present_steps_in() -> None:
    both = make_directory(substitutes=("physician", "psychologist"), away=("unit",))
    second = make_directory(substitutes=("physician", "psychologist"), away=("unit", "physician"))

    assert (stands_in_for(both, "physician"), stands_in_for(both, "psychologist")) == ({"unit": None}, {})
    assert stands_in_for(second, "psychologist")["unit"] is None
    assert stands_in_for(second, "physician") == {}


def test_a_substitute_steps_in_for_a_post_that_nobody_holds() -> None:
    directory = make_directory(substitutes=("physician",), empty=("unit",))

    assert stands_in_for(directory, "physician") == {"unit": None}


def test_while_one_of_two_holders_is_there_nobody_steps_in() -> None:
    directory = make_directory(substitutes=("physician",), away=("unit",))
    shared = Assignment("p-clinician", "unit", date(2026, 1, 1))

    assert stands_in_for(replace(directory, assignments=(*directory.assignments, shared)), "physician") == {}


def test_sc8_a_manager_on_leave_without_substitute_hands_over_to_the_next_manager_after_one_working_day() -> None:
    directory = make_directory(away=("unit",))
    task = make_task(MONDAY, "unit")
    soon, later = MONDAY + timedelta(hours=23), MONDAY + timedelta(days=1)

    too_early = acting_post(actor(directory, "area", soon), task)
    on_time = acting_post(actor(directory, "area", later), task)

    assert too_early is None
    assert on_time is not None
    assert (on_time.post_id, on_time.on_behalf_of) == ("area", "unit")
    assert task.due_on == date(2026, 10, 12)
    assert acting_post(actor(directory, "director", later), task) is None


def test_sc8_the_manager_who_comes_back_has_her_tasks_again_and_the_next_manager_has_not() -> None:
    directory = make_directory(away=("unit",))
    task = make_task(MONDAY, "unit")
    back = datetime(2026, 10, 26, 8, tzinfo=UTC)

    assert acting_post(actor(directory, "unit", back), task) is not None
    assert acting_post(actor(directory, "area", back), task) is None


def test_sc8_the_lists_of_the_next_manager_show_only_what_has_waited_long_enough() -> None:
    scope = task_scope(actor(make_directory(away=("unit",)), "area", MONDAY))

    assert scope.posts == {"area"}
    assert scope.late_posts == {"unit": datetime(2026, 10, 2, 8, tzinfo=UTC)}


def test_with_the_next_manager_away_too_the_one_above_steps_in() -> None:
    directory = make_directory(away=("unit", "area"))

    assert set(stands_in_for(directory, "director")) == {"unit", "area"}


def test_the_substitute_of_the_next_manager_steps_in_for_those_below_as_well() -> None:
    directory = replace(make_directory(away=("unit", "area")), substitutions=(Substitution("area", "psychologist"),))

    assert stands_in_for(directory, "psychologist") == {
        "area": None,
        "unit": datetime(2026, 10, 2, 8, tzinfo=UTC),
    }
    assert stands_in_for(directory, "director") == {}


def test_the_next_manager_acts_with_her_own_higher_mandate() -> None:
    directory = make_directory(away=("unit",))

    assert [each.cost_mandate for each in acting(directory, "area") if each.on_behalf_of] == [200]


def test_staff_never_step_in_for_each_other_without_being_named() -> None:
    directory = make_directory(away=("physician",))

    assert stands_in_for(directory, "psychologist") == {}
    assert set(stands_in_for(directory, "unit")) == {"physician"}


@pytest.mark.parametrize("grace", [0, 1, 3])
def test_the_days_of_grace_are_working_days(grace: int) -> None:
    directory = make_directory(away=("unit",))
    expected = {0: MONDAY, 1: datetime(2026, 10, 2, 8, tzinfo=UTC), 3: datetime(2026, 9, 30, 8, tzinfo=UTC)}

    found = acting_posts(directory, "p-area", now=MONDAY, zone=ZONE, closed=frozenset(), absence_grace=grace)

    assert [each.opened_before for each in found if each.on_behalf_of] == [expected[grace]]
