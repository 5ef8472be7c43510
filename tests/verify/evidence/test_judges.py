"""What tools of others say of a package: `wacz validate`, `warcio check`, OpenSSL, Go; as VERIFY.md tells strangers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sources.custody.rfc3161 import make_query
from tests.sources.archive.test_warc import exchanges  # a fixture
from tests.sources.custody.authority import Tsa
from tests.verify.evidence import forge
from tests.verify.evidence.conftest import Sealed
from verify.evidence import verify_evidence
from verify.evidence.verify_evidence import (
    Invalid,
    Unknown,
    ecdsa_verify,
    ed25519_verify,
    read_stamp,
    rsa_verify,
)

pytestmark = pytest.mark.django_db

__all__ = ["exchanges"]  # a fixture

GOPATH = Path("/usr/share/gocode")  # where Debian's golang-*-dev packages put their sources
TEMPLATE = Path(verify_evidence.__file__).with_name("VERIFY.md")


@pytest.fixture
def unpacked(files: forge.Files, tmp_path: Path) -> Path:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def run(*command: Any, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_sha256sum_accepts(unpacked: Path) -> None:
    done = run("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=unpacked)
    assert (done.returncode, done.stdout) == (0, "")


def test_unzip_accepts(sealed: Sealed, tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(sealed.data)
    assert "No errors detected" in run("unzip", "-t", "p.zip", cwd=tmp_path).stdout


def test_wacz_validate_and_warcio_accept_each_capture(unpacked: Path) -> None:
    scripts = Path(sys.executable).parent
    for capture in (unpacked / "captures").glob("*.wacz"):
        assert "Validation succeeded" in run(scripts / "wacz", "validate", "-f", capture, cwd=unpacked).stdout
        run("unzip", "-oq", capture, "archive/data.warc.gz", cwd=unpacked)
        assert run(scripts / "warcio", "check", "archive/data.warc.gz", cwd=unpacked).returncode == 0


def test_openssl_accepts_each_timestamp_as_of_its_time(unpacked: Path, sealed: Sealed) -> None:
    (unpacked / "roots.pem").write_text("".join(sealed.roots))
    stamps = sorted((unpacked / "log/timestamps").glob("*.tsr"))
    for stamp in stamps:
        size = stamp.name.split("-")[0]
        text = run("openssl", "ts", "-reply", "-in", stamp, "-text", cwd=unpacked).stdout
        shown = re.search(r"Time stamp: (.*) GMT", text)
        assert shown is not None
        at = int(datetime.strptime(shown[1], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp())
        check = ["openssl", "ts", "-verify", "-in", stamp, "-CAfile", "roots.pem", "-attime", str(at)]
        for data in (["-data", f"log/checkpoints/{size}.txt"], ["-queryfile", stamp.with_suffix(".tsq")]):
            assert "Verification: OK" in run(*check, *data, cwd=unpacked).stdout
    assert len(stamps) == 2


@pytest.mark.skipif(
    not shutil.which("go") or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").exists(),
    reason="needs Go and golang.org/x/mod (Debian: golang-go golang-golang-x-mod-dev)",
)
def test_the_go_program_in_verify_md_accepts_each_proof_and_refuses_another_entry(
    unpacked: Path, sealed: Sealed
) -> None:
    program = re.search(r"```go\n(.*?)```", TEMPLATE.read_text(), re.DOTALL)
    assert program is not None
    (unpacked / "proof.go").write_text(program[1])
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(unpacked / "cache"),
    }
    subprocess.run(
        ["go", "build", "-o", "proof", "proof.go"], cwd=unpacked, env=environment, check=True, timeout=300
    )
    for proof in (unpacked / "log/proofs").iterdir():
        index, size = proof.stem.split("-")
        done = run("./proof", sealed.key, f"log/entries/{index}.json", proof, cwd=unpacked)
        assert done.stdout == f"entry {index} is in the tree of {size} signed by verify.example/log\n"
    assert run("./proof", sealed.key, "README.txt", proof, cwd=unpacked).returncode == 1


def test_an_expired_timestamp_still_passes_as_of_its_time(tmp_path: Path) -> None:
    """The signing certificate ends while we wait; OpenSSL refuses unless told the time, ours looks at that time."""
    tsa = Tsa(tmp_path / "tsa")
    try:
        ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
        end_certificate(tsa, ends)
        note = b"log\n1\n" + b"A" * 43 + b"=\n\n"
        query = make_query(note).der
        response = tsa.stamp(query)
        while datetime.now(UTC) <= ends:
            time.sleep(0.1)
        root = verify_evidence.parse_pem((tsa.folder / "root.pem").read_text())
        stamp = read_stamp(query, response, note, root)
        assert stamp.time <= ends and stamp.anchor == root[0].raw
        assert "Verification: OK" in tsa.verify(response, note, at=int(stamp.time.timestamp())).stdout
        assert "expired" in tsa.verify(response, note, at=int(ends.timestamp()) + 1).stderr
    finally:
        tsa.server.close()


def end_certificate(tsa: Tsa, ends: datetime) -> None:
    """The authority's signing certificate once more, ending then."""
    old = x509.load_pem_x509_certificate((tsa.folder / "tsa.pem").read_bytes())
    issuer = load_pem_private_key((tsa.folder / "inter.key").read_bytes(), None)
    builder = x509.CertificateBuilder(old.issuer, old.subject, old.public_key(), old.serial_number + 1)
    builder = builder.not_valid_before(old.not_valid_before_utc - timedelta(minutes=5)).not_valid_after(ends)
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    new = builder.sign(issuer, hashes.SHA256())  # type: ignore[arg-type]
    (tsa.folder / "tsa.pem").write_bytes(new.public_bytes(Encoding.PEM))


