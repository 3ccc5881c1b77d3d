"""Puts the parts together from the settings: the context, the web application, the worker; and makes a database ready
for them. Hides where the secret key lies, how requests are listened for and how lines are logged."""

import errno
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import orjson
import structlog
from flask import Flask
from waitress.server import create_server

from flowsvc import shipped
from flowsvc.connectors.mail import FolderMailer, Mailer, SmtpMailer
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.clock import Clock, SystemClock
from flowsvc.domain.errors import Conflict, Misconfigured, StaleRevision
from flowsvc.engine.engine import Engine
from flowsvc.engine.feel import Feel
from flowsvc.engine.parsing import SourceFile
from flowsvc.settings import LogFormat, Settings
from flowsvc.store import schema
from flowsvc.store.transaction import Store
from flowsvc.usecases import demo_clock, deployments
from flowsvc.usecases.context import Context
from flowsvc.usecases.deployments import Deployed
from flowsvc.web import WebSettings, create_web
from flowsvc.worker import Worker, alone_on, owner_name

_KEY_BYTES = 32


# The database and the context


def upgrade(settings: Settings) -> None:
    """The database is there and has the tables of this release."""
    file = Store(settings.database_url).file
    if file is not None:
        _make_folder(file.parent)
    schema.upgrade(settings.database_url)


def set_up(settings: Settings) -> None:
    """An empty database has its tables; one with other tables than this release's is refused as Misconfigured."""
    file = Store(settings.database_url).file
    if file is not None:
        _make_folder(file.parent)
    if schema.current(settings.database_url) is None:
        schema.upgrade(settings.database_url)
    schema.require_current(settings.database_url)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Misconfigured(
            f"Mappen {folder} går inte att skapa: {error.strerror}. Rätta rättigheterna, eller ange en annan "
            "FLOWSVC_DATA."
        ) from error


def sole_worker(settings: Settings) -> AbstractContextManager[None]:
    """While it is entered this process is the only worker on the database, where that is an SQLite file. PostgreSQL
    lets several share the work."""
    file = Store(settings.database_url).file
    if file is None:
        return nullcontext()
    _make_folder(file.parent)
    return alone_on(file)


@contextmanager
def context(settings: Settings) -> Iterator[Context]:
    """The context of the use cases, closed afterwards."""
    ctx = build_context(settings)
    try:
        yield ctx
    finally:
        ctx.feel.close()
        ctx.store.dispose()


def build_context(settings: Settings) -> Context:
    """The context of the use cases, on a database that has this release's tables; Misconfigured otherwise."""
    store = Store(settings.database_url, connections=settings.threads + 2)
    if store.file is not None and not store.file.exists():
        raise Misconfigured(
            f"Det finns ingen databas i {store.file.parent}. Ange rätt FLOWSVC_DATA, eller skapa den: "
            "flowsvc db upgrade"
        )
    schema.require_current(settings.database_url)
    if settings.is_demo:
        try:
            demo_clock.make_demonstration(store)
        except Conflict as error:
            raise Misconfigured(
                "FLOWSVC_DEMO är 1, men databasen är ingen demonstration. Ta bort inställningen, eller ange en annan "
                "FLOWSVC_DATA."
            ) from error
    is_demo = demo_clock.is_demonstration(store)
    clock: Clock = demo_clock.clock_of(store) if is_demo else SystemClock()
    feel = Feel(zone=settings.zone.key)
    return Context(
        store=store,
        feel=feel,
        engine=Engine(feel),
        clock=clock,
        zone=settings.zone.key,
        county=settings.county,
        demo=is_demo,
        upload_limit=settings.upload_limit,
        mailer=mailer(settings),
        public_url=settings.public_url.rstrip("/"),
        approvals=(0 if is_demo else 1) if settings.approvals is None else settings.approvals,
    )


def mailer(settings: Settings) -> Mailer | None:
    """What sends mail, as the settings say; None where none is sent."""
    if isinstance(settings.mail, Path):
        return FolderMailer(settings.mail, settings.mail_from)
    if not settings.mail:
        return None
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.mail_from,
        user=settings.smtp_user,
        password=_password(settings.smtp_password_file),
    )


def _password(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"Filen {path} med mejlserverns lösenord går inte att läsa. Rätta FLOWSVC_SMTP_PASSWORD_FILE."
        ) from error


