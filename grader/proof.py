"""prove: whether a task's own cases tell every known mistake from the right answer, and apart.

A mutant that the cases let through would earn the mark; two with the same results on all cases
would be given each other's message. The cases are those that a submission would get: each secret
seed draws its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from grader import starter
from grader.cases import draw_cases, run_mutant
from grader.comparison import same_outputs
from grader.core import Outputs, Task, TaskError

ENOUGH_MUTANTS = 5


@dataclass(frozen=True)
class Proof:
    """What the seeds showed of one task.

    `survivors` passed every case of some seed; `confused` pairs agreed on every case of some seed.
    `faults` are what is wrong with the reference and the starter code, in words.
    """

    slug: str
    seeds: int
    cases: int
    mutants: int
    survivors: tuple[str, ...]
    confused: tuple[tuple[str, str], ...]
    faults: tuple[str, ...] = ()

    @property
    def killed(self) -> int:
        """How many mutants failed a case or more, whatever the seed."""
        return self.mutants - len(self.survivors)

    @property
    def score(self) -> float:
        """The mutation score: the share of mutants killed."""
        return self.killed / self.mutants if self.mutants else 0.0

    @property
    def ok(self) -> bool:
        """Whether there are mutants enough, all killed, none confused, and no fault."""
        found = self.survivors or self.confused or self.faults
        return self.mutants >= ENOUGH_MUTANTS and not found

    def to_json(self) -> dict[str, Any]:
        """Return the row that `quizapp task prove --json` prints."""
        return {"ok": self.ok, **asdict(self), "killed": self.killed, "mutation_score": self.score}


def prove(task: Task, seeds: Sequence[int]) -> Proof:
    """Run the reference against every mutant, and every mutant against the others."""
    names = [mutant.name for mutant in task.mutants]
    survivors: set[str] = set()
    confused: set[tuple[str, str]] = set()
    wrong = starter.fault(task)
    faults = [wrong] if wrong else []
    for seed in seeds:
        try:
            cases = draw_cases(task, seed)
        except TaskError as error:
            faults.append(f"seed {seed}: {error}")
            continue
        expected = [case.expected for case in cases]
        found = {m.name: [run_mutant(m, case) for case in cases] for m in task.mutants}
        survivors |= {name for name in names if _agree(task, found[name], expected)}
        confused |= {
            (one, other)
            for one, other in combinations(names, 2)
            if _agree(task, found[one], found[other])
        }
    return Proof(
        task.slug,
        len(seeds),
        len(task.plans),
        len(names),
        tuple(name for name in names if name in survivors),
        tuple(sorted(confused)),
        tuple(faults),
    )


def _agree(task: Task, one: Sequence[Outputs | None], other: Sequence[Outputs | None]) -> bool:
    """Say whether two implementations do the same on every case; None is an exception raised."""
    return all(
        a is b if a is None or b is None else same_outputs(task, a, b)
        for a, b in zip(one, other, strict=True)
    )
