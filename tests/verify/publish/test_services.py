"""Publishing: only what enough people approved, once and for all, each version tied to the one before it."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from claims.attribution.services import link_evidence
from claims.statements.models import Axis, Claim, Transition
from sources.catalog.affiliations import affiliate
from sources.custody.canonical import canonical
from sources.custody.kinds import Kind
from sources.custody.models import Entry
from verify.accounts.models import Desk
from verify.publish.models import Publication, Version
from verify.publish.services import correct, pause, publish, resume, retract
from verify.publish.states import TRANSITIONS, PublicationState
from verify.review.content import content_digest
from verify.review.services import assign_review, submit_review

NOW = timezone.now()


def state(claim: Claim) -> str:
    return Publication.objects.get(pk=claim.pk).state


def numbers(claim: Claim) -> list[tuple[int, str]]:
    return list(claim.versions.order_by("number").values_list("number", "kind"))


def refused(match: str | None, service, claim: Claim, by, **arguments) -> None:
    """The service says no with that sentence, and neither version nor entry nor transition is left behind."""
    before = Version.objects.count(), Entry.objects.count(), Transition.objects.count()
    with pytest.raises(ValidationError, match=match):
        service(claim=claim, by=by, at=NOW, **arguments)
    assert (Version.objects.count(), Entry.objects.count(), Transition.objects.count()) == before


# --- What may be published ------------------------------------------------------------------------------------------


def test_a_claim_that_nobody_approved_is_refused(researched_claim, bob):
    refused("not approved yet", publish, researched_claim, bob)


def test_an_approved_claim_is_published_in_the_very_content_that_was_approved(approved_claim, bob):
    version = publish(claim=approved_claim, by=bob, at=NOW)
    approved = content_digest(Claim.objects.get(pk=approved_claim.pk))
    assert (version.number, version.kind, version.content_digest) == (1, "published", approved)
    assert (state(approved_claim), version.published_by) == ("published", bob)
    assert Transition.objects.filter(axis=Axis.PUBLICATION).latest("id").subject == version.pk


@pytest.mark.parametrize("tied", [False, True])
def test_a_grade_beyond_what_the_origins_allow_by_now_is_not_published(
    researched_claim, make_assertion, desk, alice, bob, carol, tied
):
    other, first = make_assertion(researched_claim), researched_claim.assertions.earliest("created_at")
    judged = {"stance": "corroborates", "credibility": 1, "reason": "Two say it."}
    link_evidence(claim=researched_claim, assertion=other, **judged, by=alice, at=NOW)
    task = assign_review(claim=Claim.objects.get(pk=researched_claim.pk), reviewer=carol, by=bob, at=NOW)
    seen = content_digest(researched_claim)
    submit_review(
        task=task, opinion="approve", reason="Both hold.", content_digest_seen=seen, by=carol, at=NOW
    )
    if not tied:
        assert publish(claim=researched_claim, by=bob, at=NOW).number == 1
        return
    affiliate(source=other.speaker, kind="owned-by", principal=first.speaker, by=alice, at=NOW)
    assert content_digest(researched_claim) == seen
    refused("confirmed by other sources", publish, researched_claim, bob)


def test_an_edit_after_the_approval_is_not_published(approved_claim, bob, reword):
    reword(approved_claim, "About 10,000 were killed.")
    refused("not approved yet", publish, approved_claim, bob)


def test_a_change_behind_the_services_back_is_not_published_either(approved_claim, bob):
    Claim.objects.filter(pk=approved_claim.pk).update(text="About 10,000 were killed.")
    refused("it has 0", publish, approved_claim, bob)


def test_a_desk_that_raises_its_bar_holds_back_what_has_too_few_approvals(approved_claim, desk, bob):
    Desk.objects.filter(pk=desk.pk).update(approvals_needed=2)
    refused("needs 2 approvals of exactly this content; it has 1", publish, approved_claim, bob)


def test_an_approval_does_not_publish_what_was_sent_back_to_research(approved_claim, bob):
    Claim.objects.filter(pk=approved_claim.pk).update(workflow="in-research")
    refused("not approved yet", publish, approved_claim, bob)


@pytest.mark.parametrize("who", ["alice", "dave", "mallory"])
def test_only_editors_of_the_desk_publish_pause_correct_and_retract(request, published_claim, who):
    by = request.getfixturevalue(who)
    for act in (publish, correct, pause, resume, retract):
        with pytest.raises(PermissionDenied):
            act(claim=published_claim, by=by, at=NOW, **({} if act is publish else {"reason": "r"}))
    assert numbers(published_claim) == [(1, "published")]


# --- What the database holds ----------------------------------------------------------------------------------------


def insert_version(claim, by, digest: str, **fields):
    """A version as a statement of SQL would write it, past every service."""
    snapshot = b"{}"
    fields = {
        "claim": claim,
        "number": 9,
        "content_digest": digest,
        "snapshot": snapshot,
        "sha256": hashlib.sha256(snapshot).hexdigest(),
        "published_by": by,
        "published_at": NOW,
        "entry": Entry.objects.earliest("index"),
    } | fields
    with transaction.atomic():
        Version.objects.bulk_create([Version(**fields)])


def test_the_database_refuses_a_version_that_nobody_approved(researched_claim, bob):
    digest = content_digest(researched_claim)
    with pytest.raises(IntegrityError, match="Publishing needs 1 approvals"):
        insert_version(researched_claim, bob, digest)


def test_the_database_refuses_a_version_with_too_few_approvals(approved_claim, desk, bob):
    Desk.objects.filter(pk=desk.pk).update(approvals_needed=2)
    with pytest.raises(IntegrityError, match="Publishing needs 2 approvals"):
        insert_version(approved_claim, bob, content_digest(approved_claim))


def test_the_database_refuses_a_digest_that_is_not_the_snapshots(approved_claim, bob):
    with pytest.raises(IntegrityError, match="version_has_its_own_digest"):
        insert_version(approved_claim, bob, content_digest(approved_claim), sha256="0" * 64)


def test_the_database_refuses_a_correction_without_a_public_reason(approved_claim, bob):
    with pytest.raises(IntegrityError, match="a_correction_has_a_public_reason"):
        insert_version(approved_claim, bob, content_digest(approved_claim), kind="corrected")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE verify_version SET reason = 'no reason'",
        "UPDATE verify_version SET snapshot = '{}'::bytea, sha256 = encode(sha256('{}'::bytea), 'hex')",
        "UPDATE verify_version SET published_at = now()",
        "DELETE FROM verify_version",
        "TRUNCATE verify_version",
    ],
)
def test_a_version_cannot_be_changed_removed_or_truncated(published_claim, sql, statement):
    with pytest.raises(DatabaseError, match=r"a_version_never_changes|cannot truncate"):
        sql(statement)
    assert Version.objects.count() == 1


def test_the_database_refuses_a_publication_that_is_shown_without_a_version(researched_claim):
    with pytest.raises(IntegrityError, match="published_means_there_is_a_version"), transaction.atomic():
        Publication.objects.create(claim=researched_claim, state="published", changed_at=NOW)


# --- What happens afterwards ------------------------------------------------------------------------------------------


def test_every_state_of_a_publication_has_a_row_of_moves_and_retracted_is_the_end():
    assert set(TRANSITIONS) == set(PublicationState)
    assert TRANSITIONS[PublicationState.RETRACTED] == frozenset()


def test_a_published_claim_is_not_published_twice(published_claim, bob):
    refused("published already", publish, published_claim, bob)


def test_a_correction_needs_approval_of_the_new_content(published_claim, bob, reword):
    refused("Nothing has changed since", correct, published_claim, bob, reason="r")
    reword(published_claim, "The group put the dead at 803.")
    refused("not approved yet", correct, published_claim, bob, reason="r")
    assert numbers(published_claim) == [(1, "published")]


def test_a_correction_is_a_new_version_and_the_old_one_stays_as_it_was(published_claim, bob, reword, approve):
    before = bytes(Version.objects.get().snapshot)
    reword(published_claim, "The group put the dead at 803.")
    approve(published_claim)
    version = correct(claim=published_claim, reason="The group revised its count.", by=bob, at=NOW)
    assert numbers(published_claim) == [(1, "published"), (2, "corrected")]
    assert bytes(Version.objects.get(number=1).snapshot) == before
    assert (state(published_claim), Publication.objects.get().version) == ("corrected", version)
    assert json.loads(version.snapshot)["reason"] == "The group revised its count."


@pytest.mark.parametrize("act", [correct, retract, pause, resume])
def test_what_happens_to_a_published_claim_has_a_public_reason(published_claim, bob, act):
    with pytest.raises(ValidationError) as refusal:
        act(claim=published_claim, reason=" ", by=bob, at=NOW)
    assert list(refusal.value.message_dict) == ["reason"]


def test_a_retraction_keeps_what_was_published_and_is_final(published_claim, bob, reword, approve):
    published = json.loads(Version.objects.get().snapshot)["claim"]
    reword(published_claim, "Reworded since, and not approved.")
    version = retract(claim=published_claim, reason="The count was of another day.", by=bob, at=NOW)
    assert json.loads(version.snapshot)["claim"] == published
    assert (state(published_claim), version.kind, version.number) == ("retracted", "retracted", 2)
    refused("cannot go from", retract, published_claim, bob, reason="r")
    refused("cannot go from", pause, published_claim, bob, reason="r")
    approve(published_claim)
    refused("cannot go from", correct, published_claim, bob, reason="r")
    refused("published already", publish, published_claim, bob)


def test_a_pause_hides_without_erasing_and_a_resumption_shows_the_same_version(published_claim, bob):
    version = Version.objects.get()
    pause(claim=published_claim, reason="We are checking a complaint.", by=bob, at=NOW)
    assert (state(published_claim), Publication.objects.public().count()) == ("paused", 0)
    refused("is paused", publish, published_claim, bob)
    resume(claim=published_claim, reason="It holds.", by=bob, at=NOW)
    assert (state(published_claim), Publication.objects.get().version) == ("published", version)
    refused("Only a paused claim", resume, published_claim, bob, reason="r")
    assert Version.objects.count() == 1


def test_a_corrected_claim_comes_back_from_a_pause_as_corrected(published_claim, bob, reword, approve):
    reword(published_claim, "The group put the dead at 803.")
    approve(published_claim)
    correct(claim=published_claim, reason="r", by=bob, at=NOW)
    pause(claim=published_claim, reason="r", by=bob, at=NOW)
    resume(claim=published_claim, reason="r", by=bob, at=NOW)
    assert state(published_claim) == "corrected"


@pytest.mark.parametrize("act", [correct, retract, pause, resume])
def test_what_was_never_published_is_neither_corrected_nor_withdrawn(approved_claim, bob, act):
    refused(None, act, approved_claim, bob, reason="r")
    assert not Publication.objects.public().exists()


# --- Snapshots and the log ---------------------------------------------------------------------------------------


def test_a_snapshot_is_canonical_and_its_digest_is_in_the_log(approved_claim, bob, settings):
    version = publish(claim=approved_claim, by=bob, at=NOW)
    snapshot, facts = bytes(version.snapshot), version.entry.read().facts
    said = json.loads(snapshot)
    assert canonical(said) == snapshot
    assert hashlib.sha256(snapshot).hexdigest() == version.sha256 == facts["sha256"]
    assert facts["content_sha256"] == said["content_sha256"] == version.content_digest
    assert hashlib.sha256(canonical(said["claim"])).hexdigest() == version.content_digest
    assert (version.entry.kind, version.entry.subject_id) == (
        Kind.VERSION_PUBLISHED,
        str(approved_claim.pk),
    )
    assert (said["number"], said["previous_sha256"], said["log"]) == (1, None, settings.LOG_ORIGIN)


def test_each_version_names_the_digest_of_the_one_before_it(published_claim, bob, reword, approve):
    for text in ("803 were killed.", "1,383 were killed."):
        reword(published_claim, text)
        approve(published_claim)
        correct(claim=published_claim, reason="Revised.", by=bob, at=NOW)
    retract(claim=published_claim, reason="Withdrawn.", by=bob, at=NOW)
    versions = list(published_claim.versions.order_by("number"))
    said = [json.loads(version.snapshot)["previous_sha256"] for version in versions]
    assert said == [None, *(version.sha256 for version in versions[:-1])]
    kinds = [version.entry.kind for version in versions]
    assert kinds == ["version-published", "version-corrected", "version-corrected", "version-retracted"]


def test_a_snapshot_says_how_many_origins_the_claim_has(approved_claim, bob):
    said = json.loads(publish(claim=approved_claim, by=bob, at=NOW).snapshot)
    assert said["origins"]["counts"]["origins"] == 1
    assert [group["name"] for group in said["origins"]["groups"]] == ["Observatory"]
    assert said["desk"] == {"slug": "coast", "name": "Coast desk"}


def test_a_retraction_is_possible_after_the_desk_raised_its_bar(published_claim, desk, bob):
    Desk.objects.filter(pk=desk.pk).update(approvals_needed=2)
    retract(claim=published_claim, reason="Withdrawn.", by=bob, at=NOW)


@pytest.mark.parametrize("table", ["verify_version", "verify_review", "verify_verdict", "claims_transition"])
def test_what_is_final_cannot_be_truncated_along_with_what_points_at_it(published_claim, sql, table):
    with pytest.raises(DatabaseError):
        sql(f"TRUNCATE {table} CASCADE")
