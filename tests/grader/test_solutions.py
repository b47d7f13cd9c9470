"""Right solutions of every task, graded in the real box; and its starter, which must not pass."""

from pathlib import Path

import pytest

from grader import catalog

FOLDER = Path(__file__).parent / "solutions"
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}
TASKS = catalog.tasks()


@pytest.mark.parametrize("name", FILES)
def test_a_right_solution_is_accepted(grader, name):
    task = TASKS[name if name in TASKS else name.removesuffix("_torch")]
    for seed in (1, 2):
        verdict = grader.grade(task, FILES[name].read_bytes(), seed=seed)
        assert verdict.verdict == "accepted", (verdict.message, verdict.traceback)


@pytest.mark.parametrize("slug", TASKS)
def test_a_starter_runs_and_is_not_accepted(grader, slug):
    verdict = grader.grade(TASKS[slug], TASKS[slug].starter.encode(), seed=1)
    assert verdict.verdict in {"wrong", "invalid_output"}, (verdict.message, verdict.traceback)


def test_every_task_has_a_solution_in_each_framework_that_it_takes():
    suffix = {"numpy": "", "torch": "_torch"}
    taken = {
        slug + suffix[framework] for slug, task in TASKS.items() for framework in task.frameworks
    }
    assert set(FILES) == taken
