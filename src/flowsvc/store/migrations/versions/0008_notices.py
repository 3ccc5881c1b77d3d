"""Notices, who has seen them, how people want mail, and mail in the outbox."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, UtcDateTime, plain_text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Notices have their tables; the worker writes those of tasks that are open already."""
    op.create_table(
        "notice",
        sa.Column("id", plain_text(120), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("task_id", Id, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("principal", plain_text(210), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_notice_instance_id")),
        sa.ForeignKeyConstraint(
            ["task_id", "instance_id"], ["user_task.id", "user_task.instance_id"], name=op.f("fk_notice_task_id")
        ),
        sa.PrimaryKeyConstraint("id", "instance_id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_task", "notice", ["task_id", "instance_id"])
    for name, columns, condition in (
        ("ix_notice_principal", ["principal", "at"], "task_id IS NULL"),
        ("ix_notice_untold", ["at", "id"], "told_at IS NULL"),
    ):
        where = sa.text(condition)
        op.create_index(name, "notice", columns, postgresql_where=where, sqlite_where=where)
    op.create_table(
        "notice_seen",
        sa.Column("notice_id", plain_text(120), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name=op.f("pk_notice_seen")),
    )
    op.create_table(
        "preference",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("mail", sa.String(length=16), nullable=False),
        sa.Column("digest_at", sa.Time(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("is_quiet_on_days_off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_preference")),
    )
    for column in (
        sa.Column("person_id", Id, nullable=True),
        sa.Column("notice_id", plain_text(120), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
    ):
        op.add_column("outbox", column)
    op.create_index("uq_outbox_notice", "outbox", ["notice_id", "person_id"], unique=True)
    unsent = sa.text("sent_at IS NULL")
    op.create_index("ix_outbox_due", "outbox", ["person_id", "due_at"], postgresql_where=unsent, sqlite_where=unsent)
