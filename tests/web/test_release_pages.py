"""The release of a draft as pages: the difference, approval by a second person, earlier versions, and other hands."""

import re
from dataclasses import replace
from io import BytesIO

import pytest

from flowsvc.web import create_web
from tests.engine.test_converting import element, in_line, zeebe
from tests.usecases.test_deployments import form
from tests.web.conftest import REPORTER, Installed, Visitor, settings
from tests.web.programs import program, refused
from tests.web.test_draft_pages import OTHER, OWNER, drafted, put


@pytest.fixture
def strict(pages: Installed) -> Installed:
    """As outside a demonstration: a second person approves."""
    ctx = replace(pages.ctx, approvals=1)
    return replace(pages, ctx=ctx, app=create_web(ctx, settings()))


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None
    return found[1]


def fields(visitor: Visitor, draft: str, **more: str) -> dict[str, str]:
    """What the release page's form would send."""
    text = visitor.get(f"{draft}/release").text
    names = [name for name in ("content", "_key") if f'name="{name}"' in text]
    return {name: hidden(text, name) for name in names} | more


def changed(visitor: Visitor, days: bytes = b"25") -> str:
    """A draft in which the table says otherwise."""
    draft = drafted(visitor)
    file = f"{draft}/files/bidrag-niva.dmn/source"
    text = visitor.get(file).data
    assert put(visitor, file, text.replace(b">30<", b">" + days + b"<"), 1).status_code == 200
    return draft


def submitted(visitor: Visitor) -> tuple[str, dict[str, str]]:
    draft = changed(visitor)
    form_fields = fields(visitor, draft, note="Avtalet ändras")
    assert visitor.send(f"{draft}/submit", form_fields).status_code == 303
    return draft, form_fields


