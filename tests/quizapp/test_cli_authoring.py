"""A problem's files out of the service, into a folder, and back."""

import pytest
from sqlalchemy import select

from grader import catalog as tasks
from problems import catalog as families
from quizapp import cli
from quizapp.db import Database, upgrade
from quizapp.db.models import LogEntry, Problem
from quizapp.services import courses


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A database with a course, which the command line finds."""
    monkeypatch.setenv("QUIZAPP_DATA", str(tmp_path))
    url = f"sqlite:///{tmp_path}/quizapp.sqlite3"
    monkeypatch.setenv("QUIZAPP_DATABASE_URL", url)
    upgrade(url)
    database = Database(url)
    with database.write() as session:
        courses.add(session, "dl", "Deep learning")
    yield database
    database.dispose()


@pytest.fixture
def quizapp(capsys, site):
    def run(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        return code, output.out + output.err

    return run


def read(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("kind", "slug", "bank"),
    [("family", "lstm_params", families.BANK), ("task", "lstm_step", tasks.FOLDER)],
)
def test_a_round_trip_changes_no_byte(quizapp, tmp_path, kind, slug, bank):
    first, second = tmp_path / "out" / slug, tmp_path / "back" / slug
    assert quizapp(kind, "export", slug, first)[0] == 0
    assert read(first).items() <= read(bank / slug).items()
    code, said = quizapp(kind, "import", "--course", "dl", first)
    assert (code, said.startswith(f"{slug}: new")) == (0, True)
    assert quizapp(kind, "export", "--course", "dl", slug, second)[0] == 0
    assert read(second) == read(first)
    assert quizapp(kind, "import", "--course", "dl", second) == (
        *(0, f"{slug}: version 1, nothing changed\n"),
    )


def test_an_import_says_what_changed_and_the_log_who(quizapp, site, tmp_path):
    folder = tmp_path / "lstm_params"
    quizapp("family", "export", "lstm_params", folder)
    quizapp("family", "import", "--course", "dl", folder)
    text = folder / "question.md"
    text.write_bytes(text.read_bytes().replace(b"\n", b"\r\n") + "é".encode())
    changed = text.read_bytes()
    said = quizapp("family", "import", "--course", "dl", folder)
    assert said == (0, "lstm_params: version 1, changed question.md\n")
    quizapp("family", "export", "--course", "dl", "lstm_params", tmp_path / "again")
    assert (tmp_path / "again" / "question.md").read_bytes() == changed
    with site.read() as session:
        assert session.scalars(select(Problem)).one().versions[0].revision == 2
        assert {entry.actor for entry in session.scalars(select(LogEntry))} == {"command line"}


def test_an_export_writes_over_nothing(quizapp, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "question.md").write_text("mine")
    code, said = quizapp("family", "export", "lstm_params", folder)
    assert code != 0
    assert "holds something else" in said
    assert read(folder) == {"question.md": b"mine"}


def test_of_several_folders_all_are_taken_or_none(quizapp, site, tmp_path):
    good, bad = tmp_path / "lstm_params", tmp_path / "Bad Name"
    quizapp("family", "export", "lstm_params", good)
    quizapp("family", "export", "lstm_params", bad)
    code, said = quizapp("family", "import", "--course", "dl", good, bad)
    assert code != 0
    assert "short name" in said
    with site.read() as session:
        assert session.scalars(select(Problem)).all() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("family", "export", "nothing", "x"), "no such problem"),
        (("family", "export", "--course", "dl", "nothing", "x"), "no such problem"),
        (("family", "export", "--course", "none", "nothing", "x"), "no such course"),
        (("family", "import", "--course", "dl", "no_such_folder"), "has no question.md"),
    ],
)
def test_what_is_not_there_is_told_in_a_line(quizapp, tmp_path, words, said):
    code, told = quizapp(*words)
    assert code != 0
    assert said in told
    assert "Traceback" not in told


def test_a_task_is_not_taken_for_a_family(quizapp, tmp_path):
    folder = tmp_path / "lstm_step"
    quizapp("task", "export", "lstm_step", folder)
    quizapp("task", "import", "--course", "dl", folder)
    code, told = quizapp("family", "export", "--course", "dl", "lstm_step", tmp_path / "x")
    assert code != 0
    assert "lstm_step is a task" in told
