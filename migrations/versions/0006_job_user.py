"""The student on a job's own row, so that the turn of their next one is read from an index."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("job") as batch:
        batch.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE job SET user_id ="
        " (SELECT submission.user_id FROM submission WHERE submission.id = job.submission_id)"
    )
    with op.batch_alter_table("job") as batch:
        batch.alter_column("user_id", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key("fk_job_user_id_user_account", "user_account", ["user_id"], ["id"])
    op.create_index(
        "ix_job_own",
        "job",
        ["user_id", "priority", "fair_key"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )


def downgrade() -> None:
    op.drop_index("ix_job_own", "job")
    with op.batch_alter_table("job") as batch:
        batch.drop_constraint("fk_job_user_id_user_account", type_="foreignkey")
        batch.drop_column("user_id")
