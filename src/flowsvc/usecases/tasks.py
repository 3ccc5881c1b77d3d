"""User tasks: claim, unclaim, assign, save a draft, complete. Completing is one transaction with a version check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flowsvc.domain import tasks as rules
from flowsvc.domain.access import ActingPost, Action, Actor, ActorKind, acting_post, require, require_task
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import AlreadyClaimed, Conflict, InvalidInput, NotFound
from flowsvc.domain.instances import HistoryEvent, require_running
from flowsvc.domain.tasks import Draft, Submission, UserTask
from flowsvc.domain.values import Variables
from flowsvc.store import audit, tasks
from flowsvc.store.directory import tokens
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import escalating, models
from flowsvc.usecases.advance import advance, stand
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent, cause_of, choices_for, fill, submit
from flowsvc.usecases.once import Once, remember, replay
from flowsvc.usecases.sessions import acting_as


@dataclass(frozen=True)
class Receipt:
    """What is said after a form was sent: what happened, when, in which case."""

    submission_id: str
    instance_id: str
    business_key: str
    task_id: str | None
    task_name: str
    at: datetime
    again: bool = False
    """The same form had been sent before; this is its first receipt."""

    def as_json(self) -> dict[str, object]:
        """The receipt as the API gives it."""
        return {
            "submissionId": self.submission_id,
            "processInstanceId": self.instance_id,
            "businessKey": self.business_key,
            "userTaskId": self.task_id,
            "at": self.at.isoformat(),
        }


def claim_task(ctx: Context, actor: Actor, task_id: str, *, once: Once | None = None) -> None:
    """The actor holds the task. AlreadyClaimed where somebody else does."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        task, acting = _to_work_on(tx, actor, Action.CLAIM_TASK, task_id)
        if replay(tx, once) is not None:
            return
        rules.claim(task, person_id=actor.person_id)
        _hold(tx, actor, task, acting)
        remember(tx, once, {}, now=now)


def unclaim_task(ctx: Context, actor: Actor, task_id: str, *, once: Once | None = None) -> None:
    """Nobody holds the task; only its holder (or a client) may let it go."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        task, _ = _to_work_on(tx, actor, Action.CLAIM_TASK, task_id)
        if replay(tx, once) is not None:
            return
        rules.require_open(task)
        if task.assignee not in (None, actor.person_id) and actor.kind is ActorKind.PERSON:
            raise AlreadyClaimed("Uppgiften hålls av någon annan. Bara den som tagit uppgiften kan lämna tillbaka den.")
        tasks.set_assignee(tx, task.id, assignee=None, post=None, expected_version=task.version)
        remember(tx, once, {}, now=now)


ASSIGNED = "assigned"
LONGEST_REASON = 500


def assign_task(
    ctx: Context, actor: Actor, task_id: str, *, person_id: str, reason: str = "", once: Once | None = None
) -> None:
    """The named person holds the task, and the history says so with the reason; the person must be one of those who may
    do it."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        seen, own = _to_work_on(tx, actor, Action.ASSIGN_TASK, task_id)
        instance = tx.lock_instance(seen.instance_id)
        task = tasks.by_id(tx, task_id)
        if replay(tx, once) is not None:
            return
        if len(reason) > LONGEST_REASON:
            raise InvalidInput(f"Skriv skälet med högst {LONGEST_REASON} tecken.")
        rules.require_open(task)
        acting = acting_post(acting_as(ctx, ctx.store.directory(tx), person_id, now=now), task)
        if acting is None:
            raise InvalidInput("Personen kan inte ta uppgiften. Välj någon som har en av befattningarna den gäller.")
        tasks.set_assignee(tx, task.id, assignee=person_id, post=acting.post_id, expected_version=task.version)
        event = HistoryEvent(
            sequence=0,
            at=now,
            happened=ASSIGNED,
            element_id=task.element_id,
            element_type="userTask",
            name=task.name,
            process_key=task.process_key,
            token=task.token,
            person_id=actor.person_id or None,
            post_id=own.post_id if own else None,
            on_behalf_of=own.on_behalf_of if own else None,
            # Who does what, and why, is for their own side alone.
            owner_party=acting.party_id,
            details={"reason": reason.strip(), "post": acting.post_id, "person": person_id},
        )
        audit.append_events(tx, instance.id, first_sequence=instance.next_sequence, events=[event])
        tx.save_instance(replace(instance, next_sequence=instance.next_sequence + 1), expected_version=instance.version)
        remember(tx, once, {}, now=now)


def _to_work_on(tx: Transaction, actor: Actor, action: Action, task_id: str) -> tuple[UserTask, ActingPost | None]:
    require(actor, action)
    task = tasks.by_id(tx, task_id)
    return task, require_task(actor, action, task)


def _hold(tx: Transaction, actor: Actor, task: UserTask, acting: ActingPost | None) -> None:
    post = acting.post_id if acting else None
    tasks.set_assignee(tx, task.id, assignee=actor.person_id, post=post, expected_version=task.version)


