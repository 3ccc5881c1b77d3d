"""Agreements in the directory file: read and written back, and what each of them lacks. Hides the file's spelling."""

from collections.abc import Iterator, Mapping
from datetime import date

from flowsvc.domain import agreements
from flowsvc.domain.agreements import (
    Adoption,
    AdoptionState,
    Agreement,
    AgreementVersion,
    Change,
    ChangeClass,
    Clause,
    Rhythm,
    version_id,
)
from flowsvc.domain.directory import Directory, Level, PartyType, holders
from flowsvc.domain.entries import Entry
from flowsvc.domain.errors import Problem

BODY_ROLES = ("owner", "deciding", "coordinating", "deviations", "recommending")
"""What a body may be to an agreement."""


def read_agreement(entry: Entry) -> Agreement:
    """The agreement that an entry of the directory file describes."""
    identity = entry.text("id")
    return Agreement(
        id=identity,
        county=entry.text("county"),
        name=entry.text("name"),
        name_en=entry.text("name_en", ""),
        processes=entry.texts("processes"),
        bodies=entry.named_texts("bodies", BODY_ROLES),
        local_groups=entry.texts("local_groups"),
        rhythm=entry.entry_or_none("review", _rhythm),
        settings=entry.named_texts("settings"),
        must_be_complete=entry.yes_or_no("must_be_complete"),
        versions=tuple(
            sorted(entry.entries("versions", lambda each: _version(each, identity)), key=lambda each: each.number)
        ),
        changes=tuple(
            _numbered(change, identity, number) for number, change in enumerate(entry.entries("changes", _change), 1)
        ),
    )


def agreement_entry(agreement: Agreement) -> Mapping[str, object]:
    """The entry of the directory file that `read_agreement` makes the same agreement of; changes that were decided in
    cases stay in the register alone."""
    return _without_empty(
        id=agreement.id,
        county=agreement.county,
        name=agreement.name,
        name_en=agreement.name_en,
        processes=list(agreement.processes),
        bodies=dict(agreement.bodies),
        local_groups=list(agreement.local_groups),
        review=_rhythm_entry(agreement.rhythm) if agreement.rhythm else None,
        settings=dict(agreement.settings),
        must_be_complete=agreement.must_be_complete or None,
        versions=[_version_entry(each) for each in agreement.versions],
        changes=[_change_entry(each) for each in agreement.changes if each.instance_id is None],
    )


def _rhythm(entry: Entry) -> Rhythm:
    begins, report = entry.day_of_year("begins"), entry.day_of_year("report", (3, 31))
    return Rhythm(
        process=entry.text("process"), month=begins[0], day=begins[1], report_month=report[0], report_day=report[1]
    )


def _rhythm_entry(rhythm: Rhythm) -> Mapping[str, object]:
    return {
        "process": rhythm.process,
        "begins": f"{rhythm.month:02}-{rhythm.day:02}",
        "report": f"{rhythm.report_month:02}-{rhythm.report_day:02}",
    }


def _version(entry: Entry, agreement_id: str) -> AgreementVersion:
    number = entry.whole_number("number", 1)
    return AgreementVersion(
        id=version_id(agreement_id, number),
        number=number,
        valid_from=entry.day_or_none("valid_from"),
        valid_until=entry.day_or_none("valid_until"),
        target_group=entry.text("target_group", ""),
        target_group_en=entry.text("target_group_en", ""),
        youngest=entry.whole_number_or_none("youngest"),
        oldest=entry.whole_number_or_none("oldest"),
        clauses=entry.entries("clauses", _clause),
        parties=entry.entries("parties", _adoption),
    )


def _version_entry(version: AgreementVersion) -> Mapping[str, object]:
    return _without_empty(
        number=version.number,
        valid_from=_iso(version.valid_from),
        valid_until=_iso(version.valid_until),
        target_group=version.target_group,
        target_group_en=version.target_group_en,
        youngest=version.youngest,
        oldest=version.oldest,
        clauses=[
            _without_empty(number=each.number, title=each.title, title_en=each.title_en, topic=each.topic)
            for each in version.clauses
        ],
        parties=[
            _without_empty(
                party=each.party_id,
                sectors=list(each.sectors),
                state=each.state.value,
                decided_on=_iso(each.decided_on),
                registration_number=each.registration_number,
                registrar=each.registrar,
                unit=each.unit,
            )
            for each in version.parties
        ],
    )


