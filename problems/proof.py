"""prove: the battery over many seeds, put together from its fragments.

The fragments may come from anywhere: processes of this machine, for the bank, or the authors'
box. One of them only draws the first variants again, in another process, and must draw the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from problems import battery
from problems.battery import DIGESTED_SEEDS, KEPT_FAILURES, Failure, Fragment
from problems.catalog import load

ENOUGH_SEEDS = 100
"""With fewer seeds a mistake that is seldom offered may honestly not come up."""
ENOUGH_LOST = 10
"""A value that is thrown away less often may be so by chance."""
ELSEWHERE = "same-in-another-process"
DIFFERS = (
    "another process draws another variant: something besides Draw is random, such as `random`, "
    "the time, or the order of a set"
)


@dataclass
class Proof:
    """What the battery found out about one family.

    `thrown_away` is the share of all draws, the worst of them at `thrown_seed`; `rewarded` says of
    each mistake how many draws it had thrown away, and a seed. `most_frequent` is the largest
    share of the seeds that one key has, and `frequent_seed` one of them. `mistakes` gives the
    share of its offers in which a mistake was recognised. `witness` says whether there is one.
    """

    slug: str
    seeds: int
    version: int = 0
    witness: bool = True
    failures: list[Failure] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    thrown_away: float = 0.0
    thrown_seed: int = 0
    rewarded: dict[str, tuple[int, int]] = field(default_factory=dict)
    distinct_keys: int = 0
    most_frequent: float = 0.0
    frequent_seed: int = 0
    mistakes: dict[str, float] = field(default_factory=dict)
    slowest_ms: float = 0.0
    slowest_seed: int = 0
    digest: str = ""

    @property
    def ok(self) -> bool:
        """Whether every check held on every seed."""
        return not self.failed

    def fail(self, check: str, seed: int | None, detail: str) -> None:
        """Count a failure; the first few of each check are kept in full."""
        self.failed[check] += 1
        if self.failed[check] <= KEPT_FAILURES:
            self.failures.append(Failure(check, seed, detail))

    def to_json(self) -> dict[str, Any]:
        """Return the row that `quizapp family prove --json` prints."""
        return {"ok": self.ok, **asdict(self), "failed": dict(self.failed)}


def merge(slug: str, fragments: Iterable[Fragment]) -> Proof:
    """Put the fragments of a family's proof together: each seed in one, and first ones `again`."""
    ordered = sorted(fragments, key=lambda found: found["first"])
    tried = [found for found in ordered if not found["again"]]
    proof = Proof(slug, sum(found["seeds"] for found in tried))
    proof.version, proof.witness = tried[0]["version"], all(found["witness"] for found in tried)
    for found in tried:
        proof.failed.update(found["failed"])
        proof.failures += [Failure(**failure) for failure in found["failures"]]
    proof.failures = _first_of_each(proof.failures)
    proof.slowest_ms, proof.slowest_seed = max(tuple(found["slowest"]) for found in tried)
    draws = sum(found["draws"] for found in tried)
    proof.thrown_away = sum(found["thrown"] for found in tried) / draws if draws else 0.0
    proof.thrown_seed = max(tuple(found["most_thrown"]) for found in tried)[1]
    proof.rewarded = _summed(found["rewarded"] for found in tried)
    _count_keys(proof, _summed(found["keys"] for found in tried))
    _count_mistakes(proof, tried)
    _find_lost(proof, tried)
    _compare(proof, tried, [found for found in ordered if found["again"]])
    return proof


def prove(folders: Sequence[Path], seeds: int, jobs: int | None = None) -> list[Proof]:
    """Prove the families in these folders over the seeds 0 to seeds - 1, in parallel.

    `jobs` is the number of processes; by default one for each core.
    """
    few = min(seeds, DIGESTED_SEEDS)
    other = _start_other_process(folders, few)
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs or os.cpu_count(), context, _keep_to_one_core) as pool:
        tried = list(pool.map(_fragment, folders, [seeds] * len(folders)))
    elsewhere = _fragments_of(other)
    return [
        merge(folder.name, [found, elsewhere.get(folder.name, _nothing(few))])
        for folder, found in zip(folders, tried, strict=True)
    ]


def prove_family(folder: Path, seeds: int) -> Proof:
    """Prove one family in this process, except that another process draws the same."""
    return merge(folder.name, [_fragment(folder, seeds)])


