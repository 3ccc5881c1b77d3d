"""The pages on a real store with the demonstration county, every shipped file deployed and one dispute under way; asked
by Flask's client, and by a browser from a server of their own."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from flowsvc import demo
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import ManualClock
from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.usecases import deployments, directory
from flowsvc.usecases.context import Context, Parsed
from flowsvc.web import WebSettings, create_web
from tests.usecases import office
from tests.usecases.conftest import START, Machinery, founded, opened, shipped_files

REPORTER = "bup.behandlare"
"""Who reported the dispute, and has tasks in it."""
MANAGER = "verksamhetschef.bup"
PROPOSE = "Föreslå vem som ansvarar tills vidare"
"""A task that both parties of the dispute have."""


@dataclass(frozen=True)
class Installed:
    """The pages with what stands under them, and how often the worker was woken."""

    app: Flask
    ctx: Context
    clock: ManualClock
    instance_id: str
    woken: list[int] = field(default_factory=list)

    def visitor(self, username: str = "") -> "Visitor":
        """A browser of its own, signed in if a name is given."""
        visitor = Visitor(self.app.test_client())
        if username:
            answer = visitor.send("/sign-in", {"username": username, "password": demo.PASSWORD})
            assert answer.status_code == 303, answer.text
        return visitor

    def task(self, name: str, post: str = REPORTER) -> str:
        """The id of the open task of this name that the post's holder may do."""
        actor = office.as_post(self.ctx, post)
        found = office.open_tasks(self.ctx, self.instance_id, name)
        return next(task.id for task in found if set(task.candidate_posts) & {each.post_id for each in actor.posts})


@dataclass(frozen=True)
class Visitor:
    """A browser without scripts."""

    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        """The page."""
        return self.client.get(path, headers=headers, buffered=True)

    def key(self, path: str = "/sign-in") -> str:
        """The key against forged forms that stands in a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(path, follow_redirects=True).text)
        assert found is not None
        return found[1]

    def send(self, path: str, fields: Mapping[str, object] | None = None, **headers: str) -> TestResponse:
        """The form is sent as a page of ours would."""
        return self.client.post(path, data={"csrf_token": self.key(), **(fields or {})}, headers=headers)


@pytest.fixture(scope="session")
def machinery() -> Iterator[Machinery]:
    with Feel() as feel:
        yield Machinery(feel, Engine(feel), Parsed())


@dataclass(frozen=True)
class Prepared:
    path: Path
    instance_id: str


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, machinery: Machinery) -> Prepared:
    """The database that every test gets a copy of."""
    path = tmp_path_factory.mktemp("pages") / "flowsvc.db"
    with founded(f"sqlite:///{path}", ManualClock(START), machinery) as ctx:
        directory.share_password(ctx, SYSTEM, password=demo.PASSWORD)
        deployments.deploy(ctx, SYSTEM, shipped_files(), shipped=True)
        instance_id = office.report(ctx)
        office.run_jobs(ctx)
    return Prepared(path, instance_id)


@pytest.fixture
def pages(prepared: Prepared, tmp_path: Path, machinery: Machinery) -> Iterator[Installed]:
    path = tmp_path / "pages.db"
    shutil.copy(prepared.path, path)
    clock = ManualClock(START)
    with opened(f"sqlite:///{path}", clock, machinery) as ctx:
        woken: list[int] = []
        app = create_web(ctx, settings(wake=lambda: woken.append(1)))
        yield Installed(app, ctx, clock, prepared.instance_id, woken)


def settings(*, is_https: bool = False, wake: Callable[[], None] = lambda: None) -> WebSettings:
    return WebSettings(
        secret_key=b"a key of the tests, of no worth",
        is_https=is_https,
        session_idle=timedelta(hours=1),
        session_lifetime=timedelta(hours=12),
        upload_limit=3_000_000,
        public_url="https://samverkan.example" if is_https else "http://127.0.0.1",
        wake=wake,
        demo_password=demo.PASSWORD,
    )


@pytest.fixture
def address(pages: Installed) -> Iterator[str]:
    """Where a browser finds the pages."""
    server = make_server("127.0.0.1", 0, pages.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(page: Page, address: str, username: str) -> None:
    """The browser is signed in."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Användarnamn").fill(username)
    page.get_by_label("Lösenord").fill(demo.PASSWORD)
    page.get_by_label("Lösenord").press("Enter")
    page.wait_for_url("**/tasks")
