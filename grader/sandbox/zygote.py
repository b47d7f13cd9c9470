"""The fork server inside the outer box: imports once what jobs import, then forks for each.

It receives descriptors and limits, never a submission: nothing of one student is in the memory
that the next student's process is forked from.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from grader.sandbox import kernel, landlock, layers, probe, seccomp
from grader.sandbox.layers import Box
from grader.sandbox.supervisor import Descriptors, Job, supervise
from grader.sandbox.syscalls import this_architecture

# With what students load lazily too: a child would pay for it in every submission.
WARM = {
    "numpy": (
        "collections abc copy dataclasses enum functools itertools math operator random re string "
        "time typing warnings numpy numpy.linalg numpy.random numpy.fft numpy.ma numpy.polynomial"
    ),
    "torch": (
        "torch torch.nn torch.nn.functional torch.nn.init torch.autograd torch.linalg torch.fft "
        "torch.optim torch.nn.utils torch.nn.utils.rnn torch.nn.utils.parametrizations"
    ),
}
HARNESSES = {
    "numpy": "grader.harness",
    "torch": "grader.harness",
    "authors": "grader.authoring.harness",
}
_MESSAGE = 4096
_CONFIG = 2**16
_DESCRIPTORS = 3
_PAGE = os.sysconf("SC_PAGE_SIZE")


def main(descriptor: int) -> None:
    """Serve jobs that come on this socket until it is closed."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    with socket.socket(fileno=descriptor) as marker:
        config = json.loads(marker.recv(_CONFIG))
        sys.path.extend(config["import_from"])
        readable, listable = config["readable"], config["listable"]
        available = probe.available_layers(readable, listable, tuple(config["covered"]))
        marker.send(json.dumps({"layers": sorted(available)}).encode())
        if layers.SECCOMP not in available:
            return
        _warm_up(config["warmth"])
        box = _prepare(config, available)
        marker.send(b"ready")
        _serve(marker, box, sys.modules[HARNESSES[config["warmth"]]].run)


def _warm_up(warmth: str) -> None:
    """Import what the jobs import. Threads stay at one: a fork in their midst would hang."""
    # There is none to be written to; PyTorch's compiler asks for its name when it is imported.
    tempfile.tempdir = "/"
    for name in [*WARM["numpy"].split(), *(WARM["torch"].split() if warmth != "numpy" else ())]:
        importlib.import_module(name)
    numpy = sys.modules["numpy"]
    numpy.linalg.solve(numpy.eye(4), numpy.ones((4, 4)) @ numpy.ones((4, 4)))
    if warmth != "numpy":
        torch = sys.modules["torch"]
        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
        weights = torch.ones(4, 4, dtype=torch.float64, requires_grad=True)
        torch.nn.functional.linear(weights, weights).sigmoid().sum().backward()
        # The first optimiser loads the compiler's eight hundred modules: a second of processor.
        torch.optim.Adam([weights]).step()
        repr(weights)
    importlib.import_module(HARNESSES[warmth])
    if warmth == "authors":
        importlib.import_module("grader.authoring.warm").warm_up()
    gc.collect()
    gc.freeze()


def _prepare(config: dict[str, Any], available: frozenset[str]) -> Box:
    architecture = this_architecture()
    assert architecture is not None  # noqa: S101 (seccomp has been seen to work)
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 (pathlib is not needed here)
        pages = int(statm.read().split()[0])
    ruleset = None
    if layers.LANDLOCK in available:
        ruleset = landlock.create(config["readable"], config["listable"])
    return Box(
        available=available,
        covered=tuple(config["covered"]),
        ruleset=ruleset,
        program=seccomp.build(architecture),
        address_space=pages * _PAGE,
    )


def _serve(marker: socket.socket, box: Box, run: Callable[[int], None]) -> None:
    """Fork a supervisor for each job. The kernel reaps them; they report to the marker."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(marker, _MESSAGE, _DESCRIPTORS)
        if not message:
            return
        assert len(os.listdir("/proc/self/task")) == 1  # noqa: S101, PTH208 (see _warm_up)
        if os.fork() == 0:
            job = Job(**json.loads(message))
            _be_supervisor(marker, box, job, Descriptors(*descriptors), run)
        for descriptor in descriptors:
            os.close(descriptor)


def _be_supervisor(
    marker: socket.socket,
    box: Box,
    job: Job,
    descriptors: Descriptors,
    run: Callable[[int], None],
) -> None:
    """Never returns: what the zygote does when it ends is not the supervisor's to do."""
    try:
        os.close(marker.fileno())
        supervise(box, job, descriptors, run)
    finally:
        os._exit(0)
