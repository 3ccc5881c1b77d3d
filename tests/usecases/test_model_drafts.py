"""Drafts as process owners work in them: saved with a revision, taken back, copied, read in and thrown away."""

import io
import zipfile

import pytest

from flowsvc.domain.access import SYSTEM, Actor
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import Conflict, FlowError, Forbidden, InvalidInput, NotFound, TooLarge
from flowsvc.domain.model_drafts import DraftMove, DraftState, FileChanged
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import conversions, deployments, draft_files, model_drafts
from flowsvc.usecases.context import Context
from tests.engine.test_converting import element, in_line, zeebe
from tests.usecases.office import as_post
from tests.usecases.test_deployments import form

FORM = DefinitionKind.FORM


def owner(ctx: Context) -> Actor:
    return as_post(ctx, "processagare")


def other(ctx: Context) -> Actor:
    return as_post(ctx, "processagare.region")


@pytest.fixture
def draft_id(ctx: Context) -> str:
    """A draft with one live form."""
    deployments.deploy(ctx, SYSTEM, [form("a", "Ett")])
    return model_drafts.create_draft(ctx, owner(ctx), name="  Ny   text ", kind=FORM, key="a")


def save(ctx: Context, actor: Actor, draft_id: str, text: str, revision: int, why: str = "") -> int:
    data = form("a", text).data
    return model_drafts.save_file(ctx, actor, draft_id, "a.form", data, revision=revision, why=why).revision


def text_of(ctx: Context, draft_id: str) -> bytes:
    return model_drafts.file_of(ctx, owner(ctx), draft_id, "a.form").source


def moves(ctx: Context, draft_id: str) -> list[DraftMove]:
    return [each.move for each in model_drafts.show_draft(ctx, owner(ctx), draft_id).changes]


def test_a_draft_begins_as_what_is_live_and_says_so(ctx: Context, draft_id: str) -> None:
    draft = model_drafts.show_draft(ctx, owner(ctx), draft_id)

    assert (draft.name, draft.created_by) == ("Ny text", "Gun Lind")
    assert [(each.name, each.revision, each.based_version) for each in draft.files] == [("a.form", 1, 1)]


def test_the_second_to_save_is_told_who_was_first(ctx: Context, draft_id: str) -> None:
    save(ctx, owner(ctx), draft_id, "Två", 1)

    with pytest.raises(FileChanged, match=r"Gun Lind sparade a\.form") as told:
        save(ctx, other(ctx), draft_id, "Tre", 1)
    with pytest.raises(FileChanged, match="Du sparade"):
        save(ctx, owner(ctx), draft_id, "Tre", 1)

    assert told.value.revision == 2
    assert text_of(ctx, draft_id) == form("a", "Två").data


def test_saves_of_one_sitting_are_one_line_and_a_reason_has_its_own(ctx: Context, draft_id: str) -> None:
    save(ctx, owner(ctx), draft_id, "Två", 1)
    save(ctx, owner(ctx), draft_id, "Tre", 2)
    save(ctx, owner(ctx), draft_id, "Fyra", 3, why="Enklare språk")
    save(ctx, other(ctx), draft_id, "Fem", 4)

    lines = model_drafts.file_history(ctx, owner(ctx), draft_id, "a.form")

    assert [(each.revision, each.by, each.why) for each in lines] == [
        (5, "Alva Sten", ""),
        (4, "Gun Lind", "Enklare språk"),
        (3, "Gun Lind", ""),
        (1, "Gun Lind", ""),
    ]


def test_a_save_that_changes_nothing_is_none(ctx: Context, draft_id: str) -> None:
    assert save(ctx, owner(ctx), draft_id, "Ett", 1) == 1


def test_an_earlier_save_is_taken_back_as_a_new_revision(ctx: Context, draft_id: str) -> None:
    save(ctx, owner(ctx), draft_id, "Två", 1)

    model_drafts.take_back(ctx, owner(ctx), draft_id, "a.form", revision=1, current=2)

    assert text_of(ctx, draft_id) == form("a", "Ett").data
    assert model_drafts.file_history(ctx, owner(ctx), draft_id, "a.form")[0].revision == 3
    with pytest.raises(NotFound):
        model_drafts.take_back(ctx, owner(ctx), draft_id, "a.form", revision=9, current=3)
    with pytest.raises(FileChanged):
        model_drafts.take_back(ctx, owner(ctx), draft_id, "a.form", revision=1, current=2)


