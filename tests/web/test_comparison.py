"""What differs between versions, as pages: in words without scripts, on two drawings with them."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from flowsvc.domain.access import SYSTEM
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import deployments
from tests.conftest import ROOT, OpenPage, TakePicture
from tests.web.conftest import REPORTER, Installed, sign_in
from tests.web.test_browser import faults

OWNER = "processagare"
DIAGRAM = "eskalering.bpmn"
TABLE = "escalation-level.dmn"
FORM = "standpunkt.form"
ADDED = """<bpmn:userTask id="efter" name="Följ upp beslutet" camunda:candidateGroups="samordnare"
camunda:dueDate="P7BD">
<bpmn:incoming>f_start_frist</bpmn:incoming><bpmn:outgoing>f_efter_frist</bpmn:outgoing></bpmn:userTask>
<bpmn:sequenceFlow id="f_efter_frist" sourceRef="efter" targetRef="frist"/>"""


def changed(name: str) -> bytes:
    folder = "forms" if name.endswith(".form") else "processes"
    text = (ROOT / folder / name).read_text(encoding="utf-8")
    if name == TABLE:
        return text.replace("<text>5</text>", "<text>7</text>", 1).encode()
    if name == FORM:
        return text.replace('"Vad anser din part?"', '"Vad anser er part?"').encode()
    # The start's flow leads to a new task, and from there to where it led.
    flow = re.search(r'<bpmn:sequenceFlow id="f_start_frist"[^>]*>', text)
    assert flow is not None
    text = text.replace("<bpmn:incoming>f_start_frist<", "<bpmn:incoming>f_efter_frist<", 1)
    text = text.replace(flow[0], ADDED + flow[0].replace('targetRef="frist"', 'targetRef="efter"'))
    text = text.replace('name="Ange ståndpunkt"', 'name="Ange er ståndpunkt"')
    shape = (
        '<bpmndi:BPMNShape id="efter_di" bpmnElement="efter"><dc:Bounds x="200" y="700" width="110" height="80"/>'
        '</bpmndi:BPMNShape><bpmndi:BPMNEdge id="fe_di" bpmnElement="f_efter_frist"><di:waypoint x="255" y="700"/>'
        '<di:waypoint x="255" y="500"/></bpmndi:BPMNEdge></bpmndi:BPMNPlane>'
    )
    text = text.replace("</bpmndi:BPMNPlane>", shape, 1)
    place = r'(bpmnElement="olost"[^>]*>\s*<dc:Bounds x=")(\d+)'
    return re.sub(place, lambda found: f"{found[1]}{int(found[2]) + 60}", text).encode()


@pytest.fixture
def deployed(pages: Installed) -> Installed:
    """A second version of a diagram, a table and a form is live."""
    files = [SourceFile(each, changed(each)) for each in (DIAGRAM, TABLE, FORM)]
    deployments.deploy(pages.ctx, SYSTEM, files)
    return pages


def address_of(kind: str, key: str, **query: int) -> str:
    asked = "&".join(f"{name.rstrip('_')}={value}" for name, value in query.items())
    return f"/processes/{kind}/{key}/compare?{asked}"


def test_the_newest_version_is_compared_with_the_one_before_in_words(deployed: Installed) -> None:
    page = deployed.visitor(OWNER).get(address_of("process", "eskalering")).text

    assert "Vad som skiljer version 2 från version 1" in page
    assert "Följ upp beslutet" in page
    assert "7 arbetsdagar" in page
    assert "Ange er ståndpunkt" in page


def test_any_two_versions_are_compared_in_the_language_of_the_page(deployed: Installed) -> None:
    visitor = deployed.visitor(OWNER)
    visitor.send("/language", {"language": "en"})

    page = visitor.get(address_of("process", "eskalering", from_=2, to=1)).text

    assert "What differs in version 1 from version 2" in page
    assert "Removed" in page
    assert "Nothing differs." in visitor.get(address_of("process", "eskalering", from_=2, to=2)).text


def test_a_table_shows_its_cells_before_and_after(deployed: Installed) -> None:
    page = deployed.visitor(OWNER).get(address_of("decision", "escalation-level")).text

    assert re.search(r'<td data-mark="changed"><del><span class="unseen">Före: </span>5</del>', page)
    assert "Tidsgräns (arbetsdagar)" in page


def test_a_form_shows_its_fields(deployed: Installed) -> None:
    page = deployed.visitor(OWNER).get(address_of("form", "standpunkt")).text

    assert "Hjälptext" in page
    assert "Vad anser er part?" in page


@pytest.mark.parametrize("query", ["from=99", "to=0", "from=x", "to=" + "9" * 40, "from=-1"])
def test_a_version_that_does_not_exist_is_not_found(deployed: Installed, query: str) -> None:
    assert deployed.visitor(OWNER).get(f"/processes/process/eskalering/compare?{query}").status_code == 404


def test_what_does_not_exist_is_not_found_and_who_may_not_read_definitions_is_told_so(deployed: Installed) -> None:
    assert deployed.visitor(OWNER).get(address_of("form", "nej")).status_code == 404
    assert deployed.visitor(OWNER).get("/processes/x/eskalering/compare").status_code == 422
    assert deployed.visitor(REPORTER).get(address_of("process", "eskalering")).status_code in (200, 403)


def place_of(side: Locator) -> list[int]:
    """How large the drawing is and where it stands, in whole numbers."""
    matrix = side.locator(".viewport").get_attribute("transform") or ""
    size, x, y = (float(each) for each in (re.findall(r"-?[\d.]+", matrix)[n] for n in (0, 4, 5)))
    return [round(size * 100), round(x), round(y)]


def drawings(page: Page) -> None:
    page.wait_for_selector("[data-comparison][data-state=shown]")


def test_both_drawings_are_marked_and_follow_the_list_with_the_keyboard_alone(
    deployed: Installed, address: str, page: Page, take_picture: TakePicture
) -> None:
    sign_in(page, address, OWNER)
    page.goto(address + address_of("process", "eskalering"))
    drawings(page)
    old, new = page.locator(".compared-side").nth(0), page.locator(".compared-side").nth(1)

    assert new.locator(".compared-added").count() == 2
    assert old.locator(".compared-added").count() == 0
    assert old.locator(".compared-changed[data-element-id=standpunkt]").count() == 1
    assert new.locator(".compared-moved[data-element-id=olost]").count() == 1
    assert new.locator(".compared-badge[data-mark=added]").count() == 2

    page.get_by_role("button", name="Visa i diagrammet: Ange er ståndpunkt").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="Ändrat: Ange er ståndpunkt")).to_be_attached()
    assert old.locator(".compared-chosen[data-element-id=standpunkt]").count() == 1
    views = [place_of(each) for each in (old, new)]
    assert views[0] == views[1]
    old.focus()
    page.keyboard.press("ArrowRight")
    moved = [place_of(each) for each in (old, new)]
    assert moved[0] == moved[1] != views[0]
    take_picture(page, "compare-1280")
    assert faults(page) == []


@pytest.mark.parametrize("path", [address_of("decision", "escalation-level"), address_of("process", "eskalering")])
def test_a_phone_shows_the_comparison_without_scrolling_sideways(
    deployed: Installed, address: str, open_page: OpenPage, take_picture: TakePicture, path: str
) -> None:
    page = open_page(width=360)
    sign_in(page, address, OWNER)
    page.goto(address + path)
    if "process/" in path:
        drawings(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(page) == []
    take_picture(page, f"compare-360-{Path(path).parent.name}")


def test_without_scripts_the_list_says_it_all(deployed: Installed, address: str, open_page: OpenPage) -> None:
    page = open_page(java_script=False)
    sign_in(page, address, OWNER)
    page.goto(address + address_of("process", "eskalering"))

    expect(page.get_by_text("Följ upp beslutet", exact=True)).to_be_visible()
    assert page.get_by_role("button", name=re.compile("Visa i diagrammet")).count() == 0


def test_the_release_page_shows_what_differs_from_the_live_version(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    draft = visitor.send("/drafts", {"name": "Längre", "kind": "decision", "key": "escalation-level"}).headers[
        "Location"
    ]
    visitor.send(f"{draft}/files/{TABLE}/source-text", {"source": changed(TABLE).decode(), "revision": "1"})

    page = visitor.get(f"{draft}/release").text

    assert re.search(r'<td data-mark="changed"><del><span class="unseen">Före: </span>5</del>', page)


CAMUNDA_8 = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t"><bpmn:process id="ny" isExecutable="true">
<bpmn:startEvent id="start"/><bpmn:serviceTask id="betala" name="Betala ut"><bpmn:extensionElements>
<zeebe:taskDefinition type="pay"/><zeebe:adHoc/></bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="end"/>
<bpmn:sequenceFlow id="a" sourceRef="start" targetRef="betala"/>
<bpmn:sequenceFlow id="b" sourceRef="betala" targetRef="end"/></bpmn:process></bpmn:definitions>"""


