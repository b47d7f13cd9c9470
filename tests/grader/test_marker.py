import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader import catalog, marker, pool
from grader.cases import draw_cases, run_mutant
from grader.core import BoxError, Limits, SandboxUnsafe, Verdict
from grader.exchange import Run, trusted_report
from grader.marker import Grader, choose_framework, uses_torch
from grader.sandbox import kernel
from grader.sandbox.supervisor import Report

KEYS = {
    *("task", "file", "verdict", "score", "passed", "total", "mistake", "message", "cases"),
    *("stdout", "cpu_s", "wall_s", "layers"),
}
CASE_KEYS = {"visible", "verdict", "expected", "received", "max_error", "first_difference"}
GATE = b"""import numpy as np
def forget_gate(x, h_prev, W_f, U_f, b_f):
    %s
"""


def test_the_document_has_the_keys_that_were_promised_and_is_strict_json(grader, task, honest):
    document = grader.grade(task, honest, seed=3).to_json(file="gate.py")
    assert set(document) >= KEYS
    assert document["file"] == "gate.py"
    assert document["passed"] == document["total"] == 10
    assert document["score"] == 1.0
    assert document["layers"][-1] == "seccomp"
    assert all(set(case) >= CASE_KEYS for case in document["cases"])
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("ending", [b"raise ValueError(x)", b"return h_prev", b"return x[0]"])
def test_hidden_cases_say_their_verdict_and_nothing_else(grader, task, ending):
    source = GATE % (b"print('secret', x); " + ending)
    document = grader.grade(task, source, seed=3).to_json()
    hidden = [case for case in document["cases"] if not case["visible"]]
    assert len(hidden) == 7
    for case in hidden:
        assert {key for key, value in case.items() if value is not None} == {"visible", "verdict"}
    assert document["stdout"].count("secret") == 3


def test_a_failure_on_hidden_cases_alone_shows_no_text_of_theirs(grader, task):
    source = GATE % (
        b"if abs(b_f).max() > 700: raise ValueError('HIDDEN')\n"
        b"    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))"
    )
    verdict = grader.grade(task, source, seed=3)
    assert (verdict.verdict, verdict.passed) == ("error", 9)
    assert "HIDDEN" not in json.dumps(verdict.to_json())
    assert verdict.message == "A hidden case raised an exception; 9 of 10 cases passed."


def test_numbers_that_are_not_finite_are_strict_json_too(grader, task):
    document = grader.grade(task, GATE % b"return h_prev * np.nan", seed=3).to_json()
    assert document["verdict"] == "invalid_output"
    assert document["cases"][0]["received"]["values"][0] == "nan"
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("slug", catalog.tasks())
def test_every_mutant_is_named_when_its_very_formula_is_submitted(grader, slug):
    """The outcomes of a mutant, fed in as a student's, give back that mutant."""
    task = catalog.task(slug)
    for mutant in task.mutants:
        cases = draw_cases(task, 5)
        results = [_as_student(task, mutant, case, index) for index, case in enumerate(cases)]
        assert marker._name_mistake(task, results) is mutant


def _as_student(task, mutant, case, index):
    outputs = run_mutant(mutant, case)
    if outputs is None:
        answer = marker.Answer("X", index, text="ValueError")
    else:
        answer = marker.Answer("R", index, outputs=outputs, is_tuple=len(task.returns) > 1)
    return marker.judge(task, case, answer)


def test_a_mutant_is_named_through_the_box(grader, task):
    verdict = grader.grade(task, GATE % b"return np.tanh(x @ W_f.T + h_prev @ U_f.T + b_f)", seed=1)
    assert (verdict.verdict, verdict.mistake, verdict.score) == ("wrong", "tanh", 0.0)
    assert verdict.message == "This is the gate with tanh in place of the sigmoid."


def test_a_mistake_that_raises_on_some_shapes_is_named(grader, task):
    source = GATE % b"return 1 / (1 + np.exp(-(x @ W_f + h_prev @ U_f.T + b_f)))"
    assert grader.grade(task, source, seed=1).mistake == "W-transposed"


