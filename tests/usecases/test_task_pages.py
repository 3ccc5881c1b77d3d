"""Task pages: the form with draft and faults, who holds the task, and what a closed one says."""

import pytest

from flowsvc.domain.access import Actor
from flowsvc.domain.errors import AlreadyCompleted, FormInvalid, InvalidInput, NotFound
from flowsvc.domain.forms import FormView, Submitted
from flowsvc.domain.forms.viewing import PartView
from flowsvc.domain.tasks import TaskFilter
from flowsvc.store import audit, tasks
from flowsvc.usecases import instances, messages, records, task_pages
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.task_pages import TaskPage
from tests.usecases.office import (
    CLIENT,
    POSITION,
    REPORT,
    as_post,
    complete,
    open_tasks,
    report,
)

NAME = "Ange ståndpunkt"


def page(ctx: Context, actor: Actor, task_id: str, language: str = "sv") -> TaskPage:
    return task_pages.task_page(ctx, actor, task_id, language=language)


def part(form: FormView | None, name: str) -> PartView:
    assert form is not None
    return next(each for each in _all(form.parts) if each.name == name)


def _all(parts: tuple[PartView, ...]) -> list[PartView]:
    return [inner for each in parts for inner in (each, *_all(each.parts))]


def typed(**fields: str) -> Submitted:
    return Submitted(fields={name: [text] for name, text in fields.items()})


@pytest.fixture
def task_id(shipped: Context) -> str:
    """The municipality's question for its position."""
    return open_tasks(shipped, report(shipped), NAME, party="alvsta")[0].id


@pytest.fixture
def officer(shipped: Context) -> Actor:
    return as_post(shipped, "socialsekreterare.alvsta")


def test_the_page_shows_the_form_with_what_is_known_of_the_case(shipped: Context, officer: Actor, task_id: str) -> None:
    found = page(shipped, officer, task_id)

    assert found.form is not None
    words = "".join(run for each in found.form.parts for line in each.paragraphs for run, _ in line.runs)
    assert "Oklart vem som ger behandlingen på hemmet." in words
    assert "1 december 2026" in words
    assert (found.can_claim, found.can_complete, found.can_unclaim, found.can_hand_over) == (True, True, False, True)
    assert found.acting_as == "Socialsekreterare barn och unga, Älvsta kommun"


def test_reading_a_task_is_logged_and_what_is_not_mine_is_neither_shown_nor_logged(
    shipped: Context, officer: Actor, task_id: str
) -> None:
    page(shipped, officer, task_id)
    with pytest.raises(NotFound):
        page(shipped, as_post(shipped, "larare.alvsta"), task_id)
    with pytest.raises(NotFound):
        page(shipped, as_post(shipped, "bup.behandlare"), task_id)

    with shipped.store.read() as tx:
        task = tasks.by_id(tx, task_id)
        (reading,) = audit.readings_of(tx, task.instance_id)
    assert (reading.person_id, reading.post_id) == (officer.person_id, "socialsekreterare.alvsta")
    assert (reading.ground, reading.items) == ("candidate", (task_id,))


def test_a_draft_comes_back_to_its_person_alone(shipped: Context, officer: Actor, task_id: str) -> None:
    saved = task_pages.save_form_draft(
        shipped, officer, f"task:{task_id}", typed(stance="shared", legal_basis="29 kap."), language="sv"
    )

    found = page(shipped, officer, task_id)
    other = page(shipped, as_post(shipped, "familjehemssekreterare.alvsta"), task_id)

    assert found.draft_saved_at == saved.saved_at
    assert part(found.form, "legal_basis").value == "29 kap."
    assert [option.value for option in part(found.form, "stance").options if option.is_chosen] == ["shared"]
    assert (other.draft_saved_at, part(other.form, "legal_basis").value) == (None, "")


