"""A decision table in words: its hit policy, and its cells as a reader takes them. What has no plain words is shown as
it is written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from flowsvc.domain.forms.words import number_words
from flowsvc.engine import limits
from flowsvc.engine.decision_tree import DecisionTree, Table
from flowsvc.engine.dmn.types import children
from flowsvc.engine.xml import parse_xml

Codes = Mapping[str, Mapping[str, str]]
"""The words of codes, by the name of the variable that holds them; under the empty name those of all."""

_TEXT = r'"((?:[^"\\]|\\.)*)"'
_POLICIES: Mapping[str, tuple[str, str]] = {
    "UNIQUE": ("Högst en rad stämmer, och den gäller.", "At most one rule matches, and it holds."),
    "FIRST": ("Den första raden som stämmer gäller.", "The first rule that matches holds."),
    "ANY": ("Flera rader kan stämma, men då svarar de lika.", "Several rules may match, but then with one answer."),
    "PRIORITY": (
        "Av raderna som stämmer gäller den med det viktigaste svaret.",
        "Of the rules that match the one with the most important answer holds.",
    ),
    "COLLECT": ("Alla rader som stämmer gäller.", "All rules that match hold."),
    "RULE ORDER": (
        "Alla rader som stämmer gäller, i tabellens ordning.",
        "All rules that match hold, in the table’s order.",
    ),
    "OUTPUT ORDER": (
        "Alla rader som stämmer gäller, det viktigaste svaret först.",
        "All rules that match hold, the most important answer first.",
    ),
}
_SUMS: Mapping[str, tuple[str, str]] = {
    "SUM": ("Svaren läggs ihop.", "The answers are added up."),
    "COUNT": ("Svaret är hur många de är.", "The answer is how many they are."),
    "MIN": ("Det minsta svaret gäller.", "The smallest answer holds."),
    "MAX": ("Det största svaret gäller.", "The largest answer holds."),
}


@dataclass(frozen=True)
class Column:
    """A column: what it is called, and what it reads or is named in the model."""

    label: str
    name: str


@dataclass(frozen=True)
class Row:
    """One rule in words."""

    asked: tuple[str, ...]
    answered: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class ToldTable:
    """A decision table to be read."""

    policy: str
    asks: tuple[Column, ...]
    answers: tuple[Column, ...]
    rows: tuple[Row, ...]


def description(source: bytes, key: str) -> str:
    """What the decision says of itself; empty where it says nothing."""
    root = parse_xml(source, file_name=f"{key}.dmn")
    found = next((each for each in root.iter(etree.Element) if each.get("id") == key), None)
    if found is None:
        return ""
    return " ".join(" ".join((each.text or "").split()) for each in children(found, "description"))


def told(tree: DecisionTree, codes: Codes, *, language: str) -> ToldTable | None:
    """The table in the language; None where the decision is no table. Of two answers of which one is the other in
    English (`name` and `name_en`), the language's own is told."""
    table = tree.table
    if table is None:
        return None
    shown = _answers(table, english=language == "en")
    telling = _Cells(codes, language)
    return ToldTable(
        policy=_policy(table, language),
        asks=tuple(Column(each.label or each.expression, each.expression) for each in table.inputs),
        answers=tuple(Column(table.outputs[n].label or table.outputs[n].name, table.outputs[n].name) for n in shown),
        rows=tuple(
            Row(
                asked=tuple(
                    telling.asked(cell, column.expression)
                    for cell, column in zip(rule.cells, table.inputs, strict=True)
                ),
                answered=tuple(telling.answered(rule.outputs[n], table.outputs[n].name) for n in shown),
                note=rule.description,
            )
            for rule in table.rules
        ),
    )


def answers_of(tree: DecisionTree, name: str, *, language: str) -> str:
    """The numbers that a table may answer under the name, as "3–20"; else its texts, if they are few; else nothing."""
    table = tree.table
    place = next((n for n, each in enumerate(table.outputs) if each.name == name), None) if table else None
    if table is None or place is None:
        return ""
    texts = list(dict.fromkeys(rule.outputs[place].strip() for rule in table.rules))
    if texts and all(re.fullmatch(r"\d{1,9}", text) for text in texts):
        numbers = sorted(map(int, texts))
        return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
    telling = _Cells({}, language)
    joining = " or " if language == "en" else " eller "
    return joining.join(telling.answered(text, name) for text in texts) if len(texts) <= 3 else ""


