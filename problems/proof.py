"""prove: the battery that every family passes before anyone may trust its keys.

For each seed the key is computed twice, by the NumPy engine and by the PyTorch witness; every
mistake is handed in as a response and must be named, never rewarded; the right answer as shown
must be marked right; blank and malformed responses must cost nothing. Another process, with
another hash seed, must draw the same variants.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from problems import params as parameters
from problems.catalog import load
from problems.core import ParamError, Values, Variant, plain
from problems.drawing import Draw
from problems.families import Family
from problems.markdown import placeholder
from problems.marking import mark

MALFORMED_TEXT = "?!"
ENOUGH_SEEDS = 100
"""With fewer seeds a mistake that is seldom offered may honestly not come up."""
DIGESTED_SEEDS = 50
KEPT_FAILURES = 20


@dataclass(frozen=True)
class Failure:
    """One check that fell short, with the seed to look at."""

    check: str
    seed: int | None
    detail: str


@dataclass
class Proof:
    """What the battery found out about one family."""

    slug: str
    seeds: int
    version: int = 0
    failures: list[Failure] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    thrown_away: float = 0.0
    distinct_keys: int = 0
    mistakes: dict[str, float] = field(default_factory=dict)
    slowest_ms: float = 0.0
    slowest_seed: int = 0
    digest: str = ""

    @property
    def ok(self) -> bool:
        """Whether every check held on every seed."""
        return not self.failed

    def fail(self, check: str, seed: int | None, detail: str) -> None:
        """Count a failure; the first few are kept in full."""
        self.failed[check] += 1
        if len(self.failures) < KEPT_FAILURES:
            self.failures.append(Failure(check, seed, detail))

    def to_json(self) -> dict[str, Any]:
        """Return the row that `quizapp family prove --json` prints."""
        return {"ok": self.ok, **asdict(self), "failed": dict(self.failed)}


def prove(folders: Sequence[Path], seeds: int, jobs: int | None = None) -> list[Proof]:
    """Prove the families in these folders over the seeds 0 to seeds - 1, in parallel.

    `jobs` is the number of processes; by default one for each core.
    """
    few = min(seeds, DIGESTED_SEEDS)
    other = _start_other_process(folders, few)
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs or os.cpu_count() or 1, mp_context=context) as pool:
        proofs = list(pool.map(prove_family, folders, [seeds] * len(folders)))
    elsewhere = _digests_of(other)
    for proof in proofs:
        if proof.digest and elsewhere.get(proof.slug) != proof.digest:
            proof.fail("same-in-another-process", None, f"the first {few} variants differ there")
    return proofs


def prove_family(folder: Path, seeds: int) -> Proof:
    """Prove one family in this process, except that another process draws the same."""
    proof = Proof(folder.name, seeds)
    try:
        family = load(folder)
    except Exception as error:  # noqa: BLE001 (whatever a family's code raises is its failure)
        proof.fail("load", None, f"{type(error).__name__}: {error}")
        return proof
    proof.version = family.version
    tally = _Tally()
    for seed in range(seeds):
        _prove_seed(family, seed, proof, tally)
    _summarise(family, proof, tally)
    return proof


@dataclass
class _Tally:
    draws: int = 0
    thrown: int = 0
    keys: set[str] = field(default_factory=set)
    offered: Counter[str] = field(default_factory=Counter)
    recognised: Counter[str] = field(default_factory=Counter)
    documents: list[str] = field(default_factory=list)


def _prove_seed(family: Family, seed: int, proof: Proof, tally: _Tally) -> None:
    start = time.perf_counter()
    try:
        variant, thrown = family.draw_counted(seed)
        elapsed_ms = 1000 * (time.perf_counter() - start)
        drawing = Draw(family.slug, family.version, seed, thrown)
        drawn = family.draw(drawing)
        _check_witness(family, variant.keys, drawn, seed, proof)
        for attempt in range(thrown):
            _check_thrown_away(family, seed, attempt, proof)
    except Exception as error:  # noqa: BLE001 (whatever a family's code raises is its failure)
        proof.fail("draw", seed, f"{type(error).__name__}: {error}")
        return
    if elapsed_ms > proof.slowest_ms:
        proof.slowest_ms, proof.slowest_seed = elapsed_ms, seed
    tally.draws += thrown + 1
    tally.thrown += thrown
    tally.keys.add(json.dumps([plain(key) for key in variant.keys.values()]))
    if len(tally.documents) < DIGESTED_SEEDS:
        tally.documents.append(_document(variant))
    _check_parameters(variant, drawn, drawing, proof)
    _check_mistakes(variant, proof, tally)
    _check_marking(variant, proof)
    _check_text(variant, proof)


def _check_parameters(variant: Variant, drawn: Any, drawing: Draw, proof: Proof) -> None:
    if parameters.to_json(drawn) != variant.params:
        proof.fail("same-again", variant.seed, "the same draw gave other parameters")
    hidden = variant.params.keys() - drawing.drawn
    if hidden:
        proof.fail("pinnable", variant.seed, f"never drawn by name: {', '.join(sorted(hidden))}")


def _check_witness(family: Family, keys: Values, drawn: Any, seed: int, proof: Proof) -> None:
    differs = disagreement(family, keys, drawn)
    if differs:
        proof.fail("witness", seed, differs)


def disagreement(family: Family, keys: Values, drawn: Any) -> str:
    """Say where the witness comes to other keys; empty where it comes to the same."""
    witnessed = family.witness(drawn)
    parts = family.parts_of(drawn)
    if {*family.parts} != {*parts} or {*parts} != {*witnessed} or {*parts} != {*keys}:
        return "answer and witness must give every part"
    differing = []
    for part, kind in parts.items():
        key, seen = keys[part], kind.value(witnessed[part])
        if not kind.agrees(key, seen):
            differing.append(f"{part}: answer {key}, witness {seen}")
    return "; ".join(differing)


def _check_thrown_away(family: Family, seed: int, attempt: int, proof: Proof) -> None:
    """Compare the keys of a draw that was thrown away: a key may be wrong as a mistake is."""
    try:
        drawn = family.draw(Draw(family.slug, family.version, seed, attempt))
    except ParamError:
        return
    _check_witness(family, family.keys(drawn), drawn, seed, proof)


def _check_mistakes(variant: Variant, proof: Proof, tally: _Tally) -> None:
    for mistake in variant.mistakes:
        tally.offered[mistake.name] += 1
        verdicts = set()
        for part, value in mistake.values.items():
            shown = variant.parts[part].show(value)
            given = mark(variant, {part: shown}).parts[part]
            named = mistake.name in (given.mistake or "").split(", ")
            verdicts.add(given.verdict)
            if given.verdict == "right":
                proof.fail("accidental", variant.seed, f"{mistake.name} earns {part}: {shown}")
            elif not named:
                proof.fail(
                    "unnamed", variant.seed, f"{mistake.name} in {part}: {shown} {given.verdict}"
                )
        tally.recognised[mistake.name] += verdicts == {"mistake"}


def _check_marking(variant: Variant, proof: Proof) -> None:
    shown = {part: kind.show(variant.keys[part]) for part, kind in variant.parts.items()}
    again = Variant.from_json(json.loads(_document(variant)))
    for version in (variant, again):
        right = mark(version, shown)
        if right.score != 1 or not right.counts:
            proof.fail("right-is-right", variant.seed, f"{shown} earns {right.score}")
    blank = mark(variant, dict.fromkeys(variant.parts, "  "))
    if blank.counts or any(part.verdict != "blank" for part in blank.parts.values()):
        proof.fail("blank", variant.seed, "a blank response is not marked as blank")
    malformed = mark(variant, dict.fromkeys(variant.parts, MALFORMED_TEXT))
    if malformed.counts or any(part.verdict != "malformed" for part in malformed.parts.values()):
        proof.fail("malformed", variant.seed, f"{MALFORMED_TEXT} is not marked as malformed")


def _check_text(variant: Variant, proof: Proof) -> None:
    for part in variant.parts:
        if variant.statement.count(placeholder(part)) != 1:
            proof.fail("text", variant.seed, f"the statement must ask for {part} once")
    if not all((variant.statement, variant.solution, *variant.hints)):
        proof.fail("text", variant.seed, "the statement, a hint or the solution is empty")
    if any(np.isnan(key).any() for key in variant.keys.values() if not isinstance(key, str)):
        proof.fail("text", variant.seed, "a key is not a number")


def _summarise(family: Family, proof: Proof, tally: _Tally) -> None:
    proof.thrown_away = tally.thrown / tally.draws if tally.draws else 0.0
    proof.distinct_keys = len(tally.keys)
    proof.digest = _digest(tally.documents)
    for mistake in family.mistakes:
        offered, recognised = tally.offered[mistake.name], tally.recognised[mistake.name]
        proof.mistakes[mistake.name] = recognised / offered if offered else 0.0
        if not recognised and proof.seeds >= ENOUGH_SEEDS:
            proof.fail("unreachable", None, f"{mistake.name} never comes up")


def _document(variant: Variant) -> str:
    return json.dumps(variant.to_json(), sort_keys=True)


def _digest(documents: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(documents).encode()).hexdigest()


def _start_other_process(folders: Sequence[Path], seeds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "problems.proof", str(seeds), *map(str, folders)]
    environment = os.environ | {"PYTHONHASHSEED": "12345"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _digests_of(process: subprocess.Popen[str]) -> dict[str, str]:
    output, _ = process.communicate()
    return json.loads(output) if process.returncode == 0 else {}


def _print_digests(seeds: int, folders: Iterable[Path]) -> None:
    """Print, for each folder's family, the digest of its first variants."""
    digests = {}
    for folder in folders:
        try:
            family = load(folder)
            digests[folder.name] = _digest(_document(family.variant(s)) for s in range(seeds))
        except Exception:  # noqa: BLE001, S112 (the proof itself reports this family)
            continue
    sys.stdout.write(json.dumps(digests))


if __name__ == "__main__":
    _print_digests(int(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