def _clause(entry: Entry) -> Clause:
    return Clause(
        number=entry.text("number"),
        title=entry.text("title"),
        title_en=entry.text("title_en", ""),
        topic=entry.text("topic", ""),
    )


def _adoption(entry: Entry) -> Adoption:
    return Adoption(
        party_id=entry.text("party"),
        sectors=entry.texts("sectors"),
        state=entry.one_of("state", {each.value: each for each in AdoptionState}, default=AdoptionState.IN_FORCE.value),
        decided_on=entry.day_or_none("decided_on"),
        registration_number=entry.text("registration_number", ""),
        registrar=entry.text_or_none("registrar"),
        unit=entry.text_or_none("unit"),
    )


def _change(entry: Entry) -> Change:
    return Change(
        id="",
        on=entry.day("on"),
        text=entry.text("change"),
        text_en=entry.text("change_en", ""),
        made_by=entry.text("by"),
        change_class=entry.one_of("class", {each.value: each for each in ChangeClass}),
        version=entry.whole_number_or_none("version"),
        decision=entry.text("decision", ""),
    )


def _numbered(change: Change, agreement_id: str, number: int) -> Change:
    # By its place in the file: imported again, the same row is the same change.
    return Change(**{**vars(change), "id": f"{agreement_id}:{number:04}"})


def _change_entry(change: Change) -> Mapping[str, object]:
    return _without_empty(
        **{
            "on": change.on.isoformat(),
            "change": change.text,
            "change_en": change.text_en,
            "by": change.made_by,
            "class": change.change_class.value,
            "version": change.version,
            "decision": change.decision,
        }
    )


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _without_empty(**entry: object) -> dict[str, object]:
    return {key: value for key, value in entry.items() if value not in (None, "", [], {})}


def dangling(directory: Directory) -> Iterator[tuple[str, str, str]]:
    """Ids of an agreement that lead nowhere: the agreement, what is named, and the id."""
    for each in directory.agreements.values():
        for role, body in each.bodies.items():
            if body not in directory.bodies:
                yield each.id, role, body
        for group in each.local_groups:
            if group not in directory.bodies:
                yield each.id, "local_groups", group
        for version in each.versions:
            for adoption in version.parties:
                if adoption.party_id not in directory.parties:
                    yield each.id, "party", adoption.party_id
                if adoption.registrar is not None and adoption.registrar not in directory.posts:
                    yield each.id, "registrar", adoption.registrar
                if adoption.unit is not None and adoption.unit not in directory.units:
                    yield each.id, "unit", adoption.unit


def lacking(directory: Directory, agreement: Agreement, *, on: date) -> tuple[Problem, ...]:
    """What the agreement lacks that day for its cases to find their way (domain.md 5), and when it runs out."""
    return tuple(_warned(agreement, code, *texts) for code, texts in _lacks(directory, agreement, on))


def is_incomplete(directory: Directory, agreement: Agreement, *, on: date) -> bool:
    """Whether something is missing; that a version runs out is not."""
    return any("expire" not in each.code for each in lacking(directory, agreement, on=on))


_Texts = tuple[tuple[str, str], tuple[str, str]]


