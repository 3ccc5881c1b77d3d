"""A case as staff read it: where it stands, what has happened, who owes what until when, and the documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flowsvc.domain import calendar, labels
from flowsvc.domain.access import Action, Actor, ActorKind, acting_post, ground_to_read, require
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.domain.instances import InstanceStatus, ProcessInstance
from flowsvc.domain.jobs import Incident
from flowsvc.domain.tasks import UserTask
from flowsvc.engine import outline
from flowsvc.engine.picture import Picture
from flowsvc.store import attachments, audit, escalations, following, instances, jobs, tasks
from flowsvc.store import messages as stored
from flowsvc.store.instances import ListedInstance
from flowsvc.store.paging import Page
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import case_documents, comments, handing_over, messages, models, pausing, pictures, timeline
from flowsvc.usecases.case_documents import DocumentLink
from flowsvc.usecases.comments import CommentRow
from flowsvc.usecases.context import Context
from flowsvc.usecases.escalation_queue import EscalationView, escalation_view
from flowsvc.usecases.inbox import TaskRow, task_rows
from flowsvc.usecases.pausing import PauseView
from flowsvc.usecases.people import owing, party_name, person_name, present
from flowsvc.usecases.progress import Progress, progress_of
from flowsvc.usecases.reading import Opened, open_instance
from flowsvc.usecases.register import FollowedVersion, followed
from flowsvc.usecases.timeline import TimelineEntry


@dataclass(frozen=True)
class CaseRow:
    """One case in a list."""

    id: str
    business_key: str
    title: str
    process_name: str
    status: str
    """`running`, `suspended`, `paused`, `ended` or `cancelled`."""
    status_words: str
    end_state: str
    """How it ended or stands, in words; empty where nothing is said."""
    started_at: datetime
    ended_at: datetime | None
    child_waiting: bool


@dataclass(frozen=True)
class CaseParty:
    """A party of the case."""

    id: str
    name: str
    is_lead: bool
    registration_number: str


@dataclass(frozen=True)
class OwedTask:
    """An open task of the case: who owes it. `people` hold the posts and are not away today."""

    task: TaskRow
    posts: tuple[str, ...]
    people: tuple[str, ...]
    is_open_to_me: bool
    """The reader may open it as a task page."""
    can_be_handed_over: bool = False


@dataclass(frozen=True)
class OfferLink:
    """Something that the reader may do in the case now."""

    token: str
    label: str
    has_form: bool


@dataclass(frozen=True)
class AttachmentLink:
    """An uploaded file."""

    id: str
    name: str
    size: int
    content_type: str
    at: datetime
    by: str
    is_internal: bool
    """Only the reader's own party sees it."""


@dataclass(frozen=True)
class DiagramView:
    """A diagram with the position marked: element id -> `current`, `done`, `late` or `failed`."""

    key: str
    name: str
    marks: dict[str, str]


@dataclass(frozen=True)
class OutlineRow:
    """One element of the picture, in words."""

    depth: int
    number: str
    kind: str
    name: str
    lane: str
    state: str
    """`done`, `current`, `waiting`, `failed`, `cancelled` or `untouched`."""
    state_words: str
    note: str
    process_key: str
    element_id: str


@dataclass(frozen=True)
class LinkedCase:
    """A case that somebody has said belongs with this one."""

    row: CaseRow
    reason: str


@dataclass(frozen=True)
class StandsStill:
    """Something in the case has failed and waits for a person; codes and names, never values."""

    element_name: str
    at: datetime
    code: str


@dataclass(frozen=True)
class CasePage:
    """Everything of a case that the reader may see. `ground` says why, to the reader."""

    row: CaseRow
    documentation: str
    ground: str
    parties: tuple[CaseParty, ...]
    open_tasks: tuple[OwedTask, ...]
    timeline: tuple[TimelineEntry, ...]
    """Newest first."""
    older: int | None
    """What `before` is for what happened before that; None where the timeline reaches the start."""
    is_newest: bool
    """The timeline begins with what happened last."""
    escalation: EscalationView | None
    offers: tuple[OfferLink, ...]
    documents: tuple[DocumentLink, ...]
    attachments: tuple[AttachmentLink, ...]
    diagrams: tuple[DiagramView, ...]
    outline: tuple[OutlineRow, ...]
    related: tuple[CaseRow, ...]
    stands_still: tuple[StandsStill, ...]
    comments: tuple[CommentRow, ...] = ()
    own_party: str = ""
    """The reader's party in the case, in words; empty where they read it for none."""
    is_followed: bool = False
    linked: tuple[LinkedCase, ...] = ()
    agreement: FollowedVersion | None = None
    pause: PauseView | None = None
    can_pause: bool = False
    can_resume: bool = False


