"""Who is who, changed by an administrator or on the host: the directory as a whole, sign-in accounts and API tokens."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import orjson

from flowsvc.domain import directory_file
from flowsvc.domain.access import SCOPES, Action, Actor, require
from flowsvc.domain.directory import Assignment, Directory, Person, posts_held
from flowsvc.domain.errors import Conflict, InvalidInput, NotFound, Problem
from flowsvc.store import directory
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import rhythms, sessions
from flowsvc.usecases.context import Context


@dataclass(frozen=True)
class Imported:
    """What came of an import: the directory's new revision, or None where it was refused and nothing changed."""

    revision: int | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in, as the list of accounts shows them."""

    person: Person
    posts: tuple[str, ...]
    """Ids of the posts held today."""
    has_password: bool


def import_directory(ctx: Context, actor: Actor, data: bytes) -> Imported:
    """The directory is as the file says, all of it or, where anything is refused, nothing. InvalidInput for bytes that
    are no directory file. Who has been shut out stays so, whatever the file says."""
    require(actor, Action.CHANGE_DIRECTORY)
    wanted = _read(data)
    problems = directory_file.check(wanted, on=ctx.today())
    if any(each.severity == "refused" for each in problems):
        return Imported(None, tuple(problems))
    return Imported(_put(ctx, wanted), tuple(problems))


def _put(ctx: Context, wanted: Directory) -> int:
    with ctx.store.begin() as tx:
        before = ctx.store.directory(tx)
        owners = {each.username.casefold(): each.id for each in before.people.values()}
        for each in wanted.people.values():
            owner = owners.get(each.username.casefold(), each.id)
            if owner != each.id:
                raise Conflict(
                    f"Inloggningsnamnet {each.username} används redan av {owner}. Ange samma id, eller byt namn."
                )
        shut_out = {each.id for each in before.people.values() if each.disabled}
        people = {
            each.id: replace(each, disabled=each.disabled or each.id in shut_out) for each in wanted.people.values()
        }
        newly = [each.id for each in people.values() if each.disabled and each.id not in shut_out]
        revision = directory.replace(tx, replace(wanted, people=people))
        for person_id in newly:
            directory.drop_sessions_of(tx, person_id)
        rhythms.arm(ctx, tx)
    return revision


def _read(data: bytes) -> Directory:
    try:
        return directory_file.from_json(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Filen är ingen JSON: {error}. Rätta filen.") from error


def add_user(
    ctx: Context,
    actor: Actor,
    username: str,
    *,
    name: str,
    posts: Sequence[str] = (),
    password: str | None = None,
) -> Person:
    """There is a person who signs in with the name, and who holds the posts from today on. Conflict where the name is
    taken, NotFound for a post that does not exist."""
    require(actor, Action.CHANGE_DIRECTORY)
    username, today = username.strip(), ctx.today()
    if not username or len(username) > 60 or any(sign.isspace() for sign in username):
        raise InvalidInput("Inloggningsnamnet ska ha 1 till 60 tecken och inget mellanslag.")
    hashed = sessions.hashed(password) if password is not None else None
    with ctx.store.begin() as tx:
        before = ctx.store.directory(tx)
        taken = {each.username.casefold() for each in before.people.values()} | {
            each.casefold() for each in before.people
        }
        if username.casefold() in taken:
            raise Conflict(f"Det finns redan någon med inloggningsnamnet {username}. Välj ett annat.")
        for post in posts:
            if post not in before.posts:
                raise NotFound(f"Det finns ingen befattning {post} i katalogen. Importera den först.")
        person = Person(id=username, username=username, name=name.strip() or username, email="")
        held = (*before.assignments, *(Assignment(person.id, post, today) for post in dict.fromkeys(posts)))
        directory.replace(tx, replace(before, people={**before.people, person.id: person}, assignments=held))
        if hashed is not None:
            directory.set_password(tx, person.id, password_hash=hashed, at=ctx.clock.now())
    return person


def set_password(ctx: Context, actor: Actor, username: str, *, password: str) -> None:
    """The person signs in with the password from now on, and is signed out everywhere. NotFound; InvalidInput for a
    password that is too short."""
    require(actor, Action.CHANGE_DIRECTORY)
    hashed = sessions.hashed(password)
    with ctx.store.begin() as tx:
        person_id = _person(tx, username).id
        directory.set_password(tx, person_id, password_hash=hashed, at=ctx.clock.now())


def share_password(ctx: Context, actor: Actor, *, password: str) -> None:
    """Everybody in the directory signs in with the one password: a demonstration. One hash serves them all, since
    what argon2 takes for each would be a long wait."""
    require(actor, Action.CHANGE_DIRECTORY)
    hashed, now = sessions.hashed(password), ctx.clock.now()
    with ctx.store.begin() as tx:
        for person_id in ctx.store.directory(tx).people:
            directory.set_password(tx, person_id, password_hash=hashed, at=now)


def disable_user(ctx: Context, actor: Actor, username: str) -> None:
    """The person can sign in no more, and is signed out everywhere. NotFound."""
    require(actor, Action.CHANGE_DIRECTORY)
    with ctx.store.begin() as tx:
        directory.disable(tx, _person(tx, username).id)


def enable_user(ctx: Context, actor: Actor, username: str) -> None:
    """The person can sign in again, with the password from before. NotFound."""
    require(actor, Action.CHANGE_DIRECTORY)
    with ctx.store.begin() as tx:
        directory.enable(tx, _person(tx, username).id)


def list_users(ctx: Context, actor: Actor) -> tuple[Account, ...]:
    """Everybody in the directory, by sign-in name."""
    require(actor, Action.READ_DIRECTORY)
    today = ctx.today()
    with ctx.store.read() as tx:
        whole = ctx.store.directory(tx)
        known = directory.with_password(tx)
    people = sorted(whole.people.values(), key=lambda each: each.username)
    return tuple(
        Account(each, tuple(post.id for post in posts_held(whole, each.id, today)), each.id in known) for each in people
    )


def _person(tx: Transaction, username: str) -> Person:
    found = directory.person_by_username(tx, username.strip())
    if found is None:
        raise NotFound(f"Ingen har inloggningsnamnet {username}. flowsvc user list visar alla.")
    return found[0]


def issue_token(
    ctx: Context, actor: Actor, *, name: str, scopes: Collection[str], expires: timedelta | None = None
) -> str:
    """A new API token with these scopes. Its secret is returned this once and never again."""
    require(actor, Action.CHANGE_DIRECTORY)
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        what = f"Okänd behörighet: {', '.join(unknown)}." if unknown else "Nyckeln har ingen behörighet."
        raise InvalidInput(f"{what} Ange en eller flera av {', '.join(sorted(SCOPES))}.")
    if not name.strip():
        raise InvalidInput("Nyckeln har inget namn. Ange vem som ska använda den.")
    now = ctx.clock.now()
    secret = secrets.token_urlsafe(32)
    token = directory.Token(
        id=ctx.clock.new_id(),
        token_hash=sessions.hash_of(secret),
        name=name.strip(),
        scopes=tuple(sorted(set(scopes))),
        created_at=now,
        expires_at=now + expires if expires is not None else None,
        revoked_at=None,
        created_by=actor.person_id,
    )
    with ctx.store.begin() as tx:
        directory.add_token(tx, token)
    return secret


def revoke_token(ctx: Context, actor: Actor, token_id: str) -> None:
    """The token opens nothing any more. NotFound."""
    require(actor, Action.CHANGE_DIRECTORY)
    with ctx.store.begin() as tx:
        if token_id not in {each.id for each in directory.tokens(tx)}:
            raise NotFound(f"Det finns ingen nyckel {token_id}. flowsvc token list visar alla.")
        directory.revoke_token(tx, token_id, at=ctx.clock.now())


def list_tokens(ctx: Context, actor: Actor) -> tuple[directory.Token, ...]:
    """Every API token that was ever issued, oldest first; none says its secret."""
    require(actor, Action.CHANGE_DIRECTORY)
    with ctx.store.read() as tx:
        return directory.tokens(tx)
