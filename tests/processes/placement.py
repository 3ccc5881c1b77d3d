"""What people do in a placement, told as short moves, for the tests of its diagrams."""

from datetime import date, timedelta
from typing import Any

from flowsvc.domain.directory import Directory
from tests.processes.host import Case, Office
from tests.processes.places import county
from tests.processes.test_sip import answer, confirm, consent, invite

KRONOR = 100
CASE: dict[str, Any] = {
    "need_summary": "Barnet behöver ett tryggt hem.",
    "needs": ["social", "psychiatric", "school"],
    "age": 9,
    "turns_18_on": "2034-09-01",
    "in_school": "yes",
    "protected_id": "none",
    "legal_basis": "SOL",
    "form": "family_home",
    "urgency": "normal",
    "planned_start": "2026-04-20",
    "in_county": "yes",
    "mun_placing": "ekby",
    "mun_stay": "lund",
    "mun_registered": "ekby",
    "place": "ekby.bou",
    "known_contacts": [{"unit": "bup.oppen"}, {"unit": "ekby.skola"}],
    "complexity": "yes",
}
REASONS: dict[str, Any] = {
    "facts": "Utredningen.",
    "law": "22 kap. 2 § SoL",
    "best_interests": "Barnet behöver trygghet nu.",
    "decision_child_view": "Vill bo nära sin skola.",
    "guardian_view": "Samtycker.",
    "kin_considered": "Ja, ingen kan.",
    "reasons": "Behovet kan inte mötas hemma.",
    "appeal_info": "Lämnad.",
}


def begin(office: Office, directory: Directory | None = None, **values: Any) -> Case:
    """A placement by Ekby, opened by its social worker."""
    case = Case(office, directory or county("Z"), process="placering")
    asked = {name: value for name, value in (CASE | values).items() if value is not None}
    return case.start(start_form="pp1", **asked)


def hear(case: Case, **values: Any) -> None:
    said: dict[str, Any] = {
        "told_when": case.today.isoformat(),
        "told_by": "Socialsekreterare",
        "told_method": "talk",
        "talked_alone": "yes",
        "child_heard": "yes",
        "child_view": "Vill bo nära sin skola.",
        "weight_given": "Hemmet ligger nära skolan.",
        "understands_info": "yes",
    }
    case.complete("Barnets delaktighet", **said | values)


def agree_to_care(case: Case, **values: Any) -> None:
    case.complete("Samtycke eller laglig grund", **{"legal_ground": "22 kap. SoL", "guardian_consent": "yes"} | values)


def consider_kin(case: Case, result: str = "not_possible") -> None:
    case.complete("Pröva närstående först", kin_considered="Mormor kan inte.", kin_result=result)


def consult(case: Case) -> None:
    case.complete(
        "Samråd före placering",
        party="lund",
        home_known="yes",
        others_placed="no",
        consult_answer="Inget att tillägga.",
    )


def prepare(case: Case) -> None:
    hear(case)
    agree_to_care(case)
    consider_kin(case)
    consult(case)


def write_care_plans(case: Case) -> None:
    case.complete(
        "Skriv planerna för vården",
        special_measures="Samtal",
        contact_arrangements="Varannan helg",
        care_goal="Trygghet",
        how_and_when="Nu",
        care_followup="Varje månad",
        other_principals="BUP",
        board_contact="Varje kvartal",
        plan_child_view="Bra",
    )


def decide(case: Case, result: str = "approve", *, decider: str = "committee", **values: Any) -> None:
    said: dict[str, Any] = REASONS | {
        "decider": decider,
        "decision_result": result,
        "decision_date": case.today.isoformat(),
        "consulted_on": "2026-03-02",
    }
    if result == "approve":
        said |= {"start_date": "2026-04-20", "review_on": "2026-10-20"}
    case.complete("Besluta om placering", **said | values)


def placed(office: Office, directory: Directory | None = None, **values: Any) -> Case:
    """A placement that has begun as planned."""
    case = begin(office, directory, **values)
    prepare(case)
    write_care_plans(case)
    case.pass_until(case.clock.now().replace(month=3, day=12))
    decide(case)
    start(case)
    return case


def start(case: Case, on: date = date(2026, 4, 20), **values: Any) -> None:
    case.pass_until(case.clock.now().replace(month=on.month, day=on.day))
    said: dict[str, Any] = {
        "started_on": on.isoformat(),
        "home_name": "Familjehemmet",
        "named_social_worker": "Socialsekreterare 1",
        "contract_signed": "yes",
        "exam_needed": "yes",
    }
    case.complete("Starta placeringen", **said | values)