def test_credit_is_by_case(grader, task):
    source = GATE % (
        b"if len(x) == 1: return h_prev\n"
        b"    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))"
    )
    verdict = grader.grade(task, source, seed=1)
    assert (verdict.verdict, verdict.passed, verdict.score) == ("wrong", 8, 0.8)


def test_the_same_source_and_seed_give_the_same_verdict(grader, task):
    source = GATE % b"return np.random.normal(size=h_prev.shape) + len({'a', 'b'}) + hash('c') % 9"
    first, second = (grader.grade(task, source, seed=7).to_json() for _ in range(2))
    assert first["cases"] == second["cases"]
    other = grader.grade(task, source, seed=8).to_json()
    assert first["cases"] != other["cases"]


def test_every_sandbox_hashes_text_alike(grader, task, honest):
    source = b"print(hash('a'))\n" + honest
    with Grader() as another:
        told = {g.grade(task, source, seed=1).stdout for g in (grader, another)}
    assert len(told) == 1


def test_the_traceback_has_the_students_own_lines_alone(grader, task):
    verdict = grader.grade(task, GATE % b"return np.linalg.inv(x[0, 0])", seed=1)
    assert verdict.traceback.startswith("line 3, in forget_gate\n    return np.linalg.inv(x[0, 0])")
    assert "site-packages" not in verdict.traceback
    assert "harness" not in verdict.traceback


def test_prints_are_kept_when_the_process_is_killed(grader, task):
    verdict = grader.grade(task, b"print('before')\nwhile True: pass", seed=1)
    assert (verdict.verdict, verdict.stdout) == ("timeout", "before\n")
    assert "1 s of processor time" in verdict.message
    assert [case.verdict for case in verdict.cases] == ["timeout"] * 10


def test_printed_text_is_capped(grader, task, honest):
    source = honest + b"print('x' * 100_000)\n"
    verdict = grader.grade(task, source, seed=1)
    assert verdict.verdict == "accepted"
    assert len(verdict.stdout) == grader.limits.kept_bytes


def test_a_source_of_64_kib_is_taken_and_one_byte_more_is_not(grader, task, honest):
    full = honest + b"#" * (2**16 - len(honest))
    assert grader.grade(task, full, seed=1).verdict == "accepted"
    assert grader.grade(task, full + b"#", seed=1).verdict == "too_large"


@pytest.mark.parametrize(
    ("source", "torch"),
    [
        (b"import torch", True),
        (b"x = 1\n  from torch import nn", True),
        (b"import numpy, torch", True),
        (b"import torchvision", False),
        (b"# import torch", False),
        (b"import numpy  # not torch", False),
        (b"\xff\0", False),
    ],
)
def test_torch_is_seen_by_the_bytes_of_a_line(source, torch):
    assert uses_torch(source) is torch


def test_a_task_for_numpy_alone_says_so_to_whoever_imports_torch(grader):
    task = catalog.task("softmax_cross_entropy_gradient")
    assert task.to_json()["frameworks"] == ["numpy"]
    verdict = grader.grade(task, b"import torch\n", seed=1)
    assert verdict.verdict == "error"
    assert verdict.message == ("This task is for NumPy alone: PyTorch is not there to be imported.")
    assert verdict.traceback.startswith("line 1, in <module>\n    import torch\n")


@pytest.mark.parametrize(
    ("frameworks", "source", "framework"),
    [
        (("numpy", "torch"), b"import torch", "torch"),
        (("numpy", "torch"), b"import numpy", "numpy"),
        (("numpy",), b"import torch", "numpy"),
        (("torch",), b"import numpy", "torch"),
    ],
)
def test_a_source_runs_in_a_framework_that_its_task_takes(task, frameworks, source, framework):
    assert choose_framework(replace(task, frameworks=frameworks), source) == framework


