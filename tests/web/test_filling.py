"""Forms without scripts: filled in, kept, added to, sent once. What is asserted here holds with scripts as well."""

import io
import re
from datetime import timedelta

import pytest

from tests.usecases import office
from tests.web.conftest import PROPOSE, REPORTER, Installed, Visitor

PDF = b"%PDF-1.4\n%%EOF\n"


def key_of(page: str) -> str:
    found = re.search(r'name="_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def start_form(visitor: Visitor) -> str:
    """The address of the one thing that the reporter may start."""
    found = re.search(r'href="(/start/[^"]+)"', visitor.get("/start").text)
    assert found is not None
    return found[1]


def test_a_task_is_sent_and_the_receipt_says_where_and_when(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)
    form = visitor.get(f"/tasks/{task}").text
    assert "Du svarar som" in form

    sent = visitor.send(f"/tasks/{task}", {"proposed_party": "region", "_key": key_of(form), "_do": "send"})
    receipt = visitor.get(sent.headers["Location"]).text

    assert sent.status_code == 303
    assert "Tack, det är skickat" in receipt
    assert "SJ-AVV-2026-00001" in receipt
    assert pages.woken
    assert "Uppgiften är klar" in visitor.get(f"/tasks/{task}").text


def test_a_form_sent_twice_shows_its_first_receipt(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)
    fields = {"proposed_party": "region", "_key": key_of(visitor.get(f"/tasks/{task}").text), "_do": "send"}

    first, second = (visitor.send(f"/tasks/{task}", fields) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]


def test_who_comes_second_is_told_who_was_first_and_when(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)
    colleague = pages.visitor("bup.lakare")
    form = colleague.get(f"/tasks/{task}").text
    visitor.send(f"/tasks/{task}", {"proposed_party": "region", "_do": "send"})

    late = colleague.send(f"/tasks/{task}", {"proposed_party": "alvsta", "_key": key_of(form), "_do": "send"})

    assert late.status_code == 409
    assert "Edda Grund" in late.text
    assert "24 nov. 2026" in late.text


def test_a_fault_is_listed_first_with_a_link_to_its_field(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)

    answer = visitor.send(f"/tasks/{task}", {"proposed_reason": "Vi har barnet.", "_do": "send"})

    assert answer.status_code == 422
    assert "<title>Fel: " in answer.text
    assert 'href="#f-proposed_party"' in answer.text
    assert re.search(r'id="f-proposed_party"[^>]*aria-invalid="true"', answer.text)
    assert "Vi har barnet." in answer.text


def test_a_draft_survives_signing_out(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)

    visitor.send(f"/tasks/{task}", {"proposed_reason": "Halvfärdigt", "_do": "save"})
    visitor.send("/sign-out")

    assert "Halvfärdigt" in pages.visitor(REPORTER).get(f"/tasks/{task}").text
    assert "Halvfärdigt" not in pages.visitor("bup.lakare").get(f"/tasks/{task}").text


def test_what_a_script_saves_is_answered_with_the_time(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)

    answer = visitor.send(f"/tasks/{task}", {"proposed_reason": "Halv", "_do": "autosave"})

    assert answer.json == {"text": "Utkastet sparades kl. 09:00."}


def test_an_answer_brings_the_questions_that_follow_from_it(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    address = start_form(visitor)
    assert "Önskat resultat" not in visitor.get(address).text

    answer = visitor.send(address, {"kind": "responsibility", "_do": "refresh"})

    assert answer.status_code == 200
    assert "Önskat resultat" in answer.text
    assert "ds-error-summary" not in answer.text


def test_rows_are_added_and_taken_away_and_keep_what_was_written(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    address = start_form(visitor)
    rows = {"kind": "responsibility", "counterparts:count": "1", "counterparts:0:unit": "alvsta-barn"}

    more = visitor.send(address, {**rows, "_do": "add:counterparts"}).text
    two = {**rows, "counterparts:count": "2", "counterparts:1:unit": "bjorknas-barn"}
    fewer = visitor.send(address, {**two, "_do": "remove:counterparts:0"}).text

    assert 'name="counterparts:count" value="2"' in more
    assert re.search(r'value="alvsta-barn" selected', more)
    assert 'name="counterparts:count" value="1"' in fewer
    assert re.search(r'value="bjorknas-barn" selected', fewer)
    assert not re.search(r'value="alvsta-barn" selected', fewer)


def test_a_file_is_kept_when_something_else_is_wrong_and_can_be_taken_away(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    address = start_form(visitor)
    field = _file_field(visitor.get(address).text)

    wrong = visitor.send(address, {field: (io.BytesIO(PDF), "underlag.pdf"), "_do": "send"})
    assert wrong.status_code == 422
    assert "underlag.pdf" in wrong.text
    mark = _mark(wrong.text)

    kept = visitor.send(address, {f"_files:{field}": mark, "_do": "refresh"}).text
    gone = visitor.send(address, {f"_files:{field}": mark, "_do": f"drop:{mark}"}).text

    assert "underlag.pdf" in kept
    assert "underlag.pdf" not in gone


def test_a_file_of_somebody_else_cannot_be_attached(pages: Installed) -> None:
    visitor, other = pages.visitor(REPORTER), pages.visitor("bup.lakare")
    address = start_form(visitor)
    field = _file_field(visitor.get(address).text)
    mark = _mark(visitor.send(address, {field: (io.BytesIO(PDF), "underlag.pdf"), "_do": "save"}).text or "") or _mark(
        visitor.get(address).text
    )

    assert "underlag.pdf" not in other.send(address, {f"_files:{field}": mark, "_do": "refresh"}).text


def test_a_file_of_a_kind_that_is_not_taken_is_a_fault_at_its_field(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    address = start_form(visitor)
    field = _file_field(visitor.get(address).text)

    answer = visitor.send(address, {field: (io.BytesIO(b"MZ\x90\x00"), "program.exe"), "_do": "save"})

    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


def test_an_offer_of_the_case_is_sent_from_its_own_page(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    found = re.search(
        rf'href="(/instances/{pages.instance_id}/messages/\w+)">([^<]+)',
        visitor.get(f"/instances/{pages.instance_id}").text,
    )
    assert found is not None

    page = visitor.get(found[1])

    assert page.status_code == 200
    assert f"<h1>{found[2]}</h1>" in page.text


def test_a_manager_hands_a_task_to_a_colleague(pages: Installed) -> None:
    office.pass_until(pages.ctx, pages.clock, pages.clock.now() + timedelta(days=12))
    (task, *_) = office.open_tasks(pages.ctx, pages.instance_id, "Ange ståndpunkt", party="region")
    manager = pages.visitor("enhetschef.bup")
    address = f"/tasks/{task.id}/hand-over"
    assert address in manager.get(f"/tasks/{task.id}").text
    colleague = re.search(r'<option value="(person:[^"]+)">([^,<]+), ', manager.get(address).text)
    assert colleague is not None

    answer = manager.send(address, {"to": colleague[1], "reason": "Hen kan ärendet."})

    assert answer.status_code == 303
    assert colleague[2] in manager.get(answer.headers["Location"]).text


def _file_field(page: str) -> str:
    found = re.search(r'type="file" id="[^"]+" name="([^"]+)"', page)
    assert found is not None
    return found[1]


def _mark(page: str) -> str:
    found = re.search(r'name="_files:[^"]+" value="([^"]+)"', page)
    return found[1] if found else ""


def test_a_draft_keeps_what_cannot_be_read_and_says_what_is_wrong_with_it(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    address = start_form(visitor)

    visitor.send(address, {"event_date": "12 okt", "description": "Halvfärdigt", "_do": "autosave"})
    page = visitor.get(address).text

    assert 'value="12 okt"' in page
    assert "Halvfärdigt" in page
    assert 'aria-invalid="true"' in page
    visitor.send(address, {"event_date": "2026-11-20", "_do": "autosave"})
    assert 'aria-invalid="true"' not in visitor.get(address).text


@pytest.mark.parametrize("row", ["²", "9" * 5000, "-1", ""])
def test_a_row_that_is_no_number_is_not_taken_away(pages: Installed, row: str) -> None:
    visitor = pages.visitor(REPORTER)
    address = start_form(visitor)
    sent = {"kind": "responsibility", "counterparts:count": "1", f"counterparts:{row}:unit": "x"}

    answer = visitor.send(address, {**sent, "_do": f"remove:counterparts:{row}"})

    assert answer.status_code == 200
    assert 'name="counterparts:0:unit"' in answer.text
