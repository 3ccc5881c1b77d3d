"""The benchmarks: each prints a ratio against a yardstick of the same run, so that a figure means the same on every
machine. Hides how things are timed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """What was measured against what. Times are seconds of wall clock, the best of several tries."""

    name: str
    took: float
    yardstick: str
    yardstick_took: float

    @property
    def ratio(self) -> float:
        """How many times as long as the yardstick."""
        return self.took / self.yardstick_took


def best_of(times: int, work: Callable[[], object]) -> float:
    """The shortest of so many runs in seconds: the others were disturbed."""
    return min(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def lines(figures: Iterable[Figure]) -> Iterator[str]:
    """Each figure as a line, as soon as it is there; times in milliseconds."""
    for each in figures:
        yield (
            f"{each.name}: {each.took * 1000:.3f} ms = {each.ratio:.2f} × {each.yardstick} "
            f"({each.yardstick_took * 1000:.3f} ms)"
        )
