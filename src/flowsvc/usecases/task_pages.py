"""A task, a start form or an offered message as a page: the form with what is known, the draft, who holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flowsvc.domain import forms
from flowsvc.domain.access import ActingPost, Action, Actor, require, require_task
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import InvalidInput, NotFound
from flowsvc.domain.forms import Form, FormView, Submitted
from flowsvc.domain.instances import InstanceStatus, ProcessInstance
from flowsvc.domain.tasks import Draft, TaskState, UserTask, require_open
from flowsvc.domain.values import Value, Variables
from flowsvc.store import instances, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import handing_over, messages, models, pictures
from flowsvc.usecases import instances as starting
from flowsvc.usecases.advance import scopes_of, stand
from flowsvc.usecases.answers import teller
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import choices_for
from flowsvc.usecases.inbox import TaskRow, may_read_case, task_row
from flowsvc.usecases.people import party_name, person_name, post_name
from flowsvc.usecases.reading import log_read, open_instance
from flowsvc.usecases.tasks import save_draft


@dataclass(frozen=True)
class TaskPage:
    """One task, with its form while it is open and with what was sent once it is closed."""

    task: TaskRow
    instance_id: str
    documentation: str
    form: FormView | None
    answers: tuple[tuple[str, str], ...]
    """What was sent, in words, of a closed task."""
    held_by: str
    held_as: str
    """The post as which the holder took it; empty where nobody holds it or it was handed over."""
    can_claim: bool
    can_unclaim: bool
    can_complete: bool
    can_hand_over: bool
    acting_as: str
    on_behalf_of: str
    draft_saved_at: datetime | None
    is_closed: bool
    is_cancelled: bool
    """Closed by the case's own course, with nobody's form."""
    closed_by: str
    closed_at: datetime | None


@dataclass(frozen=True)
class StartPage:
    """A form that is not a task's: a start form, or that of an offered message. `name` says what sending does."""

    key: str
    name: str
    documentation: str
    form: FormView | None
    draft_saved_at: datetime | None


@dataclass(frozen=True)
class _Asked:
    """A form, and what is needed to show or read it."""

    form: Form
    known: Variables


def task_page(
    ctx: Context,
    actor: Actor,
    task_id: str,
    *,
    language: str,
    sent: Submitted | None = None,
    errors: Mapping[str, str] | None = None,
) -> TaskPage:
    """The task as the actor sees it, with the reading on record. `sent` is shown again with its faults; else the form
    holds the actor's draft."""
    task, acting = _opened_task(ctx, actor, task_id)
    with ctx.store.read() as tx:
        instance = tx.instance(task.instance_id)
        known, is_open = tx.directory(), task.state is TaskState.OPEN
        lane = pictures.lane_name(ctx, tx, instance.pins, task, language=language)
        can_read = may_read_case(ctx, tx, actor, task)
        row = task_row(ctx, known, actor, task, language=language, lane=lane, can_read_case=can_read)
        found = pictures.drawn(ctx, tx, instance.pins, task.process_key, task.element_id)
        is_held_by_other = task.assignee not in (None, actor.person_id)
        asked = _asked_by_task(ctx, tx, instance, task, acting) if is_open else None
        place = f"task:{task.id}"
        draft = tasks.draft_of(tx, person_id=actor.person_id, place=place) if is_open else None
        return TaskPage(
            task=row,
            instance_id=task.instance_id,
            documentation=found.about(language) if found else "",
            form=_shown(ctx, tx, actor, asked, language=language, sent=sent, errors=errors, draft=draft),
            answers=() if is_open else _sent_with(ctx, tx, task, acting, language=language),
            held_by=person_name(known, task.assignee),
            held_as=post_name(known, task.assigned_post, language),
            can_claim=row.can_claim,
            can_unclaim=is_open and row.is_mine,
            can_complete=is_open and not is_held_by_other and _may_go_on(instance, task),
            can_hand_over=is_open and handing_over.may_hand_over(known, actor, task),
            acting_as=_as_post(known, acting, language),
            on_behalf_of=post_name(known, acting.on_behalf_of, language) if acting else "",
            draft_saved_at=draft.saved_at if draft else None,
            is_closed=not is_open,
            is_cancelled=task.state is TaskState.CANCELLED,
            closed_by=person_name(known, task.closed_by),
            closed_at=task.closed_at,
        )


