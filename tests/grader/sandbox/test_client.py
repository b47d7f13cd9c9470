import pytest

from grader.core import BoxError, SandboxUnsafe
from grader.sandbox import client, outer


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"seccomp"}, "refuses seccomp"),
        ({"rlimits"}, "limits do not bind"),
        ({"landlock", "namespaces"}, "neither Landlock nor namespaces"),
        ({"landlock", "bubblewrap"}, "neither Landlock nor namespaces"),
    ],
)
def test_too_few_layers_are_refused_in_one_line(missing, said):
    with pytest.raises(SandboxUnsafe, match=said) as refused:
        client.require(set(client._ORDER) - missing)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("missing", [set(), {"landlock"}, {"namespaces", "bubblewrap"}])
def test_one_of_landlock_and_namespaces_is_enough(missing):
    client.require(set(client._ORDER) - missing)


def test_without_user_namespaces_root_is_refused(monkeypatch):
    monkeypatch.setattr(outer, "bubblewrap_works", lambda: False)
    monkeypatch.setattr(client.os, "geteuid", lambda: 0)
    with pytest.raises(SandboxUnsafe, match="must not run as root"):
        client.Zygote("numpy")


@pytest.mark.parametrize("script", ["kill -9 $$", "exit 137"])
def test_a_trial_that_was_killed_says_nothing_of_user_namespaces(monkeypatch, script):
    monkeypatch.setattr(outer, "_bubblewrap", lambda: ["/bin/sh", "-c", script])
    with pytest.raises(BoxError, match="killed the trial"):
        client.Zygote("numpy")


def test_without_user_namespaces_another_user_gets_the_other_layers(monkeypatch):
    monkeypatch.setattr(outer, "bubblewrap_works", lambda: False)
    monkeypatch.setattr(client.os, "geteuid", lambda: 1000)
    zygote = client.Zygote("numpy")
    assert "bubblewrap" not in zygote.layers
    assert zygote.layers[-2:] == ("landlock", "seccomp")
    zygote.close()
    assert not zygote.alive
