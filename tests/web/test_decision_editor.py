"""The table editor in a real browser: changed by keys alone, saved by itself, checked and tried, nothing lost."""

import re
from pathlib import Path

from lxml import etree
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, OpenPage, TakePicture
from tests.web.conftest import Installed
from tests.web.drawing import SEEN, draft_with, faults_of, open_editor, saved

NAME = "escalation-level.dmn"
LIMIT = '[data-element-id="value_escalation-level_3_3"]'
"""How many working days the level UNIT has, when nothing is urgent."""
ENGLISH = re.compile(
    r"\b(add|and|annotations?|any|button|cell|column|create|date|decision|delete|drag|edit|empty|enter|expression|hit|"
    r"input|label|move|name|open|output|policy|remove|resize|rule|select|string|table|then|type|unique|value|view|when)\b",
    re.IGNORECASE,
)
TABLES = sorted((ROOT / "processes").glob("*.dmn"))


def test_a_limit_is_changed_with_keys_alone_and_tried_before_anything_is_live(
    page: Page, address: str, pages: Installed, take_picture: TakePicture
) -> None:
    draft_id = draft_with(pages, NAME)
    open_editor(page, address, draft_id, NAME)

    page.locator(f"{LIMIT} [contenteditable]").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    page.keyboard.press("Enter")

    expect(page.locator("#save-status")).to_contain_text("Sparat")
    assert re.search(r'id="value_escalation-level_3_3">\s*<text>7</text>', saved(pages, draft_id, NAME))
    page.get_by_label("Nivå (level)").fill("UNIT")
    page.get_by_label("Brådska (urgency)").fill("normal")
    page.keyboard.press("Enter")
    expect(page.locator(".try-answer")).to_contain_text("Träff: regel 3.")
    expect(page.locator(".try-answer")).to_contain_text("Tidsgräns (arbetsdagar)7")
    expect(page.locator(".rule-matched")).to_have_count(1)
    expect(page.locator(".bjs-powered-by").last).to_be_visible()
    assert faults_of(page) == []
    take_picture(page, "decision-editor", for_docs=True)


def test_a_mistake_is_explained_and_its_button_leads_to_the_cell(page: Page, address: str, pages: Installed) -> None:
    open_editor(page, address, draft_with(pages, NAME), NAME)
    page.locator(f"{LIMIT} [contenteditable]").focus()

    page.get_by_role("button", name="Lägg till regel").press("Enter")
    expect(page.locator("#said")).to_have_text("Regel 4 är tillagd.")
    page.keyboard.type("1 +")

    problem = page.locator("#problems > li", has_text="regel 4, kolumn ”Tidsgräns (arbetsdagar)”")
    expect(problem).to_contain_text("går inte att läsa som FEEL")
    problem.get_by_role("button").press("Enter")
    assert page.evaluate("document.activeElement.closest('tr').querySelector('.rule-index').textContent.trim()") == "4"
    page.get_by_role("button", name="Ta bort regel").press("Enter")
    expect(page.locator("#said")).to_contain_text("Regel 4 är borttagen.")
    expect(page.locator("#problems > li")).to_have_count(0)


def test_no_english_is_left_in_swedish_and_a_phone_has_room(
    open_page: OpenPage, address: str, pages: Installed, take_picture: TakePicture
) -> None:
    page = open_page(width=360)
    open_editor(page, address, draft_with(pages, NAME), NAME)
    own = (ROOT / "processes" / NAME).read_text(encoding="utf-8")

    texts = [each for each in page.evaluate(SEEN) if each not in own and ".dmn" not in each and "UNIT" not in each]

    assert [each for each in texts if ENGLISH.search(each)] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    take_picture(page, "decision-editor-phone")


def test_without_scripts_the_table_is_read_and_its_text_changed(
    open_page: OpenPage, address: str, pages: Installed
) -> None:
    page = open_page(java_script=False)
    draft_id = draft_with(pages, NAME)
    page.goto(f"{address}/sign-in?next=/drafts/{draft_id}/files/{NAME}")
    page.get_by_label("Användarnamn").fill("processagare")
    page.get_by_label("Lösenord").fill("prova-flowsvc")
    page.get_by_label("Lösenord").press("Enter")

    rows = page.get_by_role("table", name="Adressat och tidsgräns").get_by_role("row")

    expect(rows).to_have_count(11)
    expect(rows.nth(3)).to_contain_text('"UNIT"')
    expect(page.get_by_label("Källtext", exact=True)).to_have_value(re.compile("decisionTable"))


def test_every_shipped_table_is_the_same_after_it_was_read_and_written(
    page: Page, address: str, pages: Installed
) -> None:
    open_editor(page, address, draft_with(pages, NAME), NAME)

    for path in TABLES:
        text = path.read_text(encoding="utf-8")
        written = page.evaluate("(text) => document.getElementById('editor').rewritten(text)", text)
        assert meaning(written.encode()) == meaning(path.read_bytes()), path.name


def meaning(xml: bytes) -> object:
    """What the file says, whatever its spaces and prefixes."""

    def of(element: etree._Element) -> object:
        own = [of(each) for each in element if isinstance(each.tag, str)]
        # dmn-js leaves out what DMN says anyway.
        said = {name: value for name, value in element.attrib.items() if (name, value) != ("hitPolicy", "UNIQUE")}
        return (element.tag, sorted(said.items()), (element.text or "").strip(), own)

    return of(etree.fromstring(xml))


def test_every_text_that_dmn_js_asks_for_has_its_swedish() -> None:
    modules = ROOT / "src/flowsvc/web/frontend/node_modules"
    ours = (ROOT / "src/flowsvc/web/frontend/src/tables/dmn_words.js").read_text(encoding="utf-8")
    asked = {
        text
        for package in ("decision-table", "literal-expression", "boxed-expression", "drd")
        for path in Path(modules, f"dmn-js-{package}", "lib").rglob("*.js")
        for _quote, text in re.findall(
            r"translate\(\s*(['\"])((?:\\.|(?!\1).)+)\1\s*[,)]", path.read_text(encoding="utf-8")
        )
    }

    assert len(asked) > 100
    assert {each for each in asked if f"'{each}':" not in ours and f"  {each}:" not in ours} <= {'"value"'}
