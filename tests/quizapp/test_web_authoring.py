"""Writing problems, over the pages: what each role may, what is refused, what is followed."""

import io
import re
import zipfile

import pytest
from classroom import Classroom
from direct_box import DirectBox, work
from sqlalchemy import select
from visitor import database, right_answers, variant_of

from quizapp.db.models import PoolVariant
from quizapp.services import authoring

PROBLEMS = "/courses/nlp/problems"
LAYER = f"{PROBLEMS}/layer"


@pytest.fixture
def classroom(app):
    return Classroom(app)


def begin(person, source="starter/python", slug="layer"):
    answer = person.post(PROBLEMS, {"slug": slug, "source": source}, page=PROBLEMS)
    assert answer.status_code == 303, answer.text
    return authoring.starting_files(source)[1]


def form(person, files, **more):
    page = person.get(LAYER).text
    names = ("number", "revision")
    seen = {name: re.search(rf'name="{name}" value="(\d+)"', page)[1] for name in names}
    return {**seen, **files, **more}


def save(person, files, **more):
    return person.post(LAYER, form(person, files, **more), page=LAYER)


def publish(app, person, files):
    save(person, files, then="prove")
    work(database(app))
    answer = person.post(f"{LAYER}/publish", form(person, {}), page=LAYER)
    assert answer.status_code == 303, answer.text


def test_an_instructor_writes_previews_proves_and_publishes(app, classroom):
    ada = classroom.instructor
    files = begin(ada)
    followed = save(ada, {**files, "question.md": files["question.md"] + "\nNice."})
    assert followed.status_code == 303
    assert "Drawing" in ada.get(followed.location, headers={"HX-Request": "true"}).text
    work(database(app))
    shown = ada.get(followed.location, headers={"HX-Request": "true"}).text
    assert shown.count("both engines agree") == 3
    assert "Nice." in shown
    publish(app, ada, files)
    assert "published: version 1" in ada.get(PROBLEMS).text
    assert "Proven" in ada.get(f"{LAYER}/versions/1").text


def test_a_fault_of_every_seed_is_said_once_with_its_seeds(app, classroom):
    ada = classroom.instructor
    files = begin(ada)
    wrong = files["family.py"].replace("def witness(p", "def witness(q")
    save(ada, {**files, "family.py": wrong}, then="prove")
    work(database(app))
    page = ada.get(LAYER).text
    assert "Not proven." in page
    assert page.count("NameError") == 1
    assert re.findall(r'data-seed="(\d+)">', page)[:3] == ["0", "1", "2"]


def test_a_preview_says_which_part_the_statement_does_not_ask_for(app, classroom):
    ada = classroom.instructor
    files = begin(ada)
    text = re.sub(r"\{\{ input\(.*?\) \}\}", "", files["question.md"])
    followed = save(ada, {**files, "question.md": text})
    work(database(app))
    shown = ada.get(followed.location, headers={"HX-Request": "true"}).text
    assert shown.count("the statement must ask for") == 3
    assert "both engines agree" in shown


@pytest.mark.parametrize(("then", "part"), [("", "work"), ("prove", "proof-work")])
def test_who_follows_work_that_newer_work_replaced_is_told_so_in_its_place(classroom, then, part):
    ada = classroom.instructor
    files = begin(ada)
    old, new = (
        save(ada, {**files, "question.md": files["question.md"] + word}, then=then).location
        for word in ("One.", "Two.")
    )
    asked = {"HX-Request": "true", "HX-Target": part}
    reply = ada.get(old, headers=asked)
    assert reply.status_code == 200
    assert reply.text.startswith(f'<section id="{part}"')
    assert "Newer work on this problem" in reply.text
    assert ada.get(old).status_code == 404
    assert "Newer work" not in ada.get(new, headers=asked).text


def test_scripts_and_html_in_a_statement_are_shown_as_text(app, classroom):
    ada = classroom.instructor
    files = begin(ada)
    attack = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))"
    text = files["question.md"].replace("A fully", f"{attack} A fully")
    followed = save(ada, {**files, "question.md": text})
    work(database(app))
    shown = ada.get(followed.location, headers={"HX-Request": "true"}).text
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert 'href="javascript:' not in shown


def test_what_was_typed_comes_back_when_it_cannot_be_saved(classroom):
    ada, other = classroom.instructor, classroom.owner
    files = begin(ada)
    mine = form(ada, {**files, "question.md": "My text, which took an hour."})
    save(other, {**files, "question.md": "Theirs."})
    answer = ada.post(LAYER, mine, page=LAYER)
    assert answer.status_code == 409
    assert "My text, which took an hour." in answer.text
    assert "saved this problem meanwhile" in answer.text
    fragment = ada.post(LAYER, mine, page=LAYER, headers={"HX-Request": "true"})
    assert fragment.status_code == 409
    assert "<textarea" not in fragment.text, "the editor with what was typed stays on the page"
    assert f"{other.username} saved this problem meanwhile" in fragment.text
    own = other.post(LAYER, {**mine, "question.md": "Mine."}, page=LAYER)
    assert "You saved this problem meanwhile, in another tab" in own.text


def test_an_assistant_sees_the_code_and_saves_the_text_alone(classroom):
    files = begin(classroom.instructor)
    assert "readonly" in classroom.assistant.get(LAYER).text
    assert save(classroom.assistant, {**files, "question.md": "Better."}).status_code == 303
    assert save(classroom.assistant, {**files, "family.py": "x = 1"}).status_code == 403