def case_page(ctx: Context, actor: Actor, instance_id: str, *, language: str, before: int | None = None) -> CasePage:
    """The case as the actor may see it, its timeline as it was before the event of that number, with the reading on
    record; NotFound where it is not the actor's to see."""
    opened = open_instance(ctx, actor, Action.READ_INSTANCE, instance_id)
    instance = opened.instance
    offers = messages.offers_of(ctx, actor, instance_id) if actor.kind is ActorKind.PERSON else ()
    with ctx.store.read() as tx:
        known = tx.directory()
        drawn = pictures.pictures_of(ctx, tx, instance.pins, instance.process_key)
        waiting = tasks.of_instance(tx, instance_id, open_only=True)
        incidents = [each for each in jobs.incidents_of(tx, instance_id) if each.resolved_at is None]
        progress = progress_of(
            audit.moves_of(tx, instance_id),
            open_tasks=waiting,
            listening=[
                *jobs.of_instance(tx, instance_id),
                *stored.subscriptions_of(tx, instance_id),
                *stored.signal_subscriptions_of(tx, instance_id),
            ],
            incidents=incidents,
            is_over=instance.ended_at is not None,
            now=ctx.clock.now(),
        )
        escalation = escalations.of_instance(tx, instance_id)
        if escalation is not None:
            escalation = replace(escalation, business_key=instance.business_key, title=instance.title)
        parties = [each.party_id for each in instance.parties]
        told = timeline.of_instance(ctx, tx, opened, before=before, language=language)
        return CasePage(
            row=_row(instances.listed(tx, [instance_id])[instance_id], language),
            documentation=_documentation(tx, instance, language),
            ground=labels.ground(opened.ground, language),
            parties=tuple(
                CaseParty(
                    id=each.party_id,
                    name=party_name(known, each.party_id, language),
                    is_lead=each.party_id == instance.lead_party,
                    registration_number=each.registration_number,
                )
                for each in instance.parties
            ),
            open_tasks=_owed(ctx, tx, actor, waiting, language=language),
            timeline=told.entries,
            older=told.older,
            is_newest=before is None,
            escalation=escalation_view(ctx, tx, escalation, parties=parties, language=language)
            if escalation is not None
            else None,
            offers=tuple(
                OfferLink(each.token, (each.label_en if language == "en" else "") or each.label, bool(each.form_key))
                for each in offers
            ),
            documents=case_documents.offered(tx, instance, language=language),
            attachments=_attachments(tx, opened),
            diagrams=_diagrams(drawn, progress, instance, language),
            outline=_outline(drawn, progress, instance, language),
            related=_related(ctx, tx, actor, instance, language),
            stands_still=tuple(_stands_still(drawn, each, language) for each in incidents),
            comments=comments.rows_of(tx, opened, language=language),
            own_party=party_name(known, next(iter(sorted(opened.own_parties)), None), language),
            is_followed=actor.person_id in following.followers_of(tx, instance_id),
            linked=_linked(ctx, tx, actor, instance, language),
            agreement=followed(
                known,
                instance.agreement_version_id,
                today=ctx.today(),
                started_on=calendar.local_date(instance.started_at, ctx.zone),
                language=language,
            ),
            pause=pausing.view_of(tx, instance, language=language),
            can_pause=pausing.can_be_paused(ctx, tx, actor, instance),
            can_resume=pausing.can_be_resumed(ctx, tx, actor, instance),
        )


def _documentation(tx: Transaction, instance: ProcessInstance, language: str) -> str:
    facts = models.facts_of(models.pinned(tx, instance.pins, DefinitionKind.PROCESS, instance.process_key))
    return (facts.documentation_en if language == "en" else "") or facts.documentation


def _row(listed: ListedInstance, language: str) -> CaseRow:
    return CaseRow(
        id=listed.id,
        business_key=listed.business_key,
        title=listed.title,
        process_name=(listed.process_name_en if language == "en" else "") or listed.process_name,
        status=str(listed.status),
        status_words=labels.status(listed.status, language),
        end_state=labels.end_state(listed.end_state, language) if listed.end_state else "",
        started_at=listed.started_at,
        ended_at=listed.ended_at,
        child_waiting=listed.child_waiting,
    )


def _owed(
    ctx: Context, tx: Transaction, actor: Actor, waiting: Sequence[UserTask], *, language: str
) -> tuple[OwedTask, ...]:
    known, today = tx.directory(), ctx.today()
    in_order = sorted(waiting, key=lambda task: (task.due_at is None, task.due_at or task.opened_at))
    rows = task_rows(ctx, tx, actor, in_order, language=language)
    found = []
    for task, row in zip(in_order, rows, strict=True):
        holder = known.people.get(task.assignee or "")
        in_groups = [p.id for p in known.posts.values() if set(task.candidate_groups).intersection(p.groups)]
        posts = dict.fromkeys([*task.candidate_posts, *in_groups])
        named = [person_name(known, person) for person in task.candidate_people]
        found.append(
            OwedTask(
                task=row,
                posts=owing(known, posts, today, language=language),
                people=(holder.name,) if holder else (*present(known, posts, today), *named),
                is_open_to_me=acting_post(actor, task) is not None,
                can_be_handed_over=handing_over.may_hand_over(known, actor, task),
            )
        )
    return tuple(found)