def test_ones_own_text_goes_into_a_draft_of_ones_own_even_when_the_file_is_gone(ctx: Context, draft_id: str) -> None:
    model_drafts.remove_file(ctx, owner(ctx), draft_id, "a.form")

    copy = model_drafts.copy_draft(ctx, other(ctx), draft_id, file_name="a.form", source=form("a", "Min").data)

    assert text_of(ctx, copy) == form("a", "Min").data
    assert model_drafts.show_draft(ctx, owner(ctx), copy).name == "Ny text (kopia)"


def test_a_file_that_comes_back_goes_on_with_its_revisions(ctx: Context, draft_id: str) -> None:
    model_drafts.remove_file(ctx, owner(ctx), draft_id, "a.form")

    draft_files.add_definition(ctx, owner(ctx), draft_id, kind=FORM, key="a")

    assert model_drafts.file_of(ctx, owner(ctx), draft_id, "a.form").revision == 2


def test_what_has_ended_is_changed_no_more(ctx: Context, draft_id: str) -> None:
    model_drafts.discard_draft(ctx, owner(ctx), draft_id)

    assert model_drafts.show_draft(ctx, owner(ctx), draft_id).state is DraftState.DISCARDED
    for act in (
        lambda: save(ctx, owner(ctx), draft_id, "Två", 1),
        lambda: model_drafts.discard_draft(ctx, owner(ctx), draft_id),
        lambda: model_drafts.rename_draft(ctx, owner(ctx), draft_id, name="Annat"),
        lambda: draft_files.import_files(ctx, owner(ctx), draft_id, files=[form("b")]),
    ):
        with pytest.raises(Conflict):
            act()


@pytest.mark.parametrize(
    ("file", "error"),
    [
        (SourceFile("../a.bpmn", b"x"), InvalidInput),
        (SourceFile("a" * 300 + ".bpmn", b"x"), InvalidInput),
        (SourceFile("a.exe", b"x"), InvalidInput),
        (SourceFile("a.form", b""), InvalidInput),
        (SourceFile("a.form", b"\xe5\xe4\xf6"), InvalidInput),
        (SourceFile("a.form", b"{\0}"), InvalidInput),
        (SourceFile("a.form", b" " * 10 + b"x" * 2_000_000), TooLarge),
    ],
    ids=["path", "long", "ending", "empty", "latin", "nul", "large"],
)
def test_of_files_that_cannot_be_read_in_none_is(
    ctx: Context, draft_id: str, file: SourceFile, error: type[FlowError]
) -> None:
    with pytest.raises(error):
        draft_files.import_files(ctx, owner(ctx), draft_id, files=[form("b"), file])

    assert len(model_drafts.show_draft(ctx, owner(ctx), draft_id).files) == 1


def test_a_name_with_spaces_and_letters_of_ours_is_a_name(ctx: Context, draft_id: str) -> None:
    file = SourceFile("Åtgärder vid avvikelse (ny).form", form("b").data)

    draft_files.import_files(ctx, owner(ctx), draft_id, files=[file])

    assert model_drafts.file_of(ctx, owner(ctx), draft_id, file.name).source == file.data


def test_a_diagram_of_another_engine_is_converted_once_and_told_and_what_was_sent_is_kept(
    ctx: Context, draft_id: str
) -> None:
    sent = zeebe(in_line(element("userTask", "a", '<zeebe:assignmentDefinition candidateGroups="samordning"/>')))

    assert draft_files.import_files(ctx, owner(ctx), draft_id, files=[sent]) == ("p.bpmn",)

    file = model_drafts.file_of(ctx, owner(ctx), draft_id, "p.bpmn")
    told = conversions.conversion_report(ctx, owner(ctx), draft_id, "p.bpmn")
    assert b"zeebe:" not in file.source
    assert told.came_from == "Camunda 8"
    assert any("candidateGroups" in each.what for each in told.notes)
    assert moves(ctx, draft_id)[0] is DraftMove.CONVERTED
    back = model_drafts.take_back(ctx, owner(ctx), draft_id, "p.bpmn", revision=1, current=2)
    assert back.source == sent.data
    with pytest.raises(NotFound):
        conversions.conversion_report(ctx, owner(ctx), draft_id, "a.form")


def test_an_archive_holds_all_files_to_the_byte(ctx: Context, draft_id: str) -> None:
    draft_files.import_files(ctx, owner(ctx), draft_id, files=[form("b")])

    _name, data = draft_files.export_draft(ctx, owner(ctx), draft_id)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == {
            "a.form": form("a", "Ett").data,
            "b.form": form("b").data,
        }


def test_staff_may_not_even_read_drafts(ctx: Context, draft_id: str) -> None:
    staff = as_post(ctx, "bup.behandlare")

    with pytest.raises(Forbidden):
        model_drafts.show_draft(ctx, staff, draft_id)
    with pytest.raises(Forbidden):
        save(ctx, staff, draft_id, "Två", 1)
