"""${message}."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Json, UtcDateTime

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """The schema is one revision on."""
    ${upgrades if upgrades else "pass"}
