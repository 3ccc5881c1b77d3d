"""Runs all tests as two halves side by side, one for each core: those that wait for browsers and processes, and those
that reckon. What is given on the command line goes to both. The second half is shown when the first has ended."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence

WAITING = "browser or slow"
NOTHING_CHOSEN = 5
"""What pytest ends with where no test of the half was asked for."""


def main(given: Sequence[str]) -> int:
    """The worse of both halves' exit codes."""
    with tempfile.TemporaryFile() as said:
        second = subprocess.Popen(
            [*_pytest(given, f"not ({WAITING})"), "-o", "cache_dir=.pytest_cache/second"],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            first = subprocess.call(_pytest(given, WAITING))
            other = second.wait()
        except KeyboardInterrupt:
            second.wait()
            return 130
        said.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    ended = {first, other}
    return max(ended - {NOTHING_CHOSEN}, default=0 if given else NOTHING_CHOSEN)


def _pytest(given: Sequence[str], half: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-m", half, *given]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
