"""The yearly review in a browser: its forms and its report have no fault by axe and do not scroll sideways."""

import pytest

from tests.conftest import OpenPage, TakePicture
from tests.usecases import office
from tests.web.conftest import Installed, sign_in
from tests.web.test_browser import faults

LEADER = "processledare"


@pytest.fixture
def review(pages: Installed) -> str:
    """A review of an agreement without local groups, as far as the parties' contributions."""
    started = office.start(pages.ctx, LEADER, "arlig-uppfoljning", agreement="utskrivning", year=2026).instance_id
    office.complete(
        pages.ctx,
        started,
        "Planera uppföljningen",
        questions=[{"question": "Kommer meddelandet i tid?"}],
        collection_from="2025-01-01",
        collection_to="2025-12-31",
        responsible="Processledare",
    )
    return started


def task(pages: Installed, review: str, name: str, party: str = "") -> str:
    (found,) = office.open_tasks(pages.ctx, review, name, party=party)
    return f"/tasks/{found.id}"


def compile_report(pages: Installed, review: str) -> None:
    """Everybody has answered, and the report waits for the decision."""
    for waiting in office.open_tasks(pages.ctx, review, "Lämna partens bidrag"):
        office.complete(
            pages.ctx,
            review,
            waiting.name,
            party=waiting.party_id or "",
            responsible_manager="Enhetschef",
            clause_status=[{"clause": "1", "status": "partly"}],
            indicator_note="Saknas.",
            own_deviations_summary="Få.",
            child_participation_work="Barnet är med.",
            staff_informed="most",
            approve_publish="yes",
        )
    office.complete(pages.ctx, review, "Lämna avvikelser", deviation_note="Inga.")
    office.complete(
        pages.ctx,
        review,
        "Kontroll av lag och vägledning",
        law_points=[{"topic": "sheltered", "affected": "no"}],
        law_checked_on="2026-11-24",
    )
    office.complete(pages.ctx, review, "Barnens perspektiv", child_views="Vill veta vem som ringer.")
    office.complete(
        pages.ctx,
        review,
        "Sammanställ uppföljningen",
        analysis="Fungerar.",
        dispute_patterns="Inga.",
        development_areas="Tidigare besked.",
        proposals=[{"clause": "1", "change": "Länken rättad", "class": "editorial"}],
        recommended="editorial",
    )


@pytest.mark.parametrize("width", [1280, 360])
def test_the_forms_of_the_review_have_no_fault_and_do_not_scroll_sideways(
    pages: Installed, review: str, open_page: OpenPage, address: str, take_picture: TakePicture, width: int
) -> None:
    page = open_page(width=width)

    def look(post: str, path: str, name: str) -> None:
        page.context.clear_cookies()
        sign_in(page, address, post)
        page.goto(address + path)
        assert faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        take_picture(page, f"review-{name}-{width}")

    look(LEADER, f"/instances/{review}", "case")
    look("enhetschef.barn.alvsta", task(pages, review, "Lämna partens bidrag", "alvsta"), "contribution")
    look(LEADER, task(pages, review, "Lämna avvikelser"), "deviations")
    compile_report(pages, review)
    look("omradesdirektor.psykiatri", task(pages, review, "Besluta om utfallet"), "decision")
    look(LEADER, f"/instances/{review}/documents/report", "report")


def test_the_report_is_read_in_english_without_swedish_headings(pages: Installed, review: str) -> None:
    compile_report(pages, review)
    visitor = pages.visitor(LEADER)
    visitor.send("/language", {"language": "en"})

    told = visitor.get(f"/instances/{review}/documents/report").text

    for words in ("Compile the review", "Indicators of the year", "Contributions in time / all", "Editorial change"):
        assert words in told
    for words in ("Sammanställ", "Årets nyckeltal", "Lämnat", "Bidrag i tid", "De flesta"):
        assert words not in told
