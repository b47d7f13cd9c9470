"""`quizapp task grade` and `quizapp sandbox check`: documents and exit codes."""

import json
from dataclasses import replace

import pytest

from grader import catalog
from grader.core import BoxError, Verdict
from grader.marker import Grader
from grader.sandbox import insecure, kernel
from grader.sandbox.check import CheckReport, SampleResult
from quizapp import cli, cli_code

ACCEPTED = Verdict(catalog.task("lstm_step"), "accepted", "Every case passed.")


@pytest.fixture
def files(tmp_path):
    """Two sources; what they hold is nothing to these tests."""
    paths = [tmp_path / "one.py", tmp_path / "two.py"]
    for path in paths:
        path.write_text("pass\n")
    return [str(path) for path in paths]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("accepted", "wrong"), 0),
        (("timeout", "crashed"), 0),
        (("internal", "accepted"), 1),
        (("accepted", "internal"), 1),
    ],
)
def test_grading_exits_0_whatever_the_verdict_unless_the_grader_failed(
    monkeypatch, capsys, files, words, code
):
    verdicts = iter(words)
    monkeypatch.setattr(Grader, "grade", lambda *_, **__: replace(ACCEPTED, verdict=next(verdicts)))
    assert cli.main(["task", "grade", "lstm_step", *files, "--json"]) == code
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(d["file"], d["verdict"]) for d in documents] == list(zip(files, words, strict=True))


def test_a_check_that_fails_by_itself_is_a_document_too(monkeypatch, capsys):
    def run_check(_):
        raise BoxError("The sandbox did not start: it said nothing.")

    monkeypatch.setattr(cli_code, "run_check", run_check)
    assert cli.main(["sandbox", "check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "reason": "The sandbox did not start: it said nothing.",
        "layers": [],
        "samples": [],
    }


def test_a_breach_is_said_to_be_a_sample_that_the_box_did_not_hold(monkeypatch, capsys):
    samples = (
        SampleResult("network", ok=True, verdict="error", detail=""),
        SampleResult("fork", ok=False, verdict="accepted", detail=""),
    )
    report = CheckReport(ok=False, layers=("seccomp",), samples=samples, reason="Not here.")
    monkeypatch.setattr(cli_code, "run_check", lambda _: report)
    assert cli.main(["sandbox", "check"]) == 1
    held, did_not, *_ = capsys.readouterr().out.splitlines()
    assert held.split() == ["held", "network:", "error"]
    assert did_not.split() == ["did", "not", "hold", "fork:", "accepted"]


def test_grading_without_a_sandbox_is_refused_here(capsys, files, tmp_path, monkeypatch):
    monkeypatch.setenv("QUIZAPP_DATA", str(tmp_path))
    command = ["task", "grade", "--insecure-dev", "lstm_step", files[0]]
    assert cli.main(command) == 1
    assert "this machine has the sandbox" in capsys.readouterr().err
    monkeypatch.setenv("QUIZAPP_PROXIES", "1")
    assert cli.main(command) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_each_grade_without_a_sandbox_is_printed_with_a_banner(
    monkeypatch, capsys, files, tmp_path
):
    monkeypatch.setenv("QUIZAPP_DATA", str(tmp_path))
    monkeypatch.setattr(kernel, "on_linux", lambda: False)
    assert cli.main(["task", "grade", "--insecure-dev", "lstm_step", files[0]]) == 0
    assert capsys.readouterr().out.splitlines()[0] == insecure.BANNER


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("QUIZAPP_HOST", "0.0.0.0", "not a loopback address"),
        ("QUIZAPP_HOST", "example.org", "not a loopback address"),
        ("QUIZAPP_PROXIES", "1", "for a public site"),
        ("QUIZAPP_DATABASE_URL", "postgresql://nobody@nowhere/db", "PostgreSQL"),
        ("QUIZAPP_HOST", "::1", "this machine has the sandbox"),
    ],
)
def test_a_site_that_others_could_reach_never_grades_without_a_sandbox(
    monkeypatch, capsys, tmp_path, name, value, said
):
    monkeypatch.setenv("QUIZAPP_DATA", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert cli.main(["serve", "--insecure-dev"]) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
