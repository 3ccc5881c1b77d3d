"""What passes between instances: signals that are waited for, messages on their way; and jobs that end their process."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Json, UtcDateTime

revision = "0004"
down_revision = "0003"


def _id() -> "sa.types.TypeEngine[str]":
    return sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")


def upgrade() -> None:
    """Signals and messages have their tables, and a job counts the leases that were never let go."""
    op.create_table(
        "signal_subscription",
        sa.Column("instance_id", _id(), nullable=False),
        sa.Column("token", _id(), nullable=False),
        sa.Column("element_id", sa.Text(), server_default="", nullable=False),
        sa.Column("process_key", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("signal", sa.String(length=200), nullable=False),
        sa.Column("delivers_support", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_signal_subscription_instance_id")
        ),
        sa.PrimaryKeyConstraint("instance_id", "token", name=op.f("pk_signal_subscription")),
    )
    op.create_index("ix_signal_subscription_signal", "signal_subscription", ["signal", "instance_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", _id(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("correlation_key", sa.Text(), server_default="", nullable=False),
        sa.Column("business_key", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sender_instance", _id(), nullable=True),
        sa.Column("element_id", sa.Text(), server_default="", nullable=False),
        sa.Column("process_key", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["name", "correlation_key", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "message_variable",
        sa.Column("message_id", _id(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", Json(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_variable_message_id")),
        sa.PrimaryKeyConstraint("message_id", "name", name=op.f("pk_message_variable")),
    )
    op.add_column("job", sa.Column("crashes", sa.Integer(), server_default="0", nullable=False))
