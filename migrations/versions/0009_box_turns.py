"""When each course last had its turn in the authors' box."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course", sa.Column("box_turn_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("course", "box_turn_at")
