"""Collects what one step produces, in order, and can forget what a failed element had put there."""

from dataclasses import dataclass, field

from flowsvc.engine.outcome import (
    CallRequested,
    Closed,
    DecisionMade,
    ElementEvent,
    Failure,
    Happened,
    InstanceRequested,
    MessageAwaited,
    MessageThrown,
    Outcome,
    SignalAwaited,
    SignalThrown,
    Status,
    StoreWritten,
    TaskOpened,
    TimerArmed,
    VariableSet,
)


@dataclass
class Record:
    """The growing Outcome of a step."""

    events: list[ElementEvent] = field(default_factory=list)
    tasks: list[TaskOpened] = field(default_factory=list)
    timers: list[TimerArmed] = field(default_factory=list)
    messages: list[MessageAwaited] = field(default_factory=list)
    signals: list[SignalAwaited] = field(default_factory=list)
    thrown_messages: list[MessageThrown] = field(default_factory=list)
    thrown_signals: list[SignalThrown] = field(default_factory=list)
    calls: list[CallRequested] = field(default_factory=list)
    instances: list[InstanceRequested] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    closed_scopes: list[str] = field(default_factory=list)
    decisions: list[DecisionMade] = field(default_factory=list)
    stored: list[StoreWritten] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    end_error: str = ""

    def _lists(self) -> tuple[list[object], ...]:
        return tuple(each for each in vars(self).values() if isinstance(each, list))

    def mark(self) -> tuple[int, ...]:
        """A point to come back to."""
        return tuple(len(each) for each in self._lists())

    def undo(self, mark: tuple[int, ...]) -> None:
        """All that was recorded since the mark is gone."""
        for each, length in zip(self._lists(), mark, strict=True):
            del each[length:]

    def outcome(self, state: bytes, status: Status, variables: list[VariableSet]) -> Outcome:
        """The Outcome. What was announced and closed again within the step is left out of the waiting lists, and what
        was set in a scope that is over by now."""
        over = {each.token for each in self.closed}
        cancelled = {each.token for each in self.closed if each.happened is Happened.CANCELLED}
        gone = set(self.closed_scopes)
        return Outcome(
            state=state,
            status=status,
            events=tuple(self.events),
            tasks=tuple(each for each in self.tasks if each.token not in over),
            timers=tuple(each for each in self.timers if each.token not in over),
            messages=tuple(each for each in self.messages if each.token not in over),
            signals=tuple(each for each in self.signals if each.token not in over),
            thrown_messages=tuple(self.thrown_messages),
            thrown_signals=tuple(self.thrown_signals),
            calls=tuple(each for each in self.calls if each.token not in over),
            instances=tuple(each for each in self.instances if each.token not in over),
            closed=tuple(self.closed),
            closed_scopes=tuple(self.closed_scopes),
            variables=tuple(each for each in variables if each.scope not in gone),
            decisions=tuple(self.decisions),
            stored=tuple(self.stored),
            failures=tuple(each for each in self.failures if each.token not in cancelled),
            end_error=self.end_error,
        )
