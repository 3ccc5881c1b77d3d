"""The record of what was sent with one form: a plan, a decision, a memo. Hides how answers and rows become blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flowsvc.documents.model import Block, Document, Heading, Table, Terms
from flowsvc.documents.telling import Answers, Teller

WIDEST = 5
"""More columns than this cannot be read on paper: then each row is told by itself."""


@dataclass(frozen=True)
class Rows:
    """A repeating field: its title, its columns and what stands in each row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Sent:
    """What somebody sent with the form: when, who, and the answers."""

    at: datetime
    by: str
    party: str
    answers: Answers
    rows: tuple[Rows, ...] = ()


@dataclass(frozen=True)
class Record:
    """All that has been sent with one form in a case, newest first."""

    title: str
    case_no: str
    matter: str
    parties: tuple[str, ...]
    made_at: datetime
    sent: tuple[Sent, ...]


def document(record: Record, *, zone: str, language: str) -> Document:
    """The record as a document, each sending under a heading of its own."""
    say = Teller(zone, language)
    return Document(
        title=record.title,
        case_no=record.case_no,
        made_at=record.made_at.astimezone(say.zone),
        about=((say("Saken", "Matter"), record.matter), (say("Parter", "Parties"), "\n".join(record.parties))),
        blocks=tuple(block for each in record.sent for block in _sent(each, say)),
    )


def _sent(each: Sent, say: Teller) -> Iterator[Block]:
    at = say.at(each.at)
    yield Heading(say(f"Lämnat {at}", f"Sent {at}"))
    # Who has a post there is told with its party already.
    by = each.by if each.party and each.party in each.by else ", ".join(filter(None, (each.by, each.party)))
    yield say.answers((say("Av", "By"), by), *each.answers)
    for rows in each.rows:
        yield from _rows(rows)


def _rows(rows: Rows) -> Iterator[Block]:
    if len(rows.header) <= WIDEST:
        yield Heading(rows.title, 3)
        yield Table(rows.title, rows.header, rows.rows)
        return
    for number, row in enumerate(rows.rows, 1):
        yield Heading(f"{rows.title} {number}", 3)
        yield Terms(tuple(zip(rows.header, row, strict=True)))
