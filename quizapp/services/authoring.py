"""Problems that a course's instructors write: drafts, published versions, and their files.

The files are kept as they were written and never run here: what is known of them, the box said.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from grader import catalog as tasks
from problems import catalog as families
from quizapp.db.engine import now
from quizapp.db.models import Problem, ProblemKind, ProblemVersion
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound
from quizapp.services import box_jobs, course_log
from quizapp.services.courses import Member

SLUG = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
TEXT: dict[ProblemKind, str] = {"family": "question.md", "task": "task.md"}
CODE: dict[ProblemKind, str] = {"family": "family.py", "task": "task.py"}
MAX_FILE_BYTES = 64 * 2**10
PRACTICE_VARIANTS = 200
"""Variants of a published family that are drawn ahead for those who practise."""
ONE_EDIT = timedelta(minutes=30)
"""Saves of one person within this time are one line of the log."""

_STARTERS = Path(__file__).parent / "starters"
STARTERS: dict[str, tuple[ProblemKind, str]] = {
    "python": ("family", "In Python, with a witness in PyTorch"),
    "declared": ("family", "Without Python: ranges and formulas"),
    "task": ("task", "A code task"),
}

Files = Mapping[str, str]


def starting_files(source: str) -> tuple[ProblemKind, dict[str, str]]:
    """Return the files to begin with: a starter's, or a copy of the bank's.

    `source` is "starter/python", "family/<slug>" or "task/<slug>". Raises NotFound.
    """
    where, _, name = source.partition("/")
    if where == "starter" and name in STARTERS:
        return STARTERS[name][0], _read(STARTERS[name][0], _STARTERS / name)
    if where == "family" and name in families.families():
        return "family", _read("family", families.BANK / name)
    if where == "task" and name in tasks.tasks():
        return "task", _read("task", tasks.FOLDER / name)
    raise NotFound("There is no such problem to begin with. Choose one from the list.")


def _read(kind: ProblemKind, folder: Path) -> dict[str, str]:
    paths = (folder / name for name in (CODE[kind], TEXT[kind]))
    return {path.name: path.read_text(encoding="utf-8") for path in paths if path.exists()}


def create(session: Session, member: Member, slug: str, kind: ProblemKind, files: Files) -> Problem:
    """Add a problem with its first draft.

    Raises Invalid for its name or files, and Conflict where the course has one of that name.
    """
    if not SLUG.fullmatch(slug):
        raise Invalid(
            "A problem's short name has 1 to 60 characters: lower-case letters, digits and "
            "underscores, with a letter first."
        )
    problem = Problem(course_id=member.course_id, slug=slug, kind=kind)
    problem.versions.append(
        ProblemVersion(number=1, files=_checked(kind, files), saved_by=member.username)
    )
    try:
        with session.begin_nested():
            session.add(problem)
    except IntegrityError as error:
        raise Conflict(f"The course has a problem {slug} already. Choose another name.") from error
    course_log.record(session, member, "problem.create", f"Began the {kind} {slug}.")
    return problem


def of_course(session: Session, course_id: int) -> Sequence[Problem]:
    """Return a course's problems with their versions, by name."""
    return session.scalars(
        select(Problem)
        .where(Problem.course_id == course_id)
        .order_by(Problem.slug)
        .options(selectinload(Problem.versions).defer(ProblemVersion.files))
    ).all()


