"""The documents of a case, made when asked from what is stored: dossier, decision record and report. A document shows
shared values only, whoever asks, since it is handed on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flowsvc import documents
from flowsvc.documents import decision as decisions
from flowsvc.documents import dossier as dossiers
from flowsvc.documents.decision import Decider, Decision
from flowsvc.documents.dossier import Dossier, LevelTime, Meeting, Position, ProposalVersion, Reply
from flowsvc.documents.model import Document
from flowsvc.domain import labels
from flowsvc.domain.access import Action, Actor
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.domain.escalations import Acceptance, EscalationAnswer, Proposal
from flowsvc.domain.forms import words
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.tasks import Submission, UserTask
from flowsvc.domain.values import Variables
from flowsvc.store import escalations, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import case_reports, form_documents, models
from flowsvc.usecases.answers import Told
from flowsvc.usecases.case_material import (
    DECIDED,
    HELD,
    MEETING,
    MOVE,
    POSITION,
    SECURED,
    SETTLED,
    SIGNATURE,
    SIGNED,
    Material,
    cost_lines,
    day_of,
    interventions,
    text,
)
from flowsvc.usecases.context import Context
from flowsvc.usecases.escalation_queue import Stay
from flowsvc.usecases.people import post_name, present
from flowsvc.usecases.reading import open_instance


@dataclass(frozen=True)
class DocumentLink:
    """A document that can be made of the case."""

    template: str
    name: str


def offered(tx: Transaction, instance: ProcessInstance, *, language: str) -> tuple[DocumentLink, ...]:
    """The documents that the case's process offers (flowsvc:documents) and that there is something to say in."""
    facts = models.facts_of(models.pinned(tx, instance.pins, DefinitionKind.PROCESS, instance.process_key))
    named = [name.strip() for name in facts.properties.get("documents", "").split(",")]
    return tuple(
        DocumentLink(name, _title(tx, instance, name, language=language))
        for name in dict.fromkeys(named)
        if _has_content(tx, instance, name)
    )


def _has_content(tx: Transaction, instance: ProcessInstance, name: str) -> bool:
    if form_documents.is_form(name):
        return form_documents.has_content(tx, instance, name)
    return name in _TEMPLATES and _TEMPLATES[name].has_content(tx, instance)


def _title(tx: Transaction, instance: ProcessInstance, name: str, *, language: str) -> str:
    if form_documents.is_form(name):
        return form_documents.title(tx, instance, name, language=language)
    return _TEMPLATES[name].name[1 if language == "en" else 0]


def document(
    ctx: Context,
    actor: Actor,
    instance_id: str,
    template: str,
    *,
    form: Literal["html", "pdf"],
    language: str,
) -> bytes:
    """The document as it now stands, with the reading on record; NotFound where the case offers no such document."""
    opened = open_instance(ctx, actor, Action.READ_DOCUMENT, instance_id, items=[f"document:{template}"])
    with ctx.store.read() as tx:
        links = offered(tx, opened.instance, language=language)
        if template not in {each.template for each in links}:
            raise NotFound("Ärendet har inget sådant dokument.")
        material = Material(ctx, tx, opened.instance, language)
        if form_documents.is_form(template):
            made, template = form_documents.made(material, template), form_documents.TEMPLATE
        else:
            made = _TEMPLATES[template].make(material)
    return documents.render(template, made, form=form, language=language)


# The dossier


def _dossier(material: Material) -> Document:
    instance = material.instance
    report = next((each for each in material.submissions if each.task_id is None), None)
    made = Dossier(
        case_no=instance.business_key,
        matter=instance.title,
        parties=tuple(material.party(each.party_id) for each in instance.parties),
        level=material.level(),
        made_at=material.now,
        report=material.teller.shared(report) if report else (),
        interim=_interim(material),
        levels=tuple(
            LevelTime(
                material.visit(stay),
                stay.since,
                stay.until,
                material.days(stay.since, stay.until),
            )
            for stay in material.stays
        ),
        positions=tuple(_positions(material)),
        proposals=tuple(_proposals(material)),
        meetings=tuple(_meetings(material)),
    )
    return dossiers.document(made, zone=material.ctx.zone, language=material.language)


