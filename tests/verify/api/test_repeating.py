"""A write under an Idempotency-Key is done once, however often and however much at once it is sent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from sources.archive.models import Capture
from tests.verify.api.conftest import Caller
from verify.accounts.models import Membership, Role
from verify.api import repeating, tasks
from verify.api.models import Answered, Scope
from verify.api.parsers import BoundedJSONParser
from verify.api.services import make_token
from verify.api.views import captures as views

URL = "/api/v1/captures/"
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
# A URL of its own each, so that the rule of one capture a minute does not hide what is done twice.
GIVEN = {"url": "http://wire.example/1"}


@pytest.fixture
def post(caller: Any, alice: Any) -> Any:
    client = caller(alice)

    def post(given: Any = GIVEN, key: str = KEY, by: Any = client) -> Any:
        return by.post(URL, given, headers={"Idempotency-Key": key})

    return post


def no_merging(monkeypatch: Any) -> list[int]:
    """Every capture that is asked for is a new one; how often one was."""
    done: list[int] = []
    original = views.capture_url

    def counted(**given: Any) -> Any:
        done.append(1)
        return original(**given | {"url": f"{given['url']}/{len(done)}"})

    monkeypatch.setattr(views, "capture_url", counted)
    return done


@pytest.mark.django_db
def test_repetition_is_answered_byte_for_byte_and_done_once(post, monkeypatch):
    done = no_merging(monkeypatch)
    first, second = post(), post()
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.content == first.content and len(done) == Capture.objects.count() == 1
    assert [second[name] for name in ("Location", "Content-Type")] == [
        first[name] for name in ("Location", "Content-Type")
    ]
    assert "Idempotency-Replayed" not in first and second["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_without_a_key_each_is_done(caller, alice, monkeypatch):
    done, client = no_merging(monkeypatch), caller(alice)
    assert [client.post(URL, GIVEN).status_code for _ in range(2)] == [202, 202]
    assert len(done) == 2 and not Answered.objects.exists()


@pytest.mark.django_db
def test_repetition_is_answered_although_it_could_not_be_done_any_more(post, alice):
    first = post()
    Membership.objects.filter(user=alice).update(role=Role.VIEWER)
    assert post().content == first.content


@pytest.mark.django_db
@pytest.mark.parametrize("given", [{"url": "http://wire.example/2"}, GIVEN | {"mode": "page"}])
def test_key_of_another_request_is_422_of_a_type(post, is_problem, given):
    post()
    body = is_problem(post(given), 422)
    assert body["type"].endswith("/api/problems/idempotency-key-reused")
    assert Capture.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["POST /a/?x=1", "PATCH /a/", "POST /b/", "POST /a/"])
def test_method_and_whole_address_belong_to_the_request(alice, other):
    def digest(said: str) -> str:
        method, path = said.split()
        request = Request(
            getattr(APIRequestFactory(), method.lower())(path, {}, format="json"), [BoundedJSONParser()]
        )
        return repeating.digest_of(request, alice)

    assert (digest(other) == digest("POST /a/")) == (other == "POST /a/")


@pytest.mark.django_db
def test_order_of_members_and_spaces_are_no_difference(caller, alice):
    client = caller(alice)
    bodies = [
        b'{"url": "http://wire.example/1", "mode": "http"}',
        b'{"mode":"http","url":"http://wire.example/1"}',
    ]
    answers = [
        client.post(URL, body, content_type="application/json", headers={"Idempotency-Key": KEY})
        for body in bodies
    ]
    assert answers[1].content == answers[0].content and "Idempotency-Replayed" in answers[1]


@pytest.mark.django_db
def test_key_of_somebody_else_is_their_own(post, caller, carol):
    first, second = post(), post({"url": "http://wire.example/2"}, by=caller(carol))
    assert second.status_code == 202 and second.json()["id"] != first.json()["id"]


@pytest.mark.django_db
def test_token_of_another_desk_is_not_told_what_was_answered(
    post, caller, alice, desk, other_desk, is_problem
):
    Membership.objects.create(user=alice, desk=other_desk, role=Role.CHECKER)
    given = GIVEN | {"desk": desk.slug}
    assert post(given).status_code == 202
    is_problem(post(given, by=caller(alice, desk=other_desk)), 422)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, '""', "a\x7f"])
def test_key_that_is_none_is_400(post, is_problem, key):
    assert "Idempotency-Key" in is_problem(post(key=key), 400)["detail"]
    assert not Capture.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x", "x" * 255, "~!", f'"{KEY}"'])
def test_key_with_and_without_quotes_is_the_same(post, key):
    assert post(key=key).status_code == 202
    assert "Idempotency-Replayed" in post(key=key.strip('"'))


@pytest.mark.django_db
def test_refused_request_leaves_the_key_free(post, is_problem):
    is_problem(post({"url": "http://127.0.0.1/"}), 400)
    assert not Answered.objects.exists()
    assert post().status_code == 202


@pytest.mark.django_db
def test_what_fails_in_the_middle_is_done_again(post, monkeypatch, is_problem):
    original = views.shapes.capture_facts

    def broken(capture: Any) -> Any:
        assert Capture.objects.count() == 1  # it was made, and must be undone
        raise ZeroDivisionError

    monkeypatch.setattr(views.shapes, "capture_facts", broken)
    is_problem(post(), 500)
    assert not Capture.objects.exists() and not Answered.objects.exists()
    monkeypatch.setattr(views.shapes, "capture_facts", original)
    assert post().status_code == 202 and Capture.objects.count() == 1


@pytest.mark.django_db
def test_key_on_a_read_is_passed_over(caller, alice):
    assert caller(alice).get(URL, headers={"Idempotency-Key": "a b"}).status_code == 200


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day(post):
    post()
    assert tasks.forget_answers() == 0
    Answered.objects.update(at=timezone.now() - timedelta(hours=24, seconds=1))
    assert tasks.forget_answers() == 1
    assert "Idempotency-Replayed" not in post()


def test_forms_and_files_are_told_apart_by_what_they_hold():
    def plain(content: bytes) -> Any:
        return repeating._plain(MultiValueDict({"file": [SimpleUploadedFile("a", content)], "n": ["1", "2"]}))

    assert plain(b"x") == plain(b"x") != plain(b"y")
    assert plain(b"x")["n"] == ["1", "2"]


def secret_of(person: Any) -> str:
    return make_token(name="t", scopes=[Scope.CAPTURE], by=person, at=timezone.now())[1]


def send(secret: str, given: Any = GIVEN) -> Any:
    try:
        return Caller(secret).post(URL, given, headers={"Idempotency-Key": KEY})
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_do_it_once(alice, monkeypatch):
    done, secret, barrier = no_merging(monkeypatch), secret_of(alice), Barrier(16)

    def one() -> Any:
        barrier.wait(30)
        return send(secret)

    with ThreadPoolExecutor(16) as threads:
        answers = [future.result() for future in [threads.submit(one) for _ in range(16)]]
    assert len(done) == Capture.objects.count() == Answered.objects.count() == 1
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 15


@pytest.mark.django_db(transaction=True)
def test_one_that_waits_does_it_when_the_first_comes_to_nothing(alice, monkeypatch, wait_until):
    secret, inside, go_on, original = (
        secret_of(alice),
        threading.Event(),
        threading.Event(),
        views.capture_url,
    )
    calls: list[int] = []

    def fails_first(**given: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            inside.set()
            assert go_on.wait(30)
            raise ZeroDivisionError
        return original(**given)

    monkeypatch.setattr(views, "capture_url", fails_first)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(send, secret)
        assert inside.wait(30)
        second = threads.submit(send, secret)
        wait_until(lambda: _waiting() == 1)
        go_on.set()
        assert (first.result().status_code, second.result().status_code) == (500, 202)
    assert "Idempotency-Replayed" not in second.result() and Capture.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_killed_connection_leaves_nothing_and_the_repetition_does_it(alice, monkeypatch):
    secret, original = secret_of(alice), views.capture_url

    def killed(**given: Any) -> Any:
        capture = original(**given)
        with psycopg.connect(**_server()) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [_backend()])
        return capture

    monkeypatch.setattr(views, "capture_url", killed)
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(send, secret).result().status_code == 500
    assert not Capture.objects.exists() and not Answered.objects.exists()
    monkeypatch.setattr(views, "capture_url", original)
    assert send(secret).status_code == 202
    assert Capture.objects.count() == Answered.objects.count() == 1


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO %verify_answered%'"
        )
        return int(cursor.fetchone()[0])


def _server() -> dict[str, Any]:
    given = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {name: given[key] for name, key in names.items() if given[key]}
