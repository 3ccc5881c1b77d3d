"""What the tests of the editors share: a draft with one file in it, its editor in a browser, the words of a
page."""

from playwright.sync_api import Page, expect

from flowsvc.domain.access import SYSTEM
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import draft_files, model_drafts
from tests.conftest import ROOT
from tests.web.conftest import Installed, sign_in

OWNER = "processagare"
AXE = ROOT / "src/flowsvc/web/frontend/node_modules/axe-core/axe.min.js"
SEEN = """() => {
  const texts = [], walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    const isWords = at.closest('script, style, option:not(:checked), textarea') === null;
    if (isWords && at.checkVisibility()) texts.push(walk.currentNode.data);
  }
  for (const each of document.querySelectorAll('main *'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
      if (each.hasAttribute(name) && each.checkVisibility()) texts.push(each.getAttribute(name));
  return texts.map((each) => each.trim()).filter(Boolean);
}"""
"""Every text that is seen or heard in the page."""


def draft_with(pages: Installed, name: str, source: bytes | None = None) -> str:
    """The id of a draft that has the shipped file, or what is given under its name."""
    folder = "processes" if name.endswith(".dmn") else "forms"
    data = (ROOT / folder / name).read_bytes() if source is None else source
    draft_id = model_drafts.create_draft(pages.ctx, SYSTEM, name="Kortare tider")
    draft_files.import_files(pages.ctx, SYSTEM, draft_id, files=[SourceFile(name, data)])
    return draft_id


def open_editor(page: Page, address: str, draft_id: str, name: str) -> None:
    """The page shows the editor of the file, signed in as a process owner."""
    sign_in(page, address, OWNER)
    page.goto(f"{address}/drafts/{draft_id}/files/{name}")
    expect(page.locator("#editor[data-state='ready']")).to_be_attached()


def saved(pages: Installed, draft_id: str, name: str) -> str:
    """What the draft's file says."""
    return model_drafts.file_of(pages.ctx, SYSTEM, draft_id, name).source.decode()


def faults_of(page: Page) -> list[str]:
    """What axe finds wrong with the page."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then((r) => r.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`))")
    return [str(each) for each in found]
