"""The digest that reviewers approve: any change of what they judge makes another one, and nothing else does."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.utils import translation

from claims.attribution.models import Citation, Evidence, Region
from claims.attribution.services import anchor_quote, attribute_claim, link_evidence, state_figure
from claims.statements.models import Case, Claim, Figure, Place
from claims.statements.services import add_figure, edit_claim, move
from sources.archive.models import Text
from sources.catalog.models import Source
from sources.catalog.services import grade_source
from tests.cast import T0
from verify.review.content import SCHEMA, content_digest, content_of, figures_of
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
        ("claims_assertion", "modality = 'possible'"),
        ("claims_assertion", "published_at = now()"),
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
    move(claim=claim, to="in-research", reason="Not yet.", by=bob, at=T0)
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


def withdrawn(sql, table, where="true"):
    sql(
        f"UPDATE claims_{table} SET withdrawn_at = now(), withdrawn_because = 'A slip.',"
        f" withdrawn_by_id = (SELECT min(id::text)::uuid FROM accounts_user) WHERE {where}"
    )


def mark(alice, capture, assertion=None, **fields):
    """A region as the rows have it, whatever file it is in."""
    fields = {"kind": "picture", "left": 1, "top": 2, "width": 3, "height": 4, "shows": "A house"} | fields
    blob = {"blob_sha256": capture.body_id, "created_by": alice, "created_at": T0}
    return Region.objects.create(capture=capture, assertion=assertion, **blob, **fields)


def test_what_was_withdrawn_is_not_in_the_content(researched_claim, alice, make_assertion, make_capture, sql):
    kept = researched_claim.assertions.get()
    relay = make_assertion(researched_claim, derives_from=kept)
    figure = state_figure(assertion=kept, by=alice, at=T0, point=745, unit="people-killed")
    later = state_figure(assertion=kept, by=alice, at=T0, point=803, unit="people-killed", supersedes=figure)
    region = mark(alice, make_capture(), kept)
    Citation.objects.create(assertion=kept, cited=relay, created_by=alice, created_at=T0)
    withdrawn(sql, "assertion", f"id = '{relay.pk}'")
    withdrawn(sql, "figure", f"id = '{figure.pk}'")
    withdrawn(sql, "region", f"id = '{region.pk}'")
    withdrawn(sql, "evidence")
    content = content_of(Claim.objects.get(pk=researched_claim.pk))
    (said,), (counted,) = content["assertions"], content["figures"]
    assert (said["id"], said["cites"], said["regions"], said["figures"]) == (
        str(kept.pk),
        [],
        [],
        [str(later.pk)],
    )
    assert (counted["id"], counted["supersedes"], content["evidence"]) == (str(later.pk), None, [])


@pytest.mark.parametrize("table", ["assertion", "region"])
def test_evidence_of_what_was_withdrawn_is_not_in_the_content(
    researched_claim, alice, make_capture, sql, table
):
    region = mark(alice, make_capture())
    Evidence.objects.create(
        claim=researched_claim,
        region=region,
        stance="corroborates",
        reason="r",
        linked_by=alice,
        linked_at=T0,
    )
    before = content_of(Claim.objects.get(pk=researched_claim.pk))["evidence"]
    withdrawn(sql, table)
    after = content_of(Claim.objects.get(pk=researched_claim.pk))["evidence"]
    gone = {piece["id"] for piece in before} - {piece["id"] for piece in after}
    assert (len(before), gone) == (2, {piece["id"] for piece in before if piece[table]})


def test_what_was_taken_over_from_a_withdrawn_assertion_stands_alone(researched_claim, make_assertion, sql):
    kept = researched_claim.assertions.get()
    relay = make_assertion(researched_claim, derives_from=kept)
    withdrawn(sql, "assertion", f"id = '{kept.pk}'")
    (said,) = content_of(Claim.objects.get(pk=researched_claim.pk))["assertions"]
    assert (said["id"], said["derives_from"]) == (str(relay.pk), None)


def test_a_figure_says_where_it_counts_from_the_whole_to_the_part(researched_claim, alice):
    syria = Place.objects.create(kind="country", name="Nowhere", name_ar="لامكان")
    town = Place.objects.create(kind="city", name="Elsewhere", parent=syria)
    whole = state_figure(
        assertion=researched_claim.assertions.get(), by=alice, at=T0, point=9, unit="massacres"
    )
    part = Figure.objects.create(
        claim=researched_claim,
        point=3,
        unit="massacres",
        place=town,
        place_as_written="in town",
        part_of=whole,
    )
    Figure.objects.filter(pk=whole.pk).update(parts_are_all=True)
    figures = {each["id"]: each for each in content_of(researched_claim)["figures"]}
    told = figures[str(part.pk)]
    assert (told["place"]["name"], told["place"]["path"]) == ("Elsewhere", ["Nowhere", "Elsewhere"])
    assert (told["place"]["path_ar"], told["place_as_written"]) == (["لامكان", "Elsewhere"], "in town")
    assert told["part_of"] == str(whole.pk)
    assert figures[str(whole.pk)]["parts_are_all"]
    assert figures[str(whole.pk)]["place"] is None


def test_a_region_says_where_in_which_bytes(researched_claim, alice, make_capture):
    capture, said = make_capture(), researched_claim.assertions.get()
    mark(alice, capture, said, kind="page", page=3, found="745")
    mark(
        alice,
        capture,
        said,
        kind="time",
        left=None,
        top=None,
        width=None,
        height=None,
        from_ms=500,
        to_ms=2000,
    )
    regions = content_of(researched_claim)["assertions"][0]["regions"]
    page, time = sorted(regions, key=lambda each: each["kind"])
    assert (page["fragment"], page["box"], page["span"]) == ("page=3&viewrect=1,2,3,4", [1, 2, 3, 4], None)
    assert (time["fragment"], time["box"], time["span"]) == ("t=0.5,2", None, [500, 2000])
    assert (page["file"], page["blob_sha256"], page["found"]) == ("body", capture.body_id, "745")
    assert page["capture"]["entry"] == capture.entry_id


def test_a_duplicate_is_named_as_the_source_that_stands_and_as_it_was_recorded(
    researched_claim, make_source, bob, sql
):
    before = content_digest(researched_claim)
    stands, duplicate = make_source("SOHR"), researched_claim.assertions.get().speaker
    Source.objects.filter(pk=duplicate.pk).update(
        merged_into=stands, merged_at=T0, merged_by=bob, merged_because="The same."
    )
    (said,) = content_of(Claim.objects.get(pk=researched_claim.pk))["assertions"]
    assert (said["speaker"]["id"], said["speaker"]["name"]) == (str(stands.pk), "SOHR")
    assert said["speaker"]["recorded_as"] == {"id": str(duplicate.pk), "name": "Observatory"}
    assert content_digest(Claim.objects.get(pk=researched_claim.pk)) != before
    nothing = {"merged_into": None, "merged_at": None, "merged_by": None, "merged_because": ""}
    Source.objects.filter(pk=duplicate.pk).update(**nothing)
    assert content_digest(Claim.objects.get(pk=researched_claim.pk)) == before


@pytest.mark.parametrize("size", [1, 10])
def test_the_content_costs_the_same_for_one_of_each_and_for_ten(
    researched_claim, make_capture, make_assertion, make_source, alice, django_assert_num_queries, size
):
    for number in range(1, size):
        capture = make_capture()
        assertion = make_assertion(researched_claim, document=capture.document)
        quote = "around 745 civilians were killed"
        anchor_quote(assertion=assertion, text=capture.texts.get(), quote=quote, by=alice, at=T0)
        thing = {"capture": capture} if number % 2 else {"assertion": assertion}
        link_evidence(claim=researched_claim, stance="corroborates", reason="r", by=alice, at=T0, **thing)
    country = Place.objects.create(kind="country", name="Nowhere")
    for number, assertion in enumerate(researched_claim.assertions.all()):
        mark(alice, make_capture(), assertion)
        town = Place.objects.create(kind="city", name=f"Town {number}", parent=country)
        figure = state_figure(assertion=assertion, by=alice, at=T0, point=9, unit="massacres")
        Figure.objects.filter(pk=figure.pk).update(place=town)
    claim = Claim.objects.select_related("case").get(pk=researched_claim.pk)
    with django_assert_num_queries(14):
        content = content_of(claim)
    assert len(content["assertions"]) == len(content["evidence"]) == len(content["figures"]) == size
    assert all(said["quotes"] and said["regions"] and said["figures"] for said in content["assertions"])
    assert Case.objects.count() == 1


@pytest.mark.parametrize("size", [1, 3])
def test_the_figures_of_a_case_cost_the_same_for_one_claim_and_for_three(
    researched_claim, make_claim, make_assertion, make_capture, alice, django_assert_num_queries, size
):
    case = researched_claim.case
    for _ in range(size):
        capture = make_capture()
        assertion = make_assertion(make_claim(case=case), document=capture.document)
        quote = "around 745 civilians were killed"
        anchor_quote(assertion=assertion, text=capture.texts.get(), quote=quote, by=alice, at=T0)
        state_figure(assertion=assertion, by=alice, at=T0, point=745, unit="people-killed")
    with django_assert_num_queries(8):
        found = figures_of(case.claims.all())
    assert [len(claim["figures"]) for claim in found] == [1] * size
    whole = content_of(Claim.objects.get(pk=found[0]["id"]))
    assert (found[0]["figures"], found[0]["assertions"]) == (whole["figures"], whole["assertions"])
