"""Reads the directory's rows as one value; hides how it is spread over tables."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from flowsvc.domain.bodies import Body, BodyKind, meetings_from
from flowsvc.domain.directory import (
    Absence,
    Assignment,
    ClosedDay,
    Directory,
    Level,
    Party,
    PartyType,
    Person,
    Post,
    Role,
    Substitution,
    Unit,
)
from flowsvc.store.agreements import read_agreements
from flowsvc.store.rows import columns_for
from flowsvc.store.tables import (
    absence,
    assignment,
    body,
    closed_day,
    directory_revision,
    party,
    person,
    post,
    substitution,
    unit,
)

_REVISION = sa.select(directory_revision.c.revision).where(directory_revision.c.id == 1)
_PARTIES = sa.select(*columns_for(party, Party)).order_by(party.c.id)
_UNITS = sa.select(*columns_for(unit, Unit)).order_by(unit.c.id)
_POSTS = sa.select(*columns_for(post, Post)).order_by(post.c.id)
_PEOPLE = sa.select(*columns_for(person, Person)).order_by(person.c.id)
_ASSIGNMENTS = sa.select(*columns_for(assignment, Assignment)).order_by(
    assignment.c.post_id, assignment.c.from_on, assignment.c.person_id
)
_SUBSTITUTIONS = sa.select(*columns_for(substitution, Substitution)).order_by(
    substitution.c.post_id, substitution.c.order, substitution.c.substitute_post_id
)
_ABSENCES = sa.select(*columns_for(absence, Absence)).order_by(absence.c.person_id, absence.c.from_on)
_CLOSED_DAYS = sa.select(*columns_for(closed_day, ClosedDay)).order_by(closed_day.c.on)
_BODIES = sa.select(*columns_for(body, Body)).order_by(body.c.id)


def revision_of(conn: Connection) -> int:
    """The directory's revision; 0 before anything was put into it."""
    return conn.execute(_REVISION).scalar() or 0


def read_directory(conn: Connection, *, revision: int) -> Directory:
    """The whole directory as its rows say."""
    return Directory(
        revision=revision,
        parties={row.id: _party(row) for row in conn.execute(_PARTIES)},
        units={row.id: Unit(**row._mapping) for row in conn.execute(_UNITS)},
        posts={row.id: _post(row) for row in conn.execute(_POSTS)},
        people={row.id: Person(**row._mapping) for row in conn.execute(_PEOPLE)},
        assignments=tuple(Assignment(**row._mapping) for row in conn.execute(_ASSIGNMENTS)),
        substitutions=tuple(Substitution(**row._mapping) for row in conn.execute(_SUBSTITUTIONS)),
        absences=tuple(Absence(**row._mapping) for row in conn.execute(_ABSENCES)),
        closed_days=tuple(ClosedDay(**row._mapping) for row in conn.execute(_CLOSED_DAYS)),
        bodies={row.id: _body(row) for row in conn.execute(_BODIES)},
        agreements=read_agreements(conn),
    )


def _party(row: "sa.Row[Any]") -> Party:
    return Party(**{**row._mapping, "type": PartyType(row.type)})


def _post(row: "sa.Row[Any]") -> Post:
    return Post(
        **{
            **row._mapping,
            "level": Level(row.level),
            "roles": tuple(Role(role) for role in row.roles),
            "groups": tuple(row.groups),
        }
    )


def _body(row: "sa.Row[Any]") -> Body:
    return Body(
        **{
            **row._mapping,
            "kind": BodyKind(row.kind),
            "posts": tuple(row.posts),
            "meetings": meetings_from(row.meetings),
        }
    )
