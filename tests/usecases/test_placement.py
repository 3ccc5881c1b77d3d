"""A placement as people meet it in the office: its dispute is a real case of its own, its documents are made, and what
one party keeps stays there."""

from datetime import date, timedelta
from typing import Any

import pytest

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import NotFound
from flowsvc.domain.instances import InstanceStatus
from flowsvc.domain.placement_figures import figures
from flowsvc.store import instances
from flowsvc.usecases import case_pages
from flowsvc.usecases.case_documents import document
from flowsvc.usecases.context import Context
from flowsvc.usecases.figures import matters_beside
from tests.processes.placement import CASE
from tests.usecases.office import (
    POSITION,
    as_post,
    complete,
    instance_of,
    names,
    open_tasks,
    pass_until,
    run_jobs,
    start,
    variables_of,
)

WORKER = "socialsekreterare.alvsta"
BEGUN: dict[str, Any] = CASE | {
    "turns_18_on": "2035-09-01",
    "planned_start": "2026-12-10",
    "mun_placing": "alvsta",
    "mun_stay": "alvsta",
    "mun_registered": "alvsta",
    "place": "alvsta-barn",
    "known_contacts": [{"unit": "bup-oppenvard"}],
}


@pytest.fixture
def placement(shipped: Context) -> str:
    """A placement by Älvsta with a child who is to be heard."""
    return start(shipped, WORKER, "placering", **BEGUN).instance_id


def disagree(ctx: Context, instance_id: str) -> str:
    """SIP is declined and the cost is disputed: the id of the case of its own."""
    complete(
        ctx,
        instance_id,
        "Samtycke till SIP",
        sip_giver="guardian1",
        sip_given="no",
        sip_given_on="2026-11-24",
        sip_fallback="none",
    )
    complete(
        ctx,
        instance_id,
        "Dokumentera och erbjud igen",
        no_consent_reason="Vill vänta.",
        offered_again_on="2027-01-10",
    )
    complete(
        ctx,
        instance_id,
        "Kostnadsmöte utan barn och familj",
        cost_meeting_on="2026-11-24",
        cost_status="disputed",
        disputed_amount=3_000_000,
        disputed_what="Behandlingen på hemmet.",
        how_health_care_met="Hemregionen",
        school_met="Hemkommunen",
    )
    run_jobs(ctx)
    with ctx.store.read() as tx:
        (child,) = instances.children_of(tx, instance_id)
    return child.id


def test_sc2_the_cost_dispute_is_a_case_of_its_own_that_is_joined_again(
    shipped: Context, placement: str, clock: ManualClock
) -> None:
    dispute = disagree(shipped, placement)
    assert instance_of(shipped, dispute).business_key == "SJ-AVV-2026-00001"
    assert instance_of(shipped, dispute).lead_party == "alvsta"
    assert "Barnets delaktighet" in names(shipped, placement), "the placement goes on"

    solve(shipped, dispute, clock)

    assert "Ta in beslutet i planen" in names(shipped, placement)
    assert instance_of(shipped, placement).status is InstanceStatus.RUNNING


def solve(ctx: Context, dispute: str, clock: ManualClock) -> None:
    for party in ("alvsta", "region"):
        complete(ctx, dispute, "Föreslå vem som ansvarar tills vidare", party=party, proposed_party="alvsta")
    complete(
        ctx, dispute, "Säkra stödet", secured_how="Placeringen.", secured_from="2026-11-24", without_prejudice=True
    )
    pass_until(ctx, clock, clock.now() + timedelta(days=9))
    for party in ("alvsta", "region"):
        complete(ctx, dispute, "Ange ståndpunkt", party=party, **POSITION)
    complete(
        ctx,
        dispute,
        "Förhandla",
        party="alvsta",
        action="propose",
        interventions=[{"what": "Behandling", "who": "region"}],
        monthly_cost=3_000_000,
        cost_lines=[
            {"cost_type": "treatment", "payer": "region", "share": 60},
            {"cost_type": "treatment", "payer": "alvsta", "share": 40},
        ],
        valid_until="2027-12-31",
    )
    complete(ctx, dispute, "Förhandla", party="region", action="accept", version=1)
    complete(
        ctx,
        dispute,
        "Skriv beslut",
        content="60/40.",
        reasons="Punkt 4.",
        child_best="Behandlingen ges nu.",
        child_view="Vill bo nära skolan.",
        valid_from="2027-01-01",
        review_on="2027-04-01",
    )
    for party in ("alvsta", "region"):
        complete(ctx, dispute, "Underteckna beslutet", party=party, signature="sign", is_unbiased=True)
    for party in ("alvsta", "region"):
        complete(ctx, dispute, "Ta emot beslutet", party=party, received=True)
    complete(
        ctx,
        dispute,
        "Reglera interimistiska kostnader",
        settlement_amount=100_000,
        settlement_from="2026-11-24",
        settlement_to="2026-12-24",
    )
    pass_until(ctx, clock, clock.now() + timedelta(days=31))
    complete(ctx, dispute, "Kontrollera att beslutet är genomfört", carried_out="yes")
    complete(ctx, dispute, "Återkoppling till anmälaren")
    run_jobs(ctx)


