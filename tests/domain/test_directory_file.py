"""The import file of the directory: read, written, and refused by name where it is wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from flowsvc.domain import directory_file
from flowsvc.domain.directory import Level, Role
from flowsvc.domain.errors import InvalidInput

TODAY = date(2026, 10, 7)


def make_file() -> dict[str, Any]:
    return {
        "parties": [{"id": "k", "type": "municipality", "name": "Ekviks kommun", "county": "SJ"}],
        "units": [
            {"id": "kommun", "party": "k", "name": "Ekviks kommun"},
            {"id": "barn", "party": "k", "parent": "kommun", "name": "Barn och unga", "service": "K-IFO-BU"},
        ],
        "posts": [
            {
                "id": "chef",
                "unit": "kommun",
                "name": "Kommundirektör",
                "level": "LEAD",
                "cost_mandate_kr": 0.5,
            },
            {
                "id": "ssk",
                "unit": "barn",
                "name": "Socialsekreterare",
                "name_en": "Social worker",
                "level": "OPER",
                "roles": ["staff", "manager"],
                "groups": ["barn"],
                "cost_mandate_kr": 12000,
            },
        ],
        "people": [
            {"id": "a", "username": "chef", "name": "Alva Ek"},
            {"id": "b", "username": "ssk", "name": "Bo Al", "language": "en", "disabled": True},
        ],
        "assignments": [
            {"person": "a", "post": "chef", "from": "2026-01-01"},
            {"person": "a", "post": "ssk", "from": "2026-01-01", "until": "2026-12-31"},
        ],
        "substitutions": [{"post": "chef", "substitute": "ssk"}],
        "absences": [{"person": "a", "from": "2026-10-01", "until": "2026-10-02"}],
        "closed_days": [{"on": "2026-05-15", "name": "Klämdag"}],
    }


def test_a_file_becomes_a_directory() -> None:
    directory = directory_file.from_json(make_file())

    post = directory.posts["ssk"]
    assert (post.level, post.roles, post.cost_mandate) == (Level.OPER, (Role.STAFF, Role.MANAGER), 1_200_000)
    assert directory.posts["chef"].roles == (Role.STAFF,)
    assert directory.people["b"].disabled
    assert directory.assignments[1].until_on == date(2026, 12, 31)
    assert directory.closed_days[0].on == date(2026, 5, 15)


def test_what_is_written_is_read_back_the_same() -> None:
    directory = directory_file.from_json(make_file())

    assert directory_file.from_json(directory_file.to_json(directory)) == directory


def test_a_good_directory_has_no_problems() -> None:
    assert directory_file.check(directory_file.from_json(make_file()), on=TODAY) == ()


def _set(section: str, key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        data[section][0][key] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("people", "password", "hemligt"), "people nr 1 har okända namn: password"),
        (_set("posts", "nivå", "UNIT"), "posts nr 1 har okända namn: nivå"),
        (_set("posts", "level", "CHEF"), "posts nr 1: level är 'CHEF' men ska vara något av OPER, UNIT"),
        (_set("posts", "roles", "staff"), "posts nr 1: roles ska vara en lista"),
        (_set("posts", "roles", [1]), "posts nr 1: roles ska vara en lista av texter"),
        (_set("posts", "cost_mandate_kr", "mycket"), "cost_mandate_kr ska vara ett belopp"),
        (_set("posts", "cost_mandate_kr", -1), "cost_mandate_kr ska vara ett belopp"),
        (_set("parties", "type", "landsting"), "parties nr 1: type är 'landsting'"),
        (_set("parties", "name", ""), "parties nr 1: name ska vara en text"),
        (_set("people", "disabled", "nej"), "people nr 1: disabled ska vara true eller false"),
        (_set("people", "language", "fi"), "people nr 1: language är 'fi'"),
        (_set("assignments", "from", "i fjol"), "assignments nr 1: from ska vara ett datum"),
        (_set("absences", "until", None), "absences nr 1: until saknas"),
        (_set("substitutions", "order", "först"), "substitutions nr 1: order ska vara ett heltal"),
        (_set("units", "parent", 7), "units nr 1: parent ska vara en text"),
        (lambda data: data.update(tjänster=[]), "Katalogfilen har okända namn: tjänster"),
        (lambda data: data.update(units={}), "Katalogfilen: units ska vara en lista"),
        (lambda data: data["units"].append("barn"), "units nr 3 ska vara ett objekt"),
        (lambda data: data["units"].append(data["units"][0]), "units har samma id flera gånger: kommun"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(change: Callable[[dict[str, Any]], None], words: str) -> None:
    data = make_file()
    change(data)

    with pytest.raises(InvalidInput) as refused:
        directory_file.from_json(data)

    assert words in refused.value.message


def test_a_refusal_never_repeats_a_password() -> None:
    data = make_file()
    data["people"][0]["password"] = "hemligt"

    with pytest.raises(InvalidInput) as refused:
        directory_file.from_json(data)

    assert "hemligt" not in refused.value.message


@pytest.mark.parametrize(
    ("change", "code", "about"),
    [
        (_set("units", "party", "x"), "directory.unknown_id", "kommun"),
        (_set("units", "parent", "x"), "directory.unknown_id", "kommun"),
        (_set("posts", "unit", "x"), "directory.unknown_id", "chef"),
        (_set("assignments", "person", "x"), "directory.unknown_id", "x"),
        (_set("assignments", "post", "x"), "directory.unknown_id", "a"),
        (_set("substitutions", "substitute", "x"), "directory.unknown_id", "chef"),
        (_set("absences", "person", "x"), "directory.unknown_id", "x"),
        (_set("units", "parent", "barn"), "directory.circle", "kommun"),
        (_set("people", "username", "SSK"), "directory.username_twice", "ssk"),
        (_set("assignments", "until", "2025-12-31"), "directory.ends_before_start", "a"),
        (_set("absences", "until", "2026-09-30"), "directory.ends_before_start", "a"),
        (_set("substitutions", "substitute", "chef"), "directory.own_substitute", "chef"),
    ],
)
def test_a_directory_that_cannot_be_used_is_refused(
    change: Callable[[dict[str, Any]], None], code: str, about: str
) -> None:
    data = make_file()
    change(data)

    problems = directory_file.check(directory_file.from_json(data), on=TODAY)

    assert ("refused", code, about) in [(each.severity, each.code, each.element_id) for each in problems]


def test_a_unit_under_another_partys_unit_is_refused() -> None:
    data = make_file()
    data["parties"].append({"id": "r", "type": "region", "name": "Regionen", "county": "SJ"})
    data["units"][1]["party"] = "r"

    problems = directory_file.check(directory_file.from_json(data), on=TODAY)

    assert [(each.code, each.element_id) for each in problems] == [("directory.mixed_line", "barn")]


def test_empty_posts_and_a_missing_leadership_are_warned_about() -> None:
    directory = directory_file.from_json(make_file())
    chef = replace(directory.posts["chef"], level=Level.DIR)
    changed = replace(directory, posts={**directory.posts, "chef": chef}, assignments=directory.assignments[:1])

    problems = directory_file.check(changed, on=TODAY)

    assert [(each.severity, each.code, each.element_id) for each in problems] == [
        ("warned", "directory.empty_post", "ssk"),
        ("warned", "directory.no_leadership", "kommun"),
        ("warned", "directory.no_leadership", "barn"),
    ]
