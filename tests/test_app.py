"""What is put together from the settings: the secret key, the log, the context, the shipped files."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import structlog

from flowsvc import app, demo
from flowsvc.cli import _fill
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import DemoClock
from flowsvc.domain.errors import Misconfigured
from flowsvc.engine.parsing import SourceFile
from flowsvc.settings import Settings, read_settings
from flowsvc.store import settings as stored
from flowsvc.usecases import deployments, sessions
from flowsvc.usecases.demo_clock import move_clock

SECRET = "personnummer 20100101"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"FLOWSVC_DATA": str(tmp_path / "data")})


@pytest.fixture
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new/secret.key"

    key = app.secret_key(path)

    assert len(key) == 32
    assert app.secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", ["", "abcd", "ingen nyckel"])
def test_a_file_that_is_no_key_is_never_used_nor_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(content)

    with pytest.raises(Misconfigured, match="FLOWSVC_SECRET_FILE"):
        app.secret_key(path)

    assert path.read_text() == content


@pytest.mark.usefixtures("_logging_as_it_was")
def test_a_line_for_a_collector_says_when_where_and_in_which_request(capsys: pytest.CaptureFixture[str]) -> None:
    app.start_logging("json")

    with structlog.contextvars.bound_contextvars(request_id="0123"):
        structlog.get_logger("flowsvc.web").error("request.failed", path="/cases")
    logging.getLogger("waitress").warning("kön är %s", "lång")

    ours, theirs = (orjson.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["request_id"], ours["logger"], ours["level"], ours["path"]) == (
        "request.failed",
        "0123",
        "flowsvc.web",
        "error",
        "/cases",
    )
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["logger"]) == ("kön är lång", "waitress")


@pytest.mark.usefixtures("_logging_as_it_was")
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_unexpected_error_is_logged_with_its_traceback(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    app.start_logging("json" if form == "json" else "text")

    try:
        raise OSError("disken")
    except OSError:
        structlog.get_logger("flowsvc.worker").exception("worker.failed")

    line = capsys.readouterr().err
    assert "worker.failed" in line
    assert "OSError: disken" in line


@pytest.mark.usefixtures("_logging_as_it_was")
def test_an_error_of_the_database_is_logged_without_what_was_to_be_written(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    app.set_up(settings)
    app.start_logging("text")

    with app.context(settings) as ctx:
        try:
            with ctx.store.begin() as tx:
                stored.put(tx, None, SECRET)  # type: ignore[arg-type]  # what the database refuses
        except Exception:
            structlog.get_logger("flowsvc.web").exception("request.failed")

    line = capsys.readouterr().err
    assert "NOT NULL" in line
    assert SECRET not in line


def test_the_shipped_files_are_deployed_once_and_an_owners_stay(settings: Settings) -> None:
    app.set_up(settings)
    with app.context(settings) as ctx:
        first = app.deploy_shipped(ctx)
        own = next(each for each in first.definitions if each.file_name.endswith(".form"))
        changed = orjson.dumps({**orjson.loads(own.source), "name": "Vår egen"})
        deployments.deploy(replace(ctx, approvals=0), SYSTEM, [SourceFile(own.file_name, changed)])

        again = app.deploy_shipped(ctx)

        assert (again.definitions, again.kept) == ((), (own.file_name,))


def test_a_demonstration_has_its_county_and_a_clock_that_survives(tmp_path: Path) -> None:
    settings = read_settings({"FLOWSVC_DATA": str(tmp_path), "FLOWSVC_DEMO": "1"})
    app.set_up(settings)
    with app.context(settings) as ctx:
        assert isinstance(ctx.clock, DemoClock)
        assert not demo.is_loaded(ctx)
        app.deploy_shipped(ctx)
        demo.load(ctx)
        assert demo.is_loaded(ctx)
        then = move_clock(ctx, SYSTEM, working_days=3)

    # A command beside it is not told that this is a demonstration, and finds it in the database.
    with app.context(read_settings({"FLOWSVC_DATA": str(tmp_path)})) as ctx:
        assert ctx.demo
        assert timedelta(0) <= ctx.clock.now() - then < timedelta(minutes=1)
        assert sessions.sign_in(
            ctx, username="enhetschef.bup", password=demo.PASSWORD, address="a", lasts=timedelta(hours=1)
        )


@pytest.mark.slow
@pytest.mark.postgres
def test_of_two_that_start_at_once_on_an_empty_database_one_loads_the_demonstration(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings({"FLOWSVC_DATA": str(tmp_path), "FLOWSVC_DATABASE": postgres_url, "FLOWSVC_DEMO": "1"})
    app.set_up(settings)
    ready = threading.Barrier(2)

    def begin() -> None:
        with app.context(settings) as ctx:
            ready.wait()
            _fill(ctx)

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert capsys.readouterr().out.count("Läser in demonstrationslänet.") == 1
    with app.context(settings) as ctx:
        assert demo.is_loaded(ctx)


def test_a_plain_database_has_no_clock_to_move(settings: Settings) -> None:
    app.set_up(settings)

    with app.context(settings) as ctx:
        assert not ctx.demo
        assert not isinstance(ctx.clock, DemoClock)


def test_on_postgresql_no_worker_is_alone(settings: Settings) -> None:
    shared = read_settings({"FLOWSVC_DATABASE": "postgresql+psycopg://flowsvc@db/flowsvc"})

    with app.sole_worker(shared), app.sole_worker(shared):
        pass
    with app.sole_worker(settings), pytest.raises(Misconfigured), app.sole_worker(settings):
        pass
