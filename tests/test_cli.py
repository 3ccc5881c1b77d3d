"""The command line as an operator uses it."""

import io
import logging
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
import structlog

from flowsvc import demo
from flowsvc.cli import main
from flowsvc.engine import feel
from flowsvc.store import schema

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command sets up the log of its process, and here that is the tests' own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_shipped_tables_and_forms_pass_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(ROOT / "processes"), str(ROOT / "forms")]) == 0
    assert "Inget att rätta." in capsys.readouterr().out


def test_a_broken_table_is_refused_with_its_name_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "trasig.dmn"
    broken.write_text("<definitions>")

    assert main(["check", str(broken)]) == 1
    assert "trasig.dmn" in capsys.readouterr().out


def test_a_path_that_is_no_table_ends_with_two_and_the_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "finns-inte.dmn")]) == 2
    assert "finns inte" in capsys.readouterr().err


def test_a_form_with_a_condition_that_is_no_feel_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "a.form"
    broken.write_text('{"id": "a", "components": [{"type": "text", "text": "x", "conditional": {"hide": "=1 +"}}]}')

    assert main(["check", str(broken)]) == 1
    assert "Villkoret 1 +" in capsys.readouterr().out


def test_the_tables_are_made_in_the_data_folder_and_a_second_time_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWSVC_DATA", str(tmp_path / "data"))

    assert main(["db", "upgrade"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert (tmp_path / "data/flowsvc.db").exists()


def test_an_unknown_setting_ends_with_two_and_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLOWSVC_PROT", "1")

    assert main(["db", "upgrade"]) == 2
    assert "FLOWSVC_PROT" in capsys.readouterr().err


def test_the_demonstration_county_is_sound_and_a_broken_directory_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "a.json"
    broken.write_text('{"parties": [{"id": "x"}]}')

    assert main(["directory", "check", str(ROOT / "src/flowsvc/demo/county.json")]) == 0
    assert main(["directory", "check", str(broken)]) == 1


# What ends with exit code 2 and a cure


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that does not exist yet, and a port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in [each for each in os.environ if each.startswith("FLOWSVC_") and not each.startswith("FLOWSVC_TEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLOWSVC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FLOWSVC_PORT", str(port))
    return tmp_path / "data"


def refused(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    kept = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    try:
        assert main(command.split()) == 2
    finally:
        for number, each in zip((signal.SIGTERM, signal.SIGINT), kept, strict=True):
            signal.signal(number, each)
    return capsys.readouterr().err


@pytest.mark.parametrize("command", ["web", "user list", "audit verify", f"deploy {ROOT / 'forms'}"])
def test_without_a_database_it_says_how_to_make_one(
    command: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(command, capsys)

    assert str(data) in said
    assert "flowsvc db upgrade" in said
    assert not data.exists()


@pytest.mark.parametrize("command", ["serve", "web", "worker", "user list"])
def test_older_tables_are_refused_with_the_command_that_mends_them(
    command: str, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["db", "upgrade"]) == 0
    monkeypatch.setattr(schema, "newest", lambda: "9998")

    assert "Run: flowsvc db upgrade" in refused(command, capsys)


@pytest.mark.parametrize("command", ["serve", "web", "worker", "user list", "db upgrade"])
def test_newer_tables_are_refused(command: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "upgrade"]) == 0
    with closing(sqlite3.connect(data / "flowsvc.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    assert "newer version of flowsvc (revision 9999)" in refused(command, capsys)


def test_a_web_process_on_an_empty_database_makes_no_tables(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.mkdir()
    (data / "flowsvc.db").touch()

    assert "Run: flowsvc db upgrade" in refused("web", capsys)


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_port_that_somebody_has_is_named(command: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = os.environ["FLOWSVC_PORT"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(port)))
        other.listen()

        said = refused(command, capsys)

    assert f"127.0.0.1:{port}" in said
    assert "FLOWSVC_PORT" in said


def test_an_address_of_another_machine_is_no_place_to_listen(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLOWSVC_HOST", "203.0.113.1")

    assert "FLOWSVC_HOST" in refused("serve", capsys)


def test_a_missing_feel_bundle_is_named(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(feel, "__file__", str(tmp_path / "feel.py"))

    assert "FEEL saknas" in refused("serve", capsys)


def test_a_data_folder_that_cannot_be_made_is_named(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fil").touch()
    monkeypatch.setenv("FLOWSVC_DATA", str(tmp_path / "fil/data"))

    assert "FLOWSVC_DATA" in refused("serve", capsys)


def test_a_database_with_people_in_it_is_not_made_a_demonstration(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "upgrade"]) == 0
    assert main(["directory", "import", str(ROOT / "src/flowsvc/demo/county.json")]) == 0
    monkeypatch.setenv("FLOWSVC_DEMO", "1")

    assert "databasen är ingen demonstration" in refused("serve", capsys)


# What is done once


def said(capsys: pytest.CaptureFixture[str], *command: str, ends: int = 0) -> str:
    assert main(command) == ends
    caught = capsys.readouterr()
    return caught.out + caught.err


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def ready(data: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["db", "upgrade"]) == 0
    capsys.readouterr()
    return data


def test_files_are_deployed_and_a_dry_run_deploys_nothing(
    ready: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = (str(ROOT / "processes"), str(ROOT / "forms"))

    monkeypatch.setenv("FLOWSVC_RELEASE_APPROVALS", "0")
    assert "Inget att rätta." in said(capsys, "deploy", "--dry-run", *paths)
    assert "blankett af1 version 1" in said(capsys, "deploy", "--name", "Första", "--note", "Nytt avtal", *paths)
    assert "Inget har ändrats." in said(capsys, "deploy", *paths)


def test_outside_a_demonstration_what_is_deployed_waits_for_a_process_owner(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = (str(ROOT / "forms" / "af1.form"),)

    assert "--note" in said(capsys, "deploy", *paths, ends=2)
    waits = said(capsys, "deploy", "--note", "Nytt avtal", *paths)

    assert "Inget är publicerat än" in waits
    assert "/release" in waits
    assert waits == said(capsys, "deploy", "--note", "Nytt avtal", *paths)


def test_a_refused_deployment_ends_with_one_and_says_why(
    ready: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.dmn").write_text("<definitions>")

    assert "NEKAS   a.dmn" in said(capsys, "deploy", str(tmp_path / "a.dmn"), ends=1)
    assert "NEKAS   a.dmn" in said(capsys, "deploy", "--dry-run", str(tmp_path / "a.dmn"), ends=1)


def test_people_are_added_and_shut_out_by_commands_and_passwords_come_from_standard_input(
    ready: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said(capsys, "directory", "import", str(ROOT / "src/flowsvc/demo/county.json"))
    typed(monkeypatch, "ett gott lösenord\n")
    said(capsys, "user", "add", "anna", "--name", "Anna A", "--post", "enhetschef.bup")
    typed(monkeypatch, "ett annat lösenord\n")
    said(capsys, "user", "password", "anna")
    assert "anna\tAnna A\tenhetschef.bup\n" in said(capsys, "user", "list")
    said(capsys, "user", "disable", "anna")

    assert "anna\tAnna A\t\tavstängd\n" in said(capsys, "user", "list")
    said(capsys, "user", "enable", "anna")
    assert "avstängd" not in said(capsys, "user", "list")
    typed(monkeypatch, "kort\n")
    assert "12 tecken" in said(capsys, "user", "password", "anna", ends=1)
    assert "user list" in said(capsys, "user", "disable", "finns-inte", ends=1)


def test_a_broken_directory_is_not_imported(ready: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    county = orjson.loads((ROOT / "src/flowsvc/demo/county.json").read_bytes())
    county["people"] = []
    (tmp_path / "a.json").write_bytes(orjson.dumps(county))

    assert "NEKAS" in said(capsys, "directory", "import", str(tmp_path / "a.json"), ends=1)
    assert said(capsys, "user", "list") == ""


def test_a_token_is_shown_once_and_revoked_by_its_id(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = said(capsys, "token", "issue", "Journalen", "--scope", "tasks:read", "--days", "30").split()[0]
    listed = said(capsys, "token", "list")
    found = re.match(r"(\w+)\tJournalen\ttasks:read\ttill \d{4}-", listed)
    assert found is not None
    assert secret not in listed

    said(capsys, "token", "revoke", found[1])

    assert "gäller inte" in said(capsys, "token", "list")
    assert "allt" in said(capsys, "token", "issue", "A", "--scope", "allt", ends=1)


def test_histories_are_verified(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "0 ärenden granskade, 0 stämmer inte." in said(capsys, "audit", "verify")


# What runs until it is stopped


class Running:
    """A `flowsvc` in a process of its own."""

    def __init__(self, command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flowsvc", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""

    def until(self, text: str) -> None:
        """It has said so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if text in line:
                return
        raise AssertionError(self.said)

    def stop(self) -> int:
        """It was told to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=20)
        self.said += rest
        return self.process.returncode


@pytest.fixture
def run(data: Path) -> Iterator[Callable[[str], Running]]:
    found: list[Running] = []

    def start(command: str) -> Running:
        found.append(Running(command))
        return found[-1]

    yield start
    for each in found:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def answer(path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['FLOWSVC_PORT']}{path}", timeout=10) as found:
        content = found.read()
    assert isinstance(content, bytes)
    return content


@pytest.mark.slow
def test_a_first_serve_sets_everything_up_and_every_command_works_beside_it(
    run: Callable[[str], Running],
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FLOWSVC_DEMO", "1")
    serve = run("serve")
    serve.until("Ctrl-C")
    monkeypatch.delenv("FLOWSVC_DEMO")

    assert demo.PASSWORD in serve.said
    assert "Riktlinje för barns och ungas bästa. Ingen uppföljning är bestämd." in serve.said
    assert orjson.loads(answer("/healthz")) == {"status": "ok"}
    assert orjson.loads(answer("/readyz"))["status"] == "ok"
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600
    form = tmp_path / "egen.form"
    form.write_text('{"id": "egen", "components": []}')
    assert "egen version 1" in said(capsys, "deploy", str(form))
    assert "blankett af1" not in said(capsys, "deploy", str(ROOT / "forms"))
    typed(monkeypatch, "ett gott lösenord")
    said(capsys, "user", "password", "enhetschef.bup")
    said(capsys, "user", "disable", "processagare")
    assert "enhetschef.bup" in said(capsys, "user", "list")
    said(capsys, "token", "issue", "A", "--scope", "tasks:read")
    said(capsys, "directory", "import", str(ROOT / "src/flowsvc/demo/county.json"))
    said(capsys, "audit", "verify")
    said(capsys, "db", "upgrade")
    # The folder has its worker, which the refusal names.
    for command in ("serve", "worker"):
        assert str(serve.process.pid) in said(capsys, command, ends=2)

    assert serve.stop() == 0


@pytest.mark.slow
def test_a_second_serve_keeps_the_data_and_publishes_nothing_anew(run: Callable[[str], Running], data: Path) -> None:
    first = run("serve")
    first.until("svarar på")
    assert "Publicerade" in first.said
    assert first.stop() == 0
    key = (data / "secret.key").read_bytes()

    second = run("serve")
    second.until("svarar på")

    assert "Publicerade" not in second.said
    assert (data / "secret.key").read_bytes() == key
    assert second.stop() == 0


@pytest.mark.slow
def test_web_and_worker_run_apart_on_one_folder(run: Callable[[str], Running], data: Path) -> None:
    worker = run("worker")
    worker.until("Arbetaren är igång")
    web = run("web")
    web.until("svarar på")

    assert orjson.loads(answer("/readyz"))["status"] == "ok"
    assert (web.stop(), worker.stop()) == (0, 0)


@pytest.mark.slow
def test_a_folder_whose_worker_was_killed_is_free_again(run: Callable[[str], Running], data: Path) -> None:
    killed = run("worker")
    killed.until("Arbetaren är igång")
    killed.process.kill()
    killed.process.wait()

    worker = run("worker")
    worker.until("Arbetaren är igång")

    assert worker.stop() == 0
