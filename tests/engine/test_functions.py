"""The functions that diagrams call by name, each over a small county."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flowsvc.domain.directory import Directory, Level
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.escalations import Acceptance, Answer, Proposal
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.functions import FUNCTION_NAMES, FUNCTIONS, bind
from flowsvc.engine.functions.world import kronor
from tests.processes.county import COUNTY

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""A Monday."""


def call(
    name: str,
    values: Variables,
    *,
    directory: Directory = COUNTY,
    proposals: Sequence[Proposal] = (),
    acceptances: Sequence[Acceptance] = (),
) -> dict[str, Any]:
    functions = bind(
        directory=directory,
        now=NOW,
        closed_days=frozenset(),
        zone="Europe/Stockholm",
        business_key="Å-AVV-2026-00001",
        proposals=proposals,
        acceptances=acceptances,
    )
    missing: Variables = dict.fromkeys(FUNCTIONS[name].inputs)
    result = functions[name](missing | values)
    assert isinstance(result, dict)
    assert set(result) == set(FUNCTIONS[name].outputs)
    return result


def opened(*units: str, reporter: str = "bup.behandlare", **more: Value) -> dict[str, Any]:
    counterparts: list[Value] = [{"unit": unit} for unit in units]
    return call("matter.open", {"reporter": reporter, "counterparts": counterparts, **more})


def test_every_function_is_known_by_name() -> None:
    assert set(bind(directory=COUNTY, now=NOW, closed_days=frozenset(), zone="UTC")) == FUNCTION_NAMES
    assert all(each.text and each.text_en for each in FUNCTIONS.values())


def test_a_matter_opens_with_the_reporters_party_first_and_each_party_once() -> None:
    matter = opened("ekby.bou", "ekby.soc", "lund.soc")

    assert [each["party"] for each in matter["parties"]] == ["region", "ekby", "lund"]
    assert matter["parties"][0]["posts"] == ["post:bup.behandlare"]
    assert matter["parties"][1]["units"] == ["ekby.bou", "ekby.soc"]
    assert matter["lead_party"] == "region"
    assert matter["manager_posts"] == ["post:bup.enhetschef"]
    assert matter["reporter_posts"] == ["post:bup.behandlare"]


def test_a_manager_who_reports_has_a_manager_too() -> None:
    assert opened(reporter="bup.enhetschef")["manager_posts"] == ["post:bup.verksamhetschef"]
    assert opened(reporter="region.ledning")["manager_posts"] == ["post:region.ledning"]


def test_the_place_is_the_reporters_side_only_within_the_own_party() -> None:
    assert opened(place="bvc")["parties"][0]["unit"] == "bvc"
    assert opened(place="ekby.bou")["parties"][0]["unit"] == "bup.oppen"


def test_a_report_by_a_programme_is_the_places() -> None:
    matter = opened("ekby.bou", reporter="some-client", place="bvc")

    assert matter["parties"][0]["unit"] == "bvc"
    assert matter["reporter_posts"] == ["post:bvc.enhetschef"]


def test_a_report_from_nowhere_is_a_fault_that_names_the_inputs() -> None:
    with pytest.raises(ScriptFailed) as caught:
        opened(reporter="nobody")

    assert caught.value.names == ("reporter", "place")


def test_a_missing_or_wrong_input_is_a_fault_that_names_it() -> None:
    functions = bind(directory=COUNTY, now=NOW, closed_days=frozenset(), zone="UTC")

    with pytest.raises(ScriptFailed, match="place"):
        functions["matter.open"]({"reporter": "bup.behandlare"})
    with pytest.raises(ScriptFailed, match="fel slag"):
        call("matter.open", {"reporter": 3})
    with pytest.raises(ScriptFailed, match="ingen nivå"):
        call("ladder.addressees", {"level": "TOP", "parties": []})