def _attachments(tx: Transaction, opened: Opened) -> tuple[AttachmentLink, ...]:
    known = tx.directory()
    return tuple(
        AttachmentLink(
            id=each.id,
            name=each.name,
            size=each.size,
            content_type=each.content_type,
            at=each.at,
            by=person_name(known, each.person_id),
            is_internal=each.owner_party is not None,
        )
        for each in attachments.of_instance(tx, opened.instance.id)
        if opened.may_see(each.owner_party)
    )


def _diagrams(
    drawn: Mapping[str, Picture], progress: Progress, instance: ProcessInstance, language: str
) -> tuple[DiagramView, ...]:
    """The case's own diagram first, then those of the called processes that have been entered."""
    entered = [key for key in drawn if key == instance.process_key or progress.has_entered(key)]
    return tuple(DiagramView(key, drawn[key].title(language), progress.marks(key)) for key in entered)


def _outline(
    drawn: Mapping[str, Picture], progress: Progress, instance: ProcessInstance, language: str
) -> tuple[OutlineRow, ...]:
    found = []
    for line in outline.lines(drawn, instance.process_key, language=language):
        state = progress.state(line.process_key, line.element.id)
        found.append(
            OutlineRow(
                depth=line.depth,
                number=line.number,
                kind=line.kind,
                name=line.name,
                lane=line.lane,
                state=state,
                state_words=labels.progress(state, language),
                note=line.note,
                process_key=line.process_key,
                element_id=line.element.id,
            )
        )
    return tuple(found)


def _related(
    ctx: Context, tx: Transaction, actor: Actor, instance: ProcessInstance, language: str
) -> tuple[CaseRow, ...]:
    """The case that called this one and those that it has called, as far as the actor may read them."""
    found = [*instances.children_of(tx, instance.id)]
    if instance.parent_instance:
        found[:0] = instances.listed(tx, [instance.parent_instance]).values()
    return tuple(_row(each, language) for each in found if _may_read(ctx, tx, actor, each.id))


def _linked(
    ctx: Context, tx: Transaction, actor: Actor, instance: ProcessInstance, language: str
) -> tuple[LinkedCase, ...]:
    links = [each for each in following.links_of(tx, instance.id) if _may_read(ctx, tx, actor, each.other_id)]
    found = instances.listed(tx, [each.other_id for each in links])
    return tuple(LinkedCase(_row(found[each.other_id], language), each.reason) for each in links)


def _may_read(ctx: Context, tx: Transaction, actor: Actor, instance_id: str) -> bool:
    try:
        ground_to_read(actor, instances.readers_of(tx, instance_id), now=ctx.clock.now())
    except NotFound:
        return False
    return True


def _stands_still(drawn: Mapping[str, Picture], incident: Incident, language: str) -> StandsStill:
    picture = drawn.get(incident.process_key)
    element = picture.elements.get(incident.element_id) if picture else None
    return StandsStill(
        element_name=(element.title(language) if element else "") or incident.element_id,
        at=incident.at,
        code=incident.code,
    )


def diagram_source(ctx: Context, actor: Actor, instance_id: str, key: str) -> bytes:
    """The diagram of the case's process, or of one called inside it, in the version that the case uses."""
    opened = open_instance(ctx, actor, Action.READ_INSTANCE, instance_id, items=[f"process:{key}"])
    with ctx.store.read() as tx:
        if key not in pictures.pictures_of(ctx, tx, opened.instance.pins, opened.instance.process_key):
            raise NotFound("Ärendet har inget sådant diagram.")
        return models.pinned(tx, opened.instance.pins, DefinitionKind.PROCESS, key).source


def find_case(ctx: Context, actor: Actor, search: str, *, language: str = "sv", limit: int = 20) -> tuple[CaseRow, ...]:
    """The cases that the actor may read whose number is or begins with the text, newest first; none for no text."""
    require(actor, Action.READ_INSTANCE)
    wanted = search.strip()
    if not wanted:
        return ()
    # Numbers are written with capitals; people need not be.
    tried = dict.fromkeys((wanted, wanted.upper()))
    found = (my_cases(ctx, actor, language=language, search=text, limit=limit).items for text in tried)
    return next((rows for rows in found if rows), ())


def my_cases(
    ctx: Context,
    actor: Actor,
    *,
    language: str,
    statuses: Sequence[InstanceStatus] = (),
    search: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page[CaseRow]:
    """The cases that the actor may read, newest first."""
    require(actor, Action.READ_INSTANCE)
    posts = actor.reach if actor.kind is ActorKind.PERSON else None
    with ctx.store.read() as tx:
        found = instances.page(
            tx, scope_posts=posts, now=ctx.clock.now(), statuses=statuses, search=search, after=after, limit=limit
        )
    return Page(tuple(_row(each, language) for each in found.items), found.next_after)
