"""Marking places: only where they lie in the file, only of one's own desk, on record, and never in what is erased."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from claims.attribution import fsck
from claims.attribution.models import Region
from claims.attribution.region_services import mark_region, withdraw_region
from claims.attribution.services import link_evidence
from sources.archive import redaction_fsck, storage
from sources.archive.models import Blob
from sources.archive.redaction import ask_redaction, carry_out, decide_redaction
from sources.custody import services as custody
from sources.custody.models import Entry, Opening
from tests.cast import T0, at_once
from tests.claims.attribution.places import FILM, LINE, PICTURE, REPORT, WORDS, filed, pictured

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(make_document: Any) -> Any:
    return filed(REPORT, make_document())


@pytest.fixture
def mark(alice: Any) -> Any:
    return partial(mark_region, by=alice, at=T0)


def test_a_box_on_a_page_keeps_what_stands_there_and_is_logged(report: Any, mark: Any, alice: Any):
    region = mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)
    assert (region.found, region.blob_sha256, region.page) == (WORDS, report.body_id, 1)
    entry = Entry.objects.get(subject_type="region", subject_id=str(region.pk))
    body = entry.read()
    assert body.kind == "anchor-made"
    assert body.facts == {
        "blob_sha256": report.body_id, "kind": "page", "page": 1, "box": list(LINE), "span": None,
    }  # fmt: skip
    assert set(body.commitments) == {"shows", "found"} and "745" not in bytes(entry.body).decode()
    shown = Opening.objects.get(entry=entry, name="shows").value
    assert json.loads(shown) == WORDS
    assert list(fsck.faults()) == []


def test_what_it_shows_may_differ_from_the_words_that_the_file_holds(report: Any, mark: Any):
    region = mark(capture=report, kind="page", page=2, box=LINE, shows="a stamp of the ministry")
    assert (region.shows, region.found) == ("a stamp of the ministry", "The second page")


def test_a_box_in_a_picture_and_a_span_of_a_film(make_document: Any, mark: Any):
    picture, film = filed(PICTURE, make_document()), filed(FILM, make_document())
    mark(capture=picture, kind="picture", box=(0, 0, 640, 480), shows="the bridge")
    whole = mark(capture=film, kind="time", span=(0, 20_000), shows="a convoy")
    inside = mark(capture=film, kind="time", span=(500, 900), box=(600, 300, 40, 60), shows="a flag")
    assert (whole.left, inside.fragment) == (None, "t=0.5,0.9&xywh=pixel:600,300,40,60")
    assert list(fsck.faults()) == []


def test_a_screenshot_is_marked_by_its_own_name(make_capture: Any, mark: Any):
    capture = pictured(make_capture(), PICTURE)
    region = mark(capture=capture, kind="picture", box=(1, 2, 3, 4), shows="the headline", on="screenshot")
    assert region.blob_sha256 == capture.renditions.get().blob_id
    with pytest.raises(ValidationError, match="this is text/plain"):
        mark(capture=capture, kind="picture", box=(1, 2, 3, 4), shows="the headline")


@pytest.mark.parametrize(
    ("content", "given", "reason"),
    [
        (REPORT, {"kind": "page", "page": 3, "box": LINE}, "The PDF has 2 pages"),
        (REPORT, {"kind": "page", "page": 1, "box": (400, 10, 196, 5)}, "must lie within 595 × 842"),
        (REPORT, {"kind": "page", "page": 1, "box": (0, 0, 0, 5)}, "must lie within"),
        (REPORT, {"kind": "page", "page": 1}, "Draw a box"),
        (REPORT, {"kind": "page", "box": LINE}, "on which page"),
        (REPORT, {"kind": "picture", "box": LINE}, "measured on a page of a PDF"),
        (PICTURE, {"kind": "picture", "box": (600, 0, 41, 5)}, "must lie within 640 × 480"),
        (PICTURE, {"kind": "page", "page": 1, "box": LINE}, "measured in a picture"),
        (PICTURE, {"kind": "picture", "box": LINE, "on": "screenshot"}, "holds nothing"),
        (PICTURE, {"kind": "picture", "box": LINE, "on": "package"}, "holds nothing"),
        (FILM, {"kind": "time", "span": (19_000, 20_001)}, "ends at 0:20"),
        (FILM, {"kind": "time", "span": (5, 5)}, "the end comes after"),
        (FILM, {"kind": "time"}, "from when to when"),
        (FILM, {"kind": "time", "span": (0, 10), "box": (0, 0, 641, 1)}, "must lie within 640 × 360"),
        (REPORT[:300], {"kind": "page", "page": 1, "box": LINE}, "broken"),
        (b"just words", {"kind": "page", "page": 1, "box": LINE}, "this is text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"kind": "picture", "box": LINE}, "image/svg"),
    ],
)
def test_what_does_not_lie_in_the_file_is_refused(
    content: bytes, given: dict[str, Any], reason: str, make_document: Any, mark: Any
):
    with pytest.raises(ValidationError) as refused:
        mark(capture=filed(content, make_document()), shows="x", **given)
    assert reason in " ".join(refused.value.messages)
    assert not Region.objects.exists()


def test_nothing_said_and_the_same_said_twice_are_refused(report: Any, mark: Any):
    with pytest.raises(ValidationError, match="Say what"):
        mark(capture=report, kind="page", page=1, box=LINE, shows=" \n")
    mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)
    with pytest.raises(ValidationError, match="marked already"):
        mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)


def test_only_checkers_of_the_desk_mark_and_withdraw(report: Any, mark: Any, dave: Any, mallory: Any):
    region = mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)
    for stranger in (dave, mallory):
        with pytest.raises(PermissionDenied):
            mark(capture=report, kind="page", page=2, box=LINE, shows="x", by=stranger)
        with pytest.raises(PermissionDenied):
            withdraw_region(region=region, by=stranger, at=T0, why="x")


def test_it_is_tied_to_an_assertion_of_the_desk_which_its_reviewers_see_changed(
    report: Any, mark: Any, approved_claim: Any, make_claim: Any, make_assertion: Any, mallory: Any, other_desk: Any,
    make_source: Any,
):  # fmt: skip
    assertion, before = approved_claim.assertions.get(), approved_claim.revision
    region = mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS, assertion=assertion)
    approved_claim.refresh_from_db()
    assert (region.assertion, approved_claim.revision, approved_claim.workflow) == (
        assertion,
        before + 1,
        "in-research",
    )
    theirs = make_assertion(
        make_claim(desk=other_desk, by=mallory), make_source(desk=other_desk, by=mallory), by=mallory
    )
    with pytest.raises(ValidationError, match="same desk"):
        mark(capture=report, kind="page", page=2, box=LINE, shows=WORDS, assertion=theirs)


def test_a_withdrawn_region_stays_and_counts_nowhere(
    report: Any, mark: Any, alice: Any, researched_claim: Any
):
    assertion = researched_claim.assertions.get()
    region = mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS, assertion=assertion)
    revision = type(researched_claim).objects.get(pk=researched_claim.pk).revision
    with pytest.raises(ValidationError):
        withdraw_region(region=region, by=alice, at=T0, why=" ")
    gone = withdraw_region(region=region, by=alice, at=T0, why="The wrong line.")
    assert (gone.withdrawn_by, gone.withdrawn_because) == (alice, "The wrong line.")
    researched_claim.refresh_from_db()
    assert researched_claim.revision == revision + 1
    assert not Region.objects.standing().exists() and list(fsck.faults()) == []
    with pytest.raises(ValidationError, match="already"):
        withdraw_region(region=region, by=alice, at=T0, why="again")
    mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS, assertion=assertion)  # anew


def test_what_evidence_rests_on_is_not_withdrawn(report: Any, mark: Any, alice: Any, make_claim: Any):
    region = mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)
    link_evidence(claim=make_claim(), region=region, stance="corroborates", reason="r", by=alice, at=T0)
    with pytest.raises(ValidationError, match="withdraw the evidence first"):
        withdraw_region(region=region, by=alice, at=T0, why="x")


def test_damaged_bytes_are_told_and_not_marked(report: Any, mark: Any, settings: Any):
    path = settings.MEDIA_ROOT / report.body.path
    path.chmod(0o640)
    path.write_bytes(b"%PDF-something else")
    with pytest.raises(ValidationError, match="damaged"):
        mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)


# -- erasure ----------------------------------------------------------------------------------------------------------


def erased(capture: Any, asker: Any, decider: Any) -> Any:
    asked = ask_redaction(capture=capture, ground="court-order", reason="An order.", by=asker, at=T0)
    return decide_redaction(redaction=asked, approve=True, by=decider, at=T0)


@pytest.fixture
def erin(desk: Any) -> Any:
    from tests.cast import make_person
    from verify.accounts.models import Role

    return make_person("erin", desk, Role.EDITOR)


def test_an_erasure_takes_what_regions_showed_and_the_bytes(
    report: Any, mark: Any, bob: Any, erin: Any, researched_claim: Any
):
    assertion, body = researched_claim.assertions.get(), report.body_id
    region = mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS, assertion=assertion)
    revision = type(researched_claim).objects.get(pk=researched_claim.pk).revision
    redaction = erased(report, bob, erin)
    region.refresh_from_db()
    assert (region.shows, region.found, region.page, region.blob_sha256) == ("", "", 1, body)
    researched_claim.refresh_from_db()
    assert researched_claim.revision == revision + 1
    entry = Entry.objects.get(subject_type="region", subject_id=str(region.pk), kind="anchor-made")
    assert set(Opening.objects.filter(entry=entry).values_list("name", flat=True)) == {"by"}
    assert redaction.entry.read().facts["regions"] == 1
    assert carry_out(redaction_id=redaction.pk, at=T0)
    assert not Blob.objects.filter(pk=body).exists() and not storage.exists(body)
    assert list(fsck.faults()) == [] and list(redaction_fsck.faults()) == []


def test_the_database_refuses_a_region_in_an_erased_capture(
    report: Any, mark: Any, bob: Any, erin: Any, alice: Any
):
    stale = type(report).objects.select_related("body", "desk").get(pk=report.pk)
    assert stale.body is not None
    erased(report, bob, erin)
    with pytest.raises(ValidationError, match="erased meanwhile"):
        mark(capture=stale, kind="page", page=1, box=LINE, shows=WORDS)
    with pytest.raises(IntegrityError, match="not archived"), transaction.atomic():
        Region.objects.create(
            capture=report, blob_sha256="0" * 64, kind="picture", left=0, top=0, width=1, height=1, shows="x",
            created_by=alice, created_at=T0,
        )  # fmt: skip
    assert not Region.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_marks_while_it_is_erased_is_emptied_or_refused(report: Any, mark: Any, bob: Any, erin: Any):
    asked = ask_redaction(capture=report, ground="court-order", reason="An order.", by=bob, at=T0)
    fresh = type(report).objects.select_related("body", "desk").get(pk=report.pk)
    assert fresh.body is not None
    at_once(
        lambda: mark(capture=fresh, kind="page", page=1, box=LINE, shows=WORDS),
        lambda: decide_redaction(redaction=asked, approve=True, by=erin, at=T0),
    )
    assert not Region.objects.exclude(shows="", found="").exists()
    assert list(fsck.faults()) == []


# -- fsck -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ('"left" = 400', "does not lie in its file"),
        ("top = 400", "are not those that it says"),
        ("page = 7", "does not lie in its file"),
        ("page = 2", "are not those that it says"),
        ("found = 'Around 7450 civilians were killed.'", "are not those that it says"),
        ("shows = 'Around 7450'", "commits to another “shows”"),
        ("blob_sha256 = repeat('0', 64)", "is none of its capture"),
        ("kind = 'picture', page = NULL", "no place is measured in a picture"),
        ("width = width - 1", "says that it lies elsewhere"),
    ],
)
def test_a_region_that_was_tampered_with_is_named(
    change: str, problem: str, report: Any, mark: Any, sql: Any
):
    region = mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)
    sql(f"UPDATE claims_region SET {change} WHERE id = %s", [region.pk])
    found = list(fsck.faults())
    assert {fault.thing for fault in found} == {f"region {region.pk}"}
    assert any(problem in fault.problem for fault in found), found


def test_a_region_that_the_log_knows_nothing_of_is_named(report: Any, alice: Any):
    made = Region.objects.create(
        capture=report, blob_sha256=report.body_id, kind="page", page=1, left=LINE[0], top=LINE[1], width=LINE[2],
        height=LINE[3], shows=WORDS, found=WORDS, created_by=alice, created_at=T0,
    )  # fmt: skip
    (fault,) = fsck.faults()
    assert (fault.thing, fault.problem) == (f"region {made.pk}", "the log has no entry of its making")


def test_openings_that_an_erasure_left_are_named(
    report: Any, mark: Any, bob: Any, erin: Any, monkeypatch: Any
):
    mark(capture=report, kind="page", page=1, box=LINE, shows=WORDS)
    with monkeypatch.context() as forgetful:
        forgetful.setattr(custody, "erase_openings", lambda **_: None)
        asked = ask_redaction(capture=report, ground="court-order", reason="An order.", by=bob, at=T0)
        decide_redaction(redaction=asked, approve=True, by=erin, at=T0)
    assert sorted("opening" in fault.problem for fault in fsck.faults()) == [True, True]
