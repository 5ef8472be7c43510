"""Tampering with what was published, by a superuser who first puts the guards out of the way; fsck names the row."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from sources.archive import storage
from sources.custody.models import Entry
from tests.cast import T0, make_person
from verify.accounts.models import Role
from verify.evidence import packages
from verify.evidence.models import PublicPackage
from verify.publish.fsck import faults
from verify.publish.models import Listing, Methodology, Publication, Version
from verify.publish.services import correct, pause, retract
from verify.publish.webhooks.fanning import fan_out
from verify.publish.webhooks.services import make_webhook
from verify.review.models import Review, Task, Verdict
from verify.review.services import assign_review, submit_review

OWN_DIGEST = (("verify_version", "version_has_its_own_digest"),)


@pytest.fixture
def corrected(published_claim, bob, reword, approve):
    """A claim that was published and corrected, and all of it holds."""
    reword(published_claim, "The group put the dead at 803.")
    approve(published_claim)
    correct(claim=published_claim, reason="Revised.", by=bob, at=timezone.now())
    assert list(faults()) == []
    return published_claim


def found() -> dict[str, list[str]]:
    by_thing: dict[str, list[str]] = {}
    for fault in faults():
        by_thing.setdefault(fault.thing, []).append(fault.problem)
    return by_thing


def rewrite(column: str) -> str:
    """One word of version 1's snapshot is another, and its digest is made to fit."""
    changed = "convert_to(replace(convert_from(snapshot, 'UTF8'), '745', '754'), 'UTF8')"
    return f"UPDATE verify_version SET {column.format(changed=changed)} WHERE number = 1"


def test_one_changed_byte_of_a_snapshot_is_named(corrected, tamper):
    byte = "set_byte(snapshot, 40, get_byte(snapshot, 40) # 1)"
    assert tamper(f"UPDATE verify_version SET snapshot = {byte} WHERE number = 1", drop=OWN_DIGEST) == 1
    problems = found()[f"version {corrected.pk} v1"]
    assert any("its snapshot hashes to" in problem for problem in problems)


def test_a_changed_byte_anywhere_is_named_and_stops_nothing(corrected, tamper):
    size, drop = len(bytes(Version.objects.get(number=2).snapshot)), OWN_DIGEST
    for position in range(0, size, size // 20):
        byte = f"set_byte(snapshot, {position}, get_byte(snapshot, {position}) # 1)"
        flip = f"UPDATE verify_version SET snapshot = {byte} WHERE number = 2"
        tamper(flip, drop=drop)
        assert list(found()) == [f"version {corrected.pk} v2"], position
        tamper(flip)
        drop = ()
    assert list(faults()) == []


def test_a_snapshot_that_was_rewritten_with_its_digest_is_named(corrected, tamper):
    fitting = "snapshot = {changed}, sha256 = encode(sha256({changed}), 'hex')"
    assert tamper(rewrite(fitting)) == 1
    problems = found()
    assert any("speaks of another snapshot" in each for each in problems[f"version {corrected.pk} v1"])
    assert any("not what the reviewers approved" in each for each in problems[f"version {corrected.pk} v1"])
    assert problems[f"version {corrected.pk} v2"] == ["it does not follow the version before it"]


@pytest.mark.parametrize("snapshot", ["{}", "[]", "1", '{"claim":{},"number":1}', "not JSON", "{ }"])
def test_a_snapshot_of_another_shape_is_named_and_stops_nothing(corrected, tamper, snapshot):
    changes = "snapshot = %s, sha256 = encode(sha256(%s), 'hex')"
    data = snapshot.encode()
    tamper(f"UPDATE verify_version SET {changes} WHERE number = 2", [data, data])
    assert list(found()) == [f"version {corrected.pk} v2"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("kind = 'published', reason = ''", "kind, reason"),
        ("reason = 'A slip.'", "reason"),
        ("published_at = published_at - interval '1 day'", "published_at"),
    ],
)
def test_a_row_that_says_other_than_its_snapshot_is_named(corrected, tamper, change, named):
    tamper(f"UPDATE verify_version SET {change} WHERE number = 2")
    problems = found()[f"version {corrected.pk} v2"]
    assert problems == [f"its row differs from its snapshot in {named}"]


def test_a_version_whose_approvals_were_removed_is_named(corrected, tamper):
    digest = Version.objects.get(number=1).content_digest
    assert tamper("DELETE FROM verify_review WHERE content_digest = %s", [digest]) == 1
    assert found() == {f"version {corrected.pk} v1": ["nobody is on record as having approved its content"]}


