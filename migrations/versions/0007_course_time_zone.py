"""The time zone of a course, in which the times of its quizzes are meant."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course") as batch:
        batch.add_column(
            sa.Column("time_zone", sa.String(length=64), nullable=False, server_default="UTC")
        )
    with op.batch_alter_table("course") as batch:
        batch.alter_column("time_zone", server_default=None, existing_type=sa.String(length=64))


def downgrade() -> None:
    with op.batch_alter_table("course") as batch:
        batch.drop_column("time_zone")
