"""Puts what the box found of some seeds together to a proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from problems import proof as families


def merge(fragments: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the proof of a family as `problems.proof.Proof.to_json` has it."""
    return families.merge(fragments[0]["slug"], fragments).to_json()
