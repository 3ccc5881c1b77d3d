"""What every use case is handed: the store, FEEL, the engine, the clock and what belongs to this installation."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock, RLock

from flowsvc.connectors.base import Connector
from flowsvc.connectors.mail import Mailer
from flowsvc.domain import calendar
from flowsvc.domain.clock import Clock
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Outcome
from flowsvc.store.transaction import Store, Transaction

Noted = Callable[[Transaction, ProcessInstance, Outcome], None]


class Parsed:
    """Parsed decisions and forms by definition id; safe to share, since a definition never changes."""

    def __init__(self, room: int = 500) -> None:
        self._room = room
        self._kept: OrderedDict[str, object] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> object | None:
        """What was kept under the key, if it still is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, value: object) -> None:
        """Keep the value; the one unused longest gives way."""
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)


class Turns:
    """Within this process, threads that take a turn of the same name come one after another."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[AbstractContextManager[bool], int]] = {}
        self._guard = Lock()

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """Nobody else has the turn of that name meanwhile."""
        with self._guard:
            lock, wanted = self._locks.get(name, (RLock(), 0))
            self._locks[name] = (lock, wanted + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, wanted = self._locks[name]
                if wanted > 1:
                    self._locks[name] = (lock, wanted - 1)
                else:
                    del self._locks[name]


@dataclass(frozen=True)
class Context:
    """Built once by the application from its settings; use cases hold no other state."""

    store: Store
    feel: Feel
    engine: Engine
    clock: Clock
    zone: str
    county: str
    demo: bool
    upload_limit: int
    parsed: Parsed = field(default_factory=Parsed)
    turns: Turns = field(default_factory=Turns)
    connectors: Mapping[str, Connector] = field(default_factory=dict)
    mailer: Mailer | None = None
    """What sends mail; None where none is sent."""
    public_url: str = ""
    """Where people find the pages, for links in mail."""
    approvals: int = 0
    """How many must approve what somebody else wants to deploy: 0 or 1."""
    calls_by_hand: bool = False
    """Whatever would be called outside waits for a person to answer for it: in a trial."""
    noted: Noted | None = None
    """Told of each step within its transaction: a trial keeps which rules of a table matched."""

    def today(self) -> date:
        """The local date of now."""
        return calendar.local_date(self.clock.now(), self.zone)

    def evaluate(self, texts: Sequence[str], variables: Variables, *, now: datetime) -> Sequence[Value]:
        """The values of the FEEL expressions in one crossing; names that are not set are null, since a form is asked
        about while it is still empty. The first fault is raised."""
        known: Variables = dict(variables)
        for text in texts:
            for name in self.feel.variables(text):
                known.setdefault(name, None)
        answers: list[Value] = []
        for answer in self.feel.evaluate_many(texts, known, now=now, want="any"):
            if isinstance(answer, Exception):
                raise answer
            answers.append(answer)
        return answers