def _keep_to_one_core() -> None:
    """Let this process's PyTorch start no threads: on small tensors they wait for each other."""
    os.environ["OMP_NUM_THREADS"] = "1"


def _fragment(folder: Path, seeds: int) -> Fragment:
    try:
        family = load(folder)
    except Exception as error:  # noqa: BLE001 (whatever a family's code raises is its failure)
        return battery.unloadable(error, 0, seeds)
    return battery.fragment(family, 0, seeds)


def _first_of_each(failures: list[Failure]) -> list[Failure]:
    seen: Counter[str] = Counter()
    kept = []
    for failure in failures:
        seen[failure.check] += 1
        if seen[failure.check] <= KEPT_FAILURES:
            kept.append(failure)
    return kept


def _summed(counts: Iterable[dict[str, tuple[int, int]]]) -> dict[str, tuple[int, int]]:
    """Add up counts by name; of the seeds to look at the first is kept."""
    summed: dict[str, tuple[int, int]] = {}
    for found in counts:
        for name, (times, seed) in found.items():
            before, first = summed.get(name, (0, seed))
            summed[name] = before + times, first
    return summed


def _count_keys(proof: Proof, keys: dict[str, tuple[int, int]]) -> None:
    proof.distinct_keys = len(keys)
    if keys:
        times, proof.frequent_seed = max(keys.values(), key=lambda found: (found[0], -found[1]))
        proof.most_frequent = times / sum(count for count, _ in keys.values())


def _count_mistakes(proof: Proof, tried: Sequence[Fragment]) -> None:
    for name in tried[0]["mistakes"]:
        offered, recognised = (
            sum(found["mistakes"][name][place] for found in tried) for place in (0, 1)
        )
        proof.mistakes[name] = recognised / offered if offered else 0.0
        if not recognised and proof.seeds >= ENOUGH_SEEDS:
            proof.fail("unreachable", None, f"{name} never comes up")


def _find_lost(proof: Proof, tried: Sequence[Fragment]) -> None:
    """Find the values of choices that no variant has, because mistakes give the key in them all."""
    kept = {choice for found in tried for choice in found["kept"]}
    lost: dict[str, Counter[str]] = {}
    for found in tried:
        for choice, times in found["lost"].items():
            lost.setdefault(choice, Counter()).update(times)
    for choice, times in sorted(lost.items()):
        if choice not in kept and times.total() >= ENOUGH_LOST:
            mistakes = ", ".join(f"“{name}”" for name, _ in times.most_common())
            said = f"{mistakes} gives the key in all {times.total()} draws of it"
            proof.fail("lost-value", None, f"no variant with {choice} is left: {said}")


def _compare(proof: Proof, tried: Sequence[Fragment], again: Sequence[Fragment]) -> None:
    """Compare the variants of the first seeds with those that another process drew."""
    digests = {int(seed): found["digests"][seed] for found in tried for seed in found["digests"]}
    proof.digest = battery.digest(digests[seed] for seed in sorted(digests))
    for found in again:
        seeds = range(found["first"], found["first"] + found["seeds"])
        for seed in sorted(digests.keys() & {*seeds}):
            if found["digests"].get(str(seed)) != digests[seed]:
                proof.fail(ELSEWHERE, seed, DIFFERS)


def _nothing(seeds: int) -> Fragment:
    """Return what another process drew that could not load the family."""
    return {"first": 0, "seeds": seeds, "again": True, "digests": {}}


def _start_other_process(folders: Sequence[Path], seeds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "problems.proof", str(seeds), *map(str, folders)]
    environment = os.environ | {"PYTHONHASHSEED": "12345"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _fragments_of(process: subprocess.Popen[str]) -> dict[str, Fragment]:
    output, _ = process.communicate()
    return json.loads(output) if process.returncode == 0 else {}


def _print_again(seeds: int, folders: Iterable[Path]) -> None:
    """Print, for each folder's family, its first variants drawn again."""
    fragments = {}
    for folder in folders:
        try:
            fragments[folder.name] = battery.again(load(folder), 0, seeds)
        except Exception:  # noqa: BLE001, S112 (the proof itself reports this family)
            continue
    sys.stdout.write(json.dumps(fragments))


if __name__ == "__main__":
    _print_again(int(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
