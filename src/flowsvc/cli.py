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
from flowsvc.domain.errors import InvalidInput, Misconfigured, Problem
from flowsvc.engine.feel import Feel
from flowsvc.engine.functions import FUNCTION_NAMES
from flowsvc.engine.parsing import Known, SourceFile, check
from flowsvc.settings import Settings, read_settings
from flowsvc.store import schema

CHECKED = (".bpmn", ".dmn", ".form")
_SEVERITY = {"refused": "NEKAS  ", "warned": "VARNING", "used": "används"}


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(prog="flowsvc", description="BPMN for agreements about children.")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="check diagrams, decision tables and forms before they are used")
    checking.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    checking.add_argument("--json", action="store_true", help="print the findings as JSON")
    checking.add_argument("--all", action="store_true", help="also say what is used as it stands")
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
        return _check(chosen.paths, as_json=chosen.json, whole=chosen.json or chosen.all)
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


def _check(paths: Sequence[Path], *, as_json: bool, whole: bool) -> int:
    files = [SourceFile(path.name, path.read_bytes()) for path in _files(paths)]
    with Feel() as feel:
        report = check(files, known=Known(functions=FUNCTION_NAMES), feel=feel)
    return _told([each for each in report.problems if whole or each.severity != "used"], as_json=as_json)


def _told(findings: Sequence[Problem], *, as_json: bool) -> int:
    if as_json:
        print(orjson.dumps([problem.as_json() for problem in findings]).decode())
    else:
        for problem in findings:
            print(f"{_SEVERITY[problem.severity]} {problem.file_name}:{problem.line} {problem.element_id}: ", end="")
            print(f"{problem.what} {problem.cure}".strip())
        wrong = sum(problem.severity != "used" for problem in findings)
        print(f"{wrong} att titta på." if wrong else "Inget att rätta.")
    return 1 if any(problem.severity == "refused" for problem in findings) else 0


def _readable(path: Path) -> Path:
    if not path.exists():
        raise Misconfigured(f"{path} finns inte. Ange en fil som finns.")
    return path


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if _readable(path).is_file() and path.suffix not in CHECKED:
            raise Misconfigured(
                f"{path} granskas inte. Det här kommandot granskar filer som slutar på .bpmn, .dmn och .form."
            )
        inside = [each for each in path.rglob("*") if each.suffix in CHECKED] if path.is_dir() else [path]
        found.extend(sorted(inside))
    return found


if __name__ == "__main__":
    sys.exit(main())
