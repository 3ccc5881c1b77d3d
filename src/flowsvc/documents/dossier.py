"""The dossier of an escalation (AF4): all that the next level needs, in one document. Hides its order and wording."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from flowsvc.documents.model import Block, Document, Heading, Note, Paragraph, Table
from flowsvc.documents.telling import Answers, CostLine, Intervention, Teller

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class Position:
    """What a party owed at a level and what it said. `given_by` is the name, the post and on whose behalf; silence
    stays on record even where an answer came later."""

    party: str
    level: str
    due_on: date | None
    given_at: datetime | None = None
    given_by: str = ""
    is_silent: bool = False
    answers: Answers = ()


@dataclass(frozen=True)
class Reply:
    """A party's answer to one version of a proposal."""

    party: str
    answer: str
    given_by: str
    at: datetime
    is_within_mandate: bool = True


@dataclass(frozen=True)
class ProposalVersion:
    """One version of a proposal and what the parties answered to it."""

    version: int
    party: str
    made_by: str
    at: datetime
    answers: Answers = ()
    interventions: tuple[Intervention, ...] = ()
    costs: tuple[CostLine, ...] = ()
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True)
class Meeting:
    """A joint meeting: when, who was there and what came of it."""

    held_on: date
    participants: str
    outcome: str


@dataclass(frozen=True)
class LevelTime:
    """How long the matter stood at a level; `until` is None where it stands there now."""

    level: str
    since: datetime
    until: datetime | None
    working_days: int


@dataclass(frozen=True)
class Dossier:
    """Everything that happened in an escalation so far, as it is handed over to the next level."""

    case_no: str
    matter: str
    parties: tuple[str, ...]
    level: str
    made_at: datetime
    report: Answers
    interim: Answers
    levels: tuple[LevelTime, ...]
    positions: tuple[Position, ...]
    proposals: tuple[ProposalVersion, ...] = ()
    meetings: tuple[Meeting, ...] = ()


def document(dossier: Dossier, *, zone: str, language: str) -> Document:
    """The dossier as a document. Every part is there; where there is nothing to tell, the document says so."""
    say = Teller(zone, language)
    return Document(
        title=say("Underlag inför nästa nivå", "Dossier for the next level"),
        case_no=dossier.case_no,
        made_at=dossier.made_at.astimezone(say.zone),
        about=(
            (say("Saken", "Matter"), dossier.matter),
            (say("Parter", "Parties"), "\n".join(dossier.parties)),
            (say("Nivå", "Level"), dossier.level),
        ),
        blocks=(
            Heading(say("Anmälan", "Report")),
            say.answers(*dossier.report),
            Heading(say("Ansvar under tiden", "Interim responsibility")),
            say.answers(*dossier.interim),
            Heading(say("Tid på varje nivå", "Time at each level")),
            _levels(dossier.levels, say),
            Heading(say("Parternas ståndpunkter", "Positions of the parties")),
            *_told(dossier.positions, _position, say),
            Heading(say("Förslag", "Proposals")),
            *_told(dossier.proposals, _proposal, say),
            Heading(say("Möten", "Meetings")),
            *_told(dossier.meetings, _meeting, say),
        ),
    )


def _levels(levels: tuple[LevelTime, ...], say: Teller) -> Block:
    if not levels:
        return say.nothing()
    return Table(
        caption=say("Så länge har ärendet stått på varje nivå", "How long the matter has stood at each level"),
        header=(say("Nivå", "Level"), say("Från", "From"), say("Till", "Until"), say("Arbetsdagar", "Working days")),
        rows=tuple(
            (
                each.level,
                say.at(each.since),
                say.at(each.until) if each.until else say("pågår", "now"),
                str(each.working_days),
            )
            for each in levels
        ),
        numeric=frozenset({3}),
    )


def _told(
    things: tuple[_Thing, ...], tell: Callable[[_Thing, Teller], Iterator[Block]], say: Teller
) -> Iterator[Block]:
    if not things:
        yield say.nothing()
    for each in things:
        yield from tell(each, say)


def _position(each: Position, say: Teller) -> Iterator[Block]:
    yield Heading(f"{each.party}, {each.level}", 3)
    if each.is_silent:
        by = say.on(each.due_on)
        yield Note(
            say(
                f"{each.party} hade inte svarat {by}, när tiden gick ut. Tystnad är inte samtycke.",
                f"{each.party} had not answered by {by}, when the time was up. Silence is not consent.",
            )
        )
    if each.given_at is not None:
        given = ((say("Lämnad", "Given"), say.at(each.given_at)), (say("Av", "By"), each.given_by))
        yield say.answers(*given, *each.answers)
    elif not each.is_silent:
        by = say.on(each.due_on)
        yield Paragraph(say(f"Svar väntas senast {by}.", f"An answer is due by {by}."))


def _proposal(each: ProposalVersion, say: Teller) -> Iterator[Block]:
    yield Heading(f"Version {each.version}, {each.party}", 3)
    made = ((say("Lämnat", "Made"), say.at(each.at)), (say("Av", "By"), each.made_by))
    yield say.answers(*made, *each.answers)
    yield from say.interventions(each.interventions)
    yield from say.costs(each.costs)
    if not each.replies:
        yield Paragraph(say("Ingen part har svarat på den här versionen.", "No party has answered this version."))
        return
    beyond = say("utanför sitt mandat", "beyond their mandate")
    yield Table(
        caption=say(f"Svar på version {each.version}", f"Answers to version {each.version}"),
        header=(say("Part", "Party"), say("Svar", "Answer"), say("Av", "By"), say("När", "When")),
        rows=tuple(
            (
                reply.party,
                reply.answer if reply.is_within_mandate else f"{reply.answer} ({beyond})",
                reply.given_by,
                say.at(reply.at),
            )
            for reply in each.replies
        ),
    )


def _meeting(each: Meeting, say: Teller) -> Iterator[Block]:
    held = say.on(each.held_on)
    yield Heading(say(f"Möte {held}", f"Meeting {held}"), 3)
    yield say.answers((say("Deltagare", "Participants"), each.participants), (say("Resultat", "Outcome"), each.outcome))
