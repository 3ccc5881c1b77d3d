"""The decision record of responsibility and cost (AF5): one decider per party, reasons, the child, money, validity.
Hides its order and wording."""

from dataclasses import dataclass
from datetime import date, datetime

from flowsvc.documents import wording
from flowsvc.documents.model import Block, Document, Heading, Note, Paragraph, Signature, Signatures
from flowsvc.documents.telling import CostLine, Intervention, Teller


@dataclass(frozen=True)
class Decider:
    """Who decides for a party: as which post, by which delegation, in whose place; unsigned until `signed_at`."""

    party: str
    name: str
    post: str
    delegation: str = ""
    on_behalf_of: str = ""
    signed_at: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """A decision in a matter of responsibility and cost. `not_heard_reason` says why the child was not heard;
    amounts are öre."""

    case_no: str
    decision_no: str
    matter: str
    level: str
    made_at: datetime
    decided_at: datetime | None
    deciders: tuple[Decider, ...]
    content: str
    reasons: str
    child_best: str
    child_view: str
    not_heard_reason: str = ""
    interventions: tuple[Intervention, ...] = ()
    costs: tuple[CostLine, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    review_on: date | None = None
    settlement: str = ""
    settlement_amount: int | None = None
    dissent: str = ""
    is_principle: bool = False
    lessons: str = ""


def document(decision: Decision, *, zone: str, language: str) -> Document:
    """The decision as a document; a part that the law asks for and that is missing is pointed out, never left out."""
    say = Teller(zone, language)
    return Document(
        title=say("Beslut i fråga om ansvar och kostnad", "Decision on responsibility and cost"),
        case_no=decision.case_no,
        made_at=decision.made_at.astimezone(say.zone),
        about=(
            (say("Beslutsnummer", "Decision number"), decision.decision_no or "–"),
            (say("Saken", "Matter"), decision.matter),
            (say("Beslutsnivå", "Level"), decision.level),
            (say("Beslutsdatum", "Date of decision"), say.at(decision.decided_at)),
        ),
        blocks=(
            Heading(say("Beslut", "Decision")),
            say.text(decision.content),
            *say.interventions(decision.interventions),
            *say.costs(decision.costs),
            Heading(say("Skäl", "Reasons")),
            _asked_for(decision.reasons, say("Beslutet saknar skäl.", "The decision gives no reasons.")),
            Heading(say("Barnets bästa", "Best interests of the child")),
            _asked_for(
                decision.child_best, say("Barnets bästa är inte bedömt.", "The best interests are not assessed.")
            ),
            Heading(say("Barnets åsikt", "The child's view")),
            *_child_view(decision, say),
            Heading(say("Giltighet", "Validity")),
            say.answers(
                (say("Gäller från", "Valid from"), say.on(decision.valid_from)),
                (
                    say("Gäller till", "Valid until"),
                    say.on(decision.valid_until)
                    if decision.valid_until
                    else say("tills vidare", "until further notice"),
                ),
                (say("Omprövas", "Reviewed"), say.on(decision.review_on)),
            ),
            Heading(say("Reglering av kostnader under tiden", "Settlement of interim costs")),
            *_settlement(decision, say),
            *_optional(say("Avvikande mening", "Dissenting opinion"), decision.dissent),
            *_optional(say("Förslag till förbättring", "Proposed improvement"), decision.lessons),
            Heading(say("Principfråga", "Question of principle")),
            say.text(
                say("Ja, lämnas vidare utan uppgifter om barnet.", "Yes, passed on without data about the child.")
                if decision.is_principle
                else say("Nej.", "No.")
            ),
            Heading(say("Beslutsfattare", "Deciders")),
            *_deciders(decision.deciders, say),
        ),
    )


def _asked_for(text: str, otherwise: str) -> Block:
    return Paragraph(text) if text.strip() else Note(otherwise)


def _child_view(decision: Decision, say: Teller) -> tuple[Block, ...]:
    if decision.child_view.strip():
        return (Paragraph(decision.child_view),)
    why = decision.not_heard_reason.strip() or say("inget skäl är angivet", "no reason is given")
    return (Note(say(f"Barnet har inte hörts: {why}.", f"The child has not been heard: {why}.")),)


def _settlement(decision: Decision, say: Teller) -> tuple[Block, ...]:
    if decision.settlement_amount is None:
        return (say.text(decision.settlement),)
    amount = wording.kronor(decision.settlement_amount, say.language)
    told = say.answers((say("Belopp", "Amount"), amount))
    return (told, Paragraph(decision.settlement)) if decision.settlement.strip() else (told,)


def _optional(heading: str, text: str) -> tuple[Block, ...]:
    return (Heading(heading), Paragraph(text)) if text.strip() else ()


def _deciders(deciders: tuple[Decider, ...], say: Teller) -> tuple[Block, ...]:
    if not deciders:
        return (Note(say("Ingen har undertecknat beslutet.", "Nobody has signed the decision.")),)
    return (Signatures(tuple(_signature(each, say) for each in deciders)),)


def _signature(decider: Decider, say: Teller) -> Signature:
    place = say(f"i stället för {decider.on_behalf_of}", f"in place of {decider.on_behalf_of}")
    delegation = say(f"delegation {decider.delegation}", f"delegation {decider.delegation}")
    parts = (decider.post, place if decider.on_behalf_of else "", delegation if decider.delegation else "")
    return Signature(
        name=decider.name,
        post=", ".join(filter(None, parts)),
        party=decider.party,
        signed=say("Undertecknat", "Signed") + f" {say.at(decider.signed_at)}"
        if decider.signed_at
        else say("Inte undertecknat", "Not signed"),
    )
