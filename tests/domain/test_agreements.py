"""The register of agreements: which version counts, what runs out, what is missing."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from flowsvc.domain import agreement_file, agreements, directory_file
from flowsvc.domain.agreements import Adoption, AdoptionState, Agreement, AgreementVersion, Change, ChangeClass, Rhythm
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import InvalidInput

TODAY = date(2026, 3, 2)


def make_version(number: int, first: date | None, last: date | None = None, *parties: str) -> AgreementVersion:
    return AgreementVersion(
        id=f"a:{number}",
        number=number,
        valid_from=first,
        valid_until=last,
        oldest=17,
        parties=tuple(Adoption(party, registrar="chef") for party in parties or ("k", "r")),
    )


def make_agreement(*versions: AgreementVersion, **more: Any) -> Agreement:
    given: dict[str, Any] = {"id": "a", "county": "SJ", "name": "Överenskommelse", "processes": ("prov",)}
    return Agreement(**given | {"versions": versions} | more)


OLD = make_version(1, date(2020, 1, 1), date(2025, 12, 31))
NEW = make_version(2, date(2026, 1, 1))
DRAFT = make_version(3, None)


@pytest.mark.parametrize(
    ("on", "number"), [(date(2019, 12, 31), None), (date(2025, 12, 31), 1), (date(2026, 1, 1), 2), (TODAY, 2)]
)
def test_the_version_of_a_day_is_the_one_in_force_on_it_first_and_last_day_included(
    on: date, number: int | None
) -> None:
    found = make_agreement(OLD, NEW, DRAFT).version_on(on)

    assert (found.number if found else None) == number


def test_the_text_of_the_last_version_is_practice_when_it_has_run_out() -> None:
    agreement = make_agreement(OLD, DRAFT)

    assert agreement.version_on(TODAY) is None
    assert agreement.practice_on(TODAY) == OLD
    assert agreement.practice_on(date(2019, 1, 1)) is None


def test_cases_follow_an_agreement_in_force_before_one_that_has_run_out_and_one_that_binds_them_before_another() -> (
    None
):
    expired = make_agreement(OLD, id="1")
    others = make_agreement(make_version(1, date(2026, 1, 1), None, "x", "y"), id="2")
    ours = make_agreement(NEW, id="3")
    register = {each.id: each for each in (expired, others, ours)}

    def chosen(known: dict[str, Agreement]) -> str | None:
        found = agreements.governing(known, process_key="prov", party_id="k", on=TODAY)
        return found[0].id if found else None

    assert chosen(register) == "3"
    assert chosen({"1": expired, "2": others}) == "2"
    assert chosen({"1": expired}) == "1"
    assert chosen({"3": replace(ours, processes=("annan",))}) is None


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (None, []),
        (date(2026, 3, 1), ["expired"]),
        (TODAY, ["expires_within_6_months"]),
        (date(2026, 9, 2), ["expires_within_6_months"]),
        (date(2026, 9, 3), ["expires_within_12_months"]),
        (date(2027, 3, 2), ["expires_within_12_months"]),
        (date(2027, 3, 3), []),
    ],
)
def test_a_last_day_is_warned_about_12_and_6_months_before(last: date | None, said: list[str]) -> None:
    agreement = make_agreement(make_version(1, date(2020, 1, 1), last))

    assert list(agreements.expiry(agreement, TODAY)) == said


def test_a_last_day_is_no_matter_where_the_next_version_takes_over() -> None:
    first, second = make_version(1, date(2020, 1, 1), date(2026, 6, 30)), make_version(2, date(2026, 7, 1))

    assert list(agreements.expiry(make_agreement(first, second), TODAY)) == []
    assert list(agreements.expiry(make_agreement(first, DRAFT), TODAY)) == ["expires_within_6_months"]


def test_a_review_begins_on_its_day_each_year_and_on_the_months_last_where_it_has_no_such_day() -> None:
    rhythm = Rhythm("prov", 2, 29)

    assert (rhythm.begins_on(2028), rhythm.begins_on(2027)) == (date(2028, 2, 29), date(2027, 2, 28))
    assert Rhythm("prov", 1, 15).next_year(date(2026, 1, 14)) == 2026
    assert Rhythm("prov", 1, 15).next_year(date(2026, 1, 15)) == 2027
    assert Rhythm("prov", 12, 31).begins_on(2026) == date(2026, 12, 31)


def test_a_draft_says_what_the_last_version_does_and_waits_for_every_party() -> None:
    drafted = make_agreement(OLD, NEW).drafted()

    draft = drafted.versions[-1]
    assert (draft.number, draft.id, draft.valid_from, draft.oldest) == (3, "a:3", None, 17)
    assert {each.state for each in draft.parties} == {AdoptionState.PENDING}
    assert drafted.drafted() == drafted


def test_a_change_is_in_the_history_once_and_by_its_day() -> None:
    late = Change("2", date(2026, 2, 1), "Sent", "g", ChangeClass.EDITORIAL)
    early = Change("1", date(2026, 1, 1), "Tidigt", "g", ChangeClass.MATERIAL)

    agreement = make_agreement(NEW).changed([late]).changed([early, late])

    assert agreement.changes == (early, late)


def test_an_extension_moves_the_last_day_of_its_version_alone() -> None:
    extended = make_agreement(OLD, DRAFT).extended("a:1", date(2027, 6, 30))

    assert extended.versions == (replace(OLD, valid_until=date(2027, 6, 30)), DRAFT)


# The file


def make_file(**agreement: Any) -> dict[str, Any]:
    return {
        "parties": [
            {"id": "k", "type": "municipality", "name": "Ekviks kommun", "county": "SJ"},
            {"id": "r", "type": "region", "name": "Region Sjö", "county": "SJ"},
        ],
        "units": [
            {"id": "kommun", "party": "k", "name": "Ekviks kommun"},
            {"id": "region", "party": "r", "name": "Region Sjö"},
        ],
        "posts": [
            {"id": "chef", "unit": "kommun", "name": "Kommundirektör", "level": "LEAD"},
            {"id": "rdir", "unit": "region", "name": "Regiondirektör", "level": "LEAD"},
        ],
        "people": [{"id": "a", "username": "chef", "name": "Alva Ek"}, {"id": "b", "username": "r", "name": "Bo Al"}],
        "assignments": [
            {"person": "a", "post": "chef", "from": "2026-01-01"},
            {"person": "b", "post": "rdir", "from": "2026-01-01"},
        ],
        "bodies": [
            {
                "id": "ledning",
                "kind": "deciding_body",
                "name": "Ledningen",
                "name_en": "The leadership",
                "posts": ["chef", "rdir"],
                "chair": "chef",
                "meetings": ["2026-06-01"],
            }
        ],
        "agreements": [
            {
                "id": "a",
                "county": "SJ",
                "name": "Överenskommelse",
                "name_en": "Agreement",
                "processes": ["prov"],
                "bodies": {"owner": "ledning"},
                "review": {"process": "prov", "begins": "01-15"},
                "settings": {"published_at": "Webben"},
                "versions": [
                    {
                        "number": 2,
                        "valid_from": "2026-01-01",
                        "target_group": "Barn",
                        "youngest": 0,
                        "oldest": 17,
                        "clauses": [{"number": "1", "title": "Ansvar", "topic": "responsibility"}],
                        "parties": [
                            {"party": "k", "sectors": ["social"], "registrar": "chef", "decided_on": "2025-11-01"},
                            {"party": "r", "registrar": "rdir", "state": "pending"},
                        ],
                    },
                    {"number": 1, "valid_from": "2020-01-01", "valid_until": "2025-12-31"},
                ],
                "changes": [{"on": "2026-01-01", "change": "Ny", "by": "Ledningen", "class": "material", "version": 2}],
            }
            | agreement
        ],
    }


def read(**agreement: Any) -> Directory:
    return directory_file.from_json(make_file(**agreement))


def test_what_is_written_is_read_back_the_same() -> None:
    directory = read()

    assert directory.agreements["a"].rhythm == Rhythm("prov", 1, 15)
    assert [each.number for each in directory.agreements["a"].versions] == [1, 2]
    assert directory_file.from_json(directory_file.to_json(directory)) == directory


def test_a_whole_agreement_lacks_nothing() -> None:
    assert directory_file.check(read(), on=TODAY) == ()


VERSION = {"number": 1, "valid_from": "2020-01-01", "oldest": 17}
TWO = [{"party": "k", "registrar": "chef"}, {"party": "r", "registrar": "rdir"}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bodies": {}}, "agreement.no_owner"),
        ({"review": None}, "agreement.no_review"),
        ({"versions": []}, "agreement.no_version"),
        ({"versions": [VERSION | {"parties": TWO[:1]}]}, "agreement.too_few_parties"),
        ({"versions": [{"number": 1, "valid_from": "2020-01-01", "parties": TWO}]}, "agreement.no_target_group"),
        ({"versions": [VERSION | {"parties": [*TWO[:1], {"party": "r"}]}]}, "agreement.no_registrar"),
        ({"versions": [VERSION | {"parties": TWO, "valid_until": "2026-08-01"}]}, "agreement.expires_within_6_months"),
    ],
)
def test_what_an_agreement_lacks_is_warned_about(change: dict[str, Any], code: str) -> None:
    problems = directory_file.check(read(**change), on=TODAY)

    assert [(each.severity, each.code, each.element_id) for each in problems] == [("warned", code, "a")]
    assert all(problems[0].as_json()[name] for name in ("what", "cure", "what_en", "cure_en"))


def test_an_empty_seat_and_a_missing_chair_are_empty_roles() -> None:
    data = make_file()
    data["assignments"] = data["assignments"][:1]
    del data["bodies"][0]["chair"]
    directory = directory_file.from_json(data)

    lacking = agreement_file.lacking(directory, directory.agreements["a"], on=TODAY)

    assert [each.what for each in lacking] == [
        "Ledningen har ingen ordförande.",
        "Ingen är Regiondirektör i Ledningen.",
    ]


def test_that_an_agreement_runs_out_does_not_make_it_incomplete() -> None:
    whole = read(versions=[VERSION | {"parties": TWO, "valid_until": "2026-08-01"}])
    ownerless = read(bodies={})

    assert not agreement_file.is_incomplete(whole, whole.agreements["a"], on=TODAY)
    assert agreement_file.is_incomplete(ownerless, ownerless.agreements["a"], on=TODAY)


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"bodies": {"owner": "x"}}, "owner x"),
        ({"local_groups": ["x"]}, "local_groups x"),
        ({"versions": [VERSION | {"parties": [{"party": "x"}]}]}, "party x"),
        ({"versions": [VERSION | {"parties": [{"party": "k", "registrar": "x"}]}]}, "registrar x"),
    ],
)
def test_ids_that_lead_nowhere_are_refused(change: dict[str, Any], about: str) -> None:
    problems = directory_file.check(read(**change), on=TODAY)

    assert [(each.severity, each.what) for each in problems] == [("refused", f"{about} finns inte.")]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bodies": {"ägare": "ledning"}}, "bodies har okända namn: ägare"),
        ({"settings": {"published_at": 1}}, "settings ska vara ett objekt med texter"),
        ({"review": {"process": "prov", "begins": "15 januari"}}, "begins ska vara en månad och en dag"),
        ({"review": {"process": "prov", "begins": "01-15", "när": "x"}}, "review har okända namn: när"),
        ({"versions": [{"number": 1, "oldest": "17"}]}, "oldest ska vara ett heltal"),
    ],
)
def test_a_wrong_agreement_is_refused_with_the_place(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(**change)

    assert words in refused.value.message
    assert "agreements nr 1" in refused.value.message
