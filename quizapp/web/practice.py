"""Practising: the list of problems, a variant with its marks, hints and solution, the history."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import login_required
from markupsafe import escape
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from problems import catalog
from problems.core import Mark, PartMark
from quizapp.db.models import Run, Variant
from quizapp.errors import NotFound
from quizapp.services import exams, practice, runs, submissions
from quizapp.services.keys import is_key
from quizapp.services.pictures import picture
from quizapp.web.fields import read_words, statement_with_fields, typed_responses
from quizapp.web.pages import database, wants_fragment
from quizapp.web.security import user_id

blueprint = Blueprint("practice", __name__)


@blueprint.get("/practice")
@login_required
def topics() -> str:
    """List the problems by topic, with how far the student is."""
    with database().read() as session:
        progress = practice.progress(session, user_id())
    return render_template("practice/topics.html", topics=practice.topics(), progress=progress)


@blueprint.post("/practice/<slug>")
@login_required
def proceed(slug: str) -> Response:
    """Go on with the open variant of a family, or draw one."""
    row = practice.proceed(database(), user_id(), slug)
    return redirect(url_for("practice.variant", public_id=row.public_id), 303)


@blueprint.post("/practice/<slug>/new")
@login_required
def new(slug: str) -> Response:
    """Draw a new variant; the old one stays in the history."""
    row = practice.start(database(), user_id(), slug)
    return redirect(url_for("practice.variant", public_id=row.public_id), 303)


@blueprint.get("/practice/<slug>")
@login_required
def family(slug: str) -> str:
    """Show a family and the student's own variants of it."""
    found = practice.family(slug)
    before = request.args.get("before")
    with database().read() as session:
        rows = practice.history(session, user_id(), practice.Wanted(family=slug, before=before))
    return render_template("practice/family.html", family=found, variants=rows, more=_more(rows))


@blueprint.get("/history")
@login_required
def history() -> str:
    """Show the student's variants, filtered; exams, mixes and submissions beside them."""
    wanted = practice.Wanted(
        topic=request.args.get("topic") or None,
        state=request.args.get("state") or None,
        before=request.args.get("before") or None,
    )
    with database().read() as session:
        rows = practice.history(session, user_id(), wanted)
        return render_template(
            "practice/history.html",
            wanted=wanted,
            variants=rows,
            more=_more(rows),
            topics=practice.topics(),
            exams=exams.finished(session, user_id()),
            mixes=runs.own(session, user_id(), "mixed"),
            submissions=submissions.own(session, user_id()),
        )


def _more(rows: list[Variant]) -> str | None:
    """Return where the next page begins, if there may be one."""
    return rows[-1].public_id if len(rows) == practice.PAGE else None


@blueprint.get("/variants/<public_id>")
@login_required
def variant(public_id: str) -> str:
    """Show a variant; with its last attempt, if there is one."""
    with database().read() as session:
        row = practice.find(session.connection(), user_id(), public_id)
        run = _mix(session, row)
    if not row.attempts:
        return _variant_page(row, {}, run=run)
    last = row.attempts[-1]
    return _variant_page(row, last.responses, Mark.from_json(last.mark), run=run)


@blueprint.post("/variants/<public_id>/check")
@login_required
def check(public_id: str) -> str:
    """Mark the responses, and show the marks beside their fields."""
    responses = typed_responses()
    key = request.form.get("key", "")
    checked = practice.check(database(), user_id(), public_id, responses, key)
    return _variant_page(checked.row, responses, checked.mark, kept=checked.kept)


@blueprint.get("/variants/<public_id>/check")
@login_required
def checked(public_id: str) -> Response:
    """Lead back to the variant: where scripts are off, its marks stand at this address."""
    return redirect(url_for("practice.variant", public_id=public_id, mix=_mix_name()))


@blueprint.post("/variants/<public_id>/read/<part>")
@login_required
def read(public_id: str, part: str) -> str:
    """Say how a response would be read; nothing is marked."""
    with database().rows() as connection:
        row = practice.find(connection, user_id(), public_id)
    reading = practice.read(row, part, request.form.get(part, ""))
    return str(escape(read_words(practice.frozen(row).parts[part], reading)))


@blueprint.post("/variants/<public_id>/hint")
@login_required
def hint(public_id: str) -> str | Response:
    """Open the next hint."""
    with database().write() as session:
        row = practice.show_hint(session, user_id(), public_id)
    return _opened(row, "hint")


