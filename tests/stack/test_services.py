"""The embedded servers: shared, adopted, recovered, and never confused with another checkout's."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection

from verify.stack import services
from verify.stack.paths import run_dir
from verify.stack.postgres import Postgres
from verify.stack.valkey import Valkey


def running() -> list[bool]:
    return [Postgres().answers(), Valkey().answers()]


def test_servers_answer_at_their_urls(var):
    with services.ensure(durable=False):
        with psycopg.connect(services.database_url()) as connection:
            encoding, superuser = connection.execute(
                "SELECT current_setting('server_encoding'), rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert (encoding, superuser) == ("UTF8", False)
        assert redis.Redis.from_url(services.redis_url()).ping()
    assert running() == [False, False]


def test_servers_listen_on_no_network_address(var):
    with services.ensure(durable=False), psycopg.connect(services.database_url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert redis.Redis.from_url(services.redis_url()).config_get("port") == {"port": "0"}
        assert stat.S_IMODE(run_dir().stat().st_mode) == 0o700


def test_postgres_is_durable_unless_told_otherwise(var):
    with services.ensure(), psycopg.connect(services.database_url()) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_broker_url_carries_messages_over_the_socket(var):
    with services.ensure(durable=False):
        url = services.redis_url().replace("db=0", "db=3")
        with Connection(services.broker_url(url)) as broker, broker.SimpleQueue("words") as queue:
            queue.put("hello")
            assert queue.get(timeout=5).payload == "hello"
        assert redis.Redis.from_url(url).dbsize() > 0
        assert redis.Redis.from_url(services.redis_url()).dbsize() == 0


def test_broker_url_leaves_other_addresses_alone():
    assert services.broker_url("rediss://:secret@host:6379/1") == "rediss://:secret@host:6379/1"


def test_last_user_stops_the_servers(var, user):
    other = user()
    with services.ensure(durable=False):
        pass
    assert running() == [True, True]
    other.communicate("\n")
    assert running() == [False, False]


def test_servers_of_a_killed_user_are_adopted(var, user):
    killed = user()
    before = Postgres()._process()
    killed.kill()
    killed.wait()
    with services.ensure(durable=False):
        assert Postgres()._process() == before
    assert running() == [False, False]


def test_killed_servers_start_again_with_their_data(var):
    with services.ensure():
        with psycopg.connect(services.database_url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        for server in services.embedded():
            server._process().kill()
        with services.ensure(), psycopg.connect(services.database_url()) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (42,)


def test_pid_files_that_name_a_stranger_are_no_obstacle(var, user):
    user().kill()
    for server in services.embedded():
        server._process().kill()
    (var / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{var}/postgres\n")
    (var / "valkey" / "valkey.pid").write_text(f"{os.getpid()}\n")
    with services.ensure(durable=False):
        assert running() == [True, True]


def test_servers_without_their_sockets_are_replaced(var, user):
    user()
    shutil.rmtree(run_dir())
    with services.ensure(durable=False):
        assert running() == [True, True]


def test_copied_checkout_leaves_the_original_alone(var, user, monkeypatch, tmp_path):
    user()
    original = Postgres()._process()
    copy = Path(shutil.copytree(var, tmp_path / "copy", ignore=shutil.ignore_patterns(".s.*", "*.sock")))
    monkeypatch.setenv("VERIFY_VAR", str(copy))
    with services.ensure(durable=False):
        assert Postgres()._process() not in (None, original)
    assert original.is_running()
    monkeypatch.setenv("VERIFY_VAR", str(var))
    assert running() == [True, True]


def test_long_path_puts_the_sockets_into_a_private_temporary_folder(var, monkeypatch):
    monkeypatch.setenv("VERIFY_VAR", str(var / ("long" * 30)))
    with services.ensure(durable=False):
        assert running() == [True, True]
        assert not run_dir().is_relative_to(var)
        assert stat.S_IMODE(run_dir().stat().st_mode) == 0o700
        found = run_dir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/elsewhere")
    assert run_dir() == found
    shutil.rmtree(found)


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_given_servers_are_not_embedded(var, monkeypatch, name):
    monkeypatch.setenv(name, "somewhere://else/")
    assert len(services.embedded()) == 1


def test_postgres_that_cannot_start_says_why_in_one_sentence(var):
    with services.ensure(durable=False):
        pass
    (var / "postgres" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(services.StackError, match=r"incompatible with server: .*version 9.*log:"),
        services.ensure(),
    ):
        pass
