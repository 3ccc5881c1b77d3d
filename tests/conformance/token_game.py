"""Random block-structured diagrams, and what BPMN 2.0.2, chapter 13, says that they do: a reference that knows blocks
and nothing of tokens, so that it cannot go wrong in the same way as the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from random import Random

from tests.factories import boundary, element, end, flow, multi, script, start, subprocess, timer, user


@dataclass
class Game:
    """What has been done in one play of a diagram."""

    completed: Counter[str] = field(default_factory=Counter)
    turns: Iterator[int] = field(default_factory=count)


@dataclass
class Drawing:
    """The XML of a block, and where the flow comes in and goes out."""

    parts: list[str]
    first: str
    last: str


class Visit:
    """One visit of a block; where nothing else is said, one that is over at once."""

    is_done = True
    """Nothing is left to do in it."""

    def waiting(self) -> Iterator[Waits]:
        """What waits in it for somebody or for its time."""
        return iter(())

    def settle(self) -> None:
        """What follows by itself from what has been done has happened."""


@dataclass
class Waits:
    """A user task or a timer that waits since a turn."""

    name: str
    since: int
    visit: TaskVisit | InsideVisit

    def leave(self) -> None:
        """It is done, or its time has come."""
        self.visit.leave(self.name)


class Block(ABC):
    """A piece of a diagram with one way in and one way out."""

    @abstractmethod
    def draw(self) -> Drawing:
        """The block as XML."""

    @abstractmethod
    def visit(self, game: Game) -> Visit:
        """A visit has begun."""


@dataclass
class Task(Block):
    """Somebody does it; a timer on its border may take it away."""

    id: str
    has_timer: bool = False

    def draw(self) -> Drawing:
        return _with_timer(self.id, [user(self.id)]) if self.has_timer else Drawing([user(self.id)], self.id, self.id)

    def visit(self, game: Game) -> Visit:
        return TaskVisit(self, game)


def _with_timer(identity: str, parts: list[str]) -> Drawing:
    merge, event = f"{identity}_merge", f"{identity}_timer"
    parts += [boundary(event, identity, timer("P5BD")), element("exclusiveGateway", merge)]
    return Drawing([*parts, flow(identity, merge), flow(event, merge)], identity, merge)


@dataclass
class TaskVisit(Visit):
    of: Task
    game: Game

    def __post_init__(self) -> None:
        self.is_done = False
        self.since = next(self.game.turns)

    def waiting(self) -> Iterator[Waits]:
        if not self.is_done:
            yield Waits(self.of.id, self.since, self)
            if self.of.has_timer:
                yield Waits(f"{self.of.id}_timer", self.since, self)

    def leave(self, by: str) -> None:
        self.is_done = True
        self.game.completed[by] += 1


@dataclass
class Script(Block):
    """The engine does it at once."""

    id: str

    def draw(self) -> Drawing:
        return Drawing([script(self.id, "1 + 1", f"r_{self.id}")], self.id, self.id)

    def visit(self, game: Game) -> Visit:
        game.completed[self.id] += 1
        return Visit()


@dataclass
class Chain(Block):
    """One after another."""

    blocks: Sequence[Block]

    def draw(self) -> Drawing:
        drawn = [each.draw() for each in self.blocks]
        parts = [part for each in drawn for part in each.parts]
        return Drawing([*parts, *(flow(a.last, b.first) for a, b in pairwise(drawn))], drawn[0].first, drawn[-1].last)

    def visit(self, game: Game) -> Visit:
        return Visits(game, list(self.blocks), at_once=1)


@dataclass
class Visits(Visit):
    """Visits of several blocks, so many at once; done when all are."""

    game: Game
    left: list[Block]
    at_once: int
    now: list[Visit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settle()

    def waiting(self) -> Iterator[Waits]:
        for each in self.now:
            yield from each.waiting()

    def settle(self) -> None:
        for each in self.now:
            each.settle()
        self.now = [each for each in self.now if not each.is_done]
        while self.left and len(self.now) < self.at_once:
            begun = self.left.pop(0).visit(self.game)
            if not begun.is_done:
                self.now.append(begun)
        self.is_done = not self.left and not self.now


@dataclass
class Fork(Block):
    """A gateway of the kind, its branches and its join. `taken` are the numbers of the branches whose conditions hold;
    the last branch is the default one of a gateway that chooses."""

    id: str
    kind: str
    branches: Sequence[Block]
    taken: frozenset[int]

    def draw(self) -> Drawing:
        split, join = f"{self.id}_s", f"{self.id}_j"
        drawn = [each.draw() for each in self.branches]
        is_choice = self.kind != "parallelGateway"
        default = {"default": f"{split}_{drawn[-1].first}"} if is_choice else {}
        parts = [element(self.kind, split, **default), element(self.kind, join)]
        for number, each in enumerate(drawn):
            is_asked = is_choice and each is not drawn[-1]
            condition = ("1 = 1" if number in self.taken else "1 = 2") if is_asked else ""
            parts += [*each.parts, flow(split, each.first, condition), flow(each.last, join)]
        return Drawing(parts, split, join)

    def visit(self, game: Game) -> Visit:
        chosen = self._chosen()
        return Visits(game, list(chosen), at_once=len(chosen))

    def _chosen(self) -> Sequence[Block]:
        held = [each for number, each in enumerate(self.branches[:-1]) if number in self.taken]
        match self.kind:
            case "parallelGateway":
                return self.branches
            case "exclusiveGateway":
                return [*held, self.branches[-1]][:1]
            case _:
                return held or self.branches[-1:]


@dataclass
class Inside(Block):
    """An embedded subprocess, once or multi-instance, perhaps with a timer on its border."""

    id: str
    block: Block
    times: int | None = None
    is_sequential: bool = False
    has_timer: bool = False

    def draw(self) -> Drawing:
        drawn = self.block.draw()
        begin, over = f"{self.id}_b", f"{self.id}_e"
        inside = [start(begin), end(over), *drawn.parts, flow(begin, drawn.first), flow(drawn.last, over)]
        if self.times is not None:
            mark = multi(str(list(range(self.times))))
            inside.insert(0, mark.replace(" ", ' isSequential="true" ', 1) if self.is_sequential else mark)
        parts = [subprocess(self.id, *inside)]
        return _with_timer(self.id, parts) if self.has_timer else Drawing(parts, self.id, self.id)

    def visit(self, game: Game) -> Visit:
        return InsideVisit(self, game)


@dataclass
class InsideVisit(Visit):
    of: Inside
    game: Game

    def __post_init__(self) -> None:
        self.since = next(self.game.turns)
        times = 1 if self.of.times is None else self.of.times
        self.bodies = Visits(self.game, [self.of.block] * times, at_once=1 if self.of.is_sequential else times)
        self.is_done = self.bodies.is_done

    def waiting(self) -> Iterator[Waits]:
        if not self.is_done:
            yield from self.bodies.waiting()
            if self.of.has_timer:
                yield Waits(f"{self.of.id}_timer", self.since, self)

    def settle(self) -> None:
        if not self.is_done:
            self.bodies.settle()
            self.is_done = self.bodies.is_done

    def leave(self, by: str) -> None:
        self.is_done = True
        self.game.completed[by] += 1


@dataclass
class Laps(Block):
    """A loop back over an exclusive gateway, so many laps."""

    id: str
    block: Block
    laps: int

    def draw(self) -> Drawing:
        drawn = self.block.draw()
        begin, merge, counter, choice, out = (f"{self.id}_{each}" for each in ("zero", "m", "count", "x", "out"))
        name = f"n_{self.id}"
        parts = [
            script(begin, "0", name),
            element("exclusiveGateway", merge),
            *drawn.parts,
            script(counter, f"{name} + 1", name),
            element("exclusiveGateway", choice, default=f"{choice}_{out}"),
            element("task", out),
            flow(begin, merge),
            flow(merge, drawn.first),
            flow(drawn.last, counter),
            flow(counter, choice),
            flow(choice, merge, f"{name} < {self.laps}"),
            flow(choice, out),
        ]
        return Drawing(parts, begin, out)

    def visit(self, game: Game) -> Visit:
        return Visits(game, [self.block] * self.laps, at_once=1)


class Draughtsman:
    """Draws blocks at random; the same seed draws the same."""

    def __init__(self, seed: int, *, most: int = 14) -> None:
        self._random = Random(seed)
        self._left = most
        self._number = 0

    def block(self, depth: int = 0) -> Block:
        """A block, no deeper than five."""
        kinds = ["task", "task", "script", "timed"]
        if depth < 4 and self._left > 1:
            kinds += ["chain"] * 3 + ["fork"] * 4 + ["inside", "bodies", "laps"]
        chance = self._random.random
        match self._random.choice(kinds if depth else ["chain", "fork"]):
            case "chain":
                return Chain([self.block(depth + 1) for _ in range(self._random.randint(2, 3))])
            case "fork":
                kind = self._random.choice(("parallelGateway", "exclusiveGateway", "inclusiveGateway"))
                many = self._random.randint(2, 3)
                taken = frozenset(number for number in range(many) if chance() < 0.5)
                return Fork(self._id("fork"), kind, [self.block(depth + 1) for _ in range(many)], taken)
            case "inside":
                return Inside(self._id("sub"), self.block(depth + 1), has_timer=chance() < 0.4)
            case "bodies":
                times, inner = self._random.randint(0, 3), self.block(depth + 1)
                return Inside(self._id("sub"), inner, times, is_sequential=chance() < 0.5, has_timer=chance() < 0.2)
            case "laps":
                return Laps(self._id("loop"), self.block(depth + 1), self._random.randint(1, 3))
            case "script":
                return Script(self._id("script", is_leaf=True))
            case kind:
                return Task(self._id("task", is_leaf=True), has_timer=kind == "timed")

    def _id(self, kind: str, *, is_leaf: bool = False) -> str:
        self._left -= is_leaf
        self._number += 1
        return f"{kind}{self._number}"
