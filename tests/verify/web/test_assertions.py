"""Adding to a claim: assertions, figures, evidence, anchors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from claims.attribution.models import Anchor, Assertion, Evidence
from claims.statements.models import Figure
from sources.archive.models import Capture

pytestmark = pytest.mark.django_db

SAID = {"role": "originator", "verb": "claimed", "polarity": "affirms", "said_precision": "day"}
SCOPE = {"unit": "people-killed"}


def at(name: str, claim: Any) -> str:
    return reverse(name, args=[claim.pk])


def test_assertion_with_a_document_leads_to_its_text(client, alice, make_claim, make_source, make_capture):
    claim, speaker, document = make_claim(), make_source(), make_capture().document
    client.force_login(alice)
    given = {
        **SAID,
        "speaker": speaker.pk,
        "document": document.pk,
        "said_on": "2025-03-08",
        "said_time": "19:30",
    }
    response = client.post(at("assertion-new", claim), given)
    assertion = Assertion.objects.get()
    assert response["Location"] == f"/desk/documents/{document.pk}/?assertion={assertion.pk}"
    assert (assertion.speaker, assertion.verb, assertion.said_precision) == (speaker, "claimed", "minute")
    assert assertion.said_at.isoformat() == "2025-03-08T19:30:00+00:00"


def test_assertion_with_an_address_has_it_archived(client, alice, make_claim, make_source):
    client.force_login(alice)
    given = {**SAID, "speaker": make_source().pk, "document_url": "http://wire.example/story"}
    client.post(at("assertion-new", make_claim()), given)
    assert Assertion.objects.get().document.url == "http://wire.example/story"
    assert Capture.objects.get().state == "queued"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"speaker": ""}, "speaker"),
        ({"said_time": "19:30"}, "said_on"),
        ({"document_url": "http://10.0.0.1/"}, "document_url"),
        ({"verb": "screamed"}, "verb"),
        ({"derives_from": str(UUID(int=1))}, "derives_from"),
    ],
)
def test_assertion_says_what_is_wrong_and_keeps_what_was_typed(
    client, alice, make_claim, make_source, change, field
):
    client.force_login(alice)
    given = {**SAID, "speaker": make_source().pk, "hedge": "as typed", **change}
    response = client.post(at("assertion-new", make_claim()), given)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "as typed" in response.content.decode()
    assert not Assertion.objects.exists() and not Capture.objects.exists()


def test_assertion_offers_nothing_of_another_desk(
    client, alice, mallory, other_desk, make_claim, make_source, make_assertion, make_document
):
    theirs = make_source("Their source", desk=other_desk, by=mallory)
    paper = make_document("http://theirs.example/", desk=other_desk, by=mallory)
    claim = make_claim("Their claim", desk=other_desk, by=mallory)
    said = make_assertion(claim, theirs, by=mallory)
    client.force_login(alice)
    url = at("assertion-new", make_claim())
    html = client.get(url).content.decode()
    assert "Their" not in html and "theirs.example" not in html
    for name, thing in {"speaker": theirs, "document": paper, "derives_from": said}.items():
        assert name in client.post(url, {**SAID, name: thing.pk}).context["form"].errors


@pytest.mark.parametrize("rows", [1, 3])
def test_assertion_form_asks_the_same_for_one_and_three(
    client, alice, make_claim, make_assertion, make_source, make_document, django_assert_num_queries, rows
):
    claim = make_claim()
    for _ in range(rows):
        make_assertion(claim, outlet=make_source(), document=make_document())
    client.force_login(alice)
    # session, person, desks, claim, sources, documents, assertions, whether there are figures, the inbox
    with django_assert_num_queries(9):
        client.get(at("assertion-new", claim))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("around 745", (None, 745, None, "around")),
        ("more than 1,000", (1000, None, None, "more-than")),
        ("between 20 and 30", (20, None, 30, "between")),
        ("نحو ٧٤٥", (None, 745, None, "around")),
        ("dozens", (None, None, None, "dozens")),
    ],
)
def test_figure_reads_the_numbers_from_the_words(client, alice, make_claim, written, expected):
    client.force_login(alice)
    client.post(at("figure-new", make_claim()), {**SCOPE, "as_written": written})
    figure = Figure.objects.get()
    assert (figure.lower, figure.point, figure.upper, figure.qualifier) == expected
    assert figure.as_written == written


def test_figure_numbers_that_were_typed_win(client, alice, make_claim):
    client.force_login(alice)
    client.post(
        at("figure-new", make_claim()),
        {**SCOPE, "as_written": "around 745", "point": 754, "qualifier": "around"},
    )
    assert Figure.objects.get().point == 754


@pytest.mark.parametrize(
    "given", [{}, {"as_written": "very many"}, {"point": "-1"}, {"lower": 5, "upper": 2}]
)
def test_figure_without_a_sensible_number_is_refused(client, alice, make_claim, given):
    client.force_login(alice)
    response = client.post(at("figure-new", make_claim()), {**SCOPE, **given, "place": "as typed"})
    assert response.status_code == 422 and response.context["form"].errors
    assert "as typed" in response.content.decode()
    assert not Figure.objects.exists()


def test_figure_given_by_an_assertion_is_its_own(client, alice, make_claim, make_assertion):
    claim = make_claim()
    said = make_assertion(claim)
    client.force_login(alice)
    assert str(said.pk) in client.get(at("figure-new", claim), {"assertion": said.pk}).content.decode()
    client.post(at("figure-new", claim), {**SCOPE, "as_written": "745", "assertion": said.pk})
    assert list(said.figures.all()) == [Figure.objects.get()]


def test_evidence_is_linked_with_its_reason(client, alice, make_claim, make_assertion):
    claim = make_claim()
    said = make_assertion(claim)
    client.force_login(alice)
    given = {
        "assertion": said.pk,
        "stance": "corroborates",
        "strength": "weak",
        "credibility": 3,
        "reason": "A count.",
    }
    assert client.post(at("evidence-new", claim), given).status_code == 302
    assert Evidence.objects.get().reason == "A count."


@pytest.mark.parametrize(
    ("change", "field"),
    [({"assertion": ""}, "assertion"), ({"credibility": 1}, "credibility"), ({"reason": ""}, "reason")],
)
def test_evidence_says_what_is_wrong(client, alice, make_claim, make_assertion, change, field):
    claim = make_claim()
    said = make_assertion(claim)
    client.force_login(alice)
    given = {
        "assertion": said.pk,
        "stance": "corroborates",
        "strength": "weak",
        "credibility": 3,
        "reason": "A count.",
    }
    response = client.post(at("evidence-new", claim), {**given, **change})
    assert response.status_code == 422
    assert field in response.context["form"].errors


@pytest.fixture
def anchorable(make_claim: Any, make_assertion: Any, make_capture: Any) -> tuple[Any, Any]:
    """An assertion shown in a document, and the text of the document's capture."""
    capture = make_capture()
    return make_assertion(make_claim(), document=capture.document), capture.texts.get()


