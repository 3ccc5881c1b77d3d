"""The report of a case: what its process's own forms say (flowsvc:reportForms), as a document. The forms give order,
headings and words in both languages, so that a process owner changes the report by changing a form."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from flowsvc.documents.model import Block, Document, Heading, Paragraph, Table, Terms
from flowsvc.domain import forms
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.forms import Form
from flowsvc.domain.forms.viewing import PartView
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.tasks import Submission
from flowsvc.domain.values import Value, Variables
from flowsvc.store import tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models
from flowsvc.usecases.case_material import Material


def has_report(tx: Transaction, instance: ProcessInstance) -> bool:
    """Whether the first of the report's forms has been sent."""
    wanted = _form_ids(tx, instance)
    return bool(wanted) and any(each.form_definition_id == wanted[0] for each in tasks.submissions_of(tx, instance.id))


def report(material: Material) -> Document:
    """The report as it now stands: each form's last submission, in the order that the process says."""
    instance = material.instance
    parties = [each.party_id for each in instance.parties]
    last = {each.form_definition_id: each for each in material.submissions}
    sent = [last[identity] for identity in _form_ids(material.tx, instance) if identity in last]
    return Document(
        title=instance.title,
        case_no=instance.business_key,
        made_at=material.now.astimezone(ZoneInfo(material.ctx.zone)),
        about=((material.say("Parter", "Parties"), ", ".join(map(material.party, parties))),),
        blocks=tuple(block for each in sent for block in _section(material, each)),
    )


def _form_ids(tx: Transaction, instance: ProcessInstance) -> list[str]:
    facts = models.facts_of(models.pinned(tx, instance.pins, DefinitionKind.PROCESS, instance.process_key))
    named = [name.strip() for name in facts.properties.get("reportForms", "").split(",") if name.strip()]
    return [models.pinned(tx, instance.pins, DefinitionKind.FORM, name).id for name in named]


def _section(material: Material, sent: Submission) -> Iterator[Block]:
    form = material.teller.form(sent)
    if form is None:
        return
    yield Heading(form.name_en if material.language == "en" and form.name_en else form.name)
    told = dict(material.teller.shared(sent))
    yield from _blocks(_parts(material, form, sent), told)


def _parts(material: Material, form: Form, sent: Submission) -> tuple[PartView, ...]:
    def evaluate(texts: Sequence[str], variables: Variables) -> Sequence[Value]:
        return material.ctx.evaluate(texts, variables, now=material.now)

    shown = forms.view(
        form,
        values=sent.shared_values,
        known=material.teller.known,
        errors={},
        choices=material.teller.choices,
        evaluate=evaluate,
        language=material.language,
        today=material.ctx.today(),
        zone=material.ctx.zone,
    )
    return shown.parts


def _blocks(parts: Sequence[PartView], told: dict[str, str]) -> Iterator[Block]:
    answers: list[tuple[str, str]] = []
    for part in parts:
        if part.kind not in _OWN and part.label in told:
            answers.append((part.label, told[part.label]))
            continue
        if answers:
            yield Terms(tuple(answers))
            answers = []
        yield from _block(part, told)
    if answers:
        yield Terms(tuple(answers))


_OWN = frozenset({"group", "text", "table", "dynamiclist"})


def _block(part: PartView, told: dict[str, str]) -> Iterator[Block]:
    match part.kind:
        case "group":
            yield Heading(part.label, level=3)
            yield from _blocks(part.parts, told)
        case "text":
            for each in part.paragraphs:
                yield Paragraph("".join(text for text, _ in each.runs))
        case "table" if part.cells:
            yield Table(part.label, part.header, tuple(tuple(cell or "–" for cell in row) for row in part.cells))
        case "dynamiclist" if part.rows:
            header = tuple(each.label for each in part.rows[0])
            yield Table(part.label, header, tuple(tuple(_cell(each) for each in row) for row in part.rows))


def _cell(part: PartView) -> str:
    chosen = [each.label for each in part.options if each.is_chosen]
    return ", ".join(chosen) or part.value or "–"