def _lacks(directory: Directory, agreement: Agreement, on: date) -> Iterator[tuple[str, _Texts]]:
    version = agreement.practice_on(on)
    for code in agreements.expiry(agreement, on):
        assert version is not None  # noqa: S101 - only a version expires
        assert version.valid_until is not None  # noqa: S101
        yield code, _EXPIRY[code]
    if version is None:
        yield "no_version", _NO_VERSION
        return
    if "owner" not in agreement.bodies:
        yield "no_owner", _NO_OWNER
    if len(version.parties) < 2:
        yield "too_few_parties", _TOO_FEW
    if not version.target_group and version.youngest is None and version.oldest is None:
        yield "no_target_group", _NO_TARGET
    if agreement.rhythm is None:
        yield "no_review", _NO_REVIEW
    yield from _empty_roles(directory, agreement, on)
    for adoption in version.parties:
        party = directory.parties.get(adoption.party_id)
        if party is None:
            continue
        if adoption.registrar is None:
            yield (
                "no_registrar",
                (
                    (f"{party.name} har ingen registrator.", "Ange den befattning som tar emot beslut, i registrar."),
                    (f"{party.name} has no registrar.", "Name the post that receives decisions, in registrar."),
                ),
            )
        if party.type is not PartyType.PROVIDER and not _has_leadership(directory, party.id):
            yield (
                "no_leadership",
                (
                    (f"{party.name} har ingen befattning på nivå LEAD.", "Lägg till partens ledning i katalogen."),
                    (f"{party.name} has no post of level LEAD.", "Add the party's leadership to the directory."),
                ),
            )


def _empty_roles(directory: Directory, agreement: Agreement, on: date) -> Iterator[tuple[str, _Texts]]:
    for body_id in dict.fromkeys((*agreement.bodies.values(), *agreement.local_groups)):
        body = directory.bodies.get(body_id)
        if body is None:
            continue
        if body.chair is None or not holders(directory, body.chair, on):
            yield (
                "empty_role",
                (
                    (f"{body.name} har ingen ordförande.", "Ange en befattning som någon har, i chair."),
                    (f"{body.name_en or body.name} has no chair.", "Name a post that somebody holds, in chair."),
                ),
            )
        for post_id in body.posts:
            if post_id != body.chair and not holders(directory, post_id, on):
                post = directory.posts[post_id]
                yield (
                    "empty_role",
                    (
                        (f"Ingen är {post.name} i {body.name}.", "Ge någon befattningen i katalogen."),
                        (
                            f"Nobody is {post.name_en or post.name} in {body.name_en or body.name}.",
                            "Assign somebody in the directory.",
                        ),
                    ),
                )


def _has_leadership(directory: Directory, party_id: str) -> bool:
    return any(
        post.level is Level.LEAD and directory.units[post.unit_id].party_id == party_id
        for post in directory.posts.values()
    )


_EXPIRY: Mapping[str, _Texts] = {
    "expired": (
        ("Överenskommelsen har löpt ut.", "Besluta om förlängning eller en ny version. Till dess är texten praxis."),
        ("The agreement has expired.", "Decide on an extension or a new version. Until then the text is practice."),
    ),
    "expires_within_6_months": (
        ("Överenskommelsen löper ut inom 6 månader.", "Besluta om förlängning nu, eller skynda på en ny version."),
        ("The agreement expires within 6 months.", "Decide on an extension now, or hasten a new version."),
    ),
    "expires_within_12_months": (
        ("Överenskommelsen löper ut inom 12 månader.", "Börja arbetet med en ny version."),
        ("The agreement expires within 12 months.", "Begin the work on a new version."),
    ),
}
_NO_VERSION = (
    ("Ingen version har börjat gälla.", "Ange valid_from för den version som gäller."),
    ("No version has come into force.", "Give valid_from for the version that holds."),
)
_NO_OWNER = (
    ("Ingen äger överenskommelsen.", "Ange det organ som äger den, i bodies.owner."),
    ("Nobody owns the agreement.", "Name the body that owns it, in bodies.owner."),
)
_TOO_FEW = (
    ("Överenskommelsen har färre än två parter.", "Lägg till parterna i versionen."),
    ("The agreement has fewer than two parties.", "Add the parties to the version."),
)
_NO_TARGET = (
    ("Det står inte vilka barn som omfattas.", "Ange target_group och åldrarna youngest och oldest."),
    ("It does not say which children are covered.", "Give target_group and the ages youngest and oldest."),
)
_NO_REVIEW = (
    ("Ingen uppföljning är bestämd.", "Ange i katalogen vilket ärende som startar varje år, och vilken dag."),
    ("No review is set.", "Say in the directory which case starts each year, and on which day."),
)


def _warned(agreement: Agreement, code: str, swedish: tuple[str, str], english: tuple[str, str]) -> Problem:
    return Problem("warned", f"agreement.{code}", agreement.id, 0, *swedish, *english)
