"""The directory, sign-in accounts and API tokens, as an administrator changes them."""

from datetime import timedelta

import orjson
import pytest

from flowsvc import demo
from flowsvc.domain import directory as directories
from flowsvc.domain import directory_file
from flowsvc.domain.access import NOBODY, SYSTEM, Actor, ActorKind
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from flowsvc.usecases import directory, sessions
from flowsvc.usecases.context import Context
from tests.usecases.conftest import START

PASSWORD = "ett gott lösenord"
IDLE = timedelta(hours=1)


def county() -> dict[str, object]:
    return directory_file.to_json(demo.directory(START.date()))


def signed_in(ctx: Context, username: str) -> str:
    return sessions.sign_in(ctx, username=username, password=PASSWORD, address="a", lasts=timedelta(hours=8))


def test_a_directory_file_is_taken_over_as_a_whole(ctx: Context) -> None:
    with ctx.store.read() as tx:
        before = tx.directory()

    done = directory.import_directory(ctx, SYSTEM, orjson.dumps(county()))

    with ctx.store.read() as tx:
        after = tx.directory()
    assert done.revision == after.revision == before.revision + 1
    assert {each.severity for each in done.problems} == {"warned"}
    assert directory_file.to_json(after) == directory_file.to_json(before)


def test_a_file_with_a_fault_changes_nothing(ctx: Context) -> None:
    file = county()
    file["assignments"] = [{"person": "finns-inte", "post": "enhetschef.bup", "from": "2026-01-01"}]

    done = directory.import_directory(ctx, SYSTEM, orjson.dumps(file))

    assert done.revision is None
    assert "directory.unknown_id" in {each.code for each in done.problems}
    with ctx.store.read() as tx:
        assert directories.holders(tx.directory(), "enhetschef.bup", START.date())


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"parties": 1}'])
def test_what_is_no_directory_file_is_refused(ctx: Context, data: bytes) -> None:
    with pytest.raises(InvalidInput):
        directory.import_directory(ctx, SYSTEM, data)


def test_an_import_lets_nobody_in_who_was_shut_out_and_shuts_out_whom_it_names(ctx: Context) -> None:
    directory.share_password(ctx, SYSTEM, password=PASSWORD)
    secret = signed_in(ctx, "ifo-chef.alvsta")
    directory.disable_user(ctx, SYSTEM, "enhetschef.bup")
    file = demo.directory(START.date())
    people = [
        {"id": each.id, "username": each.username, "name": each.name, "disabled": each.username == "ifo-chef.alvsta"}
        for each in file.people.values()
    ]

    directory.import_directory(ctx, SYSTEM, orjson.dumps(county() | {"people": people}))

    shut_out = {each.person.username for each in directory.list_users(ctx, SYSTEM) if each.person.disabled}
    assert shut_out == {"enhetschef.bup", "ifo-chef.alvsta"}
    assert sessions.actor_of(ctx, secret, idle=IDLE) is NOBODY


def test_a_sign_in_name_goes_to_nobody_else(ctx: Context) -> None:
    person = next(iter(demo.directory(START.date()).people.values()))
    file = {
        **{name: [] for name in county()},
        "people": [{"id": "annan", "username": person.username.upper(), "name": "Annan"}],
    }

    with pytest.raises(Conflict, match=person.id):
        directory.import_directory(ctx, SYSTEM, orjson.dumps(file))


def test_somebody_who_is_added_signs_in_and_holds_the_post(ctx: Context) -> None:
    directory.add_user(ctx, SYSTEM, "ny.person", name="Ny Person", posts=["enhetschef.bup"], password=PASSWORD)

    actor = sessions.actor_of(ctx, signed_in(ctx, "ny.person"), idle=IDLE)

    assert (actor.name, [post.post_id for post in actor.posts if post.on_behalf_of is None]) == (
        "Ny Person",
        ["enhetschef.bup"],
    )


@pytest.mark.parametrize("username", ["enhetschef.bup", "Enhetschef.BUP"])
def test_a_name_that_is_taken_is_not_given_again(ctx: Context, username: str) -> None:
    with pytest.raises(Conflict, match="redan någon"):
        directory.add_user(ctx, SYSTEM, username, name="A")


def test_a_post_that_does_not_exist_and_a_name_with_a_space_are_refused(ctx: Context) -> None:
    with pytest.raises(NotFound, match=r"finns\.inte"):
        directory.add_user(ctx, SYSTEM, "ny", name="A", posts=["finns.inte"])
    with pytest.raises(InvalidInput, match="mellanslag"):
        directory.add_user(ctx, SYSTEM, "ny person", name="A")


