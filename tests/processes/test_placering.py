"""Placement planning from the need of care to the follow-up after its end: SC1 and every way through its diagrams."""

from datetime import date
from typing import Any

import pytest

from flowsvc.domain.errors import FormInvalid
from flowsvc.engine.outcome import Status
from tests.processes import placement as moves
from tests.processes.host import Case, Office
from tests.processes.places import county
from tests.processes.test_sip import consent

START = "Starta placeringen"


def due_on(case: Case, name: str) -> date | None:
    (task,) = case.open(name)
    return task.due.on if task.due else None


def dues(case: Case, name: str) -> list[date]:
    return sorted(task.due.on for task in case.open(name) if task.due and task.due.on)


def no_sip(case: Case) -> None:
    """SIP is declined, and the cost meeting follows."""
    consent(case, "no", sip_given_on=case.today.isoformat())
    case.complete("Dokumentera och erbjud igen", no_consent_reason="Vill vänta.", offered_again_on="2027-12-01")


def settle_cost(case: Case) -> None:
    no_sip(case)
    moves.meet_about_cost(case)
    moves.sign_cost(case)


def settle_start(case: Case) -> None:
    """Health, school and information are arranged."""
    moves.examine(case)
    moves.arrange_school(case)
    moves.transfer(case)
    moves.acknowledge(case, "region")
    moves.acknowledge(case, "ekby")


# SC1


def test_sc1_a_happy_placement_in_the_county(office: Office) -> None:
    case = moves.begin(office)
    moves.prepare(case)
    moves.write_care_plans(case)
    moves.make_plan(case)
    moves.meet_about_cost(case)
    moves.sign_cost(case)
    case.pass_until(case.clock.now().replace(month=3, day=12))
    moves.decide(case)
    case.pass_until(case.clock.now().replace(month=4, day=1))
    case.complete("Följ upp planen", **follow_up(case, "go_on"), next_followup="2026-09-01")

    moves.start(case)
    moves.arrange_school(case)
    moves.examine(case)
    moves.transfer(case)
    moves.acknowledge(case, "region")
    moves.acknowledge(case, "ekby")

    assert case.instances == [], "no dispute"
    assert dues(case, "Bevaka nästa prövning") == [date(2026, 10, 20), date(2028, 4, 20)]
    assert due_on(case, "Besök och samtal") == date(2026, 5, 4)
    assert case.variables["child_view"] == "Vill bo nära sin skola."
    assert case.declared("title") == ["Placering: familjehem"]
    moves.visit(case)
    case.complete("Följ upp planen", **follow_up(case, "goal_reached"))
    moves.end_placement(case)
    assert (case.status, case.end_state) == (Status.ENDED, "ended_planned")
    extract = case.variables["extract"]
    assert (extract["sip_state"], extract["cost"], extract["cost_before_start"]) == ("ended_goal", "agreed", True)
    assert (extract["age_band"], extract["exam_offered"], extract["child_heard"]) == ("7-12", True, True)
    assert [line["status"] for line in case.variables["plan_lines"]] == ["planned", "planned"]
    assert case.variables["plan_owner"] == "ekby"


def follow_up(case: Case, result: str) -> dict[str, Any]:
    return {
        "followed_up_on": case.today.isoformat(),
        "evaluation": "Bra.",
        "child_evaluation": "Bra.",
        "child_was_there": "yes",
        "followup_result": result,
    }


# Participation, consent, kin, consultation (P2-P5)


def test_a_child_who_is_not_heard_needs_a_reason(office: Office) -> None:
    case = moves.begin(office)

    with pytest.raises(FormInvalid) as caught:
        moves.hear(case, child_heard="no", child_view=None)
    assert set(caught.value.fields) == {"not_heard_reason"}
    moves.hear(case, child_heard="no", child_view=None, not_heard_reason="age")
    assert case.open("Samtycke eller laglig grund")


