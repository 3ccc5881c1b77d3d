"""A process owner’s whole way in a browser, by keys alone: change a table and a diagram, see two mistakes, try it, have
it approved, release it while older cases go on, and bring the old version back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import OpenPage, TakePicture
from tests.e2e.desk import Desk
from tests.web.drawing import faults_of

pytestmark = pytest.mark.slow

OWNER, OTHER = "processagare", "processagare.region"
LIMIT = '[data-element-id="value_escalation-level_3_3"] [contenteditable]'
"""How many working days the level UNIT has, when nothing is urgent."""
TASK = "Underrätta samordnaren"


def press(found: Locator) -> None:
    """As somebody without a mouse does it: the thing has focus, and Enter is pressed."""
    found.focus()
    found.press("Enter")


def type_over(page: Page, found: Locator, text: str) -> None:
    found.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def follow(page: Page, name: str) -> None:
    press(page.get_by_role("link", name=name, exact=True).first)


def report(desk: Desk, today: str) -> None:
    """A dispute about responsibility between the region and a municipality is sent; questions come as one answers."""
    page = desk.page
    page.locator("input[name=kind][value=responsibility]").check()
    press(page.locator("main button[value='add:counterparts']"))
    page.locator("[name='counterparts:0:unit']").select_option("alvsta-barn")
    page.locator("input[name=child_heard][value=yes]").check()
    page.locator("input[name=child_waiting][type=checkbox]").check()
    expect(page.locator("[name=child_view]")).to_be_visible()
    desk.fill(
        area="placement",
        urgency="normal",
        event_date=today,
        discovered=today,
        place="bup-oppenvard",
        description="Oklart vem som ger behandlingen på hemmet.",
        consequence="delay",
        wanted="Ett beslut om ansvar.",
        tried="Två möten mellan handläggarna.",
        child_view="Vill bo kvar.",
        support_part="social",
    )
    press(page.locator("main button[value=send]").last)


def test_a_change_is_drawn_tried_approved_released_and_taken_back_by_keys_alone(
    open_page: OpenPage, address: str, take_picture: TakePicture
) -> None:
    desk = Desk(open_page(), address).sign_in(OWNER)
    page = desk.page
    follow(page, "Processer")
    page.locator("#name").fill("eskalering")
    page.locator("#name").press("Enter")
    follow(page, "Eskalering nivå för nivå")
    older = running_on(page)
    press(page.get_by_role("button", name="Ändra").first)
    draft = page.url
    add_files(page)

    change_the_limit(page, take_picture)
    page.goto(draft)
    ask_who_was_told(page)
    page.goto(draft)
    draw_the_task(page, take_picture)
    page.goto(draft)
    try_it(desk, draft, take_picture)

    release(desk, draft, take_picture)
    number = start_one(desk)
    desk.sign_in(OWNER)
    page.goto(f"{address}/processes/eskalering")
    expect(page.get_by_role("row", name=re.compile("^Version 2"))).to_contain_text("1 ärende")
    expect(page.get_by_role("row", name=re.compile("^Version 1"))).to_contain_text(f"{older} ärenden")
    assert faults_of(page) == []
    desk.move_clock(5)
    desk.move_clock(1)
    desk.sign_in("processledare").open_task(TASK, number)
    desk.send(told="Samordnaren i Alvsta")

    desk.sign_in(OWNER)
    restore(desk, address)
    page.goto(f"{address}/processes/decisions/escalation-level")
    expect(page.locator("main")).to_contain_text("Version 3")


def running_on(page: Page) -> int:
    """How many cases run, as the page of the process says."""
    found = re.search(r"(\d+) ärenden", page.locator("main").inner_text())
    assert found is not None
    return int(found[1])


def add_files(page: Page) -> None:
    """The draft has the table and a new form beside the diagram."""
    page.locator("#definition").select_option("decision:escalation-level")
    press(page.get_by_role("button", name="Lägg till", exact=True))
    expect(page.locator("main")).to_contain_text("escalation-level.dmn")
    page.locator("#kind").select_option("form")
    page.locator("#new-name").fill(TASK)
    page.locator("#new-name").press("Enter")
    expect(page.locator("main")).to_contain_text("underratta-samordnaren.form")
    assert faults_of(page) == []


def change_the_limit(page: Page, take_picture: TakePicture) -> None:
    follow(page, "escalation-level.dmn")
    expect(page.locator("#editor[data-state='ready']")).to_be_attached()
    type_over(page, page.locator(LIMIT), "7")
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        page.keyboard.press("Enter")
    take_picture(page, "owner-table")


def ask_who_was_told(page: Page) -> None:
    """The new form asks one question, in both languages."""
    follow(page, "underratta-samordnaren.form")
    expect(page.locator("#editor[data-state='ready']")).to_be_attached()
    page.get_by_label("Nytt fält").select_option("Textrad")
    press(page.get_by_role("button", name="Lägg till fält"))
    type_over(page, page.get_by_label("Etikett", exact=True), "Vem fick veta?")
    type_over(page, page.get_by_label("Etikett (engelska)"), "Who was told?")
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and "told" in (answer.request.post_data or "")
    ):
        type_over(page, page.get_by_label("Nyckel (variabelns namn)"), "told")
        page.keyboard.press("Tab")
    expect(page.locator("#preview").get_by_label("Vem fick veta?")).to_be_visible()


def draw_the_task(page: Page, take_picture: TakePicture) -> None:
    """A task comes after the lift. Without a form and with a time that is none it is marked; then both are mended."""
    follow(page, "eskalering.bpmn")
    page.wait_for_selector("#editor[data-checked]")
    press(page.locator("[data-choose=lyft]"))
    press(page.get_by_role("button", name="Lägg till efter …"))
    page.keyboard.type("Användaruppgift")
    page.keyboard.press("Enter")
    press(page.get_by_role("button", name="Lägg till efter", exact=True))
    expect(page.locator("#f-name")).to_be_focused()
    page.keyboard.type(TASK)
    page.get_by_label("Vilka kan ta uppgiften", exact=True).select_option("samordning")
    page.get_by_label("Vilka kan ta uppgiften", exact=True).press("Enter")
    type_over(page, page.get_by_label("Svar senast"), "P2XX")

    problems = page.locator("#problems")
    expect(problems).to_contain_text("P2XX")
    expect(problems).to_contain_text("blankett")
    expect(page.locator(".djs-shape.is-refused")).to_have_count(1)
    take_picture(page, "owner-mistakes")
    page.get_by_label("Blankett", exact=True).select_option("underratta-samordnaren")
    type_over(page, page.get_by_label("Svar senast"), "P2BD")
    expect(page.locator("#f-camunda-dueDate-preview")).to_contain_text("blir ")
    expect(page.locator("[data-part-of=problem-count]")).to_have_text("Inga problem")
    expect(page.locator("#save-status")).to_contain_text("Sparat")


def try_it(desk: Desk, draft: str, take_picture: TakePicture) -> None:
    """In the trial the matter is lifted when its time is up, the task is done, and the next level has seven days."""
    page = desk.page
    follow(page, "Provkör")
    page.get_by_label("Avvikelse eller tvist").check()
    press(page.get_by_role("button", name="Fortsätt"))
    page.get_by_label("Vem startar ärendet?").select_option("bup.behandlare")
    press(page.get_by_role("button", name="Börja provkörningen"))
    shown = page.locator("time").first.get_attribute("datetime")
    assert shown is not None
    report(desk, shown[:10])
    expect(page.locator("main")).to_contain_text("Ange ståndpunkt")
    for days in ("+5 arbetsdagar", "+1 arbetsdag"):
        before = page.locator(".clock-now time").get_attribute("datetime") or ""
        press(page.get_by_role("button", name=days))
        expect(page.locator(".clock-now time")).not_to_have_attribute("datetime", before)
    expect(page.locator("main")).to_contain_text(TASK)
    take_picture(page, "owner-trial")
    press(page.get_by_role("link", name=re.compile(f"Fyll i som .*: {TASK}")).first)
    page.get_by_label("Vem fick veta?").fill("Samordnaren i Alvsta")
    press(page.locator("main button[value=send]").last)
    expect(page.locator("#timers").locator("xpath=..")).to_contain_text("Nivåns tid är ute")
    assert faults_of(page) == []
    press(page.get_by_role("button", name="Kasta provkörningen"))
    expect(page).to_have_url(draft)


def release(desk: Desk, draft: str, take_picture: TakePicture) -> None:
    """The owner asks, somebody else approves, and the owner releases."""
    page = desk.page
    page.goto(draft)
    follow(page, "Granska och publicera")
    expect(page.locator("main")).to_contain_text("Skillnad mot det som är publicerat")
    expect(page.locator("main")).to_contain_text(TASK)
    expect(page.locator("#cases").locator("xpath=..")).to_contain_text("på version 1")
    take_picture(page, "owner-release", for_docs=True)
    page.get_by_label("Vad ändras och varför").fill("Enhetscheferna får sju arbetsdagar, och samordnaren får veta.")
    press(page.get_by_role("button", name="Be om godkännande"))
    expect(page.locator("main")).to_contain_text("Väntar på godkännande")
    expect(page.get_by_role("button", name="Godkänn", exact=True)).to_have_count(0)
    desk.sign_in(OTHER)
    page.goto(f"{draft}/release")
    press(page.get_by_role("button", name="Godkänn", exact=True))
    desk.sign_in(OWNER)
    page.goto(f"{draft}/release")
    press(page.get_by_role("button", name="Publicera", exact=True))
    expect(page.locator("main")).to_contain_text("Publicerat")


def start_one(desk: Desk) -> str:
    """The number of a case that starts now."""
    page = desk.sign_in("bup.behandlare").page
    follow(page, "Starta ärende")
    follow(page, "Avvikelse eller tvist")
    report(desk, desk.today())
    expect(page.get_by_role("heading", level=1)).to_have_text("Tack, det är skickat")
    found = re.search(r"SJ-AVV-\d{4}-\d+", page.locator("main").inner_text())
    assert found is not None
    return found[0]


def restore(desk: Desk, address: str) -> None:
    """The table is as it was before, by the same way as any change."""
    page = desk.page
    page.goto(f"{address}/processes/decisions/escalation-level")
    press(page.get_by_role("button", name=re.compile("Återställ")).first)
    expect(page.locator("main")).to_contain_text("Skillnad mot det som är publicerat")
    page.get_by_label("Vad ändras och varför").fill("Sju dagar blev för långt.")
    press(page.get_by_role("button", name="Be om godkännande"))
    at = page.url
    desk.sign_in(OTHER)
    page.goto(at)
    press(page.get_by_role("button", name="Godkänn", exact=True))
    press(page.get_by_role("button", name="Publicera", exact=True))
    expect(page.locator("main")).to_contain_text("Publicerat")
