"""What is owed at a level is kept for each visit to it."""

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_LEVELS = ("OPER", "UNIT", "AREA", "DIR", "LEAD")
_COUNTED = sa.text("UPDATE escalation SET visit = :visit WHERE instance_id = :instance AND level = :level")
_ANSWERS_COUNTED = sa.text(
    "UPDATE escalation_answer SET visit = :visit WHERE instance_id = :instance AND level = :level"
)


def upgrade() -> None:
    """Each escalation and each answer says which visit to its level it is of. What was kept was of the last."""
    with op.batch_alter_table("escalation") as table:
        table.add_column(sa.Column("visit", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("escalation_answer") as table:
        table.add_column(sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False, server_default="1"))
    _count_visits()
    with op.batch_alter_table("escalation") as table:
        table.alter_column("visit", server_default=None)
    with op.batch_alter_table("escalation_answer") as table:
        table.drop_constraint("pk_escalation_answer", type_="primary")
        table.create_primary_key("pk_escalation_answer", ["instance_id", "party_id", "level", "visit"])
        table.alter_column("visit", server_default=None)


def _count_visits() -> None:
    connection = op.get_bind()
    started = sa.text(
        "SELECT e.instance_id, CAST(e.details AS TEXT) FROM event e JOIN escalation s ON s.instance_id = e.instance_id"
        " WHERE e.happened = 'started' AND CAST(e.details AS TEXT) LIKE '%escalationLevel%'"
    )
    visits: dict[tuple[str, int], int] = {}
    for instance_id, details in connection.execute(started):
        named = orjson.loads(details).get("escalationLevel")
        if named in _LEVELS:
            stood = (instance_id, _LEVELS.index(named))
            visits[stood] = visits.get(stood, 0) + 1
    for (instance_id, level), visit in visits.items():
        at = {"instance": instance_id, "level": level, "visit": visit}
        connection.execute(_COUNTED, at)
        connection.execute(_ANSWERS_COUNTED, at)
