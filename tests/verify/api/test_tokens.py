"""Tokens: shown once, kept as a digest, refused the moment they are no good."""

from __future__ import annotations

import copy
import hashlib
import pickle
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from claims.attribution.services import attribute_claim
from claims.statements.services import edit_claim
from sources.archive.services import request_capture
from sources.catalog.models import Document
from sources.catalog.services import register_document
from tests.cast import make_person
from tests.verify.api.conftest import Caller
from verify.accounts.models import Membership, Role
from verify.accounts.rules import desks_of, has_role
from verify.api.authentication import TokenAuthentication
from verify.api.models import Scope, Token
from verify.api.services import make_token, note_use, reaching, revoke_token
from verify.api.views.base import DeskEndpoint, etag_of
from verify.publish.services import publish
from verify.review.comments import comment
from verify.review.services import assign_review

pytestmark = pytest.mark.django_db

URL = "/api/v1/captures/"


@pytest.fixture
def made(alice):
    return make_token(name="laptop", scopes=[Scope.READ], by=alice, at=timezone.now())


def test_token_is_kept_as_its_digest_only(made):
    token, secret = made
    token.refresh_from_db()
    assert token.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert len(secret) > 43
    assert all(secret not in str(value) for value in Token.objects.values_list().get())


def test_good_token_is_its_owner(made, alice):
    assert Caller(made[1]).get(URL).status_code == 200


@pytest.mark.parametrize("why", ["revoked", "expired", "inactive", "unknown", "empty", "digest", "latin"])
def test_token_that_is_no_good_is_401_and_does_not_say_why(made, alice, is_problem, why):
    token, secret = made
    if why == "revoked":
        revoke_token(token=token, by=alice, at=timezone.now())
    elif why == "expired":
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif why == "inactive":
        type(alice).objects.update(is_active=False)
    else:
        secret = {"unknown": secret[:-1] + "!", "empty": " ", "digest": token.sha256, "latin": "é\xff"}[why]
    client = Caller()
    response = client.get(URL, headers={"authorization": f"Bearer {secret}"})
    body = is_problem(response, 401)
    assert body["detail"] == "This token is not valid, or not any more."
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_bad_token_is_refused_where_none_is_needed(is_problem, db):
    is_problem(Caller("vfy_no-such").get("/api/v1/claims/"), 401)


def test_nobody_is_401(api, is_problem):
    assert is_problem(api.get(URL), 401)
    assert is_problem(api.post(URL, {"url": "http://wire.example/"}), 401)


def test_token_never_does_more_than_its_scopes(caller, alice, is_problem):
    read, capture = caller(alice, Scope.READ), caller(alice, Scope.CAPTURE)
    assert "capture" in is_problem(read.post(URL, {"url": "http://wire.example/"}), 403)["detail"]
    assert "read" in is_problem(capture.get(URL), 403)["detail"]
    assert capture.head(URL).status_code == 403


def test_session_needs_the_csrf_token_to_write(api, alice, is_problem):
    api.force_login(alice)
    assert api.get(URL).status_code == 200
    is_problem(api.post(URL, {"url": "http://wire.example/"}), 403)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["everything"]}),
        ("name", {"name": " "}),
        ("expires_at", {"expires_at": timezone.now() - timedelta(1)}),
    ],
)
def test_token_that_makes_no_sense_is_not_made(alice, field, given):
    fields = {"name": "x", "scopes": [Scope.READ], "by": alice, "at": timezone.now()} | given
    with pytest.raises(ValidationError) as refused:
        make_token(**fields)
    assert field in refused.value.message_dict
    assert not Token.objects.exists()


def test_nobody_revokes_the_token_of_somebody_else(made, bob):
    with pytest.raises(PermissionDenied):
        revoke_token(token=made[0], by=bob, at=timezone.now())
    made[0].refresh_from_db()
    assert made[0].revoked_at is None