def test_without_consent_the_manager_decides_how_the_case_goes_on(office: Office) -> None:
    case = moves.begin(office)
    moves.hear(case)
    moves.agree_to_care(case, guardian_consent="no")
    assert case.posts("Ta ställning utan samtycke") == ["ekby.enhetschef"]

    case.complete("Ta ställning utan samtycke", without_consent="LVU2", best_interests="Skydd.")
    moves.consider_kin(case)
    moves.consult(case)
    moves.write_care_plans(case)

    assert case.variables["legal_basis"] == "LVU2"
    with pytest.raises(FormInvalid) as caught:
        moves.decide(case)
    assert set(caught.value.fields) == {"decider"}


def test_without_ground_nobody_is_placed(office: Office) -> None:
    case = moves.begin(office)
    moves.hear(case)
    moves.agree_to_care(case, guardian_consent="no")
    case.complete("Ta ställning utan samtycke", without_consent="stop", best_interests="Stöd hemma räcker.")
    assert not case.open(START)

    settle_cost(case)

    assert (case.status, case.end_state) == (Status.ENDED, "never_started")


@pytest.mark.parametrize(
    ("age", "basis", "guardian", "child", "is_enough"),
    [
        (9, "SOL", "yes", None, True),
        (9, "SOL", "one", None, False),
        (9, "LSB", "one", None, True),
        (15, "SOL", "yes", "yes", True),
        (15, "SOL", "yes", "no", False),
        (19, "SOL", None, "yes", True),
        (19, "SOL", None, "no", False),
        (16, "LVU3", None, None, True),
    ],
)
def test_who_must_consent_follows_age_and_legal_basis(
    office: Office, age: int, basis: str, guardian: str | None, child: str | None, is_enough: bool
) -> None:
    birthday = {"turns_18_on": "2028-01-01"} if age < 18 else {"turns_18_on": None, "turns_21_on": "2028-01-01"}
    case = moves.begin(office, age=age, legal_basis=basis, **birthday)
    moves.hear(case)

    asked = {"guardian_consent": guardian, "child_consent": child}
    moves.agree_to_care(case, **{"guardian_consent": None} | {k: v for k, v in asked.items() if v is not None})

    assert bool(case.open("Pröva närstående först")) is is_enough
    assert bool(case.open("Ta ställning utan samtycke")) is not is_enough


def test_kin_who_can_receive_the_child_change_the_form(office: Office) -> None:
    case = moves.begin(office)
    moves.hear(case)
    moves.agree_to_care(case)
    moves.consider_kin(case, "kin")

    assert case.open("Samråd före placering")
    moves.consult(case)
    assert case.variables["form"] == "kinship"


def test_the_municipality_of_stay_is_asked_before_the_decision_and_silence_is_no_answer(office: Office) -> None:
    case = moves.begin(office)
    moves.hear(case)
    moves.agree_to_care(case)
    moves.consider_kin(case)
    assert case.posts("Samråd före placering") == ["lund.handlaggare"]

    case.pass_days(8)

    assert not case.open("Skriv planerna för vården")
    case.complete("Dokumentera samrådet", consulted_on=case.today.isoformat(), consult_answer="Per telefon.")
    assert case.open("Skriv planerna för vården")


def test_at_home_in_the_own_municipality_nobody_is_consulted(office: Office) -> None:
    case = moves.begin(office, mun_stay="ekby")
    moves.hear(case)
    moves.agree_to_care(case)
    moves.consider_kin(case)

    assert case.open("Skriv planerna för vården")


# Decision (P10-P11)


def decidable(office: Office, **values: Any) -> Case:
    case = moves.begin(office, **values)
    moves.hear(case)
    moves.agree_to_care(case)
    moves.consider_kin(case)
    if case.open("Samråd före placering"):
        moves.consult(case)
    moves.write_care_plans(case)
    return case


def test_a_family_home_is_decided_by_the_committee_at_its_next_meeting(office: Office) -> None:
    case = decidable(office)

    assert case.posts("Besluta om placering") == ["ekby.ordforande", "ekby.utskott"]
    assert due_on(case, "Besluta om placering") == date(2026, 3, 12)
    for decider in ("official", "chair_urgent"):
        with pytest.raises(FormInvalid) as caught:
            moves.decide(case, decider=decider, chair_urgent_reason="Bråttom." if decider == "chair_urgent" else None)
        assert set(caught.value.fields) == {"decider"}


