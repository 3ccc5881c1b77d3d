"""Fields of camunda:formData: each can be shown and validated as the fields of a form file are, or is refused."""

import re
from collections.abc import Iterator

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.findings import Findings, Rule, refused
from flowsvc.engine.fields import FLAGS, LIMITS, TYPES, constraints, date_of, form_data

_TWO = refused(
    "form.two",
    "{name} har både en blankettfil och egna fält (camunda:formData).",
    "Behåll det ena.",
    "{name} has both a form file and fields of its own (camunda:formData).",
    "Keep one of them.",
)
_EMPTY = refused(
    "form.empty",
    "Blanketten på {name} har inga fält.",
    "Lägg till fält, eller ta bort camunda:formData.",
    "The form of {name} has no fields.",
    "Add fields, or remove camunda:formData.",
)
_KEY = refused(
    "form.business_key",
    "Fältet {field} på {name} ska bli ärendenumret, men numret ges av flowsvc.",
    "Ta bort businessKey.",
    "The field {field} of {name} is to become the business key, but flowsvc gives that.",
    "Remove businessKey.",
)
_TYPE = refused(
    "form.type",
    "Fältet {field} på {name} har typen {kind}.",
    "Använd string, long, boolean, date eller enum, eller gör en blankettfil.",
    "The field {field} of {name} is of the type {kind}.",
    "Use string, long, boolean, date or enum, or make a form file.",
)
_DEFAULT = refused(
    "form.default",
    "Fältet {field} på {name} börjar med ”{text}”, som inte är något värde av dess typ.",
    "Skriv ett värde som det är. Ett uträknat värde sätts med camunda:inputParameter under fältets namn.",
    "The field {field} of {name} starts with “{text}”, which is no value of its type.",
    "Write a value as it is. One that is worked out is set by camunda:inputParameter under the field's name.",
)
_CONSTRAINT = refused(
    "form.constraint",
    "Fältet {field} på {name} har regeln {said}, som inte stöds där eller inte har något heltal.",
    "Använd required, readonly, min och max på long, och minlength och maxlength på string.",
    "The field {field} of {name} has the constraint {said}, which is not supported there or has no whole number.",
    "Use required, readonly, min and max on long, and minlength and maxlength on string.",
)
_OPTIONS = refused(
    "form.options",
    "Fältet {field} på {name} är ett val utan alternativ, eller med två som är lika.",
    "Ge det alternativ (camunda:value) med var sitt id.",
    "The field {field} of {name} is a choice without options, or with two that are alike.",
    "Give it options (camunda:value) with an id each.",
)
_WHOLE = re.compile(r"-?\d{1,15}")
_FITS = {"min": "long", "max": "long", "minlength": "string", "maxlength": "string"}


def check_fields(node: etree._Element, findings: Findings) -> bool:
    """Whether every field of the form that the element draws can be one."""
    before, name = findings.count, node.get("name") or node.get("id") or ""
    drawn = form_data(node)
    fields = [] if drawn is None else list(dialect.members(drawn, "formField"))
    if dialect.attribute(node, "formRef") or dialect.attribute(node, "formKey"):
        findings.add(_TWO, node, name=name)
    if not fields:
        findings.add(_EMPTY, node, name=name)
    if drawn is not None and (key := drawn.get("businessKey")):
        findings.add(_KEY, node, name=name, field=key[:80])
    for field in fields:
        for rule, words in _faults(field):
            findings.add(rule, node, name=name, field=field.get("id", "")[:80], **words)
    return findings.count == before


def _faults(field: etree._Element) -> Iterator[tuple[Rule, dict[str, str]]]:
    kind = field.get("type", "")
    if kind not in TYPES:
        yield _TYPE, {"kind": kind[:40] or "?"}
        return
    options = [each.get("id") for each in dialect.members(field, "value")]
    if kind == "enum" and (not options or not all(options) or len(set(options)) < len(options)):
        yield _OPTIONS, {}
    default = field.get("defaultValue", "").strip()
    if default and not _is_value(default, kind, options):
        yield _DEFAULT, {"text": default[:80]}
    for name, value in constraints(field):
        is_flag = name in FLAGS and value in ("", "true", "false")
        is_limit = name in LIMITS and _FITS[name] == kind and _WHOLE.fullmatch(value) is not None
        if not (is_flag or is_limit):
            yield _CONSTRAINT, {"said": name[:40]}


def _is_value(text: str, kind: str, options: list[str | None]) -> bool:
    match kind:
        case "long":
            return _WHOLE.fullmatch(text) is not None
        case "boolean":
            return text in ("true", "false")
        case "date":
            return date_of(text) is not None
        case "enum":
            return text in options
        case _:
            return not text.startswith(("=", "${", "#{"))
