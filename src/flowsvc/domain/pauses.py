"""A pause: an instance rests with a reason, and what counts a length of time keeps what was left of it. Hides how the
days that are left are counted, and where in the processes a pause may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flowsvc.domain import calendar
from flowsvc.domain.definitions import ProcessFacts
from flowsvc.domain.errors import InvalidInput

TOKEN = "pause"  # noqa: S105 - the token of a job, as the engine's tokens are of others
"""The token of the job that ends a pause."""
LONGEST_REASON = 500
LONGEST = timedelta(days=366)
"""How far ahead the day may lie on which a pause ends by itself."""
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Pause:
    """One pause of an instance, by whom and why. `until` is the day on which it ends by itself."""

    id: str
    instance_id: str
    began_at: datetime
    person_id: str
    post_id: str | None
    reason: str
    until: date | None
    resumed_at: datetime | None = None
    resumed_by: str | None = None


@dataclass(frozen=True)
class Rest:
    """The time during which an instance rested, and the calendar that its days are counted by."""

    began_at: datetime
    ended_at: datetime
    closed: frozenset[date]
    zone: str

    def since(self, opened_at: datetime) -> datetime:
        """From when something rested that was there from this time on."""
        return max(self.began_at, opened_at)


def require_reason(reason: str) -> str:
    """The reason without the space around it; InvalidInput where there is none, or too long a one."""
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise InvalidInput(f"Skriv varför ärendet pausas, högst {LONGEST_REASON} tecken.")
    return why


def require_until(until: date | None, *, today: date) -> None:
    """The day lies ahead, and not too far; none at all is fine."""
    if until is not None and not today < until <= today + LONGEST:
        raise InvalidInput("Välj en dag efter i dag och högst ett år framåt, eller ingen dag alls.")


def is_length(rule: str) -> bool:
    """Whether a rule of a timer or a due time is a length of time: it keeps what is left. What is no length is set to
    a date or a time of day, and stays."""
    return rule.startswith(("P", "+P"))


def is_repeated_length(rule: str) -> bool:
    """Whether a cycle counts its lengths from when it began, and not from a date or by the calendar."""
    repeats, _, rest = rule.partition("/")
    return repeats.startswith("R") and rest.startswith(("P", "+P")) and "/" not in rest


def moved(rule: str, due_at: datetime, *, opened_at: datetime, rest: Rest) -> datetime:
    """When something is due after the rest, with as much left as when the rest began. What was due before that, and
    what is no length, is due when it was."""
    since = rest.since(opened_at)
    if not is_length(rule) or due_at <= since:
        return due_at
    if "T" in rule or "." in rule or "," in rule:
        return due_at + (rest.ended_at - since)
    due_on = calendar.local_date(due_at - _MOMENT, rest.zone)
    return calendar.end_of_day(moved_day(rule, due_on, since=since, rest=rest), rest.zone)


def moved_day(rule: str, on: date, *, since: datetime, rest: Rest) -> date:
    """The day that has as many days before it, today included, as `on` had: working days where the rule counts them.
    With today included, a rest that ends on a day off takes nothing."""
    began, ended = calendar.local_date(since, rest.zone), calendar.local_date(rest.ended_at, rest.zone)
    if not rule.endswith("BD"):
        return on + (ended - began)
    left = calendar.working_days_between(began - _DAY, on, rest.closed)
    # A last day that is a day off is no earlier for a rest that was over the same day.
    return max(calendar.add_working_days(ended - _DAY, left, rest.closed) if left else ended, on)


def not_pausable(root: str, processes: Mapping[str, ProcessFacts]) -> frozenset[str]:
    """The keys of the processes in which an instance of `root` must not be while it is paused: those that do not say
    flowsvc:pausable and are called from outside any that does."""
    found: set[str] = set()
    ahead = [root]
    while ahead:
        key = ahead.pop()
        facts = processes.get(key)
        if key in found or facts is None or facts.properties.get("pausable") == "true":
            continue
        found.add(key)
        ahead.extend(facts.called_inside)
    return frozenset(found)
