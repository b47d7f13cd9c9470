"""Other ways to grade the same ten cases, each a command for one submission.

`cold` is the grader's own bubblewrap, without the fork server: it starts an interpreter and imports
the framework each time. gradescope-utils and pytest run in a plain process, as they are made for:
they compare within it, against values that lie in the open.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from grader import catalog
from grader.cases import draw_cases
from grader.core import Framework
from grader.sandbox import outer

TASK = "lstm_forget_gate"
SOURCES: dict[Framework, str] = {
    "numpy": """
import numpy as np

def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
""",
    "torch": """
import torch

def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.sigmoid(x @ W_f.T + h_prev @ U_f.T + b_f)
""",
}
PEERS = ("gradescope-utils", "pytest")
_CASES = """
import json
from pathlib import Path
import numpy as np
from submission import forget_gate

CASES = json.loads(Path(__file__).with_name("cases.json").read_text())

def check(case):
    inputs = [np.array(value) for value in case["inputs"]]
    assert np.allclose(forget_gate(*inputs), np.array(case["expected"]))
"""
_GRADESCOPE = (
    _CASES
    + """
import unittest
from gradescope_utils.autograder_utils.decorators import weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

class TestForgetGate(unittest.TestCase):
    pass

for number, case in enumerate(CASES):
    method = weight(1)(lambda self, case=case: check(case))
    setattr(TestForgetGate, f"test_{number}", method)

if __name__ == "__main__":
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(TestForgetGate)
    with open(Path(__file__).with_name("results.json"), "w") as results:
        JSONTestRunner(stream=results, visibility="visible").run(tests)
"""
)
_PYTEST = (
    _CASES
    + """
import pytest

@pytest.mark.parametrize("case", CASES)
def test_case(case):
    check(case)
"""
)


def cold(framework: Framework) -> list[str]:
    """Return the grader's bubblewrap command with the ten cases in place of a zygote."""
    inputs = [
        {name: value.tolist() for name, value in case.inputs.items()}
        for case in draw_cases(catalog.task(TASK), 0)
    ]
    convert = {
        "numpy": "numpy.array(v)",
        "torch": "torch.tensor(v, dtype=torch.float64)",
    }[framework]
    script = (
        "import sys; sys.path.append('/site-packages')\n"
        f"import numpy\n{SOURCES[framework]}\n"
        f"for case in {inputs!r}:\n"
        f"    print(forget_gate(*[{convert} for v in case.values()]).tolist())\n"
    )
    return [*outer.boxed(framework, 0).command[:-1], script]


def install(folder: Path) -> dict[str, list[str]]:
    """Install the peers below `folder`, with a submission to grade; return their commands."""
    packages = folder / "packages"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--target", str(packages), *PEERS], check=True)
    import_from = f"import sys; sys.path[:0] = [{str(packages)!r}, {str(folder)!r}]; "
    cases = [
        {"inputs": [v.tolist() for v in case.arguments], "expected": case.expected[0].tolist()}
        for case in draw_cases(catalog.task(TASK), 0)
    ]
    for name, text in (
        ("cases.json", json.dumps(cases)),
        ("submission.py", SOURCES["numpy"]),
        ("run_gradescope.py", _GRADESCOPE),
        ("test_forget_gate.py", _PYTEST),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    run = [sys.executable, "-c"]
    gradescope = (
        f"import runpy; runpy.run_path({str(folder / 'run_gradescope.py')!r}, None, '__main__')"
    )
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return {
        "gradescope-utils, no sandbox": [*run, import_from + gradescope],
        "pytest, no sandbox": [
            *run,
            f"{import_from}import pytest; sys.exit(pytest.main({options}))",
        ],
    }


def run(command: list[str]) -> None:
    """Run a command to its end, with nothing of this environment that could slow it."""
    subprocess.run(command, env={"PATH": os.defpath}, check=True, capture_output=True)
