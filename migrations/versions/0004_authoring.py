"""Joining a course, its roster and log; problems that it writes, and the work of proving them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("course") as batch:
        batch.add_column(sa.Column("join_code", sa.String(length=32), nullable=True))
        batch.create_unique_constraint("uq_course_join_code", ["join_code"])
    with op.batch_alter_table("enrolment") as batch:
        batch.add_column(sa.Column("name", sa.String(length=100), nullable=True))
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("username_key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name="fk_invitation_course_id_course", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint(
            "course_id", "username_key", name="uq_invitation_course_id_username_key"
        ),
    )
    op.create_table(
        "course_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name="fk_course_log_course_id_course", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_course_log"),
    )
    op.create_index("ix_course_log_course_id_id", "course_log", ["course_id", "id"])
    op.create_table(
        "problem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=150), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "family", "task", name="kind", native_enum=False, create_constraint=True, length=16
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name="fk_problem_course_id_course", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_problem"),
        sa.UniqueConstraint("course_id", "slug", name="uq_problem_course_id_slug"),
    )
    op.create_table(
        "problem_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("head", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("proof", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=32), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["problem_id"],
            ["problem.id"],
            name="fk_problem_version_problem_id_problem",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_problem_version"),
        sa.UniqueConstraint("problem_id", "number", name="uq_problem_version_problem_id_number"),
    )
    op.create_table(
        "box_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "preview",
                "prove",
                "draw",
                "regrade",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name="fk_box_job_course_id_course", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_box_job"),
        sa.UniqueConstraint("public_id", name="uq_box_job_public_id"),
    )
    op.create_index("ix_box_job_course_id", "box_job", ["course_id"])
    op.create_index(
        "ix_box_job_queued",
        "box_job",
        ["priority", "not_before", "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_box_job_running",
        "box_job",
        ["lease_until"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    with op.batch_alter_table("variant") as batch:
        batch.add_column(sa.Column("version_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_variant_version_id_problem_version", "problem_version", ["version_id"], ["id"]
        )
    _set_length(150)


def downgrade() -> None:
    _set_length(80)
    with op.batch_alter_table("variant") as batch:
        batch.drop_constraint("fk_variant_version_id_problem_version", type_="foreignkey")
        batch.drop_column("version_id")
    for table in ("box_job", "problem_version", "problem", "course_log", "invitation"):
        op.drop_table(table)
    with op.batch_alter_table("enrolment") as batch:
        batch.drop_column("name")
    with op.batch_alter_table("course") as batch:
        batch.drop_constraint("uq_course_join_code", type_="unique")
        batch.drop_column("join_code")


def _set_length(length: int) -> None:
    """Say how long the name of a family or a task may be: a course's own has its course before."""
    for table, column in (("variant", "family"), ("submission", "task")):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, type_=sa.String(length), existing_nullable=False)