def label_of(tree: DecisionTree, name: str) -> str:
    """What the answer of the name is called."""
    return next((each.label or each.name for each in tree.outputs if each.name == name), name)


def _policy(table: Table, language: str) -> str:
    english = language == "en"
    words = _POLICIES.get(table.hit_policy.upper(), (table.hit_policy, table.hit_policy))[english]
    summed = _SUMS.get(table.aggregation.upper())
    return f"{words} {summed[english]}" if summed else words


def _answers(table: Table, *, english: bool) -> list[int]:
    names = [each.name for each in table.outputs]
    hidden = {name for name in names if f"{name}_en" in names} if english else set()
    if not english:
        hidden = {name for name in names if name.endswith("_en") and name.removesuffix("_en") in names}
    return [n for n, name in enumerate(names) if name not in hidden]


class _Cells:
    """Says what stands in a cell."""

    def __init__(self, codes: Codes, language: str) -> None:
        self._codes, self._language = codes, language

    def _say(self, swedish: str, english: str) -> str:
        return english if self._language == "en" else swedish

    def asked(self, cell: str, name: str) -> str:
        """What must hold for the rule to match; a text that a code has words for is said in words."""
        text = cell.strip()
        if text in ("", "-"):
            return self._say("alla", "any")
        contained = self._contained(text, name)
        if contained:
            return contained
        parts = _split(text)
        if all(self._plain(part, name) for part in parts):
            words = [self._plain(part, name) for part in parts]
            return self._say(" eller ", " or ").join(words)
        negated = re.fullmatch(r"not\((.*)\)", text)
        if negated and all(self._plain(part, name) for part in _split(negated[1])):
            inner = self._say(" eller ", " or ").join(self._plain(part, name) for part in _split(negated[1]))
            return self._say(f"inte {inner}", f"not {inner}")
        return self._range(text) or text

    def answered(self, cell: str, name: str) -> str:
        """What the rule answers."""
        text = cell.strip()
        if text in ("", "-", '""', "null"):
            return "–"
        return self._plain(text, name) or text

    def _plain(self, text: str, name: str) -> str:
        """A literal in words; empty for what is no literal."""
        plain = text.strip()
        found = re.fullmatch(_TEXT, plain)
        if found:
            said = re.sub(r"\\(.)", r"\1", found[1])
            return self._word(said, name) or limits.length(said, self._language) or self._same_day(said) or said
        if plain in ("true", "false"):
            return self._say("ja", "yes") if plain == "true" else self._say("nej", "no")
        if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,9})?", plain):
            return number_words(float(plain), self._language)
        return ""

    def _same_day(self, text: str) -> str:
        return limits.within(text, self._language) if text.startswith("P0") else ""

    def _word(self, code: str, name: str) -> str:
        return self._codes.get(name, {}).get(code) or self._codes.get("", {}).get(code, "")

    def _contained(self, text: str, name: str) -> str:
        """`list contains(?, "x") or …` in words."""
        parts = re.split(r"\s+or\s+", text)
        found = [re.fullmatch(rf"list contains\(\s*\?\s*,\s*{_TEXT}\s*\)", part.strip()) for part in parts]
        words = [self._word(each[1], name) or each[1] for each in found if each is not None]
        if len(words) < len(parts):
            return ""
        return self._say(" eller ", " or ").join(words) + self._say(" finns med", " is among them")

    def _range(self, text: str) -> str:
        compared = re.fullmatch(r"(<=|>=|<|>)\s*(-?\d{1,15})", text)
        if compared:
            words: Callable[[str, str], str] = self._say
            number = compared[2]
            return {
                "<": words(f"mindre än {number}", f"less than {number}"),
                "<=": words(f"högst {number}", f"at most {number}"),
                ">": words(f"mer än {number}", f"more than {number}"),
                ">=": words(f"minst {number}", f"at least {number}"),
            }[compared[1]]
        closed = re.fullmatch(r"\[\s*(-?\d{1,15})\s*\.\.\s*(-?\d{1,15})\s*\]", text)
        return f"{closed[1]}–{closed[2]}" if closed else ""


def _split(text: str) -> list[str]:
    """The entries of a comma list, without cutting inside texts."""
    return [part.strip() for part in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+', text)]
