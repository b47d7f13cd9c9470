import json
from dataclasses import replace

import pytest

from problems.battery import fragment
from problems.catalog import BANK, families, load
from problems.core import Mistake
from problems.proof import ENOUGH_SEEDS, merge, prove, prove_family


@pytest.mark.parametrize("slug", families())
def test_a_family_of_the_bank_is_proven(slug):
    proof = prove_family(BANK / slug, 200)
    assert proof.ok, proof.failures
    assert proof.thrown_away < 0.5
    assert proof.distinct_keys > 60
    assert all(rate == 1 for rate in proof.mistakes.values()), proof.mistakes
    assert json.loads(json.dumps(proof.to_json()))["ok"] is True


HIDDEN_ANSWER = '{"h": recurrent.hidden_state(p.o, p.c)}'
GATE = '{"f": recurrent.gate(p.x, p.h_prev, p.W_f, p.U_f, p.b_f)}'


@pytest.mark.parametrize(
    ("slug", "old", "new", "check", "detail"),
    [
        ("lstm_forget_gate", GATE, GATE.replace("p.b_f", "0 * p.b_f"), "draw", "reward a mistake"),
        (
            *("lstm_forget_gate", GATE, GATE.replace("p.b_f", "p.b_f * [1, 0]")),
            *("witness", "f: answer"),
        ),
        ("lstm_forget_gate", GATE, GATE.replace("W_f", "W_i"), "witness", "f: answer"),
        (
            "lstm_output_gate",
            "p.W_o, p.U_o, p.b_o)}",
            "p.W_o, p.U_o.T, p.b_o)}",
            *("witness", "o: answer"),
        ),
        ("lstm_params", '{"total": _count(p)}', '{"total": 1 + _count(p)}', "witness", "total"),
        ("lstm_params", "projection=p.projection,", "", "witness", "total"),
        (
            "conv_out_shape",
            '{"shape": _shape(p)}',
            '{"shape": _shape(p)[::-1]}',
            "witness",
            "shape",
        ),
        (
            *("sigmoid_of_relu", "p.threshold <= 0.5,", "p.threshold < 0.5,"),
            *("witness", "always: answer False, witness True"),
        ),
        ("mlp_params", "sum(p.layers)}", "counting.mlp_params(p.layers, bias=p.bias)}", "draw", ""),
        (
            "mlp_params",
            "sum(p.layers)}",
            "sum(p.layers)} if p.bias is None else {}",
            "unreachable",
            "",
        ),
        ("lstm_hidden", '{"h": p.c}', '{"h": p.c[:1]}', "unnamed", "cell-given in h"),
        ("lstm_hidden", '{"h": p.c}', '{"x": p.c}', "draw", "cell-given gives x; the parts are h"),
        ("lstm_hidden", '{"h": p.c}', '{"h": p.nothing}', "draw", "AttributeError"),
        ("lstm_hidden", 'm = r.int("hidden", 2, 4)', "m = 3", "pinnable", "by name: hidden"),
        (
            *("lstm_hidden", HIDDEN_ANSWER, HIDDEN_ANSWER.replace(")}", ") * 1.00001}")),
            *("witness", "h: answer"),
        ),
        (
            *("rare_disease_metric", '"F1 score"', '"accuracy"'),
            *("right-is-right", "'metric': 'accuracy'"),
        ),
        (
            *("rare_disease_metric", '"specificity": "specificity"', '"specificity": "recall"'),
            *("accidental", "specificity-for-recall earns metric: recall"),
        ),
        ("lstm_hidden", HIDDEN_ANSWER, "{}", "draw", "every part; it leaves out h"),
        ("lstm_hidden", HIDDEN_ANSWER, '{"h": p.o / 0}', "draw", "RuntimeWarning"),
        ("lstm_hidden", '{"h": h[0].numpy()}', "{}", "witness", "every part"),
        ("lstm_hidden", '{"h": h[0].numpy()}', '{"h": h[0].numpy()[:1]}', "witness", "h: answer"),
        ("conv_params", '        "biases": biases,\n', "", "witness", "every part"),
        ("lstm_hidden", "VERSION = 1", "VERSION = ", "load", "SyntaxError"),
        ("lstm_hidden", "VERSION = 1", "VERSION = int.one", "load", "AttributeError"),
        ("lstm_hidden", "VERSION = 1", "VERSION = {}[1]", "load", "KeyError"),
        ("lstm_hidden", "VERSION = 1", "", "load", "lacks VERSION"),
        ("lstm_hidden", "import numpy as np", "import numpyy as np", "load", "numpyy"),
        (
            "lstm_hidden",
            '    m = r.int("hidden", 2, 4)',
            '    import random\n\n    m = r.int("hidden", 2, random.randint(3, 40))',
            *("same-again", "other parameters"),
        ),
    ],
)
def test_a_fault_planted_in_a_family_is_found_and_named(plant, slug, old, new, check, detail):
    seeds = {"unreachable": ENOUGH_SEEDS, "draw": 3}.get(check, 40)
    proof = prove_family(plant(slug, old, new), seeds)
    assert not proof.ok
    failure = next(failure for failure in proof.failures if failure.check == check)
    assert detail in failure.detail
    assert (failure.seed is None) == (check in {"load", "unreachable"})
    assert proof.to_json()["ok"] is False


