"""Who follows an instance, instances that are linked by hand, and a way to find what somebody reported."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nobody follows anything yet, and nothing is linked by hand."""
    op.create_table(
        "follower",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_follower_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "person_id", name=op.f("pk_follower")),
    )
    op.create_index("ix_follower_person", "follower", ["person_id", "instance_id"])
    op.create_table(
        "instance_link",
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("other_id", Id, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_instance_link_instance_id")),
        sa.ForeignKeyConstraint(["other_id"], ["process_instance.id"], name=op.f("fk_instance_link_other_id")),
        sa.PrimaryKeyConstraint("instance_id", "other_id", name=op.f("pk_instance_link")),
    )
    op.create_index("ix_instance_link_other", "instance_link", ["other_id"])
    op.create_index("ix_process_instance_started_by", "process_instance", ["started_by", "id"])
