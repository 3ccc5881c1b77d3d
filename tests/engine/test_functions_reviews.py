"""The functions about an agreement and its review, over a small county with one agreement."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flowsvc.domain.agreements import Adoption, Agreement, AgreementVersion, Clause, Rhythm
from flowsvc.domain.bodies import Body, BodyKind
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.placement_figures import AGE_BANDS
from flowsvc.domain.statistics import Matter
from flowsvc.domain.values import Value
from flowsvc.engine.feel import Feel
from flowsvc.engine.functions import FUNCTIONS, bind
from tests.conftest import ROOT
from tests.processes.county import COUNTY

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
VERSION = AgreementVersion(
    "a:1",
    1,
    date(2020, 1, 1),
    date(2026, 6, 30),
    clauses=(Clause("4", "Placering", topic="placement"),),
    parties=(Adoption("region"), Adoption("ekby", unit="ekby.bou")),
)
GROUP = Body("grupp", BodyKind.LOCAL_GROUP, "Gruppen", posts=("ekby.handlaggare",), chair="ekby.handlaggare")
AGREEMENT = Agreement(
    "a", "Å", "Överenskommelsen", bodies={"coordinating": "grupp"}, local_groups=("grupp",), versions=(VERSION,)
)
REGISTER = replace(COUNTY, bodies={GROUP.id: GROUP}, agreements={"a": AGREEMENT})


def call(name: str, matters: Sequence[Matter] = (), **values: Any) -> dict[str, Any]:
    functions = bind(
        directory=REGISTER,
        now=NOW,
        closed_days=frozenset(),
        zone="Europe/Stockholm",
        matters=lambda: matters,
    )
    result = functions[name](dict.fromkeys(FUNCTIONS[name].inputs) | values)
    assert isinstance(result, dict)
    assert set(result) == set(FUNCTIONS[name].outputs)
    return result


def test_an_agreement_opens_with_its_parties_bodies_clauses_and_last_day() -> None:
    found = call("agreement.open", agreement="a", year=2026)

    assert [(each["party"], each["unit"]) for each in found["parties"]][1] == ("ekby", "ekby.bou")
    assert found["coordinating"]["chair"] == ["post:ekby.handlaggare"]
    assert found["deciding"] == {"body": "", "kind": "", "name": "", "posts": [], "chair": []}
    assert found["clause_options"] == [{"value": "4", "label": "4 Placering"}]
    assert (found["valid_until"], found["is_expiring"], found["is_expired"]) == (date(2026, 6, 30), True, False)
    assert (found["period_from"], found["report_on"]) == (date(2026, 1, 1), date(2027, 3, 31))
    assert all(post.startswith("post:") for each in found["unit_managers"] for post in each["posts"])


def test_the_rhythm_says_when_the_report_is_due() -> None:
    assert call("agreement.open", agreement="a", year=2026)["report_on"] == date(2027, 3, 31)
    with_rhythm = replace(AGREEMENT, rhythm=Rhythm("p", 1, 15, 2, 28))
    functions = bind(
        directory=replace(REGISTER, agreements={"a": with_rhythm}), now=NOW, closed_days=frozenset(), zone="UTC"
    )
    found = functions["agreement.open"]({"agreement": "a", "year": 2026})

    assert isinstance(found, dict)
    assert found["report_on"] == date(2027, 2, 28)


def test_an_agreement_that_is_not_in_the_register_is_named_as_the_fault() -> None:
    with pytest.raises(ScriptFailed, match="finns inte i registret"):
        call("agreement.open", agreement="b", year=2026)


def matter(question: str, *parties: str, on: date = date(2026, 2, 1)) -> Matter:
    return Matter("other", "sip", parties, on, None, "", False, question=question)


def test_the_stock_of_a_group_is_what_its_own_parties_have_listed_in_the_period() -> None:
    listed = [
        matter("Vår", "ekby"),
        matter("Andras", "lund"),
        matter("", "ekby"),
        matter("Gammal", "ekby", on=date(2025, 12, 31)),
    ]

    found = call("group.stock", listed, body="grupp", period_from=date(2026, 1, 1), period_to=date(2026, 12, 31))

    assert found == {"stock": [{"month": "2026-02", "area": "sip", "question": "Vår"}], "stock_count": 1}


def test_figures_are_told_in_the_diagrams_words_beside_meetings_and_contributions() -> None:
    disputes = [Matter("cost", "placement", ("region", "ekby"), date(2026, 2, 1), None, "", True) for _ in range(6)]

    found = call(
        "period.figures",
        disputes,
        period_from=date(2026, 1, 1),
        period_to=date(2026, 12, 31),
        clauses=[{"number": "4", "title": "4 Placering", "title_en": "4 Placement", "topic": "placement"}],
        labels={"K1_opened": {"sv": "Öppnade", "en": "Opened"}, "cost": {"sv": "Kostnad"}, "K17": {"sv": "Möten"}},
        meetings=[{"name": "Gruppen", "held": True}, {"name": "Andra", "held": False}],
        contributions=[{"name": "Ekby", "is_silent": True, "is_late": True}, {"name": "Lund", "is_silent": False}],
    )

    rows = {(row["indicator"], row["name"], row["by"]): row["value"] for row in found["indicators"]}
    assert rows["K1", "Öppnade", "Kostnad"] == "6"
    assert rows["K19", "K19", "4 Placering"] == "6"
    opened = next(row for row in found["indicators"] if row["indicator"] == "K1")
    assert (opened["name_en"], opened["by_en"]) == ("Opened", "Kostnad")
    assert rows["K17", "Möten", ""] == "1 / 2"
    assert rows["K18", "K18", ""] == "1 / 2"
    assert (found["silent_parties"], found["missed_meetings"]) == ("Ekby", "Andra")


def test_every_figure_of_placements_has_words_in_the_shipped_review() -> None:
    text = (ROOT / "processes" / "arlig-uppfoljning.bpmn").read_text(encoding="utf-8")
    (labels,) = re.findall(r'name="labels">=(.*?)</camunda', text)
    form = json.loads((ROOT / "forms" / "pp1.form").read_text(encoding="utf-8"))
    fields = {each.get("key"): each for group in form["components"] for each in group.get("components", [group])}
    codes = {value["value"] for key in ("legal_basis", "form") for value in fields[key]["values"]}
    codes |= {"county_yes", "county_no", "physical", "mental", "oral"} | {band for _, band in AGE_BANDS}
    indicators = {"K5", "K8", "K9", "K10", "K11_basis", "K11_form", "K11_county", "K11_age", "K12", "K13_offered"}
    indicators |= {"K13_done", "K13_days", "K14", "K15", "K16", "K22"}

    with Feel() as feel:
        told = feel.evaluate(labels, {}, now=NOW)

    assert isinstance(told, dict)
    assert codes | indicators <= set(told)
    assert all(set(each) == {"sv", "en"} for each in told.values() if isinstance(each, dict))


COLUMNS = {"id": "Id", "on": "Datum", "category": "Kategori"}


def test_several_files_are_one_list_and_small_categories_are_not_told() -> None:
    first = "Id;Datum;Kategori\n" + "\n".join(f"{n};2026-03-02;Remiss" for n in range(8))
    second = "Id;Datum;Kategori\n7;2026-03-02;Remiss\n9;2026-03-02;SIP"
    names: list[Value] = [{"file": "a", "name": "a.csv"}, {"file": "b", "name": "b.csv"}]

    found = read_files(first, second, names)

    assert (found["row_count"], found["duplicate_count"], found["deviation_count"]) == (10, 1, 9)
    assert found["categories"] == [{"category": "Remiss", "count": "< 5"}, {"category": "SIP", "count": "< 5"}]


def read_files(first: str, second: str, names: list[Value]) -> dict[str, Any]:
    contents = {"a": first.encode(), "b": second.encode()}
    functions = bind(directory=REGISTER, now=NOW, closed_days=frozenset(), zone="UTC", file=contents.get)
    found = functions["deviations.read"]({"files": names, "columns": dict(COLUMNS)})
    assert isinstance(found, dict)
    return found


def test_no_file_is_an_empty_list_and_a_strange_file_a_fault() -> None:
    empty = read_files("", "", [])
    assert (empty["is_readable"], empty["deviation_count"], empty["categories"]) == (True, 0, [])

    with pytest.raises(ScriptFailed, match="finns inte i ärendet"):
        read_files("", "", [{"file": "c", "name": "c.csv"}])
