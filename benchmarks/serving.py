"""One answer over HTTP, beside a bare Flask view that inserts one row into the same SQLite.

Both on two gunicorn workers, in turn, with the same client. Signed in, CSRF checked, marked by
part, stored, and answered with the page's new part.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from sqlalchemy import text

from quizapp.config import Settings
from quizapp.db import Database, upgrade
from quizapp.services import accounts, practice

ROUNDS = 5
SECONDS = 3.0
CLIENTS = 4
VARIANTS = 1500
SLUGS = ("mlp_params", "conv_params", "random_model_ce", "lstm_forget_gate")
FORM = "application/x-www-form-urlencoded"

Send = Callable[[http.client.HTTPConnection, int], int]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QUIZAPP_DATA": folder, "QUIZAPP_DATABASE_URL": ""}
        settings = Settings.from_environment()
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        with database.write() as session:
            session.execute(text("CREATE TABLE bench_row (id INTEGER PRIMARY KEY, text TEXT)"))
        addresses = _draw_variants(database)
        with served("quizapp.wsgi:app") as site, served("benchmarks.bare:app") as bare:
            answer = _answering(site, addresses)
            ratios, rates = [], []
            for _ in range(ROUNDS):
                ours = _rate(site, answer)
                theirs = _rate(bare, _inserting)
                ratios.append(ours / theirs)
                rates.append((ours, theirs))
    for ours, theirs in rates:
        print(f"  answers {ours:6.0f}/s   bare inserts {theirs:6.0f}/s   ratio {ours / theirs:.2f}")
    print(f"  median ratio {statistics.median(ratios):.2f} (bar: at least 0.33)")


def _draw_variants(database: Database) -> list[str]:
    user = accounts.sign_up(database, "bench", "a long password")
    slugs = [SLUGS[i % len(SLUGS)] for i in range(VARIANTS)]
    return [practice.start(database, user.id, slug).public_id for slug in slugs]


@contextmanager
def served(app: str) -> Iterator[int]:
    """Serve an application on two workers; yield the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = ["-m", "gunicorn", "-c", "python:quizapp.gunicorn_config", "--workers", "2"]
    process = subprocess.Popen([sys.executable, *command, "--bind", f"127.0.0.1:{port}", app])
    try:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answering(port: int, addresses: list[str]) -> Send:
    """Sign in; return what posts one wrong answer to one of the variants."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    csrf, cookie = token(connection, "/signin", "")
    form = {"username": "bench", "password": "a long password", "csrf_token": csrf}
    connection.request("POST", "/signin", urlencode(form), {"Content-Type": FORM, "Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 303, answer.status
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    csrf, fresh = token(connection, "/practice", cookie)
    headers = {"Content-Type": FORM, "Cookie": fresh or cookie, "HX-Request": "true"}
    fields = {"csrf_token": csrf, "total": "12", "loss": "1.5", "f": "0.1 0.2"}

    def send(connection: http.client.HTTPConnection, number: int) -> int:
        body = urlencode({**fields, "key": secrets.token_urlsafe(9)})
        path = f"/variants/{addresses[number % len(addresses)]}/check"
        connection.request("POST", path, body, headers)
        return _drained(connection)

    return send


def token(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[str, str]:
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
    assert found
    return found[1], (answer.headers["Set-Cookie"] or "").partition(";")[0]


def _inserting(connection: http.client.HTTPConnection, _number: int) -> int:
    connection.request("POST", "/", json.dumps({}), {"Content-Type": FORM})
    return _drained(connection)


def _drained(connection: http.client.HTTPConnection) -> int:
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _rate(port: int, send: Send) -> float:
    """Return requests per second of a few clients, each sending the next when one is answered."""
    counts = [0] * CLIENTS
    start = time.perf_counter()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.perf_counter() - start < SECONDS:
            status = send(connection, number + CLIENTS * counts[number])
            assert status == http.HTTPStatus.OK, status
            counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
