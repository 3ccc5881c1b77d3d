"""Two workers on one database, each with connections of its own, while people work: what passes between instances and
what repeats itself is neither lost nor double."""

import threading
from collections import Counter
from pathlib import Path

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import ManualClock
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import audit, instances, jobs
from flowsvc.store import messages as stored
from flowsvc.usecases import instances as moves
from flowsvc.usecases import jobs as worker
from flowsvc.usecases import watch
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from tests.conftest import ROOT
from tests.usecases.conftest import Machinery, opened
from tests.usecases.office import deploy

TALK = ROOT / "tests/reliability/talk.bpmn"
PAIRS = 12
GUARDS = 2
ROUNDS = 6


def begin(ctx: Context, key: str, **values: int) -> str:
    return moves.start_instance(ctx, SYSTEM, key, Sent(variables=dict(values))).instance_id


def happened(ctx: Context, process_key: str) -> list[Counter[str]]:
    """What happened in each instance of the process: elements that caught, fired or threw, and how often."""
    with ctx.store.read() as tx:
        found = instances.page(tx, scope_posts=None, now=ctx.clock.now(), process_key=process_key, limit=200).items
        return [
            Counter(
                each.element_id
                for each in audit.history_of(tx, instance.id)
                if each.happened in ("caught", "fired", "thrown")
            )
            for instance in found
        ]


def work(ctx: Context, name: str, stop: threading.Event) -> None:
    while worker.run_due_jobs(ctx, owner=name, limit=3) or not stop.is_set():
        pass


def test_two_workers_lose_nothing_and_do_nothing_twice(
    any_ctx: Context, database_url: str, clock: ManualClock, machinery: Machinery
) -> None:
    files = SourceFile(Path(TALK).name, Path(TALK).read_bytes().replace(b'"lopare"', b'"post:bup.behandlare"'))
    deploy(any_ctx, files)
    stop = threading.Event()
    with opened(database_url, clock, machinery) as one, opened(database_url, clock, machinery) as other:
        for _ in range(GUARDS):
            begin(any_ctx, "guard")
        threads = [threading.Thread(target=work, args=(ctx, name, stop)) for name, ctx in (("a", one), ("b", other))]
        for thread in threads:
            thread.start()
        for pair in range(PAIRS):
            begin(any_ctx, "ask", pair=pair, seconds=1 + pair % 3)
            clock.advance(seconds=1)
        clock.advance(seconds=60)
        stop.set()
        for thread in threads:
            thread.join()
    while worker.run_due_jobs(any_ctx, owner="last"):
        pass

    with any_ctx.store.read() as tx:
        assert jobs.page(tx).items == ()
        assert [stored.waiting_for(tx, name, str(n)) for name in ("question", "reply") for n in range(PAIRS)] == [
            ()
        ] * (2 * PAIRS)
    assert happened(any_ctx, "ask") == [Counter(pause=1, asks=1, hears=1, rings=1)] * PAIRS
    assert happened(any_ctx, "answer") == [Counter(asked=1, replied=1)] * PAIRS
    assert happened(any_ctx, "turnout") == [Counter(called_out=1)] * PAIRS
    guards = happened(any_ctx, "guard")
    assert [each["rung"] for each in guards] == [PAIRS] * GUARDS
    # A round that was missed is not made up for.
    assert all(1 <= each["round"] <= ROUNDS for each in guards)
    assert worker.open_incidents(any_ctx, SYSTEM).items == ()
    assert watch.report_stuck(any_ctx) == 0
