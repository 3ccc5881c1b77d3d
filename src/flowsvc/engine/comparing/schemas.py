"""Two form schemas compared: the form itself, and its fields found again by id, key or label. Hides the JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowsvc.domain.errors import DefinitionInvalid, Problem, TooLarge
from flowsvc.domain.forms.parsing import LIMIT
from flowsvc.engine.comparing.facts import Fact, Thing, Words, differences, last_first, ordered, plain, references
from flowsvc.engine.comparing.model import Comparison, Language
from flowsvc.engine.comparing.words import shown

_FORM_FILE = "Blanketten"
FORM = "\x00form"
"""The id of what the form says of itself."""

_TYPES: Mapping[str, Words] = {
    "button": ("Knapp", "Button"),
    "checkbox": ("Kryssruta", "Check box"),
    "checklist": ("Flera val", "Check list"),
    "datetime": ("Datum eller tid", "Date or time"),
    "dynamiclist": ("Rader", "Rows"),
    "filepicker": ("Filer", "Files"),
    "group": ("Grupp", "Group"),
    "number": ("Tal", "Number"),
    "radio": ("Ett val", "Choice"),
    "select": ("Lista att välja ur", "List to choose from"),
    "separator": ("Avskiljare", "Separator"),
    "table": ("Tabell", "Table"),
    "text": ("Text", "Text"),
    "textarea": ("Längre text", "Longer text"),
    "textfield": ("Textfält", "Text field"),
}
_LABELS: Mapping[str, Words] = {
    "type": ("Typ", "Type"),
    "key": ("Nyckel", "Key"),
    "path": ("Nyckel", "Key"),
    "label": ("Rubrik", "Label"),
    "dateLabel": ("Rubrik", "Label"),
    "timeLabel": ("Rubrik för tiden", "Label of the time"),
    "description": ("Hjälptext", "Help text"),
    "text": ("Text", "Text"),
    "subtype": ("Datum eller tid", "Date or time"),
    "readonly": ("Går bara att läsa", "Read only"),
    "disabled": ("Går inte att ändra", "Disabled"),
    "multiple": ("Flera på en gång", "Several at once"),
    "defaultValue": ("Ifyllt från början", "Default value"),
    "decimalDigits": ("Antal decimaler", "Decimals"),
    "dataSource": ("Rader från", "Rows from"),
    "valuesKey": ("Alternativ från", "Options from"),
    "allowAddRemove": ("Rader kan läggas till", "Rows can be added"),
    "defaultRepetitions": ("Rader från början", "Rows to begin with"),
    "conditional.hide": ("Döljs när", "Hidden when"),
    "validate.required": ("Måste fyllas i", "Required"),
    "validate.minLength": ("Minst antal tecken", "Least number of characters"),
    "validate.maxLength": ("Högst antal tecken", "Greatest number of characters"),
    "validate.min": ("Minst", "At least"),
    "validate.max": ("Högst", "At most"),
    "validate.pattern": ("Mönster", "Pattern"),
    "validate.patternErrorMessage": ("Text när mönstret inte stämmer", "Text when the pattern does not fit"),
    "properties.en.label": ("Rubrik på engelska", "Label in English"),
    "properties.en.description": ("Hjälptext på engelska", "Help text in English"),
    "properties.en.text": ("Text på engelska", "Text in English"),
    "properties.flowsvc:autofill": ("Fylls i med", "Filled in with"),
    "properties.flowsvc:help": ("Hjälptext", "Help text"),
    "properties.flowsvc:name": ("Blankettens namn", "Name of the form"),
    "properties.flowsvc:name:en": ("Blankettens namn på engelska", "Name of the form in English"),
    "properties.flowsvc:notAfter": ("Inte senare än", "Not after"),
    "properties.flowsvc:notBefore": ("Inte tidigare än", "Not before"),
    "properties.flowsvc:options": ("Alternativ från", "Options from"),
    "properties.flowsvc:required": ("Måste fyllas i när", "Required when"),
    "properties.flowsvc:submit": ("Knappens text", "Text of the button"),
    "properties.flowsvc:submit:en": ("Knappens text på engelska", "Text of the button in English"),
    "properties.flowsvc:sum": ("Summan ska bli", "The sum must be"),
    "properties.flowsvc:type": ("Slag av värde", "Kind of value"),
    "properties.flowsvc:visibility": ("Vem som ser svaret", "Who sees the answer"),
    "id": ("Id", "Id"),
    "flowsvc:rules": ("Regler över flera fält", "Rules over several fields"),
}
_DRAWN = ("layout", "exporter", "id")
_NAMED_BY = {"values": "value", "columns": "key"}
_ENTRIES: Mapping[str, Words] = {"values": ("Alternativ", "Option"), "columns": ("Kolumn", "Column")}


def parse(data: bytes) -> Mapping[str, Any]:
    """The schema. TooLarge past 2 MB; DefinitionInvalid for what is no JSON object of a depth that anybody draws."""
    if len(data) > LIMIT:
        raise TooLarge(f"{_FORM_FILE} är för stor. En blankett får vara högst 2 MB.")
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(raw, dict) or not _is_shallow(raw):
        raise _unreadable()
    return raw


def _is_shallow(raw: object) -> bool:
    level: list[object] = [raw]
    for _ in range(100):
        if not level:
            return True
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return False


def _unreadable() -> DefinitionInvalid:
    what, cure = "Filen går inte att läsa som en blankett (JSON).", "Öppna den i ritverktyget och spara den på nytt."
    what_en, cure_en = "The file cannot be read as a form (JSON).", "Open it in the modeler and save it again."
    return DefinitionInvalid([Problem("refused", "form.malformed", "", 0, what, cure, what_en, cure_en)])


def compare(old: bytes, new: bytes, language: Language) -> Comparison:
    """What the new form asks, says and requires otherwise."""
    before, after = (_things(parse(each)) for each in (old, new))
    changes = differences(before, after, _pair(before, after), language)
    return Comparison("form", last_first(changes))


def _things(raw: Mapping[str, Any]) -> list[Thing]:
    form = Thing(FORM, "form", ("Blankett", "Form"), ("Blanketten", "The form"))
    found = [form]
    _state(form, {key: each for key, each in raw.items() if key != "components"}, "")
    _components(raw, form, found, set())
    return found


def _components(holder: Mapping[str, Any], around: Thing, found: list[Thing], taken: set[str]) -> None:
    listed = holder.get("components", [])
    if not isinstance(listed, list):
        around.put("components", _fact(("Fält", "Fields"), listed))
        return
    inside: list[Thing] = []
    for number, raw in enumerate(listed):
        if not isinstance(raw, dict):
            around.put(f"components[{number}]", _fact(("Fält", "Field"), raw))
            continue
        thing = _component(raw, around, taken)
        inside.append(thing)
        found.append(thing)
        _components(raw, thing, found, taken)
    if len(inside) > 1:
        titles = [each.title for each in inside]
        around.put("~order", ordered(("Fältens ordning", "Order of the fields"), [each.id for each in inside], titles))


def _component(raw: Mapping[str, Any], around: Thing, taken: set[str]) -> Thing:
    kind = str(raw.get("type", ""))
    given = str(raw.get("id") or raw.get("key") or raw.get("path") or kind)
    identity, number = given, 1
    while identity in taken:
        number += 1
        identity = f"{given}#{number}"
    taken.add(identity)
    words = raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel") or raw.get("text")
    title = " ".join(str(words or raw.get("key") or raw.get("path") or identity).split())
    # The kind of a field may change and it is still the same field; so the type is a fact.
    thing = Thing(identity, "field", _TYPES.get(kind, plain(kind)), plain(title[:80]))
    _state(thing, {key: each for key, each in raw.items() if key not in ("components", "id")}, "")
    if "id" in raw and not isinstance(raw["id"], str):
        thing.put("id", _fact(("Id", "Id"), raw["id"]))
    thing.put("~around", references(("Ligger i", "Stands in"), [around.id], [around.title]))
    return thing


def _state(thing: Thing, raw: Mapping[str, Any], trail: str) -> None:
    for key, each in raw.items():
        path = f"{trail}{key}"
        if isinstance(each, dict):
            if each:
                _state(thing, each, f"{path}.")
            else:
                # An empty object says as much as none.
                continue
        elif key in _NAMED_BY and isinstance(each, list):
            _entries(thing, each, path, key)
        else:
            thing.put(
                path,
                _fact(
                    _label(path), each, name=path, is_drawn=path.split(".")[0] in _DRAWN and bool(trail or key != "id")
                ),
            )


def _entries(thing: Thing, listed: Sequence[Any], path: str, key: str) -> None:
    """Options and columns, each by its value or key."""
    words, names = _ENTRIES[key], []
    for number, each in enumerate(listed):
        if not isinstance(each, dict):
            thing.put(f"{path}[{number}]", _fact(words, each))
            continue
        name = str(each.get(_NAMED_BY[key], ""))
        names.append(name)
        label = (f"{words[0]} {name}", f"{words[1]} {name}")
        for inner, value in each.items():
            if inner == _NAMED_BY[key]:
                if "label" not in each:
                    thing.put(f"{path}[{name}]", _fact(label, value))
            elif inner == "label":
                thing.put(f"{path}[{name}].label", _fact(label, value))
            else:
                thing.put(f"{path}[{name}].{inner}", _fact((f"{label[0]}: {inner}", f"{label[1]}: {inner}"), value))
    if len(names) > 1:
        label = ("Ordning", "Order")
        thing.put(f"{path}~order", ordered(label, names, [plain(each) for each in names]))


def _label(path: str) -> Words:
    known = _LABELS.get(path)
    if known is not None:
        return known
    option = path.removeprefix("properties.en.option.")
    if option != path:
        return f"Alternativ {option} på engelska", f"Option {option} in English"
    column = path.removeprefix("properties.en.column.")
    if column != path:
        return f"Kolumn {column} på engelska", f"Column {column} in English"
    return plain(path.removeprefix("properties."))


def _fact(label: Words, value: object, *, name: str = "", is_drawn: bool = False) -> Fact:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    if name == "type":
        return Fact(label, text, _TYPES.get(text, plain(text)), is_drawn=is_drawn)
    # A number and a text of the same look are not the same answer.
    compared = text if isinstance(value, str) else f"\x00{text}"
    return Fact(label, compared, shown("", text), is_drawn=is_drawn)


def _pair(old: Sequence[Thing], new: Sequence[Thing]) -> dict[str, str]:
    """Fields by id; the rest by key, else by label, where there is only one of each so."""
    kept = {each.id: each.id for each in old if each.id in {other.id for other in new}}
    for ways in (("key", "path"), ("label", "dateLabel", "timeLabel", "text")):
        gone = list(_by(ways, (each for each in old if each.id not in kept)))
        come = list(_by(ways, (each for each in new if each.id not in kept.values())))
        counts = Counter(name for name, _ in gone), Counter(name for name, _ in come)
        found = {name: each.id for name, each in come if counts[1][name] == 1}
        kept |= {each.id: found[name] for name, each in gone if counts[0][name] == 1 and name in found}
    return kept


def _by(ways: Sequence[str], things: Iterator[Thing]) -> Iterator[tuple[str, Thing]]:
    for each in things:
        for way in ways:
            if way in each.facts and each.facts[way].value:
                yield each.facts[way].value, each
                break