def test_saving_a_draft_is_not_a_reading_and_only_those_who_may_do_the_task_have_one(
    shipped: Context, officer: Actor, task_id: str
) -> None:
    task_pages.save_form_draft(shipped, officer, f"task:{task_id}", typed(facts="Möte"), language="sv")
    with pytest.raises(NotFound):
        task_pages.save_form_draft(
            shipped, as_post(shipped, "larare.alvsta"), f"task:{task_id}", typed(facts="Möte"), language="sv"
        )
    with pytest.raises(InvalidInput):
        task_pages.save_form_draft(shipped, officer, "annat:1", typed(), language="sv")

    with shipped.store.read() as tx:
        assert audit.readings_of(tx, tasks.by_id(tx, task_id).instance_id) == ()


def test_what_was_typed_is_shown_again_with_its_faults(shipped: Context, officer: Actor, task_id: str) -> None:
    task_pages.save_form_draft(shipped, officer, f"task:{task_id}", typed(legal_basis="utkastet"), language="sv")
    sent = typed(stance="unclear", legal_basis="29 kap.", max_mandate="mycket")
    with pytest.raises(FormInvalid) as refused:
        desk.complete_task(shipped, officer, task_id, Sent(fields=sent, one_time_key="k1"))

    again = task_pages.task_page(shipped, officer, task_id, language="sv", sent=sent, errors=refused.value.fields)

    assert part(again.form, "legal_basis").value == "29 kap."
    assert part(again.form, "max_mandate").value == "mycket"
    assert part(again.form, "max_mandate").error
    assert again.form is not None
    assert {name for name, _ in again.form.errors} >= {"f-max_mandate", "f-child_best_assessment"}


def test_a_claimed_task_says_who_holds_it_and_nobody_else_may_send_it(
    shipped: Context, officer: Actor, task_id: str
) -> None:
    desk.claim_task(shipped, officer, task_id)

    own, other = (
        page(shipped, actor, task_id) for actor in (officer, as_post(shipped, "familjehemssekreterare.alvsta"))
    )

    assert (own.can_complete, own.can_unclaim, own.can_claim) == (True, True, False)
    assert (other.can_complete, other.can_unclaim, other.can_claim) == (False, False, False)
    assert (other.held_by, other.held_as) == (officer.name, "Socialsekreterare barn och unga")


def test_a_closed_task_shows_what_was_sent_by_whom_and_no_form(shipped: Context, officer: Actor, task_id: str) -> None:
    desk.complete_task(shipped, officer, task_id, Sent(variables={**POSITION, "internal_note": "Bara vi."}))

    found = page(shipped, officer, task_id)

    assert found.form is None
    assert (found.is_closed, found.is_cancelled, found.can_complete) == (True, False, False)
    assert (found.closed_by, found.closed_at) == (officer.name, shipped.clock.now())
    assert ("Lagstöd och punkt i överenskommelsen", "29 kap. 2 § SoL") in found.answers
    assert ("Egen anteckning", "Bara vi.") in found.answers
    with pytest.raises(AlreadyCompleted):
        task_pages.save_form_draft(shipped, officer, f"task:{task_id}", typed(facts="x"), language="sv")


def test_the_page_is_in_english_when_asked_for(shipped: Context, officer: Actor, task_id: str) -> None:
    found = page(shipped, officer, task_id, "en")

    assert (found.task.name, found.task.process_name) == ("State position", "Deviation or dispute")
    assert found.form is not None
    assert found.form.submit == "Send the position"
    assert found.acting_as == "Social worker, child welfare, Älvsta Municipality"


def test_documentation_of_the_element_stands_on_the_page_in_the_language(shipped: Context) -> None:
    instance_id = report(shipped)
    for party in ("region", "alvsta"):
        complete(shipped, instance_id, "Föreslå vem som ansvarar tills vidare", party=party, proposed_party="region")
    (task,) = open_tasks(shipped, instance_id, "Säkra stödet")
    actor = as_post(shipped, "bup.behandlare")

    assert page(shipped, actor, task.id).documentation.startswith("Ger barnet stöd tills frågan är avgjord.")
    assert page(shipped, actor, task.id, "en").documentation.startswith("Gives the child support")


