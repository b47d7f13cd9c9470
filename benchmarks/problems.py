"""Time what a student waits for: drawing a variant, marking it, and showing its statement.

Run `python -m benchmarks.problems [SEEDS]`. Times are by wall clock, in milliseconds, over the
whole bank; the bars are for the medians.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from problems.catalog import families
from problems.core import Variant
from problems.families import Family
from problems.markdown import placeholder
from problems.marking import mark
from quizapp.services.rendering import render_with_inputs

SEEDS = 300
BARS = {"draw": 1.0, "mark": 1.0, "load and mark": 1.0, "render": 5.0}
Times = dict[str, list[float]]


def timed(times: list[float], work: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = work()
    times.append(1000 * (time.perf_counter() - start))
    return result


def measure(family: Family, seeds: int) -> Times:
    times: Times = {name: [] for name in BARS}
    family.variant(seeds)  # compiles the templates, as the first page of a server does
    for seed in range(seeds):
        variant = timed(times["draw"], lambda seed=seed: family.variant(seed))
        right = {part: kind.show(variant.keys[part]) for part, kind in variant.parts.items()}
        document = json.loads(json.dumps(variant.to_json()))
        fields = {part: f'<input name="{part}">' for part in variant.parts}
        marked = timed(times["mark"], lambda v=variant, r=right: mark(v, r))
        timed(times["load and mark"], lambda d=document, r=right: mark(Variant.from_json(d), r))
        html = timed(
            times["render"], lambda s=variant.statement, f=fields: render_with_inputs(s, f)
        )
        if marked.score != 1 or any(placeholder(part) in html for part in fields):
            raise SystemExit(f"{family.slug}, seed {seed}: what was timed came out wrong")
    return times


def describe(times: list[float]) -> str:
    median, late = np.percentile(times, [50, 99])
    return f"{median:7.3f} {late:7.3f}"


def machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    cpu = names[0] if names else platform.processor() or platform.machine()
    return (
        f"{cpu}, {os.cpu_count()} cores; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    print(machine())
    print(f"{seeds} seeds a family; median and 99th percentile in ms\n")
    print(f"{'':22}" + "".join(f"{name:>18}" for name in BARS))
    bank: Times = {name: [] for name in BARS}
    for slug, family in families().items():
        times = measure(family, seeds)
        print(f"{slug:22}" + "".join(f"{describe(times[name]):>18}" for name in BARS))
        for name, part in times.items():
            bank[name] += part
    print(f"{'the whole bank':22}" + "".join(f"{describe(bank[name]):>18}" for name in BARS))
    print()
    for name, bar in BARS.items():
        median = float(np.median(bank[name]))
        met = "met" if median <= bar else "MISSED"
        print(f"{name}: median {median:.3f} ms, bar {bar:g} ms: {met}")


if __name__ == "__main__":
    main()
