"""A shortcoming in cooperation, a deviation for the local group, and statutory duties beside them."""

from typing import Any

import pytest

from flowsvc.engine.outcome import Status
from tests.processes.conftest import Report
from tests.processes.host import Case


def shortcoming(report: Report, *counterparts: str, **values: Any) -> Case:
    return report(*counterparts, reporter="bvc.skoterska", kind="shortcoming", child_waiting=False, **values)


def assess(case: Case, choice: str) -> None:
    case.complete("Bedöm bristen", assessment="Rutinen saknas.", choice=choice)


def mend(case: Case) -> None:
    case.complete(
        "Åtgärda i den egna enheten",
        measure="Ny rutin.",
        measure_responsible="Enhetschef",
        measure_due_on="2026-03-20",
        feedback_text="Vi har ändrat rutinen.",
    )


def check(case: Case, effect: str = "good") -> None:
    case.pass_days(60)
    case.complete("Kontrollera effekten", effect=effect, effect_text="Sedd i journalen.")


def test_a_shortcoming_is_mended_in_the_own_unit(report: Report) -> None:
    case = shortcoming(report)
    assert case.posts("Bedöm bristen") == ["bvc.enhetschef"]

    assess(case, "own_measure")
    mend(case)
    case.complete("Återkoppling till anmälaren", solved="yes")
    check(case)

    assert (case.status, case.end_state) == (Status.ENDED, "solved_operational")
    assert case.declared("escalationLevel") == ["UNIT"]
    assert case.variables["extract"]


def test_a_manager_who_does_not_assess_in_time_is_silent_and_the_next_one_is_asked(report: Report) -> None:
    case = shortcoming(report)
    case.pass_days(8)

    assert case.posts("Bedöm bristen") == ["region.direktor"]
    assert case.declared("escalationLevel") == ["UNIT", "AREA"]
    (task,) = case.open("Bedöm bristen")
    assert case.visible(task)["silent_names"] == "Region Ådal (UNIT)"


def test_the_reporter_may_say_not_solved_once(report: Report) -> None:
    case = shortcoming(report)
    assess(case, "own_measure")
    mend(case)
    case.complete("Återkoppling till anmälaren", solved="no")
    assert case.declared("escalationLevel") == ["UNIT", "AREA"]

    assess(case, "own_measure")
    mend(case)
    case.complete("Återkoppling till anmälaren", solved="no")

    assert case.names() == ["Kontrollera effekten"]
    check(case)
    assert case.end_state == "solved_line"


def test_feedback_that_is_not_read_goes_on_to_the_check(report: Report) -> None:
    case = shortcoming(report)
    assess(case, "own_measure")
    mend(case)
    case.pass_days(16)

    assert case.names() == ["Kontrollera effekten"]


def test_a_measure_without_effect_is_assessed_again_at_the_same_level(report: Report) -> None:
    case = shortcoming(report)
    assess(case, "own_measure")
    mend(case)
    case.complete("Återkoppling till anmälaren", solved="yes")
    check(case, "not_enough")

    assert case.posts("Bedöm bristen") == ["bvc.enhetschef"]


def talk(case: Case, *results: str) -> None:
    for task, result in zip(list(case.open("Dialog mellan chefer")), results, strict=True):
        party = str(task.properties["party"])
        case.complete("Dialog mellan chefer", party=party, dialogue_result=result, dialogue_text="Vi talades vid.")


def test_managers_find_a_joint_measure(report: Report) -> None:
    case = shortcoming(report, "ekby.bou")
    assess(case, "dialogue")
    assert case.posts("Dialog mellan chefer") == ["bvc.enhetschef", "ekby.enhetschef"]

    talk(case, "joint_measure", "joint_measure")

    assert case.names() == ["Åtgärda i den egna enheten"]


def test_a_dialogue_that_fails_goes_to_the_next_managers(report: Report) -> None:
    case = shortcoming(report, "ekby.bou")
    assess(case, "dialogue")
    talk(case, "joint_measure", "not_solved")

    assert case.declared("escalationLevel") == ["UNIT", "AREA"]


def test_a_dialogue_that_nobody_holds_goes_to_the_next_managers(report: Report) -> None:
    case = shortcoming(report, "ekby.bou")
    assess(case, "dialogue")
    case.pass_days(8)

    assert case.declared("escalationLevel") == ["UNIT", "AREA"]
    assert not case.open("Dialog mellan chefer")


def test_unclear_responsibility_makes_it_a_dispute_at_the_managers_level(report: Report) -> None:
    case = shortcoming(report, "ekby.bou")
    assess(case, "dialogue")
    talk(case, "unclear_responsibility", "not_solved")

    assert case.posts("Ange ståndpunkt") == ["bvc.enhetschef", "ekby.enhetschef"]
    assert case.declared("escalationKind") == ["shortcoming", "responsibility"]


def test_a_dialogue_with_nobody_is_a_lift(report: Report) -> None:
    case = shortcoming(report)
    assess(case, "dialogue")

    assert case.declared("escalationLevel") == ["UNIT", "AREA"]


def test_a_shortcoming_that_nobody_solves_goes_to_the_county_body(report: Report) -> None:
    case = shortcoming(report)
    for _ in range(4):
        assess(case, "next_level")

    assert (case.status, case.end_state) == (Status.ENDED, "unsolved_at_leadership")
    assert case.declared("escalationLevel") == ["UNIT", "AREA", "DIR", "LEAD"]


def test_anything_else_is_listed_for_the_local_group(report: Report) -> None:
    case = report(kind="other", child_waiting=False)
    (task,) = case.open("Lista för lokal samarbetsgrupp")
    assert task.candidate_groups == ("samordning",)
    assert task.lane == "Samordning"

    case.complete("Lista för lokal samarbetsgrupp", season="autumn", in_system="no", group_question="Hur kallar vi?")
    case.complete("Återkoppling till anmälaren")

    assert (case.status, case.end_state) == (Status.ENDED, "registered_for_local_group")


@pytest.mark.parametrize("kind", ["shortcoming", "other"])
def test_a_child_that_waits_is_supported_whatever_the_kind(report: Report, kind: str) -> None:
    case = report(kind=kind, child_waiting=True)

    assert case.open("Föreslå vem som ansvarar tills vidare")


def test_statutory_duties_are_confirmed_beside_the_case_and_stop_nothing(report: Report) -> None:
    signs: list[Any] = ["child_harmed", "care_injury"]
    case = report(kind="other", child_waiting=False, signs=signs)
    assert case.posts("Bekräfta lagstadgad anmälan") == ["ekby.enhetschef"] * 2

    case.complete("Lista för lokal samarbetsgrupp", season="spring", in_system="yes", group_question="Hur kallar vi?")
    case.complete("Återkoppling till anmälaren")

    assert case.names() == ["Bekräfta lagstadgad anmälan"] * 2
    for task in list(case.open("Bekräfta lagstadgad anmälan")):
        case.complete_token(task.token, duty_done="done", duty_done_on="2026-03-02")
    assert case.status is Status.ENDED