def test_a_suspended_case_stops_all_but_the_support(shipped: Context, task_id: str) -> None:
    instance_id = report(shipped)
    for party in ("region", "alvsta"):
        complete(shipped, instance_id, "Föreslå vem som ansvarar tills vidare", party=party, proposed_party="region")
    instances.suspend_instance(shipped, as_post(shipped, "driftansvarig"), instance_id)
    actor = as_post(shipped, "bup.behandlare")

    assert page(shipped, actor, open_tasks(shipped, instance_id, "Säkra stödet")[0].id).can_complete
    assert not page(shipped, actor, open_tasks(shipped, instance_id, NAME, party="region")[0].id).can_complete


def test_the_start_page_has_the_start_form_and_keeps_a_draft(shipped: Context) -> None:
    actor = as_post(shipped, "bup.behandlare")
    task_pages.save_form_draft(shipped, actor, "start:avvikelse", typed(description="Halvfärdigt"), language="sv")

    found = task_pages.start_page(shipped, actor, "avvikelse", language="sv")

    assert found.name == "Avvikelse eller tvist"
    assert found.documentation.startswith("En avvikelse i samverkan")
    assert part(found.form, "description").value == "Halvfärdigt"
    assert found.draft_saved_at == shipped.clock.now()
    own_units = [option.label for option in part(found.form, "place").options]
    assert own_units[0] == "BUP öppenvård, Region Sjöland"
    assert task_pages.start_page(shipped, actor, "avvikelse", language="en").name == "Deviation or dispute"


def test_the_draft_of_a_start_is_gone_once_it_is_sent(shipped: Context) -> None:
    actor = as_post(shipped, "bup.behandlare")
    task_pages.save_form_draft(shipped, actor, "start:avvikelse", typed(description="Halvfärdigt"), language="sv")

    instances.start_instance(shipped, actor, "avvikelse", Sent(variables=REPORT))

    assert task_pages.start_page(shipped, actor, "avvikelse", language="sv").draft_saved_at is None


def test_what_cannot_be_started_by_hand_has_no_page(shipped: Context) -> None:
    actor = as_post(shipped, "bup.behandlare")
    for key in ("eskalering", "finns-inte"):
        with pytest.raises(NotFound):
            task_pages.start_page(shipped, actor, key, language="sv")


def test_an_offered_message_has_a_page_for_those_it_is_offered_to(shipped: Context) -> None:
    instance_id = report(shipped)
    reporter, officer = as_post(shipped, "bup.behandlare"), as_post(shipped, "socialsekreterare.alvsta")
    withdraw = next(o for o in messages.offers_of(shipped, reporter, instance_id) if o.label == "Återkalla tvisten")
    place = f"offer:{instance_id}:{withdraw.token}"

    task_pages.save_form_draft(shipped, reporter, place, typed(withdrawal_text="Löst"), language="sv")
    found = task_pages.offer_page(shipped, reporter, instance_id, withdraw.token, language="en")

    assert found.name == "Withdraw the dispute"
    assert found.form is not None
    assert found.draft_saved_at == shipped.clock.now()
    with pytest.raises(NotFound):
        task_pages.offer_page(shipped, officer, instance_id, withdraw.token, language="sv")
    with pytest.raises(NotFound):
        task_pages.offer_page(shipped, as_post(shipped, "larare.alvsta"), instance_id, withdraw.token, language="sv")


def test_programs_read_a_task_and_its_form_as_stored(shipped: Context, task_id: str) -> None:
    found = records.task_form(shipped, CLIENT, task_id)

    assert found is not None
    assert found.definition.key == "standpunkt"
    assert found.values["party_names"] == "Region Sjöland, Älvsta kommun"
    assert records.task_record(shipped, CLIENT, task_id).party_id == "alvsta"
    assert [
        t.id for t in records.tasks_page(shipped, CLIENT, TaskFilter(element_id="standpunkt")).items if t.id == task_id
    ]
