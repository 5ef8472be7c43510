"""A change, or a check of a quotation, that was tampered with is named; one that holds is not."""

from __future__ import annotations

from itertools import chain

import pytest

from claims.attribution import fsck as attribution_fsck
from claims.attribution.models import AnchorCheck
from sources.archive import changes_fsck
from sources.archive.models import Change
from tests.sources.archive.newspaper import PATH, SENTENCES, article
from tests.sources.archive.test_comparing import anchor, paper, seen, visit  # noqa: F401  # fixtures


@pytest.fixture
def change(anchor, visit, paper):  # noqa: F811
    """A quotation was altered, after the page had been gone and come back."""
    visit()
    paper.put(PATH, status=404)
    visit()
    paper.put(PATH, article(toll=SENTENCES["toll"].replace("745", "700")))
    made = visit()
    assert faults() == []
    return made


def faults():
    return list(chain(changes_fsck.faults(), attribution_fsck.faults()))


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ("kind = 'edited'", "result is edited"),
        ("is_alert = false", "alert is False"),
        ("words_added = 7", "its texts differ by 1 and 1"),
        ("quotes_lost = 0", "there are 1 and 1"),
        ("quotes_checked = 2", "quotes_checked is 2"),
    ],
)
def test_a_tampered_change_is_named(change, tamper, column, problem):
    tamper(f"UPDATE sources_change SET {column} WHERE id = %s", [change.pk])
    found = faults()
    assert f"change {change.pk}" in {fault.thing for fault in found}
    assert any(problem in fault.problem for fault in found), found


def test_a_change_that_was_given_to_another_document_is_named(change, make_document, tamper):
    tamper("UPDATE sources_change SET document_id = %s WHERE id = %s", [make_document().pk, change.pk])
    assert "its two captures are not both of its document" in [fault.problem for fault in faults()]


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ("state = 'intact'", "looked for again, the quotation is altered"),
        ("exact = 'around 745 civilians'", "the quotation is altered"),
        ("start = start - 3", "the quotation is altered"),
        ("changes_sense = false", "number or a negation"),
    ],
)
def test_a_tampered_check_is_named(change, tamper, column, problem):
    check = change.anchor_checks.get()
    tamper(f"UPDATE claims_anchorcheck SET {column} WHERE id = %s", [check.pk])
    (fault,) = [fault for fault in faults() if fault.thing.startswith("check ")]
    assert fault.thing == f"check {check.pk} of anchor {check.anchor_id}"
    assert problem in fault.problem


def test_a_change_that_was_taken_away_is_missed_by_the_log(change, tamper):
    AnchorCheck.objects.filter(change=change).delete()
    Change.objects.filter(pk=change.pk).delete()
    (fault,) = faults()
    assert (fault.thing, "it is not there" in fault.problem) == (f"change to capture {change.after_id}", True)


def test_a_check_that_was_taken_away_is_missed(change):
    change.anchor_checks.all().delete()
    (fault,) = faults()
    assert fault.problem == "says that 1 quotations were looked for and 1 lost; there are 0 and 0"


def test_a_text_that_is_not_the_one_that_was_compared_is_named(change, tamper):
    tamper(
        "UPDATE sources_text SET content = 'x', sha256 = encode(sha256('x'), 'hex') WHERE capture_id = %s",
        [change.after_id],
    )
    assert any("is the one that was compared" in fault.problem for fault in faults())
