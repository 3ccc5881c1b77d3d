"""What there is to tell people: notices written with the step that gives rise to them, and mail about those whose time
has come. Mail goes through the outbox: one row for each person and notice, sent by a job once its person wants it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from flowsvc.domain import letters, notices
from flowsvc.domain.access import acting_post, ground_to_read
from flowsvc.domain.acting import attending
from flowsvc.domain.directory import Directory, Person, present_holders
from flowsvc.domain.errors import NotFound
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.jobs import Job, JobKind
from flowsvc.domain.notices import Notice
from flowsvc.domain.tasks import TaskState, UserTask
from flowsvc.store import following, instances, jobs, outbox, tasks
from flowsvc.store import notices as stored
from flowsvc.store.outbox import Mail
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import sessions, waiting
from flowsvc.usecases.context import Context

RETRIES = 96
"""A mail server may be away for a day: tried each quarter of an hour."""
KEEP_SENT = timedelta(days=30)
_AT_ONCE = 50
_IN_ONE_LETTER = 100
_OLDER_TASKS = 500


def follow(
    tx: Transaction,
    after: ProcessInstance,
    opened: Sequence[UserTask],
    *,
    moves: bool,
    closed_days: frozenset[date],
    zone: str,
    now: datetime,
) -> None:
    """There will be told of the tasks that a step has opened; who reported the instance, that it is over; and those who
    follow it, that it moves to another level (`moves`) or is over."""
    planned = [each for task in opened for each in notices.of_task(task, closed=closed_days, zone=zone)]
    if after.ended_at is not None and after.started_post:
        planned.append(notices.of_end(after.id, after.started_post, at=after.ended_at))
    if (moves or after.ended_at is not None) and following.followers_of(tx, after.id):
        planned.append(notices.of_move(after.id, after.next_sequence, at=now))
    stored.add(tx, planned)


def plan_older(ctx: Context) -> None:
    """Of open tasks that were there before notices were, there will be told what is still ahead."""
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        closed = _closed_days(tx)
        for task_id in stored.tasks_without(tx, limit=_OLDER_TASKS):
            planned = notices.of_task(tasks.by_id(tx, task_id), closed=closed, zone=ctx.zone)
            stored.add(tx, (each for each in planned if each.at > now))
            stored.add(tx, (each for each in planned if each.at <= now), told_at=now)


def think_of_mail(ctx: Context) -> int:
    """Every notice whose time has come has mail on its way to those whom it is for, where mail is sent at all and they
    want it; returns how many notices. What was missed while nobody worked is caught up with; none comes twice."""
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        if not stored.has_untold(tx, now=now):
            return 0
    with ctx.store.begin() as tx:
        if not tx.advisory_lock("notices"):
            return 0
        found = stored.untold(tx, now=now, limit=_AT_ONCE)
        for each in found if ctx.mailer is not None else ():
            for person in _audience(ctx, tx, each):
                _put_in_outbox(ctx, tx, person, each, now=now)
        stored.mark_told(tx, found, at=now)
    return len(found)


def _audience(ctx: Context, tx: Transaction, notice: Notice) -> Iterable[Person]:
    """Those whom the notice is for today, and who are here."""
    known, today = tx.directory(), ctx.today()
    if notice.principal == notices.FOLLOWERS:
        followers = [each for each in following.followers_of(tx, notice.instance_id) if each in known.people]
        return [known.people[each] for each in followers if _may_read(ctx, tx, known.people[each], notice)]
    if notice.task_id is None:
        return _seeing_to(known, [notice.principal.removeprefix("post:")], today)
    task = tasks.by_id(tx, notice.task_id)
    if task.state is not TaskState.OPEN:
        return ()
    if task.assignee is not None:
        holder = known.people.get(task.assignee)
        return (holder,) if holder else ()
    in_groups = [post.id for post in known.posts.values() if set(task.candidate_groups).intersection(post.groups)]
    named = [known.people[person] for person in task.candidate_people if person in known.people]
    people = [*_seeing_to(known, [*task.candidate_posts, *in_groups], today), *named]
    return {person.id: person for person in people}.values()


def _may_read(ctx: Context, tx: Transaction, person: Person, notice: Notice) -> bool:
    now = ctx.clock.now()
    actor = sessions.acting_as(ctx, tx.directory(), person.id, now=now)
    try:
        ground_to_read(actor, instances.readers_of(tx, notice.instance_id), now=now)
    except NotFound:
        return False
    return True


def _seeing_to(known: Directory, posts: Iterable[str], today: date) -> list[Person]:
    found = {}
    for post in posts:
        as_post = attending(known, post, today)
        for person in present_holders(known, as_post, today) if as_post else ():
            found[person.id] = person
    return list(found.values())


def _put_in_outbox(ctx: Context, tx: Transaction, person: Person, notice: Notice, *, now: datetime) -> None:
    preferences = stored.preferences_of(tx, person.id)
    due_at = notices.mail_at(preferences, now, closed=_closed_days(tx), zone=ctx.zone)
    if due_at is None or not person.email or person.disabled:
        return
    # The job that sends the person's mail looks for more before it ends; neither may miss the other.
    tx.wait_for_lock(f"mail:{person.id}")
    added = Mail(ctx.clock.new_id(), notice.instance_id, person.id, notice.id, now, due_at)
    if outbox.add_mail(tx, added):
        _add_job(ctx, tx, person.id, due_at=due_at, now=now)


def _add_job(ctx: Context, tx: Transaction, person_id: str, *, due_at: datetime, now: datetime) -> None:
    added = waiting.new_job(
        ctx,
        JobKind.MAIL,
        (f"mail:{person_id}", "", ""),
        instance_id=None,
        due_at=due_at,
        request={"person": person_id},
        # One for each minute: what is due at another time does not wait for this one.
        cycle=int(due_at.timestamp()) // 60,
        retries=RETRIES,
        now=now,
    )
    jobs.add(tx, added)


def take_up_mail(ctx: Context, tx: Transaction, instance_id: str, *, now: datetime) -> None:
    """The mail about the instance that waited while it rested is sent, to each when they want it."""
    closed = _closed_days(tx)
    for person_id in outbox.awaiting_mail(tx, instance_id):
        due_at = notices.mail_at(stored.preferences_of(tx, person_id), now, closed=closed, zone=ctx.zone)
        if due_at is not None:
            tx.wait_for_lock(f"mail:{person_id}")
            _add_job(ctx, tx, person_id, due_at=due_at, now=now)


def send_mail(ctx: Context, job: Job) -> None:
    """The person has got all the mail that was due, in one letter. What is no longer theirs to do is left out."""
    person_id, now = str(job.request["person"]), ctx.clock.now()
    with ctx.store.read() as tx:
        due = outbox.due_mail(tx, person_id, now=now, limit=_IN_ONE_LETTER)
        person = tx.directory().people.get(person_id)
        lines = _lines(ctx, tx, person, due, now=now) if person and not person.disabled else []
    if lines and person is not None and ctx.mailer is not None:
        ctx.mailer.send(
            letters.letter(
                person.email,
                lines,
                language=person.language,
                settings_address=f"{ctx.public_url}/settings",
                key=due[-1].id,
            )
        )
    with ctx.store.begin() as tx:
        tx.wait_for_lock(f"mail:{person_id}")
        outbox.mark_sent(tx, [each.id for each in due], at=now)
        if jobs.finish(tx, job) and outbox.due_mail(tx, person_id, now=now, limit=1):
            _add_job(ctx, tx, person_id, due_at=now, now=now)


def _lines(ctx: Context, tx: Transaction, person: Person, due: Sequence[Mail], *, now: datetime) -> list[letters.Line]:
    known = stored.by_ids(tx, [each.notice_id for each in due])
    wanted = [known[each.notice_id] for each in due if each.notice_id in known]
    last = {each.task_id or each.id: each for each in sorted(wanted, key=lambda each: each.at)}
    found = (_line(ctx, tx, person, each, now=now) for each in last.values())
    return [each for each in found if each is not None]


def _line(ctx: Context, tx: Transaction, person: Person, notice: Notice, *, now: datetime) -> letters.Line | None:
    instance_address = f"{ctx.public_url}/instances/{notice.instance_id}"
    if notice.task_id is None and not _may_read(ctx, tx, person, notice):
        return None
    if notice.task_id is None:
        return letters.Line(notice.kind, tx.instance(notice.instance_id).business_key, "", instance_address)
    try:
        task = tasks.by_id(tx, notice.task_id)
    except NotFound:
        return None
    actor = sessions.acting_as(ctx, tx.directory(), person.id, now=now)
    is_theirs = task.assignee in (None, person.id) and acting_post(actor, task) is not None
    if task.state is not TaskState.OPEN or not is_theirs:
        return None
    name = task.kind(person.language)
    return letters.Line(notice.kind, task.business_key, name, f"{ctx.public_url}/tasks/{task.id}")


def _closed_days(tx: Transaction) -> frozenset[date]:
    return frozenset(day.on for day in tx.directory().closed_days)
