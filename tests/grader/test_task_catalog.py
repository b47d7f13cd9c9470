import subprocess
import sys
from dataclasses import replace

import pytest

from grader import catalog
from grader.core import Module, Plan, TaskError, UnknownTask
from problems.core import FamilyError


def test_every_folder_is_a_task_with_a_statement_and_a_starter():
    assert {"lstm_forget_gate", "lstm_step"} <= set(catalog.tasks())
    for slug, task in catalog.tasks().items():
        assert task.slug == slug
        assert task.title
        assert "$" in task.statement
        assert "## Starter" not in task.statement
        assert "Of the ten cases three are visible" in task.statement
        assert all(plan.visible for plan in task.plans[:3])
        assert not any(plan.visible for plan in task.plans[3:])
        assert len(task.plans) == 10
        assert (
            f"class {task.function}(nn.Module):" if task.module else f"def {task.signature}:"
        ) in (task.starter)


def test_an_unknown_task_is_answered_with_those_that_exist():
    with pytest.raises(UnknownTask, match=r"no code task 'nothing'.*lstm_forget_gate.*lstm_step"):
        catalog.task("nothing")


def test_the_document_of_a_task_gives_neither_reference_nor_mutants():
    document = catalog.task("lstm_step").to_json()
    assert document["signature"] == "lstm_step(x, h_prev, c_prev, W, U, b)"
    assert document["cases"] == {"visible": 3, "hidden": 7}
    assert "mutant" not in str(document)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# No front matter", "front matter between"),
        ("---\ntitle: A\n---\n## Starter\n", "must end with ## Starter"),
        ("---\ntitle: A\n---\n## Starter\n\n```python\nx\n```\n", "lacks 'topic'"),
        ("---\n- a\n---\n## Starter\n\n```python\nx\n```\n", "front matter lacks"),
    ],
)
def test_a_malformed_task_file_is_a_sentence(text, said):
    with pytest.raises((TaskError, FamilyError), match=said):
        catalog._read_markdown("some_task", text)


def test_a_task_module_that_lacks_a_name_is_a_sentence():
    with pytest.raises(TaskError, match="VERSION is missing"):
        catalog._read_module(type(sys)("some_task"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"topic": "rnns"}, "the topic is one of mlp, cnn, rnn"),
        ({"topic": ["rnn"]}, "the topic is one of"),
        ({"difficulty": 4}, "the difficulty is 1, 2 or 3"),
        ({"difficulty": "2"}, "the difficulty is 1, 2 or 3"),
        ({"version": "1"}, "VERSION is a whole number"),
        ({"version": True}, "VERSION is a whole number"),
        ({"plans": (Plan("ordinary", visible=True), Plan("larg"))}, "no kind of inputs 'larg'"),
        ({"plans": (Plan("large"),)}, "at least one case must be visible"),
        ({"plans": (Plan("large"), Plan("large", visible=True))}, "visible cases come before"),
        ({"mutants": catalog.task("lstm_step").mutants[:1] * 2}, "two mutants have one name"),
        ({"frameworks": ()}, "FRAMEWORKS are one or more of numpy, torch"),
        ({"frameworks": ("jax",)}, "FRAMEWORKS are one or more of numpy, torch"),
        ({"module": Module((), (), (), ())}, "a MODULE needs FRAMEWORKS of torch alone"),
        (
            {"module": Module((), (), (), ()), "frameworks": ("torch",)},
            "MODULE must name the arguments in their order",
        ),
    ],
)
def test_what_a_task_declares_wrongly_is_a_sentence(change, said):
    with pytest.raises(TaskError, match=f"^lstm_step: .*{said}"):
        catalog._check(replace(catalog.task("lstm_step"), **change))


def test_importing_the_grader_imports_no_torch():
    code = "import grader.catalog, grader.marker, sys; grader.catalog.tasks(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "numpy" in loaded
    assert "torch" not in loaded
    assert "flask" not in loaded
    assert "sqlalchemy" not in loaded
