"""The digest that reviewers approve: any change of what they judge makes another one, and nothing else does."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.utils import translation

from claims.attribution.models import Anchor
from claims.attribution.services import anchor_quote, attribute_claim, link_evidence, state_figure
from claims.statements.models import Case, Claim
from claims.statements.services import add_figure, edit_claim, move
from sources.archive.models import Text
from sources.catalog.services import grade_source
from tests.cast import T0
from verify.review.content import SCHEMA, content_digest, content_of
from verify.review.services import assign_review, propose_verdict


def reworded(claim, alice, **_):
    edit_claim(claim=claim, revision=claim.revision, text="Otherwise.", headline="", by=alice, at=T0)


def new_headline(claim, alice, **_):
    edit_claim(claim=claim, revision=claim.revision, text=claim.text, headline="Other", by=alice, at=T0)


def new_assertion(claim, alice, make_source, **_):
    attribute_claim(claim=claim, speaker=make_source(), by=alice, at=T0)


def new_anchor(claim, alice, **_):
    quote = "We cannot confirm this figure"
    anchor_quote(assertion=claim.assertions.get(), text=Text.objects.get(), quote=quote, by=alice, at=T0)


def new_evidence(claim, alice, make_document, **_):
    link_evidence(claim=claim, document=make_document(), stance="contradicts", reason="r", by=alice, at=T0)


def new_figure(claim, alice, **_):
    add_figure(claim=claim, point=745, unit="people-killed", by=alice, at=T0)


def figure_of_an_assertion(claim, alice, **_):
    fields = {"qualifier": "around", "point": 745, "unit": "people-killed", "as_of": date(2025, 3, 8)}
    state_figure(assertion=claim.assertions.get(), by=alice, at=T0, **fields)


def new_verdict(claim, alice, desk, **_):
    propose_verdict(claim=claim, rating=desk.ratings.get(code="disputed"), rationale="No.", by=alice, at=T0)


def same_verdict_other_reasons(claim, alice, desk, **_):
    rating = desk.ratings.get(code="partly-confirmed")
    propose_verdict(claim=claim, rating=rating, rationale="For other reasons.", by=alice, at=T0)


CHANGES = [
    reworded,
    new_headline,
    new_assertion,
    new_anchor,
    new_evidence,
    new_figure,
    figure_of_an_assertion,
    new_verdict,
    same_verdict_other_reasons,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_makes_another_digest_and_raises_the_revision(
    researched_claim, alice, desk, make_source, make_document, change
):
    before, revision = content_digest(researched_claim), researched_claim.revision
    change(researched_claim, alice, desk=desk, make_source=make_source, make_document=make_document)
    claim = Claim.objects.get(pk=researched_claim.pk)
    assert content_digest(claim) != before
    assert claim.revision > revision


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("claims_claim", "text = text || '!'"),
        ("claims_claim", "language = 'fr'"),
        ("claims_case", "title = title || '!'"),
        ("claims_assertion", "hedge = 'reportedly'"),
        ("claims_assertion", "polarity = 'denies'"),
        ("claims_assertion", "verb = 'denied'"),
        ("claims_anchor", "exact = exact || '!'"),
        ("claims_anchor", "start = start - 1"),
        ("claims_evidence", "credibility = 6"),
        ("claims_evidence", "strength = 'weak'"),
        ("claims_evidence", "reason = 'Other.'"),
        ("sources_source", "name = name || '!'"),
        ("sources_source", "is_party = true"),
        ("sources_document", "title = 'Other'"),
        ("verify_rating", "label = label || '!'"),
    ],
)
def test_whatever_the_database_lets_somebody_change_shows_in_the_digest(researched_claim, sql, table, change):
    before = content_digest(researched_claim)
    sql(f"UPDATE {table} SET {change}")
    assert content_digest(Claim.objects.get(pk=researched_claim.pk)) != before


def test_what_reviewers_do_not_judge_leaves_the_digest(
    researched_claim, desk, alice, bob, carol, make_capture
):
    before = content_digest(researched_claim)
    make_capture("Another page altogether, of which nobody has spoken here.")
    grade_source(source=desk.sources.get(), reliability="B", reason="r", by=alice, at=T0)
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    Claim.objects.filter(pk=researched_claim.pk).update(external_id="X1", changed_at=T0)
    claim = Claim.objects.get(pk=researched_claim.pk)
    move(claim=claim, to="in-research", reason="", by=bob, at=T0)
    assert content_digest(Claim.objects.get(pk=claim.pk)) == before


def test_the_digest_is_that_of_the_content_whoever_reads_it_and_in_what_language(researched_claim):
    first = content_of(researched_claim)
    with translation.override("ar"):
        again = content_of(Claim.objects.select_related("case").get(pk=researched_claim.pk))
    assert first == again
    assert first["schema"] == SCHEMA
    assert re.fullmatch(r"[0-9a-f]{64}", content_digest(researched_claim))


def test_the_digest_does_not_depend_on_the_order_in_which_the_rows_lie(researched_claim, make_assertion, sql):
    for _ in range(3):
        make_assertion(researched_claim)
    before = content_digest(researched_claim)
    sql(
        "UPDATE claims_assertion SET created_at = created_at"
    )  # a row that is written moves to the end of the table
    sql("UPDATE claims_evidence SET linked_at = linked_at")
    assert content_digest(Claim.objects.get(pk=researched_claim.pk)) == before


def test_a_protected_persons_name_never_enters_the_content(researched_claim, make_source, make_assertion):
    protected = make_source("Witness 4", "protected-person", secret_name="Somebody Real")
    make_assertion(researched_claim, protected, role="witness")
    assert "Somebody Real" not in str(content_of(researched_claim))
    assert "Witness 4" in str(content_of(researched_claim))


@pytest.mark.parametrize("size", [1, 10])
def test_the_content_costs_the_same_for_one_of_each_and_for_ten(
    researched_claim, make_capture, make_assertion, alice, django_assert_num_queries, size
):
    for number in range(1, size):
        capture = make_capture()
        assertion = make_assertion(researched_claim, document=capture.document)
        quote = "around 745 civilians were killed"
        anchor_quote(assertion=assertion, text=capture.texts.get(), quote=quote, by=alice, at=T0)
        thing = {"capture": capture} if number % 2 else {"assertion": assertion}
        link_evidence(claim=researched_claim, stance="corroborates", reason="r", by=alice, at=T0, **thing)
    claim = Claim.objects.select_related("case").get(pk=researched_claim.pk)
    with django_assert_num_queries(10):
        content = content_of(claim)
    assert len(content["assertions"]) == len(content["evidence"]) == size
    assert Anchor.objects.count() == size
    assert Case.objects.count() == 1
