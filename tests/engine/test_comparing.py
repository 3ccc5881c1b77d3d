"""What differs between two versions of a file, in words; and that nothing which differs is passed over in silence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from flowsvc.engine.comparing import Change, Comparison, Detail, Language, compare
from tests.conftest import ROOT
from tests.factories import bpmn, catch, element, end, flow, path, script, start, timer, user

KINDS = {".bpmn": "process", ".dmn": "decision", ".form": "form"}
SHIPPED = sorted([*(ROOT / "processes").iterdir(), *(ROOT / "forms").iterdir()])
SIX = [
    ROOT / each
    for each in (
        "processes/eskalering.bpmn",
        "processes/interim.bpmn",
        "processes/escalation-level.dmn",
        "processes/triage.dmn",
        "forms/standpunkt.form",
        "forms/pp1.form",
    )
]


def told(
    old: bytes, new: bytes, kind: str = "process", language: Language = "sv"
) -> list[tuple[str, str, str, str, str]]:
    """Kind, title, and label, before and after of each detail."""
    return [
        (each.kind, each.title, what.label, what.before, what.after)
        for each in compare(kind, old, new, language=language).changes
        for what in each.what or (Detail("", "", ""),)
    ]


def process(*inside: str) -> bytes:
    return bpmn(
        start(name="Början"), user("svara", *inside, name="Svara"), end(name="Klart"), path("start", "svara", "end")
    )


# Diagrams


def test_a_task_tells_what_it_says_otherwise_in_words() -> None:
    old = bpmn(user("a", name="Svara", camunda_dueDate="P5BD", camunda_formKey="svar"))
    new = bpmn(user("a", name="Svara nu", camunda_dueDate="P7BD", camunda_candidateGroups="chefer"))

    assert told(old, new) == [
        ("changed", "Svara nu", "Namn", "Svara", "Svara nu"),
        ("changed", "Svara nu", "Grupper som kan göra den", "g", "chefer"),
        ("changed", "Svara nu", "Ska vara klar", "5 arbetsdagar", "7 arbetsdagar"),
        ("changed", "Svara nu", "Blankett", "svar", ""),
    ]
    assert told(old, new, language="en")[2] == ("changed", "Svara nu", "Due", "5 working days", "7 working days")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("P1BD", "1 arbetsdag"),
        ("P1Y6M", "1 år 6 månader"),
        ("P2W", "14 dagar"),
        ("PT90M", "1 timme 30 minuter"),
        ('="P3D"', "3 dagar"),
        ("R/P1D", "om och om igen, med 1 dag emellan"),
        ("R3/PT2H", "3 gånger, med 2 timmar emellan"),
        ("=deadline", "=deadline"),
        ("2026-12-03", "2026-12-03"),
    ],
)
def test_lengths_of_time_are_told_in_words(written: str, words: str) -> None:
    old, new = (bpmn(catch("t", timer(each))) for each in ("PT1S", written))

    assert told(old, new)[0][3:] == ("1 sekund", words)


def test_two_ways_to_write_the_same_time_are_told_apart() -> None:
    assert told(bpmn(catch("t", timer("P1W"))), bpmn(catch("t", timer("P7D"))))[0][3:] == (
        "7 dagar (P1W)",
        "7 dagar (P7D)",
    )


def test_flows_are_named_by_their_ends_and_follow_their_source() -> None:
    old = bpmn(start(name="Början"), user("a", name="Svara"), end(name="Klart"), flow("start", "a"), flow("a", "end"))
    new = bpmn(start(name="Början"), user("a", name="Svara"), user("b", name="Lyft"), end(name="Klart"),
               flow("start", "a"), flow("a", "b"), flow("b", "end"))  # fmt: skip

    assert [(each.kind, each.title) for each in compare("process", old, new, language="sv").changes] == [
        ("removed", "Svara → Klart"),
        ("added", "Svara → Lyft"),
        ("added", "Lyft"),
        ("added", "Lyft → Klart"),
    ]


def test_a_flow_that_leads_elsewhere_and_its_condition_are_told() -> None:
    nodes = start() + user("a", name="Svara") + user("b", name="Svara") + end()
    old = bpmn(nodes, '<bpmn:sequenceFlow id="f" sourceRef="start" targetRef="a"/>')
    new = bpmn(
        nodes,
        '<bpmn:sequenceFlow id="f" sourceRef="start" targetRef="b">'
        "<bpmn:conditionExpression>=x &gt; 1</bpmn:conditionExpression></bpmn:sequenceFlow>",
    )

    assert [each[2:] for each in told(old, new)] == [("Till", "Svara (a)", "Svara (b)"), ("Villkor", "", "=x > 1")]


def test_the_order_of_the_ways_out_of_a_choice_is_told() -> None:
    nodes = start() + element("exclusiveGateway", "x", name="Vad?") + user("a") + user("b") + path("start", "x")
    old = bpmn(nodes, flow("x", "a", "=k"), flow("x", "b", "=k"))
    new = bpmn(nodes, flow("x", "b", "=k"), flow("x", "a", "=k"))

    assert [each[:3] for each in told(old, new)] == [("changed", "Vad?", "Ordning")]


def test_an_element_with_a_new_id_is_recognised_with_all_that_refers_to_it() -> None:
    old, new = process(), process().replace(b'"svara"', b'"svara2"')

    assert told(old, new) == [("changed", "Svara", "Id", "svara", "svara2")]


def test_two_alike_with_new_ids_are_not_guessed_about() -> None:
    old = bpmn(user("a", name="Svara"), user("b", name="Svara"))
    new = bpmn(user("c", name="Svara"), user("d", name="Svara"))

    assert {each[0] for each in told(old, new)} == {"added", "removed"}


def test_a_kind_of_element_that_is_another_is_told() -> None:
    old, new = (
        bpmn(element("task", "a", name="Räkna")),
        bpmn(script("a", "1", "x").replace('id="a"', 'id="a" name="Räkna"')),
    )

    assert ("changed", "Räkna", "Typ", "Moment", "Uträkning") in told(old, new)


def test_texts_in_both_languages_properties_and_mappings_are_told_by_their_names() -> None:
    def call(english: str, function: str, given: str) -> bytes:
        properties = "".join(
            f'<camunda:property name="{name}" value="{value}"/>'
            for name, value in (("flowsvc:name:en", english), ("flowsvc:function", function), ("other", "1"))
        )
        own = f'<camunda:in source="x" target="{given}"/><camunda:properties>{properties}</camunda:properties>'
        return bpmn(element("callActivity", "c", own=own, name="Anropa", calledElement="q"))

    assert [each[2:] for each in told(call("Call", "a.b", "x"), call("Ask", "a.c", "y"))] == [
        ("Lämnas över till anropet: y", "", "x"),
        ("Namn på engelska", "Call", "Ask"),
        ("Funktion", "a.b", "a.c"),
        ("Lämnas över till anropet: x", "x", ""),
    ]


def test_what_is_only_moved_comes_last_and_apart() -> None:
    shipped = (ROOT / "processes/interim.bpmn").read_bytes()
    root = etree.fromstring(shipped)
    bounds = next(each for each in root.iter("{*}Bounds"))
    bounds.set("x", "999")
    next(each for each in root.iter("{*}endEvent")).set("name", "Slutet är nått")

    found = compare("process", shipped, etree.tostring(root), language="sv")

    assert [each.kind for each in found.told] == ["changed", *["changed"] * (len(found.told) - 1)]
    assert [each.what[0].label for each in found.moved] == ["Plats i ritningen"]
    assert found.changes == (*found.told, *found.moved)


# Decision tables


def test_a_changed_cell_is_told_with_its_row_and_column_before_and_after() -> None:
    old = (ROOT / "processes/escalation-level.dmn").read_bytes()
    new = old.replace(b"<text>5</text>", b"<text>7</text>", 1)

    found = compare("decision", old, new, language="sv")

    assert [(each.title, each.what) for each in found.changes] == [
        ('Rad 1: "OPER", "normal"', (Detail("Tidsgräns (arbetsdagar)", "5", "7"),))
    ]
    row = found.tables[0].rows[0]
    assert (row.mark, [each.after for each in row.cells if each.mark == "changed"]) == ("changed", ["7"])


def table(*rows: str, policy: str = "UNIQUE", columns: tuple[str, ...] = ("nivå",)) -> bytes:
    inputs = "".join(
        f'<input id="i{c}" label="{c}"><inputExpression><text>{c}</text></inputExpression></input>' for c in columns
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        f'<decision id="frist" name="Frist"><decisionTable hitPolicy="{policy}">{inputs}'
        f'<output id="o" name="dagar" label="Dagar"/>{"".join(rows)}</decisionTable></decision></definitions>'
    ).encode()


def rule(*cells: str, identity: str = "") -> str:
    given = f' id="{identity}"' if identity else ""
    inputs = "".join(f"<inputEntry><text>{each}</text></inputEntry>" for each in cells[:-1])
    return f"<rule{given}>{inputs}<outputEntry><text>{cells[-1]}</text></outputEntry></rule>"


def test_rows_are_found_again_by_their_contents_where_ids_are_new() -> None:
    old = table(rule("1", "5", identity="a"), rule("2", "6", identity="b"), rule("3", "7", identity="c"))
    new = table(rule("1", "5", identity="k"), rule("2", "9", identity="l"), rule("4", "8", identity="m"))

    found = compare("decision", old, new, language="sv")

    assert [(each.kind, each.title) for each in found.told] == [
        ("changed", "Rad 2: 2"),
        ("removed", "Rad 3: 3"),
        ("added", "Rad 3: 4"),
    ]
    assert [each.mark for each in found.tables[0].rows] == ["same", "changed", "removed", "added"]
    assert [each.what[0].label for each in found.moved] == ["Id"]


@pytest.mark.parametrize(("policy", "kind"), [("UNIQUE", "moved"), ("FIRST", "changed")])
def test_a_row_that_moves_is_told_and_counts_where_the_first_row_wins(policy: str, kind: str) -> None:
    rows = [rule(str(n), str(n), identity=f"r{n}") for n in range(4)]

    found = compare("decision", table(*rows, policy=policy), table(*rows[1:], rows[0], policy=policy), language="sv")

    assert [(each.kind, each.what) for each in found.changes] == [
        (kind, (Detail("Plats i tabellen", "rad 1", "rad 4"),))
    ]


def test_a_column_that_comes_is_told_once_and_not_in_each_row() -> None:
    old, new = (
        table(rule("1", "5"), rule("2", "6")),
        table(rule("1", "-", "5"), rule("2", "-", "6"), columns=("nivå", "ort")),
    )

    found = compare("decision", old, new, language="sv")

    assert [(each.kind, each.title) for each in found.changes] == [("added", "ort")]
    assert [each.mark for each in found.tables[0].columns] == ["same", "added", "same"]


def test_the_hit_policy_is_told() -> None:
    assert told(table(), table(policy="FIRST"), "decision") == [("changed", "Frist", "Träffregel", "UNIQUE", "FIRST")]
    assert told(table().replace(b' hitPolicy="UNIQUE"', b""), table(), "decision") == []
    assert told(table().replace(b' hitPolicy="UNIQUE"', b""), table(policy="FIRST"), "decision") != []


# Forms


def form(*fields: dict[str, Any]) -> bytes:
    return json.dumps({"type": "default", "id": "f", "components": list(fields)}).encode()


NAME: dict[str, Any] = {"type": "textfield", "id": "a", "key": "name", "label": "Namn", "validate": {"required": False}}
WAY: dict[str, Any] = {
    "type": "radio",
    "id": "b",
    "key": "way",
    "label": "Väg",
    "values": [{"value": "x", "label": "Hit"}],
}


def test_a_field_tells_what_it_asks_otherwise() -> None:
    new = form({**NAME, "validate": {"required": True}}, {**WAY, "values": [{"value": "x", "label": "Dit"}]})

    assert told(form(NAME, WAY), new, "form") == [
        ("changed", "Namn", "Måste fyllas i", "nej", "ja"),
        ("changed", "Väg", "Alternativ x", "Hit", "Dit"),
    ]


def test_a_field_is_found_again_by_its_key_and_by_its_label() -> None:
    old, new = form(NAME, WAY), form({**NAME, "id": "a2"}, {**WAY, "id": "b2", "key": "way2"})

    assert told(old, new, "form") == [
        ("changed", "Namn", "Id", "a", "a2"),
        ("changed", "Väg", "Id", "b", "b2"),
        ("changed", "Väg", "Nyckel", "way", "way2"),
    ]


def test_fields_that_come_go_and_change_places_are_told() -> None:
    third = {"type": "number", "id": "c", "key": "sum", "label": "Summa"}

    assert [each[:3] for each in told(form(NAME, WAY), form(WAY, NAME), "form")] == [
        ("changed", "Blanketten", "Fältens ordning")
    ]
    assert {each[:2] for each in told(form(NAME, WAY), form(NAME, third), "form")} == {
        ("removed", "Väg"),
        ("added", "Summa"),
    }


def test_a_group_that_takes_a_field_in_is_told() -> None:
    group = {"type": "group", "id": "g", "label": "Alla"}
    old, new = form({**group, "components": []}, NAME), form({**group, "components": [NAME]})

    assert told(old, new, "form") == [("changed", "Namn", "Ligger i", "Blanketten", "Alla")]


# Nothing in silence


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_a_file_does_not_differ_from_itself(file: Path) -> None:
    kind, data = KINDS[file.suffix], file.read_bytes()

    assert compare(kind, data, data, language="sv") == Comparison(kind, ())


@pytest.mark.parametrize("file", [each for each in SIX if each.suffix != ".form"], ids=lambda file: file.name)
def test_white_space_prefixes_and_the_order_of_attributes_do_not_differ(file: Path) -> None:
    data = file.read_bytes()
    root = etree.fromstring(data)
    for each in root.iter(etree.Element):
        turned = list(each.attrib.items())[::-1]
        each.attrib.clear()
        each.attrib.update(turned)
        each.tail = "\n\n\t  "
    written = etree.tostring(root).replace(b"bpmn:", b"model:").replace(b"xmlns:bpmn", b"xmlns:model")

    assert compare(KINDS[file.suffix], data, written, language="sv").changes == ()


@pytest.mark.parametrize("file", SIX, ids=lambda file: file.name)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_changed_in_a_file_is_told(file: Path, seed: int) -> None:
    data = file.read_bytes()
    changed, place = (_other_form if file.suffix == ".form" else _other_xml)(data, seed)

    assert compare(KINDS[file.suffix], data, changed, language="sv").changes, place


def _other_xml(data: bytes, chance: int) -> tuple[bytes, str]:
    root = etree.fromstring(data)
    places: list[tuple[etree._Element, str]] = []
    for each in root.iter(etree.Element):
        places += [(each, str(name)) for name in each.attrib]
        places += [(each, "")] if (each.text or "").strip() else []
    at, name = places[chance % len(places)]
    if name:
        at.set(name, at.get(name, "") + "9")
    else:
        at.text = f"{at.text} 9"
    return etree.tostring(root), f"{at.tag!r} {name}"


def _other_form(data: bytes, chance: int) -> tuple[bytes, str]:
    raw: Any = json.loads(data)
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [raw]
    while waiting:
        holder = waiting.pop()
        pairs = list(holder.items() if isinstance(holder, dict) else enumerate(holder))
        waiting += [each for _, each in pairs if isinstance(each, dict | list)]
        places += [(holder, key) for key, each in pairs if not isinstance(each, dict | list)]
    holder, key = places[chance % len(places)]
    before: object = holder[key]
    holder[key] = f"{before}9" if isinstance(before, str) else not before
    return json.dumps(raw).encode(), str(key)


UNREADABLE = [
    b"",
    b"\0",
    b"<a",
    b"<!DOCTYPE a><a/>",
    b"[]",
    b"{",
    b"[" * 5000,
    b"\xff\xfe",
    b" " * 2_000_001,
    b'{"a":' * 500 + b"1" + b"}" * 500,
]


@pytest.mark.parametrize("kind", ["process", "decision", "form"])
@pytest.mark.parametrize("data", UNREADABLE, ids=range(len(UNREADABLE)))
def test_bytes_that_cannot_be_read_are_said_to_be_so(kind: str, data: bytes) -> None:
    good = form(NAME) if kind == "form" else process()

    found = compare(kind, data, good, language="sv")

    assert (found.changes, [each.partition(":")[0].partition(" är ")[0] for each in found.faults]) == (
        (),
        ["Den tidigare filen"],
    )
    assert compare(kind, good, data, language="en").faults[0].startswith("The new file")


ODD = ("<a/>", "<a><b id='x'/><b id='x'>1<c/>2</b></a>", "{}", '{"components":[1,{}]}')


@given(data=st.binary(max_size=200) | st.sampled_from(ODD).map(str.encode))
@pytest.mark.parametrize("kind", ["process", "decision", "form"])
def test_any_bytes_are_compared_or_refused(kind: str, data: bytes) -> None:
    found = compare(kind, data, form(NAME) if kind == "form" else process(), language="en")

    assert found.changes or found.faults


def test_changes_carry_the_ids_by_which_both_drawings_mark_them() -> None:
    old, new = process(), process().replace(b'"svara"', b'"svara2"')

    assert [(each.old_id, each.element_id) for each in compare("process", old, new, language="sv").changes] == [
        ("svara", "svara2")
    ]
    assert isinstance(compare("process", old, bpmn(), language="sv").changes[0], Change)
