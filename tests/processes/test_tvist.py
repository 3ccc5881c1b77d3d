"""A dispute about responsibility or cost on its way up the ladder: every level, every outcome."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from flowsvc.domain.errors import FormInvalid
from flowsvc.engine.decisions import parse_decisions
from flowsvc.engine.outcome import Happened, Status
from tests.conftest import ROOT
from tests.processes.conftest import Report
from tests.processes.county import COUNTY, PLAIN
from tests.processes.host import Case, Office

LEVELS = ("OPER", "UNIT", "AREA", "DIR", "LEAD")
KRONOR = 100


def state_position(case: Case, party: str, stance: str = "other_responsibility") -> None:
    case.complete(
        "Ange ståndpunkt",
        party=party,
        stance=stance,
        legal_basis="29 kap. 2 § SoL",
        child_best_assessment="Barnet behöver behandlingen nu.",
    )


def both_state_positions(case: Case) -> None:
    for task in list(case.open("Ange ståndpunkt")):
        state_position(case, str(task.properties["party"]))


def propose(case: Case, party: str, *, action: str = "propose", cost: int | None = None, **values: Any) -> None:
    case.complete(
        "Förhandla",
        party=party,
        action=action,
        interventions=[{"what": "Behandling", "who": "region"}],
        monthly_cost=cost,
        cost_lines=[{"cost_type": "treatment", "payer": "region", "share": 100}],
        valid_until="2026-12-31",
        **values,
    )


def say(case: Case, party: str, action: str, version: int | None = None) -> None:
    case.complete("Förhandla", party=party, action=action, version=version)


def agree(case: Case, *, cost: int | None = None) -> None:
    """One party proposes and the others accept."""
    both_state_positions(case)
    first, *others = [str(task.properties["party"]) for task in case.open("Förhandla")]
    propose(case, first, cost=cost)
    for party in others:
        say(case, party, "accept", len(case.proposals))


def time_out(case: Case) -> None:
    """The level's limit runs out."""
    limits = [timer.due.at for timer in case.timers.values() if timer.element_id == "t_niva"]
    case.pass_until(*limits)


def time_out_to(case: Case, level: str) -> None:
    while case.declared("escalationLevel")[-1] != level:
        time_out(case)


def secure_support(case: Case) -> None:
    if case.open("Föreslå vem som ansvarar tills vidare"):
        case.pass_until(min(timer.due.at for timer in case.timers.values() if timer.element_id == "t_forslag"))
    case.complete("Säkra stödet", secured_how="Samtal varje vecka.", secured_from="2026-03-03", without_prejudice=True)


def write_decision(case: Case, **values: Any) -> None:
    written: dict[str, Any] = {
        "content": "Regionen ger behandlingen.",
        "reasons": "8 kap. 1 § HSL, punkt 4 i överenskommelsen.",
        "child_best": "Behandlingen ges där barnet bor.",
        "child_view": "Vill bo kvar.",
        "valid_from": "2026-04-01",
        "review_on": "2026-07-01",
    }
    case.complete("Skriv beslut", **(written | values))


def sign(case: Case) -> None:
    for task in list(case.open("Underteckna beslutet")):
        case.complete("Underteckna beslutet", party=str(task.properties["party"]), signature="sign", is_unbiased=True)


def receive(case: Case) -> None:
    for task in list(case.open("Ta emot beslutet")):
        case.complete("Ta emot beslutet", party=str(task.properties["party"]), received=True)


def decide(case: Case) -> None:
    write_decision(case)
    sign(case)
    receive(case)
    if case.open("Reglera interimistiska kostnader"):
        case.complete(
            "Reglera interimistiska kostnader",
            settlement_amount=100 * KRONOR,
            settlement_from="2026-03-03",
            settlement_to="2026-04-01",
        )


def carry_out(case: Case) -> None:
    case.pass_days(30)
    case.complete("Kontrollera att beslutet är genomfört", carried_out="yes")


def close(case: Case) -> None:
    case.complete("Återkoppling till anmälaren")


@pytest.mark.parametrize("level", LEVELS)
def test_a_dispute_may_be_solved_at_every_level(report: Report, level: str) -> None:
    case = report("bup.oppen")
    secure_support(case)
    time_out_to(case, level)

    agree(case)
    decide(case)
    carry_out(case)
    close(case)

    solved = {"OPER": "solved_operational", "LEAD": "solved_leadership"}.get(level, "solved_line")
    assert (case.status, case.end_state) == (Status.ENDED, solved)
    assert case.declared("escalationLevel") == list(LEVELS[: LEVELS.index(level) + 1])
    assert case.declared("escalationOutcome") == [solved]
    extract = case.variables["extract"]
    assert (extract["level"], extract["end_state"]) == (level, solved)


