"""A small family as an author writes it, and what is asked of it."""

from problems import catalog

QUESTION = """---
title: A sum
topic: mlp
difficulty: 1
---
What is {{ p.a }} + 1?

{{ input("sum") }}

## Hint
Add.

## Solution
{{ key.sum }}
"""
FAMILY = """from dataclasses import dataclass
from problems.answers import Integer
from problems.core import Mistake, param
@dataclass(frozen=True)
class Params:
    a: int = param("a number", 0, 99)
PARTS = {"sum": Integer()}
def draw(r):
    return Params(a=r.int("a", 0, 99))
def answer(p):
    return {"sum": p.a + 1}
def witness(p):
    return {"sum": 1 + p.a}
MISTAKES = (Mistake("no-one", "Add 1.", lambda p: {"sum": p.a}),)
def steps(p):
    return {}
"""


def request(do, family=FAMILY, question=QUESTION, **rest):
    files = {"family.py": family, "question.md": question}
    return {"do": do, "kind": "family", "slug": "sum", "version": 3, "files": files} | rest


def draw_request(seed=0, pins=None, **rest):
    return request("draw", draws=[{"seed": seed, "pins": pins or {}}], **rest)


def bank_files(slug):
    folder = catalog.BANK / slug
    return {name: (folder / name).read_text() for name in ("family.py", "question.md")}


def error_of(document):
    found = document["error"]
    return found["file"], found["line"], found["seed"], found["message"]
