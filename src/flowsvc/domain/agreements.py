"""The register of agreements: versions with parties, clauses and validity, what was changed and by whom, which bodies
keep them and how often they are reviewed. Hides which version counts on a day, and what an agreement lacks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from flowsvc.domain import calendar


class AdoptionState(StrEnum):
    """Where a party stands to a version (domain.md 3.d)."""

    IN_FORCE = "in_force"
    PENDING = "pending"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class ChangeClass(StrEnum):
    """An editorial change needs no new adoption; a material one does."""

    EDITORIAL = "editorial"
    MATERIAL = "material"


class Standing(StrEnum):
    """Where a version stands on a day."""

    DRAFT = "draft"
    COMING = "coming"
    IN_FORCE = "in_force"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Clause:
    """A numbered part of the text; `topic` is what cases about it are marked with."""

    number: str
    title: str
    title_en: str = ""
    topic: str = ""


@dataclass(frozen=True)
class Adoption:
    """A party of a version: the sectors that it binds, what it decided, and who registers what is sent to it."""

    party_id: str
    sectors: tuple[str, ...] = ()
    state: AdoptionState = AdoptionState.IN_FORCE
    decided_on: date | None = None
    registration_number: str = ""
    registrar: str | None = None
    """The post that receives formal decisions."""
    unit: str | None = None
    """The unit whose line answers for the party when the agreement is reviewed; its top where none is named."""


@dataclass(frozen=True)
class AgreementVersion:
    """One numbered version. Without a first day it is a draft; without a last day it holds until further notice."""

    id: str
    number: int
    valid_from: date | None
    valid_until: date | None
    target_group: str = ""
    target_group_en: str = ""
    youngest: int | None = None
    oldest: int | None = None
    """The ages that the version covers, in whole years, both included."""
    clauses: tuple[Clause, ...] = ()
    parties: tuple[Adoption, ...] = ()

    def holds_on(self, on: date) -> bool:
        """Whether the version is in force that day."""
        return self.standing(on) is Standing.IN_FORCE

    def standing(self, on: date) -> Standing:
        """Where the version stands that day."""
        if self.valid_from is None:
            return Standing.DRAFT
        if on < self.valid_from:
            return Standing.COMING
        if self.valid_until is not None and on > self.valid_until:
            return Standing.EXPIRED
        return Standing.IN_FORCE


@dataclass(frozen=True)
class Change:
    """A row of the change history: the day, what, by which body or role, and of which class (CH)."""

    id: str
    on: date
    text: str
    made_by: str
    change_class: ChangeClass
    text_en: str = ""
    version: int | None = None
    decision: str = ""
    instance_id: str | None = None
    """The case that the change was decided in; None where the register was told of it by hand."""


@dataclass(frozen=True)
class Rhythm:
    """The process that reviews the agreement, and the month and day on which it begins each year."""

    process: str
    month: int
    day: int
    report_month: int = 3
    report_day: int = 31

    def begins_on(self, year: int) -> date:
        """The day of that year; the month's last where it has no such day."""
        return _day_of(year, self.month, self.day)

    def report_on(self, year: int) -> date:
        """The day of that year by which the report is due."""
        return _day_of(year, self.report_month, self.report_day)

    def next_year(self, after: date) -> int:
        """The year whose review begins next after the day."""
        return after.year if self.begins_on(after.year) > after else after.year + 1


def _day_of(year: int, month: int, day: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=min(day, (calendar.add_months(first, 1) - first).days) - 1)


