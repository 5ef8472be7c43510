"""`capture` and `upload` as scripts use them: exit codes, one line or one JSON object, sentences for what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from sources.archive.exchange import FailureCode
from sources.archive.models import Capture
from sources.archive.work import fail, take, try_again
from sources.catalog.models import Document
from sources.custody.models import Entry
from tests.cast import ARTICLE, T0
from verify.stack.paths import ROOT

URL = "http://wire.example/coast"


def said(capsys: Any, *arguments: Any, **options: Any) -> Any:
    call_command(*arguments, **options)
    return capsys.readouterr().out


def refused(code: int, *arguments: Any, **options: Any) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command(*arguments, **options)
    assert refusal.value.returncode == code
    return str(refusal.value)


def test_capture_prints_id_state_digest_and_entry_in_one_line(desk, capsys):
    line = said(capsys, "capture", URL)
    capture = Capture.objects.get()
    assert line == f"{capture.pk} queued - -\n"
    assert (capture.document.url, capture.requested_by, capture.desk) == (URL, None, desk)


def test_capture_speaks_json(desk, capsys):
    facts = json.loads(said(capsys, "capture", URL, json=True))
    expected = {
        "state": "queued",
        "digest": None,
        "entry": None,
        "status": None,
        "failure": None,
        "notes": [],
        "waiting_until": None,
        "reason": None,
        "attempts": [],
    }
    assert facts == {"id": str(Capture.objects.get().pk)} | expected


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://wire.example/", "http://127.0.0.1/", "http://u:p@wire.example/"]
)
def test_an_address_that_may_not_be_fetched_is_bad_usage_with_a_sentence(desk, capsys, url):
    assert refused(2, "capture", url, json=True).startswith("URL: ")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["url"], list(answer["error"])) == (url, ["url"])
    assert not Document.objects.exists()


def test_waiting_without_a_worker_is_a_negative_answer_that_says_what_to_do(desk, capsys):
    problem = refused(1, "capture", URL, wait=True, timeout=0.1)
    assert "still queued after 0.1 s; it stays queued" in problem
    assert Capture.objects.get().state == "queued"


def test_json_tells_of_the_tries_and_until_when_it_waits(desk, capsys, settings):
    settings.ARCHIVE_RETRY_DELAYS = [60.0]
    said(capsys, "capture", URL)
    now = timezone.now()
    taken = take(Capture.objects.get().pk, at=now)
    assert try_again(taken, FailureCode.TIMEOUT, "No answer came in time.", at=now)
    facts = json.loads(said(capsys, "capture", URL, json=True))
    (attempt,) = facts["attempts"]
    assert (facts["state"], facts["reason"]) == ("queued", "waiting to try again")
    assert (attempt["number"], attempt["code"], attempt["retry_at"]) == (1, "timeout", facts["waiting_until"])
    problem = refused(1, "capture", URL, wait=True, timeout=0.1)
    assert f"until {facts['waiting_until']}" in problem
    assert "No answer came in time." in problem


def test_what_failed_is_asked_for_anew(desk, capsys):
    said(capsys, "capture", URL)
    fail(take(Capture.objects.get().pk, at=T0), FailureCode.TIMEOUT, "No answer came in time.", at=T0)
    said(capsys, "capture", URL)
    assert sorted(Capture.objects.values_list("state", flat=True)) == ["failed", "queued"]


def test_the_desk_is_named_when_there_are_several(desk, other_desk, capsys):
    assert refused(2, "capture", URL) == "Name the desk with --desk; there are: coast, elsewhere"
    assert "there are: coast, elsewhere" in refused(2, "capture", URL, desk="nowhere")
    said(capsys, "capture", URL, desk="elsewhere")
    assert Capture.objects.get().desk == other_desk


def test_without_a_desk_the_command_says_how_to_get_one(db):
    assert "manage.py demo" in refused(2, "capture", URL)


def test_upload_registers_a_file_and_prints_what_scripts_need(desk, tmp_path, capsys):
    file = tmp_path / "article.txt"
    file.write_text(ARTICLE)
    facts = json.loads(said(capsys, "upload", file, url=URL, json=True))
    capture = Capture.objects.get()
    described = {name: facts.pop(name) for name in ("kind", "file", "notes", "metadata")}
    assert (described["kind"], described["metadata"]) == ("text/plain", None)
    assert facts == {
        "id": str(capture.pk),
        "state": "archived",
        "digest": f"sha256:{capture.datapackage_sha256}",
        "entry": 0,
    }
    assert (capture.document.url, Entry.objects.count()) == (URL, 1)


def test_upload_refuses_what_is_no_file_empty_or_from_nowhere(desk, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    assert refused(2, "upload", tmp_path / "missing", url=URL).startswith("FILE: ")
    assert refused(2, "upload", empty, url=URL) == "The file is empty."
    assert refused(2, "upload", __file__, url="nonsense")
    assert not Document.objects.exists()


def run(environment: dict[str, str], *arguments: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_the_exit_codes_at_the_shell(transactional_db, environment, desk, tmp_path, empty_queue):
    file = tmp_path / "article.txt"
    file.write_text(ARTICLE)
    uploaded = run(environment, "upload", file, "--url", URL)
    assert (uploaded.returncode, uploaded.stderr) == (0, "")
    assert (
        uploaded.stdout
        == " ".join(
            map(str, [(kept := Capture.objects.get()).pk, "archived", f"sha256:{kept.datapackage_sha256}", 0])
        )
        + "\n"
    )
    refusal = run(environment, "capture", "http://127.0.0.1/")
    assert (refusal.returncode, refusal.stdout) == (2, "")
    assert refusal.stderr.startswith("CommandError: URL: ") or refusal.stderr.startswith("URL: ")
    assert "Traceback" not in refusal.stderr
    waited = run(environment, "capture", URL, "--wait", "--timeout", "0.1")
    assert waited.returncode == 1
    assert "Is a worker running?" in waited.stderr
    empty_queue()


@pytest.mark.slow
def test_a_broker_that_is_down_costs_time_but_not_the_capture(transactional_db, environment, desk):
    done = run(environment | {"REDIS_URL": "redis://127.0.0.1:1/0"}, "capture", URL, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "queued"
    assert "the sweeper will ring for capture" in done.stderr
    assert Capture.objects.get().state == "queued"


@pytest.mark.slow
def test_waiting_for_a_worker_ends_with_what_became_of_it(
    transactional_db, environment, pressroom, desk, request
):
    environment["VERIFY_DEMO_PRESS"] = pressroom.address
    request.getfixturevalue("celery_worker_process")
    done = run(environment, "capture", "http://wire.example/", "--wait", "--json")
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["state"], facts["status"], facts["entry"]) == (0, "archived", 200, 0)
    assert facts["digest"].startswith("sha256:")
    failed = run(environment, "capture", "http://trouble.example/redirect-inside", "--wait", "--json")
    failure = json.loads(failed.stdout)["failure"]
    assert (failed.returncode, failure["code"]) == (1, "address-refused")
    assert failure["detail"] in failed.stderr
