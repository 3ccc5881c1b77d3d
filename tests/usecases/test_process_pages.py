"""A process is read in words by everybody; how many cases stand where, by those who may know."""

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import definitions
from flowsvc.usecases import instances as moves
from flowsvc.usecases.context import Context
from flowsvc.usecases.element_facts import Fact
from flowsvc.usecases.process_pages import ElementRow, ProcessPage, process_page
from tests.usecases.office import (
    END,
    START,
    as_post,
    chain,
    complete,
    deploy,
    process,
    report,
    run_jobs,
    start,
    user_task,
)

OWNER = "processagare"
STAFF = "bup.behandlare"
MANAGER = "enhetschef.bup"


def read(ctx: Context, key: str, post: str = OWNER, *, language: str = "sv") -> ProcessPage:
    return process_page(ctx, as_post(ctx, post), key, language=language)


def element(page: ProcessPage, name: str) -> ElementRow:
    return next(each for each in page.elements if each.name == name)


def fact(row: ElementRow, label: str) -> Fact:
    return next(each for each in row.facts if each.label == label)


def version_of(number: int) -> SourceFile:
    return process("prov", chain(START, user_task("A"), *[user_task(f"B{n}") for n in range(number)], END))


def test_the_level_s_limit_is_told_with_the_decision_table_that_gives_it(shipped: Context) -> None:
    page = read(shipped, "eskalering")

    limit = fact(element(page, "Förhandling på nivån"), "Svar väntas")

    assert limit.text == "inom 2–20 arbetsdagar enligt beslutstabellen, ”Tidsgräns (arbetsdagar)”"
    assert [(each.kind, each.key) for each in limit.links] == [("decision", "escalation-level")]


def test_an_element_says_who_does_it_by_when_and_with_which_form(shipped: Context) -> None:
    row = element(read(shipped, "eskalering"), "Ange ståndpunkt")

    assert fact(row, "Vem").text == "de som 3 Ta fram adressaterna anger"
    assert fact(row, "Ska vara klart").text == "den dag som 3 Ta fram adressaterna anger"
    assert [each.key for each in fact(row, "Blankett").links] == ["standpunkt"]


def test_a_boundary_event_and_conditions_are_told_with_their_activity(shipped: Context) -> None:
    page = read(shipped, "eskalering")

    assert "6 Nivåns tid är ute" in fact(element(page, "Förhandling på nivån"), "Om tiden går ut").text
    assert fact(element(page, "Överens?"), "Villkor för 8 Parterna är överens").code == 'level_result = "agreed"'


def test_groups_are_told_as_the_posts_of_the_directory(shipped: Context) -> None:
    page = read(shipped, "avvikelse")

    posts = fact(element(page, "Lista för lokal samarbetsgrupp"), "Befattningar").text
    role = next(each for each in page.roles if each.role == "Samordning")

    assert "Processledare barn och unga (Region Sjöland)" in posts
    assert [each.name for each in role.elements] == ["Lista för lokal samarbetsgrupp"]


def test_everything_is_told_in_english_too(shipped: Context) -> None:
    page = read(shipped, "eskalering", language="en")

    row = element(page, "State position")

    assert fact(row, "Due").text == "on the day that 3 Find the addressees gives"
    assert page.heading.name == "Escalation level by level"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_shipped_process_can_be_read(shipped: Context, language: str) -> None:
    with shipped.store.read() as tx:
        keys = [each.key for each in definitions.all_latest(tx, DefinitionKind.PROCESS)]

    assert len(keys) > 30
    for key in keys:
        page = read(shipped, key, language=language)
        assert page.elements, key
        assert len({each.number for each in page.elements}) == len(page.elements), key


def test_cases_are_counted_where_they_stand_and_the_late_ones_too(shipped: Context, clock: ManualClock) -> None:
    report(shipped)
    report(shipped)
    run_jobs(shipped)

    on_time = element(read(shipped, "eskalering"), "Ange ståndpunkt").standing
    clock.advance(days=30)
    late = element(read(shipped, "eskalering"), "Ange ståndpunkt").standing

    assert on_time is not None
    assert late is not None
    assert on_time.words == "2 ärenden"
    assert late.words == "2 ärenden, 2 försenade"


def test_nobody_stands_at_a_boundary_event_and_a_caller_counts_those_inside_it(shipped: Context) -> None:
    report(shipped)
    run_jobs(shipped)

    inside, around = read(shipped, "eskalering"), read(shipped, "avvikelse")
    caller = element(around, "Eskalering nivå för nivå").standing

    assert element(inside, "Nivåns tid är ute").standing is None
    assert caller is not None
    assert caller.running == 1


