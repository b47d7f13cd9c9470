"""`quizapp task`, `job` and `sandbox`: the code tasks, the queue, and the box that code runs in."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, get_args

from sqlalchemy.orm import Session

from grader import catalog
from grader.core import BoxError, Task, Verdict
from grader.marker import Grader
from grader.pool import Pool
from grader.proof import ENOUGH_MUTANTS, Proof, prove
from grader.sandbox import insecure
from grader.sandbox.check import CheckReport, run_check
from quizapp.config import Settings
from quizapp.db import Database, open_current
from quizapp.db.models import JobState
from quizapp.errors import Invalid
from quizapp.services import jobs, regrade_queue


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
    add_insecure_dev(grade)
    proving = commands.add_parser("prove", help="hold tasks' cases against their mutants")
    proving.set_defaults(run=_prove)
    proving.add_argument("slugs", nargs="*", metavar="SLUG", help="all tasks by default")
    proving.add_argument("--seeds", type=int, default=20, help="how many secret seeds to draw")
    again = commands.add_parser("regrade", help="grade anew what another version has graded")
    again.set_defaults(run=_regrade)
    again.add_argument("slug", metavar="SLUG")
    again.add_argument(
        "--dry-run", action="store_true", help="grade here, show what would change, store nothing"
    )
    for command in (listing, show, grade, proving, again):
        command.add_argument("--json", action="store_true")


def add_insecure_dev(command: argparse.ArgumentParser) -> None:
    """Add the option to a command that grades."""
    command.add_argument(
        "--insecure-dev",
        action="store_true",
        help="grade without a sandbox; only where this is not Linux, for development alone",
    )


def add_job_commands(commands: Any) -> None:
    """Add the commands to the parser of `quizapp job`."""
    listing = commands.add_parser("list", help="list the jobs that no grader could end, and why")
    listing.set_defaults(run=_job_list)
    listing.add_argument("--state", choices=get_args(JobState), default="dead")
    listing.add_argument("--json", action="store_true")
    for name, verb, summary in (
        ("retry", jobs.requeue, "give dead jobs their attempts anew"),
        ("cancel", jobs.cancel, "take queued or dead jobs out"),
    ):
        command = commands.add_parser(name, help=summary)
        command.set_defaults(run=partial(_change_jobs, verb))
        command.add_argument("ids", nargs="+", type=int, metavar="ID")


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
    if options.insecure_dev:
        Settings.from_environment().require_development()
        insecure.refuse_on_linux()
    with Grader(pool=Pool(insecure_dev=options.insecure_dev)) as grader:
        for name, source in sources:
            verdict = grader.grade(task, source, seed=secrets.randbits(63))
            if options.json:
                print(json.dumps(verdict.to_json(file=name), allow_nan=False), flush=True)
            else:
                _print_verdict(name, verdict)
            if verdict.verdict == "internal":
                code = 1
    return code


def _prove(options: argparse.Namespace) -> int:
    if options.seeds < 1:
        raise Invalid(f"--seeds: give a whole number from 1, not {options.seeds}.")
    tasks = [catalog.task(slug) for slug in options.slugs or catalog.tasks()]
    seeds = [secrets.randbits(63) for _ in range(options.seeds)]
    proofs = [prove(task, seeds) for task in tasks]
    if options.json:
        print(json.dumps([proof.to_json() for proof in proofs]))
    else:
        for proof in proofs:
            _print_proof(proof)
    return 0 if all(proof.ok for proof in proofs) else 1


def _print_proof(proof: Proof) -> None:
    word = "proven" if proof.ok else "FALLS SHORT"
    print(
        f"{proof.slug:30} {word}: {proof.killed} of {proof.mutants} mutants killed "
        f"(score {proof.score:.0%}), {len(proof.confused)} pairs confused, "
        f"{proof.cases} cases, {proof.seeds} seeds"
    )
    if proof.mutants < ENOUGH_MUTANTS:
        print(f"    a task has at least {ENOUGH_MUTANTS} mutants")
    for fault in proof.faults:
        print(f"    {fault}")
    for name in proof.survivors:
        print(f"    {name} passes every case of some seed")
    for one, other in proof.confused:
        print(f"    {one} and {other} agree on every case of some seed")


def _regrade(options: argparse.Namespace) -> int:
    task = catalog.task(options.slug)
    database = open_current(Settings.from_environment().database_url)
    document: dict[str, Any] = {"task": task.slug, "version": task.version}
    if options.dry_run:
        document["submissions"] = rehearsed = _rehearse(database, task)
        if not options.json:
            _print_rehearsal(rehearsed)
    else:
        document["queued"] = queued = regrade_queue.enqueue(database, task.slug, task.version)
        if not options.json:
            print(f"{queued} submissions are queued, behind what students wait for.")
    if options.json:
        print(json.dumps(document))
    return 0


def _rehearse(database: Database, task: Task) -> list[dict[str, Any]]:
    """Grade what a regrade would queue, storing nothing; return each before and after."""
    found: list[dict[str, Any]] = []
    last = 0
    with Grader() as grader:
        while True:
            with database.read() as session:
                rows = regrade_queue.stale(session, task.slug, task.version, after=last)
            if not rows:
                return found
            for row in rows:
                verdict = grader.grade(task, row.source, seed=row.seed)
                found.append(
                    {
                        "submission": row.public_id,
                        "user": row.username,
                        "version": row.version,
                        "before": {"verdict": row.verdict, "score": row.score},
                        "after": {"verdict": verdict.verdict, "score": verdict.score},
                    }
                )
            last = rows[-1].submission_id


def _print_rehearsal(rehearsed: list[dict[str, Any]]) -> None:
    changed = [row for row in rehearsed if row["before"] != row["after"]]
    for row in changed:
        print(
            f"{row['user']:20} {row['submission']}  "
            f"{_grade_text(**row['before'])} -> {_grade_text(**row['after'])}"
        )
    print(f"{len(rehearsed)} submissions would be graded anew; {len(changed)} grades would change.")


def _grade_text(verdict: str | None, score: float | None) -> str:
    return "not graded" if verdict is None else f"{verdict} {score:.0%}"


def _job_list(options: argparse.Namespace) -> int:
    with open_current(Settings.from_environment().database_url).read() as session:
        rows = [
            {
                "id": job.id,
                "state": job.state,
                "user": job.submission.user.username,
                "task": job.submission.task,
                "version": job.task_version,
                "submission": job.submission.public_id,
                "queued_at": job.queued_at.isoformat(timespec="seconds"),
                "attempts": job.attempts,
                "reason": job.error,
            }
            for job in jobs.in_state(session, options.state)
        ]
    if options.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        print(
            f"{row['id']:8} {row['queued_at']}  {row['user']:20} {row['task']} "
            f"(version {row['version']}), {row['attempts']} attempts: {row['reason'] or '-'}"
        )
    return 0


def _change_jobs(verb: Callable[[Session, int], None], options: argparse.Namespace) -> int:
    """Change all of the jobs that are named, or none."""
    with open_current(Settings.from_environment().database_url).write() as session:
        for job_id in options.ids:
            verb(session, job_id)
    print(f"{len(options.ids)} jobs changed.")
    return 0


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Invalid(f"{name} cannot be read: {error.strerror}.") from error


def _print_verdict(name: str, verdict: Verdict) -> None:
    if insecure.LAYER in verdict.layers:
        print(insecure.BANNER)
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
        with Grader() as grader:
            report = run_check(grader)
    except BoxError as error:
        report = CheckReport(ok=False, layers=(), samples=(), reason=str(error))
    if options.json:
        print(json.dumps(report.to_json()))
    else:
        _print_report(report)
    return 0 if report.ok else 1
