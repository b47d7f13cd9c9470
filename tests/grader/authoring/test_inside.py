"""What runs inside the authors' box, called directly."""

import json

import pytest
from authored import FAMILY, QUESTION, bank_files, draw_request, error_of, request

from grader.authoring import merge
from grader.authoring.inside import answer
from problems import catalog
from problems.core import Variant

SLUG = "conv_out_shape"


def ask(do, *files, **rest):
    return answer(request(do, *files, **rest))


def draw(seed=0, pins=None, **rest):
    return answer(draw_request(seed, pins, **rest))["drawn"][0]


def test_a_family_is_described_as_the_bank_describes_it():
    described = answer(
        {
            "do": "describe",
            "kind": "family",
            "slug": SLUG,
            "version": 2,
            "files": bank_files(SLUG),
        }
    )
    known = catalog.family(SLUG)
    assert described.items() >= known.describe().items()
    assert described["mistakes"][0].keys() == {"name", "message"}
    assert len(described["mistakes"]) == len(known.mistakes)
    assert described["witness"] is True


def test_a_variant_is_the_one_that_the_bank_draws():
    draws = [{"seed": 5, "pins": {}}, {"seed": 6, "pins": {"height": 40}}]
    request = {"do": "draw", "kind": "family", "slug": SLUG, "version": 2, "draws": draws}
    drawn = answer(request | {"files": bank_files(SLUG), "prove": True})["drawn"]
    for given, draw in zip(drawn, draws, strict=True):
        known = catalog.family(SLUG).variant(draw["seed"], draw["pins"])
        assert given == {"variant": known.to_json(), "agrees": True, "detail": ""}
        assert Variant.from_json(given["variant"]).to_json() == known.to_json()


def test_the_version_asked_for_stands_in_place_of_the_files_own():
    assert ask("describe", family=FAMILY + "VERSION = 9\n")["version"] == 3
    assert draw()["variant"]["version"] == 3


def test_a_witness_that_disagrees_is_told():
    wrong = FAMILY.replace("1 + p.a", "2 + p.a")
    found = draw(family=wrong, pins={"a": 4}, prove=True)
    assert found["agrees"] is False
    assert found["detail"] == "sum: answer 5, witness 6"


def test_a_mistake_in_the_python_names_its_line_and_seed():
    wrong = FAMILY.replace('return {"sum": p.a + 1}', 'return {"sum": p.b + 1}')
    file, line, seed, message = error_of(draw(seed=7, family=wrong))
    assert (file, line, seed) == ("family.py", 11, 7)
    assert message.startswith("AttributeError: ")


@pytest.mark.parametrize(
    ("family", "line"),
    [(FAMILY.replace("return {}", "return {"), 16), ("import os\nx = 1 / 0\n", 2)],
    ids=["syntax", "import"],
)
def test_a_file_that_does_not_load_names_its_line(family, line):
    assert error_of(ask("describe", family=family))[:2] == ("family.py", line)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("What is {{ p.a }}", "What is {{ p.b }}", 6),
        ("{{ key.sum }}", "{{ key.sum", 14),
        ("Add.", "{{ 1 / 0 }}", 11),
        ("topic: mlp", "topic: [mlp", 4),
    ],
    ids=["unknown name", "syntax", "in a hint", "yaml"],
)
def test_a_mistake_in_the_question_names_its_line_in_the_whole_file(old, new, line):
    assert error_of(draw_or_error(QUESTION.replace(old, new)))[:2] == ("question.md", line)


def draw_or_error(question):
    answered = ask("draw", question=question, draws=[{"seed": 0, "pins": {}}])
    return answered if "error" in answered else answered["drawn"][0]


def test_one_draw_that_fails_leaves_the_others():
    family = FAMILY.replace("p.a + 1}", "1 // (p.a - 4)}").replace("1 + p.a", "0")
    draws = [{"seed": 0, "pins": {"a": a}} for a in (3, 4, 7)]
    first, second, third = ask("draw", family=family, draws=draws)["drawn"]
    assert "variant" in first
    assert error_of(second) == (
        "family.py",
        11,
        0,
        "ZeroDivisionError: integer division or modulo by zero",
    )
    assert "variant" in third


def test_a_pin_that_the_family_cannot_take_is_a_sentence():
    assert error_of(draw(pins={"a": 1000}))[3] == "a: 1000 is outside its range, 0..99."


@pytest.mark.parametrize(
    "last", ["raise SystemExit(0)", "raise KeyboardInterrupt", "raise GeneratorExit"]
)
def test_what_would_end_the_process_is_an_error_like_others(last):
    assert error_of(ask("describe", family=f"{FAMILY}{last}\n"))[:2] == ("family.py", 17)


def prove(first, count, family=FAMILY, **rest):
    return json.loads(json.dumps(ask("prove", family, first=first, count=count, **rest)))


def test_fragments_come_to_the_proof_of_the_whole():
    fragments = [prove(0, 60), prove(60, 60), prove(0, 60, again=True)]
    proof = merge(fragments)
    assert proof["ok"] is True
    assert (proof["slug"], proof["version"], proof["seeds"]) == ("sum", 3, 120)
    assert proof["mistakes"] == {"no-one": 1.0}


def test_a_family_that_draws_differently_twice_is_found_with_the_seed():
    family = FAMILY.replace("def draw", "calls = []\ndef draw")
    family = family.replace("return Params(", "calls.append(1)\n    return Params(")
    family = family.replace('return {"sum": p.a + 1}', 'return {"sum": p.a + 1 + len(calls)}')
    family = family.replace('return {"sum": 1 + p.a}', "return answer(p)")
    proof = merge([prove(0, 4, family), prove(0, 4, family, again=True)])
    failures = [f for f in proof["failures"] if f["check"] == "same-in-another-process"]
    assert [failure["seed"] for failure in failures] == [0, 2, 3]


def test_a_key_that_is_not_a_number_is_never_a_variant():
    family = FAMILY.replace("Integer()", "Real(digits=3)").replace("Integer", "Real")
    family = family.replace('{"sum": p.a + 1}', '{"sum": float("nan")}')
    assert error_of(draw(seed=3, family=family)) == (
        *("family.py", None, 3),
        "the key of sum: not a number (NaN)",
    )


def test_a_family_whose_draws_all_reward_a_mistake_names_it():
    family = FAMILY.replace('lambda p: {"sum": p.a}', 'lambda p: {"sum": p.a + 1}')
    message = error_of(draw(seed=3, family=family))[3]
    assert "200 draws in a row reward a mistake (no-one); change what it gives" in message
    assert prove(0, 2, family)["failures"][0]["seed"] == 0
