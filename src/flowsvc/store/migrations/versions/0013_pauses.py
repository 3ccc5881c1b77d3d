"""Pauses of instances, with reason and last day."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Nothing is paused yet."""
    op.create_table(
        "pause",
        sa.Column("id", Id, nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("post_id", Id, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("resumed_at", UtcDateTime(), nullable=True),
        sa.Column("resumed_by", Id, nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_pause_instance_id")),
        sa.PrimaryKeyConstraint("id", "instance_id", name=op.f("pk_pause")),
    )
    op.create_index(
        "uq_pause_open",
        "pause",
        ["instance_id"],
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
        sqlite_where=sa.text("resumed_at IS NULL"),
    )
