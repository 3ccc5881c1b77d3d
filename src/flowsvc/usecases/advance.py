"""The one translator from what an engine step produced to rows and history, within the transaction of its cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.directory import Directory
from flowsvc.domain.instances import (
    HistoryEvent,
    InstanceParty,
    InstanceStatus,
    ProcessInstance,
    Reader,
    Variable,
)
from flowsvc.domain.pauses import TOKEN
from flowsvc.domain.tasks import TaskState, UserTask
from flowsvc.domain.values import Value, ValueType, to_json, type_of
from flowsvc.engine.engine import Model
from flowsvc.engine.outcome import (
    CallRequested,
    ElementEvent,
    Happened,
    InstanceRequested,
    Outcome,
    Position,
    Status,
    Surroundings,
    TaskOpened,
)
from flowsvc.engine.state import FORMAT
from flowsvc.store import audit, data_stores, instances, jobs, messages, pauses, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import amending, escalating, functions, models, sending, telling, waiting
from flowsvc.usecases.context import Context


@dataclass(frozen=True)
class Cause:
    """Who or what made the step happen, and what is known of the values that came with it."""

    element_id: str = ""
    """The element that the person completed, started or sent a message to: history names them there."""
    person_id: str | None = None
    post_id: str | None = None
    on_behalf_of: str | None = None
    party_id: str | None = None
    types: Mapping[str, ValueType] = field(default_factory=dict)
    """Declared types by variable name, from the form."""
    own: frozenset[str] = frozenset()
    """Names whose values stay inside the party."""


CLOCK = Cause()
"""Time passed; nobody did anything."""


@dataclass(frozen=True)
class Footing:
    """Everything that a step of one instance needs, read inside its transaction."""

    instance: ProcessInstance
    model: Model
    position: Position
    around: Surroundings
    directory: Directory
    now: datetime
    owners: Mapping[str, str] = field(default_factory=dict)
    """Names of variables that stay inside one party, with the party: a copy in another scope stays there too."""


def stand(ctx: Context, tx: Transaction, instance: ProcessInstance, *, now: datetime) -> Footing:
    """The footing for a step of the locked instance."""
    rows = instances.variables_of(tx, instance.id)
    owners = {row.name: row.owner_party for row in rows if row.owner_party is not None}
    return replace(_footing(ctx, tx, instance, now=now, scopes=scopes_of(rows)), owners=owners)


def stand_new(ctx: Context, tx: Transaction, instance: ProcessInstance, *, now: datetime) -> Footing:
    """The footing for the first step of an instance that has no rows yet."""
    return _footing(ctx, tx, instance, now=now, scopes={"": {}})


def _footing(
    ctx: Context,
    tx: Transaction,
    instance: ProcessInstance,
    *,
    now: datetime,
    scopes: dict[str, dict[str, Value]],
) -> Footing:
    directory = ctx.store.directory(tx)
    model = models.model_of(ctx, tx, instance.process_key, instance.pins)
    return Footing(
        instance=instance,
        model=model,
        position=Position(state=instance.state, scopes=scopes),
        around=Surroundings(
            now=now,
            functions=functions.bound(tx, instance, directory, now=now, zone=ctx.zone),
            closed_days=frozenset(day.on for day in directory.closed_days),
            zone=ctx.zone,
            business_key=instance.business_key,
            initiator=instance.started_post or instance.started_by,
            # Held until the step is stored, so that two steps that write one store both count.
            data_stores=data_stores.hold(tx, model.stores),
        ),
        directory=directory,
        now=now,
    )


def scopes_of(rows: Sequence[Variable]) -> dict[str, dict[str, Value]]:
    """The variable rows as the engine reads them."""
    scopes: dict[str, dict[str, Value]] = {"": {}}
    for row in rows:
        scopes.setdefault(row.scope, {})[row.name] = row.value
    return scopes


def advance(ctx: Context, tx: Transaction, footing: Footing, outcome: Outcome, cause: Cause) -> ProcessInstance:
    """All rows that follow from the step are written: tasks, variables, jobs, subscriptions, messages, incidents,
    escalation, data stores, history and the instance itself, one version on. Returns the instance as it now stands."""
    before, now = footing.instance, footing.now
    _close(tx, before, outcome, cause, now=now)
    _set_variables(tx, footing, outcome, cause, now=now)
    for name, value in {each.name: each.value for each in outcome.stored}.items():
        data_stores.write(tx, name, value, at=now, by=cause.person_id or "flowsvc", by_instance=before.id)
    opened = [_task(ctx, tx, footing, each) for each in outcome.tasks]
    for task in opened:
        tasks.add(tx, task)
    instances.add_readers(tx, before.id, _readers(before, opened, now=now))
    waiting.add(ctx, tx, before, outcome, now=now)
    sending.listen(ctx, tx, before, outcome, now=now)
    sending.send_thrown(ctx, tx, before, outcome, now=now)
    around = footing.around
    escalating.follow(tx, before, outcome, now=now, closed_days=around.closed_days, zone=around.zone)
    amending.follow(tx, before, outcome.events, now=now, zone=around.zone)
    after = _instance_after(tx, before, outcome, now=now)
    moves = any(each.properties.get("escalationLevel") and each.happened is Happened.STARTED for each in outcome.events)
    telling.follow(tx, after, opened, moves=moves, closed_days=around.closed_days, zone=around.zone, now=now)
    if outcome.status is not Status.RUNNING:
        escalating.close(tx, before.id, now=now)
        pauses.end(tx, before.id, at=now, by=cause.person_id)
        jobs.drop(tx, before.id, [TOKEN])
    history = [_history(event, cause, now=now) for event in outcome.events]
    audit.append_events(tx, before.id, first_sequence=before.next_sequence, events=history)
    after = replace(after, next_sequence=before.next_sequence + len(history))
    tx.save_instance(after, expected_version=before.version)
    if ctx.noted is not None:
        ctx.noted(tx, after, outcome)
    if after.status in (InstanceStatus.ENDED, InstanceStatus.CANCELLED) and after.parent_instance:
        jobs.add(tx, waiting.join_job(ctx, after, now=now))
    return after


def _close(tx: Transaction, instance: ProcessInstance, outcome: Outcome, cause: Cause, *, now: datetime) -> None:
    ended = {closed.token: closed.happened for closed in outcome.closed}
    if not ended and not outcome.closed_scopes:
        return
    done = [token for token, happened in ended.items() if happened is not Happened.CANCELLED]
    cancelled = [token for token, happened in ended.items() if happened is Happened.CANCELLED]
    tasks.close(tx, instance.id, done, state=TaskState.COMPLETED, at=now, by=cause.person_id)
    tasks.close(tx, instance.id, cancelled, state=TaskState.CANCELLED, at=now, by=None)
    jobs.drop(tx, instance.id, list(ended))
    messages.drop_subscriptions(tx, instance.id, list(ended))
    # What moves on is not stuck, whatever a watch has said of it.
    jobs.resolve_incidents(tx, instance.id, [*ended, waiting.NO_TOKEN], at=now, by=cause.person_id)
    # A call keeps its inputs as variables in a scope named by its token.
    instances.drop_scopes(tx, instance.id, [*outcome.closed_scopes, *ended])


def _set_variables(tx: Transaction, footing: Footing, outcome: Outcome, cause: Cause, *, now: datetime) -> None:
    instance = footing.instance
    rows: dict[tuple[str, str], Variable] = {}
    dropped = {*outcome.closed_scopes, *(closed.token for closed in outcome.closed)}
    for change in outcome.variables:
        if change.scope in dropped:
            continue
        rows[change.scope, change.name] = Variable(
            scope=change.scope,
            name=change.name,
            type=cause.types.get(change.name, type_of(change.value)),
            value=change.value,
            owner_party=cause.party_id if change.name in cause.own else footing.owners.get(change.name),
            set_by=cause.person_id or "flowsvc",
            set_at=now,
        )
    waits: tuple[CallRequested | InstanceRequested, ...] = (*outcome.calls, *outcome.instances)
    for wait in waits:
        for name, value in _inputs(wait).items():
            rows[wait.token, name] = Variable(
                scope=wait.token,
                name=name,
                type=type_of(value),
                value=value,
                owner_party=None,
                set_by="flowsvc",
                set_at=now,
            )
    instances.set_variables(tx, instance.id, list(rows.values()))


def _inputs(wait: CallRequested | InstanceRequested) -> dict[str, Value]:
    return wait.inputs if isinstance(wait, CallRequested) else wait.variables


def _with_subject(name: str, subject: Value) -> str:
    """The task's name and what it is about, which tells tasks of one element apart (flowsvc:about)."""
    return f"{name}: {subject[:1].lower()}{subject[1:]}" if isinstance(subject, str) and subject else name


