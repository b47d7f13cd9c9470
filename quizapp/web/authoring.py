"""Writing problems: the list, the editor with its preview and proof, versions, and their files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from grader import catalog as tasks
from problems import catalog as families
from problems.battery import unasked
from problems.core import Variant as Frozen
from quizapp.db.models import BoxJob, Problem, ProblemVersion
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound, QuizappError, TooMany
from quizapp.services import authoring, corrections, differences, proving
from quizapp.services.courses import Member
from quizapp.services.rendering import statement_with_keys
from quizapp.web.course_access import requires
from quizapp.web.pages import STATUS, database, wants_fragment

CHECKS = {
    "witness": "The engines disagree",
    "accidental": "A mistake earns the mark",
    "unnamed": "A mistake is not recognised",
    "unreachable": "A mistake never comes up",
    "lost-value": "A value never comes up",
    "draw": "A draw failed",
    "same-again": "It draws differently twice",
    "same-in-another-process": "It draws differently in another process",
    "right-is-right": "The right answer is not marked right",
    "text": "Statement, hints or solution",
    "pinnable": "A parameter is not drawn by name",
    "number": "A key is no number",
    "load": "The files cannot be read",
    "blank": "A blank answer",
    "malformed": "An answer that cannot be read",
    "cases": "The cases cannot be drawn",
    "starter": "The starter code",
    "survivor": "A mutant passes",
    "confused": "Two mutants are alike",
    "mutants": "There is no mutant",
}

blueprint = Blueprint("authoring", __name__, url_prefix="/courses/<course>/problems")


@blueprint.get("")
@requires("assistant")
def index(member: Member) -> str:
    """List the course's problems; instructors begin new ones here."""
    return _index(member)


def _index(member: Member, error: str | None = None) -> str:
    with database().read() as session:
        problems = authoring.of_course(session, member.course_id)
    return render_template(
        "authoring/index.html",
        member=member,
        problems=problems,
        starters=authoring.STARTERS,
        families=families.families().values(),
        tasks=tasks.tasks().values(),
        error=error,
        form=request.form if error else {},
    )


@blueprint.post("")
@requires("instructor")
def create(member: Member) -> BaseResponse | tuple[str, int]:
    """Begin a problem: from a starter, a copy of the bank's, or files of one's own."""
    slug = request.form.get("slug", "").strip()
    try:
        files = _uploaded()
        if files:
            kind = "task" if "task.md" in files else "family"
        else:
            kind, files = authoring.starting_files(request.form.get("source", ""))
        with database().write() as session:
            authoring.create(session, member, slug, kind, files)
    except (Invalid, Conflict) as error:
        return _index(member, error.message), STATUS[type(error)]
    return redirect(url_for("authoring.editor", course=member.slug, slug=slug), 303)


@blueprint.get("/<slug>")
@requires("assistant")
def editor(member: Member, slug: str) -> str:
    """Show the two files side by side, with their preview and proof."""
    return _editor(member, slug)


def _editor(
    member: Member, slug: str, typed: dict[str, str] | None = None, error: str | None = None
) -> str:
    with database().read() as session:
        problem = authoring.find(session, member.course_id, slug)
        version = authoring.newest(problem)
        return render_template(
            "authoring/editor.html",
            member=member,
            problem=problem,
            version=version,
            files=typed or _all_files(version),
            code=authoring.CODE[problem.kind],
            proof_job=proving.proof_under_way(session, member, version),
            error=error,
            seen=_seen() if error else (version.number, version.revision),
        )


@blueprint.post("/<slug>")
@requires("assistant")
def save(member: Member, slug: str) -> BaseResponse | str | tuple[str, int]:
    """Save the draft, and draw its first variants; or prove it, where that button was pressed."""
    typed = _typed_files()
    try:
        with database().write() as session:
            version = authoring.save(session, member, slug, typed, _seen())
            problem = version.problem
            drawn = proving.preview(session, member, version, _wanted_seeds())
            proof = None
            if request.form.get("then") == "prove":
                proof = proving.prove(session, member, version)
    except (Conflict, Forbidden, Invalid, TooMany) as error:
        return _refused(member, slug, typed, error)
    if wants_fragment():
        parts = [_progress(member, problem, version, proof or drawn, saved=True)]
        if proof is not None:
            parts.append(_progress(member, problem, version, drawn, beside=True))
        return "".join(parts)
    name = (proof or drawn).public_id
    return redirect(url_for("authoring.work", course=member.slug, slug=slug, job_id=name), 303)


