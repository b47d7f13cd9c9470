"""What authors read of the slips that everybody makes: what is wrong, where, and what to write."""

import pytest
from authored import FAMILY, QUESTION, draw_request, error_of, request

from grader.authoring.inside import answer
from quizapp.services.authoring import starting_files

TASK = starting_files("starter/task")[1]
DECLARED = starting_files("starter/declared")[1]["question.md"]
SQUARES = "    return float(np.mean((prediction - target) ** 2))"


def first_fault(asked):
    """Return the fault of a description, or else of a draw."""
    found = answer(asked)
    if "error" not in found:
        [found] = answer(asked | {"do": "draw", "draws": [{"seed": 0, "pins": {}}]})["drawn"]
    file, line, _, message = error_of(found)
    return file, line, message


def slip(text, old, new):
    assert old in text
    return text.replace(old, new)


def check_slip(asked, line, said):
    """Fail unless the author is told this, of this line; return the file that it is in."""
    file, where, message = first_fault(asked)
    assert where == line
    assert said in message
    return file


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("p.a", "p.nme", 6, "The parameters have no “nme”; there are a."),
        ("p.a", "p.A", 6, "there are a. Did you mean “a”?"),
        ("key.sum", "key.sun", 14, "The keys have no “sun”; there are sum. Did you mean “sum”?"),
        ("key.sum", "steps.half", 14, "The steps have no “half”; there are none."),
        ("key.sum", "shown.x", 14, "“shown” has no “x”; there are sum."),
        ("p.a", "a", 6, "There is no “a” here. A template knows p (the parameters, as in p.size)"),
        ('input("sum")', "input(sum)", 8, "a text stands in quotes."),
        ("p.a }}", "p.a }", 6, "Values stand in {{ … }}"),
        ("title: A sum", "title: A sum: one", 2, "A text with a colon in it stands in quotes"),
        ("topic: mlp", "topic: attntion", 3, "no topic “attntion”; it is one of mlp, cnn"),
        ("topic: mlp", "topic: attntion", 3, "Did you mean attention?"),
        ("difficulty: 1", "difficulty: easy", 4, "no difficulty “easy”; it is 1, 2 or 3"),
        ("title: A sum\n", "", 1, "front matter lacks title; it needs title, topic, difficulty"),
        ("title: A", "author: me\ntitle: A", 1, "has author, which means nothing"),
        ("## Hint", "## Hints", None, "needs at least one “## Hint”"),
    ],
)
def test_a_slip_in_a_question_is_told_with_what_there_is(old, new, line, said):
    asked = request("describe", question=slip(QUESTION, old, new))
    assert check_slip(asked, line, said) == "question.md"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('r.int("a"', 'r.integer("a"', 9, "it has array, bool, choice, chosen, drawn"),
        ('r.int("a", 0', "r.int(0", 9, "A parameter's name comes first, as in r.int("),
        ("return Params", "Params", 8, "draw must return Params(...), not NoneType"),
        ("p.a + 1}", "p.aa + 1}", 11, "it has a"),
        ('{"sum": p.a + 1}', "p.a + 1", 10, "answer must return a dict of values by part, not int"),
        ('{"sum": p.a + 1}', '{"s": p.a}', 10, "answer gives s; the parts are sum"),
        ('{"sum": p.a + 1}', 'dict.fromkeys("edcba", 1)', 10, "answer gives a, b, c, d, e; the"),
        ('{"sum": p.a + 1}', "{}", 10, "answer must give every part; it leaves out sum"),
        ('{"sum": p.a + 1}', '{"sum": 0.5}', 10, "answer gives no integer for sum: 0.5 is not"),
        ('{"sum": p.a})', "p.a)", 14, "the mistake no-one must return a dict of values by part"),
        ("return {}", "pass", 15, "steps must return a dict, not NoneType"),
        ("Integer()}", "Integer}", None, 'as in PARTS = {"total": Integer()}'),
        ("}),)", "}))", None, "MISTAKES is a tuple of Mistake(...), with a comma after each"),
        ("(frozen=True)", "", None, "write @dataclass(frozen=True) above it"),
        ('int = param("a number", 0, 99)', "int", None, 'as in a: int = param("words for it"'),
    ],
)
def test_a_slip_in_a_family_is_told_with_what_to_write(old, new, line, said):
    check_slip(request("describe", family=slip(FAMILY, old, new)), line, said)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            "2*padding",
            "2*paddin",
            11,
            "“paddin” is neither a parameter nor a step before this. Did",
        ),
        ("2*padding", "2*p.padding", 11, "“p.padding”: names stand alone here: “padding”"),
        ("plus-one-forgotten", "padding-once", None, "two mistakes are named padding-once"),
        ("[3, 5, 7]", "3, 5, 7", 7, "or `choices` in [ ]"),
        ("p.kernel", "p.kernal", 22, "Did you mean “kernel”?"),
    ],
)
def test_a_slip_in_a_declaration_is_told_with_what_to_write(old, new, line, said):
    files = {"question.md": slip(DECLARED, old, new)}
    check_slip(request("describe") | {"files": files}, line, said)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("task.py", SQUARES, "    pass", "reference must return the numbers or arrays of RETURNS"),
        ("task.py", SQUARES, "    return 1.0, 2.0", "arrays of RETURNS: loss."),
        (
            "task.py",
            '"target": numbers',
            '"targets": numbers',
            "draw must return a dict of the ARG",
        ),
        ("task.py", "plans()", "plans", "PLANS is a tuple of Plan(...)"),
        ("task.py", '{"loss": "()"}', '["loss"]', "RETURNS gives each name its shape as a text"),
        ("task.py", "def draw", "def drawing", "task.py: draw is missing"),
    ],
)
def test_a_slip_in_a_task_is_told_with_what_to_write(name, old, new, said):
    files = TASK | {name: slip(TASK[name], old, new)}
    asked = request("cases", seed=1) | {"kind": "task", "files": files}
    assert said in error_of(answer(asked))[3]


