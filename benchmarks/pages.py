"""The practice pages: time on the server, weight, the browser's own timing, and a class at once.

Two hundred students practise on two gunicorn workers: each draws a problem, reads it, checks an
answer, and thinks in between, as long as a quick student does.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import secrets
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from urllib.parse import urlencode

from argon2 import PasswordHasher
from flask.testing import FlaskClient

from benchmarks.serving import FORM, served, token
from problems import catalog
from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db import Database, upgrade
from quizapp.services import accounts

STUDENTS = 200
SECONDS = 30.0
THINK_S = (2.0, 8.0)
PASSWORD = "a long password"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
HEADERS = {"Accept-Encoding": "gzip, deflate, br"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QUIZAPP_DATA": folder, "QUIZAPP_DATABASE_URL": ""}
        settings = Settings.from_environment()
        upgrade(settings.database_url)
        accounts.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        database = Database(settings.database_url)
        for number in range(STUDENTS):
            accounts.sign_up(database, f"student-{number}", PASSWORD)
        _on_the_server(settings)
        with served("quizapp.wsgi:app") as port:
            _in_the_browser(port)
            _a_class(port)


def _on_the_server(settings: Settings) -> None:
    """Time the page and the check of a variant of every family, inside the process."""
    client = create_app(settings).test_client()
    csrf = _sign_in(client)
    pages, checks, weights = [], [], []
    static = 0
    for slug in catalog.families():
        form = {"csrf_token": csrf}
        address = client.post(f"/practice/{slug}/new", data=form).location
        start = time.perf_counter()
        page = client.get(address)
        pages.append(time.perf_counter() - start)
        fields = form | dict.fromkeys(re.findall(r'name="(\w+)"', page.text), "1") | form
        start = time.perf_counter()
        client.post(
            f"{address}/check",
            data=fields | {"key": secrets.token_urlsafe(9)},
            headers={"HX-Request": "true"},
        )
        checks.append(time.perf_counter() - start)
        weights.append((len(client.get(address, headers=HEADERS).data), slug))
        static = static or sum(_weigh(client, page.text))
    _print("practice page", pages)
    _print("check", checks)
    most, slug = max(weights)
    print(
        f"  heaviest page, compressed, with its styles and scripts: {(most + static) / 1024:.0f} KB"
        f" ({slug}; bar: at most 60)"
    )


def _sign_in(client: FlaskClient) -> str:
    page = client.get("/signin").text
    form = {"username": "student-0", "password": PASSWORD, "csrf_token": _token_in(page)}
    assert client.post("/signin", data=form).status_code == 303
    return _token_in(client.get("/practice").text)


def _weigh(client: FlaskClient, html: str) -> Iterable[int]:
    for address in re.findall(r'(?:href|src)="(/static[^"]+)"', html):
        with client.get(address, headers=HEADERS) as answer:
            yield len(answer.data)


def _token_in(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    return found[1]


def _print(name: str, seconds: list[float]) -> None:
    p50, p99 = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
    print(f"  {name:14} p50 {1e3 * p50:5.1f} ms   p99 {1e3 * p99:5.1f} ms   (bar: p50 under 15)")


def _in_the_browser(port: int) -> None:
    """Print what Chromium itself measures: first paint, and how far anything jumped."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        print("  no Chromium was found: no first paint, no layout shift")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        page = browser.new_page(base_url=f"http://127.0.0.1:{port}")
        page.add_init_script(
            "window.shift = 0; new PerformanceObserver((list) => { for (const entry of "
            "list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value; })"
            ".observe({type: 'layout-shift', buffered: true});"
        )
        page.goto("/signin")
        page.get_by_label("Username").fill("student-1")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto("/practice")
        page.locator("form[action='/practice/mlp_params'] button").click()
        page.get_by_label("total").fill("1")
        page.wait_for_load_state("networkidle")
        paints = page.evaluate(
            "performance.getEntriesByType('paint').map((entry) => [entry.name, entry.startTime])"
        )
        page.get_by_role("button", name="Check").click()
        page.locator("[data-announce]").wait_for()
        print(
            "  "
            + "   ".join(f"{name} {at:.0f} ms" for name, at in paints)
            + f"   layout shift {page.evaluate('window.shift'):.3f}"
        )
        browser.close()


def _a_class(port: int) -> None:
    """Let all students practise at once; print the 99th percentile and the errors."""
    times: list[float] = []
    errors: list[str] = []
    signed_in = threading.Barrier(STUDENTS)

    def student(number: int) -> None:
        order = random.Random(number)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            csrf, cookie = _signed_in(connection, number)
            signed_in.wait()
            end = time.perf_counter() + SECONDS
            time.sleep(order.uniform(0, THINK_S[1]))
            while time.perf_counter() < end:
                _practise(connection, order, csrf, cookie, times, errors)
            connection.close()
        except (OSError, AssertionError, threading.BrokenBarrierError) as error:
            signed_in.abort()
            errors.append(repr(error))

    threads = [threading.Thread(target=student, args=(number,)) for number in range(STUDENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p99 = statistics.quantiles(times, n=100)[98]
    print(
        f"  {STUDENTS} students for {SECONDS:.0f} s: {len(times)} requests, {len(errors)} errors, "
        f"p50 {1e3 * statistics.median(times):.0f} ms, p99 {1e3 * p99:.0f} ms (bar: under 500)"
    )
    if errors:
        print("  " + "\n  ".join(errors[:5]))


def _signed_in(connection: http.client.HTTPConnection, number: int) -> tuple[str, str]:
    csrf, cookie = token(connection, "/signin", "")
    form = {"username": f"student-{number}", "password": PASSWORD, "csrf_token": csrf}
    connection.request("POST", "/signin", urlencode(form), {"Content-Type": FORM, "Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == http.HTTPStatus.SEE_OTHER, answer.status
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    csrf, fresh = token(connection, "/practice", cookie)
    return csrf, fresh or cookie


def _practise(
    connection: http.client.HTTPConnection,
    order: random.Random,
    csrf: str,
    cookie: str,
    times: list[float],
    errors: list[str],
) -> None:
    """Draw a problem, read it, and check an answer, with a pause after each."""
    headers = {"Cookie": cookie, "Content-Type": FORM} | HEADERS

    def ask(method: str, path: str, form: dict[str, str] | None = None, **more: str) -> str:
        start = time.perf_counter()
        connection.request(method, path, urlencode(form or {}), headers | more)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - start)
        if answer.status not in (200, 303):
            errors.append(f"{answer.status} {path}")
        time.sleep(order.uniform(*THINK_S))
        return answer.headers.get("Location") or path

    slug = order.choice(list(catalog.families()))
    address = ask("POST", f"/practice/{slug}/new", {"csrf_token": csrf})
    ask("GET", address)
    parts = dict.fromkeys(catalog.family(slug).parts, "1")
    form = parts | {"csrf_token": csrf, "key": secrets.token_urlsafe(9)}
    ask("POST", f"{address}/check", form, **{"HX-Request": "true"})


if __name__ == "__main__":
    main()
