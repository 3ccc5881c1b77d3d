"""The child's support while the parties disagree: exactly one party is responsible, and nothing stops its
task."""

from datetime import date
from typing import Any

import pytest

from flowsvc.engine.outcome import Status
from tests.processes.conftest import Report
from tests.processes.host import Case

PROPOSE = "Föreslå vem som ansvarar tills vidare"


def propose(case: Case, party: str, proposed: str) -> None:
    case.complete(PROPOSE, party=party, proposed_party=proposed)


def secure(case: Case) -> None:
    case.complete("Säkra stödet", secured_how="Samtal varje vecka.", secured_from="2026-03-03", without_prejudice=True)


def end_of_proposals(case: Case) -> None:
    case.pass_until(min(timer.due.at for timer in case.timers.values() if timer.element_id == "t_forslag"))


def test_the_party_that_all_propose_is_responsible(report: Report) -> None:
    case = report("bup.oppen")
    propose(case, "ekby", "region")
    assert case.declared("interimParty") == []
    propose(case, "region", "region")

    assert case.declared("interimParty") == ["region"]
    assert case.posts("Säkra stödet") == ["bup.behandlare"]
    assert case.decisions[-1].decision_key != "interim"


def test_where_they_disagree_the_rule_decides(report: Report) -> None:
    case = report("bup.oppen", support_party="region")
    propose(case, "ekby", "region")
    propose(case, "region", "ekby")

    assert case.declared("interimParty") == ["region"]


def test_where_nobody_answers_the_rule_decides_after_one_working_day(report: Report) -> None:
    case = report("bup.oppen", placing_party="ekby")
    case.pass_day(date(2026, 3, 3))

    assert case.declared("interimParty") == ["ekby"]
    (task,) = case.open("Säkra stödet")
    assert task.properties["deliversSupport"] == "true"
    assert task.due is not None
    assert task.due.on == date(2026, 3, 4)


def test_in_an_acute_matter_the_rule_decides_the_same_day(report: Report) -> None:
    case = report("bup.oppen", urgency="acute", stay_party="ekby")
    case.pass_until(case.clock.advance(hours=2))

    assert case.declared("interimParty") == ["ekby"]
    (task,) = case.open("Säkra stödet")
    assert task.due is not None
    assert task.due.on == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("facts", "party", "rule"),
    [
        ({"urgency": "acute", "support_part": "social", "stay_party": "lund"}, "lund", 1),
        ({"urgency": "acute", "support_part": "health"}, "region", 1),
        ({"support_part": "social", "support_party": "region"}, "region", 2),
        ({"support_part": "social", "placing_party": "ekby"}, "ekby", 3),
        ({"support_part": "school", "placing_party": "ekby", "stay_party": "lund"}, "lund", 3),
        ({"support_part": "health", "placing_party": "ekby"}, "region", 3),
        ({"support_part": "social", "residence_party": "lund"}, "lund", 4),
        ({"support_part": "health"}, "region", 4),
        ({"support_part": "school", "residence_party": "ekby"}, "ekby", 4),
        ({"support_part": "social"}, "ekby", 5),
    ],
)
def test_the_rule_names_one_party_in_every_situation(
    report: Report, facts: dict[str, Any], party: str, rule: int
) -> None:
    case = report("bup.oppen", **facts)
    end_of_proposals(case)

    assert case.declared("interimParty") == [party]
    secure(case)
    assert (case.variables["interim_party"], case.variables["interim_rule"]) == (party, rule)
    assert case.declared("interimSecured") == ["true"]


def test_both_sides_directors_are_alarmed_until_the_support_is_secured(report: Report) -> None:
    case = report("bup.oppen", placing_party="ekby")
    case.pass_day(date(2026, 3, 4))
    assert case.posts("Larm: stödet är inte säkrat") == ["ekby.socialdirektor", "region.direktor"]
    assert case.open("Säkra stödet"), "the alarm takes nothing away"

    for party in ("ekby", "region"):
        case.complete("Larm: stödet är inte säkrat", party=party, alarm_action="Ringer.")
    assert case.open("Följ upp larmet")
    case.pass_day(date(2026, 3, 5))
    assert len(case.open("Larm: stödet är inte säkrat")) == 2
    for party in ("ekby", "region"):
        case.complete("Larm: stödet är inte säkrat", party=party, alarm_action="Ringer igen.")
    case.complete("Följ upp larmet")
    assert len(case.open("Larm: stödet är inte säkrat")) == 2

    secure(case)
    assert not case.open("Larm: stödet är inte säkrat")


def test_nothing_in_the_dispute_touches_the_task_that_delivers_support(report: Report) -> None:
    case = report("bup.oppen", placing_party="ekby")
    end_of_proposals(case)
    (task,) = case.open("Säkra stödet")

    for days in (8, 8, 15, 15, 29, 31, 31):
        case.pass_days(days)
        assert [each.token for each in case.open("Säkra stödet")] == [task.token]
    case.send("aterkalla", withdrawal_reason="mistaken", withdrawal_text="Fel.")
    assert [each.token for each in case.open("Säkra stödet")] == [task.token]
    assert case.status is Status.RUNNING
    secure(case)
    assert case.names() == ["Återkoppling till anmälaren"]
