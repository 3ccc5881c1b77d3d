"""A form as a page shows it, and a submission in words: plain values that templates print without thinking."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flowsvc.domain.forms import words
from flowsvc.domain.forms.inputs import TIME
from flowsvc.domain.forms.model import Choices, Column, Component, Evaluate, Form, flat, row_name
from flowsvc.domain.forms.reading import hidden_components, options_of, starting_value, value_at
from flowsvc.domain.values import Value, ValueType, Variables


@dataclass(frozen=True)
class OptionView:
    """One choice: its input value, its label and whether it is chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class PartView:
    """One component as shown. `name` is the input's name and `id` its id in the page; `value` is what stands in it."""

    kind: str
    name: str
    id: str
    label: str
    help: str = ""
    error: str = ""
    value: str = ""
    time_value: str = ""
    is_required: bool = False
    is_readonly: bool = False
    is_checked: bool = False
    is_multiple: bool = False
    max_length: int | None = None
    unit: str = ""
    options: tuple[OptionView, ...] = ()
    paragraphs: tuple["Paragraph", ...] = ()
    parts: "tuple[PartView, ...]" = ()
    rows: "tuple[tuple[PartView, ...], ...]" = ()
    can_change_rows: bool = False
    header: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    """Uploaded before: (id, name)."""


@dataclass(frozen=True)
class Paragraph:
    """A piece of a text: a heading (`level` 3 to 6), a paragraph or a list item, in runs of (text, is bold)."""

    runs: tuple[tuple[str, bool], ...]
    level: int = 0
    is_item: bool = False


@dataclass(frozen=True)
class FormView:
    """A whole form, ready to print."""

    key: str
    submit: str
    parts: tuple[PartView, ...]
    errors: tuple[tuple[str, str], ...]
    """(id of the field to go to, what is wrong), in the order of the page."""
    has_files: bool


def view(
    form: Form,
    *,
    values: Variables,
    known: Variables,
    errors: Mapping[str, str],
    choices: Choices,
    evaluate: Evaluate,
    language: str,
    today: date,
    typed: Mapping[str, str] | None = None,
    zone: str = "Europe/Stockholm",
) -> FormView:
    """The form with these values in it; fields without a value start with what their form says they start with."""
    started = {**_starting(form, known, today=today), **values}
    hidden = hidden_components(form.components, started, known=known, evaluate=evaluate)
    viewing = _Viewing(started, known, errors, choices, language, typed or {}, zone)
    parts = viewing.parts(form.components, hidden)
    return FormView(
        key=form.key,
        submit=form.submit_en if language == "en" else form.submit,
        parts=parts,
        errors=tuple((each.id, each.error) for each in _all(parts) if each.error),
        has_files=any(each.type == "filepicker" for each in flat(form.components)),
    )


def _starting(form: Form, known: Variables, *, today: date) -> Variables:
    found: Variables = {}
    for each in flat(form.components):
        if not each.key:
            continue
        value = starting_value(each, known, today=today)
        needs_rows = each.rules.required or bool(each.rules.required_if)
        if each.type == "dynamiclist" and each.first_rows and (value is None or (value == [] and needs_rows)):
            # Also where the rows that are asked for start from a list that is empty: somewhere to begin.
            found[each.key] = [{} for _ in range(each.first_rows)]
        elif value is not None or each.autofill:
            found[each.key] = value
    return found


def _all(parts: Sequence[PartView]) -> list[PartView]:
    found: list[PartView] = []
    for each in parts:
        found.extend([each, *_all(each.parts), *(inner for row in each.rows for inner in _all(row))])
    return found


