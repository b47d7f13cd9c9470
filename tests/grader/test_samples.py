"""The battery: every file under samples/ goes through the real path to the verdict it names."""

import json
import os
import re
import sys
import time
import zlib
from pathlib import Path

import pytest

from grader import catalog

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*/*.py"))
BREACH = "BREACH"


def header(source, key, default=None):
    found = re.search(rf"# {key}: (\S+)", source.replace(b"\0", b"").decode("utf-8", "replace"))
    return found[1] if found else default


def processes_below(pid):
    """Every living descendant of a process."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    below = {pid}
    while grown := {child for child, parent in parents.items() if parent in below} - below:
        below |= grown
    return below - {pid}


def files_appeared():
    """The files that samples try to write, where they are; Debian has one of its own."""
    folders = ["/", "/tmp", "/dev/shm", "/var/tmp", Path.cwd(), *sys.path]
    paths = [Path(f, name) for f in folders for name in ("appeared.txt", "sitecustomize.py")]
    return {path: path.stat().st_mtime for path in paths if path.exists()}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_a_sample_gets_its_verdict_and_leaves_nothing_behind(grader, task, honest, file):
    source = file.read_bytes()
    grader.start("numpy")
    grader.start("torch")
    before, files = processes_below(os.getpid()), files_appeared()

    verdict = grader.grade(
        catalog.task(header(source, "task", task.slug)), source, seed=zlib.crc32(file.stem.encode())
    )

    assert verdict.verdict in header(source, "expect").split("|"), (verdict, verdict.traceback)
    assert BREACH not in verdict.stdout
    assert (verdict.verdict == "accepted") == (verdict.score == 1.0)
    assert len(json.dumps(verdict.to_json())) < 500_000
    assert verdict.total == len(verdict.cases) == len(verdict.task.plans)
    # Nothing left behind, and no zygote had to be replaced: that would be a new process.
    deadline = time.monotonic() + 15
    while not processes_below(os.getpid()) <= before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert processes_below(os.getpid()) <= before
    assert files_appeared() == files
    assert grader.grade(task, honest, seed=1).verdict == "accepted"


def test_there_are_samples_of_every_kind():
    kinds = {file.parent.name for file in FILES}
    assert len(FILES) >= 40
    assert kinds == {
        "escape",
        "files",
        "forging",
        "honest",
        "network",
        "patching",
        "resources",
        "source",
        "theft",
        "values",
    }
