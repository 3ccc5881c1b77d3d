"""What all tests share: both databases, a real browser, and an account of what was left out and why."""

import os
import shutil
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright
from sqlalchemy.engine import URL, make_url

ROOT = Path(__file__).resolve().parent.parent

POSTGRES = "FLOWSVC_TEST_POSTGRES"
CHROMIUM = "FLOWSVC_TEST_CHROMIUM"
NO_SKIP = "FLOWSVC_TEST_NO_SKIP"
DOCS_PICTURES = "FLOWSVC_TEST_DOCS_PICTURES"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """A PostgreSQL server on which databases may be created and dropped."""
    text = os.environ.get(POSTGRES, "")
    if not text:
        pytest.skip(f"no PostgreSQL: {POSTGRES} is not set")
    return make_url(text)


@pytest.fixture(scope="session")
def scratch_postgres(postgres_server: URL) -> Iterator[URL]:
    """One database of this run's own, dropped when the run ends."""
    name = f"flowsvc_test_{os.getpid()}"
    with _connected(postgres_server) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield postgres_server.set(database=name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def postgres_url(scratch_postgres: URL) -> str:
    """An empty PostgreSQL database."""
    with _connected(scratch_postgres) as connection:
        # A connection that the last test left open would hold its locks and make this one wait for ever.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return scratch_postgres.render_as_string(hide_password=False)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'flowsvc.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database: the test runs once with SQLite and once with PostgreSQL."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


def _connected(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    text = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(text, autocommit=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium of this machine."""
    named = os.environ.get(CHROMIUM, "")
    found = named or next((path for path in map(shutil.which, CHROMIUM_NAMES) if path), "")
    if not found:
        pytest.skip(f"no browser: Chromium is not installed, and {CHROMIUM} names none")
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_ARGUMENTS))
        except Error as error:
            pytest.skip(f"no browser: {found} does not start ({error.message.splitlines()[0]})")
        yield started
        started.close()


class OpenPage(Protocol):
    """Opens a page in a context of its own, signed in as nobody."""

    def __call__(self, *, width: int = 1280, java_script: bool = True, locale: str = "sv-SE") -> Page: ...


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Pages of a real browser; a script error or a breach of the content security policy fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def opened(*, width: int = 1280, java_script: bool = True, locale: str = "sv-SE") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=java_script,
            locale=locale,
            timezone_id="Europe/Stockholm",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One page, 1280 wide, with JavaScript, in Swedish."""
    return open_page()


class TakePicture(Protocol):
    """Saves what a page shows as NAME.png; those for the documentation only when they are asked for."""

    def __call__(self, page: Page, name: str, *, for_docs: bool = False) -> Path: ...


@pytest.fixture
def take_picture() -> TakePicture:
    """Pictures land in tests/output; those of the documentation in docs/images, by `make screenshots`."""

    def taken(page: Page, name: str, *, for_docs: bool = False) -> Path:
        goes_to_docs = for_docs and os.environ.get(DOCS_PICTURES) == "1"
        path = ROOT / ("docs/images" if goes_to_docs else "tests/output") / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=not goes_to_docs)
        return path

    return taken


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the browser is marked so, and can be left out by its mark."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def _skipping_is_forbidden() -> bool:
    return os.environ.get(NO_SKIP) == "1"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With FLOWSVC_TEST_NO_SKIP=1 a test that would be skipped fails instead."""
    report = yield
    if report.skipped and _skipping_is_forbidden():
        report.longrepr = f"skipped although {NO_SKIP}=1: {_reason(report)}"
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself whole."""
    report = yield
    if report.skipped and _skipping_is_forbidden():
        report.longrepr = f"skipped although {NO_SKIP}=1: {_reason(report)}"
        report.outcome = "failed"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line says how much was skipped, and one line per reason says why."""
    skipped = Counter(_reason(report) for report in terminalreporter.getreports("skipped"))
    if not skipped:
        terminalreporter.write_line("Nothing was skipped.")
        return
    terminalreporter.write_line(f"Skipped on this machine: {skipped.total()} tests.")
    for reason, count in skipped.most_common():
        terminalreporter.write_line(f"  {count} × {reason}")