def _as_post(known: Directory, acting: ActingPost | None, language: str) -> str:
    if acting is None:
        return ""
    post, party = post_name(known, acting.post_id, language), party_name(known, acting.party_id, language)
    return f"{post}, {party}"


def _opened_task(ctx: Context, actor: Actor, task_id: str) -> tuple[UserTask, ActingPost | None]:
    """The task and the post acted as, with the reading on record; NotFound where it is not the actor's to see."""
    action = Action.READ_TASK
    require(actor, action)
    with ctx.store.begin() as tx:
        task = tasks.by_id(tx, task_id)
        acting = require_task(actor, action, task)
        ground = "candidate" if acting else str(actor.kind)
        log_read(ctx, tx, actor, task.instance_id, action, ground=ground, items=[task.id], acting=acting)
    return task, acting


def _may_go_on(instance: ProcessInstance, task: UserTask) -> bool:
    return instance.status is InstanceStatus.RUNNING or (instance.is_resting and task.delivers_support)


def _asked_by_task(
    ctx: Context, tx: Transaction, instance: ProcessInstance, task: UserTask, acting: ActingPost | None
) -> _Asked | None:
    form = models.pinned_form(ctx, tx, task.form_definition_id)
    if form is None:
        return None
    return _Asked(form, visible_to(ctx, tx, instance, task.token, party=acting.party_id if acting else None))


def visible_to(ctx: Context, tx: Transaction, instance: ProcessInstance, token: str, *, party: str | None) -> Variables:
    """What is known at the token, without what another party keeps for itself."""
    footing = stand(ctx, tx, instance, now=ctx.clock.now())
    rows = [row for row in instances.variables_of(tx, instance.id) if row.owner_party in (None, party)]
    return ctx.engine.visible(footing.model, replace(footing.position, scopes=scopes_of(rows)), token=token)


def _sent_with(
    ctx: Context, tx: Transaction, task: UserTask, acting: ActingPost | None, *, language: str
) -> tuple[tuple[str, str], ...]:
    submission = next((s for s in tasks.submissions_of(tx, task.instance_id) if s.task_id == task.id), None)
    if submission is None:
        return ()
    shared = scopes_of([v for v in instances.variables_of(tx, task.instance_id) if v.owner_party is None])
    telling = teller(ctx, tx, shared[""], language=language)
    is_own = acting is not None and submission.party_id == acting.party_id
    return telling.shared(submission) + (telling.own(submission) if is_own else ())


def start_page(
    ctx: Context,
    actor: Actor,
    key: str,
    *,
    language: str,
    sent: Submitted | None = None,
    errors: Mapping[str, str] | None = None,
) -> StartPage:
    """The start form of a process that the actor may start; NotFound for any other."""
    startable = _startable(ctx, actor, key)
    with ctx.store.read() as tx:
        draft = tasks.draft_of(tx, person_id=actor.person_id, place=f"start:{key}")
        asked = _asked_by_start(ctx, tx, startable)
        english = language == "en"
        return StartPage(
            key=key,
            name=(startable.name_en if english else "") or startable.name,
            documentation=(startable.documentation_en if english else "") or startable.documentation,
            form=_shown(ctx, tx, actor, asked, language=language, sent=sent, errors=errors, draft=draft),
            draft_saved_at=draft.saved_at if draft else None,
        )


def _startable(ctx: Context, actor: Actor, key: str) -> "starting.Startable":
    found = next((each for each in starting.startable(ctx, actor) if each.key == key), None)
    if found is None:
        raise NotFound("Det finns ingen sådan process att starta, eller så får du inte starta den.")
    return found


def _asked_by_start(ctx: Context, tx: Transaction, startable: "starting.Startable") -> _Asked | None:
    if not startable.form_key:
        return None
    return _Asked(models.form_of(ctx, models.latest(tx, DefinitionKind.FORM, startable.form_key)), {})


def offer_page(
    ctx: Context,
    actor: Actor,
    instance_id: str,
    token: str,
    *,
    language: str,
    sent: Submitted | None = None,
    errors: Mapping[str, str] | None = None,
) -> StartPage:
    """The form of a message that the actor is offered to send; NotFound where it is not offered any more."""
    opened = open_instance(ctx, actor, Action.SEND_OFFERED_MESSAGE, instance_id, items=[token])
    offer = _offer(ctx, actor, instance_id, token)
    with ctx.store.read() as tx:
        draft = tasks.draft_of(tx, person_id=actor.person_id, place=f"offer:{instance_id}:{token}")
        asked = _asked_by_offer(ctx, tx, opened.instance, offer)
        return StartPage(
            key=token,
            name=(offer.label_en if language == "en" else "") or offer.label,
            documentation="",
            form=_shown(ctx, tx, actor, asked, language=language, sent=sent, errors=errors, draft=draft),
            draft_saved_at=draft.saved_at if draft else None,
        )