def test_anchor_ties_the_words_and_comes_back_to_the_document(client, alice, anchorable):
    said, text = anchorable
    client.force_login(alice)
    document = reverse("document", args=[said.document_id])
    assert reverse("anchor-new", args=[text.pk]) in client.get(document).content.decode()
    given = {"assertion": said.pk, "quote": "around 745 civilians", "near": "36"}
    response = client.post(reverse("anchor-new", args=[text.pk]), given)
    anchor = Anchor.objects.get()
    assert response["Location"].startswith(document) and response["Location"].endswith(f"#anchor-{anchor.pk}")
    assert text.content[anchor.start : anchor.end] == "around 745 civilians"


@pytest.mark.parametrize("quote", ["nine thousand", "", "  "])
def test_anchor_that_is_not_there_keeps_what_was_typed(client, alice, anchorable, quote):
    said, text = anchorable
    client.force_login(alice)
    response = client.post(reverse("anchor-new", args=[text.pk]), {"assertion": said.pk, "quote": quote})
    assert response.status_code == 422
    assert quote in response.context["anchoring"]["quote"].value()
    assert "quote" in response.context["anchoring"].errors
    assert not Anchor.objects.exists()


def test_anchor_is_for_checkers_of_the_desk(client, dave, mallory, anchorable):
    url = reverse("anchor-new", args=[anchorable[1].pk])
    assert client.get(url)["Location"].startswith("/sign-in/?next=")
    for person, status in ((dave, 403), (mallory, 404)):
        client.force_login(person)
        assert client.get(url).status_code == status
        assert client.post(url, {}).status_code == status
