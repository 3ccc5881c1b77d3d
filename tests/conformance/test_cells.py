"""Every cell of the support matrix has a story whose traces are written from the standard. Each is told in the engine's
memory, with everything restored after every step, and in the whole service with two workers: the same must happen."""

from collections.abc import Iterator, Mapping

import pytest

from flowsvc.engine.feel import Feel
from tests.conformance.cells import CELLS
from tests.conformance.planted import NOT_IN_FLOW, Position, covered, in_the_manual
from tests.conformance.stories import Cell, Entry, require_lives, require_trace, trace_of, words_of
from tests.conformance.worlds import Installation, Memory, Service, World, installed
from tests.engine.driver import Mode

STORIES = pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.key)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, shared_feel: Feel) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("cells"), shared_feel, CELLS) as place:
        yield place


def told(cell: Cell, world: World) -> list[Entry]:
    """The story has happened, and after each act what the standard says."""
    looked_for = {word for act in cell.story for word in words_of(trace_of(act.then)) if word.endswith(".started")}
    whole: list[Entry] = []
    for act in cell.story:
        found = world.does(act)
        words = [each.word for each in found if each.happened != "started" or each.word in looked_for]
        require_trace(act.then, words, where=f"{act.verb} {act.what}")
        whole += found
    return whole


def require_end(cell: Cell, world: World) -> None:
    """The instance has ended, waits or stands in an incident, as the story says; it never only stands still."""
    stands = world.stands()
    assert (stands.waits, stands.fails) == (tuple(cell.waits.split()), tuple(cell.fails.split()))
    assert stands.is_over != bool(cell.waits or cell.fails or cell.stands_still)
    require_values(cell.ends_with, world.variables())


def require_values(expected: Mapping[str, object], found: Mapping[str, object]) -> None:
    assert {name: found.get(name) for name in expected} == dict(expected)


@STORIES
@pytest.mark.parametrize("mode", ["plain", "restored"])
def test_the_engine_does_what_the_standard_says(cell: Cell, mode: Mode, shared_feel: Feel) -> None:
    world = Memory(cell, shared_feel, mode)

    entries = told(cell, world)

    require_lives(entries)
    require_end(cell, world)


@STORIES
def test_the_service_does_what_the_standard_says(cell: Cell, installation: Installation) -> None:
    world = Service(cell, installation)

    entries = told(cell, world)

    require_lives(entries)
    require_end(cell, world)
    assert world.is_stuck() == cell.stands_still
    installation.leaves(world.instance_id)


def test_no_two_cells_have_the_same_key() -> None:
    keys = [cell.key for cell in CELLS]

    assert len(keys) == len(set(keys))


def told_of(cell: Cell) -> set[str]:
    """The elements whose end, or whose event, the traces of the cell name."""
    words = {word for act in cell.story for word in words_of(trace_of(act.then))}
    return {word.removesuffix(".failed") for word in words if not word.endswith((".started", ".cancelled"))}


def test_every_cell_of_the_matrix_that_runs_has_a_story() -> None:
    found = set[Position]()
    for cell in CELLS:
        told_elements = told_of(cell)
        for source in cell.files.values():
            found |= {
                position for element, position in covered(source) if element in told_elements or position in NOT_IN_FLOW
            }

    assert in_the_manual() - found == set()


@pytest.mark.parametrize("found", ["a b c d", "a c b d", "c a b d"])
def test_a_trace_leaves_open_what_the_standard_leaves_open(found: str) -> None:
    require_trace("(a b | c) d", found.split(), where="")


@pytest.mark.parametrize("found", ["b a c d", "a b d c", "a b c", "a b c d d", "a b c x d", ""])
def test_a_trace_in_another_order_or_that_lacks_something_is_no_such_trace(found: str) -> None:
    with pytest.raises(AssertionError):
        require_trace("(a b | c) d", found.split(), where="")


def test_a_visit_that_ends_twice_or_without_a_start_is_no_life() -> None:
    for life in (["completed"], ["started", "completed", "cancelled"], ["started", "started"]):
        with pytest.raises(AssertionError):
            require_lives([Entry("a", happened, "t") for happened in life])
