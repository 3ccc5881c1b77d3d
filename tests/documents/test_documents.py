"""Dossier and decision record as HTML and as tagged PDF/A: the same content, and data that stays data."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flowsvc import documents
from flowsvc.documents import decision, dossier
from flowsvc.documents.decision import Decider, Decision
from flowsvc.documents.dossier import Dossier, LevelTime, Meeting, Position, ProposalVersion, Reply
from flowsvc.documents.model import Document, Heading, Paragraph, Table
from flowsvc.documents.telling import CostLine, Intervention

ZONE = "Europe/Stockholm"
HOSTILE = '#include "x" \\ <script>alert(1)</script> $x$ *fet* {{ 7*7 }} #sys.inputs @ref `kod` // slut'
VOID = {"br"}


class Outline(HTMLParser):
    """The tags in the order they open, with a check that they close as they should."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))
        if tag == "p":
            assert "p" not in self._open
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def close(self) -> None:
        super().close()
        assert self._open == []


def outline(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Outline()
    parser.feed(html)
    parser.close()
    return parser.opened


def make_dossier() -> Dossier:
    return Dossier(
        case_no="SJ-AVV-2026-00041",
        matter="Vem ger behandlingen?",
        parties=("Region Sjöland", "Älvsta kommun"),
        level="Enhetschefer",
        made_at=datetime(2026, 10, 7, 12, 5, tzinfo=UTC),
        report=(("Typ", "Ansvar"), ("Vad har prövats?", "Två möten.\n\nIngen lösning."), ("Punkt", "")),
        interim=(("Ansvarig under tiden", "Älvsta kommun"),),
        levels=(
            LevelTime(
                "Verksamhetsnivå", datetime(2026, 9, 28, 6, tzinfo=UTC), datetime(2026, 10, 5, 22, tzinfo=UTC), 5
            ),
            LevelTime("Enhetschefer", datetime(2026, 10, 5, 22, tzinfo=UTC), None, 2),
        ),
        positions=(
            Position(
                "Älvsta kommun",
                "verksamhetsnivå",
                date(2026, 10, 5),
                datetime(2026, 10, 1, 8, tzinfo=UTC),
                "Alva Ljung, socialsekreterare",
                answers=(("Ståndpunkt", "Regionens ansvar"),),
            ),
            Position("Region Sjöland", "verksamhetsnivå", date(2026, 10, 5), is_silent=True),
            Position("Region Sjöland", "enhetschefer", date(2026, 10, 12)),
        ),
        proposals=(
            ProposalVersion(
                1,
                "Älvsta kommun",
                "Bo Asp, enhetschef",
                datetime(2026, 10, 6, 8, tzinfo=UTC),
                (("Villkor", "Gäller i tre månader"),),
                (Intervention("Traumabehandling", "Region Sjöland", "1 gång i veckan", "BUP", date(2026, 10, 12)),),
                (
                    CostLine("Boende", "Älvsta kommun", "60 %", "per månad"),
                    CostLine("Boende", "Region Sjöland", "40 %"),
                ),
                (Reply("Region Sjöland", "Godtar", "Pia Ek, enhetschef", datetime(2026, 10, 7, 8, tzinfo=UTC), False),),
            ),
        ),
        meetings=(Meeting(date(2026, 10, 6), "Båda enhetscheferna", "Nytt förslag till fredag."),),
    )


def make_decision() -> Decision:
    return Decision(
        case_no="SJ-AVV-2026-00041",
        decision_no="SJ-AVV-2026-00041/1",
        matter="Vem ger behandlingen?",
        level="Enhetschefer",
        made_at=datetime(2026, 10, 7, 12, 5, tzinfo=UTC),
        decided_at=datetime(2026, 10, 7, 11, tzinfo=UTC),
        deciders=(
            Decider(
                "Region Sjöland",
                "Pia Ek",
                "Verksamhetschef",
                "4.2",
                "Enhetschef habiliteringen",
                datetime(2026, 10, 7, 11, tzinfo=UTC),
            ),
            Decider("Älvsta kommun", "Bo Asp", "Enhetschef"),
        ),
        content="Regionen ger behandlingen från och med den 12 oktober.",
        reasons="8 kap. 1 § hälso- och sjukvårdslagen.",
        child_best="Behandlingen kan inte vänta.",
        child_view="Hon vill fortsätta hos samma behandlare.",
        costs=(CostLine("Boende", "Älvsta kommun", "60 %"), CostLine("Boende", "Region Sjöland", "40 %")),
        valid_from=date(2026, 10, 12),
        review_on=date(2027, 1, 12),
        settlement="Regionen ersätter kommunen för september.",
        settlement_amount=1_250_000,
    )


def dossier_document(language: str = "sv") -> Document:
    return dossier.document(make_dossier(), zone=ZONE, language=language)


def decision_document(language: str = "sv", made: Decision | None = None) -> Document:
    return decision.document(made or make_decision(), zone=ZONE, language=language)


def as_html(template: str, document: Document, language: str = "sv") -> str:
    return documents.render(template, document, form="html", language=language).decode()


@pytest.fixture(params=["dossier", "decision"])
def template(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: poppler-utils is not installed")
    return tmp_path


def text_of(pdf: bytes, folder: Path) -> str:
    """The text as people read it, spaces and line breaks evened out."""
    return " ".join(_run(["pdftotext", "-layout"], pdf, folder, ["-"]).replace("\u00a0", " ").split())


def _run(command: list[str], pdf: bytes, folder: Path, after: list[str] | None = None) -> str:
    path = folder / "document.pdf"
    path.write_bytes(pdf)
    run = subprocess.run([*command, str(path), *(after or [])], check=True, capture_output=True, timeout=60)
    return run.stdout.decode(errors="replace")


SAID_IN_THE_DOSSIER = [
    "SJ-AVV-2026-00041",
    "Vem ger behandlingen?",
    "7 oktober 2026 kl. 14.05",
    "Två möten.",
    "Ingen lösning.",
    "Ansvarig under tiden",
    "28 september 2026 kl. 08.00",
    "pågår",
    "Regionens ansvar",
    "Alva Ljung, socialsekreterare",
    "Tystnad är inte samtycke.",
    "Svar väntas senast 12 oktober 2026.",
    "Version 1, Älvsta kommun",
    "Gäller i tre månader",
    "Traumabehandling",
    "1 gång i veckan, BUP",
    "60 %",
    "Godtar (utanför sitt mandat)",
    "Möte 6 oktober 2026",
    "Nytt förslag till fredag.",
]
SAID_IN_THE_DECISION = [
    "SJ-AVV-2026-00041/1",
    "Regionen ger behandlingen från och med den 12 oktober.",
    "8 kap. 1 § hälso- och sjukvårdslagen.",
    "Behandlingen kan inte vänta.",
    "Hon vill fortsätta hos samma behandlare.",
    "Kostnadsfördelning",
    "40 %",
    "12 oktober 2026",
    "tills vidare",
    "12 januari 2027",
    "12 500 kr",
    "Pia Ek",
    "Verksamhetschef, i stället för Enhetschef habiliteringen, delegation 4.2, Region Sjöland",
    "Undertecknat 7 oktober 2026 kl. 13.00",
    "Inte undertecknat",
]


def test_the_dossier_says_all_of_it_in_html() -> None:
    html = as_html("dossier", dossier_document()).replace("\u00a0", " ")

    assert [said for said in SAID_IN_THE_DOSSIER if said not in html] == []


def test_the_dossier_says_the_same_in_pdf(tools: Path) -> None:
    pdf = documents.render("dossier", dossier_document(), form="pdf", language="sv")

    # Long cells are broken over lines, between which other columns stand: the words are looked for one by one.
    text = text_of(pdf, tools)
    assert [said for said in SAID_IN_THE_DOSSIER if not set(said.split()) <= set(text.split())] == []


def test_the_decision_says_all_of_it_in_html() -> None:
    html = as_html("decision", decision_document()).replace("\u00a0", " ")

    assert [said for said in SAID_IN_THE_DECISION if said not in html] == []


def test_the_decision_says_the_same_in_pdf(tools: Path) -> None:
    pdf = documents.render("decision", decision_document(), form="pdf", language="sv")

    assert [said for said in SAID_IN_THE_DECISION if said not in text_of(pdf, tools)] == []


def test_documents_speak_english_too(tools: Path) -> None:
    pdf = documents.render("decision", decision_document("en"), form="pdf", language="en")
    html = as_html("dossier", dossier_document("en"), "en").replace("\u00a0", " ")

    text = text_of(pdf, tools)
    assert "Decision on responsibility and cost" in text
    assert "SEK 12,500" in text
    assert "Page 1 of" in text
    assert 'lang="en"' in html
    assert "7 October 2026 at 14:05" in html
    assert "Silence is not consent." in html


def test_a_pdf_is_tagged_and_pdf_a_and_pdf_ua_with_its_title_and_language(template: str, tools: Path) -> None:
    document = dossier_document() if template == "dossier" else decision_document()

    pdf = documents.render(template, document, form="pdf", language="sv")

    info = _run(["pdfinfo"], pdf, tools)
    meta = _run(["pdfinfo", "-meta"], pdf, tools)
    assert re.search(r"Tagged: +yes", info)
    assert re.search(rf"Title: +{document.title}", info)
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in meta
    assert "<pdfuaid:part>1</pdfuaid:part>" in meta
    assert "<dc:language><rdf:Bag><rdf:li>sv" in meta


def test_a_pdf_has_an_outline_of_headings_and_tables_with_headers(tools: Path) -> None:
    pdf = documents.render("dossier", dossier_document(), form="pdf", language="sv")

    tags = re.findall(r"^ *(H\d|THead|TH|Caption|TOC|L)\b", _run(["pdfinfo", "-struct"], pdf, tools), re.MULTILINE)
    assert tags.count("H1") == 1
    assert tags[0] == "H1"
    assert {"H2", "H3", "THead", "TH", "Caption", "TOC", "L"} <= set(tags)


def test_pages_are_numbered_and_carry_the_case_number(tools: Path) -> None:
    long = Document(
        title="Långt underlag",
        case_no="SJ-AVV-2026-00041",
        made_at=datetime(2026, 10, 7, 14, tzinfo=ZoneInfo(ZONE)),
        about=(),
        blocks=tuple(Paragraph("Rad\n" * 40) for _ in range(4)),
    )

    pages = _run(["pdftotext", "-layout"], documents.render("dossier", long, form="pdf", language="sv"), tools, ["-"])

    each = pages.strip("\f").split("\f")
    assert len(each) > 2
    assert all(f"Sida {number} av {len(each)}" in page for number, page in enumerate(each, start=1))
    assert all("Ärende SJ-AVV-2026-00041" in page for page in each)


def test_html_has_one_h1_headings_in_order_and_tables_with_headers() -> None:
    tags = outline(as_html("dossier", dossier_document()))

    assert tags[0] == ("article", {"class": "document document-dossier", "lang": "sv"})
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h\d", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    tables = [tag for tag, _ in tags].count("table")
    assert [tag for tag, _ in tags].count("caption") == tables > 0
    assert {attributes["scope"] for tag, attributes in tags if tag == "th"} == {"col", "row"}


def test_the_contents_of_the_dossier_lead_to_its_parts() -> None:
    tags = outline(as_html("dossier", dossier_document()))

    ids = {attributes["id"] for tag, attributes in tags if tag == "h2"}
    links = [str(attributes["href"]) for tag, attributes in tags if tag == "a"]
    assert {link.removeprefix("#") for link in links} == ids
    assert len(links) == 6


def test_html_holds_no_style_and_no_script_so_that_the_policy_lets_it_through(template: str) -> None:
    document = dossier_document() if template == "dossier" else decision_document()

    tags = outline(as_html(template, document))

    assert not {"style", "script", "link"} & {tag for tag, _ in tags}
    assert not any("style" in attributes for _, attributes in tags)


def hostile() -> Document:
    return Document(
        title=HOSTILE,
        case_no=HOSTILE,
        made_at=datetime(2026, 10, 7, tzinfo=UTC),
        about=((HOSTILE, HOSTILE),),
        blocks=(Heading(HOSTILE), Paragraph(HOSTILE), Table(HOSTILE, ("Vad",), ((HOSTILE,),))),
    )


def test_hostile_text_comes_out_as_it_is_in_html(template: str) -> None:
    html = as_html(template, hostile())

    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; $x$ *fet* {{ 7*7 }}") >= 7
    outline(html)


def test_hostile_text_comes_out_as_it_is_in_pdf(template: str, tools: Path) -> None:
    pdf = documents.render(template, hostile(), form="pdf", language="sv")

    assert text_of(pdf, tools).count(HOSTILE) >= 3


def test_a_character_that_no_font_has_is_written_by_its_number_and_the_document_says_so(tools: Path) -> None:
    document = replace(decision_document(), blocks=(Paragraph("Vi ses \U0001f600 i 中文-gruppen"),))

    text = text_of(documents.render("decision", document, form="pdf", language="sv"), tools)

    assert "Vi ses [U+1F600] i [U+4E2D][U+6587]-gruppen" in text
    assert "Tecken som typsnittet saknar" in text


def test_letters_of_the_national_minorities_and_of_many_names_are_shown(tools: Path) -> None:
    names = "Áŋŋel Čáhcesuolu Đižže Ŧuommá Łukasz Şeyma Çağlar Nguyễn Ольга Žižka"
    document = replace(decision_document(), blocks=(Paragraph(names),))

    text = text_of(documents.render("decision", document, form="pdf", language="sv"), tools)

    assert names in text
    assert "[U+" not in text


def test_characters_that_hide_or_turn_the_text_are_written_by_their_number_in_both_forms(tools: Path) -> None:
    document = replace(decision_document(), blocks=(Paragraph("a\u202eb \x00 \ue000 \ud800 c"),))
    said = "a[U+202E]b [U+0000] [U+E000] [U+D800] c"

    assert said in as_html("decision", document)
    assert said in text_of(documents.render("decision", document, form="pdf", language="sv"), tools)


def test_a_part_that_the_law_asks_for_is_pointed_out_when_it_is_missing() -> None:
    bare = replace(
        make_decision(), reasons=" ", child_best="", child_view="", not_heard_reason="barnet ville inte", deciders=()
    )

    html = as_html("decision", decision_document(made=bare))

    assert "Beslutet saknar skäl." in html
    assert "Barnets bästa är inte bedömt." in html
    assert "Barnet har inte hörts: barnet ville inte." in html
    assert "Ingen har undertecknat beslutet." in html


def test_an_empty_dossier_says_of_every_part_that_there_is_nothing() -> None:
    bare = replace(make_dossier(), report=(), interim=(), levels=(), positions=(), proposals=(), meetings=())

    html = as_html("dossier", dossier.document(bare, zone=ZONE, language="sv"))

    assert html.count("Inget är noterat.") == 6


def test_the_same_document_gives_the_same_file() -> None:
    once, again = (documents.render("decision", decision_document(), form="pdf", language="sv") for _ in range(2))

    assert once == again


@pytest.mark.parametrize("level", [1, 3, 4])
def test_a_document_whose_headings_skip_a_level_cannot_be_made(level: int) -> None:
    with pytest.raises(ValueError, match="skips a level"):
        replace(decision_document(), blocks=(Heading("Del", level),))


def test_a_table_with_a_crooked_row_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="as many cells"):
        Table("Kostnader", ("Vad", "Vem"), (("Boende",),))
