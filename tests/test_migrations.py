"""The migrations add up to the models, and none can leave a database half-changed."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, inspect, select, text
from sqlalchemy.pool import NullPool

from quizapp.db import Database, upgrade
from quizapp.db.migrations import FOLDER, UPGRADE_LOCK, alembic_config
from quizapp.db.models import Base, Course, Enrolment, Grade, User
from quizapp.errors import ConfigError
from quizapp.services import jobs, submissions


@pytest.fixture
def folder(tmp_path):
    """A copy of the migrations, to add to."""
    return shutil.copytree(
        FOLDER, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")
    )


def add_migration(folder, body):
    lines = [
        '"""Next."""',
        "import sqlalchemy as sa",
        "from alembic import op",
        "revision = 'next'",
        f"down_revision = {ScriptDirectory(folder).get_current_head()!r}",
        "def upgrade():",
        *("    " + line for line in dedent(body).strip().splitlines()),
    ]
    (folder / "versions" / "next.py").write_text("\n".join(lines))


def tables_of(url):
    engine = create_engine(url, poolclass=NullPool)
    return set(inspect(engine).get_table_names())


def test_there_is_one_head():
    assert len(ScriptDirectory(FOLDER).get_heads()) == 1


def test_an_empty_database_becomes_what_the_models_say(empty_url):
    upgrade(empty_url)
    upgrade(empty_url)  # a second time changes nothing
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert tables_of(empty_url) == {*Base.metadata.tables, "alembic_version"}


def test_the_migrations_make_the_same_partial_indexes_and_checks_as_the_models(tmp_path):
    """What the comparison above does not look at; SQLite keeps the text of its schema."""
    migrated = f"sqlite:///{tmp_path / 'migrated.sqlite3'}"
    upgrade(migrated)
    direct = Database(f"sqlite:///{tmp_path / 'direct.sqlite3'}")
    with direct.write() as session:
        Base.metadata.create_all(session.connection())

    between = re.compile(r",(?![^(]*\))")  # the columns and constraints, not those inside one

    def schema(url):
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql <> ''"))
            return {
                # An altered table has its name in quotes, and an added column on another's line.
                name: sorted(
                    " ".join(part.split()).removesuffix(" )")
                    for part in between.split(sql.replace('"', ""))
                )
                for name, sql in rows
                if name != "alembic_version"
            }

    assert schema(migrated) == schema(direct.url)
    direct.dispose()


def test_a_migration_can_be_taken_back(empty_url):
    upgrade(empty_url)
    command.downgrade(alembic_config(empty_url), "base")
    assert tables_of(empty_url) == {"alembic_version"}


def test_a_migration_that_fails_half_way_leaves_nothing(database_url, folder):
    before = tables_of(database_url)
    add_migration(
        folder,
        """
        op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
        op.execute(
            "INSERT INTO course (slug, title, time_zone, created_at)"
            " VALUES ('a', 'b', 'UTC', '2026-01-01')"
        )
        with op.batch_alter_table("course") as batch:
            batch.add_column(sa.Column("term", sa.String(10)))
        raise ValueError("half-way")
        """,
    )
    with pytest.raises(ValueError, match="half-way"):
        command.upgrade(alembic_config(database_url, folder), "head")
    assert tables_of(database_url) == before
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        assert "term" not in {column["name"] for column in inspect(engine).get_columns("course")}
        assert connection.execute(text("SELECT count(*) FROM course")).scalar_one() == 0
        [version] = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
    assert version == ScriptDirectory(FOLDER).get_current_head()


def test_rows_survive_a_migration_that_recreates_their_parent(database, folder):
    with database.write() as session:
        user = User(username="ada", password_hash="-")
        course = Course(slug="nlp", title="NLP")
        session.add(Enrolment(course=course, user=user, role="student"))
    database.dispose()
    add_migration(
        folder,
        """
        with op.batch_alter_table("course", recreate="auto") as batch:
            batch.alter_column("title", type_=sa.String(300), existing_nullable=False)
        """,
    )
    command.upgrade(alembic_config(database.url, folder), "head")
    with database.read() as session:
        assert session.scalars(select(Enrolment.role)).all() == ["student"]
    with database.write() as session:
        session.delete(session.get_one(Course, course.id))
    with database.read() as session:  # and the reference is still one
        assert session.scalars(select(Enrolment)).all() == []


def test_grades_from_before_regrades_keep_their_jobs(empty_url):
    upgrade(empty_url)
    config = alembic_config(empty_url)
    database = Database(empty_url)
    with database.write() as session:
        user = User(username="ada", password_hash="-")
        session.add(user)
        session.flush()
        for key in ("graded", "regraded", "waits", "taken back"):
            sent = submissions.submit(
                session, user.id, submissions.Target("task", 1), key.encode(), key.split()[0]
            )
            if key == "taken back":
                jobs.cancel(session, sent.job.id)
            if "graded" in key:
                jobs.finish(session, jobs.claim(session), {"verdict": key, "score": 0.5}, "w")
                jobs.enqueue(session, sent, 2, jobs.REGRADE)
    database.dispose()
    command.downgrade(config, "0002")
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.connect() as connection:
        states = connection.execute(text("SELECT state FROM job ORDER BY id")).scalars().all()
        grades = connection.execute(text("SELECT verdict FROM grade ORDER BY id")).scalars().all()
    assert states == ["done", "done", "queued", "dead"]
    assert grades == ["graded", "regraded"]
    command.upgrade(config, "head")
    with database.read() as session:
        for grade in session.scalars(select(Grade)):
            assert grade.job.submission_id == grade.submission_id
            assert grade.job.state == "done"
    database.dispose()


def test_courses_from_before_time_zones_stand_at_utc_and_keep_their_people(database):
    with database.write() as session:
        user = User(username="ada", password_hash="-")
        session.add(Enrolment(course=Course(slug="nlp", title="NLP"), user=user, role="student"))
    database.dispose()
    config = alembic_config(database.url)
    command.downgrade(config, "0006")
    command.upgrade(config, "head")
    with database.read() as session:
        rows = session.execute(select(Course.time_zone, Enrolment.role).join(Enrolment.course))
        assert [tuple(row) for row in rows] == [("UTC", "student")]


def test_a_migration_that_would_orphan_rows_is_refused(database, folder):
    with database.write() as session:
        user = User(username="ada", password_hash="-")
        session.add(Enrolment(course=Course(slug="nlp", title="NLP"), user=user, role="student"))
    database.dispose()
    add_migration(folder, 'op.execute("DELETE FROM user_account")')
    with pytest.raises(Exception, match=r"enrolment|foreign key"):
        command.upgrade(alembic_config(database.url, folder), "head")
    with database.read() as session:
        assert session.scalars(select(User.username)).all() == ["ada"]


def test_an_upgrade_waits_for_another_machines(empty_postgresql_url):
    engine = create_engine(empty_postgresql_url, poolclass=NullPool)
    with ThreadPoolExecutor(1) as pool, engine.connect() as other_machine:
        other_machine.execute(select(func.pg_advisory_lock(UPGRADE_LOCK)))
        ours = pool.submit(upgrade, empty_postgresql_url)
        with pytest.raises(TimeoutError):
            ours.result(0.5)
        assert tables_of(empty_postgresql_url) == set()
        other_machine.close()
        ours.result(30)
    assert "job" in tables_of(empty_postgresql_url)


def test_a_missing_folder_says_how_to_install(tmp_path):
    with pytest.raises(ConfigError, match="pip install -e"):
        alembic_config("sqlite:///none.sqlite3", tmp_path)
