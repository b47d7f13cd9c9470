"""Runs inside the authors' box: reads a request, has it answered, writes the answer.

A request is a frame Q of JSON; S frames carry each seed before it is tried, as text, and one frame
A the answer. An author's code shares the process and can write to the same channel: whoever reads
it checks what comes, see client.py.
"""

from __future__ import annotations

import faulthandler
import json
import signal
import sys
from typing import Any

from grader import harness
from grader.authoring import inside


def run(channel: int) -> None:
    """Serve one request on this descriptor."""
    streams = harness.rebuild_output()
    request = json.loads(harness.read_frame(channel, b"Q"))
    harness.reseed(request["entropy"])
    _heed_warnings(request["warned_s"])
    answer = inside.answer(
        request, lambda seed: harness.write_frame(channel, b"S", str(seed).encode())
    )
    payload = _encoded(answer)
    harness.flush(streams)
    harness.write_frame(channel, b"A", payload)


def _heed_warnings(warned_s: float) -> None:
    """Raise in the author's code when its time is nearly over; at the end print where it is.

    It may be deep in C, where no exception gets through.
    """

    def raise_out_of_time(*_: object) -> None:
        raise inside.OutOfTime(f"This takes more than {warned_s:g} s of processor time.")

    signal.signal(signal.SIGXCPU, raise_out_of_time)
    faulthandler.register(signal.SIGUSR1, file=sys.stderr, all_threads=False)


def _encoded(answer: dict[str, Any]) -> bytes:
    try:
        payload = json.dumps(answer, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError, MemoryError) as error:
        said = f"What the files give cannot be sent: {type(error).__name__}: {error}."
        payload = json.dumps(_refused(said)).encode()
    if len(payload) > inside.MAX_ANSWER:
        said = f"What the files give comes to more than {inside.MAX_ANSWER // 2**20} MiB."
        payload = json.dumps(_refused(said)).encode()
    return payload


def _refused(said: str) -> dict[str, Any]:
    return {"error": {"message": said[:1000], "file": None, "line": None, "seed": None}}
