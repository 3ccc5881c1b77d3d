"""What the editors ask of the server: the form as staff will see it, and a table tried with values."""

import json

import pytest
from werkzeug.test import TestResponse

from tests.conftest import ROOT
from tests.web.conftest import REPORTER, Installed
from tests.web.drawing import OWNER, draft_with

TABLE = (ROOT / "processes/escalation-level.dmn").read_text(encoding="utf-8")
FORM = (ROOT / "forms/interim.form").read_text(encoding="utf-8")
PREVIEW = "form-preview"
EVALUATE = "files/escalation-level.dmn/evaluate"


def ask(pages: Installed, path: str, body: object, *, who: str = OWNER) -> TestResponse:
    visitor = pages.visitor(who)
    headers = {"X-CSRFToken": visitor.key("/tasks"), "X-Requested-With": "fetch", "Content-Type": "application/json"}
    draft_id = draft_with(pages, "escalation-level.dmn")
    return visitor.client.post(f"/drafts/{draft_id}/{path}", data=json.dumps(body), headers=headers)


def test_a_form_is_shown_as_its_page_will_show_it_in_either_language(pages: Installed) -> None:
    swedish = ask(pages, PREVIEW, {"source": FORM, "language": "sv"})
    english = ask(pages, PREVIEW, {"source": FORM, "language": "en"})

    assert swedish.status_code == 200
    assert 'id="preview-f-proposed_reason"' in swedish.text
    assert "Motivering" in swedish.text
    assert "Reason" in english.text
    assert "(optional)" in english.text
    assert "<form" not in swedish.text
    assert ' id="f-' not in swedish.text


def test_what_is_shown_at_times_is_shown_or_left_out_as_asked(pages: Installed) -> None:
    everything = ask(pages, PREVIEW, {"source": FORM, "everything": True})
    as_empty = ask(pages, PREVIEW, {"source": FORM, "everything": False})

    assert "Önskat resultat" in everything.text
    assert "Önskat resultat" not in as_empty.text


@pytest.mark.parametrize(
    "source",
    [
        "",
        "{",
        "[]",
        '{"id": "x", "components": [1]}',
        '{"id": "x", "components": [{"type": "html"}]}',
        '{"id": "x", "components": [{"type": "table", "columns": [{}]}]}',
        '{"id": "x", "components": [{"type": "select", "key": "a", "values": 7}]}',
        '{"id": "x", "components": [{"type": "dynamiclist", "path": "a", "defaultRepetitions": 1000000000}]}',
        '{"id": "x", "components": [{"type": "textfield", "key": "a", "validate": []}]}',
        '{"id": "x", "components": [], "flowsvc:rules": [{"when": "true"}]}',
    ],
)
def test_a_form_that_cannot_be_shown_is_explained(pages: Installed, source: str) -> None:
    answer = ask(pages, PREVIEW, {"source": source})

    assert answer.status_code == 200
    assert "Formuläret kan visas när felen är rättade." in answer.text


@pytest.mark.parametrize("path", [PREVIEW, EVALUATE])
@pytest.mark.parametrize("body", [None, [], {}, {"source": 7}, {"source": "\0"}, {"source": "\ud800"}])
def test_odd_requests_are_refused(pages: Installed, path: str, body: object) -> None:
    answer = ask(pages, path, body)

    assert answer.status_code == 422
    assert "Ladda om sidan" in answer.text


def test_a_table_says_what_it_needs_to_be_tried(pages: Installed) -> None:
    asked = ask(pages, EVALUATE, {"source": TABLE}).get_json()

    assert asked["decision"] == "escalation-level"
    assert next(each for each in asked["inputs"] if each["name"] == "level") == {
        "name": "level",
        "label": "Nivå",
        "type": "string",
        "values": ["OPER", "UNIT", "AREA", "DIR", "LEAD"],
    }


def test_an_unsaved_table_answers_and_says_by_which_rule(pages: Installed) -> None:
    changed = TABLE.replace(
        '<outputEntry id="value_escalation-level_3_3">\n          <text>5</text>',
        '<outputEntry id="value_escalation-level_3_3">\n          <text>7</text>',
    )
    assert changed != TABLE

    tried = ask(pages, EVALUATE, {"source": changed, "variables": {"level": "UNIT", "urgency": "normal"}}).get_json()

    assert {"label": "Tidsgräns (arbetsdagar)", "value": "7"} in tried["outputs"]
    assert tried["matched"] == [{"rule": "rule_escalation-level_3", "words": "regel 3"}]


@pytest.mark.parametrize("source", ["", "<a", "<definitions/>"])
def test_a_table_that_cannot_be_tried_says_why(pages: Installed, source: str) -> None:
    answer = ask(pages, EVALUATE, {"source": source, "variables": {"level": "OPER", "urgency": "normal"}})

    assert answer.status_code == 422
    assert answer.text


def test_every_shipped_table_can_be_asked_what_it_needs(pages: Installed) -> None:
    for path in sorted((ROOT / "processes").glob("*.dmn")):
        asked = ask(pages, EVALUATE, {"source": path.read_text(encoding="utf-8")}).get_json()
        assert asked["inputs"], path.name


@pytest.mark.parametrize("path", [PREVIEW, EVALUATE])
def test_staff_who_own_no_process_ask_in_vain(pages: Installed, path: str) -> None:
    answer = ask(pages, path, {"source": FORM}, who=REPORTER)

    assert answer.status_code == 403
