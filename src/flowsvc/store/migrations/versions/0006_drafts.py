"""A draft keeps what was typed and cannot be read."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Json

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Every draft has a place for it; those of before have nothing there."""
    with op.batch_alter_table("draft") as table:
        table.add_column(sa.Column("typed", Json(), nullable=False, server_default="{}"))
    with op.batch_alter_table("draft") as table:
        table.alter_column("typed", server_default=None)
