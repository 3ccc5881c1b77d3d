"""What the tests of the processes share: one engine with every shipped file, and a new case each time."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from flowsvc.engine.feel import Feel
from tests.processes.county import COUNTY, PLAIN
from tests.processes.host import Case, Office


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """The engine with every shipped diagram and table."""
    with Feel() as feel:
        yield Office.open(feel)


class Report(Protocol):
    """Reports a matter and gives the case that follows from it."""

    def __call__(self, *counterparts: str, reporter: str = "ekby.handlaggare", **values: Any) -> Case: ...


@pytest.fixture
def report(office: Office) -> Report:
    """A dispute about responsibility in Ekby unless the values say otherwise."""

    def reported(*counterparts: str, reporter: str = "ekby.handlaggare", **values: Any) -> Case:
        rows: list[Any] = [{"unit": unit} for unit in counterparts]
        unit = COUNTY.posts[reporter].unit_id
        case = Case(office, COUNTY)
        return case.start(reporter=reporter, **{**PLAIN, "place": unit, "counterparts": rows, **values})

    return reported
