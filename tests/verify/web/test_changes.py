"""What re-captures showed: the list, one change with both copies, and saying that somebody has seen it."""

from __future__ import annotations

import html
import json
import re
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.attribution.region_services import mark_region
from claims.attribution.services import anchor_quote
from sources.archive import storage
from sources.archive.models import Change, Rendition, TextSketch
from tests.cast import ARTICLE, T0
from tests.claims.attribution.places import LINE, REPORT, WORDS, filed, replaced
from tests.recaptures import fetched, recaptured
from tests.sources.archive.samples import pdf

pytestmark = pytest.mark.django_db

LIST = "/desk/changes/"
EDITED = ARTICLE.replace("around 745", "more than 800")


def at(change: Change, name: str = "change") -> str:
    return reverse(name, args=[change.pk])


@pytest.fixture
def lost(researched_claim: Any, make_capture: Any) -> Change:
    """The anchored figure has been edited on the page."""
    before = researched_claim.assertions.get().anchors.get().text.capture
    return recaptured(make_capture, fetched(before, hours=0), EDITED)


def words(response: Any, tag: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(f"<{tag}>(.*?)</{tag}>", response.content.decode())]


@pytest.mark.parametrize("url", [LIST, f"/desk/changes/{UUID(int=1)}/", f"/desk/changes/{UUID(int=1)}/seen/"])
def test_change_pages_ask_to_sign_in(client, db, url):
    assert client.get(url)["Location"].startswith("/sign-in/?next=")


def test_changes_of_another_desk_do_not_exist(client, mallory, lost):
    client.force_login(mallory)
    assert client.get(at(lost)).status_code == 404
    assert client.post(at(lost, "change-seen")).status_code == 404
    assert not list(client.get(LIST).context["page"])


def test_change_shows_the_quotation_then_and_now_with_the_words_that_differ(client, dave, lost):
    client.force_login(dave)
    response = client.get(at(lost))
    assert "around 745" in "".join(words(response, "del")) and "more than 800" in "".join(
        words(response, "ins")
    )
    content = response.content.decode()
    assert "A number or a negation is another one now." in content
    assert 'data-kind="anchor" data-value="altered"' in content
    for capture in (lost.before_id, lost.after_id):
        assert reverse("capture", args=[capture]) in content
    assert reverse("log-entry", args=[lost.entry.index]) in content


def test_change_shows_a_quotation_that_is_gone(client, dave, researched_claim, make_capture):
    before = researched_claim.assertions.get().anchors.get().text.capture
    change = recaptured(make_capture, fetched(before, hours=0), "Another story altogether, of the weather.")
    client.force_login(dave)
    content = client.get(at(change)).content.decode()
    assert "Nothing like it stands in the later copy." in content and 'data-value="gone"' in content


def test_change_without_texts_says_so(client, dave, make_capture, make_document):
    before = fetched(make_capture("The document.", make_document()), hours=0)
    change = recaptured(make_capture, before, "410", status=410)
    TextSketch.objects.filter(text__capture=change.after).delete()
    change.after.texts.all().delete()
    client.force_login(dave)
    content = client.get(at(change)).content.decode()
    assert "One of the two captures has no text to compare." in content and "HTTP 404 or 410" in content


def test_seen_keeps_who_and_what_was_concluded(client, carol, lost):
    client.force_login(carol)
    assert 'name="note"' in client.get(at(lost)).content.decode()
    response = client.post(at(lost, "change-seen"), {"note": "They revised the count."}, follow=True)
    lost.refresh_from_db()
    assert (lost.seen_by, lost.seen_note) == (carol, "They revised the count.")
    content = response.content.decode()
    assert "They revised the count." in content and 'name="note"' not in content


def test_seen_by_somebody_else_says_so_and_keeps_the_first(client, alice, carol, lost):
    client.force_login(alice)
    client.post(at(lost, "change-seen"), {"note": "First."})
    client.force_login(carol)
    response = client.post(at(lost, "change-seen"), {"note": "Second."})
    lost.refresh_from_db()
    assert response.status_code == 422 and "has looked at this already" in response.content.decode()
    assert (lost.seen_by, lost.seen_note) == (alice, "First.")


def test_viewer_sees_and_does_not_mark(client, dave, lost):
    client.force_login(dave)
    assert 'name="note"' not in client.get(at(lost)).content.decode()
    assert client.post(at(lost, "change-seen")).status_code == 403


@pytest.fixture
def three(lost: Change, make_capture: Any, make_document: Any) -> dict[str, Change]:
    """A lost quotation, an edit without quotations, and a look that showed nothing new, newest last."""
    other = fetched(make_capture("One two three four.", make_document(title="Other")), hours=0)
    return {
        "lost": lost,
        "edited": recaptured(make_capture, other, "One two three four. And much more of it.", hours=2),
        "nothing": recaptured(make_capture, other, "One two three four. And much more of it.", hours=3),
    }