def _interim(material: Material) -> Told:
    row = material.escalation
    if row is None or (row.interim_party is None and row.interim_due_at is None):
        return ()
    told = [(material.say("Ansvarar under tiden", "Responsible meanwhile"), material.party(row.interim_party))]
    state = material.say("Inte säkrat", "Not secured")
    if row.interim_secured_at is not None:
        on = words.date_words(material.day(row.interim_secured_at), material.language)
        state = material.say(f"Säkrat {on}", f"Secured {on}")
    told.append((material.say("Barnets stöd", "The child's support"), state))
    for each in material.sent(SECURED):
        told.extend(material.teller.shared(each))
    return tuple(told)


def _positions(material: Material) -> Iterator[Position]:
    """Visit by visit, what each party owed and said."""
    answers = material.escalation.answers if material.escalation else ()
    for stay in material.stays:
        said = [each for each in material.sent(POSITION) if _during(stay, each.at)]
        owed = [each for each in answers if (each.level, each.visit) == (stay.level, stay.visit)]
        for answer in owed:
            own = [each for each in said if each.party_id == answer.party_id]
            if stay.until is not None and not own and answer.silent_at is None:
                # The level was left before the answer was due: nothing was said and nothing is owed.
                continue
            yield _position(material, stay, answer.party_id, answer, own[-1] if own else None)
        for each in said:
            if each.party_id not in {answer.party_id for answer in owed}:
                yield _position(material, stay, each.party_id, None, each)


def _during(stay: Stay, at: datetime) -> bool:
    return stay.since <= at and (stay.until is None or at <= stay.until)


def _position(
    material: Material, stay: Stay, party_id: str | None, owed: EscalationAnswer | None, sent: Submission | None
) -> Position:
    given_at = sent.at if sent else owed.given_at if owed else None
    return Position(
        party=material.party(party_id),
        level=material.visit(stay).lower(),
        due_on=(owed.due_on or material.day(owed.due_at)) if owed else None,
        given_at=given_at,
        given_by=material.by(sent.person_id, sent.post_id, sent.on_behalf_of) if sent else "",
        is_silent=owed is not None and owed.silent_at is not None,
        answers=material.teller.shared(sent) if sent else (),
    )


def _proposals(material: Material) -> Iterator[ProposalVersion]:
    by_id = {each.id: each for each in material.submissions}
    acceptances = escalations.acceptances_of(material.tx, material.instance.id)
    for each in escalations.proposals_of(material.tx, material.instance.id):
        sent = by_id.get(each.submission_id)
        yield ProposalVersion(
            version=each.version,
            party=material.party(each.party_id),
            made_by=material.by(each.person_id, each.post_id),
            at=each.at,
            answers=material.teller.without(sent, *MOVE) if sent else (),
            interventions=interventions(material, sent),
            costs=cost_lines(material, sent),
            replies=tuple(_reply(material, said) for said in acceptances if _answers(said, each)),
        )


def _answers(said: Acceptance, proposal: Proposal) -> bool:
    """An answer of somebody else: whoever makes a proposal accepts it by material it."""
    return said.version == proposal.version and said.submission_id != proposal.submission_id


def _reply(material: Material, said: Acceptance) -> Reply:
    return Reply(
        party=material.party(said.party_id),
        answer=labels.answer(said.answer, material.language),
        given_by=material.by(said.person_id, said.post_id),
        at=said.at,
        is_within_mandate=said.within_mandate,
    )


def _meetings(material: Material) -> Iterator[Meeting]:
    for each in material.sent(MEETING):
        if each.shared_values[MEETING] == HELD:
            yield Meeting(
                held_on=day_of(each.shared_values, "meeting_on") or material.day(each.at),
                participants=text(each.shared_values, "meeting_participants"),
                outcome=text(each.shared_values, "meeting_outcome"),
            )


# The decision record


