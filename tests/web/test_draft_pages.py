"""Drafts of models as pages and as the editors meet them, with and without scripts."""

import json

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import REPORTER, Installed, Visitor

OWNER, OTHER = "processagare", "processagare.region"


def drafted(visitor: Visitor, key: str = "bidrag-niva") -> str:
    """The address of a new draft with one decision table."""
    sent = visitor.send("/drafts", {"name": "Kortare tid", "kind": "decision", "key": key})
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"]


def put(visitor: Visitor, path: str, data: bytes, revision: int) -> TestResponse:
    headers = {"X-CSRFToken": visitor.key("/drafts"), "If-Match": f'"{revision}"', "X-Reason": "F%C3%B6r%20barnen"}
    return visitor.client.put(path, data=data, headers=headers)


def test_a_file_is_read_and_saved_to_the_byte_with_its_revision(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    file = f"{drafted(visitor)}/files/bidrag-niva.dmn"
    first = visitor.get(f"{file}/source")
    changed = first.data.replace(b">30<", b">25<")

    answer = put(visitor, f"{file}/source", changed, 1)

    assert first.headers["ETag"] == '"1"'
    assert (answer.status_code, answer.json and answer.json["revision"]) == (200, 2)
    assert visitor.get(f"{file}/source").data == changed
    assert "För barnen" in visitor.get(f"{file}/history").text


def test_the_second_to_save_is_told_who_was_first_and_nothing_is_overwritten(pages: Installed) -> None:
    one, other = pages.visitor(OWNER), pages.visitor(OTHER)
    file = f"{drafted(one)}/files/bidrag-niva.dmn"
    text = one.get(f"{file}/source").data
    put(one, f"{file}/source", text.replace(b">30<", b">25<"), 1)

    answer = put(other, f"{file}/source", text.replace(b">30<", b">20<"), 1)

    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["revision"] == 2
    assert "Gun Lind sparade bidrag-niva.dmn" in answer.json["detail"]
    assert b">25<" in one.get(f"{file}/source").data


def test_the_check_says_what_is_wrong_with_text_that_is_not_saved(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    draft = drafted(visitor)
    sent = json.dumps({"fileName": "bidrag-niva.dmn", "source": "<inte xml"})

    answer = visitor.client.post(f"{draft}/check", data=sent, headers={"X-CSRFToken": visitor.key("/drafts")})

    assert answer.json is not None
    assert answer.json["refused"] is True
    assert answer.json["problems"][0]["fileName"] == "bidrag-niva.dmn"


def test_without_scripts_the_source_is_saved_from_a_text_area(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    file = f"{drafted(visitor)}/files/bidrag-niva.dmn"
    text = visitor.get(f"{file}/source").data.decode().replace(">30<", ">25<")

    sent = visitor.send(f"{file}/source-text", {"source": text.replace("\n", "\r\n"), "revision": "1"})

    assert sent.headers["Location"] == file
    assert visitor.get(f"{file}/source").data.decode() == text
    assert "&lt;text&gt;25&lt;/text&gt;" in visitor.get(file).text


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30])
def test_a_revision_that_is_no_number_is_refused(pages: Installed, revision: str) -> None:
    visitor = pages.visitor(OWNER)
    path = f"{drafted(visitor)}/files/bidrag-niva.dmn/source"

    answer = visitor.client.put(path, data=b"x", headers={"X-CSRFToken": visitor.key("/drafts"), "If-Match": revision})

    assert answer.status_code == 422


@pytest.mark.parametrize(("data", "status"), [(b"", 422), (b"\xff\xfe", 422), (b"a\0b", 422), (b"x" * 2_000_001, 413)])
def test_bytes_that_no_file_can_hold_are_refused(pages: Installed, data: bytes, status: int) -> None:
    visitor = pages.visitor(OWNER)

    assert put(visitor, f"{drafted(visitor)}/files/bidrag-niva.dmn/source", data, 1).status_code == status


def test_nobody_but_process_owners_sees_drafts(pages: Installed) -> None:
    draft = drafted(pages.visitor(OWNER))
    other = pages.visitor(REPORTER)

    for path in ("/drafts", draft, f"{draft}/files/bidrag-niva.dmn", f"{draft}/files/bidrag-niva.dmn/source"):
        assert other.get(path).status_code == 403, path
    assert "/drafts" not in other.get("/tasks").text
