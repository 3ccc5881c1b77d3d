"""The house keeps its plan: who imports whom, which words are used, and what must not stand in the code."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/flowsvc"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"

# One word per thing (docs/glossary.md). Not asked of the engine, which overrides SpiffWorkflow's names.
UNUSED_WORDS = {"workflow", "workflows", "ticket", "tickets", "payload", "payloads"}
UNUSED_NAMES = {"case", "cases", "step", "steps", "node", "nodes"}
UNUSED_ENDINGS = ("Manager", "Handler", "Helper", "Util", "Utils", "Service", "Processor")

# Written in pieces, or this file would find itself.
UNFINISHED = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error")))
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wo" + "rk|ro" + "ot|fa" + r"rm)/[A-Za-z.]")
REGISTRY_HOSTS = re.compile("|".join(("pypi" + r"\.org", "python" + r"hosted\.", "npm" + r"js\.", "yarn" + r"pkg\.")))


def python_files(folder: Path = SOURCE) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "node_modules" not in path.parts)


def project_files() -> list[Path]:
    """Every file that belongs to the project, as git sees it, whether committed yet or not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_imports_follow_the_contracts() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )

    assert run.returncode == 0, run.stdout


def test_every_library_that_is_imported_is_declared_and_every_declared_one_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\[<>=~ ]", each)[0] for each in project["dependencies"]}
    import_names = {
        "argon2": "argon2-cffi",
        "flask_babel": "flask-babel",
        "flask_wtf": "flask-wtf",
        "py_mini_racer": "mini-racer",
        "SpiffWorkflow": "spiffworkflow",
    }
    # Flask is made of these, and they come with it; the others are used without being imported.
    of_flask = {"itsdangerous", "markupsafe", "werkzeug"}
    not_imported = {"tzdata", "psycopg"}

    imported = {name for path in python_files() for name in _imported_packages(path)}
    third_party = imported - set(sys.stdlib_module_names) - {"flowsvc"} - of_flask
    used = {import_names.get(name, name) for name in third_party}

    assert used - declared == set()
    assert declared - used - not_imported == set()


def _imported_packages(path: Path) -> Iterator[str]:
    for found in ast.walk(ast.parse(path.read_text())):
        if isinstance(found, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in found.names)
        elif isinstance(found, ast.ImportFrom) and found.module and not found.level:
            yield found.module.partition(".")[0]


def test_no_process_key_stands_in_the_code() -> None:
    keys = {
        process.attrib["id"]
        for diagram in (ROOT / "processes").glob("*.bpmn")
        for process in etree.parse(diagram).iter(f"{BPMN}process")
    }
    assert keys
    quoted = re.compile("|".join(f"[\"'`]{re.escape(str(key))}[\"'`]" for key in keys))
    suffixes = {".py", ".html", ".js", ".mjs", ".sql"}

    found = [
        f"{path.relative_to(ROOT)}: {quoted.findall(text_of(path))}"
        for path in project_files()
        if path.is_relative_to(SOURCE) and path.suffix in suffixes and quoted.search(text_of(path))
    ]

    assert found == []


def test_names_are_the_words_of_the_field() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in python_files()
        for line, name in _names(path)
        if _is_unused_name(name, is_engine=path.is_relative_to(SOURCE / "engine"))
    ]

    assert found == []


def _names(path: Path) -> Iterator[tuple[int, str]]:
    yield 0, path.stem
    for found in ast.walk(ast.parse(path.read_text())):
        match found:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield found.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield found.lineno, name


def _is_unused_name(name: str, *, is_engine: bool) -> bool:
    if name[:1].isupper() and name.endswith(UNUSED_ENDINGS) and name not in UNUSED_ENDINGS:
        return True
    words = set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))
    return not is_engine and (name in UNUSED_NAMES or bool(words & UNUSED_WORDS))


@pytest.mark.parametrize(
    ("what", "pattern"), [("path of one machine", MACHINE_PATHS), ("registry host", REGISTRY_HOSTS)]
)
def test_no_file_holds_what_does_not_belong_in_a_repository(what: str, pattern: re.Pattern[str]) -> None:
    found = [
        f"{what} in {path.relative_to(ROOT)}: {match.group()}"
        for path in project_files()
        if (match := pattern.search(text_of(path)))
    ]

    assert found == []


def test_nothing_is_left_unfinished() -> None:
    # The build of FEEL is left out: it names the unfinished places of the library that it mends.
    suffixes = {".py", ".html", ".css", ".js", ".bpmn", ".dmn", ".form"}

    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in project_files()
        if path.suffix in suffixes and (match := UNFINISHED.search(text_of(path)))
    ]

    assert found == []


def test_python_is_never_made_from_text() -> None:
    makers = {"eval", "exec", "compile", "__import__"}

    found = [
        f"{path.relative_to(ROOT)}:{call.lineno} {call.func.id}"
        for path in python_files()
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in makers
    ]

    assert found == []
