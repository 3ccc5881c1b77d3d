"""The register of agreements as people read it: which version counts, who has which role, what is missing, what was
changed. It holds nothing of any case, so everybody signed in may read it."""

from dataclasses import dataclass
from datetime import date

from flowsvc.domain import agreement_file, agreements
from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.agreement_words import (
    ADOPTIONS,
    BANNERS,
    CLASSES,
    ROLES,
    SECTORS,
    SETTINGS,
    STANDINGS,
    word,
)
from flowsvc.domain.agreements import Agreement, AgreementVersion, Standing
from flowsvc.domain.directory import Directory, present_holders
from flowsvc.domain.errors import NotFound
from flowsvc.usecases.context import Context
from flowsvc.usecases.people import party_name, post_name


@dataclass(frozen=True)
class Warned:
    """Something that the agreement lacks, and what to do about it."""

    code: str
    text: str
    cure: str
    is_urgent: bool


@dataclass(frozen=True)
class AgreementRow:
    """An agreement in the list."""

    id: str
    name: str
    county: str
    version: int | None
    standing: str
    standing_words: str
    valid_from: date | None
    valid_until: date | None
    next_review_on: date | None
    warnings: tuple[Warned, ...]


@dataclass(frozen=True)
class PartyRow:
    """A party of a version: what it binds, what it decided, who registers."""

    party_id: str
    name: str
    sectors: tuple[str, ...]
    state: str
    state_words: str
    decided_on: date | None
    registration_number: str
    registrar: str


@dataclass(frozen=True)
class ClauseRow:
    """A clause in the reader's language."""

    number: str
    title: str
    topic: str


@dataclass(frozen=True)
class VersionRow:
    """A version with everything that it says."""

    id: str
    number: int
    standing: str
    standing_words: str
    valid_from: date | None
    valid_until: date | None
    target_group: str
    youngest: int | None
    oldest: int | None
    clauses: tuple[ClauseRow, ...]
    parties: tuple[PartyRow, ...]


@dataclass(frozen=True)
class BodyRow:
    """A body with its part in the agreement, who sits on it and when it meets."""

    id: str
    roles: tuple[str, ...]
    role_words: tuple[str, ...]
    name: str
    chair: str
    members: tuple[str, ...]
    meetings: tuple[date, ...]
    """The next three."""


@dataclass(frozen=True)
class ChangeRow:
    """A row of the change history."""

    on: date
    text: str
    made_by: str
    change_class: str
    class_words: str
    version: int | None
    decision: str


@dataclass(frozen=True)
class FollowedVersion:
    """The version that a case follows, and what is to be said of it where it has run out."""

    agreement_id: str
    name: str
    number: int
    banner: str


@dataclass(frozen=True)
class AgreementPage:
    """One agreement, whole."""

    row: AgreementRow
    versions: tuple[VersionRow, ...]
    """Newest first."""
    bodies: tuple[BodyRow, ...]
    changes: tuple[ChangeRow, ...]
    """Newest first."""
    settings: tuple[tuple[str, str], ...]
    processes: tuple[str, ...]


def list_agreements(ctx: Context, actor: Actor, *, language: str = "sv") -> tuple[AgreementRow, ...]:
    """Every agreement in the register, by name."""
    require(actor, Action.READ_DIRECTORY)
    with ctx.store.read() as tx:
        directory = ctx.store.directory(tx)
    today = ctx.today()
    rows = [_row(directory, each, today, language) for each in directory.agreements.values()]
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))


def show_agreement(ctx: Context, actor: Actor, agreement_id: str, *, language: str = "sv") -> AgreementPage:
    """One agreement with versions, clauses, bodies and change history. NotFound."""
    require(actor, Action.READ_DIRECTORY)
    with ctx.store.read() as tx:
        directory = ctx.store.directory(tx)
    found, today = directory.agreements.get(agreement_id), ctx.today()
    if found is None:
        raise NotFound("Det finns ingen sådan överenskommelse i registret.")
    return AgreementPage(
        row=_row(directory, found, today, language),
        versions=tuple(_version(directory, each, today, language) for each in reversed(found.versions)),
        bodies=_bodies(directory, found, today, language),
        changes=tuple(_changes(found, language)),
        settings=tuple((word(SETTINGS, key, language), text) for key, text in found.settings.items()),
        processes=found.processes,
    )


