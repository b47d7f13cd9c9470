"""A real browser at a real site: Chromium, gunicorn and a grader, on the loopback address."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium():
    """The path of a Chromium; without one the tests skip, and where CI is set they fail."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "no Chromium was found (on Debian and Ubuntu: apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """The folder of the site's data."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="session")
def operate(data):
    """Run a command of `quizapp` on the site, as its operator does."""

    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "quizapp.cli", *words],
            env=os.environ | {"QUIZAPP_DATA": str(data)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    return run


@pytest.fixture(scope="session")
def site(chromium, data):
    """The address of a served site with one grader."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "quizapp.cli", "serve"],
        env=os.environ | {"QUIZAPP_DATA": str(data), "QUIZAPP_PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"the site did not start: {line}"
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        process.stdout.close()


@pytest.fixture
def complaints():
    """What the consoles of the pages complained of; a test clears what it brought about."""
    return []


@pytest.fixture
def new_page(browser, site, complaints):
    """Make pages of separate visitors; what their consoles complained of fails the test."""
    contexts = []

    def make(**options):
        options = {"viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(base_url=site, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []
