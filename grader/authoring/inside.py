"""Answers requests about authors' files: what runs inside the box, and in nothing else of ours.

A request and its answer are data. {"do", "kind": "family" | "task", "slug", "version",
"files": {name: text}} and what each `do` takes besides:

    describe                                    what the files say of themselves
    draw     draws: [{seed, pins}], prove       variants, on request with the witness's word
    prove    first, count, again                a fragment of a proof: see problems/battery.py
    cases    seed                               a submission's cases, of a task
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from grader.authoring import loading, tasks
from grader.core import GraderError, Task
from problems import battery
from problems.core import FamilyError
from problems.families import Family
from problems.places import place, words

MAX_ANSWER = 8 * 2**20
MAX_VARIANT = 256 * 2**10
"""Bytes of an answer's JSON, and of the JSON of one variant in it."""

Request = dict[str, Any]
Answer = dict[str, Any]
OnSeed = Callable[[int], None]


class OutOfTime(BaseException):
    """The processor time is nearly over. No author's `except Exception` takes it."""


def answer(request: Request, on_seed: OnSeed = lambda _: None) -> Answer:
    """Return what is asked for, or {"error": {message, file, line, seed}}: the author's fault.

    `on_seed` is told each seed before the author's code is run with it.
    """
    seeds: list[int] = []

    def note(seed: int) -> None:
        seeds[:] = [seed]
        on_seed(seed)

    try:
        return _VERBS[request["kind"], request["do"]](request, note)
    except BaseException as error:  # noqa: BLE001 (whatever an author's code raises, SystemExit too)
        return fault(error, *seeds)


def fault(error: BaseException, seed: int | None = None) -> Answer:
    """Return the answer that tells an author what their code raised, and where."""
    file, line = place(error)
    said = str(error) if isinstance(error, OutOfTime | GraderError) else words(error)
    return {"error": {"message": said, "file": file, "line": line, "seed": seed}}


def _family(request: Request) -> Family:
    return loading.family(request["slug"], request["version"], request["files"])


def _describe_family(request: Request, _: OnSeed) -> Answer:
    family = _family(request)
    mistakes = [{"name": m.name, "message": m.message} for m in family.mistakes]
    return family.describe() | {"mistakes": mistakes, "witness": family.witness is not None}


def _draw(request: Request, on_seed: OnSeed) -> Answer:
    family = _family(request)
    drawn, prove = [], request.get("prove", False)
    for draw in request["draws"]:
        on_seed(draw["seed"])
        try:
            drawn.append(_drawn(family, draw["seed"], draw["pins"], prove=prove))
        except Exception as error:  # noqa: BLE001 (one bad draw leaves the others)
            drawn.append(fault(error, draw["seed"]))
    return {"drawn": drawn}


def _drawn(family: Family, seed: int, pins: dict[str, Any], *, prove: bool) -> Answer:
    variant, thrown = family.draw_counted(seed, pins)
    wrong = battery.not_numbers(variant)
    if wrong:
        raise FamilyError(wrong, loading.FAMILY)
    document = variant.to_json()
    size = len(json.dumps(document))
    if size > MAX_VARIANT:
        raise FamilyError(
            f"The question, its hints, solution and values come to {size // 2**10} KiB; "
            f"{MAX_VARIANT // 2**10} KiB are the most."
        )
    drawn: Answer = {"variant": document, "agrees": None, "detail": ""}
    if prove and family.witness is not None:
        differs = battery.disagreement(family, variant.keys, family.drawn(seed, thrown, pins))
        drawn |= {"agrees": not differs, "detail": differs}
    return drawn


def _prove_family(request: Request, on_seed: OnSeed) -> Answer:
    again = request.get("again", False)
    prove = battery.again if again else battery.fragment
    return {"kind": "family", "slug": request["slug"]} | prove(
        _family(request), request["first"], request["count"], on_seed
    )


def _task(request: Request) -> Task:
    return loading.task(request["slug"], request["version"], request["files"])


def _describe_task(request: Request, _: OnSeed) -> Answer:
    return tasks.describe(_task(request))


def _cases(request: Request, on_seed: OnSeed) -> Answer:
    on_seed(request["seed"])
    return tasks.cases(_task(request), request["seed"])


def _prove_task(request: Request, on_seed: OnSeed) -> Answer:
    found = tasks.fragment(_task(request), request["first"], request["count"], on_seed)
    return {"kind": "task", "slug": request["slug"]} | found


_VERBS: dict[tuple[str, str], Callable[[Request, OnSeed], Answer]] = {
    ("family", "describe"): _describe_family,
    ("family", "draw"): _draw,
    ("family", "prove"): _prove_family,
    ("task", "describe"): _describe_task,
    ("task", "cases"): _cases,
    ("task", "prove"): _prove_task,
}