def followed(
    directory: Directory, version_id: str | None, *, today: date, started_on: date, language: str
) -> FollowedVersion | None:
    """The version that a case follows; None where it follows none, or one that the register has no more."""
    found = agreements.of_version(directory.agreements, version_id or "")
    if found is None:
        return None
    agreement, version = found
    said = ""
    if version.standing(today) is Standing.EXPIRED and agreement.version_on(today) is None:
        had_expired = version.standing(started_on) is Standing.EXPIRED
        said = word(BANNERS, "none" if had_expired else "expired", language)
    return FollowedVersion(agreement.id, _named(agreement.name, agreement.name_en, language), version.number, said)


def _row(directory: Directory, agreement: Agreement, today: date, language: str) -> AgreementRow:
    version = agreement.practice_on(today) or (agreement.versions[-1] if agreement.versions else None)
    standing = version.standing(today) if version else Standing.DRAFT
    rhythm = agreement.rhythm
    return AgreementRow(
        id=agreement.id,
        name=_named(agreement.name, agreement.name_en, language),
        county=agreement.county,
        version=version.number if version else None,
        standing=standing.value,
        standing_words=word(STANDINGS, standing.value, language),
        valid_from=version.valid_from if version else None,
        valid_until=version.valid_until if version else None,
        next_review_on=rhythm.begins_on(rhythm.next_year(today)) if rhythm else None,
        warnings=tuple(
            Warned(
                code=each.code,
                text=each.what_en if language == "en" else each.what,
                cure=each.cure_en if language == "en" else each.cure,
                is_urgent=each.code in ("agreement.expired", "agreement.expires_within_6_months"),
            )
            for each in agreement_file.lacking(directory, agreement, on=today)
        ),
    )


def _version(directory: Directory, version: AgreementVersion, today: date, language: str) -> VersionRow:
    standing = version.standing(today).value
    return VersionRow(
        id=version.id,
        number=version.number,
        standing=standing,
        standing_words=word(STANDINGS, standing, language),
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        target_group=_named(version.target_group, version.target_group_en, language),
        youngest=version.youngest,
        oldest=version.oldest,
        clauses=tuple(
            ClauseRow(each.number, _named(each.title, each.title_en, language), each.topic) for each in version.clauses
        ),
        parties=tuple(
            PartyRow(
                party_id=each.party_id,
                name=party_name(directory, each.party_id, language),
                sectors=tuple(word(SECTORS, sector, language) for sector in each.sectors),
                state=each.state.value,
                state_words=word(ADOPTIONS, each.state.value, language),
                decided_on=each.decided_on,
                registration_number=each.registration_number,
                registrar=post_name(directory, each.registrar, language) if each.registrar else "",
            )
            for each in version.parties
        ),
    )


def _bodies(directory: Directory, agreement: Agreement, today: date, language: str) -> tuple[BodyRow, ...]:
    roles: dict[str, list[str]] = {}
    for role, body_id in (*agreement.bodies.items(), *(("local_group", group) for group in agreement.local_groups)):
        roles.setdefault(body_id, []).append(role)
    return tuple(
        BodyRow(
            id=body.id,
            roles=tuple(played),
            role_words=tuple(word(ROLES, role, language) for role in played),
            name=_named(body.name, body.name_en, language),
            chair=_seat(directory, body.chair, today, language) if body.chair else "",
            members=tuple(_seat(directory, post, today, language) for post in body.posts if post != body.chair),
            meetings=tuple(each.on for each in body.meetings if each.on >= today)[:3],
        )
        for body_id, played in roles.items()
        if (body := directory.bodies.get(body_id)) is not None
    )


def _seat(directory: Directory, post_id: str, today: date, language: str) -> str:
    """The post with its party; and that nobody is there, where that is so."""
    party = party_name(directory, directory.party_of_post(post_id).id, language)
    words = f"{post_name(directory, post_id, language)}, {party}"
    if present_holders(directory, post_id, today):
        return words
    return f"{words} ({word(STANDINGS, 'nobody', language)})"


def _changes(agreement: Agreement, language: str) -> list[ChangeRow]:
    return [
        ChangeRow(
            on=each.on,
            text=_named(each.text, each.text_en, language),
            made_by=each.made_by,
            change_class=each.change_class.value,
            class_words=word(CLASSES, each.change_class.value, language),
            version=each.version,
            decision=each.decision,
        )
        for each in reversed(agreement.changes)
    ]


def _named(swedish: str, english: str, language: str) -> str:
    return english if language == "en" and english else swedish
