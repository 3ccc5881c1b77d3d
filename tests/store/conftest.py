"""A store with its tables, on each database."""

from collections.abc import Iterator

import pytest

from flowsvc.store import schema
from flowsvc.store.transaction import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    schema.upgrade(database_url)
    opened = Store(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    schema.upgrade(sqlite_url)
    opened = Store(sqlite_url)
    yield opened
    opened.dispose()
