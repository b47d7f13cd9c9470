"""Signing up and in, and what a guesser gets."""

import re
import sqlite3
import time
from datetime import timedelta
from statistics import median

import pytest
from sqlalchemy import func, select, update

from quizapp.db.models import SignInFailure, User
from quizapp.errors import Conflict, Invalid, NotFound, TooMany
from quizapp.services import accounts, courses

pytestmark = pytest.mark.usefixtures("cheap_hashing")

PASSWORD = "correct horse"


def fail_to_sign_in(database, times, username="ada", address="198.51.100.1"):
    for _ in range(times):
        with pytest.raises(Invalid):
            accounts.sign_in(database, username, "wrong horse", address)


def test_who_signed_up_can_sign_in_in_any_case(database):
    user = accounts.sign_up(database, "Ada_L.1-x", PASSWORD, "  Ada Lovelace ")
    assert (user.username, user.display_name) == ("Ada_L.1-x", "Ada Lovelace")
    assert PASSWORD not in user.password_hash
    assert accounts.sign_in(database, "ADA_l.1-X", PASSWORD, "::1").id == user.id


@pytest.mark.parametrize(
    "username", ["ab", "a" * 33, "ada lovelace", "adä", "ada\n", "ada\x00", ""]
)
def test_a_username_that_cannot_be_taken_says_what_can(sqlite_database, username):
    with pytest.raises(Invalid, match="3 to 32 characters"):
        accounts.sign_up(sqlite_database, username, PASSWORD)


@pytest.mark.parametrize("password", ["", "seven77", "x" * 201])
def test_a_password_of_the_wrong_length_says_the_right_one(sqlite_database, password):
    with pytest.raises(Invalid, match="8 to 200 characters"):
        accounts.sign_up(sqlite_database, "ada", password)


@pytest.mark.parametrize("password", ["x" * 200, "пароль-и-ещё", "nul\x00inside", "   spaces   "])
def test_any_text_of_the_right_length_is_a_password(database, password):
    accounts.sign_up(database, "ada", password)
    assert accounts.sign_in(database, "ada", password, "::1").username == "ada"


def test_a_longer_password_with_the_same_beginning_is_another(sqlite_database):
    accounts.sign_up(sqlite_database, "ada", "x" * 200)
    with pytest.raises(Invalid):
        accounts.sign_in(sqlite_database, "ada", "x" * 201, "::1")


def test_a_taken_username_is_refused_in_any_case(database):
    accounts.sign_up(database, "ada", PASSWORD)
    with pytest.raises(Conflict, match="taken"):
        accounts.sign_up(database, "ADA", PASSWORD)


@pytest.mark.parametrize("username", ["ada", "nobody", "", "\x00", "a\ud800", "x" * 5000])
@pytest.mark.parametrize("password", ["wrong horse", "", "\ud800", "x" * 5000])
def test_a_wrong_user_and_a_wrong_password_read_the_same(database, username, password):
    accounts.sign_up(database, "ada", PASSWORD)
    with pytest.raises(Invalid) as caught:
        accounts.sign_in(database, username, password, "::1")
    assert caught.value.message == accounts.WRONG
    with database.read() as session:
        assert session.scalars(select(func.count(SignInFailure.id))).one() == 1


