"""Answers requests about authors' files: what runs inside the box, and in nothing else of ours.

A request and its answer are data. {"do", "kind": "family" | "task", "slug", "version",
"files": {name: text}} and what each `do` takes besides:

    describe                                    what the files say of themselves
    draw     draws: [{seed, pins}], prove       variants, on request with the witness's word
    prove    first, count                       a fragment of a proof
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.authoring import loading
from grader.authoring.faults import Fault, fault
from problems.families import Family
from problems.proof import disagreement

Request = dict[str, Any]
Answer = dict[str, Any]


def answer(request: Request) -> Answer:
    """Return what is asked for, or {"error": {message, file, line, seed}}: the author's fault."""
    try:
        return _VERBS[request["kind"], request["do"]](request)
    except MemoryError:
        return Fault("The files use more memory than there is for them.").to_json()
    except BaseException as error:  # noqa: BLE001 (whatever an author's code raises, SystemExit too)
        return fault(error, request["files"]).to_json()


def _family(request: Request) -> Family:
    return loading.family(request["slug"], request["version"], request["files"])


def _describe_family(request: Request) -> Answer:
    family = _family(request)
    mistakes = [{"name": m.name, "message": m.message} for m in family.mistakes]
    return family.describe() | {"mistakes": mistakes, "witness": True}


def _draw(request: Request) -> Answer:
    family = _family(request)
    files, prove = request["files"], request.get("prove", False)
    drawn = []
    for draw in request["draws"]:
        try:
            drawn.append(_drawn(family, draw["seed"], draw["pins"], prove=prove))
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 (one bad draw leaves the others)
            drawn.append(fault(error, files, draw["seed"]).to_json())
    return {"drawn": drawn}


def _drawn(family: Family, seed: int, pins: dict[str, Any], *, prove: bool) -> Answer:
    variant, thrown = family.draw_counted(seed, pins)
    drawn: Answer = {"variant": variant.to_json(), "agrees": None, "detail": ""}
    if prove:
        differs = disagreement(family, variant.keys, family.drawn(seed, thrown, pins))
        drawn |= {"agrees": not differs, "detail": differs}
    return drawn


_VERBS: dict[tuple[str, str], Callable[[Request], Answer]] = {
    ("family", "describe"): _describe_family,
    ("family", "draw"): _draw,
}
