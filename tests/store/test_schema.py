"""The migrated schema is the one that the code expects, on both databases; any other is refused with the cure."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from flowsvc.domain.errors import Misconfigured
from flowsvc.store import schema
from flowsvc.store.tables import metadata
from flowsvc.store.transaction import engine_for


def test_an_empty_database_gets_exactly_the_tables_of_the_code(database_url: str) -> None:
    assert schema.current(database_url) is None

    schema.upgrade(database_url)

    engine = engine_for(database_url)
    with engine.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []
    assert schema.current(database_url) == schema.newest()
    schema.require_current(database_url)


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    schema.upgrade(database_url)
    schema.upgrade(database_url)

    assert schema.current(database_url) == schema.newest()


def test_a_database_without_tables_is_refused_with_the_cure(database_url: str) -> None:
    with pytest.raises(Misconfigured, match="flowsvc db upgrade"):
        schema.require_current(database_url)


def test_tables_of_a_newer_release_are_refused(database_url: str) -> None:
    schema.upgrade(database_url)
    engine = engine_for(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(Misconfigured, match="newer version"):
        schema.upgrade(database_url)