@dataclass(frozen=True)
class Agreement:
    """An agreement with all its versions, oldest first."""

    id: str
    county: str
    name: str
    name_en: str = ""
    processes: tuple[str, ...] = ()
    """Keys of the process definitions whose cases follow the agreement."""
    bodies: Mapping[str, str] = field(default_factory=dict)
    """Who does what: `owner`, `deciding`, `coordinating`, `deviations`, `recommending`, by the id of a body."""
    local_groups: tuple[str, ...] = ()
    rhythm: Rhythm | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """What else is agreed in the county and shown to people (domain.md 5), by its key."""
    must_be_complete: bool = False
    """No case may be started by hand under it while something is missing."""
    versions: tuple[AgreementVersion, ...] = ()
    changes: tuple[Change, ...] = ()

    def version_on(self, on: date) -> AgreementVersion | None:
        """The version in force that day; None where there is none."""
        return next((each for each in reversed(self.versions) if each.holds_on(on)), None)

    def practice_on(self, on: date) -> AgreementVersion | None:
        """The version in force that day, else the last one that has been: its text is practice until a new one is."""
        been = [each for each in self.versions if each.valid_from is not None and each.valid_from <= on]
        return self.version_on(on) or (been[-1] if been else None)

    def drafted(self) -> "Agreement":
        """The agreement with a draft of its next version, which says what the last one does; itself where there is
        a draft already."""
        if not self.versions or self.versions[-1].valid_from is None:
            return self
        last = self.versions[-1]
        number = last.number + 1
        draft = replace(
            last,
            id=version_id(self.id, number),
            number=number,
            valid_from=None,
            valid_until=None,
            parties=tuple(
                replace(each, state=AdoptionState.PENDING, decided_on=None, registration_number="")
                for each in last.parties
            ),
        )
        return replace(self, versions=(*self.versions, draft))

    def extended(self, version: str, until: date) -> "Agreement":
        """The agreement with the version's last day moved."""
        return replace(
            self,
            versions=tuple(replace(each, valid_until=until) if each.id == version else each for each in self.versions),
        )

    def changed(self, rows: Iterable[Change]) -> "Agreement":
        """The agreement with these rows in its change history, each id once, by day."""
        known = {each.id: each for each in (*self.changes, *rows)}
        return replace(self, changes=tuple(sorted(known.values(), key=lambda each: (each.on, each.id))))


def version_id(agreement_id: str, number: int) -> str:
    """The id of an agreement's version."""
    return f"{agreement_id}:{number}"


def governing(
    agreements: Mapping[str, Agreement], *, process_key: str, party_id: str | None, on: date
) -> tuple[Agreement, AgreementVersion] | None:
    """The agreement that cases of the process follow, in the version that counts that day: one in force comes before
    one that has run out, and one that binds the party before one that does not. None where no agreement does."""
    found = [
        (not version.holds_on(on), party_id is not None and not _binds(version, party_id), each.id, each, version)
        for each in agreements.values()
        if process_key in each.processes and (version := each.practice_on(on)) is not None
    ]
    return min(found, key=lambda each: each[:3])[3:] if found else None


def _binds(version: AgreementVersion, party_id: str) -> bool:
    return any(each.party_id == party_id for each in version.parties)


def of_version(agreements: Mapping[str, Agreement], identity: str) -> tuple[Agreement, AgreementVersion] | None:
    """The agreement and the version with this id; None where the register has it no more."""
    for agreement in agreements.values():
        for version in agreement.versions:
            if version.id == identity:
                return agreement, version
    return None


def expiry(agreement: Agreement, on: date) -> Iterator[str]:
    """What is to be said of the agreement's last day: `expired`, or that it comes within 6 or 12 months."""
    version = agreement.practice_on(on)
    if version is None or version.valid_until is None or _is_followed(agreement, version):
        return
    if version.valid_until < on:
        yield "expired"
    elif version.valid_until <= calendar.add_months(on, 6):
        yield "expires_within_6_months"
    elif version.valid_until <= calendar.add_months(on, 12):
        yield "expires_within_12_months"


def _is_followed(agreement: Agreement, version: AgreementVersion) -> bool:
    """Whether a version is there that takes over on the day after the version's last."""
    assert version.valid_until is not None  # noqa: S101 - asked by the only caller
    return agreement.version_on(version.valid_until + timedelta(days=1)) is not None