def test_an_approval_that_was_made_a_return_is_named(corrected, tamper):
    digest = Version.objects.get(number=1).content_digest
    tamper("UPDATE verify_review SET opinion = 'return' WHERE content_digest = %s", [digest])
    assert list(found()) == [f"version {corrected.pk} v1"]


def test_an_approval_of_a_part_does_not_stand_for_the_whole(corrected, tamper):
    digest = Version.objects.get(number=1).content_digest
    tamper("UPDATE verify_review SET kind = 'source-check' WHERE content_digest = %s", [digest])
    assert found() == {f"version {corrected.pk} v1": ["nobody is on record as having approved its content"]}


def test_a_return_between_which_nobody_decided_is_named(corrected, desk, bob, tamper):
    first = Version.objects.get(number=1)
    review = Review.objects.filter(content_digest=first.content_digest).get()
    judge = make_person("frank", desk, Role.CHECKER)
    task = Task.objects.create(
        claim=corrected, kind="sign-off", state="done", assignee=judge, created_by=bob, created_at=T0
    )
    returned = {"task": task, "reviewer": judge, "kind": "sign-off", "opinion": "return", "reason": "No."}
    given = {"claim": corrected, "content_digest": first.content_digest, "submitted_at": first.published_at}
    given["submitted_at"] += timedelta(days=1)
    later = Review.objects.create(**returned, **given)
    assert list(faults()) == []  # whoever returns it afterwards does not make it wrong
    tamper("UPDATE verify_review SET submitted_at = %s WHERE id = %s", [first.published_at, later.pk])
    problem = "a reviewer had returned its content, and nobody decided between the opinions"
    assert found() == {f"version {corrected.pk} v1": [problem]}
    tamper("UPDATE verify_review SET kind = 'adjudication' WHERE id = %s", [review.pk])
    assert list(faults()) == []


def test_withdrawing_what_was_returned_since_is_no_fault(corrected, desk, bob):
    judge = make_person("frank", desk, Role.CHECKER)
    second = Version.objects.get(number=2)
    task = assign_review(claim=corrected, reviewer=judge, by=bob, at=timezone.now())
    given = {"opinion": "return", "reason": "No.", "content_digest_seen": second.content_digest}
    submit_review(task=task, by=judge, at=timezone.now(), **given)
    retract(claim=corrected, reason="Withdrawn.", by=bob, at=timezone.now())
    assert list(faults()) == []


def test_a_version_whose_row_was_dropped_is_named_by_its_log_entry(corrected, tamper):
    entry = Version.objects.get(number=1).entry_id
    tamper("DELETE FROM verify_announcement WHERE number = 1")  # or it could not be dropped
    tamper("DELETE FROM verify_version WHERE number = 1")
    problems = found()
    assert problems["announcement 1"] == ["it is missing; the next one is 2"]
    assert problems[f"version of claim {corrected.pk}"] == [
        f"log entry {entry} says that it was published; its row is gone"
    ]
    assert problems[f"version {corrected.pk} v2"] == ["it does not follow the version before it"]


def test_a_publication_that_shows_an_old_version_is_named(corrected, tamper):
    first = Version.objects.get(number=1)
    Publication.objects.update(version=first)
    assert "it does not show the newest version" in found()[f"publication {corrected.pk}"]


def test_a_retraction_that_was_undone_is_named(corrected, bob):
    retract(claim=corrected, reason="Withdrawn.", by=bob, at=timezone.now())
    assert list(faults()) == []
    Publication.objects.update(state="published")
    problems = found()
    assert problems.pop(f"publication {corrected.pk}") == ["it says published; its version says retracted"]
    assert problems == {f"listing {corrected.pk}": ["it differs from what its version says in summary"]}


def test_a_paused_publication_is_no_fault(corrected, bob):
    pause(claim=corrected, reason="r", by=bob, at=timezone.now())
    assert list(faults()) == []


@pytest.mark.parametrize(
    "change",
    [
        "rating_id = (SELECT max(id) FROM verify_rating WHERE code = 'confirmed')",
        "approved_digest = repeat('0', 64)",
        "number = 7",
    ],
)
def test_an_approved_verdict_that_was_changed_is_named(corrected, tamper, change):
    verdict = Verdict.objects.get()
    tamper(f"UPDATE verify_verdict SET {change}")
    assert list(found()) == [f"verdict {verdict.pk}"]


