"""What the system asks for by itself: a decided claim is looked at again when what it stands on changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.attribution.services import link_evidence
from claims.statements.models import Axis, Claim, Transition
from claims.statements.services import add_figure, move, withdraw_figure
from tests.cast import ARTICLE, T0, at_once
from tests.recaptures import fetched, recaptured
from verify.notify.models import Notification
from verify.publish.services import retract
from verify.review.models import DueTime, Review, Task
from verify.review.rechecks import BACK, raise_rechecks
from verify.review.services import assign_review, cancel_task, take_task
from verify.review.tasks import raise_rechecks as swept

LATER = T0 + timedelta(hours=6)
ALTERED = ARTICLE.replace("around 745", "more than 800")


def rechecks() -> list[tuple[str, str]]:
    return list(Task.objects.filter(kind="recheck").order_by("created_at").values_list("cause", "state"))


def workflow(claim) -> str:
    return Claim.objects.get(pk=claim.pk).workflow


@pytest.fixture
def quoted(approved_claim):
    """The copy in which the approved claim's quotation stands, as if it had been fetched."""
    return fetched(approved_claim.assertions.get().anchors.get().text.capture, hours=0)


@pytest.fixture
def later(make_capture, quoted):
    return lambda content=ALTERED, **given: recaptured(make_capture, quoted, content, **{"hours": 3} | given)


# --- Pages --------------------------------------------------------------------------------------------------------


def test_a_lost_quotation_asks_for_one_recheck_and_tells_the_editors(approved_claim, desk, bob, later):
    DueTime.objects.create(desk=desk, kind="recheck", hours=24)
    change = later()
    assert (raise_rechecks(LATER), raise_rechecks(LATER)) == (1, 0)
    task = Task.objects.get(kind="recheck")
    assert (task.cause, task.change, task.state, task.created_by) == ("lost-quote", change, "open", None)
    assert task.due_at == LATER + timedelta(hours=24)
    assert [str(each.recipient) for each in Notification.objects.filter(kind="recheck")] == ["Bob"]
    noted = Transition.objects.filter(axis=Axis.TASK).latest("id")
    assert (noted.subject, noted.by, noted.new) == (task.pk, None, "open")
    assert workflow(approved_claim) == "approved"  # it is asked, not decided


def test_a_page_that_changed_elsewhere_asks_too(approved_claim, bob, later):
    later(ARTICLE + "\n\nThe headline was " + "changed " * 40)
    assert raise_rechecks(LATER) == 1
    assert rechecks() == [("changed-page", "open")]


def test_a_page_that_is_gone_asks_of_what_stands_on_it_as_a_whole(
    approved_claim, alice, bob, make_claim, later
):
    later("410", status=410)
    assert raise_rechecks(LATER) == 1
    assert rechecks()[0][0] == "lost-quote"  # with the page its quotation


def test_evidence_that_names_the_page_is_enough(
    researched_claim, make_capture, alice, bob, carol, ask, answer
):
    capture = make_capture("A register of the dead. " * 8)
    given = {"stance": "corroborates", "credibility": 3, "reason": "The register.", "by": alice, "at": T0}
    link_evidence(claim=researched_claim, document=capture.document, **given)
    answer(ask(Claim.objects.get(pk=researched_claim.pk), carol))
    recaptured(make_capture, fetched(capture, hours=0), "410", hours=3, status=410)
    assert raise_rechecks(LATER) == 1
    assert rechecks() == [("changed-page", "open")]


@pytest.mark.parametrize("state", ["in-research", "in-review", "duplicate"])
def test_a_claim_that_nobody_decided_is_not_asked_about(approved_claim, later, state):
    later()
    Claim.objects.filter(pk=approved_claim.pk).update(workflow=state)
    assert raise_rechecks(LATER) == 0


def test_a_published_claim_is_asked_about_while_it_is_researched_again(published_claim, bob, later):
    later()
    Claim.objects.filter(pk=published_claim.pk).update(workflow="in-research")
    assert raise_rechecks(LATER) == 1


def test_a_retracted_claim_is_not(published_claim, bob, later):
    later()
    retract(claim=published_claim, reason="Wrong.", by=bob, at=LATER)
    Claim.objects.filter(pk=published_claim.pk).update(workflow="in-research")
    assert raise_rechecks(LATER) == 0


def test_what_changed_before_the_claim_was_approved_is_not_asked_about(
    researched_claim, make_capture, carol, ask, answer
):
    quoted = fetched(researched_claim.assertions.get().anchors.get().text.capture, hours=0)
    recaptured(make_capture, quoted, ALTERED, hours=1)
    answer(ask(researched_claim, carol), at=T0 + timedelta(hours=2))
    assert raise_rechecks(LATER) == 0


def test_what_nobody_needs_to_look_at_asks_for_nothing(approved_claim, later):
    later(ARTICLE)
    assert raise_rechecks(LATER) == 0


def test_a_sweep_looks_back_so_far_and_no_further(approved_claim, later):
    change = later()
    assert raise_rechecks(change.detected_at + BACK + timedelta(seconds=1)) == 0
    assert raise_rechecks(change.detected_at + BACK) == 1


