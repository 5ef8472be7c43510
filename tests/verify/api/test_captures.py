"""Captures through the API: for members of the desk, in their role."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture
from sources.archive.services import request_capture
from verify.accounts.models import Membership, Role

pytestmark = pytest.mark.django_db

URL = "/api/v1/captures/"
WEB = "http://example.com/news"


def test_capture_is_queued_for_the_desk(caller, alice, desk):
    response = caller(alice).post(URL, {"url": WEB, "mode": "page"})
    assert response.status_code == 202, response.content
    capture = Capture.objects.get()
    assert (capture.desk, capture.url, capture.mode, capture.state) == (desk, WEB, "page", "queued")
    assert capture.requested_by == alice
    assert str(capture.document_id) == response.json()["document"]
    assert response["Location"] == response.json()["links"]["self"]
    assert caller(alice).get(response["Location"]).json()["state"] == "queued"


def test_same_url_within_a_minute_is_one_capture(caller, alice, carol):
    first, second = caller(alice).post(URL, {"url": WEB}), caller(carol).post(URL, {"url": WEB})
    assert first.json()["id"] == second.json()["id"]
    assert Capture.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://example.com/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://a:b@example.com/",
        "x" * 3000,
    ],
)
def test_url_that_may_not_be_fetched_is_refused_by_name(caller, alice, is_problem, url):
    body = is_problem(caller(alice).post(URL, {"url": url}), 400)
    assert body["errors"][0]["field"] == "url"
    assert not Capture.objects.exists()


@pytest.mark.parametrize(
    "given", [{}, {"url": 1.5}, {"url": None}, {"url": ["x"]}, {"url": {"a": 1}}, {"mode": "page"}]
)
def test_request_without_a_url_is_refused_by_name(caller, alice, is_problem, given):
    assert "url" in [error["field"] for error in is_problem(caller(alice).post(URL, given), 400)["errors"]]


def test_document_is_archived_once_more(caller, alice, make_document):
    document = make_document(WEB)
    response = caller(alice).post(URL, {"document": str(document.pk)})
    assert response.status_code == 202, response.content
    assert Capture.objects.get().document_id == document.pk


def test_document_with_another_url_is_refused(caller, alice, make_document, is_problem):
    given = {"document": str(make_document(WEB).pk), "url": "http://example.com/other"}
    is_problem(caller(alice).post(URL, given), 400)


def test_document_of_another_desk_is_none(caller, mallory, make_document, is_problem):
    ours, missing = {"document": str(make_document().pk)}, {"document": str(uuid4())}
    answers = [is_problem(caller(mallory).post(URL, given), 400) for given in (ours, missing)]
    assert answers[0] == answers[1]


def test_viewer_may_not_ask(caller, dave, is_problem):
    is_problem(caller(dave).post(URL, {"url": WEB}), 403)
    assert not Capture.objects.exists()


def test_member_of_two_desks_names_one(caller, alice, other_desk, is_problem):
    Membership.objects.create(user=alice, desk=other_desk, role=Role.CHECKER)
    body = is_problem(caller(alice).post(URL, {"url": WEB}), 400)
    assert "coast, elsewhere" in body["errors"][0]["detail"]
    assert caller(alice).post(URL, {"url": WEB, "desk": "elsewhere"}).json()["desk"] == "elsewhere"


def test_desk_of_others_is_none(caller, alice, other_desk, is_problem):
    given = {"url": WEB, "desk": "elsewhere"}
    assert is_problem(caller(alice).post(URL, given), 400)["errors"][0]["field"] == "desk"


def test_person_without_a_desk_may_not_ask(caller, django_user_model, is_problem):
    nobody = django_user_model.objects.create_user("nobody")
    is_problem(caller(nobody).post(URL, {"url": WEB}), 403)


def test_capture_shows_digests_and_entry(caller, dave, make_capture):
    capture = make_capture()
    found = caller(dave).get(f"{URL}{capture.pk}/").json()
    assert found["state"] == "archived"
    assert found["digests"] == {
        "datapackage": capture.datapackage_sha256,
        "package": capture.package_id,
        "body": capture.body_id,
        "texts": [capture.texts.get().sha256],
    }
    assert found["entry"] == capture.entry_id


def test_failed_capture_says_why(caller, alice, desk):
    now = timezone.now()
    capture = request_capture(desk=desk, url=WEB, by=alice, at=now)
    work.fail(
        work.take(capture.pk, at=now), FailureCode.TIMEOUT, "The server did not answer in time.", at=now
    )
    found = caller(alice).get(f"{URL}{capture.pk}/").json()
    assert found["failure"] == {"code": "timeout", "detail": "The server did not answer in time."}
    assert found["digests"] is None


def test_capture_of_another_desk_is_404(caller, mallory, make_capture, is_problem):
    capture = make_capture()
    ours, missing = caller(mallory).get(f"{URL}{capture.pk}/"), caller(mallory).get(f"{URL}{uuid4()}/")
    assert is_problem(ours, 404) == is_problem(missing, 404)
    assert caller(mallory).get(URL).json()["results"] == []


def test_list_is_filtered(caller, alice, make_capture):
    capture = make_capture()
    client: Any = caller(alice)

    def found(**filters: str) -> list[str]:
        return [one["id"] for one in client.get(URL, filters).json()["results"]]

    assert found(state="archived", document=str(capture.document_id)) == [str(capture.pk)]
    assert found(state="failed") == []
    assert found(document=str(uuid4())) == []


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_one_and_for_three(
    caller, alice, make_capture, django_assert_num_queries, number
):
    client = caller(alice)
    for i in range(number):
        make_capture(f"Text {i}.")
    with django_assert_num_queries(3):  # token with user, captures, texts
        assert len(client.get(URL).json()["results"]) == number
