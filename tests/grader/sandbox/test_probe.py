"""A layer counts because it was seen to work: one that does nothing is not named."""

import sysconfig

import pytest

from grader.sandbox import kernel, landlock, layers, probe, seccomp

READABLE = [sysconfig.get_path("stdlib")]


def available():
    return probe.available_layers(READABLE, [], ("/proc",))


def fails(*_):
    raise OSError


def does_nothing(*_):
    pass


@pytest.mark.parametrize(
    ("layer", "holder", "name", "instead"),
    [
        # Never one that does nothing in place of unshare: mounts would be the machine's own.
        (layers.NAMESPACES, kernel, "unshare", fails),
        (layers.NAMESPACES, kernel, "mount", fails),
        (layers.NAMESPACES, kernel, "mount", does_nothing),
        (layers.RLIMITS, probe.resource, "setrlimit", fails),
        (layers.RLIMITS, probe.resource, "setrlimit", does_nothing),
        (layers.LANDLOCK, landlock, "restrict", fails),
        (layers.LANDLOCK, landlock, "restrict", does_nothing),
        (layers.SECCOMP, seccomp, "load", fails),
        (layers.SECCOMP, seccomp, "load", does_nothing),
    ],
)
def test_a_layer_that_fails_or_does_nothing_is_not_named(monkeypatch, layer, holder, name, instead):
    before = available()
    if layer not in before:
        pytest.skip(f"no {layer} here")
    monkeypatch.setattr(holder, name, instead)
    assert available() == before - {layer}


def test_landlock_that_closes_too_much_is_not_named():
    assert layers.LANDLOCK not in probe.available_layers([*READABLE, "/nowhere"], [], ())


def test_seccomp_without_a_table_for_the_machine_is_not_named(monkeypatch):
    monkeypatch.setattr(probe, "this_architecture", lambda: None)
    assert layers.SECCOMP not in available()
