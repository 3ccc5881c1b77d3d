"""Random diagrams without any blocks, with flows back and forth, and where BPMN 2.0.2, 13.4, says that their tokens
stand: a reference that follows paths forward from each token and keeps nothing between two questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.factories import boundary, element, end, flow, message, start, user

TASK, INCLUSIVE, EXCLUSIVE = "userTask", "inclusiveGateway", "exclusiveGateway"


@dataclass(frozen=True)
class Way:
    """A flow; `holds` says what its condition is, None where it has none."""

    source: str
    target: str
    holds: bool | None = None
    is_default: bool = False

    @property
    def id(self) -> str:
        return f"{self.source}_{self.target}"


@dataclass
class Net:
    """A diagram: the kind of each element, its flows in the order of the file, and the activities with a border event
    that does not interrupt."""

    kinds: dict[str, str]
    ways: list[Way]
    bordered: frozenset[str]

    def out_of(self, name: str) -> list[Way]:
        return [each for each in self.ways if each.source == name]

    def into(self, name: str) -> list[Way]:
        return [each for each in self.ways if each.target == name]

    def draw(self) -> list[str]:
        parts = [start(), end()]
        for name, kind in self.kinds.items():
            default = {each.source: each.id for each in self.ways if each.is_default}.get(name)
            given = {} if default is None else {"default": default}
            parts.append(user(name, **given) if kind == TASK else element(kind, name, **given))
        parts += [boundary(f"{each}_b", each, message(), interrupting=False) for each in sorted(self.bordered)]
        words = {None: "", True: "1 = 1", False: "1 = 2"}
        return [*parts, *(flow(each.source, each.target, words[each.holds]) for each in self.ways)]


def random_net(seed: int) -> Net:
    """The net of that seed. Every ring has a task in it, so that no run goes round for ever."""
    random = Random(seed)
    first = [f"t{number}" for number in range(random.randint(2, 3))]
    kinds = dict.fromkeys(first, TASK)
    for number in range(random.randint(4, 8)):
        kind = random.choice([TASK, TASK, INCLUSIVE, INCLUSIVE, INCLUSIVE, EXCLUSIVE])
        kinds[f"{'t' if kind == TASK else 'g'}{number + 10}"] = kind
    order = list(kinds)
    pairs = dict.fromkeys([("start", each) for each in first])
    for place, name in enumerate(order):
        if place >= len(first):
            for source in random.sample(order[:place], random.randint(1, min(3, place))):
                pairs[source, name] = None
    tasks = [name for name, kind in kinds.items() if kind == TASK]
    for source in random.sample(tasks, random.randint(0, 2)):
        later = [name for name in order[: order.index(source)] if kinds[name] != TASK]
        if later:
            pairs[source, random.choice(later)] = None
    bordered = frozenset(each for each in tasks if random.random() < 0.2)
    for each in sorted(bordered):
        pairs[f"{each}_b", random.choice([*order[order.index(each) + 1 :], "end"])] = None
    for name in order:
        if not any(source == name for source, _ in pairs):
            pairs[name, "end"] = None
    if not any(target == "end" for _, target in pairs):
        pairs[order[-1], "end"] = None
    return Net(kinds, list(_conditioned(kinds, list(pairs), random)), bordered)


def _conditioned(kinds: dict[str, str], pairs: list[tuple[str, str]], random: Random) -> Iterator[Way]:
    last = dict(pairs)
    for source, target in pairs:
        several = sum(each == source for each, _ in pairs) > 1
        if kinds.get(source) not in (INCLUSIVE, EXCLUSIVE) or not several:
            yield Way(source, target)
        elif last[source] == target:
            yield Way(source, target, is_default=True)
        else:
            yield Way(source, target, holds=random.random() < 0.5)


@dataclass
class Play:
    """The tokens: at tasks, and at joins with the flow by which they came, in the order in which they came."""

    net: Net
    tasks: list[str] = field(default_factory=list)
    joining: list[Way] = field(default_factory=list)
    opened: Counter[str] = field(default_factory=Counter)

    def begin(self) -> None:
        self._run(self.net.out_of("start"))

    def complete(self, task: str) -> None:
        self.tasks.remove(task)
        self._run(self.net.out_of(task))

    def notice(self, task: str) -> None:
        """The border event of the task has come."""
        self._run(self.net.out_of(f"{task}_b"))

    def _run(self, ways: list[Way]) -> None:
        moving = list(ways)
        while moving or (moving := self._opened()):
            way = moving.pop(0)
            match self.net.kinds.get(way.target):
                case None:
                    continue
                case "userTask":
                    self.tasks.append(way.target)
                case "inclusiveGateway" if len(self.net.into(way.target)) > 1:
                    self.joining.append(way)
                case _:
                    moving += self._taken(way.target)

    def _taken(self, name: str) -> list[Way]:
        ways = self.net.out_of(name)
        true = [each for each in ways if each.holds is not False and not each.is_default]
        taken = true or [each for each in ways if each.is_default]
        return taken[:1] if self.net.kinds[name] == EXCLUSIVE else taken

    def _opened(self) -> list[Way]:
        """The first join that may open has taken a token from each flow that has one; where its flow goes on."""
        for join in dict.fromkeys(each.target for each in self.joining):
            filled = dict.fromkeys(each for each in self.joining if each.target == join)
            if self._may_open(join, set(filled)):
                for each in filled:
                    self.joining.remove(each)
                self.opened[join] += 1
                return self._taken(join)
        return []

    def _may_open(self, join: str, filled: set[Way]) -> bool:
        empty = set(self.net.into(join)) - filled
        elsewhere = [*self.tasks, *(each.target for each in self.joining if each.target != join)]
        return not any((found := self._ends(each, join)) & empty and not found & filled for each in elsewhere)

    def _ends(self, at: str, join: str) -> set[Way]:
        """The flows into the join at the end of all paths from the place that pass no join of that name before."""
        seen: set[str] = set()
        found: set[Way] = set()
        waiting = [at]
        while waiting:
            name = waiting.pop()
            if name not in seen and name != join:
                seen.add(name)
                ways = [*self.net.out_of(name), *self.net.out_of(f"{name}_b")]
                found |= {each for each in ways if each.target == join}
                waiting += [each.target for each in ways]
        return found