def test_a_residential_home_is_decided_by_delegation(office: Office) -> None:
    case = decidable(office, form="hvb")

    assert case.posts("Besluta om placering") == ["ekby.enhetschef"]
    moves.decide(case, decider="official", consulted_on=None)
    assert case.open(START)


def test_what_the_human_chose_is_kept_beside_what_the_table_said(office: Office) -> None:
    case = decidable(office)
    moves.decide(case, decider="board")

    assert case.variables["deciding"]["decider"] == "committee"
    assert case.variables["decider"] == "board"


def test_an_item_that_is_referred_back_is_written_again(office: Office) -> None:
    case = decidable(office)
    moves.decide(case, "refer_back")
    assert case.open("Skriv planerna för vården")
    moves.write_care_plans(case)

    moves.decide(case, "reject")
    settle_cost(case)

    assert case.end_state == "never_started"


def test_a_decision_says_what_the_child_thinks_or_why_not(office: Office) -> None:
    case = decidable(office)

    with pytest.raises(FormInvalid) as caught:
        moves.decide(case, decision_child_view=None)
    assert set(caught.value.fields) == {"decision_child_view"}
    with pytest.raises(FormInvalid) as caught:
        moves.decide(case, best_interests=None)
    assert set(caught.value.fields) == {"best_interests"}


# Health, school, information (P12-P15)


def test_the_region_is_notified_by_itself_and_its_manager_hears_when_nothing_is_offered(office: Office) -> None:
    case = moves.placed(office)
    assert case.posts("Erbjud undersökning") == ["hu.samordnare"]
    assert due_on(case, "Erbjud undersökning") == date(2026, 5, 20)

    case.pass_day(date(2026, 5, 20))

    assert case.posts("Försenad undersökning") == ["bum.chef"]
    assert case.open("Erbjud undersökning")
    case.complete("Försenad undersökning", late_action="Bokar tid.")
    moves.examine(case)


def test_a_late_statement_is_told_to_the_manager(office: Office) -> None:
    case = moves.placed(office)
    case.complete("Erbjud undersökning", offered_at=case.today.isoformat(), accepted_by="board_lvu")
    case.complete(
        "Genomför undersökningen",
        earlier_records_collected=True,
        physical="done",
        physical_on=case.today.isoformat(),
        mental="booked",
        oral="refused",
    )
    case.pass_days(20)

    assert case.posts("Försenad undersökning") == ["bum.chef"]
    assert case.open("Skicka utlåtandet")


def test_an_examination_that_is_declined_ends_there(office: Office) -> None:
    case = moves.placed(office)
    case.complete(
        "Erbjud undersökning", offered_at=case.today.isoformat(), accepted_by="nobody", refused_reason="Vill inte."
    )

    assert not case.open("Genomför undersökningen")


@pytest.mark.parametrize(("answer", "is_notified"), [("yes", False), ("no", True)])
def test_an_unnecessary_examination_needs_a_reason_and_the_managers_word(
    office: Office, answer: str, is_notified: bool
) -> None:
    case = moves.begin(office)
    moves.prepare(case)
    moves.write_care_plans(case)
    moves.decide(case)
    with pytest.raises(FormInvalid) as caught:
        moves.start(case, exam_needed="unnecessary")
    assert set(caught.value.fields) == {"unnecessary_reason"}
    moves.start(case, exam_needed="unnecessary", unnecessary_reason="Undersökt i januari.")
    assert case.posts("Bekräfta att den är obehövlig") == ["ekby.enhetschef"]

    case.complete("Bekräfta att den är obehövlig", unnecessary_confirmed=answer)

    assert bool(case.open("Erbjud undersökning")) is is_notified


