"""One grader for all tests of a process: starting PyTorch takes seconds."""

import pytest

from grader import catalog
from grader.core import Limits
from grader.marker import Grader

# Hostile code: never to be collected, whatever its name.
collect_ignore = ["samples"]

LIMITS = Limits(cpu_s=1.0, wall_s=3.0, memory_bytes=128 * 2**20)


@pytest.fixture(scope="session")
def grader():
    with Grader(LIMITS) as grader:
        yield grader


@pytest.fixture
def task():
    return catalog.task("lstm_forget_gate")


@pytest.fixture
def step_task():
    return catalog.task("lstm_step")


@pytest.fixture
def honest():
    return (
        b"import numpy as np\n"
        b"def forget_gate(x, h_prev, W_f, U_f, b_f):\n"
        b"    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))\n"
    )
