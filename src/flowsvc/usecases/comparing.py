"""What differs between any two versions of what has been deployed."""

from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.engine.comparing import Comparison, Language, compare
from flowsvc.store import definitions
from flowsvc.usecases.context import Context
from flowsvc.usecases.people import person_name


@dataclass(frozen=True)
class VersionRow:
    """One version, and who made it live when."""

    id: str
    version: int
    deployed_at: datetime
    deployed_by: str


@dataclass(frozen=True)
class VersionsCompared:
    """Two versions of one definition, what differs, and which others there are, newest first."""

    kind: DefinitionKind
    key: str
    name: str
    versions: tuple[VersionRow, ...]
    old: VersionRow
    new: VersionRow
    difference: Comparison


def compare_versions(
    ctx: Context,
    actor: Actor,
    *,
    kind: DefinitionKind,
    key: str,
    language: Language,
    before: int | None = None,
    after: int | None = None,
) -> VersionsCompared:
    """The newest version and the one before it, where none are named. NotFound where there is no such version."""
    require(actor, Action.READ_DEFINITIONS)
    with ctx.store.read() as tx:
        found = definitions.versions(tx, kind, key)
        people = ctx.store.directory(tx)
        rows = tuple(
            VersionRow(each.id, each.version, each.deployed_at, person_name(people, each.deployed_by)) for each in found
        )
    by_number = {each.version: (row, each) for row, each in zip(rows, found, strict=True)}
    new_row, new = _version(by_number, after if after is not None else max(by_number, default=0))
    earlier = max((each for each in by_number if each < new.version), default=new.version)
    old_row, old = _version(by_number, before if before is not None else earlier)
    return VersionsCompared(
        kind=kind,
        key=key,
        name=(new.name_en if language == "en" else "") or new.name,
        versions=rows,
        old=old_row,
        new=new_row,
        difference=compare(kind, old.source, new.source, language=language),
    )


def _version(by_number: dict[int, tuple[VersionRow, Definition]], number: int) -> tuple[VersionRow, Definition]:
    found = by_number.get(number)
    if found is None:
        raise NotFound("Det finns ingen sådan version. Välj en i listan.")
    return found
