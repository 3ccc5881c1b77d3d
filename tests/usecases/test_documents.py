"""Dossier and decision record of a real dispute through two levels: what they say, and what they never say."""

from datetime import timedelta
from typing import Any

import pytest

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import NotFound
from flowsvc.store import audit
from flowsvc.usecases import case_pages
from flowsvc.usecases.case_documents import document
from flowsvc.usecases.context import Context
from tests.usecases.office import POSITION, REPORT, as_post, complete, pass_until, report

SECRET = "Vi kan gå upp till det dubbla."

PROPOSAL: dict[str, Any] = {
    "action": "propose",
    "interventions": [
        {"what": "Traumabehandling", "who": "region", "scope": "1 gång i veckan", "where": "BUP", "from": "2026-12-14"}
    ],
    "monthly_cost": 1_200_000,
    "cost_lines": [
        {"cost_type": "treatment", "payer": "region", "share": 60},
        {"cost_type": "treatment", "payer": "alvsta", "share": 40},
    ],
    "conditions": "Gäller i tre månader",
    "valid_until": "2026-12-31",
}
DECISION: dict[str, Any] = {
    "content": "Regionen ger behandlingen.",
    "reasons": "8 kap. 1 § HSL",
    "child_best": "Behandlingen kan inte vänta.",
    "not_heard_reason": "declined",
    "valid_from": "2026-12-14",
    "review_on": "2027-03-14",
}


def made(ctx: Context, instance_id: str, template: str, language: str = "sv") -> str:
    reader = as_post(ctx, "bup.behandlare")
    return document(ctx, reader, instance_id, template, form="html", language=language).decode().replace("\xa0", " ")


@pytest.fixture
def instance_id(shipped: Context, clock: ManualClock) -> str:
    """The region answered at the operational level and the municipality was silent; the unit managers negotiate."""
    found = report(shipped, description=f"{REPORT['description']} <b>&</b>")
    note: dict[str, Any] = {"internal_note": SECRET, "max_mandate": 1_000_000}
    complete(shipped, found, "Ange ståndpunkt", party="region", **{**POSITION, **note})
    pass_until(shipped, clock, clock.now() + timedelta(days=9))
    for party in ("region", "alvsta"):
        complete(shipped, found, "Ange ståndpunkt", party=party, **POSITION)
    complete(shipped, found, "Förhandla", party="region", **PROPOSAL)
    return found


@pytest.fixture
def decided(shipped: Context, instance_id: str) -> str:
    """The municipality has accepted, the decision is written and signed by the region alone."""
    complete(shipped, instance_id, "Förhandla", party="alvsta", action="accept", version=1)
    complete(shipped, instance_id, "Skriv beslut", **DECISION)
    complete(shipped, instance_id, "Underteckna beslutet", party="region", signature="sign", is_unbiased=True)
    return instance_id


def test_the_dossier_tells_levels_silence_positions_and_proposals(shipped: Context, instance_id: str) -> None:
    found = made(shipped, instance_id, "dossier")

    assert "Oklart vem som ger behandlingen på hemmet. &lt;b&gt;&amp;&lt;/b&gt;" in found
    assert "Älvsta kommun hade inte svarat 1 december 2026, när tiden gick ut. Tystnad är inte samtycke." in found
    assert "Edda Grund, Behandlare BUP, Region Sjöland" in found
    assert "Nora Vik, Enhetschef barn och unga, Älvsta kommun" in found
    assert '<td>2 december 2026 kl. 00.00</td>\n      <td class="numeric">5</td>' in found
    assert "Version 1, Region Sjöland" in found
    assert "Traumabehandling" in found
    assert "Ingen part har svarat på den här versionen." in found
    assert "Ansvarar under tiden" in found


def test_the_dossier_holds_only_what_is_shared(shipped: Context, instance_id: str) -> None:
    for post in ("bup.behandlare", "enhetschef.bup", "enhetschef.barn.alvsta"):
        reader = as_post(shipped, post)
        found = document(shipped, reader, instance_id, "dossier", form="html", language="sv").decode()
        assert "Vi kan" not in found
        assert "10\xa0000\xa0kr" not in found


