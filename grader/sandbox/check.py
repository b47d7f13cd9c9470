"""Tries the box: hostile samples through the real path, so that no layer is taken on trust.

A breach is what got through the box, and turns grading off. Where our own parts fail, or the
machine is too slow to tell, there is no answer: that is a BoxError, and worth another try.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from grader import marker
from grader.core import BoxError, Limits, Plan, SandboxUnsafe, Task, Verdict
from grader.marker import Grader
from grader.sandbox.hostile import HONEST, SAMPLES, Sample

BREACH = "BREACH"
"""What a sample prints when it got what it wanted."""

_LIMITS = Limits(wall_s=10.0, memory_bytes=64 * 2**20, flood_bytes=2**19)
_SEED = 1
_LEAVE_S = 10.0
"""How long supervisors may take to leave: no time on most machines."""
_NO_ANSWER = ("internal", "timeout")
"""What a failure of ours or a slow machine makes of any sample; neither lets anything through."""

_TASK = Task(
    slug="sandbox-check",
    title="Twice the input",
    topic="sandbox",
    difficulty=1,
    version=1,
    function="twice",
    arguments={"x": "(3,)"},
    returns={"y": "(3,)"},
    plans=(Plan("ordinary", visible=True), Plan("ordinary")),
    draw=lambda _, rng: {"x": rng.uniform(1.0, 2.0, 3)},
    reference=lambda x: np.multiply(2.0, x),
    mutants=(),
    statement="",
    starter="",
)


@dataclass(frozen=True)
class SampleResult:
    """What one sample came to: `ok` when it got nothing and the box is none the worse."""

    name: str
    ok: bool
    verdict: str
    detail: str


@dataclass(frozen=True)
class CheckReport:
    """The whole check. `reason` says in one line why code must not be graded here, if so."""

    ok: bool
    layers: tuple[str, ...]
    samples: tuple[SampleResult, ...]
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give {ok, reason, layers, samples: [{name, ok, verdict, detail}]}."""
        return {
            "ok": self.ok,
            "reason": self.reason,
            "layers": list(self.layers),
            "samples": [vars(sample) for sample in self.samples],
        }


def run_check(grader: Grader) -> CheckReport:
    """Run every sample; a machine that cannot hold a box gives a report that is not ok.

    They run in the grader's own sandbox, which stays: no source ever enters a zygote, so that it is
    as clean as after any students. Raise BoxError where the check itself failed.
    """
    try:
        grader.start("numpy")
        at_rest = _processes()
        samples = tuple(_try(grader, sample, at_rest) for sample in SAMPLES)
        layers = grader.layers
    except SandboxUnsafe as error:
        return CheckReport(ok=False, layers=(), samples=(), reason=str(error))
    through = [sample.name for sample in samples if not sample.ok]
    if not through:
        return CheckReport(ok=True, layers=layers, samples=samples)
    reason = f"Code is not graded here: against {', '.join(through)} the box did not hold."
    return CheckReport(ok=False, layers=layers, samples=samples, reason=reason)


def require_safe(grader: Grader) -> CheckReport:
    """Check its sandbox. Raise SandboxUnsafe, in one line, where the box did not hold a sample."""
    report = run_check(grader)
    if not report.ok:
        raise SandboxUnsafe(report.reason or "Code is not graded here.")
    return report


def _try(grader: Grader, sample: Sample, at_rest: set[int]) -> SampleResult:
    trial = grader.within(replace(_LIMITS, cpu_s=sample.cpu_s))
    source = sample.source.replace("{project}", marker.__file__)
    verdict = trial.grade(_TASK, source.encode(), seed=_SEED)
    detail = _what_is_wrong(trial, sample, verdict, at_rest)
    return SampleResult(sample.name, not detail, verdict.verdict, detail or verdict.message)


def _what_is_wrong(trial: Grader, sample: Sample, verdict: Verdict, at_rest: set[int]) -> str:
    """Return the first sign that a sample got through; empty when there is none."""
    if BREACH in verdict.stdout:
        return "It got what it wanted."
    if verdict.verdict not in sample.expected:
        if verdict.verdict in _NO_ANSWER or sample.expected == ("accepted",):
            raise _no_answer(sample, f"came to {verdict.verdict}")
        return f"Expected {' or '.join(sample.expected)}: {verdict.message}"
    after = _processes_after(at_rest)
    if at_rest - after:
        # Whoever ended it, the machine's memory killer for one: it may be well at another try.
        raise _no_answer(sample, "saw the sandbox itself end")
    if after - at_rest:
        return "It left a process behind."
    honest = trial.within(_LIMITS).grade(_TASK, HONEST.encode(), seed=_SEED)
    if honest.verdict in _NO_ANSWER:
        raise _no_answer(sample, f"was followed by {honest.verdict}")
    return "" if honest.verdict == "accepted" else "After it an honest submission is not accepted."


def _no_answer(sample: Sample, why: str) -> BoxError:
    return BoxError(f"The sandbox could not be checked: “{sample.name}” {why}.")


def _processes_after(at_rest: set[int]) -> set[int]:
    """Return the processes there are, once supervisors have had time to leave."""
    deadline = time.monotonic() + _LEAVE_S
    while (now := _processes()) != at_rest and time.monotonic() < deadline:
        time.sleep(0.002)
    return now


def _processes() -> set[int]:
    """Return every living process below this one."""
    parents = dict(filter(None, map(_parent, Path("/proc").glob("[0-9]*"))))
    below = {os.getpid()}
    while grown := {child for child, parent in parents.items() if parent in below} - below:
        below |= grown
    return below - {os.getpid()}


def _parent(folder: Path) -> tuple[int, int] | None:
    try:
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, UnicodeDecodeError):
        return None
    return None if state == "Z" else (int(folder.name), int(parent))
