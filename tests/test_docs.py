"""What the documentation says is what happens: its commands are run, its family is proven."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from grader.authoring import inside, merge
from problems import expressions
from problems.proof import prove
from quizapp.services import rosters

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")


def blocks(language, text=README):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def environment(folder, **more):
    return os.environ | {"QUIZAPP_DATA": str(folder)} | more


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


@pytest.fixture
def checkout(tmp_path):
    """A folder in which the README's `.venv/bin/quizapp` is this environment's."""
    programs = tmp_path / "checkout" / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "quizapp").symlink_to(Path(sys.executable).parent / "quizapp")
    return tmp_path / "checkout"


def run(block, checkout, folder):
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=checkout,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("block", [b for b in blocks("sh") if "make " not in b])
def test_the_readmes_commands_work(block, checkout, tmp_path):
    done = run(block, checkout, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readmes_first_problem_and_submission_give_what_it_says(checkout, tmp_path):
    first, _, submission = [b for b in blocks("sh") if "make " not in b]
    assert "total: right (read as 60)" in run(first, checkout, tmp_path).stdout
    graded = run(submission, checkout, tmp_path).stdout
    assert "forget_gate.py: wrong" in graded
    assert "with tanh in place of the sigmoid" in graded


def test_make_test_is_the_readmes_command_and_the_one_that_ci_runs():
    assert "make test\n" in blocks("sh")
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_make_run_serves_and_says_how_to_sign_in(tmp_path):
    port = free_port()
    with subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env=environment(tmp_path, QUIZAPP_PORT=port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if "demo-student" in line:
                    break
            text = "".join(said)
            assert f"Serving on http://127.0.0.1:{port}" in text, text
            assert re.search(r"demo-student +password: \S+", text), text
            with urlopen(f"http://127.0.0.1:{port}/") as page:
                assert page.status == 200
        finally:
            # Ctrl+C reaches everything that the terminal started.
            os.killpg(process.pid, signal.SIGINT)
            process.stdout.read()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", int(port))):
        pass


def test_a_busy_port_is_said_in_a_sentence(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        started = time.monotonic()
        done = subprocess.run(
            ["make", "run"],
            cwd=ROOT,
            env=environment(tmp_path, QUIZAPP_PORT=port),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr, time.monotonic() - started
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("python", "obstacle", "sentence"),
    [
        ("exit 1", None, "Python 3.11 or newer is needed"),
        ('case "$2" in *ensurepip*) exit 1;; esac', None, "apt install python3-venv"),
        ("exit 0", ".venv", "This folder cannot be written"),
    ],
)
def test_what_the_setup_lacks_is_said_in_a_sentence(tmp_path, python, obstacle, sentence):
    shutil.copy(ROOT / "Makefile", tmp_path)
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{python}\n")
    program.chmod(0o755)
    if obstacle:
        (tmp_path / obstacle).touch()  # a file, where a folder must be made: root may write all
    done = subprocess.run(
        ["make", "run", f"PYTHON={program}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert sentence in done.stdout + done.stderr


def test_the_readmes_family_is_proven(tmp_path):
    folder = tmp_path / "layer_weights"
    folder.mkdir()
    (family,), (question,) = blocks("python"), blocks("markdown")
    (folder / "family.py").write_text(family, encoding="utf-8")
    (folder / "question.md").write_text(question, encoding="utf-8")
    (proof,) = prove([folder], 200, jobs=1)
    assert proof.ok, proof.failures


def test_the_guides_commands_work_one_after_the_other(checkout, tmp_path):
    assert run(".venv/bin/quizapp db upgrade", checkout, tmp_path).returncode == 0
    for block in blocks("sh", GUIDE):
        done = run(block, checkout, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_guides_families_are_proven():
    (family,), (question, declared) = blocks("python", GUIDE), blocks("markdown", GUIDE)
    for files in ({"family.py": family, "question.md": question}, {"question.md": declared}):
        request = {"kind": "family", "slug": "guide", "version": 1, "files": files}
        tried = inside.answer(request | {"do": "prove", "first": 0, "count": 200})
        proof = merge([tried])
        assert proof["ok"], proof["failures"]
        assert proof["witness"]


def test_the_guides_roster_is_taken_as_it_stands():
    (roster,) = blocks("csv", GUIDE)
    sheet = rosters.parse(roster)
    assert [row.username for row in sheet.rows] == ["grace", "alan"]
    assert sheet.bad == sheet.unread == []


def test_the_guide_names_what_formulas_know():
    (listed,) = re.findall(r"the functions `([^`]+)`", GUIDE)
    assert {*listed.split()} == {*expressions.RESERVED} - {"e", "pi", "π"}


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("docs/**/*.md")))
def test_links_between_documents_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / target).exists(), target


def test_every_setting_is_documented(tmp_path):
    from quizapp.config import Settings

    documented = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    settings = Settings.from_environment({"QUIZAPP_DATA": str(tmp_path)}).environment()
    assert [name for name in settings if name not in documented] == []
