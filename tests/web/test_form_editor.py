"""The form editor in a real browser: a field added by keys alone, shown as staff will see it, nothing lost."""

import json
import re

from playwright.sync_api import Page, Response, expect

from tests.conftest import ROOT, OpenPage, TakePicture
from tests.web.conftest import Installed
from tests.web.drawing import SEEN, draft_with, faults_of, open_editor, saved

NAME = "brist-atgard.form"
ENGLISH = re.compile(
    r"\b(add|attach|browse|button|checkbox|column|component|create|date|default|delete|description|drag|drop|field|"
    r"files?|group|input|key|label|nothing|number|option|properties|property|radio|remove|repeatable|required|row|search|select|"
    r"show|table|templated|text view|textfield|title|type|value|view)\b",
    re.IGNORECASE,
)
FORMS = sorted((ROOT / "forms").glob("*.form"))


def test_a_field_is_added_with_keys_alone_and_shown_as_staff_will_see_it(
    page: Page, address: str, pages: Installed, take_picture: TakePicture
) -> None:
    draft_id = draft_with(pages, NAME)
    open_editor(page, address, draft_id, NAME)

    page.get_by_role("button", name="Ansvarig befattning").press("Enter")
    page.get_by_label("Nytt fält").select_option("Textrad")
    page.get_by_role("button", name="Lägg till fält").press("Enter")
    expect(page.get_by_label("Etikett", exact=True)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Vem ringde?")
    with page.expect_response(is_save):
        page.keyboard.press("Tab")
    page.get_by_label("Etikett (engelska)", exact=True).focus()
    with page.expect_response(lambda answer: "Who called?" in (answer.request.post_data or "") and is_save(answer)):
        page.keyboard.type("Who called?")

    expect(page.locator("#preview").get_by_label("Vem ringde?")).to_be_visible()
    parts = json.loads(saved(pages, draft_id, NAME))["components"]
    assert parts[3]["label"] == "Vem ringde?"
    assert parts[3]["properties"] == {"en.label": "Who called?"}
    page.get_by_label("Språk").select_option("English")
    expect(page.locator("#preview").get_by_label("Who called?")).to_be_visible()
    expect(page.locator("#editor .fjs-powered-by-link")).to_be_visible()
    assert faults_of(page) == []
    page.get_by_label("Språk").select_option("Svenska")
    expect(page.locator("#preview").get_by_label("Vem ringde?")).to_be_visible()
    take_picture(page, "form-editor", for_docs=True)


def is_save(answer: Response) -> bool:
    return answer.request.method == "PUT" and answer.ok


def test_a_field_is_moved_and_removed_and_taken_back(page: Page, address: str, pages: Installed) -> None:
    open_editor(page, address, draft_with(pages, NAME), NAME)
    fields = page.locator(".field-list button")
    page.get_by_role("button", name="Ansvarig befattning").press("Enter")

    page.locator("#field-up").press("Enter")
    expect(fields.nth(1)).to_contain_text("Ansvarig befattning")
    expect(page.locator("#field-up")).to_be_focused()
    page.locator("#field-remove").press("Enter")
    expect(fields).to_have_count(4)
    page.get_by_role("button", name="Ångra").press("Enter")
    expect(fields).to_have_count(5)
    page.get_by_role("button", name="Ångra").press("Enter")

    expect(fields.nth(2)).to_contain_text("Ansvarig befattning")


def test_what_the_server_refuses_is_told_by_field(page: Page, address: str, pages: Installed) -> None:
    open_editor(page, address, draft_with(pages, NAME), NAME)
    page.get_by_role("button", name="Ansvarig befattning").press("Enter")

    page.get_by_label("Nyckel (variabelns namn)").fill("1 fel")
    page.keyboard.press("Tab")

    problem = page.locator("#problems > li")
    expect(problem).to_contain_text("Fel, ”Ansvarig befattning”: Fältet")
    page.get_by_role("button", name="Hela formuläret").press("Enter")
    problem.get_by_role("button").press("Enter")
    expect(page.get_by_label("Etikett", exact=True)).to_have_value("Ansvarig befattning")


def test_no_english_is_left_in_swedish_whatever_field_is_chosen_and_a_phone_has_room(
    open_page: OpenPage, address: str, pages: Installed, take_picture: TakePicture
) -> None:
    page = open_page(width=360)
    source = (ROOT / "forms" / NAME).read_text(encoding="utf-8")
    open_editor(page, address, draft_with(pages, NAME), NAME)

    kinds = page.locator("#new-kind option").all_inner_texts()
    texts: set[str] = set(page.evaluate(SEEN))
    for kind in kinds:
        page.get_by_label("Nytt fält").select_option(kind)
        page.get_by_role("button", name="Lägg till fält").click()
        texts.update(page.evaluate(SEEN))

    assert len(kinds) > 10
    own = [each for each in texts if each not in source and ".form" not in each and "{{" not in each]
    assert [each for each in own if ENGLISH.search(each)] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    take_picture(page, "form-editor-phone")


def test_every_shipped_form_is_the_same_after_it_was_read_and_written(
    page: Page, address: str, pages: Installed
) -> None:
    open_editor(page, address, draft_with(pages, NAME), NAME)

    for path in FORMS:
        text = path.read_text(encoding="utf-8")
        written = page.evaluate("(text) => document.getElementById('editor').rewritten(text)", text)
        assert written == text, path.name
