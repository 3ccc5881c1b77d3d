"""The diagram island in a real browser, under the policy that flowsvc sends with every page."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import OpenPage, TakePicture

DIST = Path(__file__).resolve().parents[2] / "src/flowsvc/web/static/dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:d="http://www.omg.org/spec/DD/20100524/DI"
  targetNamespace="x">
<process id="p"><startEvent id="start"/>
<userTask id="svara" name="Ange ståndpunkt"/><userTask id="lyft" name="Lyft frågan"/>
<sequenceFlow id="f1" sourceRef="start" targetRef="svara"/>
<sequenceFlow id="f2" sourceRef="svara" targetRef="lyft"/></process>
<di:BPMNDiagram><di:BPMNPlane bpmnElement="p">
<di:BPMNShape bpmnElement="start"><dc:Bounds x="100" y="100" width="36" height="36"/></di:BPMNShape>
<di:BPMNShape bpmnElement="svara"><dc:Bounds x="200" y="78" width="100" height="80"/></di:BPMNShape>
<di:BPMNShape bpmnElement="lyft"><dc:Bounds x="360" y="78" width="100" height="80"/></di:BPMNShape>
<di:BPMNEdge bpmnElement="f1"><d:waypoint x="136" y="118"/><d:waypoint x="200" y="118"/></di:BPMNEdge>
<di:BPMNEdge bpmnElement="f2"><d:waypoint x="300" y="118"/><d:waypoint x="360" y="118"/></di:BPMNEdge>
</di:BPMNPlane></di:BPMNDiagram></definitions>"""


def page_of(url: str) -> str:
    manifest = json.loads((DIST / "manifest.json").read_text())
    marks = '{"start": "done", "f1": "done", "svara": "late", "lyft": "current", "gone": "done", "p": "other"}'
    styles = "".join(f'<link rel="stylesheet" href="/{manifest[name]}">' for name in ("app.css", "viewer.css"))
    scripts = "".join(f'<script type="module" src="/{manifest[name]}"></script>' for name in ("page.js", "viewer.js"))
    return (
        f'<!doctype html><html lang="sv"><meta charset="utf-8"><title>t</title>{styles}'
        f"<main><div data-diagram=\"{url}\" data-marks='{marks}'></div></main>{scripts}</html>"
    )


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.strip("/")
        kinds = {".css": "text/css", ".js": "text/javascript"}
        if name == "diagram.xml":
            self.answer(200, "application/xml", DIAGRAM.encode())
        elif name in {"shown", "broken"}:
            body = page_of("/diagram.xml" if name == "shown" else "/missing.xml")
            self.answer(200, "text/html; charset=utf-8", body.encode())
        elif (DIST / name).is_file() and name:
            self.answer(200, kinds[Path(name).suffix], (DIST / name).read_bytes())
        else:
            self.answer(404, "text/plain", b"")

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def open_shown(page: Page, address: str) -> None:
    page.goto(f"{address}/shown")
    page.wait_for_selector("[data-state=shown]")


def test_a_diagram_is_one_named_picture_without_a_tab_stop(page: Page, address: str) -> None:
    open_shown(page, address)

    svg = page.locator("[data-diagram] svg").first
    assert svg.get_attribute("role") == "img"
    assert "lista" in (svg.get_attribute("aria-label") or "")
    assert page.locator("[data-diagram] [tabindex]").count() == 0


def test_marks_stand_on_their_elements(page: Page, address: str, take_picture: TakePicture) -> None:
    open_shown(page, address)
    take_picture(page, "viewer")

    def stroke(element_id: str) -> str:
        shape = f"[data-element-id={element_id}] .djs-visual > :first-child"
        return str(page.eval_on_selector(shape, "e => getComputedStyle(e).stroke"))

    assert page.locator("[data-element-id=svara].mark-late").count() == 1
    assert page.locator("[data-element-id=lyft].mark-current").count() == 1
    assert len({stroke("start"), stroke("svara"), stroke("lyft")}) == 3


def test_the_whole_diagram_fits_a_phone_and_can_be_enlarged_by_buttons(open_page: OpenPage, address: str) -> None:
    page = open_page(width=360)
    open_shown(page, address)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("[data-element-id=lyft]").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 360

    page.get_by_role("button", name="Större").click()
    larger = page.locator("[data-element-id=lyft]").bounding_box()
    assert larger is not None
    assert larger["width"] > box["width"]


def test_a_diagram_that_cannot_be_had_says_so_in_words(page: Page, address: str) -> None:
    page.goto(f"{address}/broken")
    page.wait_for_selector("[data-state=failed]")

    assert "kunde inte visas" in page.get_by_role("status").inner_text()