def test_the_documents_of_a_placement_are_those_whose_forms_have_been_sent(shipped: Context, placement: str) -> None:
    assert case_pages.case_page(shipped, as_post(shipped, WORKER), placement, language="sv").documents == ()
    disagree(shipped, placement)

    (link,) = case_pages.case_page(shipped, as_post(shipped, WORKER), placement, language="sv").documents

    assert (link.template, link.name) == ("form:pp5", "Överenskommelse om kostnadsansvar")
    reader = as_post(shipped, WORKER)
    text = document(shipped, reader, placement, "form:pp5", form="html", language="sv").decode()
    assert "Behandlingen på hemmet." in text
    assert "Omtvistat belopp per månad" in text
    assert document(shipped, reader, placement, "form:pp5", form="pdf", language="en").startswith(b"%PDF")
    with pytest.raises(NotFound):
        document(shipped, reader, placement, "form:pp9", form="html", language="sv")
    with pytest.raises(NotFound):
        document(shipped, reader, placement, "form:af1", form="html", language="sv")


def test_the_birthday_stays_inside_the_party_in_every_scope(shipped: Context, placement: str) -> None:
    disagree(shipped, placement)

    with shipped.store.read() as tx:
        rows = [row for row in instances.variables_of(tx, placement) if row.name == "turns_18_on"]

    assert len(rows) > 1, "called processes have copies"
    assert {row.owner_party for row in rows} == {"alvsta"}


def test_the_version_of_the_agreement_is_handed_to_the_diagram(shipped: Context, placement: str) -> None:
    followed = instance_of(shipped, placement).agreement_version_id

    assert followed
    assert variables_of(shipped, placement)["agreement_version"] == followed


def test_the_figures_count_placements_from_what_the_cases_hold(shipped: Context, placement: str) -> None:
    for _ in range(4):
        start(shipped, WORKER, "placering", **BEGUN)
    another = instance_of(shipped, start(shipped, WORKER, "placering", **BEGUN).instance_id)

    with shipped.store.read() as tx:
        beside = matters_beside(tx, another, tx.directory(), zone=shipped.zone)
    today = shipped.today()
    found = {(each.id, each.by): each.value for each in figures(beside, since=today, until=today)}

    assert found["K11.basis", "SOL"] == "5"
    assert found["K11.form", "family_home"] == "5"


def test_the_courts_judgment_reaches_the_care_that_runs_and_says_so_in_the_name_of_the_task(
    shipped: Context, clock: ManualClock
) -> None:
    acute = BEGUN | {"legal_basis": "LVU6", "urgency": "acute", "form": "emergency_home", "planned_start": "2026-11-24"}
    taken = start(shipped, WORKER, "placering", **acute).instance_id
    today = shipped.today().isoformat()
    complete(
        shipped,
        taken,
        "Besluta om akut placering",
        decider="chair_urgent",
        chair_urgent_reason="Natt.",
        decision_result="approve",
        decision_date=today,
        law="6 § LVU",
        best_interests="Skydd nu.",
        decision_child_view="Är rädd.",
        reasons="Fara.",
        start_date=today,
    )
    complete(
        shipped,
        taken,
        "Starta placeringen",
        started_on=today,
        home_name="Jourhemmet",
        named_social_worker="Socialsekreterare 1",
        contract_signed="yes",
        exam_needed="yes",
    )
    assert "Bevaka nästa prövning: övervägande av vården" in names(shipped, taken)
    assert "Bevaka nästa prövning: övervägande om vårdnaden" in names(shipped, taken)

    complete(shipped, taken, "Underställ rätten", court_sent_on=today)
    complete(shipped, taken, "Ansök om vård", care_route="LVU3", application_sent_on=today)
    pass_until(shipped, clock, clock.now() + timedelta(days=14))
    complete(shipped, taken, "Skriv in rättens dom", court_result="LVU3", judged_on=shipped.today().isoformat())
    run_jobs(shipped)

    (watch,) = open_tasks(shipped, taken, "Bevaka nästa prövning: omprövning av vården")
    assert watch.name_en == "Watch the next review: reconsideration of the care"
    assert (watch.kind("sv"), watch.kind("en")) == ("Bevaka nästa prövning", "Watch the next review"), "as mail says it"
    assert watch.due_on == date(2027, 6, 8)
    assert "Bevaka nästa prövning: övervägande av vården" not in names(shipped, taken)
