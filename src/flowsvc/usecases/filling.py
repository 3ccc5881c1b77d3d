"""Forms in use: what a form is asked about, its choices, and how what people sent becomes a submission."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flowsvc.domain import directory as directories
from flowsvc.domain import forms
from flowsvc.domain.access import ActingPost, Actor, ActorKind
from flowsvc.domain.directory import Directory
from flowsvc.domain.forms import Choices, Form, Submitted
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.tasks import Submission
from flowsvc.domain.values import Value, ValueType, Variables
from flowsvc.store import attachments, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.advance import Cause
from flowsvc.usecases.context import Context

CHOICE_SOURCES = ("units", "counterparts", "parties", "agreements")


@dataclass(frozen=True)
class Sent:
    """What was sent with a form: either fields of a web form, or variables of the API."""

    fields: Submitted | None = None
    variables: "Variables | None" = None
    one_time_key: str = ""
    language: str = "sv"


@dataclass(frozen=True)
class Filled:
    """A valid form: its values with their types, and which of them stay inside the party."""

    values: Variables
    types: Mapping[str, ValueType]
    own: frozenset[str]


def choices_for(directory: Directory, actor: Actor) -> Choices:
    """The options that forms may draw from the directory. A program belongs to no party: every unit may be its side or
    the other's."""
    posts = tuple(post.post_id for post in actor.posts if post.on_behalf_of is None)
    found = {source: directories.options(directory, source, posts=posts) for source in CHOICE_SOURCES}
    if actor.kind is not ActorKind.PERSON:
        found["units"] = directories.options(directory, "units", posts=tuple(directory.posts))
    return found


def fill(ctx: Context, form: Form | None, sent: Sent, *, known: Variables, choices: Choices, now: datetime) -> Filled:
    """The values of a valid form; FormInvalid says per field what is wrong. Without a form variables are as sent."""
    if form is None:
        return Filled(values=dict(sent.variables or {}), types={}, own=frozenset())

    def evaluate(texts: Sequence[str], variables: Variables) -> Sequence[Value]:
        return ctx.evaluate(texts, variables, now=now)

    if sent.fields is not None:
        values = forms.validate(
            form,
            sent.fields,
            known=known,
            choices=choices,
            evaluate=evaluate,
            today=ctx.today(),
            language=sent.language,
        )
    else:
        values = forms.validate_variables(
            form,
            sent.variables or {},
            known=known,
            choices=choices,
            evaluate=evaluate,
            today=ctx.today(),
            language=sent.language,
        )
    specs = form.fields()
    # What was not asked is nothing, unless it has been answered before: a diagram may name every field of its forms.
    unasked: Variables = {spec.key: None for spec in specs if spec.key not in known}
    return Filled(
        values=unasked | values,
        types={spec.key: spec.type for spec in specs},
        own=frozenset(spec.key for spec in specs if spec.visibility == "party"),
    )


def submit(
    ctx: Context,
    tx: Transaction,
    actor: Actor,
    *,
    acting: ActingPost | None,
    instance: ProcessInstance,
    task_id: str | None,
    form_definition_id: str | None,
    filled: Filled,
    one_time_key: str,
    now: datetime,
) -> Submission:
    """The submission stands, immutable, with the post acted as and for whom."""
    submission = Submission(
        id=ctx.clock.new_id(),
        instance_id=instance.id,
        task_id=task_id,
        form_definition_id=form_definition_id,
        person_id=actor.person_id,
        post_id=acting.post_id if acting else None,
        on_behalf_of=acting.on_behalf_of if acting else None,
        party_id=acting.party_id if acting else None,
        at=now,
        replaces=None,
        one_time_key=one_time_key or ctx.clock.new_id(),
        shared_values={name: value for name, value in filled.values.items() if name not in filled.own},
        own_values={name: value for name, value in filled.values.items() if name in filled.own},
    )
    tasks.add_submission(tx, submission)
    owners = {
        file: submission.party_id if name in filled.own else None
        for name, value in filled.values.items()
        for file in _files([value])
    }
    attachments.bind(tx, instance_id=instance.id, submission=submission, ids=list(owners), owner_parties=owners)
    return submission


def _files(values: Sequence[Value]) -> Sequence[str]:
    """The ids of all uploaded files within the values."""
    found: list[str] = []
    for value in values:
        if isinstance(value, dict):
            if set(value) == {"file", "name"}:
                found.append(str(value["file"]))
            else:
                found.extend(_files(list(value.values())))
        elif isinstance(value, list):
            found.extend(_files(value))
    return found


def cause_of(actor: Actor, acting: ActingPost | None, filled: Filled, *, element_id: str) -> Cause:
    """The cause of the step that follows from a form filled in for the element."""
    return Cause(
        element_id=element_id,
        person_id=actor.person_id or None,
        post_id=acting.post_id if acting else None,
        on_behalf_of=acting.on_behalf_of if acting else None,
        party_id=acting.party_id if acting else None,
        types=filled.types,
        own=filled.own,
    )
