"""A gradebook of 500 students and 40 questions: the whole request, over HTTP on gunicorn."""

from __future__ import annotations

import http.client
import os
import secrets
import statistics
import tempfile
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

from argon2 import PasswordHasher
from sqlalchemy import insert

from benchmarks.serving import FORM, served, token
from quizapp.config import Settings
from quizapp.db import Database, upgrade
from quizapp.db.models import (
    Answer,
    Enrolment,
    PoolVariant,
    Quiz,
    QuizItem,
    QuizSection,
    Sitting,
    SittingItem,
    User,
)
from quizapp.services import accounts, courses

STUDENTS, ITEMS = 500, 40
ROUNDS = 15
BAR_MS = 300
PASSWORD = "a long password"
MARKS = {
    verdict: {"score": float(verdict == "right"), "parts": {"total": part}}
    for verdict, part in {
        "right": {"verdict": "right", "mistake": None, "message": "", "read_as": "60"},
        "mistake": {
            "verdict": "mistake",
            "mistake": "scale",
            "message": "You forgot the scale.",
            "read_as": "6",
        },
    }.items()
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QUIZAPP_DATA": folder, "QUIZAPP_DATABASE_URL": ""}
        settings = Settings.from_environment()
        upgrade(settings.database_url)
        accounts.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        results = _fill(Database(settings.database_url))
        with served("quizapp.wsgi:app") as port:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            cookie = _sign_in(connection)
            for name, path, bar in (
                ("the page", results, BAR_MS),
                ("sorted by a total", f"{results}?sort=points&order=down", BAR_MS),
                ("CSV of all", f"{results}.csv", BAR_MS),
                ("JSON of all", f"{results}.json", None),
                ("item analysis", f"{results}/questions", None),
            ):
                _time(connection, cookie, name, path, bar)


def _fill(database: Database) -> str:
    """Put the class into the database; return the address of its results."""
    teacher = accounts.sign_up(database, "teacher", PASSWORD)
    moment = datetime.now(UTC)
    with database.write() as session:
        course = courses.add(session, "bench", "Bench")
        courses.enrol(session, "bench", teacher.username, "instructor")
        quiz = Quiz(course=course, title="Final", published=True)
        section = QuizSection(position=1, quiz=quiz)
        section.items = [
            QuizItem(position=n + 1, kind="family", slug="mlp_params", title=f"Question {n + 1}")
            for n in range(ITEMS)
        ]
        session.add(quiz)
        users = [User(username=f"student-{n}", password_hash="-") for n in range(STUDENTS)]
        session.add_all(users)
        session.flush()
        pool = [PoolVariant(item_id=item.id, seed=0, document={}) for item in section.items]
        sittings = [
            Sitting(quiz=quiz, user=user, started_at=moment, handed_in_at=moment, marked_at=moment)
            for user in users
        ]
        session.add_all([*pool, *sittings])
        session.flush()
        enrolments = [
            {"course_id": course.id, "user_id": user.id, "role": "student", "name": f"Name {n}"}
            for n, user in enumerate(users)
        ]
        session.execute(insert(Enrolment), enrolments)
        rows = [
            {
                "id": number * ITEMS + position,
                "sitting_id": sitting.id,
                "position": position,
                "item_id": variant.item_id,
                "variant_id": variant.id,
                "seconds": 60.0,
            }
            for number, sitting in enumerate(sittings)
            for position, variant in enumerate(pool, start=1)
        ]
        session.execute(insert(SittingItem), rows)
        session.execute(insert(Answer), [_answer(row["id"]) for row in rows])
        return f"/courses/bench/quizzes/{quiz.public_id}/results"


def _answer(item_id: int) -> dict[str, object]:
    mark = MARKS["right" if secrets.randbelow(2) else "mistake"]
    return {
        "sitting_item_id": item_id,
        "responses": {"total": "60"},
        "mark": mark,
        "score": mark["score"],
        "idempotency_key": "hand-in",
    }


def _sign_in(connection: http.client.HTTPConnection) -> str:
    csrf, cookie = token(connection, "/signin", "")
    form = {"username": "teacher", "password": PASSWORD, "csrf_token": csrf}
    connection.request("POST", "/signin", urlencode(form), {"Content-Type": FORM, "Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    return answer.headers["Set-Cookie"].partition(";")[0]


def _time(
    connection: http.client.HTTPConnection, cookie: str, name: str, path: str, bar: int | None
) -> None:
    taken: list[float] = []
    size = 0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        size = len(answer.read())
        taken.append(1000 * (time.perf_counter() - started))
        assert answer.status == http.HTTPStatus.OK, answer.status
    said = f"   (bar: under {bar})" if bar else ""
    print(
        f"  {name:20} median {statistics.median(taken):5.0f} ms   worst {max(taken):5.0f} ms   "
        f"{size / 1024:5.0f} KB{said}",
        flush=True,
    )


if __name__ == "__main__":
    main()
