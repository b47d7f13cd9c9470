import json
import subprocess
import sys
from dataclasses import replace

import pytest

from grader.core import BoxError, SandboxUnsafe
from grader.marker import Grader
from grader.sandbox import check, kernel
from grader.sandbox.hostile import HONEST, SAMPLES, Sample


def run_check():
    with Grader() as grader:
        return check.run_check(grader)


def require_safe():
    with Grader() as grader:
        check.require_safe(grader)


def test_this_machine_holds_a_box_and_says_which_layers():
    report = run_check()
    assert report.ok, report
    assert len(report.samples) >= 10
    assert report.layers[-1] == "seccomp"
    json.dumps(report.to_json(), allow_nan=False)


def test_a_sample_that_gets_through_is_refused_by_name(monkeypatch):
    planted = Sample("planted", f"print('BREACH')\n{HONEST}", ("accepted",))
    monkeypatch.setattr(check, "SAMPLES", (SAMPLES[0], planted))
    with pytest.raises(SandboxUnsafe, match="against planted the box did not hold") as refused:
        require_safe()
    assert "\n" not in str(refused.value)


def test_a_verdict_that_should_not_be_is_refused(monkeypatch):
    monkeypatch.setattr(check, "SAMPLES", (Sample("planted", HONEST, ("timeout",)),))
    report = run_check()
    assert not report.ok
    assert "Expected timeout" in report.samples[0].detail


@pytest.mark.parametrize("verdict", ["internal", "timeout"])
@pytest.mark.parametrize("which", [0, 1])
def test_our_own_failure_or_a_slow_machine_is_no_breach(monkeypatch, verdict, which):
    """Neither in a sample nor in the honest submission after it."""
    calls = []

    def grade(self, task, source, *, seed):
        found = honest(self, task, source, seed=seed)
        calls.append(source)
        return replace(found, verdict=verdict) if len(calls) == which + 1 else found

    honest = Grader.grade
    monkeypatch.setattr(Grader, "grade", grade)
    monkeypatch.setattr(check, "SAMPLES", SAMPLES[3:4])
    with pytest.raises(
        BoxError, match=r"could not be checked: “fork” .* (to|by) (internal|timeout)"
    ) as failed:
        run_check()
    assert not isinstance(failed.value, SandboxUnsafe)
    assert "\n" not in str(failed.value)


def test_a_grader_that_fails_honest_code_is_a_failure_of_ours(monkeypatch):
    planted = Sample("honest", "def twice(x):\n    return x\n", ("accepted",))
    monkeypatch.setattr(check, "SAMPLES", (planted,))
    with pytest.raises(BoxError, match="could not be checked: “honest” came to wrong"):
        require_safe()


def test_a_box_that_does_not_start_is_a_failure_of_ours(monkeypatch):
    def fail(*_):
        raise BoxError("The sandbox did not start: timed out.")

    monkeypatch.setattr("grader.pool.Zygote", fail)
    with pytest.raises(BoxError, match="did not start"):
        run_check()


def test_a_sandbox_that_ended_by_itself_is_a_failure_of_ours(monkeypatch):
    def grade(self, task, source, *, seed):
        zygote = self._pool._leases["numpy"].zygote
        zygote._process.kill()
        zygote._process.wait()
        return honest(self, task, source, seed=seed)

    honest = Grader.grade
    monkeypatch.setattr(Grader, "grade", grade)
    monkeypatch.setattr(check, "SAMPLES", SAMPLES[:1])
    monkeypatch.setattr(check, "_LEAVE_S", 0.2)
    with pytest.raises(BoxError, match="“honest” saw the sandbox itself end"):
        run_check()


def test_a_process_left_behind_is_a_breach(monkeypatch):
    sleeping = []

    def grade(self, task, source, *, seed):
        if not sleeping:
            sleeping.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1))
        return honest(self, task, source, seed=seed)

    honest = Grader.grade
    monkeypatch.setattr(Grader, "grade", grade)
    monkeypatch.setattr(check, "SAMPLES", SAMPLES[:1])
    monkeypatch.setattr(check, "_LEAVE_S", 0.2)
    try:
        [result] = run_check().samples
    finally:
        with sleeping[0] as process:
            process.kill()
    assert (result.ok, result.detail) == (False, "It left a process behind.")


def test_where_there_is_no_sandbox_the_report_says_why(monkeypatch):
    monkeypatch.setattr(kernel, "on_linux", lambda: False)
    report = run_check()
    assert (report.ok, report.layers) == (False, ())
    assert str(report.reason).startswith("Code is graded on Linux only")
    assert "--insecure-dev grades without it, for development" in str(report.reason)
