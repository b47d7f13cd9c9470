"""The proof finds what is planted: a mutant let through, two that are one, too few."""

import json
from dataclasses import replace

import numpy as np
import pytest

from grader import catalog
from grader.core import Mutant, Plan
from grader.proof import prove
from quizapp import cli

GATE = catalog.task("lstm_forget_gate")
RIGHT = Mutant("right", "This is right.", GATE.reference)


def with_mutants(*mutants):
    return replace(GATE, mutants=mutants)


def test_a_task_that_stands_is_proven():
    proof = prove(GATE, [1, 2])
    assert proof.ok
    assert (proof.killed, proof.score, proof.seeds, proof.cases) == (len(GATE.mutants), 1.0, 2, 10)


def test_a_mutant_that_is_right_survives():
    proof = prove(with_mutants(*GATE.mutants[:4], RIGHT), [1, 2])
    assert proof.survivors == ("right",)
    assert (proof.killed, proof.score, proof.ok) == (4, 0.8, False)


def test_a_mutant_that_only_some_seeds_kill_survives():
    def by_size(x, h_prev, W_f, U_f, b_f):
        right = GATE.reference(x, h_prev, W_f, U_f, b_f)
        return right if x.shape[1] < 5 else right + 1

    sometimes = with_mutants(*GATE.mutants[:4], Mutant("sometimes", "Sometimes.", by_size))
    sometimes = replace(sometimes, plans=(Plan("ordinary", visible=True),))
    each = [prove(sometimes, [seed]).survivors for seed in range(12)]
    assert {(), ("sometimes",)} == set(each)
    assert prove(sometimes, range(12)).survivors == ("sometimes",)


def test_two_mutants_that_do_the_same_are_confused():
    first = GATE.mutants[0]
    again = replace(first, name="again", function=lambda *a: first.function(*a) + 1e-9)
    proof = prove(with_mutants(*GATE.mutants[:5], again), [3])
    assert proof.confused == ((first.name, "again"),)
    assert not proof.ok


def test_two_mutants_that_always_raise_are_confused():
    def fails(*_):
        raise ValueError

    two = [Mutant(name, "It raises.", fails) for name in ("one", "other")]
    assert prove(with_mutants(*GATE.mutants[:4], *two), [3]).confused == (("one", "other"),)


@pytest.mark.parametrize("count", [0, 4])
def test_fewer_than_five_mutants_fall_short(count):
    assert not prove(with_mutants(*GATE.mutants[:count]), [3]).ok


def test_results_of_another_shape_or_not_finite_are_told_apart():
    others = (
        Mutant("row", "The first row.", lambda *a: GATE.reference(*a)[:1]),
        Mutant("nan", "Not a number.", lambda *a: GATE.reference(*a) * np.nan),
    )
    assert prove(with_mutants(*GATE.mutants[:4], *others), [3]).ok


def test_a_reference_that_is_not_finite_is_told_with_its_seed_and_output():
    endless = replace(GATE, reference=lambda *a: GATE.reference(*a) / 0.0)
    with np.errstate(divide="ignore"):
        proof = prove(endless, [7])
    assert not proof.ok
    [fault] = proof.faults
    assert fault.startswith("seed 7: reference gives inf in f for a case of the kind “ordinary”")


MODULE = catalog.task("lstm_cell_module")


@pytest.mark.parametrize(
    ("task", "starter", "said"),
    [
        (GATE, "def gate(x): pass", "must define forget_gate(x, h_prev, W_f, U_f, b_f)"),
        (
            GATE,
            "def forget_gate(x, W_f): pass",
            "must define forget_gate(x, h_prev, W_f, U_f, b_f)",
        ),
        (GATE, "def forget_gate(", "is no Python: '(' was never closed"),
        (MODULE, "def LSTMCell(): pass", "must define class LSTMCell"),
        (MODULE, "class LSTMCell: pass", "__init__(self, input_size, hidden_size) and forward("),
    ],
)
def test_a_starter_that_does_not_define_what_is_called_falls_short(task, starter, said):
    proof = prove(replace(task, starter=starter), [1])
    assert not proof.ok
    assert said in proof.faults[0]


def test_the_command_exits_1_where_a_task_falls_short(monkeypatch, capsys):
    assert cli.main(["task", "prove", "lstm_forget_gate", "--json", "--seeds", "2"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["slug"] == "lstm_forget_gate"
    assert (row["ok"], row["mutation_score"], row["confused"]) == (True, 1.0, [])
    assert row["mutants"] == row["killed"] == len(GATE.mutants)

    monkeypatch.setattr(catalog, "task", lambda _: with_mutants(*GATE.mutants[:3], RIGHT))
    assert cli.main(["task", "prove", "lstm_forget_gate", "--seeds", "2"]) == 1
    said = capsys.readouterr().out
    assert "FALLS SHORT: 3 of 4 mutants killed (score 75%)" in said
    assert "at least 5 mutants" in said
    assert "right passes every case of some seed" in said


def test_a_number_of_seeds_below_one_is_a_sentence(capsys):
    assert cli.main(["task", "prove", "--seeds", "0"]) != 0
    assert "from 1, not 0" in capsys.readouterr().err
