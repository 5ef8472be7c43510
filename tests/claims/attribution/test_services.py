"""Attributing, anchoring and linking: what is refused, at which field, and what a change does to the claim."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from claims.attribution.models import Anchor, Assertion, Evidence
from claims.attribution.services import (
    anchor_quote,
    attribute_claim,
    correct_assertion,
    link_evidence,
    state_figure,
)
from claims.statements.models import Claim, Figure
from sources.catalog.models import Source
from tests.cast import ARTICLE, T0

QUOTE = "around 745 civilians were killed in 30 massacres"


@pytest.fixture
def theirs(make_source, make_document, make_capture, make_claim, make_assertion, other_desk, mallory):
    """A source, document, capture, claim and assertion of the other desk."""
    owner = {"desk": other_desk, "by": mallory}
    source, document = make_source(**owner), make_document(**owner)
    claim = make_claim("Theirs.", **owner)
    assertion = make_assertion(claim, source, by=mallory)
    capture = make_capture(document=document)
    return {"source": source, "document": document, "capture": capture, "assertion": assertion}


def refused(service, **arguments):
    """The fields at which `service` says no."""
    with pytest.raises(ValidationError) as refusal:
        service(at=T0, **arguments)
    return list(refusal.value.message_dict)


def test_an_assertion_keeps_speaker_principal_outlet_verb_and_hedge(make_claim, make_source, alice):
    speaker, ministry, outlet = make_source("Spokesperson"), make_source("Ministry"), make_source("Agency")
    claim = make_claim()
    made = attribute_claim(
        claim=claim,
        speaker=speaker,
        role="spokesperson",
        on_behalf_of=ministry,
        outlet=outlet,
        verb="claimed",
        hedge="reportedly",
        polarity="denies",
        said_at=T0,
        by=alice,
        at=T0,
    )
    kept = Assertion.objects.get(pk=made.pk)
    assert (kept.speaker, kept.on_behalf_of, kept.outlet) == (speaker, ministry, outlet)
    assert (kept.role, kept.verb, kept.hedge, kept.polarity) == (
        "spokesperson",
        "claimed",
        "reportedly",
        "denies",
    )
    assert (claim.revision, claim.changed_by) == (2, alice)


@pytest.mark.parametrize("field", ["speaker", "on_behalf_of", "outlet"])
def test_another_desks_source_is_refused_at_its_field(make_claim, make_source, theirs, alice, field):
    arguments = {"speaker": make_source(), field: theirs["source"]}
    assert refused(attribute_claim, claim=make_claim(), by=alice, **arguments) == [field]
    assert Assertion.objects.count() == 1  # theirs


def test_another_desks_figure_is_refused_at_its_field(make_claim, make_source, theirs, alice, mallory):
    figure = state_figure(
        assertion=theirs["assertion"], point=745, unit="people-killed", qualifier="around", by=mallory, at=T0
    )
    arguments = {"claim": make_claim(), "speaker": make_source(), "by": alice, "figures": [figure]}
    assert refused(attribute_claim, **arguments) == ["figures"]
    assert Assertion.objects.filter(created_by=alice).count() == 0


def test_another_desks_document_or_assertion_is_refused_at_its_field(make_claim, make_source, theirs, alice):
    claim, speaker = make_claim(), make_source()
    common = {"claim": claim, "speaker": speaker, "by": alice}
    assert refused(attribute_claim, document=theirs["document"], **common) == ["document"]
    assert refused(attribute_claim, derives_from=theirs["assertion"], **common) == ["derives_from"]


def test_person_is_no_outlet_neither_at_first_nor_later(make_claim, make_source, make_assertion, alice):
    claim, person, paper = make_claim(), make_source(kind="person"), make_source(kind="outlet")
    assert refused(attribute_claim, claim=claim, speaker=paper, outlet=person, by=alice) == ["outlet"]
    said = make_assertion(claim, person, outlet=paper)
    change = {
        "assertion": said,
        "revision": Claim.objects.get(pk=claim.pk).revision,
        "why": "So.",
        "by": alice,
    }
    assert refused(correct_assertion, outlet=person, **change) == ["outlet"]


def test_outlet_that_is_one_no_more_stays_where_it_stands(make_claim, make_source, make_assertion, alice):
    claim, paper = make_claim(), make_source(kind="outlet")
    said = make_assertion(claim, paper, outlet=paper)
    Source.objects.filter(pk=paper.pk).update(kind="person")
    paper.refresh_from_db()
    revision = Claim.objects.get(pk=claim.pk).revision
    said = correct_assertion(
        assertion=said, outlet=paper, hedge="about", revision=revision, why="As it has it.", by=alice, at=T0
    )
    assert (said.outlet, said.hedge) == (paper, "about")


def test_an_assertion_does_not_derive_from_itself(make_claim, make_assertion):
    assertion = make_assertion(make_claim())
    with (
        pytest.raises(IntegrityError, match="an_assertion_does_not_derive_from_itself"),
        transaction.atomic(),
    ):
        Assertion.objects.filter(pk=assertion.pk).update(derives_from=assertion)


def test_an_anchor_points_at_the_very_code_points_of_the_archived_text(
    make_claim, make_assertion, make_capture, alice
):
    text = make_capture().texts.get()
    anchor = anchor_quote(assertion=make_assertion(make_claim()), text=text, quote=QUOTE, by=alice, at=T0)
    assert text.content[anchor.start : anchor.end] == anchor.exact == QUOTE
    assert (anchor.match, anchor.occurrences, anchor.text_sha256) == ("exact", 1, text.sha256)
    assert text.content[: anchor.start].endswith(anchor.prefix)
    assert text.content[anchor.end :].startswith(anchor.suffix)


def test_a_quote_with_other_typography_is_found_and_marked(make_claim, make_assertion, make_capture, alice):
    text = make_capture().texts.get()
    quote = '"We cannot confirm this figure,"'
    anchor = anchor_quote(assertion=make_assertion(make_claim()), text=text, quote=quote, by=alice, at=T0)
    assert (anchor.match, anchor.exact) == ("normalised", "“We cannot confirm this figure,”")
    assert anchor.quoted == quote


@pytest.mark.parametrize("quote", ["nobody at all was hurt on that day, officials insisted", "", "  \n"])
def test_a_quote_that_the_text_does_not_hold_is_refused_at_its_field(
    make_claim, make_assertion, make_capture, alice, quote
):
    claim = make_claim()
    assertion, text = make_assertion(claim), make_capture().texts.get()
    assert refused(anchor_quote, assertion=assertion, text=text, quote=quote, by=alice) == ["quote"]
    claim.refresh_from_db()
    assert (Anchor.objects.count(), claim.revision) == (0, 2)


def test_a_quote_that_stands_twice_is_anchored_where_it_was_selected(
    make_claim, make_assertion, make_capture, alice
):
    text = make_capture(f"{ARTICLE}\n\n{ARTICLE}").texts.get()
    assertion, second = make_assertion(make_claim()), text.content.rindex(QUOTE)
    anchor = anchor_quote(assertion=assertion, text=text, quote=QUOTE, near=second, by=alice, at=T0)
    assert (anchor.start, anchor.occurrences) == (second, 2)


def test_one_place_is_anchored_to_an_assertion_once(make_claim, make_assertion, make_capture, alice):
    assertion, text = make_assertion(make_claim()), make_capture().texts.get()
    anchor_quote(assertion=assertion, text=text, quote=QUOTE, by=alice, at=T0)
    assert refused(anchor_quote, assertion=assertion, text=text, quote=QUOTE, by=alice) == ["quote"]
    assert Anchor.objects.count() == 1


def test_another_desks_text_is_refused_at_its_field(make_claim, make_assertion, theirs, alice):
    text = theirs["capture"].texts.get()
    assertion = make_assertion(make_claim())
    assert refused(anchor_quote, assertion=assertion, text=text, quote=QUOTE, by=alice) == ["text"]


def test_evidence_keeps_stance_strength_credibility_and_reason(make_claim, make_document, alice):
    claim, document = make_claim(), make_document()
    link_evidence(
        claim=claim,
        document=document,
        stance="contradicts",
        strength="weak",
        credibility=4,
        reason="It says otherwise.",
        by=alice,
        at=T0,
    )
    kept = Evidence.objects.get()
    assert (kept.stance, kept.strength, kept.credibility) == ("contradicts", "weak", 4)
    assert (kept.document, kept.reason, kept.linked_by, claim.revision) == (
        document,
        "It says otherwise.",
        alice,
        2,
    )


@pytest.mark.parametrize("thing", ["assertion", "document", "capture"])
def test_another_desks_evidence_is_refused_at_its_field(make_claim, theirs, alice, thing):
    arguments = {"stance": "corroborates", "reason": "r", "by": alice, thing: theirs[thing]}
    assert refused(link_evidence, claim=make_claim(), **arguments) == [thing]


def test_evidence_is_exactly_one_thing_says_the_service_and_the_database(
    make_claim, make_capture, make_document, alice
):
    claim, capture, document = make_claim(), make_capture(), make_document()
    for things in ({}, {"capture": capture, "document": document}):
        with pytest.raises(ValidationError, match="exactly one thing"):
            link_evidence(claim=claim, stance="corroborates", reason="r", by=alice, at=T0, **things)
        with pytest.raises(IntegrityError, match="evidence_is_exactly_one_thing"), transaction.atomic():
            Evidence.objects.create(
                claim=claim, stance="corroborates", reason="r", linked_by=alice, linked_at=T0, **things
            )


def test_evidence_has_a_reason(make_claim, make_document, alice):
    arguments = {"claim": make_claim(), "document": make_document(), "stance": "corroborates", "by": alice}
    assert refused(link_evidence, reason="", **arguments) == ["reason"]


def test_with_one_origin_nothing_is_confirmed_by_others(
    make_claim, make_assertion, make_source, make_document, alice
):
    claim = make_claim()
    first = make_assertion(claim, make_source("Observatory"))
    make_assertion(claim, make_source("Broadcaster"), role="relay", derives_from=first)
    arguments = {"claim": claim, "document": make_document(), "stance": "corroborates", "reason": "r"}
    assert refused(link_evidence, credibility=1, by=alice, **arguments) == ["credibility"]
    assert link_evidence(credibility=2, by=alice, at=T0, **arguments).credibility == 2


def test_with_two_origins_evidence_may_be_confirmed_by_others(
    make_claim, make_assertion, make_document, alice
):
    claim = make_claim()
    make_assertion(claim)
    make_assertion(claim)
    evidence = link_evidence(
        claim=claim,
        document=make_document(),
        stance="corroborates",
        credibility=1,
        reason="r",
        by=alice,
        at=T0,
    )
    assert evidence.credibility == 1


def test_two_who_deny_do_not_confirm_each_other_in_affirming(
    make_claim, make_assertion, make_document, alice
):
    claim = make_claim()
    make_assertion(claim, polarity="denies")
    make_assertion(claim, polarity="denies")
    arguments = {"claim": claim, "document": make_document(), "reason": "r", "credibility": 1, "by": alice}
    assert refused(link_evidence, stance="corroborates", **arguments) == ["credibility"]
    assert link_evidence(stance="contradicts", at=T0, **arguments).credibility == 1


def test_a_figure_belongs_to_the_assertion_that_states_it(make_claim, make_assertion, alice):
    assertion = make_assertion(make_claim())
    figure = state_figure(
        assertion=assertion, point=745, qualifier="around", unit="people-killed", by=alice, at=T0
    )
    assert (list(assertion.figures.all()), figure.claim) == ([figure], assertion.claim)


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_a_viewer_and_another_desk_can_attribute_nothing(
    request, make_claim, make_source, make_assertion, make_capture, who
):
    by, claim, speaker = request.getfixturevalue(who), make_claim(), make_source()
    assertion, capture = make_assertion(claim), make_capture()
    acts = [
        lambda: attribute_claim(claim=claim, speaker=speaker, by=by, at=T0),
        lambda: anchor_quote(assertion=assertion, text=capture.texts.get(), quote=QUOTE, by=by, at=T0),
        lambda: link_evidence(claim=claim, capture=capture, stance="corroborates", reason="r", by=by, at=T0),
        lambda: state_figure(assertion=assertion, point=1, unit="massacres", by=by, at=T0),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    counts = [model.objects.count() for model in (Assertion, Anchor, Evidence, Figure)]
    assert counts == [1, 0, 0, 0]
