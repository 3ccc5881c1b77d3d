"""The gate before a new version: a second person, what was approved and nothing else, and nobody's work overwritten."""

from dataclasses import replace

import pytest

from flowsvc.domain.access import SYSTEM, Actor, ActorKind
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import Conflict, DefinitionInvalid, Forbidden, InvalidInput, StaleRevision
from flowsvc.domain.model_drafts import DraftMove, DraftState, NoteMissing
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import deployments, draft_files, model_drafts, releasing
from flowsvc.usecases.context import Context
from flowsvc.usecases.model_drafts import DraftRow
from flowsvc.usecases.once import Once
from tests.usecases import office
from tests.usecases.office import END, START, as_post, chain, process, user_task
from tests.usecases.test_deployments import form, newest

PROCESS, FORM = DefinitionKind.PROCESS, DefinitionKind.FORM


def owner(ctx: Context) -> Actor:
    return as_post(ctx, "processagare")


def other(ctx: Context) -> Actor:
    return as_post(ctx, "processagare.region")


def text_of(ctx: Context) -> str:
    found = newest(ctx, FORM, "a")
    assert found is not None
    return found.source.decode()


def changed(ctx: Context, text: str = "Två") -> str:
    """A draft of the owner's in which the live form says something else."""
    if newest(ctx, FORM, "a") is None:
        deployments.deploy(ctx, SYSTEM, [form("a")])
    draft_id = model_drafts.create_draft(ctx, owner(ctx), name="Ny text", kind=FORM, key="a")
    model_drafts.save_file(ctx, owner(ctx), draft_id, "a.form", form("a", text).data, revision=1)
    return draft_id


def shown(ctx: Context, draft_id: str) -> str:
    return releasing.release_page(ctx, owner(ctx), draft_id).content


@pytest.fixture
def strict(ctx: Context) -> Context:
    deployments.deploy(ctx, SYSTEM, [form("a")])
    return replace(ctx, approvals=1)


def submitted(ctx: Context) -> str:
    draft_id = changed(ctx)
    releasing.submit_draft(ctx, owner(ctx), draft_id, note="Tydligare", content=shown(ctx, draft_id))
    return draft_id


def test_without_approvals_the_author_releases_alone(ctx: Context) -> None:
    draft_id = changed(ctx)

    done = releasing.release_draft(ctx, owner(ctx), draft_id, note="", content=shown(ctx, draft_id))

    assert [(each.key, each.version) for each in done] == [("a", 2)]
    assert model_drafts.show_draft(ctx, owner(ctx), draft_id).state is DraftState.RELEASED


def test_a_second_person_approves_and_the_author_releases(strict: Context) -> None:
    draft_id = submitted(strict)
    content = shown(strict, draft_id)

    with pytest.raises(Conflict):
        releasing.release_draft(strict, owner(strict), draft_id, note="x", content=content)
    with pytest.raises(Forbidden):
        releasing.approve_draft(strict, owner(strict), draft_id, content=content)
    releasing.approve_draft(strict, other(strict), draft_id, content=content)
    releasing.release_draft(strict, owner(strict), draft_id, note="x", content=content)

    assert "Två" in text_of(strict)


def test_a_save_after_the_approval_voids_it(strict: Context) -> None:
    draft_id = submitted(strict)
    releasing.approve_draft(strict, other(strict), draft_id, content=shown(strict, draft_id))

    model_drafts.save_file(strict, owner(strict), draft_id, "a.form", form("a", "Tre").data, revision=2)

    with pytest.raises(Conflict):
        releasing.release_draft(strict, owner(strict), draft_id, note="x", content=shown(strict, draft_id))


def test_whoever_has_saved_once_may_not_approve_even_after_another_submits(strict: Context) -> None:
    draft_id = changed(strict)
    model_drafts.save_file(strict, other(strict), draft_id, "a.form", form("a", "Tre").data, revision=2)
    releasing.submit_draft(strict, owner(strict), draft_id, note="x", content=shown(strict, draft_id))

    with pytest.raises(Forbidden):
        releasing.approve_draft(strict, other(strict), draft_id, content=shown(strict, draft_id))


def test_what_is_approved_is_what_was_shown(strict: Context) -> None:
    draft_id = submitted(strict)

    with pytest.raises(StaleRevision):
        releasing.approve_draft(strict, other(strict), draft_id, content="något annat")


