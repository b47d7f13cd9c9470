"""The application on an SQLite file, and a student who has signed up."""

import secrets
from itertools import count

import pytest
from visitor import Visitor, make_app


@pytest.fixture
def app(sqlite_database, tmp_path, cheap_hashing, monkeypatch):
    # The same variants in every run: a rare one must not fail whoever happens to draw it.
    seeds = count()
    monkeypatch.setattr(secrets, "randbits", lambda bits: next(seeds) % 2**bits)
    return make_app(sqlite_database.url, tmp_path)


@pytest.fixture
def student(app):
    return Visitor(app).sign_up()
