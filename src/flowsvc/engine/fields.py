"""Forms that a diagram draws itself: camunda:formData on a user task or start event becomes a form of its own, under
the key `process.element`. Hides that it is written as a form-js schema, shown and validated as any other form is."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import orjson
from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.dialect import bpmn

TYPES: Mapping[str, str] = {
    "string": "textfield",
    "long": "number",
    "boolean": "checkbox",
    "date": "datetime",
    "enum": "select",
}
"""Camunda's types of fields, and the components that they become."""
LIMITS: Mapping[str, str] = {"min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}
"""Camunda's constraints that have a number, and the rules that they become."""
FLAGS = ("required", "readonly")
_DATES = ("%Y-%m-%d", "%d/%m/%Y")
"""ISO, and how Camunda writes a date where nothing else is said."""


def form_data(node: etree._Element) -> etree._Element | None:
    """The camunda:formData of the element; None where it draws no form."""
    return next(dialect.extensions(node, "formData"), None)


def form_key_of(node: etree._Element) -> str:
    """The key of the element's form: one that it refers to, or its own; empty where it has none."""
    said = dialect.attribute(node, "formRef") or dialect.attribute(node, "formKey")
    if said or form_data(node) is None:
        return said or ""
    process = next((each.get("id", "") for each in node.iterancestors(bpmn("process"))), "")
    return f"{process}.{node.get('id', '')}"


def constraints(field: etree._Element) -> Iterator[tuple[str, str]]:
    """The names and values of the constraints of a field; a flag without value is set."""
    for holder in dialect.members(field, "validation"):
        for each in dialect.members(holder, "constraint"):
            yield each.get("name", ""), (each.get("config") or "").strip()


def date_of(text: str) -> str | None:
    """The date as ISO writes it; None for what is no date."""
    for pattern in _DATES:
        try:
            return datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def schema_of(node: etree._Element) -> bytes:
    """The form that the element draws, as a form-js schema. The check has seen that every field can be one."""
    drawn = form_data(node)
    fields = [] if drawn is None else list(dialect.members(drawn, "formField"))
    title = " ".join(node.get("name", "").split()) or node.get("id", "")
    schema = {
        "type": "default",
        "id": form_key_of(node),
        "schemaVersion": 19,
        "components": [_component(each) for each in fields],
        "properties": {"flowsvc:name": title},
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2)


def _component(field: etree._Element) -> dict[str, object]:
    key, kind = field.get("id", ""), field.get("type", "")
    said = dict(constraints(field))
    rules: dict[str, object] = {LIMITS[name]: int(value) for name, value in said.items() if name in LIMITS}
    # Camunda requires a boolean to have a value, and one that is not ticked has one: false.
    if kind != "boolean" and _is_set(said, "required"):
        rules["required"] = True
    made: dict[str, object] = {"type": TYPES[kind], "id": key, "key": key, "label": field.get("label") or key}
    if _is_set(said, "readonly"):
        made["readonly"] = True
    if (default := _default(kind, field.get("defaultValue", "").strip())) is not None:
        made["defaultValue"] = default
    match kind:
        case "long":
            made["decimalDigits"] = 0
        case "date":
            made["subtype"] = "date"
        case "enum":
            made["values"] = [_option(each) for each in dialect.members(field, "value")]
    return made | {"validate": rules}


def _option(value: etree._Element) -> dict[str, str]:
    identity = value.get("id", "")
    return {"value": identity, "label": value.get("name") or identity}


def _is_set(said: Mapping[str, str], flag: str) -> bool:
    return said.get(flag, "false") != "false"


def _default(kind: str, text: str) -> object:
    if not text:
        return None
    match kind:
        case "long":
            return int(text)
        case "boolean":
            return text == "true"
        case "date":
            return date_of(text)
        case _:
            return text
