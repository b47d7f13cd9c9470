"""Marks submissions: draws inputs, has the box run the source, compares outside, names the mutant.

Trusted. The reference, the seed and the expected values stay here; the box is given inputs and
gives back raw numbers.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from dataclasses import asdict
from typing import Self, TypeAlias

from grader.cases import draw_cases, run_mutant
from grader.comparison import judge, same_outputs
from grader.core import (
    BoxError,
    Case,
    CaseResult,
    Framework,
    Limits,
    Mutant,
    Outputs,
    Submission,
    Task,
    Verdict,
    VerdictWord,
)
from grader.drawing import stream
from grader.exchange import Calls, Run, run_job, trusted_report
from grader.pool import Pool
from grader.sandbox.supervisor import Report
from grader.wire import Answer, clean_text, encode_case, encode_job

Outcomes: TypeAlias = Callable[[Mutant, Case], Outputs | None]

_ATTEMPTS = 2
# Python ends a line at a carriage return too.
_TORCH = re.compile(
    rb"(?:^|\r)[ \t]*(?:from[ \t]+torch\b|import[ \t][^\r\n#]*\btorch\b)", re.MULTILINE
)
_NO_TORCH = "ModuleNotFoundError: No module named 'torch'"

_WHOLE: dict[str, tuple[VerdictWord, str]] = {
    "K": ("compile_error", "Your source does not compile: {detail}."),
    "L": ("error", "Your source raised an exception before the function could be called."),
    "N": ("missing", "Your source defines no {what} {function}."),
    "O": ("memory", "Your source ran out of memory before the function could be called."),
}
_ENDINGS: dict[str, tuple[VerdictWord, str]] = {
    "cpu": ("timeout", "Your code used more than {cpu_s:g} s of processor time."),
    "wall": (
        "timeout",
        "Your code was not done after {wall_s:g} s, {cpu_used:.1f} s of them at work.",
    ),
    "memory": ("memory", "Your code used more than {memory} MiB of memory."),
    "output": ("output_limit", "Your code printed or returned far more than can be kept."),
    "wire": ("crashed", "Your code wrote to the channel that carries its results."),
}
_WORST_FIRST: tuple[VerdictWord, ...] = ("memory", "error", "invalid_output", "wrong")


class Grader:
    """Grades submissions in warm sandboxes; a context manager, safe to share between threads.

    Sandboxes start when they are first needed, or by `start`. Both may raise SandboxUnsafe.
    """

    def __init__(self, limits: Limits = Limits(), pool: Pool | None = None) -> None:  # noqa: B008
        self.limits = limits
        self._pool = pool or Pool()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers in force, outermost first; empty before the first start."""
        return self._pool.layers

    def start(self, framework: Framework = "numpy") -> None:
        """Start a framework's sandbox now. Raise SandboxUnsafe where there can be none."""
        self._pool.start(framework)

    def within(self, limits: Limits) -> Grader:
        """Return a grader with other limits in the same sandboxes, which this one ends."""
        return Grader(limits, self._pool)

    def close(self) -> None:
        """End every sandbox and what runs in it."""
        self._pool.close()

    def grade(self, task: Task, source: bytes, *, seed: int) -> Verdict:
        """Return the verdict on a source. The same task, source and seed give the same one.

        Whatever the source does is a verdict, never an exception; where the sandbox fails twice
        it is `internal`. Raise SandboxUnsafe where this machine can hold no sandbox.
        """
        return self.mark(task, lambda: draw_cases(task, seed), source, seed=seed)

    def mark(
        self,
        task: Task,
        draw: Callable[[], tuple[Case, ...]],
        source: bytes,
        *,
        seed: int,
        outcomes: Outcomes = run_mutant,
    ) -> Verdict:
        """Return the verdict on a source over cases that were drawn with this seed.

        `outcomes(mutant, case)` says what a mutant gives for a case. Otherwise as `grade`.
        """
        if len(source) > self.limits.source_bytes:
            limit = self.limits.source_bytes // 1024
            message = f"Your source is larger than {limit} KiB."
            return Verdict(task, "too_large", message, layers=self.layers)
        submission = Submission(task, source, seed)
        cases = draw()
        for _ in range(_ATTEMPTS):
            try:
                return self._attempt(submission, cases, outcomes)
            except BoxError:
                continue
        message = "The grader failed, not your code: this does not count. Please submit again."
        return Verdict(task, "internal", message, layers=self.layers)

    def _attempt(
        self, submission: Submission, cases: tuple[Case, ...], outcomes: Outcomes
    ) -> Verdict:
        framework = choose_framework(submission.task, submission.source)
        calls = _calls(submission, cases, framework)
        with self._pool.zygote(framework) as zygote:
            layers = zygote.layers
            run = run_job(zygote, self.limits, calls)
        report = trusted_report(run)
        return self._verdict(submission.task, cases, run, report, layers, outcomes)

    def _verdict(
        self,
        task: Task,
        cases: tuple[Case, ...],
        run: Run,
        report: Report,
        layers: tuple[str, ...],
        outcomes: Outcomes,
    ) -> Verdict:
        ending = _ending(task, cases, run, report, self.limits)
        # Once the channel has been written to, no answer on it is one of ours.
        answers = [] if run.stopped_for == "wire" else run.answers
        results = [
            judge(task, case, answer)
            for case, answer in zip(cases, answers, strict=False)
            if answer.index is not None
        ]
        mistake = None
        if ending is not None:
            word, message = ending
            results += [CaseResult(case, word) for case in cases[len(results) :]]
        else:
            word = _overall(results)
            mistake = _name_mistake(task, results, outcomes)
            message = mistake.message if mistake else _message(word, results)
        return Verdict(
            task,
            word,
            message,
            tuple(results),
            mistake=mistake.name if mistake else None,
            traceback=_traceback(cases, answers),
            stdout=clean_text(bytes(run.printed)),
            cpu_s=round(report.cpu_s, 4),
            wall_s=round(report.wall_s, 4),
            memory_bytes=report.memory_bytes,
            layers=layers,
        )


