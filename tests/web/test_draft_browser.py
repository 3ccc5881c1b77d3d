"""Drafts in a real browser: every state of the release page without a fault, and editors that save by themselves."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import deployments, draft_files, model_drafts, releasing
from flowsvc.usecases.context import Context
from flowsvc.web import create_web
from tests.conftest import OpenPage, TakePicture
from tests.usecases import office
from tests.web.conftest import Installed, settings, sign_in
from tests.web.test_browser import faults

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
