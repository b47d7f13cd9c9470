"""The authors' box: what it answers, and what hostile files get from it."""

import itertools
import json
from pathlib import Path

import pytest
from authored import FAMILY, QUESTION, bank_files, draw_request, error_of, request

from grader.authoring import merge
from grader.authoring.answers import Untrue, checked
from grader.authoring.inside import answer
from problems import catalog
from quizapp import services

STARTERS = Path(services.__file__).parent / "starters" / "declared"
KEY = 'return {"sum": p.a + 1}'
SEED = 12


def planted(statement):
    """Return the family with this statement where its key is computed: line 11."""
    return FAMILY.replace(KEY, f"{statement}; {KEY}")


def test_the_box_gives_what_the_same_files_give_here(box):
    files = {"files": bank_files("lstm_hidden"), "slug": "lstm_hidden", "version": 1}
    described = request("describe") | files
    assert box.ask(described) == answer(described)
    draws = request("draw", draws=[{"seed": 4, "pins": {}}], prove=True) | files
    assert box.ask(draws) == json.loads(json.dumps(answer(draws)))
    assert box.ask(draws)["drawn"][0]["agrees"] is True


def test_fragments_of_the_box_make_the_proof_that_the_bank_gets(box):
    files = {"files": bank_files("conv_out_shape"), "slug": "conv_out_shape", "version": 2}
    spans = ({"first": 0, "count": 60}, {"first": 60, "count": 60})
    fragments = [box.ask(request("prove", **span) | files) for span in spans]
    fragments.append(box.ask(request("prove", first=0, count=50, again=True) | files))
    proof = merge(fragments)
    assert proof["ok"] is True
    assert (proof["seeds"], proof["digest"]) == (120, proof_of_the_bank()["digest"])


def proof_of_the_bank():
    family = catalog.family("conv_out_shape")
    from problems.battery import fragment
    from problems.proof import merge as put_together

    return put_together(family.slug, [fragment(family, 0, 120)]).to_json()


def test_a_family_that_draws_differently_in_each_process_is_found(box):
    family = FAMILY.replace("def draw", "import random\nsalt = random.getrandbits(40)\ndef draw")
    family = family.replace("p.a + 1}", "p.a + 1 + salt}").replace("1 + p.a}", "1 + p.a + salt}")
    spans = ({"first": 0, "count": 3}, {"first": 0, "count": 3, "again": True})
    proof = merge([box.ask(request("prove", family, **span)) for span in spans])
    assert proof["failed"] == {"same-in-another-process": 3}