def _offer(ctx: Context, actor: Actor, instance_id: str, token: str) -> "messages.Offer":
    found = next((each for each in messages.offers_of(ctx, actor, instance_id) if each.token == token), None)
    if found is None:
        raise NotFound("Det går inte att göra det här i ärendet längre, eller så är det inte ditt att göra.")
    return found


def _asked_by_offer(ctx: Context, tx: Transaction, instance: ProcessInstance, offer: "messages.Offer") -> _Asked | None:
    if not offer.form_key:
        return None
    form = models.form_of(ctx, models.pinned(tx, instance.pins, DefinitionKind.FORM, offer.form_key))
    return _Asked(form, visible_to(ctx, tx, instance, offer.token, party=None))


def _shown(
    ctx: Context,
    tx: Transaction,
    actor: Actor,
    asked: _Asked | None,
    *,
    language: str,
    sent: Submitted | None,
    errors: Mapping[str, str] | None,
    draft: Draft | None,
) -> FormView | None:
    """The form with what was just sent, else with the draft."""
    if asked is None:
        return None
    typed: Mapping[str, str] = {}
    values: Variables = {}
    if sent is not None:
        found = _read(ctx, tx, actor, asked, sent, language=language)
        values, typed = found.values, found.typed
    elif draft is not None:
        values, typed = draft.values, draft.typed
        errors = forms.unreadable(asked.form, typed, language=language)
    return forms.view(
        asked.form,
        values=values,
        known=asked.known,
        errors=errors or {},
        choices=choices_for(tx.directory(), actor),
        evaluate=_evaluate(ctx),
        language=language,
        today=ctx.today(),
        typed=typed,
        zone=ctx.zone,
    )


def _read(ctx: Context, tx: Transaction, actor: Actor, asked: _Asked, sent: Submitted, *, language: str) -> forms.Read:
    return forms.read(
        asked.form,
        sent,
        known=asked.known,
        choices=choices_for(tx.directory(), actor),
        evaluate=_evaluate(ctx),
        today=ctx.today(),
        language=language,
        zone=ctx.zone,
    )


def _evaluate(ctx: Context) -> forms.Evaluate:
    now = ctx.clock.now()

    def evaluate(texts: Sequence[str], variables: Variables) -> Sequence[Value]:
        return ctx.evaluate(texts, variables, now=now)

    return evaluate


def save_form_draft(ctx: Context, actor: Actor, place: str, submitted: Submitted, *, language: str) -> Draft:
    """What the form holds so far is kept for the actor, what cannot be read as it was typed; uploaded files stay.
    `place` is `task:ID`, `start:KEY` or `offer:INSTANCE:TOKEN`. Nothing is shown, so that nothing is logged as read."""
    require(actor, Action.READ_OWN_PAGES)
    kind, _, rest = place.partition(":")
    match kind:
        case "task":
            with ctx.store.read() as tx:
                task = tasks.by_id(tx, rest)
                acting = require_task(actor, Action.COMPLETE_TASK, task)
                require_open(task)
                asked = _asked_by_task(ctx, tx, tx.instance(task.instance_id), task, acting)
        case "start":
            startable = _startable(ctx, actor, rest)
            with ctx.store.read() as tx:
                asked = _asked_by_start(ctx, tx, startable)
        case "offer":
            instance_id, _, token = rest.partition(":")
            offer = _offer(ctx, actor, instance_id, token)
            with ctx.store.read() as tx:
                asked = _asked_by_offer(ctx, tx, tx.instance(instance_id), offer)
        case _:
            raise InvalidInput(
                "Ett utkast hör till en uppgift, en start eller ett meddelande. Öppna formuläret på nytt."
            )
    if asked is None:
        return save_draft(ctx, actor, place, values={})
    with ctx.store.read() as tx:
        found = _read(ctx, tx, actor, asked, submitted, language=language)
    return save_draft(ctx, actor, place, values=found.values, typed=found.typed)
