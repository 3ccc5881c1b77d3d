"""What has happened in a case, in words for those who work in it: who did what, which time ran out, where the matter
was lifted. Gateways, plain starts and ends and automatic tasks are left out; they stand in the history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flowsvc.domain import labels
from flowsvc.domain.directory import Level
from flowsvc.domain.instances import HistoryEvent, InstanceStatus
from flowsvc.domain.tasks import Submission, UserTask
from flowsvc.engine.outcome import Happened
from flowsvc.store import audit, escalations, instances, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.store.types import END_OF_TIME, EPOCH
from flowsvc.usecases import handing_over, pausing, pictures
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.advance import scopes_of
from flowsvc.usecases.answers import Teller, teller
from flowsvc.usecases.context import Context
from flowsvc.usecases.people import party_name, post_name, who
from flowsvc.usecases.reading import Opened

AT_ONCE = 500
"""How many events of the history are told at once; not every one is an entry."""


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened. `who` is "Anna Ek, enhetschef, Ekby kommun"; empty where time or the case itself did."""

    at: datetime
    what: str
    who: str = ""
    acting_for: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    """What was sent, in words: (label, text)."""
    own_answers: tuple[tuple[str, str], ...] = ()
    """What stays inside the reader's own party."""
    kind: str = "task"
    """`start`, `task`, `message`, `timer`, `level`, `silence`, `support`, `call`, `status` or `end`."""


@dataclass(frozen=True)
class Timeline:
    """A part of what has happened, newest first. `older` is the `before` of the part that comes before it in time;
    None where this part reaches the start."""

    entries: tuple[TimelineEntry, ...]
    older: int | None


def of_instance(ctx: Context, tx: Transaction, opened: Opened, *, before: int | None, language: str) -> Timeline:
    """What happened last, or last before the event of that number, with the answers that the reader may see."""
    history = audit.last_before(tx, opened.instance.id, before=before, limit=AT_ONCE)
    upper = audit.history_of(tx, opened.instance.id, after=before - 1, limit=1) if before is not None else ()
    is_whole = len(history) < AT_ONCE or history[0].sequence == 1
    shared = scopes_of([row for row in instances.variables_of(tx, opened.instance.id) if row.owner_party is None])
    telling = _Telling(
        ctx=ctx,
        tx=tx,
        opened=opened,
        language=language,
        teller=teller(ctx, tx, shared[""], language=language),
        tasks={task.token: task for task in tasks.of_instance(tx, opened.instance.id)},
        submissions=tasks.submissions_of(tx, opened.instance.id),
        lifts=_lifts(tx, opened.instance.id),
    )
    since = EPOCH if is_whole else history[0].at
    until = upper[0].at if upper else END_OF_TIME
    entries = [
        *(each for each in telling.silences() if since <= each.at < until),
        *telling.entries(history, from_start=is_whole),
        *(telling.ending() if before is None else ()),
    ]
    # Reversed after sorting: of what happened at the same moment, the last comes first.
    newest_first = tuple(sorted(entries, key=lambda entry: entry.at))[::-1]
    return Timeline(newest_first, None if is_whole else history[0].sequence)


def _lifts(tx: Transaction, instance_id: str) -> frozenset[int]:
    """The numbers of the events with which the matter went to a higher level."""
    found: set[int] = set()
    last: Level | None = None
    for event in audit.telling(tx, instance_id, "escalationLevel"):
        level = _level_of(event)
        if level is not None:
            if last is not None and level > last:
                found.add(event.sequence)
            last = level
    return frozenset(found)


def _level_of(event: HistoryEvent) -> Level | None:
    """The level that the matter stands at from the event on; None where it says nothing of that."""
    name = event.details.get("escalationLevel")
    is_level = event.happened == Happened.STARTED and isinstance(name, str) and name in Level.__members__
    return Level[name] if is_level and isinstance(name, str) else None