def uses_torch(source: bytes) -> bool:
    """Say whether a line imports torch. By its bytes: nothing of a student's is parsed out here."""
    return _TORCH.search(source) is not None


def choose_framework(task: Task, source: bytes) -> Framework:
    """Return the framework that a source is graded with: its own, where the task takes it."""
    written: Framework = "torch" if uses_torch(source) else "numpy"
    return written if written in task.frameworks else task.frameworks[0]


def _calls(submission: Submission, cases: tuple[Case, ...], framework: Framework) -> Calls:
    # The box's random streams get a seed of their own: the secret one would give the inputs away.
    boxed = stream("box", submission.task.slug, submission.seed).integers(2**31)
    job: dict[str, object] = {
        "function": submission.task.function,
        "framework": framework,
        "module": asdict(submission.task.module) if submission.task.module else None,
        "cases": len(cases),
        "seed": int(boxed),
    }
    frames = [encode_case(case.inputs.values()) for case in cases]
    visible = sum(case.visible for case in cases)
    opening = encode_job(job, submission.source) + b"".join(frames[:visible])
    return Calls(opening, b"".join(frames[visible:]), visible, len(cases))


def _ending(
    task: Task, cases: tuple[Case, ...], run: Run, report: Report, limits: Limits
) -> tuple[VerdictWord, str] | None:
    """Return the verdict and sentence on a run that did not answer every case; None if it did."""
    found = _ENDINGS.get(run.stopped_for or "") or _ENDINGS.get(report.reason)
    if found is None and run.answers and run.answers[0].index is None:
        found = _WHOLE[run.answers[0].kind]
    if found is None and len(run.answers) < len(cases):
        found = ("crashed", _how_it_crashed(report))
    if found is None:
        return None
    detail = "".join(run.answers[0].text.strip().splitlines()[-1:]) if run.answers else ""
    if detail == _NO_TORCH and "torch" not in task.frameworks:
        return found[0], "This task is for NumPy alone: PyTorch is not there to be imported."
    return found[0], found[1].format(
        detail=detail.rstrip("."),
        cpu_used=report.cpu_s,
        function=task.function,
        what="class" if task.module else "function",
        cpu_s=limits.cpu_s,
        wall_s=limits.wall_s,
        memory=limits.memory_bytes // 2**20,
    )


def _how_it_crashed(report: Report) -> str:
    if report.signal is not None:
        return f"Your code crashed the interpreter ({signal.strsignal(report.signal)})."
    return f"Your code ended the process with exit code {report.exit_code} before it was done."


def _overall(results: list[CaseResult]) -> VerdictWord:
    words = {result.verdict for result in results}
    for word in _WORST_FIRST:
        if word in words:
            return word
    return "accepted"


def _name_mistake(
    task: Task, results: list[CaseResult], outcomes: Outcomes = run_mutant
) -> Mutant | None:
    """Return the mutant whose outcome is the student's on every case, if there is one."""
    if all(result.verdict == "accepted" for result in results):
        return None
    return next(
        (m for m in task.mutants if all(_matches(task, outcomes(m, r.case), r) for r in results)),
        None,
    )


def _matches(task: Task, outputs: Outputs | None, result: CaseResult) -> bool:
    if outputs is None:
        return result.verdict == "error"
    return result.received is not None and same_outputs(task, result.received, outputs)


def _message(word: VerdictWord, results: list[CaseResult]) -> str:
    """Say the first thing that is wrong; of a hidden case, only which kind of thing."""
    if word == "accepted":
        return "Every case passed."
    first = next(result for result in results if result.verdict == word)
    if first.case.visible and first.message:
        return first.message
    passed = sum(result.verdict == "accepted" for result in results)
    said = {
        "wrong": "has wrong values",
        "invalid_output": "gave a result of the wrong kind, shape or dtype, or one not finite",
        "error": "raised an exception",
        "memory": "ran out of memory",
    }[word]
    return f"A hidden case {said}; {passed} of {len(results)} cases passed."


def _traceback(cases: tuple[Case, ...], answers: list[Answer]) -> str | None:
    """Return the first text about a failure that shows nothing of a hidden case."""
    for answer in answers:
        if answer.index is None:
            return answer.text or None
        if answer.kind == "X" and cases[answer.index].visible:
            return answer.text
    return None
