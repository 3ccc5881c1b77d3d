"""The schema's version: brings a database to this release's, and refuses one that is older or newer. Hides Alembic."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from flowsvc.domain.errors import Misconfigured
from flowsvc.store.transaction import Transaction, engine_for

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, *, to: str = "head") -> None:
    """The database has this release's schema, or that of the revision named; nothing changes where it has it already.
    Misconfigured where a newer release has been at it."""
    require_not_newer(url)
    engine = engine_for(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # Several may start at once on an empty database; whoever comes second finds nothing left to do.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('flowsvc.schema', 0))")
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """The revision that the database stands at; None before the first."""
    engine = engine_for(url)
    try:
        with engine.begin() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except sa.exc.OperationalError as error:
        raise Misconfigured(
            "The database does not answer. See that it runs and that FLOWSVC_DATABASE is right."
        ) from error
    finally:
        engine.dispose()


def revision(tx: Transaction) -> str | None:
    """The revision that the database of the transaction stands at; None before the first."""
    return MigrationContext.configure(tx.conn).get_current_revision()


def newest() -> str:
    """The revision of this release."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - the package carries at least one revision
    return head


def require_current(url: str) -> None:
    """The database has this release's schema; Misconfigured with the cure otherwise."""
    require_not_newer(url)
    if current(url) != newest():
        raise Misconfigured("The tables are not those of this version of flowsvc. Run: flowsvc db upgrade")


def require_not_newer(url: str) -> None:
    """The database was not upgraded by a newer release; Misconfigured otherwise."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = current(url)
    if found is not None and found not in known:
        raise Misconfigured(
            f"The tables belong to a newer version of flowsvc (revision {found}). "
            "Install that version, or restore a backup."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