def test_approvals_need_a_note(strict: Context) -> None:
    draft_id = changed(strict)

    with pytest.raises(InvalidInput):
        releasing.submit_draft(strict, owner(strict), draft_id, note=" ", content=shown(strict, draft_id))


def test_a_release_that_is_sent_twice_happens_once(ctx: Context) -> None:
    draft_id = changed(ctx)
    once = Once("person:x", "k", "release")
    content = shown(ctx, draft_id)

    first = releasing.release_draft(ctx, owner(ctx), draft_id, note="", content=content, once=once)
    again = releasing.release_draft(ctx, owner(ctx), draft_id, note="", content=content, once=once)

    assert again == first


def test_a_version_that_somebody_made_live_meanwhile_is_not_replaced_unknowingly(ctx: Context) -> None:
    draft_id = changed(ctx)
    deployments.deploy(ctx, SYSTEM, [form("a", "Annat")])
    content = shown(ctx, draft_id)

    with pytest.raises(StaleRevision):
        releasing.release_draft(ctx, owner(ctx), draft_id, note="", content=content)
    page = releasing.release_page(ctx, owner(ctx), draft_id)
    assert [(each.key, each.version) for each in page.overtaken] == [("a", 2)]

    releasing.rebase_draft(ctx, owner(ctx), draft_id, ground=page.ground)
    done = releasing.release_draft(ctx, owner(ctx), draft_id, note="", content=content)
    assert [each.version for each in done] == [3]


def test_an_earlier_version_is_restored_through_the_same_gate(ctx: Context) -> None:
    for text in ("Ett", "Två"):
        deployments.deploy(ctx, SYSTEM, [form("a", text)])

    draft_id = releasing.restore_version(ctx, owner(ctx), kind=FORM, key="a", version=1)
    releasing.release_draft(ctx, owner(ctx), draft_id, note="", content=shown(ctx, draft_id))

    assert "Ett" in text_of(ctx)


def test_cases_under_way_stay_on_their_version(ctx: Context) -> None:
    office.deploy(ctx, process("prov", chain(START, user_task("A"), END)))
    office.start(ctx, "bup.behandlare", "prov")
    draft_id = model_drafts.create_draft(ctx, owner(ctx), name="Ny uppgift", kind=PROCESS, key="prov")
    new = process("prov", chain(START, user_task("B"), END))
    model_drafts.save_file(ctx, owner(ctx), draft_id, "prov.bpmn", new.data, revision=1)

    releasing.release_draft(ctx, owner(ctx), draft_id, note="", content=shown(ctx, draft_id))
    later = office.start(ctx, "bup.behandlare", "prov").instance_id

    (running,) = releasing.release_page(ctx, owner(ctx), draft_id).running
    assert [(each.version, each.count) for each in running.versions] == [(2, 1), (1, 1)]
    assert office.names(ctx, later) == ["B"]


def test_what_a_command_or_a_program_deploys_waits_for_a_second_person(strict: Context) -> None:
    client = Actor(kind=ActorKind.CLIENT, person_id="t", scopes=frozenset({"deployments:write"}))
    for actor in (SYSTEM, client):
        waiting = deployments.deploy(strict, actor, [form("a", "Nytt")], note="Tydligare")
        again = deployments.deploy(strict, actor, [form("a", "Nytt")], note="Tydligare")
        assert waiting.definitions == ()
        assert waiting.draft_id == again.draft_id != ""
    assert "Nytt" not in text_of(strict)

    with pytest.raises(DefinitionInvalid):
        deployments.deploy(strict, SYSTEM, [SourceFile("b.form", b"{")])


def test_only_what_differs_waits_and_only_with_a_note(strict: Context) -> None:
    files = [form("a"), form("b", "Ny")]
    with pytest.raises(NoteMissing, match="note"):
        deployments.deploy(strict, SYSTEM, files)

    waiting = deployments.deploy(strict, SYSTEM, files, note="Ny blankett")
    unchanged = deployments.deploy(strict, SYSTEM, [form("a")])

    draft = model_drafts.show_draft(strict, owner(strict), waiting.draft_id)
    assert [each.name for each in draft.files] == ["b.form"]
    assert (unchanged.draft_id, unchanged.definitions) == ("", ())


