"""A trial as its page shows it: what time it is in it, where it stands, what waits for whom, and all that has happened,
with the values. Whoever tries a draft sees everything: it is made up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flowsvc.domain import labels
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import NotFound
from flowsvc.domain.instances import HistoryEvent
from flowsvc.domain.jobs import Job, JobKind
from flowsvc.domain.messages import MessageSubscription, SignalSubscription
from flowsvc.domain.tasks import UserTask
from flowsvc.domain.values import Value, format_duration, from_json
from flowsvc.engine.outcome import Happened
from flowsvc.store import audit, instances, jobs, notices, settings, tasks
from flowsvc.store import messages as stored
from flowsvc.store.instances import ListedInstance
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import case_pages, messages, models, pictures
from flowsvc.usecases.case_pages import CasePage
from flowsvc.usecases.inbox import TaskRow, task_rows
from flowsvc.usecases.people import owing, post_name, who
from flowsvc.usecases.trial_acts import MOST_CASES, as_post, next_at
from flowsvc.usecases.trying import DECISIONS, Trial

_MOST_EVENTS = 400


@dataclass(frozen=True)
class TrialCase:
    """One case of the trial."""

    id: str
    number: str
    name: str
    status: str
    status_words: str
    is_shown: bool


@dataclass(frozen=True)
class AsPost:
    """A post as which a form may be filled in; `name` with its holder."""

    post_id: str
    name: str


@dataclass(frozen=True)
class WaitingTask:
    """An open task."""

    row: TaskRow
    as_posts: tuple[AsPost, ...]
    """Those whose it is; none where no post can take it."""


@dataclass(frozen=True)
class TaskGroup:
    """The open tasks of the same posts."""

    who: tuple[str, ...]
    tasks: tuple[WaitingTask, ...]


@dataclass(frozen=True)
class Waiting:
    """Something but a task that a case waits for. `key` is what it is reached by, `name` the element's."""

    instance_id: str
    number: str
    element_id: str
    name: str
    key: str = ""
    at: datetime | None = None
    title: str = ""
    """The message, signal or connector."""
    correlation_key: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    as_posts: tuple[AsPost, ...] = ()
    """Those who are offered to send the message."""


@dataclass(frozen=True)
class Stopped:
    """Something that stands still, and why."""

    id: str
    number: str
    element_id: str
    name: str
    message: str
    code: str


