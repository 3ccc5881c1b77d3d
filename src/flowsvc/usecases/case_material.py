"""Everything stored of one instance that its documents are made of. What lies in forms is found by the keys of their
fields; only what is shared between the parties is read."""

from collections.abc import Iterator
from datetime import date, datetime

from flowsvc.documents.telling import CostLine, Intervention
from flowsvc.domain import calendar, labels
from flowsvc.domain.directory import Directory
from flowsvc.domain.escalations import Escalation
from flowsvc.domain.forms import words
from flowsvc.domain.forms.model import flat
from flowsvc.domain.instances import ProcessInstance, Variable
from flowsvc.domain.tasks import Submission
from flowsvc.domain.values import Value, Variables
from flowsvc.store import escalations, instances, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.advance import scopes_of
from flowsvc.usecases.answers import Teller, teller
from flowsvc.usecases.context import Context
from flowsvc.usecases.escalation_queue import Stay, stays_of, working_days_at
from flowsvc.usecases.people import party_name, post_name, who

# The keys of form fields that the documents are made of.
POSITION = "stance"
DECIDED = ("content", "reasons")
SIGNATURE, SIGNED = "signature", "sign"
MEETING, HELD = "meeting_held", "yes"
SECURED = "secured_how"
SETTLED = "settlement_amount"
INTERVENTIONS, COSTS = "interventions", "cost_lines"
MOVE = ("action", "version", INTERVENTIONS, COSTS)
"""What a proposal's own text is without: the move itself, and the tables."""


class Material:
    """The rows of one instance, and its words in one language."""

    def __init__(self, ctx: Context, tx: Transaction, instance: ProcessInstance, language: str) -> None:
        self.ctx, self.tx, self.instance, self.language = ctx, tx, instance, language
        self.known: Directory = tx.directory()
        self.now = ctx.clock.now()
        self.shared = [row for row in instances.variables_of(tx, instance.id) if row.owner_party is None]
        self.teller: Teller = teller(ctx, tx, scopes_of(self.shared)[""], language=language)
        self.submissions = tasks.submissions_of(tx, instance.id)
        self.escalation: Escalation | None = escalations.of_instance(tx, instance.id)
        self.stays = stays_of(tx, instance.id)

    def say(self, swedish: str, english: str) -> str:
        """The one of the two texts that is asked for."""
        return english if self.language == "en" else swedish

    def party(self, party_id: str | None) -> str:
        """The party by name."""
        return party_name(self.known, party_id, self.language)

    def by(self, person_id: str | None, post_id: str | None, on_behalf_of: str | None = None) -> str:
        """Name and post, and in whose place."""
        named = who(self.known, person_id, post_id, language=self.language)
        if not on_behalf_of:
            return named
        place = post_name(self.known, on_behalf_of, self.language)
        return f"{named} ({self.say('i stället för', 'in place of')} {place})"

    def level(self) -> str:
        """The level at which the matter stands or ended."""
        row = self.escalation
        return labels.visit(row.level, row.visit, self.language) if row else "–"

    def visit(self, stay: Stay) -> str:
        """The level, and which time the matter stood there where it was not the first."""
        return labels.visit(stay.level, stay.visit, self.language)

    def day(self, at: datetime) -> date:
        """The local date of the moment."""
        return calendar.local_date(at, self.ctx.zone)

    def days(self, since: datetime, until: datetime | None) -> int:
        """The working days between, until now where there is no end."""
        closed = frozenset(day.on for day in self.known.closed_days)
        return working_days_at(since, until or self.now, zone=self.ctx.zone, closed=closed)

    def sent(self, *fields: str) -> Iterator[Submission]:
        """What was sent with a form that has all the fields filled in, oldest first."""
        return (each for each in self.submissions if all(each.shared_values.get(f) is not None for f in fields))

    def variable(self, name: str) -> Value:
        """The value that was last set under the name, in whatever scope; None where there is none."""
        found: list[Variable] = sorted((v for v in self.shared if v.name == name), key=lambda v: v.set_at)
        return found[-1].value if found else None


def _rows(sent: Submission | None, name: str) -> list[Variables]:
    found = sent.shared_values.get(name) if sent else None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def interventions(material: Material, sent: Submission | None) -> tuple[Intervention, ...]:
    """Who does what from when, as the proposal has it."""
    return tuple(
        Intervention(
            what=text(row, "what"),
            who=material.party(text(row, "who")),
            scope=text(row, "scope"),
            where=text(row, "where"),
            from_on=day_of(row, "from"),
            until_on=day_of(row, "to"),
            review_on=day_of(row, "review_date"),
        )
        for row in _rows(sent, INTERVENTIONS)
    )


def cost_lines(material: Material, sent: Submission | None) -> tuple[CostLine, ...]:
    """Who pays which share of what, as the proposal has it."""
    kinds = _choices(material, sent, COSTS, "cost_type")
    return tuple(
        CostLine(
            what=kinds.get(text(row, "cost_type"), text(row, "cost_type")),
            payer=material.party(text(row, "payer")),
            share=_share(row.get("share"), material.language),
            period=text(row, "period"),
        )
        for row in _rows(sent, COSTS)
    )


def _choices(material: Material, sent: Submission | None, rows: str, field: str) -> dict[str, str]:
    """The words for what can be chosen in a field of repeating rows."""
    form = material.teller.form(sent) if sent else None
    of_rows = (each for each in flat(form.components) if each.key == rows) if form else iter(())
    parts = (part for each in of_rows for part in flat(each.parts) if part.key == field)
    return {choice.value: choice.words(material.language) for part in parts for choice in part.options}


def _share(value: Value, language: str) -> str:
    if not isinstance(value, int | float):
        return "–"
    return f"{words.number_words(value, language)}\N{NO-BREAK SPACE}%"


def text(values: Variables, name: str) -> str:
    """The value as text; empty where there is none."""
    value = values.get(name)
    return "" if value is None else str(value)


def day_of(values: Variables, name: str) -> date | None:
    """The value where it is a date."""
    value = values.get(name)
    return value if isinstance(value, date) and not isinstance(value, datetime) else None
