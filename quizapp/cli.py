"""The command line: `quizapp serve`, and everything that operators and authors do by hand.

With `--json` a command prints one JSON document on standard output and nothing else. What a
person did wrong is one line on standard error and exit code 2.
"""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

from grader.core import GraderError, SandboxUnsafe
from problems.core import TOPICS, ProblemsError
from quizapp import cli_authoring, cli_code, cli_families
from quizapp.config import Settings
from quizapp.db import Database, open_current, require_current, upgrade
from quizapp.db.models import Role
from quizapp.errors import QuizappError
from quizapp.services import accounts, courses, runs

Subparsers = Any
"""What ArgumentParser.add_subparsers returns; its class is private to argparse."""

FELL_SHORT, MISUSED = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    options = _parser().parse_args(arguments)
    os.umask(0o077)  # the database and the secrets are nobody else's to read
    try:
        return options.run(options)
    except SandboxUnsafe as error:
        print(f"quizapp: {error}", file=sys.stderr)
        return FELL_SHORT
    except (QuizappError, ProblemsError, GraderError) as error:
        print(f"quizapp: {error}", file=sys.stderr)
        return MISUSED
    except BrokenPipeError:
        # The reader of a pipe had enough; the interpreter must not try to flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="quizapp", description="Exam practice and its autograder."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = _add(commands, "serve", "serve the site and grade code, until Ctrl+C", _serve)
    serve.add_argument("--demo", action="store_true", help="with a demonstration course")
    cli_code.add_insecure_dev(serve)
    _add(commands, "worker", "grade code only, beside a serving machine", _worker)
    _add_db(_group(commands, "db", "the database"))
    _add_user(_group(commands, "user", "people"))
    _add_course(_group(commands, "course", "courses, and who is in them"))
    family = _group(commands, "family", "the problem bank, and courses' own")
    cli_families.add_commands(family)
    cli_authoring.add_commands(family, "family")
    task = _group(commands, "task", "the code tasks, and courses' own")
    cli_code.add_task_commands(task)
    cli_authoring.add_commands(task, "task")
    cli_code.add_job_commands(_group(commands, "job", "the queue of submissions to grade"))
    cli_code.add_sandbox_commands(_group(commands, "sandbox", "the sandbox that code runs in"))
    return parser


def _group(commands: Subparsers, name: str, summary: str) -> Subparsers:
    group = commands.add_parser(name, help=summary, description=summary)
    return group.add_subparsers(required=True, metavar="COMMAND")


def _add(
    commands: Subparsers, name: str, summary: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(run=run)
    return parser


def _serve(options: argparse.Namespace) -> int:
    from quizapp.processes import serve

    settings = Settings.from_environment()
    prepare = (lambda: _demonstration(settings)) if options.demo else str
    return serve(settings, prepare=prepare, insecure_dev=options.insecure_dev)


def _worker(_options: argparse.Namespace) -> int:
    from quizapp.worker import run

    return run(Settings.from_environment())


def _add_db(commands: Subparsers) -> None:
    _add(commands, "upgrade", "create the tables, or bring them up to date", _db_upgrade)


def _db_upgrade(_options: argparse.Namespace) -> int:
    upgrade(Settings.from_environment().database_url)
    return 0


def _add_user(commands: Subparsers) -> None:
    add = _add(
        commands, "add", "add a person; the password is asked for, or read from a pipe", _user_add
    )
    add.add_argument("username")
    change = _add(commands, "password", "set a person's new password, asked for or piped", _reset)
    change.add_argument("username")


def _user_add(options: argparse.Namespace) -> int:
    user = accounts.sign_up(_database(), options.username, _password())
    print(f"Added {user.username}.")
    return 0


def _reset(options: argparse.Namespace) -> int:
    user = accounts.reset_password(_database(), options.username, _password())
    print(f"{user.username} has a new password, and is signed out everywhere.")
    return 0


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


def _add_course(commands: Subparsers) -> None:
    add = _add(commands, "add", "add a course", _course_add)
    add.add_argument("slug", help="its short name in addresses: letters, digits, hyphens")
    add.add_argument("title")
    listing = _add(commands, "list", "list the courses", _course_list)
    listing.add_argument("--json", action="store_true")
    enrol = _add(commands, "enrol", "give a person a role in a course", _course_enrol)
    enrol.add_argument("slug")
    enrol.add_argument("username")
    enrol.add_argument("role", choices=get_args(Role))
    midterm = _add(commands, "midterm", "say what a course's midterm is like", _course_midterm)
    midterm.add_argument("slug", metavar="COURSE")
    midterm.add_argument("--topic", action="append", default=[], choices=list(TOPICS))
    midterm.add_argument("--questions", type=int, required=True)
    midterm.add_argument("--minutes", type=int, required=True)
    _add(commands, "demo", "make the demonstration course, and say how to sign in", _course_demo)


def _course_add(options: argparse.Namespace) -> int:
    with _database().write() as session:
        course = courses.add(session, options.slug, options.title)
    print(f"Added the course {course.slug}.")
    return 0


def _course_list(options: argparse.Namespace) -> int:
    with _database().read() as session:
        found = [{"slug": c.slug, "title": c.title} for c in courses.every(session)]
    if options.json:
        print(json.dumps(found))
    else:
        for course in found:
            print(f"{course['slug']:20} {course['title']}")
    return 0


def _course_enrol(options: argparse.Namespace) -> int:
    with _database().write() as session:
        courses.enrol(session, options.slug, options.username, options.role)
    print(f"{options.username} is {options.role} in {options.slug}.")
    return 0


def _course_midterm(options: argparse.Namespace) -> int:
    choice = runs.Choice(tuple(options.topic), (), options.questions)
    with _database().write() as session:
        runs.set_midterm(session, options.slug, choice, options.minutes)
    print(f"Mock exams like the midterm of {options.slug}: {options.questions} questions, ", end="")
    print(f"{options.minutes} minutes.")
    return 0


def _course_demo(_options: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    require_current(settings.database_url)
    print(_demonstration(settings), end="")
    return 0


def _demonstration(settings: Settings) -> str:
    """Make the demonstration course unless it is there; return how to sign in to it."""
    database = Database(settings.database_url)
    demonstration = courses.ensure_demonstration(database)
    database.dispose()
    notes = settings.data / "demo-accounts.txt"
    if demonstration.passwords:
        _write_private(notes, demonstration.passwords)
    if not notes.exists():
        return "Sign up in the browser.\n"
    accounts_made = notes.read_text(encoding="utf-8")
    return f"Sign up in the browser, or sign in with an account of {notes}:\n{accounts_made}"


def _write_private(path: Path, passwords: dict[str, str]) -> None:
    lines = [f"  {name}  password: {password}\n" for name, password in passwords.items()]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(lines)


def _database() -> Database:
    """Return the database, once its tables are known to be there and up to date."""
    return open_current(Settings.from_environment().database_url)


if __name__ == "__main__":
    sys.exit(main())
