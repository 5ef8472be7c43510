"""What becomes of marked places in later copies, what is said to have been compared, and what fsck finds again."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from claims.attribution import fsck
from claims.attribution.models import RegionCheck
from claims.attribution.region_services import mark_region, withdraw_region
from sources.archive import changes_fsck
from tests.cast import T0
from tests.claims.attribution.places import FILM, LINE, PICTURE, REPORT, WORDS, filed, pictured, replaced
from tests.recaptures import fetched
from tests.sources.archive.media import encoded, mp4, scene
from tests.sources.archive.samples import pdf

pytestmark = pytest.mark.django_db
BOX = (100, 100, 300, 200)


@pytest.fixture
def mark(alice: Any) -> Any:
    return partial(mark_region, by=alice, at=T0)


@pytest.fixture
def original(make_document: Any) -> Any:
    return lambda content: fetched(filed(content, make_document()), hours=0)


def outcome(region: Any) -> tuple[str, int | None, str]:
    check = region.checks.get()
    return check.state, check.page, check.found


def sound() -> bool:
    return [*fsck.faults(), *changes_fsck.faults()] == []


@pytest.mark.parametrize(
    ("later", "state", "page", "found"),
    [
        (pdf(WORDS, "The second page", "a third"), "intact", 1, WORDS),
        (pdf("A new cover", WORDS, "The second page"), "moved", 2, WORDS),
        (pdf("Around 746 civilians were killed.", "x"), "altered", 1, "Around 746 civilians were killed"),
        (pdf("Nothing of the kind", "x"), "gone", None, ""),
        (PICTURE, "gone", None, ""),
    ],
)
def test_words_on_a_page_are_looked_for_again(
    later: bytes, state: str, page: Any, found: str, original: Any, mark: Any
):
    before = original(REPORT)
    region = mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    change = replaced(before, later)
    assert outcome(region) == (state, page, found)
    lost = state in ("altered", "gone")
    assert (change.quotes_checked, change.quotes_lost) == (1, int(lost))
    assert (change.kind == "quote-lost") == lost
    assert sound()


def test_the_same_bytes_are_intact_without_a_look(original: Any, mark: Any):
    before = original(REPORT)
    region = mark(capture=before, kind="page", page=2, box=LINE, shows="The second page")
    replaced(before, REPORT)
    assert outcome(region) == ("intact", 2, "The second page")
    assert region.checks.get().why == "the bytes of the file" and sound()


@pytest.mark.parametrize(
    ("later", "state"),
    [
        (encoded(scene(), quality=30), "intact"),
        (encoded(scene().resize((320, 240)), "PNG"), "intact"),
        (encoded(scene(2), "PNG"), "altered"),
        (encoded(scene(4, (320, 240)), "PNG"), "altered"),
        (encoded(scene().crop((0, 0, 200, 90)), "PNG"), "gone"),
        (REPORT, "gone"),
    ],
)
def test_a_place_in_a_picture_is_compared_by_its_look(later: bytes, state: str, original: Any, mark: Any):
    before = original(PICTURE)
    region = mark(capture=before, kind="picture", box=BOX, shows="the bridge")
    replaced(before, later)
    assert outcome(region) == (state, None, "") and sound()


@pytest.mark.parametrize(
    ("later", "state"),
    [
        (FILM, "intact"),
        (mp4(seconds=20, created=99, width=640, height=360), "altered"),
        (mp4(seconds=5), "gone"),
    ],
)
def test_a_span_of_a_film_is_compared_by_bytes_and_length(later: bytes, state: str, original: Any, mark: Any):
    before = original(FILM)
    region = mark(capture=before, kind="time", span=(10_000, 12_000), shows="a convoy")
    replaced(before, later)
    assert outcome(region)[0] == state and sound()


def test_a_scanned_page_is_compared_by_its_look(original: Any, mark: Any):
    before = original(pdf("", "x"))
    region = mark(capture=before, kind="page", page=1, box=LINE, shows="a stamp")
    replaced(before, pdf("", "other words"))
    assert outcome(region)[0] == "intact"
    replaced(before, pdf("A line where nothing was"), hours=2)
    assert region.checks.latest("checked_at").state == "altered" and sound()


def test_a_screenshot_that_looks_otherwise_is_no_loss(make_capture: Any, mark: Any):
    """A banner moves everything below it: only that it looks the same is said."""
    before = pictured(fetched(make_capture("The text of the page. " * 20), hours=0), PICTURE)
    region = mark(capture=before, kind="picture", box=BOX, shows="the map", on="screenshot")
    text = ("The text of the page. " * 20).encode()
    same = replaced(before, text, screenshot=encoded(scene(), "PNG", compress_level=1))
    other = replaced(before, text, hours=2, screenshot=encoded(scene(3), "PNG"))
    replaced(before, text, hours=3)  # without a screenshot
    assert [check.state for check in region.checks.all()] == ["intact"]
    assert (same.quotes_checked, other.quotes_checked, other.is_alert) == (1, 0, False)
    assert sound()


def test_a_document_that_is_gone_has_no_places(original: Any, mark: Any):
    before = original(REPORT)
    region = mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    change = replaced(before, b"Not found", status=404)
    assert (change.kind, change.quotes_lost, outcome(region)[0]) == ("gone", 1, "gone")
    assert region.checks.get().why == "nothing: the document is gone" and sound()


def test_what_was_lost_before_is_not_told_again(original: Any, mark: Any):
    before = original(REPORT)
    region = mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    first = replaced(before, pdf("Around 746 civilians were killed.", "x"))
    again = replaced(before, pdf("Around 746 civilians were killed.", "y"), hours=2)
    assert (first.is_alert, first.kind) == (True, "quote-lost")
    assert (again.quotes_lost, again.kind == "quote-lost") == (1, False)
    assert region.checks.count() == 2 and sound()


def test_a_later_copy_that_cannot_be_read_says_nothing(original: Any, mark: Any):
    before = original(REPORT)
    region = mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    change = replaced(before, pdf("secret", password="x"))
    assert not region.checks.exists() and change.quotes_checked == 0 and sound()


def test_withdrawn_places_and_uploads_are_not_looked_for(
    make_document: Any, original: Any, mark: Any, alice: Any
):
    before = original(REPORT)
    region = mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    withdraw_region(region=region, by=alice, at=T0, why="wrong")
    upload = filed(REPORT, before.document)
    mark(capture=upload, kind="page", page=1, box=LINE, shows="sent to us")
    replaced(before, pdf("x"))
    assert not RegionCheck.objects.exists()


def test_a_check_can_be_neither_changed_nor_made_twice(original: Any, mark: Any, sql: Any):
    before = original(REPORT)
    mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    change = replaced(before, REPORT)
    with pytest.raises(IntegrityError, match="on record stays"):
        sql("UPDATE claims_regioncheck SET found = ''")
    check = RegionCheck.objects.get()
    with pytest.raises(IntegrityError, match="one_check_per_region_and_change"), transaction.atomic():
        RegionCheck.objects.create(region=check.region, change=change, state="gone", checked_at=T0)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("state = 'gone', page = NULL, found = ''", "says gone; it is moved"),
        ("page = 1", "says moved; it is moved"),
        ("found = 'Around 7450'", "says moved"),
        ("why = 'a hunch'", "says moved"),
    ],
)
def test_a_check_that_was_tampered_with_is_named(
    change: str, problem: str, original: Any, mark: Any, tamper: Any
):
    before = original(REPORT)
    mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    replaced(before, pdf("A cover", WORDS))
    assert sound()
    tamper(f"UPDATE claims_regioncheck SET {change}")
    assert any(problem in fault.problem for fault in fsck.faults())


def test_checks_that_were_taken_away_are_missed_by_the_sums(original: Any, mark: Any, tamper: Any):
    before = original(REPORT)
    mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    replaced(before, pdf("A cover", WORDS))
    tamper("DELETE FROM claims_regioncheck")
    (fault,) = fsck.faults()
    assert fault.problem == "says that 1 quotations were looked for and 0 lost; there are 0 and 0"


@pytest.mark.parametrize("which", ["before", "after"])
def test_an_erasure_of_either_copy_takes_what_was_found(
    which: str, original: Any, mark: Any, bob: Any, desk: Any, alice: Any
):
    from sources.archive.redaction import ask_redaction, decide_redaction
    from tests.cast import make_person

    before = original(REPORT)
    region = mark(capture=before, kind="page", page=1, box=LINE, shows=WORDS)
    change = replaced(before, pdf("A cover", WORDS))
    asked = ask_redaction(capture=getattr(change, which), ground="copyright", reason="r", by=bob, at=T0)
    decide_redaction(redaction=asked, approve=True, by=make_person("erin", desk, "editor"), at=T0)
    check = RegionCheck.objects.get()
    region.refresh_from_db()
    assert (check.state, check.page, check.found) == ("moved", 2, "")
    assert bool(region.shows) == (which == "after")
    assert list(fsck.faults()) == []
