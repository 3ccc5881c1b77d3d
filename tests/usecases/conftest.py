"""A context on a real SQLite store with the demonstration county and a clock that stands still; one with every shipped
file deployed; and one on each database. FEEL, the engine and what they have parsed are shared: none of them changes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowsvc import demo
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import ManualClock
from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import directory, schema
from flowsvc.store.transaction import Store
from flowsvc.usecases import deployments
from flowsvc.usecases.context import Context, Parsed
from tests.conftest import ROOT

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""A Tuesday."""


@dataclass(frozen=True)
class Machinery:
    """What a whole run shares."""

    feel: Feel
    engine: Engine
    parsed: Parsed


@pytest.fixture(scope="session")
def machinery() -> Iterator[Machinery]:
    with Feel() as feel:
        yield Machinery(feel, Engine(feel), Parsed())


@contextmanager
def opened(url: str, clock: ManualClock, machinery: Machinery) -> Iterator[Context]:
    """A context on the database."""
    store = Store(url)
    try:
        yield Context(
            store=store,
            feel=machinery.feel,
            engine=machinery.engine,
            clock=clock,
            zone="Europe/Stockholm",
            county="SJ",
            demo=True,
            upload_limit=1_000_000,
            parsed=machinery.parsed,
        )
    finally:
        store.dispose()


@contextmanager
def founded(url: str, clock: ManualClock, machinery: Machinery) -> Iterator[Context]:
    """A context on a new database with the demonstration county in it."""
    schema.upgrade(url)
    with opened(url, clock, machinery) as ctx:
        with ctx.store.begin() as tx:
            directory.replace(tx, demo.directory(START.date()))
        yield ctx


def shipped_files() -> list[SourceFile]:
    paths = sorted([*(ROOT / "processes").glob("*.[bd]*mn"), *(ROOT / "forms").glob("*.form")])
    return [SourceFile(path.name, path.read_bytes()) for path in paths]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def ctx(sqlite_url: str, clock: ManualClock, machinery: Machinery) -> Iterator[Context]:
    with founded(sqlite_url, clock, machinery) as ctx:
        yield ctx


@pytest.fixture
def any_ctx(database_url: str, clock: ManualClock, machinery: Machinery) -> Iterator[Context]:
    with founded(database_url, clock, machinery) as ctx:
        yield ctx


@pytest.fixture(scope="session")
def shipped_database(tmp_path_factory: pytest.TempPathFactory, machinery: Machinery) -> Path:
    """A database in which every shipped file is deployed; copied, never changed."""
    path = tmp_path_factory.mktemp("shipped") / "flowsvc.db"
    with founded(f"sqlite:///{path}", ManualClock(START), machinery) as ctx:
        deployments.deploy(ctx, SYSTEM, shipped_files(), shipped=True)
    return path


@pytest.fixture
def shipped(shipped_database: Path, tmp_path: Path, clock: ManualClock, machinery: Machinery) -> Iterator[Context]:
    path = tmp_path / "shipped.db"
    shutil.copy(shipped_database, path)
    with opened(f"sqlite:///{path}", clock, machinery) as ctx:
        yield ctx
