"""Trials of drafts, each with a database of its own kept as bytes."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, UtcDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nobody is trying anything yet."""
    op.create_table(
        "model_trial",
        sa.Column("id", Id, nullable=False),
        sa.Column("draft_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("clock", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_trial")),
    )
    op.create_index("uq_model_trial_person", "model_trial", ["draft_id", "person_id"], unique=True)
    op.create_index("ix_model_trial_used", "model_trial", ["used_at"])