def test_a_certificate_for_something_else_does_not_stamp(tmp_path: Path) -> None:
    """Signed by the trusted authority, but for web servers: OpenSSL cannot even be made to sign, so it is forged."""
    tsa = Tsa(tmp_path / "tsa")
    try:
        note = b"log\n1\nroot\n\n"
        query = make_query(note).der
        response = tsa.stamp(query)
        root = verify_evidence.parse_pem((tsa.folder / "root.pem").read_text())
        with pytest.raises(Invalid, match="not over this checkpoint"):
            read_stamp(query, response, note + b"x", root)
        with pytest.raises(Invalid, match="does not answer this query"):
            read_stamp(make_query(note).der, response, note, root)
        stranger = verify_evidence.parse_pem((tsa.folder / "tsa.pem").read_text())[0]
        assert stranger.may_stamp() and not stranger.is_authority()
        other = Tsa(tmp_path / "other")
        other.server.close()
        foreign = verify_evidence.parse_pem((other.folder / "root.pem").read_text())
        with pytest.raises(Unknown, match="leads to none"):
            read_stamp(query, response, note, foreign)
        web = Tsa(tmp_path / "web", usage="web")
        web.server.close()
        assert not verify_evidence.parse_pem((web.folder / "tsa.pem").read_text())[0].may_stamp()
    finally:
        tsa.server.close()


def test_ed25519_agrees_with_the_library() -> None:
    for n in range(30):
        key, message = Ed25519PrivateKey.generate(), bytes(n)
        public, signature = key.public_key().public_bytes_raw(), key.sign(message)
        assert ed25519_verify(public, message, signature)
        assert not ed25519_verify(public, message + b"x", signature)
        place = n * 17 % 512
        changed = bytearray(signature)
        changed[place // 8] ^= 1 << place % 8
        assert not ed25519_verify(public, message, bytes(changed))


def test_ed25519_refuses_other_encodings_and_small_orders() -> None:
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"m")
    malleable = int.from_bytes(signature[32:], "little") + verify_evidence._L
    assert not ed25519_verify(public, b"m", signature[:32] + malleable.to_bytes(32, "little"))
    one, minus_one = (1).to_bytes(32, "little"), (2**255 - 20).to_bytes(32, "little")
    beyond = (2**255 - 19 + 1).to_bytes(32, "little")  # 1 again, written longer than needed
    for point in (one, minus_one, bytes(32), beyond, (1 | 1 << 255).to_bytes(32, "little")):
        assert not ed25519_verify(point, b"m", one + bytes(32)), "a key under which everything would verify"


@pytest.mark.parametrize(
    ("curve", "oid"), [(ec.SECP256R1(), "1.2.840.10045.3.1.7"), (ec.SECP384R1(), "1.3.132.0.34")]
)
@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_ecdsa_agrees_with_the_library(curve: Any, oid: str, algorithm: Any) -> None:
    key = ec.generate_private_key(curve)
    signature = key.sign(b"m", ec.ECDSA(algorithm))
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    digest, known = digest_of(algorithm), verify_evidence._CURVES[oid]
    assert ecdsa_verify(known, point, digest(b"m"), signature)
    assert not ecdsa_verify(known, point, digest(b"n"), signature)
    assert not ecdsa_verify(known, point[:-1] + bytes([point[-1] ^ 1]), digest(b"m"), signature)
    zero = bytes.fromhex("3006020100020100")
    assert not ecdsa_verify(known, point, digest(b"m"), zero)


def digest_of(algorithm: Any) -> Callable[[bytes], bytes]:
    def digest(message: bytes) -> bytes:
        hasher = hashes.Hash(algorithm)
        hasher.update(message)
        return hasher.finalize()

    return digest


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_rsa_agrees_with_the_library(algorithm: Any) -> None:
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    n, e, name = numbers.n, numbers.e, algorithm.name
    signature = key.sign(b"m", padding.PKCS1v15(), algorithm)
    assert rsa_verify(n, e, name, b"m", signature)
    assert not rsa_verify(n, e, name, b"n", signature)
    assert not rsa_verify(n, e, name, b"m", b"\0" + signature)
    for salt in (0, 20, algorithm.digest_size):
        signature = key.sign(b"m", padding.PSS(padding.MGF1(algorithm), salt), algorithm)
        assert rsa_verify(n, e, name, b"m", signature, salt)
        assert not rsa_verify(n, e, name, b"n", signature, salt)
        assert not rsa_verify(n, e, name, b"m", signature, salt + 1)


def test_every_real_capture_passes_its_check(exchanges: Any) -> None:
    """Chunked, compressed, cut off, over TLS, redirected: what the fetcher really brings."""
    from tests.sources.archive.test_wacz import wacz_of

    content, digest = wacz_of(exchanges)
    report = verify_evidence.Report()
    assert verify_evidence.check_wacz(content, report, "capture") == digest
    assert report.ok, [check for check in report.checks if check.result == "fail"]
