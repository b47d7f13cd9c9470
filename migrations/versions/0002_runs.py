"""Mixed practice and mock exams; a streak that can be turned off; what a midterm is like."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A server default fills the rows that are there; the models give the value themselves.
    for table, column, value in (
        ("variant", "sealed", sa.false()),
        ("user_account", "shows_streak", sa.true()),
    ):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.Boolean(), nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, server_default=None, existing_type=sa.Boolean())
    with op.batch_alter_table("course") as batch:
        batch.add_column(sa.Column("midterm", sa.JSON(), nullable=True))
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "mixed",
                "exam",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("item_open", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_run_user_id_user_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("public_id", name="uq_run_public_id"),
        sa.UniqueConstraint("user_id", "idempotency_key", name="uq_run_user_id_idempotency_key"),
    )
    op.create_index("ix_run_user_id_created_at_id", "run", ["user_id", "created_at", "id"])
    op.create_index(
        "ix_run_unmarked",
        "run",
        ["ends_at"],
        sqlite_where=sa.text("kind = 'exam' AND marked_at IS NULL"),
        postgresql_where=sa.text("kind = 'exam' AND marked_at IS NULL"),
    )
    op.create_table(
        "run_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("responses", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_run_item_run_id_run", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name="fk_run_item_variant_id_variant"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run_item"),
        sa.UniqueConstraint("run_id", "position", name="uq_run_item_run_id_position"),
        sa.UniqueConstraint("variant_id", name="uq_run_item_variant_id"),
    )


def downgrade() -> None:
    op.drop_table("run_item")
    op.drop_table("run")
    for table, column in (
        ("course", "midterm"),
        ("user_account", "shows_streak"),
        ("variant", "sealed"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
