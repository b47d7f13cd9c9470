"""`make bench`: the problems in the process, answers over HTTP, and the grader."""

import importlib

PARTS = {
    "Problems, in the process": "benchmarks.problems",
    "Answers over HTTP, two gunicorn workers": "benchmarks.serving",
    "Practice pages, and a class at once": "benchmarks.pages",
    "A gradebook of 500 students and 40 questions": "benchmarks.gradebook",
    "The opening of a quiz": "benchmarks.opening",
    "Grading, warm beside cold and beside others": "benchmarks.grader",
    "Proving what authors write, in their box": "benchmarks.authoring",
    "Workers at the job table": "benchmarks.queue",
}

for title, module in PARTS.items():
    print(f"\n{title}\n{'-' * len(title)}", flush=True)
    importlib.import_module(module).main()
