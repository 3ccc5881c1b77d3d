"""The coordinated individual plan: consent, invitations that are chased, quorum, one owner for each line, follow-up."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from flowsvc.domain.errors import FormInvalid
from flowsvc.engine.outcome import Status
from tests.processes.county import COUNTY
from tests.processes.host import Case, Office

Begin = Callable[..., Case]

GIVEN: dict[str, Any] = {
    "sip_posts": ["post:ekby.handlaggare"],
    "manager_posts": ["post:ekby.enhetschef"],
    "reporter": "ekby.handlaggare",
    "lead_party": "ekby",
    "age": 9,
    "is_protected": False,
    "suggested_services": [],
}


@pytest.fixture
def begin(office: Office) -> Begin:
    """A SIP of Ekby, as a caller hands it over."""

    def begun(**values: Any) -> Case:
        return Case(office, COUNTY, process="sip").begin(**GIVEN | values)

    return begun


def consent(case: Case, given: str = "yes", **values: Any) -> None:
    said: dict[str, Any] = {"sip_giver": "guardian1", "sip_given": given, "sip_given_on": "2026-03-02"}
    if given == "no":
        said |= {"sip_fallback": "none"}
    else:
        said |= {
            "sip_valid_until": "2027-03-02",
            "sip_purpose": "Samordna stödet.",
            "sip_receivers": [{"unit": "bup.oppen"}],
            "sip_categories": ["psych"],
        }
    case.complete("Samtycke till SIP", **said | values)


def invite(case: Case, *units: str) -> None:
    case.complete(
        "Kalla till möte",
        sip_question="Hur samordnas stödet?",
        sip_participants=[{"unit": unit} for unit in units or ("ekby.bou", "bup.oppen")],
        meeting_at="2026-03-16",
        meeting_place="Ekby familjecentral",
    )


def answer(case: Case, party: str, participation: str = "attending", *, by: str = "Svara på inbjudan") -> None:
    values: dict[str, Any] = {"participation": participation}
    if participation == "cannot":
        values["cannot_reason"] = "Ingen är ledig den dagen."
    else:
        values["has_mandate"] = "yes"
    case.complete(by, party=party, **values)


LINES: list[Any] = [
    {"goal": "Trygghet", "measure": "Familjesamtal", "unit": "ekby.bou"},
    {"goal": "Mår bättre", "measure": "Traumabehandling", "unit": "bup.oppen"},
]


def plan(case: Case, *more: dict[str, Any], next_followup: str = "2026-04-10") -> None:
    case.pass_until(case.clock.now().replace(day=16))
    lines = [
        {
            "contact_role": "Handläggare",
            "start": "2026-03-17",
            "scope": "En timme per vecka",
            "place": "Mottagningen",
            "method_of_followup": "Samtal",
            "followup_date": "2026-06-01",
        }
        | line
        for line in (*LINES, *more)
    ]
    case.complete(
        "Håll mötet och skriv planen",
        meeting_on="2026-03-16",
        meeting_participants="Barnet, vårdnadshavare, handläggare, behandlare",
        child_wishes="Jag vill träffa samma person.",
        guardian_wishes="Att det går fort.",
        overall_goal="Barnet mår bra och går i skolan.",
        plan_lines=lines,
        plan_owner="ekby",
        contacts="Enhetscheferna",
        next_followup=next_followup,
    )


def agreed(case: Case) -> None:
    consent(case)
    invite(case)
    answer(case, "ekby")
    answer(case, "region", "digital")


def confirm(case: Case, party: str, *, by: str = "Bekräfta egna rader") -> None:
    case.complete(by, party=party, line_answer="confirmed")


def hand_over(case: Case) -> None:
    case.complete(
        "Lämna planen till barnet och familjen", copy_child_on=case.today.isoformat(), copy_guardian_on="2026-03-16"
    )


def test_a_plan_with_one_owner_for_each_line(begin: Begin) -> None:
    case = begin()
    agreed(case)
    plan(case)
    assert case.posts("Bekräfta egna rader") == ["bup.behandlare", "ekby.handlaggare"]

    confirm(case, "region")
    confirm(case, "ekby")
    hand_over(case)

    assert (case.status, case.variables["sip_state"]) == (Status.ENDED, "active")
    assert [line["unit_name"] for line in case.variables["plan_lines"]] == [
        "Barn och unga, Ekby kommun",
        "BUP, öppenvård, Region Ådal",
    ]
    assert case.instances == []


def test_without_consent_it_is_documented_and_offered_again(begin: Begin) -> None:
    case = begin()
    consent(case, "no")
    case.complete("Dokumentera och erbjud igen", no_consent_reason="Vill vänta.", offered_again_on="2026-04-01")

    assert (case.status, case.variables["sip_state"]) == (Status.ENDED, "no_consent")


def test_an_adult_consents_alone_and_the_exceptions_for_children_do_not_hold(begin: Begin) -> None:
    case = begin(age=18)

    with pytest.raises(FormInvalid) as caught:
        consent(case, "no", sip_fallback="osl_25_12")
    assert set(caught.value.fields) == {"sip_giver", "sip_fallback"}

    consent(case, sip_giver="young_adult")
    assert case.open("Kalla till möte")


def test_a_consent_holds_for_a_year_at_most(begin: Begin) -> None:
    case = begin()

    with pytest.raises(FormInvalid) as caught:
        consent(case, sip_valid_until="2027-03-03")
    assert set(caught.value.fields) == {"sip_valid_until"}


def test_a_unit_that_does_not_answer_is_lifted_to_its_manager_and_then_a_shortcoming(begin: Begin) -> None:
    case = begin()
    consent(case)
    invite(case)
    answer(case, "ekby")
    case.pass_day(date(2026, 3, 5))
    assert case.posts("Ordna så att enheten deltar") == ["bup.enhetschef"]
    assert case.instances == []

    case.pass_day(date(2026, 3, 9))

    (asked,) = case.instances
    assert (asked.called_key, asked.is_awaited) == ("avvikelse", False)
    assert asked.variables["kind"] == "shortcoming"
    assert asked.variables["counterparts"] == [{"unit": "bup.oppen"}]
    assert "BUP, öppenvård" in str(asked.variables["description"])
    assert case.open("Boka om mötet"), "the plan does not wait for the shortcoming"


def test_a_manager_who_answers_keeps_the_meeting(begin: Begin) -> None:
    case = begin()
    consent(case)
    invite(case)
    answer(case, "ekby")
    answer(case, "region", "cannot")
    case.complete(
        "Ordna så att enheten deltar", participation="substitute", substitute_role="Läkare", has_mandate="yes"
    )

    assert case.names() == ["Håll mötet och skriv planen"]
    assert case.instances == []


def test_the_meeting_is_rebooked_once_and_then_it_is_a_shortcoming(begin: Begin) -> None:
    case = begin()
    consent(case)
    invite(case)
    answer(case, "ekby")
    case.complete("Svara på inbjudan", party="region", participation="written", written_input="Se journal.")
    assert case.names() == ["Boka om mötet"]

    case.complete("Boka om mötet", meeting_at="2026-03-20")
    answer(case, "ekby")
    case.complete("Svara på inbjudan", party="region", participation="attending", has_mandate="no")

    assert [each.variables["kind"] for each in case.instances] == ["shortcoming"]
    case.complete("Dokumentera vad som görs i stället", instead="Enhetscheferna talas vid.")
    assert (case.status, case.variables["sip_state"]) == (Status.ENDED, "no_quorum")


def test_a_line_without_owner_is_disputed_and_the_plan_holds_for_the_rest(begin: Begin) -> None:
    case = begin()
    agreed(case)
    plan(case, {"goal": "Sömn", "measure": "Sömnskola", "unit": None})

    (asked,) = case.instances
    assert (asked.variables["kind"], asked.is_awaited) == ("responsibility", False)
    assert "Sömnskola" in str(asked.variables["description"])
    assert [line["status"] for line in case.variables["plan_lines"]] == ["planned", "planned", "disputed"]
    confirm(case, "region")
    confirm(case, "ekby")
    (task,) = case.open("Lämna planen till barnet och familjen")
    assert case.visible(task)["disputed_text"] == "Sömnskola"
    hand_over(case)
    assert case.variables["sip_state"] == "active"


def test_lines_that_are_not_confirmed_go_to_the_manager_and_are_then_named(begin: Begin) -> None:
    case = begin()
    agreed(case)
    plan(case)
    confirm(case, "ekby")
    case.pass_day(date(2026, 3, 19))
    assert case.posts("Bekräfta åt enheten") == ["bup.enhetschef"]

    case.pass_day(date(2026, 3, 23))

    (task,) = case.open("Lämna planen till barnet och familjen")
    assert case.visible(task)["unconfirmed_names"] == "BUP, öppenvård, Region Ådal"


def test_a_manager_who_confirms_completes_the_plan(begin: Begin) -> None:
    case = begin()
    agreed(case)
    plan(case)
    confirm(case, "ekby")
    case.pass_day(date(2026, 3, 19))
    confirm(case, "region", by="Bekräfta åt enheten")

    (task,) = case.open("Lämna planen till barnet och familjen")
    assert case.visible(task)["unconfirmed_names"] == ""


def test_the_first_follow_up_comes_within_six_weeks(begin: Begin) -> None:
    case = begin()
    agreed(case)

    with pytest.raises(FormInvalid) as caught:
        plan(case, next_followup="2026-04-28")
    assert set(caught.value.fields) == {"next_followup"}


# Follow-up


@pytest.fixture
def followed(office: Office) -> Case:
    given: dict[str, Any] = GIVEN | {
        "next_followup": date(2026, 4, 10),
        "overall_goal": "Barnet mår bra.",
        "plan_lines": [],
        "followups": [],
        "sip_state": "active",
    }
    return Case(office, COUNTY, process="sip-uppfoljning").begin(**given)


def follow_up(case: Case, result: str, **values: Any) -> None:
    case.complete(
        "Följ upp planen",
        followed_up_on=case.today.isoformat(),
        evaluation="Går framåt.",
        child_evaluation="Bra.",
        child_was_there="yes",
        followup_result=result,
        **values,
    )


def test_a_plan_is_followed_up_again_and_again_with_its_dates_on_record(followed: Case) -> None:
    followed.pass_until(followed.clock.now().replace(month=4, day=9))
    with pytest.raises(FormInvalid):
        follow_up(followed, "go_on", next_followup="2026-10-10")
    follow_up(followed, "go_on", next_followup="2026-10-09")
    (task,) = followed.open("Följ upp planen")
    assert task.due is not None
    assert task.due.on == date(2026, 10, 9)

    follow_up(followed, "goal_reached")

    assert (followed.status, followed.variables["sip_state"]) == (Status.ENDED, "ended_goal")
    assert [each["on"] for each in followed.variables["followups"]] == [date(2026, 4, 9), date(2026, 4, 9)]


def test_a_late_follow_up_is_told_to_the_manager_and_still_waits(followed: Case) -> None:
    followed.pass_day(date(2026, 4, 10))

    assert followed.posts("Uppföljningen är sen") == ["ekby.enhetschef"]
    assert followed.open("Följ upp planen")
    followed.complete("Uppföljningen är sen", late_action="Bokar tid.")
    follow_up(followed, "new_meeting")
    assert (followed.status, followed.variables["sip_state"]) == (Status.ENDED, "new_meeting")
