"""A cell of the support matrix as a story: a small diagram, what happens to an instance of it, and what the standard
says must follow. What must follow is a trace: words in order, and branches in any order between `(` `|` `)`.

A word is the id of an element that is completed, or id.caught, id.fired, id.thrown, id.cancelled, id.failed. That an
element has started is only looked at where a trace of the story says id.started: it is implied by what follows."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tests.factories import bpmn

Verb: TypeAlias = Literal["begins", "done", "fires", "comes", "signalled", "answered", "broken"]
_NAMES = ("hej", "sluta", "larm", "faran över")
"""The messages and signals of the factories' head."""


@dataclass(frozen=True)
class Act:
    """One thing that happens from outside, and the trace of what follows before the next."""

    verb: Verb
    what: str
    then: str
    values: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""


def begins(then: str, /, at: str = "", **values: Any) -> Act:
    """An instance begins: somebody starts it, or what its start event `at` waits for comes."""
    return Act("begins", at, then, values)


def done(task: str, then: str, /, **values: Any) -> Act:
    """Somebody has done the first open task of that user task."""
    return Act("done", task, then, values)


def fires(event: str, then: str, /) -> Act:
    """The time of the event has come."""
    return Act("fires", event, then)


def comes(event: str, then: str, /, **values: Any) -> Act:
    """The message that the event or receive task waits for comes."""
    return Act("comes", event, then, values)


def signalled(name: str, then: str, /, **values: Any) -> Act:
    """Another instance has thrown the signal."""
    return Act("signalled", name, then, values)


def answered(task: str, then: str, /, **values: Any) -> Act:
    """An external worker has done the service task."""
    return Act("answered", task, then, values)


def broken(task: str, code: str, then: str, /, **values: Any) -> Act:
    """An external worker says that the service task ended in a BPMN error."""
    return Act("broken", task, then, values, code)


@dataclass(frozen=True)
class Cell:
    """A diagram, its story, and the clause of BPMN 2.0.2 that the story is read from."""

    name: str
    clause: str
    drawn: str
    story: tuple[Act, ...]
    waits: str = ""
    """The elements that still wait when the story is over; nothing where the instance has ended."""
    fails: str = ""
    """The elements that stand in an incident then."""
    stands_still: bool = False
    """The standard lets it wait for ever for a token that cannot come; the watch reports it."""
    ends_with: Mapping[str, Any] = field(default_factory=dict)
    """What variables of the instance are in the end."""
    called: Mapping[str, str] = field(default_factory=dict)
    """Processes that the diagram calls."""
    roots: str = ""
    """What stands in the file beside the process."""

    @property
    def key(self) -> str:
        """The key of its process, and what its case numbers begin with."""
        return re.sub(r"\W+", "-", self.name.lower()).strip("-")

    @property
    def files(self) -> Mapping[str, bytes]:
        """The file of each process that it draws or calls, by key."""
        drawn = {self.key: bpmn(self.drawn, key=self.key)} | {
            key: bpmn(inside, key=key) for key, inside in self.called.items()
        }
        return {key: self._own(source, self.roots if key == self.key else "") for key, source in drawn.items()}

    @property
    def processes(self) -> Mapping[str, bytes]:
        """The file that holds each process by key, those of global tasks among them."""
        files = self.files
        tasks = re.findall(r'<bpmn:global\w+ id="([^"]+)"', self.roots)
        return {**files, **dict.fromkeys(tasks, files[self.key])}

    def signal(self, name: str) -> str:
        """The signal or message as it is called in this cell: what is thrown in one is not caught in another."""
        return f"{name} ({self.key})"

    def _own(self, source: bytes, roots: str) -> bytes:
        text = source.decode().replace("<bpmn:process", roots + "<bpmn:process", 1)
        for name in _NAMES:
            text = text.replace(f'name="{name}"', f'name="{self.signal(name)}"')
        text = text.replace('camunda:topic="t"', f'camunda:topic="{self.key}"')
        return text.encode()


@dataclass(frozen=True)
class Entry:
    """One entry of an instance's history."""

    element: str
    happened: str
    token: str

    @property
    def word(self) -> str:
        """The word that a trace has for it."""
        return self.element if self.happened == "completed" else f"{self.element}.{self.happened}"


@dataclass(frozen=True)
class Standing:
    """How an instance stands: what waits, what has failed, and whether it is over."""

    waits: tuple[str, ...]
    fails: tuple[str, ...]
    is_over: bool


# Traces

Trace: TypeAlias = "tuple[str | tuple[Trace, ...], ...]"


def trace_of(text: str) -> Trace:
    """The trace as it is written."""
    words = re.findall(r"[()|]|[^\s()|]+", text)
    read, rest = _sequence(words)
    assert not rest, f"cannot be read from {rest[0]}: {text}"
    return read


def _sequence(words: list[str]) -> tuple[Trace, list[str]]:
    read: list[Any] = []
    while words and words[0] not in (")", "|"):
        word, *words = words
        if word != "(":
            read.append(word)
            continue
        branches = []
        while True:
            branch, words = _sequence(words)
            branches.append(branch)
            closing, *words = words
            if closing == ")":
                break
        read.append(tuple(branches))
    return tuple(read), words


def words_of(trace: Trace) -> Iterator[str]:
    """All words of the trace."""
    for each in trace:
        if isinstance(each, str):
            yield each
        else:
            for branch in each:
                yield from words_of(branch)


def after(trace: Trace, word: str) -> Iterator[Trace]:
    """What may follow when the trace has begun with the word."""
    if not trace:
        return
    first, rest = trace[0], trace[1:]
    if isinstance(first, str):
        if first == word:
            yield rest
        return
    for place, branch in enumerate(first):
        for left in after(branch, word):
            others = (*first[:place], *((left,) if left else ()), *first[place + 1 :])
            yield ((others, *rest) if others else rest)


def require_trace(expected: str, found: Sequence[str], *, where: str) -> None:
    """What was found is one of the orders that the trace leaves open."""
    possible = {trace_of(expected)}
    for place, word in enumerate(found):
        possible = {left for trace in possible for left in after(trace, word)}
        assert possible, f"{where}: expected {expected!r}, found {' '.join(found)!r}; {word} ({place}) does not follow"
    assert () in possible, f"{where}: expected {expected!r}, and it stopped after {' '.join(found)!r}"


def require_lives(entries: Sequence[Entry]) -> None:
    """Each visit of an element starts once and is completed or cancelled at most once, after it has started (BPMN
    2.0.2, figure 13.2)."""
    lives: dict[tuple[str, str], list[str]] = {}
    for each in entries:
        lives.setdefault((each.element, each.token), []).append(each.happened)
    for visit, life in lives.items():
        counted = Counter(life)
        ends = counted["completed"] + counted["cancelled"]
        assert counted["started"] <= 1, (visit, life)
        assert ends <= 1, (visit, life)
        if ends:
            assert life[0] == "started", (visit, life)
            assert life[-1] in ("completed", "cancelled"), (visit, life)