def test_line_ends_of_browsers_change_nothing(classroom):
    files = begin(classroom.instructor)
    crlf = {name: text.replace("\n", "\r\n") for name, text in files.items()}
    save(classroom.instructor, crlf)
    assert 'name="revision" value="1"' in classroom.instructor.get(LAYER).text


def test_files_go_up_and_come_down_as_they_were(classroom):
    ada = classroom.instructor
    files = authoring.starting_files("family/conv_out_shape")[1]
    sent = {"files": [(io.BytesIO(text.encode()), f"x/{name}") for name, text in files.items()]}
    page = ada.get(PROBLEMS).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    answer = ada.client.post(
        PROBLEMS,
        data={"csrf_token": token, "slug": "layer", **sent},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    packed = ada.get(f"{LAYER}/versions/1/layer.zip").data
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {n: archive.read(f"layer/{n}").decode() for n in files} == files


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([(b"\xff\xfe", "question.md")], "UTF-8"),
        ([(b"x", "notes.txt")], "no others"),
        ([(b"x", "family.py")], "has the files"),
    ],
)
def test_an_upload_that_is_no_problem_is_refused_with_a_sentence(classroom, files, words):
    ada = classroom.instructor
    token = re.search(r'name="csrf_token" value="([^"]+)"', ada.get(PROBLEMS).text)[1]
    sent = [(io.BytesIO(data), name) for data, name in files]
    answer = ada.client.post(
        PROBLEMS,
        data={"csrf_token": token, "slug": "layer", "files": sent},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="layer"' in answer.text


@pytest.mark.parametrize("seeds", ["-1", "one", "1" * 17, "1,2,3,4,5,6,7"])
def test_seeds_that_are_none_are_refused(classroom, seeds):
    files = begin(classroom.instructor)
    assert save(classroom.instructor, files, seeds=seeds).status_code == 422


def test_a_form_that_was_cut_short_is_refused(classroom):
    begin(classroom.instructor)
    answer = classroom.instructor.post(LAYER, {"question.md": "x"}, page=LAYER)
    assert answer.status_code == 422


def test_the_difference_between_two_versions_is_shown(app, classroom):
    ada = classroom.instructor
    files = begin(ada)
    publish(app, ada, files)
    save(ada, {**files, "question.md": files["question.md"].replace("fully", "completely")})
    shown = ada.get(f"{LAYER}/versions/2").text
    assert "What changed since version 1" in shown
    assert "A completely connected layer" in shown
    again = f"{LAYER}/versions/1/again"
    stale = {"number": "1", "revision": "1"}
    assert ada.post(again, stale, page=LAYER).status_code == 409, "a draft that was not seen"
    assert ada.post(again, form(ada, {}), page=LAYER).status_code == 303
    assert "the files are the same" in ada.get(f"{LAYER}/versions/2").text


def fill_pool(app, version_number=1):
    """Draw a few variants of the published version, as the worker does."""
    with database(app).write() as session:
        problem = session.scalars(authoring.select(authoring.Problem)).one()
        version = authoring.version(problem, version_number)
        request = {
            "kind": "family",
            "slug": "layer",
            "version": version.number,
            "files": version.files,
            "do": "draw",
            "draws": [{"seed": seed, "pins": {}} for seed in range(3)],
        }
        for found in DirectBox().ask(request)["drawn"]:
            document = found["variant"]
            session.add(
                PoolVariant(version_id=version.id, seed=document["seed"], document=document)
            )


def test_a_student_practises_a_published_problem_and_gets_another_variant(app, classroom):
    files = begin(classroom.instructor)
    student = classroom.student
    home = "/courses/nlp"
    assert student.post(f"{LAYER}/practise", page=home).status_code == 404, "not published"
    save(classroom.instructor, files, then="prove")
    work(database(app))
    classroom.instructor.post(f"{LAYER}/publish", form(classroom.instructor, {}), page=LAYER)
    assert student.post(f"{LAYER}/practise", page=home).status_code == 409, "nothing drawn yet"
    fill_pool(app)
    first = student.post(f"{LAYER}/practise", page=home).location
    assert student.post(f"{LAYER}/practise", page=home).location == first, "it is still open"
    row = variant_of(app, first)
    assert "That is right." in student.check(first, **right_answers(row)).text
    assert f'action="{LAYER}/new"' in student.get(first).text
    seeds = {row.seed}
    for _ in range(2):
        seeds.add(variant_of(app, student.post(f"{LAYER}/new", page=first).location).seed)
    assert seeds == {0, 1, 2}, "each variant once before one comes again"
    assert student.post(f"{LAYER}/new", page=first).status_code == 303
    classroom.instructor.post(f"{LAYER}/hide", {"hidden": "yes"}, page=f"{LAYER}/versions")
    assert student.post(f"{LAYER}/new", page=first).status_code == 404
    assert student.get(first).status_code == 200, "what is open stays"


def test_a_problem_that_is_named_like_one_of_the_bank_gets_no_picture_of_it(app, classroom):
    publish(app, classroom.instructor, begin(classroom.instructor))
    fill_pool(app)
    with database(app).write() as session:
        for row in session.scalars(select(PoolVariant)):
            row.document = row.document | {"family": "rare_disease_metric"}
    student = classroom.student
    variant = student.post(f"{LAYER}/practise", page="/courses/nlp").location
    shown = student.post(f"{variant}/solution", page=variant, follow_redirects=True)
    assert shown.status_code == 200
    assert "Worked solution" in shown.text
    assert "<figure" not in shown.text