def make_plan(case: Case) -> None:
    """A SIP with one line for each side, confirmed and handed over."""
    consent(case, sip_given_on=case.today.isoformat())
    invite(case)
    answer(case, "ekby")
    answer(case, "region", "digital")
    today = case.today
    line: dict[str, Any] = {
        "contact_role": "Handläggare",
        "start": today.isoformat(),
        "scope": "En timme per vecka",
        "place": "Mottagningen",
        "method_of_followup": "Samtal",
        "followup_date": (today + timedelta(days=60)).isoformat(),
    }
    case.complete(
        "Håll mötet och skriv planen",
        meeting_on=today.isoformat(),
        meeting_participants="Barnet, handläggare, behandlare",
        child_wishes="Samma person.",
        guardian_wishes="Fort.",
        overall_goal="Må bra.",
        plan_lines=[
            line | {"goal": "Trygghet", "measure": "Familjesamtal", "unit": "ekby.bou"},
            line | {"goal": "Mår bättre", "measure": "Behandling", "unit": "bup.oppen"},
        ],
        plan_owner="ekby",
        contacts="Enhetscheferna",
        next_followup=(today + timedelta(days=35)).isoformat(),
    )
    confirm(case, "ekby")
    confirm(case, "region")
    case.complete(
        "Lämna planen till barnet och familjen", copy_child_on=today.isoformat(), copy_guardian_on=today.isoformat()
    )


def meet_about_cost(case: Case, status: str = "agreed", **values: Any) -> None:
    said: dict[str, Any] = {
        "cost_meeting_on": case.today.isoformat(),
        "cost_status": status,
        "how_health_care_met": "Hemregionen",
        "school_met": "Hemkommunen",
    }
    if status != "disputed":
        said |= {
            "cost_lines": [{"cost_type": "accommodation", "payer": "ekby", "amount": 60_000 * KRONOR}],
            "cost_valid_until": "2027-01-01",
            "renegotiate_if": "Om behovet ändras.",
        }
    if status != "agreed":
        said |= {"disputed_amount": 30_000 * KRONOR, "disputed_what": "Behandlingen på hemmet."}
    case.complete("Kostnadsmöte utan barn och familj", **said | values)


def sign_cost(case: Case, signature: str = "sign") -> None:
    for task in list(case.open("Underteckna för sin part")):
        if signature == "sign":
            case.complete_token(task.token, cost_signature="sign", is_unbiased=True)
        else:
            case.complete_token(task.token, cost_signature=signature, decline_reason="För dyrt.")


def examine(case: Case) -> None:
    case.complete("Erbjud undersökning", offered_at=case.today.isoformat(), accepted_by="guardian")
    case.complete(
        "Genomför undersökningen",
        earlier_records_collected=True,
        **dict.fromkeys(("physical", "mental", "oral"), "done"),
        **{f"{part}_on": case.today.isoformat() for part in ("physical", "mental", "oral")},
    )
    case.complete("Skicka utlåtandet", statement_sent_at=case.today.isoformat(), statement_needs="Tandreglering.")
    case.complete("Ta emot utlåtandet", statement_action="Bokar tid.")


def arrange_school(case: Case, keeps: str = "yes") -> None:
    said: dict[str, Any] = {
        "school_form": "compulsory",
        "keeps_school": keeps,
        "school_start": (case.today + timedelta(days=2)).isoformat(),
        "school_days_lost": 2,
        "mapping_needed": "no",
        "transport": "home",
        "school_payer": "ekby",
        "school_contacts": "Rektor",
    }
    if keeps == "no":
        said["receiving_school"] = "lund.skola"
    case.complete("Ordna skolan", **said)


def transfer(case: Case) -> None:
    case.complete(
        "Lämna information",
        transfers=[
            {"unit": "bup.oppen", "what": ["health"], "ground": "consent"},
            {"unit": "ekby.skola", "what": ["school"], "ground": "consent"},
        ],
    )


def acknowledge(case: Case, party: str, *, by: str = "Kvittera uppgifterna") -> None:
    case.complete(by, party=party, transfer_received=True)


def visit(case: Case, *, next_on: date | None = None) -> None:
    upcoming = next_on or case.today + timedelta(days=80)
    case.complete(
        "Besök och samtal",
        visited_on=case.today.isoformat(),
        private_talk="yes",
        visit_child_view="Trivs.",
        visit_areas="Bra.",
        next_visit_on=upcoming.isoformat(),
    )


def review(case: Case, result: str = "continues", **values: Any) -> None:
    """The item is prepared and the committee decides, today."""
    case.complete(
        "Bered ärendet",
        **{
            "review_child_view": "Vill bo kvar.",
            "review_guardian_view": "Nöjd.",
            "review_still_needed": "Ja.",
            "review_proposal": "Fortsätter.",
        }
        | values,
    )
    case.complete(
        "Pröva och besluta",
        reviewed_on=case.today.isoformat(),
        review_result=result,
        review_best_interests="Tryggt hem.",
        review_reasons="Behovet kvarstår.",
    )


def end_placement(case: Case, reason: str = "goal_reached", *, followed: str = "no") -> None:
    case.send("avsluta-placering", end_reason=reason)
    write_end(case, followed=followed)


def write_end(case: Case, *, followed: str = "no", **values: Any) -> None:
    said: dict[str, Any] = {
        "ended_on": case.today.isoformat(),
        "school_return": "Går kvar läsåret ut.",
        "health_handover": "BUP.",
        "contact_person_after": "Socialsekreterare",
        "followup_decided": followed,
        "aftercare_offer": "Öppenvård.",
        "end_child_evaluation": "Bra tid.",
    }
    case.complete("Avsluta placeringen", **said | values)
