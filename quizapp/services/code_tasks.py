"""Code tasks as pages show them: of the bank, and of a course."""

from dataclasses import dataclass

from grader import catalog
from grader.core import Task, UnknownTask
from quizapp.db.models import ProblemVersion
from quizapp.errors import NotFound
from quizapp.services.submissions import Target


@dataclass(frozen=True)
class CodeTask:
    """What a student reads of a task, and what a submission to it names."""

    slug: str
    version: int
    title: str
    statement: str
    starter: str
    version_id: int | None = None

    def target(self, sitting_item_id: int | None = None) -> Target:
        """Return what a submission to the task answers."""
        return Target(self.slug, self.version, self.version_id, sitting_item_id)


def of_bank(slug: str) -> CodeTask:
    """Return a task of the bank. Raises NotFound."""
    try:
        task: Task = catalog.task(slug)
    except UnknownTask as error:
        raise NotFound("There is no such code task. The list of tasks has them all.") from error
    return CodeTask(task.slug, task.version, task.title, task.statement, task.starter)


def of_version(name: str, version: ProblemVersion) -> CodeTask:
    """Return a course's own task; `name` is "course/slug". Raises NotFound before it was proven."""
    head = version.head
    if head is None or "starter" not in head:
        raise NotFound("This is no code task, or it has not been previewed yet.")
    return CodeTask(
        name, version.number, head["title"], head["statement"], head["starter"], version.id
    )
