import json
import subprocess
import sys

import pytest

from problems.catalog import BANK, families, family, load
from problems.core import FamilyError, UnknownFamily

SERVE = """
import json, sys
from problems import catalog
from problems.core import Variant
from problems.marking import mark

for slug, family in catalog.families().items():
    variant = family.variant(3)
    shown = {part: kind.show(variant.keys[part]) for part, kind in variant.parts.items()}
    again = Variant.from_json(json.loads(json.dumps(variant.to_json())))
    assert mark(again, shown).score == 1, slug
    assert family.describe()["slug"] == slug
print(json.dumps(sorted(sys.modules)))
"""
IMPORT = """
import sys
import numpy, jinja2.sandbox, yaml
before = set(sys.modules)
import problems.catalog
print("\\n".join(sorted(set(sys.modules) - before)))
"""
HEAVY = {"torch", "flask", "sqlalchemy", "quizapp", "grader", "scipy", "hypothesis", "pytest"}


def _lines(program):
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_drawing_and_marking_every_family_imports_no_torch_no_web_and_no_database():
    modules = {name.partition(".")[0] for name in json.loads(_lines(SERVE))}
    assert "problems" in modules
    assert not modules & HEAVY


def test_importing_the_catalogue_loads_no_family_and_little_else():
    new = _lines(IMPORT).split()
    assert not [name for name in new if name.startswith("problems.bank")]
    assert not {name.partition(".")[0] for name in new} & HEAVY
    assert len(new) < 60, new


def test_the_bank_is_loaded_once_and_in_alphabetical_order():
    assert families() is families()
    assert list(families()) == sorted(path.parent.name for path in BANK.glob("*/family.py"))
    assert family("mlp_params") is families()["mlp_params"]


def test_a_family_that_is_not_there_is_refused_and_the_others_are_named():
    with pytest.raises(UnknownFamily, match=r"“nothing”.*mlp_params"):
        family("nothing")
    with pytest.raises(UnknownFamily) as caught:
        family("x" * 10_000)
    assert "x" * 61 not in str(caught.value)


@pytest.mark.parametrize("slug", families())
def test_a_seed_gives_the_same_variant_each_time_and_seeds_differ(slug):
    documents = [json.dumps(family(slug).variant(seed).to_json()) for seed in range(30)]
    assert [json.dumps(family(slug).variant(seed).to_json()) for seed in range(30)] == documents
    drawn = {json.dumps(json.loads(document)["params"]) for document in documents}
    assert len(drawn) >= 28


def test_a_family_of_which_every_draw_rewards_a_mistake_is_its_author_s_fault(plant):
    broken = load(plant("lstm_hidden", '{"h": p.c}', '{"h": recurrent.hidden_state(p.o, p.c)}'))
    with pytest.raises(FamilyError, match="200 draws in a row reward a mistake"):
        broken.variant(0)
    assert broken.variant(0, {"hidden": 2}).ambiguous == ("cell-given",)


def test_a_new_version_draws_other_numbers(plant):
    newer = load(plant("lstm_hidden", "VERSION = 1", "VERSION = 2"))
    old, new = family("lstm_hidden").variant(0), newer.variant(0)
    assert (old.version, new.version) == (1, 2)
    assert old.params["c"] != new.params["c"]
