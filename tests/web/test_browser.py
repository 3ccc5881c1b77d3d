"""The pages in a real browser: without faults by axe, with the keyboard alone, without scripts, on a phone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import OpenPage, TakePicture
from tests.web.conftest import MANAGER, PROPOSE, REPORTER, Installed, sign_in

AXE = Path(__file__).resolve().parents[2] / "src/flowsvc/web/frontend/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PDF = {"name": "underlag.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}


def faults(page: Page) -> list[str]:
    """What axe finds, each with the element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    # Every rule is tried all the same; telling of what passed would take twice as long as trying.
    found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS)
    return [f"{each['id']}: {node['html'][:120]}" for each in found["violations"] for node in each["nodes"]]


def press_until(page: Page, name: str, *, limit: int = 80) -> None:
    """Tab until the thing of this name has focus, as somebody without a mouse does."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const e = document.activeElement;"
            " return (e.labels?.[0]?.textContent || e.textContent || '').trim(); })()"
        )
        if name in focused:
            return
    raise AssertionError(f"{name} was not reached")


@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_has_a_fault_or_scrolls_sideways(
    pages: Installed, open_page: OpenPage, address: str, take_picture: TakePicture, width: int
) -> None:
    page = open_page(width=width)
    page.goto(f"{address}/sign-in")
    assert faults(page) == []
    sign_in(page, address, MANAGER)
    visited = {
        "inbox": "/tasks",
        "group": "/tasks/group",
        "start": "/start",
        "cases": "/instances",
        "escalations": "/escalations",
        "agreements": "/agreements",
        "calendar": "/calendar",
        "notices": "/notices",
        "settings": "/settings",
        "no-reports": "/reports",
        "agreement": "/agreements/placerade-barn",
        "nowhere": "/nowhere",
    }
    for name, path in visited.items():
        page.goto(address + path)
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        take_picture(page, f"{name}-{width}")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_case_and_its_forms_have_no_fault_and_do_not_scroll_sideways(
    pages: Installed, open_page: OpenPage, address: str, take_picture: TakePicture, width: int
) -> None:
    page = open_page(width=width)
    sign_in(page, address, REPORTER)
    visited = {
        "case": f"/instances/{pages.instance_id}",
        "task": f"/tasks/{pages.task(PROPOSE)}",
        "told": "/notices",
        "reports": "/reports",
        "hand-over": f"/tasks/{pages.task(PROPOSE)}/hand-over",
    }
    for name, path in visited.items():
        page.goto(address + path)
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        take_picture(page, f"{name}-{width}")
    page.goto(f"{address}/start")
    page.get_by_role("listitem").get_by_role("link", name="Avvikelse").click()
    page.get_by_role("button", name="Skicka anmälan").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("Fel: ")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    take_picture(page, f"form-{width}")


def test_everything_to_press_is_large_enough_for_a_finger(pages: Installed, open_page: OpenPage, address: str) -> None:
    page = open_page(width=360)
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/tasks/{pages.task(PROPOSE)}")

    small = page.evaluate(
        "[...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary')]"
        ".filter(e => e.checkVisibility() && !e.classList.contains('unseen'))"
        ".filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 90))"
    )

    assert small == []


def test_a_task_is_done_with_the_keyboard_alone(pages: Installed, page: Page, address: str) -> None:
    task = pages.task(PROPOSE)
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/tasks/{task}")

    press_until(page, "Hoppa till innehållet")
    page.keyboard.press("Enter")
    press_until(page, "Interimistiskt ansvarig")
    page.keyboard.press("ArrowDown")
    press_until(page, "Motivering")
    page.keyboard.type("Vi har barnet hos oss.")
    press_until(page, "Skicka")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Tack, det är skickat")


def test_a_task_is_done_without_scripts(pages: Installed, open_page: OpenPage, address: str) -> None:
    page = open_page(java_script=False)
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/tasks/group")
    page.get_by_role("link", name=PROPOSE).first.click()
    page.get_by_label("Motivering").fill("Vi har barnet hos oss.")
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.get_by_role("status").first).to_contain_text("Utkastet är sparat.")

    expect(page.get_by_label("Motivering")).to_have_value("Vi har barnet hos oss.")
    page.get_by_role("combobox", name="Interimistiskt ansvarig").select_option(index=1)
    page.get_by_role("button", name=re.compile("^Skicka")).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Tack, det är skickat")


def test_a_report_is_filled_in_without_scripts(pages: Installed, open_page: OpenPage, address: str) -> None:
    page = open_page(java_script=False)
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/start")
    page.get_by_role("listitem").get_by_role("link", name="Avvikelse").click()

    page.get_by_label("Ansvar", exact=True).check()
    page.get_by_role("button", name="Uppdatera frågorna").click()
    expect(page.get_by_label("Önskat resultat")).to_be_visible()
    page.get_by_role("button", name="Lägg till rad").click()
    expect(page.get_by_label("Enhet hos annan part")).to_be_visible()
    page.locator("input[type=file]").set_input_files(PDF)  # type: ignore[arg-type]  # its stub wants a TypedDict
    page.get_by_role("button", name="Spara utkast").click()

    expect(page.get_by_label("Ansvar", exact=True)).to_be_checked()
    expect(page.get_by_text("underlag.pdf").first).to_be_visible()


def test_questions_come_while_one_writes_and_focus_stays(pages: Installed, page: Page, address: str) -> None:
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/start")
    page.get_by_role("listitem").get_by_role("link", name="Avvikelse").click()

    page.get_by_label("Ansvar", exact=True).focus()
    page.keyboard.press("Space")

    expect(page.get_by_label("Önskat resultat")).to_be_visible()
    expect(page.get_by_label("Ansvar", exact=True)).to_be_focused()

    page.get_by_role("button", name="Lägg till rad").click()
    expect(page.get_by_label("Enhet hos annan part")).to_be_focused()

    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Önskat resultat").fill("Ett beslut om ansvar.")
    expect(page.locator("[data-saved]")).to_have_text(re.compile("Utkastet sparades"))
    page.reload()
    expect(page.get_by_label("Önskat resultat")).to_have_value("Ett beslut om ansvar.")


def test_claiming_in_the_list_is_said_aloud_without_a_new_page(pages: Installed, page: Page, address: str) -> None:
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/tasks/group")
    page.evaluate("window.stayed = true")

    page.get_by_role("button", name=re.compile(f"Ta uppgiften.*{PROPOSE}")).first.click()

    expect(page.get_by_role("status")).to_contain_text("Du har tagit uppgiften.")
    assert page.evaluate("window.stayed") is True
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_frame_of_a_page_reads_in_order(pages: Installed, page: Page, address: str) -> None:
    sign_in(page, address, MANAGER)

    expect(page.locator("body")).to_match_aria_snapshot(
        """
        - link "Hoppa till innehållet"
        - region "Demonstration"
        - banner:
          - link "flowsvc"
          - search
          - group
          - navigation "Huvudmeny":
            - list:
              - listitem:
                - link "Uppgifter"
              - listitem:
                - link "Ärenden"
              - listitem:
                - link "Eskaleringar"
              - listitem:
                - link "Starta ärende"
        - main:
          - heading "Mina uppgifter" [level=1]
        - contentinfo
        """
    )


def test_a_form_reads_with_its_questions_tied_to_their_answers(pages: Installed, page: Page, address: str) -> None:
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/start")
    page.get_by_role("listitem").get_by_role("link", name="Avvikelse").click()

    expect(page.get_by_role("group", name="Typ", exact=True)).to_match_aria_snapshot(
        """
        - group "Typ":
          - radio "Ansvar"
          - radio "Kostnad"
        """
    )
    expect(page.get_by_role("textbox", name=re.compile("Beskriv utan personuppgifter"))).to_have_accessible_description(
        re.compile("Skriv inga namn")
    )


def test_a_diagram_shows_where_the_case_is_under_the_policy(pages: Installed, page: Page, address: str) -> None:
    sign_in(page, address, REPORTER)
    page.goto(f"{address}/instances/{pages.instance_id}")

    page.wait_for_selector("[data-diagram][data-state=shown]")
    assert page.locator(".mark-current").count() > 0


def test_a_page_at_double_size_does_not_scroll_sideways(pages: Installed, open_page: OpenPage, address: str) -> None:
    # 200 % zoom of a window 1280 wide has the room of 640.
    page = open_page(width=640)
    sign_in(page, address, MANAGER)

    for path in ("/tasks", "/escalations", "/start"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
