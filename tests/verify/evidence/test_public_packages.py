"""Public evidence packages: made by a worker, handed out while they may be, gone when they may not."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from sources.archive import storage
from sources.archive.models import Blob, Capture
from sources.archive.redaction import ask_redaction, decide_redaction
from sources.custody.models import Entry
from tests.cast import at_once, make_person
from verify.accounts.models import Role
from verify.evidence import packages
from verify.evidence.models import PackageState, PublicPackage
from verify.publish.models import Methodology
from verify.publish.services import pause, resume, retract

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered(published_claim: Any, desk: Any, bob: Any) -> Any:
    """A published claim of a desk that offers packages."""
    Methodology.objects.create(desk=desk, offers_packages=True, changed_by=bob, changed_at=timezone.now())
    return published_claim


def work(at: Any = None) -> int:
    """What the sweeper and a worker do; how many packages were made."""
    at = at or timezone.now()
    return sum(packages.make(version_id=pk, at=at) for pk in packages.sweep(at=at))


def get(client: Any, claim: Any, **headers: str) -> Any:
    return client.get(f"/api/v1/claims/{claim.pk}/package/", headers=headers)


def move(service: Any, claim: Any, by: Any) -> None:
    service(claim=claim, reason="As readers see.", by=by, at=timezone.now())


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_desk_that_offers_none_has_none(client, published_claim):
    assert get(client, published_claim).status_code == 404
    assert work() == 0 and not PublicPackage.objects.exists()


def test_it_is_asked_for_made_and_handed_out(client, offered):
    waiting = get(client, offered)
    assert (waiting.status_code, waiting.json(), waiting["Retry-After"]) == (202, {"state": "queued"}, "60")
    assert work() == 1
    ready = get(client, offered)
    content = body(ready)
    sha256 = hashlib.sha256(content).hexdigest()
    assert (ready.status_code, ready["Content-Type"], ready["ETag"]) == (
        200,
        "application/zip",
        f'"{sha256}"',
    )
    assert ready["Repr-Digest"].startswith("sha-256=:") and int(ready["Content-Length"]) == len(content)
    assert get(client, offered, if_none_match=ready["ETag"]).status_code == 304
    assert work() == 0 and Entry.objects.filter(kind="evidence-exported").count() == 1


def test_a_part_of_it_may_be_asked_for(client, offered):
    work()
    content = body(get(client, offered))
    size = len(content)
    for asked, part in [("0-9", content[:10]), (f"{size - 5}-", content[-5:]), ("-7", content[-7:])]:
        response = get(client, offered, range=f"bytes={asked}")
        assert (response.status_code, body(response)) == (206, part)
        assert response["Content-Range"].endswith(f"/{size}")
    behind = get(client, offered, range=f"bytes={size}-")
    assert (behind.status_code, behind["Content-Range"]) == (416, f"bytes */{size}")
    for not_understood in ("bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=-"):
        assert get(client, offered, range=not_understood).status_code == 200
    other = get(client, offered, range="bytes=0-9", if_range='"another"')
    assert other.status_code == 200


def test_it_holds_what_the_version_says_and_opens_nobody(client, offered):
    work()
    with zipfile.ZipFile(BytesIO(body(get(client, offered)))) as package:
        manifest = json.loads(package.read("manifest.json"))
        custody = json.loads(package.read("custody.json"))
    version = offered.publication.version
    assert manifest["claims"][0]["content_sha256"] == version.content_digest
    assert [event["openings"] for event in custody["events"]] == [{}] * len(custody["events"])
    assert PublicPackage.objects.get().captures == [Capture.objects.get().pk]


def test_no_draft_gets_out(client, offered, reword):
    reword(offered, "We now think that it was Rima who did it.")
    assert work() == 0
    row = PublicPackage.objects.get()
    assert (row.state, row.attempts) == ("queued", 0) and "revised" in row.problem
    assert get(client, offered).status_code == 202
    assert not Entry.objects.filter(kind="evidence-exported").exists()


def test_what_was_made_before_an_edit_stays(client, offered, reword):
    work()
    reword(offered, "We now think that it was Rima who did it.")
    assert work() == 0 and b"Rima" not in body(get(client, offered))


@pytest.mark.parametrize("service", [pause, retract])
def test_what_is_not_public_any_more_has_no_file(client, offered, bob, service):
    work()
    sha256 = PublicPackage.objects.get().blob_id
    move(service, offered, bob)
    assert get(client, offered).status_code == 404  # at once, before any worker
    work()
    assert not PublicPackage.objects.exists() and not Blob.objects.filter(pk=sha256).exists()
    assert not storage.exists(sha256)


def test_it_is_made_anew_after_a_pause(client, offered, bob):
    work()
    first = body(get(client, offered))
    move(pause, offered, bob)
    work()
    move(resume, offered, bob)
    assert work() == 1
    assert body(get(client, offered))[:2] == first[:2] == b"PK"


def test_a_desk_that_offers_them_no_more(client, offered):
    work()
    Methodology.objects.update(offers_packages=False)
    assert get(client, offered).status_code == 404
    work()
    assert not PublicPackage.objects.exists()


def test_an_erased_copy_is_withdrawn_at_once_and_its_file_deleted(client, offered, desk, bob):
    work()
    sha256 = PublicPackage.objects.get().blob_id
    erin = make_person("erin", desk, Role.EDITOR)
    capture = Capture.objects.get()
    asked = ask_redaction(capture=capture, ground="copyright", reason="She asks.", by=bob, at=timezone.now())
    decide_redaction(redaction=asked, approve=True, by=erin, at=timezone.now())
    assert get(client, offered).status_code == 202
    assert storage.exists(sha256) and PublicPackage.objects.get().state == "queued"
    packages.sweep(at=timezone.now())
    assert not storage.exists(sha256) and not Blob.objects.filter(pk=sha256).exists()


def test_an_erasure_while_it_is_made_wins(offered, desk, bob, monkeypatch):
    store = storage.store

    def erased_meanwhile(*args: Any, **options: Any) -> Blob:
        erin = make_person("erin", desk, Role.EDITOR)
        given = {"capture": Capture.objects.get(), "ground": "copyright", "reason": "She asks.", "by": bob}
        asked = ask_redaction(at=timezone.now(), **given)
        decide_redaction(redaction=asked, approve=True, by=erin, at=timezone.now())
        return store(*args, **options)

    monkeypatch.setattr(storage, "store", erased_meanwhile)
    assert work() == 0
    monkeypatch.setattr(storage, "store", store)
    sha256 = PublicPackage.objects.get(state="queued").blob_id
    packages.sweep(at=timezone.now())
    assert not storage.exists(sha256)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_erasing_and_finishing_at_the_same_time_leave_no_file_with_the_copy(offered, desk, bob):
    erin, capture = make_person("erin", desk, Role.EDITOR), Capture.objects.get()
    asked = ask_redaction(capture=capture, ground="copyright", reason="She asks.", by=bob, at=timezone.now())
    (version,) = packages.sweep(at=timezone.now())
    row = packages._take(version, timezone.now())
    blob, captures = packages._make(row.version, timezone.now())
    assert captures == [capture.pk] and storage.exists(blob.sha256)
    approve = partial(decide_redaction, redaction=asked, approve=True, by=erin)
    decided, made = at_once(
        lambda: approve(at=timezone.now()),
        lambda: packages._finish(row, blob, captures, timezone.now()),
    )
    assert decided.decision == "approved" and made in (True, False)
    assert PublicPackage.objects.get().state == PackageState.QUEUED  # whoever came first
    packages.sweep(at=timezone.now())
    assert not storage.exists(blob.sha256) and not Blob.objects.filter(pk=blob.pk).exists()


def test_a_worker_that_was_killed_loses_nothing(offered):
    at = timezone.now()
    (pk,) = packages.sweep(at=at)
    assert packages._take(pk, at) is not None  # and dies
    assert packages.sweep(at=at) == [] and not packages.make(version_id=pk, at=at)
    assert work(at + packages.LEASE + timedelta(seconds=1)) == 1


def test_what_kills_every_worker_is_given_up_for_a_day(offered):
    at = timezone.now()
    (pk,) = packages.sweep(at=at)
    for _ in range(packages.TRIES):
        assert packages._take(pk, at) is not None
        at += packages.LEASE + timedelta(seconds=1)
    assert work(at) == 0 and PublicPackage.objects.get().state == PackageState.FAILED
    assert work(at + timedelta(days=1, seconds=1)) == 1


def test_a_worker_that_was_taken_for_dead_writes_nothing(offered, monkeypatch):
    at = timezone.now()
    (pk,) = packages.sweep(at=at)
    slow = packages._take(pk, at)
    later = at + packages.LEASE + timedelta(seconds=1)
    assert work(later) == 1
    kept = PublicPackage.objects.get()
    blob = Blob.objects.get(pk=kept.blob_id)
    assert not packages._finish(slow, blob, [], later)
    assert PublicPackage.objects.get().leased_until is None and storage.exists(kept.blob_id)


def test_trouble_is_said_and_tried_again(offered, monkeypatch):
    store = storage.store

    def full(*args: Any, **options: Any) -> Blob:
        raise OSError("No space left on device")

    monkeypatch.setattr(storage, "store", full)
    assert work() == 0
    row = PublicPackage.objects.get()
    assert (row.state, row.attempts) == ("queued", 1) and "No space" in row.problem
    monkeypatch.setattr(storage, "store", store)
    assert work(timezone.now() + timedelta(minutes=2)) == 1


def test_the_storages_check_takes_it_for_no_stray(offered):
    work()
    later = timezone.now() + timedelta(days=2)
    assert list(storage.orphans(before=later)) == []
    assert PublicPackage.objects.get().blob_id not in storage.unused(before=later).values_list(
        "pk", flat=True
    )


def test_a_file_that_a_lost_worker_left_is_deleted(offered):
    work()
    PublicPackage.objects.all().delete()
    Methodology.objects.update(offers_packages=False)
    packages.sweep(at=timezone.now() + timedelta(hours=2))
    assert not Blob.objects.filter(media_type=packages.MEDIA_TYPE).exists()
