"""What people sent becomes values, or says per field what is wrong. The server decides what is shown: a hidden field's
value is dropped, whatever was sent."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from flowsvc.domain.errors import FormInvalid
from flowsvc.domain.forms import words
from flowsvc.domain.forms.inputs import TIME, Sent, Unread, from_browser, from_value
from flowsvc.domain.forms.model import Choice, Choices, Component, Evaluate, Form, Submitted, flat, row_name
from flowsvc.domain.values import Value, ValueType, Variables

TEXT_LIMIT = 4000
ROW_LIMIT = 100


_Raw: TypeAlias = Callable[[Component, str], Sent]


@dataclass(frozen=True)
class Read:
    """A form as far as it goes: values, faults by field (`key` or `list:0:key`), the components that are shown, and
    what was typed and could not be read."""

    values: Variables
    errors: dict[str, str]
    hidden: frozenset[str]
    typed: dict[str, str] = field(default_factory=dict)


def read(
    form: Form,
    submitted: Submitted,
    *,
    known: Variables,
    choices: Choices,
    evaluate: Evaluate,
    today: date,
    language: str = "sv",
    zone: str = "Europe/Stockholm",
) -> Read:
    """The form as it was filled in; never raises for what people write."""

    def raw(component: Component, name: str) -> Sent:
        return from_browser(component, name, submitted, zone=zone)

    return _Reading(form, known, choices, evaluate, today, language).run(raw)


def unreadable(form: Form, typed: Mapping[str, str], *, language: str) -> dict[str, str]:
    """What is wrong, by field, with what was typed and could not be read when it was kept."""

    def raw(component: Component, name: str) -> Sent:
        at = name + ":date" if component.subtype == "datetime" else name
        fields = {at: [typed[name]], name + TIME: [typed.get(name + TIME, "")]}
        return from_browser(component, name, Submitted(fields), zone="UTC")

    reading = _Reading(form, {}, {}, lambda _texts, _variables: [], date.min, language)
    for each in flat(form.components):
        for name, component in _inputs(each, typed):
            reading.value(component, name, raw)
    return reading.errors


def _inputs(component: Component, typed: Mapping[str, str]) -> Iterator[tuple[str, Component]]:
    """The inputs of the component in which something was typed that could not be read."""
    if component.key in typed:
        yield component.key, component
    for index in range(ROW_LIMIT if component.type == "dynamiclist" else 0):
        for part in flat(component.parts):
            name = row_name(component.key, index, part.key)
            if part.key and name in typed:
                yield name, part


def validate(
    form: Form,
    submitted: Submitted,
    *,
    known: Variables,
    choices: Choices,
    evaluate: Evaluate,
    today: date,
    language: str = "sv",
    zone: str = "Europe/Stockholm",
) -> Variables:
    """The values of a form without fault; FormInvalid says per field what is wrong."""
    return _faultless(
        read(
            form,
            submitted,
            known=known,
            choices=choices,
            evaluate=evaluate,
            today=today,
            language=language,
            zone=zone,
        )
    )


def validate_variables(
    form: Form,
    variables: Variables,
    *,
    known: Variables,
    choices: Choices,
    evaluate: Evaluate,
    today: date,
    language: str = "sv",
) -> Variables:
    """The same for values that come as variables: typed, or plain ISO text where a date is declared. Names that are no
    field of the form are refused by name."""
    fields = {each.key for each in flat(form.components) if each.key}
    unknown = sorted(set(variables) - fields)
    if unknown:
        raise FormInvalid(dict.fromkeys(unknown, "Blanketten har inget sådant fält."))

    def raw(component: Component, name: str) -> Sent:
        return from_value(component, value_at(variables, name))

    return _faultless(_Reading(form, known, choices, evaluate, today, language).run(raw))


def _faultless(found: Read) -> Variables:
    if found.errors:
        raise FormInvalid(found.errors)
    return found.values


def starting_value(component: Component, known: Variables, *, today: date) -> Value:
    """What the field starts with: what fills it, the variable of its name, or its default."""
    if component.autofill:
        return today if component.autofill == "today" else value_at(known, component.autofill)
    if known.get(component.key) is not None:
        return known[component.key]
    if component.value_type is ValueType.DATE and isinstance(component.default, str):
        return words.read_date(component.default)
    return component.default


def hidden_components(
    components: Sequence[Component], values: Variables, *, known: Variables, evaluate: Evaluate
) -> frozenset[str]:
    """The ids of the components whose condition hides them, asked in one crossing."""
    asked = [each for each in flat(components) if each.hide]
    if not asked:
        return frozenset()
    fields: Variables = {each.key: None for each in flat(components) if each.key}
    answers = evaluate([each.hide for each in asked], {**known, **fields, **values})
    return frozenset(each.id for each, answer in zip(asked, answers, strict=True) if answer is True)


class _Reading:
    def __init__(
        self, form: Form, known: Variables, choices: Choices, evaluate: Evaluate, today: date, language: str
    ) -> None:
        self._form, self._known, self._choices = form, known, choices
        self._evaluate, self._today, self._language = evaluate, today, language
        self.errors: dict[str, str] = {}
        self.typed: dict[str, str] = {}

    def run(self, raw: _Raw) -> Read:
        fields = [each for each in flat(self._form.components) if each.key]
        values: Variables = {}
        faults: dict[str, dict[str, str]] = {}
        for each in fields:
            self.errors = {}
            if each.is_readonly:
                # Whatever was sent, nobody could write there.
                values[each.key] = starting_value(each, self._known, today=self._today)
            elif each.type == "dynamiclist":
                values[each.key] = self._rows(each, raw)
            else:
                values[each.key] = self.value(each, each.key, raw)
            faults[each.key] = self.errors
        hidden = hidden_components(self._form.components, values, known=self._known, evaluate=self._evaluate)
        shown = _shown_keys(self._form.components, hidden)
        values = {key: value for key, value in values.items() if key in shown}
        self.errors = {name: text for key in shown for name, text in faults.get(key, {}).items()}
        for each in fields:
            if each.key in shown:
                self._check(each, values.get(each.key), each.key, values)
        self._cross_rules(values, shown)
        return Read(values=values, errors=self.errors, hidden=hidden, typed=self.typed)

    def value(self, component: Component, name: str, raw: _Raw) -> Value:
        """What stands in the input; nothing, and a fault, where it cannot be read."""
        value = raw(component, name)
        if isinstance(value, Unread):
            self.typed[name] = value.text
            if value.time:
                self.typed[name + TIME] = value.time
            self._fault(name, value.fault, component)
            return None
        if isinstance(value, str):
            return value or None
        return value

    def _rows(self, component: Component, raw: _Raw) -> Value:
        count = raw(component, component.key)
        rows: list[Value] = []
        for index in range(min(count if isinstance(count, int) else 0, ROW_LIMIT)):
            row: Variables = {
                part.key: self.value(part, row_name(component.key, index, part.key), raw)
                for part in flat(component.parts)
                if part.key
            }
            rows.append(row)
        return rows

    def _check(self, component: Component, value: Value, name: str, values: Variables) -> None:
        if name in self.errors:
            return
        needed = component.rules.required or (
            bool(component.rules.required_if)
            and self._evaluate([component.rules.required_if], {**self._known, **values})[0] is True
        )
        if component.type == "dynamiclist":
            self._check_rows(component, value if isinstance(value, list) else [], needed, values)
        elif value is None or value == [] or (component.type == "checkbox" and value is False):
            if needed:
                self._fault(name, _MISSING.get(component.type, "missing"), component)
        else:
            self._check_given(component, value, name, values)

    def _check_rows(self, component: Component, rows: list[Value], needed: bool, values: Variables) -> None:
        if not rows and needed:
            self._fault(component.key, "add_row", component)
        for index, row in enumerate(rows):
            if not isinstance(row, dict):
                continue
            for part in flat(component.parts):
                if part.key:
                    self._check(part, row.get(part.key), row_name(component.key, index, part.key), {**values, **row})
        if component.rules.sum_field and rows and component.rules.sum_total is not None:
            shares = [row.get(component.rules.sum_field) for row in rows if isinstance(row, dict)]
            numbers = [share for share in shares if isinstance(share, int | float)]
            if numbers and abs(sum(numbers) - component.rules.sum_total) > 0.001:
                part = next((p for p in component.parts if p.key == component.rules.sum_field), component)
                self._fault(
                    component.key,
                    "sum",
                    part,
                    limit=words.number_words(component.rules.sum_total, self._language),
                    count=words.number_words(sum(numbers), self._language),
                )

    def _check_given(self, component: Component, value: Value, name: str, values: Variables) -> None:
        rules = component.rules
        if isinstance(value, str):
            self._check_text(component, value, name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            money = component.value_type is ValueType.MONEY
            size = value / 100 if money else value
            for limit, fault, bad in (
                (rules.minimum, "too_low", rules.minimum is not None and size < rules.minimum),
                (rules.maximum, "too_high", rules.maximum is not None and size > rules.maximum),
            ):
                if bad and limit is not None:
                    self._fault(name, fault, component, limit=words.number_words(limit, self._language))
        if component.type in ("select", "radio", "checklist"):
            allowed = {choice.value for choice in self.options(component)}
            if not set(value if isinstance(value, list) else [value]) <= allowed:
                self._fault(name, "no_such_choice", component)
        if isinstance(value, date):
            self._check_day(component, value, name, values)

    def _check_text(self, component: Component, value: str, name: str) -> None:
        rules, limit = component.rules, component.rules.max_length or TEXT_LIMIT
        if len(value) > limit:
            self._fault(name, "too_long", component, limit=limit, count=len(value))
        elif rules.min_length and len(value) < rules.min_length:
            self._fault(name, "too_short", component, limit=rules.min_length)
        elif rules.pattern and not re.search(rules.pattern, value):
            self.errors[name] = rules.pattern_message or self._say("pattern", component)
        elif rules.validation_type == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            self._fault(name, "email", component)
        elif rules.validation_type == "phone" and not re.fullmatch(r"\+?[\d\s()-]{5,20}", value):
            self._fault(name, "phone", component)

    def _check_day(self, component: Component, value: date, name: str, values: Variables) -> None:
        on = value.date() if isinstance(value, datetime) else value
        for rule, fault in ((component.rules.not_after, "not_after"), (component.rules.not_before, "not_before")):
            limit = self._limit(rule, values)
            if limit is not None and (on > limit if fault == "not_after" else on < limit):
                self._fault(name, fault, component, limit=words.date_words(limit, self._language))

    def _limit(self, rule: str, values: Variables) -> date | None:
        text = rule.strip().removeprefix("=").strip()
        if not text:
            return None
        if text == "today":
            return self._today
        found = values.get(text) if text in values else None
        if found is None and text not in values:
            found = self._evaluate([text], {**self._known, **values})[0]
        if isinstance(found, datetime):
            return found.date()
        return found if isinstance(found, date) else None

    def options(self, component: Component) -> Sequence[Choice]:
        """What can be chosen."""
        return options_of(component, known=self._known, choices=self._choices)

    def _cross_rules(self, values: Variables, shown: frozenset[str]) -> None:
        rules = [rule for rule in self._form.cross_rules if rule.field in shown]
        if not rules:
            return
        fields: Variables = {each.key: None for each in flat(self._form.components) if each.key}
        answers = self._evaluate([rule.when for rule in rules], {**self._known, **fields, **values})
        for rule, answer in zip(rules, answers, strict=True):
            if answer is True:
                self.errors.setdefault(rule.field, rule.message_en if self._language == "en" else rule.message)

    def _fault(self, name: str, fault: str, component: Component, **parts: object) -> None:
        self.errors.setdefault(name, self._in_row(name, self._say(fault, component, **parts)))

    def _say(self, fault: str, component: Component, **parts: object) -> str:
        return words.say(fault, self._language, label=component.title(self._language) or component.key, **parts)

    def _in_row(self, name: str, text: str) -> str:
        path, _, rest = name.partition(":")
        if not rest:
            return text
        holder = next((each for each in flat(self._form.components) if each.key == path), None)
        title = holder.title(self._language) if holder else path
        return words.say("row", self._language, list=title, n=int(rest.partition(":")[0]) + 1, text=text)


_MISSING = {
    "select": "choose",
    "radio": "choose",
    "checklist": "choose",
    "checkbox": "confirm",
    "filepicker": "attach",
}


def options_of(component: Component, *, known: Variables, choices: Choices) -> Sequence[Choice]:
    """What can be chosen in a component: from a source, from a variable or from the form itself."""
    if component.options_source:
        return choices.get(component.options_source, ())
    if component.values_key:
        found = value_at(known, component.values_key)
        return [
            Choice(str(o.get("value")), str(o.get("label", o.get("value"))))
            for o in (found if isinstance(found, list) else [])
            if isinstance(o, dict)
        ]
    return component.options


def _shown_keys(components: Sequence[Component], hidden: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for each in components:
        if each.id in hidden:
            continue
        if each.key:
            found.add(each.key)
        if each.type == "group":
            found |= _shown_keys(each.parts, hidden)
    return frozenset(found)


def value_at(values: Mapping[str, Value], path: str) -> Value:
    """The value at `name`, `name.inner` or `list:0:name`; nothing where there is none. Of a list alone, the list."""
    found: Value = dict(values)
    for part in re.split(r"[.:]", path):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found
