"""Data stores: locked one step at a time, also those that have no value yet."""

import threading

import pytest

from flowsvc.domain.errors import NotFound
from flowsvc.store import data_stores
from flowsvc.store.transaction import Store
from tests.store.test_instances import NOW


def test_a_store_has_the_value_that_was_written_last(store: Store) -> None:
    with store.begin() as tx:
        assert data_stores.hold(tx, ["taxor", "koder"]) == {"taxor": None, "koder": None}
        data_stores.write(tx, "taxor", {"från": NOW}, at=NOW, by="anna")
        data_stores.write(tx, "taxor", [1], at=NOW, by="flowsvc", by_instance="i1")

    with store.read() as tx:
        found = data_stores.find(tx, "taxor")
        assert (found.value, found.version, found.changed_by, found.changed_by_instance) == ([1], 2, "flowsvc", "i1")
        assert data_stores.hold(tx, ["koder", "taxor", "okänt"]) == {"koder": None, "taxor": [1]}
        with pytest.raises(NotFound):
            data_stores.find(tx, "koder")


def test_null_removes_a_store_from_the_list(store: Store) -> None:
    with store.begin() as tx:
        for name in ("b", "a", "Ö", "c"):
            data_stores.held(tx, name)
            data_stores.write(tx, name, name, at=NOW, by="anna")
        data_stores.write(tx, "b", None, at=NOW, by="anna")

    with store.read() as tx:
        first = data_stores.page(tx, limit=2, after=None)
        rest = data_stores.page(tx, limit=2, after=first.next_after)
    assert [each.name for each in (*first.items, *rest.items)] == ["a", "c", "Ö"]
    assert rest.next_after is None


def test_two_that_count_in_one_store_both_count(store: Store) -> None:
    def count() -> None:
        for _ in range(10):
            with store.begin() as tx:
                before = data_stores.hold(tx, ["b", "a"])["a"]
                data_stores.write(tx, "a", (before if isinstance(before, int) else 0) + 1, at=NOW, by="x")

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.read() as tx:
        assert data_stores.find(tx, "a").value == 30
