from pathlib import Path

import grader
from grader.sandbox import outer

PROJECT = Path(grader.__file__).parent.parent


def bound(framework):
    command = outer.boxed(framework, 9).command
    return {
        Path(command[i + 1]): command[i + 2]
        for i, word in enumerate(command)
        if word == "--ro-bind"
    }


def test_of_the_project_only_the_boxs_own_files_are_bound():
    ours = {
        source.relative_to(PROJECT / "grader").as_posix()
        for source in bound("torch")
        if source.is_relative_to(PROJECT / "grader")
    }
    assert ours == set(outer.IN_THE_BOX)
    for folder in ("problems", "quizapp", "tests", "migrations"):
        assert not any(source.is_relative_to(PROJECT / folder) for source in bound("torch"))
    assert not any(PROJECT.is_relative_to(source) for source in bound("torch"))


def test_the_numpy_box_has_no_torch_and_neither_has_the_web():
    numpy = {target.rpartition("/")[2] for target in bound("numpy").values()}
    torch = {target.rpartition("/")[2] for target in bound("torch").values()}
    assert "numpy" in numpy
    assert "torch" not in numpy
    assert {"numpy", "torch", "sympy", "filelock", "markupsafe"} <= torch
    assert not {"flask", "sqlalchemy", "site-packages", "pytest"} & torch


def test_the_authors_box_has_our_library_but_no_bank_no_task_and_no_service():
    ours = {
        source.relative_to(PROJECT).as_posix()
        for source in bound("authors")
        if source.is_relative_to(PROJECT) and "site-packages" not in source.parts
    }
    assert {"problems/core.py", "problems/engine/losses.py", "grader/authoring/inside.py"} <= ours
    assert not any(
        name.startswith(("problems/bank", "grader/tasks", "quizapp", "tests")) for name in ours
    )
    assert "grader/marker.py" not in ours
    assert all((PROJECT / name).is_file() for name in ours)
    authors = {target.rpartition("/")[2] for target in bound("authors").values()}
    assert {"numpy", "torch", "jinja2", "yaml"} <= authors
    assert not {"flask", "sqlalchemy", "pytest"} & authors
    assert not {"jinja2", "yaml"} & {t.rpartition("/")[2] for t in bound("numpy").values()}