def test_change_list_has_open_alerts_first_and_filters(client, alice, three):
    client.force_login(alice)

    def listed(**query: Any) -> list[Any]:
        return [change.pk for change in client.get(LIST, query).context["page"]]

    Change.objects.filter(pk=three["edited"].pk).update(is_alert=False)
    assert listed() == [three["lost"].pk, three["edited"].pk]
    assert listed(kind="nothing") == [three["nothing"].pk]
    assert listed(kind="edited") == [three["edited"].pk]
    assert listed(state="open") == [three["lost"].pk]
    assert listed(state="seen") == []
    assert listed(document=three["edited"].document_id) == [three["edited"].pk]
    assert len(listed(kind="nonsense", document="\x00")) == 2
    client.post(at(three["lost"], "change-seen"))
    assert listed() == [three["edited"].pk, three["lost"].pk]
    assert listed(state="seen") == [three["lost"].pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_change_list_asks_the_same_for_one_and_three(
    client, alice, lost, make_capture, django_assert_num_queries, rows
):
    for hours in range(2, rows + 1):
        recaptured(make_capture, lost.after, EDITED + f"\n\nAnd {hours} more.", hours=hours)
    client.force_login(alice)
    # session, person, desks, how many, the page, the inbox
    with django_assert_num_queries(6):
        assert len(client.get(LIST).context["page"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_change_asks_the_same_for_one_and_three_quotations(
    client, alice, researched_claim, make_capture, django_assert_num_queries, rows
):
    assertion = researched_claim.assertions.get()
    before = assertion.anchors.get().text.capture
    for quote in ["We cannot confirm this figure", "a spokesperson of the ministry"][: rows - 1]:
        anchor_quote(assertion=assertion, text=before.texts.get(), quote=quote, by=alice, at=T0)
    change = recaptured(make_capture, fetched(before, hours=0), EDITED)
    client.force_login(alice)
    # session, person, desks, change, captures, renditions of both, both texts, quotations, places, the inbox
    with django_assert_num_queries(11):
        assert len(client.get(at(change)).context["checks"]) == rows


@pytest.fixture
def paper(make_document: Any) -> Any:
    """A PDF from the web."""
    return fetched(filed(REPORT, make_document()), hours=0)


@pytest.fixture
def mark(paper: Any, researched_claim: Any, alice: Any) -> Any:
    """`mark()`: a place on its first page that shows the claim's assertion."""
    given = {"assertion": researched_claim.assertions.get(), "kind": "page", "page": 1, "shows": WORDS}
    return partial(mark_region, capture=paper, box=LINE, by=alice, at=T0, **given)


def test_change_shows_marked_places_and_counts_lost_ones_as_alerts(client, dave, paper, mark):
    region = mark()
    change = replaced(paper, pdf("Nobody was killed, says the ministry."))
    assert (change.kind, change.is_alert, change.quotes_lost) == ("quote-lost", True, 1)
    client.force_login(dave)
    content = client.get(at(change)).content.decode()
    assert f'id="place-{region.pk}"' in content and reverse("region", args=[region.pk]) in content
    assert "quotations and places lost: 1 of 1" in content and "compared:" in content
    assert [alert.pk for alert in client.get("/desk/inbox/").context["alerts"]] == [change.pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_change_asks_the_same_for_one_and_three_places(
    client, dave, paper, mark, django_assert_num_queries, rows
):
    for number in range(rows):
        mark(shows=f"{WORDS} {number}", box=(45, 125 - number, 300, 30))
    change = replaced(paper, pdf("Nobody was killed, says the ministry."))
    client.force_login(dave)
    with django_assert_num_queries(11):
        assert len(client.get(at(change)).context["places"]) == rows


def test_change_marks_quotations_on_both_screenshots(client, alice, lost):
    for capture, quoted in ((lost.before, "around 745 civilians"), (lost.after, "more than 800 civilians")):
        text = capture.texts.get().content
        boxes = [[word, 10 * n, 20, 9, 15] for n, word in enumerate(text.split())]
        layout = json.dumps({"version": 1, "width": 1280, "height": 900, "words": boxes}).encode()
        for kind, content in (("layout", layout), ("screenshot", b"\x89PNG" + quoted.encode())):
            blob = storage.store(content, media_type="application/json", at=timezone.now())
            Rendition.objects.create(capture=capture, kind=kind, blob=blob, media_type=blob.media_type)
    client.force_login(alice)
    content = client.get(at(lost)).content.decode()
    anchor = lost.anchor_checks.get().anchor_id
    assert f'id="before-shown-{anchor}" href="#before-anchor-{anchor}"' in content
    assert f'id="after-shown-{anchor}" href="#after-anchor-{anchor}"' in content
    assert "style=" not in content
