"""Process instances: what may be started, starting one with its case number and its pinned versions, and suspending,
resuming and cancelling it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flowsvc.domain import calendar
from flowsvc.domain.access import ActingPost, Action, Actor, ActorKind, require
from flowsvc.domain.acting import in_the_name_of
from flowsvc.domain.definitions import Definition, DefinitionKind, ProcessFacts, StartElement
from flowsvc.domain.errors import Conflict, FlowError, Forbidden, InvalidInput
from flowsvc.domain.instances import InstanceStatus, ProcessInstance, Reader, require_running
from flowsvc.domain.tasks import Submission
from flowsvc.domain.values import Variables
from flowsvc.engine.state import FORMAT
from flowsvc.store import audit, definitions, instances, jobs, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models, pausing, resting, telling, waiting
from flowsvc.usecases.advance import Cause, advance, stand, stand_new
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Filled, Sent, cause_of, choices_for, fill, submit
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.registering import Registered, registered
from flowsvc.usecases.tasks import Receipt

REPORTER = "reporter"
"""The ground on which the post that started a case reads it."""


@dataclass(frozen=True)
class Startable:
    """A process that the actor may start, with its start form."""

    key: str
    definition_id: str
    name: str
    name_en: str
    documentation: str
    documentation_en: str
    form_key: str


@dataclass(frozen=True)
class Asked:
    """The start that is asked for: which version, which start event, under which number."""

    definition: Definition
    start: StartElement
    business_key: str = ""
    parent_instance: str | None = None
    parent_token: str | None = None


class _SentBefore(FlowError):
    """Another transaction was first with the same form or key; carries its receipt, and undoes this one."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__("sent before")
        self.receipt = receipt


def startable(ctx: Context, actor: Actor) -> tuple[Startable, ...]:
    """The processes that the actor may start by hand, by name."""
    require(actor, Action.START_INSTANCE)
    with ctx.store.read() as tx:
        newest = definitions.all_latest(tx, DefinitionKind.PROCESS)
    facts = {definition.id: models.facts_of(definition) for definition in newest}
    called = {each.key for found in facts.values() for each in found.references if each.kind == "process"}
    offered: list[Startable] = []
    for definition in newest:
        said = facts[definition.id]
        start = _start_by_hand(said)
        # What other processes call is a part of them, unless it says itself how or by whom it is started.
        is_part = said.key in called and not said.starter_groups and not (start and start.form_key)
        if start is None or is_part or not _may_start(actor, said):
            continue
        offered.append(
            Startable(
                key=said.key,
                definition_id=definition.id,
                name=said.name,
                name_en=said.name_en or said.name,
                documentation=said.documentation,
                documentation_en=said.documentation_en or said.documentation,
                form_key=start.form_key,
            )
        )
    return tuple(sorted(offered, key=lambda each: each.name.casefold()))


def _start_by_hand(facts: ProcessFacts) -> StartElement | None:
    return next((start for start in facts.starts if start.kind == "none"), None)


def _may_start(actor: Actor, facts: ProcessFacts) -> bool:
    if actor.kind is not ActorKind.PERSON or not facts.starter_groups:
        return True
    own = [post for post in actor.posts if post.on_behalf_of is None]
    names = {group for post in own for group in post.groups} | {f"post:{post.post_id}" for post in own}
    return bool(names & set(facts.starter_groups))


def start_instance(
    ctx: Context,
    actor: Actor,
    key: str,
    sent: Sent,
    *,
    business_key: str = "",
    start_element: str | None = None,
    initiator_post: str = "",
    once: Once | None = None,
) -> Receipt:
    """The newest version of the process runs as a case of its own, with its start form as a submission, a case number,
    and the actor's post among its readers. A program may name the post that it starts for: then that post is the
    initiator and reader, and its party the lead. Sent twice, the first receipt comes back."""
    require(actor, Action.START_INSTANCE)
    try:
        with ctx.store.begin() as tx:
            now = ctx.clock.now()
            if initiator_post:
                actor = _for_post(ctx, tx, actor, initiator_post)
            definition = models.latest(tx, DefinitionKind.PROCESS, key)
            facts = models.facts_of(definition)
            if not _may_start(actor, facts):
                raise Forbidden("Din befattning får inte starta den här processen.")
            asked = Asked(definition, _start_of(facts, start_element), business_key=business_key)
            _require_new(tx, actor, sent, once)
            instance, submission = begin_instance(ctx, tx, actor, asked, sent, now=now, once=once)
            assert submission is not None  # noqa: S101 - started by hand
            receipt = _receipt(submission, instance.business_key, definition.name)
            tasks.drop_draft(tx, person_id=actor.person_id, place=f"start:{key}")
            remember(tx, once, receipt.as_json(), now=now)
    except _SentBefore as found:
        return found.receipt
    return receipt


