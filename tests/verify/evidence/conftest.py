"""A real evidence package: rows made by the services, a page fetched, a witness, two authorities; made once for all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from claims.attribution.services import link_evidence
from sources.archive.services import run_capture
from sources.catalog.services import archive_document
from sources.custody import services as custody
from sources.custody.models import Checkpoint
from sources.custody.timestamping import configured_authorities, timestamp
from sources.custody.witnessing import cosign_newest
from tests.cast import T0
from tests.sources.custody.authority import Tsa
from tests.sources.custody.witness import Server, Witness
from tests.verify.evidence import forge
from verify.demo.pressroom import exceptions, running
from verify.evidence import verify_evidence
from verify.evidence.package import export_claim

VERIFIER = Path(verify_evidence.__file__)


class RsaTsa(Tsa):
    """Another authority, with RSA keys."""

    def _key(self, name: str) -> None:
        self.openssl("genrsa", "-out", f"{name}.key", "2048")


@dataclass(frozen=True)
class Sealed:
    """A package, what a stranger brings along to check it, and what was made with it."""

    data: bytes
    key: str
    policy: str
    roots: list[str]  # PEM
    folder: Path
    claim: str

    @property
    def given(self) -> verify_evidence.Given:
        return verify_evidence.Given(
            keys=[verify_evidence.Key.parse(self.key)],
            policy=verify_evidence.Policy.parse(self.policy),
            anchors=[certificate for pem in self.roots for certificate in verify_evidence.parse_pem(pem)],
        )

    def check(self, data: bytes | None = None, **changes: Any) -> verify_evidence.Report:
        given = self.given
        for name, value in changes.items():
            setattr(given, name, value)
        return verify_evidence.verify(self.data if data is None else data, given)

    def command(self, *arguments: str, data: bytes | None = None) -> subprocess.CompletedProcess[str]:
        """The verifier as a stranger runs it: an interpreter that sees the standard library and nothing else."""
        package = self.folder / "given.zip"
        package.write_bytes(self.data if data is None else data)
        command = [sys.executable, "-I", "-S", VERIFIER, package, *arguments]
        return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60, check=False)

    def outside(self) -> list[str]:
        """The arguments with all that a stranger brings along."""
        (self.folder / "policy").write_text(self.policy)
        arguments = ["--key", self.key, "--policy", str(self.folder / "policy")]
        for number, pem in enumerate(self.roots):
            (self.folder / f"root{number}.pem").write_text(pem)
            arguments += ["--tsa-ca", str(self.folder / f"root{number}.pem")]
        return arguments


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Tsa]]:
    folder = tmp_path_factory.mktemp("authorities")
    both = [Tsa(folder / "one"), RsaTsa(folder / "two")]
    yield both
    for authority in both:
        authority.server.close()


@pytest.fixture
def attest(authorities: list[Tsa], settings: Any) -> Iterator[Callable[[], None]]:
    """`attest()`: sign the log, and have a witness and both authorities attest the newest checkpoint."""
    log = custody.configured_signer().verifier_key
    witness = Witness(settings.LOG_ORIGIN, log.public)
    server = Server(witness.answer, "/add-checkpoint")
    settings.LOG_POLICY = f"witness w {witness.vkey} {server.address}\nquorum w\n"
    settings.LOG_TIMESTAMP_AUTHORITIES = [tsa.setting(f"tsa{n}") for n, tsa in enumerate(authorities)]

    def attest() -> None:
        custody.checkpoint(at=timezone.now())
        cosign_newest(at=timezone.now())
        newest = Checkpoint.objects.order_by("size").last()
        assert newest is not None
        for authority in configured_authorities():
            timestamp(checkpoint=newest, authority=authority, at=timezone.now())

    yield attest
    server.close()


@pytest.fixture
def fetched(desk: Any, alice: Any, settings: Any) -> Callable[[str], Any]:
    """`fetched(url)`: a page of the demo's press site, archived over HTTP."""

    def fetch(url: str) -> Any:
        with running() as site:
            settings.ARCHIVE_GUARD_EXCEPTIONS = exceptions(site.address)
            capture = archive_document(desk=desk, url=url, by=alice, at=timezone.now())
            run_capture(capture_id=capture.pk)
        capture.refresh_from_db()
        assert capture.state == "archived", capture.failure_detail
        return capture

    return fetch


@pytest.fixture
def rich_claim(researched_claim: Any, fetched: Any, alice: Any, bob: Any, approve: Any) -> Any:
    """A published claim with an anchored quotation from an upload, and a page fetched over HTTP as evidence."""
    from verify.publish.services import publish

    capture = fetched("http://wire.example/2025/03/08/syria-coast-monitor-toll")
    link_evidence(
        claim=researched_claim,
        capture=capture,
        stance="contextualises",
        credibility=3,
        reason="Where it was carried.",
        by=alice,
        at=T0,
    )
    researched_claim.refresh_from_db()
    approve(researched_claim)
    publish(claim=researched_claim, by=bob, at=timezone.now())
    return researched_claim


def export(claim: Any, **options: Any) -> tuple[Any, bytes]:
    out = BytesIO()
    options = {"by": None, "at": timezone.now()} | options
    done = export_claim(claim=claim, out=out, **options)
    return done, out.getvalue()


_made: list[Sealed] = []


@pytest.fixture
def sealed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    """The package of the rich claim. It is made by the first test that asks, and is bytes from then on."""
    if not _made:
        claim = request.getfixturevalue("rich_claim")
        attest = request.getfixturevalue("attest")
        authorities = request.getfixturevalue("authorities")
        settings = request.getfixturevalue("settings")
        attest()
        _done, data = export(claim, at=timezone.now() + timedelta(seconds=1))
        key = str(custody.configured_signer().verifier_key)
        roots = [(tsa.folder / "root.pem").read_text() for tsa in authorities]
        folder = tmp_path_factory.mktemp("sealed")
        _made.append(Sealed(data, key, settings.LOG_POLICY, roots, folder, str(claim.pk)))
    return _made[0]


@pytest.fixture
def files(sealed: Sealed) -> dict[str, bytes]:
    return forge.unpack(sealed.data)


@pytest.fixture
def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["manifest.json"])
    return found
