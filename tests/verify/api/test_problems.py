"""Whatever goes wrong, the answer is a problem (RFC 9457)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from claims.statements.services import register_claim
from sources.catalog.services import register_source
from verify.api.models import Scope
from verify.api.shapes.webhooks import WebhookIn
from verify.api.views import public as views

pytestmark = pytest.mark.django_db

CAPTURES = "/api/v1/captures/"


@pytest.mark.parametrize(
    "path", ["", "v1/", "v2/claims/", "v1/claims/not-a-uuid/", "v1/claims", "%00", "v1/../x"]
)
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_unknown_address_is_404(api, is_problem, path, method):
    is_problem(getattr(api, method)(f"/api/{path}"), 404)


def test_missing_slash_is_named(api, is_problem):
    assert "slash" in is_problem(api.get("/api/v1/claims"), 404)["detail"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_method_that_is_not_there_is_405(api, is_problem, method):
    response = getattr(api, method)("/api/v1/claims/", {})
    is_problem(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_other_media_type_is_415(caller, alice, is_problem, media_type):
    is_problem(caller(alice).post(CAPTURES, b"url=x", content_type=media_type), 415)


def test_answer_that_cannot_be_given_is_406(api, is_problem):
    is_problem(api.get("/api/v1/claims/", headers={"accept": "text/html"}), 406)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b" ", "not JSON"),
        (b"{", "not JSON"),
        (b'{"url": NaN}', "NaN is not JSON"),
        (b'{"url": "a", "url": "b"}', "twice"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"url": "\\ud800"}', "surrogate"),
        (b'{"\\ud800": 1}', "surrogate"),
        (b"[" * 5000, "nested too deeply"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested too deeply"),
        (b"1" * 5000, "Exceeds the limit"),
    ],
    ids=lambda value: repr(value[:16]),
)
def test_body_that_is_no_good_json_is_400(caller, alice, is_problem, body, says):
    response = caller(alice).post(CAPTURES, body, content_type="application/json")
    assert says in is_problem(response, 400)["detail"]


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1", b"[{}]"])
def test_body_that_is_no_object_is_400(caller, alice, is_problem, body):
    is_problem(caller(alice).post(CAPTURES, body, content_type="application/json"), 400)


def test_body_over_the_limit_is_413(caller, alice, is_problem, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    is_problem(caller(alice).post(CAPTURES, {"url": "x" * 100}), 413)


def test_unknown_field_is_named(caller, alice, is_problem):
    body = is_problem(
        caller(alice).post(CAPTURES, {"url": "http://wire.example/", "urll": 1, "state": "archived"}), 400
    )
    assert [error["field"] for error in body["errors"]] == ["state", "urll"]
    assert "no such field" in body["errors"][0]["detail"]


@pytest.mark.parametrize(
    "query", ["verdct=confirmed", "case=1", "updated_since=yesterday", "page_size=0", "q=%00"]
)
def test_query_parameter_that_is_wrong_is_named(api, is_problem, query):
    body = is_problem(api.get(f"/api/v1/claims/?{query}"), 400)
    assert body["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize("cursor", ["x", "cD14", "bz0xJnA9eA==", "b=-1", "cD0lMDA=", "bz0tMQ==", "é"])
def test_cursor_that_is_none_is_400(api, is_problem, cursor):
    assert is_problem(api.get("/api/v1/claims/", {"cursor": cursor}), 400)["errors"][0]["field"] == "cursor"


def test_error_of_our_own_is_a_problem_and_is_logged(api, is_problem, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(views.reading, "listings", broken)
    body = is_problem(api.get("/api/v1/claims/"), 500)
    assert "secret" not in json.dumps(body)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("given", ["a\x00b", "\x00"])
def test_nul_in_a_field_is_400(caller, alice, is_problem, given):
    assert is_problem(caller(alice).post(CAPTURES, {"url": given}), 400)["errors"][0]["field"] == "url"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "register", "body"),
    [
        ("sources", register_source, {"kind": "outlet", "name": "Wire"}),
        ("claims", register_claim, {"text": "It is so.", "external_id": "cms-1"}),
    ],
)
def test_of_two_who_make_the_same_at_once_one_is_told(
    caller, alice, desk, is_problem, wait_until, path, register, body
):
    client = caller(alice, Scope.WRITE)

    def ask():
        try:
            return client.post(f"/api/v1/desk/{path}/", body)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside, transaction.atomic():
        register(desk=desk, by=alice, at=timezone.now(), **body)
        asked = beside.submit(ask)
        wait_until(somebody_waits)
    assert "at this moment" in is_problem(asked.result(), 409)["detail"]


@pytest.mark.parametrize("given", [0, 1, "true", "yes", [], {}])
def test_flag_in_a_body_is_true_or_false(given):
    shape = WebhookIn(data={"name": "Hook", "url": "https://hook.example/", "told_of": ["published"]})
    assert shape.is_valid()
    shape = WebhookIn(data={**shape.initial_data, "all_desks": given})
    assert not shape.is_valid() and set(shape.errors) == {"all_desks"}


@pytest.mark.parametrize("given", [0, 1.5, True])
def test_word_in_a_body_is_a_string(given):
    shape = WebhookIn(data={"name": given, "url": "https://hook.example/", "told_of": ["published"]})
    assert not shape.is_valid() and set(shape.errors) == {"name"}


def test_empty_parameter_is_not_one_left_out(api, is_problem):
    body = is_problem(api.get("/api/v1/claims/?case="), 400)
    assert body["errors"][0]["field"] == "case"
