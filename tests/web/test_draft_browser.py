"""Drafts in a real browser: every state of the release page without a fault, and editors that save by themselves."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import deployments, draft_files, model_drafts, releasing
from flowsvc.usecases.context import Context
from flowsvc.web import create_web
from tests.conftest import ROOT, OpenPage, TakePicture
from tests.usecases import office
from tests.web.conftest import Installed, settings, sign_in
from tests.web.test_browser import faults

DRAFTING = ROOT / "src/flowsvc/web/frontend/src/drafting.js"
OWNER, OTHER = "processagare", "processagare.region"
TABLE = "bidrag-niva"


@pytest.fixture
def pages(pages: Installed) -> Installed:
    """As outside a demonstration: a second person approves."""
    ctx = replace(pages.ctx, approvals=1)
    return replace(pages, ctx=ctx, app=create_web(ctx, settings()))


def draft(ctx: Context, name: str, old: bytes = b"", new: bytes = b"", key: str = TABLE) -> str:
    """The id of a draft with the table in it, changed where it is said how."""
    owner = office.as_post(ctx, OWNER)
    found = model_drafts.create_draft(ctx, owner, name=name, kind=DefinitionKind.DECISION, key=key)
    if old:
        source = model_drafts.file_of(ctx, owner, found, f"{key}.dmn").source
        assert old in source
        model_drafts.save_file(ctx, owner, found, f"{key}.dmn", source.replace(old, new), revision=1)
    return found


def submitted(ctx: Context, name: str, new: bytes) -> tuple[str, str]:
    """The id and the content of a draft that waits for approval."""
    owner, found = office.as_post(ctx, OWNER), draft(ctx, name, b">30<", new)
    content = releasing.release_page(ctx, owner, found).content
    releasing.submit_draft(ctx, owner, found, note="Avtalet ändras vid årsskiftet.", content=content)
    return found, content


def in_each_state(ctx: Context) -> dict[str, str]:
    """A draft of each state by the name of the state."""
    owner, other = office.as_post(ctx, OWNER), office.as_post(ctx, OTHER)
    released, content = submitted(ctx, "Kortare tid i avtalet", b">28<")
    releasing.approve_draft(ctx, other, released, content=content)
    releasing.release_draft(ctx, owner, released, note="Avtalet ändras vid årsskiftet.", content=content)
    overtaken = draft(ctx, "Ännu kortare tid", b">28<", b">27<")
    source = model_drafts.file_of(ctx, owner, overtaken, f"{TABLE}.dmn").source
    newer = SourceFile(f"{TABLE}.dmn", source.replace(b">27<", b">30<"))
    deployments.deploy(replace(ctx, approvals=0), SYSTEM, [newer])
    approved, content = submitted(ctx, "Höjt tak", b">35<")
    releasing.approve_draft(ctx, other, approved, content=content)
    empty = model_drafts.create_draft(ctx, owner, name="Tomt")
    changed = draft(ctx, "Ny blankett och kortare tid", b">30<", b">25<")
    draft_files.add_new_file(ctx, owner, changed, kind=DefinitionKind.FORM, name="Uppföljning")
    return {
        "empty": empty,
        "refused": draft(ctx, "Fel i tabellen", b'hitPolicy="', b'hitPolicy="X'),
        "same": draft(ctx, "Inget ändrat"),
        "open": changed,
        "waiting": submitted(ctx, "Väntar", b">20<")[0],
        "approved": approved,
        "overtaken": overtaken,
        "released": released,
    }


def seen(page: Page, name: str, take_picture: TakePicture) -> None:
    """The page has no fault and does not scroll sideways."""
    take_picture(page, name)
    assert faults(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(("username", "width"), [(OWNER, 1280), (OTHER, 360)])
def test_drafts_have_no_fault_in_any_state(
    pages: Installed, open_page: OpenPage, address: str, take_picture: TakePicture, username: str, width: int
) -> None:
    states = in_each_state(pages.ctx)
    page = open_page(width=width)
    sign_in(page, address, username)
    page.goto(f"{address}/drafts")
    seen(page, f"drafts-{width}", take_picture)
    for state, draft_id in states.items():
        page.goto(f"{address}/drafts/{draft_id}/release")
        seen(page, f"release-{state}-{width}", take_picture)
    for name, path in {
        "draft": states["open"],
        "draft-refused": states["refused"],
        "draft-released": states["released"],
        "draft-history": f"{states['open']}/files/{TABLE}.dmn/history",
    }.items():
        page.goto(f"{address}/drafts/{path}")
        seen(page, f"{name}-{width}", take_picture)


def editing(page: Page, address: str, path: str) -> Locator:
    """The text area of the file's page, kept by drafting.js as the editors are."""
    page.route("**/drafting.js", lambda route: route.fulfill(path=DRAFTING, content_type="text/javascript"))
    page.goto(address + path)
    page.evaluate(
        """async () => {
            for (const each of document.querySelectorAll('details')) each.open = true;
            const area = document.getElementById('source');
            const { drafting } = await import('/static/drafting.js');
            const kept = drafting(document.getElementById('editor'), {
                read: () => area.value,
                onProblems: (found) => { document.title = found.map((each) => each.what).join(); },
            });
            area.value = await kept.load();
            area.addEventListener('input', () => kept.changed());
        }"""
    )
    return page.locator("#source")


