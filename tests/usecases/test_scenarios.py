"""Hard matters from report to outcome, moved by deadlines alone: a party that does not answer, a manager on leave."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from flowsvc.domain import labels
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.directory import Absence, Level
from flowsvc.domain.escalations import Escalation, EscalationState
from flowsvc.domain.instances import InstanceStatus
from flowsvc.store import directory as people
from flowsvc.store import escalations
from flowsvc.usecases import case_pages, inbox, instances
from flowsvc.usecases.case_documents import document
from flowsvc.usecases.context import Context
from tests.usecases import office


def dispute(ctx: Context, clock: ManualClock) -> str:
    """A municipality reports; the region's clinic is the other party. The support is secured on the first day."""
    instance_id = office.report(
        ctx,
        "socialsekreterare.alvsta",
        place="alvsta-barn",
        counterparts=[{"unit": "bup-oppenvard"}],
        placing_party="alvsta",
    )
    for party in ("alvsta", "region"):
        office.complete(ctx, instance_id, "Föreslå vem som ansvarar tills vidare", party=party, proposed_party="alvsta")
    office.complete(
        ctx,
        instance_id,
        "Säkra stödet",
        secured_how="Boendet fortsätter.",
        secured_from="2026-11-24",
        without_prejudice=True,
    )
    return instance_id


def standing(ctx: Context, instance_id: str) -> Escalation:
    with ctx.store.read() as tx:
        found = escalations.of_instance(tx, instance_id)
    assert found is not None
    return found


def state_position(ctx: Context, instance_id: str, party: str) -> None:
    office.complete(ctx, instance_id, "Ange ståndpunkt", party=party, **office.POSITION)


def let_the_level_run_out(ctx: Context, clock: ManualClock, instance_id: str) -> None:
    lift_at = standing(ctx, instance_id).lift_at
    assert lift_at is not None
    office.pass_until(ctx, clock, lift_at)


def silence(ctx: Context, instance_id: str, party: str) -> list[Level]:
    return [each.level for each in standing(ctx, instance_id).answers if each.party_id == party and each.silent_at]


def test_a_party_that_is_silent_is_lifted_past_and_recorded_until_its_director_answers(
    shipped: Context, clock: ManualClock
) -> None:
    instance_id = dispute(shipped, clock)

    for _ in range(3):
        state_position(shipped, instance_id, "alvsta")
        let_the_level_run_out(shipped, clock, instance_id)
    state_position(shipped, instance_id, "region")

    found = standing(shipped, instance_id)
    assert found.level is Level.DIR
    assert silence(shipped, instance_id, "region") == [Level.OPER, Level.UNIT, Level.AREA]
    assert silence(shipped, instance_id, "alvsta") == []
    assert found.interim_secured_at is not None
    assert found.interim_secured_at < found.opened_at + timedelta(days=1)


def test_a_party_that_never_answers_has_consented_to_nothing(shipped: Context, clock: ManualClock) -> None:
    instance_id = dispute(shipped, clock)

    for _ in Level:
        state_position(shipped, instance_id, "alvsta")
        office.complete(
            shipped,
            instance_id,
            "Förhandla",
            party="alvsta",
            action="propose",
            interventions=[{"what": "Behandling", "who": "region"}],
            cost_lines=[],
            valid_until=(clock.now().date() + timedelta(days=60)).isoformat(),
        )
        let_the_level_run_out(shipped, clock, instance_id)

    assert silence(shipped, instance_id, "region") == list(Level)
    assert "Dokumentera olöst tvist" in office.names(shipped, instance_id)
    assert "Skriv beslut" not in office.names(shipped, instance_id)
    # Month after month: nothing closes it, and each time the leaderships are asked anew.
    for _ in range(6):
        office.pass_until(shipped, clock, clock.now() + timedelta(days=31))
        assert standing(shipped, instance_id).state is EscalationState.OPEN
        assert office.instance_of(shipped, instance_id).status is InstanceStatus.RUNNING
    assert standing(shipped, instance_id).interim_secured_at is not None


