"""Drafts, versions and publishing of a course's own problems, with a box that is no box."""

import io
import zipfile

import pytest
from direct_box import DirectBox, work
from sqlalchemy import select

from quizapp.db.models import BoxJob, LogEntry, Problem, ProblemVersion
from quizapp.errors import Conflict, Forbidden, Invalid, NotFound
from quizapp.services import accounts, authoring, box_jobs, box_work, courses, proving


def joined(database, username, role):
    user = accounts.sign_up(database, username, "a long password")
    with database.write() as session:
        courses.enrol(session, "nlp", username, role)
    with database.rows() as connection:
        return courses.member(connection, user.id, "nlp")


@pytest.fixture
def ada(database, cheap_hashing):
    """An instructor of a course."""
    with database.write() as session:
        courses.add(session, "nlp", "Language")
    return joined(database, "ada", "instructor")


def begin(database, member, source="starter/python", slug="layer"):
    kind, files = authoring.starting_files(source)
    with database.write() as session:
        authoring.create(session, member, slug, kind, files)
    return files


def save(database, member, files, seen=None, slug="layer"):
    with database.write() as session:
        return authoring.save(session, member, slug, files, seen)


def newest(database, member, slug="layer"):
    with database.read() as session:
        return authoring.newest(authoring.find(session, member.course_id, slug))


def prove(database, member, slug="layer"):
    with database.write() as session:
        version = authoring.newest(authoring.find(session, member.course_id, slug))
        job = proving.prove(session, member, version)
    work(database)
    with database.read() as session:
        return proving.of_version(session, member, version, job.public_id)


def publish(database, member, slug="layer"):
    version = newest(database, member, slug)
    with database.write() as session:
        return authoring.publish(session, member, slug, (version.number, version.revision))


def mark_proven(database, member, slug="layer", *, ok=True):
    with database.write() as session:
        version = authoring.newest(authoring.find(session, member.course_id, slug))
        version.head = {"title": "A layer", "revision": version.revision}
        version.proof = {"ok": ok, "revision": version.revision}


@pytest.mark.parametrize("slug", ["", "Layer", "1layer", "a" * 61, "a-b", "a b", "ä"])
def test_a_problems_name_is_plain(database, ada, slug):
    with pytest.raises(Invalid):
        begin(database, ada, slug=slug)


def test_a_course_has_one_problem_of_a_name(database, ada):
    begin(database, ada)
    with pytest.raises(Conflict):
        begin(database, ada)


@pytest.mark.parametrize(
    ("source", "kind"),
    [("starter/declared", "family"), ("family/conv_out_shape", "family"), ("task/softmax", "task")],
)
def test_a_problem_begins_with_a_starter_or_a_copy(database, ada, source, kind):
    files = begin(database, ada, source)
    version = newest(database, ada)
    assert (version.files, version.number, version.published_at) == (files, 1, None)
    with database.read() as session:
        assert session.scalars(select(Problem.kind)).one() == kind


@pytest.mark.parametrize("source", ["", "family/../../etc", "starter/x", "task/", "family/nothing"])
def test_what_is_not_there_cannot_be_copied(source):
    with pytest.raises(NotFound):
        authoring.starting_files(source)


def test_nobody_saves_over_what_they_have_not_seen(database, ada):
    files = begin(database, ada)
    changed = {**files, "question.md": files["question.md"] + "More."}
    assert save(database, ada, changed, (1, 1)).revision == 2
    with pytest.raises(Conflict, match="You saved this problem meanwhile, in another tab"):
        save(database, ada, files, (1, 1))
    with pytest.raises(Conflict, match="ada saved this problem meanwhile"):
        save(database, joined(database, "eve", "instructor"), files, (1, 1))
    assert save(database, ada, changed, (1, 1)).revision == 2, "the same text is no change"


def test_an_assistant_changes_the_text_and_not_the_code(database, ada):
    files = begin(database, ada)
    bob = joined(database, "bob", "assistant")
    assert save(database, bob, {**files, "question.md": "New."}).saved_by == "bob"
    for attack in (
        {**files, "family.py": "import os"},
        {"question.md": files["question.md"]},
    ):
        with pytest.raises(Forbidden):
            save(database, bob, attack)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"family.py": "x = 1"},
        {"question.md": "x", "other.py": "y"},
        {"question.md": "x" * (64 * 1024 + 1)},
        {"question.md": "a\x00b"},
        {"question.md": "\ud800"},
    ],
)
def test_files_that_cannot_be_kept_are_refused(database, ada, files):
    begin(database, ada)
    with pytest.raises(Invalid):
        save(database, ada, files)


