"""The case page as each side sees it, and who sees none of it; every reading on record."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import NotFound
from flowsvc.domain.instances import InstanceStatus, Reader
from flowsvc.store import audit, instances
from flowsvc.usecases import case_pages, messages, records, timeline
from flowsvc.usecases import instances as moves
from flowsvc.usecases.case_pages import CasePage, OutlineRow
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from tests.usecases.office import (
    CLIENT,
    POSITION,
    as_post,
    chain,
    complete,
    deploy,
    instance_of,
    open_tasks,
    pass_until,
    process,
    report,
    start,
)

SECRET = "Vi kan gå upp till det dubbla."
INTERIM = "Föreslå vem som ansvarar tills vidare"


def seen_by(ctx: Context, post: str, instance_id: str, language: str = "sv") -> CasePage:
    return case_pages.case_page(ctx, as_post(ctx, post), instance_id, language=language)


def told(page: CasePage) -> list[str]:
    """What the timeline tells, oldest first."""
    return [entry.what for entry in reversed(page.timeline)]


def state(page: CasePage, element_id: str) -> str:
    row: OutlineRow = next(row for row in page.outline if row.element_id == element_id)
    return row.state


@pytest.fixture
def instance_id(shipped: Context) -> str:
    """A dispute in which the region has given its position, with a note of its own."""
    found = report(shipped)
    complete(shipped, found, "Ange ståndpunkt", party="region", **POSITION, internal_note=SECRET, max_mandate=1_000_000)
    return found


def test_each_side_sees_what_is_shared_and_only_its_own_notes(shipped: Context, instance_id: str) -> None:
    own, other = (seen_by(shipped, post, instance_id) for post in ("bup.behandlare", "socialsekreterare.alvsta"))

    given = [next(entry for entry in page.timeline if entry.what == "Ange ståndpunkt – klar") for page in (own, other)]
    assert given[0].answers == given[1].answers
    assert ("Ståndpunkt", "Annan parts ansvar") in given[0].answers
    assert ("Egen anteckning", SECRET) in given[0].own_answers
    assert given[1].own_answers == ()
    assert SECRET in repr(own)
    assert SECRET not in repr(other)


def test_variables_of_one_party_are_not_given_to_the_other_nor_to_programs(shipped: Context, instance_id: str) -> None:
    for actor in (as_post(shipped, "socialsekreterare.alvsta"), CLIENT):
        names = {row.name for row in records.variables_of(shipped, actor, instance_id).shown}
        assert "kind" in names
        assert not names & {"internal_note", "max_mandate"}
    own = {row.name for row in records.variables_of(shipped, as_post(shipped, "bup.behandlare"), instance_id).shown}
    assert {"internal_note", "max_mandate"} <= own


def test_an_outsider_gets_nothing_and_nothing_is_logged_as_read(shipped: Context, instance_id: str) -> None:
    for post in ("larare.alvsta", "enhetschef.barn.alvsta", "driftansvarig", "kommundirektor.bjorknas"):
        actor = as_post(shipped, post)
        with pytest.raises(NotFound) as unseen:
            seen_by(shipped, post, instance_id)
        with pytest.raises(NotFound) as missing:
            seen_by(shipped, post, "finns-inte")
        with pytest.raises(NotFound):
            case_pages.diagram_source(shipped, actor, instance_id, "avvikelse")
        with pytest.raises(NotFound):
            records.history_of(shipped, actor, instance_id)
        assert unseen.value.message == missing.value.message

    with shipped.store.read() as tx:
        assert audit.readings_of(tx, instance_id) == ()


def test_every_reading_is_on_record_with_its_ground(shipped: Context, instance_id: str) -> None:
    seen_by(shipped, "bup.behandlare", instance_id)
    case_pages.diagram_source(shipped, as_post(shipped, "socialsekreterare.alvsta"), instance_id, "interim")
    records.variables_of(shipped, CLIENT, instance_id)

    with shipped.store.read() as tx:
        found = [(each.post_id, each.ground, each.items) for each in reversed(audit.readings_of(tx, instance_id))]
    assert found == [
        ("bup.behandlare", "reporter", ()),
        ("socialsekreterare.alvsta", "candidate", ("process:interim",)),
        (None, "client", ("variables",)),
    ]


def test_a_reader_whose_time_is_over_is_an_outsider(shipped: Context, instance_id: str) -> None:
    now = shipped.clock.now()
    with shipped.store.begin() as tx:
        instances.add_readers(tx, instance_id, [Reader("larare.alvsta", "granted", now, until=now)])

    assert seen_by(shipped, "larare.alvsta", instance_id).ground == "granted"
    shipped.clock.advance(seconds=1)  # type: ignore[attr-defined]  # the manual clock of the tests
    with pytest.raises(NotFound):
        seen_by(shipped, "larare.alvsta", instance_id)


def test_the_timeline_tells_what_people_did_and_which_time_ran_out(
    shipped: Context, clock: ManualClock, instance_id: str
) -> None:
    pass_until(shipped, clock, clock.now() + timedelta(days=9))

    page = seen_by(shipped, "bup.behandlare", instance_id)

    assert told(page) == [
        "Ärendet startat: Avvikelse eller tvist",
        "Tas upp på verksamhetsnivå",
        "Ange ståndpunkt – klar",
        "Fristen ute",
        "Ansvarar tills vidare: Region Sjöland",
        "Inte säkrat i tid",
        "Älvsta kommun svarade inte i tid (Verksamhetsnivå)",
        "Nivåns tid är ute",
        "Lyft till enhetschefer",
    ]
    entry = next(each for each in page.timeline if each.kind == "task")
    assert entry.who == "Edda Grund, Behandlare BUP, Region Sjöland"
    assert page.timeline[-1].answers[0] == ("Typ", "Ansvar")


def test_the_timeline_is_in_english_when_asked_for(shipped: Context, clock: ManualClock, instance_id: str) -> None:
    pass_until(shipped, clock, clock.now() + timedelta(days=9))

    page = seen_by(shipped, "bup.behandlare", instance_id, "en")

    assert told(page) == [
        "Case started: Deviation or dispute",
        "Taken up at operational level",
        "State position – done",
        "Time is up",
        "Responsible for now: Region Sjöland",
        "Not secured in time",
        "Älvsta Municipality did not answer in time (Operational level)",
        "The level’s time is up",
        "Lifted to unit managers",
    ]
    assert (page.row.status_words, page.ground) == ("Running", "You reported the case")


def test_a_message_stands_in_the_timeline_with_what_was_written(shipped: Context, instance_id: str) -> None:
    reporter = as_post(shipped, "bup.behandlare")
    offer = next(o for o in messages.offers_of(shipped, reporter, instance_id) if o.label == "Begär gemensamt möte")
    reason = {"meeting_reason": "Vi kommer inte vidare.", "meeting_form": "digital"}
    messages.send_offered(shipped, reporter, instance_id, offer.token, Sent(variables=dict(reason)))

    page = seen_by(shipped, "socialsekreterare.alvsta", instance_id)

    entry = next(each for each in page.timeline if each.kind == "message")
    assert entry.what == "Gemensamt möte begärs"
    assert entry.who == "Edda Grund, Behandlare BUP, Region Sjöland"
    assert ("Varför behövs ett möte?", "Vi kommer inte vidare.") in entry.answers
    assert "Dokumentera gemensamt möte" in {each.task.name for each in page.open_tasks}


def test_who_owes_what_until_when_with_posts_and_those_who_are_here(shipped: Context, instance_id: str) -> None:
    page = seen_by(shipped, "bup.behandlare", instance_id)

    owed = next(each for each in page.open_tasks if each.task.name == "Ange ståndpunkt")
    assert owed.task.party_name == "Älvsta kommun"
    assert owed.posts == (
        "Familjehemssekreterare (Rolf Ljung)",
        "Socialsekreterare barn och unga (Orvar Eng, Pia Mark)",
    )
    assert set(owed.people) == {"Rolf Ljung", "Orvar Eng", "Pia Mark"}
    assert owed.task.due_words == "om 5 arbetsdagar"
    assert not owed.is_open_to_me
    assert [each.task.due_at for each in page.open_tasks] == sorted(
        each.task.due_at for each in page.open_tasks if each.task.due_at
    )


def test_the_outline_and_the_diagrams_say_where_the_case_stands(
    shipped: Context, clock: ManualClock, instance_id: str
) -> None:
    page = seen_by(shipped, "bup.behandlare", instance_id)

    assert state(page, "anmald") == "done"
    assert state(page, "c_eskalering") == "current"
    assert state(page, "standpunkt") == "current"
    assert state(page, "t_niva") == "waiting"
    assert state(page, "x_overens") == "untouched"
    assert [view.key for view in page.diagrams] == ["avvikelse", "interim", "eskalering"]
    assert page.diagrams[2].marks["standpunkt"] == "current"
    assert "t_niva" not in page.diagrams[2].marks
    clock.advance(days=20)
    late = seen_by(shipped, "bup.behandlare", instance_id)
    assert late.diagrams[2].marks["standpunkt"] == "late"


def test_the_diagram_comes_in_the_version_of_the_case_and_no_other_process_with_it(
    shipped: Context, instance_id: str
) -> None:
    actor = as_post(shipped, "bup.behandlare")

    source = case_pages.diagram_source(shipped, actor, instance_id, "eskalering")

    assert b'<bpmn:process id="eskalering"' in source
    for key in ("principfraga", "finns-inte"):
        with pytest.raises(NotFound):
            case_pages.diagram_source(shipped, actor, instance_id, key)


def test_an_element_that_failed_stands_still_on_the_page(ctx: Context) -> None:
    broken = (
        "fel",
        '<bpmn:scriptTask id="fel" name="Räkna" scriptFormat="feel" camunda:resultVariable="x">'
        "<bpmn:script>=saknas + 1</bpmn:script></bpmn:scriptTask>",
    )
    deploy(
        ctx, process("prov", chain(("s", '<bpmn:startEvent id="s"/>'), broken, ("slut", '<bpmn:endEvent id="slut"/>')))
    )
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id

    page = seen_by(ctx, "bup.behandlare", instance_id)

    assert [each.element_name for each in page.stands_still] == ["Räkna"]
    assert state(page, "fel") == "failed"
    assert page.diagrams[0].marks["fel"] == "failed"


def test_a_suspended_and_an_ended_case_say_so(shipped: Context) -> None:
    instance_id = report(shipped, kind="other", child_waiting=False)
    operator = as_post(shipped, "driftansvarig")
    moves.suspend_instance(shipped, operator, instance_id)
    assert seen_by(shipped, "bup.behandlare", instance_id).row.status_words == "Stoppat av driften"
    moves.resume_instance(shipped, operator, instance_id)
    complete(
        shipped,
        instance_id,
        "Lista för lokal samarbetsgrupp",
        season="spring",
        in_system="no",
        group_question="Vad gör vi?",
    )
    complete(shipped, instance_id, "Återkoppling till anmälaren")

    page = seen_by(shipped, "bup.behandlare", instance_id)

    assert instance_of(shipped, instance_id).status is InstanceStatus.ENDED
    assert page.row.status_words == "Avslutat"
    assert page.timeline[0].what == "Ärendet avslutat: Listad för lokal samarbetsgrupp"
    assert {"Ärendet stoppat av driften", "Återupptaget"} <= set(told(page))
    assert (page.open_tasks, page.offers) == ((), ())
    assert state(page, "avslutat") == "done"
    assert not {"current", "waiting"} & {row.state for row in page.outline}


def test_documents_and_offers_are_those_that_the_case_has_now(shipped: Context, instance_id: str) -> None:
    lead, other = (seen_by(shipped, post, instance_id) for post in ("bup.behandlare", "socialsekreterare.alvsta"))

    assert [each.template for each in lead.documents] == ["dossier"]
    assert {each.label for each in lead.offers} == {"Begär gemensamt möte", "Återkalla tvisten"}
    assert {each.label for each in other.offers} == {"Begär gemensamt möte"}


def test_the_escalation_stands_on_the_page_level_by_level(
    shipped: Context, clock: ManualClock, instance_id: str
) -> None:
    pass_until(shipped, clock, clock.now() + timedelta(days=9))

    view = seen_by(shipped, "bup.behandlare", instance_id).escalation

    assert view is not None
    assert [(each.code, each.working_days, each.is_current) for each in view.ladder] == [
        ("OPER", 5, False),
        ("UNIT", 2, True),
    ]
    assert [(side.party_name, side.state) for side in view.ladder[0].sides] == [
        ("Älvsta kommun", "silent"),
        ("Region Sjöland", "given"),
    ]
    assert {side.state for side in view.ladder[1].sides} == {"owed"}
    assert (view.row.business_key, view.row.interim_state) == ("SJ-AVV-2026-00001", "late")


def test_a_case_is_found_by_its_number_by_those_who_may_read_it(shipped: Context, instance_id: str) -> None:
    number = instance_of(shipped, instance_id).business_key
    reader, outsider = as_post(shipped, "bup.behandlare"), as_post(shipped, "larare.alvsta")

    for text in (number, number.lower(), number[:6], f" {number} "):
        assert [row.id for row in case_pages.find_case(shipped, reader, text)] == [instance_id]
        assert case_pages.find_case(shipped, outsider, text) == ()
    assert case_pages.find_case(shipped, reader, "") == ()
    assert case_pages.find_case(shipped, reader, "SJ-AVV-2026-99") == ()


def test_my_cases_come_newest_first_page_by_page(shipped: Context) -> None:
    ids = [report(shipped) for _ in range(3)]
    actor = as_post(shipped, "bup.behandlare")

    first = case_pages.my_cases(shipped, actor, language="sv", limit=2)
    rest = case_pages.my_cases(shipped, actor, language="sv", limit=2, after=first.next_after)

    assert [row.id for row in (*first.items, *rest.items)] == ids[::-1]
    assert rest.next_after is None
    assert case_pages.my_cases(shipped, actor, language="sv", statuses=[InstanceStatus.ENDED]).items == ()
    assert case_pages.my_cases(shipped, as_post(shipped, "larare.alvsta"), language="sv").items == ()


def test_a_related_case_is_shown_to_those_who_may_read_it_too(shipped: Context, instance_id: str) -> None:
    child = report(shipped, "larare.alvsta", place="alvsta-skola", counterparts=[{"unit": "bup-oppenvard"}])
    with shipped.store.begin() as tx:
        instance = tx.lock_instance(child)
        tx.save_instance(replace(instance, parent_instance=instance_id), expected_version=instance.version)

    assert [row.id for row in seen_by(shipped, "bup.behandlare", instance_id).related] == [child]
    assert [row.id for row in seen_by(shipped, "bup.behandlare", child).related] == [instance_id]
    assert seen_by(shipped, "socialsekreterare.alvsta", instance_id).related == ()
    assert seen_by(shipped, "larare.alvsta", child).related == ()


def test_the_system_sees_everything(shipped: Context, instance_id: str) -> None:
    page = case_pages.case_page(shipped, SYSTEM, instance_id, language="sv")

    assert SECRET in repr(page)
    assert page.offers == ()
    assert open_tasks(shipped, instance_id)


def test_a_long_history_is_told_part_by_part_from_the_newest_and_nothing_is_told_twice(
    shipped: Context, clock: ManualClock, instance_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_until(shipped, clock, clock.now() + timedelta(days=40))
    reader = as_post(shipped, "bup.behandlare")
    whole = case_pages.case_page(shipped, reader, instance_id, language="sv")
    monkeypatch.setattr(timeline, "AT_ONCE", 12)

    parts = [case_pages.case_page(shipped, reader, instance_id, language="sv")]
    while parts[-1].older is not None:
        parts.append(case_pages.case_page(shipped, reader, instance_id, language="sv", before=parts[-1].older))

    assert len(parts) > 3
    assert [each.is_newest for each in parts] == [True, *(False for _ in parts[1:])]
    # What happened at one moment may stand in another order where a part ends.
    told = [entry for part in parts for entry in part.timeline]
    assert sorted(told, key=repr) == sorted(whole.timeline, key=repr)
    assert [entry.at for entry in told] == [entry.at for entry in whole.timeline]
    for part in parts:
        assert part.escalation == whole.escalation
        assert part.outline == whole.outline