def test_all_parties_stand_at_the_same_level_and_each_gets_its_own_tasks(report: Report) -> None:
    case = report("bup.oppen", "lund.soc")

    assert case.posts("Ange ståndpunkt") == ["bup.behandlare", "ekby.handlaggare", "lund.handlaggare"]
    time_out_to(case, "AREA")
    assert case.posts("Ange ståndpunkt") == ["bup.verksamhetschef", "ekby.ifochef", "lund.socialchef"]
    assert case.times("varje_part", Happened.CANCELLED) > 0


@pytest.mark.parametrize(("urgency", "days"), [("normal", [5, 5, 10, 10, 20]), ("urgent", [2, 2, 3, 5, 10])])
def test_each_level_has_its_working_days(report: Report, urgency: str, days: list[int]) -> None:
    case = report("bup.oppen", urgency=urgency)

    for level, within in zip(LEVELS, days, strict=True):
        assert case.declared("escalationLevel")[-1] == level
        assert case.declared("answerWithin")[-1] == f"P{within}BD"
        if level != "LEAD":
            time_out(case)


def test_an_acute_dispute_begins_with_the_area_managers(report: Report) -> None:
    case = report("bup.oppen", urgency="acute")

    assert case.declared("escalationLevel") == ["AREA"]


def test_the_first_level_ends_with_the_fifth_working_day(report: Report) -> None:
    case = report("bup.oppen")
    (limit,) = [timer for timer in case.timers.values() if timer.element_id == "t_niva"]

    assert limit.due.on == date(2026, 3, 9)
    assert {task.due.on for task in case.open("Ange ståndpunkt") if task.due} == {date(2026, 3, 9)}


def test_positions_are_shown_to_all_but_mandate_and_notes_are_not(report: Report) -> None:
    case = report("bup.oppen")
    case.complete(
        "Ange ståndpunkt",
        party="ekby",
        stance="shared",
        legal_basis="x",
        child_best_assessment="x",
        max_mandate=5000 * KRONOR,
        internal_note="Kan gå med på mer.",
    )

    (task,) = case.open("Ange ståndpunkt", party="region")
    seen = case.visible(task)
    (position,) = seen["positions"]
    assert (position["name"], position["stance"]) == ("Ekby kommun", "shared")
    assert not {"max_mandate", "internal_note"} & ({*position} | {*seen})


def test_proposals_go_back_and_forth_until_all_accept_one_version(report: Report) -> None:
    case = report("bup.oppen")
    both_state_positions(case)

    propose(case, "ekby")
    propose(case, "region", action="counter", version=1)
    say(case, "ekby", "reject", 2)
    say(case, "ekby", "accept", 2)

    assert case.names() == ["Föreslå vem som ansvarar tills vidare"] * 2 + ["Skriv beslut"]
    assert [(each.version, each.party_id) for each in case.proposals] == [(1, "ekby"), (2, "region")]


def test_the_version_that_was_not_read_cannot_be_accepted(report: Report) -> None:
    case = report("bup.oppen")
    both_state_positions(case)
    propose(case, "ekby")
    propose(case, "ekby")

    with pytest.raises(FormInvalid):
        say(case, "region", "accept", 1)

    assert case.open("Förhandla", party="region")


def test_a_third_party_must_accept_too(report: Report) -> None:
    case = report("bup.oppen", "lund.soc")
    both_state_positions(case)
    propose(case, "ekby")
    say(case, "region", "accept", 1)

    assert not case.open("Skriv beslut")
    say(case, "lund", "accept", 1)
    assert case.posts("Skriv beslut") == ["ekby.handlaggare"]


def test_an_acceptance_beyond_the_mandate_is_confirmed_at_the_next_level(report: Report) -> None:
    case = report("bup.oppen", kind="cost", amount=30_000 * KRONOR)
    both_state_positions(case)
    propose(case, "ekby", cost=30_000 * KRONOR)
    say(case, "region", "accept", 1)

    assert case.declared("escalationLevel")[-1] == "UNIT"
    both_state_positions(case)
    say(case, "region", "accept", 1)
    assert not case.open("Skriv beslut")
    say(case, "ekby", "accept", 1)
    assert case.posts("Skriv beslut") == ["ekby.enhetschef"]


