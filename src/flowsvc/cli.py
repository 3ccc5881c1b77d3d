"""The command line: reads arguments, calls what does the work, prints what people can act on."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import orjson

from flowsvc.domain import calendar, directory_file
from flowsvc.domain.clock import SystemClock
from flowsvc.domain.errors import DefinitionInvalid, FlowError, InvalidInput, Misconfigured, Problem
from flowsvc.domain.forms import form_conditions, parse_form
from flowsvc.engine.decisions import check_decisions, parse_decisions
from flowsvc.engine.feel import Feel
from flowsvc.settings import Settings, read_settings
from flowsvc.store import schema

CHECKED = (".dmn", ".form")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(prog="flowsvc", description="BPMN for agreements about children.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check decision tables (.dmn) and forms (.form) before they are used")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    database = commands.add_parser("db", help="the tables").add_subparsers(dest="verb", required=True)
    database.add_parser("upgrade", help="bring the tables to this version")
    directory = commands.add_parser("directory", help="who is who").add_subparsers(dest="verb", required=True)
    directory_check = directory.add_parser("check", help="check a directory file (JSON)")
    directory_check.add_argument("paths", nargs=1, type=Path, metavar="PATH")
    directory_check.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0, 1 when something is refused, 2 when a setting, the build or a path is wrong."""
    chosen = build_parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        if chosen.command == "db":
            return _upgrade(settings)
        if chosen.command == "directory":
            return _told(_directory_findings(chosen.paths[0], settings), as_json=chosen.json)
        return _check(chosen.paths, as_json=chosen.json)
    except Misconfigured as error:
        print(error.message, file=sys.stderr)
        return 2


def _upgrade(settings: Settings) -> int:
    if settings.database_url.startswith("sqlite"):
        settings.data.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database_url)
    print(f"Tabellerna har version {schema.newest()}.")
    return 0


def _directory_findings(path: Path, settings: Settings) -> Sequence[Problem]:
    today: date = calendar.local_date(SystemClock().now(), str(settings.zone))
    try:
        directory = directory_file.from_json(orjson.loads(_readable(path).read_bytes()))
    except (orjson.JSONDecodeError, InvalidInput) as error:
        what = error.message if isinstance(error, InvalidInput) else f"Filen är ingen JSON: {error}."
        return [Problem("refused", "directory.invalid", path.name, 0, what, "Rätta filen.", file_name=path.name)]
    return directory_file.check(directory, on=today)


def _check(paths: Sequence[Path], *, as_json: bool) -> int:
    findings: list[Problem] = []
    with Feel() as feel:
        for path in _files(paths):
            findings.extend(_findings(path, feel))
    return _told(findings, as_json=as_json)


def _told(findings: Sequence[Problem], *, as_json: bool) -> int:
    if as_json:
        print(orjson.dumps([problem.as_json() for problem in findings]).decode())
    else:
        for problem in findings:
            print(f"{problem.file_name}:{problem.line} {problem.element_id}: {problem.what} {problem.cure}")
        print("Inget att rätta." if not findings else f"{len(findings)} att titta på.")
    return 1 if any(problem.severity == "refused" for problem in findings) else 0


def _readable(path: Path) -> Path:
    if not path.exists():
        raise Misconfigured(f"{path} finns inte. Ange en fil som finns.")
    return path


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if _readable(path).is_file() and path.suffix not in CHECKED:
            raise Misconfigured(f"{path} granskas inte. Det här kommandot granskar filer som slutar på .dmn och .form.")
        inside = [each for each in path.rglob("*") if each.suffix in CHECKED] if path.is_dir() else [path]
        found.extend(sorted(inside))
    return found


def _findings(path: Path, feel: Feel) -> Sequence[Problem]:
    try:
        return _form_findings(path, feel) if path.suffix == ".form" else _table_findings(path, feel)
    except DefinitionInvalid as error:
        return error.problems
    except FlowError as error:
        return [Problem("refused", error.code, path.name, 0, error.message, "Rätta filen.", file_name=path.name)]


def _form_findings(path: Path, feel: Feel) -> list[Problem]:
    form = parse_form(path.read_bytes(), file_name=path.name)
    return [
        Problem(
            "refused",
            "form.feel",
            form.key,
            0,
            f"Villkoret {text} går inte att läsa: {issue.message}",
            "Rätta villkoret.",
            f"The condition {text} cannot be read: {issue.message_en}",
            "Correct the condition.",
            path.name,
        )
        for text in form_conditions(form)
        for issue in feel.check(text)
    ]


def _table_findings(path: Path, feel: Feel) -> Sequence[Problem]:
    def issues(text: str, kind: str, names: Sequence[str]) -> list[tuple[str, str]]:
        found = (
            feel.check(text, kind="unary", names=names)
            if kind == "unary"
            else feel.check(text, kind="expression", names=names)
        )
        return [(issue.message, issue.message_en) for issue in found]

    trees = parse_decisions(path.read_bytes(), file_name=path.name)
    return check_decisions(trees, issues=issues, file_name=path.name)


if __name__ == "__main__":
    sys.exit(main())