def _refused(
    member: Member, slug: str, typed: dict[str, str], error: QuizappError
) -> tuple[str, int]:
    """Say why nothing was saved, and leave what was typed where it is."""
    status = STATUS[type(error)]
    if wants_fragment():
        return render_template("authoring/_refused.html", message=error.message), status
    return _editor(member, slug, typed, error.message), status


@blueprint.get("/<slug>/jobs/<job_id>")
@requires("assistant")
def work(member: Member, slug: str, job_id: str) -> BaseResponse | str:
    """Follow a preview or a proof: as a part of the editor, or where scripts are off as a page."""
    with database().read() as session:
        problem = authoring.find(session, member.course_id, slug)
        version = authoring.newest(problem)
        try:
            job = proving.of_version(session, member, version, job_id)
        except NotFound:
            if not wants_fragment():
                raise
            return render_template("authoring/_gone.html", name=request.headers.get("HX-Target"))
        if not wants_fragment():
            return render_template(
                "authoring/work.html", member=member, problem=problem, **_found(version, job)
            )
    return _progress(member, problem, version, job)


def _progress(
    member: Member,
    problem: Problem,
    version: ProblemVersion,
    job: BoxJob,
    *,
    saved: bool = False,
    beside: bool = False,
) -> str:
    """Return the part of the editor that follows a job; `beside` another part, in its own place."""
    return render_template(
        "authoring/_work.html",
        member=member,
        problem=problem,
        saved=saved,
        beside=beside,
        **_found(version, job),
    )


def _found(version: ProblemVersion, job: BoxJob) -> dict[str, Any]:
    """Return what a job has found, in the form that the templates show."""
    drawn = [found if "error" in found else _shown(found) for found in job.result.get("drawn", ())]
    return {"version": version, "job": job, "drawn": drawn, "head": job.result.get("head")}


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    frozen = Frozen.from_json(found["variant"])
    return found | {
        "frozen": frozen,
        "statement": statement_with_keys(frozen),
        "unasked": unasked(frozen),
        "wrong": [
            (
                mistake,
                [
                    (frozen.label(part), frozen.parts[part].show(value))
                    for part, value in mistake.values.items()
                ],
            )
            for mistake in frozen.mistakes
        ],
    }


@blueprint.post("/<slug>/publish")
@requires("instructor")
def publish(member: Member, slug: str) -> BaseResponse | tuple[str, int]:
    """Publish the proven draft."""
    try:
        with database().write() as session:
            authoring.publish(session, member, slug, _seen())
    except Conflict as error:
        return _editor(member, slug, error=error.message), STATUS[Conflict]
    return redirect(url_for("authoring.versions", course=member.slug, slug=slug), 303)


@blueprint.post("/<slug>/hide")
@requires("instructor")
def hide(member: Member, slug: str) -> BaseResponse:
    """Take the problem from the students, or show it again."""
    with database().write() as session:
        authoring.hide(session, member, slug, hidden=request.form.get("hidden") == "yes")
    return redirect(url_for("authoring.versions", course=member.slug, slug=slug), 303)


@blueprint.post("/<slug>/discard")
@requires("instructor")
def discard(member: Member, slug: str) -> BaseResponse | tuple[str, int]:
    """Delete the draft."""
    try:
        with database().write() as session:
            stays = authoring.discard(session, member, slug, _seen())
    except Conflict as error:
        return _editor(member, slug, error=error.message), STATUS[Conflict]
    if stays:
        return redirect(url_for("authoring.versions", course=member.slug, slug=slug), 303)
    return redirect(url_for("authoring.index", course=member.slug), 303)


@blueprint.get("/<slug>/versions")
@requires("assistant")
def versions(member: Member, slug: str) -> str:
    """List the versions, newest first."""
    with database().read() as session:
        problem = authoring.find(session, member.course_id, slug)
        return render_template(
            "authoring/versions.html",
            member=member,
            problem=problem,
            outdated=_outdated(session, member, problem),
        )


@blueprint.get("/<slug>/versions/<int(max=100000):number>")
@requires("assistant")
def version(member: Member, slug: str, number: int) -> str:
    """Show a version: what it changed, its proof, and its files."""
    with database().read() as session:
        problem = authoring.find(session, member.course_id, slug)
        found = authoring.version(problem, number)
        before = next((v for v in reversed(problem.versions) if v.number < number), None)
        old = before.files if before else {}
        changes = [
            (name, differences.compare(old.get(name, ""), found.files.get(name, "")))
            for name in (authoring.CODE[problem.kind], authoring.TEXT[problem.kind])
        ]
        return render_template(
            "authoring/version.html",
            member=member,
            problem=problem,
            version=found,
            before=before,
            outdated=_outdated(session, member, problem),
            changes=[(name, change) for name, change in changes if change.removed + change.added],
        )


