"""What an interpreter without a sandbox runs: limits, and then the harness. See insecure.py.

python -I insecure_child.py HARNESS CHANNEL FRAMEWORK CPU_S MEMORY_BYTES
"""

import contextlib
import importlib
import importlib.util
import math
import os
import resource
import sys
import time

NOT_STARTED = 70
"""The exit code where no student code has run."""


def main() -> None:
    """Never returns, as in the sandbox: no exit handler of a student may run."""
    harness, channel, framework, cpu_s, memory_bytes = sys.argv[1:]
    code = NOT_STARTED
    try:
        spec = importlib.util.spec_from_file_location("harness", harness)
        assert spec is not None  # noqa: S101 (the path ends in .py)
        assert spec.loader is not None  # noqa: S101
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        # After the imports, so that what these take is not held against the student.
        importlib.import_module(framework)
        _limit(resource.RLIMIT_CPU, math.ceil(time.process_time() + float(cpu_s)))
        _limit(resource.RLIMIT_DATA, _resident_bytes() + int(memory_bytes))
        code = 1
        module.run(int(channel))
        code = 0
    finally:
        os._exit(code)


def _limit(which: int, value: int) -> None:
    # Platforms without the limit refuse it; the clock outside remains.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (value, value))


def _resident_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()
