"""The command line: reads arguments, calls what does the work, prints what people can act on."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from flowsvc.domain.errors import DefinitionInvalid, FlowError, Misconfigured, Problem
from flowsvc.engine.decisions import check_decisions, parse_decisions
from flowsvc.engine.feel import Feel


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(prog="flowsvc", description="BPMN for agreements about children.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check decision tables (.dmn) before they are used")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0, 1 when something is refused, 2 when a setting, the build or a path is wrong."""
    chosen = build_parser().parse_args(arguments)
    try:
        return _check(chosen.paths, as_json=chosen.json)
    except Misconfigured as error:
        print(error.message, file=sys.stderr)
        return 2


def _check(paths: Sequence[Path], *, as_json: bool) -> int:
    findings: list[Problem] = []
    with Feel() as feel:
        for path in _files(paths):
            findings.extend(_findings(path, feel))
    if as_json:
        print(orjson.dumps([problem.as_json() for problem in findings]).decode())
    else:
        for problem in findings:
            print(f"{problem.file_name}:{problem.line} {problem.element_id}: {problem.what} {problem.cure}")
        print("Inget att rätta." if not findings else f"{len(findings)} att titta på.")
    return 1 if any(problem.severity == "refused" for problem in findings) else 0


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise Misconfigured(f"{path} finns inte. Ange en beslutstabell (.dmn) eller en mapp med sådana.")
        if path.is_file() and path.suffix != ".dmn":
            raise Misconfigured(f"{path} är ingen beslutstabell. Det här kommandot granskar filer som slutar på .dmn.")
        found.extend(sorted(path.rglob("*.dmn")) if path.is_dir() else [path])
    return found


def _findings(path: Path, feel: Feel) -> Sequence[Problem]:
    def issues(text: str, kind: str, names: Sequence[str]) -> list[tuple[str, str]]:
        wanted = "unary" if kind == "unary" else "expression"
        found = feel.check(text, kind=wanted, names=names)  # type: ignore[arg-type]  # one of the two literals
        return [(issue.message, issue.message_en) for issue in found]

    try:
        trees = parse_decisions(path.read_bytes(), file_name=path.name)
    except DefinitionInvalid as error:
        return error.problems
    except FlowError as error:
        return [Problem("refused", error.code, path.name, 0, error.message, "Rätta filen.", file_name=path.name)]
    return list(check_decisions(trees, issues=issues, file_name=path.name))


if __name__ == "__main__":
    sys.exit(main())
