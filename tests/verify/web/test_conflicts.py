"""Two people at one claim: what one finds who was not the first to save."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.urls import reverse

from claims.attribution.services import correct_assertion
from claims.statements.models import Claim
from claims.statements.services import add_figure, correct_figure, edit_claim
from tests.cast import T0

pytestmark = pytest.mark.django_db

TEXT = "The group put the civilian dead of the whole coast at about 745."


def at(name: str, thing: Any) -> str:
    return reverse(name, args=[thing.pk])


def served(client: Any, url: str) -> dict[str, Any]:
    """What the form of a page sends when nothing is typed, hidden fields and all."""
    form = client.get(url).context["form"]
    page = client.get(url).content.decode()
    state = html.unescape(re.search(r'name="merge" value="([^"]*)"', page)[1])
    sends = {name: values for name, values in json.loads(state)["base"].items() if values}
    return sends | {"merge": state, "revision": form.initial["revision"]}


def again(response: Any) -> dict[str, Any]:
    """What the page of a conflict sends when nobody touches it."""
    data, merge = response.context["form"].data, response.context["merge"]
    return {name: data.getlist(name) for name in data if name != "merge"} | {"merge": merge.state}


def test_changes_of_different_fields_are_put_together_and_said(client, alice, bob, make_claim):
    claim = make_claim(TEXT, headline="About 745 dead")
    client.force_login(alice)
    mine = served(client, at("claim-edit", claim)) | {"headline": "745 dead, a group says"}
    edit_claim(
        claim=claim, revision=1, text=TEXT + " It is a count.", headline="About 745 dead", by=bob, at=T0
    )
    response = client.post(at("claim-edit", claim), mine)
    assert response.status_code == 422 and Claim.objects.get().headline == "About 745 dead"
    merge = response.context["merge"]
    assert [line.name for line in merge.taken] == ["text"]
    assert [line.name for line in merge.kept] == ["headline"]
    assert "only the other changed it" in response.content.decode()
    assert client.post(at("claim-edit", claim), again(response)).status_code == 302
    claim = Claim.objects.get()
    assert (claim.text, claim.headline) == (TEXT + " It is a count.", "745 dead, a group says")


def test_long_words_merge_where_the_changes_do_not_meet(client, alice, bob, make_claim):
    claim = make_claim(TEXT)
    client.force_login(alice)
    mine = served(client, at("claim-edit", claim)) | {
        "text": TEXT.replace("The group", "The monitoring group")
    }
    edit_claim(claim=claim, revision=1, text=TEXT.replace("745", "1,383"), headline="", by=bob, at=T0)
    response = client.post(at("claim-edit", claim), mine)
    assert [line.name for line in response.context["merge"].merged] == ["text"]
    assert Claim.objects.get().text == TEXT.replace("745", "1,383")  # nothing is saved unseen
    client.post(at("claim-edit", claim), again(response))
    assert (
        Claim.objects.get().text
        == "The monitoring group put the civilian dead of the whole coast at about 1,383."
    )


@pytest.mark.parametrize(
    ("choice", "typed", "expected"),
    [
        ("theirs", None, "About 1,383."),
        ("mine", "lost?", "About 1,557."),
        ("own", "Between 1,383 and 1,557.", "Between 1,383 and 1,557."),
    ],
)
def test_what_both_changed_is_chosen(client, alice, bob, make_claim, choice, typed, expected):
    claim = make_claim("About 745.")
    client.force_login(alice)
    mine = served(client, at("claim-edit", claim)) | {"text": "About 1,557."}
    edit_claim(claim=claim, revision=1, text="About 1,383.", headline="", by=bob, at=T0)
    sent = again(client.post(at("claim-edit", claim), mine))
    undecided = client.post(at("claim-edit", claim), sent)
    assert undecided.status_code == 422 and "Choose what stands now" in str(undecided.context["form"].errors)
    decision = {"merge-text": choice} | ({"text": typed} if typed else {})
    assert client.post(at("claim-edit", claim), again(undecided) | decision).status_code == 302
    assert Claim.objects.get().text == expected


def test_a_third_who_saves_meanwhile_loses_nobody_a_word(client, alice, bob, carol, make_claim):
    claim = make_claim("About 745.")
    client.force_login(alice)
    mine = served(client, at("claim-edit", claim)) | {"text": "About 1,557.", "headline": "As typed"}
    edit_claim(claim=claim, revision=1, text="About 1,383.", headline="", by=bob, at=T0)
    sent = again(client.post(at("claim-edit", claim), mine)) | {"text": "My third wording."}
    edit_claim(claim=claim, revision=2, text="About 1,400.", headline="", by=carol, at=T0)
    response = client.post(at("claim-edit", claim), sent)
    (line,) = response.context["merge"].to_decide
    assert (line.was.words, line.theirs.words, line.mine.words) == (
        "About 745.",
        "About 1,400.",
        "My third wording.",
    )
    assert "Carol changed this claim" in response.content.decode()
    assert response.context["form"]["headline"].value() == "As typed"
    client.post(at("claim-edit", claim), again(response) | {"merge-text": "mine"})
    assert (Claim.objects.get().text, Claim.objects.get().headline) == ("My third wording.", "As typed")


def test_an_assertion_merges_field_by_field(client, alice, bob, make_claim, make_assertion):
    said, other = make_assertion(make_claim(), hedge="reportedly"), make_assertion(make_claim())
    client.force_login(alice)
    mine = served(client, at("assertion-edit", said)) | {
        "hedge": "some",
        "cites": [str(other.pk)],
        "why": "Look.",
    }
    revision = Claim.objects.get(pk=said.claim_id).revision
    correct_assertion(
        assertion=said, verb="alleged", hedge="apparently", revision=revision, why="L.", by=bob, at=T0
    )
    response = client.post(at("assertion-edit", said), mine)
    merge = response.context["merge"]
    assert {line.name: str(line.outcome) for line in merge.lines} == {
        "verb": "theirs",
        "hedge": "contested",
        "cites": "mine",
    }
    assert "<ins>apparently</ins>" in response.content.decode()
    sent = again(response) | {"merge-hedge": "mine"}
    assert client.post(at("assertion-edit", said), sent).status_code == 302
    said.refresh_from_db()
    assert (said.verb, said.hedge, list(said.cites.all())) == ("alleged", "some", [other])


def test_a_figure_merges_too(client, alice, bob, make_claim):
    claim = make_claim()
    figure = add_figure(claim=claim, point=745, unit="people-killed", by=alice, at=T0)
    client.force_login(alice)
    mine = served(client, at("figure-edit", figure)) | {"point": "746", "why": "A slip."}
    correct_figure(figure=figure, perpetrator="unknown", why="Asked.", by=bob, at=T0)
    response = client.post(at("figure-edit", figure), mine)
    assert [line.name for line in response.context["merge"].taken] == ["perpetrator"]
    assert client.post(at("figure-edit", figure), again(response)).status_code == 302
    figure.refresh_from_db()
    assert (figure.point, figure.perpetrator) == (746, "unknown")


@pytest.mark.parametrize(
    "state",
    [
        "",
        "null",
        "[]",
        "[" * 5000,
        '{"base": {"text": 3}}',
        '{"contested": {"text": 1}}',
        '{"base": "x"}',
        "\0",
    ],
)
def test_a_hidden_field_that_nobody_of_ours_wrote_takes_nothing_over(client, alice, bob, make_claim, state):
    claim = make_claim("About 745.")
    edit_claim(claim=claim, revision=1, text="About 1,383.", headline="", by=bob, at=T0)
    client.force_login(alice)
    response = client.post(at("claim-edit", claim), {"text": "About 745.", "revision": 1, "merge": state})
    assert response.status_code == 422
    assert [line.name for line in response.context["merge"].to_decide] == ["text"]
    assert Claim.objects.get().text == "About 1,383."