def test_a_suspended_case_is_counted_apart(ctx: Context) -> None:
    deploy(ctx, version_of(0))
    first, _second = start(ctx, STAFF, "prov"), start(ctx, STAFF, "prov")
    moves.suspend_instance(ctx, SYSTEM, first.instance_id)

    found = element(read(ctx, "prov"), "A").standing

    assert found is not None
    assert found.words == "1 ärende, 1 pausat"


def test_the_numbers_can_be_those_of_one_version(any_ctx: Context) -> None:
    deploy(any_ctx, version_of(0))
    start(any_ctx, STAFF, "prov")
    deploy(any_ctx, version_of(1))
    start(any_ctx, STAFF, "prov")
    start(any_ctx, STAFF, "prov")
    owner = as_post(any_ctx, OWNER)

    every = process_page(any_ctx, owner, "prov", language="sv")
    newest = process_page(any_ctx, owner, "prov", language="sv", only_this_version=True)
    oldest = process_page(any_ctx, owner, "prov", language="sv", version=1, only_this_version=True)

    assert [element(page, "A").standing.words for page in (every, newest, oldest)] == [  # type: ignore[union-attr]
        "3 ärenden",
        "2 ärenden",
        "1 ärende",
    ]
    assert [each.standing.running for each in every.versions if each.standing] == [2, 1]
    assert [page.standing.running for page in (every, newest, oldest) if page.standing] == [3, 2, 1]


def test_a_case_that_has_gone_on_stands_there_no_more(ctx: Context) -> None:
    deploy(ctx, version_of(1))
    instance_id = start(ctx, STAFF, "prov").instance_id
    complete(ctx, instance_id, "A")

    page = read(ctx, "prov")

    assert element(page, "A").standing is None
    assert element(page, "B0").standing is not None


@pytest.mark.parametrize("post", [OWNER, MANAGER, "processledare", "driftansvarig"])
def test_who_answers_for_processes_may_know_how_many(ctx: Context, post: str) -> None:
    deploy(ctx, version_of(0))
    start(ctx, STAFF, "prov")

    assert element(read(ctx, "prov", post), "A").standing is not None


def test_staff_read_the_process_without_numbers(ctx: Context) -> None:
    deploy(ctx, version_of(0))
    start(ctx, STAFF, "prov")

    page = read(ctx, "prov", STAFF)

    assert page.standing is None
    assert all(each.standing is None for each in page.elements)
    assert all(each.standing is None for each in page.versions)


def test_a_version_that_is_not_there_is_not_found(ctx: Context) -> None:
    deploy(ctx, version_of(0))

    for version in (0, 2):
        with pytest.raises(NotFound):
            process_page(ctx, SYSTEM, "prov", language="sv", version=version)
    with pytest.raises(NotFound):
        process_page(ctx, SYSTEM, "okänd", language="sv")


def test_the_versions_say_who_when_and_why(ctx: Context) -> None:
    deploy(ctx, version_of(0))
    deploy(ctx, version_of(1))

    newest, oldest = read(ctx, "prov").versions

    assert (newest.version, newest.is_newest, oldest.is_newest) == (2, True, False)


CALL = ("kalla", '<bpmn:callActivity id="kalla" name="Kalla" calledElement="barn"/>')
TWICE = ("igen", '<bpmn:callActivity id="igen" name="Igen" calledElement="barn"/>')


def test_a_caller_counts_the_cases_inside_what_it_alone_calls(any_ctx: Context) -> None:
    deploy(any_ctx, process("barn", chain(START, user_task("A"), END)), process("mor", chain(START, CALL, END)))
    start(any_ctx, STAFF, "mor")
    start(any_ctx, STAFF, "barn")

    caller, called = element(read(any_ctx, "mor"), "Kalla"), element(read(any_ctx, "barn"), "A")
    only_this = process_page(any_ctx, SYSTEM, "mor", language="sv", only_this_version=True)

    assert [each.standing.running for each in (caller, called) if each.standing] == [1, 2]
    assert element(only_this, "Kalla").standing == caller.standing


def test_where_several_call_the_same_none_of_them_counts_its_cases(ctx: Context) -> None:
    deploy(ctx, process("barn", chain(START, user_task("A"), END)), process("mor", chain(START, CALL, TWICE, END)))
    start(ctx, STAFF, "mor")

    page = read(ctx, "mor")

    assert [element(page, name).standing for name in ("Kalla", "Igen")] == [None, None]