def _for_post(ctx: Context, tx: Transaction, actor: Actor, post_id: str) -> Actor:
    if actor.kind is ActorKind.PERSON:
        raise InvalidInput("Den som är inloggad startar för sin egen befattning.")
    return replace(actor, posts=(in_the_name_of(ctx.store.directory(tx), post_id),))


def _start_of(facts: ProcessFacts, element_id: str | None) -> StartElement:
    for start in facts.starts:
        if start.element_id == element_id or (element_id is None and start.kind == "none"):
            return start
    named = f"ingen starthändelse {element_id}" if element_id else "ingen start som görs för hand"
    raise InvalidInput(f"Processen {facts.name} har {named}.")


def _require_new(tx: Transaction, actor: Actor, sent: Sent, once: Once | None) -> None:
    """Nothing has been started by this form or key; the first receipt is raised where something has."""
    kept = replay(tx, once)
    found = tasks.submission_by_key(tx, sent.one_time_key) if sent.one_time_key else None
    if kept is not None:
        found = tasks.submission_by_id(tx, str(kept["submissionId"]))
    if found is None:
        return
    if found.person_id != actor.person_id or found.task_id is not None:
        raise Conflict("Blanketten hör till ett annat formulär. Öppna den på nytt.")
    instance = instances.listed(tx, [found.instance_id])[found.instance_id]
    raise _SentBefore(replace(_receipt(found, instance.business_key, instance.process_name), again=True))


def begin_instance(
    ctx: Context,
    tx: Transaction,
    actor: Actor,
    asked: Asked,
    sent: Sent,
    *,
    now: datetime,
    once: Once | None = None,
    by_hand: bool = True,
) -> tuple[ProcessInstance, Submission | None]:
    """A new instance has run to its first wait states. Whoever may start it has been asked before. What was sent is a
    submission where it was sent `by_hand`, or by a program outside."""
    definition, start = asked.definition, asked.start
    facts = models.facts_of(definition)
    pins = models.pins_for(tx, definition)
    pinned = models.pinned(tx, pins, DefinitionKind.FORM, start.form_key) if start.form_key else None
    form = models.form_of(ctx, pinned) if pinned else None
    directory = ctx.store.directory(tx)
    filled = fill(ctx, form, sent, known={}, choices=choices_for(directory, actor), now=now)
    acting = next((post for post in actor.posts if post.on_behalf_of is None), None)
    if acting is None and any(filled.values.get(name) is not None for name in filled.own):
        raise InvalidInput(
            "Startformuläret har svar som stannar hos den egna parten. Ange för vilken befattning ärendet startas "
            "(initiatorPost)."
        )
    register = registered(
        ctx,
        tx,
        facts,
        variables=filled.values,
        party_id=acting.party_id if acting else None,
        parent_instance=asked.parent_instance,
        by_hand=by_hand,
        now=now,
    )
    number = asked.business_key or _case_number(ctx, tx, facts, now=now)
    # The number is handed out to one transaction at a time: only now is it certain that nobody else was first.
    _require_new(tx, actor, sent, once)
    instance = _new(ctx, actor, acting, asked, register, number=number, pins=pins, now=now)
    instances.add(tx, instance)
    if acting is not None:
        instances.add_readers(tx, instance.id, [Reader(post_id=acting.post_id, ground=REPORTER, since=now)])
    submission = None
    if by_hand:
        submission = submit(
            ctx,
            tx,
            actor,
            acting=acting,
            instance=instance,
            task_id=None,
            form_definition_id=pinned.id if pinned else None,
            filled=filled,
            one_time_key=sent.one_time_key,
            now=now,
        )
    return _run(ctx, tx, actor, acting, asked, instance, filled, now=now), submission


def _new(
    ctx: Context,
    actor: Actor,
    acting: ActingPost | None,
    asked: Asked,
    register: Registered,
    *,
    number: str,
    pins: dict[str, str],
    now: datetime,
) -> ProcessInstance:
    """The instance as it stands before its first step."""
    return ProcessInstance(
        id=ctx.clock.new_id(),
        definition_id=asked.definition.id,
        process_key=asked.definition.key,
        business_key=number,
        title=asked.definition.name,
        status=InstanceStatus.RUNNING,
        version=1,
        state=b"",
        state_format=FORMAT,
        pins=pins,
        county=ctx.county,
        agreement_version_id=register.agreement_version_id,
        lead_party=acting.party_id if acting else None,
        started_by=actor.person_id,
        started_post=acting.post_id if acting else None,
        started_at=now,
        ended_at=None,
        end_state="",
        parent_instance=asked.parent_instance,
        parent_token=asked.parent_token,
        subject_id=None,
        retention_class="",
        legal_hold=False,
        child_waiting=False,
        next_sequence=1,
        once_key=register.once_key,
    )


