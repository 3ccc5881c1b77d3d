"""Whole matters, as people take them through in a browser: each signs in as a post, and the banner moves the clock."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from flowsvc import demo
from tests.conftest import OpenPage, TakePicture

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`flowsvc serve` with the demonstration county, as `make run` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    data: Path = tmp_path_factory.mktemp("journeys")
    own = {name: value for name, value in os.environ.items() if not name.startswith("FLOWSVC_")}
    served = subprocess.Popen(
        [sys.executable, "-m", "flowsvc", "serve"],
        env=own | {"FLOWSVC_DATA": str(data), "FLOWSVC_DEMO": "1", "FLOWSVC_PORT": port},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert served.stdout is not None
    for line in served.stdout:
        if "flowsvc svarar på" in line:
            break
    assert answers(f"http://127.0.0.1:{port}/healthz")
    yield f"http://127.0.0.1:{port}"
    served.terminate()
    served.communicate(timeout=30)


def answers(url: str) -> bool:
    for _ in range(100):
        try:
            with urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
                return bool(response.status == 200)
        except URLError:
            continue
    return False


class Desk:
    """The browser of whoever is signed in."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def sign_in(self, post: str) -> "Desk":
        self.page.context.clear_cookies()
        self.page.goto(self.address)
        self.page.fill("input[name=username]", post)
        self.page.fill("input[name=password]", demo.PASSWORD)
        self.page.press("input[name=password]", "Enter")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Mina uppgifter")
        return self

    def send(self, **values: str) -> None:
        """The form is filled in, question by question as they come, and sent; the receipt stands there."""
        for name, value in values.items():
            field = self.page.locator(f"main [name='{name}']").first
            kind = field.get_attribute("type")
            if kind == "radio":
                self.page.locator(f"main input[name='{name}'][value='{value}']").check()
            elif kind == "checkbox":
                field.check()
            elif field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        self.page.locator("main button[value=send]").last.click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Tack, det är skickat")

    def open_task(self, name: str, number: str) -> None:
        """The person's task of that name in the matter is on the screen."""
        for place in ("/tasks", "/tasks/group"):
            self.page.goto(f"{self.address}{place}?search={number}")
            found = self.page.locator("main").get_by_role("link", name=name)
            if found.count():
                found.first.click()
                expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)
                return
        raise AssertionError(f"{name} is in neither list")

    def today(self, *, days: int = 0) -> str:
        """The county's date, so many days on, as a form takes it."""
        shown = self.page.locator("time").first.get_attribute("datetime")
        assert shown is not None
        return (date.fromisoformat(shown[:10]) + timedelta(days=days)).isoformat()

    def move_clock(self, by: int) -> None:
        self.page.locator(f"button[name=by][value='{by}']").click()
        expect(self.page.locator("body")).to_contain_text("Demonstration")

    def open_matter(self, number: str) -> None:
        self.page.fill("#find", number)
        self.page.press("#find", "Enter")
        expect(self.page.locator("main")).to_contain_text("Det här har hänt")


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
