"""Inclusive joins in random diagrams open when the standard says, and not before, also in rings, behind borders, and
when several wait for each other."""

from random import Random

import pytest

from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import Status
from tests.conformance.flow_game import Play, random_net
from tests.engine.driver import Mode, Run
from tests.factories import bpmn

MOST = 30
"""A ring may go on for ever, and split each time."""


@pytest.mark.parametrize("mode", ["plain", "restored"])
@pytest.mark.parametrize("seed", range(100))
def test_tokens_stand_where_the_standard_says(shared_feel: Feel, seed: int, mode: Mode) -> None:
    net = random_net(seed)
    run, play = Run(shared_feel, mode, {"p": bpmn(*net.draw())}).start(), Play(net)
    random = Random(f"{seed} {mode}")
    play.begin()

    for _ in range(MOST):
        noticing = [each for each in play.tasks if each in net.bordered]
        assert run.waits == sorted([*play.tasks, *(f"{each}_b" for each in noticing)])
        assert {join: run.completed().count(join) for join in play.opened} == play.opened
        if not play.tasks or len(play.tasks) > MOST:
            break
        task = random.choice(play.tasks)
        if task in noticing and random.random() < 0.3:
            run.send(f"{task}_b")
            play.notice(task)
        else:
            run.complete(task)
            play.complete(task)

    assert (run.status is Status.ENDED) == (not play.tasks and not play.joining)
