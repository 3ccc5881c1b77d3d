"""The register of agreements, and cases of which there is one of a kind."""

import sqlalchemy as sa
from alembic import op

from flowsvc.store.types import Id, Json, plain_text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Agreements have bodies, rhythm, clauses and a change history; a case may say what it is the only one of."""
    with op.batch_alter_table("agreement") as table:
        table.add_column(sa.Column("processes", Json(), server_default="[]", nullable=False))
        table.add_column(sa.Column("bodies", Json(), server_default="{}", nullable=False))
        table.add_column(sa.Column("local_groups", Json(), server_default="[]", nullable=False))
        table.add_column(sa.Column("rhythm", Json()))
        table.add_column(sa.Column("settings", Json(), server_default="{}", nullable=False))
        table.add_column(sa.Column("must_be_complete", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("agreement_version") as table:
        table.add_column(sa.Column("target_group", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("target_group_en", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("youngest", sa.Integer()))
        table.add_column(sa.Column("oldest", sa.Integer()))
        table.add_column(sa.Column("clauses", Json(), server_default="[]", nullable=False))
    with op.batch_alter_table("agreement_adoption") as table:
        table.add_column(sa.Column("place", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("sectors", Json(), server_default="[]", nullable=False))
        table.add_column(sa.Column("registrar", Id))
        table.add_column(sa.Column("unit", Id))
    op.create_table(
        "agreement_change",
        sa.Column("id", plain_text(200), nullable=False),
        sa.Column("agreement_id", Id, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("text_en", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.Column("change_class", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("instance_id", Id),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_change_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_change")),
    )
    op.create_index("ix_agreement_change_agreement", "agreement_change", ["agreement_id", "on"])
    # Not in a batch: SQLite would build the table anew, and others refer to it.
    op.add_column("process_instance", sa.Column("once_key", plain_text(200)))
    op.create_index("uq_process_instance_once", "process_instance", ["process_key", "once_key"], unique=True)
