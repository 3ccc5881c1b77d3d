"""The record of what was sent with a form: newest first, rows as a table or one by one, the same in both forms."""

from datetime import UTC, datetime

from flowsvc import documents
from flowsvc.documents import record
from flowsvc.documents.record import Record, Rows, Sent

FIRST = datetime(2026, 11, 24, 8, tzinfo=UTC)
AGAIN = datetime(2026, 12, 1, 8, tzinfo=UTC)
COSTS = Rows("Kostnadsrader", ("Kostnadsslag", "Betalare"), (("Boende", "Älvsta kommun"),))
WIDE = Rows(
    "Vem gör vad", ("Mål", "Insats", "Enhet", "Från", "Omfattning", "Plats"), (tuple("abcdef"), tuple("ghijkl"))
)


def html(*rows: Rows) -> str:
    sent = (Sent(AGAIN, "Vera Ek", "Älvsta kommun", (("Mål", "<b>Trygghet</b>"),), rows), Sent(FIRST, "Bo", "", ()))
    made = Record("Planen", "SJ-PLC-2026-00001", "Placering: familjehem", ("Älvsta kommun",), AGAIN, sent)
    shown = record.document(made, zone="Europe/Stockholm", language="sv")
    assert documents.render("record", shown, form="pdf", language="sv").startswith(b"%PDF")
    return documents.render("record", shown, form="html", language="sv").decode().replace("\xa0", " ")


def test_what_was_sent_last_stands_first_with_who_sent_it() -> None:
    text = html()

    assert text.index("Lämnat 1 december 2026") < text.index("Lämnat 24 november 2026")
    assert "Vera Ek, Älvsta kommun" in text


def test_text_that_people_wrote_stays_text() -> None:
    assert "&lt;b&gt;Trygghet&lt;/b&gt;" in html()


def test_a_narrow_list_is_a_table() -> None:
    text = html(COSTS)

    assert "<table" in text
    assert "Kostnadsslag" in text


def test_a_wide_list_is_told_row_by_row() -> None:
    text = html(WIDE)

    assert "<table" not in text
    assert text.index("Vem gör vad 1") < text.index("Vem gör vad 2")