def test_an_imported_diagram_of_another_engine_is_converted_with_a_report_and_the_original_kept(
    pages: Installed,
) -> None:
    visitor = pages.visitor(OWNER)
    draft = visitor.send("/drafts", {"name": "Nytt"}).headers["Location"]

    sent = visitor.send(f"{draft}/files", {"files": (BytesIO(CAMUNDA_8.encode()), "ny.bpmn")})

    assert sent.headers["Location"] == f"{draft}/files/ny.bpmn/conversion"
    report = visitor.get(sent.headers["Location"]).text
    assert "zeebe:adHoc togs inte med" in report
    assert "zeebe:taskDefinition pay är nu camunda:topic." in report
    assert b'camunda:topic="pay"' in visitor.get(f"{draft}/files/ny.bpmn/source").data
    assert "Se hur ny.bpmn omvandlades" in visitor.get(draft).text
    history = visitor.get(f"{draft}/files/ny.bpmn/history").text
    assert "Omvandlad från Camunda 8" in history
    visitor.send(f"{draft}/files/ny.bpmn/take-back", {"revision": "1", "current": "2"})
    assert visitor.get(f"{draft}/files/ny.bpmn/source").data == CAMUNDA_8.encode()


def test_a_file_that_was_never_converted_has_no_report(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    draft = visitor.send("/drafts", {"name": "X", "kind": "decision", "key": "triage"}).headers["Location"]

    assert visitor.get(f"{draft}/files/triage.dmn/conversion").status_code == 404