class _Viewing:
    def __init__(
        self,
        values: Variables,
        known: Variables,
        errors: Mapping[str, str],
        choices: Choices,
        language: str,
        typed: Mapping[str, str],
        zone: str,
    ) -> None:
        self._values, self._known, self._errors = values, known, errors
        self._choices, self._language, self._typed, self._zone = choices, language, typed, zone

    def parts(self, components: Sequence[Component], hidden: frozenset[str]) -> tuple[PartView, ...]:
        shown = [each for each in components if each.id not in hidden and each.type not in ("button", "spacer")]
        return tuple(self._part(each, each.key, self._values.get(each.key), hidden) for each in shown)

    def _part(self, each: Component, name: str, value: Value, hidden: frozenset[str]) -> PartView:
        common = PartView(
            kind=each.type,
            name=name,
            id="f-" + re.sub(r"[^\w-]", "-", name or each.id),
            label=each.title(self._language),
            help=each.hint(self._language),
            error=self._errors.get(name, ""),
            is_required=each.rules.required,
            is_readonly=each.is_readonly,
            max_length=each.rules.max_length,
            unit="kr" if each.value_type is ValueType.MONEY else "%" if each.is_percent else "",
        )
        changes: dict[str, object] = {}
        match each.type:
            case "text":
                changes["paragraphs"] = self._paragraphs(each)
            case "group":
                changes["parts"] = self.parts(each.parts, hidden)
            case "dynamiclist":
                changes["rows"] = self._rows(each, value, hidden)
                changes["can_change_rows"] = each.can_change_rows
            case "table":
                changes["header"] = tuple(column.title(self._language) for column in each.columns)
                changes["cells"] = self._cells(each)
            case "select" | "radio" | "checklist":
                changes["options"] = self._options(each, value)
            case "checkbox":
                changes["is_checked"] = value is True
            case "filepicker":
                changes["is_multiple"] = each.is_multiple
                changes["files"] = tuple(
                    (str(f["file"]), str(f["name"]))
                    for f in (value if isinstance(value, list) else [])
                    if isinstance(f, dict) and "file" in f and "name" in f
                )
            case _:
                changes["value"], changes["time_value"] = self._entered(each, name, value)
                changes["kind"] = each.subtype or each.type if each.type == "datetime" else each.type
        return PartView(**{**common.__dict__, **changes})

    def _rows(self, each: Component, value: Value, hidden: frozenset[str]) -> tuple[tuple[PartView, ...], ...]:
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        return tuple(
            tuple(
                self._part(part, row_name(each.key, index, part.key), row.get(part.key), hidden)
                for part in each.parts
                if part.id not in hidden
            )
            for index, row in enumerate(rows)
        )

    def _said(self, row: Variables, key: str) -> Value:
        """What the row says under the key; in English under the key with _en, where it has that."""
        english = row.get(f"{key}_en") if self._language == "en" else None
        return row.get(key) if english is None else english

    def _cells(self, each: Component) -> tuple[tuple[str, ...], ...]:
        rows = value_at(self._known, each.data_source)
        return tuple(
            tuple(self._cell(column, self._said(row, column.key)) for column in each.columns)
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, dict)
        )

    def _cell(self, column: Column, value: Value) -> str:
        return self.words(column.words(value, self._language) if isinstance(value, str) else value)

    def _options(self, each: Component, value: Value) -> tuple[OptionView, ...]:
        chosen = value if isinstance(value, list) else [value]
        return tuple(
            OptionView(choice.value, choice.words(self._language), choice.value in chosen)
            for choice in options_of(each, known=self._known, choices=self._choices)
        )

    def _entered(self, each: Component, name: str, value: Value) -> tuple[str, str]:
        if name in self._typed:
            return self._typed[name], self._typed.get(name + TIME, "")
        if isinstance(value, datetime):
            local = value.astimezone(ZoneInfo(self._zone))
            return local.date().isoformat(), local.strftime("%H:%M")
        if isinstance(value, date):
            return value.isoformat(), ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            size = value / 100 if each.value_type is ValueType.MONEY else value
            return words.number_words(size, self._language).replace("\N{NO-BREAK SPACE}", " "), ""
        return ("" if value is None else str(value)), ""

    def _paragraphs(self, each: Component) -> tuple[Paragraph, ...]:
        text = each.text_en or each.text if self._language == "en" else each.text
        found: list[Paragraph] = []
        for line in (part.strip() for part in text.splitlines()):
            if not line:
                continue
            marks = re.match(r"(#{1,4}) +|[-*] +", line)
            level = min(len(marks[1]) + 2, 6) if marks and marks[1] else 0
            body = line[marks.end() :] if marks else line
            found.append(Paragraph(self._runs(body), level=level, is_item=bool(marks) and not level))
        return tuple(found)

    def _runs(self, text: str) -> tuple[tuple[str, bool], ...]:
        # Values are put in after the marks are read, so that a value can never become a mark.
        runs = [(piece, bool(n % 2)) for n, piece in enumerate(re.split(r"\*\*", text)) if piece]
        return tuple((re.sub(r"\{\{\s*([\w.]+)\s*\}\}", self._filled, piece), bold) for piece, bold in runs)

    def _filled(self, found: "re.Match[str]") -> str:
        return self.words(value_at({**self._known, **self._values}, found[1]))

    def words(self, value: Value, component: Component | None = None) -> str:
        """The value as people read it."""
        match value:
            case None:
                return "–"
            case bool():
                return words.say("yes" if value else "no", self._language)
            case datetime():
                local = value.astimezone(ZoneInfo(self._zone))
                return f"{words.date_words(local.date(), self._language)}, {local:%H:%M}"
            case date():
                return words.date_words(value, self._language)
            case int() | float() if component is not None and component.value_type is ValueType.MONEY:
                return words.money_words(int(value), self._language)
            case int() | float():
                unit = "\N{NO-BREAK SPACE}%" if component is not None and component.is_percent else ""
                return words.number_words(value, self._language) + unit
            case list():
                return ", ".join(self.words(item, component) for item in value) or "–"
            case dict():
                return str(value["name"]) if "name" in value else "; ".join(self.words(item) for item in value.values())
            case _:
                return str(value)


