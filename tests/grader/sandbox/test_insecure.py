"""Grading without a sandbox, as on a machine that is not Linux: the same verdicts, and refusals."""

from pathlib import Path

import pytest

from grader import catalog
from grader.core import Limits, SandboxUnsafe
from grader.marker import Grader
from grader.pool import Pool
from grader.sandbox import insecure, kernel

LIMITS = Limits(cpu_s=1.0, wall_s=4.0, memory_bytes=128 * 2**20, flood_bytes=2**19)
SIGMOID = "1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))"
GATE = "import numpy as np\ndef forget_gate(x, h_prev, W_f, U_f, b_f):\n    return "
SOLUTIONS = Path(__file__).parents[1] / "solutions"


@pytest.fixture
def elsewhere(monkeypatch):
    monkeypatch.setattr(kernel, "on_linux", lambda: False)


@pytest.fixture
def plain(elsewhere):
    with Grader(LIMITS, Pool(insecure_dev=True)) as grader:
        yield grader


def grade(grader, source, slug="lstm_forget_gate"):
    return grader.grade(catalog.task(slug), source.encode(), seed=1)


def test_honest_solutions_are_accepted_and_say_that_there_was_no_sandbox(plain):
    for name in ("lstm_forget_gate", "lstm_step", "lstm_step_torch"):
        source = (SOLUTIONS / f"{name}.py").read_text()
        verdict = grade(plain, source, name.removesuffix("_torch"))
        assert (verdict.verdict, verdict.layers) == ("accepted", ("insecure-dev",)), verdict.message


def test_a_wrong_one_is_named_and_its_prints_kept(plain):
    verdict = grade(plain, f"print('here')\n{GATE}np.tanh(x @ W_f.T + h_prev @ U_f.T + b_f)")
    assert verdict.verdict == "wrong"
    assert verdict.mistake
    assert verdict.stdout.startswith("here")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("while True: pass", "timeout"),
        ("import time\ntime.sleep(60)", "timeout"),
        ("import os\nos.abort()", "crashed"),
        ("import os\nos._exit(0)", "crashed"),
        ("while True: print('x' * 1000)", "output_limit"),
        ("kept = []\nwhile True: kept.append(bytearray(10**6))", "memory"),
        ("def forget_gate(:", "compile_error"),
        ("import os\nos.killpg(0, 9)", "crashed"),
    ],
)
def test_what_goes_wrong_is_told_apart(plain, source, expected):
    assert grade(plain, source).verdict == expected
    assert grade(plain, GATE + SIGMOID).verdict == "accepted"


def test_it_is_refused_where_there_is_a_sandbox():
    with Grader(pool=Pool(insecure_dev=True)) as grader, pytest.raises(SandboxUnsafe) as refused:
        grader.start()
    assert "this machine has the sandbox; the option is for others" in str(refused.value)


def test_python_that_does_not_start_is_our_failure(plain, monkeypatch, tmp_path):
    monkeypatch.setattr(insecure, "_HARNESS", tmp_path / "nowhere.py")
    assert grade(plain, GATE + SIGMOID).verdict == "internal"
