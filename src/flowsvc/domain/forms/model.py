"""The values that forms are made of: components, choices, and what a browser has sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from flowsvc.domain import labels
from flowsvc.domain.values import Value, ValueType, Variables

Evaluate: TypeAlias = Callable[[Sequence[str], Variables], Sequence[Value]]
"""The values of FEEL texts in one crossing; the domain knows no engine and is handed this."""


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen."""

    value: str
    label: str
    label_en: str = ""

    def words(self, language: str) -> str:
        """The label in the language; Swedish where there is no other."""
        return self.label_en or self.label if language == "en" else self.label


@dataclass(frozen=True)
class Column:
    """A column of a table. What is a code in its rows is shown by its words: the column's own (`option.<key>.<code>`),
    else those of a vocabulary of flowsvc (flowsvc:words.<key>)."""

    key: str
    label: str
    label_en: str
    options: tuple[Choice, ...] = ()
    vocabulary: str = ""

    def title(self, language: str) -> str:
        """The label in the language."""
        return self.label_en or self.label if language == "en" else self.label

    def words(self, code: str, language: str) -> str:
        """The code in words; as it is where it has none."""
        own = next((each for each in self.options if each.value == code), None)
        if own is not None:
            return own.words(language)
        return labels.said(self.vocabulary, code, language) if self.vocabulary else code


Choices: TypeAlias = Mapping[str, Sequence[Choice]]
"""Choices that a form draws from elsewhere (flowsvc:options), by name of the source."""


@dataclass(frozen=True)
class Rules:
    """What a value must fulfil."""

    required: bool = False
    required_if: str = ""
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    pattern_message: str = ""
    minimum: float | None = None
    maximum: float | None = None
    validation_type: str = ""
    not_before: str = ""
    not_after: str = ""
    sum_field: str = ""
    sum_total: float | None = None


@dataclass(frozen=True)
class Component:
    """One component of a form. `key` is empty for what holds no value of its own (text, group, table …)."""

    type: str
    id: str
    key: str = ""
    label: str = ""
    label_en: str = ""
    help: str = ""
    help_en: str = ""
    text: str = ""
    text_en: str = ""
    subtype: str = ""
    value_type: ValueType = ValueType.TEXT
    is_percent: bool = False
    visibility: str = "shared"
    hide: str = ""
    rules: Rules = field(default_factory=Rules)
    options: tuple[Choice, ...] = ()
    options_source: str = ""
    values_key: str = ""
    default: Value = None
    autofill: str = ""
    is_readonly: bool = False
    decimals: int | None = None
    can_change_rows: bool = True
    first_rows: int = 1
    data_source: str = ""
    columns: tuple[Column, ...] = ()
    """Of a table."""
    is_multiple: bool = False
    parts: "tuple[Component, ...]" = ()

    def title(self, language: str) -> str:
        """The label in the language."""
        return self.label_en or self.label if language == "en" else self.label

    def hint(self, language: str) -> str:
        """The help text in the language."""
        return self.help_en or self.help if language == "en" else self.help


@dataclass(frozen=True)
class FieldSpec:
    """A variable that a form sets: its type, whether it is always needed, and who may see it."""

    key: str
    type: ValueType
    required: bool
    visibility: str
    label: str


@dataclass(frozen=True)
class CrossRule:
    """A check over several fields: when `when` is true, the field has this fault."""

    when: str
    field: str
    message: str
    message_en: str


@dataclass(frozen=True)
class Form:
    """A parsed form. `key` is the schema's id."""

    key: str
    name: str
    name_en: str
    submit: str
    submit_en: str
    components: tuple[Component, ...]
    cross_rules: tuple[CrossRule, ...] = ()

    def fields(self) -> tuple[FieldSpec, ...]:
        """The variables that the form sets, in the order of the form."""
        return tuple(
            FieldSpec(each.key, each.value_type, each.rules.required, each.visibility, each.label)
            for each in flat(self.components)
            if each.key
        )


def flat(components: Sequence[Component]) -> tuple[Component, ...]:
    """All components, groups opened; the inside of repeating rows belongs to the rows."""
    found: list[Component] = []
    for each in components:
        found.append(each)
        if each.type == "group":
            found.extend(flat(each.parts))
    return tuple(found)


@dataclass(frozen=True)
class Submitted:
    """What a browser sent: texts by input name, and files already stored, as {"file": id, "name": name}."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The text of the input, trimmed; empty where nothing came."""
        found = self.fields.get(name) or ("",)
        return found[-1].strip().replace("\r\n", "\n")

    def many(self, name: str) -> list[str]:
        """All texts of the input."""
        return [text for each in self.fields.get(name, ()) if (text := each.strip())]


def row_name(path: str, index: int, key: str) -> str:
    """The input name of a field in a repeating row, e.g. `cost_lines:0:share`."""
    return f"{path}:{index}:{key}"
