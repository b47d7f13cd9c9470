"""A site and a grader so small that the tests of the supervisor are about the supervisor."""

import os
import sys
import time


def app(environ, start_response):
    """Say which process answers, or hang."""
    if environ["PATH_INFO"] == "/hang":
        with open(os.environ["QUIZAPP_DATA"] + "/hanging", "w"):  # noqa: PTH123
            time.sleep(600)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


def main():
    """Serve with the settings of the environment; argument 1 names the grader's behaviour."""
    from quizapp import processes
    from quizapp.config import Settings

    processes.GRADER = (sys.executable, __file__, "grader", sys.argv[1])
    processes.FIRST_DELAY_S = 0.1
    processes.Child.delay = 0.1
    sys.exit(processes.serve(Settings.from_environment(), app=sys.argv[2]))


def grade(behaviour):
    """Note the process, and then wait, or refuse."""
    with open(os.environ["QUIZAPP_DATA"] + "/graders", "a") as notes:  # noqa: PTH123
        notes.write(f"{os.getpid()}\n")
    if behaviour == "refuse":
        sys.exit(3)
    time.sleep(600)


if __name__ == "__main__":
    if sys.argv[1] == "grader":
        grade(sys.argv[2])
    else:
        main()