def save_draft(
    ctx: Context, actor: Actor, place: str, *, values: Variables, typed: Mapping[str, str] | None = None
) -> Draft:
    """The half-filled form is kept for its person until it is sent; it survives sign-out."""
    require(actor, Action.READ_OWN_PAGES)
    now = ctx.clock.now()
    draft = Draft(person_id=actor.person_id, place=place, values=values, saved_at=now, typed=typed or {})
    with ctx.store.begin() as tx:
        if place.startswith("task:"):
            task, _ = _to_work_on(tx, actor, Action.COMPLETE_TASK, place.removeprefix("task:"))
            rules.require_open(task)
        tasks.save_draft(tx, draft)
    return draft


def complete_task(ctx: Context, actor: Actor, task_id: str, sent: Sent, *, once: Once | None = None) -> Receipt:
    """The form is a submission, the task is done and the process has moved on, all in one transaction. Sent twice, the
    first receipt comes back; whoever comes second gets AlreadyCompleted with who and when."""
    require(actor, Action.COMPLETE_TASK)
    with ctx.store.begin() as tx:
        now = ctx.clock.now()
        seen, acting = _to_work_on(tx, actor, Action.COMPLETE_TASK, task_id)
        instance = tx.lock_instance(seen.instance_id)
        task = tasks.by_id(tx, task_id)
        kept = replay(tx, once)
        earlier = tasks.submission_by_key(tx, sent.one_time_key) if sent.one_time_key else None
        if kept is not None:
            earlier = tasks.submission_by_id(tx, str(kept["submissionId"]))
        if earlier is not None:
            return _first_receipt(actor, earlier, task)
        directory = ctx.store.directory(tx)
        rules.require_open(task, closed_by_name=_closer(tx, directory, task))
        require_running(instance, delivers_support=task.delivers_support)
        if actor.kind is ActorKind.PERSON:
            rules.claim(task, person_id=actor.person_id)
        footing = stand(ctx, tx, instance, now=now)
        form = models.pinned_form(ctx, tx, task.form_definition_id)
        known = ctx.engine.visible(footing.model, footing.position, token=task.token)
        filled = fill(ctx, form, sent, known=known, choices=choices_for(directory, actor), now=now)
        submission = submit(
            ctx,
            tx,
            actor,
            acting=acting,
            instance=instance,
            task_id=task.id,
            form_definition_id=task.form_definition_id,
            filled=filled,
            one_time_key=sent.one_time_key,
            now=now,
        )
        mandate = acting.cost_mandate if acting else None
        escalating.record_answer(tx, task, submission, filled.values, mandate=mandate, now=now)
        footing = stand(ctx, tx, instance, now=now) if "answers" in task.properties else footing
        outcome = ctx.engine.complete_user_task(
            footing.model, footing.position, token=task.token, variables=filled.values, around=footing.around
        )
        advance(ctx, tx, footing, outcome, cause_of(actor, acting, filled, element_id=task.element_id))
        tasks.drop_draft(tx, person_id=actor.person_id, place=f"task:{task.id}")
        receipt = _receipt(submission, task)
        remember(tx, once, receipt.as_json(), now=now)
    return receipt


def _closer(tx: Transaction, directory: Directory, task: UserTask) -> str:
    """Who was first: the name of the person, or of the program's token; empty for the course of the case."""
    if task.closed_by is None:
        return ""
    person = directory.people.get(task.closed_by)
    return person.name if person else next((each.name for each in tokens(tx) if each.id == task.closed_by), "")


def _first_receipt(actor: Actor, earlier: Submission, task: UserTask) -> Receipt:
    if earlier.person_id != actor.person_id or earlier.task_id != task.id:
        raise Conflict("Blanketten hör till ett annat formulär. Öppna uppgiften på nytt.")
    return replace(_receipt(earlier, task), again=True)


def _receipt(submission: Submission, task: UserTask) -> Receipt:
    return Receipt(
        submission_id=submission.id,
        instance_id=submission.instance_id,
        business_key=task.business_key,
        task_id=task.id,
        task_name=task.name,
        at=submission.at,
    )


def receipt_of(ctx: Context, actor: Actor, submission_id: str) -> Receipt:
    """The receipt of something that the actor sent; NotFound for anybody else's."""
    require(actor, Action.READ_OWN_PAGES)
    with ctx.store.read() as tx:
        submission = tasks.submission_by_id(tx, submission_id)
        if submission is None or submission.person_id != actor.person_id:
            raise NotFound("Det finns inget sådant kvitto.")
        task = tasks.by_id(tx, submission.task_id) if submission.task_id else None
        business_key = tasks.business_key_of(tx, submission.instance_id)
    return Receipt(
        submission_id=submission.id,
        instance_id=submission.instance_id,
        business_key=business_key,
        task_id=submission.task_id,
        task_name=task.name if task else "",
        at=submission.at,
    )