def _task(ctx: Context, tx: Transaction, footing: Footing, opened: TaskOpened) -> UserTask:
    instance = footing.instance
    form_id = None
    if opened.form_key:
        form_id = models.pinned(tx, instance.pins, DefinitionKind.FORM, opened.form_key).id
    posts = tuple(g.removeprefix("post:") for g in opened.candidate_groups if g.startswith("post:"))
    groups = tuple(g for g in opened.candidate_groups if not g.startswith("post:"))
    party = opened.properties.get("party")
    return UserTask(
        id=ctx.clock.new_id(),
        instance_id=instance.id,
        token=opened.token,
        element_id=opened.element_id,
        process_key=opened.process_key,
        name=_with_subject(opened.name, opened.properties.get("about")),
        name_en=_with_subject(str(opened.properties.get("name:en") or opened.name), opened.properties.get("about:en")),
        lane=opened.lane,
        party_id=party if isinstance(party, str) and party else None,
        scope=opened.scope,
        form_definition_id=form_id,
        form_key=opened.form_key,
        state=TaskState.OPEN,
        assignee=_person(footing.directory, opened.assignee) if opened.assignee else None,
        assigned_post=None,
        due_rule=opened.due.rule if opened.due else "",
        due_on=opened.due.on if opened.due else None,
        due_at=opened.due.at if opened.due else None,
        follow_up_at=opened.follow_up.at if opened.follow_up else None,
        priority=opened.priority,
        delivers_support=is_true(opened.properties.get("deliversSupport")),
        properties={name: to_json(value) for name, value in opened.properties.items()},
        opened_at=footing.now,
        closed_at=None,
        closed_by=None,
        version=1,
        business_key=instance.business_key,
        candidate_posts=posts,
        candidate_groups=groups,
        candidate_people=tuple(_person(footing.directory, name) for name in opened.candidate_users),
    )