def display(
    form: Form,
    values: Variables,
    *,
    choices: Choices,
    language: str,
    zone: str = "Europe/Stockholm",
    known: "Variables | None" = None,
) -> tuple[tuple[str, str], ...]:
    """A submission in words: (label, text) per field that has a value; rows are counted (`Kostnadsrad 2: Belopp`).
    `known` are the variables from which fields may have drawn their choices."""
    told = _telling(values, choices=choices, known=known or {}, language=language, zone=zone)
    found: list[tuple[str, str]] = []
    for each in flat(form.components):
        value = values.get(each.key) if each.key else None
        if value is None or value == []:
            continue
        title = each.title(language) or each.key
        if each.type != "dynamiclist":
            found.append((title, told(each, value)))
            continue
        for n, row in enumerate(value if isinstance(value, list) else [], 1):
            for part in flat(each.parts):
                inner = row.get(part.key) if isinstance(row, dict) and part.key else None
                if inner is not None:
                    found.append((f"{title} {n}: {part.title(language)}", told(part, inner)))
    return tuple(found)


@dataclass(frozen=True)
class RowsInWords:
    """The rows of one repeating field: its title, the titles of its parts, and each row's answers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def display_rows(
    form: Form,
    values: Variables,
    *,
    choices: Choices,
    language: str,
    zone: str = "Europe/Stockholm",
    known: "Variables | None" = None,
) -> tuple[RowsInWords, ...]:
    """The repeating fields of a submission in words, each with the parts that some row has an answer to."""
    told = _telling(values, choices=choices, known=known or {}, language=language, zone=zone)
    found: list[RowsInWords] = []
    for each in flat(form.components):
        value = values.get(each.key) if each.type == "dynamiclist" else None
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        parts = [part for part in flat(each.parts) if any(row.get(part.key) is not None for row in rows)]
        if rows:
            cells = tuple(tuple(told(part, row.get(part.key)) for part in parts) for row in rows)
            found.append(RowsInWords(each.title(language), tuple(part.title(language) for part in parts), cells))
    return tuple(found)


def _telling(
    values: Variables, *, choices: Choices, known: Variables, language: str, zone: str
) -> Callable[[Component, Value], str]:
    """Says a value of a component as people read it: what was chosen by its label."""
    viewing = _Viewing(values, {}, {}, choices, language, {}, zone)

    def told(component: Component, value: Value) -> str:
        labels = {c.value: c.words(language) for c in options_of(component, known=known, choices=choices)}
        if labels and isinstance(value, list):
            return ", ".join(labels.get(str(item), str(item)) for item in value)
        if labels and isinstance(value, str):
            return labels.get(value, value)
        return viewing.words(value, component)

    return told
