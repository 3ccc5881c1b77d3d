"""Who is who: parties, units by functional level, posts, assignments, substitutes. Posts hold the right to
act, people hold posts for a time; the ladder of an escalation is a function of this (domain.md 2.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TypeVar

from flowsvc.domain.agreements import Agreement
from flowsvc.domain.bodies import Body
from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.forms import Choice

_Item = TypeVar("_Item")


class Level(IntEnum):
    """Functional level in a party's line; the same level means the same function in every party."""

    OPER = 0
    UNIT = 1
    AREA = 2
    DIR = 3
    LEAD = 4


class PartyType(StrEnum):
    """What kind of authority or provider a party is."""

    REGION = "region"
    MUNICIPALITY = "municipality"
    FEDERATION = "municipal_federation"
    AGENCY = "state_agency"
    PROVIDER = "private_provider"


class Role(StrEnum):
    """What a post may do in flowsvc beside the tasks it is a candidate for."""

    STAFF = "staff"
    MANAGER = "manager"
    COORDINATOR = "coordinator"
    PROCESS_OWNER = "process_owner"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Party:
    """An authority or provider bound by an agreement."""

    id: str
    type: PartyType
    name: str
    name_en: str
    county: str


@dataclass(frozen=True)
class Unit:
    """A part of a party's line; `parent_id` leads upwards to the party's leadership."""

    id: str
    party_id: str
    parent_id: str | None
    name: str
    name_en: str
    service: str = ""
    """A service code of domain.md 2.2 and 2.3, e.g. R-BUP."""


@dataclass(frozen=True)
class Post:
    """A post in a unit: what people are signed in as, and what tasks are addressed to."""

    id: str
    unit_id: str
    name: str
    name_en: str
    level: Level
    roles: tuple[Role, ...] = (Role.STAFF,)
    groups: tuple[str, ...] = ()
    """Names of candidate groups the post belongs to."""
    cost_mandate: int | None = None
    """Highest cost per month the post may decide, in öre; None is no mandate."""


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in."""

    id: str
    username: str
    name: str
    email: str
    language: str = "sv"
    disabled: bool = False


@dataclass(frozen=True)
class Assignment:
    """A person holds a post from a day to a day, both included; no end is until further notice."""

    person_id: str
    post_id: str
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True)
class Substitution:
    """When everybody on `post_id` is away, `substitute_post_id` steps in; lower `order` first."""

    post_id: str
    substitute_post_id: str
    order: int = 1


@dataclass(frozen=True)
class Absence:
    """A person is away, both days included."""

    person_id: str
    from_on: date
    until_on: date


@dataclass(frozen=True)
class ClosedDay:
    """A day that is no working day for anyone in the county, beside the public holidays and the eves."""

    on: date
    name: str


@dataclass(frozen=True)
class Directory:
    """The whole directory as one value; `revision` grows with every change."""

    revision: int
    parties: dict[str, Party] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    absences: tuple[Absence, ...] = ()
    closed_days: tuple[ClosedDay, ...] = ()
    bodies: dict[str, Body] = field(default_factory=dict)
    agreements: dict[str, Agreement] = field(default_factory=dict)

    # The indexes are made once per value, since every request asks them and a directory never changes.

    @cached_property
    def posts_of_unit(self) -> dict[str, tuple[Post, ...]]:
        """The posts of each unit, in the directory's order."""
        return _grouped((post.unit_id, post) for post in self.posts.values())

    @cached_property
    def units_below(self) -> dict[str, tuple[Unit, ...]]:
        """The units right under each unit."""
        return _grouped((unit.parent_id, unit) for unit in self.units.values() if unit.parent_id)

    @cached_property
    def assignments_of_post(self) -> dict[str, tuple[Assignment, ...]]:
        """Who holds, held or will hold each post."""
        return _grouped((each.post_id, each) for each in self.assignments)

    @cached_property
    def assignments_of_person(self) -> dict[str, tuple[Assignment, ...]]:
        """What each person holds, held or will hold."""
        return _grouped((each.person_id, each) for each in self.assignments)

    @cached_property
    def absences_of_person(self) -> dict[str, tuple[Absence, ...]]:
        """When each person is away."""
        return _grouped((each.person_id, each) for each in self.absences)

    @cached_property
    def substitutes_of_post(self) -> dict[str, tuple[str, ...]]:
        """The posts that step in for each post, first choice first."""
        ordered = sorted(self.substitutions, key=lambda each: each.order)
        return _grouped((each.post_id, each.substitute_post_id) for each in ordered)

    def party_of_post(self, post_id: str) -> Party:
        """The party that a post belongs to."""
        return self.parties[self.units[self.posts[post_id].unit_id].party_id]

    def line(self, unit_id: str) -> tuple[Unit, ...]:
        """The unit and all above it, up to the party's leadership."""
        line: dict[str, Unit] = {}
        at = self.units.get(unit_id)
        while at is not None and at.id not in line:
            line[at.id] = at
            at = self.units.get(at.parent_id) if at.parent_id else None
        return tuple(line.values())


def _grouped(pairs: Iterable[tuple[str, _Item]]) -> dict[str, tuple[_Item, ...]]:
    found: dict[str, list[_Item]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in found.items()}


def holders(directory: Directory, post_id: str, on: date) -> tuple[Person, ...]:
    """Those who hold the post that day, away or not; a disabled person holds nothing."""
    return tuple(
        directory.people[each.person_id]
        for each in directory.assignments_of_post.get(post_id, ())
        if _covers(each, on) and not directory.people[each.person_id].disabled
    )


