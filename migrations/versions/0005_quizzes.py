"""Quizzes, sittings, and regrades."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiz",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column(
            "feedback",
            sa.Enum(
                "at_once",
                "after_closing",
                name="feedback",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("penalty", sa.Double(), nullable=False),
        sa.Column("access_code", sa.String(length=64), nullable=True),
        sa.Column("variants", sa.Integer(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name="fk_quiz_course_id_course", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quiz"),
        sa.UniqueConstraint("public_id", name="uq_quiz_public_id"),
    )
    op.create_index("ix_quiz_course_id", "quiz", ["course_id"])
    op.create_table(
        "quiz_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("pick", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name="fk_quiz_section_quiz_id_quiz", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quiz_section"),
    )
    op.create_index("ix_quiz_section_quiz_id_position", "quiz_section", ["quiz_id", "position"])
    op.create_table(
        "quiz_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "family", "task", name="kind", native_enum=False, create_constraint=True, length=16
            ),
            nullable=False,
        ),
        sa.Column("slug", sa.String(length=80), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("pins", sa.JSON(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=True),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"],
            ["quiz_section.id"],
            name="fk_quiz_item_section_id_quiz_section",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["problem_version.id"], name="fk_quiz_item_version_id_problem_version"
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["box_job.id"], name="fk_quiz_item_draw_id_box_job", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quiz_item"),
    )
    op.create_index("ix_quiz_item_section_id_position", "quiz_item", ["section_id", "position"])
    op.create_table(
        "pool_variant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["quiz_item.id"],
            name="fk_pool_variant_item_id_quiz_item",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["problem_version.id"],
            name="fk_pool_variant_version_id_problem_version",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pool_variant"),
        sa.UniqueConstraint("item_id", "seed", name="uq_pool_variant_item_id_seed"),
        sa.UniqueConstraint("version_id", "seed", name="uq_pool_variant_version_id_seed"),
    )
    op.create_table(
        "extra_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name="fk_extra_time_quiz_id_quiz", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_extra_time_user_id_user_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_extra_time"),
        sa.UniqueConstraint("quiz_id", "user_id", name="uq_extra_time_quiz_id_user_id"),
    )
    op.create_index("ix_extra_time_user_id", "extra_time", ["user_id"])
    op.create_table(
        "sitting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("preview", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("item_open", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name="fk_sitting_quiz_id_quiz", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_sitting_user_id_user_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sitting"),
        sa.UniqueConstraint("public_id", name="uq_sitting_public_id"),
    )
    op.create_index("ix_sitting_quiz_id", "sitting", ["quiz_id"])
    op.create_index(
        "ix_sitting_unmarked",
        "sitting",
        ["ends_at"],
        sqlite_where=sa.text("marked_at IS NULL"),
        postgresql_where=sa.text("marked_at IS NULL"),
    )
    op.create_index("ix_sitting_user_id_id", "sitting", ["user_id", "id"])
    op.create_index(
        "uq_sitting_once",
        "sitting",
        ["quiz_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("NOT preview"),
        postgresql_where=sa.text("NOT preview"),
    )
    op.create_table(
        "sitting_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("responses", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["quiz_item.id"], name="fk_sitting_item_item_id_quiz_item"
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id"],
            ["sitting.id"],
            name="fk_sitting_item_sitting_id_sitting",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["pool_variant.id"], name="fk_sitting_item_variant_id_pool_variant"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sitting_item"),
        sa.UniqueConstraint("sitting_id", "position", name="uq_sitting_item_sitting_id_position"),
    )
    op.create_index("ix_sitting_item_item_id_sitting_id", "sitting_item", ["item_id", "sitting_id"])
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_item_id", sa.Integer(), nullable=False),
        sa.Column("responses", sa.JSON(), nullable=False),
        sa.Column("mark", sa.JSON(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_item_id"],
            ["sitting_item.id"],
            name="fk_answer_sitting_item_id_sitting_item",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
        sa.UniqueConstraint(
            "sitting_item_id", "idempotency_key", name="uq_answer_sitting_item_id_idempotency_key"
        ),
    )
    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_item_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_item_id"],
            ["sitting_item.id"],
            name="fk_override_sitting_item_id_sitting_item",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_override"),
    )
    op.create_index("ix_override_sitting_item_id_id", "override", ["sitting_item_id", "id"])
    op.create_table(
        "regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.String(length=32), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["quiz_item.id"], name="fk_regrade_item_id_quiz_item", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_regrade"),
        sa.UniqueConstraint("public_id", name="uq_regrade_public_id"),
    )
    op.create_index("ix_regrade_item_id_id", "regrade", ["item_id", "id"])
    op.create_table(
        "regrade_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.Double(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("mark", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["answer.id"],
            name="fk_regrade_mark_answer_id_answer",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id"],
            ["regrade.id"],
            name="fk_regrade_mark_regrade_id_regrade",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name="fk_regrade_mark_submission_id_submission",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_regrade_mark"),
        sa.UniqueConstraint("regrade_id", "answer_id", name="uq_regrade_mark_regrade_id_answer_id"),
        sa.UniqueConstraint(
            "regrade_id", "submission_id", name="uq_regrade_mark_regrade_id_submission_id"
        ),
    )
    op.create_index("ix_regrade_mark_answer_id", "regrade_mark", ["answer_id"])
    op.create_index("ix_regrade_mark_submission_id", "regrade_mark", ["submission_id"])
    with op.batch_alter_table("submission") as batch:
        batch.add_column(sa.Column("version_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("sitting_item_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_submission_sitting_item_id_sitting_item",
            "sitting_item",
            ["sitting_item_id"],
            ["id"],
        )
        batch.create_foreign_key(
            "fk_submission_version_id_problem_version", "problem_version", ["version_id"], ["id"]
        )
    op.create_index(
        "ix_submission_sitting_item_id",
        "submission",
        ["sitting_item_id"],
        sqlite_where=sa.text("sitting_item_id IS NOT NULL"),
        postgresql_where=sa.text("sitting_item_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_submission_sitting_item_id", "submission")
    with op.batch_alter_table("submission") as batch:
        batch.drop_constraint("fk_submission_sitting_item_id_sitting_item", type_="foreignkey")
        batch.drop_constraint("fk_submission_version_id_problem_version", type_="foreignkey")
        batch.drop_column("sitting_item_id")
        batch.drop_column("version_id")
    for table in (
        "regrade_mark",
        "regrade",
        "override",
        "answer",
        "sitting_item",
        "sitting",
        "extra_time",
        "pool_variant",
        "quiz_item",
        "quiz_section",
        "quiz",
    ):
        op.drop_table(table)
