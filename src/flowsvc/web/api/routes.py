"""What a route of the API declares: its address, who may, what it takes and what it answers. From the same declaration
a request is read and checked, and the OpenAPI description is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowsvc.domain.access import SCOPES, Action, Actor, ActorKind, can
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once
from flowsvc.web.api.shapes import Entry, Sent, Shape, Text, Whole


@dataclass(frozen=True)
class Asked:
    """A request that has been read: all of it is of the declared shapes."""

    ctx: Context
    actor: Actor
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    files: tuple[SourceFile, ...] = ()
    once: Once | None = None


@dataclass(frozen=True)
class Answer:
    """What is answered: a value for the declared shape, or bytes as they are."""

    value: Any = None
    status: int = 200
    location: str = ""


@dataclass(frozen=True)
class Route:
    """One operation of the API. `name` is the operation's id."""

    name: str
    method: str
    path: str
    """With the names of its parts in angle brackets."""
    about: str
    action: Action
    run: Callable[[Asked], Answer]
    query: tuple[Entry, ...] = ()
    body: Sent | None = None
    takes_files: bool = False
    answers: Mapping[int, Shape | str | None] = field(default_factory=dict)
    """By status: the shape of the JSON, the media type of bytes, or nothing."""
    is_write: bool = False
    """Takes an Idempotency-Key, and the worker looks for new jobs afterwards."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that open the route, any of them."""
        holders = {scope: Actor(kind=ActorKind.CLIENT, scopes=frozenset({scope})) for scope in sorted(SCOPES)}
        return tuple(scope for scope, holder in holders.items() if can(holder, self.action))


PAGING = (
    Entry("limit", Whole(1, 200), default=50, about="How many at most."),
    Entry("after", Text(longest=1000), about="The `next` of the page before."),
)
ID = Text(longest=64)


def done(act: Callable[[Asked], object]) -> Callable[[Asked], Answer]:
    """Runs a write that has nothing to tell but that it is done."""

    def run(asked: Asked) -> Answer:
        act(asked)
        return Answer(status=204)

    return run
