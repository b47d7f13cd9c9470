"""Grading in a warm sandbox beside a cold one: python -m benchmarks.grader.

Both run the same ten cases under bubblewrap; the cold one starts an interpreter and imports the
framework for each submission. They take turns, so that a busy machine slows both: trust the
ratios. The last table is throughput, one submission after another and one a core.
"""

import os
import platform
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import catalog
from grader.core import Framework
from grader.marker import Grader, draw_cases
from grader.sandbox import outer

SOURCES: dict[Framework, str] = {
    "numpy": """
import numpy as np

def forget_gate(x, h_prev, W_f, U_f, b_f):
    return 1 / (1 + np.exp(-(x @ W_f.T + h_prev @ U_f.T + b_f)))
""",
    "torch": """
import torch

def forget_gate(x, h_prev, W_f, U_f, b_f):
    return torch.sigmoid(x @ W_f.T + h_prev @ U_f.T + b_f)
""",
}
ROUNDS: dict[Framework, int] = {"numpy": 30, "torch": 5}
BARS: dict[Framework, float] = {"numpy": 1 / 3, "torch": 1 / 15}
SUSTAINED_S = 3.0
WARM_UP = 3


def main() -> None:
    print(machine())
    print()
    print(f"{'one submission, ten cases':34}{'p50 ms':>9}{'min ms':>9}{'ratio':>9}{'bar':>9}")
    with Grader() as grader:
        for framework in ("numpy", "torch"):
            cold, warm = alternate(grader, framework)
            ratio = statistics.median(warm) / statistics.median(cold)
            row(f"cold bubblewrap + {framework}", cold)
            row(f"warm grader, {framework}", warm, f"{ratio:9.3f}{BARS[framework]:9.3f}")
        print()
        for framework in ("numpy", "torch"):
            for threads in (1, os.cpu_count() or 1):
                rate = sustained(grader, framework, threads)
                print(f"{framework}, {threads} at a time{rate:>20.1f} submissions/s")
        print("layers:", ", ".join(grader.layers))


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def alternate(grader: Grader, framework: Framework) -> tuple[list[float], list[float]]:
    """Take turns; return the milliseconds of each way."""
    task = catalog.task("lstm_forget_gate")
    source = SOURCES[framework].encode()
    command = cold_command(framework)
    for seed in range(WARM_UP):
        grader.grade(task, source, seed=seed)
    cold, warm = [], []
    for seed in range(ROUNDS[framework]):
        started = time.perf_counter()
        subprocess.run(command, env={}, check=True, capture_output=True)
        between = time.perf_counter()
        verdict = grader.grade(task, source, seed=seed)
        ended = time.perf_counter()
        assert verdict.verdict == "accepted", verdict.message
        cold.append((between - started) * 1000)
        warm.append((ended - between) * 1000)
    return cold, warm


def cold_command(framework: Framework) -> list[str]:
    """Return the grader's bubblewrap command with the ten cases in place of a zygote."""
    inputs = [
        {name: value.tolist() for name, value in case.inputs.items()}
        for case in draw_cases(catalog.task("lstm_forget_gate"), 0)
    ]
    convert = {
        "numpy": "numpy.array(v)",
        "torch": "torch.tensor(v, dtype=torch.float64)",
    }[framework]
    script = (
        "import sys; sys.path.append('/site-packages')\n"
        f"import numpy\n{SOURCES[framework]}\n"
        f"for case in {inputs!r}:\n"
        f"    print(forget_gate(*[{convert} for v in case.values()]).tolist())\n"
    )
    return [*outer.boxed(framework, 0).command[:-1], script]


def sustained(grader: Grader, framework: Framework, threads: int) -> float:
    """Return submissions a second over a few seconds."""
    task = catalog.task("lstm_forget_gate")
    until = time.perf_counter() + SUSTAINED_S

    def work(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            grader.grade(task, SOURCES[framework].encode(), seed=done)
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads))) / SUSTAINED_S


def row(name: str, milliseconds: list[float], rest: str = "") -> None:
    print(f"{name:34}{statistics.median(milliseconds):9.1f}{min(milliseconds):9.1f}{rest}")


if __name__ == "__main__":
    main()