def test_the_addressees_stand_at_one_level_and_who_lacks_it_answers_above() -> None:
    parties = opened("ekby.bou", "lund.soc")["parties"]
    asked = {
        "level": "AREA",
        "parties": parties,
        "lead_party": "region",
        "limit_days": 10,
        "min_negotiation_days": 2,
    }
    found = call("ladder.addressees", asked)

    assert [(each["posts"], each["level"]) for each in found["addressees"]] == [
        (["post:bup.verksamhetschef"], "AREA"),
        (["post:ekby.ifochef"], "AREA"),
        (["post:lund.socialchef"], "DIR"),
    ]
    assert found["lead_posts"] == ["post:bup.verksamhetschef"]
    assert found["answer_by"] == date(2026, 3, 16)
    assert found["lift_alone_from"] == date(2026, 3, 5)
    assert found["round_no"] == 1


def test_urgent_matters_may_be_lifted_alone_at_once() -> None:
    parties = opened("ekby.bou")["parties"]
    asked = {
        "level": "OPER",
        "parties": parties,
        "lead_party": "region",
        "limit_days": 2,
        "min_negotiation_days": 0,
    }

    assert call("ladder.addressees", asked)["lift_alone_from"] == date(2026, 3, 2)


def proposal(version: int, party: str, cost: int) -> Proposal:
    return Proposal(version, party, "p", "post", NOW, "s", cost)


def accepts(version: int, party: str, answer: Answer = Answer.ACCEPT, *, within: bool = True) -> Acceptance:
    return Acceptance(version, party, answer, within, "p", "post", NOW, "s")


PAIR: list[Value] = [{"party": "region"}, {"party": "ekby"}]


def test_the_thread_is_told_in_words_newest_first() -> None:
    state = call(
        "negotiation.state",
        {
            "parties": PAIR,
            "level": "UNIT",
            "party": "ekby",
            "action": "reject",
            "interventions": [{"what": "Samtal", "who": "region"}],
            "cost_lines": [{"cost_type": "school", "payer": "ekby", "share": 100}],
            "cost_labels": {"school": "Skola"},
        },
        proposals=[proposal(1, "region", 6_000_050), proposal(2, "ekby", 0)],
        acceptances=[accepts(1, "region"), accepts(1, "ekby", Answer.COUNTER), accepts(2, "ekby")],
    )

    newest, first = state["thread"]
    assert (newest["version"], newest["party"], newest["unanswered"]) == (2, "Ekby kommun", "Region Ådal")
    assert (first["accepted"], first["declined"], first["cost"]) == (
        "Region Ådal",
        "Ekby kommun",
        "60\xa0000,50 kr",
    )
    assert state["proposal_interventions"] == [{"what": "Samtal", "who": "Region Ådal"}]
    assert state["proposal_costs"] == [{"cost_type": "Skola", "payer": "Ekby kommun", "share": 100}]
    assert (state["level_result"], state["version"]) == ("open", 2)


def test_agreement_and_lifting_come_out_of_the_state() -> None:
    asked: Variables = {"parties": PAIR, "level": "UNIT", "party": "ekby", "action": "accept"}
    rows = [proposal(1, "region", 0)]
    both = [accepts(1, "region"), accepts(1, "ekby")]

    assert call("negotiation.state", asked, proposals=rows, acceptances=both)["level_result"] == "agreed"
    beyond = [accepts(1, "region"), accepts(1, "ekby", within=False)]
    assert call("negotiation.state", asked, proposals=rows, acceptances=beyond)["lift_reason"] == "mandate"
    early = asked | {"action": "escalate", "lift_alone_from": date(2026, 3, 3)}
    assert call("negotiation.state", early)["wants_lift_names"] == "Ekby kommun"
    assert call("negotiation.state", early)["level_result"] == "open"
    assert call("negotiation.state", early | {"lift_alone_from": date(2026, 3, 2)})["lift_reason"] == "alone"
    assert call("negotiation.state", early | {"wants_lift": ["region"]})["lift_reason"] == "all"


