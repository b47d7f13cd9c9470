"""Several jobs and grades a submission, for regrades; jobs that were taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATES = ("queued", "running", "done", "dead", "cancelled")
INDEXES = {
    "ix_job_dead": (["id"], "state = 'dead'"),
    "ix_job_served": (["priority", "fair_key"], "state <> 'queued' AND state <> 'cancelled'"),
    "uq_job_open": (["submission_id"], "state IN ('queued', 'running')"),
}


def upgrade() -> None:
    op.drop_index("ix_job_served", "job")
    with op.batch_alter_table("job") as batch:
        batch.drop_constraint("uq_job_submission_id", type_="unique")
        _name_states(batch, STATES)
    for name, (columns, where) in INDEXES.items():
        _create_index(name, columns, where)
    op.create_index("ix_job_submission_id_id", "job", ["submission_id", "id"])

    op.add_column("grade", sa.Column("job_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE grade SET job_id ="
        " (SELECT job.id FROM job WHERE job.submission_id = grade.submission_id)"
    )
    with op.batch_alter_table("grade") as batch:
        batch.drop_constraint("uq_grade_submission_id", type_="unique")
        batch.alter_column("job_id", existing_type=sa.Integer(), nullable=False)
        batch.create_unique_constraint("uq_grade_job_id", ["job_id"])
        batch.create_foreign_key("fk_grade_job_id_job", "job", ["job_id"], ["id"])
    op.create_index("ix_grade_submission_id_id", "grade", ["submission_id", "id"])


def downgrade() -> None:
    """Keep the first job and the first grade of each submission; a job taken back is dead."""
    op.drop_index("ix_grade_submission_id_id", "grade")
    op.execute(
        "DELETE FROM grade WHERE id NOT IN (SELECT min(id) FROM grade GROUP BY submission_id)"
    )
    with op.batch_alter_table("grade") as batch:
        batch.drop_constraint("fk_grade_job_id_job", type_="foreignkey")
        batch.drop_constraint("uq_grade_job_id", type_="unique")
        batch.drop_column("job_id")
        batch.create_unique_constraint("uq_grade_submission_id", ["submission_id"])

    for name in (*INDEXES, "ix_job_submission_id_id"):
        op.drop_index(name, "job")
    op.execute("DELETE FROM job WHERE id NOT IN (SELECT min(id) FROM job GROUP BY submission_id)")
    op.execute("UPDATE job SET state = 'dead' WHERE state = 'cancelled'")
    with op.batch_alter_table("job") as batch:
        _name_states(batch, STATES[:-1])
        batch.create_unique_constraint("uq_job_submission_id", ["submission_id"])
    _create_index("ix_job_served", ["priority", "fair_key"], "state <> 'queued'")


def _name_states(batch: object, states: tuple[str, ...]) -> None:
    """Say anew which states a job may have."""
    words = ", ".join(f"'{state}'" for state in states)
    # SQLite's copy of the table comes without its checks.
    if op.get_bind().dialect.name != "sqlite":
        batch.drop_constraint("state", type_="check")
    batch.create_check_constraint("state", f"state IN ({words})")


def _create_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "job",
        columns,
        unique=name.startswith("uq_"),
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
