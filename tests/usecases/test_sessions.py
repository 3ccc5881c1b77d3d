"""Signing in: who gets in, who waits, and when a session ends."""

from datetime import date, timedelta

import pytest

from flowsvc.domain.access import NOBODY, ActorKind
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import InvalidInput, TooManyAttempts
from flowsvc.store import directory
from flowsvc.store.directory import Token
from flowsvc.usecases import sessions
from flowsvc.usecases.context import Context

NAME, PASSWORD = "enhetschef.bup", "ett riktigt lösenord"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _password(ctx: Context) -> None:
    with ctx.store.begin() as tx:
        found = directory.person_by_username(tx, NAME)
        assert found is not None
        directory.set_password(tx, found[0].id, password_hash=sessions.hashed(PASSWORD), at=ctx.clock.now())


def enter(ctx: Context, password: str = PASSWORD, username: str = NAME, address: str = "192.0.2.1") -> str:
    return sessions.sign_in(ctx, username=username, password=password, address=address, lasts=12 * HOUR)


def test_the_right_password_opens_a_session_with_the_posts_of_today(ctx: Context) -> None:
    actor = sessions.actor_of(ctx, enter(ctx), idle=HOUR)

    assert actor.kind is ActorKind.PERSON
    assert NAME in {post.post_id for post in actor.posts}


@pytest.mark.parametrize(
    ("username", "password"), [(NAME, "fel lösenord alls"), ("ingen.alls", PASSWORD), ("", ""), (NAME, "")]
)
def test_anything_else_is_refused_in_the_same_words(ctx: Context, username: str, password: str) -> None:
    with pytest.raises(InvalidInput, match="Namnet eller lösenordet"):
        enter(ctx, password, username)


def test_a_person_without_a_password_cannot_sign_in(ctx: Context) -> None:
    with pytest.raises(InvalidInput):
        enter(ctx, "", "bup.behandlare")


def test_guessing_has_to_wait_longer_and_longer_and_the_right_password_waits_too(
    ctx: Context, clock: ManualClock
) -> None:
    for n in range(sessions.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            enter(ctx, "gissning gissning", address=f"192.0.2.{n}")

    with pytest.raises(TooManyAttempts) as first:
        enter(ctx)
    clock.advance(seconds=first.value.after.total_seconds() + 1)
    with pytest.raises(InvalidInput):
        enter(ctx, "gissning gissning", address="198.51.100.7")
    with pytest.raises(TooManyAttempts) as second:
        enter(ctx)
    clock.advance(seconds=second.value.after.total_seconds() + 1)

    assert second.value.after > first.value.after
    assert enter(ctx)


def test_one_address_cannot_try_many_names(ctx: Context) -> None:
    for n in range(sessions.FREE_ATTEMPTS):
        with pytest.raises(InvalidInput):
            enter(ctx, "gissning gissning", username=f"namn{n}")

    with pytest.raises(TooManyAttempts):
        enter(ctx)


def test_a_session_ends_when_idle_when_old_and_at_sign_out(ctx: Context, clock: ManualClock) -> None:
    secret, other = enter(ctx), enter(ctx)
    for _ in range(11):
        clock.advance(minutes=59)
        assert sessions.actor_of(ctx, secret, idle=HOUR) != NOBODY
    clock.advance(hours=2)
    assert sessions.actor_of(ctx, secret, idle=24 * HOUR) == NOBODY
    assert sessions.actor_of(ctx, other, idle=HOUR) == NOBODY

    third = enter(ctx)
    sessions.sign_out(ctx, third)
    assert sessions.actor_of(ctx, third, idle=HOUR) == NOBODY


def test_disabling_a_person_ends_every_session_at_once(ctx: Context) -> None:
    secret = enter(ctx)
    person = sessions.actor_of(ctx, secret, idle=HOUR).person_id
    with ctx.store.begin() as tx:
        directory.disable(tx, person)

    assert sessions.actor_of(ctx, secret, idle=HOUR) == NOBODY
    with pytest.raises(InvalidInput):
        enter(ctx)


def test_a_new_password_ends_the_sessions_of_the_old_one(ctx: Context) -> None:
    secret = enter(ctx)
    person = sessions.actor_of(ctx, secret, idle=HOUR).person_id
    with ctx.store.begin() as tx:
        directory.set_password(tx, person, password_hash=sessions.hashed("ett helt annat"), at=ctx.clock.now())

    assert sessions.actor_of(ctx, secret, idle=HOUR) == NOBODY


def test_the_posts_are_asked_for_anew_so_that_an_ended_assignment_ends_access(ctx: Context, clock: ManualClock) -> None:
    secret = enter(ctx)
    with ctx.store.begin() as tx:
        whole = tx.directory()
        ended = tuple(
            type(each)(each.person_id, each.post_id, each.from_on, date(2026, 11, 24)) for each in whole.assignments
        )
        directory.replace(tx, type(whole)(**{**vars(whole), "assignments": ended}))

    assert sessions.actor_of(ctx, secret, idle=30 * HOUR).posts
    clock.advance(hours=11)
    clock.advance(minutes=59)
    assert sessions.actor_of(ctx, secret, idle=30 * HOUR).posts
    clock.advance(hours=4)
    assert sessions.actor_of(ctx, enter(ctx), idle=30 * HOUR).posts == ()


@pytest.mark.parametrize("secret", [None, "", "x", "å" * 1000])
def test_an_unknown_secret_is_nobody(ctx: Context, secret: str | None) -> None:
    assert sessions.actor_of(ctx, secret, idle=HOUR) == NOBODY
    assert sessions.client_of(ctx, secret or "") == NOBODY


def test_neither_the_secret_nor_the_password_is_in_the_database(ctx: Context, sqlite_url: str) -> None:
    secret = enter(ctx)
    with ctx.store.read() as tx:
        dump = "\n".join(str(row) for row in tx.conn.exec_driver_sql("SELECT * FROM session, person").all())

    assert secret not in dump
    assert PASSWORD not in dump


def test_a_token_is_a_client_with_its_scopes(ctx: Context) -> None:
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        hashed = sessions.hash_of("hemlig")
        directory.add_token(tx, Token("t1", hashed, "integration", ("tasks:read",), now, None, None, "root"))

    found = sessions.client_of(ctx, "hemlig")

    assert (found.kind, found.scopes) == (ActorKind.CLIENT, frozenset({"tasks:read"}))


def test_a_short_password_is_refused() -> None:
    with pytest.raises(InvalidInput, match="minst 12 tecken"):
        sessions.hashed("kort")
