"""`quizapp task` and `quizapp sandbox`: the code tasks, and the box that code runs in."""

from __future__ import annotations

import argparse
import json
import secrets
from pathlib import Path
from typing import Any

from grader import catalog
from grader.core import BoxError, Verdict
from grader.marker import Grader
from grader.sandbox.check import CheckReport, run_check
from quizapp.errors import Invalid


def add_task_commands(commands: Any) -> None:
    """Add the commands to the parser of `quizapp task`."""
    listing = commands.add_parser("list", help="list the code tasks")
    listing.set_defaults(run=_list)
    show = commands.add_parser("show", help="show a task's statement and starter code")
    show.set_defaults(run=_show)
    show.add_argument("slug", metavar="SLUG")
    grade = commands.add_parser("grade", help="grade files in the sandbox")
    grade.set_defaults(run=_grade)
    grade.add_argument("slug", metavar="SLUG")
    grade.add_argument("files", nargs="+", metavar="FILE")
    for command in (listing, show, grade):
        command.add_argument("--json", action="store_true")


def add_sandbox_commands(commands: Any) -> None:
    """Add the commands to the parser of `quizapp sandbox`."""
    check = commands.add_parser("check", help="run hostile samples; name the layers in force")
    check.set_defaults(run=_check)
    check.add_argument("--json", action="store_true")


def _list(options: argparse.Namespace) -> int:
    described = [task.to_json() for task in catalog.tasks().values()]
    if options.json:
        print(json.dumps(described))
        return 0
    for task in described:
        print(f"{task['slug']:22} {task['title']}  {task['signature']}")
    return 0


def _show(options: argparse.Namespace) -> int:
    task = catalog.task(options.slug)
    if options.json:
        print(json.dumps(task.to_json()))
    else:
        print(f"{task.title}\n\n{task.statement}\n{task.starter}")
    return 0


def _grade(options: argparse.Namespace) -> int:
    task = catalog.task(options.slug)
    sources = [(name, _read(name)) for name in options.files]
    code = 0
    with Grader() as grader:
        for name, source in sources:
            verdict = grader.grade(task, source, seed=secrets.randbits(63))
            if options.json:
                print(json.dumps(verdict.to_json(file=name), allow_nan=False), flush=True)
            else:
                _print_verdict(name, verdict)
            if verdict.verdict == "internal":
                code = 1
    return code


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Invalid(f"{name} cannot be read: {error.strerror}.") from error


def _print_verdict(name: str, verdict: Verdict) -> None:
    print(
        f"{name}: {verdict.verdict}, {verdict.passed} of {verdict.total} cases. {verdict.message}"
    )
    if verdict.traceback:
        print(verdict.traceback)
    if verdict.stdout:
        print(verdict.stdout)


def _print_report(report: CheckReport) -> None:
    for sample in report.samples:
        print(f"{'held' if sample.ok else 'did not hold':12} {sample.name}: {sample.verdict}")
    print(f"layers in force: {', '.join(report.layers)}")
    print("Code may be graded here." if report.ok else report.reason)


def _check(options: argparse.Namespace) -> int:
    try:
        report = run_check()
    except BoxError as error:
        report = CheckReport(ok=False, layers=(), samples=(), reason=str(error))
    if options.json:
        print(json.dumps(report.to_json()))
    else:
        _print_report(report)
    return 0 if report.ok else 1