def test_a_token_for_unattended_deployments_waits_for_nobody(strict: Context) -> None:
    client = Actor(kind=ActorKind.CLIENT, person_id="t", scopes=frozenset({"deployments:unattended"}))

    assert deployments.deploy(strict, client, [form("a", "Nytt")]).definitions


def offer(ctx: Context, text: str) -> list[DraftRow]:
    """The drafts that go on after a release of flowsvc with this text came."""
    assert deployments.deploy(ctx, SYSTEM, [form("a", text)], shipped=True).kept == ("a.form",)
    return list(model_drafts.list_drafts(ctx, owner(ctx))[0])


def test_a_shipped_file_that_an_owner_has_changed_is_offered_once_and_in_its_newest_content(strict: Context) -> None:
    offer(strict, "Levererad")
    offer(strict, "Levererad")

    (offered,) = offer(strict, "Nyare")

    (file,) = model_drafts.show_draft(strict, owner(strict), offered.id).files
    assert offered.is_offered
    assert "Nyare" in file.source
    assert "Ett" in text_of(strict)


def test_an_offer_that_somebody_has_worked_in_stays_beside_the_newer_one(strict: Context) -> None:
    (offered,) = offer(strict, "Levererad")
    model_drafts.save_file(strict, owner(strict), offered.id, "a.form", form("a", "Min").data, revision=1)

    found = offer(strict, "Nyare")

    assert len(found) == 2
    assert "Min" in model_drafts.show_draft(strict, owner(strict), offered.id).files[0].source


def test_an_offer_that_was_thrown_away_does_not_come_back(strict: Context) -> None:
    (offered,) = offer(strict, "Levererad")
    model_drafts.discard_draft(strict, owner(strict), offered.id)

    assert offer(strict, "Levererad") == []


def test_a_live_process_that_a_file_holds_no_more_is_told(ctx: Context) -> None:
    one, two = (process(key, chain(START, user_task("A"), END)).data for key in ("ett", "tva"))
    inner = two[two.index(b"<bpmn:process") : two.index(b"</bpmn:process>") + len(b"</bpmn:process>")]
    both = one.replace(
        b"</bpmn:process>", b"</bpmn:process>" + inner.replace(b'id="', b'id="x-').replace(b'Ref="', b'Ref="x-')
    )
    deployments.deploy(ctx, SYSTEM, [SourceFile("bada.bpmn", both)])
    draft_id = model_drafts.create_draft(ctx, owner(ctx), name="Bara en", kind=PROCESS, key="ett")
    before = releasing.release_page(ctx, owner(ctx), draft_id).dropped
    model_drafts.save_file(ctx, owner(ctx), draft_id, "bada.bpmn", one, revision=1)

    (dropped,) = releasing.release_page(ctx, owner(ctx), draft_id).dropped

    assert before == ()
    assert (dropped.key, dropped.file_name) == ("x-tva", "bada.bpmn")


@pytest.mark.parametrize("change", ["take back", "rebase"])
def test_what_is_sent_twice_with_one_key_happens_once(ctx: Context, change: str) -> None:
    draft_id, once = changed(ctx), Once("person:x", "k", change)
    deployments.deploy(ctx, SYSTEM, [form("a", "Annat")])
    ground = releasing.release_page(ctx, owner(ctx), draft_id).ground

    for _again in range(2):
        if change == "rebase":
            releasing.rebase_draft(ctx, owner(ctx), draft_id, ground=ground, once=once)
        else:
            model_drafts.take_back(ctx, owner(ctx), draft_id, "a.form", revision=1, current=2, once=once)

    moves = [each.move for each in model_drafts.show_draft(ctx, owner(ctx), draft_id).changes]
    assert moves.count(DraftMove.REBASED if change == "rebase" else DraftMove.TAKEN_BACK) == 1


def test_a_new_file_of_each_kind_passes_the_check(ctx: Context) -> None:
    draft_id = model_drafts.create_draft(ctx, owner(ctx), name="Nytt")
    for kind in DefinitionKind:
        draft_files.add_new_file(ctx, owner(ctx), draft_id, kind=kind, name=f"Ny {kind} <å> & mer")

    report = draft_files.check_draft(ctx, owner(ctx), draft_id)

    assert [each.what for each in report.problems if each.severity == "refused"] == []