@pytest.mark.parametrize(
    ("front", "said", "line"),
    [
        ("title: A\ntopic: a: b", "allowed here. A text with a colon in it stands in quotes", 3),
        ("title: A\ntopic: [1}", "expected ',' or ']', but got '}'", 3),
        ("title: " + "[" * 2000, "more than 20 levels of nesting", 2),
    ],
)
def test_the_front_matter_of_a_task_is_read_as_a_questions_is(front, said, line):
    text = f"---\n{front}\n---\n" + TASK["task.md"].partition("\n---\n")[2]
    asked = request("cases", seed=1) | {"kind": "task", "files": TASK | {"task.md": text}}
    file, where, _, message = error_of(answer(asked))
    assert (file, where) == ("task.md", line)
    assert message == f"task.md's front matter is not YAML: {message.partition(': ')[2]}"
    assert message.endswith(said)


def test_an_answer_of_decimals_is_told_how_to_ask_for_them():
    family = FAMILY.replace("Integer", "Real")
    _, where, message = first_fault(request("describe", family=family))
    assert where == FAMILY.splitlines().index('PARTS = {"sum": Integer()}') + 1
    assert message.endswith("give decimals or digits, as in Real(decimals=2)")


def test_a_fault_of_a_template_names_its_file_apart_from_the_words():
    asked = request("describe", question=QUESTION.replace("p.a", "p.nme"))
    assert first_fault(asked)[2] == "The parameters have no “nme”; there are a."


def test_an_empty_family_is_not_blamed_on_the_question():
    said = "family.py is empty, and the front matter of question.md declares no parameters"
    for files in ({}, {"family.py": " \n"}):
        file, _, message = first_fault(
            request("describe") | {"files": {"question.md": QUESTION, **files}}
        )
        assert file is None
        assert message.startswith(said)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("floor(room / (stride - stride))", "“floor(room / (stride - stride))” divides by zero."),
        ("room / 1000", "this does not come to a whole number."),
    ],
)
def test_a_formula_that_never_has_a_value_is_told_with_its_line(formula, said):
    text = DECLARED.replace("floor(room / stride) + 1}", formula + "}", 1)
    line = 1 + next(n for n, row in enumerate(text.splitlines()) if formula in row)
    asked = request("describe") | {"files": {"question.md": text}}
    assert first_fault(asked) == ("question.md", line, f"positions: {said}")


def test_a_witness_that_gives_nothing_is_named():
    family = FAMILY.replace('return {"sum": 1 + p.a}', "pass")
    [drawn] = answer(draw_request(family=family, prove=True))["drawn"]
    assert drawn["detail"] == "witness must return a dict of values by part, not NoneType"
