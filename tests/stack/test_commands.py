"""What a person at the shell gets: exit codes, sentences, and one installation that starts and stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from verify.stack import services
from verify.stack.paths import ROOT


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "verify.settings"} | environment
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("arguments", [["no-such-command"], ["migrate", "--no-such-option"]])
def test_manage_answers_bad_usage_with_2(var, arguments):
    assert run("manage.py", *arguments).returncode == 2


def test_manage_needs_no_server_for_help(var):
    assert run("manage.py", "help", "migrate").returncode == 0
    assert not (var / "postgres").exists()


def test_manage_starts_and_stops_the_servers_that_a_command_needs(var):
    done = run("manage.py", "showmigrations", "--plan")
    assert (done.returncode, done.stderr) == (0, "")
    assert (var / "postgres").exists()
    assert not any(server.answers() for server in services.embedded())


def test_manage_says_in_a_sentence_that_a_given_database_is_away(var):
    done = run("manage.py", "showmigrations", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "database does not answer" in done.stderr


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_busy_port_is_one_sentence_with_what_to_do(var, port):
    with socket.create_server(("127.0.0.1", port)):
        done = run("-m", "verify.stack", "run", PORT=str(port))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"PORT={port + 1} make run" in done.stderr
    assert not (var / "postgres").exists()


def test_port_that_is_no_number_is_refused(var):
    done = run("-m", "verify.stack", "run", PORT="http")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_run_serves_refuses_a_second_one_and_leaves_nothing(var, port, tmp_path, wait_until):
    environment = os.environ | {"PORT": str(port), "DJANGO_SETTINGS_MODULE": "verify.settings"}
    command = [sys.executable, "-m", "verify.stack", "run"]
    log = tmp_path / "log"
    with log.open("w") as output:
        first = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        wait_until(lambda: "Verify is at" in log.read_text() or first.poll() is not None, 200)
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=30).status == 200
        second = run("-m", "verify.stack", "run", PORT=str(port))
        assert (
            second.returncode,
            f"already runs from this checkout, at http://127.0.0.1:{port}/" in second.stderr,
        ) == (1, True)
    finally:
        first.send_signal(signal.SIGINT)
        code = first.wait(60)
        print(log.read_text())
    assert code == 0
    assert not any(server.answers() for server in services.embedded())
