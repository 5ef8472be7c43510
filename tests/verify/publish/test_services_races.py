"""Everybody at once, on a real database: whatever comes first, nothing is published that was not approved as it is."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from claims.statements.models import Claim
from claims.statements.services import edit_claim
from sources.custody.models import Entry
from tests.cast import at_once, make_person
from verify.accounts.models import Desk, Role
from verify.publish.fsck import faults
from verify.publish.models import Publication, Version
from verify.publish.services import correct, publish
from verify.review.content import content_digest
from verify.review.models import Review
from verify.review.services import assign_review, propose_verdict, submit_review

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = 16


@pytest.fixture
def cast(transactional_db: None, researched_claim: Any, desk: Any, alice: Any, bob: Any, carol: Any) -> Any:
    Desk.objects.filter(pk=desk.pk).update(approvals_needed=2)
    return {"alice": alice, "bob": bob, "carol": carol, "erin": make_person("erin", desk, Role.CHECKER)}


def approvers(version: Version) -> set[Any]:
    approvals = Review.objects.filter(content_digest=version.content_digest, opinion="approve")
    return set(approvals.values_list("reviewer_id", flat=True))


def review(task: Any, seen: str) -> Review:
    given = {"opinion": "approve", "reason": "r", "content_digest_seen": seen, "by": task.assignee}
    return submit_review(task=task, at=timezone.now(), **given)


def edit(claim: Claim, text: str, by: Any) -> Claim:
    given = {"revision": claim.revision, "text": text, "headline": "", "by": by}
    return edit_claim(claim=claim, at=timezone.now(), **given)


def send(claim: Claim, by: Any) -> Version:
    """The editor presses the button until it works or time is over."""
    for _ in range(4):
        try:
            if Publication.objects.filter(claim=claim, version__isnull=False).exists():
                return correct(claim=claim, reason="Revised.", by=by, at=timezone.now())
            return publish(claim=claim, by=by, at=timezone.now())
        except ValidationError as refusal:
            last = refusal
    raise last


def ask(claim: Claim, people: list[Any], by: Any) -> list[Any]:
    """Tasks of those who have not judged this content yet; tasks of earlier rounds are put away."""
    claim.tasks.filter(state__in=["assigned", "accepted"]).update(state="done")
    judged = claim.reviews.filter(content_digest=content_digest(claim)).values_list("reviewer_id", flat=True)
    given = {"claim": claim, "by": by, "at": timezone.now()}
    return [assign_review(reviewer=person, **given) for person in people if person.pk not in judged]


def test_no_version_is_ever_published_without_the_approvals_of_its_content(cast, researched_claim):
    alice, bob, reviewers = cast["alice"], cast["bob"], [cast["carol"], cast["erin"]]
    outcomes = []
    for number in range(ROUNDS):
        claim = Claim.objects.get(pk=researched_claim.pk)
        if number % 2:  # half of the rounds begin with new content, half with whatever the one before left
            edit(claim, f"The group put the dead at {1000 + number}.", alice)
            claim.refresh_from_db()
        tasks = ask(claim, reviewers, bob)
        claim.refresh_from_db()
        seen = content_digest(claim)
        acts = [partial(review, task, seen) for task in tasks] + [partial(send, claim, bob)]
        if number % 3:
            acts.append(partial(edit, claim, f"The group put the dead at {2000 + number}.", alice))
        outcomes += at_once(*acts)
        for version in Version.objects.filter(claim=claim):
            assert len(approvers(version)) == 2, f"round {number}: {version} is not approved by two"
    assert list(faults()) == []
    assert any(isinstance(outcome, Version) for outcome in outcomes), "nothing was published in any round"
    assert any(isinstance(outcome, ValidationError) for outcome in outcomes), "nobody was ever too late"
    assert list(Entry.objects.values_list("index", flat=True)) == list(range(Entry.objects.count()))


def test_two_editors_who_publish_at_once_make_one_version(approved_claim, desk, bob):
    second = make_person("frank", desk, Role.EDITOR)
    acts = [partial(publish, claim=approved_claim, by=by, at=timezone.now()) for by in (bob, second)]
    outcomes = at_once(*acts)
    assert sum(isinstance(outcome, Version) for outcome in outcomes) == 1
    assert Version.objects.count() == 1


def test_two_reviewers_who_answer_at_once_approve_once(cast, researched_claim, bob):
    tasks = ask(researched_claim, [cast["carol"], cast["erin"]], bob)
    seen = content_digest(Claim.objects.get(pk=researched_claim.pk))
    outcomes = at_once(*(partial(review, task, seen) for task in tasks))
    assert all(isinstance(outcome, Review) for outcome in outcomes)
    assert Claim.objects.get(pk=researched_claim.pk).workflow == "approved"
    assert Entry.objects.filter(kind="verdict-approved").count() == 1


def test_two_edits_of_one_revision_keep_one(researched_claim, alice, carol):
    claim = Claim.objects.get(pk=researched_claim.pk)
    outcomes = at_once(partial(edit, claim, "One.", alice), partial(edit, claim, "Other.", carol))
    (kept,) = [outcome for outcome in outcomes if isinstance(outcome, Claim)]
    assert Claim.objects.get(pk=claim.pk).text == kept.text


def test_verdicts_proposed_at_once_are_numbered_and_nobody_waits_in_a_circle(cast, researched_claim, desk):
    def propose(by: Any) -> None:
        given = {"claim": researched_claim, "rating": desk.ratings.first(), "rationale": "r", "by": by}
        for _ in range(4):
            propose_verdict(at=timezone.now(), **given)

    at_once(*(partial(propose, cast[name]) for name in ("alice", "carol", "erin")))
    assert sorted(researched_claim.verdicts.values_list("number", flat=True)) == list(range(1, 14))
