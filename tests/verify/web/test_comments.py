"""Threads on the pages: on the claim's, on their own, and nowhere that the desk does not read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.attribution.services import withdraw_assertion
from claims.statements.services import add_figure
from tests.cast import T0
from verify.review.comments import comment, edit_comment, remove_comment, resolve_thread
from verify.review.models import Comment
from verify.review.services import assign_review

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(hours=1)
BLIND = "your opinion belongs in the review"


@pytest.fixture
def talk(researched_claim: Any, alice: Any) -> Any:
    return comment(claim=researched_claim, text="Whose count is it?", by=alice, at=T0)


def at(name: str, thing: Any, query: str = "") -> str:
    return reverse(name, args=[thing.pk]) + query


def read(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_comment_is_begun_answered_settled_and_opened_without_a_script(
    client, alice, carol, researched_claim
):
    client.force_login(alice)
    new = at("comment-new", researched_claim)
    thread = client.post(new, {"text": "Look, @carol: <b>new</b>."})["Location"]
    row = Comment.objects.get()
    assert thread == at("comment", row) and list(row.mentions.all()) == [carol]
    client.force_login(carol)
    assert '<bdi class="mention">@carol</bdi>: &lt;b&gt;new&lt;/b&gt;.' in read(client, thread)
    assert client.post(at("comment-reply", row), {"text": "Seen."})["Location"] == thread
    client.post(at("comment-resolve", row))
    assert "Resolved" in read(client, thread) and "Seen." in read(client, thread)
    client.post(at("comment-reopen", row))
    row.refresh_from_db()
    assert row.resolved_at is None


def test_a_script_finds_the_thread_and_the_form_in_the_pages(client, alice, talk):
    client.force_login(alice)
    form = read(client, at("comment-new", talk.claim))
    assert 'hx-select=".thread, .comment-form"' in form and 'class="form comment-form"' in form
    assert 'hx-target="closest .thread" hx-select=".thread"' in read(client, at("comment-reply", talk))
    refused = client.post(at("comment-reply", talk), {"text": " "}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and f'id="thread-{talk.pk}"' in refused.content.decode()


@pytest.mark.parametrize("kind", ["assertion", "anchor", "figure"])
def test_a_thing_of_the_claim_leads_to_its_threads(client, alice, dave, researched_claim, kind):
    said = researched_claim.assertions.get()
    figure = add_figure(claim=researched_claim, point=745, unit="people-killed", by=alice, at=T0)
    thing = {"assertion": said, "anchor": said.anchors.get(), "figure": figure}[kind]
    client.force_login(alice)
    new = at("comment-new", researched_claim, f"?{kind}={thing.pk}")
    assert new in read(client, at("claim", researched_claim))
    assert client.post(new, {"text": "Only of this."}).status_code == 302
    assert getattr(Comment.objects.get(), kind) == thing
    comment(claim=researched_claim, text="Of the whole.", by=alice, at=T0)
    client.force_login(dave)
    way = at("claim", researched_claim, f"?about={thing.pk}#comments")
    assert way in read(client, at("claim", researched_claim))
    html = read(client, way.partition("#")[0])
    assert "Only of this." in html and "Of the whole." not in html


def test_what_is_of_no_claim_or_of_another_is_not_commented_on(client, alice, researched_claim, make_claim):
    client.force_login(alice)
    said = researched_claim.assertions.get()
    for about in (f"?assertion={said.pk}", "?figure=nonsense", "?anchor=' OR 1"):
        assert client.get(at("comment-new", make_claim(), about)).status_code == 404
    withdraw_assertion(assertion=said, why="No.", by=alice, at=T0)
    refused = client.post(at("comment-new", researched_claim, f"?assertion={said.pk}"), {"text": "Hm."})
    assert refused.status_code == 422 and "Hm." in refused.content.decode()


def test_threads_are_filtered_by_the_address_and_ten_to_a_page(client, dave, alice, talk):
    for number in range(11):
        comment(claim=talk.claim, text=f"Thread-{number}.", by=alice, at=LATER + timedelta(minutes=number))
    resolve_thread(thread=talk, by=alice, at=LATER)
    client.force_login(dave)
    first = read(client, at("claim", talk.claim))
    assert first.count('class="thread') == 10 and "Thread-0." not in first
    assert "?threads=2#comments" in first
    assert "Thread-0." in read(client, at("claim", talk.claim, "?threads=2"))
    settled = read(client, at("claim", talk.claim, "?comments=resolved"))
    assert "Whose count is it?" in settled and "Thread-10." not in settled
    assert read(client, at("claim", talk.claim, "?comments=x&about=x&threads=x")).count('class="thread') == 0


def test_a_reworded_comment_shows_both_wordings_word_by_word(client, dave, alice, talk):
    edit_comment(comment=talk, text="Whose figure is it?", by=alice, at=LATER)
    client.force_login(dave)
    html = read(client, at("comment", talk))
    assert "<del>count</del>" in html and "<ins>figure</ins>" in html
    assert "edited" in read(client, at("claim", talk.claim))


def test_what_was_taken_back_is_shown_to_nobody(client, alice, carol, bob, talk):
    answer = comment(claim=talk.claim, parent=talk, text="A secret word.", by=carol, at=T0)
    edit_comment(comment=answer, text="A secret phrase.", by=carol, at=T0)
    remove_comment(comment=answer, by=carol, at=LATER)
    for person in (alice, bob, carol):
        client.force_login(person)
        for page in (at("claim", talk.claim), at("comment", talk), at("claim-history", talk.claim)):
            assert "secret" not in read(client, page)
        assert "Taken back by its author" in read(client, at("comment", answer))


def test_a_viewer_reads_and_is_offered_nothing(client, dave, alice, talk):
    client.force_login(dave)
    for page in (at("comment", talk), at("claim", talk.claim)):
        html = read(client, page)
        assert "Whose count is it?" in html
        assert not any(f"/{act}/" in html for act in ("reply", "resolve", "comments/new", "remove"))


def test_others_words_are_not_offered_to_be_reworded(client, bob, talk):
    client.force_login(bob)
    html = read(client, at("comment", talk))
    assert at("comment-reply", talk) in html and at("comment-edit", talk) not in html


def test_while_opinions_are_blind_the_form_says_where_they_belong(
    client, alice, bob, carol, researched_claim
):
    client.force_login(alice)
    page = at("comment-new", researched_claim)
    assert BLIND not in read(client, page)
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    assert BLIND in read(client, page)


def test_whom_one_can_mention_are_the_desks_people_alone(client, alice, bob, mallory, researched_claim):
    client.force_login(alice)
    html = read(client, at("comment-new", researched_claim))
    assert "@bob" in html and "mallory" not in html.lower()


def test_another_desk_finds_no_thread_and_comments_leave_no_trace_there(client, mallory, alice, talk):
    client.force_login(mallory)
    for name in ("comment", "comment-reply", "comment-edit", "comment-remove", "comment-resolve"):
        assert client.get(at(name, talk)).status_code == 404
        assert client.post(at(name, talk), {"text": "x"}).status_code in (404, 405)
    assert Comment.objects.get().text == "Whose count is it?"


def test_comments_are_on_no_public_page_nor_in_what_is_exported(client, alice, published_claim):
    said = published_claim.assertions.get()
    thread = comment(claim=published_claim, text="Zanzibar, says @bob", by=alice, at=LATER)
    comment(claim=published_claim, assertion=said, text="Zanzibar again", by=alice, at=LATER)
    comment(claim=published_claim, parent=thread, text="Zanzibar still", by=alice, at=LATER)
    public = [reverse("public-claim", args=[published_claim.pk]), reverse("front"), reverse("claim-feed")]
    for url in (*public, f"/api/v1/claims/{published_claim.pk}/"):
        assert b"Zanzibar" not in client.get(url).content
    client.force_login(alice)
    for name in ("claim-provenance", "claim-annotations", "claim-figures", "publish", "claim-custody"):
        assert b"Zanzibar" not in client.get(at(name, published_claim)).content
    package = client.post(at("claim-evidence", published_claim))
    assert package.status_code == 200
    assert b"Zanzibar" in client.get(at("claim", published_claim)).content  # here, and so the test can fail


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_a_thread_asks_the_same_for_one_and_three(
    client, alice, carol, talk, django_assert_num_queries, rows
):
    for _ in range(rows):
        comment(claim=talk.claim, parent=talk, text="@alice?", by=carol, at=LATER)
    client.force_login(alice)
    with django_assert_num_queries(6):
        assert client.get(at("comment", talk)).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_claims_page_asks_two_queries_for_its_threads_however_many(
    client, alice, carol, talk, django_assert_num_queries, rows
):
    client.force_login(alice)
    with CaptureQueriesContext(connection) as seen:
        read(client, at("claim", talk.claim))
    for _ in range(rows):
        thread = comment(claim=talk.claim, text="@carol?", by=alice, at=LATER)
        comment(claim=talk.claim, parent=thread, text="@alice!", by=carol, at=LATER)
    assert sum("verify_comment" in query["sql"] for query in seen) == 2
    with django_assert_num_queries(len(seen)):
        read(client, at("claim", talk.claim))
