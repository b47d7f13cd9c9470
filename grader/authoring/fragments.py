"""Puts what the box found of some seeds together to a proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from problems import proof as families

KEPT_FAILURES = 20


def merge(fragments: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the proof of a family as `problems.proof.Proof.to_json` has it, or that of a task.

    Of a task it has {ok, slug, version, seeds, cases, mutation_score, told, failed, failures};
    `told` is for each mutant the share of seeds on which it is told from the reference.
    """
    slug = fragments[0]["slug"]
    if fragments[0]["kind"] == "family":
        return families.merge(slug, fragments).to_json()
    return _merge_task(slug, sorted(fragments, key=lambda found: found["first"]))


def _merge_task(slug: str, fragments: Sequence[dict[str, Any]]) -> dict[str, Any]:
    failed: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    failures = []
    for found in fragments:
        failed.update(found["failed"])
        for failure in found["failures"]:
            kept[failure["check"]] += 1
            if kept[failure["check"]] <= KEPT_FAILURES:
                failures.append(failure)
    seeds = sum(found["seeds"] for found in fragments)
    names = fragments[0]["told"]
    told = {name: sum(f["told"].get(name, 0) for f in fragments) / seeds for name in names}
    if not told:
        failed["mutants"] += 1
        detail = "there is none: no wrong answer would be told what is wrong with it"
        failures.append({"check": "mutants", "seed": None, "detail": detail} | _NOWHERE)
    return {
        "ok": not failed,
        "slug": slug,
        "version": fragments[0]["version"],
        "seeds": seeds,
        "cases": fragments[0]["cases"],
        "mutation_score": sum(share == 1 for share in told.values()) / len(told) if told else 0.0,
        "told": told,
        "failed": dict(failed),
        "failures": failures,
    }


_NOWHERE = {"file": None, "line": None}
