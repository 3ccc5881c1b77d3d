"""Every page, as those whom it is for read it, in both languages."""

import html
import re
from pathlib import Path

import pytest
import structlog.testing
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from flowsvc.domain.errors import FlowError
from flowsvc.usecases import timeline
from flowsvc.web import errors
from tests.conftest import ROOT
from tests.usecases import office
from tests.web.conftest import MANAGER, PROPOSE, REPORTER, Installed

WEB = ROOT / "src/flowsvc/web"


def people(pages: Installed) -> dict[str, str]:
    """One sign-in name for each role."""
    with pages.ctx.store.read() as tx:
        whole = tx.directory()
    names = {person.id: person.username for person in whole.people.values()}
    return {
        str(role): names[held.person_id]
        for held in whole.assignments
        for role in whole.posts[held.post_id].roles
        if held.until_on is None
    }


def words(page: str) -> str:
    """What the page says, without its markup and its list of people."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_role_has_a_first_page_and_every_link_in_its_menu_leads_somewhere(pages: Installed) -> None:
    for role, username in people(pages).items():
        visitor = pages.visitor(username)
        first = visitor.client.get("/", follow_redirects=True)
        assert first.status_code == 200, role
        menu = re.search(r"<nav aria-label=\"Huvudmeny\">(.*?)</nav>", first.text, re.DOTALL)
        assert menu is not None
        for address in re.findall(r'href="([^"]+)"', menu[1]):
            answer = visitor.get(address)
            assert answer.status_code == 200, (role, address)
            assert answer.text.count("<h1") == 1, (role, address)


def test_staff_load_none_of_the_editors(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    menu = re.search(r"<nav aria-label=\"Huvudmeny\">(.*?)</nav>", visitor.get("/tasks").text, re.DOTALL)
    assert menu is not None
    own = ["/start/avvikelse", f"/instances/{pages.instance_id}"]
    loaded = {
        re.sub(r"-[A-Z0-9]{8}\.", ".", each)
        for address in [*re.findall(r'href="([^"]+)"', menu[1]), *own]
        for each in re.findall(r'/static/([^"]+)"', visitor.get(address).text)
    }

    assert {"app.css", "page.js", "viewer.js"} <= loaded
    assert loaded <= {"app.css", "page.js", "viewer.js", "viewer.css", "reading.css"}


def test_the_list_shows_number_task_party_and_the_time_left_in_words(pages: Installed) -> None:
    shown = words(pages.visitor(REPORTER).get("/tasks/group").text)

    assert "SJ-AVV-2026-00001" in shown
    assert "Region Sjöland" in shown
    assert re.search(r"i dag|om \d+ arbetsdag", shown)
    assert "Barn väntar" in shown


def test_a_search_that_finds_no_task_says_what_to_do(pages: Installed) -> None:
    shown = words(pages.visitor(REPORTER).get("/tasks?search=SJ-AVV-1999").text)

    assert "Ingen uppgift passar sökningen" in shown
    assert "Sök bland alla mina ärenden" in shown


def test_claiming_and_releasing_go_back_to_the_list_with_a_word(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)

    claimed = visitor.client.post(
        f"/tasks/{task}/claim", data={"csrf_token": visitor.key(), "next": "/tasks"}, follow_redirects=True
    )
    assert "Du har tagit uppgiften." in claimed.text
    assert "Lämna tillbaka" in claimed.text

    released = visitor.client.post(
        f"/tasks/{task}/unclaim", data={"csrf_token": visitor.key(), "next": "/tasks"}, follow_redirects=True
    )
    assert "Du har lämnat tillbaka uppgiften." in released.text


def test_a_task_that_somebody_else_took_says_who_was_first(pages: Installed) -> None:
    task = pages.task(PROPOSE)
    pages.visitor(REPORTER).send(f"/tasks/{task}/claim")

    late = pages.visitor("bup.lakare").send(f"/tasks/{task}/claim")

    assert late.status_code == 409
    assert "har redan tagits" in late.text


def test_the_case_page_tells_what_happened_and_who_owes_what(pages: Installed) -> None:
    shown = words(pages.visitor(REPORTER).get(f"/instances/{pages.instance_id}").text)

    for text in ("Vem har ärendet nu", "Det här har hänt", "Processen som lista", "Älvsta kommun", "tog upp ärendet"):
        assert text in shown


def test_the_diagram_and_its_list_stand_on_the_case_page(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    page = visitor.get(f"/instances/{pages.instance_id}").text
    address = re.search(r'data-diagram="([^"]+)"', page)
    assert address is not None

    answer = visitor.get(address[1])
    assert answer.mimetype == "application/xml"
    assert "bpmn:definitions" in answer.text or "<definitions" in answer.text
    assert 'aria-current="step"' in page


def test_a_document_can_be_read_and_kept(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    page = visitor.get(f"/instances/{pages.instance_id}").text
    found = re.findall(rf"/instances/{pages.instance_id}/documents/[\w.]+", page)
    assert found

    for address in found:
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert answer.mimetype == ("application/pdf" if address.endswith(".pdf") else "text/html")


def test_one_case_number_in_the_search_opens_the_case(pages: Installed) -> None:
    answer = pages.visitor(REPORTER).get("/instances?search=SJ-AVV-2026-00001")

    assert answer.headers["Location"] == f"/instances/{pages.instance_id}"


def test_the_clock_of_the_demonstration_is_moved_from_its_banner(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    assert "24 nov. 2026" in visitor.get("/tasks").text

    answer = visitor.send("/demonstration/clock", {"by": "1"})

    assert answer.status_code == 303
    assert pages.woken


def test_a_page_that_does_not_exist_helps_onwards(pages: Installed) -> None:
    answer = pages.visitor(REPORTER).get("/nowhere")

    assert answer.status_code == 404
    assert "Till mina uppgifter" in answer.text


def test_a_fault_gives_a_number_and_no_details(pages: Installed) -> None:
    @pages.app.get("/fault")
    def fault() -> str:
        raise FlowError("hemligt namn")

    answer = pages.visitor(REPORTER).get("/fault")

    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    assert "hemligt" not in answer.text


def test_every_error_of_the_table_in_the_documentation_has_that_status() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (\d{3}) \|", (ROOT / "docs/api.md").read_text(), re.MULTILINE)
    kinds = {kind.code: kind for kind in _all_kinds(FlowError) if kind.__module__ == FlowError.__module__}

    for code, status in rows:
        if code in kinds:
            assert errors.status_of(kinds[code].__new__(kinds[code])) == int(status), code


def _all_kinds(kind: type[FlowError]) -> set[type[FlowError]]:
    return {kind}.union(*(_all_kinds(each) for each in kind.__subclasses__()))


SWEDISH = re.compile(r"[åäö]|\b(och|inte|uppgift|sök|visa|klart|senast|nästa|svar)\b", re.IGNORECASE)


@pytest.mark.parametrize(
    "path",
    [
        "/tasks",
        "/tasks/group",
        "/start",
        "/instances",
        "/escalations",
        "/agreements",
        "/calendar",
        "/notices",
        "/settings",
        "/reports",
        "/nowhere",
    ],
)
def test_english_pages_have_no_swedish_words_of_ours(pages: Installed, path: str) -> None:
    visitor = pages.visitor(MANAGER)
    visitor.send("/language", {"language": "en"})

    page = visitor.get(path).text
    # The name of the other language, names of people, parties and posts, and titles that people have written.
    main = re.sub(r'<details class="me">.*?</details>', "", page, flags=re.DOTALL)
    main = re.sub(r'<(th scope="row"|td|ul class="sides"|option)[ >].*?</(th|td|ul|option)>', "", main, flags=re.DOTALL)

    assert '<html lang="en">' in page
    assert SWEDISH.findall(words(main)) == []


def test_every_text_of_the_pages_has_english_words() -> None:
    with (WEB / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    methods = [("templates/**.html", "jinja2"), ("**.py", "python")]
    found = extract_from_dir(
        WEB,
        method_map=methods,
        options_map={"templates/**.html": {"trimmed": "true"}},
        directory_filter=lambda path: Path(path).name not in ("frontend", "static", "translations", "api"),
    )

    missing = {text for _, _, text, _, _ in found if not (catalogue.get(text) and catalogue[text].string)}

    assert missing == set()


def test_the_language_is_kept_and_can_be_changed_back(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)

    visitor.send("/language", {"language": "en"})
    assert "My tasks" in visitor.get("/tasks").text

    visitor.send("/language", {"language": "sv"})
    assert "Mina uppgifter" in visitor.get("/tasks").text


def test_the_receipt_of_somebody_else_is_not_there(pages: Installed) -> None:
    receipt = office.complete(
        pages.ctx, pages.instance_id, PROPOSE, party="region", proposed_party="region", proposed_reason="Vi har barnet."
    )

    assert pages.visitor(MANAGER).get(f"/receipts/{receipt.submission_id}").status_code == 404


def test_the_register_is_open_to_everybody_signed_in_in_their_language(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)

    listed = visitor.get("/agreements").text
    shown = visitor.get("/agreements/placerade-barn").text

    assert "Överenskommelsen har löpt ut." in listed
    assert "Överenskommelsen löper ut inom 6 månader." in shown
    assert "Ordförande individutskottet, Älvsta kommun" in shown
    visitor.send("/language", {"language": "en"})
    assert "The agreement expires within 6 months." in visitor.get("/agreements/placerade-barn").text
    assert visitor.get("/agreements/nej").status_code == 404


def test_a_case_says_which_agreement_it_follows(pages: Installed) -> None:
    shown = pages.visitor(REPORTER).get(f"/instances/{pages.instance_id}").text

    assert '<a href="/agreements/barn-och-unga">' in shown


def test_older_events_are_a_link_away_and_back(pages: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "AT_ONCE", 3)
    visitor, path = pages.visitor(REPORTER), f"/instances/{pages.instance_id}"

    newest = visitor.get(path).text
    before = re.search(r'href="[^"]*\?before=(\d+)#happened">Visa äldre händelser', newest)
    assert before is not None
    older = visitor.get(f"{path}?before={before[1]}").text

    assert "Visa de senaste händelserna" not in newest
    assert "Visa de senaste händelserna" in older
    for odd in ("0", "-1", "x", "9" * 40):
        assert "Visa de senaste händelserna" not in visitor.get(f"{path}?before={odd}").text


def test_a_sign_that_is_no_text_is_refused_wherever_it_stands(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)

    assert visitor.get("/tasks/%00").status_code == 404
    assert visitor.get("/instances?search=%00").status_code == 422
    assert visitor.send(f"/tasks/{task}", {"proposed_reason": "Halv\0", "_do": "save"}).status_code == 422
    assert visitor.send(f"/tasks/{task}", {"_key": "\0", "_do": "send"}).status_code == 422


def test_a_calendar_gives_a_private_address_once_that_opens_without_signing_in(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)

    made = visitor.send("/calendar/feed")
    address = re.search(r"<code>http[^<]*?(/calendar/feed/[^<]+\.ics)</code>", made.text)

    assert address is not None
    stranger = pages.visitor()
    told = stranger.get(address[1])
    assert told.status_code == 200
    assert told.mimetype == "text/calendar"
    assert told.headers["Cache-Control"] == "no-store"
    assert address[1] not in visitor.get("/calendar").text
    visitor.send("/calendar/feed/revoke")
    assert stranger.get(address[1]).status_code == 404


def test_the_address_of_a_calendar_is_in_no_log(pages: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(ctx: object, secret: str) -> bytes:
        raise RuntimeError("broken")

    monkeypatch.setattr("flowsvc.usecases.calendars.feed_of", broken)
    with structlog.testing.capture_logs() as logged:
        answer = pages.visitor().get("/calendar/feed/hemlig.ics")

    assert answer.status_code == 500
    assert [each["path"] for each in logged] == ["/calendar/feed/<secret>.ics"]
    assert "hemlig" not in str([{name: text for name, text in each.items() if name != "exc_info"} for each in logged])


def test_the_bell_counts_what_is_unread_and_leads_to_the_task(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    first = words(visitor.get("/tasks").text)
    count = re.search(r"Notiser (\d+) olästa", first)
    assert count is not None
    listed = visitor.get("/notices").text
    one = re.search(r'name="notice" value="([^"]+)"', listed)
    assert one is not None
    assert f"/tasks/{pages.task(PROPOSE)}" in listed

    visitor.send("/notices/seen", {"notice": one[1]})
    left = int(count[1]) - 1
    assert (f"Notiser {left} olästa" in words(visitor.get("/tasks").text)) is (left > 0)
    visitor.send("/notices/seen")

    assert "olästa" not in words(visitor.get("/tasks").text)
    assert "Markera som läst" not in visitor.get("/notices").text


def test_how_mail_comes_is_chosen_on_a_page_of_ones_own(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    fields = {"mail": "digest", "digest_at": "06:30", "quiet_from": "20:00", "quiet_until": "06:00"}

    assert visitor.send("/settings", fields).status_code == 303
    page = visitor.get("/settings").text

    assert re.search(r'value="digest" checked', page)
    assert 'value="06:30"' in page
    assert 'name="days_off" checked' not in page
    assert visitor.send("/settings", {**fields, "mail": "pigeon"}).status_code == 422
    assert visitor.send("/settings", {**fields, "digest_at": "sju"}).status_code == 422


def test_a_refused_comment_and_a_refused_hand_over_keep_what_was_typed(pages: Installed) -> None:
    (task, *_) = office.open_tasks(pages.ctx, pages.instance_id)
    writer = pages.visitor(REPORTER)

    comment = writer.send(f"/instances/{pages.instance_id}/comments", {"text": "Min <långa> text", "seen_by": ""})
    handed = writer.send(
        f"/tasks/{task.id}/hand-over", {"to": "person:ingen", "reason": "Ledig i mars", "why": "conflict"}
    )

    assert (comment.status_code, handed.status_code) == (422, 422)
    assert "Min &lt;långa&gt; text</textarea>" in comment.text
    assert "Ledig i mars</textarea>" in handed.text
    assert 'value="conflict" checked' in handed.text
    assert all('role="alert"' in each.text for each in (comment, handed))


def test_a_comment_is_internal_until_its_writer_says_otherwise(pages: Installed) -> None:
    writer, other = pages.visitor(REPORTER), pages.visitor("socialsekreterare.alvsta")
    path = f"/instances/{pages.instance_id}"
    assert re.search(r'value="own" checked', writer.get(path).text)

    writer.send(f"{path}/comments", {"text": "Bara vi ser det här.", "seen_by": "own"})
    writer.send(f"{path}/comments", {"text": "Alla ser det här.", "seen_by": "all"})

    assert "Ses bara av Region Sjöland Bara vi ser det här." in words(writer.get(path).text)
    assert "Bara vi ser det här." not in other.get(path).text
    assert "Ses av alla parter Alla ser det här." in words(other.get(path).text)
    assert writer.send(f"{path}/comments", {"text": "Hej", "seen_by": ""}).status_code == 422


def test_a_case_is_followed_and_let_go_on_its_page(pages: Installed) -> None:
    visitor, path = pages.visitor(REPORTER), f"/instances/{pages.instance_id}"

    visitor.send(f"{path}/follow")
    assert "Sluta bevaka" in visitor.get(path).text
    visitor.send(f"{path}/unfollow")

    assert "Bevaka ärendet" in visitor.get(path).text


def test_what_i_have_reported_says_where_it_is_and_what_is_next(pages: Installed) -> None:
    mine = words(pages.visitor(REPORTER).get("/reports").text)

    assert "Verksamhetsnivå" in mine
    assert PROPOSE in mine
    assert "Du har inte anmält något än" in pages.visitor(MANAGER).get("/reports").text


def test_a_task_is_handed_over_from_the_case_with_a_reason(pages: Installed) -> None:
    visitor, task = pages.visitor(REPORTER), pages.task(PROPOSE)
    address = f"/tasks/{task}/hand-over"
    assert address in visitor.get(f"/instances/{pages.instance_id}").text
    assert "Anmäl jäv" in visitor.get(address).text

    sent = visitor.send(address, {"to": "post:bup.lakare", "why": "conflict", "reason": "Släkt med barnet."})

    assert sent.status_code == 303
    shown = words(visitor.get(f"/instances/{pages.instance_id}").text)
    assert f"Jäv anmält, uppgiften överlämnad: {PROPOSE}" in shown
    assert "Släkt med barnet." in shown
    assert (
        "Släkt med barnet." not in pages.visitor("socialsekreterare.alvsta").get(f"/instances/{pages.instance_id}").text
    )
    assert visitor.send(address, {"to": "", "reason": ""}).status_code == 404


def test_a_case_is_paused_on_its_page_with_a_reason_that_all_see_and_resumed_there(pages: Installed) -> None:
    task = office.user_task("A", "post:enhetschef.bup")
    file = office.process("vila", office.properties(pausable="true") + office.chain(office.START, task, office.END))
    office.deploy(pages.ctx, file)
    case = f"/instances/{office.start(pages.ctx, 'bup.behandlare', 'vila').instance_id}"
    chief, staff = pages.visitor("enhetschef.bup"), pages.visitor("bup.behandlare")
    assert "Pausa ärendet" in chief.get(case).text
    assert "Pausa ärendet" not in staff.get(case).text
    assert staff.send(f"{case}/pause", {"reason": "Väntar"}).status_code == 403
    assert pages.visitor("larare.alvsta").send(f"{case}/pause", {"reason": "Väntar"}).status_code in (403, 404)

    for typed in (
        {"reason": " "},
        {"reason": "Väntar", "until": "i morgon"},
        {"reason": "Väntar", "until": "0001-01-01"},
    ):
        again = chief.send(f"{case}/pause", typed)
        assert again.status_code == 422
        assert 'role="alert"' in again.text
    assert chief.send(f"{case}/pause", {"reason": "Familjen <b>är</b> bortrest"}).status_code == 303

    page = staff.get(case).text
    assert "Familjen &lt;b&gt;är&lt;/b&gt; bortrest" in page
    assert "Återuppta" not in page
    assert "Pausad" in chief.get("/tasks").text
    assert "Pausat" in staff.get("/reports").text
    assert chief.send(f"{case}/pause", {"reason": "Igen"}).status_code == 409
    assert chief.send(f"{case}/resume").status_code == 303
    assert chief.send(f"{case}/resume").status_code == 409
    assert "Pausat sedan" not in staff.get(case).text
