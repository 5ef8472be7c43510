"""Cases: list, opening one, and the event at a glance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from claims.attribution.services import state_figure
from claims.statements.models import Case, Claim
from claims.statements.services import add_figure, open_case
from tests.cast import T0

pytestmark = pytest.mark.django_db

LIST, NEW = "/desk/cases/", "/desk/cases/new/"


@pytest.fixture
def case(desk: Any, alice: Any) -> Case:
    return open_case(desk=desk, title="The coast", by=alice, at=T0)


def page(case: Case, query: str = "") -> str:
    return reverse("case", args=[case.pk]) + query


@pytest.mark.parametrize(
    "url", [LIST, NEW, f"/desk/cases/{UUID(int=1)}/", f"/desk/cases/{UUID(int=1)}/claims/new/"]
)
def test_case_pages_ask_to_sign_in(client, db, url):
    assert client.get(url)["Location"].startswith("/sign-in/?next=")


def test_case_of_another_desk_does_not_exist(client, mallory, case):
    client.force_login(mallory)
    assert client.get(page(case)).status_code == 404
    assert client.post(reverse("claim-new", args=[case.pk]), {"text": "x"}).status_code == 404
    assert "The coast" not in client.get(LIST).content.decode()


def test_case_forms_are_not_for_viewers(client, dave, case):
    client.force_login(dave)
    for url in (NEW, reverse("claim-new", args=[case.pk])):
        assert client.get(url).status_code == 403
        assert client.post(url, {"title": "x", "text": "x", "language": "en"}).status_code == 403
    assert not Claim.objects.exists()


def test_case_list_says_what_to_do_first(client, alice):
    client.force_login(alice)
    assert "No cases yet" in client.get(LIST).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_case_list_asks_the_same_for_one_and_three(client, alice, desk, django_assert_num_queries, rows):
    for number in range(rows):
        open_case(desk=desk, title=f"Case {number}", by=alice, at=T0)
    client.force_login(alice)
    with django_assert_num_queries(6):  # session, person, desks, how many, the page, the inbox
        client.get(LIST)


def test_opening_a_case_leads_to_it(client, alice, desk):
    client.force_login(alice)
    response = client.post(NEW, {"title": "The coast", "began_on": "2025-03-06"})
    case = Case.objects.get()
    assert response["Location"] == page(case)
    assert (case.desk, case.created_by) == (desk, alice)


def test_opening_a_case_that_ends_before_it_begins_keeps_what_was_typed(client, alice):
    client.force_login(alice)
    given = {"title": "The coast", "summary": "As typed.", "began_on": "2025-03-06", "ended_on": "2025-03-01"}
    response = client.post(NEW, given)
    assert response.status_code == 422
    assert "As typed." in response.content.decode()


def test_registering_a_claim_leads_to_it(client, alice, case):
    client.force_login(alice)
    given = {"text": "About 745 were killed.", "headline": "", "language": "en"}
    response = client.post(reverse("claim-new", args=[case.pk]), given)
    claim = Claim.objects.get()
    assert response["Location"] == reverse("claim", args=[claim.pk])
    assert (claim.case, claim.author, claim.workflow) == (case, alice, "draft")


def test_case_page_puts_claims_in_the_column_of_their_workflow(client, dave, case, make_claim):
    make_claim("A draft of ours.", case=case)
    client.force_login(dave)
    board = dict(client.get(page(case)).context["board"])
    assert [str(claim) for claim in board["draft"]] == ["A draft of ours."]
    assert board["approved"] == []


def test_case_page_as_a_list_filters_by_state(client, alice, case, make_claim):
    make_claim("A draft of ours.", case=case)
    client.force_login(alice)
    assert "A draft of ours." in client.get(page(case, "?view=list&state=draft")).content.decode()
    approved = client.get(page(case, "?view=list&state=approved"))
    assert not list(approved.context["page"])
    assert client.get(page(case, "?view=list&state=nonsense&page=-3")).status_code == 200


def test_case_page_says_who_affirms_and_who_denies(
    client, alice, case, make_claim, make_assertion, make_source
):
    claim, ministry = make_claim("They did it.", case=case), make_source("Ministry", is_party=True)
    make_assertion(claim, make_source("Observatory"))
    make_assertion(claim, ministry, polarity="denies")
    client.force_login(alice)
    voices = client.get(page(case)).context["voices"]
    assert [(str(v["speaker"]), len(v["affirms"]), len(v["denies"])) for v in voices] == [
        ("Ministry", 0, 1),
        ("Observatory", 1, 0),
    ]


def test_case_page_keeps_figures_by_source_and_marks_the_superseded(
    client, alice, case, make_claim, make_assertion, make_source
):
    claim = make_claim(case=case)
    said = make_assertion(claim, make_source("Observatory"))
    scope = {"unit": "people-killed", "by": alice, "at": T0}
    first = state_figure(assertion=said, point=745, qualifier="around", as_of=T0.date(), **scope)
    state_figure(assertion=said, point=1383, supersedes=first, **scope)
    add_figure(claim=claim, lower=111, qualifier="at-least", **scope)
    client.force_login(alice)
    response = client.get(page(case))
    groups = [(g["givers"], [f.number for f in g["figures"]]) for g in response.context["counts"]]
    assert groups == [("", ["at least 111"]), ("Observatory", ["around 745", "1,383"])]
    html = response.content.decode()
    assert "<s>around 745</s>" in html
    assert "2,239" not in html and "2239" not in html  # nobody's sum


@pytest.mark.parametrize("view", ["board", "list"])
@pytest.mark.parametrize("rows", [1, 3])
def test_case_page_asks_the_same_for_one_and_three(
    client, alice, case, make_claim, make_assertion, django_assert_num_queries, rows, view
):
    for _ in range(rows):
        claim = make_claim(case=case)
        said = make_assertion(claim)
        state_figure(assertion=said, point=745, unit="people-killed", by=alice, at=T0)
    client.force_login(alice)
    with django_assert_num_queries({"board": 15, "list": 16}[view]):
        client.get(page(case, f"?view={view}"))
