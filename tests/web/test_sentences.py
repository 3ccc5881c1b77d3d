"""What errors say, in English where English is asked for: every sentence that is raised has one."""

import pytest
from babel.messages.pofile import read_po

from flowsvc.domain.errors import InvalidInput
from flowsvc.engine import faults
from flowsvc.web import sentences
from flowsvc.web.api import BASE
from tests.conftest import ROOT
from tests.sentences import sentences as raised
from tests.web.conftest import REPORTER, Installed
from tests.web.programs import program

SOURCE = ROOT / "src/flowsvc"
FILE = SOURCE / "web/translations/en/LC_MESSAGES/errors.po"


def test_every_sentence_that_is_raised_has_an_english_one() -> None:
    """Add what is missing to errors.po: the Swedish as msgid, with {0}, {1} … for what is put in."""
    with FILE.open("rb") as written:
        english = {str(each.id) for each in read_po(written, locale="en") if each.string}

    missing = {sentence: place for sentence, place in raised(SOURCE).items() if sentence not in english}

    assert missing == {}


def test_the_search_finds_sentences_however_they_are_put_together() -> None:
    found = raised(SOURCE)

    for sentence in (
        "Logga in för att fortsätta.",
        "Det finns ingen nivå {0}. Använd {1}.",
        "Uppgiften {0}. Det du skickade har inte sparats i ärendet.",
        "är redan klar",
        "ska vara ett heltal",
        "Ärendets läge går inte att läsa. Återställ databasen från en säkerhetskopia.",
        "Välj vad ni vill göra.",
        "Jobbet stannade ({0}).",
        "Något gick fel hos oss, och inget har sparats. Försök igen, eller sök i loggen efter requestId.",
    ):
        assert sentence in found


@pytest.mark.parametrize(
    ("swedish", "english"),
    [
        ("Filen är tom.", "The file is empty."),
        ("Det finns ingen nivå X. Använd OPER, UNIT.", "There is no level X. Use OPER, UNIT."),
        (
            "Uppgiften är redan klar. Det du skickade har inte sparats i ärendet.",
            "The task is already done. What you sent has not been saved in the case.",
        ),
        (
            "Katalogfilen, people nr 3: name ska vara en text.",
            "The directory file, people no. 3: name must be a text.",
        ),
        (
            "Det finns ingen blankett med nyckeln x. Publicera den först.",
            "There is no form with the key x. Deploy it first.",
        ),
        ("Kim Ek har skrivit något eget.", ""),
        ("(x)", ""),
        ("", ""),
    ],
)
def test_a_sentence_is_found_with_what_is_put_in(swedish: str, english: str) -> None:
    assert sentences.in_english(swedish) == english


@pytest.mark.parametrize("decision", ["", "start-level"])
@pytest.mark.parametrize("trouble", sorted(faults.TROUBLES))
def test_every_trouble_with_feel_is_told_in_english(trouble: str, decision: str) -> None:
    told = {"type": trouble, "name": "number", "from": 2, "to": 5, "decision": decision, "rule": 2, "column": "days"}
    swedish, english = faults.texts_of(told)

    assert sentences.in_english(swedish) == english
    assert sentences.in_english(f"{swedish} Det gäller A.") == f"{english} It concerns A."


def test_a_long_text_of_many_sentences_is_answered_at_once() -> None:
    assert sentences.in_english("a" + ". Använd " * 100_000) == ""


def test_the_sentence_is_the_swedish_one_where_swedish_is_read_or_english_has_none() -> None:
    error = InvalidInput("Filen är tom.")

    assert sentences.said(error, "sv") == "Filen är tom."
    assert sentences.said(error, "en") == "The file is empty."
    assert sentences.told("Något annat.", "en") == "Något annat."


def test_a_page_in_english_says_in_english_what_went_wrong(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    visitor.send("/language", {"language": "en"})

    page = visitor.get("/instances/" + "0" * 32).text

    assert "There is no such case, or you have no access to it." in page


def test_the_api_answers_in_the_language_that_is_asked_for(pages: Installed) -> None:
    api = program(pages)

    def detail(**asked: str) -> str:
        headers = {**api.headers, **asked}
        answer = api.client.get(f"{BASE}/escalations?level=X", headers=headers)
        assert answer.headers["Content-Language"] == ("en" if "en" in asked.values() else "sv")
        return str(answer.get_json()["detail"])

    assert detail(**{"Accept-Language": "en"}) == "level must be one of OPER, UNIT, AREA, DIR, LEAD."
    assert detail(**{"Accept-Language": "de"}) == detail() == "level ska vara något av OPER, UNIT, AREA, DIR, LEAD."


def test_the_faults_of_a_form_that_a_program_sends_are_told_in_its_language(pages: Installed) -> None:
    api = program(pages)
    english = {**api.headers, "Accept-Language": "en"}

    answer = api.client.post(f"{BASE}/process-definitions/avvikelse/start", json={}, headers=english)

    told = answer.get_json()
    assert told["detail"] == "The form has faults that need correcting."
    assert told["fields"]["kind"] == "Choose something under Kind."
