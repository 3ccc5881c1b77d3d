"""Whole matters, as people take them through in a browser: each signs in as a post, and the banner moves the clock."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import OpenPage, TakePicture
from tests.e2e.desk import Desk

pytestmark = pytest.mark.slow


def numbers(page: Page) -> set[str]:
    return {text.split()[0] for text in page.locator("main").get_by_text("SJ-AVV-").all_inner_texts()}


def test_a_shortcoming_is_mended_in_the_own_unit_from_report_to_end(
    open_page: OpenPage, address: str, take_picture: TakePicture
) -> None:
    desk = Desk(open_page(), address).sign_in("barnhalsovard.sjukskoterska")
    desk.page.get_by_role("navigation").get_by_role("link", name="Starta ärende").click()
    desk.page.get_by_role("link", name="Avvikelse eller tvist").click()
    today = date.fromisoformat(desk.page.evaluate("new Date().toISOString().slice(0, 10)"))
    desk.send(
        kind="shortcoming",
        area="discharge",
        urgency="normal",
        event_date=today.isoformat(),
        discovered=today.isoformat(),
        place="barnhalsovard",
        description="Information om utskrivningen kom inte.",
        consequence="none",
        external_ref="Avvikelse 4711",
    )
    (number,) = {text for text in numbers(desk.page) if text.startswith("SJ-AVV-")}

    desk.sign_in("enhetschef.barnhalsovard").open_task("Bedöm bristen", number)
    desk.send(assessment="Rutinen saknas.", choice="own_measure")
    desk.open_task("Åtgärda i den egna enheten", number)
    desk.send(
        measure="Ny rutin för utskrivning.",
        measure_responsible="Enhetschefen",
        measure_due_on=today.isoformat(),
        feedback_text="Vi har ändrat rutinen.",
    )
    desk.sign_in("barnhalsovard.sjukskoterska").open_task("Återkoppling till anmälaren", number)
    desk.send(solved="yes")
    desk.move_clock(30)
    desk.move_clock(30)
    desk.sign_in("enhetschef.barnhalsovard").open_task("Kontrollera effekten", number)
    desk.send(effect="good", effect_text="Informationen kommer nu i tid.")

    desk.sign_in("barnhalsovard.sjukskoterska").open_matter(number)
    expect(desk.page.locator("main")).to_contain_text("Avslutat")
    take_picture(desk.page, "journey-shortcoming")


def test_a_dispute_climbs_to_leadership_stays_unsolved_and_comes_back(
    open_page: OpenPage, address: str, take_picture: TakePicture
) -> None:
    desk = Desk(open_page(), address).sign_in("socialsekreterare.alvsta")
    desk.page.goto(f"{address}/start")
    desk.page.get_by_role("link", name="Avvikelse eller tvist").click()
    today = desk.today()
    desk.page.locator("main input[name='kind'][value='responsibility']").check()
    desk.page.locator("main button[value='add:counterparts']").click()
    expect(desk.page.locator("main [name='counterparts:0:unit']")).to_be_visible()
    desk.page.locator("main input[name='child_heard'][value='yes']").check()
    expect(desk.page.locator("main [name='child_view']")).to_be_visible()
    desk.page.locator("main input[name='child_waiting'][type=checkbox]").check()
    expect(desk.page.locator("main [name='support_part']").first).to_be_visible()
    desk.send(
        area="placement",
        urgency="normal",
        event_date=today,
        discovered=today,
        place="alvsta-barn",
        **{"counterparts:0:unit": "bup-oppenvard"},
        description="Behandlingshem: ingen av parterna anser sig ansvara.",
        consequence="delay",
        wanted="Ett beslut om ansvar.",
        tried="Två nätverksmöten.",
        child_view="Vill bo nära sin syster.",
        support_part="social",
        placing_party="alvsta",
    )
    (number,) = numbers(desk.page)
    for post in ("socialsekreterare.alvsta", "bup.behandlare"):
        desk.sign_in(post).open_task("Föreslå vem som ansvarar tills vidare", number)
        desk.send(proposed_party="alvsta")
    desk.sign_in("socialsekreterare.alvsta").open_task("Säkra stödet", number)
    desk.send(secured_how="Placeringen fortsätter.", secured_from=today, without_prejudice="true")
    # Five, five, ten, ten and twenty working days: every level's time runs out.
    for _ in range(10):
        desk.move_clock(5)
    desk.move_clock(1)

    desk.sign_in("kommundirektor.alvsta").open_task("Dokumentera olöst tvist", number)
    desk.page.locator("main input[name='route'][value='county_body_principle']").check()
    expect(desk.page.locator("main [name='principle_question']")).to_be_visible()
    desk.page.locator("main input[name='disputed']").first.check()
    desk.send(
        principle_question="Vem ansvarar för behandling på behandlingshem?",
        motivation="Frågan återkommer.",
        **{
            "final_positions:0:party": "alvsta",
            "final_positions:0:position": "Regionen ansvarar för behandlingen.",
            "final_positions:1:party": "region",
            "final_positions:1:position": "Kommunen ansvarar för boendet och behandlingen där.",
        },
        interim_review=desk.today(days=25),
    )
    desk.sign_in("processledare")
    desk.page.goto(f"{address}/tasks/group")
    expect(desk.page.locator("main")).to_contain_text("Behandla principfrågan")
    desk.move_clock(30)

    desk.sign_in("kommundirektor.alvsta").open_task("Ange ståndpunkt", number)
    desk.open_matter(number)
    expect(desk.page.locator("main")).to_contain_text("Pågår")
    expect(desk.page.locator("main")).to_contain_text("Stödet till barnet: Säkrat")
    take_picture(desk.page, "journey-unsolved")


def test_a_manager_sees_who_owes_an_answer_and_opens_the_matter(
    open_page: OpenPage, address: str, take_picture: TakePicture
) -> None:
    desk = Desk(open_page(), address).sign_in("enhetschef.barn.alvsta")
    take_picture(desk.page, "inbox", for_docs=True)
    desk.page.get_by_role("link", name="Eskaleringar").click()
    row = desk.page.locator("main tbody tr").first
    expect(row).to_contain_text("Region Sjöland")
    expect(row).to_contain_text("Älvsta kommun")
    take_picture(desk.page, "escalations", for_docs=True)

    row.get_by_role("link").first.click()

    expect(desk.page.get_by_role("heading", name="Vem har ärendet nu")).to_be_visible()
    expect(desk.page.get_by_role("heading", name="Nivåerna")).to_be_visible()
    take_picture(desk.page, "matter", for_docs=True)


def test_an_expired_agreement_is_reviewed_from_start_to_report(
    open_page: OpenPage, address: str, take_picture: TakePicture, tmp_path: Path
) -> None:
    desk = Desk(open_page(), address).sign_in("processledare")
    desk.page.goto(f"{address}/start")
    desk.page.get_by_role("link", name="Årlig uppföljning").click()
    year = desk.today()[:4]
    desk.send(agreement="utskrivning", year=year)
    number = re.search(r"SJ-UPP-\d{4}-\d{5}", desk.page.locator("main").inner_text())
    assert number is not None
    review = number[0]
    desk.open_task("Planera uppföljningen", review)
    expect(desk.page.locator("main")).to_contain_text("Överenskommelsen har löpt ut.")
    today = desk.today()
    desk.send(
        **{"questions:0:question": "Kommer meddelandet i tid?"},
        collection_from=f"{year}-01-01",
        collection_to=f"{year}-12-31",
        responsible="Processledare",
    )
    posts = ("enhetschef.bup", *(f"enhetschef.barn.{name}" for name in ("alvsta", "bjorknas", "granfors", "tallmyra")))
    for post in posts:
        desk.sign_in(post).open_task("Lämna partens bidrag", review)
        desk.send(
            responsible_manager="Enhetschef",
            **{"clause_status:0:clause": "1", "clause_status:0:status": "partly"},
            indicator_note="Saknas i år.",
            own_deviations_summary="Meddelanden kommer sent.",
            child_participation_work="Barnet är med på mötet.",
            staff_informed="most",
            approve_publish="yes",
        )
    rows = "\n".join(f"S{row};{today};Utskrivning;Slutenvård;Kommun {row}" for row in range(12))
    listed = tmp_path / "avvikelser.csv"
    listed.write_text(f"Avvikelse-id;Datum;Kategori;Från verksamhet;Till verksamhet\n{rows}\n{rows}", "utf-8")
    desk.sign_in("processledare").open_task("Lämna avvikelser", review)
    desk.page.locator("main input[type=file]").set_input_files(listed)
    desk.send()
    desk.open_task("Kontroll av lag och vägledning", review)
    desk.send(
        **{"law_points:0:topic": "sheltered", "law_points:0:affected": "no"},
        law_checked_on=today,
    )
    desk.open_task("Barnens perspektiv", review)
    desk.send(child_views="Vill veta vem som ringer efter utskrivningen.")

    desk.open_task("Sammanställ uppföljningen", review)
    expect(desk.page.locator("main")).to_contain_text("Utskrivning")
    desk.send(
        analysis="Meddelandena kommer för sent.",
        dispute_patterns="Inga.",
        development_areas="Tidigare besked.",
        recommended="extend",
    )
    desk.sign_in("omradesdirektor.psykiatri").open_task("Besluta om utfallet", review)
    desk.page.locator("main [name='outcome']").select_option("extend")
    expect(desk.page.locator("main [name='extend_until']")).to_be_visible()
    desk.send(extend_until=desk.today(days=365), reasons="Enligt rapporten.", decision_ref="§ 7", decided_on=today)
    desk.sign_in("enhetschef.bup").open_task("Informera personalen", review)
    desk.send(staff_told="true", told_on=today, told_how="meeting")

    desk.page.goto(f"{address}/agreements/utskrivning")
    expect(desk.page.locator("main")).to_contain_text("Förlängd till och med")
    desk.sign_in("processledare").open_matter(review)
    desk.page.locator("main").get_by_role("link", name="Rapport").first.click()
    expect(desk.page.locator("article")).to_contain_text("Meddelandena kommer för sent.")
    assert desk.page.locator("article h1").inner_text().startswith(f"Uppföljning {year}")
    take_picture(desk.page, "journey-review")


def add_row(desk: Desk, rows: str, field: str) -> None:
    """One more row of the list, and its field is there."""
    number = desk.page.locator(f"main [name^='{rows}:'][name$=':{field}']").count()
    desk.page.locator(f"main button[value='add:{rows}']").click()
    expect(desk.page.locator(f"main [name='{rows}:{number}:{field}']")).to_be_visible()


def test_a_placement_is_planned_decided_and_begun_with_its_plan_and_its_cost_agreed(
    open_page: OpenPage, address: str, take_picture: TakePicture
) -> None:
    """SC1 in the browser: in the county, under SoL, nobody disagrees."""
    worker, clinic = "socialsekreterare.alvsta", "bup.behandlare"
    desk = Desk(open_page(), address).sign_in(worker)
    desk.page.goto(f"{address}/start")
    desk.page.get_by_role("link", name="Placeringsplanering").click()
    today = desk.today()
    desk.page.locator("main [name='age']").fill("9")
    desk.page.locator("main [name='age']").press("Tab")
    expect(desk.page.locator("main [name='turns_18_on']")).to_be_visible()
    expect(desk.page.locator("main [name='turns_21_on']")).to_be_hidden()
    desk.send(
        need_summary="Barnet behöver ett tryggt hem.",
        needs="social",
        turns_18_on=desk.today(days=3200),
        in_school="yes",
        protected_id="none",
        legal_basis="SOL",
        form="family_home",
        urgency="normal",
        planned_start=desk.today(days=14),
        in_county="yes",
        mun_placing="alvsta",
        mun_stay="alvsta",
        mun_registered="alvsta",
        place="alvsta-barn",
        **{"known_contacts:0:unit": "bup-oppenvard"},
        complexity="yes",
    )
    (number,) = re.findall(r"SJ-PLC-\d+-\d+", desk.page.locator("main").inner_text())

    hear_child_and_settle_ground(desk, number)
    make_plan(desk, number, worker, clinic)
    agree_on_cost(desk, number)
    desk.sign_in("utskottsordforande.alvsta").open_task("Besluta om placering", number)
    desk.send(
        decider="committee",
        decision_result="approve",
        decision_date=today,
        facts="Utredningen.",
        law="22 kap. 2 § SoL",
        best_interests="Trygghet.",
        decision_child_view="Vill bo nära skolan.",
        guardian_view="Samtycker.",
        kin_considered="Prövat.",
        reasons="Behovet kan inte mötas hemma.",
        start_date=desk.today(days=14),
        review_on=desk.today(days=190),
        appeal_info="Lämnad.",
    )
    desk.move_clock(5)
    desk.move_clock(5)
    desk.sign_in(worker).open_task("Starta placeringen", number)
    desk.send(
        started_on=desk.today(),
        home_name="Familjehemmet",
        named_social_worker="Socialsekreterare 1",
        contract_signed="yes",
        exam_needed="yes",
    )
    desk.sign_in("samordnare.halsoundersokning").open_task("Erbjud undersökning", number)
    desk.send(offered_at=desk.today(), accepted_by="guardian")
    desk.sign_in(worker).open_task("Bevaka nästa prövning: övervägande av vården", number)
    take_picture(desk.page, "journey-placement-review")

    desk.open_matter(number)
    expect(desk.page.locator("main")).to_contain_text("Besluta om placering – klar")
    for offered in ("Mötet och planen", "Överenskommelse om kostnadsansvar", "Beslut om placering"):
        expect(desk.page.locator("main").get_by_text(offered).first).to_be_visible()
    for paper in desk.page.locator("a[href*='/documents/'][href$='.pdf']").all():
        made = desk.page.request.get(f"{address}{paper.get_attribute('href')}")
        assert (made.status, made.headers["content-type"]) == (200, "application/pdf"), made.url
    expect(desk.page.get_by_role("link", name="Avsluta placeringen").first).to_be_visible()
    take_picture(desk.page, "journey-placement")


def hear_child_and_settle_ground(desk: Desk, number: str) -> None:
    desk.open_task("Barnets delaktighet", number)
    desk.send(
        told_when=desk.today(),
        told_by="Socialsekreterare",
        told_method="talk",
        talked_alone="yes",
        child_heard="yes",
        child_view="Vill bo nära skolan.",
        weight_given="Hemmet ligger nära.",
        understands_info="yes",
    )
    desk.open_task("Samtycke eller laglig grund", number)
    desk.send(guardian_consent="yes", legal_ground="22 kap. SoL")
    desk.open_task("Pröva närstående först", number)
    desk.send(kin_considered="Mormor kan inte.", kin_result="not_possible")
    desk.open_task("Skriv planerna för vården", number)
    desk.send(
        special_measures="Samtal.",
        contact_arrangements="Varannan helg.",
        care_goal="Trygghet.",
        how_and_when="Nu.",
        care_followup="Varje månad.",
        other_principals="BUP.",
        board_contact="Varje kvartal.",
        plan_child_view="Bra.",
    )


def make_plan(desk: Desk, number: str, worker: str, clinic: str) -> None:
    desk.open_task("Samtycke till SIP", number)
    desk.send(
        sip_giver="guardian1",
        sip_given="yes",
        sip_given_on=desk.today(),
        sip_valid_until=desk.today(days=300),
        sip_purpose="Samordna stödet.",
        **{"sip_receivers:0:unit": "bup-oppenvard"},
        sip_categories="health",
    )
    desk.open_task("Kalla till möte", number)
    desk.send(
        sip_question="Hur samordnas stödet?",
        **{"sip_participants:0:unit": "alvsta-barn", "sip_participants:1:unit": "bup-oppenvard"},
        meeting_at=desk.today(days=1),
        meeting_place="Familjecentralen",
    )
    for post in (worker, clinic):
        desk.sign_in(post).open_task("Svara på inbjudan", number)
        desk.send(participation="attending", has_mandate="yes")
    desk.sign_in(worker).open_task("Håll mötet och skriv planen", number)
    add_row(desk, "plan_lines", "goal")
    lines: dict[str, str] = {}
    for row, (measure, unit) in enumerate((("Familjesamtal", "alvsta-barn"), ("Samtal hos BUP", "bup-oppenvard"))):
        line = {"goal": "Trygghet", "measure": measure, "unit": unit, "contact_role": "Handläggare"}
        line |= {"start": desk.today(days=1), "scope": "En timme", "place": "Mottagningen"}
        line |= {"method_of_followup": "Samtal", "followup_date": desk.today(days=60)}
        lines |= {f"plan_lines:{row}:{name}": value for name, value in line.items()}
    desk.send(
        meeting_on=desk.today(),
        meeting_participants="Barnet, vårdnadshavare, handläggare, behandlare",
        child_wishes="Samma person att prata med.",
        guardian_wishes="Att det går fort.",
        overall_goal="Barnet mår bra.",
        **lines,
        plan_owner="alvsta",
        contacts="Enhetscheferna",
        next_followup=desk.today(days=35),
    )
    for post in (worker, clinic):
        desk.sign_in(post).open_task("Bekräfta egna rader", number)
        desk.send(line_answer="confirmed")
    desk.sign_in(worker).open_task("Lämna planen till barnet och familjen", number)
    desk.send(copy_child_on=desk.today(), copy_guardian_on=desk.today())


def agree_on_cost(desk: Desk, number: str) -> None:
    desk.open_task("Kostnadsmöte utan barn och familj", number)
    desk.send(
        cost_meeting_on=desk.today(),
        cost_status="agreed",
        **{
            "cost_lines:0:cost_type": "accommodation",
            "cost_lines:0:payer": "alvsta",
            "cost_lines:0:amount": "25000",
        },
        how_health_care_met="Hemregionen.",
        school_met="Hemkommunen.",
        cost_valid_until=desk.today(days=365),
        renegotiate_if="Om behovet ändras.",
    )
    for post in ("enhetschef.barn.alvsta", "enhetschef.bup"):
        desk.sign_in(post).open_task("Underteckna för sin part", number)
        desk.send(cost_signature="sign", is_unbiased="true")
