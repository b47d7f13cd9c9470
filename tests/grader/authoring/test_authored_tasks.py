"""Code tasks of authors: described, proven and drawn in the box, marked outside it."""

import json

import pytest

from grader import catalog
from grader.authoring import merge
from grader.authoring.answers import Untrue, checked
from grader.authoring.grading import trial
from grader.authoring.inside import answer
from grader.cases import draw_cases, run_mutant
from grader.marker import Grader

SLUG = "lstm_forget_gate"
RIGHT = b"""import numpy as np
def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
"""


def files_of(slug=SLUG, change=("", "")):
    folder = catalog.FOLDER / slug
    files = {name: (folder / name).read_text() for name in ("task.py", "task.md")}
    assert change[0] in files["task.py"]
    return files | {"task.py": files["task.py"].replace(*change)}


def request(do, slug=SLUG, change=("", ""), **rest):
    version = catalog.task(slug).version
    names = {"do": do, "kind": "task", "slug": slug, "version": version}
    return names | {"files": files_of(slug, change)} | rest


def test_a_task_is_described_as_the_bank_describes_it(box):
    described = box.ask(request("describe"))
    task = catalog.task(SLUG)
    mutants = [{"name": m.name, "message": m.message} for m in task.mutants]
    assert described == task.to_json() | {"mutants": mutants}


@pytest.mark.parametrize("slug", [SLUG, "lstm_step"])
def test_the_boxs_cases_are_those_that_the_bank_draws(box, slug):
    task = catalog.task(slug)
    found = trial(box.ask(request("cases", slug, seed=9)))
    for ours, known in zip(found.cases, draw_cases(task, 9), strict=True):
        assert (ours.kind, ours.visible) == (known.kind, known.visible)
        for name, value in known.inputs.items():
            assert ours.inputs[name].tobytes() == value.tobytes()
        assert [a.tobytes() for a in ours.expected] == [a.tobytes() for a in known.expected]
        for mutant, theirs in zip(task.mutants, found.task.mutants, strict=True):
            one, other = run_mutant(mutant, known), found.outcomes(theirs, ours)
            assert (one is None) == (other is None)
            assert one is None or [a.tobytes() for a in one] == [a.tobytes() for a in other]


def test_a_source_gets_the_same_verdict_whoever_drew_the_cases(box, pool):
    grader = Grader(pool=pool)
    found = trial(box.ask(request("cases", seed=9)))
    for source in (RIGHT, RIGHT.replace(b" + b_f", b""), b"def forget_gate(*_): return 3"):
        known = grader.grade(catalog.task(SLUG), source, seed=9)
        ours = grader.mark(found.task, lambda: found.cases, source, seed=9, outcomes=found.outcomes)
        assert (ours.verdict, ours.score, ours.mistake, ours.message) == (
            *(known.verdict, known.score, known.mistake, known.message),
        )


def prove(box, **rest):
    spans = ({"first": 0, "count": 2}, {"first": 2, "count": 1})
    return merge([box.ask(request("prove", **span, **rest)) for span in spans])


def test_a_task_of_the_bank_is_proven_in_the_box(box):
    proof = prove(box)
    assert proof["ok"] is True, proof
    assert (proof["seeds"], proof["mutation_score"], proof["slug"]) == (3, 1.0, SLUG)
    assert set(proof["told"].values()) == {1.0}


def planted(line):
    return ("MUTANTS = (", f"{line}\nMUTANTS = (")


COUNTS = """import itertools
old, count = reference, itertools.count()
def reference(*a):
    return old(*a) + next(count)
"""
SOMETIMES_NAN = """old = reference
def reference(*a):
    return old(*a) * (float("nan") if len(a[0]) == 1 else 1)
"""
FAILS = "def reference(*a): return a[0] / None"
TWINS = "".join(f"Mutant('{n}', 'x', lambda *a: reference(*a) + {{0}})," for n in "ab")


@pytest.mark.parametrize(
    ("change", "check", "detail"),
    [
        (planted(COUNTS), "same-again", "other inputs"),
        (planted(FAILS), "cases", "TypeError"),
        (planted(SOMETIMES_NAN), "cases", "reference gives nan in f for a case of the kind “"),
        (("MUTANTS = (", f"MUTANTS = ({TWINS.format(0)}"), "survivor", "passes every case"),
        (("MUTANTS = (", f"MUTANTS = ({TWINS.format(1)}"), "confused", "a and b give the same"),
    ],
    ids=["not deterministic", "fails", "not finite", "survivors", "confused"],
)
def test_a_fault_planted_in_a_task_is_found_with_its_seed(box, change, check, detail):
    proof = prove(box, change=change)
    assert proof["ok"] is False
    failure = next(f for f in proof["failures"] if f["check"] == check)
    assert failure["seed"] == 0
    assert detail in failure["detail"]


def test_a_starter_that_lacks_the_function_is_told_once_with_its_file(box):
    proof = prove(box, change=('FUNCTION = "forget_gate"', 'FUNCTION = "gate"'))
    assert proof["ok"] is False
    [failure] = [f for f in proof["failures"] if f["check"] == "starter"]
    assert failure["detail"].endswith("must define gate(x, h_prev, W_f, U_f, b_f)")
    assert (failure["file"], failure["seed"]) == ("task.md", None)


def test_a_task_that_does_not_load_names_the_place(box):
    found = box.ask(request("describe", change=planted("x = 1 / 0")))["error"]
    assert found["file"] == "task.py"
    assert found["message"].startswith("ZeroDivisionError")
    found = box.ask(request("describe", change=("FUNCTION =", "FUNCTIONS =")))["error"]
    assert "FUNCTION is missing" in found["message"]


def test_forged_cases_are_refused():
    honest = json.loads(json.dumps(answer(request("cases", seed=1))))
    honest["drawn"][0]["inputs"].popitem()
    with pytest.raises(Exception, match="not the arguments"):
        trial(honest)


def test_an_array_of_forty_axes_is_refused_before_anything_is_multiplied():
    asked = request("cases", seed=1)
    honest = json.loads(json.dumps(answer(asked)))
    assert checked(asked, json.dumps(honest).encode()) == honest
    honest["drawn"][0]["expected"][0]["shape"] += [1] * 40
    with pytest.raises(Untrue):
        checked(asked, json.dumps(honest).encode())
