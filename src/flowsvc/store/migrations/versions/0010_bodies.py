"""Bodies with their planned meetings."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, Json

revision = "0010"
down_revision = "0001"


def upgrade() -> None:
    """The directory has room for bodies."""
    op.create_table(
        "body",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("name_en", sa.Text(), server_default="", nullable=False),
        sa.Column("party_id", Id),
        sa.Column("posts", Json(), nullable=False),
        sa.Column("chair", Id),
        sa.Column("meetings", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
    )
