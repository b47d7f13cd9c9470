import json

import pytest

from grader.core import SandboxUnsafe
from grader.sandbox import check
from grader.sandbox.hostile import HONEST, SAMPLES, Sample


def test_this_machine_holds_a_box_and_says_which_layers():
    report = check.run_check()
    assert report.ok, report
    assert len(report.samples) >= 10
    assert report.layers[-1] == "seccomp"
    json.dumps(report.to_json(), allow_nan=False)


def test_a_sample_that_gets_through_is_refused_by_name(monkeypatch):
    planted = Sample("planted", f"print('BREACH')\n{HONEST}", ("accepted",))
    monkeypatch.setattr(check, "SAMPLES", (SAMPLES[0], planted))
    with pytest.raises(SandboxUnsafe, match="planted got through") as refused:
        check.require_safe()
    assert "\n" not in str(refused.value)


def test_a_verdict_that_should_not_be_is_refused(monkeypatch):
    monkeypatch.setattr(check, "SAMPLES", (Sample("planted", HONEST, ("timeout",)),))
    report = check.run_check()
    assert not report.ok
    assert "Expected timeout" in report.samples[0].detail


def test_where_there_is_no_sandbox_the_report_says_why(monkeypatch):
    monkeypatch.setattr("grader.sandbox.client.sys.platform", "win32")
    report = check.run_check()
    assert (report.ok, report.layers) == (False, ())
    assert report.reason == "Code is graded on Linux only: the sandbox is made of Linux's parts."
