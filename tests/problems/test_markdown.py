import re
from dataclasses import dataclass

import numpy as np
import pytest

from problems.catalog import load
from problems.core import FamilyError, Variant
from problems.markdown import equals, latex, listing, number, parse_question, placeholder

FRONT = "---\ntitle: A title\ntopic: mlp\ndifficulty: 1\n---\n"
HINT, SOLUTION = "## Hint\nThink.\n", "## Solution\nSo.\n"


@dataclass(frozen=True)
class Params:
    n: int
    x: np.ndarray


def _render(statement):
    question = parse_question(f"{FRONT}{statement}\n{HINT}{SOLUTION}")
    array = np.array([0.1 + 0.2, 1.0])
    values = {"p": Params(3, array), "key": {"f": array}, "steps": {1: 2}, "shown": {}}
    return question.render(values)[0], array


def test_a_question_has_a_statement_hints_in_order_and_a_solution():
    question = parse_question(f"{FRONT}Ask {{{{ p.n }}}}.\n{HINT}## Hint\nMore.\n{SOLUTION}")
    assert (question.title, question.topic, question.difficulty) == ("A title", "mlp", 1)
    assert question.render({"p": Params(3, None)}) == ("Ask 3.", ("Think.", "More."), "So.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "front matter"),
        ("Just a text.", "front matter"),
        ("---\ntitle: A title\n", "front matter"),
        (f"---\ntitle: [\n---\n{HINT}{SOLUTION}", "not YAML"),
        (f"---\njust text\n---\n{HINT}{SOLUTION}", "lacks title, topic, difficulty;"),
        (f"---\ntitle: A\ntopic: mlp\n---\n{HINT}{SOLUTION}", "lacks difficulty;"),
        (
            f"{FRONT.replace('title', 'name')}{HINT}{SOLUTION}",
            "lacks title and has name, which means nothing",
        ),
        (f"---\nlabels: [a]\n{FRONT[4:]}{HINT}{SOLUTION}", "labels give words"),
        (f"---\nlabels: {{a: 1}}\n{FRONT[4:]}{HINT}{SOLUTION}", "labels give words"),
        (f"---\nauthor: me\n{FRONT[4:]}{HINT}{SOLUTION}", "has author, which means nothing"),
        (f"{FRONT.replace('mlp', 'cooking')}{HINT}{SOLUTION}", "it is one of mlp"),
        (f"{FRONT.replace('mlp', '[mlp]')}{HINT}{SOLUTION}", "it is one of mlp"),
        (f"{FRONT.replace('mlp', '{mlp: 1}')}{HINT}{SOLUTION}", "it is one of mlp"),
        (f"{FRONT.replace('ty: 1', 'ty: 4')}{HINT}{SOLUTION}", "it is 1, 2 or 3"),
        (f"{FRONT.replace('ty: 1', 'ty: [1]')}{HINT}{SOLUTION}", "it is 1, 2 or 3"),
        (f"{FRONT}Ask.\n{HINT}", "one “## Solution”"),
        (f"{FRONT}Ask.\n{SOLUTION}", "at least one “## Hint”"),
        (f"{FRONT}Ask.\n{HINT}{SOLUTION}{SOLUTION}", "one “## Solution”"),
        (f"{FRONT.replace('mlp', '!!python/object/apply:os.getcwd []')}{HINT}{SOLUTION}", "YAML"),
    ],
)
def test_a_question_that_lacks_something_is_refused_and_says_what(text, said):
    with pytest.raises(FamilyError, match=r"question\.md|topic|difficulty") as caught:
        parse_question(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("front", "said", "line"),
    [
        ("title: A\ntopic: a: b", "mapping values are not allowed here", 3),
        ("title: A\ntopic: [1}", "while parsing a flow sequence, expected ',' or ']'", 3),
        ("title: " + "[" * 5000, "more than 20 levels of nesting", 2),
        ("title: A\ntopic: &t [*t, 'x]", "unexpected end of stream", 3),
        ("title: 2020-99-99", "month must be in 1..12", None),
    ],
)
def test_front_matter_that_is_not_yaml_is_refused_with_the_line_of_the_file(front, said, line):
    with pytest.raises(FamilyError, match="front matter is not YAML: ") as caught:
        parse_question(f"---\n{front}\n---\n{HINT}{SOLUTION}")
    assert said in str(caught.value)
    assert caught.value.line == line
    # No second number of a line, which would count without the file's first.
    assert "line" not in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{{ nothing }}",
        "{{ p.nothing }}",
        "{{ steps.nothing }}",
        "{{ steps['nothing'] }}",
        "{{ p.n / 0 }}",
        "{{ p.n + 'text' }}",
        "{{ p.n|nothing }}",
        "{{ p.n",
        "{% for %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'base' %}",
        "{{ range(1000000000)|first }}",
        "{{ 1e400|int }}",
        "{{ p.__class__ }}",
        "{{ p['__class__'] }}",
        "{{ p|attr('__class__') }}",
        "{{ p.n.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ ().__class__.__base__.__subclasses__() }}",
        "{{ '{0.__class__}'.format(p) }}",
        "{{ input.__globals__ }}",
        "{{ input.__globals__['np'] }}",
        "{{ latex.__globals__ }}",
        "{{ range.__self__ }}",
        "{{ self.__init__ }}",
        "{{ cycler.__init__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ joiner }}",
        "{{ key.update({'f': 0}) }}",
        "{{ key.clear() }}",
        "{{ p.x.fill(0) }}",
        "{{ key.f.sort() }}",
        "{{ p.x['fill'](0) }}",
        "{{ (p.x|attr('fill'))(0) }}",
        "{{ p.x.tofile('written') }}",
        "{{ p.x.dump('written') }}",
        "{{ p.x.tobytes() }}",
        "{{ p.x.ctypes }}",
        "{{ p.x.data }}",
        "{{ p.x.base }}",
        "{{ p.x[0].tofile('written') }}",
        "{{ p.x.T.tofile('written') }}",
    ],
)
def test_a_template_reaches_the_drawn_numbers_and_nothing_else(template, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FamilyError) as refused:
        _render(template)
    assert refused.value.file == "question.md"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ p.n }}", "3"),
        ("{{ 0.1 + 0.2 }}", "0.3"),
        ("{{ p.x[0] }}", "0.3"),
        ("{{ p.x|listing }}", "[0.3, 1]"),
        ("{{ p.x|listing(2) }}", "[0.30, 1.00]"),
        ("{{ p.x.shape[0] }}", "2"),
        ("{{ p.x[1]|num(3) }}", "1.000"),
        ("{% for a, b in zip(p.x, range(2)) %}{{ a }}:{{ b }} {% endfor %}", "0.3:0 1:1"),
        ("{{ input('f') }}", "[[input:f]]"),
        (r"${{ p.x|latex }}$", r"$\begin{pmatrix} 0.3 \\ 1 \end{pmatrix}$"),
        ('a < b & "c"', 'a < b & "c"'),
        ('{{ steps.x|default("no") }} {{ steps[1] }}', "no 2"),
    ],
)
def test_a_template_shows_numbers_as_people_write_them(template, text):
    shown, array = _render(template)
    assert shown == text
    assert array.tolist() == [0.1 + 0.2, 1.0]


