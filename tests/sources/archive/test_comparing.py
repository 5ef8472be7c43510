"""What a re-capture of a page that was edited, taken down, moved or unreachable is found to show."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from claims.attribution.models import AnchorCheck
from claims.attribution.services import anchor_quote
from sources.archive import comparing, services, work
from sources.archive.comparing import compare, compare_missed
from sources.archive.models import Capture, Change, Text, Watch
from sources.archive.signals import captures_compared
from sources.archive.watching import set_watch
from sources.archive.work import give_up
from sources.catalog.services import archive_document
from sources.custody.models import Entry
from tests.cast import at_once
from tests.sources.archive.newspaper import PATH, SENTENCES, URL, article, printing

QUOTE = "around 745 civilians were killed in 30 massacres"


@pytest.fixture
def paper(settings):
    """The newspaper, known to the guard of this process; what fails there fails at once."""
    settings.ARCHIVE_RETRY_DELAYS = []
    with printing() as site:
        settings.ARCHIVE_GUARD_EXCEPTIONS = site.exceptions
        yield site


@pytest.fixture
def visit(desk, alice, paper, monkeypatch):
    """Capture the page now and compare the capture, or stop in between as a worker that is killed there."""
    monkeypatch.setattr(work, "_compare", lambda capture_id, at: None)

    def visit(url=URL, *, watch=None, to_compare=True):
        capture = archive_document(desk=desk, url=url, by=alice, at=timezone.now(), force=True)
        Capture.objects.filter(pk=capture.pk).update(watch=watch)
        services.run_capture(capture_id=capture.pk)
        capture.refresh_from_db()
        assert capture.is_finished, capture.progress
        return compare(capture_id=capture.pk, at=timezone.now()) if to_compare else capture

    return visit


@pytest.fixture
def seen(visit):
    """The page as it was at first, captured."""
    return visit(to_compare=False)


@pytest.fixture
def anchor(seen, alice, make_claim, make_assertion):
    """A quotation in that first copy."""
    assertion = make_assertion(make_claim(), document=seen.document)
    return anchor_quote(assertion=assertion, text=seen.texts.get(), quote=QUOTE, by=alice, at=timezone.now())


@pytest.fixture
def watch(seen, desk, alice):
    set_watch(
        desk=desk,
        document_id=seen.document_id,
        by=alice,
        at=timezone.now(),
        mode="http",
        shortest=3600,
        longest=86_400,
    )
    Watch.objects.update(interval=20_000, next_at=timezone.now() + timedelta(seconds=20_000))
    return Watch.objects.get()


def said(change):
    return change.kind, change.is_alert


def test_the_first_copy_and_an_upload_are_compared_with_nothing(seen, make_capture, visit):
    assert compare(capture_id=seen.pk, at=timezone.now()) is None
    assert compare(capture_id=make_capture(document=seen.document).pk, at=timezone.now()) is None
    assert visit().before == seen  # not the upload


def test_the_same_page_again_is_nothing(anchor, visit, seen):
    change = visit()
    assert said(change) == ("nothing", False)
    assert (change.before, change.words_added, change.words_removed) == (seen, 0, 0)
    assert (change.quotes_checked, change.quotes_lost) == (1, 0)
    assert AnchorCheck.objects.get().state == "intact"


def test_an_edited_figure_is_an_alert_with_the_altered_quotation(anchor, visit, paper):
    paper.put(PATH, article(toll=SENTENCES["toll"].replace("745", "700")))
    change = visit()
    assert said(change) == ("quote-lost", True)
    assert (change.words_added, change.words_removed, change.quotes_lost) == (1, 1, 1)
    check = AnchorCheck.objects.get()
    assert (check.state, check.changes_sense, check.text) == ("altered", True, change.after.texts.get())
    assert check.text.content[check.start : check.end] == check.exact == QUOTE.replace("745", "700")


def test_a_sentence_that_nobody_quotes_is_an_alert_without_a_lost_quotation(anchor, visit, paper):
    paper.put(PATH, article(denial="The ministry confirmed the figure on Sunday."))
    change = visit()
    assert said(change) == ("edited", True)
    assert (change.quotes_checked, change.quotes_lost) == (1, 0)


def test_a_new_headline_is_an_alert(seen, visit, paper):
    paper.put(PATH, article(title="Dozens killed on the coast"))
    assert said(visit()) == ("edited", True)


def test_dates_counters_and_other_stories_are_no_alert(anchor, visit, paper):
    stories = [
        "Minister resigns over fuel prices",
        "Storm closes the northern ports",
        "Wheat harvest is late",
    ]
    for number, story in enumerate(stories):
        around = f"<p>Updated {number} minutes ago</p><p>{number}1 shares</p><p>{story}</p>"
        paper.put(PATH, article(roads=SENTENCES["roads"] + "</p>" + around + "<p>"))
        assert story in visit(to_compare=False).texts.get().content
        assert said(visit()) in [("edited", False), ("nothing", False)]
    compare_missed(at=timezone.now() + timedelta(minutes=2))
    assert Change.objects.filter(kind="edited", words_added__gt=0).count() == 3
    assert not Change.objects.filter(is_alert=True).exists()


def test_a_lost_quotation_is_told_once(anchor, visit, paper):
    paper.put(PATH, article(toll=""))
    assert said(visit()) == ("quote-lost", True)
    again = visit()
    assert (said(again), again.quotes_checked, again.quotes_lost) == (("nothing", False), 1, 1)
    paper.put(PATH, article())
    back = visit()
    assert (said(back), back.quotes_lost) == (("edited", True), 0)
    assert [check.state for check in AnchorCheck.objects.order_by("change__detected_at")] == [
        "gone",
        "gone",
        "intact",
    ]


def test_a_quotation_that_stands_elsewhere_has_moved(anchor, visit, paper):
    paper.put(PATH, article(toll=SENTENCES["roads"] + " " + SENTENCES["toll"], roads=""))
    change = visit()
    assert (change.quotes_lost, AnchorCheck.objects.get().state) == (0, "moved")


def test_quotations_of_all_earlier_copies_are_looked_for_each_once(anchor, visit, alice, paper):
    second = visit().after
    anchor_quote(
        assertion=anchor.assertion,
        text=second.texts.get(),
        quote="closed for most of Friday",
        by=alice,
        at=timezone.now(),
    )
    change = visit()
    assert sorted(change.anchor_checks.values_list("anchor__exact", "state")) == [
        (QUOTE, "intact"),
        ("closed for most of Friday", "intact"),
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_was_taken_down_is_gone_and_told_once(anchor, visit, paper, status):
    paper.put(PATH, "<p>Not here.</p>", status=status)
    change = visit()
    assert (said(change), change.gone_sign) == (("gone", True), "status")
    assert (change.words_added, change.quotes_checked, change.quotes_lost) == (None, 1, 1)
    check = AnchorCheck.objects.get()
    assert (check.state, check.text) == ("gone", None)
    assert said(visit()) == ("gone", False)
    paper.put(PATH, article())
    assert said(visit()) == ("back", True)
    assert said(visit()) == ("nothing", False)


def test_a_page_that_comes_back_edited_is_edited(anchor, visit, paper):
    paper.put(PATH, status=404)
    visit()
    paper.put(PATH, article(toll=SENTENCES["toll"].replace("745", "74")))
    assert said(visit()) == ("quote-lost", True)


@pytest.mark.parametrize("to", ["/", "/2025/"])
def test_a_page_that_sends_its_readers_to_a_front_page_is_gone(anchor, visit, paper, to):
    paper.put("/2025/", "<p>The stories of the year 2025, all of them in one long list.</p>")
    paper.move(PATH, to)
    change = visit()
    assert (said(change), change.gone_sign) == (("gone", True), "redirect")
    assert AnchorCheck.objects.get().state == "gone"
    paper.put(PATH, article())
    assert said(visit()) == ("back", True)


def test_a_page_that_moved_with_its_text_is_still_there(anchor, visit, paper):
    for to in ("/2025/", "/new/coast-745"):
        paper.put(to, article())
        paper.move(PATH, to)
        assert said(visit()) == ("nothing", False)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_an_error_of_the_server_loses_no_quotation_and_is_told_at_the_third(
    anchor, visit, paper, watch, status
):
    paper.put(PATH, "<p>Sorry.</p>", status=status)
    told = [said(visit(watch=watch)) for _ in range(4)]
    assert told == [("unreachable", alert) for alert in (False, False, True, False)]
    assert not AnchorCheck.objects.exists()
    watch.refresh_from_db()
    assert watch.unreachable == 4
    paper.put(PATH, article())
    assert said(visit(watch=watch)) == ("back", True)
    watch.refresh_from_db()
    assert watch.unreachable == 0


def test_who_asks_by_hand_sees_for_themselves_that_a_page_cannot_be_reached(seen, visit, paper, watch):
    paper.put(PATH, status=500)
    assert [said(visit()) for _ in range(4)] == [("unreachable", False)] * 4
    paper.put(PATH, status=451)  # withheld for legal reasons: told at once
    assert said(visit()) == ("unreachable", True)


def test_a_failed_capture_is_compared_too(seen, visit, paper, settings):
    settings.ARCHIVE_GUARD_EXCEPTIONS = {"paper.example": "127.0.0.1:1"}
    change = visit()
    assert change.after.state == "failed"
    assert said(change) == ("unreachable", False)


def test_a_capture_that_somebody_stopped_says_nothing_of_its_document(seen, desk, alice):
    capture = archive_document(desk=desk, url=URL, by=alice, at=timezone.now(), force=True)
    give_up(capture.pk, by=alice, at=timezone.now())
    assert compare(capture_id=capture.pk, at=timezone.now()) is None


def test_a_change_lets_the_watch_look_again_soon_and_nothing_does_not(seen, visit, paper, watch):
    visit(watch=watch)
    watch.refresh_from_db()
    assert watch.interval == 20_000
    paper.put(PATH, article(aid=""))
    change = visit(watch=watch)
    watch.refresh_from_db()
    assert watch.interval == 3600
    assert watch.next_at == change.detected_at + timedelta(hours=1)


def test_another_version_of_the_extractor_is_no_edit(anchor, visit, paper, tamper, sql):
    """The old text lacks a sentence that the new version reads; the old copy is read anew before they are compared."""
    text = anchor.text
    older = text.content.replace(SENTENCES["aid"], "").strip()
    tamper(
        "UPDATE sources_text SET content = %s, sha256 = %s, extractor_version = '0.1' WHERE id = %s",
        [older, sha256(older.encode()).hexdigest(), text.pk],
    )
    paper.put(PATH, article(around="<!-- made at 10:15 -->"))  # other bytes
    sql("SET CONSTRAINTS ALL DEFERRED")  # as in any transaction of the product's
    change = visit()
    assert (said(change), change.words_added, change.words_removed) == (("nothing", False), 0, 0)
    assert Text.objects.filter(capture=change.before).count() == 2
    assert change.entry.read().facts["before_text_sha256"] == change.after.texts.get().sha256


def test_the_log_says_what_was_compared_and_found(anchor, visit, paper):
    paper.put(PATH, article(toll=SENTENCES["toll"].replace("745", "700")))
    change = visit()
    assert (change.entry.kind, change.entry.subject_id) == ("capture-rechecked", str(change.after_id))
    assert change.entry.read().facts == {
        "before_entry": change.before.entry_id,
        "after_entry": change.after.entry_id,
        "before_text_sha256": change.before.texts.get().sha256,
        "after_text_sha256": change.after.texts.get().sha256,
        "result": "quote-lost",
        "gone_sign": None,
        "words_added": 1,
        "words_removed": 1,
        "counting": 1,
        "quotes_checked": 1,
        "quotes_lost": 1,
        "alert": True,
    }


def test_compared_twice_is_compared_once(anchor, visit):
    change = visit()
    assert compare(capture_id=change.after_id, at=timezone.now()) == change
    assert (Change.objects.count(), AnchorCheck.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_workers_that_compare_one_capture_at_once_make_one_change(anchor, visit, paper):
    paper.put(PATH, article(toll=""))
    capture = visit(to_compare=False)
    assert not Change.objects.exists()
    made = at_once(*[lambda: compare(capture_id=capture.pk, at=timezone.now())] * 4)
    assert len({change.pk for change in made}) == 1
    assert (Change.objects.count(), AnchorCheck.objects.count()) == (1, 1)
    assert Entry.objects.filter(kind="capture-rechecked").count() == 1


def test_a_comparison_that_dies_half_way_leaves_nothing_and_is_made_up_for(anchor, visit):
    capture = visit(to_compare=False)

    def dies(**_):
        raise DatabaseError("the connection is lost")

    captures_compared.connect(dies, dispatch_uid="dies")
    try:
        with pytest.raises(DatabaseError):
            compare(capture_id=capture.pk, at=timezone.now())
        assert compare_missed(at=timezone.now() + timedelta(minutes=2)) == 0
    finally:
        captures_compared.disconnect(dispatch_uid="dies")
    assert not AnchorCheck.objects.exists()
    assert not Entry.objects.filter(kind="capture-rechecked").exists()
    assert compare_missed(at=timezone.now()) == 0  # younger than a minute: its worker may be at it
    assert compare_missed(at=timezone.now() + timedelta(minutes=2)) == 1
    assert compare_missed(at=timezone.now() + timedelta(minutes=3)) == 0
    assert Change.objects.get().after == capture


def test_one_capture_that_cannot_be_compared_does_not_keep_the_others_waiting(seen, visit, monkeypatch):
    captures = [visit(to_compare=False) for _ in range(3)]
    whole = comparing.texts_of

    def texts_of(before, after):
        if after == captures[1]:
            raise RuntimeError
        return whole(before, after)

    monkeypatch.setattr(comparing, "texts_of", texts_of)
    assert compare_missed(at=timezone.now() + timedelta(minutes=2)) == 2


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"kind": "lost"}, "change_kind_is_known"),
        ({"gone_sign": "status"}, "gone_means_there_is_a_sign"),
        ({"kind": "gone"}, "gone_means_there_is_a_sign"),
        ({"quotes_lost": 9}, "no_more_quotes_lost_than_checked"),
        ({"seen_note": "looked"}, "seen_by_and_when_all_set_or_none"),
    ],
)
def test_the_database_refuses_a_change_that_contradicts_itself(seen, visit, fields, rule):
    change = visit()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Change.objects.filter(pk=change.pk).update(**fields)
