"""Settings, read once from the environment."""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from quizapp.errors import ConfigError

MAX_PORT = 65535
MIN_SECRET_CHARACTERS = 16


@dataclass(frozen=True)
class Settings:
    """Everything that a deployment may choose.

    `data` is the folder for the SQLite file and the secret key; `secret_key` and
    `database_url` may hold secrets, so that neither shows in a repr. `proxies` is how many
    reverse proxies stand in front; their word on a visitor's address and scheme is believed.
    """

    data: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 2
    graders: int = 1
    proxies: int = 0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read the QUIZAPP_* variables (of `environ`, or of this process).

        Raises ConfigError, with a sentence, for a folder that cannot be written, a
        database that is neither SQLite nor PostgreSQL, or a number out of range.
        """
        env = os.environ if environ is None else environ
        data = _data_folder(env.get("QUIZAPP_DATA") or "./var")
        url = env.get("QUIZAPP_DATABASE_URL") or f"sqlite:///{data / 'quizapp.sqlite3'}"
        return cls(
            data=data,
            database_url=database_url(url),
            secret_key=_secret_key(env.get("QUIZAPP_SECRET_KEY"), data),
            host=env.get("QUIZAPP_HOST") or cls.host,
            port=_whole_number(env, "QUIZAPP_PORT", cls.port, 1, MAX_PORT),
            web_workers=_whole_number(env, "QUIZAPP_WEB_WORKERS", cls.web_workers, 1, 64),
            graders=_whole_number(env, "QUIZAPP_GRADERS", cls.graders, 0, 64),
            proxies=_whole_number(env, "QUIZAPP_PROXIES", cls.proxies, 0, 8),
        )

    def require_development(self) -> None:
        """Raise ConfigError unless this serves one developer: --insecure-dev asks for it."""
        serves = [
            f"QUIZAPP_HOST={self.host} is not a loopback address" * (not _is_loopback(self.host)),
            f"QUIZAPP_PROXIES={self.proxies} is for a public site" * (self.proxies > 0),
            "PostgreSQL is for a public site" * (not self.database_url.startswith("sqlite")),
        ]
        if reason := next(filter(None, serves), None):
            raise ConfigError(f"--insecure-dev is for development on one machine: {reason}.")

    def environment(self) -> dict[str, str]:
        """Return the variables from which another process reads these same settings."""
        return {
            "QUIZAPP_DATA": str(self.data),
            "QUIZAPP_DATABASE_URL": self.database_url,
            "QUIZAPP_SECRET_KEY": self.secret_key,
            "QUIZAPP_HOST": self.host,
            "QUIZAPP_PORT": str(self.port),
            "QUIZAPP_WEB_WORKERS": str(self.web_workers),
            "QUIZAPP_GRADERS": str(self.graders),
            "QUIZAPP_PROXIES": str(self.proxies),
        }


def database_url(url: str) -> str:
    """Return the URL with its driver named; ConfigError when it is for another database."""
    scheme, separator, rest = url.partition("://")
    drivers = {
        "sqlite": "sqlite",
        "postgres": "postgresql+psycopg",
        "postgresql": "postgresql+psycopg",
        "postgresql+psycopg": "postgresql+psycopg",
    }
    if not separator or scheme not in drivers:
        raise ConfigError(
            "QUIZAPP_DATABASE_URL must begin with sqlite:/// or postgresql://. "
            "Leave it out to use an SQLite file in the data folder."
        )
    named = f"{drivers[scheme]}://{rest}"
    try:
        parsed = make_url(named)
    except (ArgumentError, ValueError) as error:
        raise ConfigError("QUIZAPP_DATABASE_URL is not the address of a database.") from error
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError(
            "QUIZAPP_DATABASE_URL must name a file, as in sqlite:////srv/quizapp.sqlite3: "
            "the processes share no memory."
        )
    return named


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _data_folder(name: str) -> Path:
    folder = Path(name).expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    # os.access asks for the real user; creating a file asks the folder itself.
    probe = folder / f".writable-{secrets.token_hex(4)}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _unwritable(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"The data folder {folder} cannot be written ({error.strerror}). "
        "Set QUIZAPP_DATA to a folder that this user may write to."
    )


def _secret_key(given: str | None, data: Path) -> str:
    if given:
        if len(given) < MIN_SECRET_CHARACTERS:
            raise ConfigError(
                f"QUIZAPP_SECRET_KEY must have at least {MIN_SECRET_CHARACTERS} characters. "
                "Leave it out to have one made and kept in the data folder."
            )
        return given
    path = data / "secret_key"
    try:
        return _kept_secret(path)
    except OSError as error:
        raise ConfigError(
            f"The secret key {path} cannot be read or made ({error.strerror}). "
            "Let this user read it, or set QUIZAPP_SECRET_KEY."
        ) from error


def _kept_secret(path: Path) -> str:
    """Read the key, or make it; of several processes that make it at once, one wins."""
    if not path.exists():
        fresh = path.with_name(f".secret_key-{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            # A link appears whole or not at all, and never replaces a key in use.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    key = path.read_text().strip()
    if len(key) < MIN_SECRET_CHARACTERS:
        raise ConfigError(
            f"The secret key in {path} is too short. Delete the file to have a new one made."
        )
    return key


def _whole_number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name)
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
    return value
