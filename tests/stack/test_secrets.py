"""The installation's secrets: made once, private, and never by accident."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys

import pytest

from verify.stack import secrets
from verify.stack.errors import StackError
from verify.stack.paths import ROOT


@pytest.fixture(autouse=True)
def _nothing_given(var, monkeypatch):
    for name in (*secrets.GENERATORS, "VERIFY_PRODUCTION"):
        monkeypatch.delenv(name, raising=False)


def test_secrets_are_made_once_into_a_private_file(var):
    first = secrets.load()
    assert secrets.load() == first
    assert stat.S_IMODE((var / "secrets.env").stat().st_mode) == 0o600
    assert len(base64.b64decode(first["LOG_SIGNING_KEY"])) == 32
    assert len(set(first.values())) == 3


def test_secrets_of_processes_that_start_together_are_the_same():
    command = [
        sys.executable,
        "-c",
        "from verify.stack import secrets; print(sorted(secrets.load().items()))",
    ]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    assert len({process.communicate()[0] for process in processes}) == 1


def test_secrets_file_gets_only_what_it_lacks(var):
    before = secrets.load()
    kept = [line for line in (var / "secrets.env").read_text().splitlines() if "IDENTITY_KEY" not in line]
    (var / "secrets.env").write_text("\n".join(kept))
    after = secrets.load()
    assert after["LOG_SIGNING_KEY"] == before["LOG_SIGNING_KEY"]
    assert after["IDENTITY_KEY"] != before["IDENTITY_KEY"]


def test_environment_wins_over_the_file(monkeypatch):
    secrets.load()
    monkeypatch.setenv("DJANGO_SECRET_KEY", "given")
    assert secrets.load()["DJANGO_SECRET_KEY"] == "given"


def test_production_generates_nothing_and_names_what_is_missing(var, monkeypatch):
    monkeypatch.setenv("VERIFY_PRODUCTION", "1")
    monkeypatch.setenv("DJANGO_SECRET_KEY", "given")
    with pytest.raises(StackError, match="LOG_SIGNING_KEY"):
        secrets.load()
    assert not (var / "secrets.env").exists()


def test_secrets_open_to_others_are_refused(var):
    secrets.load()
    os.chmod(var / "secrets.env", 0o644)
    with pytest.raises(StackError, match="chmod 600"):
        secrets.load()


@pytest.mark.parametrize("value", ["short", "not base64 !", base64.b64encode(b"x" * 31).decode()])
def test_malformed_key_is_named(monkeypatch, value):
    monkeypatch.setenv("IDENTITY_KEY", value)
    with pytest.raises(StackError, match="IDENTITY_KEY must be base64 of exactly 32 bytes"):
        secrets.load()
