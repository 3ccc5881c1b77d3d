"""Facts that two files state of the things they hold, and how things and facts of both are paired. Knows no format:
BPMN, DMN and forms are read into facts; one that only one file states, or states otherwise, is a difference."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from flowsvc.engine.comparing.model import Change, Detail, Language

Words: TypeAlias = tuple[str, str]
"""The same in Swedish and in English."""

_ID: Words = ("Id", "Id")
_ITEM = "\x1f"


def say(words: Words, language: Language) -> str:
    """The words in the language."""
    return words[1 if language == "en" else 0]


@dataclass(frozen=True)
class Fact:
    """What a thing says under one label. `value` is compared, `shown` is read by people."""

    label: Words
    value: str
    shown: Words
    is_drawn: bool = False
    """It changes nothing of what runs: a place in the drawing, an id that nobody sees."""
    is_order: bool = False
    """The value lists what stands in order; what only one side has does not count."""
    refers: bool = False
    """It names another thing, and says nothing of what this one is."""


@dataclass
class Thing:
    """Something that a person would name: an element, a rule, a field. Its facts by a name that both files share."""

    id: str
    kind: str
    type: Words
    title: Words
    facts: dict[str, Fact] = field(default_factory=dict)

    def put(self, key: str, fact: Fact) -> None:
        """The fact is stated; a second one under the same key beside the first."""
        number, free = 1, key
        while free in self.facts:
            number += 1
            free = f"{key}#{number}"
        self.facts[free] = fact


def plain(text: str) -> Words:
    """A text that is the same in both languages."""
    return text, text


def ordered(label: Words, items: Sequence[str], shown: Sequence[Words], *, is_drawn: bool = False) -> Fact:
    """A fact of the order of several things; it differs only where those that both sides have stand otherwise."""
    names = " · ".join(each[0] for each in shown), " · ".join(each[1] for each in shown)
    return Fact(label, _ITEM.join(items), names, is_drawn=is_drawn, is_order=True)


def references(label: Words, ids: Sequence[str], shown: Sequence[Words], *, is_drawn: bool = False) -> Fact:
    """A fact that names other things."""
    names = " / ".join(each[0] for each in shown), " / ".join(each[1] for each in shown)
    return Fact(label, _ITEM.join(ids), names, is_drawn=is_drawn, refers=True)


def pair(old: Sequence[Thing], new: Sequence[Thing]) -> dict[str, str]:
    """The ids of new things by those of the old ones that they are: the same id, else the same contents, where there is
    only one of each that is so."""
    found = {each.id: each.id for each in new}
    kept = {each.id: each.id for each in old if each.id in found}
    gone = [each for each in old if each.id not in kept]
    come = [each for each in new if each.id not in kept]
    counts = Counter(_contents(each) for each in gone), Counter(_contents(each) for each in come)
    by_contents = {_contents(each): each.id for each in come}
    for each in gone:
        contents = _contents(each)
        if counts[0][contents] == counts[1][contents] == 1:
            kept[each.id] = by_contents[contents]
    return kept


def _contents(thing: Thing) -> tuple[object, ...]:
    said = ((key, each.value) for key, each in thing.facts.items() if not (each.is_drawn or each.refers))
    return thing.kind, *sorted(said)


def differences(
    old: Sequence[Thing], new: Sequence[Thing], pairs: Mapping[str, str], language: Language
) -> Iterator[Change]:
    """What differs between things that are paired by id, in the order of the new ones; what was removed comes where it
    stood. Changes that run as before are `moved`."""
    before, came_from = {each.id: each for each in old}, {to: at for at, to in pairs.items()}
    lost = _removed_after(old, pairs)
    yield from (_removed(each, language) for each in lost.get("", ()))
    for thing in new:
        origin = came_from.get(thing.id)
        if origin is None:
            yield Change("added", thing.id, "", *_named(thing, language), tuple(_stated(thing, language)))
        else:
            yield from _changes(before[origin], thing, pairs, language)
        for each in lost.get(origin or "-", ()):
            yield _removed(each, language)


def _removed_after(old: Sequence[Thing], pairs: Mapping[str, str]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    last = ""
    for each in old:
        if each.id in pairs:
            last = each.id
        else:
            found.setdefault(last, []).append(each)
    return found


def _removed(thing: Thing, language: Language) -> Change:
    return Change("removed", thing.id, thing.id, *_named(thing, language))


def _named(thing: Thing, language: Language) -> tuple[str, str]:
    return say(thing.title, language), say(thing.type, language)


def _stated(thing: Thing, language: Language) -> Iterator[Detail]:
    """What an added thing says, its name and ends aside, which stand in the title."""
    for key, fact in thing.facts.items():
        if not (fact.is_drawn or fact.is_order or key in ("@name", "@sourceRef", "@targetRef")):
            yield Detail(say(fact.label, language), "", say(fact.shown, language))


def _changes(old: Thing, new: Thing, pairs: Mapping[str, str], language: Language) -> Iterator[Change]:
    told: list[Detail] = []
    drawn: list[Detail] = []
    if old.id != new.id:
        told.append(Detail(say(_ID, language), old.id, new.id))
    if old.kind != new.kind:
        told.append(Detail(say(("Typ", "Type"), language), say(old.type, language), say(new.type, language)))
    for key in dict.fromkeys((*new.facts, *old.facts)):
        one, other = old.facts.get(key), new.facts.get(key)
        if not _is_same(one, other, pairs):
            known = new.facts.get(key) or old.facts[key]
            (drawn if known.is_drawn else told).append(_detail(known.label, one, other, language))
    for kind, what in (("changed", told), ("moved", drawn)):
        if what:
            named = _named(new, language)
            yield Change("changed" if kind == "changed" else "moved", new.id, old.id, *named, tuple(what))


def _is_same(old: Fact | None, new: Fact | None, pairs: Mapping[str, str]) -> bool:
    known = old or new
    if known is not None and known.is_order:
        if old is None or new is None:
            return True
        before = [pairs.get(each, each) for each in old.value.split(_ITEM)]
        after = new.value.split(_ITEM)
        return [each for each in before if each in after] == [each for each in after if each in before]
    if old is None or new is None:
        return False
    was = _ITEM.join(pairs.get(each, each) for each in old.value.split(_ITEM)) if old.refers else old.value
    return was == new.value


def _detail(label: Words, old: Fact | None, new: Fact | None, language: Language) -> Detail:
    before, after = (say(each.shown, language) if each else "" for each in (old, new))
    if before == after and old is not None and new is not None:
        # Two things of one name, or two ways to write the same time: the difference is in what stands in the file.
        before, after = f"{before} ({old.value})", f"{after} ({new.value})"
    return Detail(say(label, language), before, after)


def stayers(places: Sequence[int]) -> frozenset[int]:
    """The most of these numbers that already stand in rising order: the others are those that were moved."""
    tails: list[int] = []
    chain: list[tuple[int, int]] = []
    for each in places:
        at = bisect_left(tails, each)
        tails[at : at + 1] = [each]
        chain.append((each, at))
    kept: list[int] = []
    wanted = len(tails) - 1
    for each, length in reversed(chain):
        if length == wanted and (not kept or each < kept[-1]):
            kept.append(each)
            wanted -= 1
    return frozenset(kept)


def last_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes in their order, those that run as before last."""
    listed = tuple(changes)
    return (*(each for each in listed if each.kind != "moved"), *(each for each in listed if each.kind == "moved"))
