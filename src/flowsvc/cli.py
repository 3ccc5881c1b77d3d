"""The command line: reads arguments, calls what does the work, prints what people can act on."""

import argparse
import getpass
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import orjson

from flowsvc import app, bench, demo
from flowsvc.bench import running
from flowsvc.domain import calendar, directory_file
from flowsvc.domain.access import SCOPES, SYSTEM
from flowsvc.domain.clock import SystemClock
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import DefinitionInvalid, FlowError, InvalidInput, Misconfigured, Problem
from flowsvc.domain.model_drafts import NoteMissing
from flowsvc.engine.feel import Feel
from flowsvc.engine.functions import FUNCTION_NAMES
from flowsvc.engine.parsing import Known, SourceFile, check
from flowsvc.settings import Settings, read_settings
from flowsvc.store import schema
from flowsvc.usecases import audits, deployments, register
from flowsvc.usecases import directory as directories
from flowsvc.usecases.context import Context

CHECKED = (".bpmn", ".dmn", ".form")
_SEVERITY = {"refused": "NEKAS  ", "warned": "VARNING", "used": "används"}
_KINDS = {
    DefinitionKind.PROCESS: "process",
    DefinitionKind.DECISION: "beslutstabell",
    DefinitionKind.FORM: "blankett",
}


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(prog="flowsvc", description="BPMN for agreements about children.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="pages, API and worker in one process")
    commands.add_parser("web", help="pages and API without a worker")
    commands.add_parser("worker", help="the worker alone")
    deploying = commands.add_parser("deploy", help="deploy diagrams, decision tables and forms")
    deploying.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    deploying.add_argument("--dry-run", action="store_true", help="say what would be refused, and change nothing")
    deploying.add_argument("--name", default="", help="what to call the deployment")
    deploying.add_argument("--note", default="", help="why it is made")
    checking = commands.add_parser("check", help="check diagrams, decision tables and forms before they are used")
    checking.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    checking.add_argument("--json", action="store_true", help="print the findings as JSON")
    checking.add_argument("--all", action="store_true", help="also say what is used as it stands")
    database = commands.add_parser("db", help="the tables").add_subparsers(dest="verb", required=True)
    database.add_parser("upgrade", help="bring the tables to this version")
    _add_directory(commands)
    _add_users(commands)
    _add_tokens(commands)
    auditing = commands.add_parser("audit", help="the history of cases").add_subparsers(dest="verb", required=True)
    auditing.add_parser("verify", help="see that no history was changed afterwards")
    commands.add_parser("bench", help="measure the engine against the library that it stands on")
    return parser


def _add_directory(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verbs = commands.add_parser("directory", help="who is who").add_subparsers(dest="verb", required=True)
    for verb, words in (("check", "check a directory file (JSON)"), ("import", "take over a directory file (JSON)")):
        each = verbs.add_parser(verb, help=words)
        each.add_argument("paths", nargs=1, type=Path, metavar="PATH")
        each.add_argument("--json", action="store_true", help="print the findings as JSON")


def _add_users(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verbs = commands.add_parser("user", help="who may sign in").add_subparsers(dest="verb", required=True)
    adding = verbs.add_parser("add", help="add somebody; the password is asked for, or read from standard input")
    adding.add_argument("username")
    adding.add_argument("--name", default="", help="the person's name")
    adding.add_argument("--post", action="append", default=[], help="a post held from today on; may be repeated")
    for verb, words in (
        ("password", "give a new password, which is asked for, or read from standard input"),
        ("disable", "shut somebody out at once"),
        ("enable", "let somebody in again"),
    ):
        verbs.add_parser(verb, help=words).add_argument("username")
    verbs.add_parser("list", help="everybody, with posts")


def _add_tokens(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verbs = commands.add_parser("token", help="keys for programs that use the API").add_subparsers(
        dest="verb", required=True
    )
    issuing = verbs.add_parser("issue", help="a new key, shown this once")
    issuing.add_argument("name", help="which program it is for")
    issuing.add_argument("--scope", action="append", required=True, help=f"one of {', '.join(sorted(SCOPES))}")
    issuing.add_argument("--days", type=int, default=None, help="how long it lasts; without it, until it is revoked")
    verbs.add_parser("revoke", help="a key opens nothing any more").add_argument("id")
    verbs.add_parser("list", help="every key, without its secret")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0, 1 when something is refused, 2 when a setting, the build or a path is wrong."""
    chosen = build_parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        app.start_logging(settings.log)
        return _COMMANDS[f"{chosen.command} {getattr(chosen, 'verb', '')}".strip()](settings, chosen)
    except Misconfigured as error:
        print(error.message, file=sys.stderr)
        return 2
    except FlowError as error:
        print(error.message, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the lines has seen enough (`| head`); what is left goes nowhere, without a complaint at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


# What runs until it is stopped


def _serve(settings: Settings, _chosen: argparse.Namespace) -> int:
    app.stop_when_told()
    with app.sole_worker(settings), app.listen(settings) as listening:
        app.set_up(settings)
        with app.context(settings) as ctx:
            _fill(ctx)
            worker = app.build_worker(ctx)
            web = app.build_web(settings, ctx, wake=worker.wake, demo_password=demo.PASSWORD if ctx.demo else "")
            worker.start()
            try:
                _greet(settings, ctx)
                app.answer(web, settings, listening)
            finally:
                worker.stop()
    return 0


def _web(settings: Settings, _chosen: argparse.Namespace) -> int:
    app.stop_when_told()
    with app.listen(settings) as listening, app.context(settings) as ctx:
        web = app.build_web(settings, ctx, demo_password=demo.PASSWORD if ctx.demo else "")
        _greet(settings, ctx)
        app.answer(web, settings, listening)
    return 0


def _worker(settings: Settings, _chosen: argparse.Namespace) -> int:
    app.stop_when_told()
    with app.sole_worker(settings):
        app.set_up(settings)
        with app.context(settings) as ctx:
            _fill(ctx)
            worker = app.build_worker(ctx)
            worker.start()
            try:
                _say("Arbetaren är igång.")
                while True:
                    # Not signal.pause(): a signal that comes just before it would be heard with the next one.
                    time.sleep(1)
            finally:
                worker.stop()


def _fill(ctx: Context) -> None:
    """What an empty database needs, and what a newer release ships."""
    deployed = app.deploy_shipped(ctx)
    if deployed.definitions:
        _say(f"Publicerade {len(deployed.definitions)} processer, beslutstabeller och blanketter.")
    if deployed.kept:
        _say(f"Behöll era ändrade versioner av {', '.join(deployed.kept)}.")
    if ctx.demo:
        # Several may start at once on an empty database; whoever comes second finds the county loaded.
        with ctx.store.alone("demonstration"):
            if not demo.is_loaded(ctx):
                _say("Läser in demonstrationslänet.")
                demo.load(ctx)


def _greet(settings: Settings, ctx: Context) -> None:
    for row in register.list_agreements(ctx, SYSTEM):
        for each in row.warnings:
            _say(f"Att åtgärda: {row.name}. {each.text} {each.cure}")
    _say(f"flowsvc svarar på {settings.public_url}")
    if ctx.demo:
        _say("Det här är en demonstration med påhittade myndigheter och personer.")
        _say(f"Logga in som till exempel enhetschef.bup eller socialsekreterare.alvsta med lösenordet {demo.PASSWORD}")
        _say("Avsluta med Ctrl-C.")


def _say(text: str) -> None:
    # Whoever reads this through a pipe wants it when it is said.
    print(text, flush=True)


# What is done once


def _deploy(settings: Settings, chosen: argparse.Namespace) -> int:
    files = _sources(chosen.paths)
    with app.context(settings) as ctx:
        if chosen.dry_run:
            report = deployments.check_files(ctx, SYSTEM, files)
            return _told([each for each in report.problems if each.severity != "used"], as_json=False)
        try:
            done = deployments.deploy(ctx, SYSTEM, files, name=chosen.name, note=chosen.note)
        except DefinitionInvalid as error:
            return _told([each for each in error.problems if each.severity != "used"], as_json=False)
        except NoteMissing as error:
            raise Misconfigured(
                "Någon annan ska godkänna det innan det publiceras. Skriv med --note vad som ändras och varför."
            ) from error
    if done.draft_id:
        where = f"{settings.public_url}/drafts/{done.draft_id}/release"
        print(f"Inget är publicerat än. En processägare behöver godkänna och publicera utkastet: {where}")
        return 0
    for each in done.definitions:
        print(f"{_KINDS[each.kind]} {each.key} version {each.version}")
    print(f"Publicerade {len(done.definitions)}." if done.definitions else "Inget har ändrats.")
    return 0


def _check(_settings: Settings, chosen: argparse.Namespace) -> int:
    with Feel() as feel:
        report = check(_sources(chosen.paths), known=Known(functions=FUNCTION_NAMES), feel=feel)
    whole = chosen.json or chosen.all
    return _told([each for each in report.problems if whole or each.severity != "used"], as_json=chosen.json)


def _upgrade(settings: Settings, _chosen: argparse.Namespace) -> int:
    app.upgrade(settings)
    print(f"Tabellerna har version {schema.newest()}.")
    return 0


def _directory_check(settings: Settings, chosen: argparse.Namespace) -> int:
    return _told(_directory_findings(chosen.paths[0], settings), as_json=chosen.json)


def _directory_findings(path: Path, settings: Settings) -> Sequence[Problem]:
    today: date = calendar.local_date(SystemClock().now(), str(settings.zone))
    try:
        directory = directory_file.from_json(orjson.loads(_readable(path).read_bytes()))
    except (orjson.JSONDecodeError, InvalidInput) as error:
        what = error.message if isinstance(error, InvalidInput) else f"Filen är ingen JSON: {error}."
        return [Problem("refused", "directory.invalid", path.name, 0, what, "Rätta filen.", file_name=path.name)]
    return directory_file.check(directory, on=today)


def _directory_import(settings: Settings, chosen: argparse.Namespace) -> int:
    data = _readable(chosen.paths[0]).read_bytes()
    with app.context(settings) as ctx:
        done = directories.import_directory(ctx, SYSTEM, data)
    ended = _told(done.problems, as_json=chosen.json)
    if done.revision is not None and not chosen.json:
        print(f"Katalogen har nu version {done.revision}.")
    return ended


def _user_add(settings: Settings, chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        person = directories.add_user(
            ctx, SYSTEM, chosen.username, name=chosen.name, posts=chosen.post, password=_password()
        )
    print(f"{person.username} kan logga in.")
    return 0


def _user_password(settings: Settings, chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        directories.set_password(ctx, SYSTEM, chosen.username, password=_password())
    print(f"{chosen.username} har ett nytt lösenord och är utloggad överallt.")
    return 0


def _user_disable(settings: Settings, chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        directories.disable_user(ctx, SYSTEM, chosen.username)
    print(f"{chosen.username} är utloggad överallt och kan inte logga in.")
    return 0


def _user_enable(settings: Settings, chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        directories.enable_user(ctx, SYSTEM, chosen.username)
    print(f"{chosen.username} kan logga in igen.")
    return 0


def _user_list(settings: Settings, _chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        accounts = directories.list_users(ctx, SYSTEM)
    for each in accounts:
        notes = ["avstängd"] if each.person.disabled else [] if each.has_password else ["utan lösenord"]
        print("\t".join((each.person.username, each.person.name, ", ".join(each.posts), *notes)))
    return 0


def _token_issue(settings: Settings, chosen: argparse.Namespace) -> int:
    lasts = timedelta(days=chosen.days) if chosen.days is not None else None
    with app.context(settings) as ctx:
        secret = directories.issue_token(ctx, SYSTEM, name=chosen.name, scopes=chosen.scope, expires=lasts)
    print("Spara nyckeln nu. Den visas inte igen.", file=sys.stderr)
    print(secret)
    return 0


def _token_revoke(settings: Settings, chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        directories.revoke_token(ctx, SYSTEM, chosen.id)
    print("Nyckeln gäller inte längre.")
    return 0


def _token_list(settings: Settings, _chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        tokens, now, zone = directories.list_tokens(ctx, SYSTEM), ctx.clock.now(), settings.zone
    for each in tokens:
        ended = each.revoked_at is not None or (each.expires_at is not None and each.expires_at <= now)
        until = f"till {each.expires_at.astimezone(zone):%Y-%m-%d}" if each.expires_at else "tills vidare"
        print("\t".join((each.id, each.name, ", ".join(each.scopes), "gäller inte" if ended else until)))
    return 0


def _audit_verify(settings: Settings, _chosen: argparse.Namespace) -> int:
    with app.context(settings) as ctx:
        found = audits.verify_histories(ctx, SYSTEM)
    for each in found.broken:
        print(f"Ärendet {each.business_key}: historiken stämmer inte från händelse {each.sequence}.")
    print(f"{found.checked} ärenden granskade, {len(found.broken)} stämmer inte.")
    return 1 if found.broken else 0


def _bench(_settings: Settings, _chosen: argparse.Namespace) -> int:
    for line in bench.lines(running.figures(running.Sizes())):
        _say(line)
    return 0


_COMMANDS: Mapping[str, Callable[[Settings, argparse.Namespace], int]] = {
    "serve": _serve,
    "web": _web,
    "worker": _worker,
    "deploy": _deploy,
    "check": _check,
    "db upgrade": _upgrade,
    "directory check": _directory_check,
    "directory import": _directory_import,
    "user add": _user_add,
    "user password": _user_password,
    "user disable": _user_disable,
    "user enable": _user_enable,
    "user list": _user_list,
    "token issue": _token_issue,
    "token revoke": _token_revoke,
    "token list": _token_list,
    "audit verify": _audit_verify,
    "bench": _bench,
}


# What they share


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


def _password() -> str:
    """What is typed twice without being shown; from a pipe its first line. Never an argument: others could read it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Lösenord: ")
    if getpass.getpass("En gång till: ") != first:
        raise InvalidInput("Lösenorden är olika. Försök igen.")
    return first


def _readable(path: Path) -> Path:
    if not path.exists():
        raise Misconfigured(f"{path} finns inte. Ange en fil som finns.")
    return path


def _sources(paths: Sequence[Path]) -> list[SourceFile]:
    return [SourceFile(path.name, path.read_bytes()) for path in _files(paths)]


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if _readable(path).is_file() and path.suffix not in CHECKED:
            raise Misconfigured(
                f"{path} är ingen fil som flowsvc kan använda. Filerna ska sluta på .bpmn, .dmn eller .form."
            )
        inside = [each for each in path.rglob("*") if each.suffix in CHECKED] if path.is_dir() else [path]
        found.extend(sorted(inside))
    return found


if __name__ == "__main__":
    sys.exit(main())