def test_saying_that_the_mandate_is_missing_keeps_the_level_open(report: Report) -> None:
    case = report("bup.oppen")
    both_state_positions(case)
    propose(case, "ekby")
    say(case, "region", "no_mandate", 1)

    assert case.declared("escalationLevel") == ["OPER"]
    assert len(case.open("Förhandla")) == 2


def test_one_party_may_lift_alone_only_after_two_working_days(report: Report) -> None:
    case = report("bup.oppen")
    both_state_positions(case)

    say(case, "ekby", "escalate")
    assert case.declared("escalationLevel") == ["OPER"]
    case.pass_day(date(2026, 3, 4))
    say(case, "ekby", "escalate")
    assert case.declared("escalationLevel")[-1] == "UNIT"
    assert case.variables["silent"] == []


def test_an_urgent_matter_may_be_lifted_alone_at_once(report: Report) -> None:
    case = report("bup.oppen", urgency="urgent")
    both_state_positions(case)

    say(case, "region", "escalate")

    assert case.declared("escalationLevel")[-1] == "UNIT"


def test_all_parties_may_lift_together_at_once(report: Report) -> None:
    case = report("bup.oppen")
    both_state_positions(case)

    say(case, "ekby", "escalate")
    say(case, "region", "escalate")

    assert case.declared("escalationLevel")[-1] == "UNIT"


def test_silence_is_noted_level_by_level_and_is_no_consent(report: Report) -> None:
    case = report("bup.oppen")
    for _ in LEVELS[:3]:
        state_position(case, "ekby", "own_responsibility")
        propose(case, "ekby")
        time_out(case)
    state_position(case, "region")

    (task,) = case.open("Förhandla", party="region")
    silent = case.visible(task)["silent"]
    assert [(row["party"], row["level"]) for row in silent] == [("region", level) for level in LEVELS[:3]]
    say(case, "region", "accept", 3)
    assert case.posts("Skriv beslut") == ["ekby.socialdirektor"], "Ekby's offer stood open all the time"


def test_an_open_offer_is_taken_up_by_the_one_who_was_silent(report: Report) -> None:
    case = report("bup.oppen")
    state_position(case, "ekby")
    propose(case, "ekby")
    time_out(case)
    state_position(case, "region")
    say(case, "region", "accept", 1)

    assert case.posts("Skriv beslut") == ["ekby.enhetschef"]


def test_nobody_ever_answering_ends_in_a_record_and_never_in_a_decision(report: Report) -> None:
    case = report("bup.oppen")
    time_out_to(case, "LEAD")
    time_out(case)

    assert case.open("Dokumentera olöst tvist")
    assert not case.open("Skriv beslut")
    assert case.end_state == "unsolved_at_leadership"
    assert case.status is Status.RUNNING


def record_unsolved(case: Case, *, route: str = "new_talks", **values: Any) -> None:
    case.complete(
        "Dokumentera olöst tvist",
        final_positions=[{"party": "ekby", "position": "Nej"}, {"party": "region", "position": "Nej"}],
        disputed=["responsibility"],
        route=route,
        motivation="Oenighet om ansvaret.",
        interim_review=case.today + timedelta(days=20),
        **values,
    )


def test_unsolved_at_leadership_comes_back_for_two_years(report: Report) -> None:
    case = report("bup.oppen")
    secure_support(case)
    time_out_to(case, "LEAD")
    rounds = 0

    while case.today < date(2028, 3, 1):
        time_out(case)
        rounds += 1
        if rounds % 2:
            record_unsolved(case)
            assert case.open("Bevaka olöst tvist")
        reviews = [timer.due.at for timer in case.timers.values() if timer.element_id in ("t_olost", "t_bevaka")]
        case.pass_until(max(reviews))
        for _ in range(31):
            if not case.open("Ange ståndpunkt"):
                case.pass_days(1)
        assert case.open("Ange ståndpunkt"), "the leaderships are asked anew"
        assert case.status is Status.RUNNING

    assert rounds > 10
    agree(case)
    decide(case)
    carry_out(case)
    close(case)
    assert case.end_state == "solved_leadership"


def test_a_new_review_may_be_called_at_once(report: Report) -> None:
    case = report("bup.oppen")
    time_out_to(case, "LEAD")
    time_out(case)
    record_unsolved(case)

    case.complete("Bevaka olöst tvist", review_reason="Ny lag.")

    assert case.posts("Ange ståndpunkt") == ["ekby.ledning", "region.ledning"]


