"""What the documents share: form answers, interventions and costs as blocks, in one language and one zone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from flowsvc.documents import wording
from flowsvc.documents.model import Block, Paragraph, Table, Terms

Answers: TypeAlias = tuple[tuple[str, str], ...]
"""What a form says: labels and answers, both as people read them."""


@dataclass(frozen=True)
class Intervention:
    """One line of who does what from when."""

    what: str
    who: str
    scope: str = ""
    where: str = ""
    from_on: date | None = None
    until_on: date | None = None
    review_on: date | None = None


@dataclass(frozen=True)
class CostLine:
    """One payer's share of one kind of cost; `share` as people read it, in per cent or kronor."""

    what: str
    payer: str
    share: str
    period: str = ""


class Teller:
    """Says things in Swedish or English and tells times in one zone."""

    def __init__(self, zone: str, language: str) -> None:
        self.zone = ZoneInfo(zone)
        self.language = language

    def __call__(self, swedish: str, english: str) -> str:
        """The one of the two texts that is asked for."""
        return english if self.language == "en" else swedish

    def at(self, moment: datetime | None) -> str:
        """The moment in words, in the zone."""
        return wording.moment(moment.astimezone(self.zone) if moment else None, self.language)

    def on(self, day: date | None) -> str:
        """The date in words."""
        return wording.day(day, self.language)

    def nothing(self) -> Paragraph:
        """That there is nothing to tell."""
        return Paragraph(self("Inget är noterat.", "Nothing is recorded."))

    def answers(self, *answers: tuple[str, str]) -> Block:
        """The answers of a form; a dash for what was left empty."""
        return Terms(tuple((label, text.strip() or "–") for label, text in answers)) if answers else self.nothing()

    def text(self, text: str) -> Paragraph:
        """The text, or that there is none."""
        return Paragraph(text) if text.strip() else self.nothing()

    def interventions(self, lines: tuple[Intervention, ...]) -> tuple[Block, ...]:
        """The interventions as a table; nothing where there are none."""
        header = (
            self("Insats", "Intervention"),
            self("Vem", "Who"),
            self("Omfattning och plats", "Scope and place"),
            self("Från", "From"),
            self("Till", "Until"),
            self("Följs upp", "Review"),
        )
        rows = tuple(
            (
                line.what,
                line.who,
                ", ".join(filter(None, (line.scope, line.where))) or "–",
                *map(self.on, (line.from_on, line.until_on, line.review_on)),
            )
            for line in lines
        )
        return (Table(self("Insatser", "Interventions"), header, rows),) if rows else ()

    def costs(self, lines: tuple[CostLine, ...]) -> tuple[Block, ...]:
        """The distribution of costs as a table; nothing where there is none."""
        header = (
            self("Kostnad", "Cost"),
            self("Betalare", "Payer"),
            self("Period", "Period"),
            self("Andel", "Share"),
        )
        rows = tuple((line.what, line.payer, line.period or "–", line.share) for line in lines)
        caption = self("Kostnadsfördelning", "Distribution of costs")
        return (Table(caption, header, rows, frozenset({3})),) if rows else ()
