"""Drafts of models: their files, and who has changed what and why."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, Json, UtcDateTime, plain_text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """There are no drafts yet."""
    op.create_table(
        "model_draft",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", plain_text(210), server_default="", nullable=False),
        sa.Column("submitted_by", sa.Text(), server_default="", nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("approved_sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_by", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("deployment_id", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_draft")),
    )
    op.create_index("ix_model_draft_state", "model_draft", ["state", "changed_at"])
    op.create_index("ix_model_draft_origin", "model_draft", ["origin"])
    op.create_table(
        "model_draft_file",
        sa.Column("draft_id", Id, nullable=False),
        sa.Column("file_name", plain_text(120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("based_on", Json(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["model_draft.id"], name=op.f("fk_model_draft_file_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "file_name", name=op.f("pk_model_draft_file")),
    )
    op.create_table(
        "model_draft_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("draft_id", Id, nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("file_name", plain_text(120), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["model_draft.id"], name=op.f("fk_model_draft_change_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_draft_change")),
    )
    op.create_index("ix_model_draft_change_draft", "model_draft_change", ["draft_id", "at"])
