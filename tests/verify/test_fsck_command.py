"""`manage.py fsck`: 0 and "all of it holds", or 1 and the name of every row and file that was touched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from sources.archive import storage
from sources.archive.models import Capture, Text
from sources.custody.models import Entry
from sources.custody.services import checkpoint
from verify.publish.models import Version
from verify.stack.paths import ROOT


def fsck(capsys: Any) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON answer."""
    code = 0
    try:
        call_command("fsck", json=True)
    except CommandError as negative:
        code = negative.returncode
    return code, json.loads(capsys.readouterr().out)


def named(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(fault["part"], fault["thing"]) for fault in answer["faults"]}


def test_an_intact_installation_holds(published_claim, capsys):
    code, answer = fsck(capsys)
    assert (code, answer["ok"], answer["faults"]) == (0, True, [])
    assert answer["checked"] == {
        "custody": Entry.objects.count(),
        "archive: blobs": 2,
        "archive: captures": 1,
        "archive: texts": 1,
        "attribution: anchors": 1,
        "publish: versions": 1,
    }


def test_an_empty_installation_holds(db, capsys):
    code, answer = fsck(capsys)
    assert (code, answer["ok"], answer["checked"], answer["faults"]) == (0, True, {}, [])


def test_a_role_that_could_change_the_log_is_warned_of_and_no_fault(db, capsys):
    code, answer = fsck(capsys)
    assert code == 0
    assert [warning["thing"] for warning in answer["warnings"]] == ["database role"]


SNAPSHOT = (("verify_version", "version_has_its_own_digest"),)
BODY = (("sources_entry", "entry_leaf_hash_is_of_body"),)
TEXT = (("sources_text", "text_has_its_own_digest"),)


@pytest.mark.parametrize(
    ("statement", "drop", "part", "thing"),
    [
        (
            "UPDATE verify_version SET snapshot = set_byte(snapshot, 9, get_byte(snapshot, 9) # 1)",
            SNAPSHOT,
            "publish",
            "version {claim} v1",
        ),
        (
            "UPDATE sources_entry SET body = set_byte(body, 9, get_byte(body, 9) # 1) WHERE index = 1",
            BODY,
            "custody",
            "entry 1",
        ),
        ("UPDATE sources_text SET content = replace(content, '745', '746')", TEXT, "archive", "text {text}"),
        (
            "DELETE FROM sources_opening WHERE entry_id = 0 AND name = 'url'",
            (),
            "custody",
            "opening url of entry 0",
        ),
        ("DELETE FROM sources_entry WHERE index = 1", (), "custody", "entry 1"),
        ("DELETE FROM verify_review", (), "publish", "version {claim} v1"),
        ("UPDATE claims_anchor SET exact = 'none were killed'", (), "attribution", "anchor {anchor}"),
        (
            "UPDATE sources_capture SET datapackage_sha256 = repeat('0', 64)",
            (),
            "archive",
            "capture {capture}",
        ),
    ],
)
def test_what_was_touched_in_the_database_is_named(
    published_claim, tamper, sql, capsys, statement, drop, part, thing
):
    names = {
        "claim": published_claim.pk,
        "text": Text.objects.get().pk,
        "capture": Capture.objects.get().pk,
        "anchor": published_claim.assertions.get().anchors.get().pk,
    }
    if "sources_entry" in statement and "DELETE" in statement:
        statement = (
            "DELETE FROM sources_opening WHERE entry_id = 1; "
            "UPDATE verify_verdict SET entry_id = NULL, approved_at = NULL, approved_digest = ''; "
            + statement
        )
    tamper(statement, drop=drop)
    code, answer = fsck(capsys)
    assert (code, answer["ok"]) == (1, False)
    assert (part, thing.format(**names)) in named(answer)


@pytest.mark.parametrize("which", ["body", "package"])
def test_one_changed_byte_of_a_file_is_named_by_its_path(published_claim, capsys, which):
    blob = getattr(Capture.objects.get(), which)
    flip(Path(storage.storage().path(blob.path)), 20)
    code, answer = fsck(capsys)
    assert (code, ("archive", f"file {blob.path}") in named(answer)) == (1, True)


def flip(file: Path, position: int) -> None:
    file.chmod(0o640)
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_at_the_shell_it_answers_with_its_exit_code(published_claim, environment):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "fsck", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert checkpoint(at=timezone.now()).size == Entry.objects.count()
    intact = run()
    assert (intact.returncode, intact.stdout.splitlines()[-1]) == (0, "all of it holds")
    blob = Capture.objects.get().package
    flip(Path(storage.storage().path(blob.path)), 20)
    touched = run()
    assert touched.returncode == 1
    assert f"archive: file {blob.path}: blob {blob.sha256} was altered" in touched.stdout
    assert "Traceback" not in touched.stderr
    as_json = run("--json")
    assert (as_json.returncode, json.loads(as_json.stdout)["ok"]) == (1, False)
    assert Version.objects.count() == 1
