"""Messages and signals from people and other systems: those that people are offered to send, and those of programs."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flowsvc.domain.access import ActingPost, Action, Actor, ActorKind, ground_to_read, require
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import Conflict, NotFound
from flowsvc.domain.instances import ProcessInstance, require_running
from flowsvc.domain.messages import Message, MessageState, MessageSubscription
from flowsvc.domain.tasks import Submission
from flowsvc.domain.values import Variables
from flowsvc.store import escalations, instances, tasks
from flowsvc.store import messages as stored
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import correlation, models, sending, waiting
from flowsvc.usecases.advance import Cause, advance, stand
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent, cause_of, choices_for, fill, submit
from flowsvc.usecases.instances import begin_instance
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.sending import Reached, Sender
from flowsvc.usecases.tasks import Receipt


@dataclass(frozen=True)
class Offer:
    """A message that the actor may send to an instance: what its button says, and the form that goes with it."""

    token: str
    label: str
    label_en: str
    form_key: str
    message: str


@dataclass(frozen=True)
class Correlated:
    """Where a message went: the instance that it reached or started, if any."""

    instance_id: str | None
    started: bool
    waits: bool = False
    """Nobody waits for it yet."""

    def as_json(self) -> dict[str, object]:
        """The answer, for whoever sends the same again."""
        return {"processInstanceId": self.instance_id, "started": self.started, "waiting": self.waits}


def offers_of(ctx: Context, actor: Actor, instance_id: str) -> tuple[Offer, ...]:
    """The messages that the actor may send to the instance now; NotFound where it is not theirs to see."""
    require(actor, Action.SEND_OFFERED_MESSAGE)
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        instance = tx.instance(instance_id)
        ground_to_read(actor, instances.readers_of(tx, instance_id), now=now)
        if instance.ended_at is not None:
            return ()
        waits = stored.subscriptions_of(tx, instance_id)
        return tuple(_offer(each) for each in waits if _may_send(tx, actor, instance, each)[0])


def _offer(waits: MessageSubscription) -> Offer:
    said = waits.properties
    label = str(said.get("offer") or waits.name)
    return Offer(
        token=waits.token,
        label=label,
        label_en=str(said.get("offer:en") or label),
        form_key=str(said.get("offerForm") or ""),
        message=waits.message,
    )


def _may_send(
    tx: Transaction, actor: Actor, instance: ProcessInstance, waits: MessageSubscription
) -> tuple[bool, ActingPost | None]:
    """Whether the message is offered to the actor, and to which of the actor's posts: own ones first."""
    if not waits.properties.get("offer"):
        return False, None
    if actor.kind is ActorKind.SYSTEM:
        return True, None
    offered: frozenset[str] = frozenset()
    to = waits.properties.get("offerTo")
    if to == "addressees":
        row = escalations.of_instance(tx, instance.id)
        owed = row.owed_now() if row is not None else ()
        offered = frozenset(post for each in owed for post in each.posts)
    elif to == "leadParty":
        posts = [post for post in actor.posts if post.party_id == instance.lead_party]
        offered = frozenset(post.on_behalf_of or post.post_id for post in posts)
    for acting in sorted(actor.posts, key=lambda post: post.on_behalf_of is not None):
        # The nearest manager steps in for tasks that have waited, not for what nobody is asked to do.
        if acting.opened_before is None and (acting.on_behalf_of or acting.post_id) in offered:
            return True, acting
    return False, None


def send_offered(
    ctx: Context, actor: Actor, instance_id: str, token: str, sent: Sent, *, once: Once | None = None
) -> Receipt:
    """The message has reached the instance, with its form as a submission. Sent twice, the first receipt comes back."""
    require(actor, Action.SEND_OFFERED_MESSAGE)
    with ctx.store.begin() as tx:
        now = ctx.clock.now()
        instance = tx.lock_instance(instance_id)
        ground_to_read(actor, instances.readers_of(tx, instance_id), now=now)
        earlier = _sent_before(tx, sent, once)
        if earlier is not None:
            if earlier.person_id != actor.person_id or earlier.instance_id != instance_id:
                raise Conflict("Blanketten hör till ett annat formulär. Öppna den på nytt.")
            return replace(_receipt(earlier, instance, ""), again=True)
        waits = next((each for each in stored.subscriptions_of(tx, instance_id) if each.token == token), None)
        may_send, acting = _may_send(tx, actor, instance, waits) if waits is not None else (False, None)
        if waits is None or not may_send:
            raise NotFound("Det går inte längre att göra det här i ärendet. Läs om sidan.")
        require_running(instance, delivers_support=waiting.delivers_support(waits.properties))
        offer = _offer(waits)
        footing = stand(ctx, tx, instance, now=now)
        definition = models.pinned(tx, instance.pins, DefinitionKind.FORM, offer.form_key) if offer.form_key else None
        filled = fill(
            ctx,
            models.form_of(ctx, definition) if definition else None,
            sent,
            known=ctx.engine.visible(footing.model, footing.position, token=token),
            choices=choices_for(footing.directory, actor),
            now=now,
        )
        submission = submit(
            ctx,
            tx,
            actor,
            acting=acting,
            instance=instance,
            task_id=None,
            form_definition_id=definition.id if definition else None,
            filled=filled,
            one_time_key=sent.one_time_key,
            now=now,
        )
        outcome = ctx.engine.deliver_message(
            footing.model, footing.position, token=token, variables=filled.values, around=footing.around
        )
        advance(ctx, tx, footing, outcome, cause_of(actor, acting, filled, element_id=waits.element_id))
        tasks.drop_draft(tx, person_id=actor.person_id, place=f"offer:{instance_id}:{token}")
        receipt = _receipt(submission, instance, offer.label)
        remember(tx, once, receipt.as_json(), now=now)
    return receipt


