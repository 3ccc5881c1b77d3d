"""The care while it lasts: visits, the six months of the law, events beside it, coming of age, and LVU's own periods
(SC9, SC10, SC11)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from flowsvc.domain.errors import FormInvalid
from flowsvc.engine.outcome import TaskOpened
from tests.processes import placement as moves
from tests.processes.host import Case, Office
from tests.processes.places import county
from tests.processes.test_placering import due_on, dues, settle_cost, settle_start

WATCH = "Bevaka nästa prövning"
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def until(case: Case, on: date) -> None:
    case.pass_until(datetime(on.year, on.month, on.day, 8, tzinfo=UTC))


def hear_alarms(case: Case) -> None:
    """Those who have been told that something is late have heard it."""
    for task in list(case.tasks.values()):
        if task.form_key == "larm-sen":
            case.complete_token(task.token, late_action="Åtgärdat.")


@pytest.fixture
def case(office: Office) -> Case:
    """A child of nine in a family home under SoL since 20 April 2026."""
    return moves.placed(office)


# Visits


def test_the_child_is_visited_within_two_weeks_and_then_at_least_every_three_months(case: Case) -> None:
    assert due_on(case, "Besök och samtal") == date(2026, 5, 4)
    with pytest.raises(FormInvalid) as caught:
        moves.visit(case, next_on=date(2026, 7, 21))
    assert set(caught.value.fields) == {"next_visit_on"}

    moves.visit(case, next_on=date(2026, 7, 20))

    assert due_on(case, "Besök och samtal") == date(2026, 7, 20)
    case.pass_day(date(2026, 7, 20))
    assert case.posts("Besöket är sent") == ["ekby.enhetschef"]


# The six months


def test_the_item_is_taken_up_six_weeks_before_on_the_committees_calendar(case: Case) -> None:
    case.pass_day(date(2026, 9, 7))
    assert not case.open("Bered ärendet")

    case.pass_day(date(2026, 9, 8))

    (task,) = case.open("Bered ärendet")
    assert case.visible(task)["meeting_on"] == date(2026, 9, 24)
    moves.review(case)
    assert date(2027, 3, 9) in dues(case, WATCH)


def test_the_committee_considers_and_the_next_six_months_are_counted_from_then(case: Case) -> None:
    until(case, date(2026, 9, 24))
    moves.review(case)

    assert dues(case, WATCH)[0] == date(2027, 3, 24)
    assert [each["in_time"] for each in reviews_after_end(case)] == [True]


def reviews_after_end(case: Case) -> list[dict[str, Any]]:
    """What has been reviewed, as it stands inside the care."""
    found = [values["reviews"] for values in case.position.scopes.values() if values.get("reviews")]
    lists: list[list[Any]] = [each for each in found if isinstance(each, list)]
    return max(lists, key=len)


def by_due(case: Case, name: str) -> list[TaskOpened]:
    """The open tasks of that name, the one that is due first first."""
    return sorted((task for task in case.open(name) if task.due), key=lambda task: task.due.at if task.due else NEVER)


def test_fourteen_days_before_manager_and_chair_are_warned(case: Case) -> None:
    case.pass_day(date(2026, 10, 6))

    assert case.posts("Fjorton dagar kvar") == ["ekby.enhetschef", "ekby.ordforande"]
    assert case.open("Bered ärendet")


def test_a_missed_day_is_a_red_alarm_to_director_and_chair_and_the_task_stays(case: Case) -> None:
    case.pass_day(date(2026, 10, 19))
    assert not case.open("Rött larm: lagens tid är ute")

    case.pass_day(date(2026, 10, 20))

    assert case.posts("Rött larm: lagens tid är ute") == ["ekby.ordforande", "ekby.socialdirektor"]
    until(case, date(2026, 10, 22))
    moves.review(case)
    assert [each["in_time"] for each in reviews_after_end(case)] == [False]


def test_without_a_meeting_in_time_the_last_day_stands(office: Office) -> None:
    directory = county("Z", weeks=52)
    case = moves.placed(office, directory)
    case.pass_day(date(2026, 9, 8))

    (task,) = case.open("Bered ärendet")
    seen = case.visible(task)

    assert (seen["is_in_time"], seen["meeting_on"], seen["ends_on"]) == (False, date(2026, 10, 20), date(2026, 10, 20))


def test_a_review_can_be_made_earlier_by_hand(case: Case) -> None:
    case.complete_token(by_due(case, WATCH)[0].token, early_reason="Hemmet sviktar.")

    moves.review(case)

    assert dues(case, WATCH)[0] == date(2026, 10, 20)


def test_a_committee_that_ends_the_care_ends_it(case: Case) -> None:
    until(case, date(2026, 9, 24))
    moves.review(case, "ends")

    assert not case.open("Besök och samtal")
    moves.write_end(case)
    settle_cost(case)
    settle_start(case)
    hear_alarms(case)
    assert case.end_state == "ended_court"
    assert case.variables["extract"]["reviews"] == 1


@pytest.mark.parametrize(
    ("basis", "form", "text"),
    [
        ("SOL", "family_home", ["Övervägande av vården", "Övervägande om vårdnaden"]),
        ("LVU3", "hvb", ["Omprövning av vården"]),
        ("LVU2", "hvb", ["Övervägande av vården"]),
        ("LSS8", "lss_housing", []),
    ],
)
def test_what_is_reviewed_follows_the_legal_basis(office: Office, basis: str, form: str, text: list[str]) -> None:
    case = moves.begin(office, legal_basis=basis, form=form, mun_stay="ekby")
    moves.hear(case)
    moves.agree_to_care(case, guardian_consent=None if basis.startswith("LVU") else "yes")
    moves.consider_kin(case)
    moves.write_care_plans(case)
    decider = "court" if basis.startswith("LVU") else "official" if basis == "LSS8" else "committee"
    moves.decide(case, decider=decider, consulted_on=None)
    moves.start(case, contract_signed="yes" if form == "family_home" else "not_needed")

    shown = [str(case.visible(task)["review_text"]) for task in case.open(WATCH)]

    assert sorted(shown) == text


# A new legal basis


def change_ground(case: Case, basis: str) -> None:
    case.send(
        "laglig-grund-andrad",
        new_basis=basis,
        ground_on=case.today.isoformat(),
        ground_by="court",
        ground_why="Rättens dom.",
    )


def of_care(case: Case) -> tuple[str, date]:
    """What is reviewed of the care, and its last day."""
    (seen,) = [
        found for task in case.open(WATCH) if (found := case.visible(task))["review_text"] != "Övervägande om vårdnaden"
    ]
    return str(seen["review_text"]), seen["ends_on"]


def test_a_new_legal_basis_reaches_the_care_that_runs_and_its_reviews_follow_it(case: Case) -> None:
    assert of_care(case) == ("Övervägande av vården", date(2026, 10, 20))
    until(case, date(2026, 6, 1))

    change_ground(case, "LVU2")
    assert of_care(case) == ("Övervägande av vården", date(2026, 10, 20)), "what the law already asked stands"

    until(case, date(2026, 7, 7))
    change_ground(case, "LVU3")
    assert of_care(case) == ("Omprövning av vården", date(2027, 1, 7)), "counted from the day of the new basis"

    until(case, date(2026, 12, 1))
    moves.review(case)
    assert of_care(case) == ("Omprövning av vården", date(2027, 6, 1))


def test_a_new_legal_basis_takes_up_the_item_anew_and_loses_no_review(case: Case) -> None:
    until(case, date(2026, 9, 15))
    moves.review(case)
    until(case, date(2027, 2, 10))
    assert case.open("Bered ärendet")

    change_ground(case, "LVU3")

    assert not case.open("Bered ärendet")
    assert of_care(case) == ("Omprövning av vården", date(2027, 8, 10))
    assert [each["on"] for each in reviews_known(case)] == [date(2026, 9, 15)]


def test_a_basis_without_a_period_in_the_law_waits_for_one_that_has(case: Case) -> None:
    change_ground(case, "LSS8")
    assert len(case.open(WATCH)) == 1, "custody alone"

    until(case, date(2026, 8, 3))
    change_ground(case, "LVU3")

    assert of_care(case) == ("Omprövning av vården", date(2027, 2, 3))


def reviews_known(case: Case) -> list[Any]:
    return list(case.visible(case.open(WATCH)[-1])["reviews"])


def test_custody_is_considered_after_two_years_and_then_every_year(case: Case) -> None:
    last = by_due(case, WATCH)[-1]
    assert case.visible(last)["ends_on"] == date(2028, 4, 20)
    case.complete_token(last.token, early_reason="Stabilt hem.")
    moves.review(case, review_long_term="Stannar.")

    assert dues(case, WATCH)[-1] == date(2027, 4, 20)


def test_a_restriction_is_considered_every_three_months(case: Case) -> None:
    case.send(
        "begransning-beslutad",
        restriction_kind="contact",
        restriction_on="2026-04-20",
        restriction_child_view="Vill träffa pappa mer.",
    )

    assert date(2026, 7, 20) in dues(case, WATCH)
    assert case.open("Besök och samtal")


def test_a_restriction_that_ends_takes_no_consideration_of_the_care_away(case: Case) -> None:
    until(case, date(2026, 9, 1))
    case.send(
        "begransning-beslutad",
        restriction_kind="contact",
        restriction_on="2026-09-01",
        restriction_child_view="Vill träffa pappa mer.",
    )
    until(case, date(2026, 9, 15))
    moves.review(case)
    until(case, date(2026, 10, 26))
    moves.review(case, "ends")

    change_ground(case, "LVU2")

    assert [each["on"] for each in reviews_known(case)] == [date(2026, 9, 15)]


# Consent is withdrawn (SC10)


def withdraw(case: Case) -> None:
    case.send("samtycke-aterkallas", withdrawn_by="guardian", withdrawn_said="Vill ha hem barnet.")


def assess(case: Case, needed: str = "no") -> None:
    case.complete("Larm: samtycket är återkallat", protection_today="Barnet är kvar i dag.")
    case.complete("Bedöm om LVU behövs", lvu_assessment="Bedömd.", lvu_needed=needed)
    if case.open("Pröva flyttningsförbud"):
        case.complete("Pröva flyttningsförbud", removal_risk="Ja.", removal_prohibition="yes")


def decide_withdrawal(case: Case, result: str, **values: Any) -> None:
    said: dict[str, Any] = {
        "withdrawal_child_view": "Vill bo kvar.",
        "best_interests": "Trygghet.",
        "withdrawal_result": result,
        "withdrawal_reasons": "Behovet kvarstår.",
        "withdrawal_decided_on": case.today.isoformat(),
    }
    case.complete("Besluta efter återkallat samtycke", **said | values)


def test_sc10_a_withdrawn_consent_alarms_the_same_day_and_the_plan_holds_until_decided(case: Case) -> None:
    withdraw(case)
    assert due_on(case, "Larm: samtycket är återkallat") == date(2026, 4, 20)
    assert case.posts("Larm: samtycket är återkallat") == ["ekby.enhetschef"]

    assess(case, "yes")

    assert case.posts("Besluta efter återkallat samtycke") == ["ekby.ordforande", "ekby.utskott"]
    assert due_on(case, "Besluta efter återkallat samtycke") == date(2026, 4, 23)
    assert case.open("Besök och samtal"), "the care goes on until it is decided"
    with pytest.raises(FormInvalid) as caught:
        decide_withdrawal(case, "removal_prohibition", withdrawal_child_view=None)
    assert set(caught.value.fields) == {"withdrawal_child_view"}
    decide_withdrawal(case, "removal_prohibition")
    assert case.open("Besök och samtal")


def test_sc10_an_alarm_that_nobody_receives_goes_to_the_director(case: Case) -> None:
    withdraw(case)
    case.pass_day(date(2026, 4, 20))

    assert case.posts("Larmet är inte mottaget") == ["ekby.socialdirektor"]
    assert case.open("Larm: samtycket är återkallat")


def test_sc10_care_that_ends_is_closed(case: Case) -> None:
    withdraw(case)
    assess(case)
    decide_withdrawal(case, "ends")

    assert not case.open("Besök och samtal")
    assert case.open("Avsluta placeringen")


def test_outside_a_family_home_no_prohibition_of_removal_is_asked_for(office: Office) -> None:
    case = moves.begin(office, form="hvb", mun_stay="ekby")
    moves.hear(case)
    moves.agree_to_care(case)
    moves.consider_kin(case)
    moves.write_care_plans(case)
    moves.decide(case, decider="official", consulted_on=None)
    moves.start(case, contract_signed="not_needed")
    withdraw(case)
    case.complete("Larm: samtycket är återkallat", protection_today="Kvar.")

    assert not case.open("Pröva flyttningsförbud")
    assert case.open("Bedöm om LVU behövs")


# Breakdown and re-placement


def break_down(case: Case, moved: str = "yes") -> None:
    case.send("hemmet-racker-inte", breakdown_kind="breakdown", breakdown_what="Hemmet orkar inte.")
    case.complete("Ge stöd nu", support_now="Avlastning i helgen.", replacement_needed=moved)


def investigate(case: Case, kind: str = "planned") -> None:
    case.complete(
        "Utred omplaceringen",
        replacement_investigation="Utredd.",
        replacement_child_view="Vill ha kvar skolan.",
        new_form="consultant_family_home",
        replacement_planned=kind,
    )


def decide_move(case: Case, result: str = "move", decider: str = "committee") -> None:
    case.complete(
        "Besluta om omplacering",
        replacement_decider=decider,
        replacement_result=result,
        best_interests="Trygghet.",
        replacement_reasons="Hemmet räcker inte.",
        replacement_decided_on=case.today.isoformat(),
    )


def test_a_breakdown_gives_support_the_same_day_and_is_investigated_before_the_move(case: Case) -> None:
    break_down(case)
    assert not case.open("Flytta till det nya hemmet")
    investigate(case)
    with pytest.raises(FormInvalid) as caught:
        decide_move(case, decider="chair_urgent")
    assert set(caught.value.fields) == {"replacement_decider"}

    decide_move(case)

    (task,) = case.open("Flytta till det nya hemmet")
    assert task.properties["deliversSupport"] == "true"
    case.complete("Flytta till det nya hemmet", moved_on=case.today.isoformat(), home_name="Nya hemmet")
    assert len(case.open("Samtycke till SIP")) == 2, "a new SIP beside the first"


def test_more_support_may_be_enough(case: Case) -> None:
    break_down(case, "no")

    assert not case.open("Utred omplaceringen")
    break_down(case)
    investigate(case, "acute")
    assert due_on(case, "Besluta om omplacering") == case.today
    decide_move(case, "stay", "chair_urgent")
    assert not case.open("Flytta till det nya hemmet")


# Coming of age (SC11)


def of_seventeen(office: Office, **values: Any) -> Case:
    given: dict[str, Any] = {"age": 17, "turns_18_on": "2026-12-15"} | values
    case = moves.begin(office, county("H"), **given)
    moves.hear(case)
    moves.agree_to_care(case, **({"guardian_consent": None} if given.get("legal_basis") else {"child_consent": "yes"}))
    moves.consider_kin(case)
    moves.consult(case)
    moves.write_care_plans(case)
    moves.decide(case, decider="court" if given.get("legal_basis") else "committee")
    moves.start(case)
    return case


def test_sc11_the_transition_is_planned_from_half_a_year_before(office: Office) -> None:
    case = of_seventeen(office)
    case.pass_day(date(2026, 6, 14))
    assert not case.open("Planera övergången till 18 år")

    case.pass_day(date(2026, 6, 15))

    assert due_on(case, "Planera övergången till 18 år") == date(2026, 12, 15)


def test_sc11_at_eighteen_the_county_text_no_longer_holds_but_the_statute_does(office: Office) -> None:
    case = of_seventeen(office)
    case.pass_day(date(2026, 6, 15))
    case.complete("Planera övergången till 18 år", handover_services=["upm"], transition_plan="UPM tar över.")
    case.pass_day(date(2026, 12, 15))

    (task,) = case.open("Pröva samtycke, delning och stöd")
    assert [row["kind"] for row in case.visible(task)["eligibility"]] == ["statutory"]
    with pytest.raises(FormInvalid) as caught:
        case.complete("Pröva samtycke, delning och stöd", own_consent="yes", aftercare_18="Öppenvård.")
    assert set(caught.value.fields) == {"shares_rechecked"}
    case.complete(
        "Pröva samtycke, delning och stöd", own_consent="yes", shares_rechecked=True, aftercare_18="Öppenvård."
    )
    assert case.open("Besök och samtal")


def test_sc11_lvu2_ends_at_eighteen_without_own_consent(office: Office) -> None:
    case = of_seventeen(office, legal_basis="LVU2")
    case.pass_day(date(2026, 12, 15))
    case.complete("Pröva samtycke, delning och stöd", own_consent="no", shares_rechecked=True, aftercare_18="Boende.")

    assert not case.open("Besök och samtal")
    case.complete("Avsluta placeringen", **ended(case))
    case.complete("Följ upp efter avslut", after_on=case.today.isoformat(), after_how="Bra.")
    settle_cost(case)
    settle_start(case)
    hear_alarms(case)
    assert case.end_state == "ended_age"


def ended(case: Case) -> dict[str, Any]:
    return {
        "ended_on": case.today.isoformat(),
        "school_return": "Går kvar.",
        "health_handover": "UPM.",
        "contact_person_after": "Socialsekreterare",
        "followup_decided": "yes",
        "aftercare_offer": "Boende.",
        "end_child_evaluation": "Bra.",
    }


def test_at_twenty_one_the_care_ends(office: Office) -> None:
    case = moves.begin(office, age=20, turns_18_on=None, turns_21_on="2026-08-01", legal_basis="LVU3")
    moves.hear(case)
    moves.agree_to_care(case, guardian_consent=None)
    moves.consider_kin(case)
    moves.consult(case)
    moves.write_care_plans(case)
    moves.decide(case, decider="court")
    moves.start(case)
    assert not case.open("Planera övergången till 18 år")

    case.pass_day(date(2026, 8, 1))

    assert case.open("Avsluta placeringen")
    assert not case.open("Besök och samtal")


# Immediate custody (SC9)


def taken(office: Office) -> Case:
    case = moves.begin(office, legal_basis="LVU6", urgency="acute", planned_start="2026-03-02", form="emergency_home")
    assert due_on(case, "Besluta om akut placering") == date(2026, 3, 2)
    with pytest.raises(FormInvalid) as caught:
        decide_now(case, None)
    assert set(caught.value.fields) == {"chair_urgent_reason"}
    decide_now(case, "Natt, barnet är i fara.")
    moves.start(case, date(2026, 3, 2))
    return case


def decide_now(case: Case, reason: str | None) -> None:
    case.complete(
        "Besluta om akut placering",
        decider="chair_urgent",
        chair_urgent_reason=reason,
        decision_result="approve",
        decision_date="2026-03-02",
        law="6 § LVU",
        best_interests="Skydd nu.",
        decision_child_view="Är rädd.",
        reasons="Fara.",
        start_date="2026-03-02",
    )


def test_sc9_immediate_custody_meets_every_period_of_the_law(office: Office) -> None:
    case = taken(office)
    assert case.open("Erbjud undersökning"), "the region is notified the same day"
    assert case.open("Samtycke till SIP")
    assert due_on(case, "Underställ rätten") == date(2026, 3, 9)
    assert due_on(case, "Anmäl beslutet till nämnden") == date(2026, 3, 12)

    case.complete("Underställ rätten", court_sent_on="2026-03-02")
    assert due_on(case, "Ansök om vård") == date(2026, 3, 30)
    case.complete("Ansök om vård", care_route="LVU2", application_sent_on="2026-03-02")
    case.complete("Anmäl beslutet till nämnden", reported_to_board_on="2026-03-02")
    moves.hear(case)
    moves.agree_to_care(case, guardian_consent=None)
    moves.consider_kin(case)
    moves.consult(case)
    moves.write_care_plans(case)

    assert not case.open("Rött larm: lagens tid är ute")


def judge(case: Case, result: str) -> None:
    """The court has been asked, and has judged."""
    case.complete("Underställ rätten", court_sent_on="2026-03-02")
    case.complete("Ansök om vård", care_route="LVU3", application_sent_on="2026-03-02")
    until(case, date(2026, 4, 1))
    case.complete("Skriv in rättens dom", court_result=result, judged_on="2026-04-01")


def test_the_courts_judgment_is_sent_to_the_care_that_runs(office: Office) -> None:
    case = taken(office)
    assert of_care(case) == ("Övervägande av vården", date(2026, 9, 2))
    judge(case, "LVU3")

    (sent,) = case.sent
    assert (sent.message, sent.variables) == (
        "laglig-grund-andrad",
        {"new_basis": "LVU3", "ground_on": date(2026, 4, 1)},
    )
    case.hand_over(sent)
    assert of_care(case) == ("Omprövning av vården", date(2026, 10, 1))


def test_a_court_that_refuses_ends_the_placement(office: Office) -> None:
    case = taken(office)
    judge(case, "ends")

    (sent,) = case.sent
    case.hand_over(sent)

    assert case.open("Avsluta placeringen")
    assert not case.open(WATCH)


def test_sc9_a_missed_period_is_a_red_alarm(office: Office) -> None:
    case = taken(office)
    case.pass_day(date(2026, 3, 9))

    assert case.posts("Rött larm: lagens tid är ute") == ["ekby.ordforande", "ekby.socialdirektor"]
    assert case.open("Underställ rätten")
    case.complete("Underställ rätten", court_sent_on=case.today.isoformat())
    case.pass_day(date(2026, 3, 30))
    assert len(case.open("Rött larm: lagens tid är ute")) == 2


def test_an_acute_placement_that_is_not_approved_places_nobody(office: Office) -> None:
    case = moves.begin(office, urgency="acute", planned_start="2026-03-02")
    case.complete(
        "Besluta om akut placering",
        decider="committee",
        decision_result="reject",
        decision_date="2026-03-02",
        law="22 kap. SoL",
        best_interests="Kan vara hemma.",
        decision_child_view="Vill vara hemma.",
        reasons="Stöd hemma.",
    )

    assert not case.open("Starta placeringen")