def test_what_was_accepted_below_beyond_the_mandate_is_asked_anew() -> None:
    asked: Variables = {"parties": PAIR, "level": "UNIT", "party": "region", "action": "accept"}
    below = next(post for post in COUNTY.posts.values() if post.level is Level.OPER)
    here = next(post for post in COUNTY.posts.values() if post.level is Level.UNIT)
    rows, first = [proposal(1, "ekby", 9_000_000)], accepts(1, "region")

    def result(post: str, *, within: bool) -> Any:
        said = replace(accepts(1, "ekby", within=within), post_id=post)
        return call("negotiation.state", asked, proposals=rows, acceptances=[said, first])

    assert result(below.id, within=False)["level_result"] == "open"
    assert result(below.id, within=True)["level_result"] == "agreed"
    assert result(here.id, within=False)["lift_reason"] == "mandate"


def lifted(**more: Value) -> dict[str, Any]:
    asked: Variables = {
        "level": "UNIT",
        "next_level": "AREA",
        "addressees": PAIR,
        "round_no": 3,
        "review_days": 30,
    }
    return call("ladder.lift", asked | more)


def test_who_gave_no_position_in_this_round_when_time_ran_out_was_silent() -> None:
    given: list[Value] = [{"party": "region", "round_no": 3}, {"party": "ekby", "round_no": 2}]
    lift = lifted(positions=given, silent=[{"party": "ekby", "name": "Ekby kommun", "level": "OPER"}])

    assert [row["level"] for row in lift["silent"]] == ["OPER", "UNIT"]
    assert lift["silent_names"] == "Ekby kommun (OPER), Ekby kommun (UNIT)"
    assert (lift["level"], lift["left_level"], lift["is_last"]) == ("AREA", "UNIT", False)


def test_nobody_is_silent_where_the_matter_was_lifted_before_its_time() -> None:
    assert lifted(positions=[], lift_reason="alone")["silent"] == []


def test_the_last_level_stays_and_sets_the_day_of_review() -> None:
    lift = lifted(level="LEAD", next_level="")

    assert (lift["level"], lift["is_last"], lift["interim_review"]) == ("LEAD", True, date(2026, 4, 1))


@pytest.mark.parametrize(
    ("responsible", "facts", "party"),
    [
        ("agreed", {}, "ekby"),
        ("provider", {"support_party": "ekby"}, "ekby"),
        ("placing_municipality", {"placing_party": "ekby"}, "ekby"),
        ("municipality_of_stay", {"stay_party": "lund"}, "lund"),
        ("home_municipality", {"residence_party": "ekby"}, "ekby"),
        ("region_of_stay", {}, "region"),
        ("home_region", {}, "region"),
        ("initiator", {}, "region"),
    ],
)
def test_the_interim_rule_names_one_party(responsible: str, facts: Variables, party: str) -> None:
    rule: Variables = {"rule": 2, "responsible": responsible, "party": "ekby"}
    asked = {"rule": rule, "parties": opened("ekby.bou")["parties"], "lead_party": "region", **facts}
    found = call("interim.assign", asked)

    assert (found["interim_party"], found["interim_rule"]) == (party, 2)
    assert {each["party"] for each in found["directors"]} == {"region", "ekby", party}


def test_a_party_outside_the_dispute_gets_the_task_at_its_director() -> None:
    rule: Variables = {"rule": 1, "responsible": "municipality_of_stay"}
    asked = {
        "rule": rule,
        "parties": opened("ekby.bou")["parties"],
        "lead_party": "region",
        "stay_party": "lund",
    }

    assert call("interim.assign", asked)["interim_posts"] == ["post:lund.socialchef"]


def test_between_two_municipalities_the_region_is_that_of_the_county() -> None:
    rule: Variables = {"rule": 3, "responsible": "home_region"}
    parties = opened("lund.soc", reporter="ekby.handlaggare")["parties"]
    asked = {"rule": rule, "parties": parties, "lead_party": "ekby", "residence_party": "lund"}

    assert call("interim.assign", asked)["interim_party"] == "region"


def test_whoever_registered_the_need_is_responsible_where_the_rule_leads_nowhere() -> None:
    rule: Variables = {"rule": 3, "responsible": "placing_municipality"}
    asked = {"rule": rule, "parties": opened("ekby.bou")["parties"], "lead_party": "region"}
    found = call("interim.assign", asked)

    assert (found["interim_party"], found["interim_rule"]) == ("region", 5)