def test_numbers_go_in_and_come_out_as_python_has_them(grader):
    task = catalog.task("conv2d_output_shape")
    source = (
        b"def conv2d_output_shape(channels, height, width, filters, *rest):\n"
        b"    assert {type(n) for n in (channels, height, width, filters, *rest)} == {int}\n"
        b"    return filters, height, width\n"
    )
    verdict = grader.grade(task, source, seed=1)
    assert (verdict.verdict, verdict.mistake) == ("wrong", "same-size")
    case = verdict.to_json()["cases"][0]
    assert case["inputs"]["kernel"]["shape"] == []
    assert [item["dtype"] for item in case["received"]] == ["int64"] * 3


def test_numbers_of_hidden_cases_are_shown_as_little_as_arrays(grader):
    task = catalog.task("random_model_loss")
    source = b"def random_model_loss(classes):\n    print(classes)\n    raise ValueError(classes)\n"
    document = grader.grade(task, source, seed=1).to_json()
    assert document["stdout"].count("\n") == 3
    for case in document["cases"][3:]:
        assert {key for key, value in case.items() if value is not None} == {"visible", "verdict"}


def test_a_dead_zygote_is_replaced(grader, task, honest):
    grader.start("numpy")
    before = grader._pool._leases["numpy"].zygote
    os.kill(before._process.pid, signal.SIGKILL)
    before._process.wait()
    assert grader.grade(task, honest, seed=1).verdict == "accepted"
    assert grader._pool._leases["numpy"].zygote is not before


def test_a_zygote_is_renewed_after_so_many_jobs(grader, task, honest, monkeypatch):
    grader.start("numpy")
    before = grader._pool._leases["numpy"]
    monkeypatch.setattr(pool, "RENEW_AFTER", before.jobs)
    assert grader.grade(task, honest, seed=1).verdict == "accepted"
    assert grader._pool._leases["numpy"] is not before
    assert not before.zygote.alive


def test_several_threads_share_a_grader_and_one_that_ends_takes_no_zygote_with_it(task, honest):
    with Grader() as shared:
        starter = threading.Thread(target=shared.start)
        starter.start()
        starter.join()
        first = shared._pool._leases["numpy"]
        with ThreadPoolExecutor(4) as threads:
            verdicts = list(threads.map(lambda n: shared.grade(task, honest, seed=n), range(12)))
        assert {verdict.verdict for verdict in verdicts} == {"accepted"}
        assert shared._pool._leases["numpy"] is first


def test_our_own_failure_is_tried_again_and_then_internal(grader, task, honest, monkeypatch):
    tries = []

    def fail(*_):
        tries.append(1)
        raise BoxError("planted")

    monkeypatch.setattr(marker, "run_job", fail)
    verdict = grader.grade(task, honest, seed=1)
    assert verdict.verdict == "internal"
    assert len(tries) == 2
    assert "does not count" in verdict.message


def test_the_clock_stands_still_while_the_code_waits_for_a_core(task):
    spin = [sys.executable, "-c", "while True: pass"]
    # Each in a session of its own: Linux may share the cores out by session.
    others = [
        subprocess.Popen(spin, start_new_session=True) for _ in range(3 * (os.cpu_count() or 1))
    ]
    try:
        with Grader(Limits(cpu_s=0.5, wall_s=0.8)) as grader:
            verdict = grader.grade(task, b"while True: pass", seed=1)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert verdict.verdict == "timeout"
    assert "processor time" in verdict.message
    assert verdict.wall_s > 0.8


def test_a_machine_too_busy_to_run_the_code_convicts_nobody():
    with pytest.raises(BoxError, match="too busy"):
        trusted_report(Run(report=Report("starved")))
    assert trusted_report(Run(report=Report("wall"))).reason == "wall"


def test_where_the_box_was_not_set_up_there_is_no_verdict():
    with pytest.raises(BoxError, match="no landlock"):
        trusted_report(Run(report=Report("failed", detail="no landlock")))


