"""The pipe to the process in which FEEL runs; hides its start, its death, forks, and who waits for whom."""

import os
import select
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from flowsvc.engine.faults import FeelMemory, FeelTimeout, FeelUnavailable

CHILD = Path(__file__).with_name("feel_child.py")
START_SECONDS = 20.0
QUEUE_SECONDS = 10.0
# The child counts its processor time itself; the clock on the wall ends only one that is stuck or starved.
GRACE_SECONDS = 5.0
TOO_SLOW = "Uttrycket tog längre tid än det får. Förenkla det."
# What the child may know of the environment; its time zone is always UTC.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG")


class Crossing:
    """Asks the child one question at a time; it starts with the first, anew after a fork or a death."""

    def __init__(self, bundle: Path, zone: str) -> None:
        self._bundle = bundle
        self._zone = zone
        self._child: _Child | None = None
        self._turn = threading.Lock()
        self._is_closed = False
        os.register_at_fork(after_in_child=_forgetter(weakref.ref(self)))

    def ask(self, request: bytes, seconds: float) -> Any:
        """The child's answer. FeelTimeout or FeelMemory where the child had to stop; FeelUnavailable where no
        child answered in two tries: a question changes nothing, so it may be asked again."""
        if not self._turn.acquire(timeout=QUEUE_SECONDS):
            raise FeelUnavailable("FEEL svarar inte: för många frågor väntar. Försök igen.")
        try:
            for _ in range(2):
                child = self._child_now()
                try:
                    answer = child.ask(request, seconds)
                except _Late as error:
                    self._drop()
                    raise FeelTimeout(TOO_SLOW) from error
                except _Died:
                    self._drop()
                    continue
                return self._checked(answer)
            raise FeelUnavailable("FEEL svarar inte: dess process slutade två gånger. Försök igen.")
        finally:
            self._turn.release()

    def close(self) -> None:
        """The child has ended and none starts again."""
        with self._turn:
            self._is_closed = True
            self._drop()

    def _child_now(self) -> "_Child":
        if self._is_closed:
            raise FeelUnavailable("FEEL är avstängt i den här processen.")
        if self._child is None:
            self._child = _Child(self._bundle, self._zone)
        return self._child

    def _checked(self, answer: Any) -> Any:
        fault = answer.get("fault") if isinstance(answer, dict) else None
        if fault is None:
            return answer
        # After any of these the child has ended by itself.
        self._drop()
        if fault == "timeout":
            raise FeelTimeout(TOO_SLOW)
        if fault == "memory":
            raise FeelMemory("Uttrycket behövde mer minne än det får. Förenkla det.")
        raise FeelUnavailable("FEEL kunde inte svara på frågan.")

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()

    def forget(self) -> None:
        """In a forked process: the child is the parent's, and a thread that is not here may hold the lock."""
        self._turn = threading.Lock()
        child, self._child = self._child, None
        if child is not None:
            child.abandon()


def _forgetter(crossing: "weakref.ref[Crossing]") -> Callable[[], None]:
    def forget() -> None:
        alive = crossing()
        if alive is not None:
            alive.forget()

    return forget


class _Died(Exception):
    """The child has ended without an answer."""


class _Late(Exception):
    """The child has not answered in time."""


class _Child:
    """One child process and its two pipes."""

    def __init__(self, bundle: Path, zone: str) -> None:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"TZ": "UTC"}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
                [sys.executable, "-I", str(CHILD), str(bundle), zone],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # V8's last words may hold values.
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd="/",
                env=environment,
            )
        except OSError as error:
            raise FeelUnavailable("FEEL kunde inte startas: datorn gav ingen process.") from error
        if self._process.stdin is None or self._process.stdout is None:
            raise FeelUnavailable("FEEL kunde inte startas: datorn gav inga rör.")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        try:
            self._read(time.monotonic() + START_SECONDS)
        except (_Died, _Late) as error:
            self.end()
            raise FeelUnavailable("FEEL kunde inte startas. Bygg om med `python hatch_build.py`.") from error

    def ask(self, request: bytes, seconds: float) -> Any:
        """The answer; _Died or _Late where there is none."""
        until = time.monotonic() + seconds + GRACE_SECONDS
        self._write(b"%.3f %b\n" % (seconds, request), until)
        try:
            return orjson.loads(self._read(until))
        except orjson.JSONDecodeError as error:
            raise _Died from error

    def _write(self, line: bytes, until: float) -> None:
        rest = memoryview(line)
        while rest:
            try:
                rest = rest[os.write(self._stdin.fileno(), rest) :]
            except BlockingIOError:
                self._wait(self._stdin.fileno(), select.POLLOUT, until)
            except OSError as error:
                raise _Died from error

    def _read(self, until: float) -> bytes:
        parts = []
        while True:
            self._wait(self._stdout.fileno(), select.POLLIN, until)
            part = os.read(self._stdout.fileno(), 1 << 16)
            if not part:
                raise _Died
            parts.append(part)
            if part.endswith(b"\n"):
                return b"".join(parts)

    def _wait(self, descriptor: int, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise _Late

    def end(self) -> None:
        """The process is gone and its pipes are closed."""
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def abandon(self) -> None:
        """The pipes are closed here, so that the child ends with the process that started it."""
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):
                pipe.close()
        # It is no child of this process, which must not wait for it.
        self._process.returncode = 0