@dataclass
class _Telling:
    ctx: Context
    tx: Transaction
    opened: Opened
    language: str
    teller: Teller
    tasks: Mapping[str, UserTask]
    submissions: Sequence[Submission]
    lifts: frozenset[int]

    def _say(self, swedish: str, english: str) -> str:
        return english if self.language == "en" else swedish

    def entries(self, history: Sequence[HistoryEvent], *, from_start: bool) -> Iterator[TimelineEntry]:
        """What the history tells, oldest first."""
        by_task = {each.task_id: each for each in self.submissions if each.task_id}
        unasked = [each for each in self.submissions if not each.task_id]
        start = self._started(unasked)
        if from_start:
            yield start
        for event in history:
            level = _level_of(event)
            if level is not None:
                told = labels.lifted if event.sequence in self.lifts else labels.taken_up
                yield TimelineEntry(at=event.at, what=told(level, self.language), kind="level")
            match event.happened:
                case Happened.COMPLETED if event.element_type == "userTask" and event.token in self.tasks:
                    task = self.tasks[event.token]
                    yield self._completed(event, task, by_task.get(task.id))
                case Happened.FIRED:
                    yield from self._named(event, "timer")
                case Happened.CAUGHT:
                    sent = next((each for each in unasked if each.at == event.at), None)
                    yield from self._named(event, "message", sent)
                case Happened.STARTED if event.element_type == "callActivity":
                    yield from self._own_case(event)
                case handing_over.HANDED_OVER | handing_over.CONFLICT | desk.ASSIGNED:
                    yield from self._handed_over(event)
                case "suspended" | pausing.PAUSED | pausing.RESUMED:
                    yield self._moved(event)
            if event.details.get("interimParty"):
                yield self._interim(event)

    def _started(self, unasked: list[Submission]) -> TimelineEntry:
        instance = self.opened.instance
        sent = next((each for each in unasked if each.at == instance.started_at), None)
        if sent is not None:
            unasked.remove(sent)
        picture = pictures.picture_of(self.ctx, self.tx, instance.pins, instance.process_key)
        return self._entry(
            instance.started_at,
            self._say("Ärendet startat: ", "Case started: ") + picture.title(self.language),
            kind="start",
            person_id=instance.started_by,
            post_id=instance.started_post,
            sent=sent,
        )

    def _completed(self, event: HistoryEvent, task: UserTask, sent: Submission | None) -> TimelineEntry:
        name = (task.name_en if self.language == "en" else "") or task.name
        return self._entry(
            event.at,
            name + self._say(" – klar", " – done"),
            kind="task",
            person_id=event.person_id,
            post_id=event.post_id,
            on_behalf_of=event.on_behalf_of,
            sent=sent,
        )

    def _named(self, event: HistoryEvent, kind: str, sent: Submission | None = None) -> Iterator[TimelineEntry]:
        """What has a name in the picture is told by it."""
        name = self._name(event)
        if name:
            yield self._entry(
                event.at,
                name,
                kind=kind,
                person_id=sent.person_id if sent else event.person_id,
                post_id=sent.post_id if sent else event.post_id,
                on_behalf_of=sent.on_behalf_of if sent else event.on_behalf_of,
                sent=sent,
            )

    def _own_case(self, event: HistoryEvent) -> Iterator[TimelineEntry]:
        pins = self.opened.instance.pins
        found = pictures.drawn(self.ctx, self.tx, pins, event.process_key, event.element_id)
        if found is not None and found.is_own_case:
            what = self._name(event) + self._say(" – eget ärende öppnat", " – a case of its own opened")
            yield TimelineEntry(at=event.at, what=what, kind="call")

    def _moved(self, event: HistoryEvent) -> TimelineEntry:
        """That the case was stopped, paused or resumed; why it was paused is for all who read it."""
        words = {
            "suspended": self._say("Ärendet stoppat av driften", "Case suspended"),
            pausing.PAUSED: self._say("Ärendet pausat", "Case paused"),
            pausing.RESUMED: self._say("Återupptaget", "Resumed"),
        }
        what = words[event.happened]
        entry = self._entry(event.at, what, kind="status", person_id=event.person_id, post_id=event.post_id)
        if event.happened != pausing.PAUSED:
            return entry
        told = [(self._say("Skäl", "Reason"), str(event.details.get("reason") or ""))]
        if event.details.get("until"):
            told.append((self._say("Till", "Until"), str(event.details["until"])))
        return replace(entry, answers=tuple(told))

    def _handed_over(self, event: HistoryEvent) -> Iterator[TimelineEntry]:
        """Who handed a task over to whom; why is for their own party."""
        if not self.opened.may_see(event.owner_party):
            return
        what = self._say("Uppgiften överlämnad: ", "Task handed over: ")
        if event.happened == desk.ASSIGNED:
            what = self._say("Uppgiften tilldelad: ", "Task assigned: ")
        elif event.happened == handing_over.CONFLICT:
            what = self._say("Jäv anmält, uppgiften överlämnad: ", "Conflict of interest reported, task handed over: ")
        entry = self._entry(
            event.at,
            what + self._name(event),
            kind="task",
            person_id=event.person_id,
            post_id=event.post_id,
            on_behalf_of=event.on_behalf_of,
        )
        yield replace(entry, own_answers=handing_over.told(self.tx.directory(), event, language=self.language))

    def _interim(self, event: HistoryEvent) -> TimelineEntry:
        party = party_name(self.tx.directory(), str(event.details["interimParty"]), self.language)
        return TimelineEntry(
            at=event.at, what=self._say("Ansvarar tills vidare: ", "Responsible for now: ") + party, kind="support"
        )

    def _name(self, event: HistoryEvent) -> str:
        if self.language != "en":
            return event.name
        pins = self.opened.instance.pins
        found = pictures.drawn(self.ctx, self.tx, pins, event.process_key, event.element_id)
        return (found.title(self.language) if found else "") or event.name

    def _entry(
        self,
        at: datetime,
        what: str,
        *,
        kind: str,
        person_id: str | None,
        post_id: str | None,
        on_behalf_of: str | None = None,
        sent: Submission | None = None,
    ) -> TimelineEntry:
        known = self.tx.directory()
        is_own = sent is not None and sent.party_id is not None and self.opened.may_see(sent.party_id)
        return TimelineEntry(
            at=at,
            what=what,
            who=who(known, person_id, post_id, language=self.language),
            acting_for=post_name(known, on_behalf_of, self.language),
            answers=self.teller.shared(sent) if sent else (),
            own_answers=self.teller.own(sent) if sent and is_own else (),
            kind=kind,
        )

    def silences(self) -> Iterator[TimelineEntry]:
        """Who let the time of a level run out."""
        known = self.tx.directory()
        for each in escalations.answers_of(self.tx, self.opened.instance.id):
            if each.silent_at is not None:
                party = party_name(known, each.party_id, self.language)
                level = labels.visit(each.level, each.visit, self.language)
                what = self._say(f"{party} svarade inte i tid ({level})", f"{party} did not answer in time ({level})")
                yield TimelineEntry(at=each.silent_at, what=what, kind="silence")

    def ending(self) -> Iterator[TimelineEntry]:
        """That the case is over."""
        instance = self.opened.instance
        if instance.ended_at is None:
            return
        is_cancelled = instance.status is InstanceStatus.CANCELLED
        what = self._say("Ärendet avbrutet", "Case cancelled")
        if not is_cancelled:
            how = labels.end_state(instance.end_state, self.language) if instance.end_state else ""
            what = self._say("Ärendet avslutat", "Case closed") + (f": {how}" if how else "")
        yield TimelineEntry(at=instance.ended_at, what=what, kind="end")
