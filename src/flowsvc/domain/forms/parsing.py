"""Reads a form-js schema (schemaVersion 19). What the server could not honour is refused by name."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flowsvc.domain import labels
from flowsvc.domain.errors import DefinitionInvalid, Problem, TooLarge
from flowsvc.domain.forms.model import Choice, Column, Component, CrossRule, Form, Rules
from flowsvc.domain.values import Value, ValueType

LIMIT = 2_000_000
MAX_FIRST_ROWS = 100
"""How many rows a list of a form may begin with."""
_PLAIN = frozenset({"text", "separator", "spacer", "button", "table", "group"})
_TYPES = {
    "textfield": ValueType.TEXT,
    "textarea": ValueType.TEXT,
    "number": ValueType.NUMBER,
    "datetime": ValueType.DATE,
    "select": ValueType.TEXT,
    "radio": ValueType.TEXT,
    "checkbox": ValueType.BOOLEAN,
    "checklist": ValueType.LIST,
    "dynamiclist": ValueType.LIST,
    "filepicker": ValueType.LIST,
}
_VALIDATE = frozenset(
    {
        "required",
        "minLength",
        "maxLength",
        "pattern",
        "patternErrorMessage",
        "min",
        "max",
        "validationType",
    }
)
_KEY = re.compile(r"[^\W\d][\w]*")
# Two repetitions within each other can take time without end (catastrophic backtracking).
_NESTED_REPETITION = re.compile(r"\([^()]*[+*][^()]*\)[+*{]")


class _Parser:
    def __init__(self, data: bytes, file_name: str) -> None:
        self._lines = data.decode("utf-8", errors="replace").splitlines()
        self._file_name = file_name
        self.problems: list[Problem] = []
        self._keys: set[str] = set()

    def refuse(self, code: str, element: str, what: str, cure: str, what_en: str, cure_en: str) -> None:
        line = next((n for n, text in enumerate(self._lines, 1) if f'"{element}"' in text), 1) if element else 1
        self.problems.append(
            Problem("refused", f"form.{code}", element, line, what, cure, what_en, cure_en, self._file_name)
        )

    def component(self, raw: Mapping[str, Any]) -> Component | None:
        kind, own = str(raw.get("type")), _properties(raw)
        element = str(raw.get("id") or raw.get("key") or raw.get("path") or kind)
        if kind not in _PLAIN and kind not in _TYPES:
            self.refuse(
                "unsupported",
                element,
                f"Komponenten {kind} stöds inte.",
                "Använd text, fält, val, rader eller tabell i stället.",
                f"The component {kind} is not supported.",
                "Use text, fields, choices, rows or a table instead.",
            )
            return None
        key = "" if kind in _PLAIN else str(raw.get("path" if kind == "dynamiclist" else "key") or "")
        if kind in _TYPES:
            self._check_key(key, element)
        inner = _Parser.__new__(_Parser)
        inner.__dict__.update(self.__dict__)
        if kind == "dynamiclist":
            inner._keys = set()
        parts = tuple(part for each in raw.get("components", ()) if (part := inner.component(each)))
        return Component(
            type=kind,
            id=element,
            key=key,
            label=str(raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel") or ""),
            label_en=own.get("en.label", ""),
            help=str(raw.get("description") or own.get("flowsvc:help") or ""),
            help_en=own.get("en.description", ""),
            text=str(raw.get("text") or ""),
            text_en=own.get("en.text", ""),
            subtype=str(raw.get("subtype") or ("date" if kind == "datetime" else "")),
            value_type=_value_type(raw, own),
            is_percent=own.get("flowsvc:type") == "percent",
            visibility=own.get("flowsvc:visibility", "shared"),
            hide=_feel(_condition(raw)),
            rules=self._rules(raw, own, element),
            options=tuple(
                Choice(str(o.get("value")), str(o.get("label")), own.get(f"en.option.{o.get('value')}", ""))
                for o in raw.get("values") or ()
            ),
            options_source=own.get("flowsvc:options", ""),
            values_key=str(raw.get("valuesKey") or ""),
            default=_default(raw.get("defaultValue")),
            autofill=own.get("flowsvc:autofill", ""),
            is_readonly=bool(raw.get("readonly") or raw.get("disabled")),
            decimals=raw.get("decimalDigits"),
            can_change_rows=raw.get("allowAddRemove", True) is not False,
            first_rows=int(raw.get("defaultRepetitions") or 0),
            data_source=_feel(str(raw.get("dataSource") or "")),
            columns=tuple(self._column(each, own, element) for each in raw.get("columns") or ()),
            is_multiple=bool(raw.get("multiple")),
            parts=parts,
        )

    def _column(self, raw: Mapping[str, Any], own: Mapping[str, str], element: str) -> Column:
        key = str(raw["key"])
        vocabulary = own.get(f"flowsvc:words.{key}", "")
        if vocabulary and vocabulary not in labels.VOCABULARIES:
            self.refuse(
                "words",
                element,
                f"Det finns inga ord som heter {vocabulary} för kolumnen {key}.",
                f"Använd {', '.join(sorted(labels.VOCABULARIES))}, eller skriv orden med option.{key}.<kod>.",
                f"There are no words called {vocabulary} for the column {key}.",
                f"Use {', '.join(sorted(labels.VOCABULARIES))}, or write the words with option.{key}.<code>.",
            )
        spelled = f"option.{key}."
        return Column(
            key=key,
            label=str(raw.get("label", "")),
            label_en=own.get(f"en.column.{key}", ""),
            options=tuple(
                Choice(name.removeprefix(spelled), words, own.get(f"en.{name}", ""))
                for name, words in own.items()
                if name.startswith(spelled)
            ),
            vocabulary=vocabulary,
        )

    def _check_key(self, key: str, element: str) -> None:
        if not _KEY.fullmatch(key) or key.startswith("_"):
            self.refuse(
                "key",
                element,
                f"Fältet {element} saknar en användbar nyckel.",
                "Ge fältet en nyckel av bokstäver, siffror och understreck som börjar med en bokstav.",
                f"The field {element} has no usable key.",
                "Give the field a key of letters, digits and underscores that begins with a letter.",
            )
        elif key in self._keys:
            self.refuse(
                "duplicate_key",
                element,
                f"Nyckeln {key} används av två fält.",
                "Ge det ena fältet en annan nyckel.",
                f"The key {key} is used by two fields.",
                "Give one of them another key.",
            )
        self._keys.add(key)

    def _rules(self, raw: Mapping[str, Any], own: Mapping[str, str], element: str) -> Rules:
        said: Mapping[str, Any] = raw.get("validate") or {}
        for unknown in sorted(set(said) - _VALIDATE):
            self.refuse(
                "rule",
                element,
                f"Regeln {unknown} på {element} stöds inte.",
                "Ta bort den, eller skriv regeln med flowsvc:required, flowsvc:notAfter eller flowsvc:notBefore.",
                f"The rule {unknown} on {element} is not supported.",
                "Remove it, or say it with flowsvc:required, flowsvc:notAfter or flowsvc:notBefore.",
            )
        pattern = str(said.get("pattern") or "")
        if pattern and not _is_safe(pattern):
            self.refuse(
                "pattern",
                element,
                f"Mönstret på {element} går inte att använda.",
                "Skriv ett reguljärt uttryck utan upprepning i upprepning.",
                f"The pattern on {element} cannot be used.",
                "Write a regular expression without repetition within repetition.",
            )
            pattern = ""
        if raw.get("valuesExpression"):
            self.refuse(
                "values_expression",
                element,
                f"Alternativ från ett uttryck ({element}) stöds inte.",
                "Använd fasta alternativ, valuesKey eller flowsvc:options.",
                f"Options from an expression ({element}) are not supported.",
                "Use fixed options, valuesKey or flowsvc:options.",
            )
        column, _, total = own.get("flowsvc:sum", "").partition("=")
        return Rules(
            required=bool(said.get("required")),
            required_if=_feel(own.get("flowsvc:required", "")),
            min_length=said.get("minLength"),
            max_length=said.get("maxLength"),
            pattern=pattern,
            pattern_message=str(said.get("patternErrorMessage") or ""),
            minimum=_number(said.get("min")),
            maximum=_number(said.get("max")),
            validation_type=str(said.get("validationType") or ""),
            not_before=own.get("flowsvc:notBefore", ""),
            not_after=own.get("flowsvc:notAfter", ""),
            sum_field=column.strip(),
            sum_total=_number(total.strip() or None),
        )


def parse_form(data: bytes, *, file_name: str) -> Form:
    """The form; DefinitionInvalid names every component that the server cannot honour, TooLarge past 2 MB."""
    if len(data) > LIMIT:
        raise TooLarge(f"{file_name} är för stor. En blankett får vara högst 2 MB.")
    parser = _Parser(data, file_name)
    try:
        schema = json.loads(data)
    except (ValueError, RecursionError):
        schema = None
    if not isinstance(schema, dict) or not schema.get("id") or not _is_whole(schema):
        parser.refuse(
            "schema",
            "",
            "Filen är ingen form-js-blankett.",
            "Spara den på nytt i blankettredigeraren; den ska ha id och components.",
            "The file is no form-js form.",
            "Save it again in the form editor; it must have id and components.",
        )
        raise DefinitionInvalid(parser.problems)
    components = tuple(part for each in schema["components"] if (part := parser.component(each)))
    if parser.problems:
        raise DefinitionInvalid(parser.problems)
    own = {**_properties(schema), **{k: v for k, v in schema.items() if str(k).startswith("flowsvc:")}}
    rules = own.get("flowsvc:rules")
    return Form(
        key=str(schema["id"]),
        name=str(own.get("flowsvc:name") or schema["id"]),
        name_en=str(own.get("flowsvc:name:en") or ""),
        submit=str(own.get("flowsvc:submit") or "Skicka"),
        submit_en=str(own.get("flowsvc:submit:en") or "Send"),
        components=components,
        cross_rules=tuple(
            CrossRule(
                _feel(str(r["when"])), str(r["field"]), str(r["message"]), str(r.get("message:en") or r["message"])
            )
            for r in (rules if isinstance(rules, list) else ())
        ),
    )


_LISTS = ("components", "values", "columns")
_MAPS = ("properties", "validate", "conditional", "layout")


def _is_whole(schema: Mapping[str, Any]) -> bool:
    """Whether lists and objects stand where form-js has them, however deep; columns have keys."""
    waiting: list[Mapping[str, Any]] = [schema]
    if not isinstance(schema.get("components"), list):
        return False
    while waiting:
        raw = waiting.pop()
        held = {name: raw[name] for name in _LISTS if raw.get(name) is not None}
        if any(not isinstance(raw.get(name), dict | None) for name in _MAPS):
            return False
        if not all(isinstance(each, list) and all(isinstance(one, dict) for one in each) for each in held.values()):
            return False
        if any("key" not in each for each in held.get("columns", ())):
            return False
        if (raw.get("defaultRepetitions") or 0) not in range(MAX_FIRST_ROWS + 1):
            return False
        waiting.extend(held.get("components", ()))
    rules = schema.get("flowsvc:rules")
    return rules is None or (
        isinstance(rules, list) and all(isinstance(r, dict) and {"when", "field", "message"} <= set(r) for r in rules)
    )


def form_conditions(form: Form) -> tuple[str, ...]:
    """Every FEEL text of the form, for the deploy check."""
    found: list[str] = []

    def collect(components: tuple[Component, ...]) -> None:
        for each in components:
            found.extend(
                t for t in (each.hide, each.rules.required_if, each.data_source if each.type == "table" else "") if t
            )
            collect(each.parts)

    collect(form.components)
    return tuple(dict.fromkeys([*found, *(rule.when for rule in form.cross_rules)]))


def _properties(raw: Mapping[str, Any]) -> dict[str, str]:
    found = raw.get("properties")
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _condition(raw: Mapping[str, Any]) -> str:
    said = raw.get("conditional")
    return str(said.get("hide") or "") if isinstance(said, dict) else ""


def _feel(text: str) -> str:
    return text.strip().removeprefix("=").strip()


def _value_type(raw: Mapping[str, Any], own: Mapping[str, str]) -> ValueType:
    kind = str(raw.get("type"))
    if kind == "number" and own.get("flowsvc:type") == "money":
        return ValueType.MONEY
    if kind == "datetime" and raw.get("subtype") == "datetime":
        return ValueType.DATETIME
    if kind == "datetime" and raw.get("subtype") == "time":
        return ValueType.TEXT
    return _TYPES.get(kind, ValueType.TEXT)


def _default(raw: object) -> Value:
    return raw if isinstance(raw, bool | int | float | str) else None


def _number(raw: object) -> float | None:
    try:
        return None if raw is None or raw == "" else float(str(raw))
    except ValueError:
        return None


def _is_safe(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return len(pattern) <= 500 and not _NESTED_REPETITION.search(pattern)
