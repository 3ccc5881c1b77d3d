"""Reading a process in a real browser: list and diagram as one, with the keyboard alone, on a phone and on paper."""

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import OpenPage, TakePicture
from tests.web.conftest import MANAGER, REPORTER, Installed, sign_in
from tests.web.test_browser import faults

LADDER = "/processes/eskalering"
TASK = "[data-element-id=standpunkt]"


def open_process(page: Page, address: str, post: str = MANAGER) -> None:
    sign_in(page, address, post)
    page.goto(address + LADDER)
    page.wait_for_selector("[data-diagram][data-state=shown]")


@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_of_the_processes_has_a_fault_or_scrolls_sideways(
    pages: Installed, open_page: OpenPage, address: str, take_picture: TakePicture, width: int
) -> None:
    page = open_page(width=width)
    open_process(page, address)
    page.get_by_role("button", name="Ange ståndpunkt").click()
    visited = {
        "process": "",
        "processes": "/processes",
        "processes-found": "/processes?search=sip",
        "process-table": "/processes/decisions/escalation-level",
        "process-form": "/processes/forms/af1",
    }
    for name, path in visited.items():
        if path:
            page.goto(address + path)
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        take_picture(page, f"{name}-{width}", for_docs=name == "process" and width == 1280)


def test_an_element_is_chosen_and_its_properties_reached_with_the_keyboard_alone(
    pages: Installed, page: Page, address: str
) -> None:
    open_process(page, address)
    button = page.get_by_role("button", name="Ange ståndpunkt")

    page.locator("[data-pick]").first.focus()
    for _ in range(7):
        page.keyboard.press("ArrowDown")
    expect(button).to_be_focused()
    assert button.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")

    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"{TASK}.picked")).to_have_count(1)
    panel = page.get_by_role("region", name="Egenskaper")
    expect(panel).to_contain_text("den dag som 3 Ta fram adressaterna anger")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(panel).to_be_focused()
    page.keyboard.press("Tab")
    expect(panel.get_by_role("link", name="Ange ståndpunkt")).to_be_focused()
    panel.get_by_role("button", name="Tillbaka").press("Enter")
    expect(button).to_be_focused()


def test_an_element_of_the_diagram_chooses_its_line_and_another_takes_its_place(
    pages: Installed, page: Page, address: str
) -> None:
    open_process(page, address)

    page.locator(f"{TASK} .djs-hit").first.click(force=True)
    first = page.get_by_role("button", name="Ange ståndpunkt")
    expect(first).to_be_focused()
    page.get_by_role("button", name="Förhandla", exact=False).last.click()

    expect(first).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".picked")).to_have_count(1)
    assert page.locator("[aria-pressed=true]").count() == 1


def test_the_numbers_stand_on_the_diagram_and_in_the_list_but_not_for_staff(
    pages: Installed, open_page: OpenPage, address: str
) -> None:
    manager, staff = open_page(), open_page()
    pages.clock.advance(days=30)
    open_process(manager, address)
    open_process(staff, address, REPORTER)

    mark = manager.locator(".standing-mark").first
    assert mark.inner_text() == "1 !"
    assert mark.evaluate("e => getComputedStyle(e).borderTopStyle") == "dashed"
    expect(manager.get_by_role("button", name="Ange ståndpunkt")).to_contain_text("1 ärende, 1 försenat")
    assert staff.locator(".standing-mark, .standing").count() == 0


def test_on_a_phone_the_list_comes_first_and_opens_in_place(
    pages: Installed, open_page: OpenPage, address: str
) -> None:
    page = open_page(width=360)
    open_process(page, address)

    page.get_by_role("button", name="Ange ståndpunkt").click()

    words = page.get_by_text("de som 3 Ta fram adressaterna anger").first
    expect(words).to_be_visible()
    above, below = words.bounding_box(), page.locator("[data-diagram]").bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]


def test_without_scripts_each_element_opens_by_itself(pages: Installed, open_page: OpenPage, address: str) -> None:
    page = open_page(java_script=False)
    sign_in(page, address, REPORTER)
    page.goto(address + LADDER)

    page.locator("summary", has_text="Ange ståndpunkt").click()

    expect(page.locator("li[data-element=standpunkt] dl")).to_contain_text("den dag som")
    expect(page.get_by_role("button", name="Skriv ut")).to_be_hidden()


def test_on_paper_the_diagram_is_whole_and_every_element_is_told(pages: Installed, page: Page, address: str) -> None:
    open_process(page, address)
    expect(page.get_by_role("button", name="Skriv ut")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.locator("img.on-paper")).to_be_visible()
    assert page.locator("img.on-paper").evaluate("e => e.complete && e.naturalWidth > 500")
    expect(page.locator("[data-diagram]")).to_be_hidden()
    expect(page.locator("li[data-element=standpunkt] dl")).to_be_visible()
    expect(page.get_by_role("navigation").first).to_be_hidden()


def test_the_case_s_list_and_its_diagrams_are_one_too(pages: Installed, page: Page, address: str) -> None:
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/instances/{pages.instance_id}")
    page.wait_for_selector("[data-diagram][data-state=shown]")

    page.locator(".way > summary").click()
    page.get_by_role("button", name="Ange ståndpunkt").press("Enter")

    expect(page.locator(f"{TASK}.picked")).to_have_count(1)
    expect(page.locator(f"{TASK}.mark-current")).to_have_count(1)
