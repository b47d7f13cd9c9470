import json

import pytest

from problems.catalog import BANK, families
from problems.proof import ENOUGH_SEEDS, prove, prove_family


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
        ("lstm_hidden", '{"h": p.c}', '{"x": p.c}', "draw", "KeyError: 'x'"),
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
        ("lstm_hidden", HIDDEN_ANSWER, "{}", "draw", "KeyError"),
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
        ("{{ p.o|latex }}", "{{ p.oo|latex }}", "draw", "no attribute 'oo'"),
        ("{{ p.o|latex }}", "{{ nothing }}", "draw", "'nothing' is undefined"),
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