def test_revoking_twice_keeps_the_first_moment(made, alice):
    first = timezone.now()
    revoke_token(token=made[0], by=alice, at=first)
    revoke_token(token=made[0], by=alice, at=first + timedelta(1))
    assert made[0].revoked_at == first


# --- bound to a desk -----------------------------------------------------------------------------------------------


@pytest.fixture
def both(alice, other_desk):
    """Alice belongs to the other desk too, as an editor."""
    Membership.objects.create(user=alice, desk=other_desk, role=Role.EDITOR)
    return alice


@pytest.fixture
def elsewhere(both, other_desk, make_document, make_claim, make_source):
    """Rows of the other desk."""
    return {
        "document": make_document(desk=other_desk, by=both),
        "claim": make_claim(desk=other_desk, by=both),
        "source": make_source(desk=other_desk, by=both),
    }


def bound(person, desk):
    """The person as a token of the desk authenticates them."""
    token, secret = make_token(name="t", scopes=list(Scope), desk=desk, by=person, at=timezone.now())
    request = Request(APIRequestFactory().get("/", headers={"Authorization": f"Bearer {secret}"}))
    found = TokenAuthentication().authenticate(request)
    assert found is not None and found[1] == token
    return found[0]


def test_bound_token_sees_no_row_of_another_desk(both, desk, elsewhere, make_document):
    ours, only = make_document(), bound(both, desk)
    assert set(Document.objects.visible_to(both)) == {ours, elsewhere["document"]}
    assert set(Document.objects.visible_to(only)) == {ours}
    for name in ("claim", "source"):
        rows = type(elsewhere[name]).objects
        assert elsewhere[name] in rows.visible_to(both) and elsewhere[name] not in rows.visible_to(only)
    assert [*desks_of(only)] == [desk]


def test_bound_token_has_no_role_at_another_desk(both, desk, other_desk):
    only = bound(both, desk)
    assert has_role(both, other_desk, Role.EDITOR) and not has_role(only, other_desk, Role.VIEWER)
    assert has_role(only, desk, Role.CHECKER) and not has_role(only, desk, Role.EDITOR)
    only.refresh_from_db()
    assert not has_role(copy.copy(only), other_desk, Role.VIEWER)
    assert not has_role(pickle.loads(pickle.dumps(only)), other_desk, Role.VIEWER)