@pytest.fixture
def file(pages: Installed) -> str:
    """The page of the table in a new draft."""
    return f"/drafts/{draft(pages.ctx, 'Kortare tid')}/files/{TABLE}.dmn"


def kept(pages: Installed, file: str) -> tuple[int, bytes]:
    """The revision and the text that the server has."""
    _empty, _drafts, draft_id, _files, name = file.split("/")
    found = model_drafts.file_of(pages.ctx, office.as_post(pages.ctx, OWNER), draft_id, name)
    return found.revision, found.source


def test_what_is_typed_is_saved_by_itself_and_checked(pages: Installed, page: Page, address: str, file: str) -> None:
    sign_in(page, address, OWNER)
    area = editing(page, address, file)

    area.fill(area.input_value().replace(">30<", ">25<").replace('hitPolicy="', 'hitPolicy="X'))

    expect(page.locator("#save-status")).to_have_text(re.compile("^Sparat "))
    expect(page).to_have_title(re.compile("Träffregeln"))
    revision, text = kept(pages, file)
    assert revision == 2
    assert b">25<" in text


def test_ctrl_s_and_leaving_the_page_save_at_once(pages: Installed, page: Page, address: str, file: str) -> None:
    sign_in(page, address, OWNER)
    area = editing(page, address, file)
    page.clock.install()
    area.fill(area.input_value().replace(">30<", ">25<"))

    with page.expect_request_finished(lambda request: request.method == "PUT"):
        page.keyboard.press("Control+s")
    assert kept(pages, file)[0] == 2
    area.fill(area.input_value().replace(">25<", ">20<"))
    page.goto(f"{address}/drafts")

    # What a page sends as it goes may come after the next page.
    assert any(page.request.get(f"{address}{file}/source").headers["etag"] == '"3"' for _ask in range(100))
    assert b">20<" in kept(pages, file)[1]


def test_the_second_of_two_tabs_is_told_and_keeps_the_text_in_a_draft_of_its_own(
    pages: Installed, open_page: OpenPage, address: str, file: str
) -> None:
    one, other = open_page(), open_page(width=360)
    sign_in(one, address, OWNER)
    sign_in(other, address, OTHER)
    mine, theirs = editing(one, address, file), editing(other, address, file)
    mine.fill(mine.input_value().replace(">30<", ">25<"))
    expect(one.locator("#save-status")).to_have_text(re.compile("^Sparat "))

    theirs.fill(theirs.input_value().replace(">30<", ">20<"))

    expect(other.locator("#save-conflict")).to_contain_text(f"Gun Lind sparade {TABLE}.dmn")
    assert faults(other) == []
    assert b">25<" in kept(pages, file)[1]
    other.get_by_role("button", name="Spara min som ett eget utkast").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Kortare tid (kopia)")
    assert b">20<" in kept(pages, f"{other.url.removeprefix(address)}/files/{TABLE}.dmn")[1]


def test_an_earlier_save_is_taken_back_with_the_keyboard(pages: Installed, page: Page, address: str, file: str) -> None:
    before = kept(pages, file)[1]
    actor, draft_id = office.as_post(pages.ctx, OWNER), file.split("/")[2]
    changed = before.replace(b">30<", b">25<")
    model_drafts.save_file(pages.ctx, actor, draft_id, f"{TABLE}.dmn", changed, revision=1, why="Prov")
    sign_in(page, address, OWNER)
    page.goto(f"{address}{file}/history")

    page.get_by_label("Gör filen som den var").select_option("1")
    page.get_by_role("button", name="Ta tillbaka").press("Enter")

    expect(page.get_by_text("Filen är som den var då.")).to_be_visible()
    assert kept(pages, file) == (3, before)