@pytest.mark.parametrize(
    ("old", "new", "check", "detail"),
    [
        ("{{ p.o|latex }}", "{{ p.oo|latex }}", "draw", "The parameters have no “oo”"),
        ("{{ p.o|latex }}", "{{ nothing }}", "draw", "There is no “nothing” here"),
        ("{{ p.o|latex }}", "{{ p.o.__class__ }}", "draw", "unsafe"),
        ('{{ input("h") }}', '{{ input("h") }} {{ input("h") }}', "text", "ask for h once"),
        ('{{ input("h") }}', "", "text", "ask for h once"),
        ('{{ input("h") }}', '{{ input("g") }}', "text", "ask for h once"),
        ("## Solution\n", "## Solution\n{#", "draw", "comment"),
        ("## Solution\n", "## Solutions\n", "load", "Solution"),
        ("topic: rnn", "topic: cooking", "load", "topic"),
    ],
)
def test_a_fault_planted_in_a_question_is_found_and_named(plant, old, new, check, detail):
    proof = prove_family(plant("lstm_hidden", old, new, file="question.md"), 5)
    assert not proof.ok
    failure = next(failure for failure in proof.failures if failure.check == check)
    assert detail in failure.detail
    assert (failure.seed is None) == (check == "load")


def test_an_empty_solution_is_found(plant):
    text = (BANK / "lstm_hidden" / "question.md").read_text(encoding="utf-8")
    after = text.split("## Solution\n")[1]
    proof = prove_family(plant("lstm_hidden", after, "", file="question.md"), 2)
    assert proof.failed == {"text": 2}


def test_failures_are_counted_in_full_and_kept_in_part(plant):
    proof = prove_family(plant("lstm_params", '{"total": _count(p)}', '{"total": -1}'), 60)
    assert proof.failed["witness"] == 60
    assert len(proof.failures) == 20
    assert [failure.seed for failure in proof.failures] == list(range(20))


def test_a_proof_does_not_depend_on_how_its_seeds_were_cut(plant):
    folder = plant("lstm_params", '{"total": _count(p)}', '{"total": _count(p) + p.layers // 2}')
    family = load(folder)
    whole = merge(folder.name, [fragment(family, 0, 60)])
    cuts = [fragment(family, first, count) for first, count in ((25, 35), (0, 10), (10, 15))]
    parts = merge(folder.name, json.loads(json.dumps(cuts)))
    measured = {"slowest_ms": 0, "slowest_seed": 0}
    assert json.loads(json.dumps(whole.to_json() | measured)) == parts.to_json() | measured
    assert 0 < whole.failed["witness"] < 60