def checked(level: str = "UNIT", **more: Value) -> dict[str, Any]:
    parties = opened("ekby.bou")["parties"]
    asked: Variables = {"level": level, "parties": parties, "lead_party": "region"}
    written: Variables = {"content": "x", "reasons": "x", "child_best": "x", "child_view": "x"}
    addressees = call("ladder.addressees", asked)["addressees"]
    return call("decision.check", written | {"level": level, "addressees": addressees} | more)


def test_a_whole_decision_is_formally_right_and_numbered() -> None:
    check = checked(monthly_cost=5_000_000)

    assert (check["is_formally_right"], check["faults"]) == (True, "")
    assert check["decision_no"] == "Å-AVV-2026-00001-1"
    assert [each["posts"] for each in check["deciders"]] == [
        ["post:bup.enhetschef"],
        ["post:ekby.enhetschef"],
    ]
    assert checked(attempt=1)["decision_no"] == "Å-AVV-2026-00001-2"


@pytest.mark.parametrize("field", ["content", "reasons", "child_best", "child_view"])
def test_a_decision_without_its_grounds_goes_back(field: str) -> None:
    assert not checked(**{field: " "})["is_formally_right"]


def test_a_reason_stands_for_the_childs_view() -> None:
    assert checked(child_view=None, not_heard_reason="age")["is_formally_right"]


def test_a_cost_above_the_mandates_goes_back_but_not_at_leadership() -> None:
    assert "Ekby kommun" in checked(monthly_cost=5_000_001)["faults"]
    assert checked("LEAD", monthly_cost=5_000_001)["is_formally_right"]


def test_what_was_paid_meanwhile_is_settled_where_another_party_pays() -> None:
    lines: list[Value] = [{"payer": "ekby"}, {"payer": "ekby"}]

    assert checked(cost_lines=lines, interim_party="region")["settlement_needed"]
    assert checked(cost_lines=lines, interim_party="region")["payer_names"] == "Ekby kommun"
    assert not checked(cost_lines=lines, interim_party="ekby")["settlement_needed"]
    assert not checked(cost_lines=lines, interim_party="")["settlement_needed"]


def test_the_extract_holds_kinds_and_counts_and_nothing_that_somebody_wrote() -> None:
    asked: Variables = {
        "kind": "cost",
        "area": "placement",
        "level": "DIR",
        "end_state": "solved_line",
        "urgency": "normal",
        "child_waiting": True,
        "parties": opened("ekby.bou")["parties"],
        "silent": [{"party": "ekby", "level": "OPER"}],
        "monthly_cost": 6_000_000,
        "reported_on": date(2026, 1, 1),
    }

    extract = call("matter.extract", asked)["extract"]

    assert extract == {
        "kind": "cost",
        "area": "placement",
        "level": "DIR",
        "end_state": "solved_line",
        "urgency": "normal",
        "child_waiting": True,
        "party_types": ["municipality", "region"],
        "silent_at": ["OPER"],
        "days": 60,
        "cost_band": "50-100",
        "month": "2026-01",
    }


@pytest.mark.parametrize(
    ("amount", "text"), [(None, ""), (0, "0 kr"), (123_456_700, "1\xa0234\xa0567 kr"), (150, "1,50 kr")]
)
def test_amounts_are_told_as_people_write_them(amount: int | None, text: str) -> None:
    assert kronor(amount) == text


def test_what_the_directory_lacks_is_a_fault_of_the_function() -> None:
    empty = Directory(revision=1, parties=COUNTY.parties, units=COUNTY.units)
    parties: list[Value] = [{"party": "ekby", "name": "Ekby kommun", "unit": "ekby.bou", "posts": []}]

    with pytest.raises(ScriptFailed, match=r"ladder\.addressees"):
        call("ladder.addressees", {"level": "OPER", "parties": parties}, directory=empty)
