"""Private calendar feeds, known by the hash of their secret."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """A person may have one feed."""
    op.create_table(
        "calendar_feed",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
