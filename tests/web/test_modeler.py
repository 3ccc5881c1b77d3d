"""The diagram editor in a real browser, as a process owner uses it: with the keyboard alone, under the strict policy,
and without losing anything of a file."""

from collections import Counter
from collections.abc import Callable

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, OpenPage, TakePicture
from tests.web.conftest import REPORTER, Installed, sign_in
from tests.web.test_browser import faults

OWNER = "processagare"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
FILES = [*sorted((ROOT / "processes").glob("*.bpmn")), ROOT / "tests/engine/data/modeler.bpmn"]


def drawn(pages: Installed, page: Page, address: str, key: str = "eskalering") -> str:
    """The editor is open on a draft of the live process; returns the address of its file."""
    sent = pages.visitor(OWNER).send("/drafts", {"name": "Kortare frist", "kind": "process", "key": key})
    sign_in(page, address, OWNER)
    file = f"{sent.headers['Location']}/files/{key}.bpmn"
    page.goto(f"{address}{file}")
    page.wait_for_selector("#editor[data-checked]")
    return file


def saved(pages: Installed, file: str) -> etree._Element:
    return etree.fromstring(pages.visitor(OWNER).get(f"{file}/source").data)


def wait_for_save(page: Page, act: Callable[[], object]) -> None:
    """The act is done, and what it changed is saved and checked."""
    before = int(page.locator("#editor").get_attribute("data-checked") or 0)
    with page.expect_response(lambda answer: answer.request.method == "PUT") as kept:
        act()
    assert kept.value.status == 200
    page.wait_for_function("n => Number(document.getElementById('editor').dataset.checked) > n", arg=before)