def _run(
    ctx: Context,
    tx: Transaction,
    actor: Actor,
    acting: ActingPost | None,
    asked: Asked,
    instance: ProcessInstance,
    filled: Filled,
    *,
    now: datetime,
) -> ProcessInstance:
    footing = stand_new(ctx, tx, instance, now=now)
    variables: Variables = dict(filled.values)
    # A case of its own has nobody who started it: there the caller says who stands behind it.
    if asked.start.initiator and not (asked.parent_instance and asked.start.initiator in variables):
        variables[asked.start.initiator] = footing.around.initiator
    outcome = ctx.engine.start(
        footing.model, variables=variables, around=footing.around, start_element=asked.start.element_id
    )
    return advance(ctx, tx, footing, outcome, cause_of(actor, acting, filled, element_id=asked.start.element_id))


def _case_number(ctx: Context, tx: Transaction, facts: ProcessFacts, *, now: datetime) -> str:
    """The next number of the process in this county and year: LÄN-TYP-ÅÅÅÅ-NNNNN."""
    kind = facts.properties.get("caseType") or "".join(sign for sign in facts.key if sign.isalnum())[:3].upper()
    series = f"{ctx.county}-{kind}-{calendar.local_date(now, ctx.zone).year}"
    return f"{series}-{instances.next_case_number(tx, series):05}"


def _receipt(submission: Submission, business_key: str, name: str) -> Receipt:
    return Receipt(
        submission_id=submission.id,
        instance_id=submission.instance_id,
        business_key=business_key,
        task_id=None,
        task_name=name,
        at=submission.at,
    )


def suspend_instance(
    ctx: Context, actor: Actor, instance_id: str, *, reason: str = "", once: Once | None = None
) -> None:
    """The instance stands still until it is resumed: no task is completed and no timer fires, but for what delivers
    support to a child (INV-1)."""
    require(actor, Action.SUSPEND_INSTANCE)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(instance_id)
        if replay(tx, once) is not None:
            return
        require_running(instance)
        held = [job.id for job in jobs.of_instance(tx, instance_id) if not waiting.delivers_support(job.request)]
        jobs.suspend(tx, instance_id, held)
        event = resting.event(actor, instance, "suspended", now=now, details=_why(reason))
        resting.move(tx, instance, InstanceStatus.SUSPENDED, event)
        remember(tx, once, {}, now=now)


def resume_instance(
    ctx: Context, actor: Actor, instance_id: str, *, reason: str = "", once: Once | None = None
) -> None:
    """The suspended instance goes on; what fell due meanwhile happens now. A paused one goes on as its pause says."""
    require(actor, Action.SUSPEND_INSTANCE)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(instance_id)
        if replay(tx, once) is not None:
            return
        if instance.status is InstanceStatus.PAUSED:
            pausing.end_pause(ctx, tx, actor, instance, reason=reason, now=now)
        elif instance.status is InstanceStatus.SUSPENDED:
            jobs.resume(tx, instance_id)
            telling.take_up_mail(ctx, tx, instance_id, now=now)
            event = resting.event(actor, instance, pausing.RESUMED, now=now, details=_why(reason))
            resting.move(tx, instance, InstanceStatus.RUNNING, event)
        else:
            raise Conflict(f"Ärendet {instance.business_key} är varken pausat eller stoppat.")
        remember(tx, once, {}, now=now)


def _why(reason: str) -> Mapping[str, object]:
    return {"reason": reason[:500]} if reason else {}


def cancel_instance(
    ctx: Context, actor: Actor, instance_id: str, *, reason: str = "", once: Once | None = None
) -> None:
    """The instance is over before its time, and everything in it that waited."""
    require(actor, Action.CANCEL_INSTANCE)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        instance = tx.lock_instance(instance_id)
        if replay(tx, once) is not None:
            return
        if not instance.is_resting:
            require_running(instance)
        event = resting.event(actor, instance, "cancelled", now=now, details=_why(reason))
        audit.append_events(tx, instance.id, first_sequence=instance.next_sequence, events=[event])
        # What was cancelled may be started anew.
        instance = replace(instance, next_sequence=instance.next_sequence + 1, once_key=None)
        footing = stand(ctx, tx, instance, now=now)
        outcome = ctx.engine.cancel(footing.model, footing.position, around=footing.around)
        advance(ctx, tx, footing, outcome, Cause(person_id=actor.person_id or None))
        remember(tx, once, {}, now=now)
