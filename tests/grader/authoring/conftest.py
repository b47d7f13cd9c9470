"""One box for all tests of a process: starting PyTorch takes seconds."""

import pytest

from grader.authoring.client import AuthorsBox
from grader.core import Limits
from grader.pool import Pool

LIMITS = Limits(cpu_s=2.0, wall_s=8.0, memory_bytes=256 * 2**20, result_bytes=9 * 2**20)


@pytest.fixture(scope="session")
def pool():
    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def box(pool):
    return AuthorsBox(pool, LIMITS)
