"""The least that a Flask view can do: insert one row into the site's own SQLite file."""

from flask import Flask
from sqlalchemy import text

from quizapp.config import Settings
from quizapp.db import Database

app = Flask(__name__)
database = Database(Settings.from_environment().database_url)


@app.post("/")
def insert() -> str:
    with database.write() as session:
        session.execute(text("INSERT INTO bench_row (text) VALUES ('one answer')"))
    return "ok"