HOSTILE = {
    "loops": ("exec('while 1: pass')", 11, "more than 1 s of processor time"),
    "loops and takes every exception": (
        "exec('while True:\\n try:\\n  for _ in iter(int, 1): pass\\n except BaseException: pass')",
        11,
        "more than 2 s of processor time",
    ),
    "loops deep in C": ("sum(range(10**12))", 11, "more than 2 s of processor time"),
    "eats memory": ("kept = bytearray(10**9)", 11, "memory"),
    "eats memory slowly": ("list(range(10**8))", 11, "memory"),
    "prints megabytes": ("print('x' * 10**7)", None, "printed more than 4 MiB"),
    "prints forever": ("exec('while 1: print(10**999)')", None, "printed more than 4 MiB"),
    "opens a socket": ("__import__('socket').socket()", 11, "PermissionError"),
    "connects": ("__import__('socket').create_connection(('127.0.0.1', 80), 1)", 11, "Error"),
    "reads the passwords": ("open('/etc/passwd').read()", 11, "Error"),
    "reads our code": ("open('/box/problems/core.py').read()", 11, "Error"),
    "imports the bank": ("import problems.bank.lstm_hidden.family", 11, "ModuleNotFoundError"),
    "imports the service": ("import quizapp", 11, "ModuleNotFoundError"),
    "imports the database": ("import sqlalchemy", 11, "ModuleNotFoundError"),
    "imports the tasks": ("import grader.tasks.lstm_step.task", 11, "ModuleNotFoundError"),
    "writes a file": ("open('/tmp/x', 'w')", 11, "Error"),
    "forks": ("__import__('os').fork()", 11, "PermissionError"),
    "executes": ("__import__('os').execv('/bin/sh', ['sh'])", 11, "Error"),
    "starts a thread": ("__import__('threading').Thread(target=print).start()", 11, "thread"),
    "kills its parents": ("__import__('os').killpg(0, 9)", 11, "PermissionError"),
    "waits": ("exec('while 1: __import__(\"time\").sleep(1)')", None, "waits for something"),
    "exits": ("raise SystemExit(3)", 11, "SystemExit: 3"),
    "exits at once": ("__import__('os')._exit(3)", None, "ended its process with exit code 3"),
    "crashes": ("__import__('ctypes').string_at(0)", None, "crashed the interpreter"),
    "recurses": ("f = lambda: f(); f()", 11, "RecursionError"),
    "writes to the channel": ("__import__('os').write(3, b'x' * 100)", None, "the channel"),
    "closes the channel": ("__import__('os').close(3)", None, "ended its process"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_family_gets_a_sentence_and_the_next_request_works(box, name):
    statement, line, said = HOSTILE[name]
    answered = box.ask(draw_request(SEED, family=planted(statement)))
    failed = answered if "error" in answered else answered["drawn"][0]
    file, at, seed, message = error_of(failed)
    assert said in message
    assert (at, seed) == (line, SEED)
    assert file == ("family.py" if line else None)
    honest = box.ask(draw_request(SEED))
    assert honest["drawn"][0]["variant"]["family"] == "sum"


HOSTILE_QUESTIONS = {
    "a range without end": ("{% for i in range(10**9) %}x{% endfor %}", 6, "Range too big"),
    "loops in loops": (
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        *(6, "processor time"),
    ),
    "a power without end": ("{{ 9**(9**9) }}", 6, "too many digits"),
    "a power of what is drawn": ("{{ (p.a + 9)**(9**9) }}", 6, "too many digits"),
    "a text without end": ("{{ 'x' * 10**10 }}", 6, "MemoryError"),
    "a huge statement": ("{{ 'x' * 10**6 }}", None, "256 KiB are the most"),
    "a look at classes": ("{{ p.__class__.__mro__ }}", 6, "unsafe"),
}


@pytest.mark.parametrize("name", HOSTILE_QUESTIONS)
def test_a_hostile_question_gets_a_sentence_with_its_line(box, name):
    text, line, said = HOSTILE_QUESTIONS[name]
    question = QUESTION.replace("What is", f"{text} What is")
    answered = box.ask(draw_request(SEED, question=question))
    failed = answered if "error" in answered else answered["drawn"][0]
    file, at, seed, message = error_of(failed)
    assert said in message
    assert (file, at, seed) == ("question.md" if line else None, line, SEED)


YAML = {
    "a bomb": "\n".join(
        ["a: &a [x, x, x, x, x, x, x, x, x]"]
        + [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in itertools.pairwise("abcdefghi")]
        + ["title: *i"]
    ),
    "depth": "title: " + "[" * 5000,
    "a tag of Python": "title: !!python/object/apply:os.system [ls]",
    "a strange topic": "title: x\ntopic: {a: 1}\ndifficulty: [1]",
}


@pytest.mark.parametrize("name", YAML)
def test_hostile_front_matter_gets_a_sentence(box, name):
    question = f"---\n{YAML[name]}\n---\n" + QUESTION.split("---\n")[2]
    assert error_of(box.ask(request("describe", question=question)))[0] == "question.md"


def test_a_family_that_prints_within_reason_is_drawn(box):
    assert "variant" in box.ask(draw_request(family=planted("print('x' * 10**6)")))["drawn"][0]


FORGED = """
import json, os, struct
def say(answer):
    payload = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    os.write(3, b"A" + struct.pack("<I", len(payload)) + payload)
    os._exit(0)
"""


@pytest.mark.parametrize(
    "forged",
    [
        *("b'{'", "b'[' * 10**6", "b'NaN'", "[]", "{}", "{'drawn': 3}", "{'drawn': []}"),
        *("{'error': 3}", "{'error': {'message': 3, 'file': None, 'line': None, 'seed': None}}"),
        "{'drawn': [{'variant': {}, 'agrees': True, 'detail': ''}]}",
        "{'error': {'message': 'x', 'file': '/etc/passwd', 'line': 1, 'seed': 0}}",
    ],
)
def test_a_forged_answer_is_taken_for_none(box, forged):
    answered = box.ask(draw_request(family=FORGED + f"say({forged})"))
    assert "not what was asked for" in answered["error"]["message"]


@pytest.mark.parametrize(
    ("do", "field", "value"),
    [
        ("describe", "title", 3),
        ("describe", "topic", "cooking"),
        ("describe", "mistakes", [{"name": "x"}]),
        ("prove", "failed", {"draw": "many"}),
        ("prove", "failures", [{"check": "draw"}]),
        ("prove", "slowest", [1e300, 0]),
        ("prove", "keys", {"x": [1]}),
        ("prove", "digests", {"x": "y"}),
        ("prove", "first", 7),
        ("prove", "seeds", 0),
        ("prove", "version", 7),
        ("prove", "again", True),
        ("prove", "keys", {f"sum{n}": [1, 1] for n in range(100_000)}),
        ("describe", "slug", "other"),
        ("describe", "version", 7),
        ("describe", "parts", {"key": "integer"}),
        ("describe", "meanings", {f"a{n}": "a number" for n in range(20_000)}),
    ],
)
def test_an_answer_of_another_form_is_refused(do, field, value):
    asked = request(do, first=0, count=2)
    honest = json.loads(json.dumps(answer(asked)))
    assert checked(asked, json.dumps(honest).encode()) == honest
    with pytest.raises(Untrue):
        checked(asked, json.dumps(honest | {field: value}).encode())


@pytest.mark.parametrize("field", ["seed", "version", "family", "statement", "keys"])
def test_a_variant_of_something_else_is_refused(field):
    asked = draw_request(SEED)
    forged = json.loads(json.dumps(answer(asked)))
    forged["drawn"][0]["variant"][field] = 77
    with pytest.raises(Untrue):
        checked(asked, json.dumps(forged).encode())


REAL = {"kind": "real", "weight": 1, "decimals": None, "digits": 1, "key": 1.0, "shown": "1"}
VECTOR = REAL | {"kind": "vector", "length": 1, "key": [1.0], "shown": "[1]"}
CHOICE = {"kind": "choice", "weight": 1, "options": {"a": "1"}, "key": "a", "shown": "1"}


def with_part(name, part):
    asked = draw_request(SEED)
    document = json.loads(json.dumps(answer(asked)))
    document["drawn"][0]["variant"] |= {"parts": {name: part}, "mistakes": []}
    return checked(asked, json.dumps(document).encode())


@pytest.mark.parametrize("part", [REAL, VECTOR, CHOICE])
def test_a_part_of_each_form_is_taken(part):
    assert with_part("sum", part)["drawn"][0]["variant"]["parts"] == {"sum": part}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("sum", REAL | {"weight": weight}) for weight in ("1", 0, -1, True, 1e300)),
        *(("sum", REAL | {"digits": digits}) for digits in (True, 10**6)),
        ("sum", VECTOR | {"length": "1"}),
        ("sum", CHOICE | {"options": {"a": 3}, "shown": 3}),
        *((name, REAL) for name in ("key", "go", "csrf_token", "<b>", "")),
    ],
)
def test_a_part_that_no_page_could_ask_for_is_refused(name, part):
    with pytest.raises(Untrue):
        with_part(name, part)


def test_a_number_beyond_all_is_refused():
    asked = draw_request(SEED)
    forged = json.dumps(answer(asked)).replace('"params": {"a": ', '"params": {"a": 1e999, "b": ')
    assert "1e999" in forged
    with pytest.raises(Untrue):
        checked(asked, forged.encode())


def test_texts_come_without_what_databases_refuse(box):
    question = QUESTION.replace("What is", '{{ "\\x00" }}{{ "\\ud800" }}What is')
    statement = box.ask(draw_request(question=question))["drawn"][0]["variant"]["statement"]
    assert statement.startswith("␀?What is")


def test_a_family_without_python_is_described_and_drawn(box):
    text = (STARTERS / "question.md").read_text(encoding="utf-8")
    asked = {"files": {"question.md": text}, "slug": "length"}
    assert box.ask(request("describe") | asked)["witness"] is False
    [drawn] = box.ask(draw_request(prove=True) | asked)["drawn"]
    assert (drawn["agrees"], drawn["variant"]["family"]) == (None, "length")
    wrong = {"files": {"question.md": text.replace("room / stride", "rooms / stride")}}
    assert error_of(box.ask(request("describe") | wrong))[:2] == ("question.md", 13)
