"""Random block-structured models do what the reference of the standard says, whichever of the waiting things is done
first, also when everything is restored after every step."""

from collections import Counter
from random import Random

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Status, TimerArmed
from tests.conformance.token_game import Block, Draughtsman, Game
from tests.engine.driver import Mode, Run
from tests.factories import bpmn, end, flow, start


@pytest.mark.parametrize("mode", ["plain", "restored"])
@pytest.mark.parametrize("seed", range(100))
def test_a_random_model_does_what_the_token_game_says(shared_feel: Feel, seed: int, mode: Mode) -> None:
    block = Draughtsman(seed).block()
    drawn = block.draw()
    source = bpmn(start(), end(), *drawn.parts, flow("start", drawn.first), flow(drawn.last, "end"))

    for order in range(2):
        _require_same(Run(shared_feel, mode, {"p": source}).start(), block, Random(f"{seed} {order}"))


def _require_same(run: Run, block: Block, random: Random) -> None:
    """The engine and the reference wait for the same, done in one of the possible orders, and end with the same."""
    game = Game()
    visit = block.visit(game)
    while waiting := sorted(visit.waiting(), key=lambda each: each.since):
        assert run.waits == sorted(each.name for each in waiting)
        assert run.failures() == []
        chosen = random.choice(waiting).name
        if isinstance(run.wait(chosen), TimerArmed):
            run.fire(chosen)
        else:
            run.complete(chosen)
        # Of several visits of one task the one that has waited longest is done, here as in the driver.
        next(each for each in waiting if each.name == chosen).leave()
        visit.settle()
    assert (run.waits, run.status, visit.is_done) == ([], Status.ENDED, True)
    assert Counter(each for each in run.completed() if each in game.completed) == game.completed