def test_only_what_was_proven_as_it_stands_is_published(database, ada):
    files = begin(database, ada)
    with pytest.raises(Conflict, match="Prove"):
        publish(database, ada)
    mark_proven(database, ada, ok=False)
    with pytest.raises(Conflict, match="faults"):
        publish(database, ada)
    mark_proven(database, ada)
    save(database, ada, {**files, "question.md": "Other."})
    with pytest.raises(Conflict, match="Prove"):
        publish(database, ada)
    mark_proven(database, ada)
    with database.write() as session, pytest.raises(Conflict):
        authoring.publish(session, ada, "layer", (1, 1))
    assert publish(database, ada).published_by == "ada"


def test_what_is_published_stays_and_the_next_text_is_a_new_draft(database, ada):
    files = begin(database, ada)
    mark_proven(database, ada)
    publish(database, ada)
    draft = save(database, ada, {**files, "question.md": "Two."}, (1, 1))
    assert (draft.number, draft.revision, draft.published_at) == (2, 1, None)
    with database.read() as session:
        problem = authoring.find(session, ada.course_id, "layer")
        published, draft = problem.published, problem.draft
        assert published is not None
        assert draft is not None
        assert (published.number, published.files, draft.number) == (1, files, 2)


def test_a_published_family_gets_its_variants_for_practice(database, ada):
    begin(database, ada)
    mark_proven(database, ada)
    version = publish(database, ada)
    with database.read() as session:
        job = session.scalars(select(BoxJob)).one()
    assert (job.kind, job.request["version_id"]) == ("draw", version.id)


def test_unpublishing_hides_and_deletes_nothing(database, ada):
    begin(database, ada)
    mark_proven(database, ada)
    publish(database, ada)
    for hidden in (True, True, False):
        with database.write() as session:
            authoring.hide(session, ada, "layer", hidden=hidden)
        with database.read() as session:
            problem = authoring.find(session, ada.course_id, "layer")
            assert problem.hidden is hidden
            assert problem.published is not None
    with database.read() as session:
        actions = session.scalars(select(LogEntry.action).order_by(LogEntry.id)).all()
    assert actions == ["problem.create", "problem.publish", "problem.hide", "problem.show"]


def test_a_draft_can_be_deleted_and_what_was_published_cannot(database, ada):
    files = begin(database, ada)
    mark_proven(database, ada)
    publish(database, ada)
    save(database, ada, {**files, "question.md": "Two."})
    with database.write() as session:
        assert authoring.discard(session, ada, "layer", (2, 1))
    with database.write() as session, pytest.raises(Conflict):
        authoring.discard(session, ada, "layer", (1, 1))
    begin(database, ada, slug="other")
    with database.write() as session:
        assert not authoring.discard(session, ada, "other", (1, 1))
    with database.read() as session:
        assert session.scalars(select(Problem.slug)).all() == ["layer"]
        assert session.scalars(select(ProblemVersion.number)).all() == [1]


def test_a_problem_is_its_courses_own(database, ada):
    begin(database, ada)
    with database.write() as session:
        courses.add(session, "vision", "Vision")
        courses.enrol(session, "vision", "ada", "owner")
    with database.rows() as connection:
        elsewhere = courses.member(connection, ada.user_id, "vision")
    for attack in (
        lambda session: authoring.find(session, elsewhere.course_id, "layer"),
        lambda session: authoring.save(session, elsewhere, "layer", {"question.md": ""}),
        lambda session: authoring.publish(session, elsewhere, "layer", (1, 1)),
        lambda session: authoring.hide(session, elsewhere, "layer", hidden=True),
        lambda session: authoring.discard(session, elsewhere, "layer", (1, 1)),
    ):
        with database.write() as session, pytest.raises(NotFound):
            attack(session)


def test_the_archive_holds_the_files_byte_for_byte(database, ada):
    files = begin(database, ada)
    with database.read() as session:
        problem = authoring.find(session, ada.course_id, "layer")
        packed = authoring.archive(problem, files)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            f"layer/{name}": text for name, text in files.items()
        }