def _person(directory: Directory, name: str) -> str:
    """The id of the person whom a diagram names by id or user name; one who is not in the directory keeps the name."""
    found = (person.id for person in directory.people.values() if person.username == name)
    return name if name in directory.people else next(found, name)


def is_true(value: object) -> bool:
    """Whether a declared property says yes: true, or the text "true"."""
    return value is True or value == "true"


def _readers(instance: ProcessInstance, opened: Sequence[UserTask], *, now: datetime) -> list[Reader]:
    found = {
        post: Reader(post_id=post, ground="candidate", since=now) for task in opened for post in task.candidate_posts
    }
    return [reader for post, reader in found.items() if post != instance.started_post]


def _history(event: ElementEvent, cause: Cause, *, now: datetime) -> HistoryEvent:
    by_hand = event.happened in (Happened.COMPLETED, Happened.CAUGHT) and event.element_id == cause.element_id
    return HistoryEvent(
        sequence=0,
        at=now,
        happened=event.happened,
        element_id=event.element_id,
        element_type=event.element_type,
        name=event.name,
        process_key=event.process_key,
        token=event.token,
        person_id=cause.person_id if by_hand else None,
        post_id=cause.post_id if by_hand else None,
        on_behalf_of=cause.on_behalf_of if by_hand else None,
        owner_party=None,
        details=({"scope": event.scope} if event.scope else {})
        | {name: to_json(event.properties[name]) for name in TOLD if event.properties.get(name) is not None},
    )


TOLD = ("escalationLevel", "escalationOutcome", "interimParty", "interimSecured")
"""What elements declare that history tells: codes and the ids of parties, never values."""


_STATUS = {Status.ENDED: InstanceStatus.ENDED, Status.CANCELLED: InstanceStatus.CANCELLED}


def _instance_after(tx: Transaction, before: ProcessInstance, outcome: Outcome, *, now: datetime) -> ProcessInstance:
    declared: dict[str, Value] = {}
    for event in outcome.events:
        if event.happened is not Happened.CANCELLED:
            declared.update({name: value for name, value in event.properties.items() if value is not None})
    lead = declared.get("leadParty")
    parties = declared.get("parties")
    if isinstance(parties, list):
        ids = dict.fromkeys(str(p["party"]) for p in parties if isinstance(p, dict) and p.get("party"))
        instances.set_parties(
            tx,
            before.id,
            [InstanceParty(party_id=p, role="lead" if p == (lead or before.lead_party) else "") for p in ids],
        )
    over = outcome.status is not Status.RUNNING
    status = _STATUS.get(outcome.status, before.status)
    return replace(
        before,
        state=outcome.state,
        state_format=FORMAT,
        version=before.version + 1,
        status=status,
        ended_at=now if over else None,
        end_state=str(declared.get("endState") or before.end_state),
        title=str(declared.get("title") or before.title),
        lead_party=str(lead) if lead else before.lead_party,
        child_waiting=is_true(declared["childWaiting"]) if "childWaiting" in declared else before.child_waiting,
    )
