"""What the engine is handed and what one step of it produced: plain values, no SpiffWorkflow, no database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from flowsvc.domain.values import Value, Variables

ROOT_SCOPE = ""
"""The scope of the instance's own variables; the others are named by the engine, which says when they are over."""

Scopes: TypeAlias = "Mapping[str, Variables]"
"""All variables of an instance: scope token -> name -> value. A subprocess, an inside call activity and a
multi-instance body each open a scope; a name is looked up from the innermost scope outwards (an inside call activity
does not see its caller's variables: only what camunda:in hands over)."""

PureFunction: TypeAlias = Callable[[Variables], Value]
"""A function a service task may call by `flowsvc:function`; its directory snapshot is bound before the step."""


class Happened(StrEnum):
    """What a history entry says of an element."""

    STARTED = "started"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FIRED = "fired"
    THROWN = "thrown"
    CAUGHT = "caught"
    FAILED = "failed"


@dataclass(frozen=True)
class Surroundings:
    """What a step may ask of the world: one time for the whole step, closed days, functions by name."""

    now: datetime
    functions: Mapping[str, PureFunction] = field(default_factory=dict)
    closed_days: frozenset[date] = frozenset()
    zone: str = "Europe/Stockholm"
    business_key: str = ""
    initiator: str = ""
    data_stores: Mapping[str, Value] = field(default_factory=dict)
    """The data stores that the model reads or writes, by name; those without value are left out or null."""


@dataclass(frozen=True)
class Position:
    """Where an instance stands: the engine's state (no values in it) and its variables."""

    state: bytes
    scopes: Scopes


@dataclass(frozen=True)
class ElementEvent:
    """One history entry: an element that started, ended or otherwise showed itself. `properties` are the element's
    flowsvc: properties, FEEL evaluated: on STARTED those without prefix, on COMPLETED those named `flowsvc:end.…`
    (given without the prefix `flowsvc:` and `end.`)."""

    element_id: str
    element_type: str
    name: str
    process_key: str
    token: str
    scope: str
    happened: Happened
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """A moment worked out from a rule such as P5BD, PT2H or a date: the rule, the moment and, where the rule counts
    days, the local date whose end is the moment."""

    rule: str
    at: datetime
    on: date | None = None


@dataclass(frozen=True)
class TaskOpened:
    """A user task waits for people."""

    token: str
    element_id: str
    process_key: str
    name: str
    lane: str
    scope: str
    form_key: str
    assignee: str
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due: Due | None
    follow_up: Due | None
    priority: int
    properties: Mapping[str, Value]


@dataclass(frozen=True)
class TimerArmed:
    """A timer waits; it is fired by token and cycle when `due.at` has come."""

    token: str
    element_id: str
    process_key: str
    due: Due
    cycle: int = 0
    delivers_support: bool = False
    """The event, or the activity that it stands on, delivers support (flowsvc:deliversSupport): nothing delays it."""


@dataclass(frozen=True)
class MessageAwaited:
    """A message event waits for a name and a correlation key; `properties` may offer it to people."""

    token: str
    element_id: str
    process_key: str
    name: str
    message: str
    correlation_key: str
    interrupting: bool
    properties: Mapping[str, Value]


@dataclass(frozen=True)
class SignalAwaited:
    """A signal event waits for a signal of that name, from whatever instance or system."""

    token: str
    element_id: str
    process_key: str
    name: str
    signal: str
    delivers_support: bool = False
    """The event, or the activity that it stands on, delivers support (flowsvc:deliversSupport): nothing delays it."""


@dataclass(frozen=True)
class MessageThrown:
    """A message goes out to the one instance that waits for it, or starts one; `key` names this sending for ever."""

    key: str
    element_id: str
    process_key: str
    message: str
    correlation_key: str
    variables: Variables
    expires_at: datetime | None = None
    """Until when it waits for a receiver (flowsvc:timeToLive); None where the diagram does not say."""


@dataclass(frozen=True)
class SignalThrown:
    """A signal goes out to all other instances that wait for it, and starts those that begin with it. The throwing
    instance's own events have caught it in this step already; `key` names this sending for ever."""

    key: str
    element_id: str
    process_key: str
    signal: str
    variables: Variables


@dataclass(frozen=True)
class CallRequested:
    """A service task waits for something outside: a connector of ours, or an external worker by topic."""

    token: str
    element_id: str
    process_key: str
    kind: str
    """`connector` or `external`."""
    name: str
    inputs: Variables
    priority: int
    retry_cycle: str


@dataclass(frozen=True)
class InstanceRequested:
    """A call activity with flowsvc:ownCase waits for an instance of its own, or has gone on without waiting for it."""

    token: str
    element_id: str
    process_key: str
    called_key: str
    business_key: str
    variables: Variables
    is_awaited: bool = True


@dataclass(frozen=True)
class Closed:
    """A token waits no more; whatever was stored for it (task, timer, subscription, call) is over."""

    token: str
    happened: Happened


@dataclass(frozen=True)
class VariableSet:
    """A variable has a new value. `by_token` is the token that set it."""

    scope: str
    name: str
    value: Value
    by_token: str


@dataclass(frozen=True)
class StoreWritten:
    """A data store has a new value; null removes it."""

    token: str
    element_id: str
    name: str
    value: Value


@dataclass(frozen=True)
class DecisionMade:
    """A decision table was walked: which rules matched, on which names; no values."""

    token: str
    element_id: str
    process_key: str
    decision_key: str
    matched: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """A token stands still because its element failed; `retry` tries it again."""

    token: str
    element_id: str
    process_key: str
    code: str
    message: str
    names: tuple[str, ...] = ()


class Status(StrEnum):
    """Where the instance stands after the step."""

    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Outcome:
    """All that one step produced, in the order in which it happened within each tuple."""

    state: bytes
    status: Status
    events: tuple[ElementEvent, ...] = ()
    tasks: tuple[TaskOpened, ...] = ()
    timers: tuple[TimerArmed, ...] = ()
    messages: tuple[MessageAwaited, ...] = ()
    signals: tuple[SignalAwaited, ...] = ()
    thrown_messages: tuple[MessageThrown, ...] = ()
    thrown_signals: tuple[SignalThrown, ...] = ()
    calls: tuple[CallRequested, ...] = ()
    instances: tuple[InstanceRequested, ...] = ()
    closed: tuple[Closed, ...] = ()
    closed_scopes: tuple[str, ...] = ()
    variables: tuple[VariableSet, ...] = ()
    decisions: tuple[DecisionMade, ...] = ()
    stored: tuple[StoreWritten, ...] = ()
    failures: tuple[Failure, ...] = ()
    end_error: str = ""
    """The code of an error end event that nothing caught."""
