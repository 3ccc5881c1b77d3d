"""First answers by key: kept once, given again, forgotten after a while."""

import threading
from datetime import timedelta

import pytest

from flowsvc.domain.errors import Conflict
from flowsvc.store import idempotency
from flowsvc.store.idempotency import Kept
from flowsvc.store.transaction import Store
from tests.store.test_instances import NOW


def put(store: Store, answer: int) -> None:
    with store.begin() as tx:
        idempotency.put(tx, principal="p", key="k", fingerprint="f", answer={"n": answer}, now=NOW)


def test_the_first_answer_stands(store: Store) -> None:
    put(store, 1)

    with pytest.raises(Conflict):
        put(store, 2)

    with store.read() as tx:
        assert idempotency.get(tx, principal="p", key="k") == Kept("f", {"n": 1})
        assert idempotency.get(tx, principal="q", key="k") is None


def test_of_many_at_once_one_is_kept_and_the_others_are_undone(store: Store) -> None:
    ready = threading.Barrier(4)
    told: list[str] = []

    def ask(number: int) -> None:
        ready.wait()
        try:
            put(store, number)
            told.append("kept")
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["conflict", "conflict", "conflict", "kept"]


def test_an_old_answer_is_forgotten(store: Store) -> None:
    put(store, 1)

    with store.begin() as tx:
        assert idempotency.forget_before(tx, NOW) == 0
        assert idempotency.forget_before(tx, NOW + timedelta(seconds=1)) == 1

    put(store, 2)
