"""What each process loads: the web must stay light, and the sandbox must hold nothing of ours."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from quizapp import services


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


ROOT = Path(__file__).parents[1]
BANK_MAY_IMPORT = {"core", "answers", "drawing", "engine"}


def test_the_map_of_the_services_names_each_module_once():
    folder = ROOT / "quizapp" / "services"
    there = sorted({path.stem for path in folder.iterdir() if not path.stem.startswith("__")})
    rows = re.sub(r"\(.*?\)", "", services.__doc__).split("\n\n")[1]
    named = sorted(name for row in rows.splitlines() for name in row[16:].replace(",", "").split())
    assert named == there


def imported(path):
    """Return the modules that a file imports, dotted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    "path",
    sorted(ROOT.glob("problems/bank/*/family.py")),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_family_imports_what_families_may_and_no_other_family(path):
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("problems.")}
    assert ours <= BANK_MAY_IMPORT
    assert not [name for name in imported(path) if name.startswith(("quizapp", "grader"))]


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(ROOT.glob("grader/**/*.py")) if p.parent.name != "authoring"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_but_for_the_authors_box_the_grader_knows_few_modules_of_the_problems(path):
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("problems.")}
    assert ours <= {"core", "engine", "front_matter"}


@pytest.mark.parametrize(
    "path",
    [p for folder in ("services", "db") for p in sorted(ROOT.glob(f"quizapp/{folder}/**/*.py"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_services_and_the_database_know_no_flask(path):
    assert not [n for n in imported(path) if n.startswith(("flask", "werkzeug", "quizapp.web"))]


def test_no_two_test_modules_share_a_name():
    names = [path.name for path in Path(__file__).parent.rglob("test_*.py")]
    assert sorted(names) == sorted(set(names)), "pytest imports each by its name alone"