def deploy_shipped(ctx: Context) -> Deployed:
    """The newest version of every shipped file is deployed, except over what an owner has changed."""
    files = [SourceFile(path.name, path.read_bytes()) for path in (*shipped.form_files(), *shipped.process_files())]
    try:
        return deployments.deploy(ctx, SYSTEM, files, name="flowsvc", shipped=True)
    except StaleRevision:
        # Another process has started at the same time and was first.
        return deployments.deploy(ctx, SYSTEM, files, name="flowsvc", shipped=True)


# What runs


def build_web(
    settings: Settings, ctx: Context, *, wake: Callable[[], None] | None = None, demo_password: str = ""
) -> Flask:
    """The web application; `wake` is called after each write."""
    return create_web(
        ctx,
        WebSettings(
            secret_key=secret_key(settings.secret_file),
            is_https=settings.is_https,
            session_idle=settings.session_idle,
            session_lifetime=settings.session_lifetime,
            upload_limit=settings.upload_limit,
            public_url=settings.public_url,
            wake=wake or _nobody,
            demo_password=demo_password,
        ),
    )


def _nobody() -> None:
    """The worker is another process, and looks by itself."""


def build_worker(ctx: Context) -> Worker:
    """The worker of this process."""
    return Worker(ctx, owner_name())


def listen(settings: Settings) -> socket.socket:
    """The socket on which the web application will answer. Misconfigured where somebody else has the port."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        # At once: only a listening socket keeps others from the port.
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise _cannot_listen(settings, error) from error
    return listening


def _cannot_listen(settings: Settings, error: OSError) -> Misconfigured:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return Misconfigured(
            f"Porten är upptagen: {where}. Stoppa det som lyssnar där, eller ange en annan FLOWSVC_PORT."
        )
    return Misconfigured(
        f"Det går inte att lyssna på {where}: {error.strerror}. Ange en annan FLOWSVC_HOST eller FLOWSVC_PORT."
    )


def answer(web: Flask, settings: Settings, listening: socket.socket) -> None:
    """Requests are answered until the process is told to stop; those that have begun are finished first."""
    trusted = {"trusted_proxy": settings.proxy, "trusted_proxy_headers": "x-forwarded-for"} if settings.proxy else {}
    server = create_server(
        web,
        sockets=[listening],
        threads=settings.threads,
        # Beyond it Flask answers with a page; this is for those who send on regardless.
        max_request_body_size=settings.upload_limit + 1_000_000,
        url_scheme="https" if settings.is_https else "http",
        clear_untrusted_proxy_headers=True,
        ident="",
        **trusted,
    )
    try:
        server.run()
    finally:
        server.close()


def stop_when_told() -> None:
    """SIGTERM and SIGINT end the process in good order from now on: blocks are left, jobs finished, locks let go."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        # The second one would cut the first one's good order short.
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(0)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)


# The secret key


def secret_key(path: Path) -> bytes:
    """The key of this installation; made, readable by its owner alone, where there is none."""
    if not path.exists():
        _make_key(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise _bad_key(path) from error
    if len(key) < _KEY_BYTES:
        raise _bad_key(path)
    return key


def _bad_key(path: Path) -> Misconfigured:
    return Misconfigured(
        f"Nyckelfilen {path} går inte att läsa eller är ingen nyckel. Lägg tillbaka den från din kopia, eller ange "
        "rätt FLOWSVC_SECRET_FILE."
    )


def _make_key(path: Path) -> None:
    _make_folder(path.parent)
    # Written aside and linked: of two processes that start at once the second reads the whole key of the first.
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(aside)
    except OSError as error:
        raise Misconfigured(
            f"Nyckelfilen {path} går inte att skapa: {error.strerror}. Ange en annan FLOWSVC_SECRET_FILE."
        ) from error
    finally:
        aside.unlink(missing_ok=True)


# Logging


def start_logging(form: LogFormat) -> None:
    """Lines go to the error output: for people, or as JSON. Values of cases are never logged."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.types.Processor
    if form == "json":
        last = structlog.processors.JSONRenderer(serializer=lambda line, **_: orjson.dumps(line, default=repr).decode())
        shared.append(structlog.processors.format_exc_info)
    else:
        last = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[shown], level=logging.WARNING, force=True)
    logging.getLogger("flowsvc").setLevel(logging.INFO)
    # waitress warns of every request that waits for a thread, be it for a millisecond.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