def _decision(material: Material) -> Document:
    instance = material.instance
    written = [*material.sent(*DECIDED)][-1]
    values = written.shared_values
    after = [each for each in material.submissions if each.at >= written.at]
    signed = [each for each in after if each.shared_values.get(SIGNATURE) == SIGNED]
    unsigned = _unsigned(material)
    settled = next((each for each in after if each.shared_values.get(SETTLED) is not None), None)
    proposals = escalations.proposals_of(material.tx, instance.id)
    agreed = next((each for each in material.submissions if proposals and each.id == proposals[-1].submission_id), None)
    made = Decision(
        case_no=instance.business_key,
        decision_no=_number(material),
        matter=instance.title,
        level=material.level(),
        made_at=material.now,
        decided_at=signed[-1].at if signed and not unsigned else None,
        deciders=(*(_signer(material, each) for each in signed), *unsigned),
        content=text(values, "content"),
        reasons=text(values, "reasons"),
        child_best=text(values, "child_best"),
        child_view=text(values, "child_view"),
        not_heard_reason=next((text for _, text in material.teller.fields(written, "not_heard_reason")), "").lower(),
        interventions=interventions(material, agreed),
        costs=cost_lines(material, agreed),
        valid_from=day_of(values, "valid_from"),
        valid_until=day_of(values, "valid_to"),
        review_on=day_of(values, "review_on"),
        settlement=_settlement(values, settled),
        settlement_amount=_amount(settled),
        dissent=text(values, "dissent"),
        is_principle=values.get("is_principle") is True,
        lessons=text(values, "lessons"),
    )
    return decisions.document(made, zone=material.ctx.zone, language=material.language)


def _number(material: Material) -> str:
    number = material.variable("decision_no")
    taken = material.variable("decision")
    if number is None and isinstance(taken, dict):
        number = taken.get("number")
    return "" if number is None else str(number)


def _signer(material: Material, sent: Submission) -> Decider:
    known, language = material.known, material.language
    person = known.people.get(sent.person_id)
    return Decider(
        party=material.party(sent.party_id),
        name=person.name if person else sent.person_id,
        post=post_name(known, sent.post_id, language),
        on_behalf_of=post_name(known, sent.on_behalf_of, language),
        signed_at=sent.at,
    )


def _unsigned(material: Material) -> tuple[Decider, ...]:
    """Those whose signature is still asked for."""
    waiting = [
        task for task in tasks.of_instance(material.tx, material.instance.id, open_only=True) if _asks(material, task)
    ]
    return tuple(
        Decider(
            party=material.party(task.party_id),
            name=", ".join(present(material.known, task.candidate_posts, material.ctx.today())) or "–",
            post=", ".join(post_name(material.known, post, material.language) for post in task.candidate_posts),
        )
        for task in waiting
    )


def _asks(material: Material, task: UserTask) -> bool:
    form = models.pinned_form(material.ctx, material.tx, task.form_definition_id)
    return form is not None and any(spec.key == SIGNATURE for spec in form.fields())


def _settlement(values: Variables, settled: Submission | None) -> str:
    note = text(settled.shared_values, "settlement_note") if settled else ""
    return "\n\n".join(filter(None, (text(values, "settlement_text"), note)))


def _amount(settled: Submission | None) -> int | None:
    value = settled.shared_values.get(SETTLED) if settled else None
    return int(value) if isinstance(value, int | float) else None


def _has_escalation(tx: Transaction, instance: ProcessInstance) -> bool:
    return escalations.of_instance(tx, instance.id) is not None


def _has_decision(tx: Transaction, instance: ProcessInstance) -> bool:
    return any(
        all(each.shared_values.get(field) is not None for field in DECIDED)
        for each in tasks.submissions_of(tx, instance.id)
    )


@dataclass(frozen=True)
class _Template:
    name: tuple[str, str]
    has_content: Callable[[Transaction, ProcessInstance], bool]
    make: Callable[[Material], Document]


_TEMPLATES: Mapping[str, _Template] = {
    "dossier": _Template(("Underlag inför nästa nivå", "Dossier for the next level"), _has_escalation, _dossier),
    "decision": _Template(
        ("Beslut om ansvar och kostnad", "Decision on responsibility and cost"), _has_decision, _decision
    ),
    "report": _Template(("Rapport", "Report"), case_reports.has_report, case_reports.report),
}
