"""Forms that a diagram draws itself: read as form files are, or refused by name."""

import pytest

from flowsvc.domain.forms import parse_form
from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import Known, Report, SourceFile, check
from tests.engine.conftest import Begin
from tests.factories import bpmn, element, end, path, script, start, user

FIELDS = (
    '<camunda:formField id="namn" label="Namn" type="string" defaultValue="Å">'
    '<camunda:validation><camunda:constraint name="required"/><camunda:constraint name="maxlength" config="20"/>'
    "</camunda:validation></camunda:formField>"
    '<camunda:formField id="antal" label="Antal" type="long" defaultValue="2"><camunda:validation>'
    '<camunda:constraint name="min" config="1"/><camunda:constraint name="max" config="9"/>'
    '<camunda:constraint name="readonly" config="false"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="klart" label="Klart" type="boolean" defaultValue="true"><camunda:validation>'
    '<camunda:constraint name="required"/></camunda:validation></camunda:formField>'
    '<camunda:formField id="dag" label="Dag" type="date" defaultValue="24/12/2026"/>'
    '<camunda:formField id="val" type="enum" defaultValue="b"><camunda:value id="a" name="Första"/>'
    '<camunda:value id="b"/></camunda:formField>'
    '<camunda:formField id="nr" label="Nummer" type="string"><camunda:validation>'
    '<camunda:constraint name="readonly"/></camunda:validation></camunda:formField>'
)


def form(fields: str, attributes: str = "") -> str:
    return f"<camunda:formData{attributes}>{fields}</camunda:formData>"


def report(source: bytes, feel: Feel) -> Report:
    return check([SourceFile("p.bpmn", source)], known=Known(forms=frozenset({"f"})), feel=feel)


def refused(fields: str, feel: Feel, **more: str) -> set[str]:
    found = report(bpmn(start(), user("a", own=form(fields), **more), end(), path("start", "a", "end")), feel)
    return {each.code for each in found.problems if each.severity == "refused"}


def test_the_fields_of_a_task_and_a_start_are_a_form_under_the_elements_key(shared_feel: Feel) -> None:
    one = '<camunda:formField id="x" label="X" type="string"/>'
    source = bpmn(start(own=form(one)), user("a", own=form(FIELDS), name="Svara"), path("start", "a"))

    found = report(source, shared_feel)

    assert [each.code for each in found.problems if each.severity != "used"] == []
    assert [(each.key, each.name) for each in found.forms] == [("p.start", "start"), ("p.a", "Svara")]
    assert [(each.element_id, each.form_key) for each in found.processes[0].starts] == [("start", "p.start")]
    assert [(each.kind, each.key) for each in found.processes[0].references] == [("form", "p.start"), ("form", "p.a")]
    read = parse_form(found.forms[1].source.encode(), file_name="p.a.form")
    shown = {each.key: each for each in read.components}
    assert [(each.key, each.type, each.label, each.default) for each in read.components] == [
        ("namn", "textfield", "Namn", "Å"),
        ("antal", "number", "Antal", 2),
        ("klart", "checkbox", "Klart", True),
        ("dag", "datetime", "Dag", "2026-12-24"),
        ("val", "select", "val", "b"),
        ("nr", "textfield", "Nummer", None),
    ]
    assert (shown["namn"].rules.required, shown["namn"].rules.max_length) == (True, 20)
    assert (shown["antal"].rules.minimum, shown["antal"].rules.maximum, shown["antal"].decimals) == (1, 9, 0)
    assert (shown["klart"].rules.required, shown["antal"].is_readonly, shown["nr"].is_readonly) == (False, False, True)
    assert [(each.value, each.label) for each in shown["val"].options] == [("a", "Första"), ("b", "b")]


def test_a_task_with_fields_opens_with_its_own_form(run: Begin) -> None:
    case = run(bpmn(start(), user("a", own=form(FIELDS)), path("start", "a"))).start()

    assert case.task("a").form_key == "p.a"


def test_the_names_of_fields_are_set(shared_feel: Feel) -> None:
    source = bpmn(start(), user("a", own=form(FIELDS)), script("b", "antal + 1", "x"), path("start", "a", "b"))

    assert [each.code for each in report(source, shared_feel).problems if each.severity == "warned"] == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("", "form.empty"),
        ('<camunda:formField id="x" type="double"/>', "form.type"),
        ('<camunda:formField id="x"/>', "form.type"),
        ('<camunda:formField id="x" type="long" defaultValue="two"/>', "form.default"),
        ('<camunda:formField id="x" type="boolean" defaultValue="ja"/>', "form.default"),
        ('<camunda:formField id="x" type="date" defaultValue="2026-02-30"/>', "form.default"),
        ('<camunda:formField id="x" type="string" defaultValue="${name}"/>', "form.default"),
        ('<camunda:formField id="x" type="enum" defaultValue="b"><camunda:value id="a"/></camunda:formField>',
         "form.default"),
        ('<camunda:formField id="x" type="enum"/>', "form.options"),
        ('<camunda:formField id="x" type="enum"><camunda:value id="a"/><camunda:value id="a"/></camunda:formField>',
         "form.options"),
        ('<camunda:formField id="a b" type="string"/>', "form.key"),
        ('<camunda:formField id="x" type="string"/><camunda:formField id="x" type="long"/>', "form.duplicate_key"),
        *(
            (f'<camunda:formField id="x" type="string"><camunda:validation><camunda:constraint name="{name}" '
             f'config="{config}"/></camunda:validation></camunda:formField>', "form.constraint")
            for name, config in (("validator", "a.X"), ("min", "1"), ("maxlength", "many"), ("required", "maybe"))
        ),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_shown_as_it_says_is_refused(fields: str, code: str, shared_feel: Feel) -> None:
    assert refused(fields, shared_feel) == {code}


def test_a_form_file_and_fields_together_are_refused(shared_feel: Feel) -> None:
    assert refused(FIELDS, shared_feel, camunda_formKey="f") == {"form.two"}


def test_a_field_that_is_to_become_the_business_key_is_refused(shared_feel: Feel) -> None:
    source = bpmn(start(own=form(FIELDS, ' businessKey="namn"')), user("a"), path("start", "a"))

    assert {each.code for each in report(source, shared_feel).problems if each.severity == "refused"} == {
        "form.business_key"
    }


def test_fields_where_no_form_is_shown_are_said_not_to_be_read(shared_feel: Feel) -> None:
    source = bpmn(start(), element("task", "a", own=form(FIELDS)), path("start", "a"))

    found = report(source, shared_feel)

    assert {each.code for each in found.problems if each.severity == "warned"} == {"attribute.ignored"}
    assert found.forms == ()
