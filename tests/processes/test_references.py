"""Everything that a shipped diagram names is there: forms, decisions, processes, functions with their inputs;
and every expression can be read."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from lxml import etree

from flowsvc.domain.directory import Level
from flowsvc.domain.forms.model import Component
from flowsvc.domain.forms.parsing import parse_form
from flowsvc.engine.decision_tree import Shape
from flowsvc.engine.decisions import TextKind, check_decisions, parse_decisions
from flowsvc.engine.dialect import CAMUNDA, attribute, condition_of, feel_of, properties
from flowsvc.engine.feel import Feel
from flowsvc.engine.functions import FUNCTIONS
from tests.conftest import ROOT

DIAGRAMS = sorted((ROOT / "processes").glob("*.bpmn"))
TABLES = sorted((ROOT / "processes").glob("*.dmn"))
FORMS = sorted((ROOT / "forms").glob("*.form"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FORM_KEYS = {path.stem for path in FORMS}
GROUPS = {"samordning"}


@pytest.fixture(scope="module")
def feel() -> Iterator[Feel]:
    with Feel() as feel:
        yield feel


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def diagram(request: pytest.FixtureRequest) -> etree._Element:
    return etree.fromstring(request.param.read_bytes())


def all_of(diagram: etree._Element, kind: str) -> Iterator[etree._Element]:
    return diagram.iter(BPMN + kind)


def named(diagram: etree._Element, name: str) -> set[str]:
    return {value for element in diagram.iter() if (value := attribute(element, name))}


def test_every_form_that_is_named_exists(diagram: etree._Element) -> None:
    offered = {found for each in diagram.iter() if (found := properties(each).get("offerForm"))}

    assert (named(diagram, "formKey") | offered) <= FORM_KEYS


def test_every_user_task_has_a_form_and_somebody_to_do_it(diagram: etree._Element) -> None:
    tasks = list(all_of(diagram, "userTask"))

    assert [t.get("id") for t in tasks if not attribute(t, "formKey")] == []
    groups = {str(attribute(task, "candidateGroups")) for task in tasks}
    assert {group for group in groups if not group.startswith("=")} <= GROUPS


def test_every_decision_and_process_that_is_named_exists(diagram: etree._Element) -> None:
    called = {each.get("calledElement", "") for each in all_of(diagram, "callActivity")}

    assert named(diagram, "decisionRef") <= {path.stem for path in TABLES}
    assert called <= {path.stem for path in DIAGRAMS}


def test_every_function_gets_what_it_wants_and_gives_what_is_asked(diagram: etree._Element) -> None:
    for task in all_of(diagram, "serviceTask"):
        function = FUNCTIONS[properties(task)["function"]]
        given = {each.get("name") for each in task.iter(f"{{{CAMUNDA}}}inputParameter")}
        asked = {each.get("name") for each in task.iter(f"{{{CAMUNDA}}}outputParameter")}
        assert given == set(function.inputs), task.get("id")
        # What is not the function's answer is a value that the diagram itself sets.
        plain = {
            each.get("name")
            for each in task.iter(f"{{{CAMUNDA}}}outputParameter")
            if each.text == f"={each.get('name')}"
        }
        assert plain <= set(function.outputs), task.get("id")
        assert asked, task.get("id")


def expressions(diagram: etree._Element) -> Iterator[str]:
    for element in diagram.iter():
        for value in element.attrib.values():
            if feel := feel_of(str(value)):
                yield feel
        text = (element.text or "").strip()
        if element.tag in (f"{BPMN}script", f"{BPMN}conditionExpression", f"{BPMN}completionCondition"):
            yield condition_of(text)
        elif text.startswith("="):
            yield text[1:]


def test_every_expression_can_be_read(diagram: etree._Element, feel: Feel) -> None:
    texts = list(expressions(diagram))

    assert [(text, issue) for text in texts for issue in feel.check(text)] == []


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_table_can_be_read(path: Path, feel: Feel) -> None:
    def issues(text: str, kind: TextKind, names: Shape) -> list[tuple[str, str]]:
        return [(each.message, each.message_en) for each in feel.check(text, kind=kind, names=names)]

    trees = parse_decisions(path.read_bytes(), file_name=path.name)

    assert [tree.key for tree in trees] == [path.stem]
    assert check_decisions(trees, issues=issues, file_name=path.name) == ()


def components(form: dict[str, object]) -> Iterator[dict[str, object]]:
    found = form.get("components", [])
    assert isinstance(found, list)
    for each in found:
        yield each
        yield from components(each)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_form_speaks_english_too(path: Path) -> None:
    form = json.loads(path.read_text("utf-8"))

    assert form["id"] == path.stem
    assert {"flowsvc:name:en", "flowsvc:submit:en"} <= set(form["properties"])
    for each in components(form):
        english = each.get("properties", {})
        assert isinstance(english, dict)
        assert "en.text" in english if each["type"] == "text" else "en.label" in english, each["id"]
        assert ("description" in each) == ("en.description" in english), each["id"]
        options = each.get("values", [])
        assert isinstance(options, list)
        assert all(f"en.option.{option['value']}" in english for option in options), each["id"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_condition_of_a_form_can_be_read(path: Path, feel: Feel) -> None:
    form = json.loads(path.read_text("utf-8"))
    hidden = [each["conditional"] for each in components(form) if "conditional" in each]
    texts = [str(each["hide"]).removeprefix("=") for each in hidden if isinstance(each, dict)]

    assert [(text, issue) for text in texts for issue in feel.check(text)] == []


def test_every_form_is_used() -> None:
    used = set()
    for path in DIAGRAMS:
        root = etree.fromstring(path.read_bytes())
        used |= named(root, "formKey") | {found for each in root.iter() if (found := properties(each).get("offerForm"))}

    assert used == FORM_KEYS


def inside(parts: Sequence[Component]) -> Iterator[Component]:
    for each in parts:
        yield each
        yield from inside(each.parts)


def test_every_code_that_a_table_may_show_has_words_in_both_languages() -> None:
    """The codes of a column are the choices of the fields with its name; the levels are flowsvc's own."""
    parsed = [parse_form(path.read_bytes(), file_name=path.name) for path in FORMS]
    codes: dict[str, set[str]] = {"level": set(Level.__members__)}
    for form in parsed:
        for field in inside(form.components):
            if field.options:
                codes.setdefault(field.key, set()).update(choice.value for choice in field.options)
    # Where another form asks for the same in free text, a table may show either, and text has no words.
    free = {field.key for form in parsed for field in inside(form.components) if field.type.startswith("text")}
    codes = {key: found for key, found in codes.items() if key not in free}
    columns = [(form.key, column) for form in parsed for each in form.components for column in each.columns]

    shown = [(key, column, code) for key, column in columns for code in sorted(codes.get(column.key, ()))]

    assert {column.key for _, column, _ in shown} >= {"level", "stance", "cost_type", "area", "class"}
    assert [
        (key, column.key, code, language)
        for key, column, code in shown
        for language in ("sv", "en")
        if column.words(code, language) == code
    ] == []