def test_a_proof_says_which_mistake_had_draws_thrown_away_and_which_key_is_frequent(plant):
    proof = prove_family(plant("lstm_params", '{"total": _count(p)}', '{"total": 7}'), 5)
    assert (proof.distinct_keys, proof.most_frequent, proof.frequent_seed) == (1, 1.0, 0)
    family = load(BANK / "conv_out_shape")
    proof = merge("conv_out_shape", [fragment(family, 0, 300)])
    times, seed = proof.rewarded["padding-once"]
    assert times > 0
    assert "padding-once" in family.rewarded(family.drawn(seed, 0))
    assert family.draw_counted(proof.thrown_seed)[1] > 0


def test_a_failure_names_the_line_of_the_familys_own_file(plant):
    folder = plant("lstm_hidden", 'm = r.int("hidden", 2, 4)', "m = r.hidden")
    line = (folder / "family.py").read_text().splitlines().index("    m = r.hidden") + 1
    failure = prove_family(folder, 2).failures[0]
    assert (failure.file, failure.line, failure.seed) == ("family.py", line, 0)


def test_a_key_that_is_not_a_number_is_found(plant):
    proof = prove_family(plant("lstm_hidden", HIDDEN_ANSWER, '{"h": p.o * np.nan}'), 2)
    assert proof.failed["number"] == 2
    assert "the key of h: not a number (NaN)" in [f.detail for f in proof.failures]


def test_a_family_without_a_witness_is_proven_and_says_so():
    family = replace(load(BANK / "lstm_params"), witness=None)
    proof = merge("lstm_params", [fragment(family, 0, 3)])
    assert proof.ok
    assert proof.witness is False


def rewarding(condition):
    """Return a family with a mistake that gives the key wherever a parameter has one value."""
    family = load(BANK / "lstm_params")
    gives = Mistake("same", "It is.", lambda p: family.answer(p) if condition(p) else {})
    return replace(family, mistakes=(*family.mistakes, gives))


def test_a_value_that_a_mistake_has_thrown_away_in_every_draw_is_named():
    family = rewarding(lambda p: p.biases == 2)
    cuts = [fragment(family, first, 30) for first in (0, 30)]
    proof = merge("lstm_params", json.loads(json.dumps(cuts)))
    [failure] = [failure for failure in proof.failures if failure.check == "lost-value"]
    assert failure.detail.startswith("no variant with biases = 2 is left: “same” gives the key in")
    assert failure.seed is None


def test_a_value_that_one_variant_has_is_not_lost():
    proof = merge("lstm_params", [fragment(rewarding(lambda p: p.inputs < 100), 0, 60)])
    assert proof.rewarded["same"][0] > 0
    assert {f.detail.partition(" is left")[0] for f in proof.failures} >= {
        "no variant with inputs = 3"
    }
    assert not any("biases" in f.detail for f in proof.failures if f.check == "lost-value")


def test_another_process_is_asked_and_only_the_family_at_fault_is_blamed(plant):
    folders = [
        plant(
            *("mlp_params", 'r.ints("layers", hidden + 2, 2, 12)'),
            '(3, 4 + hash("width") % 10**6, 5)',
            name="hash_order",
        ),
        plant(
            *("lstm_hidden", 'm = r.int("hidden", 2, 4)'),
            'import random; m = r.int("hidden", 2, random.randint(3, 40))',
            name="random_numbers",
        ),
        plant("lstm_hidden", 'm = r.int("hidden", 2, 4)', "m = r.hidden", name="raises"),
        plant("lstm_hidden", "VERSION = 1", "VERSION = {}[1]", name="does_not_load"),
        BANK / "lstm_hidden",
        BANK / "sigmoid_of_relu",
    ]
    proofs = prove(folders, 5, jobs=1)
    assert [proof.slug for proof in proofs] == [folder.name for folder in folders]
    failed = [set(proof.failed) for proof in proofs]
    assert "same-in-another-process" in failed[0]
    assert failed[1] >= {"same-again", "same-in-another-process"}
    assert "draw" in failed[2]
    assert failed[3] == {"load"}
    assert failed[4] == failed[5] == set()
