"""Tampering with files and rows of the archive; fsck names the file or the row, and nothing else."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from sources.archive import storage
from sources.archive.fsck import faults
from sources.archive.models import Blob, Capture, Text, TextSketch
from sources.archive.services import request_capture, run_capture
from sources.archive.storage import store
from tests.cast import T0

OWN_DIGEST = (("sources_text", "text_has_its_own_digest"),)


@pytest.fixture
def capture(make_capture):
    """One of two captures; all of both holds."""
    make_capture("A page that nobody touches.")
    capture = make_capture()
    assert list(faults()) == []
    return capture


def found() -> dict[str, list[str]]:
    by_thing: dict[str, list[str]] = {}
    for fault in faults():
        by_thing.setdefault(fault.thing, []).append(fault.problem)
    return by_thing


def file_of(blob: Blob) -> Path:
    file = Path(storage.storage().path(blob.path))
    file.chmod(0o640)
    return file


def flip(file: Path, position: int) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("which", ["body", "package"])
def test_one_changed_byte_of_a_stored_file_is_named(capture, which):
    blob = getattr(capture, which)
    flip(file_of(blob), 30)
    assert any("was altered" in problem for problem in found()[f"file {blob.path}"])


def test_a_missing_file_is_named_once(capture):
    file_of(capture.package).unlink()
    assert list(found()) == [f"file {capture.package.path}"]


def test_a_package_that_was_repacked_is_named_though_its_own_digest_fits(capture, tamper):
    """Somebody replaces the archived page in the WACZ, stores the new file properly and points the row at it."""
    old, new = zipfile.ZipFile(io.BytesIO(storage.read(capture.package))), io.BytesIO()
    with zipfile.ZipFile(new, "w") as package:
        for member in old.infolist():
            content = bytearray(old.read(member))
            if member.filename.endswith(".warc.gz"):
                content[-1] ^= 1
            package.writestr(member, bytes(content))
    blob = store(new, media_type="application/wacz+zip", at=T0)
    tamper("UPDATE sources_capture SET package_id = %s WHERE id = %s", [blob.pk, capture.pk])
    problems = found()
    assert any("package_sha256 is" in problem for problem in problems[f"capture {capture.pk}"])
    assert f"package of capture {capture.pk}" in problems


@pytest.mark.parametrize(
    "column", ["datapackage_sha256 = repeat('0', 64)", "http_status = 404", "body_id = package_id"]
)
def test_a_capture_that_says_other_than_its_log_entry_is_named(capture, tamper, column):
    tamper(f"UPDATE sources_capture SET {column} WHERE id = %s", [capture.pk])
    assert f"capture {capture.pk}" in found()


def test_a_capture_under_another_ones_entry_is_named(capture, tamper):
    other = Capture.objects.exclude(pk=capture.pk).get()
    entry = capture.entry_id
    tamper("UPDATE sources_capture SET entry_id = NULL, state = 'queued' WHERE id = %s", [capture.pk])
    tamper("UPDATE sources_capture SET entry_id = %s WHERE id = %s", [entry, other.pk])
    problems = found()
    assert any("speaks of capture" in problem for problem in problems[f"capture {other.pk}"])


def test_one_changed_letter_of_a_text_is_named(capture, tamper):
    text = capture.texts.get()
    change = "content = replace(content, '745', '746')"
    tamper(f"UPDATE sources_text SET {change} WHERE id = %s", [text.pk], drop=OWN_DIGEST)
    assert list(found()) == [f"text {text.pk}"]


def test_a_text_that_was_rewritten_with_its_digest_is_named_by_the_log(capture, tamper):
    new = "replace(content, '745', '746')"
    change = f"content = {new}, sha256 = encode(sha256(convert_to({new}, 'UTF8')), 'hex')"
    assert tamper(f"UPDATE sources_text SET {change} WHERE capture_id = %s", [capture.pk]) == 1
    (problem,) = found()[f"capture {capture.pk}"]
    assert "none of its texts is the one of its log entry" in problem


def test_a_text_that_was_removed_is_named_by_the_log(capture):
    TextSketch.objects.filter(text__capture=capture).delete()
    Text.objects.filter(capture=capture).delete()
    assert list(found()) == [f"capture {capture.pk}"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sources_capture WHERE id = %s",
        "UPDATE sources_capture SET state = 'queued', entry_id = NULL WHERE id = %s",
        "UPDATE sources_capture SET state = 'failed', failure_code = 'timeout' WHERE id = %s",
    ],
)
def test_a_capture_that_was_made_away_with_is_named_by_its_log_entry(capture, tamper, statement):
    TextSketch.objects.filter(text__capture=capture).delete()
    Text.objects.filter(capture=capture).delete()
    tamper(statement, [capture.pk])
    assert found() == {
        f"capture {capture.pk}": [f"log entry {capture.entry_id} says that it was archived; its row does not"]
    }


def test_a_row_with_another_size_than_its_file_is_named(capture, tamper):
    tamper("UPDATE sources_blob SET size = size + 1 WHERE sha256 = %s", [capture.body_id])
    assert list(found()) == [f"blob {capture.body_id}"]


def test_a_file_that_no_row_names_is_no_fault(capture):
    Path(storage.storage().path("ab")).mkdir(exist_ok=True)
    Path(storage.storage().path("ab/.incoming-left")).write_bytes(b"of a process that was killed")
    assert list(faults()) == []


# --- Captures that failed -----------------------------------------------------------------------------------------

LOGGED = (("sources_capture", "failed_means_logged"),)


@pytest.fixture
def failed(desk, alice, pressroom):
    """A capture that failed after a redirect, which was kept."""
    url = "http://trouble.example/redirect-inside"
    capture = request_capture(desk=desk, url=url, by=alice, at=timezone.now())
    run_capture(capture_id=capture.pk)
    capture.refresh_from_db()
    assert list(faults()) == []
    return capture


def test_the_package_of_a_failed_capture_is_checked_too(failed):
    flip(file_of(failed.package), 30)
    assert any("was altered" in problem for problem in found()[f"file {failed.package.path}"])


@pytest.mark.parametrize(
    "column", ["failure_code = 'timeout'", "attempt = 7", "datapackage_sha256 = ''", "package_id = NULL"]
)
def test_a_failed_capture_that_says_other_than_its_log_entry_is_named(failed, tamper, column):
    tamper(f"UPDATE sources_capture SET {column} WHERE id = %s", [failed.pk])
    assert list(found()) == [f"capture {failed.pk}"]


def test_a_failed_capture_that_was_made_away_with_is_named(failed, tamper):
    change = "state = 'queued', failure_code = '', entry_id = NULL"
    tamper(f"UPDATE sources_capture SET {change} WHERE id = %s", [failed.pk])
    (problem,) = found()[f"capture {failed.pk}"]
    assert problem.endswith("says that it failed; its row does not")


@pytest.mark.parametrize(("age", "named"), [(timedelta(0), True), (timedelta(days=365 * 30), False)])
def test_a_failure_without_an_entry_is_named_if_it_is_younger_than_the_rule(desk, alice, tamper, age, named):
    capture = request_capture(desk=desk, url="http://wire.example/1", by=alice, at=T0)
    change = "state = 'failed', failure_code = 'timeout', finished_at = %s"
    finished_at = timezone.now() - age
    tamper(f"UPDATE sources_capture SET {change} WHERE id = %s", [finished_at, capture.pk], drop=LOGGED)
    assert (list(found()) == [f"capture {capture.pk}"]) == named
