"""The consumer's kit, run as a stranger runs it: a process of its own, over HTTP, with the standard library alone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.utils import timezone

from sources.custody.note import Signer
from sources.custody.services import checkpoint, configured_signer
from tests.verify.api.consumer import published_set
from verify.evidence import packages
from verify.publish.models import Methodology
from verify.publish.services import pause, retract
from verify.stack.paths import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SCRIPT = ROOT / "docs" / "how-to" / "follow.py"


def run(site: str, folder: Path, *more: Any) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-I", "-S", str(SCRIPT), site, str(folder), *map(str, more)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def copies(folder: Path) -> dict[str, bytes]:
    return {file.stem: file.read_bytes() for file in folder.glob("*.json")}


def act(service: Any, claim: Any, by: Any) -> None:
    service(claim=claim, reason="As readers see.", by=by, at=timezone.now())


@contextmanager
def between(site: str, part: str, old: bytes, new: bytes) -> Iterator[str]:
    """Somebody on the way who changes one word in the answers of addresses with `part` in them."""

    class Middle(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                content = urlopen(site + self.path, timeout=60).read()
            except HTTPError as error:
                self.send_error(error.code)
                return
            if part in self.path:
                assert old in content
                content = content.replace(old, new, 1)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content.replace(site.encode(), own.encode()))

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Middle)
    own = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    settings.SITE_URL = live_server.url
    return str(live_server.url)


def test_the_script_is_short_and_needs_nothing():
    _doc, _quotes, code = SCRIPT.read_text().rpartition('"""\n')
    lines = [line for line in code.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) <= 40 and max(map(len, lines)) <= 110


def test_it_keeps_the_published_set_up_to_date(site, tmp_path, published_claim, make_published, bob):
    gone, hidden = make_published("It will be withdrawn."), make_published("It will be hidden.")
    done = run(site, tmp_path / "copy")
    assert done.returncode == 0, done.stderr
    assert copies(tmp_path / "copy") == published_set() and len(published_set()) == 3
    act(retract, gone, bob)
    act(pause, hidden, bob)
    make_published("Another.")
    assert run(site, tmp_path / "copy").returncode == 0
    assert copies(tmp_path / "copy") == published_set() and len(published_set()) == 2


def test_it_checks_a_claim_and_shows_its_copies(site, tmp_path, published_claim, desk, bob):
    Methodology.objects.create(desk=desk, offers_packages=True, changed_by=bob, changed_at=timezone.now())
    (pk,) = packages.sweep(at=timezone.now())
    assert packages.make(version_id=pk, at=timezone.now())
    checkpoint(at=timezone.now())
    key = configured_signer().verifier_key
    done = run(site, tmp_path / "copy", published_claim.pk, key, "package")
    assert done.returncode == 0, done.stderr
    assert "Verified" in done.stdout and "http://wire.example/" in done.stdout
    (capture,) = (tmp_path / "copy" / "captures").glob("*.wacz")
    assert capture.read_bytes()[:2] == b"PK"


def test_it_refuses_what_was_tampered_with(site, tmp_path, published_claim, make_published):
    for number in range(3):
        make_published(f"Claim {number}, so that the proof has a path.")
    checkpoint(at=timezone.now())
    pk, key = published_claim.pk, configured_signer().verifier_key
    proof = urlopen(f"{site}/api/v1/claims/{pk}/versions/1/proof/").read()
    first, head = proof.split(b"\n")[2], proof.split(b"\n\n")[1]
    size = head.split(b"\n")[1]
    attacks = [
        ("/changes/", b"about 745", b"about 746", "not published"),
        ("/entry/", b'"number":1', b'"number":2', "no root of this log"),
        ("/proof/", first, first[:3] + (b"A" if first[3:4] != b"A" else b"B") + first[4:], "no root"),
        ("/proof/", b"\n" + size + b"\n", b"\n" + size + b"0\n", ""),
    ]
    for number, (part, old, new, said) in enumerate(attacks):
        with between(site, part, old, new) as middle:
            done = run(middle, tmp_path / f"copy{number}", pk, key)
        assert done.returncode != 0 and said in done.stderr, (part, done)
        assert part != "/changes/" or copies(tmp_path / f"copy{number}") == {}


def test_it_refuses_another_key(site, tmp_path, published_claim, settings):
    checkpoint(at=timezone.now())
    right = configured_signer().verifier_key
    other = Signer(settings.LOG_ORIGIN, b"\1" * 32).verifier_key
    disguised = f"{right.name}+{right.key_id.hex()}+{str(other).split('+', 2)[2]}"
    stranger = Signer("another.example/log", configured_signer().seed).verifier_key
    for key in (other, disguised, stranger):
        done = run(site, tmp_path / "copy", published_claim.pk, key)
        assert done.returncode != 0 and "Verified" not in done.stdout, key
    assert run(site, tmp_path / "copy", published_claim.pk, right).returncode == 0
