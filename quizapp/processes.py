"""The supervisor behind `quizapp serve`: one gunicorn and the graders, kept alive together."""

import errno
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from quizapp.config import Settings
from quizapp.db import upgrade
from quizapp.errors import ConfigError
from quizapp.signals import EXIT_UNSAFE, Stop, die_with

log = logging.getLogger("quizapp.serve")

GRADER = (sys.executable, "-m", "quizapp.worker")
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "python:quizapp.gunicorn_config")

POLL_S = 0.1
PROBE_S = 1.0
GRACE_S = 20.0  # longer than a grader's last beat and a web worker's last request
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_S = 60.0


@dataclass
class Child:
    """A process that is started again when it ends, later each time it does so soon."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    delay: float = FIRST_DELAY_S
    refused: bool = field(default=False, init=False)

    def tend(self) -> None:
        """Start the process if it is due; notice when it has ended, and set when it is next."""
        if self.process is None:
            if not self.refused and time.monotonic() >= self.start_at:
                self._start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.process = None
        if code == EXIT_UNSAFE and self.command[: len(GRADER)] == GRADER:
            self.refused = True
            log.error("The %s refuses to grade and is left so; all else works.", self.name)
            return
        now = time.monotonic()
        if now - self.started_at > STEADY_S:
            self.delay = FIRST_DELAY_S
        log.error("The %s ended (%s); again in %.1f s.", self.name, _ending(code), self.delay)
        self.start_at = now + self.delay
        self.delay = min(2 * self.delay, LONGEST_DELAY_S)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if the process runs."""
        if self.running:
            assert self.process is not None  # noqa: S101 - what running says
            self.process.send_signal(number)

    @property
    def running(self) -> bool:
        """Whether the process has been started and not ended."""
        return self.process is not None and self.process.poll() is None

    def _start(self) -> None:
        parent = os.getpid()
        self.started_at = time.monotonic()
        # A session of its own: Ctrl+C reaches the supervisor alone, which then ends the others
        # in order. preexec_fn is safe here, since the supervisor has one thread.
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            pass_fds=self.descriptors,
            start_new_session=True,
            preexec_fn=lambda: die_with(parent),  # noqa: PLW1509
        )


def serve(
    settings: Settings,
    app: str = "quizapp.wsgi:app",
    prepare: Callable[[], str] = str,
    *,
    insecure_dev: bool = False,
) -> int:
    """Serve until SIGTERM or SIGINT; return an exit code once every child has ended.

    Raises ConfigError when the address cannot be taken. Upgrades the database first, and then
    calls `prepare`; what that returns is said with the address once the site answers. Where
    `insecure_dev` is refused, nothing is started.
    """
    if insecure_dev:
        # Here, since it takes NumPy, which a supervisor has no use for.
        from grader.sandbox import insecure

        settings.require_development()
        insecure.refuse_on_linux()
        log.warning("No sandbox: submitted code can do what you can. Submit none but your own.")
    with _listen(settings.host, settings.port) as listener, Stop() as stop:
        upgrade(settings.database_url)
        greeting = prepare()
        environment = os.environ | settings.environment()
        descriptor = listener.fileno()
        gunicorn = (
            *GUNICORN,
            *("--bind", f"fd://{descriptor}", "--workers", str(settings.web_workers)),
            app,
        )
        web = Child("web server", gunicorn, environment, (descriptor,))
        command = (*GRADER, "--insecure-dev") if insecure_dev else GRADER
        graders = [Child(f"grader {i + 1}", command, environment) for i in range(settings.graders)]
        children = [web, *graders]
        try:
            return _supervise(web, children, listener, greeting, stop)
        finally:
            _end(children, stop)


def _supervise(
    web: Child, children: list[Child], listener: socket.socket, greeting: str, stop: Stop
) -> int:
    answered = False
    while not stop.requested:
        for child in children:
            child.tend()
        if not answered:
            if not web.running:
                log.critical("The web server does not start; the reason is above.")
                return 1
            answered = _answers(listener)
            if answered:
                host, port = _reachable(listener)
                name = f"[{host}]" if ":" in host else host
                _say(f"Serving on http://{name}:{port} - Ctrl+C stops it.\n{greeting}")
        time.sleep(POLL_S)
    return 0


def _end(children: list[Child], stop: Stop) -> None:
    """Ask all to end and wait; kill what is left after the grace, or at another signal."""
    if stop.requested:
        _say("Stopping ...\n")
    signals_before = stop.received
    for child in children:
        child.send(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while any(child.running for child in children):
        if time.monotonic() > deadline or stop.received > signals_before:
            for child in children:
                child.send(signal.SIGKILL)
        time.sleep(POLL_S)


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. It stays open while the web server is started again."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(
            f"There is no address {host}. Set QUIZAPP_HOST, e.g. 127.0.0.1."
        ) from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConfigError(_why_not(error, host, port)) from error
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program. "
            f"Stop it, or choose another port, as in: QUIZAPP_PORT={port % 65535 + 1} make run"
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Choose one from 1024: QUIZAPP_PORT=8000."
    return f"Port {port} on {host} cannot be listened on ({error.strerror}). Set QUIZAPP_HOST."


def _reachable(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()[:2]
    if host == "0.0.0.0":  # noqa: S104 - every address, and this one among them
        host = "127.0.0.1"
    return "::1" if host == "::" else host, port


def _answers(listener: socket.socket) -> bool:
    host, port = _reachable(listener)
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_S)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
