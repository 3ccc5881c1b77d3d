"""Parties, posts and people in words, as they are today."""

from collections.abc import Iterable
from datetime import date

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.acting import attending
from flowsvc.domain.directory import Directory, present_holders


def party_name(known: Directory, party_id: str | None, language: str) -> str:
    """The party in the language; its id where the directory has forgotten it, empty where there is none."""
    party = known.parties.get(party_id or "")
    return _in(language, party.name, party.name_en) if party else party_id or ""


def post_name(known: Directory, post_id: str | None, language: str) -> str:
    """The post in the language; its id where the directory has forgotten it, empty where there is none."""
    post = known.posts.get(post_id or "")
    return _in(language, post.name, post.name_en) if post else post_id or ""


def person_name(known: Directory, person_id: str | None) -> str:
    """The person's name; the product's for what it does by itself, and the id for a program, or for somebody the
    directory has forgotten."""
    if person_id == SYSTEM.person_id:
        return SYSTEM.name
    person = known.people.get(person_id or "")
    return person.name if person else person_id or ""


def who(known: Directory, person_id: str | None, post_id: str | None, *, language: str) -> str:
    """Somebody as a case names them: Anna Ek, enhetschef, Ekby kommun. The person, the post acted as, its party."""
    party = known.party_of_post(post_id).id if post_id in known.posts else None
    parts = (person_name(known, person_id), post_name(known, post_id, language), party_name(known, party, language))
    return ", ".join(dict.fromkeys(filter(None, parts)))


def present(known: Directory, posts: Iterable[str], today: date) -> tuple[str, ...]:
    """The names of those who see to the posts today: their holders, else those of the first substitute."""
    names: dict[str, None] = {}
    for post in posts:
        as_post = attending(known, post, today)
        if as_post is not None:
            names.update(dict.fromkeys(person.name for person in present_holders(known, as_post, today)))
    return tuple(names)


def owing(known: Directory, posts: Iterable[str], today: date, *, language: str) -> tuple[str, ...]:
    """Each post with those who see to it today: Enhetschef BUP (Anna Ek)."""
    told = []
    for post in posts:
        names = ", ".join(present(known, [post], today))
        told.append(post_name(known, post, language) + (f" ({names})" if names else ""))
    return tuple(told)


def _in(language: str, swedish: str, english: str) -> str:
    return (english if language == "en" else "") or swedish
