"""How many cases stand where, for those who may know it: numbers and words, never which case."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowsvc.domain.access import Action, Actor, can
from flowsvc.domain.definitions import Definition
from flowsvc.engine.picture import Drawn, Picture
from flowsvc.store import standings
from flowsvc.store.standings import Standing
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context

_MANY = (5, 20)
"""From how many cases on an element is marked as busy, and as very busy."""


@dataclass(frozen=True)
class Counted:
    """How many open cases stand at one place, in words too. `level` is 1 for few to 3 for many."""

    running: int
    late: int
    failed: int
    suspended: int
    words: str
    level: int

    @property
    def short(self) -> str:
        """What there is room for on a diagram: the number of those that run, and `!` where some are late."""
        return f"{self.running}{' !' if self.late or self.failed else ''}" if self.running else f"({self.suspended})"


def may_count(actor: Actor) -> bool:
    """Whether the actor may know how many cases stand where."""
    return can(actor, Action.READ_COUNTS)


def counted(standing: Standing, language: str) -> Counted:
    """The numbers with their words: "3 ärenden, 1 försenat"."""
    return Counted(
        running=standing.running,
        late=standing.late,
        failed=standing.failed,
        suspended=standing.suspended,
        words=_words(standing, language),
        level=1 + sum(standing.running >= many for many in _MANY),
    )


def _words(standing: Standing, language: str) -> str:
    english = language == "en"

    def said(number: int, one: str, several: str) -> str:
        return f"{number} {one if number == 1 else several}" if number else ""

    parts = (
        said(standing.running, *(("case", "cases") if english else ("ärende", "ärenden"))),
        said(standing.late, *(("late", "late") if english else ("försenat", "försenade"))),
        said(standing.failed, *(("stands still", "stand still") if english else ("står stilla", "står stilla"))),
        said(standing.suspended, *(("suspended", "suspended") if english else ("pausat", "pausade"))),
    )
    return ", ".join(filter(None, parts)) or ("no cases" if english else "inga ärenden")


def at_elements(
    ctx: Context,
    tx: Transaction,
    picture: Picture,
    callers: Mapping[str, str],
    *,
    version: Definition | None,
    is_newest: bool,
    language: str,
) -> dict[str, Counted]:
    """By element of the process, those where a case stands; `callers` has the calling element by key of each process
    that it alone leads to. A boundary event is armed while its activity goes on: nobody stands there. With a version,
    only the cases that use it."""
    now, definition_id = ctx.clock.now(), version.id if version else ""
    found = standings.at_elements(tx, picture.key, now=now, definition_id=definition_id, is_newest=is_newest)
    own = {each: standing for each, standing in found.items() if _is_place(picture, each)}
    called = standings.in_called(tx, picture.key, callers, now=now, definition_id=definition_id, is_newest=is_newest)
    return {each: counted(standing, language) for each, standing in (called | own).items()}


def _is_place(picture: Picture, element_id: str) -> bool:
    drawn = picture.elements.get(element_id)
    return drawn is not None and drawn.kind != "boundaryEvent" and element_id not in _event_starts(picture)


def _event_starts(picture: Picture) -> frozenset[str]:
    """The starts of event subprocesses, which listen all along."""
    holders: list[Drawn] = [each for each in picture.elements.values() if each.is_event_subprocess]
    return frozenset(inner.id for each in holders for inner in each.inside if inner.kind == "startEvent")