def test_the_page_shows_check_difference_and_button(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    draft = changed(visitor)

    page = visitor.get(f"{draft}/release").text

    assert "Inget att rätta." in page
    assert "Ändrad sedan version 1" in page
    assert "<ins>" in page
    assert visitor.send(f"{draft}/release", fields(visitor, draft)).status_code == 303
    assert "Publicerat: " in visitor.get(f"{draft}/release").text
    assert "Vad som ändrades" in visitor.get(f"{draft}/release").text


def test_a_second_owner_reads_why_and_approves_and_the_first_releases(strict: Installed) -> None:
    one, other = strict.visitor(OWNER), strict.visitor(OTHER)
    draft, sent = submitted(one)
    assert ">Godkänn<" not in one.get(f"{draft}/release").text
    assert one.send(f"{draft}/approve", sent).status_code == 403
    assert one.send(f"{draft}/release", sent).status_code == 409
    page = other.get(f"{draft}/release").text

    assert "Avtalet ändras" in page
    assert ">Godkänn<" in page
    assert other.send(f"{draft}/approve", sent).status_code == 303
    assert one.send(f"{draft}/release", sent).status_code == 303
    assert one.send(f"{draft}/release", sent).status_code == 303
    assert "Alva Sten" in one.get(f"{draft}/release").text


def test_a_note_is_required_where_somebody_is_to_approve(strict: Installed) -> None:
    visitor = strict.visitor(OWNER)
    draft = changed(visitor)

    assert visitor.send(f"{draft}/submit", fields(visitor, draft, note=" ")).status_code == 422


def test_what_is_sent_back_is_open_again_with_the_reason(strict: Installed) -> None:
    one, other = strict.visitor(OWNER), strict.visitor(OTHER)
    draft, _sent = submitted(one)

    assert other.send(f"{draft}/send-back", {"reason": ""}).status_code == 422
    assert other.send(f"{draft}/send-back", {"reason": "Fel belopp"}).status_code == 303

    assert "Fel belopp" in one.get(draft).text
    assert "Be om godkännande" in one.get(f"{draft}/release").text


def test_a_change_in_another_tab_after_the_approval_stops_the_release(strict: Installed) -> None:
    one, other = strict.visitor(OWNER), strict.visitor(OTHER)
    draft, sent = submitted(one)
    other.send(f"{draft}/approve", sent)
    file = f"{draft}/files/bidrag-niva.dmn/source"

    put(one, file, one.get(file).data.replace(b">25<", b">24<"), 2)

    assert one.send(f"{draft}/release", sent).status_code == 409
    assert other.send(f"{draft}/approve", sent).status_code == 409
    assert one.send(f"{draft}/release", fields(one, draft, note="x")).status_code == 409


def test_an_earlier_version_is_restored_by_way_of_a_draft(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    draft = changed(visitor)
    visitor.send(f"{draft}/release", fields(visitor, draft))

    sent = visitor.send("/processes/decision/bidrag-niva/restore", {"version": "1"})

    back = sent.headers["Location"].removesuffix("/release")
    assert "Ändrad sedan version 2" in visitor.get(f"{back}/release").text
    assert visitor.send(f"{back}/release", fields(visitor, back)).status_code == 303
    for version in ("", "0", "x", "9" * 20):
        answer = visitor.send("/processes/decision/bidrag-niva/restore", {"version": version})
        assert answer.status_code == 422, version
    assert visitor.send("/processes/decision/bidrag-niva/restore", {"version": "99"}).status_code == 404
    assert visitor.send("/processes/nagot/bidrag-niva/restore", {"version": "1"}).status_code == 422


def test_a_newer_live_version_is_shown_and_taken_as_ground(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    first, second = changed(visitor), changed(visitor, b"20")
    visitor.send(f"{first}/release", fields(visitor, first))

    page = visitor.get(f"{second}/release").text
    assert "Någon har publicerat en nyare version" in page
    assert visitor.send(f"{second}/release", fields(visitor, second)).status_code == 409
    sent = {"ground": hidden(page, "ground"), "_key": hidden(page, "_key")}
    for _twice in range(2):
        assert visitor.send(f"{second}/rebase", sent).status_code == 303

    assert visitor.send(f"{second}/release", fields(visitor, second)).status_code == 303


def test_staff_meet_the_same_refusal_for_drafts_that_are_and_are_not(pages: Installed) -> None:
    draft = changed(pages.visitor(OWNER))
    staff = pages.visitor(REPORTER)

    for path in (draft, "/drafts/finns-inte"):
        assert staff.get(f"{path}/release").status_code == 403
        for act in ("submit", "approve", "send-back", "release", "rebase", "discard", "copy", "rename", "files"):
            sent = {"content": "x", "reason": "x", "name": "x", "kind": "form"}
            assert staff.send(f"{path}/{act}", sent).status_code == 403, act
    assert pages.visitor(OWNER).get("/drafts/finns-inte/release").status_code == 404


def upload(visitor: Visitor, draft: str, name: str, data: bytes) -> int:
    # By hand: werkzeug's client leaves the temporary file of a large body open.
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n%s\r\n' % visitor.key("/drafts").encode(),
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n' % (name.encode(), data),
        b"--x--\r\n",
    )
    kind = "multipart/form-data; boundary=x"
    return visitor.client.post(f"{draft}/files", data=b"".join(parts), content_type=kind).status_code


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("../x.bpmn", b"<x", 303),
        ("STOR ENDELSE.FORM", form("stor").data, 303),
        ("a" * 300 + ".bpmn", b"<x", 422),
        ("x.bpmn\0.form", b"<x", 422),
        ("x.exe", b"<x", 422),
        ("x.form", b"\xe5\xe4\xf6", 422),
        ("x.form", b"{\0}", 422),
        ("x.form", b"x" * 2_100_000, 413),
    ],
    ids=["path", "capitals", "long", "nul", "ending", "latin", "nul-inside", "large"],
)
def test_odd_uploads_are_read_in_or_refused_in_words(pages: Installed, name: str, data: bytes, status: int) -> None:
    visitor = pages.visitor(OWNER)
    draft = drafted(visitor)

    assert upload(visitor, draft, name, data) == status
    assert visitor.get(draft).status_code == 200
    assert visitor.get(f"{draft}/release").status_code == 200


def test_an_uploaded_diagram_of_another_engine_is_converted_with_its_report(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    draft = drafted(visitor)
    own = '<zeebe:assignmentDefinition candidateGroups="samordning"/>'
    sent = {
        "csrf_token": visitor.key("/drafts"),
        "files": (BytesIO(zeebe(in_line(element("userTask", "a", own))).data), "p.bpmn"),
    }

    answer = visitor.client.post(f"{draft}/files", data=sent)

    report = visitor.get(answer.headers["Location"]).text
    assert "ritad för Camunda 8" in report
    assert "candidateGroups" in report
    assert "Se hur p.bpmn omvandlades" in visitor.get(draft).text
    assert visitor.get(f"{draft}/files/bidrag-niva.dmn/conversion").status_code == 404


def test_what_a_program_deploys_waits_for_approval_and_says_where(strict: Installed) -> None:
    api, file = program(strict, "deployments:write"), form("ny-blankett")

    assert "note" in refused(api.deploy((file.name, file.data)), 422, "input.invalid")
    answer = api.deploy((file.name, file.data), note="Ny blankett")

    assert answer.status_code == 202
    assert answer.json is not None
    address = answer.json["url"].removeprefix("http://127.0.0.1")
    assert address == f"/drafts/{answer.json['draftId']}/release"
    assert ">Godkänn<" in strict.visitor(OTHER).get(address).text
    unattended = program(strict, "deployments:unattended").deploy((file.name, file.data))
    assert unattended.status_code == 201