@blueprint.post("/variants/<public_id>/solution")
@login_required
def solution(public_id: str) -> str | Response:
    """Show the worked solution, after which attempts count no more."""
    with database().write() as session:
        row = practice.show_solution(session, user_id(), public_id)
    return _opened(row, "solution")


def _opened(row: practice.Opened, opened: str) -> str | Response:
    if wants_fragment():
        typed = typed_responses()
        responses = {part: typed.get(part, "") for part in row.document["parts"]}
        last = row.attempts[-1] if row.attempts else None
        if last and last.responses == responses:
            return _variant_page(row, responses, Mark.from_json(last.mark), opened=opened)
        return _variant_page(row, responses, opened=opened)
    return redirect(url_for("practice.variant", public_id=row.public_id, mix=_mix_name()), 303)


def _mix_name() -> str | None:
    """Return the mix that the address names, which goes from page to page with it."""
    mix = request.args.get("mix", "")
    return mix if is_key(mix) else None


def _variant_page(
    row: practice.Opened,
    responses: dict[str, str],
    mark: Mark | None = None,
    *,
    kept: bool = True,
    opened: str | None = None,
    run: Run | None = None,
) -> str:
    """Show a variant, or the part of the page that changes where the page asks for that.

    `opened` is the "hint" or "solution" that was just opened, which then gets the focus. A mark
    that does not count says which field is malformed or blank and no more: it would else
    be a way to try parts for nothing.
    """
    frozen, in_bank = practice.frozen(row), row.family in catalog.families()
    marks = mark.parts if mark else {}
    if mark and not mark.counts:
        marks = {n: part for n, part in marks.items() if part.verdict in ("malformed", "blank")}
    template = "practice/_variant.html" if wants_fragment() else "practice/variant.html"
    return render_template(
        template,
        row=row,
        frozen=frozen,
        in_bank=in_bank,
        new_variant=_new_variant(row.family),
        opened=opened,
        statement=statement_with_fields(frozen, responses, marks, row.public_id),
        hints=frozen.hints[: row.hints_shown],
        hints_left=len(frozen.hints) - row.hints_shown,
        solution=frozen.solution if row.solution_shown_at else None,
        picture=picture(frozen) if row.solution_shown_at and in_bank else None,
        summary=_summary(mark, kept=kept) if mark else None,
        best=practice.best_score(row),
        run=run,
        mix=_mix_name(),
    )


def _new_variant(family: str) -> str | None:
    """Return where another variant is drawn; None for a family that is not there any more."""
    if family in catalog.families():
        return url_for("practice.new", slug=family)
    course, own, slug = family.partition("/")
    return url_for("course_practice.new", course=course, slug=slug) if own else None


def _mix(session: Session, row: practice.Opened) -> Run | None:
    """Return the student's mix that the address names, if the variant belongs to it."""
    try:
        run = runs.find(session, user_id(), request.args.get("mix", ""), "mixed")
    except NotFound:
        return None
    return run if any(item.variant_id == row.id for item in run.items) else None


def _marked_word(part: PartMark) -> str:
    """Return the word that goes with a part's mark."""
    return {
        "right": "Right",
        "wrong": "Not right",
        "mistake": "A known mistake",
        "malformed": "Not understood",
        "blank": "Blank",
    }[part.verdict]


def _summary(mark: Mark, *, kept: bool) -> tuple[str, str]:
    """Return the tone and the sentence that sum up a mark."""
    verdicts = [part.verdict for part in mark.parts.values()]
    if not mark.counts:
        if "malformed" in verdicts:
            return "malformed", "Nothing was counted: a field could not be read. Mend it and check."
        return "blank", "Nothing was counted: enter an answer first."
    right, total = verdicts.count("right"), len(verdicts)
    if right == total:
        tone, sentence = "right", "All parts are right." if total > 1 else "That is right."
    elif right:
        verb = "is" if right == 1 else "are"
        tone, sentence = "mistake", f"{right} of {total} parts {verb} right."
    else:
        tone, sentence = "wrong", "None of the parts is right." if total > 1 else "Not right yet."
    if not kept:
        sentence += " The solution is open, so this does not count."
    return tone, sentence


blueprint.add_app_template_global(_marked_word, "marked_word")
