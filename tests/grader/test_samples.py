"""The battery: every file under samples/ goes through the real path to the verdict it names.

A sample says in its first lines what it tries, and what must come of it:

    # expect: wrong|error    the verdicts that are right
    # task: lstm_step        the task it is handed in for, where that is not the forget gate
    # in: make test          one of the sixty that `make test` runs; `make hostile` runs all
"""

import json
import os
import re
import sys
import tempfile
import time
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from grader import catalog, pool
from grader.marker import Grader

PROJECT = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*/*.py"))
BREACH = "BREACH"
"""What a sample prints, or smuggles out otherwise, when it got what it wanted."""

_LEAVE_S = 15.0
_NAMES = re.compile(
    r"appeared|\.old$|^(site|user)customize\.py$|^(results|feedback)\.(json|xml)$|^problems\.py$"
)
"""What samples call the files that they try to make."""


def header(file, key, default=None):
    """Return what a sample's first lines say of a key, whatever the rest is encoded in."""
    head = file.read_bytes().replace(b"\0", b"")[:400].decode("utf-8", "replace")
    found = re.search(rf"# {key}: ([^\r\n]+)", head)
    return found[1].strip() if found else default


def runs_in_make_test(file):
    return header(file, "in") == "make test"


def parameter(file):
    marks = () if runs_in_make_test(file) else pytest.mark.hostile
    return pytest.param(file, id=f"{file.parent.name}-{file.stem}", marks=marks)


def processes_below(*roots):
    """Return every living descendant of these processes."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    below = set(roots)
    while grown := {child for child, parent in parents.items() if parent in below} - below:
        below |= grown
    return below - set(roots)


def processes_of(grader):
    """Return the processes of a grader's sandboxes, bubblewrap's own included."""
    roots = {lease.zygote._process.pid for lease in grader._pool._leases.values()}
    return roots | processes_below(*roots)


def processes_once_quiet(grader, at_rest):
    """Return them once supervisors have had time to leave."""
    deadline = time.monotonic() + _LEAVE_S
    while (now := processes_of(grader)) != at_rest and time.monotonic() < deadline:
        time.sleep(0.01)
    return now


def files_that_matter():
    """Return what could have been made or changed, with its time and size.

    In folders that others write to as well, only names that samples give; of NumPy, everything.
    """
    found = set()
    temporary = {tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", "/run", "/", Path.home()}
    for folder in {*map(Path, [*temporary, *sys.path])}:
        if folder.is_dir():
            found |= {path for path in folder.iterdir() if _NAMES.search(path.name)}
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [name for name in folders if not name.startswith((".", "node_modules"))]
        found |= {Path(folder, name) for name in names + folders if _NAMES.search(name)}
    library = Path(np.__file__).parent
    found |= {library, *library.iterdir(), *(library / "__pycache__").iterdir()}
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in found}


@pytest.fixture(scope="module")
def fresh(grader):
    """Give a grader of this module's own, with both sandboxes, and the processes they are.

    The same live through all samples: whatever ends or replaces one of them is a finding.
    """
    with pytest.MonkeyPatch.context() as patch, Grader(grader.limits) as own:
        patch.setattr(pool, "RENEW_AFTER", 10**6)
        own.start("numpy")
        own.start("torch")
        yield own, processes_of(own)


@pytest.mark.parametrize("file", [parameter(file) for file in FILES])
def test_a_sample_gets_its_verdict_and_leaves_nothing_behind(fresh, task, honest, file):
    grader, at_rest = fresh
    files = files_that_matter()

    verdict = grader.grade(
        catalog.task(header(file, "task", task.slug)),
        file.read_bytes(),
        seed=zlib.crc32(file.stem.encode()),
    )

    document = json.dumps(verdict.to_json())
    assert verdict.verdict in header(file, "expect").split("|"), (verdict, verdict.traceback)
    assert BREACH not in document
    assert (verdict.verdict == "accepted") == (verdict.score == 1.0)
    assert file.parent.name != "cheats" or verdict.score == 0.0
    assert len(document) < 500_000
    ran = verdict.verdict != "too_large"
    assert len(verdict.cases) == (verdict.total if ran else 0)
    # Afterwards: no process is left, the sandboxes are those of before, no file has appeared.
    assert processes_once_quiet(grader, at_rest) == at_rest
    assert files_that_matter() == files
    assert grader.grade(task, honest, seed=1).verdict == "accepted"


def test_there_are_samples_of_every_kind():
    kinds = Counter(file.parent.name for file in FILES)
    assert len(FILES) >= 250
    assert kinds.keys() == {
        *("cheats", "escape", "files", "forging", "honest", "hooks", "modules", "network"),
        *("patching", "resources", "source", "theft", "values"),
    }
    assert min(kinds.values()) >= 10
    assert all(header(file, "expect") for file in FILES)


def test_make_test_runs_sixty_samples_evenly_over_the_kinds():
    kinds = Counter(file.parent.name for file in FILES if runs_in_make_test(file))
    assert sum(kinds.values()) == 60
    assert {*kinds.values()} == {4, 5}
