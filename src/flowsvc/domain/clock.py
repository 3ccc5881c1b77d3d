"""The only place that asks the machine for the time, a new id or chance; everyone else is handed them."""

import os
import random
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """What the rest of flowsvc knows of time, ids and chance."""

    def now(self) -> datetime:
        """The time as aware UTC."""

    def new_id(self) -> str:
        """A new id: 32 hexadecimal digits, increasing with time."""

    def jitter(self) -> float:
        """A number from 0 up to 1, to spread retries."""


@runtime_checkable
class MovableClock(Clock, Protocol):
    """A clock that can be told what time it is: a demonstration's, or a test's."""

    def set(self, now: datetime) -> None:
        """It is this time now, and goes on from there."""


def _time_ordered_id(milliseconds: int) -> str:
    # The layout of UUID version 7 (RFC 9562 section 5.7): time first, so that keys land beside each other in an index.
    value = (milliseconds & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value).hex


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The machine's time, as aware UTC."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A new id that sorts by the machine's time."""
        return _time_ordered_id(time.time_ns() // 1_000_000)

    def jitter(self) -> float:
        """A number from 0 up to 1."""
        return random.random()  # noqa: S311 - spreads retries, guards nothing


class DemoClock(SystemClock):
    """The machine's clock, moved by an offset that all processes of a demonstration share: it is read again when it is
    older than a second, and written when the clock is set."""

    READ_AGAIN = 1.0

    def __init__(self, read: Callable[[], timedelta], write: Callable[[timedelta], None]) -> None:
        self._read, self._write = read, write
        self._offset = read()
        self._read_at = time.monotonic()
        self.turn = Lock()
        """Held while the clock is being moved, and while jobs run, so that none of them sees time jump."""

    def now(self) -> datetime:
        """The machine's time plus the offset, as aware UTC."""
        if time.monotonic() - self._read_at > self.READ_AGAIN:
            self._offset = self._read()
            self._read_at = time.monotonic()
        return super().now() + self._offset

    def set(self, now: datetime) -> None:
        """It is this time now, in every process within a second."""
        offset = now - super().now()
        self._write(offset)
        self._offset = offset
        self._read_at = time.monotonic()


class ManualClock:
    """A clock that stands still until it is moved, for tests and simulated runs."""

    def __init__(self, start: datetime, *, ids_from: int = 0) -> None:
        self._now = start.astimezone(UTC)
        # Where another clock at the same time has been before, its ids come first.
        self._count = ids_from

    def now(self) -> datetime:
        """The time it was set to."""
        return self._now

    def new_id(self) -> str:
        """A new id that sorts by the order of the calls."""
        self._count += 1
        return _time_ordered_id(int(self._now.timestamp() * 1000) + self._count)

    def jitter(self) -> float:
        """Always a half."""
        return 0.5

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move the clock forward; returns the new time."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._now

    def set(self, now: datetime) -> None:
        """Set the clock to an aware time."""
        self._now = now.astimezone(UTC)