def test_a_task_of_a_manager_on_leave_without_substitute_reaches_the_next_manager_after_a_working_day(
    shipped: Context, clock: ManualClock
) -> None:
    instance_id = dispute(shipped, clock)
    with shipped.store.begin() as tx:
        whole = tx.directory()
        (held,) = [each for each in whole.assignments if each.post_id == "enhetschef.barn.alvsta"]
        away = Absence(held.person_id, date(2026, 12, 1), date(2026, 12, 22))
        others = tuple(each for each in whole.substitutions if each.post_id != held.post_id)
        people.replace(tx, replace(whole, absences=(away,), substitutions=others))
    let_the_level_run_out(shipped, clock, instance_id)
    (task,) = office.open_tasks(shipped, instance_id, "Ange ståndpunkt", party="alvsta")
    manager = office.as_post(shipped, "ifo-chef.alvsta")
    assert task.id not in {row.id for row in inbox.group_tasks(shipped, manager, language="sv").items}

    clock.advance(days=2)

    manager = office.as_post(shipped, "ifo-chef.alvsta")
    (row,) = [each for each in inbox.group_tasks(shipped, manager, language="sv").items if each.id == task.id]
    assert row.acting_for
    assert row.due_at == task.due_at


def test_nothing_that_secures_the_childs_support_waits_for_a_suspended_matter(
    shipped: Context, clock: ManualClock
) -> None:
    instance_id = office.report(shipped, placing_party="alvsta")
    operator = office.as_post(shipped, "driftansvarig")
    instances.suspend_instance(shipped, operator, instance_id, reason="Fel i en tabell.")

    office.complete(
        shipped, instance_id, "Föreslå vem som ansvarar tills vidare", party="region", proposed_party="region"
    )
    office.pass_until(shipped, clock, clock.now() + timedelta(days=5))
    found = standing(shipped, instance_id)
    for party in ("region", "alvsta"):
        office.complete(shipped, instance_id, "Larm: stödet är inte säkrat", party=party, alarm_action="Ringer.")
    office.pass_until(shipped, clock, clock.now() + timedelta(days=3))
    alarmed = len(office.open_tasks(shipped, instance_id, "Larm: stödet är inte säkrat"))
    office.complete(
        shipped,
        instance_id,
        "Säkra stödet",
        secured_how="Boendet fortsätter.",
        secured_from="2026-11-30",
        without_prejudice=True,
    )

    assert found.interim_party == "alvsta"
    assert alarmed == 2
    assert standing(shipped, instance_id).interim_secured_at is not None
    assert office.names(shipped, instance_id) == ["Ange ståndpunkt", "Ange ståndpunkt"]
    assert office.instance_of(shipped, instance_id).status is InstanceStatus.SUSPENDED


def test_each_time_at_leadership_is_kept_with_who_owed_answers_then(shipped: Context, clock: ManualClock) -> None:
    instance_id = dispute(shipped, clock)
    for _ in range(4):
        let_the_level_run_out(shipped, clock, instance_id)
    state_position(shipped, instance_id, "region")
    let_the_level_run_out(shipped, clock, instance_id)
    office.pass_until(shipped, clock, clock.now() + timedelta(days=40))
    state_position(shipped, instance_id, "alvsta")

    chief = office.as_post(shipped, "regiondirektor")
    page = case_pages.case_page(shipped, chief, instance_id, language="sv")
    found = page.escalation
    assert found is not None
    assert [(each.level, [side.state for side in each.sides]) for each in found.ladder[-2:]] == [
        ("Ledningsnivå", ["silent", "given"]),
        ("Ledningsnivå, andra gången", ["given", "owed"]),
    ]
    assert found.row.level == "Ledningsnivå, andra gången"
    assert [side.state for side in found.row.sides] == ["given", "owed"]
    assert "Älvsta kommun svarade inte i tid (Ledningsnivå)" in {each.what for each in page.timeline}
    told = document(shipped, chief, instance_id, "dossier", form="html", language="sv").decode()
    first, second = (told.index(f"Region Sjöland, {name}<") for name in ("ledningsnivå", "ledningsnivå, andra gången"))
    assert first < second


@pytest.mark.parametrize(
    ("number", "language", "said"),
    [
        (1, "sv", "Enhetschefer"),
        (2, "sv", "Enhetschefer, andra gången"),
        (12, "sv", "Enhetschefer, gång 12"),
        (3, "en", "Unit managers, third time"),
        (12, "en", "Unit managers, time 12"),
    ],
)
def test_a_visit_says_in_words_which_time_it_is(number: int, language: str, said: str) -> None:
    assert labels.visit(Level.UNIT, number, language) == said
