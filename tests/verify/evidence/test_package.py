"""What a package holds, that its bytes repeat, who may make one, and that its making is on record."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from sources.archive.models import Capture
from sources.archive.storage import BlobDamaged, storage
from sources.custody import services as custody
from sources.custody.kinds import Kind
from sources.custody.models import Entry
from sources.custody.services import Subject, record
from tests.verify.evidence import forge
from tests.verify.evidence.conftest import export
from verify.evidence import verify_evidence
from verify.evidence.package import export_case

pytestmark = pytest.mark.django_db


def given() -> verify_evidence.Given:
    key = str(custody.configured_signer().verifier_key)
    return verify_evidence.Given(keys=[verify_evidence.Key.parse(key)])


def test_the_same_rows_give_the_same_bytes(published_claim: Any, alice: Any) -> None:
    first, data = export(published_claim, by=alice)
    again, same = export(published_claim, by=None, at=timezone.now() + timedelta(days=1))
    assert data == same and first.sha256 == again.sha256 == forge.sha256(data)
    assert again.entry > first.entry, "each export is on record, whatever its bytes"


def test_a_change_of_the_claim_makes_another_package(published_claim: Any, reword: Any) -> None:
    _, data = export(published_claim)
    reword(published_claim, "The group put the civilian dead at about 745 by Sunday.")
    done, other = export(published_claim)
    assert forge.unpack(data)["manifest.json"] != forge.unpack(other)["manifest.json"]
    report = verify_evidence.verify(other, given())
    assert report.ok and done.captures == 1
    assert any("No log entry approves the claim in this wording" in check.detail for check in report.checks)


def test_the_export_is_logged_with_the_digest_of_the_manifest(published_claim: Any, alice: Any) -> None:
    done, data = export(published_claim, by=alice)
    body = Entry.objects.get(index=done.entry).read()
    assert (body.kind, body.subject_id) == (Kind.EVIDENCE_EXPORTED, str(published_claim.pk))
    assert body.facts["manifest_sha256"] == forge.sha256(forge.unpack(data)["manifest.json"])
    assert body.by is not None


def test_it_holds_what_the_claim_rests_on_and_nothing_of_people(published_claim: Any, alice: Any) -> None:
    _, data = export(published_claim, by=alice)
    files = forge.unpack(data)
    manifest = json.loads(files["manifest.json"])
    (capture,) = manifest["captures"]
    row = Capture.objects.get()
    assert (capture["id"], capture["entry"]) == (str(row.pk), row.entry_id)
    assert {role["role"] for role in capture["roles"]} == {"quoted"}
    assert list(files) == sorted(files)
    everything = b"".join(files.values())
    assert b"alice" not in everything.lower() and b"Carol" not in everything
    assert all(event["openings"] == {} for event in json.loads(files["custody.json"])["events"])


def test_members_are_stored_with_a_fixed_date(published_claim: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(export(published_claim)[1])) as archive:
        for info in archive.infolist():
            assert (info.compress_type, info.date_time[0], info.external_attr >> 16) == (0, 1980, 0o100644)


def test_who_acted_is_revealed_only_when_asked(published_claim: Any, alice: Any) -> None:
    index = Capture.objects.get().entry_id
    assert index is not None
    _, data = export(published_claim, opened=[(index, "by")])
    (event,) = [e for e in json.loads(forge.unpack(data)["custody.json"])["events"] if e["openings"]]
    assert event["openings"]["by"]["value"] == {"type": "user", "id": str(alice.pk)}
    assert verify_evidence.verify(data, given()).ok
    with pytest.raises(PermissionDenied):
        export(published_claim, by=alice, opened=[(index, "by")])
    with pytest.raises(ValidationError, match="no opening named other"):
        export(published_claim, opened=[(index, "other")])


@pytest.mark.parametrize(
    ("who", "may"), [("alice", True), ("bob", True), ("dave", False), ("mallory", False)]
)
def test_checkers_of_the_desk_may_export(
    published_claim: Any, request: pytest.FixtureRequest, who: str, may: bool
) -> None:
    person, before = request.getfixturevalue(who), Entry.objects.count()
    if may:
        assert export(published_claim, by=person)[0].captures == 1
    else:
        with pytest.raises(PermissionDenied):
            export(published_claim, by=person)
        assert Entry.objects.count() == before


def test_a_draft_can_be_exported_too(researched_claim: Any) -> None:
    _, data = export(researched_claim)
    report = verify_evidence.verify(data, given())
    assert report.ok and report.level == "L1"


def test_a_case_is_all_its_claims(published_claim: Any, make_claim: Any) -> None:
    make_claim("Another claim of the same case.", case=published_claim.case)
    out = io.BytesIO()
    export_case(case=published_claim.case, by=None, at=timezone.now(), out=out)
    manifest = json.loads(forge.unpack(out.getvalue())["manifest.json"])
    assert manifest["scope"]["type"] == "case" and len(manifest["claims"]) == 2
    report = verify_evidence.verify(out.getvalue(), given())
    assert report.ok, verify_evidence.show(report)


def test_an_erased_capture_is_redacted_and_not_a_failure(published_claim: Any, tamper: Any) -> None:
    capture = Capture.objects.get()
    record(
        kind=Kind.CONTENT_REDACTED,
        subject=Subject("capture", str(capture.pk)),
        facts={"ground": "court-order"},
        by=None,
        at=timezone.now(),
    )
    Capture.objects.filter(pk=capture.pk).update(state="redacted", package=None, body=None)
    _, data = export(published_claim)
    files = forge.unpack(data)
    assert not [name for name in files if name.startswith(("captures/", "texts/"))]
    report = verify_evidence.verify(data, given())
    assert report.ok and [capture.result for capture in report.captures] == ["redacted"]
    assert report.count("redacted") == 2  # the capture and the quotation in it


def test_a_capture_left_out_without_a_tombstone_fails(published_claim: Any) -> None:
    _, data = export(published_claim)
    files = forge.unpack(data)
    captures = json.loads(files["manifest.json"])["captures"]
    captures[0] |= {"package": None, "state": "redacted"}
    fewer = {name: content for name, content in files.items() if not name.startswith("captures/")}
    report = verify_evidence.verify(forge.pack(forge.relist(fewer, captures=captures)), given())
    assert "no log entry says that it was erased" in " ".join(check.detail for check in report.checks)


def test_a_damaged_blob_stops_the_export(published_claim: Any) -> None:
    package = Capture.objects.get().package
    assert package is not None
    path = storage().path(package.path)
    with open(path, "rb") as file:
        content = bytearray(file.read())
    content[100] ^= 1
    import os

    os.chmod(path, 0o640)
    with open(path, "wb") as file:
        file.write(content)
    with pytest.raises(BlobDamaged):
        export(published_claim)


def test_a_large_member_is_written_in_a_form_that_is_read(published_claim: Any) -> None:
    """Sizes beyond 32 bits have a form of their own in a zip; the verifier must know it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("big", (1980, 1, 1, 0, 0, 0))
        info.create_system, info.external_attr = 3, 0o100644 << 16
        with archive.open(info, "w", force_zip64=True) as member:
            member.write(b"content")
    assert bytes(verify_evidence.Archive(out.getvalue(), ordered=True).members["big"]) == b"content"


