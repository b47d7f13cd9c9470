"""Fair verdicts: beside hostile code on a busy machine, and the same ones from any grader."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader import catalog
from grader.marker import Grader

SAMPLES = Path(__file__).parent / "samples"
HONEST = ("honest/plain", "honest/tensors", "honest/slow_but_right", "honest/uses_its_share")
HOSTILE = (
    {
        "resources/cpu_loop": "timeout",
        "resources/memory_by_list": "memory",
        "resources/output_flood": "output_limit",
        "escape/kill_all": "error",
    },
    {
        "resources/cpu_in_one_c_call": "timeout",
        "resources/touched_pages": "memory",
        "forging/endless_frame": "crashed",
        "resources/fork_bomb": "error",
    },
    {
        "resources/ignores_signals": "timeout",
        "resources/memory_by_tensor": "memory",
        "resources/output_flood_raw": "output_limit",
        "hooks/death_of_the_arguments": "crashed",
    },
)
ALIKE = (
    *HONEST,
    *(
        "values/first_row",
        "values/swapped_outputs",
        "patching/allclose",
        "theft/the_jobs_seed",
    ),
    *("forging/frames_before_the_call", "source/syntax_error", "modules/patched_gradients"),
)
CHANCE = b"""
import random
%s
names = {"input", "forget", "cell", "output"}

def forget_gate(x, h_prev, W_f, U_f, b_f):
    order = [*names].index("forget") + hash("gate") %% 7
    return h_prev * random.random() + order + %s
"""


@pytest.fixture(scope="module")
def graders(grader):
    """Two graders with sandboxes of their own, as two workers on one machine have them."""
    with Grader(grader.limits) as first, Grader(grader.limits) as second:
        for each in (first, second):
            each.start("numpy")
            each.start("torch")
        yield first, second


def read(sample):
    source = (SAMPLES / f"{sample}.py").read_bytes()
    slug = "lstm_forget_gate"
    for line in source.splitlines()[:3]:
        if line.startswith(b"# task: "):
            slug = line[8:].decode()
    return catalog.task(slug), source


@pytest.mark.parametrize("hostile", HOSTILE)
def test_beside_hostile_code_each_of_eight_at_once_gets_its_own_verdict(graders, hostile):
    expected = dict.fromkeys(HONEST, "accepted") | hostile
    together = threading.Barrier(len(expected))

    def grade(number, sample):
        together.wait()
        return graders[number % 2].grade(*read(sample), seed=number).verdict

    with ThreadPoolExecutor(len(expected)) as threads:
        verdicts = threads.map(grade, range(len(expected)), expected)
    assert dict(zip(expected, verdicts, strict=True)) == expected


def document(verdict):
    """Return a verdict without its times and its memory, which are measured."""
    whole = verdict.to_json()
    return {key: whole[key] for key in whole.keys() - {"cpu_s", "wall_s", "memory_bytes"}}


@pytest.mark.parametrize("sample", ALIKE)
def test_two_graders_give_a_source_the_same_verdict_to_the_last_digit(graders, sample):
    first, second = (document(each.grade(*read(sample), seed=77)) for each in graders)
    assert first == second


@pytest.mark.parametrize(
    ("line", "drawn"),
    [(b"import numpy as np", b"np.random.normal()"), (b"import torch", b"torch.randn(()).item()")],
)
def test_what_a_source_leaves_to_chance_is_drawn_alike_by_any_grader(graders, task, line, drawn):
    source = CHANCE % (line, drawn)
    # One of them has graded more than the other.
    graders[0].grade(task, source, seed=5)
    first, second = (document(each.grade(task, source, seed=77)) for each in graders)
    assert first == second
    assert first["verdict"] == "wrong"
    assert document(graders[0].grade(task, source, seed=78)) != first