def test_school_shows_both_municipalities_and_the_receiving_school_confirms(office: Office) -> None:
    case = moves.placed(office)
    (task,) = case.open("Ordna skolan")
    seen = case.visible(task)
    assert (seen["home_school"]["party_name"], seen["stay_school"]["party_name"]) == ("Ekby kommun", "Lundsala kommun")
    assert (seen["school_support"]["decider"], seen["school_place"]["decider"]) == ("home", "stay")

    moves.arrange_school(case, keeps="no")

    assert case.posts("Ta emot eleven") == ["lund.larare", "lund.rektor"]
    case.complete("Ta emot eleven", school_started_on=case.today.isoformat())


def test_a_school_that_is_not_arranged_in_five_days_goes_to_the_director_of_education(office: Office) -> None:
    case = moves.placed(office)
    case.pass_days(8)

    assert case.posts("Skolan är sen") == ["lund.utbildningschef"]
    assert case.open("Ordna skolan")


def test_every_receiver_acknowledges_or_its_manager_does(office: Office) -> None:
    case = moves.placed(office)
    moves.transfer(case)
    moves.acknowledge(case, "ekby")
    case.pass_days(4)

    assert case.posts("Kvittera åt enheten") == ["bup.enhetschef"]
    moves.acknowledge(case, "region", by="Kvittera åt enheten")
    assert not case.open("Kvittera åt enheten")


# The end (P23-P25)


def test_lvu_is_always_followed_up_for_a_child(office: Office) -> None:
    case = decidable(office, legal_basis="LVU2")
    moves.decide(case, decider="court")
    moves.start(case)
    case.send("avsluta-placering", end_reason="returned_home")

    with pytest.raises(FormInvalid) as caught:
        moves.write_end(case, reunification_plan="Stegvis.")
    assert set(caught.value.fields) == {"followup_decided"}
    moves.write_end(case, followed="yes", reunification_plan="Stegvis.")
    assert due_on(case, "Följ upp efter avslut") == date(2026, 10, 20)
    case.complete("Följ upp efter avslut", after_on=case.today.isoformat(), after_how="Bra.")
    settle_cost(case)
    settle_start(case)
    assert (case.status, case.end_state) == (Status.ENDED, "ended_planned")


# Two counties


@pytest.mark.parametrize(
    ("code", "age", "agreements"),
    [
        ("Z", 9, ["Jämtland: JämtBus", "Jämtland: placerade barn"]),
        ("H", 9, ["Kalmar: barn och ungas hälsa"]),
        ("H", 19, []),
    ],
)
def test_what_holds_follows_the_county_and_never_leaves_a_child_outside(
    office: Office, code: str, age: int, agreements: list[str]
) -> None:
    birthday: dict[str, Any] = {} if age < 18 else {"turns_18_on": None, "turns_21_on": "2028-01-01"}
    case = moves.begin(office, county(code), age=age, **birthday)

    found = case.variables["eligibility"]

    assert [row["text"] for row in found if row["kind"] == "county"] == agreements
    assert [row["kind"] for row in found].count("statutory") == 1


@pytest.mark.parametrize(
    ("code", "weeks", "meeting", "agreements"),
    [
        ("Z", 2, date(2026, 9, 24), ["Jämtland: JämtBus", "Jämtland: placerade barn"]),
        ("H", 3, date(2026, 10, 8), ["Kalmar: barn och ungas hälsa"]),
    ],
)
def test_one_scenario_runs_in_two_counties_by_directory_and_tables_alone(
    office: Office, code: str, weeks: int, meeting: date, agreements: list[str]
) -> None:
    case = moves.placed(office, county(code, weeks=weeks))
    assert [row["text"] for row in case.variables["eligibility"] if row["kind"] == "county"] == agreements
    settle_cost(case)
    settle_start(case)
    case.pass_until(case.clock.now().replace(month=9, day=9))

    (task,) = case.open("Bered ärendet")

    assert (case.visible(task)["meeting_on"], case.visible(task)["ends_on"]) == (meeting, date(2026, 10, 20))
    case.pass_until(case.clock.now().replace(month=meeting.month, day=meeting.day))
    moves.review(case)
    assert date(2027, meeting.month - 6, meeting.day) in dues(case, "Bevaka nästa prövning")