def test_without_a_sandbox_nothing_is_graded(task, honest, monkeypatch):
    monkeypatch.setattr(kernel, "on_linux", lambda: False)
    with Grader() as elsewhere, pytest.raises(SandboxUnsafe, match="graded on Linux only"):
        elsewhere.grade(task, honest, seed=1)


def test_neither_seed_nor_expected_values_go_into_the_box(task):
    cases = draw_cases(task, 123456789)
    calls = marker._calls(marker.Submission(task, b"", 123456789), cases, "numpy")
    frames = calls.opening + calls.hidden
    assert b"123456789" not in frames
    for case in cases:
        assert case.inputs["x"].tobytes() in frames
        assert not any(np.float64(v).tobytes() in frames for v in case.expected[0].flat if v % 1)


def test_a_verdict_without_cases_counts_all_of_them_as_failed(task):
    verdict = Verdict(task, "too_large", "Too large.")
    assert (verdict.passed, verdict.total, verdict.score) == (0, 10, 0.0)


def test_what_hidden_cases_print_is_counted_and_not_kept(grader, task):
    source = GATE % (
        b"if abs(b_f).max() > 700:\n        for _ in range(%d): print('secret' * 1000)\n"
        b"    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))"
    )
    some = grader.grade(task, source % 100, seed=1)
    assert (some.verdict, some.stdout) == ("accepted", "")
    flood = grader.grade(task, source % 1000, seed=1)
    assert (flood.verdict, flood.stdout, flood.passed) == ("output_limit", "", 9)


def test_all_that_visible_cases_print_is_kept(grader, task):
    source = b"import sys\n" + GATE % (
        b"print('v' * 10_000, file=sys.stderr)\n"
        b"    print('no end of line', end='')\n"
        b"    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))"
    )
    verdict = grader.grade(task, source, seed=1)
    assert verdict.verdict == "accepted"
    assert (verdict.stdout.count("v"), verdict.stdout.count("no end of line")) == (30_000, 3)


def test_a_text_without_end_of_line_is_kept_where_the_source_raises(grader, task):
    verdict = grader.grade(task, b"print('before', end='')\n1 / 0", seed=1)
    assert (verdict.verdict, verdict.stdout) == ("error", "before")


def test_a_source_that_closes_its_output_is_graded(grader, task, honest):
    source = b"import sys\nsys.stdout.close()\n" + honest
    assert grader.grade(task, source, seed=1).verdict == "accepted"


def test_a_task_of_visible_cases_alone_is_graded(grader, task, honest):
    visible = replace(task, plans=task.plans[:3])
    assert grader.grade(visible, honest, seed=1).passed == 3


def test_inputs_larger_than_any_buffer_are_sent_while_answers_come(grader, task, honest):
    def draw(_, rng):
        n = 300
        shapes = {"x": (n, n), "h_prev": (n, n), "W_f": (n, n), "U_f": (n, n), "b_f": (n,)}
        return {name: rng.normal(size=shape) / n for name, shape in shapes.items()}

    large = replace(task, draw=draw, plans=task.plans[:5])
    assert grader.grade(large, honest, seed=1).verdict == "accepted"


def test_a_killed_marker_leaves_no_process_behind():
    script = (
        "import threading, time\n"
        "from grader import catalog\n"
        "from grader.marker import Grader\n"
        "from grader.sandbox.check import _processes\n"
        "grader = Grader()\n"
        "grader.start()\n"
        "task = catalog.task('lstm_step')\n"
        "grade = lambda: grader.grade(task, b'import time; time.sleep(60)', seed=1)\n"
        "threading.Thread(target=grade).start()\n"
        "time.sleep(0.5)\n"
        "print(*_processes(), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as worker:
        below = [int(word) for word in worker.stdout.readline().split()]
        worker.kill()
    assert len(below) >= 3  # zygote, supervisor, child; and bubblewrap, where there is one
    deadline = time.monotonic() + 5
    while any(map(_lives, below)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_lives, below))


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
