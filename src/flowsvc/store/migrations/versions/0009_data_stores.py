"""Data stores: values that processes share."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Json, UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """There is a table for them, and nothing in it yet."""
    op.create_table(
        "data_store",
        sa.Column(
            "name",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("value", Json(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "changed_by_instance",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_data_store")),
    )