def _sent_before(tx: Transaction, sent: Sent, once: Once | None) -> Submission | None:
    kept = replay(tx, once)
    if kept is not None:
        return tasks.submission_by_id(tx, str(kept["submissionId"]))
    return tasks.submission_by_key(tx, sent.one_time_key) if sent.one_time_key else None


def _receipt(submission: Submission, instance: ProcessInstance, name: str) -> Receipt:
    return Receipt(
        submission_id=submission.id,
        instance_id=instance.id,
        business_key=instance.business_key,
        task_id=None,
        task_name=name,
        at=submission.at,
    )


def correlate(
    ctx: Context,
    actor: Actor,
    *,
    name: str,
    correlation_key: str,
    variables: Variables,
    business_key: str = "",
    time_to_live: timedelta | None = None,
    once: Once | None = None,
) -> Correlated:
    """The message has reached the one instance that waits for it, or else started a process by its message start
    event. Several that could take it are AmbiguousMessage, which names them. None is NotFound, unless the message has a
    time to live: then it waits that long for an event that begins to wait for it."""
    require(actor, Action.CORRELATE_MESSAGE)
    with ctx.store.begin() as tx:
        now = ctx.clock.now()
        kept = replay(tx, once)
        if kept is not None:
            return Correlated(
                str(kept["processInstanceId"]) if kept["processInstanceId"] else None,
                started=kept["started"] is True,
                waits=kept.get("waiting") is True,
            )
        message = Message(
            id=ctx.clock.new_id(),
            name=name,
            correlation_key=correlation_key,
            business_key=business_key,
            state=MessageState.WAITING,
            sender_instance=None,
            element_id="",
            process_key="",
            sent_at=now,
            expires_at=now + (time_to_live or timedelta(0)),
        )
        taker = correlation.waiting_for(tx, name, correlation_key, business_key)
        asked = correlation.started_by(tx, name) if taker is None else None
        if taker is not None:
            answer = _reach(ctx, tx, actor, taker, variables, now=now)
        elif asked is not None:
            asked = replace(asked, business_key=business_key)
            instance, _ = begin_instance(ctx, tx, actor, asked, Sent(variables=variables), now=now)
            answer = Correlated(instance.id, started=True)
        elif time_to_live is not None:
            answer = _let_wait(ctx, tx, message, variables, now=now)
        else:
            raise NotFound(
                f"Inget ärende väntar på meddelandet {name} med den nyckeln, och ingen process startas av det."
            )
        remember(tx, once, answer.as_json(), now=now)
    return answer


def _reach(
    ctx: Context,
    tx: Transaction,
    actor: Actor,
    taker: MessageSubscription,
    variables: Variables,
    *,
    now: datetime,
) -> Correlated:
    instance = tx.lock_instance(taker.instance_id)
    # Until the lock was held another message may have gone this way.
    still = next((each for each in stored.subscriptions_of(tx, instance.id) if each.token == taker.token), None)
    if still is None:
        raise Conflict("Ärendet tog just emot meddelandet från någon annan.")
    require_running(instance, delivers_support=waiting.delivers_support(still.properties))
    footing = stand(ctx, tx, instance, now=now)
    outcome = ctx.engine.deliver_message(
        footing.model, footing.position, token=still.token, variables=variables, around=footing.around
    )
    advance(ctx, tx, footing, outcome, Cause(element_id=still.element_id, person_id=actor.person_id or None))
    return Correlated(instance.id, started=False)


def _let_wait(ctx: Context, tx: Transaction, message: Message, variables: Variables, *, now: datetime) -> Correlated:
    stored.hold(tx, [(message.name, message.correlation_key)])
    # Somebody may have begun to wait for it until just now. Its instance cannot be locked here, so a job delivers.
    taker = correlation.waiting_for(tx, message.name, message.correlation_key, message.business_key)
    if taker is not None:
        stored.add(tx, replace(message, state=MessageState.ASSIGNED), variables)
        sending.deliver(ctx, tx, message, taker, now=now)
        return Correlated(taker.instance_id, started=False)
    stored.add(tx, message, variables)
    sending.find_receiver(ctx, tx, message, at=message.expires_at, now=now)
    return Correlated(None, started=False, waits=True)


def send_signal(ctx: Context, actor: Actor, *, name: str, variables: Variables, once: Once | None = None) -> Reached:
    """The signal is on its way to every instance that waits for it now, and to every process that it starts."""
    require(actor, Action.SEND_SIGNAL)
    with ctx.store.begin() as tx:
        now = ctx.clock.now()
        kept = replay(tx, once)
        if kept is not None:
            return Reached.from_json(kept)
        reached = sending.send_signal(ctx, tx, name, variables, sender=Sender(), now=now)
        remember(tx, once, reached.as_json(), now=now)
    return reached
