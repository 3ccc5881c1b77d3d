"""The functions that plans are made with, each over a small county."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from flowsvc.domain.errors import ScriptFailed
from tests.engine.test_functions import call
from tests.processes.county import COUNTY, UNITS

KRONOR = 100
SERVED = replace(
    COUNTY,
    units={each.id: each for each in UNITS}
    | {
        "bup.oppen": replace(COUNTY.units["bup.oppen"], service="R-BUP"),
        "bup": replace(COUNTY.units["bup"], service="R-BUP"),
        "lund.soc": replace(COUNTY.units["lund.soc"], service="K-IFO-BU"),
    },
)


def test_a_unit_is_told_once_with_its_line() -> None:
    found = call("unit.addressees", {"units": ["bup.oppen", "unknown", "bup.oppen"]})["addressees"]

    assert [each["name"] for each in found] == ["BUP, öppenvård, Region Ådal"]
    assert (found[0]["posts"], found[0]["managers"]) == (["post:bup.behandlare"], ["post:bup.enhetschef"])
    assert (found[0]["area_managers"], found[0]["directors"]) == (
        ["post:bup.verksamhetschef"],
        ["post:region.direktor"],
    )
    assert found[0]["party_type"] == "region"


def test_a_service_is_given_where_people_work() -> None:
    asked: dict[str, Any] = {"party": "region", "service": "R-BUP"}

    assert call("service.addressees", asked, directory=SERVED)["unit"] == "bup.oppen"


def test_a_service_of_the_region_is_found_from_a_municipality() -> None:
    asked: dict[str, Any] = {"party": "lund", "of_region": True, "service": "R-BUP"}

    assert call("service.addressees", asked, directory=SERVED)["posts"] == ["post:bup.behandlare"]


def test_where_nobody_gives_the_service_the_party_itself_answers() -> None:
    found = call("service.addressees", {"party": "ekby", "service": "K-SKO"}, directory=SERVED)

    assert (found["unit"], found["directors"]) == ("ekby.top", ["post:ekby.ledning"])


def test_a_party_that_is_not_in_the_directory_is_a_fault_for_those_who_keep_it() -> None:
    for name in ("service.addressees", "party.county"):
        with pytest.raises(ScriptFailed):
            call(name, {"party": "nowhere"})


def test_a_party_lies_in_a_county_with_a_region() -> None:
    assert call("party.county", {"party": "lund"}) == {
        "county": "Å",
        "region": "region",
        "region_name": "Region Ådal",
        "party_name": "Lundsala kommun",
    }


def test_each_line_has_one_owner_or_is_disputed() -> None:
    lines: list[Any] = [
        {"measure": "Samtal", "unit": "ekby.bou"},
        {"measure": "Behandling", "unit": "bup.oppen"},
        {"measure": "Hembesök", "unit": "ekby.bou"},
        {"measure": "Sömnskola", "unit": None},
        {"measure": "Läxhjälp", "unit": "unknown"},
    ]

    found = call("plan.owners", {"lines": lines})

    assert [(each["unit"], len(each["lines"])) for each in found["owners"]] == [("ekby.bou", 2), ("bup.oppen", 1)]
    assert [each["status"] for each in found["lines"]] == ["planned", "planned", "planned", "disputed", "disputed"]
    assert found["disputed_text"] == "Sömnskola; Läxhjälp"


@pytest.mark.parametrize(
    ("kronor", "post"),
    [
        (0, "ekby.enhetschef"),
        (50_000, "ekby.enhetschef"),
        (50_001, "ekby.ifochef"),
        (200_001, "ekby.socialdirektor"),
        (500_001, "ekby.ledning"),
    ],
)
def test_whoever_signs_has_a_mandate_for_what_the_own_party_pays(kronor: int, post: str) -> None:
    parties: list[Any] = [{"party": "ekby", "name": "Ekby", "unit": "ekby.bou"}]
    lines: list[Any] = [{"payer": "ekby", "amount": kronor * KRONOR}, {"payer": "region", "amount": 90_000_000}]

    (signer,) = call("cost.signers", {"parties": parties, "cost_lines": lines})["signers"]

    assert (signer["posts"], signer["amount"]) == ([f"post:{post}"], kronor * KRONOR)


def test_costs_are_told_by_name_and_in_all() -> None:
    lines: list[Any] = [{"payer": "ekby", "amount": 100 * KRONOR}, {"payer": "region", "amount": 50 * KRONOR}]

    found = call("cost.signers", {"parties": [], "cost_lines": lines})

    assert (found["monthly_cost"], found["payer_names"]) == (150 * KRONOR, "Ekby kommun, Region Ådal")
    assert [each["amount_text"] for each in found["cost_lines"]] == ["100 kr", "50 kr"]


@pytest.mark.parametrize(
    ("period", "start", "ends"),
    [
        ("consideration", date(2026, 8, 31), date(2027, 3, 1)),
        ("consideration", date(2027, 8, 31), date(2028, 2, 29)),
        ("court_referral", date(2026, 3, 2), date(2026, 3, 9)),
        ("care_application", date(2026, 5, 22), date(2026, 6, 22)),
        ("custody", date(2026, 3, 2), date(2028, 3, 2)),
    ],
)
def test_a_period_of_the_law_ends_on_the_same_day_or_the_next_weekday(period: str, start: date, ends: date) -> None:
    # 28 February 2027 is a Sunday, 19 June 2026 is Midsummer Eve.
    assert call("period.statutory", {"from_on": start, "period": period})["ends_on"] == ends


def test_a_period_without_a_first_day_begins_today() -> None:
    found = call("period.statutory", {"period": "court_referral"})

    assert (found["ends_on"], found["law"]) == (date(2026, 3, 9), "7 § LVU")


def test_a_period_is_named_and_never_measured_by_a_diagram() -> None:
    with pytest.raises(ScriptFailed, match="lagstadgad tid"):
        call("period.statutory", {"period": "P5M"})
