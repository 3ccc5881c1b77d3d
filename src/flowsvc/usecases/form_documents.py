"""Documents of what was sent with one form, such as a plan or a decision: `form:<key>` among the documents that a
process offers. No form is known here by its key."""

from flowsvc.documents import record as records
from flowsvc.documents.model import Document
from flowsvc.documents.record import Record, Rows, Sent
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.forms import Form
from flowsvc.domain.forms.model import flat
from flowsvc.domain.instances import ProcessInstance
from flowsvc.store import definitions, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models
from flowsvc.usecases.case_material import Material

PREFIX = "form:"
TEMPLATE = "record"


def is_form(name: str) -> bool:
    """Whether the name of a document says of which form it is."""
    return name.startswith(PREFIX)


def has_content(tx: Transaction, instance: ProcessInstance, name: str) -> bool:
    """Whether anything has been sent with the form."""
    used = {each.form_definition_id for each in tasks.submissions_of(tx, instance.id)} - {None}
    return any(definitions.by_id(tx, each).key == _key(name) for each in used if each is not None)


def title(tx: Transaction, instance: ProcessInstance, name: str, *, language: str) -> str:
    """What the form is called."""
    found = models.pinned(tx, instance.pins, DefinitionKind.FORM, _key(name))
    return (found.name_en if language == "en" else "") or found.name


def made(material: Material, name: str) -> Document:
    """All that was sent with the form and that all parties may see, newest first."""
    teller, instance = material.teller, material.instance
    forms = ((each, teller.form(each)) for each in material.submissions)
    sent = [(each, form) for each, form in forms if form is not None and form.key == _key(name)]
    record = Record(
        title=title(material.tx, instance, name, language=material.language),
        case_no=instance.business_key,
        matter=instance.title,
        parties=tuple(material.party(each.party_id) for each in instance.parties),
        made_at=material.now,
        sent=tuple(
            Sent(
                at=each.at,
                by=material.by(each.person_id, each.post_id, each.on_behalf_of),
                party=material.party(each.party_id),
                answers=teller.without(each, *_repeating(form)),
                rows=tuple(Rows(rows.title, rows.header, rows.rows) for rows in teller.rows(each)),
            )
            for each, form in reversed(sent)
        ),
    )
    return records.document(record, zone=material.ctx.zone, language=material.language)


def _repeating(form: Form) -> list[str]:
    return [each.key for each in flat(form.components) if each.type == "dynamiclist"]


def _key(name: str) -> str:
    return name.removeprefix(PREFIX)
