"""The tables are made on both databases, and times keep their zone there."""

from datetime import UTC, datetime

import sqlalchemy as sa

from flowsvc.store.tables import metadata, setting, sign_in_attempt


def test_every_table_is_made_and_a_time_comes_back_aware_and_exact(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    at = datetime(2026, 11, 24, 21, 30, 5, 123456, tzinfo=UTC)

    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(sa.insert(sign_in_attempt).values(subject="a", failures=1, last_at=at))
        connection.execute(sa.insert(setting).values(name="demo", value={"moved": [1, "å"]}))
        found = connection.execute(sa.select(sign_in_attempt.c.last_at)).scalar_one()
        kept = connection.execute(sa.select(setting.c.value)).scalar_one()
    engine.dispose()

    assert found == at
    assert found.tzinfo is not None
    assert kept == {"moved": [1, "å"]}
