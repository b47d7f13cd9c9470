"""`quizapp family export | import`, and the same of `task`: a problem's files in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from quizapp.config import Settings
from quizapp.db import open_current
from quizapp.db.models import Course, ProblemKind
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.services import authoring, courses
from quizapp.services.courses import Member

ACTOR = "command line"
"""Who the course's log says has changed a problem."""


def add_commands(commands: Any, kind: ProblemKind) -> None:
    """Add the two commands to the parser of `quizapp family` or `quizapp task`."""
    export = commands.add_parser("export", help="write a problem's files into a new folder")
    export.add_argument("slug", metavar="SLUG")
    export.add_argument("folder", metavar="FOLDER", type=Path)
    export.add_argument("--course", metavar="COURSE", help="a course's own; else the bank's")
    export.set_defaults(run=_export, kind=kind)
    taking = commands.add_parser("import", help="make or update a course's drafts from folders")
    taking.add_argument("--course", metavar="COURSE", required=True)
    taking.add_argument("folders", metavar="FOLDER", type=Path, nargs="+")
    taking.set_defaults(run=_import, kind=kind)


def _export(options: argparse.Namespace) -> int:
    _write(options.folder, _files(options))
    print(f"Wrote {options.slug} to {options.folder}.")
    return 0


def _files(options: argparse.Namespace) -> authoring.Files:
    if options.course is None:
        return authoring.starting_files(f"{options.kind}/{options.slug}")[1]
    with open_current(Settings.from_environment().database_url).read() as session:
        course = courses.by_slug(session, options.course)
        problem = authoring.find(session, course.id, options.slug)
        _require(problem.kind, options.kind, options.slug)
        return authoring.newest(problem).files


def _write(folder: Path, files: authoring.Files) -> None:
    """Write the files byte for byte, all of them or none, and over nothing else."""
    written = {folder / name: text.encode() for name, text in files.items()}
    for path, data in written.items():
        if path.exists() and path.read_bytes() != data:
            raise Conflict(f"{path} holds something else already. Name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for path, data in written.items():
        path.write_bytes(data)


def _import(options: argparse.Namespace) -> int:
    read = [(folder.resolve().name, _read(options.kind, folder)) for folder in options.folders]
    with open_current(Settings.from_environment().database_url).write() as session:
        course = courses.by_slug(session, options.course)
        actor = _actor(course)
        said = []
        for slug, files in read:
            try:
                problem = authoring.find(session, course.id, slug)
            except NotFound:
                authoring.create(session, actor, slug, options.kind, files)
                said.append(f"{slug}: new, {', '.join(files)}")
                continue
            _require(problem.kind, options.kind, slug)
            before = authoring.newest(problem).files
            saved = authoring.save(session, actor, slug, files)
            names = [n for n in before.keys() | files.keys() if before.get(n) != files.get(n)]
            changed = f"changed {', '.join(sorted(names))}" if names else "nothing changed"
            said.append(f"{slug}: version {saved.number}, {changed}")
    print("\n".join(said))
    return 0


def _actor(course: Course) -> Member:
    return Member(0, ACTOR, course.id, course.slug, course.title, "owner", course.time_zone)


def _read(kind: ProblemKind, folder: Path) -> dict[str, str]:
    """Return the files of a folder. Raises Invalid where it does not hold a problem."""
    found = {}
    for name in (authoring.CODE[kind], authoring.TEXT[kind]):
        path = folder / name
        if path.exists():
            try:
                found[name] = path.read_bytes().decode()
            except (OSError, UnicodeDecodeError) as error:
                raise Invalid(f"{path} is no text in UTF-8 that can be read.") from error
    if authoring.TEXT[kind] not in found:
        raise Invalid(f"{folder} has no {authoring.TEXT[kind]}. Name the folder of a {kind}.")
    return found


def _require(found: ProblemKind, wanted: ProblemKind, slug: str) -> None:
    if found != wanted:
        raise Invalid(f"{slug} is a {found}. Use quizapp {found} for it.")
