"""What the tests of the engine share: FEEL, and an instance that each test takes through both modes."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import pytest

from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import PureFunction
from tests.engine.driver import Mode, Run


@pytest.fixture(scope="session")
def shared_feel() -> Iterator[Feel]:
    """One FEEL for all tests of the run."""
    with Feel() as feel:
        yield feel


class Begin(Protocol):
    """A run of the process p, with the processes that it calls by key."""

    def __call__(
        self,
        source: bytes,
        *,
        decisions: Mapping[str, DecisionTree] | None = None,
        functions: Mapping[str, PureFunction] | None = None,
        called: Mapping[str, bytes] | None = None,
    ) -> Run: ...


@pytest.fixture(params=["plain", "restored"])
def run(request: pytest.FixtureRequest, shared_feel: Feel) -> Begin:
    """The test runs once with one engine throughout, and once with everything restored after every step."""
    mode: Mode = request.param

    def begun(
        source: bytes,
        *,
        decisions: Mapping[str, DecisionTree] | None = None,
        functions: Mapping[str, PureFunction] | None = None,
        called: Mapping[str, bytes] | None = None,
    ) -> Run:
        return Run(
            shared_feel, mode, {"p": source, **(called or {})}, decisions=decisions or {}, functions=functions or {}
        )

    return begun
