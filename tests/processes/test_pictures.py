"""Every shipped diagram opens in bpmn-js without a warning; its picture goes to docs/images/processes."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import ROOT, TakePicture

VIEWER = ROOT / "src/flowsvc/web/frontend/node_modules/bpmn-js/dist/bpmn-viewer.production.min.js"
DIAGRAMS = sorted((ROOT / "processes").glob("*.bpmn"))

SHOW = """async xml => {
  const canvas = document.body.appendChild(document.createElement('div'));
  canvas.style.height = '900px';
  const viewer = new BpmnJS({ container: canvas });
  const { warnings } = await viewer.importXML(xml);
  const { svg } = await viewer.saveSVG();
  document.body.style.margin = 0;
  document.body.innerHTML = svg.slice(svg.indexOf('<svg'));
  const box = document.querySelector('svg').viewBox.baseVal;
  const [width, height] = [box.width, box.height].map(Math.ceil);
  return { warnings: warnings.map(each => each.message), width, height };
}"""


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_opens_in_the_viewer(path: Path, page: Page, take_picture: TakePicture) -> None:
    page.set_content('<!doctype html><html lang="sv"><body></body></html>')
    page.add_script_tag(path=VIEWER)

    shown = page.evaluate(SHOW, path.read_text("utf-8"))

    assert shown["warnings"] == []
    assert shown["width"] > 500
    page.set_viewport_size({"width": shown["width"], "height": shown["height"]})
    take_picture(page, f"processes/{path.stem}", for_docs=True)
