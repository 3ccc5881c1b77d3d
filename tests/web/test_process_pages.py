"""Processes, decision tables and forms as pages: who sees what, older versions, odd requests."""

import re

import pytest

from tests.usecases.office import END, START, chain, deploy, process, user_task
from tests.web.conftest import MANAGER, REPORTER, Installed

LADDER = "/processes/eskalering"
OWNER = "processagare"
PAGES = ("/processes", LADDER, "/processes/decisions/escalation-level", "/processes/forms/af1")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("post", [OWNER, REPORTER, MANAGER, "driftansvarig"])
def test_everybody_who_may_read_definitions_reads_the_pages(pages: Installed, path: str, post: str) -> None:
    answer = pages.visitor(post).get(path)

    assert answer.status_code == 200
    assert '<a href="/processes" aria-current="page">Processer</a>' in answer.text


def test_the_numbers_are_for_those_who_may_know_them(pages: Installed) -> None:
    for post in (OWNER, MANAGER, "driftansvarig"):
        text = pages.visitor(post).get(LADDER).text
        assert "1 ärende" in text
        assert 'data-counts="{&#34;standpunkt&#34;' in text
    staff = pages.visitor(REPORTER).get(LADDER).text
    assert "1 ärende" not in staff
    assert 'data-counts="{}"' in staff
    assert "1 ärende" not in pages.visitor(REPORTER).get("/processes").text


def test_the_numbers_never_name_a_case(pages: Installed) -> None:
    text = pages.visitor(OWNER).get(LADDER).text

    assert pages.instance_id not in text
    assert not re.search(r"SJ-[A-Z]{3}-\d{4}", text)


def test_every_element_stands_in_the_page_with_its_facts_without_scripts(pages: Installed) -> None:
    text = pages.visitor(REPORTER).get(LADDER).text

    assert text.index('id="elements"') < text.index("data-diagram=")
    assert text.count("<details><summary data-words>") > 25
    assert 'href="/processes/forms/standpunkt"' in text
    assert 'href="/processes/decisions/escalation-level"' in text
    assert "Högst en rad stämmer" in text


def test_an_older_version_says_so_and_can_be_drawn(pages: Installed) -> None:
    for body in (chain(START, user_task("A"), END), chain(START, user_task("B"), END)):
        deploy(pages.ctx, process("prov", body))
    visitor = pages.visitor(OWNER)

    old, new = visitor.get("/processes/prov?version=1").text, visitor.get("/processes/prov").text
    drawn = visitor.get("/processes/prov/versions/1/diagram")

    assert "Det här är en äldre version." in old
    assert "Det här är en äldre version." not in new
    assert "Bara version 2" in new
    assert drawn.mimetype == "application/xml"
    assert 'name="A"' in drawn.text
    assert visitor.get("/processes/prov?version=1&cases=this").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/processes/finns-inte",
        f"{LADDER}?version=99",
        f"{LADDER}?version=-1",
        f"{LADDER}?version=%C2%B2",
        f"{LADDER}?version=99999999999999999999999",
        f"{LADDER}/versions/99999999999999999999999/diagram",
        "/processes/decisions/eskalering",
        "/processes/forms/escalation-level",
        "/processes/decisions/%00",
        "/processes/%25_",
    ],
)
def test_what_is_not_there_is_not_found(pages: Installed, path: str) -> None:
    assert pages.visitor(OWNER).get(path).status_code == 404


def test_a_search_finds_by_name_and_says_when_nothing_is_found(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)

    found, none = visitor.get("/processes?search=eskalering").text, visitor.get("/processes?search=%3Cb%3Exyz").text

    assert f'href="{LADDER}"' in found
    assert "Inget hittades" in none
    assert "&lt;b&gt;xyz" in none
    assert visitor.get("/processes?search=a%00").status_code == 422


def test_a_form_is_there_to_read_and_has_nothing_to_send(pages: Installed) -> None:
    text = pages.visitor(REPORTER).get("/processes/forms/af1").text
    main = text[text.index("<main") : text.index("</main>")]

    assert "<fieldset" in main
    assert "disabled" in main
    assert "<form" not in main


@pytest.mark.parametrize(
    ("path", "kind"),
    [(LADDER, "process"), (PAGES[2], "decision"), (PAGES[3], "form")],
    ids=["process", "table", "form"],
)
def test_only_a_process_owner_can_begin_to_change_what_is_read(pages: Installed, path: str, kind: str) -> None:
    owner = pages.visitor(OWNER)
    text = owner.get(path).text

    fields = dict(re.findall(r'<input type="hidden" name="(name|kind|key|_key)" value="([^"]+)"', text))
    answer = owner.send("/drafts", fields)

    assert fields["kind"] == kind
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/drafts/")
    assert 'action="/drafts"' not in pages.visitor(REPORTER).get(path).text


def test_only_a_process_owner_can_restore_an_earlier_version(pages: Installed) -> None:
    for body in (chain(START, user_task("A"), END), chain(START, user_task("B"), END)):
        deploy(pages.ctx, process("prov", body))
    owner = pages.visitor(OWNER)

    assert 'action="/processes/process/prov/restore"' in owner.get("/processes/prov").text
    assert owner.send("/processes/process/prov/restore", {"version": "1"}).status_code == 303
    for post in (MANAGER, REPORTER):
        assert "/restore" not in pages.visitor(post).get("/processes/prov").text


def test_the_pages_speak_english(pages: Installed) -> None:
    visitor = pages.visitor(OWNER)
    visitor.send("/language", {"language": "en"})

    ladder, listed = visitor.get(LADDER).text, visitor.get("/processes").text

    assert "Escalation level by level" in ladder
    for words in ("Who does what", "Rules and time limits", "within 5 working days", "If time runs out", "1 case<"):
        assert words in ladder, words
    assert "Started by somebody" in listed
    for path in PAGES:
        assert not re.search(r">[^<]*\b(Stegen|Blanketter|Tidsgränser|Version \d, från)\b", visitor.get(path).text)
