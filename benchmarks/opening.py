"""A thousand students open a quiz within ten seconds, on two gunicorn workers.

They arrive spread over the ten seconds. Each opens the quiz's page, reads it, presses Start, which
leads to the first question, and some seconds later what they typed is saved. All four requests are
measured, from the connecting on. Their variants were drawn ahead: the web processes' drawing is
counted, and must not happen.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select

from benchmarks.serving import FORM, served
from problems import catalog
from problems.families import Family
from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db import Database, upgrade
from quizapp.db.models import (
    Course,
    Enrolment,
    PoolVariant,
    Quiz,
    QuizItem,
    QuizSection,
    Sitting,
    SittingItem,
    User,
)

STUDENTS = 1000
SECONDS = 10.0
READING, ANSWERING = (1.0, 3.0), (5.0, 10.0)
"""Seconds that a person reads the quiz's page, and works at the first question."""
VARIANTS = 30
SLUGS = (
    "mlp_params",
    "conv_params",
    "conv_out_shape",
    "lstm_params",
    "random_model_ce",
    "softmax_values",
    "perplexity",
    "adam_step",
    "mse",
    "gru_params",
)


def app() -> Flask:
    """Return the application, in which every draw is noted in a file."""
    site = create_app(Settings.from_environment())
    draw = Family.draw_counted

    def noted(self: Family, *arguments: object) -> object:
        with open(os.environ["QUIZAPP_DATA"] + "/draws", "a") as notes:  # noqa: PTH123
            notes.write(f"{self.slug}\n")
        return draw(self, *arguments)  # pyright: ignore[reportArgumentType]

    Family.draw_counted = noted  # pyright: ignore[reportAttributeAccessIssue]
    return site


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QUIZAPP_DATA": folder, "QUIZAPP_DATABASE_URL": ""}
        settings = Settings.from_environment()
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        address, tokens = _class(database)
        cookies = _signed_in(create_app(settings), tokens)
        with served("benchmarks.opening:app()") as port:
            own, started = time.process_time(), time.perf_counter()
            times, errors = asyncio.run(_open(port, address, cookies))
            share = (time.process_time() - own) / (time.perf_counter() - started)
        with database.read() as session:
            begun = session.scalars(select(func.count()).select_from(Sitting)).one()
            saved = session.scalars(
                select(func.count()).where(SittingItem.saved_at.is_not(None))
            ).one()
        drawn = os.path.exists(f"{folder}/draws")  # noqa: PTH110
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(
        f"  {STUDENTS} students in {SECONDS:.0f} s: {len(times)} requests, {len(errors)} errors, "
        f"{begun} sittings, {saved} answers saved, {'SOMETHING WAS' if drawn else 'nothing'} drawn"
    )
    print(
        f"  p50 {1e3 * p50:.0f} ms, p99 {1e3 * p99:.0f} ms, slowest {1e3 * max(times):.0f} ms "
        "(bar: p99 under 1000, no error, nothing drawn)"
    )
    print(f"  the students themselves took {share:.0%} of one core beside the workers")
    if errors:
        print("  " + "\n  ".join(errors[:5]))


def _class(database: Database) -> tuple[str, list[str]]:
    """Make the course, its students and the quiz; return its address and who may sign in."""
    with database.write() as session:
        course = Course(slug="bench", title="Bench")
        users = [User(username=f"s-{n}", password_hash="-") for n in range(STUDENTS)]
        session.add_all(Enrolment(course=course, user=user, role="student") for user in users)
        quiz = Quiz(course=course, title="Opening", minutes=30, published=True)
        section = QuizSection(position=1, quiz=quiz)
        for position, slug in enumerate(SLUGS, 1):
            section.items.append(QuizItem(position=position, kind="family", slug=slug, title=slug))
        quiz.opens_at = datetime(2026, 1, 1, tzinfo=UTC)
        session.add(quiz)
        session.flush()
        for item in section.items:
            family = catalog.family(item.slug or "")
            for seed in range(VARIANTS):
                document = family.variant(seed).to_json()
                session.add(PoolVariant(item_id=item.id, seed=seed, document=document))
        return f"/courses/bench/quizzes/{quiz.public_id}", [user.session_token for user in users]


def _signed_in(site: Flask, tokens: list[str]) -> list[tuple[str, str]]:
    """Return for each student the session cookie and the form's token, as signing in gives them."""
    serializer = site.session_interface.get_signing_serializer(site)  # pyright: ignore[reportAttributeAccessIssue]
    assert serializer is not None
    secret = site.config["SECRET_KEY"]
    found: list[tuple[str, str]] = []
    for number, token in enumerate(tokens):
        raw = f"{number:040x}"
        cookie = serializer.dumps({"_user_id": token, "_fresh": True, "csrf_token": raw})
        csrf = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw)
        found.append((f"session={cookie}", str(csrf)))
    return found


async def _open(
    port: int, address: str, cookies: list[tuple[str, str]]
) -> tuple[list[float], list[str]]:
    times: list[float] = []
    errors: list[str] = []

    async def student(number: int, cookie: str, csrf: str) -> None:
        order = random.Random(number)
        await asyncio.sleep(order.uniform(0, SECONDS))

        async def ask(method: str, path: str, form: dict[str, str] | None = None) -> str:
            start = time.perf_counter()
            try:
                answer = await _ask(port, method, path, cookie, urlencode(form or {}))
            except OSError as error:
                errors.append(repr(error))
                return ""
            times.append(time.perf_counter() - start)
            if not answer.startswith(("HTTP/1.1 200", "HTTP/1.1 303")):
                errors.append(f"{answer[:40]!r} {path}")
            return answer

        await ask("GET", address)
        await asyncio.sleep(order.uniform(*READING))
        begun = await ask("POST", f"{address}/start", {"csrf_token": csrf})
        found = re.search(r"Location: (\S+)", begun)
        if not found:
            errors.append("the quiz did not begin")
            return
        page = await ask("GET", found[1])
        await asyncio.sleep(order.uniform(*ANSWERING))
        fields = dict.fromkeys(re.findall(r'<input[^>]* name="(\w+)" [^>]*aria-label', page), "1")
        await ask("POST", found[1], {"csrf_token": csrf, "total": "1", **fields})

    await asyncio.gather(*(student(n, *cookie) for n, cookie in enumerate(cookies)))
    return times, errors


async def _ask(port: int, method: str, path: str, cookie: str, body: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
            f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write((head + body).encode())
        await writer.drain()
        return (await reader.read()).decode()
    finally:
        writer.close()


if __name__ == "__main__":
    main()