def test_a_wrong_user_takes_as_long_as_a_wrong_password(sqlite_database, monkeypatch):
    slow = accounts.PasswordHasher(time_cost=4, memory_cost=4096, parallelism=1)
    monkeypatch.setattr(accounts, "HASHER", slow)
    monkeypatch.setattr(accounts, "LIMITS", ())
    accounts.sign_up(sqlite_database, "ada", PASSWORD)

    def seconds(username):
        start = time.process_time()
        fail_to_sign_in(sqlite_database, 1, username)
        return time.process_time() - start

    pairs = [(seconds("ada"), seconds("nobody")) for _ in range(7)]
    known, unknown = (median(column) for column in zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2


def test_guessing_one_username_from_one_address_is_throttled(database):
    accounts.sign_up(database, "ada", PASSWORD)
    fail_to_sign_in(database, 5, "Ada")
    with pytest.raises(TooMany, match=r"Try again in 1[45] minutes"):
        accounts.sign_in(database, "aDa", PASSWORD, "198.51.100.1")
    # neither another student there nor the same one elsewhere has to wait
    accounts.sign_up(database, "grace", PASSWORD)
    accounts.sign_in(database, "grace", PASSWORD, "198.51.100.1")
    accounts.sign_in(database, "ada", PASSWORD, "203.0.113.5")


@pytest.mark.parametrize("fixed", ["username", "address"])
def test_guessing_across_usernames_or_addresses_is_throttled_later(
    sqlite_database, monkeypatch, fixed
):
    limits = [accounts.Limit(limit.shared, 20) for limit in accounts.LIMITS[1:]]
    monkeypatch.setattr(accounts, "LIMITS", limits)
    for i in range(20):
        varied = {"username": {"address": f"198.51.100.{i}"}, "address": {"username": f"user-{i}"}}
        fail_to_sign_in(sqlite_database, 1, **varied[fixed])
    with pytest.raises(TooMany):
        accounts.sign_in(sqlite_database, "ada", PASSWORD, "198.51.100.1")


def test_throttling_ends_when_it_said(database):
    accounts.sign_up(database, "ada", PASSWORD)
    fail_to_sign_in(database, 5)
    with database.write() as session:
        moments = session.scalars(select(SignInFailure.created_at)).all()
        earlier = min(moments) - timedelta(minutes=12, seconds=30)
        session.execute(update(SignInFailure).values(created_at=earlier))
    with pytest.raises(TooMany, match=r"Try again in 3 minutes"):
        accounts.sign_in(database, "ada", PASSWORD, "198.51.100.1")
    with database.write() as session:
        session.execute(update(SignInFailure).values(created_at=earlier - timedelta(minutes=3)))
    assert accounts.sign_in(database, "ada", PASSWORD, "198.51.100.1").username == "ada"


def test_a_new_password_ends_the_old_one_and_every_session(database):
    user = accounts.sign_up(database, "ada", PASSWORD)
    changed = accounts.change_password(database, user.id, PASSWORD, "battery staple")
    assert changed.session_token != user.session_token
    with database.rows() as connection:
        assert accounts.identity(connection, user.session_token) is None
        assert accounts.identity(connection, changed.session_token).id == user.id
    with pytest.raises(Invalid):
        accounts.sign_in(database, "ada", PASSWORD, "::1")
    accounts.sign_in(database, "ada", "battery staple", "::1")


def test_a_password_changes_only_for_who_knows_it(database):
    user = accounts.sign_up(database, "ada", PASSWORD)
    with pytest.raises(Invalid, match="present password"):
        accounts.change_password(database, user.id, "wrong horse", "battery staple")
    with pytest.raises(Invalid, match="8 to 200"):
        accounts.change_password(database, user.id, PASSWORD, "short")
    with pytest.raises(NotFound):
        accounts.change_password(database, user.id + 1, PASSWORD, "battery staple")
    accounts.sign_in(database, "ada", PASSWORD, "::1")


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 5000])
def test_a_session_token_that_is_none_finds_nobody(database, token):
    with database.rows() as connection:
        assert accounts.identity(connection, token) is None


def test_no_password_is_hashed_while_others_wait_to_write(sqlite_database, monkeypatch):
    class Probe:
        """Hashes as the real one does, after another connection took the lock to write."""

        def __init__(self, hasher):
            self.hasher = hasher
            self.used = []

        def __getattr__(self, name):
            if name in {"hash", "verify"}:
                self.used.append(name)
                other = sqlite3.connect(sqlite_database.engines[0].url.database, timeout=0)
                other.execute("BEGIN IMMEDIATE")
                other.close()
            return getattr(self.hasher, name)

    probe = Probe(accounts.HASHER)
    monkeypatch.setattr(accounts, "HASHER", probe)
    user = accounts.sign_up(sqlite_database, "ada", PASSWORD)
    accounts.sign_in(sqlite_database, "ada", PASSWORD, "::1")
    fail_to_sign_in(sqlite_database, 1)
    accounts.change_password(sqlite_database, user.id, PASSWORD, "battery staple")
    courses.ensure_demonstration(sqlite_database)
    assert probe.used == ["hash", "verify", "verify", "verify", "hash", "hash", "hash"]


def test_messages_are_sentences():
    with pytest.raises(Invalid) as caught:
        accounts.sign_up(None, "x", "y")
    assert re.fullmatch(r"[A-Z].*\.", caught.value.message)


def test_a_user_shows_no_secret(database):
    user = accounts.sign_up(database, "ada", PASSWORD)
    assert user.password_hash not in repr(user)
    assert user.session_token not in repr(user)
    with database.read() as session:
        assert session.get(User, user.id).password_hash.startswith("$argon2id$")
