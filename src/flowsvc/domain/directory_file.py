"""The file that a directory is imported from and exported to (plain JSON), and what must hold in it; hides
its names and spelling. People's passwords never stand in it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Protocol, TypeVar

from flowsvc.domain import agreement_file
from flowsvc.domain.bodies import body_entry, read_body
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
    holders,
)
from flowsvc.domain.entries import Entry
from flowsvc.domain.errors import InvalidInput, Problem


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_Identified)


def from_json(data: object) -> Directory:
    """The directory that the file says, at revision 0. InvalidInput names the place and what is wrong: an
    unknown or missing key, a wrong type, an id given twice. Whether ids lead anywhere is said by `check`."""
    file = Entry(data, place="Katalogfilen")
    closed_days = file.entries("closed_days", _closed_day)
    closed = frozenset(each.on for each in closed_days)
    directory = Directory(
        revision=0,
        parties=_by_id("parties", file.entries("parties", _party)),
        units=_by_id("units", file.entries("units", _unit)),
        posts=_by_id("posts", file.entries("posts", _post)),
        people=_by_id("people", file.entries("people", _person)),
        assignments=file.entries("assignments", _assignment),
        substitutions=file.entries("substitutions", _substitution),
        absences=file.entries("absences", _absence),
        closed_days=closed_days,
        bodies=_by_id("bodies", file.entries("bodies", lambda entry: read_body(entry, closed=closed))),
        agreements=_by_id("agreements", file.entries("agreements", agreement_file.read_agreement)),
    )
    file.done()
    return directory


def to_json(directory: Directory) -> dict[str, object]:
    """The directory as plain JSON; `from_json` gives the same one back."""
    return {
        "parties": [
            {"id": p.id, "type": p.type.value, "name": p.name, "name_en": p.name_en, "county": p.county}
            for p in directory.parties.values()
        ],
        "units": [
            _without_empty(
                id=u.id,
                party=u.party_id,
                parent=u.parent_id,
                name=u.name,
                name_en=u.name_en,
                service=u.service,
            )
            for u in directory.units.values()
        ],
        "posts": [
            _without_empty(
                id=p.id,
                unit=p.unit_id,
                name=p.name,
                name_en=p.name_en,
                level=p.level.name,
                roles=[role.value for role in p.roles],
                groups=list(p.groups),
                cost_mandate_kr=None if p.cost_mandate is None else _kronor(p.cost_mandate),
            )
            for p in directory.posts.values()
        ],
        "people": [
            _without_empty(
                id=p.id,
                username=p.username,
                name=p.name,
                email=p.email,
                language=p.language,
                disabled=p.disabled or None,
            )
            for p in directory.people.values()
        ],
        "assignments": [
            _without_empty(
                **{
                    "person": a.person_id,
                    "post": a.post_id,
                    "from": _iso(a.from_on),
                    "until": _iso(a.until_on),
                }
            )
            for a in directory.assignments
        ],
        "substitutions": [
            {"post": s.post_id, "substitute": s.substitute_post_id, "order": s.order} for s in directory.substitutions
        ],
        "absences": [
            {"person": a.person_id, "from": a.from_on.isoformat(), "until": a.until_on.isoformat()}
            for a in directory.absences
        ],
        "closed_days": [{"on": c.on.isoformat(), "name": c.name} for c in directory.closed_days],
        "bodies": [body_entry(each) for each in directory.bodies.values()],
        "agreements": [agreement_file.agreement_entry(each) for each in directory.agreements.values()],
    }


def _without_empty(**entry: object) -> dict[str, object]:
    return {key: value for key, value in entry.items() if value not in (None, "", [])}


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _kronor(ore: int) -> int | float:
    return ore // 100 if ore % 100 == 0 else ore / 100


def _by_id(name: str, things: tuple[_Thing, ...]) -> dict[str, _Thing]:
    twice = [each for each, count in Counter(thing.id for thing in things).items() if count > 1]
    if twice:
        raise InvalidInput(
            f"Katalogfilen: {name} har samma id flera gånger: {', '.join(twice)}. Ett id får bara finnas en gång."
        )
    return {thing.id: thing for thing in things}


def _party(entry: Entry) -> Party:
    return Party(
        id=entry.text("id"),
        type=entry.one_of("type", {each.value: each for each in PartyType}),
        name=entry.text("name"),
        name_en=entry.text("name_en", ""),
        county=entry.text("county"),
    )


def _unit(entry: Entry) -> Unit:
    return Unit(
        id=entry.text("id"),
        party_id=entry.text("party"),
        parent_id=entry.text_or_none("parent"),
        name=entry.text("name"),
        name_en=entry.text("name_en", ""),
        service=entry.text("service", ""),
    )


def _post(entry: Entry) -> Post:
    return Post(
        id=entry.text("id"),
        unit_id=entry.text("unit"),
        name=entry.text("name"),
        name_en=entry.text("name_en", ""),
        level=entry.one_of("level", {each.name: each for each in Level}),
        roles=entry.many_of("roles", {each.value: each for each in Role}) or (Role.STAFF,),
        groups=entry.texts("groups"),
        cost_mandate=entry.kronor("cost_mandate_kr"),
    )


def _person(entry: Entry) -> Person:
    return Person(
        id=entry.text("id"),
        username=entry.text("username"),
        name=entry.text("name"),
        email=entry.text("email", ""),
        language=entry.one_of("language", {"sv": "sv", "en": "en"}, default="sv"),
        disabled=entry.yes_or_no("disabled"),
    )


def _assignment(entry: Entry) -> Assignment:
    return Assignment(
        person_id=entry.text("person"),
        post_id=entry.text("post"),
        from_on=entry.day("from"),
        until_on=entry.day_or_none("until"),
    )


def _substitution(entry: Entry) -> Substitution:
    return Substitution(
        post_id=entry.text("post"),
        substitute_post_id=entry.text("substitute"),
        order=entry.whole_number("order", 1),
    )


def _absence(entry: Entry) -> Absence:
    return Absence(person_id=entry.text("person"), from_on=entry.day("from"), until_on=entry.day("until"))


def _closed_day(entry: Entry) -> ClosedDay:
    return ClosedDay(on=entry.day("on"), name=entry.text("name", ""))


def check(directory: Directory, *, on: date) -> tuple[Problem, ...]:
    """What is wrong with the directory, as it stands that day: refused where it cannot be used (ids that lead
    nowhere, lines that go in circles), warned where matters would find nobody (empty posts, no LEAD)."""
    broken = (*_dangling(directory), *_impossible(directory))
    # A ladder can be climbed only where every id leads somewhere.
    return broken or tuple(_nobody_there(directory, on))


def _dangling(directory: Directory) -> Iterator[Problem]:
    def lost(about: str, name: str, target: str | None, among: dict[str, _Thing]) -> Iterator[Problem]:
        if target is not None and target not in among:
            yield _refused(
                "directory.unknown_id",
                about,
                (f"{name} {target} finns inte.", "Rätta id eller lägg till det som saknas."),
                (f"{name} {target} does not exist.", "Correct the id or add what is missing."),
            )

    for unit in directory.units.values():
        yield from lost(unit.id, "party", unit.party_id, directory.parties)
        yield from lost(unit.id, "parent", unit.parent_id, directory.units)
    for post in directory.posts.values():
        yield from lost(post.id, "unit", post.unit_id, directory.units)
    for held in directory.assignments:
        yield from lost(held.person_id, "person", held.person_id, directory.people)
        yield from lost(held.person_id, "post", held.post_id, directory.posts)
    for each in directory.substitutions:
        yield from lost(each.post_id, "post", each.post_id, directory.posts)
        yield from lost(each.post_id, "substitute", each.substitute_post_id, directory.posts)
    for away in directory.absences:
        yield from lost(away.person_id, "person", away.person_id, directory.people)
    for body in directory.bodies.values():
        yield from lost(body.id, "party", body.party_id, directory.parties)
        yield from lost(body.id, "chair", body.chair, directory.posts)
        for seat in body.posts:
            yield from lost(body.id, "posts", seat, directory.posts)
    for about, name, target in agreement_file.dangling(directory):
        yield from lost(about, name, target, {})


def _impossible(directory: Directory) -> Iterator[Problem]:
    for unit in directory.units.values():
        line = directory.line(unit.id)
        if line[-1].parent_id in directory.units:
            yield _refused(
                "directory.circle",
                unit.id,
                (
                    "Linjen uppåt går i cirkel.",
                    "Låt parent leda till partens högsta enhet, som inte har någon parent.",
                ),
                (
                    "The line upwards goes in a circle.",
                    "Let parent lead to the party's top unit, which has no parent.",
                ),
            )
        if any(above.party_id != unit.party_id for above in line):
            yield _refused(
                "directory.mixed_line",
                unit.id,
                ("Enheten ligger under en annan parts enhet.", "Lägg den under en enhet hos samma part."),
                ("The unit lies under another party's unit.", "Put it under a unit of its own party."),
            )
    for username, count in Counter(person.username.casefold() for person in directory.people.values()).items():
        if count > 1:
            yield _refused(
                "directory.username_twice",
                username,
                ("Flera personer har samma inloggningsnamn.", "Ge var och en ett eget."),
                ("Several people have the same sign-in name.", "Give each one their own."),
            )
    times: tuple[Assignment | Absence, ...] = (*directory.assignments, *directory.absences)
    for each in times:
        if each.until_on is not None and each.until_on < each.from_on:
            yield _refused(
                "directory.ends_before_start",
                each.person_id,
                (f"until {each.until_on} är före from {each.from_on}.", "Rätta datumen."),
                (f"until {each.until_on} is before from {each.from_on}.", "Correct the dates."),
            )
    for sub in directory.substitutions:
        if sub.post_id == sub.substitute_post_id:
            yield _refused(
                "directory.own_substitute",
                sub.post_id,
                ("Befattningen är ersättare för sig själv.", "Ange en annan befattning som ersättare."),
                ("The post is its own substitute.", "Name another post as substitute."),
            )


def _nobody_there(directory: Directory, on: date) -> Iterator[Problem]:
    for post in directory.posts.values():
        if not holders(directory, post.id, on):
            yield _warned(
                "directory.empty_post",
                post.id,
                ("Ingen har befattningen.", "Ge någon den, annars får närmaste chef dess uppgifter."),
                ("Nobody holds the post.", "Assign somebody, or the nearest manager gets its tasks."),
            )
    for unit_id in directory.posts_of_unit:
        if not _has_top(directory, unit_id):
            yield _warned(
                "directory.no_leadership",
                unit_id,
                (
                    "Linjen har ingen befattning på nivå LEAD.",
                    "Lägg till partens ledning, annars stannar tvister.",
                ),
                (
                    "The line has no post of level LEAD.",
                    "Add the party's leadership, or disputes come to a halt.",
                ),
            )
    for sub in directory.substitutions:
        if directory.party_of_post(sub.post_id) != directory.party_of_post(sub.substitute_post_id):
            yield _warned(
                "directory.substitute_of_another_party",
                sub.post_id,
                (
                    f"Ersättaren {sub.substitute_post_id} hör till en annan part.",
                    "Välj en ersättare hos samma part.",
                ),
                (
                    f"The substitute {sub.substitute_post_id} belongs to another party.",
                    "Choose one of the same party.",
                ),
            )
    for body in directory.bodies.values():
        if not body.posts:
            yield _warned(
                "directory.empty_body",
                body.id,
                ("Organet har inga ledamöter.", "Ange de befattningar som ingår, i posts."),
                ("The body has no members.", "Name the posts that sit on it, in posts."),
            )
        if not any(meeting.on >= on for meeting in body.meetings):
            yield _warned(
                "directory.no_meetings",
                body.id,
                ("Organet har inga planerade möten.", "Lägg in kommande mötesdagar i meetings."),
                ("The body has no planned meetings.", "Add its coming meeting days, in meetings."),
            )
    for agreement in directory.agreements.values():
        yield from agreement_file.lacking(directory, agreement, on=on)


def _has_top(directory: Directory, unit_id: str) -> bool:
    if directory.parties[directory.units[unit_id].party_id].type is PartyType.PROVIDER:
        return True
    line = directory.line(unit_id)
    return any(post.level is Level.LEAD for unit in line for post in directory.posts_of_unit.get(unit.id, ()))


def _refused(code: str, about: str, swedish: tuple[str, str], english: tuple[str, str]) -> Problem:
    return Problem("refused", code, about, 0, *swedish, *english)


def _warned(code: str, about: str, swedish: tuple[str, str], english: tuple[str, str]) -> Problem:
    return Problem("warned", code, about, 0, *swedish, *english)