def test_a_new_password_ends_the_sessions_of_the_old_one(ctx: Context) -> None:
    directory.set_password(ctx, SYSTEM, "enhetschef.bup", password=PASSWORD)
    secret = signed_in(ctx, "enhetschef.bup")

    directory.set_password(ctx, SYSTEM, "enhetschef.bup", password="ett annat lösenord")

    assert sessions.actor_of(ctx, secret, idle=IDLE) is NOBODY
    with pytest.raises(InvalidInput):
        signed_in(ctx, "enhetschef.bup")


def test_a_password_that_is_too_short_is_refused(ctx: Context) -> None:
    with pytest.raises(InvalidInput, match="12 tecken"):
        directory.set_password(ctx, SYSTEM, "enhetschef.bup", password="kort")


def test_who_is_disabled_is_signed_out_until_enabled(ctx: Context) -> None:
    directory.set_password(ctx, SYSTEM, "enhetschef.bup", password=PASSWORD)
    secret = signed_in(ctx, "enhetschef.bup")

    directory.disable_user(ctx, SYSTEM, "enhetschef.bup")

    assert sessions.actor_of(ctx, secret, idle=IDLE) is NOBODY
    with pytest.raises(InvalidInput):
        signed_in(ctx, "enhetschef.bup")
    directory.enable_user(ctx, SYSTEM, "enhetschef.bup")
    assert sessions.actor_of(ctx, signed_in(ctx, "enhetschef.bup"), idle=IDLE).person_id


def test_nobody_can_be_changed_who_is_not_there(ctx: Context) -> None:
    with pytest.raises(NotFound, match="user list"):
        directory.disable_user(ctx, SYSTEM, "finns-inte")


def test_a_shared_password_is_everybodys(ctx: Context) -> None:
    directory.share_password(ctx, SYSTEM, password=PASSWORD)

    accounts = directory.list_users(ctx, SYSTEM)

    assert all(each.has_password for each in accounts)
    assert [each.person.username for each in accounts] == sorted(each.person.username for each in accounts)
    assert signed_in(ctx, "enhetschef.bup") != signed_in(ctx, "ifo-chef.alvsta")


def test_a_token_opens_what_its_scopes_say_until_it_is_revoked(ctx: Context) -> None:
    secret = directory.issue_token(ctx, SYSTEM, name="Journalsystemet", scopes=["instances:write"])
    token = directory.list_tokens(ctx, SYSTEM)[0]

    assert sessions.client_of(ctx, secret).scopes == {"instances:write"}
    assert secret not in str(token)
    directory.revoke_token(ctx, SYSTEM, token.id)
    assert sessions.client_of(ctx, secret) is NOBODY
    with pytest.raises(NotFound):
        directory.revoke_token(ctx, SYSTEM, "finns-inte")


def test_a_token_ends_when_its_time_is_up(ctx: Context, clock: ManualClock) -> None:
    secret = directory.issue_token(ctx, SYSTEM, name="A", scopes=["tasks:read"], expires=timedelta(days=30))

    clock.advance(days=31)

    assert sessions.client_of(ctx, secret) is NOBODY


@pytest.mark.parametrize(
    ("name", "scopes", "cure"),
    [("A", ["allt"], "Okänd behörighet: allt"), ("A", [], "ingen"), (" ", ["tasks:read"], "namn")],
)
def test_a_token_without_a_name_or_a_known_scope_is_refused(
    ctx: Context, name: str, scopes: list[str], cure: str
) -> None:
    with pytest.raises(InvalidInput, match=cure):
        directory.issue_token(ctx, SYSTEM, name=name, scopes=scopes)


def test_a_client_without_the_scope_changes_nothing(ctx: Context) -> None:
    client = Actor(kind=ActorKind.CLIENT, person_id="k", scopes=frozenset({"tasks:read"}))

    for change in (
        lambda: directory.import_directory(ctx, client, b"{}"),
        lambda: directory.add_user(ctx, client, "a", name="a"),
        lambda: directory.set_password(ctx, client, "a", password=PASSWORD),
        lambda: directory.disable_user(ctx, client, "a"),
        lambda: directory.issue_token(ctx, client, name="a", scopes=["tasks:read"]),
        lambda: directory.list_users(ctx, client),
    ):
        with pytest.raises(Forbidden):
            change()
