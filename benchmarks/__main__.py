"""`make bench`: the problems in the process, answers over HTTP, and the grader."""

import importlib

PARTS = {
    "Problems, in the process": "benchmarks.problems",
    "Answers over HTTP, two gunicorn workers": "benchmarks.serving",
    "Grading, warm beside cold": "benchmarks.grader",
}

for title, module in PARTS.items():
    print(f"\n{title}\n{'-' * len(title)}", flush=True)
    importlib.import_module(module).main()
