"""What each process loads: the web must stay light, and the sandbox must hold nothing of ours."""

import subprocess
import sys

import pytest


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import quizapp.app",
        "import quizapp.cli",
        "import quizapp.processes",
        "import grader.marker",
        "from problems import catalog; [f.variant(1) for f in catalog.families().values()]",
    ],
)
def test_nothing_that_serves_imports_torch(code):
    assert "torch" not in modules_after(code)


@pytest.mark.parametrize("package", ["problems", "grader"])
def test_problems_and_grader_know_no_web_and_no_database(package):
    names = {"problems": "problems.proof, problems.catalog", "grader": "grader.marker"}[package]
    loaded = modules_after(f"import {names}")
    assert not loaded & {"flask", "sqlalchemy", "werkzeug", "quizapp"}


def test_a_page_is_served_without_torch(tmp_path):
    code = f"""
from pathlib import Path
from quizapp.app import create_app
from quizapp.config import Settings
from quizapp.db import upgrade
settings = Settings.from_environment({{"QUIZAPP_DATA": {str(tmp_path)!r}}})
upgrade(settings.database_url)
client = create_app(settings).test_client()
assert client.get("/").status_code == 200
"""
    assert "torch" not in modules_after(code)
