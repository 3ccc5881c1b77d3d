"""The matters of the demonstration county: what its people have done lately, told in stories.json and played through
the use cases of the pages on a clock that starts some months back. Hides how a story finds its task and its person."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from flowsvc.domain import calendar
from flowsvc.domain.access import Actor
from flowsvc.domain.acting import attending
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.directory import present_holders
from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.values import Value
from flowsvc.store import tasks
from flowsvc.usecases import instances, jobs, messages, pausing, sessions
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.tasks import complete_task

_YEAR = "@year"


@dataclass(frozen=True)
class _Move:
    """Something that somebody does in a story: starts it, completes a task, takes up an offer, or pauses it."""

    at: datetime
    story: int
    told: Mapping[str, Any]


def play(ctx: Context) -> int:
    """Every story has happened up to now, with the timers that ran out on the way; returns how many there are."""
    until = ctx.clock.now()
    text = resources.files("flowsvc.demo").joinpath("stories.json").read_text(encoding="utf-8")
    stories = json.loads(text)["stories"]
    with ctx.store.read() as tx:
        closed = frozenset(day.on for day in ctx.store.directory(tx).closed_days)
    moves = sorted(
        (
            move
            for number, story in enumerate(stories)
            for move in _moves(number, story, now=until, zone=ctx.zone, closed=closed)
        ),
        key=lambda move: move.at,
    )
    clock = ManualClock(moves[0].at if moves else until)
    stage = _Stage(replace(ctx, clock=clock), clock)
    for move in moves:
        stage.wait_until(move.at)
        stage.make(move)
    stage.wait_until(until)
    return len(stories)


def _moves(
    number: int, story: Mapping[str, Any], *, now: datetime, zone: str, closed: frozenset[date]
) -> Iterator[_Move]:
    """The moves of a story that have been made by now; days count as working days from the first one."""
    today = calendar.local_date(now, zone)
    first = today
    while not calendar.is_working_day(first, closed):
        first -= timedelta(days=1)
    first = calendar.add_working_days(first, -story["working_days_ago"], closed)
    yield _Move(_at(first, story["at"], zone), number, story)
    for told in story["then"]:
        on = calendar.add_working_days(first, told["day"], closed) if told["day"] else first
        at = _at(on, told["at"], zone)
        if at <= now:
            yield _Move(at, number, told)


def _at(on: date, clock_time: str, zone: str) -> datetime:
    return datetime.combine(on, time.fromisoformat(clock_time), tzinfo=ZoneInfo(zone))


class _Stage:
    """Where the stories are played: one clock for all of them."""

    def __init__(self, ctx: Context, clock: ManualClock) -> None:
        self._ctx = ctx
        self._clock = clock
        self._instances: dict[int, str] = {}

    def wait_until(self, moment: datetime) -> None:
        """Time passes; what falls due on the way happens at its time."""
        while (due := jobs.next_due_at(self._ctx)) is not None and due <= moment:
            self._clock.set(max(due, self._clock.now()))
            jobs.run_due_jobs(self._ctx, owner="demo")
        self._clock.set(max(moment, self._clock.now()))

    def make(self, move: _Move) -> None:
        """The move is made by the person it names, or by one of those whose task it is."""
        told = move.told
        values = self._dated(told["values"])
        sent = Sent(variables=values if isinstance(values, dict) else {})
        if "process" in told:
            receipt = instances.start_instance(self._ctx, self._actor(told["by"]), told["process"], sent)
            self._instances[move.story] = receipt.instance_id
        elif "pause" in told:
            self._pause(self._instances[move.story], told)
        elif "offer" in told:
            self._take_up(self._instances[move.story], told, sent)
        else:
            self._complete(self._instances[move.story], told, sent)

    def _complete(self, instance_id: str, told: Mapping[str, Any], sent: Sent) -> None:
        with self._ctx.store.read() as tx:
            waiting = tasks.of_instance(tx, instance_id, open_only=True)
        for task in waiting:
            if task.name == told["task"] and told.get("party") in (None, task.party_id):
                actor = self._actor(*([told["by"]] if "by" in told else task.candidate_posts))
                complete_task(self._ctx, actor, task.id, sent)
                return
        raise InvalidInput(f"Ingen uppgift {told['task']} ({told.get('party', '–')}) är öppen i berättelsen.")

    def _pause(self, instance_id: str, told: Mapping[str, Any]) -> None:
        until = date.fromisoformat(str(self._dated(told["until"])))
        pausing.pause_instance(self._ctx, self._actor(told["by"]), instance_id, reason=told["pause"], until=until)

    def _take_up(self, instance_id: str, told: Mapping[str, Any], sent: Sent) -> None:
        actor = self._actor(told["by"])
        for offer in messages.offers_of(self._ctx, actor, instance_id):
            if offer.label == told["offer"]:
                messages.send_offered(self._ctx, actor, instance_id, offer.token, sent)
                return
        raise InvalidInput(f"Inget erbjudande {told['offer']} finns i berättelsen.")

    def _actor(self, *post_ids: str) -> Actor:
        """Somebody who sees to one of the posts today."""
        now = self._clock.now()
        with self._ctx.store.read() as tx:
            directory = self._ctx.store.directory(tx)
        today = calendar.local_date(now, self._ctx.zone)
        found = next((post for each in post_ids if (post := attending(directory, each, today))), None)
        if found is None:
            raise InvalidInput(f"Ingen sköter någon av befattningarna {', '.join(post_ids)} i berättelsen.")
        holder = present_holders(directory, found, today)[0]
        return sessions.acting_as(self._ctx, directory, holder.id, now=now)

    def _dated(self, value: Any) -> Value:
        """The value with every `@+5` and `@-3` made the date so many days from now, as a form takes it, and
        every `@year` and `@year+1` that year."""
        if isinstance(value, str) and value.startswith(_YEAR):
            year = calendar.local_date(self._clock.now(), self._ctx.zone).year
            return year + int(value.removeprefix(_YEAR) or 0)
        if isinstance(value, str) and value.startswith(("@+", "@-")):
            on = calendar.local_date(self._clock.now(), self._ctx.zone) + timedelta(days=int(value[1:]))
            return on.isoformat()
        if isinstance(value, list):
            return [self._dated(item) for item in value]
        if isinstance(value, dict):
            return {name: self._dated(item) for name, item in value.items()}
        return value  # type: ignore[no-any-return]  # what JSON holds
