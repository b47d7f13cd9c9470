"""A box without walls, for problems whose files are the tests' own."""

from grader.authoring import inside
from quizapp.services import box_work


class DirectBox:
    """Runs here what the sandbox runs."""

    def ask(self, request):
        return inside.answer(request)


def work(database, box=None):
    """Do all that waits for a box."""
    while box_work.work(database, box or DirectBox()):
        pass
