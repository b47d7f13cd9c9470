"""The supervisor with a real gunicorn: it starts, survives, and ends as a whole."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
import tiny_site
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from quizapp import processes
from quizapp.config import Settings
from quizapp.errors import ConfigError

HERE = Path(__file__).parent
DEADLINE_S = 30


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s"
        time.sleep(0.05)
    return found


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Service:
    """A running supervisor and what can be seen of it from outside."""

    def __init__(self, tmp_path, port, *, behaviour="wait", app="tiny_site:app"):
        self.data = tmp_path / "var"
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("QUIZAPP_")
        } | {
            "QUIZAPP_DATA": str(self.data),
            "QUIZAPP_PORT": str(port),
            "QUIZAPP_GRADERS": "2",
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE)]),
        }
        self.errors = tmp_path / "stderr"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, tiny_site.__file__, behaviour, app],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def says(self):
        return self.process.stdout.readline()

    def ask(self):
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return int(answer.read())

    def graders(self):
        notes = self.data / "graders"
        return [int(line) for line in notes.read_text().split()] if notes.exists() else []

    def family(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def whole_family(self):
        """Gunicorn, its two workers, and two graders."""
        return wait_until(lambda: len(family := self.family()) == 5 and family)

    def end(self):
        family = self.family() if self.process.poll() is None else []
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        for process in family:  # only where a test failed
            if process.is_running():
                process.kill()


@pytest.fixture
def service(tmp_path, free_port):
    service = Service(tmp_path, free_port)
    yield service
    service.end()


def gone(family):
    return not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family
    )


def test_it_says_the_address_once_it_answers_on_an_upgraded_database(service):
    assert service.says() == f"Serving on {service.url} - Ctrl+C stops it.\n"
    service.ask()
    engine = create_engine(f"sqlite:///{service.data / 'quizapp.sqlite3'}", poolclass=NullPool)
    assert "job" in inspect(engine).get_table_names()
    wait_until(lambda: len(service.graders()) == 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_stop_ends_every_process(service, number):
    service.says()
    family = service.whole_family()
    os.killpg(service.process.pid, number)  # as a terminal does at Ctrl+C
    assert service.process.wait(DEADLINE_S) == 0
    assert gone(family)
    assert "KeyboardInterrupt" not in service.errors.read_text()
    with pytest.raises(urllib.error.URLError):
        service.ask()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_every_process_dies_with_a_supervisor_that_is_killed(service):
    service.says()
    wait_until(lambda: len(service.graders()) == 2)
    family = service.whole_family()
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"GET /hang HTTP/1.0\r\n\r\n")
        wait_until((service.data / "hanging").exists)  # a worker that can notice nothing itself
        service.process.kill()
        wait_until(lambda: gone(family))


def test_what_is_killed_is_started_again(service):
    service.says()
    first = wait_until(lambda: len(service.graders()) == 2 and service.graders())
    psutil.Process(first[0]).kill()
    wait_until(lambda: len(service.graders()) == 3)

    worker = psutil.Process(service.ask())
    arbiter = worker.parent()
    arbiter.kill()
    wait_until(lambda: not worker.is_running())  # it dies with its arbiter
    assert service.ask() != worker.pid  # no request is refused meanwhile
    assert "SIGKILL" in service.errors.read_text()


def test_a_grader_that_refuses_is_left_so_and_the_site_goes_on(tmp_path, free_port):
    service = Service(tmp_path, free_port, behaviour="refuse")
    try:
        service.says()
        wait_until(lambda: service.errors.read_text().count("refuses to grade") == 2)
        time.sleep(0.5)
        assert len(service.graders()) == 2
        service.ask()
    finally:
        service.end()


def test_a_site_that_does_not_start_is_not_tried_for_ever(tmp_path, free_port):
    service = Service(tmp_path, free_port, app="tiny_site:nothing")
    try:
        assert service.process.wait(DEADLINE_S) == 1
        assert "does not start" in service.errors.read_text()
        assert service.says() == ""
    finally:
        service.end()


def test_the_real_site_is_served_and_its_processes_hold_no_torch(tmp_path, free_port):
    service = Service(tmp_path, free_port, app="quizapp.wsgi:app")
    try:
        assert service.says().startswith("Serving on")
        with urllib.request.urlopen(service.url, timeout=10) as answer:
            assert answer.status == 200
            assert "text/html" in answer.headers["Content-Type"]
        for process in service.whole_family():
            mapped = [region.path for region in process.memory_maps()]
            assert mapped
            assert not [path for path in mapped if "torch" in path]
    finally:
        service.end()


def settings_for(tmp_path, host, port):
    environment = {"QUIZAPP_DATA": str(tmp_path), "QUIZAPP_HOST": host, "QUIZAPP_PORT": str(port)}
    return Settings.from_environment(environment)


def test_a_port_in_use_is_named_before_anything_is_done(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            processes.serve(settings_for(tmp_path, "127.0.0.1", port))
    assert re.match(
        rf"Port {port} on 127.0.0.1 is in use .* QUIZAPP_PORT=\d+ make run", caught.value.message
    )
    assert not (tmp_path / "quizapp.sqlite3").exists()


def test_an_address_that_is_not_ours_is_named(tmp_path):
    with pytest.raises(ConfigError, match="QUIZAPP_HOST"):
        processes.serve(settings_for(tmp_path, "192.0.2.1", 8000))


def test_a_child_that_keeps_ending_is_started_less_and_less_often(monkeypatch, caplog):
    clock = [0.0]
    monkeypatch.setattr(processes.time, "monotonic", lambda: clock[0])
    starts = []

    class Ended:
        def __init__(self, *_, **__):
            starts.append(clock[0])
            self.left = lives.pop(0) if lives else 0

        def poll(self):
            return None if clock[0] < starts[-1] + self.left else -signal.SIGKILL

    lives = []
    monkeypatch.setattr(processes.subprocess, "Popen", Ended)
    child = processes.Child("grader 1", ("grader",), {})
    with caplog.at_level(logging.ERROR):
        for _ in range(2000):
            child.tend()
            clock[0] += 0.1
    waits = [round(b - a) for a, b in pairwise(starts)]
    assert waits[1:6] == [1, 2, 4, 8, 16]
    assert set(waits[6:]) == {30}
    assert "SIGKILL" in caplog.text
    lives.append(processes.STEADY_S + 1)  # one that lived is started again soon
    while lives:
        child.tend()
        clock[0] += 0.1
    count = len(starts)
    clock[0] += processes.STEADY_S + 1
    child.tend()
    clock[0] += 2 * processes.FIRST_DELAY_S
    child.tend()
    assert len(starts) == count + 1


@pytest.mark.parametrize(
    ("modules", "kept_out"),
    [
        ("quizapp.processes, quizapp.gunicorn_config", ("torch", "numpy")),
        ("quizapp.worker", ("torch",)),
    ],
)
def test_supervising_and_grading_import_no_torch(modules, kept_out):
    code = f"import sys, {modules}\nsys.exit(any(name in sys.modules for name in {kept_out}))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parents[1])
