"""How far a case has come, element by element: done, going on, waiting, failed. Read from history and what is open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from flowsvc.domain.jobs import Incident, Job, JobKind
from flowsvc.domain.messages import MessageSubscription, SignalSubscription
from flowsvc.domain.tasks import UserTask
from flowsvc.engine.outcome import Happened
from flowsvc.store.audit import Move

_Place: TypeAlias = tuple[str, str]
"""A process key and an element id in it."""

_ACTIVITIES = frozenset(
    {"userTask", "serviceTask", "scriptTask", "businessRuleTask", "subProcess", "adHocSubProcess", "callActivity"}
    | {"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"}
)


@dataclass(frozen=True)
class Progress:
    """Where the tokens of an instance have been and are."""

    states: Mapping[_Place, str]
    late: frozenset[_Place]

    def state(self, process_key: str, element_id: str) -> str:
        """`done`, `current`, `waiting`, `failed`, `cancelled` or `untouched`."""
        return self.states.get((process_key, element_id), "untouched")

    def has_entered(self, process_key: str) -> bool:
        """Whether anything of the process has run."""
        return any(key == process_key for key, _ in self.states)

    def marks(self, process_key: str) -> dict[str, str]:
        """What to draw on the diagram: `current`, `done`, `late` or `failed` by element."""
        found = {}
        for (key, element_id), state in self.states.items():
            if key == process_key and state in ("current", "done", "failed"):
                is_late = state == "current" and (key, element_id) in self.late
                found[element_id] = "late" if is_late else state
        return found


def progress_of(
    moves: Iterable[Move],
    *,
    open_tasks: Sequence[UserTask],
    listening: Sequence[Job | MessageSubscription | SignalSubscription],
    incidents: Sequence[Incident],
    is_over: bool,
    now: datetime,
) -> Progress:
    """Each element's state. What goes on now comes before what was done: an element may be visited again."""
    states: dict[_Place, str] = {}
    active: dict[str, tuple[_Place, str]] = {}
    for event in moves:
        place = (event.process_key, event.element_id)
        match event.happened:
            case Happened.STARTED:
                active[event.token] = (place, event.element_type)
            case Happened.COMPLETED:
                active.pop(event.token, None)
                states[place] = "done"
            case Happened.CANCELLED:
                active.pop(event.token, None)
                states.setdefault(place, "cancelled")
    if not is_over:
        for each in listening:
            # Other jobs carry out an activity, which its own token shows.
            if not isinstance(each, Job) or each.kind is JobKind.TIMER:
                states[each.process_key, each.element_id] = "waiting"
        for place, element_type in active.values():
            states[place] = "current" if element_type in _ACTIVITIES else "waiting"
        for incident in incidents:
            states[incident.process_key, incident.element_id] = "failed"
    timed = [(task, task.due_at) for task in open_tasks if task.due_at is not None and not task.is_paused]
    return Progress(states, frozenset((task.process_key, task.element_id) for task, at in timed if at <= now))
