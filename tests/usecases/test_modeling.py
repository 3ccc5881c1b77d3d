"""What the diagram editor is told while somebody draws: what there is to choose, whether a text is FEEL, and which day
a time means."""

from datetime import date

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotFound, ScriptFailed
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import draft_files, model_drafts, modeling
from flowsvc.usecases.context import Context
from tests.usecases.office import END, START, as_post, chain, deploy, process, user_task

OWNER = "processagare"


def begun(ctx: Context) -> str:
    """A draft with one live process in it."""
    deploy(ctx, process("prov", chain(START, user_task("A"), END)))
    actor = as_post(ctx, OWNER)
    return model_drafts.create_draft(ctx, actor, name="Prov", kind=DefinitionKind.PROCESS, key="prov")


def test_the_pickers_offer_what_is_live_and_what_the_draft_holds(ctx: Context) -> None:
    actor, draft_id = as_post(ctx, OWNER), begun(ctx)
    form = SourceFile("ny.form", b'{"type": "default", "id": "ny", "components": []}')
    draft_files.import_files(ctx, actor, draft_id, files=[form])

    found = modeling.known_things(ctx, actor, draft_id, language="sv")

    assert ("ny", "ny.form", "") in {(each.key, each.file_name, each.definition_id) for each in found.forms}
    (own,) = [each for each in found.processes if each.key == "prov"]
    assert own.file_name == "prov.bpmn"
    assert "ladder.addressees" in {each.key for each in found.functions}
    assert ("UNIT", "Enhetschefer") in {(each.key, each.name) for each in found.levels}
    assert any(each.key == "post:bup.behandlare" for each in found.posts)


def test_the_pickers_of_a_draft_that_is_not_there_are_not_either(ctx: Context) -> None:
    with pytest.raises(NotFound):
        modeling.known_things(ctx, as_post(ctx, OWNER), "0" * 32, language="sv")


@pytest.mark.parametrize(
    ("text", "kind", "names"),
    [
        ("= amount > 10000", "feel", ("amount",)),
        ("amount > 10000", "feel", ("amount",)),
        ("${amount}", "maybe", ("amount",)),
        ("=addressee.posts", "maybe", ("addressee",)),
        ("handläggare", "maybe", ()),
    ],
)
def test_a_text_that_the_engine_reads_is_fine(
    ctx: Context, text: str, kind: modeling.ExpressionKind, names: tuple[str, ...]
) -> None:
    found = modeling.check_expression(ctx, as_post(ctx, OWNER), text=text, kind=kind)

    assert (found.ok, found.names) == (True, names)


@pytest.mark.parametrize(
    ("text", "kind"), [("= amount >", "feel"), ("=if a then", "maybe"), ("${a.b()}", "maybe"), ("=", "maybe")]
)
def test_a_text_that_the_engine_cannot_read_is_told_of_in_words(
    ctx: Context, text: str, kind: modeling.ExpressionKind
) -> None:
    found = modeling.check_expression(ctx, as_post(ctx, OWNER), text=text, kind=kind)

    assert not found.ok
    assert found.fault
    assert found.fault_en


def test_a_time_is_counted_by_the_working_days_of_the_directory(ctx: Context) -> None:
    actor = as_post(ctx, OWNER)
    today = ctx.today()

    found = modeling.due_moment(ctx, actor, text="P5BD", kind="time")

    assert found is not None
    assert isinstance(found.on, date)
    assert (found.on - today).days >= 7
    assert modeling.due_moment(ctx, actor, text="R3/P1D", kind="cycle") is not None


@pytest.mark.parametrize("text", ["P5XX", "", "i morgon", "P" + "9" * 70_000 + "D"])
def test_what_is_no_time_is_refused(ctx: Context, text: str) -> None:
    with pytest.raises(ScriptFailed):
        modeling.due_moment(ctx, as_post(ctx, OWNER), text=text, kind="time")


def test_a_template_is_made_of_each_function_and_connector(ctx: Context) -> None:
    found = modeling.element_templates(ctx, SYSTEM)

    (ladder,) = [each for each in found if each["id"] == "flowsvc.function.ladder.addressees"]
    assert isinstance(ladder["properties"], list)
    bindings = [each["binding"] for each in ladder["properties"]]
    assert {"type": "camunda:property", "name": "flowsvc:function"} in bindings
    assert {"type": "camunda:inputParameter", "name": "parties"} in bindings
    assert {"type": "camunda:outputParameter", "source": "=addressees"} in bindings
