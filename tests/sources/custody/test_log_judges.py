"""Go's own implementation of notes and tiled logs must accept what we write, and refuse it once tampered with."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sources.custody.models import Entry
from sources.custody.services import checkpoint, export, inclusion_proof

GOPATH = Path("/usr/share/gocode")  # where Debian's golang-*-dev packages put their sources
AT = datetime(2025, 3, 9, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not shutil.which("go") or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").exists(),
        reason="needs Go and golang.org/x/mod (Debian: golang-go golang-golang-x-mod-dev)",
    ),
]


@pytest.fixture(scope="session")
def judge(tmp_path_factory):
    """The judge, compiled."""
    directory = tmp_path_factory.mktemp("judge")
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(directory / "cache"),
    }
    source = Path(__file__).with_name("judge") / "main.go"
    subprocess.run(
        ["go", "build", "-o", directory / "judge", source], env=environment, check=True, timeout=300
    )

    def run(log, key, old, proofs):
        command = [directory / "judge", log, str(key), key.name, str(old), proofs]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.fixture
def exported(append, tmp_path):
    append(300)
    old = checkpoint(at=AT)
    append(300)
    new = checkpoint(at=AT)
    export(tmp_path / "log")
    (tmp_path / "proofs").mkdir()
    for index in (0, 255, 256, 511, 512, 599):
        (tmp_path / "proofs" / f"{index}.tlog-proof").write_text(inclusion_proof(index, new))
    return tmp_path, old


def test_go_accepts_the_exported_log_and_its_proofs(judge, exported, signer):
    path, old = exported
    done = judge(path / "log", signer.verifier_key, old.size, path / "proofs")
    assert (done.stderr, done.stdout) == ("", f"entries=600 proofs=6 old=300:{bytes(old.root).hex()}\n")


@pytest.mark.parametrize(
    "name",
    [
        "log/checkpoint",
        "log/tile/0/001",
        "log/tile/1/000.p/2",
        "log/tile/entries/002.p/88",
        "proofs/255.tlog-proof",
    ],
)
def test_go_refuses_one_changed_byte(judge, exported, signer, name):
    path, old = exported
    data = bytearray((path / name).read_bytes())
    data[len(data) // 2] ^= 1
    (path / name).write_bytes(data)
    assert judge(path / "log", signer.verifier_key, old.size, path / "proofs").returncode != 0


def test_export_again_adds_only_what_is_new(append, exported):
    path, _ = exported
    append(1)
    checkpoint(at=AT)
    assert export(path / "log").written == 4  # two partial tiles, a partial bundle, the checkpoint
    assert Entry.objects.count() == export(path / "log").size == 601
