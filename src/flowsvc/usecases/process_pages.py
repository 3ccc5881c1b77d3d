"""A process as everybody reads it: its elements in words beside the diagram, who does what, rules and limits, forms,
versions, and how many cases stand where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.engine import outline
from flowsvc.engine.feel import FeelSyntax
from flowsvc.engine.outline import Line
from flowsvc.engine.particulars import Particulars, read_particulars
from flowsvc.engine.picture import Picture, read_picture
from flowsvc.store import definitions, standings
from flowsvc.store.standings import Standing
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import counts, definition_lists, models, rule_pages
from flowsvc.usecases.context import Context
from flowsvc.usecases.counts import Counted
from flowsvc.usecases.definition_lists import title
from flowsvc.usecases.element_facts import Fact, Known, Link, Telling, used_keys
from flowsvc.usecases.rule_pages import DecisionView, Heading, VersionRow, version_rows


@dataclass(frozen=True)
class ElementRow:
    """One element in words. `standing` is None where nobody stands, or the reader may not know."""

    id: str
    depth: int
    number: str
    kind: str
    name: str
    lane: str
    about: str
    note: str
    facts: tuple[Fact, ...]
    standing: Counted | None


@dataclass(frozen=True)
class RoleRow:
    """Who does what: a role of the diagram, those who hold it, and what is theirs to do."""

    role: str
    words: tuple[str, ...]
    posts: tuple[str, ...]
    elements: tuple[ElementRow, ...]


@dataclass(frozen=True)
class TimeRow:
    """A time limit: of which element, and what it is."""

    element: ElementRow
    fact: Fact


@dataclass(frozen=True)
class ProcessPage:
    """The whole of what is to be read. `standing` counts the cases that use the version shown, or any version."""

    heading: Heading
    elements: tuple[ElementRow, ...]
    roles: tuple[RoleRow, ...]
    decisions: tuple[DecisionView, ...]
    times: tuple[TimeRow, ...]
    forms: tuple[Link, ...]
    versions: tuple[VersionRow, ...]
    callers: tuple[Link, ...]
    standing: Counted | None
    is_this_version: bool
    """The numbers are of the cases that use this version alone."""


def process_page(
    ctx: Context,
    actor: Actor,
    key: str,
    *,
    language: str,
    version: int | None = None,
    only_this_version: bool = False,
) -> ProcessPage:
    """The process in its newest version, or the one asked for; NotFound. Numbers are there for those who may know them,
    of all versions or of this one."""
    require(actor, Action.READ_DEFINITIONS)
    with ctx.store.read() as tx:
        found, heading = rule_pages.found_version(tx, DefinitionKind.PROCESS, key, version, language)
        facts = models.facts_of(found)
        reader = _Reader(ctx, tx, found, language)
        by_version = standings.by_version(tx, key) if counts.may_count(actor) else None
        standing = None
        if by_version is not None:
            chosen = found if only_this_version else None
            is_newest = heading.version == heading.newest
            reader.count(chosen, is_newest=is_newest)
            standing = counts.counted(_of_versions(by_version, chosen, is_newest=is_newest), language)
        rows = reader.rows()
        return ProcessPage(
            heading=replace(heading, about=definition_lists.about(facts, language)),
            elements=rows,
            roles=reader.roles(rows),
            decisions=reader.decisions(),
            times=reader.times(rows),
            forms=reader.forms(),
            versions=_versions(tx, key, by_version, language),
            callers=_callers(tx, key, language),
            standing=standing,
            is_this_version=only_this_version,
        )


def process_diagram(ctx: Context, actor: Actor, key: str, version: int) -> bytes:
    """The file in which the version of the process is drawn; NotFound."""
    require(actor, Action.READ_DEFINITIONS)
    with ctx.store.read() as tx:
        found, _heading = rule_pages.found_version(tx, DefinitionKind.PROCESS, key, version, "sv")
        return found.source


class _Reader:
    """Reads one version of a process for one page."""

    def __init__(self, ctx: Context, tx: Transaction, definition: Definition, language: str) -> None:
        self._ctx, self._tx, self._language = ctx, tx, language
        self._picture, self._particulars = _drawn(ctx, definition)
        key = definition.key
        self._lines: tuple[Line, ...] = outline.lines({key: self._picture}, key, language=language)
        self._decision_keys, self._form_keys = used_keys(self._particulars.values())
        self._used = {
            (str(kind), each.key): each for kind in DefinitionKind for each in definitions.all_latest(tx, kind)
        }
        self._telling = Telling(self._lines, self._particulars, self._known(), language=language)
        self._standing: Mapping[str, Counted] = {}

    def _known(self) -> Known:
        decisions = {
            key: models.decision_tree(self._ctx, self._used["decision", key])
            for key in self._decision_keys
            if ("decision", key) in self._used
        }
        forms = {
            key: models.form_of(self._ctx, self._used["form", key])
            for key in self._form_keys
            if ("form", key) in self._used
        }
        titles = {name: title(each, self._language) for name, each in self._used.items()}
        return Known(titles, decisions, forms, self._tx.directory(), self._names_in)

    def _names_in(self, text: str) -> Sequence[str]:
        try:
            return self._ctx.feel.variables(text)
        except FeelSyntax:
            return ()

    def count(self, chosen: Definition | None, *, is_newest: bool) -> None:
        """The elements know how many cases stand there."""
        self._standing = counts.at_elements(
            self._ctx,
            self._tx,
            self._picture,
            _only_callers(self._used, self._picture),
            version=chosen,
            is_newest=is_newest,
            language=self._language,
        )

    def rows(self) -> tuple[ElementRow, ...]:
        """The elements in reading order."""
        return tuple(
            ElementRow(
                id=line.element.id,
                depth=line.depth,
                number=line.number,
                kind=line.kind,
                name=line.name,
                lane=line.lane,
                about=line.element.about(self._language),
                note=line.note,
                facts=self._telling.facts(line.element.id),
                standing=self._standing.get(line.element.id),
            )
            for line in self._lines
        )

    def roles(self, rows: Sequence[ElementRow]) -> tuple[RoleRow, ...]:
        """Who does what, in the order in which each has something to do."""
        kinds = {line.element.id: line.element.kind for line in self._lines}
        found: dict[str, list[ElementRow]] = {}
        for row in rows:
            if kinds[row.id] in ("userTask", "manualTask"):
                found.setdefault(row.lane, []).append(row)
        return tuple(self._role(role, tuple(own)) for role, own in found.items())

    def _role(self, role: str, rows: tuple[ElementRow, ...]) -> RoleRow:
        doers = [self._telling.doers(row.id) for row in rows]
        return RoleRow(
            role=role,
            words=tuple(dict.fromkeys(each for doer in doers for each in doer.words)),
            posts=tuple(dict.fromkeys(each for doer in doers for each in doer.posts)),
            elements=rows,
        )

    def times(self, rows: Sequence[ElementRow]) -> tuple[TimeRow, ...]:
        """Every time limit and timer."""
        return tuple(TimeRow(row, fact) for row in rows for fact in self._telling.times(row.id))

    def decisions(self) -> tuple[DecisionView, ...]:
        """The decisions that the process asks."""
        codes = rule_pages.codes_of(self._ctx, self._tx, self._language)
        found = [self._used[("decision", key)] for key in self._decision_keys if ("decision", key) in self._used]
        return tuple(rule_pages.decision_view(self._ctx, each, codes, language=self._language) for each in found)

    def forms(self) -> tuple[Link, ...]:
        """The forms that the process uses."""
        found = [self._used[("form", key)] for key in self._form_keys if ("form", key) in self._used]
        return tuple(Link("form", each.key, title(each, self._language)) for each in found)


def _drawn(ctx: Context, definition: Definition) -> tuple[Picture, Mapping[str, Particulars]]:
    kept = ctx.parsed.get(f"particulars:{definition.id}")
    if isinstance(kept, tuple):
        picture, particulars = kept
        return picture, particulars
    read = read_picture(definition.source, definition.key), read_particulars(definition.source, definition.key)
    ctx.parsed.put(f"particulars:{definition.id}", read)
    return read


def _only_callers(used: Mapping[tuple[str, str], Definition], picture: Picture) -> dict[str, str]:
    """By key of each process that runs inside this one: the calling element, where it is the only one that leads there.
    What several call is left out, since a case in it could have come from any of them."""
    calls = {
        key: [ref.key for ref in models.facts_of(each).references if ref.kind == "process" and not ref.own_case]
        for (kind, key), each in used.items()
        if kind == DefinitionKind.PROCESS
    }
    number = {key: sum(called.count(key) for called in calls.values()) for key in calls}
    found: dict[str, str] = {}
    for element in picture.elements.values():
        waiting = [element.called_key] if element.called_key and not element.is_own_case else []
        while waiting:
            at = waiting.pop()
            if number.get(at) == 1 and at not in found and at != picture.key:
                found[at] = element.id
                waiting.extend(calls[at])
    return found


def _of_versions(by_version: Mapping[str, Standing], chosen: Definition | None, *, is_newest: bool) -> Standing:
    wanted = set(by_version) if chosen is None else {chosen.id} | ({standings.NEWEST} if is_newest else set())
    counted = [each for pin, each in by_version.items() if pin in wanted]
    return Standing(running=sum(e.running for e in counted), suspended=sum(e.suspended for e in counted))


def _versions(
    tx: Transaction, key: str, by_version: Mapping[str, Standing] | None, language: str
) -> tuple[VersionRow, ...]:
    rows = version_rows(tx, DefinitionKind.PROCESS, key)
    if by_version is None:
        return rows
    every = definitions.versions(tx, DefinitionKind.PROCESS, key)
    return tuple(
        replace(row, standing=counts.counted(_of_versions(by_version, each, is_newest=row.is_newest), language))
        for row, each in zip(rows, every, strict=True)
    )


def _callers(tx: Transaction, key: str, language: str) -> tuple[Link, ...]:
    return tuple(
        Link("process", each.key, title(each, language))
        for each in definitions.all_latest(tx, DefinitionKind.PROCESS)
        if any(ref.kind == "process" and ref.key == key for ref in models.facts_of(each).references)
    )
