"""Grading in a warm sandbox beside a cold one and beside other graders.

Run `python -m benchmarks.grader`. All grade the same ten cases. They take turns, so that a busy
machine slows them alike: trust the ratios.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import peers
from benchmarks.problems import machine
from grader import catalog
from grader.core import Framework
from grader.marker import Grader

ROUNDS: dict[Framework, int] = {"numpy": 20, "torch": 5}
BARS: dict[Framework, float] = {"numpy": 1 / 4, "torch": 1 / 20}
WARM_UP = 3


def main() -> None:
    print(machine())
    print(f"\n{'one submission, ten cases':34}{'p50 ms':>9}{'min ms':>9}{'/ cold':>9}  bar")
    with tempfile.TemporaryDirectory() as folder, Grader() as grader:
        others = {
            name: partial(peers.run, command)
            for name, command in peers.install(Path(folder)).items()
        }
        for framework in ("numpy", "torch"):
            cold = f"cold bubblewrap + {framework}"
            warm = f"warm grader, {framework}"
            ways = {
                cold: partial(peers.run, peers.cold(framework)),
                warm: partial(grade, grader, framework),
                **(others if framework == "numpy" else {}),
            }
            times = alternate(ways, ROUNDS[framework])
            bar = {warm: BARS[framework]}
            for name, taken in times.items():
                row(name, taken, statistics.median(times[cold]), bar.get(name))
        print("layers:", ", ".join(grader.layers))


def grade(grader: Grader, framework: Framework) -> None:
    source = peers.SOURCES[framework].encode()
    verdict = grader.grade(catalog.task(peers.TASK), source, seed=time.monotonic_ns())
    assert verdict.verdict == "accepted", verdict.message


def alternate(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    """Take turns; return the milliseconds of each way."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + WARM_UP):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if number >= WARM_UP:
                times[name].append((time.perf_counter() - started) * 1000)
    return times


def row(name: str, taken: list[float], cold: float, bar: float | None) -> None:
    ratio = statistics.median(taken) / cold
    said = "" if bar is None else f"  at most {bar:g}: {'met' if ratio <= bar else 'MISSED'}"
    print(
        f"{name:34}{statistics.median(taken):9.1f}{min(taken):9.1f}{ratio:9.3f}{said}", flush=True
    )


if __name__ == "__main__":
    main()
