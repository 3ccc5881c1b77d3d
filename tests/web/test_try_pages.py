"""A draft is tried in pages: from its start to the day when it is thrown away, without scripts and with them."""

import io
import re

import pytest
from playwright.sync_api import expect

from flowsvc.engine.parsing import SourceFile
from tests.conftest import OpenPage, TakePicture
from tests.usecases.office import END, REPORT, START, chain, process
from tests.usecases.test_trying import service, with_unit_limit
from tests.web.conftest import REPORTER, Installed, Visitor, sign_in
from tests.web.test_browser import faults

OWNER, OTHER = "processagare", "processagare.region"
STARTER = "bup.behandlare"


def drafted(visitor: Visitor, *files: SourceFile) -> str:
    """The address of a new draft with the files."""
    sent = visitor.send("/drafts", {"name": "Kortare tid"})
    assert sent.status_code == 303, sent.text
    draft = sent.headers["Location"]
    uploads = [(io.BytesIO(each.data), each.name) for each in files]
    added = visitor.send(f"{draft}/files", {"files": uploads})
    assert added.status_code == 303, added.text
    return draft


def begun(visitor: Visitor, *files: SourceFile, key: str = "p") -> str:
    """The address of a new trial."""
    trial = drafted(visitor, *files) + "/try"
    sent = visitor.send(trial, {"process": key, "post": STARTER})
    assert sent.status_code == 303, sent.text
    assert sent.headers["Location"] == f"{trial}/start"
    return trial


def report() -> dict[str, str]:
    """What somebody who reports a dispute fills in."""
    plain = {name: value for name, value in REPORT.items() if isinstance(value, str)}
    rows = {"counterparts:count": "1", "counterparts:0:unit": "alvsta-barn"}
    return {**plain, **rows, "child_waiting": "true"}


