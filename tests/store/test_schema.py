"""The migrated schema is the one that the code expects, on both databases; any other is refused with the cure."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from flowsvc.domain.errors import Misconfigured
from flowsvc.store import schema, tables
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


def test_each_visit_to_a_level_is_counted_from_the_history_of_an_older_database(database_url: str) -> None:
    schema.upgrade(database_url, to="0001")
    engine = engine_for(database_url)
    older = sa.MetaData()
    with engine.begin() as connection:
        older.reflect(connection)
        _insert(connection, older.tables["deployment"], id="d1")
        _insert(connection, older.tables["definition"], id="p1", deployment_id="d1")
        _insert(connection, older.tables["process_instance"], id="i1", definition_id="p1", pins="{}")
        for sequence, level in enumerate(["OPER", "UNIT", "OPER", "UNIT", "OPER"]):
            _insert(
                connection,
                older.tables["event"],
                instance_id="i1",
                sequence=sequence,
                happened="started",
                details=f'{{"escalationLevel":"{level}"}}',
            )
        _insert(connection, older.tables["escalation"], instance_id="i1", level=0)
        for number in (0, 1):
            _insert(connection, older.tables["escalation_answer"], instance_id="i1", party_id="ekby", level=number)

    schema.upgrade(database_url)

    with engine.connect() as connection:
        standing = connection.execute(sa.select(tables.escalation.c.visit)).scalar_one()
        owed = connection.execute(sa.select(tables.escalation_answer.c.level, tables.escalation_answer.c.visit))
        assert sorted(tuple(row) for row in owed) == [(0, 3), (1, 2)]
    engine.dispose()
    assert standing == 3


_BLANK: tuple[tuple[type[sa.types.TypeEngine[Any]], object], ...] = (
    (sa.DateTime, datetime(2026, 11, 24, tzinfo=UTC)),
    (sa.Boolean, False),
    (sa.Integer, 0),
    (sa.LargeBinary, b""),
    (sa.String, ""),
)


def _insert(connection: sa.Connection, table: sa.Table, **given: object) -> None:
    """A row of the older schema; what is not given is empty."""
    needed = [column for column in table.columns if not column.nullable]
    blank = {each.name: next(value for kind, value in _BLANK if isinstance(each.type, kind)) for each in needed}
    connection.execute(sa.insert(table), blank | given)


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
