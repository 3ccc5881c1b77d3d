"""Signing in and out, and who is asking. Hides how passwords are hashed, how guessing is slowed, and that a browser
holds a secret of which the store knows only the hash."""

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from flowsvc.domain.access import NOBODY, Actor, ActorKind
from flowsvc.domain.acting import acting_posts
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import InvalidInput, TooManyAttempts
from flowsvc.store import directory
from flowsvc.store.directory import Session
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context

SHORTEST_PASSWORD = 12
FREE_ATTEMPTS = 5
"""Failures in a row before the next try has to wait."""
LONGEST_WAIT = timedelta(minutes=15)

_HASHER = PasswordHasher()
# Compared with when the name is unknown, so that an unknown name takes as long as a wrong password.
_NOBODYS_HASH = _HASHER.hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    """The argon2id hash of a password; InvalidInput where it is shorter than twelve characters."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(f"Lösenordet ska ha minst {SHORTEST_PASSWORD} tecken.")
    return _HASHER.hash(password)


def sign_in(ctx: Context, *, username: str, password: str, address: str, lasts: timedelta) -> str:
    """A new session's secret, for the browser alone to keep. InvalidInput where name and password do not belong
    together, and TooManyAttempts, with how long to wait, after some failures by the name or from the address."""
    now = ctx.clock.now()
    subjects = (f"name:{username.strip().lower()[:120]}", f"address:{address[:60]}")
    with ctx.store.begin() as tx:
        for subject in subjects:
            _require_patience(tx, subject, now=now)
        # Counted before the password is looked at: a try that is broken off has been made all the same.
        for subject in subjects:
            directory.count_failure(tx, subject, at=now)
        found = directory.person_by_username(tx, username.strip())
    person, stored = found if found is not None else (None, None)
    if not _matches(stored, password) or person is None or person.disabled:
        raise InvalidInput("Namnet eller lösenordet stämmer inte. Försök igen.")
    secret = secrets.token_urlsafe(32)
    with ctx.store.begin() as tx:
        for subject in subjects:
            directory.forget_failures(tx, subject)
        if stored is not None and _HASHER.check_needs_rehash(stored):
            directory.set_password(tx, person.id, password_hash=_HASHER.hash(password), at=now)
        directory.add_session(tx, Session(hash_of(secret), person.id, now, now, now + lasts, {}))
    return secret


def actor_of(ctx: Context, secret: str | None, *, idle: timedelta) -> Actor:
    """Who holds the secret: a person with the posts held today, or nobody where the session is unknown, has ended, has
    been idle too long, or its person is disabled."""
    if not secret:
        return NOBODY
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        session = directory.session_by_hash(tx, hash_of(secret), now=now)
        if session is None or session.seen_at + idle <= now:
            return NOBODY
        whole = tx.directory()
    if now - session.seen_at > idle / 10:
        with ctx.store.begin() as tx:
            directory.touch_session(tx, session.token_hash, seen_at=now, data=session.data)
    return acting_as(ctx, whole, session.person_id, now=now)


def acting_as(ctx: Context, whole: Directory, person_id: str, *, now: datetime) -> Actor:
    """The person with the posts that they may act as now; nobody where the directory does not have them."""
    person = whole.people.get(person_id)
    if person is None or person.disabled:
        return NOBODY
    closed = frozenset(day.on for day in whole.closed_days)
    return Actor(
        kind=ActorKind.PERSON,
        person_id=person.id,
        name=person.name,
        posts=acting_posts(whole, person.id, now=now, zone=ctx.zone, closed=closed),
        language=person.language,
    )


def sign_out(ctx: Context, secret: str) -> None:
    """The secret opens nothing any more."""
    with ctx.store.begin() as tx:
        directory.drop_session(tx, hash_of(secret))


def client_of(ctx: Context, secret: str) -> Actor:
    """The program that holds the API token, with the token's scopes; nobody where it is unknown, revoked or too old."""
    with ctx.store.read() as tx:
        token = directory.token_by_hash(tx, hash_of(secret), now=ctx.clock.now())
    if token is None:
        return NOBODY
    return Actor(kind=ActorKind.CLIENT, person_id=token.id, name=token.name, scopes=frozenset(token.scopes))


def _require_patience(tx: Transaction, subject: str, *, now: datetime) -> None:
    attempts = directory.attempts_of(tx, subject)
    if attempts.failures < FREE_ATTEMPTS or attempts.last_at is None:
        return
    doubled = min(attempts.failures - FREE_ATTEMPTS, 10)
    wait = min(timedelta(seconds=5) * 2**doubled, LONGEST_WAIT) - (now - attempts.last_at)
    if wait > timedelta(0):
        seconds = int(wait.total_seconds()) + 1
        raise TooManyAttempts(f"För många försök. Vänta {seconds} sekunder och försök igen.", after=wait)


def _matches(stored: str | None, password: str) -> bool:
    try:
        _HASHER.verify(stored or _NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def hash_of(secret: str) -> str:
    """By what the store knows a secret of a session or token."""
    # The secret is 256 random bits: nothing to guess, so a plain hash is enough.
    return hashlib.sha256(secret.encode()).hexdigest()
