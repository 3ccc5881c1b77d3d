"""What is deployed is found by what starts it, by name, and with its subprocesses under their callers."""

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.usecases.context import Context
from flowsvc.usecases.definition_lists import definition_lists
from tests.usecases.office import as_post


def test_processes_stand_by_what_starts_them_and_parts_under_their_callers(shipped: Context) -> None:
    lists = definition_lists(shipped, SYSTEM, language="sv")

    by_people = {each.name: each for each in lists.by_people}
    assert "Avvikelse eller tvist" in by_people
    assert "Eskalering nivå för nivå" in [each.name for each in by_people["Avvikelse eller tvist"].parts]
    assert "Eskalering nivå för nivå" not in by_people
    assert "Antagande av en ny version" in [each.name for each in lists.by_others]
    assert len(lists.decisions) > 5
    assert len(lists.forms) > 50


def test_a_search_finds_subprocesses_tables_and_forms_by_name(shipped: Context) -> None:
    lists = definition_lists(shipped, SYSTEM, language="sv", search="  NIVÅ ")

    assert "Eskalering nivå för nivå" in [each.name for each in lists.found]
    assert lists.by_people == ()
    assert all(
        "nivå" in f"{each.name} {each.key}".casefold() for each in (*lists.found, *lists.decisions, *lists.forms)
    )


@pytest.mark.parametrize("search", ["", "finns inte"])
def test_there_may_be_nothing(ctx: Context, search: str) -> None:
    assert definition_lists(ctx, SYSTEM, language="sv", search=search).is_empty


def test_numbers_are_for_those_who_may_know_them(shipped: Context) -> None:
    owner, staff = (
        definition_lists(shipped, as_post(shipped, post), language="en") for post in ("processagare", "bup.behandlare")
    )

    assert all(each.standing is not None for each in owner.by_people)
    assert all(each.standing is None for each in staff.by_people)