def find(session: Session, course_id: int, slug: str, *, locked: bool = False) -> Problem:
    """Return a course's problem with its versions; `locked`, nobody changes it meanwhile.

    Raises NotFound.
    """
    found = None
    if SLUG.fullmatch(slug):
        query = select(Problem).where(Problem.course_id == course_id, Problem.slug == slug)
        found = session.scalars(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise NotFound("The course has no such problem.")
    return found


def version(problem: Problem, number: int) -> ProblemVersion:
    """Return one version of a problem. Raises NotFound."""
    found = next((version for version in problem.versions if version.number == number), None)
    if found is None:
        raise NotFound(f"{problem.slug} has no version {number}.")
    return found


def newest(problem: Problem) -> ProblemVersion:
    """Return the version that an editor shows: the draft, or else what was published last."""
    return problem.versions[-1]


def save(
    session: Session, member: Member, slug: str, files: Files, seen: tuple[int, int] | None = None
) -> ProblemVersion:
    """Save files into the draft, and begin one where there is none; return the version.

    `seen` is the number and revision that the writer started from; None writes over whatever
    there is. Raises Conflict where somebody saved meanwhile, Forbidden for an assistant who
    changes code, and Invalid for files that cannot be kept.
    """
    problem = find(session, member.course_id, slug, locked=True)
    files = _checked(problem.kind, files)
    latest = newest(problem)
    if files == latest.files:
        return latest
    if seen is not None and seen != (latest.number, latest.revision):
        if latest.saved_by == member.username:
            who = "You saved this problem meanwhile, in another tab or window"
        else:
            who = f"{latest.saved_by} saved this problem meanwhile"
        raise Conflict(
            f"{who}, as version {latest.number}. Copy what you wrote, reload the page, and bring "
            "the two together."
        )
    code = CODE[problem.kind]
    if files.get(code) != latest.files.get(code) and not member.may("instructor"):
        raise Forbidden(
            f"{code} is changed by instructors; assistants change {TEXT[problem.kind]}."
        )
    moment = now(session)
    if latest.published_at is not None:
        latest = ProblemVersion(number=latest.number + 1, files=files, saved_by=member.username)
        problem.versions.append(latest)
        new = True
    else:
        new = latest.saved_by != member.username or moment - latest.saved_at > ONE_EDIT
        latest.files = files
        latest.revision += 1
        latest.saved_at, latest.saved_by = moment, member.username
    if new:
        text = f"Edited version {latest.number} of {slug}."
        course_log.record(session, member, "problem.edit", text)
    session.flush()
    return latest


def publish(session: Session, member: Member, slug: str, seen: tuple[int, int]) -> ProblemVersion:
    """Publish the draft, which from then on never changes.

    Raises Conflict unless it is the one that was seen, and was proven as it stands.
    """
    problem = find(session, member.course_id, slug, locked=True)
    draft = problem.draft
    if draft is None or (draft.number, draft.revision) != seen:
        raise Conflict("The draft has changed meanwhile. Reload the page, and look at it again.")
    proof = draft.proof
    if proof is None or draft.head is None or proof["revision"] != draft.revision:
        raise Conflict("Prove the draft as it stands before you publish it.")
    if not proof["ok"]:
        raise Conflict("The proof found faults. Mend them, prove the draft again, and publish it.")
    draft.published_at, draft.published_by = now(session), member.username
    problem.hidden = False
    course_log.record(
        session, member, "problem.publish", f"Published version {draft.number} of {slug}."
    )
    session.flush()
    if problem.kind == "family":
        request = {"version_id": draft.id, "wanted": PRACTICE_VARIANTS}
        box_jobs.enqueue(session, member.course_id, "draw", request, PRACTICE_VARIANTS)
    return draft


def hide(session: Session, member: Member, slug: str, *, hidden: bool) -> None:
    """Take a problem from the students, or show it again; nothing is deleted."""
    problem = find(session, member.course_id, slug, locked=True)
    if problem.hidden == hidden:
        return
    problem.hidden = hidden
    action, word = ("problem.hide", "Unpublished") if hidden else ("problem.show", "Showed again")
    course_log.record(session, member, action, f"{word} {slug}.")


def discard(session: Session, member: Member, slug: str, seen: tuple[int, int]) -> bool:
    """Delete the draft; with it the problem, where nothing of it was published.

    Return whether the problem is still there. Raises Conflict unless the draft is what was seen.
    """
    problem = find(session, member.course_id, slug, locked=True)
    draft = problem.draft
    if draft is None or (draft.number, draft.revision) != seen:
        raise Conflict("The draft has changed meanwhile. Reload the page, and look at it again.")
    text = f"Deleted the draft of version {draft.number} of {slug}."
    course_log.record(session, member, "problem.discard", text)
    box_jobs.drop(session, member.course_id, draft.id)
    problem.versions.remove(draft)
    if problem.versions:
        return True
    session.delete(problem)
    return False


def archive(problem: Problem, files: Files) -> bytes:
    """Return the files as a zip with one folder, named like the problem."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(f"{problem.slug}/{name}", text.encode())
    return buffer.getvalue()


def _checked(kind: ProblemKind, files: Files) -> dict[str, str]:
    """Return the files in the order in which they are kept. Raises Invalid."""
    known = (CODE[kind], TEXT[kind])
    needed = {TEXT[kind]} if kind == "family" else set(known)
    if not needed <= files.keys() or not files.keys() <= set(known):
        raise Invalid(f"A {kind} has the files {' and '.join(known)}, and no others.")
    for name, text in files.items():
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise Invalid(f"{name} holds a character that cannot be stored.") from error
        if size > MAX_FILE_BYTES or "\x00" in text:
            raise Invalid(f"{name} is a text of at most {MAX_FILE_BYTES // 1024} KiB.")
    return {name: files[name] for name in known if name in files}
