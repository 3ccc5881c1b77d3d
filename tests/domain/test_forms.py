"""Forms: what is refused, what is read, what is shown."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flowsvc.domain.errors import DefinitionInvalid, FormInvalid
from flowsvc.domain.forms import (
    Choice,
    Form,
    Submitted,
    display,
    parse_form,
    read,
    unreadable,
    validate,
    validate_variables,
    view,
)
from flowsvc.domain.values import Value, Variables

TODAY = date(2026, 11, 24)
FORMS = sorted((Path(__file__).resolve().parents[2] / "forms").glob("*.form"))


def form(*components: dict[str, Any], **root: Any) -> Form:
    ready = [{"id": f"c{n}", **each} for n, each in enumerate(components)]
    return parse_form(json.dumps({"id": "prov", "components": ready, **root}).encode(), file_name="prov.form")


def field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key.capitalize(), **more}


def evaluate(texts: Sequence[str], variables: Variables) -> Sequence[Value]:
    """The few comparisons that these tests use."""
    answers: list[Value] = []
    for text in texts:
        name, _, wanted = text.partition(" = ")
        answers.append(variables.get(name) == json.loads(wanted) if wanted else variables.get(name))
    return answers


def sent(**fields: str | list[str]) -> Submitted:
    return Submitted({name: [text] if isinstance(text, str) else text for name, text in fields.items()})


def values_of(parsed: Form, submitted: Submitted, **more: Any) -> Variables:
    return validate(parsed, submitted, known=more.pop("known", {}), choices={}, evaluate=evaluate, today=TODAY, **more)


def faults_of(parsed: Form, submitted: Submitted, **more: Any) -> dict[str, str]:
    with pytest.raises(FormInvalid) as caught:
        values_of(parsed, submitted, **more)
    return caught.value.fields


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_every_shipped_form_is_understood_and_shown_in_both_languages(path: Path) -> None:
    parsed = parse_form(path.read_bytes(), file_name=path.name)

    for language in ("sv", "en"):
        shown = view(
            parsed,
            values={},
            known={},
            errors={},
            choices={},
            evaluate=lambda texts, _: [False for _ in texts],
            language=language,
            today=TODAY,
        )
        assert shown.parts
        assert all(part.label or part.paragraphs or part.kind in ("separator", "table") for part in shown.parts)


def test_a_table_shows_the_words_of_its_codes_in_both_languages() -> None:
    parsed = form(
        {
            "type": "table",
            "id": "t",
            "dataSource": "=rows",
            "columns": [{"key": "level"}, {"key": "colour"}, {"key": "free"}],
            "properties": {
                "flowsvc:words.level": "levels",
                "option.colour.r": "Röd",
                "en.option.colour.r": "Red",
            },
        }
    )
    rows: list[Value] = [{"level": "UNIT", "colour": "r", "free": "UNIT"}, {"level": "X", "colour": "g", "free": None}]

    def cells(language: str) -> tuple[tuple[str, ...], ...]:
        shown = view(
            parsed,
            values={},
            known={"rows": rows},
            errors={},
            choices={},
            evaluate=evaluate,
            language=language,
            today=TODAY,
        )
        return shown.parts[0].cells

    assert cells("sv") == (("Enhetschefer", "Röd", "UNIT"), ("X", "g", "–"))
    assert cells("en") == (("Unit managers", "Red", "UNIT"), ("X", "g", "–"))


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "html", "content": "<b>"}, "form.unsupported"),
        ({"type": "iframe", "url": "x"}, "form.unsupported"),
        (field("expression", "a"), "form.unsupported"),
        (field("textfield", "_key"), "form.key"),
        (field("textfield", ""), "form.key"),
        (
            {"type": "table", "id": "t", "columns": [{"key": "a"}], "properties": {"flowsvc:words.a": "unheard"}},
            "form.words",
        ),
        (field("textfield", "a", validate={"unheard": 1}), "form.rule"),
        (field("textfield", "a", validate={"pattern": "(a+)+"}), "form.pattern"),
        (field("textfield", "a", validate={"pattern": "("}), "form.pattern"),
        (field("select", "a", valuesExpression="=x"), "form.values_expression"),
    ],
)
def test_what_the_server_cannot_honour_is_refused_by_name(component: dict[str, Any], code: str) -> None:
    with pytest.raises(DefinitionInvalid) as caught:
        form(component)

    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].cure
    assert caught.value.problems[0].cure_en


def test_two_fields_with_one_key_are_refused_also_when_one_is_in_a_group() -> None:
    with pytest.raises(DefinitionInvalid):
        form(field("textfield", "a"), {"type": "group", "components": [field("textfield", "a", id="x")]})


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"id": "a"}', b"[" * 5000])
def test_what_is_no_form_is_refused_without_a_traceback(data: bytes) -> None:
    with pytest.raises(DefinitionInvalid):
        parse_form(data, file_name="a.form")


@pytest.mark.parametrize(
    ("component", "text", "value"),
    [
        (field("textfield", "a"), "  Åsa ", "Åsa"),
        (field("number", "a"), "12 500", 12500),
        (field("number", "a"), "1,5", 1.5),
        (field("number", "a", properties={"flowsvc:type": "money"}), "12 500,50", 1250050),
        (field("datetime", "a", subtype="date"), "2026-12-03", date(2026, 12, 3)),
        (field("datetime", "a", subtype="date"), "20261203", date(2026, 12, 3)),
        (field("datetime", "a", subtype="date"), "3/12 2026", date(2026, 12, 3)),
        (field("datetime", "a", subtype="date"), "3 december 2026", date(2026, 12, 3)),
        (field("datetime", "a", subtype="time"), "9.05", "09:05"),
        (field("checkbox", "a"), "true", True),
        (field("radio", "a", values=[{"value": "x", "label": "X"}]), "x", "x"),
    ],
)
def test_what_people_write_is_read_as_they_mean_it(component: dict[str, Any], text: str, value: Value) -> None:
    assert values_of(form(component), sent(a=text)) == {"a": value}


@pytest.mark.parametrize(
    ("component", "text", "fault"),
    [
        (field("textfield", "a", validate={"required": True}), "", "Fyll i A."),
        (field("textfield", "a", validate={"maxLength": 3}), "abcd", "högst 3 tecken"),
        (field("textfield", "a", validate={"pattern": "^[0-9]+$"}), "x", "fel form"),
        (field("textfield", "a", validate={"validationType": "email"}), "x", "e-postadress"),
        (field("number", "a"), "tolv", "siffror"),
        (field("number", "a", validate={"min": 1}), "0", "minst 1"),
        (field("datetime", "a", subtype="date"), "31/2 2026", "datum"),
        (field("datetime", "a", subtype="date", properties={"flowsvc:notAfter": "today"}), "2026-11-25", "24 november"),
        (field("select", "a", values=[{"value": "x", "label": "X"}]), "y", "finns inte"),
        (field("checkbox", "a", validate={"required": True}), "", "Kryssa i"),
    ],
)
def test_a_fault_is_said_in_plain_words(component: dict[str, Any], text: str, fault: str) -> None:
    assert fault in faults_of(form(component), sent(a=text))["a"]


def test_english_is_spoken_where_it_is_asked_for() -> None:
    parsed = form(field("textfield", "a", validate={"required": True}, properties={"en.label": "Name"}))

    assert faults_of(parsed, sent(), language="en") == {"a": "Fill in Name."}


def test_a_hidden_field_loses_its_value_and_is_not_required() -> None:
    parsed = form(
        field("radio", "kind", values=[{"value": "x", "label": "X"}, {"value": "y", "label": "Y"}]),
        field("textfield", "why", conditional={"hide": '=kind = "x"'}, validate={"required": True}),
    )

    assert values_of(parsed, sent(kind="x", why="smuggled")) == {"kind": "x"}
    assert "why" in faults_of(parsed, sent(kind="y"))


def rows_form() -> Form:
    return form(
        {
            "type": "dynamiclist",
            "path": "lines",
            "label": "Kostnadsrad",
            "properties": {"flowsvc:sum": "share=100"},
            "components": [
                field("textfield", "what", id="w", validate={"required": True}),
                field("number", "share", id="s"),
            ],
        }
    )


def test_rows_are_a_list_and_a_fault_names_its_row() -> None:
    typed = {"lines:count": "2", "lines:0:what": "A", "lines:0:share": "60", "lines:1:share": "40"}

    assert faults_of(rows_form(), sent(**typed)) == {"lines:1:what": "Kostnadsrad 2: Fyll i What."}
    assert values_of(rows_form(), sent(**{**typed, "lines:1:what": "B"})) == {
        "lines": [{"what": "A", "share": 60}, {"what": "B", "share": 40}]
    }


@pytest.mark.parametrize("known", [{}, {"lines": []}, {"lines": None}])
def test_rows_that_start_from_nothing_show_one_to_begin_with(known: Variables) -> None:
    rows = {"type": "dynamiclist", "path": "lines", "label": "Rad", "defaultRepetitions": 1}
    parsed = form({**rows, "validate": {"required": True}, "components": [field("textfield", "what")]})

    shown = view(
        parsed, values={}, known=known, errors={}, choices={}, evaluate=evaluate, language="sv", today=date(2026, 3, 2)
    )

    assert len(shown.parts[0].rows) == 1


def test_rows_that_nobody_asks_for_stay_away_where_there_were_none() -> None:
    rows = {"type": "dynamiclist", "path": "lines", "label": "Rad", "defaultRepetitions": 1}
    parsed = form({**rows, "components": [field("textfield", "what")]})

    shown = view(
        parsed,
        values={},
        known={"lines": []},
        errors={},
        choices={},
        evaluate=evaluate,
        language="sv",
        today=date(2026, 3, 2),
    )

    assert shown.parts[0].rows == ()


def test_shares_must_add_up() -> None:
    typed = {"lines:count": "1", "lines:0:what": "A", "lines:0:share": "60"}

    assert faults_of(rows_form(), sent(**typed)) == {"lines": "Share ska tillsammans bli 100. Nu är summan 60."}


def test_the_api_gives_the_same_values_and_no_unknown_names() -> None:
    parsed = form(field("datetime", "on", subtype="date"), field("number", "n"), field("checkbox", "yes"))

    def checked(variables: Variables) -> Variables:
        return validate_variables(parsed, variables, known={}, choices={}, evaluate=evaluate, today=TODAY)

    assert checked({"on": "2026-12-03", "n": 3, "yes": True}) == {"on": date(2026, 12, 3), "n": 3, "yes": True}
    for wrong in ({"n": "3"}, {"yes": 1}, {"n": True}, {"on": 5}, {"unknown": 1}):
        with pytest.raises(FormInvalid) as caught:
            checked(wrong)  # type: ignore[arg-type]  # one value each
        assert list(caught.value.fields) == list(wrong)


def test_choices_come_from_their_source_and_nothing_else_is_accepted() -> None:
    parsed = form(field("select", "unit", properties={"flowsvc:options": "units"}))
    choices = {"units": [Choice("u1", "BUP")]}

    def found(text: str) -> dict[str, str]:
        return read(parsed, sent(unit=text), known={}, choices=choices, evaluate=evaluate, today=TODAY).errors

    assert found("u1") == {}
    assert "unit" in found("u2")


def test_a_value_in_a_text_can_never_become_markup() -> None:
    parsed = form({"type": "text", "text": "Hej **{{name}}**"})
    shown = view(
        parsed,
        values={},
        known={"name": "**fet** <script>"},
        errors={},
        choices={},
        evaluate=evaluate,
        language="sv",
        today=TODAY,
    )

    assert shown.parts[0].paragraphs[0].runs == (("Hej ", False), ("**fet** <script>", True))


def test_a_submission_is_told_in_words() -> None:
    parsed = form(
        field("number", "cost", properties={"flowsvc:type": "money"}),
        field("datetime", "on", subtype="date"),
        field("radio", "kind", values=[{"value": "x", "label": "Ansvar"}]),
    )

    told = display(parsed, {"cost": 1250000, "on": date(2026, 12, 3), "kind": "x"}, choices={}, language="sv")

    assert told == (
        ("Cost", "12\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}kr"),
        ("On", "3 december 2026"),
        ("Kind", "Ansvar"),
    )


def test_what_could_not_be_read_is_shown_again_with_its_fault() -> None:
    parsed = form(
        field("datetime", "day", label="Dag", subtype="date"),
        field("datetime", "meeting", label="Möte", subtype="datetime"),
        {
            "type": "dynamiclist",
            "id": "rows",
            "path": "rows",
            "label": "Rader",
            "components": [field("number", "share", label="Andel")],
        },
    )
    given = read(
        parsed,
        sent(
            **{
                "day": "12 okt",
                "meeting:date": "2026-12-03",
                "meeting:time": "kvart",
                "rows:count": "2",
                "rows:1:share": "hälften",
            }
        ),
        known={},
        choices={},
        evaluate=evaluate,
        today=TODAY,
    )

    faults = unreadable(parsed, given.typed, language="sv")
    shown = view(
        parsed,
        values=given.values,
        known={},
        errors=faults,
        choices={},
        evaluate=evaluate,
        language="sv",
        today=TODAY,
        typed=given.typed,
    )

    assert faults == {name: given.errors[name] for name in ("day", "meeting", "rows:1:share")}
    day, meeting, rows = shown.parts
    assert (day.value, bool(day.error)) == ("12 okt", True)
    assert (meeting.value, meeting.time_value, bool(meeting.error)) == ("2026-12-03", "kvart", True)
    assert [row[0].value for row in rows.rows] == ["", "hälften"]
    assert rows.rows[1][0].error.startswith("Rader 2: ")
    assert set(unreadable(parsed, given.typed, language="en")) == set(faults)


def test_a_count_of_rows_that_is_no_number_is_none() -> None:
    parsed = form({"type": "dynamiclist", "id": "rows", "path": "rows", "components": [field("number", "share")]})

    assert values_of(parsed, sent(**{"rows:count": "²"})) == {"rows": []}