def test_a_preview_shows_variants_and_keeps_what_the_box_said(database, ada):
    begin(database, ada)
    version = newest(database, ada)
    with database.write() as session:
        job = proving.preview(session, ada, version, [5, 6])
    assert box_work.work(database, DirectBox())
    with database.read() as session:
        found = proving.of_version(session, ada, version, job.public_id)
    assert [drawn["variant"]["seed"] for drawn in found.result["drawn"]] == [5, 6]
    assert all(drawn["agrees"] for drawn in found.result["drawn"])
    head = newest(database, ada).head
    assert head is not None
    assert head["title"] == "Parameters of one layer"


def test_a_preview_of_an_older_text_says_so(database, ada):
    files = begin(database, ada)
    version = newest(database, ada)
    with database.write() as session:
        job = proving.preview(session, ada, version)
    save(database, ada, {**files, "question.md": "Other."})
    box_work.work(database, DirectBox())
    with database.read() as session:
        assert proving.of_version(session, ada, version, job.public_id).error == proving.CHANGED


def test_a_newer_preview_takes_the_place_of_one_that_waits(database, ada):
    begin(database, ada)
    version = newest(database, ada)
    with database.write() as session:
        proving.preview(session, ada, version)
    with database.write() as session:
        latest = proving.preview(session, ada, version)
    with database.read() as session:
        assert session.scalars(select(BoxJob.id)).all() == [latest.id]


@pytest.mark.parametrize("seeds", [[-1], [2**60], list(range(7))])
def test_seeds_that_cannot_be_drawn_are_refused(database, ada, seeds):
    begin(database, ada)
    with database.write() as session, pytest.raises(Invalid):
        proving.preview(session, ada, newest(database, ada), seeds)


def test_a_mistake_in_the_text_points_at_its_line(database, ada):
    files = begin(database, ada)
    broken = files["family.py"].replace("VERSION = 1", "VERSION = = 1")
    version = save(database, ada, {**files, "family.py": broken})
    with database.write() as session:
        job = proving.preview(session, ada, version)
    box_work.work(database, DirectBox())
    with database.read() as session:
        error = proving.of_version(session, ada, version, job.public_id).result["error"]
    line = 1 + broken.splitlines().index("VERSION = = 1")
    assert (error["file"], error["line"]) == ("family.py", line)


@pytest.mark.parametrize("source", ["starter/python", "starter/declared", "starter/task"])
def test_a_starter_proves(database, ada, source):
    begin(database, ada, source)
    job = prove(database, ada)
    proof = newest(database, ada).proof
    assert job.done == job.total
    assert proof is not None
    assert proof["ok"], proof
    publish(database, ada)


def test_a_proof_that_is_under_way_is_not_begun_again(database, ada):
    begin(database, ada)
    with database.write() as session:
        version = authoring.newest(authoring.find(session, ada.course_id, "layer"))
        first = proving.prove(session, ada, version)
        again = proving.prove(session, ada, version)
    assert first.id == again.id


def test_a_preview_of_a_task_says_what_is_wrong_with_its_cases(database, ada):
    files = begin(database, ada, "starter/task")
    version = save(database, ada, {**files, "task.py": files["task.py"].replace("2)\n", "3)\n", 1)})
    with database.write() as session:
        job = proving.preview(session, ada, version)
    box_work.work(database, DirectBox())
    with database.read() as session:
        found = proving.of_version(session, ada, version, job.public_id).result
    assert found["head"]["title"] == "Mean squared error"
    assert (found["error"]["file"], found["error"]["seed"]) == ("task.py", 1)


def test_previews_that_ended_a_day_ago_are_deleted(database, ada):
    begin(database, ada)
    version = newest(database, ada)
    with database.write() as session:
        old = proving.preview(session, ada, version)
    box_work.work(database, DirectBox())
    with database.write() as session:
        session.get_one(BoxJob, old.id).created_at -= 2 * box_jobs.KEPT
        latest = proving.preview(session, ada, version)
    with database.read() as session:
        assert session.scalars(select(BoxJob.id)).all() == [latest.id]


def test_nothing_of_a_deleted_draft_comes_back_to_another(database, ada):
    begin(database, ada)
    with database.write() as session:
        version = authoring.newest(authoring.find(session, ada.course_id, "layer"))
        proving.prove(session, ada, version)
    with database.write() as session:
        authoring.discard(session, ada, "layer", (1, 1))
    begin(database, ada)
    work(database)
    assert newest(database, ada).proof is None
