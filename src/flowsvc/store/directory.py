"""Writes the directory, and keeps what sign-in needs: password hashes, sessions, attempts and API tokens. All of these
are found by hashes; no password and no token is ever stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from flowsvc.domain.agreements import Agreement
from flowsvc.domain.bodies import meeting_texts
from flowsvc.domain.directory import Directory, Person
from flowsvc.domain.errors import NotFound
from flowsvc.store.agreements import put_agreements
from flowsvc.store.directory_rows import revision_of
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import (
    absence,
    assignment,
    body,
    closed_day,
    directory_revision,
    party,
    person,
    post,
    session,
    sign_in_attempt,
    substitution,
    token,
    unit,
)
from flowsvc.store.transaction import Transaction


@dataclass(frozen=True)
class Session:
    """A signed-in browser."""

    token_hash: str
    person_id: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Attempts:
    """Failed sign-ins in a row, for a name or an address."""

    failures: int
    last_at: datetime | None


@dataclass(frozen=True)
class Token:
    """An API token, known by its hash."""

    id: str
    token_hash: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    created_by: str


def replace(tx: Transaction, directory: Directory) -> int:
    """The directory is as given, under the next revision, which is returned. People, units and posts that are left out
    stay, since cases refer to them, but nobody holds a post any more beyond the given assignments; passwords stay."""
    whole: tuple[tuple[sa.Table, Iterable[object]], ...] = (
        (party, directory.parties.values()),
        (unit, directory.units.values()),
        (post, directory.posts.values()),
        (person, directory.people.values()),
    )
    for table, records in whole:
        rows = [_row(each, table) for each in records]
        if rows:
            insert = tx.insert(table)
            kept = [name for name in rows[0] if name != "id"]
            tx.conn.execute(
                insert.on_conflict_do_update(
                    index_elements=[table.c.id], set_={name: insert.excluded[name] for name in kept}
                ),
                rows,
            )
    anew: tuple[tuple[sa.Table, Iterable[object]], ...] = (
        (assignment, directory.assignments),
        (substitution, directory.substitutions),
        (absence, directory.absences),
        (closed_day, directory.closed_days),
        (body, directory.bodies.values()),
    )
    for table, records in anew:
        tx.conn.execute(sa.delete(table))
        rows = [_row(each, table) for each in records]
        if rows:
            tx.conn.execute(sa.insert(table), rows)
    put_agreements(tx.conn, directory.agreements.values())
    return _next_revision(tx)


def change_agreement(tx: Transaction, changed: Agreement) -> int:
    """The register says of the agreement what it now says, under the directory's next revision, which is returned."""
    put_agreements(tx.conn, [changed])
    return _next_revision(tx)


def _row(record: object, table: sa.Table) -> dict[str, Any]:
    row = values_of(record, table)
    if table is post:
        row |= {
            "level": int(row["level"]),
            "roles": [str(role) for role in row["roles"]],
            "groups": list(row["groups"]),
        }
    if table is body:
        row |= {
            "kind": str(row["kind"]),
            "posts": list(row["posts"]),
            "meetings": meeting_texts(row["meetings"]),
        }
    return row


def _next_revision(tx: Transaction) -> int:
    revision = revision_of(tx.conn) + 1
    insert = tx.insert(directory_revision)
    tx.conn.execute(
        insert.values(id=1, revision=revision).on_conflict_do_update(
            index_elements=[directory_revision.c.id], set_={"revision": revision}
        )
    )
    return revision


def set_password(tx: Transaction, person_id: str, *, password_hash: str, at: datetime) -> None:
    """The person signs in with the password of this hash from now on, and all sessions with the old one have ended."""
    changed = tx.conn.execute(
        sa.update(person).where(person.c.id == person_id).values(password_hash=password_hash, password_set_at=at)
    )
    if changed.rowcount != 1:
        raise NotFound("Det finns ingen sådan person.")
    drop_sessions_of(tx, person_id)


def disable(tx: Transaction, person_id: str) -> None:
    """The person can sign in no more, and every session of theirs has ended."""
    if tx.conn.execute(sa.update(person).where(person.c.id == person_id).values(disabled=True)).rowcount != 1:
        raise NotFound("Det finns ingen sådan person.")
    drop_sessions_of(tx, person_id)
    _next_revision(tx)


def enable(tx: Transaction, person_id: str) -> None:
    """The person can sign in again."""
    if tx.conn.execute(sa.update(person).where(person.c.id == person_id).values(disabled=False)).rowcount != 1:
        raise NotFound("Det finns ingen sådan person.")
    _next_revision(tx)


def with_password(tx: Transaction) -> frozenset[str]:
    """The ids of those who have a password."""
    return frozenset(tx.conn.execute(sa.select(person.c.id).where(person.c.password_hash.is_not(None))).scalars())


