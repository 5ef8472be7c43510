"""The history on the claim's pages: what is a correction, in which order; and figures, grades and fields told apart."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from claims.attribution.services import (
    cite,
    correct_assertion,
    link_evidence,
    state_figure,
    uncite,
    withdraw_assertion,
)
from claims.statements.models import Claim, Figure
from claims.statements.services import add_figure, edit_claim, withdraw_figure
from tests.cast import T0
from verify.web.corrections import TRACKED

pytestmark = pytest.mark.django_db


def at(name: str, thing: Any) -> str:
    return reverse(name, args=[thing.pk])


def entries(client: Any, name: str, claim: Claim) -> list[Any]:
    """What became of the rows; how the claim moved is told between, on the page of the whole history."""
    context = client.get(at(name, claim)).context
    shown = context["page"] if name == "claim-history" else context["corrected"]
    return [entry for entry in shown if entry.kind in TRACKED]


def test_what_is_recorded_is_no_correction_and_stands_in_the_whole_history_alone(
    client, alice, make_claim, make_assertion
):
    said, other = make_assertion(make_claim()), make_assertion(make_claim())
    state_figure(assertion=said, point=12, unit="people-killed", by=alice, at=T0)
    cite(assertion=said, cited=other, note="as reported", by=alice, at=T0)
    client.force_login(alice)
    assert entries(client, "claim", said.claim) == []
    whole = entries(client, "claim-history", said.claim)
    assert [(entry.kind, entry.did) for entry in whole] == [
        ("assertion", "recorded"),
        ("claim", "recorded"),
        ("assertion", "recorded"),
        ("figure", "recorded"),
    ]
    assert [(change.old, change.new) for entry in whole for change in entry.changes] == [("", str(other))]
    assert "→" not in client.get(at("claim-history", said.claim)).content.decode().partition("<main")[2]


def test_corrections_and_withdrawals_are_what_the_claims_page_shows(
    client, alice, make_claim, make_assertion
):
    said = make_assertion(make_claim())
    figure = state_figure(assertion=said, point=12, unit="people-killed", by=alice, at=T0)
    revision = Claim.objects.get(pk=said.claim_id).revision
    correct_assertion(assertion=said, figures=[], revision=revision, why="Not theirs.", by=alice, at=T0)
    uncited = make_assertion(said.claim)
    cite(assertion=said, cited=uncited, by=alice, at=T0)
    uncite(assertion=said, cited=uncited, why="Misread.", by=alice, at=T0 + timedelta(minutes=1))
    withdraw_figure(figure=figure, why="Not theirs.", by=alice, at=T0 + timedelta(minutes=2))
    client.force_login(alice)
    shown = entries(client, "claim", said.claim)
    assert [(entry.kind, entry.did) for entry in shown] == [
        ("figure", "withdrawn"),
        ("assertion", "corrected"),
        ("assertion", "corrected"),
    ]
    assert [(change.old, change.new) for entry in shown for change in entry.changes] == [
        (str(uncited), ""),
        (str(figure), ""),
    ]


def test_history_is_in_the_order_of_the_acts_though_one_transaction_holds_them(
    client, alice, make_claim, make_assertion
):
    first, second, third = (T0 + timedelta(minutes=number) for number in (1, 2, 3))
    said = make_assertion(make_claim())
    figure = state_figure(assertion=said, point=1, unit="people-killed", by=alice, at=first)
    withdraw_assertion(assertion=said, why="Twice.", by=alice, at=third)
    # later in the database, earlier as told
    withdraw_figure(figure=figure, why="Twice.", by=alice, at=second)
    client.force_login(alice)
    whole = entries(client, "claim-history", said.claim)
    assert [(entry.kind, entry.at) for entry in whole if entry.kind != "claim"] == [
        ("assertion", third),
        ("figure", second),
        ("figure", first),
        ("assertion", T0),
    ]


@pytest.mark.django_db(transaction=True)  # who acts is on record until the transaction ends
def test_what_nobody_is_on_record_for_stands_at_the_databases_own_time(client, alice, make_claim, sql):
    claim = make_claim()
    before = timezone.now() - timedelta(minutes=5)
    sql("UPDATE claims_claim SET text = 'Otherwise.' WHERE id = %s", [claim.pk])
    client.force_login(alice)
    (entry,) = entries(client, "claim", claim)
    assert (entry.by, entry.why, entry.did) == ("", "", "corrected")
    assert entry.at > before


def test_assertions_of_one_speaker_are_told_apart_by_document_or_day(
    client, alice, make_claim, make_source, make_document, make_assertion
):
    wire, claim = make_source("Wire"), make_claim()
    english = make_assertion(claim, wire, document=make_document(title="Hundreds killed"))
    arabic = make_assertion(claim, wire, said_at=T0)
    relay = make_assertion(claim, derives_from=english)
    revision = Claim.objects.get(pk=claim.pk).revision
    correct_assertion(
        assertion=relay, derives_from=arabic, revision=revision, why="Its words.", by=alice, at=T0
    )
    client.force_login(alice)
    (entry,) = entries(client, "claim", claim)
    assert [(change.old, change.new) for change in entry.changes] == [
        ("Wire · “\u2068Hundreds killed\u2069”", "Wire · 9 March 2025")
    ]


def test_a_total_stands_above_its_parts_and_each_row_can_be_corrected(
    client, alice, dave, make_claim, make_assertion
):
    said = make_assertion(make_claim())
    counted = {"unit": "people-killed", "by": alice, "at": T0}
    loose = state_figure(assertion=said, point=9, as_of=T0.date(), **counted)
    total = state_figure(assertion=said, point=30, parts_are_all=True, **counted)
    parts = [state_figure(assertion=said, point=point, part_of=total, **counted) for point in (10, 20)]
    Figure.objects.filter(pk__in=[part.pk for part in parts]).update(as_of=T0.date() - timedelta(days=9))
    client.force_login(alice)
    html = client.get(at("claim", said.claim)).content.decode()
    rows = re.findall(r'<tr id="figure-([0-9a-f-]+)"( class="part")?>(.*?)</tr>', html, re.S)
    order = [pk for pk, _part, _row in rows]
    assert [pk for pk, part, _row in rows if part] == order[order.index(str(total.pk)) + 1 :][:2]
    assert set(order) == {str(figure.pk) for figure in (loose, total, *parts)}
    for pk, part, row in rows:
        assert (f'<a href="#figure-{total.pk}">part of 30</a>' in row) is bool(part)
        assert ("its parts are all" in row) is (pk == str(total.pk))
        assert reverse("figure-edit", args=[pk]) in row
    client.force_login(dave)
    assert "/edit/" not in client.get(at("claim", said.claim)).content.decode().partition('id="figures"')[2]


def test_each_thing_on_the_claims_page_leads_to_its_own_history(
    client, alice, dave, make_claim, make_assertion
):
    said = make_assertion(make_claim())
    figure = state_figure(assertion=said, point=12, unit="people-killed", by=alice, at=T0)
    piece = link_evidence(
        claim=said.claim, assertion=said, stance="corroborates", reason="So.", by=alice, at=T0
    )
    links = [
        reverse("claim-history", args=[said.claim_id], query={"about": x.pk}) for x in (said, piece, figure)
    ]
    client.force_login(alice)
    html = client.get(at("claim", said.claim)).content.decode()
    for link, what in zip(links, (said, piece, figure), strict=True):
        assert f'href="{link}"' in html
        assert {entry.about for entry in client.get(link).context["page"]} == {what.pk}


def test_a_part_of_another_claims_total_leads_there(client, alice, make_claim, make_assertion):
    there, here = make_claim("The total."), make_claim("A part.")
    counted = {"unit": "people-killed", "by": alice, "at": T0}
    total = add_figure(claim=there, point=30, **counted)
    add_figure(claim=here, point=10, part_of=total, **counted)
    client.force_login(alice)
    link = f'<a href="{at("claim", there)}#figure-{total.pk}">part of 30</a>'
    assert link in client.get(at("claim", here)).content.decode()
    withdraw_figure(figure=total, why="Misread.", by=alice, at=T0)
    assert "part of" not in client.get(at("claim", here)).content.decode().partition('id="figures"')[2]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"credibility": 1, "credibility_label": "confirmed"}, "1"),
        ({"reliability": "A", "credibility": 1}, "A1"),
        ({"reliability": "B"}, "B"),
        ({}, "–"),
    ],
)
def test_a_grade_shows_what_was_judged_and_no_dash_before_a_number(given, shown):
    assert f'<b dir="ltr">{shown}</b>' in render_to_string("components/grade.html", given)


def test_every_field_of_an_assertion_has_a_name_of_its_own(client, alice, make_claim):
    client.force_login(alice)
    form = client.get(at("assertion-new", make_claim())).context["form"]
    names = [str(each.label) for each in form]
    assert sorted(names) == sorted(set(names))


def test_who_registered_and_who_reworded_a_claim_is_on_record(client, alice, bob, make_claim):
    claim = make_claim()
    edit_claim(claim=claim, revision=claim.revision, text="Put otherwise.", headline="", by=bob, at=T0)
    client.force_login(alice)
    whole = entries(client, "claim-history", claim)
    assert [(entry.did, str(entry.by)) for entry in whole] == [
        ("corrected", str(bob)),
        ("recorded", str(alice)),
    ]