def posts_held(directory: Directory, person_id: str, on: date) -> tuple[Post, ...]:
    """The posts that a person holds that day; none where the person is unknown or disabled."""
    person = directory.people.get(person_id)
    if person is None or person.disabled:
        return ()
    held = directory.assignments_of_person.get(person_id, ())
    return tuple(directory.posts[each.post_id] for each in held if _covers(each, on))


def present_holders(directory: Directory, post_id: str, on: date) -> tuple[Person, ...]:
    """Those who hold the post that day and are not away."""
    return tuple(each for each in holders(directory, post_id, on) if not is_absent(directory, each.id, on))


def is_absent(directory: Directory, person_id: str, on: date) -> bool:
    """Whether the person is away that day."""
    return any(away.from_on <= on <= away.until_on for away in directory.absences_of_person.get(person_id, ()))


def _covers(held: Assignment, on: date) -> bool:
    return held.from_on <= on and (held.until_on is None or on <= held.until_on)


@dataclass(frozen=True)
class Rung:
    """Who answers for a party at a level of the ladder. `level` is the functional level of the posts: above
    the level asked for where the party has none there. `cost_mandate` is their highest, in öre a month."""

    party_id: str
    level: Level
    posts: tuple[str, ...]
    cost_mandate: int | None


def ladder(directory: Directory, *, unit_id: str, level: Level, on: date) -> Rung:
    """Who answers at the level for the line that the unit stands in: the nearest posts of that functional
    level, else of the next higher level the line has, else the party. Posts that nobody holds that day, and
    for which no substitute is named, are passed over as if missing. InvalidInput where there is nobody."""
    line = directory.line(unit_id)
    if not line:
        raise InvalidInput(f"Enheten {unit_id} finns inte i katalogen. Välj en annan, eller lägg till den.")
    party = directory.parties[line[0].party_id]
    in_line = [directory.posts_of_unit.get(unit.id, ()) for unit in line]
    in_party = [tuple(p for p in directory.posts.values() if directory.units[p.unit_id].party_id == party.id)]
    staffed = frozenset(
        post.id for posts in (*in_line, *in_party) for post in posts if _is_staffed(directory, post.id, on)
    )
    for counted in (staffed, frozenset(directory.posts)):
        for reach in (in_line, in_party):
            found = _lowest(reach, level, counted)
            if found:
                return _rung(party.id, found)
    raise InvalidInput(
        f"{party.name} har ingen befattning på nivå {level.name} eller högre för enheten {line[0].name}. "
        "Lägg till en i katalogen."
    )


def _lowest(reach: list[tuple[Post, ...]], level: Level, counted: frozenset[str]) -> list[Post]:
    """The posts of the lowest level from `level` up, in the first place of `reach` that has any."""
    for wanted in range(level, len(Level)):
        for posts in reach:
            found = [post for post in posts if post.level == wanted and post.id in counted]
            if found:
                return found
    return []


def _rung(party_id: str, posts: list[Post]) -> Rung:
    mandates = [post.cost_mandate for post in posts if post.cost_mandate is not None]
    return Rung(
        party_id=party_id,
        level=posts[0].level,
        posts=tuple(post.id for post in posts),
        cost_mandate=max(mandates, default=None),
    )


def _is_staffed(directory: Directory, post_id: str, on: date) -> bool:
    named = (post_id, *directory.substitutes_of_post.get(post_id, ()))
    return any(holders(directory, each, on) for each in named)


def options(directory: Directory, source: str, *, posts: Iterable[str]) -> tuple[Choice, ...]:
    """What a form may offer somebody with these posts: `units` of their own parties (their own units first),
    `counterparts` (the units of the other authorities), all `parties` or all `agreements`. InvalidInput for other
    sources."""
    own_units = list(dict.fromkeys(directory.posts[post].unit_id for post in posts if post in directory.posts))
    own_parties = {directory.units[unit].party_id for unit in own_units}
    match source:
        case "units":
            first = [directory.units[unit] for unit in own_units]
            rest = [unit for unit in directory.units.values() if unit.party_id in own_parties]
            chosen = list(dict.fromkeys((*first, *rest)))
        case "counterparts":
            # A provider follows agreements but does not decide about them (domain.md 2.1).
            others = {p.id for p in directory.parties.values() if p.type is not PartyType.PROVIDER} - own_parties
            chosen = [unit for unit in directory.units.values() if unit.party_id in others]
        case "parties":
            return tuple(
                Choice(value=party.id, label=party.name, label_en=party.name_en or party.name)
                for party in directory.parties.values()
            )
        case "agreements":
            return tuple(
                Choice(value=each.id, label=each.name, label_en=each.name_en or each.name)
                for each in directory.agreements.values()
            )
        case _:
            raise InvalidInput(
                f"Ett formulär kan inte hämta val från {source}. Använd units, counterparts, parties eller agreements."
            )
    return tuple(_unit_choice(directory, unit) for unit in chosen if unit.id in directory.posts_of_unit)


def _unit_choice(directory: Directory, unit: Unit) -> Choice:
    party = directory.parties[unit.party_id]
    party_en = party.name_en or party.name
    # The party stands in the label too: many municipalities have a unit of the same name.
    label = unit.name if unit.name == party.name else f"{unit.name}, {party.name}"
    name_en = unit.name_en or unit.name
    label_en = name_en if name_en == party_en else f"{name_en}, {party_en}"
    return Choice(value=unit.id, label=label, label_en=label_en)


def groups(directory: Directory) -> frozenset[str]:
    """The candidate groups that any post belongs to."""
    return frozenset(group for post in directory.posts.values() for group in post.groups)
