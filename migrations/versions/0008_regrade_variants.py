"""What a regrade's files give for each variant, so that feedback shows the solution it marks by."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regrade_variant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["regrade_id"],
            ["regrade.id"],
            name="fk_regrade_variant_regrade_id_regrade",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["pool_variant.id"],
            name="fk_regrade_variant_variant_id_pool_variant",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_regrade_variant"),
        sa.UniqueConstraint(
            "regrade_id", "variant_id", name="uq_regrade_variant_regrade_id_variant_id"
        ),
    )
    op.create_index("ix_regrade_variant_variant_id", "regrade_variant", ["variant_id"])


def downgrade() -> None:
    op.drop_table("regrade_variant")
