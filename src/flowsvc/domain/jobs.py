"""Jobs: what the worker must do later, when to try again, and when to give up with an incident."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
MOST_CRASHES = 3
"""A job that has taken its process down so often is tried no more."""
STUCK = "instance.stuck"
"""The incident of a running instance that waits for nothing."""
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
"""Waits before the second, third and fourth try; after that an incident."""


class JobKind(StrEnum):
    """What a job does."""

    TIMER = "timer"
    CONNECTOR = "connector"
    EXTERNAL = "external"
    START_INSTANCE = "start_instance"
    """Starts a called process of its own case."""
    FINISH_CALL = "finish_call"
    """Joins a finished called instance to its caller."""
    START_TIMER = "start_timer"
    """A timer start event of a process definition."""
    START_SIGNAL = "start_signal"
    """A signal start event of a process definition."""
    SEND_MESSAGE = "send_message"
    """Finds the receiver of a message; while the message waits for one, the time at which it expires."""
    DELIVER_MESSAGE = "deliver_message"
    DELIVER_SIGNAL = "deliver_signal"
    RESUME = "resume"
    """Ends a pause on its last day."""
    REGISTER = "register"
    """Starts the process that an agreement's rhythm names."""
    MAIL = "mail"
    """Sends a person the mail that is due."""


class JobState(StrEnum):
    """The life of a job; a done job's row is deleted."""

    WAITING = "waiting"
    SUSPENDED = "suspended"
    """Its instance is suspended or paused: it waits for the instance to be resumed."""
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    """A job row. Unique per (instance, token, cycle): a timer is never double."""

    id: str
    kind: JobKind
    instance_id: str | None
    token: str
    cycle: int
    element_id: str
    process_key: str
    due_at: datetime
    state: JobState
    attempts: int
    retries_left: int
    lease_until: datetime | None
    lease_owner: str
    fence: int
    crashes: int
    """Leases that ended without a word of whoever had them: its process died, or was killed by the job itself."""
    request: dict[str, object]
    """What the call needs beside the instance's variables: names, topic, definition; no case values."""
    created_at: datetime


@dataclass(frozen=True)
class Incident:
    """Something stands still and needs a person: codes and names, never values."""

    id: str
    instance_id: str | None
    job_id: str | None
    token: str
    element_id: str
    process_key: str
    code: str
    message: str
    names: tuple[str, ...]
    at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True)
class Retry:
    """Try again at this time, or give up (`at` is None)."""

    at: datetime | None
    retries_left: int


def after_failure(job: Job, *, now: datetime, retry: bool, after: timedelta | None, jitter: float) -> Retry:
    """When to try again after a failed try: with growing waits, or never when the retries are used up."""
    left = job.retries_left - 1
    if not retry or left <= 0:
        return Retry(at=None, retries_left=max(left, 0))
    wait = after if after is not None else BACKOFF[min(max(job.attempts - 1, 0), len(BACKOFF) - 1)] * (1 + 0.2 * jitter)
    return Retry(at=now + wait, retries_left=left)