def revision(visitor: Visitor, trial: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', visitor.get(trial).text)
    assert found is not None
    return found[1]


def act(visitor: Visitor, trial: str, place: str, **fields: str) -> str:
    """The trial's page after a button of it has been pressed."""
    sent = visitor.send(f"{trial}{place}", {"revision": revision(visitor, trial), **fields})
    assert sent.status_code == 303, sent.text
    return visitor.get(sent.headers["Location"]).text


def fillers(page: str) -> list[str]:
    return [each.replace("&amp;", "&") for each in re.findall(r'href="([^"]+/try/tasks/[^"]+)"', page)]


def waiting(name: str = "a", more: str = "") -> tuple[str, str]:
    return name, f'<bpmn:userTask id="{name}" name="Svara" camunda:candidateGroups="post:{STARTER}" {more}/>'


def test_a_changed_table_is_tried_from_the_report_to_the_deadline_and_thrown_away(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    draft = drafted(visitor, with_unit_limit(7))
    assert f'href="{draft}/try"' in visitor.get(draft).text
    trial = f"{draft}/try"
    choosing = visitor.get(trial).text
    assert 'value="avvikelse"' in choosing
    assert f'<option value="{STARTER}"' in visitor.get(f"{trial}?process=avvikelse").text
    sent = visitor.send(trial, {"process": "avvikelse", "post": STARTER})

    # The form is the real one, with its faults.
    start = sent.headers["Location"]
    form = visitor.get(start).text
    assert "Hitta på alla uppgifter" in form
    refused = visitor.send(start, {"_key": "1", "_do": "send"})
    assert refused.status_code == 422
    assert 'id="faults"' in refused.text
    key = re.search(r'name="_key" value="([^"]+)"', form)
    assert key is not None
    for _ in range(2):
        reported = visitor.send(start, {"_key": key[1], "_do": "send", **report()})
        assert reported.status_code == 303, reported.text

    page = visitor.get(reported.headers["Location"]).text
    assert "Ange ståndpunkt" in page
    assert "regel 1 stämde" in page
    assert "tisdag 24 november 2026" in page

    page = act(visitor, trial, "/clock", by="5")
    page = act(visitor, trial, "/clock", on="2026-12-02")
    assert "onsdag 2 december 2026" in page
    # Seven working days from the first of December, as the draft says, rather than five.
    assert "10 dec. 2026" in page

    gone = visitor.send(f"{trial}/discard")
    assert gone.headers["Location"] == draft
    assert visitor.get(f"{trial}/start").status_code == 404


def test_tasks_are_filled_in_as_those_whose_they_are_and_what_is_outside_is_answered_by_hand(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    trial = begun(visitor, process("p", chain(START, service("s"), waiting(more='camunda:dueDate="P3D"'), END)))
    asked = visitor.get(f"{trial}/start").text
    assert "Ge den de värden" in asked
    assert re.search(r'name="values"[^>]*>\s*</textarea>', asked)
    wrong = visitor.send(f"{trial}/start", {"values": "ort Alvsta", "revision": revision(visitor, trial)})
    assert wrong.status_code == 422
    assert ">\nort Alvsta</textarea>" in wrong.text
    started = visitor.send(f"{trial}/start", {"values": 'ort = "Alvsta"', "revision": revision(visitor, trial)})
    case = re.search(r"case=(\w+)", started.headers["Location"])
    assert case is not None

    page = visitor.get(started.headers["Location"]).text
    assert "Anrop utanför" in page
    call = re.search(r"/try/calls/\w+", page)
    assert call is not None
    place = call[0].removeprefix("/try")
    wrong = visitor.send(f"{trial}{place}", {"revision": revision(visitor, trial), "form": place[7:], "values": "xyz"})
    assert wrong.status_code == 422
    assert "Rad 1 går inte att läsa" in wrong.text
    assert ">\nxyz</textarea>" in wrong.text
    page = act(visitor, trial, place, values="svar = 3", case=case[1])
    assert "Anrop utanför" not in page
    (task,) = fillers(page)
    assert "as=bup.behandlare" in task

    assert "Du fyller i som" in visitor.get(task).text
    late = act(visitor, trial, "/clock", by="5")
    assert "Försenad uppgift" in late
    done = visitor.send(task, {"_key": "1", "_do": "send"})
    assert f"case={case[1]}" in done.headers["Location"]
    assert fillers(visitor.get(trial).text) == []
    assert "Uppgiften är klar" in visitor.get(task).text
    diagram = visitor.get(f"{trial}/diagrams/{case[1]}/p")
    assert (diagram.status_code, diagram.mimetype) == (200, "application/xml")


def test_the_trial_of_somebody_else_is_not_there_and_staff_try_nothing(pages: Installed) -> None:
    trial = begun(pages.visitor(OWNER), process("p", chain(START, waiting(), END)))
    other, staff = pages.visitor(OTHER), pages.visitor(REPORTER)

    assert "Börja provkörningen" in other.get(trial).text
    for path in ("/start", "/tasks/x?as=bup.behandlare", "/offers/x/y?as=bup.behandlare", "/diagrams/x/p"):
        assert other.get(trial + path).status_code == 404, path
    for path in ("/clock", "/start", "/restart", "/calls/x", "/outside", "/incidents/x", "/tasks/x"):
        assert other.send(trial + path, {"revision": "1", "by": "1"}).status_code == 404, path
    for path in ("", "/start", "/tasks/x", "/diagrams/x/p"):
        assert staff.get(trial + path).status_code == 403, path
    assert staff.send(f"{trial}/clock", {"by": "1"}).status_code == 403
    assert staff.send(f"{trial}/discard").status_code == 403


def test_what_another_tab_has_done_meanwhile_is_shown_and_not_overwritten(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    trial = begun(visitor, process("p", chain(START, waiting(), END)))
    seen = revision(visitor, trial)
    act(visitor, trial, "/clock", by="1")

    again = visitor.send(f"{trial}/clock", {"by": "1", "revision": seen})

    assert again.status_code == 409
    assert "gått vidare i en annan flik" in again.text
    assert "onsdag 25 november 2026" in again.text


@pytest.mark.parametrize(
    "fields", [{}, {"on": "i morgon"}, {"on": "2026-11-01"}, {"on": "9999-12-31"}, {"by": "next"}, {"by": "7"}]
)
def test_a_clock_that_cannot_be_moved_so_says_why(pages: Installed, fields: dict[str, str]) -> None:
    visitor = pages.visitor(OWNER)
    trial = begun(visitor, process("p", chain(START, waiting(), END)))

    answer = visitor.send(f"{trial}/clock", {"revision": revision(visitor, trial), **fields})

    assert answer.status_code in (409, 422)
    assert 'role="alert"' in answer.text
    assert visitor.send(f"{trial}/clock", {"revision": "²", "by": "1"}).status_code == 409
    assert visitor.get(f"{trial}/tasks/x").status_code in (404, 422)
    assert visitor.get(f"{trial}?case=x").status_code == 404


def test_a_draft_is_tried_as_it_now_is_and_only_while_it_goes_on(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    trial = begun(visitor, process("p", chain(START, waiting(), END)))
    draft = trial.removesuffix("/try")
    wrong = process("p", chain(START, ("x", '<bpmn:serviceTask id="x"/>'), END)).data.decode()
    visitor.send(f"{draft}/files/p.bpmn/source-text", {"source": wrong, "revision": "1"})

    assert "Utkastet har ändrats" in visitor.get(trial).text
    again = visitor.send(f"{trial}/restart")
    assert again.status_code == 422
    assert "Det här måste rättas först" in again.text
    assert "/files/p.bpmn#x" in again.text
    assert visitor.send(trial, {"process": "nej", "post": STARTER}).status_code == 422

    visitor.send(f"{draft}/discard")
    assert visitor.get(trial).status_code == 409
    assert trial not in visitor.get(draft).text


def test_a_task_that_is_no_posts_is_filled_in_too(pages: Installed) -> None:
    nobodys = ("a", '<bpmn:userTask id="a" name="Svara"/>')
    visitor = pages.visitor(OWNER)
    trial = begun(visitor, process("p", chain(START, nobodys, END)))
    visitor.send(f"{trial}/start", {"values": "", "revision": revision(visitor, trial)})

    (task,) = fillers(visitor.get(trial).text)

    assert "as=-" in task
    assert visitor.get(task).status_code == 200
    assert visitor.send(task, {"_key": "1", "_do": "save"}).status_code == 303
    assert visitor.send(task, {"_key": "2", "_do": "send"}).status_code == 303
    assert fillers(visitor.get(trial).text) == []


def test_a_task_is_not_filled_in_as_a_post_that_does_not_have_it(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    trial = begun(visitor, process("p", chain(START, waiting(), END)))
    visitor.send(f"{trial}/start", {"values": "", "revision": revision(visitor, trial)})
    (task,) = fillers(visitor.get(trial).text)

    for post in ("larare.alvsta", "finns-inte", ""):
        assert visitor.get(task.replace(STARTER, post)).status_code in (404, 422), post
        assert visitor.send(task.replace(STARTER, post), {"_key": "1"}).status_code in (404, 422), post
    assert len(fillers(visitor.get(trial).text)) == 1


def test_a_trial_has_no_fault_at_both_widths(
    pages: Installed, open_page: OpenPage, address: str, take_picture: TakePicture
) -> None:
    visitor = pages.visitor(OWNER)
    trial = begun(
        visitor, process("p", chain(START, service("s"), waiting(), END)), with_unit_limit(7), key="avvikelse"
    )
    assert visitor.send(f"{trial}/start", {"_key": "1", "_do": "send", **report()}).status_code == 303
    task = fillers(act(visitor, trial, "/clock", by="5"))[0]
    page = open_page(width=1280)
    sign_in(page, address, OWNER)

    def look(visited: dict[str, str]) -> None:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            for name, path in visited.items():
                page.goto(address + path)
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                assert faults(page) == [], name
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
                take_picture(page, f"{name}-{width}")

    look({"trial": trial, "trial-task": task, "trial-choose": f"{trial}?choose=1"})
    page.set_viewport_size({"width": 1280, "height": 1150})
    page.goto(address + trial)
    take_picture(page, "trial", for_docs=True)
    visitor.send(trial, {"process": "p", "post": STARTER})
    visitor.send(f"{trial}/start", {"values": 'ort = "Alvsta"', "revision": revision(visitor, trial)})
    look({"trial-call": trial, "trial-values": f"{trial}/start"})