def test_the_command_exports_and_verifies(published_claim: Any, tmp_path: Any) -> None:
    target, said = tmp_path / "claim.zip", io.StringIO()
    call_command("evidence", "export", str(published_claim.pk), "--out", str(target), "--json", stdout=said)
    answer = json.loads(said.getvalue())
    assert answer["sha256"] == forge.sha256(target.read_bytes()) and answer["captures"] == 1
    said = io.StringIO()
    call_command("evidence", "verify", str(target), stdout=said)
    assert "RESULT: PASS, level L1" in said.getvalue()
    target.write_bytes(target.read_bytes()[:-1])
    with pytest.raises(CommandError) as refusal:
        call_command("evidence", "verify", str(target), stdout=said)
    assert refusal.value.returncode == 1


def test_the_command_leaves_nothing_behind_when_it_fails(published_claim: Any, tmp_path: Any) -> None:
    for pk, returncode in (("0b5cd2f6-0f5e-4a1c-9d2f-6a3c1f0e7d11", 2), (str(published_claim.pk), 1)):
        storage().delete(Capture.objects.get().package.path)
        with pytest.raises(CommandError) as refusal:
            call_command("evidence", "export", pk, "--out", str(tmp_path / "x.zip"))
        assert refusal.value.returncode == returncode
    assert list(tmp_path.glob("*.zip")) == [] and list(tmp_path.glob(".export-*")) == []
