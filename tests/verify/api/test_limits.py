"""Limits: counted in a real Valkey for all processes, said in headers, and in nobody's way when it is down."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from limits import RateLimitItemPerSecond
from rest_framework.request import Request

from tests.verify.api.conftest import Caller
from verify.accounts.adapters import network_of
from verify.api import throttling
from verify.api.models import Scope, Token
from verify.api.services import make_token
from verify.api.throttling import Policy, RateLimitHeaders, taken
from verify.stack.paths import ROOT

URL, PUBLIC = "/api/v1/captures/", "/api/v1/claims/"
NONE = "3f0f8f1e-6f3c-4a36-a7d1-93a2a1f0b1c2"  # of nothing


@pytest.fixture(autouse=True)
def awake(monkeypatch: Any) -> None:
    monkeypatch.setattr(throttling, "_asleep_until", 0.0)


@pytest.fixture
def rates(settings: Any) -> Any:
    """`rates(token=2)`: lower limits for this test."""

    def rates(**given: int) -> None:
        for name, value in given.items():
            setattr(settings, f"API_RATE_{name.upper()}", value)

    return rates


@pytest.fixture
def here() -> dict[str, str]:
    """An address that no test has asked from before."""
    number = uuid4().int
    return {"REMOTE_ADDR": f"2001:db8:{number % 65536:x}:{number // 65536 % 65536:x}::1"}


def policy(amount: int, seconds: int = 60) -> Policy:
    return Policy("test", uuid4().hex, RateLimitItemPerSecond(amount, seconds))


# --- the counter ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_fifty_threads_never_pass_more_than_the_limit(running_services, limit):
    one, barrier = policy(limit), Barrier(50)

    def many() -> int:
        barrier.wait(30)
        return sum(taken([one])[0].passes for _ in range(6))

    with ThreadPoolExecutor(50) as threads:
        passed = sum(future.result() for future in [threads.submit(many) for _ in range(50)])
    assert passed == limit


def test_what_is_left_is_counted_down_to_nothing(running_services):
    one = policy(3)
    counts = [taken([one])[0] for _ in range(4)]
    assert [count.remaining for count in counts] == [2, 1, 0, 0]
    assert [count.passes for count in counts] == [True, True, True, False]
    assert 1 <= counts[3].reset <= 60 and 60 <= counts[3].wait <= 80  # a third of the window after its end


def test_whoever_waits_as_long_as_told_passes_and_not_before(running_services):
    one = policy(4, 1)
    while (refused := taken([one])[0]).passes:
        pass
    begun = time.monotonic()
    while not taken([one])[0].passes:
        assert time.monotonic() - begun < 10
        time.sleep(0.02)
    assert time.monotonic() - begun <= refused.wait + 0.1


def test_both_policies_are_counted_in_one_round_trip(running_services, settings, monkeypatch):
    counter = throttling.counter(settings.REDIS_URL, throttling._prefix())
    both = [policy(5), policy(1)]
    taken(both)
    trips: list[Any] = []
    for name in ("execute_command", "pipeline"):
        original = getattr(counter.storage, name)
        monkeypatch.setattr(
            counter.storage, name, lambda *a, _o=original, **k: trips.append(a) or _o(*a, **k)
        )
    assert [count.passes for count in taken(both)] == [True, False]
    assert len(trips) == 1


def test_server_that_forgot_the_scripts_is_told_them_again(running_services, settings):
    one = policy(2)
    throttling.counter(settings.REDIS_URL, throttling._prefix()).storage.script_flush()
    assert [taken([one])[0].passes for _ in range(3)] == [True, True, False]


def test_counter_that_is_down_lets_through_and_is_said_once_a_minute(settings, monkeypatch, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(throttling, "_told_at", -1e9)
    begun = time.monotonic()
    for _ in range(50):
        assert taken([policy(1)]) == []
        monkeypatch.setattr(throttling, "_asleep_until", 0.0)
    assert time.monotonic() - begun < 5
    assert caplog.text.count("does not answer") == 1


def test_counter_that_is_silent_costs_one_request_its_patience_and_the_next_nothing(settings, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        begun = time.monotonic()
        for _ in range(100):
            assert taken([policy(1)]) == []
        assert time.monotonic() - begun < 4 * throttling.PATIENCE + 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_ipv6_is_counted_by_network(address, network):
    assert network_of(address) == network


# --- who is counted ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_token_over_its_limit_is_429_with_the_seconds_to_wait(caller, alice, rates, is_problem):
    rates(token=2)
    client = caller(alice)
    assert [client.get(URL).status_code for _ in range(2)] == [200, 200]
    response = client.get(URL)
    body = is_problem(response, 429)
    assert body["type"] == throttling.QUOTA_EXCEEDED and body["violated-policies"] == ["token"]
    assert int(response["Retry-After"]) >= 1 and response["Retry-After"] in body["detail"]
    assert caller(alice).get(URL).status_code == 200  # another token of hers


@pytest.mark.django_db
def test_token_may_have_a_limit_of_its_own_up_to_the_highest(caller, alice, rates):
    rates(token=1, max=3)
    client = caller(alice)
    Token.objects.update(requests_per_minute=50)
    assert [client.get(URL).status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.django_db
def test_writes_have_a_limit_of_their_own(caller, alice, rates, is_problem):
    rates(token=10, writes=1)
    client = caller(alice)
    assert client.post(URL, {"url": "http://wire.example/1"}).status_code == 202
    response = client.post(URL, {"url": "http://wire.example/2"})
    assert is_problem(response, 429)["violated-policies"] == ["writes"]
    assert response["RateLimit-Policy"] == '"token";q=10;w=60, "writes";q=1;w=60'
    assert re.fullmatch(r'"token";r=8;t=\d+, "writes";r=0;t=\d+', response["RateLimit"])
    assert client.get(URL).status_code == 200


@pytest.mark.django_db
def test_session_is_counted_by_person(api, alice, rates):
    rates(token=1)
    api.force_login(alice)
    assert [api.get(URL).status_code for _ in range(2)] == [200, 429]


@pytest.mark.django_db
def test_nobody_is_counted_by_network_and_apart_from_others(api, rates, here):
    rates(anonymous=2)
    neighbour = {"REMOTE_ADDR": here["REMOTE_ADDR"].removesuffix("1") + "2"}
    assert [api.get(PUBLIC, **one).status_code for one in (here, neighbour, here)] == [200, 200, 429]
    assert api.get(PUBLIC, REMOTE_ADDR="203.0.113.250").status_code == 200


@pytest.mark.django_db
def test_address_is_that_of_the_proxy_s_word_only_behind_one(api, rates, here, settings):
    rates(anonymous=1)
    said = [
        {**here, "HTTP_X_FORWARDED_FOR": f"1.1.1.1, 2001:db8:{n}:{uuid4().int % 65536:x}::1"} for n in (1, 2)
    ]
    assert [api.get(PUBLIC, **one).status_code for one in said] == [200, 429]
    settings.BEHIND_PROXY = True
    assert [api.get(PUBLIC, **one).status_code for one in (said[0], said[0], said[1])] == [200, 429, 200]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [URL, PUBLIC, "/api/v1/none/"])
def test_who_is_refused_at_the_door_is_counted_too(rates, here, path):
    rates(anonymous=3)
    guesses = [Caller(f"vfy_{n}").get(path, **here).status_code for n in range(5)]
    assert guesses == [404 if "none" in path else 401] * 3 + [429] * 2


@pytest.mark.django_db
def test_token_without_the_scope_is_counted(caller, alice, rates):
    rates(token=1)
    client = caller(alice, Scope.CAPTURE)
    assert [client.get(URL).status_code for _ in range(2)] == [403, 429]


@pytest.mark.django_db
def test_a_request_is_counted_once(caller, alice, rates):
    rates(token=9)
    client = caller(alice)
    for path in (f"{URL}?x=1", f"{URL}{uuid4()}/"):  # refused after they were let in
        response = client.get(path)
    assert response["RateLimit"].startswith('"token";r=7;')


# --- what is said --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("path", [URL, f"{URL}?x=1", f"{URL}{NONE}/", "/api/v1/none/", "/api/v1/token/"])
@pytest.mark.parametrize("method", ["get", "put"])
def test_every_answer_says_the_limits(caller, alice, rates, path, method):
    rates(token=9)
    response = getattr(caller(alice), method)(path)
    assert response["RateLimit-Policy"].startswith('"token";q=9;w=60')
    assert re.match(r'"token";r=8;t=\d+', response["RateLimit"])


@pytest.mark.django_db
def test_counter_that_is_down_leaves_the_policy(caller, alice, rates, settings, monkeypatch):
    rates(token=9)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = caller(alice).get(URL)
    assert response.status_code == 200
    assert response["RateLimit-Policy"] == '"token";q=9;w=60' and "RateLimit" not in response


@pytest.mark.django_db
def test_answer_for_every_cache_is_the_same_for_everybody(api, caller, alice, rates, published_claim, here):
    rates(anonymous=50, token=9)
    path = f"{PUBLIC}{published_claim.pk}/"
    answers = [api.get(path, **place) for place in (here, {"REMOTE_ADDR": "203.0.113.9"})]
    for answer in answers:
        assert "public" in answer["Cache-Control"] and "Authorization" in answer["Vary"]
        assert answer["RateLimit-Policy"] == '"anonymous";q=50;w=60' and "RateLimit" not in answer
    known = api.get(path, headers={"If-None-Match": answers[0]["ETag"]})
    assert known.status_code == 304 and "RateLimit" not in known
    mine = caller(alice).get(path)
    assert "public" not in mine["Cache-Control"] and "private" in mine["Cache-Control"]
    assert mine["RateLimit"].startswith('"token";r=8') and "Authorization" in mine["Vary"]


def test_answers_that_are_not_the_api_s_say_nothing(rf):
    answer = RateLimitHeaders(lambda request: HttpResponse())(rf.get("/"))
    assert "RateLimit-Policy" not in answer


def test_whoever_is_counted_before_is_not_counted_again(running_services, rates):
    rates(anonymous=5)
    request = Request(HttpRequest())
    request._request.method = "GET"
    request._request.META["REMOTE_ADDR"] = uuid4().hex
    for _ in range(9):
        throttling.count(request)
    assert request._request.rate_counts[0].remaining == 4


# --- two processes -------------------------------------------------------------------------------------------------


def test_two_workers_of_gunicorn_share_the_limit(environment, alice, tmp_path, wait_until):
    secret = make_token(name="t", scopes=[Scope.READ], by=alice, at=timezone.now())[1]
    log, limits = tmp_path / "web.log", {"API_RATE_TOKEN": "20", "API_RATE_MAX": "20"}
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        fd, port = listener.fileno(), listener.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "verify.wsgi:application",
            f"--bind=fd://{fd}",
            "--workers=2",
        ]
        web = subprocess.Popen(
            [*command, "--no-control-socket"],
            cwd=ROOT,
            env=environment | limits | {"ALLOWED_HOSTS": "127.0.0.1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[fd],
        )
        try:
            wait_until(lambda: log.read_text().count("Booting worker") == 2, 60)

            def ask(_: int) -> int:
                address = f"http://127.0.0.1:{port}/api/v1/token/"
                request = urllib.request.Request(address, headers={"Authorization": f"Bearer {secret}"})
                try:
                    return int(urllib.request.urlopen(request, timeout=60).status)
                except urllib.error.HTTPError as error:
                    return error.code

            with ThreadPoolExecutor(8) as threads:
                statuses = list(threads.map(ask, range(60)))
        finally:
            web.terminate()
            web.wait(15)
    assert (statuses.count(200), statuses.count(429)) == (20, 40), log.read_text()
