"""A decision table and a form are read as they are, with who uses them."""

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.errors import NotFound
from flowsvc.usecases.context import Context
from flowsvc.usecases.rule_pages import decision_page, form_page
from tests.usecases.office import as_post


def test_a_table_says_its_codes_in_the_words_of_the_forms(shipped: Context) -> None:
    page = decision_page(shipped, SYSTEM, "escalation-level", language="sv")

    table = page.decision.table
    assert table is not None
    assert table.rows[0].asked == ("alla", "alla", "Verksamhetsnivå", "Normal")
    assert [each.key for each in page.used_by] == ["eskalering"]
    assert page.decision.about.startswith("Vem som svarar på varje nivå")


def test_every_shipped_table_can_be_read(shipped: Context) -> None:
    for key in ("triage", "interim", "malgrupp", "ansvarig-tjanst", "kostnadsprincip", "vem-beslutar"):
        for language in ("sv", "en"):
            assert decision_page(shipped, SYSTEM, key, language=language).decision.table is not None


def test_a_form_is_shown_as_staff_get_it(shipped: Context) -> None:
    page = form_page(shipped, as_post(shipped, "bup.behandlare"), "af1", language="sv")

    assert page.form.parts
    assert page.form.errors == ()
    assert [each.key for each in page.used_by] == ["avvikelse"]


def test_what_is_not_there_is_not_found(shipped: Context) -> None:
    with pytest.raises(NotFound):
        decision_page(shipped, SYSTEM, "okänd", language="sv")
    with pytest.raises(NotFound):
        form_page(shipped, SYSTEM, "af1", language="sv", version=99)
