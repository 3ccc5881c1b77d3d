"""The FLOWSVC_* settings, read once into one frozen value; hides how they are spelled and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flowsvc.domain.errors import Misconfigured

PREFIX = "FLOWSVC_"
# Read by the test suite and by the build of the front end; a running flowsvc lets them stand.
FOREIGN_PREFIXES = ("FLOWSVC_TEST_", "FLOWSVC_SKIP_")

LogFormat = Literal["text", "json"]
Security = Literal["starttls", "tls", "none"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"": 1, "kB": 1000, "MB": 1000**2}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator decides; everything else is data in the database or in process and form files."""

    data: Path
    database_url: str
    host: str
    port: int
    public_url: str
    proxy: str
    threads: int
    is_demo: bool
    county: str
    zone: ZoneInfo
    log: LogFormat
    secret_file: Path
    session_idle: timedelta
    session_lifetime: timedelta
    upload_limit: int
    approvals: int | None
    """How many others approve a release; None leaves it to what kind of database it is."""
    mail: Literal["", "smtp"] | Path
    """How mail is sent; a folder that it is written to, or not at all."""
    mail_from: str
    smtp_host: str
    smtp_port: int
    smtp_security: Security
    smtp_user: str
    smtp_password_file: Path | None

    @property
    def is_https(self) -> bool:
        """Whether people reach flowsvc over https, so that cookies may be marked as secure."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True)
class Setting:
    """One name that may be set: its default as an operator would write it, and what it means."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("FLOWSVC_DATA", "./data", "Folder of the database and the secret key. It is created when missing."),
    Setting(
        "FLOWSVC_DATABASE",
        "",
        "SQLAlchemy URL of the database. Empty: `flowsvc.db` (SQLite) in the data folder. "
        "PostgreSQL: `postgresql+psycopg://user@host/name`.",
    ),
    Setting("FLOWSVC_HOST", "127.0.0.1", "Address to listen on."),
    Setting("FLOWSVC_PORT", "8080", "Port to listen on, 1 to 65535."),
    Setting(
        "FLOWSVC_PUBLIC_URL",
        "",
        "The address people use, such as `https://samverkan.example.se`. With https, cookies are marked as "
        "secure. Empty: `http://HOST:PORT`.",
    ),
    Setting(
        "FLOWSVC_PROXY",
        "",
        "IP address of the reverse proxy in front of flowsvc, whose `X-Forwarded-For` then says who asks. Empty: "
        "there is none.",
    ),
    Setting("FLOWSVC_THREADS", "8", "Requests answered at the same time by one process, 1 to 64."),
    Setting(
        "FLOWSVC_DEMO",
        "0",
        "`1`: load the demonstration county into an empty database. Its clock can be moved; no other "
        "database has that.",
    ),
    Setting(
        "FLOWSVC_COUNTY", "SJ", "The letters of your county, with which every case number begins: 1 to 4 capitals."
    ),
    Setting(
        "FLOWSVC_ZONE",
        "Europe/Stockholm",
        "Time zone in which days begin and end, and in which times are shown.",
    ),
    Setting("FLOWSVC_LOG", "text", "`text` for people or `json` for a log collector."),
    Setting(
        "FLOWSVC_SECRET_FILE",
        "",
        "File with the key that signs cookies and protects names of children. Empty: `secret.key` in the "
        "data folder. It is created when missing; keep a copy apart from the database.",
    ),
    Setting(
        "FLOWSVC_SESSION_IDLE",
        "1h",
        "Signed out after this long without a request: `90s`, `30m`, `8h`, `1d`.",
    ),
    Setting("FLOWSVC_SESSION_LIFETIME", "12h", "Signed out after this long, whatever happens."),
    Setting("FLOWSVC_UPLOAD_LIMIT", "20MB", "Largest request with its files: `500kB`, `20MB`."),
    Setting(
        "FLOWSVC_RELEASE_APPROVALS",
        "",
        "How many other process owners must approve before something is deployed, 0 or 1. Empty: 0 in a demonstration, "
        "otherwise 1.",
    ),
    Setting(
        "FLOWSVC_MAIL",
        "",
        "How people get mail: `smtp`, or `file:FOLDER` to write it as files in a folder (within the data folder, "
        "unless it begins with `/`). Empty: no mail. It holds case numbers and kinds of tasks only.",
    ),
    Setting("FLOWSVC_MAIL_FROM", "flowsvc@localhost", "The sender's address."),
    Setting("FLOWSVC_SMTP_HOST", "", "Mail server, needed with `smtp`."),
    Setting("FLOWSVC_SMTP_PORT", "587", "Its port, 1 to 65535."),
    Setting("FLOWSVC_SMTP_SECURITY", "starttls", "`starttls`, `tls`, or `none` for a server on the same machine."),
    Setting("FLOWSVC_SMTP_USER", "", "Name to sign in with at the mail server. Empty: without signing in."),
    Setting("FLOWSVC_SMTP_PASSWORD_FILE", "", "File whose text is the password that goes with it."),
)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that the environment gives, every one checked; a name flowsvc does not know is refused."""
    _refuse_unknown(environment)
    given = {each.name: environment.get(each.name, "").strip() or each.default for each in SETTINGS}

    data = Path(given["FLOWSVC_DATA"]).expanduser().resolve()
    host, password_file = given["FLOWSVC_HOST"], given["FLOWSVC_SMTP_PASSWORD_FILE"]
    port = _whole_number(given, "FLOWSVC_PORT", least=1, most=65535)
    session_idle = _duration(given, "FLOWSVC_SESSION_IDLE")
    session_lifetime = _duration(given, "FLOWSVC_SESSION_LIFETIME")
    if session_lifetime < session_idle:
        raise Misconfigured(
            "FLOWSVC_SESSION_LIFETIME is shorter than FLOWSVC_SESSION_IDLE. Make it longer, or the other one shorter."
        )
    return Settings(
        data=data,
        database_url=_database_url(given["FLOWSVC_DATABASE"] or f"sqlite:///{data / 'flowsvc.db'}"),
        host=host,
        port=port,
        public_url=_public_url(given["FLOWSVC_PUBLIC_URL"] or f"http://{_as_authority(host)}:{port}"),
        proxy=_proxy(given["FLOWSVC_PROXY"]),
        threads=_whole_number(given, "FLOWSVC_THREADS", least=1, most=64),
        is_demo=_yes_or_no(given, "FLOWSVC_DEMO"),
        county=_county(given["FLOWSVC_COUNTY"]),
        zone=_zone(given["FLOWSVC_ZONE"]),
        log=_log_format(given["FLOWSVC_LOG"]),
        secret_file=Path(given["FLOWSVC_SECRET_FILE"] or data / "secret.key").expanduser().resolve(),
        session_idle=session_idle,
        session_lifetime=session_lifetime,
        upload_limit=_size(given, "FLOWSVC_UPLOAD_LIMIT"),
        approvals=_approvals(given),
        mail=_mail(given, data),
        mail_from=_mail_from(given["FLOWSVC_MAIL_FROM"]),
        smtp_host=given["FLOWSVC_SMTP_HOST"],
        smtp_port=_whole_number(given, "FLOWSVC_SMTP_PORT", least=1, most=65535),
        smtp_security=_security(given["FLOWSVC_SMTP_SECURITY"]),
        smtp_user=given["FLOWSVC_SMTP_USER"],
        smtp_password_file=Path(password_file).expanduser().resolve() if password_file else None,
    )


def _mail(given: Mapping[str, str], data: Path) -> Literal["", "smtp"] | Path:
    text = given["FLOWSVC_MAIL"]
    kind, _, folder = text.partition(":")
    if kind == "file" and folder:
        return (data / Path(folder).expanduser()).resolve()
    if text not in {"", "smtp"}:
        raise _refused("FLOWSVC_MAIL", text, "Give smtp or file:FOLDER, or leave it empty.")
    if not text:
        return ""
    if not given["FLOWSVC_SMTP_HOST"]:
        raise Misconfigured("FLOWSVC_MAIL is smtp, but FLOWSVC_SMTP_HOST is empty. Give the name of the mail server.")
    if bool(given["FLOWSVC_SMTP_USER"]) != bool(given["FLOWSVC_SMTP_PASSWORD_FILE"]):
        raise Misconfigured("FLOWSVC_SMTP_USER and FLOWSVC_SMTP_PASSWORD_FILE go together. Give both or neither.")
    return "smtp"


def _security(text: str) -> Security:
    match text:
        case "starttls" | "tls" | "none":
            return text
    raise _refused("FLOWSVC_SMTP_SECURITY", text, "Give starttls, tls or none.")


def _mail_from(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", text):
        raise _refused("FLOWSVC_MAIL_FROM", text, "Give one address, such as flowsvc@example.se.")
    return text


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = [each.name for each in SETTINGS]
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name.startswith(FOREIGN_PREFIXES) or name in known:
            continue
        near = get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
        cure = f"Did you mean {PREFIX}{near[0]}?" if near else f"The settings are {', '.join(known)}."
        raise Misconfigured(f"{name} is no setting of flowsvc. {cure} Unset it if it is not needed.")


def _refused(name: str, value: str, cure: str) -> Misconfigured:
    return Misconfigured(f"{name} is {value!r}. {cure}")


def _whole_number(given: Mapping[str, str], name: str, *, least: int, most: int) -> int:
    text = given[name]
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise _refused(name, text, f"Give a whole number from {least} to {most}.")
    return int(text)


def _yes_or_no(given: Mapping[str, str], name: str) -> bool:
    text = given[name].lower()
    if text not in {"0", "1", "no", "yes", "false", "true"}:
        raise _refused(name, given[name], "Give 1 for yes or 0 for no.")
    return text in {"1", "yes", "true"}


def _approvals(given: Mapping[str, str]) -> int | None:
    name = "FLOWSVC_RELEASE_APPROVALS"
    return _whole_number(given, name, least=0, most=1) if given[name] else None


def _duration(given: Mapping[str, str], name: str) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", given[name])
    if not found:
        raise _refused(name, given[name], "Give a number and a unit: 90s, 30m, 8h or 1d.")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _size(given: Mapping[str, str], name: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,9}) ?(kB|MB|)", given[name])
    if not found:
        raise _refused(name, given[name], "Give a number of bytes, or one with a unit: 500kB or 20MB.")
    return int(found[1]) * _SIZES[found[2]]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _refused("FLOWSVC_ZONE", name, "Give a zone by its name, such as Europe/Stockholm.") from error


def _county(text: str) -> str:
    if not re.fullmatch(r"[A-ZÅÄÖ]{1,4}", text):
        raise _refused("FLOWSVC_COUNTY", text, "Give 1 to 4 capital letters, such as AB.")
    return text


def _log_format(text: str) -> LogFormat:
    match text:
        case "text" | "json":
            return text
    raise _refused("FLOWSVC_LOG", text, "Give text or json.")


def _public_url(text: str) -> str:
    cure = "Give the address people use, such as https://samverkan.example.se, with nothing after the name."
    try:
        parts = urlsplit(text)
        hostname = parts.hostname
    except ValueError as error:
        raise _refused("FLOWSVC_PUBLIC_URL", text, cure) from error
    if parts.scheme not in {"http", "https"} or not hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise _refused("FLOWSVC_PUBLIC_URL", text, cure)
    return f"{parts.scheme}://{parts.netloc}"


def _proxy(text: str) -> str:
    if text:
        try:
            return str(ip_address(text))
        except ValueError as error:
            raise _refused("FLOWSVC_PROXY", text, "Give one IP address, such as 127.0.0.1.") from error
    return ""


def _database_url(url: str) -> str:
    # The message never repeats the value: a database URL may hold a password.
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "postgresql+psycopg" and rest:
        return url
    if separator and scheme == "sqlite" and rest.startswith("/") and rest.strip("/") and ":memory:" not in rest:
        return url
    if scheme in {"postgresql", "postgres"}:
        raise Misconfigured("FLOWSVC_DATABASE names no driver. Begin it with postgresql+psycopg:// instead.")
    raise Misconfigured(
        "FLOWSVC_DATABASE is no database that flowsvc can use. Give sqlite:///path/to/flowsvc.db "
        "or postgresql+psycopg://user@host/name, or leave it unset for SQLite in the data folder."
    )


def _as_authority(host: str) -> str:
    return f"[{host}]" if ":" in host else host