def person_by_username(tx: Transaction, username: str) -> tuple[Person, str | None] | None:
    """The person who signs in with the name, and their password hash; None where there is nobody."""
    statement = sa.select(*columns_for(person, Person), person.c.password_hash).where(person.c.username == username)
    row = tx.conn.execute(statement).first()
    if row is None:
        return None
    values = dict(row._mapping)
    password_hash = values.pop("password_hash")
    return Person(**values), password_hash


def add_session(tx: Transaction, added: Session) -> None:
    """The browser is signed in."""
    tx.conn.execute(sa.insert(session), values_of(added, session))


def session_by_hash(tx: Transaction, token_hash: str, *, now: datetime) -> Session | None:
    """The session, while it lasts and its person is not disabled; None otherwise."""
    statement = (
        sa.select(*columns_for(session, Session))
        .join_from(session, person)
        .where(session.c.token_hash == token_hash, session.c.ends_at > now, person.c.disabled.is_(False))
    )
    row = tx.conn.execute(statement).first()
    return Session(**row._mapping) if row is not None else None


def touch_session(tx: Transaction, token_hash: str, *, seen_at: datetime, data: Mapping[str, Any]) -> None:
    """The session was used at this time and remembers this."""
    tx.conn.execute(
        sa.update(session).where(session.c.token_hash == token_hash).values(seen_at=seen_at, data=dict(data))
    )


def drop_session(tx: Transaction, token_hash: str) -> None:
    """The browser is signed out."""
    tx.conn.execute(sa.delete(session).where(session.c.token_hash == token_hash))


def drop_sessions_of(tx: Transaction, person_id: str) -> None:
    """Every browser of the person is signed out."""
    tx.conn.execute(sa.delete(session).where(session.c.person_id == person_id))


def move_sessions(tx: Transaction, *, by: timedelta) -> None:
    """Every browser stays signed in as long as if the clock had not been moved."""
    for row in tx.conn.execute(sa.select(*columns_for(session, Session))).all():
        moved = {name: row._mapping[name] + by for name in ("created_at", "seen_at", "ends_at")}
        tx.conn.execute(sa.update(session).where(session.c.token_hash == row.token_hash).values(moved))


def forget_sessions_before(tx: Transaction, at: datetime) -> int:
    """Sessions that ended before the time are gone; returns how many."""
    return tx.conn.execute(sa.delete(session).where(session.c.ends_at < at)).rowcount


def attempts_of(tx: Transaction, subject: str) -> Attempts:
    """The failures in a row; none for a subject that is not known."""
    row = tx.conn.execute(sa.select(sign_in_attempt).where(sign_in_attempt.c.subject == subject)).first()
    return Attempts(row.failures, row.last_at) if row is not None else Attempts(0, None)


def count_failure(tx: Transaction, subject: str, *, at: datetime) -> None:
    """There is one failure more."""
    insert = tx.insert(sign_in_attempt)
    tx.conn.execute(
        insert.values(subject=subject, failures=1, last_at=at).on_conflict_do_update(
            index_elements=[sign_in_attempt.c.subject],
            set_={"failures": sign_in_attempt.c.failures + 1, "last_at": at},
        )
    )


def forget_failures(tx: Transaction, subject: str) -> None:
    """The subject has no failures."""
    tx.conn.execute(sa.delete(sign_in_attempt).where(sign_in_attempt.c.subject == subject))


def forget_attempts_before(tx: Transaction, at: datetime) -> int:
    """Whoever has failed to sign in for the last time before the time has no failures; returns how many those were."""
    return tx.conn.execute(sa.delete(sign_in_attempt).where(sign_in_attempt.c.last_at < at)).rowcount


def add_token(tx: Transaction, added: Token) -> None:
    """The API token is known by its hash."""
    tx.conn.execute(sa.insert(token), values_of(added, token) | {"scopes": list(added.scopes)})


def token_by_hash(tx: Transaction, token_hash: str, *, now: datetime) -> Token | None:
    """The token, while it is neither revoked nor past its day; None otherwise."""
    row = tx.conn.execute(sa.select(*columns_for(token, Token)).where(token.c.token_hash == token_hash)).first()
    if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Token(**{**row._mapping, "scopes": tuple(row.scopes)})


def tokens(tx: Transaction) -> tuple[Token, ...]:
    """Every API token, revoked or not, oldest first."""
    rows = tx.conn.execute(sa.select(*columns_for(token, Token)).order_by(token.c.id))
    return tuple(Token(**{**row._mapping, "scopes": tuple(row.scopes)}) for row in rows)


def revoke_token(tx: Transaction, token_id: str, *, at: datetime) -> None:
    """The token opens nothing any more."""
    tx.conn.execute(sa.update(token).where(token.c.id == token_id).values(revoked_at=at))
