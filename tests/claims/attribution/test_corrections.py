"""Correcting and withdrawing what was recorded: what stays, what is refused, what history keeps, and races."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from claims.attribution.models import Assertion, Evidence
from claims.attribution.services import (
    anchor_quote,
    attribute_claim,
    cite,
    correct_assertion,
    correct_evidence,
    link_evidence,
    state_figure,
    uncite,
    withdraw_assertion,
    withdraw_evidence,
)
from claims.statements.models import Claim
from claims.statements.services import ChangedMeanwhile
from sources.catalog.models import Source
from tests.cast import T0, at_once


def correct(assertion, by, **fields):
    fields = {"why": "The page says otherwise.", "revision": revision(assertion.claim)} | fields
    return correct_assertion(assertion=assertion, by=by, at=T0, **fields)


def withdraw(assertion, by, **fields):
    return withdraw_assertion(assertion=assertion, by=by, at=T0, why="Recorded twice.", **fields)


def revision(claim):
    return Claim.objects.get(pk=claim.pk).revision


def events(row):
    return list(row.events.order_by("pgh_id").select_related("pgh_context"))


def test_a_correction_changes_the_row_and_keeps_who_what_and_why(make_claim, make_assertion, alice, bob):
    said = make_assertion(make_claim(), verb="stated", hedge="reportedly")
    correct(said, bob, verb="claimed", modality="possible")
    said.refresh_from_db()
    assert (said.verb, said.modality, said.hedge) == ("claimed", "possible", "reportedly")
    made, corrected = events(said)
    assert (made.verb, corrected.verb) == ("stated", "claimed")
    assert made.pgh_context.metadata["by"] == str(alice.pk)
    assert corrected.pgh_context.metadata["by"] == str(bob.pk)
    assert corrected.pgh_context.metadata["why"] == "The page says otherwise."


def test_a_correction_voids_approvals_and_reopens_the_claim(approved_claim, bob):
    said = approved_claim.assertions.get()
    correct(said, bob, verb="claimed")
    approved_claim.refresh_from_db()
    assert approved_claim.workflow == "in-research"


def test_a_correction_of_what_somebody_changed_meanwhile_is_refused(make_claim, make_assertion, alice, bob):
    said = make_assertion(make_claim())
    read_at = revision(said.claim)
    correct(said, bob, verb="claimed")
    with pytest.raises(ChangedMeanwhile, match="Bob changed this claim"):
        correct(said, alice, verb="alleged", revision=read_at)
    assert Assertion.objects.get(pk=said.pk).verb == "claimed"


@pytest.mark.parametrize(("fields", "field"), [({"why": " "}, "why"), ({"verb": "screamed"}, "verb")])
def test_a_correction_needs_a_reason_and_known_words(make_claim, make_assertion, alice, fields, field):
    said = make_assertion(make_claim())
    with pytest.raises(ValidationError) as refusal:
        correct(said, alice, **{"hedge": "about"} | fields)
    assert list(refusal.value.message_dict) == [field]
    assert len(events(said)) == 1


def test_a_correction_of_nothing_is_refused_and_voids_nothing(make_claim, make_assertion, alice):
    said = make_assertion(make_claim(), hedge="about")
    before = revision(said.claim)
    with pytest.raises(ValidationError, match="Nothing has been changed"):
        correct(said, alice, hedge="about", speaker=said.speaker, derives_from=None, figures=[], cites=[])
    assert revision(said.claim) == before


def test_viewers_and_other_desks_may_not_correct_or_withdraw(
    make_claim, make_assertion, dave, mallory, researched_claim
):
    said, piece = make_assertion(make_claim()), researched_claim.evidence.get()
    for person in (dave, mallory):
        for refused in (
            lambda by: correct(said, by, hedge="about"),
            lambda by: withdraw(said, by),
            lambda by: cite(assertion=said, cited=said, by=by, at=T0),
            lambda by: withdraw_evidence(evidence=piece, by=by, at=T0, why="No."),
        ):
            with pytest.raises(PermissionDenied):
                refused(person)


def test_what_is_of_another_desk_is_refused_at_its_field(
    make_claim, make_assertion, make_source, make_document, other_desk, alice, mallory
):
    owner = {"desk": other_desk, "by": mallory}
    theirs = make_assertion(make_claim(**owner), make_source(**owner), by=mallory)
    figure = state_figure(assertion=theirs, point=1, unit="people-killed", by=mallory, at=T0)
    said = make_assertion(make_claim())
    foreign = {
        "speaker": theirs.speaker,
        "outlet": theirs.speaker,
        "document": make_document(**owner),
        "derives_from": theirs,
        "cites": [theirs],
        "figures": [figure],
    }
    for field, thing in foreign.items():
        with pytest.raises(ValidationError) as refusal:
            correct(said, alice, **{field: thing})
        assert list(refusal.value.message_dict) == [field]


def test_a_merged_source_is_replaced_by_the_one_it_was_merged_into(
    make_claim, make_assertion, make_source, alice
):
    stands, duplicate = make_source("SANA"), make_source("Sana")
    Source.objects.filter(pk=duplicate.pk).update(
        merged_into=stands, merged_at=T0, merged_by=alice, merged_because="One agency."
    )
    duplicate.refresh_from_db()
    said = make_assertion(make_claim(), duplicate, outlet=duplicate)
    assert (said.speaker, said.outlet) == (stands, stands)
    other = make_assertion(make_claim())
    assert correct(other, alice, on_behalf_of=duplicate).on_behalf_of == stands


def test_a_circle_is_refused_in_a_sentence_at_its_field(make_claim, make_assertion, alice):
    claim = make_claim()
    root = make_assertion(claim)
    relay = make_assertion(claim, derives_from=root)
    last = make_assertion(claim, derives_from=relay)
    with pytest.raises(ValidationError) as refusal:
        correct(root, alice, derives_from=last)
    assert "a circle" in refusal.value.message_dict["derives_from"][0]
    assert Assertion.objects.get(pk=root.pk).derives_from is None
    with pytest.raises(ValidationError) as refusal:
        correct(root, alice, derives_from=root)
    assert list(refusal.value.message_dict) == ["derives_from"]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_each_close_half_a_circle_leave_one_half(make_claim, make_assertion, alice, bob):
    one, two = make_assertion(make_claim()), make_assertion(make_claim())
    outcomes = at_once(
        lambda: correct(one, alice, derives_from=two), lambda: correct(two, bob, derives_from=one)
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    assert len(refused) == 1 and "a circle" in refused[0].message_dict["derives_from"][0]
    assert Assertion.objects.filter(derives_from__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_taken_over_from_what_is_just_being_withdrawn(
    make_claim, make_assertion, make_source, alice, bob
):
    root, speaker, claim = make_assertion(make_claim()), make_source(), make_claim()
    at_once(
        lambda: withdraw(root, bob),
        lambda: attribute_claim(claim=claim, speaker=speaker, derives_from=root, by=alice, at=T0),
    )
    root.refresh_from_db()
    assert root.stands == claim.assertions.filter(derives_from=root).exists()


def test_withdrawing_takes_its_evidence_along_and_history_says_who_and_why(researched_claim, bob):
    said = researched_claim.assertions.get()
    withdraw(said, bob)
    said.refresh_from_db()
    assert (said.withdrawn_by, said.withdrawn_because) == (bob, "Recorded twice.")
    assert not researched_claim.evidence.standing().exists()
    assert events(said)[-1].pgh_context.metadata["why"] == "Recorded twice."
    with pytest.raises(ValidationError, match="Bob has withdrawn this already"):
        withdraw(said, bob)


def test_withdrawing_what_others_took_over_names_them_or_hands_them_over(
    make_claim, make_assertion, make_source, alice
):
    claim = make_claim()
    twice, root = make_assertion(claim), make_assertion(claim)
    relay = make_assertion(make_claim(), make_source("BBC"), derives_from=twice)
    before = revision(relay.claim)
    with pytest.raises(ValidationError, match="taken over from it: BBC"):
        withdraw(twice, alice)
    withdraw(twice, alice, relays_to=root)
    relay.refresh_from_db()
    assert relay.derives_from == root
    assert events(relay)[-1].pgh_context.metadata["why"] == "Recorded twice."
    assert revision(relay.claim) == before + 1


def test_withdrawing_many_relays_names_a_few(make_claim, make_assertion, make_source, alice):
    claim = make_claim()
    root = make_assertion(claim)
    for number in range(7):
        make_assertion(claim, make_source(f"Outlet {number}"), derives_from=root)
    with pytest.raises(ValidationError, match="and 2 more"):
        withdraw(root, alice)


def test_relays_are_not_handed_to_one_that_came_from_them(make_claim, make_assertion, alice):
    claim = make_claim()
    root = make_assertion(claim)
    relay = make_assertion(claim, derives_from=root)
    second = make_assertion(claim, derives_from=relay)
    for heir in (relay, second):
        with pytest.raises(ValidationError) as refusal:
            withdraw(root, alice, relays_to=heir)
        assert list(refusal.value.message_dict) == ["relays_to"]
    assert Assertion.objects.get(pk=root.pk).stands


def test_what_was_withdrawn_is_neither_taken_over_cited_quoted_nor_evidence(
    make_claim, make_assertion, make_capture, alice
):
    gone = withdraw(make_assertion(make_claim()), alice)
    claim, text = make_claim(), make_capture().texts.get()
    said = make_assertion(claim)
    attempts = {
        "derives_from": lambda: correct(said, alice, derives_from=gone),
        "cites": lambda: cite(assertion=said, cited=gone, by=alice, at=T0),
        "assertion": lambda: link_evidence(
            claim=claim, assertion=gone, stance="corroborates", reason="It says so.", by=alice, at=T0
        ),
    }
    for field, attempt in attempts.items():
        with pytest.raises(ValidationError) as refusal:
            attempt()
        assert list(refusal.value.message_dict) == [field]
    with pytest.raises(ValidationError):
        anchor_quote(assertion=gone, text=text, quote="around 745", by=alice, at=T0)


def test_links_to_figures_and_citations_are_in_the_history_too(make_claim, make_assertion, alice):
    claim = make_claim()
    said, other = make_assertion(claim), make_assertion(claim)
    figure = state_figure(assertion=said, point=745, unit="people-killed", as_written="745", by=alice, at=T0)
    correct(said, alice, figures=[], cites=[other], why="The other page gave it.")
    assert list(said.figures.all()) == [] and list(said.cites.all()) == [other]
    noted = events(said)[-1]
    assert noted.pgh_label == "links"
    links = noted.pgh_context.metadata["links"][str(said.pk)]
    assert links["figures"] == {"new": [], "old": [str(figure)]}
    assert links["cites"]["new"] == [str(other)]
    assert noted.pgh_context.metadata["why"] == "The other page gave it."


def test_what_is_first_linked_is_no_correction_in_the_history(make_claim, make_assertion, alice):
    claim = make_claim()
    said, other = make_assertion(claim), make_assertion(claim)
    state_figure(assertion=said, point=745, unit="people-killed", by=alice, at=T0)
    assert [event.pgh_label for event in events(said)] == ["insert"]
    cite(assertion=said, cited=other, by=alice, at=T0)
    uncite(assertion=said, cited=other, by=alice, at=T0, why="Misread.")
    assert [event.pgh_label for event in events(said)] == ["insert", "added", "links"]


def test_citing_is_once_and_can_be_taken_back(make_claim, make_assertion, alice):
    claim = make_claim()
    said, other = make_assertion(claim), make_assertion(claim)
    cite(assertion=said, cited=other, by=alice, at=T0, note="“as the agency said”")
    for cited in (other, said):
        with pytest.raises(ValidationError):
            cite(assertion=said, cited=cited, by=alice, at=T0)
    cite(assertion=other, cited=said, by=alice, at=T0)  # the world cites in circles
    uncite(assertion=said, cited=other, by=alice, at=T0)
    with pytest.raises(ValidationError):
        uncite(assertion=said, cited=other, by=alice, at=T0)


def test_evidence_is_judged_anew_within_what_the_origins_allow_now(researched_claim, bob):
    piece = researched_claim.evidence.get()
    given = {"evidence": piece, "by": bob, "at": T0, "why": "Looked again."}
    correct_evidence(**given, revision=revision(researched_claim), strength="weak", stance="contextualises")
    piece.refresh_from_db()
    assert (piece.strength, piece.stance, piece.credibility) == ("weak", "contextualises", 3)
    with pytest.raises(ValidationError) as refusal:
        correct_evidence(**given, revision=revision(researched_claim), credibility=1)
    assert list(refusal.value.message_dict) == ["credibility"]
    withdraw_evidence(evidence=piece, by=bob, at=T0, why="Linked twice.")
    assert Evidence.objects.get().withdrawn_because == "Linked twice."
    assert researched_claim.assertions.get().stands


def test_a_document_that_does_not_hold_its_quotes_is_refused_with_their_words(
    researched_claim, make_document, bob
):
    said = researched_claim.assertions.get()
    words = said.anchors.get().exact
    for other in (make_document(), None):
        with pytest.raises(ValidationError) as refusal:
            correct(said, bob, document=other)
        assert words[:40] in refusal.value.message_dict["document"][0]
    said.refresh_from_db()
    assert said.document == said.anchors.get().text.capture.document


def test_a_wrong_document_is_corrected_to_the_one_that_holds_the_quotes(
    researched_claim, make_document, bob, sql
):
    said = researched_claim.assertions.get()
    right, wrong = said.document, make_document()
    sql("UPDATE claims_assertion SET document_id = %s WHERE id = %s", [wrong.pk, said.pk])
    assert correct(said, bob, document=right).document == right
