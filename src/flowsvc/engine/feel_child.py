"""The process in which FEEL runs: reads a JSON line, hands it to V8, writes a JSON line; hides mini-racer.

Started as a file, so that nothing of flowsvc is loaded here. A line in is the limit in seconds of processor
time, a space and the request; a line out is the answer, or {"fault": word} as its last before it ends.
"""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from py_mini_racer import JSEvalException, JSOOMException, mini_racer

HEAP_LIMIT = 128 * 1024 * 1024
WARM_UP = (
    '{"op":"evaluate","texts":["if a > 1 and not(b) then string(a) else c[item = 1]"],"want":"any",'
    '"now":"2026-01-01T00:00:00Z","context":{"a":1,"b":false,"c":[1]}}'
)


class OutOfTime(Exception):
    """The request has used up its processor time."""


class Stopwatch:
    """Raises OutOfTime once the process has used so much processor time; waiting for others costs none."""

    def __init__(self) -> None:
        self._is_armed = False
        signal.signal(signal.SIGPROF, self._ring)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        # A signal may be delivered after the timer was stopped.
        if self._is_armed:
            self._is_armed = False
            raise OutOfTime

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Within it OutOfTime may be raised."""
        self._is_armed = True
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            yield
        finally:
            self._is_armed = False
            signal.setitimer(signal.ITIMER_PROF, 0)


def main(bundle: str, zone: str) -> None:
    """Answer requests until the parent closes the pipe."""
    # A dump of this process would hold people's data.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C in a terminal reaches the whole group; the parent ends this process by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The threads that V8 makes inherit this: the alarm has to wake the main thread, which waits in Python.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    asyncio.run(_serve(bundle, zone))


async def _serve(bundle: str, zone: str) -> None:
    # mini-racer is fastest without await on the loop that it was made on; nothing else uses this loop.
    with mini_racer() as v8:
        v8.set_hard_memory_limit(HEAP_LIMIT)
        with open(bundle, encoding="utf-8") as file:
            v8.eval(file.read())

        def ask(request: str) -> str:
            # A text inside the script: faster than handing over an argument, and nothing in it is executed.
            return str(v8.eval(f"ask({json.dumps(request)})"))

        ask(json.dumps({"op": "zone", "zone": zone}))
        ask(WARM_UP)
        _say("{}")
        stopwatch = Stopwatch()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
        for line in sys.stdin.buffer:
            seconds, _, request = line.decode().partition(" ")
            fault = _answer(ask, request, stopwatch, float(seconds))
            if fault:
                _say(json.dumps({"fault": fault}))
                break
        # The isolate may be busy with what was cut off: leave without its farewells.
        os._exit(0)


def _answer(ask: Callable[[str], str], request: str, stopwatch: Stopwatch, seconds: float) -> str:
    try:
        with stopwatch.limit(seconds):
            answer = ask(request)
    except OutOfTime:
        return "timeout"
    except JSOOMException:
        # The isolate is not to be trusted after this: the next call was seen to fail too.
        return "memory"
    except JSEvalException as error:
        return "memory" if "RangeError" in str(error) else "error"
    _say(answer)
    return ""


def _say(line: str) -> None:
    sys.stdout.buffer.write(line.encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
