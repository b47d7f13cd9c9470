"""The application on an SQLite file, and a student who has signed up."""

import pytest
from visitor import Visitor, make_app


@pytest.fixture
def app(sqlite_database, tmp_path, cheap_hashing):
    return make_app(sqlite_database.url, tmp_path)


@pytest.fixture
def student(app):
    return Visitor(app).sign_up()