def test_the_review_comes_on_the_day_that_the_record_names(report: Report) -> None:
    case = report("bup.oppen")
    time_out_to(case, "LEAD")
    time_out(case)
    record_unsolved(case)

    (review,) = [timer for timer in case.timers.values() if timer.element_id == "t_bevaka"]
    assert review.due.on == case.today + timedelta(days=20)


def test_a_question_of_principle_is_a_case_of_its_own_without_the_child(report: Report) -> None:
    case = report("bup.oppen")
    time_out_to(case, "LEAD")
    time_out(case)
    question = "Vem betalar behandling på HVB när avtal saknas?"
    record_unsolved(case, route="county_body_principle", principle_question=question)

    (asked,) = case.instances
    assert asked.called_key == "principfraga"
    assert asked.variables == {
        "title": "Fråga om ansvar: placering",
        "area": "placement",
        "party_names": "Ekby kommun, Region Ådal",
        "principle_question": question,
    }
    case.complete("Bevaka olöst tvist", review_reason="Ny prövning.")
    agree(case)
    assert case.open("Skriv beslut"), "the single case does not wait for the answer"


def test_a_joint_meeting_may_be_asked_for_and_stops_nothing(report: Report) -> None:
    case = report("bup.oppen")
    case.send("gemensamt-mote", meeting_reason="Reda ut läget.", meeting_form="digital")

    assert len(case.open("Ange ståndpunkt")) == 2
    assert case.posts("Dokumentera gemensamt möte") == ["bup.behandlare", "ekby.handlaggare"]
    case.complete("Dokumentera gemensamt möte", meeting_held="no", meeting_outcome="Ingen kunde.")
    agree(case)
    assert case.open("Skriv beslut")


def test_a_withdrawn_dispute_ends_but_the_support_must_still_be_secured(report: Report) -> None:
    case = report("bup.oppen")
    both_state_positions(case)
    case.send("aterkalla", withdrawal_reason="need_gone", withdrawal_text="Flyttat hem.")

    assert case.names() == ["Föreslå vem som ansvarar tills vidare"] * 2
    assert case.status is Status.RUNNING
    secure_support(case)
    close(case)
    assert (case.status, case.end_state) == (Status.ENDED, "withdrawn")
    assert case.declared("escalationOutcome") == ["withdrawn"]


def test_a_dispute_may_be_withdrawn_while_it_is_watched(report: Report) -> None:
    case = report("bup.oppen")
    secure_support(case)
    time_out_to(case, "LEAD")
    time_out(case)
    record_unsolved(case)

    case.send("aterkalla", withdrawal_reason="solved_otherwise", withdrawal_text="Löst.")

    assert case.names() == ["Återkoppling till anmälaren"]


# The decision


def agreed(report: Report, **values: Any) -> Case:
    case = report("bup.oppen", **values)
    secure_support(case)
    agree(case)
    return case


def test_a_decision_without_reasons_for_a_missing_view_goes_back(report: Report) -> None:
    case = agreed(report)

    with pytest.raises(FormInvalid) as refused:
        write_decision(case, child_view=None)
    assert "barnet inte har hörts" in refused.value.fields["child_view"]

    # The form is the first to say so; the review does too where a form has lost its rule.
    case.complete_unread("Skriv beslut", content="x", reasons="x", child_best="x", child_view=None)
    (task,) = case.open("Skriv beslut")
    assert "barnet inte har hörts" in str(case.visible(task)["faults"])
    write_decision(case, child_view=None, not_heard_reason="age")
    assert len(case.open("Underteckna beslutet")) == 2


def test_a_decision_that_is_sent_back_is_written_anew(report: Report) -> None:
    case = agreed(report)
    write_decision(case)

    case.complete("Underteckna beslutet", party="region", signature="send_back", send_back_reason="Datum saknas.")

    assert not case.open("Underteckna beslutet")
    (task,) = case.open("Skriv beslut")
    assert case.visible(task)["send_back_reason"] == "Datum saknas."
    decide(case)
    carry_out(case)
    close(case)
    assert case.variables["decision"]["number"] == "Å-AVV-2026-00001-2"


def test_operations_get_the_decision_within_a_working_day(report: Report) -> None:
    case = agreed(report)
    write_decision(case)
    sign(case)

    tasks = case.open("Ta emot beslutet")
    assert case.posts("Ta emot beslutet") == ["bup.behandlare", "ekby.handlaggare"]
    assert {task.due.rule for task in tasks if task.due} == {"P1BD"}


