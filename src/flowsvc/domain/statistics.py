"""The figures of a period, from matters without anything about a child (domain.md 9), with small counts suppressed
(INV-10). Hides how each indicator is counted, and how a suppressed count is kept from being worked out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from statistics import median

from flowsvc.domain.values import Value

SMALLEST = 5
"""Counts of matters below this are not told; none at all tells of nobody."""
FEW = "< 5"


@dataclass(frozen=True)
class LevelStay:
    """How many working days a matter stood at a level that it has left."""

    level: str
    days: int


@dataclass(frozen=True)
class Silence:
    """A party gave no answer at a level."""

    party_id: str
    level: str


@dataclass(frozen=True)
class Matter:
    """A case as the figures know it: codes, parties and dates."""

    kind: str
    area: str
    parties: tuple[str, ...]
    opened_on: date
    closed_on: date | None
    end_state: str
    is_dispute: bool
    stays: tuple[LevelStay, ...] = ()
    silences: tuple[Silence, ...] = ()
    days_to_interim: int | None = None
    question: str = ""
    """What was listed for the local group: a pattern, never about a child."""
    legal_basis: str = ""
    """Of a placement; empty for any other case. So are `form` and `in_county` (yes, no)."""
    form: str = ""
    in_county: str = ""
    age: int | None = None
    extract: Mapping[str, Value] = field(default_factory=dict)
    """What a closed case tells of itself: codes and counts."""


@dataclass(frozen=True)
class Figure:
    """One figure: the indicator's id, what it is counted by (codes, or empty), and its value in words."""

    id: str
    by: str
    value: str


def count_words(count: int) -> str:
    """The count, or that it is small."""
    return FEW if 0 < count < SMALLEST else str(count)


def share_words(part: int, whole: int) -> str:
    """The share in whole per cent; small where either side of it is, since one would give the other away."""
    if whole == 0:
        return "–"
    if whole < SMALLEST or 0 < part < SMALLEST or 0 < whole - part < SMALLEST:
        return FEW
    return f"{round(100 * part / whole)} %"


def breakdown(counts: Mapping[str, int]) -> dict[str, str]:
    """Each count in words. Where just one is small the next smallest is kept back too: with the total known, the one
    could be worked out from the others."""
    small = [name for name, count in counts.items() if 0 < count < SMALLEST]
    hidden = set(small)
    others = [name for name, count in counts.items() if count >= SMALLEST]
    if len(small) == 1 and others:
        hidden.add(min(others, key=lambda name: (counts[name], name)))
    return {name: FEW if name in hidden else str(count) for name, count in counts.items()}


def figures(matters: Sequence[Matter], *, since: date, until: date) -> tuple[Figure, ...]:
    """The indicators K1–K4, K6, K7 and K19 of the disputes and shortcomings that were opened or closed in the period,
    both days included."""
    return tuple(_figures(matters, since, until))


def _figures(matters: Sequence[Matter], since: date, until: date) -> Iterator[Figure]:
    disputes = [each for each in matters if each.is_dispute]
    opened = [each for each in disputes if since <= each.opened_on <= until]
    closed = [each for each in disputes if each.closed_on is not None and since <= each.closed_on <= until]
    yield from broken_down("K1.opened", (each.kind for each in opened))
    yield from broken_down("K1.closed", (each.end_state for each in closed))
    yield from broken_down("K1.party", (party for each in opened for party in each.parties))
    yield from _days("K2", ((stay.level, stay.days) for each in opened for stay in each.stays))
    solved = sum(each.end_state == "solved_operational" for each in closed)
    yield Figure("K3", "", share_words(solved, len(closed)))
    yield from _days("K4", (("", each.days_to_interim) for each in opened if each.days_to_interim is not None))
    yield from broken_down(
        "K6", (f"{silence.party_id} {silence.level}" for each in opened for silence in each.silences)
    )
    unsolved = [each for each in disputes if each.end_state == "unsolved_at_leadership" and each.opened_on <= until]
    yield Figure("K7", "", count_words(len(unsolved)))
    yield from broken_down("K19", (each.area for each in matters if each.area and since <= each.opened_on <= until))


def broken_down(identity: str, codes: Iterable[str]) -> Iterator[Figure]:
    """One figure for each code, small ones suppressed."""
    counts = Counter(codes)
    for code, value in sorted(breakdown(counts).items()):
        yield Figure(identity, code, value)


def _days(identity: str, found: Iterable[tuple[str, int]]) -> Iterator[Figure]:
    """Median and 90th percentile, of as many as are not small."""
    groups: dict[str, list[int]] = {}
    for code, days in found:
        groups.setdefault(code, []).append(days)
    for code, days_of in sorted(groups.items()):
        if len(days_of) < SMALLEST:
            yield Figure(identity, code, FEW)
        else:
            ordered = sorted(days_of)
            ninetieth = ordered[ceil(0.9 * len(ordered)) - 1]
            yield Figure(identity, code, f"{median(ordered):g} / {ninetieth}")