def test_services_refuse_who_is_bound_to_another_desk(both, desk, other_desk, elsewhere):
    only, now, claim = bound(both, desk), timezone.now(), elsewhere["claim"]
    acts = [
        lambda: register_document(desk=other_desk, url="http://a.example/", by=only, at=now),
        lambda: request_capture(desk=other_desk, url="http://a.example/", by=only, at=now),
        lambda: edit_claim(claim=claim, revision=claim.revision, text="No.", headline="", by=only, at=now),
        lambda: attribute_claim(claim=claim, speaker=elsewhere["source"], by=only, at=now),
        lambda: publish(claim=claim, by=only, at=now),
        lambda: assign_review(claim=claim, reviewer=both, by=only, at=now),
        lambda: comment(claim=claim, text="Hm.", by=only, at=now),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


def test_bound_token_at_the_doors_of_the_api(caller, both, desk, other_desk, is_problem):
    capture = request_capture(desk=other_desk, url="http://a.example/", by=both, at=timezone.now())
    client = caller(both, desk=desk)
    is_problem(client.get(f"{URL}{capture.pk}/"), 404)
    assert client.get(URL).json()["results"] == []
    assert client.post(URL, {"url": "http://b.example/"}).json()["desk"] == desk.slug  # the only one it has
    refused = is_problem(client.post(URL, {"url": "http://b.example/", "desk": other_desk.slug}), 400)
    assert refused["errors"][0]["field"] == "desk"
    document = (
        {"document": str(capture.document_id)} if capture.document_id else {"document": str(capture.pk)}
    )
    is_problem(client.post(URL, document), 400)


def test_token_of_the_same_person_for_all_desks_reaches_both(caller, both, other_desk):
    capture = request_capture(desk=other_desk, url="http://a.example/", by=both, at=timezone.now())
    assert caller(both).get(f"{URL}{capture.pk}/").status_code == 200


def test_bound_token_dies_with_the_membership(caller, both, other_desk):
    client = caller(both, desk=other_desk)
    request_capture(desk=other_desk, url="http://a.example/", by=both, at=timezone.now())
    assert len(client.get(URL).json()["results"]) == 1
    Membership.objects.filter(user=both, desk=other_desk).delete()
    assert client.get(URL).json()["results"] == []


def test_desk_that_requires_a_second_factor_is_shut_to_its_tokens_without_one(
    caller, alice, desk, is_problem
):
    client = caller(alice, desk=desk)
    desk.requires_second_factor = True
    desk.save()
    assert client.get(URL).json()["results"] == []
    is_problem(client.post(URL, {"url": "http://a.example/"}), 403)


def test_token_for_a_desk_of_others_is_not_made(alice, other_desk):
    with pytest.raises(ValidationError) as refused:
        make_token(name="x", scopes=[Scope.READ], desk=other_desk, by=alice, at=timezone.now())
    assert "desk" in refused.value.message_dict


# --- used, limited, seen -------------------------------------------------------------------------------------------


def test_use_is_noted_to_the_minute_and_costs_nothing_in_between(made, django_assert_num_queries):
    token, now = made[0], timezone.now()
    note_use(token=token, at=now)
    token.refresh_from_db()
    assert token.last_used_at == now
    with django_assert_num_queries(0):
        note_use(token=token, at=now + timedelta(seconds=59))
    note_use(token=token, at=now + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == now + timedelta(seconds=60)


def test_use_that_another_process_noted_is_not_noted_again(made):
    now, stale = timezone.now(), Token.objects.get()
    note_use(token=made[0], at=now)
    note_use(token=stale, at=now + timedelta(seconds=1))
    assert Token.objects.get().last_used_at == now


def test_refused_token_is_not_used(made, alice):
    revoke_token(token=made[0], by=alice, at=timezone.now())
    Caller(made[1]).get(URL)
    assert Token.objects.get().last_used_at is None


@pytest.mark.parametrize("rate", [0, -1, 6001])
def test_limit_beyond_the_highest_is_refused(desk, rate, settings):
    settings.API_RATE_MAX = 6000
    erin = make_person("erin", desk, Role.ADMIN)
    with pytest.raises(ValidationError) as refused:
        make_token(name="x", scopes=[Scope.READ], by=erin, at=timezone.now(), requests_per_minute=rate)
    assert "requests_per_minute" in refused.value.message_dict


def test_only_an_administrator_gives_a_limit(desk, bob, other_desk):
    erin = make_person("erin", desk, Role.ADMIN)
    Membership.objects.create(user=erin, desk=other_desk, role=Role.EDITOR)
    given = {"name": "x", "scopes": [Scope.READ], "at": timezone.now(), "requests_per_minute": 5}
    assert make_token(**given, by=erin, desk=desk)[0].requests_per_minute == 5
    for by, where in [(bob, desk), (bob, None), (erin, other_desk)]:
        with pytest.raises(ValidationError):
            make_token(**given, by=by, desk=where)


def test_administrator_revokes_what_is_bound_to_the_desk_and_nothing_else(desk, both, other_desk):
    erin, now = make_person("erin", desk, Role.ADMIN), timezone.now()
    ours, theirs, wide = (
        make_token(name="x", scopes=[Scope.READ], by=both, at=now, desk=where)[0]
        for where in (desk, other_desk, None)
    )
    assert set(reaching(desk, at=now)) == {ours, wide}
    revoke_token(token=ours, by=erin, at=now)
    for token in (theirs, wide):
        with pytest.raises(PermissionDenied):
            revoke_token(token=token, by=erin, at=now)
    assert set(reaching(desk, at=now)) == {wide}
    Membership.objects.filter(user=both, desk=desk).delete()
    assert not reaching(desk, at=now).exists()


def test_token_says_what_it_is(caller, alice, desk):
    said = caller(alice, Scope.CAPTURE, desk=desk).get("/api/v1/token/")
    assert said.status_code == 200 and said["Cache-Control"] == "no-store"
    token = Token.objects.get()
    assert said.json()["hint"] == token.hint and len(token.hint) == 8 and token.hint.startswith("vfy_")
    assert (said.json()["scopes"], said.json()["desk"]) == (["capture"], desk.slug)
    assert said.json()["limits"]["requests_per_minute"] > 0
    assert token.sha256 not in said.content.decode()


def test_session_and_nobody_have_no_token(api, alice, is_problem):
    is_problem(api.get("/api/v1/token/"), 401)
    api.force_login(alice)
    is_problem(api.get("/api/v1/token/"), 404)


# --- what was seen -------------------------------------------------------------------------------------------------


class _Endpoint(DeskEndpoint):
    """If-Match, on a row of the simplest kind."""

    scopes = {"PATCH": Scope.WRITE}
    required = False

    def patch(self, request, pk):
        def act():
            document = self.load(Document.objects.select_for_update(of=("self",)), pk=pk)
            self.must_match(etag_of(document), required=self.required)
            Document.objects.filter(pk=pk).update(title="Changed")
            document.refresh_from_db()
            return Response({}, headers={"ETag": f'"{etag_of(document)}"'})

        return self.once(act)


@pytest.fixture
def patch(alice, make_document):
    document = make_document()
    _token, secret = make_token(name="t", scopes=[Scope.WRITE], by=alice, at=timezone.now())

    def patch(*, required=False, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Authorization": f"Bearer {secret}"} | headers
        request = APIRequestFactory().patch("/x/", {}, format="json", headers=given)
        response = _Endpoint.as_view(required=required)(request, pk=document.pk)
        return response.render() if hasattr(response, "render") else response

    patch.document = document
    return patch


def test_if_match_of_what_is_there_passes_and_then_no_more(patch):
    etag = f'"{etag_of(patch.document)}"'
    first = patch(If_Match=f'"other", {etag}')
    assert first.status_code == 200 and first["ETag"] != etag
    assert patch(If_Match=etag).status_code == 412
    assert patch(If_Match=first["ETag"]).status_code == 200


@pytest.mark.parametrize("given", ['"x"', "x", "", 'W/"x"', "é"])
def test_if_match_of_another_state_is_412_and_changes_nothing(patch, given):
    assert patch(If_Match=given).status_code == 412
    assert Document.objects.get().title != "Changed"


def test_weak_etag_never_matches(patch):
    assert patch(If_Match=f'W/"{etag_of(patch.document)}"').status_code == 412


def test_if_match_may_be_left_out_unless_it_is_required(patch):
    assert patch(required=True).status_code == 428
    assert patch(required=True, If_Match="*").status_code == 200
    assert patch().status_code == 200


def test_repetition_of_a_conditional_write_is_answered_although_the_state_is_another(patch):
    given = {"If_Match": f'"{etag_of(patch.document)}"', "Idempotency_Key": "k"}
    first, second = patch(**given), patch(**given)
    assert (first.status_code, second.status_code) == (200, 200) and second["ETag"] == first["ETag"]


def test_types_of_problems_say_what_they_mean(api, is_problem):
    for name in ("idempotency-key-reused", "history-changed"):
        response = api.get(f"/api/problems/{name}", headers={"accept": "text/html"})
        assert response.status_code == 200 and response["Content-Type"].startswith("text/plain")
    is_problem(api.get("/api/problems/none"), 404)