@dataclass(frozen=True)
class Happening:
    """One thing that happened to an element. `happened` is a code of the history, `kind` the element's in words."""

    happened: str
    kind: str
    name: str
    element_id: str
    who: str = ""
    decision: str = ""
    rules: tuple[str, ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Moment:
    """What happened at one time, in its order."""

    at: datetime
    items: tuple[Happening, ...]


@dataclass(frozen=True)
class Told:
    """What somebody would have been told, and by mail if they want that."""

    at: datetime
    what: str
    about: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class TrialPage:
    """Everything of a trial; history, values and notices are those of the case that is shown."""

    revision: int
    mark: str
    now: datetime
    next_at: datetime | None
    process_name: str
    post_name: str
    instances: tuple[TrialCase, ...]
    shown: CasePage | None
    """The case that is shown; None before anything has started."""
    groups: tuple[TaskGroup, ...]
    timers: tuple[Waiting, ...]
    calls: tuple[Waiting, ...]
    offers: tuple[Waiting, ...]
    messages: tuple[Waiting, ...]
    signals: tuple[Waiting, ...]
    stopped: tuple[Stopped, ...]
    history: tuple[Moment, ...]
    """The latest first."""
    variables: tuple[tuple[str, str], ...]
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Heading:
    """What every page of a trial says of it."""

    now: datetime
    process_name: str
    as_post: str
    """Who fills in, with the post's holder; empty where no post can."""


def heading(trial: Trial, *, language: str, post_id: str = "") -> Heading:
    """What time it is in the trial, what is tried, and as whom: as the trial's post where none is named."""
    with trial.ctx.store.read() as tx:
        view = _View(trial, tx, language)
        definition = models.latest(tx, DefinitionKind.PROCESS, trial.process_key)
        post = post_id or trial.post_id
        return Heading(
            now=trial.clock.now(),
            process_name=(definition.name_en if language == "en" else "") or definition.name,
            as_post=next(iter(view.owing_of(post)), "") if post in view.known.posts else "",
        )


def page(trial: Trial, instance_id: str, *, language: str) -> TrialPage:
    """The trial with the case of that id, or with the first one where none is named; NotFound for one it has not."""
    ctx = trial.ctx
    with ctx.store.read() as tx:
        found = instances.oldest(tx, limit=MOST_CASES)
    named = instance_id or (found[0].id if found else "")
    if named and named not in {each.id for each in found}:
        raise NotFound("Det finns inget sådant ärende i provkörningen.")
    shown = case_pages.case_page(ctx, SYSTEM, named, language=language) if named else None
    following = next_at(trial)
    with ctx.store.read() as tx:
        view = _View(trial, tx, language)
        definition = models.latest(tx, DefinitionKind.PROCESS, trial.process_key)
        return TrialPage(
            revision=trial.revision,
            mark=trial.mark,
            now=trial.clock.now(),
            next_at=following,
            process_name=(definition.name_en if language == "en" else "") or definition.name,
            post_name=post_name(tx.directory(), trial.post_id, language),
            instances=tuple(view.listed(each, is_shown=each.id == named) for each in found),
            shown=shown,
            groups=view.groups(found),
            timers=tuple(each for instance in found for each in view.timers(instance)),
            calls=tuple(each for instance in found for each in view.calls(instance)),
            offers=tuple(each for instance in found for each in view.offers(instance)),
            messages=tuple(each for instance in found for each in view.messages(instance)),
            signals=tuple(each for instance in found for each in view.signals(instance)),
            stopped=tuple(each for instance in found for each in view.stopped(instance)),
            history=view.history(shown) if shown else (),
            variables=view.variables(named) if named else (),
            told=view.told(named) if named else (),
        )


class _View:
    """Tells a trial in one transaction and language."""

    def __init__(self, trial: Trial, tx: Transaction, language: str) -> None:
        self.trial, self.tx, self.language = trial, tx, language
        self.ctx = trial.ctx
        self.known: Directory = tx.directory()
        self.today = trial.ctx.today()

    def listed(self, each: ListedInstance, *, is_shown: bool) -> TrialCase:
        name = (each.process_name_en if self.language == "en" else "") or each.process_name
        words = labels.status(each.status, self.language)
        return TrialCase(each.id, each.business_key, each.title or name, str(each.status), words, is_shown)

    def groups(self, found: Sequence[ListedInstance]) -> tuple[TaskGroup, ...]:
        """Open tasks by whose they are, those due first before others."""
        waiting = [task for instance in found for task in tasks.of_instance(self.tx, instance.id, open_only=True)]
        waiting.sort(key=lambda task: (task.due_at is None, task.due_at or task.opened_at))
        rows = task_rows(self.ctx, self.tx, SYSTEM, waiting, language=self.language)
        grouped: dict[tuple[str, ...], list[WaitingTask]] = {}
        for task, row in zip(waiting, rows, strict=True):
            posts = self._posts_of(task)
            fillers = tuple(AsPost(post, self.owing_of(post)[0]) for post in posts)
            grouped.setdefault(posts, []).append(WaitingTask(row, fillers))
        return tuple(TaskGroup(self._owing(posts), tuple(some)) for posts, some in grouped.items())

    def _posts_of(self, task: UserTask) -> tuple[str, ...]:
        in_groups = [p.id for p in self.known.posts.values() if set(task.candidate_groups).intersection(p.groups)]
        people = {task.assignee, *task.candidate_people}
        named = [held.post_id for held in self.known.assignments if held.person_id in people]
        posts = [*task.candidate_posts, *in_groups] or named
        return tuple(post for post in dict.fromkeys(posts) if post in self.known.posts)

    def owing_of(self, post_id: str) -> tuple[str, ...]:
        """The post in words, with who holds it."""
        return self._owing([post_id])

    def _owing(self, posts: Iterable[str]) -> tuple[str, ...]:
        return owing(self.known, posts, self.today, language=self.language)

    def _waiting(
        self, instance: ListedInstance, each: Job | MessageSubscription | SignalSubscription, **more: object
    ) -> Waiting:
        name = self._name(instance.id, each.process_key, each.element_id)
        return Waiting(instance.id, instance.business_key, each.element_id, name, **more)  # type: ignore[arg-type]  # of Waiting

    def _name(self, instance_id: str, process_key: str, element_id: str) -> str:
        pins = self.tx.instance(instance_id).pins
        drawn = pictures.drawn(self.ctx, self.tx, pins, process_key, element_id)
        return (drawn.title(self.language) if drawn else "") or element_id

    def timers(self, instance: ListedInstance) -> Iterable[Waiting]:
        for job in jobs.of_instance(self.tx, instance.id):
            if job.kind is JobKind.TIMER:
                yield self._waiting(instance, job, at=job.due_at, title=str(job.request.get("rule") or ""))

    def calls(self, instance: ListedInstance) -> Iterable[Waiting]:
        """What would have gone out, and waits to be answered by hand."""
        rows = instances.variables_of(self.tx, instance.id)
        for job in jobs.of_instance(self.tx, instance.id):
            if job.kind is JobKind.EXTERNAL and job.retries_left > 0:
                inputs = tuple((row.name, words_of(row.value)) for row in rows if row.scope == job.token)
                title = str(job.request.get("name") or "")
                yield self._waiting(instance, job, key=job.id, at=job.due_at, title=title, inputs=inputs)

    def offers(self, instance: ListedInstance) -> Iterable[Waiting]:
        """What people of the case may do in it now, each with those to whom it is offered."""
        waits = [each for each in stored.subscriptions_of(self.tx, instance.id) if each.properties.get("offer")]
        if not waits:
            return
        to: dict[str, list[str]] = {}
        for reader in instances.readers_of(self.tx, instance.id):
            if reader.post_id in self.known.posts:
                for offer in messages.offers_of(self.ctx, as_post(self.trial, reader.post_id), instance.id):
                    to.setdefault(offer.token, []).append(reader.post_id)
        for each in waits:
            english = each.properties.get("offer:en") if self.language == "en" else ""
            title = str(english or each.properties["offer"])
            posts = tuple(AsPost(post, self.owing_of(post)[0]) for post in to.get(each.token, ()))
            if posts:
                yield self._waiting(instance, each, key=each.token, title=title, as_posts=posts)

    def messages(self, instance: ListedInstance) -> Iterable[Waiting]:
        for each in stored.subscriptions_of(self.tx, instance.id):
            if not each.properties.get("offer"):
                yield self._waiting(
                    instance, each, key=each.token, title=each.message, correlation_key=each.correlation_key
                )

    def signals(self, instance: ListedInstance) -> Iterable[Waiting]:
        for each in stored.signal_subscriptions_of(self.tx, instance.id):
            yield self._waiting(instance, each, key=each.token, title=each.signal)

    def stopped(self, instance: ListedInstance) -> Iterable[Stopped]:
        for each in jobs.incidents_of(self.tx, instance.id):
            if each.resolved_at is None:
                name = self._name(instance.id, each.process_key, each.element_id)
                yield Stopped(each.id, instance.business_key, each.element_id, name, each.message, each.code)

    def variables(self, instance_id: str) -> tuple[tuple[str, str], ...]:
        """The case's own values, by name."""
        rows = instances.variables_of(self.tx, instance_id)
        return tuple((row.name, words_of(row.value)) for row in rows if row.scope == "")

    def told(self, instance_id: str) -> tuple[Told, ...]:
        """What has come to be told, the latest first; nothing of a task that was done before."""
        now, found = self.trial.clock.now(), {task.id: task for task in tasks.of_instance(self.tx, instance_id)}
        result = []
        for each in notices.of_instance(self.tx, instance_id, until=now):
            task = found.get(each.task_id or "")
            if task is not None and task.closed_at is not None and each.at >= task.closed_at:
                continue
            name = ""
            to: tuple[str, ...] = self._owing([each.principal.removeprefix("post:")])
            if task is not None:
                name = (task.name_en if self.language == "en" else "") or task.name
                to = self._owing(self._posts_of(task))
            result.append(Told(each.at, labels.notice(each.kind, self.language), name, to))
        return tuple(result)

    def history(self, shown: CasePage) -> tuple[Moment, ...]:
        """What happened in the case, the latest first. What began and ended at the same moment is told once."""
        kinds = {(row.process_key, row.element_id): (row.kind, row.name) for row in shown.outline}
        events = audit.last_before(self.tx, shown.row.id, before=None, limit=_MOST_EVENTS)
        ended = {(each.token, each.at) for each in events if each.happened == Happened.COMPLETED}
        telling = [each for each in events if each.happened != Happened.STARTED or (each.token, each.at) not in ended]
        decided = self._decided(shown.row.id)
        moments = [
            Moment(at, tuple(self._happening(each, kinds, decided) for each in some))
            for at, some in groupby(telling, key=lambda each: each.at)
        ]
        return tuple(reversed(moments))

    def _decided(self, instance_id: str) -> Mapping[tuple[str, str], Mapping[str, object]]:
        found: Sequence[Mapping[str, object]] = settings.get(self.tx, DECISIONS) or ()
        return {(str(d["token"]), str(d["element"])): d for d in found if d["instance"] == instance_id}

    def _happening(
        self,
        event: HistoryEvent,
        kinds: Mapping[tuple[str, str], tuple[str, str]],
        decided: Mapping[tuple[str, str], Mapping[str, object]],
    ) -> Happening:
        kind, name = kinds.get((event.process_key, event.element_id), ("", ""))
        made = decided.get((event.token, event.element_id)) if event.happened == Happened.COMPLETED else None
        matched = made["matched"] if made else ()
        outputs = made["outputs"] if made else {}
        return Happening(
            happened=event.happened,
            kind=kind,
            name=name or event.name,
            element_id=event.element_id,
            who=who(self.known, event.person_id, event.post_id, language=self.language),
            decision=str(made["decision"]) if made else "",
            rules=tuple(str(each).rpartition("#")[2] for each in matched) if isinstance(matched, list) else (),
            outputs=tuple((key, words_of(from_json(each))) for key, each in outputs.items())
            if isinstance(outputs, dict)
            else (),
        )


def words_of(value: Value) -> str:
    """The value as a process owner reads it: much as FEEL would write it, without the quotes of a text."""
    match value:
        case None:
            return "–"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case list():
            return "; ".join(words_of(each) for each in value) or "[]"
        case dict():
            return ", ".join(f"{name}: {words_of(each)}" for name, each in value.items()) or "{}"
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case int() | float():
            return str(value)
        case _:
            return format_duration(value)