def test_numbers_lists_and_matrices_are_written_for_a_statement():
    assert [number(x) for x in (3, 0.5, np.float64(1e-7), 1e12, 0.0)] == [
        *("3", "0.5", "1e-07", "1e+12", "0"),
    ]
    assert latex([[1, 2.5], [3, 4]]) == r"\begin{pmatrix} 1 & 2.5 \\ 3 & 4 \end{pmatrix}"
    assert listing([1, 2.25], 1) == "[1.0, 2.2]"
    assert placeholder("f") == "[[input:f]]"


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (9e-5, {}, "0.00009"),
        (1e-5, {}, "0.00001"),
        (-0.0, {}, "0"),
        (-0.0004, {"decimals": 3}, "0.000"),
        (-0.0, {"decimals": 2}, "0.00"),
        (-0.0006, {"decimals": 3}, "-0.001"),
        (0.6421052632, {"digits": 5}, "0.64211"),
        (0.000085653, {"digits": 3}, "0.0000857"),
        (0.5, {"digits": 5}, "0.5"),
    ],
)
def test_a_number_is_written_in_plain_digits_and_zero_without_a_sign(value, options, text):
    assert number(value, **options) == text


def test_what_is_rounded_is_said_to_be_about_equal():
    assert equals(0.0625, 3) == "≈"
    assert equals(0.0625, 4) == equals(0.1 + 0.2, 1) == equals(3) == equals(np.inf, 2) == "="
    assert equals(np.array([[0.5, 1 / 3]]), 3) == "≈"
    assert equals(1 / 3, digits=4) == "≈"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("| {{ -0.36 }} | {{ -1 }} |", "| −0.36 | −1 |"),
        ("[{{ -0.5 }}, -.5] and (-2)", "[−0.5, −.5] and (−2)"),
        ("${{ -0.36 }}$ and $$ -2 $$", "$-0.36$ and $$ -2 $$"),
        ("`x = -1`, -1\n```\nx = -1\n```", "`x = -1`, −1\n```\nx = -1\n```"),
        ("- 3 items of GPT-2, 1-3\n|--:|", "- 3 items of GPT-2, 1-3\n|--:|"),
        ("$ 1/3 {{ (1 / 3)|eq(2) }} 0.33$, {{ 0.25|eq(2) }}", r"$ 1/3 \approx 0.33$, ="),
        ("1/3 {{ (1 / 3)|eq(2) }} 0.33", "1/3 ≈ 0.33"),
    ],
)
def test_signs_are_those_of_print(template, text):
    assert _render(template)[0] == text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("VERSION = 1", "", "lacks VERSION"),
        ("def witness", "def other", "lacks witness"),
        ("@dataclass(frozen=True)\n", "", "Params must be a frozen dataclass"),
    ],
)
def test_a_family_that_lacks_something_is_refused_and_says_what(plant, old, new, said):
    with pytest.raises(FamilyError, match=said):
        load(plant("lstm_hidden", old, new))


def test_a_folder_without_a_question_is_no_family(plant):
    folder = plant("lstm_hidden", "VERSION = 1", "VERSION = 2")
    (folder / "question.md").unlink()
    with pytest.raises(FamilyError, match=r"question\.md cannot be read"):
        load(folder)


def test_a_variant_keeps_the_words_for_its_parts(plant):
    folder = plant("lstm_hidden", "VERSION = 1", "VERSION = 2")
    question = folder / "question.md"
    plain = re.sub("^labels:.*\n(  .*\n)*", "", question.read_text(), flags=re.MULTILINE)
    question.write_text(plain.replace("---\n", '---\nlabels: {h: "hidden state h"}\n', 1))
    variant = load(folder).variant(0)
    document = variant.to_json()
    assert document["labels"] == {"h": "hidden state h"}
    assert Variant.from_json(document).label("h") == "hidden state h"
    del document["labels"]
    assert Variant.from_json(document).label("h") == "h"
    question.write_text(plain.replace("---\n", "---\nlabels: {x: words}\n", 1))
    with pytest.raises(FamilyError, match="no part: x"):
        load(folder)