def test_costs_are_settled_only_where_another_party_is_to_pay(report: Report) -> None:
    by_rule = agreed(report, support_party="ekby")
    decide(by_rule)
    assert by_rule.times("reglera") == 1, "Ekby supported the child, the region is to pay"

    same = agreed(report, support_party="region")
    decide(same)
    assert same.times("reglera") == 0


def test_a_decision_that_is_not_carried_out_goes_back_to_the_level_that_decided(report: Report) -> None:
    case = report("bup.oppen")
    secure_support(case)
    time_out_to(case, "AREA")
    agree(case)
    decide(case)
    case.pass_days(30)
    case.complete("Kontrollera att beslutet är genomfört", carried_out="no", carried_out_comment="Ingen plats.")

    assert case.posts("Ange ståndpunkt") == ["bup.verksamhetschef", "ekby.ifochef"]
    agree(case)
    decide(case)
    carry_out(case)
    close(case)
    assert case.end_state == "solved_line"


def test_a_decision_of_principle_starts_a_case_of_its_own(report: Report) -> None:
    case = agreed(report)
    write_decision(case, is_principle=True, principle_question="Gäller det alla?")
    sign(case)

    assert [each.called_key for each in case.instances] == ["principfraga"]
    receive(case)
    if case.open("Reglera interimistiska kostnader"):
        case.complete(
            "Reglera interimistiska kostnader",
            settlement_amount=0,
            settlement_from="2026-03-03",
            settlement_to="2026-04-01",
        )
    carry_out(case)
    close(case)
    assert case.status is Status.ENDED


def test_feedback_that_nobody_reads_does_not_keep_the_case_open(report: Report) -> None:
    case = agreed(report)
    decide(case)
    carry_out(case)

    case.pass_day(date(2026, 4, 19))
    the_day_before = case.status
    # Ten working days from the 2nd of April, with Easter between.
    case.pass_day(date(2026, 4, 20))

    assert (the_day_before, case.status) == (Status.RUNNING, Status.ENDED)


@pytest.mark.parametrize(
    ("kind", "area", "title"),
    [
        ("cost", "cost", "Fråga om kostnad"),
        ("cost", "transport", "Fråga om kostnad: resor"),
        ("responsibility", "cost", "Fråga om ansvar: kostnad"),
        ("responsibility", "other", "Fråga om ansvar"),
        ("other", "other", "Övrig avvikelse"),
    ],
)
def test_the_title_says_each_thing_once(report: Report, kind: str, area: str, title: str) -> None:
    asked: dict[str, Any] = {"amount": 30_000 * KRONOR} if kind == "cost" else {}

    assert report("bup.oppen", kind=kind, area=area, **asked).declared("title") == [title]


# A county's own rows


def with_row_of(county: str, *, days: int) -> bytes:
    """The table of limits, where one county has another limit for the first level."""
    text = (ROOT / "processes" / "escalation-level.dmn").read_text(encoding="utf-8")
    head, first, rest = text.partition('      <rule id="rule_escalation-level_1">')
    rule, end, others = rest.partition("      </rule>\n")
    own = rule.replace("<text>-</text>", f'<text>"{county}"</text>', 1).replace(
        "<text>5</text>", f"<text>{days}</text>", 1
    )
    own = own.replace("escalation-level_1_", "escalation-level_own_")
    common = rule.replace("<text>-</text>", f'<text>not("{county}")</text>', 1)
    return f'{head}      <rule id="rule_own">{own}{end}{first}{common}{end}{others}'.encode()


@pytest.mark.parametrize(("county", "lifted_on"), [("Å", date(2026, 3, 9)), ("H", date(2026, 3, 13))])
def test_the_same_dispute_has_the_limits_of_its_county(office: Office, county: str, lifted_on: date) -> None:
    (table,) = parse_decisions(with_row_of("H", days=9), file_name="escalation-level.dmn")
    other = replace(office, decisions=office.decisions | {table.key: table}, models={})
    parties = {name: replace(each, county=county) for name, each in COUNTY.parties.items()}
    said: dict[str, Any] = PLAIN | {"place": "ekby.bou", "counterparts": [{"unit": "bup.oppen"}]}
    case = Case(other, replace(COUNTY, parties=parties)).start(**said)

    (limit,) = [timer.due for timer in case.timers.values() if timer.element_id == "t_niva"]

    assert limit.on == lifted_on