def _outdated(session: Session, member: Member, problem: Problem) -> list[corrections.Outdated]:
    """Return the questions that ask an older version, for whoever may regrade or redraw them."""
    return corrections.outdated(session, problem) if member.may("instructor") else []


@blueprint.post("/<slug>/versions/<int(max=100000):number>/again")
@requires("instructor")
def again(member: Member, slug: str, number: int) -> BaseResponse:
    """Make the draft of an old version's files."""
    with database().write() as session:
        problem = authoring.find(session, member.course_id, slug)
        files = authoring.version(problem, number).files
        authoring.save(session, member, slug, files, _seen())
    return redirect(url_for("authoring.editor", course=member.slug, slug=slug), 303)


@blueprint.post("/<slug>/upload")
@requires("assistant")
def upload(member: Member, slug: str) -> BaseResponse | tuple[str, int]:
    """Put uploaded files into the draft; what is not uploaded stays."""
    try:
        uploaded = _uploaded()
        with database().write() as session:
            problem = authoring.find(session, member.course_id, slug)
            files = authoring.newest(problem).files | uploaded
            authoring.save(session, member, slug, files, _seen())
    except (Conflict, Forbidden, Invalid) as error:
        return _editor(member, slug, error=error.message), STATUS[type(error)]
    return redirect(url_for("authoring.editor", course=member.slug, slug=slug), 303)


@blueprint.get("/<slug>/versions/<int(max=100000):number>/<name>.zip")
@requires("assistant")
def download(member: Member, slug: str, number: int, name: str) -> Response:
    """Give the files of a version as they were written, in a folder of the problem's name."""
    if name != slug:
        raise NotFound("There is no such file.")
    with database().read() as session:
        problem = authoring.find(session, member.course_id, slug)
        packed = authoring.archive(problem, authoring.version(problem, number).files)
    answer = make_response(packed, HTTPStatus.OK)
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}.zip"'
    return answer


def _seen() -> tuple[int, int]:
    """Return the number and revision of the version that the page was made from."""
    words = [request.form.get(name, "") for name in ("number", "revision")]
    if not all(re.fullmatch(r"[0-9]{1,6}", word, re.ASCII) for word in words):
        raise Invalid("This form was sent incompletely. Reload the page and send it again.")
    return int(words[0]), int(words[1])


def _wanted_seeds() -> list[int] | None:
    """Return the seeds that the form names; none means the first few."""
    text = request.form.get("seeds", "")
    words = re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    if not all(re.fullmatch(r"[0-9]{1,16}", word, re.ASCII) for word in words):
        raise Invalid("Give seeds as whole numbers with commas between them, such as 1, 2, 3.")
    return [int(word) for word in words] or None


def _typed_files() -> dict[str, str]:
    """Return the files of the editor's form; browsers send line ends as CRLF."""
    names = {*authoring.CODE.values(), *authoring.TEXT.values()}
    typed = {name: text.replace("\r\n", "\n") for name, text in request.form.items()}
    return {name: typed[name] for name in typed if name in names and _is_kept(name, typed[name])}


def _is_kept(name: str, text: str) -> bool:
    """Whether a file of the form is one: an empty family.py is none, as a family may do without."""
    return bool(text.strip()) or name != authoring.CODE["family"]


def _uploaded() -> dict[str, str]:
    """Return the uploaded files by name. Raises Invalid for what is no text."""
    files: dict[str, str] = {}
    for sent in request.files.getlist("files"):
        name = (sent.filename or "").replace("\\", "/").rpartition("/")[2]
        if not name:
            continue
        try:
            files[name] = sent.read().decode()
        except UnicodeDecodeError as error:
            raise Invalid("An uploaded file is not a text in UTF-8. Save it as one.") from error
    return files


def _all_files(version: ProblemVersion) -> dict[str, str]:
    """Return the files that the editor offers: a family's code too where there is none yet."""
    kind = version.problem.kind
    return {authoring.CODE[kind]: "", authoring.TEXT[kind]: ""} | version.files


def _title(problem: Problem) -> str:
    """Return what people call a problem: its newest title, or its name before there is one."""
    heads = (version.head for version in reversed(problem.versions))
    return next((head["title"] for head in heads if head), problem.slug)


def _by_finding(failures: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the failures of a proof with those together that differ in nothing but the seed."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for failure in failures:
        same = tuple(failure[name] for name in ("check", "detail", "file", "line"))
        found.setdefault(same, []).append(failure)
    return list(found.values())


blueprint.add_app_template_filter(_by_finding, "by_finding")
blueprint.add_app_template_global(_title, "problem_title")


@blueprint.app_context_processor
def _words() -> dict[str, dict[str, str]]:
    return {"check_words": CHECKS}
