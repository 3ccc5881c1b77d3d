"""Two DMN files compared: what their decisions say, and of decision tables each column, row and cell. Rows are found
again by id, else by contents. Hides the XML and how rows are paired."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from flowsvc.engine.comparing import drawings, xml_facts
from flowsvc.engine.comparing.facts import (
    Fact,
    Thing,
    Words,
    differences,
    last_first,
    ordered,
    pair,
    plain,
    say,
    stayers,
)
from flowsvc.engine.comparing.model import Cell, Change, Column, Comparison, Detail, Language, Mark, Row, Table
from flowsvc.engine.comparing.words import TYPES
from flowsvc.engine.dialect import local_name, namespace_of

FILE = "\x00file"
"""The id of what the file says of itself."""
_IN_ORDER = frozenset({"FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT"})
"""Hit policies by which the order of rows changes the answer."""


@dataclass
class _Grid:
    """One decision table, read."""

    thing: Thing
    columns: list[Thing] = field(default_factory=list)
    rules: list[Thing] = field(default_factory=list)
    policy: str = "UNIQUE"


def compare(old: etree._Element, new: etree._Element, language: Language) -> Comparison:
    """What the new file decides otherwise."""
    before, after = _File(old), _File(new)
    pairs = pair(before.things, after.things)
    changes: list[Change] = []
    tables: list[Table] = []
    told = differences(before.things, after.things, pairs, language)
    grids = {to: (before.grids.get(at), after.grids.get(to)) for at, to in pairs.items()}
    by_decision: dict[str, list[Change]] = {}
    for identity, (one, other) in grids.items():
        if one is not None and other is not None:
            inside = _Two(one, other, language)
            by_decision[identity] = list(inside.changes())
            if by_decision[identity]:
                tables.append(inside.table())
    rest: dict[str, list[Change]] = dict(by_decision)
    for change in told:
        changes.append(change)
        changes += rest.pop(change.element_id, []) if change.kind != "removed" else []
    changes += [each for listed in rest.values() for each in listed]
    return Comparison("decision", last_first(changes), tuple(tables))


class _File:
    def __init__(self, root: etree._Element) -> None:
        self.things: list[Thing] = []
        self.grids: dict[str, _Grid] = {}
        self._by_id: dict[str, Thing] = {}
        self._file = Thing(FILE, "file", ("Fil", "File"), ("Filen", "The file"))
        named = {each: self._add(each) for each in xml_facts.children(root) if self._is_named(each)}
        drawn = frozenset(each for each in xml_facts.children(root) if drawings.is_drawing(each))
        for element, thing in named.items():
            self._state(element, thing)
        xml_facts.state(self._file, root, titles=self._titled, without=frozenset(named) | drawn)
        for name, text in (
            ("@id", root.get("id", "")),
            ("~space", namespace_of(str(root.tag))),
            ("~tag", local_name(str(root.tag))),
        ):
            label = {"@id": ("Filens id", "Id of the file"), "~space": ("Version av DMN", "Version of DMN")}
            self._file.put(name, Fact(label.get(name, ("Filens slag", "Kind of file")), text, plain(text)))
        self.things.append(self._file)
        for each in drawn:
            drawings.draw(each, self._by_id, self._file)

    @staticmethod
    def _is_named(element: etree._Element) -> bool:
        return not drawings.is_drawing(element) and bool(element.get("id"))

    def _titled(self, identity: str) -> Words | None:
        found = self._by_id.get(identity)
        return found.title if found is not None else None

    def _add(self, element: etree._Element) -> Thing:
        kind, identity = local_name(str(element.tag)), element.get("id", "")
        while identity in self._by_id:
            identity += "#"
        name = " ".join(element.get("name", "").split()) or identity
        thing = Thing(identity, kind, TYPES.get(kind, plain(kind)), plain(name))
        self._by_id[identity] = thing
        self.things.append(thing)
        return thing

    def _state(self, element: etree._Element, thing: Thing) -> None:
        found = next(
            (each for each in xml_facts.children(element) if local_name(str(each.tag)) == "decisionTable"), None
        )
        apart: list[etree._Element] = []
        if found is not None:
            inside = list(xml_facts.children(found))
            apart = [each for each in inside if local_name(str(each.tag)) in ("input", "output", "rule")]
            self.grids[thing.id] = _grid(found, thing, apart)
        xml_facts.state(thing, element, titles=self._titled, without=frozenset(apart))


def _grid(element: etree._Element, thing: Thing, apart: Sequence[etree._Element]) -> _Grid:
    grid = _Grid(thing, policy=element.get("hitPolicy", "UNIQUE").strip().upper())
    taken: set[str] = set()
    for each in apart:
        kind = local_name(str(each.tag))
        identity, number = each.get("id") or kind, 1
        while identity in taken:
            number += 1
            identity = f"{each.get('id') or kind}#{number}"
        taken.add(identity)
        if kind == "rule":
            grid.rules.append(Thing(identity, kind, ("Rad", "Row"), plain(identity)))
            continue
        texts = [" ".join((text.text or "").split()) for text in each.iter() if local_name(str(text.tag)) == "text"]
        title = each.get("label") or (texts[0] if texts else "") or each.get("name") or identity
        sort = ("Villkorskolumn", "Input column") if kind == "input" else ("Svarskolumn", "Output column")
        column = Thing(identity, kind, sort, plain(title))
        xml_facts.state(column, each, titles=lambda _: None, without=frozenset())
        grid.columns.append(column)
    for rule, each in zip(grid.rules, (one for one in apart if local_name(str(one.tag)) == "rule"), strict=True):
        _cells(grid, rule, each)
    for number, rule in enumerate(grid.rules, 1):
        inputs = [fact.value for key, fact in rule.facts.items() if key.startswith("cell:input")]
        # What a row does not ask about says nothing of which row it is.
        words = ", ".join(each for each in inputs if each not in ("", "-")) or rule.id
        rule.title = f"Rad {number}: {words}", f"Row {number}: {words}"
    return grid


def _cells(grid: _Grid, rule: Thing, element: etree._Element) -> None:
    """The cells of a row stand under the columns they lie in."""
    columns = {"inputEntry": [each for each in grid.columns if each.kind == "input"]}
    columns["outputEntry"] = [each for each in grid.columns if each.kind == "output"]
    counts: Counter[str] = Counter()
    entries = [each for each in xml_facts.children(element) if local_name(str(each.tag)) in columns]
    for entry in entries:
        name = local_name(str(entry.tag))
        at, counts[name] = counts[name], counts[name] + 1
        column = columns[name][at] if at < len(columns[name]) else None
        text = next((each for each in xml_facts.children(entry) if local_name(str(each.tag)) == "text"), None)
        value = xml_facts.clean(text.text if text is not None else "")
        place = f"{column.kind}:{column.id}" if column is not None else f"{name}:{at}"
        rule.put(f"cell:{place}", Fact(column.title if column else plain(name), value, plain(value or "–")))
        more = Thing("", "", plain(""), plain(""))
        is_plain = text is not None and not len(text) and not text.attrib
        xml_facts.state(
            more, entry, titles=lambda _: None, without=frozenset([text] if is_plain and text is not None else [])
        )
        if entry.get("id"):
            more.put(
                "@id",
                Fact(("Cellens id", "Id of the cell"), entry.get("id", ""), plain(entry.get("id", "")), is_drawn=True),
            )
        for key, fact in more.facts.items():
            rule.put(f"more:{place}{key}", fact)
    xml_facts.state(rule, element, titles=lambda _: None, without=frozenset(entries))


class _Two:
    """One table before and after."""

    def __init__(self, old: _Grid, new: _Grid, language: Language) -> None:
        self._old, self._new, self._language = old, new, language
        self._columns = _pair_columns(old.columns, new.columns)
        # From here on both tables call their columns alike.
        for rule in old.rules:
            rule.facts = {self._renamed(key): each for key, each in rule.facts.items()}
        self._rules = _pair_rules(old.rules, new.rules)
        places = {each.id: number for number, each in enumerate(new.rules)}
        kept = [places[self._rules[each.id]] for each in old.rules if each.id in self._rules]
        staying = stayers(kept)
        self._moved = frozenset(new.rules[each].id for each in kept if each not in staying)

    def _renamed(self, key: str) -> str:
        sort, _, rest = key.partition(":")
        if sort not in ("cell", "more"):
            return key
        for column in self._old.columns:
            place = f"{column.kind}:{column.id}"
            if rest == place or rest.startswith((f"{place}@", f"{place}/", f"{place}#", f"{place}!")):
                to = self._columns.get(column.id)
                return f"{sort}:{column.kind}:{to}{rest[len(place) :]}" if to else key
        return key

    def changes(self) -> Iterator[Change]:
        """What the columns say otherwise, then the rows, each by its cells."""
        old, new = self._old, self._new
        yield from self._column_order()
        yield from differences(old.columns, new.columns, self._columns, self._language)
        removed = {f"cell:{each.kind}:{each.id}" for each in old.columns if each.id not in self._columns}
        added = {f"cell:{each.kind}:{each.id}" for each in new.columns if each.id not in self._columns.values()}
        # A whole column that came or went is told once, and not again in each row.
        before = [_without(each, removed) for each in old.rules]
        after = [_without(each, added) for each in new.rules]
        for change in differences(before, after, self._rules, self._language):
            # Nobody refers to a row by its id.
            id_only = change.kind == "changed" and change.old_id != change.element_id and len(change.what) == 1
            yield replace(change, kind="moved") if id_only else change
        numbers = {each.id: number for number, each in enumerate(old.rules, 1)}
        came_from = {to: at for at, to in self._rules.items()}
        for number, rule in enumerate(new.rules, 1):
            if rule.id in self._moved:
                counts = new.policy in _IN_ORDER or old.policy in _IN_ORDER
                was = numbers[came_from[rule.id]]
                label = say(("Plats i tabellen", "Place in the table"), self._language)
                word = say(("rad", "row"), self._language)
                detail = Detail(label, f"{word} {was}", f"{word} {number}")
                named = say(rule.title, self._language), say(rule.type, self._language)
                yield Change("changed" if counts else "moved", rule.id, came_from[rule.id], *named, (detail,))

    def _column_order(self) -> Iterator[Change]:
        facts = [
            ordered(
                ("Kolumnernas ordning", "Order of the columns"),
                [each.id for each in grid.columns],
                [each.title for each in grid.columns],
            )
            for grid in (self._old, self._new)
        ]
        things = [
            Thing(self._new.thing.id, "columns", TYPES["decision"], self._new.thing.title, {"~": each})
            for each in facts
        ]
        pairs = {**self._columns, things[0].id: things[1].id}
        yield from differences(things[:1], things[1:], pairs, self._language)

    def table(self) -> Table:
        """The whole table with its marks."""
        old, new = self._old, self._new
        came = set(self._columns.values())
        gone = [each for each in old.columns if each.id not in self._columns]
        columns = [
            *(each for each in new.columns if each.kind == "input"),
            *(each for each in gone if each.kind == "input"),
            *(each for each in new.columns if each.kind == "output"),
            *(each for each in gone if each.kind == "output"),
        ]
        marks: dict[int, Mark] = {id(each): "same" if each.id in came else "added" for each in new.columns}
        marks |= {id(each): "removed" for each in gone}
        keys = [f"cell:{each.kind}:{each.id}" for each in columns]
        listed = tuple(
            Column(marks[id(each)], say(each.title, self._language), each.kind == "output") for each in columns
        )
        return Table(new.thing.id, say(new.thing.title, self._language), listed, tuple(self._rows(keys)))

    def _rows(self, keys: Sequence[str]) -> Iterator[Row]:
        old = {each.id: (number, each) for number, each in enumerate(self._old.rules, 1)}
        came_from = {to: at for at, to in self._rules.items()}
        lost: dict[str, list[str]] = {}
        last = ""
        for rule in self._old.rules:
            if rule.id in self._rules:
                last = self._rules[rule.id]
            else:
                lost.setdefault(last, []).append(rule.id)
        yield from (self._row(None, None, *old[each], keys) for each in lost.get("", ()))
        for number, rule in enumerate(self._new.rules, 1):
            was, before = old.get(came_from.get(rule.id, ""), (None, None))
            yield self._row(number, rule, was, before, keys)
            yield from (self._row(None, None, *old[each], keys) for each in lost.get(rule.id, ()))

    def _row(
        self, after: int | None, new: Thing | None, before: int | None, old: Thing | None, keys: Sequence[str]
    ) -> Row:
        cells = tuple(_cell(old.facts.get(key) if old else None, new.facts.get(key) if new else None) for key in keys)
        if new is None or old is None:
            return Row("removed" if new is None else "added", before, after, cells)
        mark: Mark = "moved" if new.id in self._moved else "same"
        if any(each.mark != "same" for each in cells):
            mark = "changed"
        return Row(mark, before, after, cells)


def _cell(old: Fact | None, new: Fact | None) -> Cell:
    before, after = (each.value if each else "" for each in (old, new))
    if before == after:
        return Cell("same", before, after)
    return Cell("added" if not before else "removed" if not after else "changed", before, after)


def _without(rule: Thing, keys: set[str]) -> Thing:
    # What else the cells of such a column say goes with it.
    gone = (*keys, *(f"more:{each.removeprefix('cell:')}" for each in keys))
    kept = {key: each for key, each in rule.facts.items() if not key.startswith(gone)} if gone else rule.facts
    return replace(rule, facts=kept)


def _pair_columns(old: Sequence[Thing], new: Sequence[Thing]) -> dict[str, str]:
    """Columns by id, else by title where there is only one of that kind so."""
    kept = {each.id: each.id for each in old if any(each.id == other.id and each.kind == other.kind for other in new)}
    gone = [each for each in old if each.id not in kept]
    come = [each for each in new if each.id not in kept]
    for each in gone:
        alike = [other for other in come if (other.kind, other.title) == (each.kind, each.title)]
        twins = [other for other in gone if (other.kind, other.title) == (each.kind, each.title)]
        if len(alike) == len(twins) == 1:
            kept[each.id] = alike[0].id
    return kept


def _pair_rules(old: Sequence[Thing], new: Sequence[Thing]) -> dict[str, str]:
    """Rows by id, else by all cells, else by the conditions, in the order in which they stand."""
    ids = {each.id for each in new}
    kept = {each.id: each.id for each in old if each.id in ids}
    for prefix in ("cell:", "cell:input"):
        waiting: dict[tuple[tuple[str, str], ...], list[str]] = {}
        taken = set(kept.values())
        for each in new:
            if each.id not in taken:
                waiting.setdefault(_contents(each, prefix), []).append(each.id)
        for each in old:
            if each.id not in kept and (found := waiting.get(_contents(each, prefix))):
                kept[each.id] = found.pop(0)
    return kept


def _contents(rule: Thing, prefix: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, fact.value) for key, fact in rule.facts.items() if key.startswith(prefix)))
