"""What is deployed, to be found and read: the processes by what starts them, the decision tables, the forms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import Definition, DefinitionKind, ProcessFacts
from flowsvc.store import definitions, standings
from flowsvc.store.standings import Standing
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import counts, models
from flowsvc.usecases.context import Context
from flowsvc.usecases.counts import Counted


@dataclass(frozen=True)
class DefinitionRow:
    """One definition in a list, in its newest version; `parts` are the processes that run inside it."""

    key: str
    name: str
    about: str
    version: int
    since: datetime
    standing: Counted | None = None
    parts: "tuple[DefinitionRow, ...]" = ()


@dataclass(frozen=True)
class DefinitionLists:
    """All that is deployed. With a search, `found` holds every process that matches, and the other lists of processes
    are empty."""

    by_people: tuple[DefinitionRow, ...]
    by_others: tuple[DefinitionRow, ...]
    """Started by a message, a time or another case."""
    found: tuple[DefinitionRow, ...]
    decisions: tuple[DefinitionRow, ...]
    forms: tuple[DefinitionRow, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing is deployed, or nothing matches."""
        return not (self.by_people or self.by_others or self.found or self.decisions or self.forms)


def definition_lists(ctx: Context, actor: Actor, *, language: str, search: str = "") -> DefinitionLists:
    """What is deployed, or what of it has the text in its name or key; numbers only for those who may know."""
    require(actor, Action.READ_DEFINITIONS)
    wanted = " ".join(search.split()).casefold()
    with ctx.store.read() as tx:
        processes = {each.key: each for each in definitions.all_latest(tx, DefinitionKind.PROCESS)}
        facts = {key: models.facts_of(each) for key, each in processes.items()}
        numbers = standings.by_process(tx) if counts.may_count(actor) else None
        listing = _Listing(processes, facts, numbers, language)
        people, others = listing.groups()
        return DefinitionLists(
            by_people=() if wanted else people,
            by_others=() if wanted else others,
            found=_matching(listing.all(), wanted) if wanted else (),
            decisions=_matching(_rows(tx, DefinitionKind.DECISION, language), wanted),
            forms=_matching(_rows(tx, DefinitionKind.FORM, language), wanted),
        )


def _matching(rows: Iterable[DefinitionRow], wanted: str) -> tuple[DefinitionRow, ...]:
    found = [row for row in rows if wanted in row.name.casefold() or wanted in row.key.casefold()]
    return tuple(sorted(found, key=lambda row: (row.name.casefold(), row.key)))


def _rows(tx: Transaction, kind: DefinitionKind, language: str) -> list[DefinitionRow]:
    return [
        DefinitionRow(each.key, title(each, language), "", each.version, each.deployed_at)
        for each in definitions.all_latest(tx, kind)
    ]


def title(definition: Definition, language: str) -> str:
    """The definition's name in the language; its key where it has none."""
    return (definition.name_en if language == "en" else "") or definition.name or definition.key


def about(facts: ProcessFacts, language: str) -> str:
    """What the process says of itself in the language."""
    return (facts.documentation_en if language == "en" else "") or facts.documentation


class _Listing:
    """Puts the processes in order."""

    def __init__(
        self,
        processes: Mapping[str, Definition],
        facts: Mapping[str, ProcessFacts],
        numbers: Mapping[str, Standing] | None,
        language: str,
    ) -> None:
        self._processes, self._facts, self._numbers, self._language = processes, facts, numbers, language
        self._own_cases = frozenset(
            each.key for said in facts.values() for each in said.references if each.kind == "process" and each.own_case
        )

    def groups(self) -> tuple[tuple[DefinitionRow, ...], tuple[DefinitionRow, ...]]:
        """Those that people start, and the others that run in nobody else's case."""
        called = {other for key, facts in self._facts.items() for other in facts.called_inside if other != key}
        roots = [key for key in self._processes if key not in called or self._says_how_to_start(key)]
        reached = {inner for root in roots for inner in (root, *self._inside(root))}
        # Processes that call one another in a ring have no outermost one.
        roots += [key for key in self._processes if key not in reached]
        people = [key for key in roots if self._is_started_by_people(key)]
        return self._told(people), self._told([key for key in roots if key not in people])

    def all(self) -> list[DefinitionRow]:
        """Every process, without its parts."""
        return [self._row(key) for key in self._processes]

    def _is_started_by_people(self, key: str) -> bool:
        is_open = any(start.kind == "none" for start in self._facts[key].starts)
        return is_open and (key not in self._own_cases or self._says_how_to_start(key))

    def _says_how_to_start(self, key: str) -> bool:
        """It has a start form or names who may start it: people do, also where another process calls it."""
        facts = self._facts[key]
        has_form = any(start.kind == "none" and start.form_key for start in facts.starts)
        return has_form or bool(facts.starter_groups)

    def _told(self, keys: Sequence[str]) -> tuple[DefinitionRow, ...]:
        rows = [self._row(key, parts=self._inside(key)) for key in keys]
        return tuple(sorted(rows, key=lambda row: row.name.casefold()))

    def _inside(self, key: str) -> tuple[str, ...]:
        """The keys of the processes that run inside it, at any depth, in the order in which they are met."""
        found: dict[str, None] = {}
        waiting = list(self._facts[key].called_inside)
        while waiting:
            at = waiting.pop(0)
            if at in self._facts and at != key and at not in found:
                found[at] = None
                waiting.extend(self._facts[at].called_inside)
        return tuple(found)

    def _row(self, key: str, parts: Sequence[str] = ()) -> DefinitionRow:
        definition = self._processes[key]
        standing = None
        if self._numbers is not None:
            standing = counts.counted(self._numbers.get(key, Standing()), self._language)
        return DefinitionRow(
            key=key,
            name=title(definition, self._language),
            about=_first_sentence(about(self._facts[key], self._language)),
            version=definition.version,
            since=definition.deployed_at,
            standing=standing,
            parts=tuple(self._row(each) for each in parts),
        )


def _first_sentence(text: str) -> str:
    first, dot, _rest = text.partition(". ")
    return first + ("." if dot else "")