def test_a_recheck_that_was_cancelled_is_not_asked_for_again(approved_claim, bob, later):
    later()
    raise_rechecks(LATER)
    cancel_task(task=Task.objects.get(kind="recheck"), reason="Seen.", by=bob, at=LATER)
    assert raise_rechecks(LATER) == 0


def test_a_sweep_costs_the_same_when_there_is_nothing_to_do(approved_claim, later, django_assert_num_queries):
    with django_assert_num_queries(2):
        raise_rechecks(LATER)
    later()
    raise_rechecks(LATER)
    with django_assert_num_queries(2):
        raise_rechecks(LATER)


def test_worker_sweeps(approved_claim, later):
    later()
    assert swept() == 0  # long ago by the clock of the worker


# --- Figures ------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(researched_claim, alice, carol, ask, answer):
    """An approved claim with a figure of which another claim may have the next."""
    given = {"lower": 745, "upper": 745, "unit": "people-killed", "as_of": T0, "as_written": "745"}
    claim = Claim.objects.get(pk=researched_claim.pk)
    figure = add_figure(claim=claim, by=alice, at=T0, **given)
    answer(ask(Claim.objects.get(pk=claim.pk), carol))
    return figure


def successor(figure, claim, by):
    given = {
        "lower": 1383,
        "upper": 1383,
        "unit": "people-killed",
        "as_written": "1,383",
        "supersedes": figure,
    }
    return add_figure(claim=claim, by=by, at=timezone.now(), as_of=T0 + timedelta(days=3), **given)


def test_a_figure_that_was_replaced_in_another_claim_asks_once(counted, make_claim, alice, bob):
    figure = successor(counted, make_claim(), alice)
    now = timezone.now() + timedelta(seconds=1)
    assert (raise_rechecks(now), raise_rechecks(now)) == (1, 0)
    task = Task.objects.get(kind="recheck")
    assert (task.cause, task.figure, task.claim) == ("new-figure", figure, counted.claim)


def test_a_successor_that_was_withdrawn_asks_for_nothing(counted, make_claim, alice):
    figure = successor(counted, make_claim(), alice)
    withdraw_figure(figure=figure, by=alice, at=timezone.now(), why="A misreading.")
    assert raise_rechecks(timezone.now()) == 0


def test_a_successor_in_the_claim_itself_reopens_it_and_asks_for_nothing(counted, alice):
    successor(counted, Claim.objects.get(pk=counted.claim_id), alice)
    assert (workflow(counted.claim), raise_rechecks(timezone.now())) == ("in-research", 0)


# --- Answering ----------------------------------------------------------------------------------------------------


@pytest.fixture
def recheck(approved_claim, later):
    later()
    raise_rechecks(LATER)
    return Task.objects.get(kind="recheck")


def test_a_claim_that_still_holds_stays_as_it_is(approved_claim, recheck, erin, answer):
    task = take_task(task=recheck, by=erin, at=LATER)
    review = answer(task)
    assert (Task.objects.get(pk=task.pk).state, workflow(approved_claim)) == ("done", "approved")
    assert review.rating is None and Review.objects.filter(kind="recheck").count() == 1


def test_a_claim_that_no_longer_holds_is_opened_again_with_the_reason(approved_claim, recheck, erin, answer):
    answer(take_task(task=recheck, by=erin, at=LATER), "return", reason="The page says 800 now.")
    assert workflow(approved_claim) == "in-research"
    moved = Transition.objects.filter(axis=Axis.WORKFLOW).latest("id")
    assert (moved.old, moved.new, moved.reason) == ("approved", "in-research", "The page says 800 now.")
    told = Notification.objects.filter(kind="returned")
    assert {str(each.recipient) for each in told} == {"Alice", "Bob"}


def test_a_closed_claim_is_opened_again_too(approved_claim, recheck, bob, erin, answer):
    move(claim=approved_claim, to="closed", reason="", by=bob, at=LATER)
    answer(take_task(task=recheck, by=erin, at=LATER), "return")
    assert workflow(approved_claim) == "in-research"


def test_one_content_may_need_several_rechecks_by_one_person(
    approved_claim, recheck, carol, later, make_capture, answer
):
    answer(take_task(task=recheck, by=carol, at=LATER))
    recaptured(make_capture, recheck.change.after, ARTICLE.replace("around 745", "fewer than 9"), hours=5)
    assert raise_rechecks(LATER) == 1
    again = Task.objects.get(kind="recheck", state="open")
    assert answer(take_task(task=again, by=carol, at=LATER)).opinion == "approve"


def test_the_author_does_not_recheck(recheck, alice):
    with pytest.raises(PermissionDenied):
        take_task(task=recheck, by=alice, at=LATER)


def test_an_editor_asks_for_a_recheck_of_what_was_decided_only(researched_claim, bob, carol, ask, answer):
    given = {"claim": researched_claim, "reviewer": None, "kind": "recheck", "by": bob, "at": T0}
    with pytest.raises(ValidationError, match="approved or published"):
        assign_review(**given)
    answer(ask(researched_claim, carol))
    assert assign_review(**given).cause == ""
    assert workflow(researched_claim) == "approved"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_ask_once(transactional_db, approved_claim, later):
    later()
    assert sum(at_once(*[lambda: raise_rechecks(LATER)] * 4)) == 1
    assert rechecks() == [("lost-quote", "open")]