def test_a_log_entry_that_cannot_be_read_stops_nothing(corrected, tamper):
    bodies = (("sources_entry", "entry_leaf_hash_is_of_body"),)
    tamper("UPDATE sources_entry SET body = '{'::bytea", drop=bodies)
    assert Entry.objects.count() > 3
    assert list(faults()) == []  # the check of the log itself names the entries


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("text = 'x'", "text"),
        ("words = ''", "words"),
        ("retracted = true", "retracted"),
        ("summary = replace(summary, '803', '308')", "summary"),
        ("speakers = '{}'", "speakers"),
        ("changed_at = changed_at - interval '1 day'", "changed_at"),
    ],
)
def test_a_listing_that_says_other_than_its_version_is_named(corrected, tamper, change, named):
    assert tamper(f"UPDATE verify_listing SET {change}") == 1
    assert found() == {f"listing {corrected.pk}": [f"it differs from what its version says in {named}"]}


def test_a_listing_that_is_missing_or_should_not_be_is_named(corrected, bob):
    row = Listing.objects.get()
    Listing.objects.all().delete()
    assert found() == {f"listing {corrected.pk}": ["the claim is shown, and not listed"]}
    pause(claim=corrected, reason="r", by=bob, at=timezone.now())
    row.save(force_insert=True)
    assert found() == {f"listing {corrected.pk}": ["it is listed, and not shown"]}


def said_by_command() -> tuple[str, list[str]]:
    """What `manage.py fsck` ends with, and the lines of the faults."""
    out = StringIO()
    try:
        call_command("fsck", stdout=out)
    except CommandError as refusal:
        *named, _checked = out.getvalue().splitlines()
        return str(refusal), [line for line in named if not line.startswith("warning:")]
    return out.getvalue().splitlines()[-1], []


@pytest.fixture
def installation(published_claim, desk, bob, reword, approve):
    """A corrected claim with a package, a listing, announcements and a webhook that waits to be told."""
    given = {"changed_by": bob, "changed_at": timezone.now()}
    Methodology.objects.create(desk=desk, scope="Casualties.", offers_packages=True, **given)
    hook = {"desk": desk, "name": "Archive", "url": "https://archive.example/hook", "told_of": ["corrected"]}
    make_webhook(**hook, by=bob, at=timezone.now())
    reword(published_claim, "The group put the dead at 803.")
    approve(published_claim)
    correct(claim=published_claim, reason="Revised.", by=bob, at=timezone.now())
    (version,) = packages.sweep(at=timezone.now())
    assert packages.make(version_id=version, at=timezone.now())
    assert fan_out(at=timezone.now()) == 1
    return published_claim


TOUCHED = {
    "a changed listing": ("UPDATE verify_listing SET text = 'x'", "publish: listing {pk}:"),
    "a dropped listing": ("DELETE FROM verify_listing", "publish: listing {pk}: the claim is shown, and not"),
    "a dropped announcement": (
        "DELETE FROM verify_announcement WHERE number = 1",
        "publish: announcement 1: it is missing",
    ),
}


@pytest.mark.parametrize(("statement", "named"), TOUCHED.values(), ids=TOUCHED)
def test_the_command_names_what_was_touched_in_an_installation_with_everything(
    installation, tamper, statement, named
):
    assert said_by_command() == ("all of it holds", [])
    assert tamper(statement) == 1
    ended, faults = said_by_command()
    assert ended.endswith("faults") and faults[0].startswith(named.format(pk=installation.pk))


def test_the_command_names_a_package_of_which_a_byte_is_another(installation):
    blob = PublicPackage.objects.get().blob
    path = Path(storage.storage().path(blob.path))
    path.chmod(0o640)
    with path.open("r+b") as file:
        file.seek(blob.size // 2)
        (byte,) = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    ended, (fault,) = said_by_command()
    assert ended == "1 faults" and fault.startswith(f"archive: file {blob.path}: ")


def test_a_change_that_was_not_announced_is_named(corrected, tamper):
    tamper("UPDATE verify_publication SET state = 'paused'")
    tamper("DELETE FROM verify_listing")
    problem = "what was last announced of it is not that it is paused in its version"
    assert found() == {f"publication {corrected.pk}": [problem]}


def test_an_announcement_that_was_taken_away_is_named(corrected, tamper):
    tamper("DELETE FROM verify_announcement WHERE number = 2")
    problems = found()
    assert problems[f"version {corrected.pk} v2"] == ["it was never announced"]
    assert len(problems[f"publication {corrected.pk}"]) == 1
    tamper("DELETE FROM verify_announcement")
    assert found() == {f"publication {corrected.pk}": ["it was never announced"]}


def test_announcements_that_were_renumbered_leave_a_hole(corrected, tamper):
    tamper("UPDATE verify_announcement SET number = 7 WHERE number = 2")
    assert found() == {"announcement 2": ["it is missing; the next one is 7"]}
