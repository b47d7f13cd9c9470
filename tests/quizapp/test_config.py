"""Settings from the environment, and what is said of those that cannot be."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from quizapp import config
from quizapp.config import Settings
from quizapp.errors import ConfigError


def read(tmp_path, **variables):
    return Settings.from_environment({"QUIZAPP_DATA": str(tmp_path / "var"), **variables})


def test_an_empty_environment_gives_sqlite_in_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.data == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/quizapp.sqlite3"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.web_workers, settings.graders) == (2, 1)


def test_every_setting_is_read(tmp_path):
    settings = read(
        tmp_path,
        QUIZAPP_DATABASE_URL="postgresql://u:p@h/d",
        QUIZAPP_SECRET_KEY="0123456789abcdef",
        QUIZAPP_HOST="0.0.0.0",
        QUIZAPP_PORT="80",
        QUIZAPP_WEB_WORKERS="4",
        QUIZAPP_GRADERS="0",
    )
    assert settings == Settings(
        data=tmp_path / "var",
        database_url="postgresql+psycopg://u:p@h/d",
        secret_key="0123456789abcdef",
        host="0.0.0.0",
        port=80,
        web_workers=4,
        graders=0,
    )
    assert Settings.from_environment(settings.environment()) == settings
    assert "u:p" not in repr(settings)
    assert "0123456789abcdef" not in repr(settings)


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read(tmp_path).secret_key, range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 48
    kept = tmp_path / "var" / "secret_key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_a_key_that_another_process_makes_meanwhile_is_taken(tmp_path, monkeypatch):
    def too_late(_):
        (tmp_path / "var" / "secret_key").write_text("the other process's key")
        return "our own key, which comes too late"

    monkeypatch.setattr(config.secrets, "token_urlsafe", too_late)
    assert read(tmp_path).secret_key == "the other process's key"
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"QUIZAPP_PORT": "eighty"}, "QUIZAPP_PORT must be a whole number from 1 to 65535"),
        ({"QUIZAPP_PORT": "65536"}, "QUIZAPP_PORT"),
        ({"QUIZAPP_WEB_WORKERS": "0"}, "QUIZAPP_WEB_WORKERS"),
        ({"QUIZAPP_GRADERS": "-1"}, "QUIZAPP_GRADERS"),
        ({"QUIZAPP_DATABASE_URL": "mysql://h/d"}, "sqlite:/// or postgresql://"),
        ({"QUIZAPP_DATABASE_URL": "sqlite://"}, "must name a file"),
        ({"QUIZAPP_DATABASE_URL": "sqlite:///:memory:"}, "must name a file"),
        ({"QUIZAPP_DATABASE_URL": "quiz.db"}, "sqlite:/// or postgresql://"),
        ({"QUIZAPP_SECRET_KEY": "short"}, "at least 16 characters"),
    ],
)
def test_a_setting_that_cannot_be_is_named(tmp_path, variables, said):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, **variables)
    assert said in caught.value.message
    assert caught.value.message.endswith(".")


def test_a_damaged_secret_key_is_not_used(tmp_path):
    read(tmp_path)
    (tmp_path / "var" / "secret_key").write_text("")
    with pytest.raises(ConfigError, match="Delete the file"):
        read(tmp_path)


def test_a_data_folder_that_is_a_file_is_named_with_what_to_do(tmp_path):
    (tmp_path / "var").write_text("")
    with pytest.raises(ConfigError, match="Set QUIZAPP_DATA to a folder"):
        read(tmp_path)


def test_a_data_folder_that_cannot_be_written_is_named_with_what_to_do(tmp_path):
    """As a user who may not: to root every folder is writable."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    script = (
        "import os, sys\n"
        "from quizapp.config import Settings\n"
        "from quizapp.errors import ConfigError\n"
        "if os.geteuid() == 0: os.setegid(65534), os.seteuid(65534)\n"
        "try: Settings.from_environment()\n"
        "except ConfigError as error: print(error)\n"
    )
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o111)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"QUIZAPP_DATA": str(closed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Set QUIZAPP_DATA to a folder that this user may write to." in done.stdout
