"""Hostile samples for the check. Each prints BREACH if it gets what it wants."""

from __future__ import annotations

from dataclasses import dataclass

from grader.core import VerdictWord

HONEST = "def twice(x):\n    return 2 * x\n"


@dataclass(frozen=True)
class Sample:
    """A source, and the verdicts that a sound box gives it within `cpu_s` of processor time."""

    name: str
    source: str
    expected: tuple[VerdictWord, ...]
    cpu_s: float = 0.5


def _refused(name: str, attack: str) -> Sample:
    """Make a sample of statements the first of which must raise."""
    return Sample(name, f"{attack}\nprint('BREACH')\n{HONEST}", ("error",))


SAMPLES = (
    Sample("honest", HONEST, ("accepted",)),
    _refused("network", "import socket\nsocket.socket()"),
    _refused("exec", "import os\nos.execv('/bin/sh', ['sh', '-c', 'echo BREACH'])"),
    _refused("fork", "import os\nos.fork()"),
    _refused("thread", "import threading\nthreading.Thread(target=print).start()"),
    _refused("read the passwords", "open('/etc/passwd').read()"),
    _refused("read the environment", "open('/proc/self/environ').read()"),
    _refused("read the project", "open('{project}').read()"),
    _refused("import the reference", "import problems.engine"),
    _refused("write a file", "import os\nos.open('/tmp/appeared', os.O_CREAT | os.O_WRONLY)"),
    _refused("kill the group", "import os\nos.killpg(0, 9)"),
    _refused("kill everything", "import os\nos.kill(-1, 9)"),
    _refused("raise the limits", "import resource\nresource.setrlimit(0, (-1, -1))"),
    _refused("hidden memory", "import os\nos.memfd_create('x')"),
    Sample(
        "trace another process",
        # PTRACE_ATTACH, on the first process of the namespace.
        "import ctypes\nlibc = ctypes.CDLL(None)\n"
        "if libc.ptrace(16, 1, 0, 0) != -1:\n    print('BREACH')\ndef twice(x):\n    return x\n",
        ("wrong",),
    ),
    Sample("memory bomb", "kept = []\nwhile True:\n    kept.append(bytearray(10**6))", ("memory",)),
    # A worker grades nothing before this has been stopped.
    Sample("processor loop", "while True:\n    pass", ("timeout",), cpu_s=0.1),
    Sample("output flood", "while True:\n    print('x' * 1000)", ("output_limit",)),
    Sample("forged frames", "import os\nos.write(3, b'R' * 1000)\nos._exit(0)", ("crashed",)),
    Sample("forged exit", "import os\nos._exit(0)", ("crashed",)),
    Sample(
        "always equal",
        "import numpy as np\nnp.allclose = lambda *a, **k: True\n"
        "class Equal(np.ndarray):\n    def __array_function__(self, *a):\n        return True\n"
        "def twice(x):\n    return x.view(Equal)\n",
        ("invalid_output",),
    ),
)