def press_to(page: Page, name: str, *, limit: int = 60) -> None:
    """Tab until the thing of this name has focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const e = document.activeElement;"
            " return (e.labels?.[0]?.textContent || e.textContent || '').trim(); })()"
        )
        if name == focused:
            return
    raise AssertionError(f"{name} was not reached")


def test_a_task_is_changed_and_another_added_with_the_keyboard_alone(
    pages: Installed, page: Page, address: str, take_picture: TakePicture
) -> None:
    file = drawn(pages, page, address)
    step = page.locator("[data-choose=olost]")
    step.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#properties-heading")).to_be_focused()
    expect(step).to_have_attribute("aria-current", "true")

    press_to(page, "Namn")
    page.keyboard.press("Control+a")
    page.keyboard.type("Skriv ned tvisten")
    press_to(page, "Svar senast")
    page.keyboard.press("Control+a")
    wait_for_save(page, lambda: page.keyboard.type("P7BD"))
    expect(page.locator("#f-camunda-dueDate-preview")).to_contain_text("blir ")
    page.locator("[data-choose=olost]").focus()
    page.keyboard.press("Enter")
    press_to(page, "Lägg till efter …")
    page.keyboard.press("Enter")
    page.keyboard.type("Anv")
    page.keyboard.press("Tab")
    wait_for_save(page, lambda: page.keyboard.press("Enter"))
    expect(page.locator("#f-name")).to_be_focused()
    wait_for_save(page, lambda: page.keyboard.type("Underrätta nämnden"))

    root = saved(pages, file)
    task = root.find(f".//{BPMN}userTask[@id='olost']")
    assert task is not None
    assert (task.get("name"), task.get(f"{CAMUNDA}dueDate")) == ("Skriv ned tvisten", "P7BD")
    (added,) = root.findall(f".//{BPMN}userTask[@name='Underrätta nämnden']")
    into = [
        each.get("sourceRef") for each in root.iter(f"{BPMN}sequenceFlow") if each.get("targetRef") == added.get("id")
    ]
    out = [
        each.get("targetRef") for each in root.iter(f"{BPMN}sequenceFlow") if each.get("sourceRef") == added.get("id")
    ]
    assert (into, out) == (["olost"], ["delning"])
    take_picture(page, "modeler", for_docs=True)

    # What was done can be undone, from the keyboard too.
    page.locator("[data-choose=olost]").focus()
    page.keyboard.press("Control+z")
    wait_for_save(page, lambda: page.keyboard.press("Control+z"))
    assert saved(pages, file).findall(f".//{BPMN}userTask[@name='Underrätta nämnden']") == []


def test_mistakes_are_marked_and_explained_and_lead_to_their_elements(
    pages: Installed, page: Page, address: str, take_picture: TakePicture
) -> None:
    drawn(pages, page, address)
    page.locator("[data-choose=standpunkt]").click()
    wait_for_save(page, lambda: page.get_by_label("Svar senast").fill("P5XX"))
    expect(page.locator("#f-camunda-dueDate-error")).to_be_visible()
    page.locator("[data-choose=synlig]").click()
    wait_for_save(page, lambda: page.get_by_label("Uträkning (FEEL)").fill("=append(positions,"))

    expect(page.locator("#f-script-error")).to_be_visible()
    expect(page.locator("[data-part-of=problem-count]")).to_have_text("2 problem, 2 hindrar publicering")
    listed = page.locator(".problem-list")
    expect(listed).to_contain_text("Tiden ”P5XX” går inte att använda.")
    expect(listed).to_contain_text("går inte att läsa")
    assert page.locator(".djs-shape.is-refused").count() == 2
    assert page.locator(".problem-count").all_inner_texts() == ["1", "1"]
    take_picture(page, "modeler-problems", for_docs=True)
    page.locator(".problem-list").get_by_role("button", name="Ange ståndpunkt").press("Enter")
    expect(page.locator("#properties-heading")).to_contain_text("Ange ståndpunkt")


@pytest.mark.parametrize(("width", "language"), [(1280, "sv"), (360, "en")])
def test_the_editor_has_no_fault_and_does_not_scroll_sideways(
    pages: Installed, open_page: OpenPage, address: str, take_picture: TakePicture, width: int, language: str
) -> None:
    page = open_page(width=width)
    sent = pages.visitor(OWNER).send("/drafts", {"name": "Prov", "kind": "process", "key": "eskalering"})
    sign_in(page, address, OWNER)
    page.context.add_cookies([{"name": "language", "value": language, "url": address}])
    page.goto(f"{address}{sent.headers['Location']}/files/eskalering.bpmn")
    page.wait_for_selector("#editor[data-checked]")

    assert faults(page) == []
    parts = {"adressater": "In- och utdata", "forhandling": "Eskalering"} if width == 1280 else {"standpunkt": "Who"}
    for element, part in parts.items():
        page.locator(f"[data-choose={element}]").first.click()
        heading = page.get_by_role("button", name=part, exact=True)
        if heading.get_attribute("aria-expanded") == "false":
            heading.click()
        assert faults(page) == [], element
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), element
    take_picture(page, f"modeler-{width}")
    mark = page.locator(".bjs-powered-by")
    if width == 1280:
        expect(mark).to_be_visible()


def content(data: bytes) -> Counter[tuple[object, ...]]:
    """Every element with its attributes, its text and where it stands. What is drawn beside the flow is left out, since
    each tool writes its own; so are ways in and out, which the flows say too."""
    found: Counter[tuple[object, ...]] = Counter()
    for each in etree.fromstring(data).iter(etree.Element):
        around = each.getparent()
        name = etree.QName(each)
        if name.namespace and not name.namespace.startswith(
            ("http://www.omg.org/spec/BPMN/20100524/DI", "http://www.omg.org/spec/DD")
        ):
            place = None if around is None else (around.tag, around.get("id"))
            attributes = frozenset((key, value) for key, value in each.attrib.items())
            found[each.tag, attributes, (each.text or "").strip(), place] += 1
    return found


def test_nothing_is_lost_when_a_file_is_loaded_and_saved(pages: Installed, page: Page, address: str) -> None:
    drawn(pages, page, address, key="interim")

    lost = {}
    for path in FILES:
        given = path.read_text(encoding="utf-8")
        # Not saved to the draft: only what the editor would write.
        written = page.evaluate(
            "async xml => { const { modeler } = document.getElementById('editor');"
            " await modeler.importXML(xml); return (await modeler.saveXML({ format: true })).xml; }",
            given,
        )
        before, after = content(given.encode()), content(written.encode())
        lost[path.name] = [*(before - after), *(after - before)]

    assert {name: found for name, found in lost.items() if found} == {}


def test_what_the_editor_asks_is_closed_to_others_and_answers_odd_questions(pages: Installed) -> None:
    owner, other = pages.visitor(OWNER), pages.visitor(REPORTER)
    key = {"X-CSRFToken": owner.key("/drafts")}

    def ask(path: str, body: bytes) -> tuple[int, str]:
        answer = owner.client.post(path, data=body, headers=key)
        return answer.status_code, answer.text

    assert ask("/modeling/due", b'{"text": "P5BD"}')[1].startswith('{"words":"blir ')
    assert '"ok":false' in ask("/modeling/due", b'{"text": "P5XX"}')[1]
    assert ask("/modeling/due", b'{"text": "R/P1D", "kind": "cycle"}')[0] == 200
    assert '"ok":true' in ask("/modeling/expression", b'{"text": "=a + b", "kind": "feel"}')[1]
    for body in (b"", b"[]", b"{", b'{"text": 5}', b'{"text": "a\\u0000"}', b'{"text": "\\ud800"}', b"\xff"):
        for path in ("/modeling/due", "/modeling/expression"):
            status, _text = ask(path, body)
            assert 400 <= status < 500 or status == 200, (path, body)
    key = {"X-CSRFToken": other.key("/tasks")}
    assert other.client.post("/modeling/due", data=b'{"text": "P5BD"}', headers=key).status_code == 403
