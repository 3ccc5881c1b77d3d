"""What a function of a diagram may ask about: the bound world and its own inputs, read with their types."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from flowsvc.domain import calendar
from flowsvc.domain.directory import Directory, Level, ladder
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.escalations import Acceptance, Proposal
from flowsvc.domain.statistics import Matter
from flowsvc.domain.values import Value, Variables

POST = "post:"
"""How a candidate group names a post."""


def no_matters() -> Sequence[Matter]:
    """There are no other cases."""
    return ()


def no_file(identity: str) -> bytes | None:
    """There are no files."""
    return None


@dataclass(frozen=True)
class World:
    """What the functions may ask about beside their inputs."""

    directory: Directory
    now: datetime
    closed_days: frozenset[date]
    zone: str
    business_key: str
    proposals: Sequence[Proposal]
    acceptances: Sequence[Acceptance]
    agreement_version: str = ""
    """The version of the agreement that the case follows; empty where it follows none."""
    matters: Callable[[], Sequence[Matter]] = no_matters
    """The cases that follow the same agreement, read when first asked for."""
    file: Callable[[str], bytes | None] = no_file
    """The content of a file of the case by its id; None for any other."""

    @property
    def today(self) -> date:
        """The local date."""
        return calendar.local_date(self.now, self.zone)

    def working_days_on(self, days: int) -> date:
        """The date that many working days from now."""
        return calendar.add_working_days(calendar.counting_date(self.now, self.zone), days, self.closed_days)

    def party_name(self, party_id: str) -> str:
        """The party's name; its id where the directory does not have it."""
        party = self.directory.parties.get(party_id)
        return party.name if party else party_id


class Inputs:
    """The inputs of one call, read with their types; ScriptFailed names the function and the input."""

    def __init__(self, function: str, values: Variables) -> None:
        self._function = function
        self._values = values

    def text(self, name: str) -> str:
        """The text; empty where there is none."""
        return str(self._get(name, str) or "")

    def number(self, name: str) -> int | None:
        """The whole number; None where there is none."""
        value = self._get(name, int | float)
        return int(value) if isinstance(value, int | float) else None

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        return self._get(name, bool) is True

    def day(self, name: str) -> date | None:
        """The date; None where there is none."""
        value = self._get(name, date)
        return value if isinstance(value, date) else None

    def context(self, name: str) -> Variables:
        """The context; empty where there is none."""
        value = self._get(name, dict)
        return value if isinstance(value, dict) else {}

    def texts(self, name: str) -> list[str]:
        """The texts of the list."""
        return [item for item in self._list(name) if isinstance(item, str)]

    def contexts(self, name: str) -> list[Variables]:
        """The contexts of the list."""
        return [item for item in self._list(name) if isinstance(item, dict)]

    def level(self, name: str) -> Level:
        """The functional level that the text names."""
        text = self.text(name)
        if text not in Level.__members__:
            raise self._fault(f"{name} är ingen nivå; det ska vara OPER, UNIT, AREA, DIR eller LEAD", name)
        return Level[text]

    def _list(self, name: str) -> list[Value]:
        value = self._get(name, list)
        return value if isinstance(value, list) else []

    def _get(self, name: str, wanted: object) -> Value:
        if name not in self._values:
            raise self._fault(f"saknar indata {name}", name)
        value = self._values[name]
        if value is not None and not isinstance(value, wanted):  # type: ignore[arg-type]  # a class or a union
            raise self._fault(f"har fått {name} av fel slag", name)
        return value

    def _fault(self, what: str, name: str) -> ScriptFailed:
        return ScriptFailed(f"Funktionen {self._function}: {what}.", names=(name,))


Body: TypeAlias = "Callable[[World, Inputs], Variables]"


@dataclass(frozen=True)
class Declared:
    """A function as a process owner knows it: what it wants, what it gives, and how."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    body: Body


def candidates(posts: Sequence[str]) -> list[Value]:
    """The posts as candidate groups, each once."""
    return [POST + post for post in dict.fromkeys(posts)]


def posts_at(world: World, units: Sequence[str], level: Level) -> tuple[list[Value], Level, int | None]:
    """Who answers for these units of one party at the level: candidates, the level found and their
    mandate."""
    rungs = [ladder(world.directory, unit_id=unit, level=level, on=world.today) for unit in units]
    mandates = [rung.cost_mandate for rung in rungs if rung.cost_mandate is not None]
    posts = [post for rung in rungs for post in rung.posts]
    return candidates(posts), max(rung.level for rung in rungs), max(mandates, default=None)


def party_of(value: Value) -> str:
    """The `party` of a context; empty where there is none."""
    return str(value.get("party") or "") if isinstance(value, dict) else ""


def posts_of(value: Value) -> list[Value]:
    """The `posts` of a context."""
    posts = value.get("posts") if isinstance(value, dict) else None
    return posts if isinstance(posts, list) else []


def kronor(amount: int | None) -> str:
    """An amount in öre as people write it, e.g. 60 000 kr; empty where there is none."""
    if amount is None:
        return ""
    whole, ore = divmod(amount, 100)
    spaced = f"{whole:,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{spaced},{ore:02d} kr" if ore else f"{spaced} kr"
