"""Forms that a diagram draws itself, in use: asked for, validated and kept as those of form files are."""

from datetime import date

import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import FormInvalid
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import deployments
from flowsvc.usecases.context import Context
from tests.engine.test_check_fields import FIELDS, form
from tests.usecases.office import END, START, chain, complete, deploy, process, start, user_task, variables_of

FORM = "<bpmn:extensionElements>" + form(FIELDS) + "</bpmn:extensionElements>"


def asking(fields: str = FORM) -> SourceFile:
    return process("fragar", chain(START, user_task("A", inside=fields), user_task("B"), END))


def test_a_drawn_form_is_validated_and_sets_typed_variables(ctx: Context) -> None:
    deploy(ctx, asking())
    instance_id = start(ctx, "bup.behandlare", "fragar", nr="SJ-1").instance_id

    with pytest.raises(FormInvalid) as found:
        complete(ctx, instance_id, "A", antal=10, val="c")
    complete(ctx, instance_id, "A", namn="Bo", antal=3, dag="2026-12-03", val="a", klart=False, nr="forged")

    assert set(found.value.fields) == {"namn", "antal", "val"}
    expected = {"namn": "Bo", "antal": 3, "dag": date(2026, 12, 3), "val": "a", "klart": False, "nr": "SJ-1"}
    assert variables_of(ctx, instance_id) == expected


def test_a_drawn_form_gets_a_new_version_only_when_it_has_changed(ctx: Context) -> None:
    deploy(ctx, asking())
    deploy(ctx, asking(FORM.replace("Namn", "Hela namnet")))
    elsewhere = asking(FORM.replace("Namn", "Hela namnet"))
    deploy(ctx, SourceFile(elsewhere.name, elsewhere.data.replace(b'name="B"', b'name="B2"')))

    found = deployments.definitions_page(ctx, SYSTEM, kind=DefinitionKind.FORM, key="fragar.A").items

    assert [(each.version, each.file_name) for each in found] == [(2, "fragar.A.form"), (1, "fragar.A.form")]