def test_answers_secured_support_and_meetings_stand_in_the_dossier(shipped: Context, instance_id: str) -> None:
    complete(shipped, instance_id, "Förhandla", party="alvsta", action="reject", version=1)
    secured: dict[str, Any] = {"secured_from": "2026-12-03", "without_prejudice": True}
    complete(shipped, instance_id, "Säkra stödet", secured_how="Behandling på BUP.", **secured)

    found = made(shipped, instance_id, "dossier")

    assert "<td>Avvisar</td>" in found
    assert "Säkrat 3 december 2026" in found
    assert "Behandling på BUP." in found


def test_the_decision_record_says_what_why_and_who_has_signed(shipped: Context, decided: str) -> None:
    found = made(shipped, decided, "decision")

    assert "Regionen ger behandlingen." in found
    assert "SJ-AVV-2026-00001-1" in found
    assert "Barnet har inte hörts: " in found
    assert '<td>Region Sjöland</td>\n      <td>–</td>\n      <td class="numeric">60 %</td>' in found
    assert "Undertecknat 3 december 2026 kl. 09.00" in found
    assert "<strong>Nora Vik</strong><br>Enhetschef barn och unga, Älvsta kommun<br>Inte undertecknat" in found
    assert "<dt>Beslutsdatum</dt>\n  <dd>–</dd>" in found


def test_the_decision_is_dated_by_the_last_signature(shipped: Context, clock: ManualClock, decided: str) -> None:
    clock.advance(hours=3)
    complete(shipped, decided, "Underteckna beslutet", party="alvsta", signature="sign", is_unbiased=True)

    found = made(shipped, decided, "decision", "en")

    assert "<dt>Date of decision</dt>\n  <dd>3 December 2026 at 12:00</dd>" in found
    assert "Not signed" not in found
    assert "Unit manager, child welfare, Älvsta Municipality" in found


def test_a_decision_that_was_sent_back_is_shown_as_it_was_rewritten(shipped: Context, decided: str) -> None:
    back: dict[str, Any] = {"signature": "send_back", "send_back_reason": "Skälen saknar punkt."}
    complete(shipped, decided, "Underteckna beslutet", party="alvsta", **back)
    complete(shipped, decided, "Skriv beslut", **{**DECISION, "reasons": "8 kap. 1 § HSL och punkt 4.2"})

    found = made(shipped, decided, "decision")

    assert "8 kap. 1 § HSL och punkt 4.2" in found
    assert found.count("Inte undertecknat") == 2


def test_the_documents_are_pdf_too(shipped: Context, decided: str) -> None:
    reader = as_post(shipped, "enhetschef.barn.alvsta")
    for template in ("dossier", "decision"):
        found = document(shipped, reader, decided, template, form="pdf", language="sv")
        assert found.startswith(b"%PDF-")


def test_a_document_is_offered_once_there_is_something_to_say_in_it(shipped: Context, instance_id: str) -> None:
    reader = as_post(shipped, "bup.behandlare")

    page = case_pages.case_page(shipped, reader, instance_id, language="sv")
    assert [each.name for each in page.documents] == ["Underlag inför nästa nivå"]
    for template in ("decision", "finns-inte"):
        with pytest.raises(NotFound):
            document(shipped, reader, instance_id, template, form="html", language="sv")
    complete(shipped, instance_id, "Förhandla", party="alvsta", action="accept", version=1)
    complete(shipped, instance_id, "Skriv beslut", **DECISION)
    page = case_pages.case_page(shipped, reader, instance_id, language="en")
    assert [each.template for each in page.documents] == ["dossier", "decision"]


def test_handing_out_a_document_is_on_record_and_an_outsider_gets_none(shipped: Context, instance_id: str) -> None:
    made(shipped, instance_id, "dossier")
    with pytest.raises(NotFound):
        document(shipped, as_post(shipped, "larare.alvsta"), instance_id, "dossier", form="html", language="sv")

    with shipped.store.read() as tx:
        (reading,) = audit.readings_of(tx, instance_id)
    assert (reading.action, reading.items) == ("read_document", ("document:dossier",))
