"""Writes and reads the register of agreements; hides how an agreement is spread over tables."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from flowsvc.domain.agreements import (
    Adoption,
    AdoptionState,
    Agreement,
    AgreementVersion,
    Change,
    ChangeClass,
    Clause,
    Rhythm,
)
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import agreement, agreement_adoption, agreement_change, agreement_version

_AGREEMENTS = sa.select(*columns_for(agreement, Agreement)).order_by(agreement.c.id)
_VERSIONS: "sa.Select[Any]" = sa.select(
    *columns_for(agreement_version, AgreementVersion), agreement_version.c.agreement_id
).order_by(agreement_version.c.agreement_id, agreement_version.c.number)
_ADOPTIONS: "sa.Select[Any]" = sa.select(
    *columns_for(agreement_adoption, Adoption), agreement_adoption.c.agreement_version_id
).order_by(agreement_adoption.c.agreement_version_id, agreement_adoption.c.place, agreement_adoption.c.party_id)
_CHANGES: "sa.Select[Any]" = sa.select(
    *columns_for(agreement_change, Change), agreement_change.c.agreement_id
).order_by(agreement_change.c.agreement_id, agreement_change.c.on, agreement_change.c.id)


def read_agreements(conn: Connection) -> dict[str, Agreement]:
    """Every agreement in the register by its id, versions and changes in order."""
    parties: dict[str, list[Adoption]] = {}
    for row in conn.execute(_ADOPTIONS):
        parties.setdefault(row.agreement_version_id, []).append(_adoption(row))
    versions: dict[str, list[AgreementVersion]] = {}
    for row in conn.execute(_VERSIONS):
        versions.setdefault(row.agreement_id, []).append(_version(row, tuple(parties.get(row.id, ()))))
    changes: dict[str, list[Change]] = {}
    for row in conn.execute(_CHANGES):
        values = _without(row, "agreement_id") | {"change_class": ChangeClass(row.change_class)}
        changes.setdefault(row.agreement_id, []).append(Change(**values))
    return {
        row.id: _agreement(row, tuple(versions.get(row.id, ())), tuple(changes.get(row.id, ())))
        for row in conn.execute(_AGREEMENTS)
    }


def put_agreements(conn: Connection, agreements: Iterable[Agreement]) -> None:
    """The register says of these agreements what they say. Versions and changes that they leave out stay, since cases
    refer to them; so do agreements that are left out."""
    for each in agreements:
        row = values_of(each, agreement) | {
            "processes": list(each.processes),
            "bodies": dict(each.bodies),
            "local_groups": list(each.local_groups),
            "rhythm": asdict(each.rhythm) if each.rhythm else None,
            "settings": dict(each.settings),
        }
        _put(conn, agreement, [row])
        _put(conn, agreement_version, [_version_row(each.id, version) for version in each.versions])
        for version in each.versions:
            conn.execute(sa.delete(agreement_adoption).where(agreement_adoption.c.agreement_version_id == version.id))
        adopted = [
            _adoption_row(version.id, place, adoption)
            for version in each.versions
            for place, adoption in enumerate(version.parties)
        ]
        if adopted:
            conn.execute(sa.insert(agreement_adoption), adopted)
        _put(
            conn,
            agreement_change,
            [
                values_of(change, agreement_change)
                | {"agreement_id": each.id, "change_class": change.change_class.value}
                for change in each.changes
            ],
        )


def _put(conn: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    insert = sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)
    kept = [name for name in rows[0] if name != "id"]
    conn.execute(
        insert.on_conflict_do_update(index_elements=[table.c.id], set_={name: insert.excluded[name] for name in kept}),
        rows,
    )


def _version_row(agreement_id: str, version: AgreementVersion) -> dict[str, Any]:
    return values_of(version, agreement_version) | {
        "agreement_id": agreement_id,
        "clauses": [asdict(each) for each in version.clauses],
    }


def _adoption_row(version: str, place: int, adoption: Adoption) -> dict[str, Any]:
    return values_of(adoption, agreement_adoption) | {
        "agreement_version_id": version,
        "place": place,
        "state": adoption.state.value,
        "sectors": list(adoption.sectors),
    }


def _without(row: "sa.Row[Any]", name: str) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key != name}


def _adoption(row: "sa.Row[Any]") -> Adoption:
    values = _without(row, "agreement_version_id")
    return Adoption(**values | {"state": AdoptionState(row.state), "sectors": tuple(row.sectors)})


def _version(row: "sa.Row[Any]", parties: tuple[Adoption, ...]) -> AgreementVersion:
    values = _without(row, "agreement_id")
    return AgreementVersion(**values | {"clauses": tuple(Clause(**each) for each in row.clauses), "parties": parties})


def _agreement(row: "sa.Row[Any]", versions: tuple[AgreementVersion, ...], changes: tuple[Change, ...]) -> Agreement:
    return Agreement(
        **{
            **row._mapping,
            "processes": tuple(row.processes),
            "local_groups": tuple(row.local_groups),
            "rhythm": Rhythm(**row.rhythm) if row.rhythm else None,
            "versions": versions,
            "changes": changes,
        }
    )
