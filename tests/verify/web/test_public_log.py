"""The log as anybody reads it, over HTTP and with other people's tools."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from sources.custody import merkle, policy
from sources.custody.models import Checkpoint, Cosignature, Entry, Timestamp
from sources.custody.note import COSIGNATURE, Signer, parse
from sources.custody.services import checkpoint, configured_signer
from sources.custody.tiles import decode_bundle, paths
from sources.custody.timestamping import timestamp_newest
from sources.custody.witnessing import cosign_newest
from tests.sources.custody.authority import Tsa
from tests.sources.custody.conftest import append, signer  # noqa: F401
from tests.sources.custody.witness import Server, Witness

pytestmark = pytest.mark.django_db
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture
def log(append: Any) -> Checkpoint:  # noqa: F811
    """600 entries, signed: two full tiles and a partial one."""
    append(600)
    signed = checkpoint(at=timezone.now())
    assert signed is not None
    return signed


def get(client: Any, path: str, **headers: str) -> Any:
    return client.get(f"/log/{path}", headers=headers)


def test_every_file_of_the_export_is_served_and_is_right(client, log):
    for path in paths(log.size):
        response = get(client, str(path))
        assert (response.status_code, response["Content-Type"]) == (200, "application/octet-stream")
        if path.level == 0:
            first = path.index * 256
            entries = decode_bundle(get(client, f"tile/entries/{str(path)[7:]}").content)
            assert b"".join(merkle.leaf_hash(entry) for entry in entries) == response.content
            stored = Entry.objects.filter(index__gte=first).order_by("index")[: len(entries)]
            assert entries == [bytes(entry.body) for entry in stored]


def test_the_checkpoint_is_text_that_is_not_kept_for_long(client, log, signer):  # noqa: F811
    response = get(client, "checkpoint")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "public, max-age=5"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert parse(response.content).verified_by([signer.verifier_key])
    assert response.content.decode() == log.note and not response.cookies


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("tile/0/000", FOR_EVER),
        ("tile/entries/001", FOR_EVER),
        ("tile/0/002.p/88", "public, max-age=3600"),
        ("tile/entries/002.p/88", "public, max-age=3600"),
        ("tile/1/000.p/2", "public, max-age=3600"),
    ],
)
def test_tiles_may_be_kept(client, log, path, kept):
    response = get(client, path)
    assert response["Cache-Control"] == kept and not response.cookies
    again = get(client, path, if_none_match=response["ETag"])
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", kept)
    assert client.head(f"/log/{path}").status_code == 200
    assert client.post(f"/log/{path}").status_code == 405


def test_a_partial_tile_of_an_earlier_checkpoint_stays(client, log, append):  # noqa: F811
    before = get(client, "tile/0/002.p/88").content
    append(300)
    checkpoint(at=timezone.now())
    assert get(client, "tile/0/002.p/88").content == before
    assert get(client, "tile/0/002").content.startswith(before)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/003",
        "tile/0/002",
        "tile/0/002.p/89",
        "tile/entries/002",
        "tile/entries/002.p/89",
        "tile/1/000",
        "tile/1/000.p/3",
        "tile/2/000.p/1",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/-01",
        "tile/0/000/",
        "tile/0/000%00",
        "tile/0/٠٠٠",
        "tile/entries/../0/000",
        "tile/0/" + "x999/" * 8 + "999",
        "tile/",
        "checkpoints/599",
        "checkpoints/99999999999999999999999",
        "timestamps/1.tsr",
        "timestamps/99999999999999999999999.tsr",
    ],
)
def test_what_the_log_does_not_have_is_404(client, log, path):
    assert get(client, path).status_code == 404


def test_entries_that_are_not_signed_yet_are_not_served(client, append):  # noqa: F811
    append(256)
    assert get(client, "checkpoint").status_code == get(client, "tile/entries/000").status_code == 404
    checkpoint(at=timezone.now())
    append(1)
    assert get(client, "tile/entries/000").status_code == 200
    assert get(client, "tile/entries/001.p/1").status_code == 404


def test_entries_are_compressed_for_whoever_can_read_it(client, log):
    plain = get(client, "tile/entries/000")
    packed = get(client, "tile/entries/000", accept_encoding="br, gzip;q=0.5")
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 2 and packed["ETag"] != plain["ETag"]
    for refused in ("identity", "gzip;q=0", "gzip; q=0.000", "gzippy"):
        assert not get(client, "tile/entries/000", accept_encoding=refused).has_header("Content-Encoding")
    assert not get(client, "tile/0/000", accept_encoding="gzip").has_header("Content-Encoding")


def test_withheld_entries_are_denied_and_hashes_are_not(client, log, settings):
    settings.LOG_WITHHOLD_ENTRIES = True
    response = get(client, "tile/entries/000")
    assert (response.status_code, response["Cache-Control"]) == (403, "no-cache")
    assert "withheld" in response.content.decode()
    assert get(client, "tile/0/000").status_code == 200
    assert get(client, "tile/entries/009").status_code == 404
    assert "withheld by this installation" in get(client, "").content.decode()


def test_a_damaged_entry_is_denied_not_passed_on(client, log):
    """Somebody with a superuser's rights changed an entry with its leaf hash; the full tile still knows."""
    body = bytes(Entry.objects.get(index=3).body).replace(b'"bytes":3', b'"bytes":4')
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sources_entry DISABLE TRIGGER sources_entry_no_change")
        cursor.execute(
            "UPDATE sources_entry SET body = %s, leaf_hash = sha256('\\x00'::bytea || %s) WHERE index = 3",
            [body, body],
        )
    assert get(client, "tile/entries/000").status_code == 404
    assert get(client, "tile/entries/001").status_code == 200


@pytest.mark.parametrize(
    ("path", "queries"), [("tile/0/000", 2), ("tile/1/000.p/2", 3), ("tile/entries/000", 3)]
)
def test_a_full_tile_is_one_row(client, log, path, queries, django_assert_num_queries):
    with django_assert_num_queries(queries):
        get(client, path)


# --- Witnesses and timestamps ---------------------------------------------------------------------------------------


@pytest.fixture
def witnessed(log: Checkpoint, signer: Any, settings: Any, tmp_path: Path) -> Any:  # noqa: F811
    """The log cosigned and timestamped; gives the authority."""
    witness = Witness(signer.name, signer.verifier_key.public)
    server, tsa = Server(witness.answer, "/add-checkpoint"), Tsa(tmp_path / "tsa")
    settings.LOG_POLICY = f"witness w {witness.vkey} {server.address}\nquorum w\n"
    settings.LOG_TIMESTAMP_AUTHORITIES = [tsa.setting("test-authority")]
    try:
        assert cosign_newest(at=timezone.now()) and timestamp_newest(at=timezone.now())
        yield tsa
    finally:
        server.close()
        tsa.server.close()


def test_cosignatures_are_served_with_the_checkpoint(client, witnessed, settings):
    served = parse(get(client, "checkpoint").content)
    (witness,) = policy.parse(settings.LOG_POLICY).witnesses.values()
    assert len(served.signatures) == 2 and served.verified_by([witness.key])
    assert get(client, "checkpoints/600").content == get(client, "checkpoint").content


def test_the_page_names_keys_witnesses_and_times(client, witnessed, signer):  # noqa: F811
    content = get(client, "").content.decode()
    row, stamp = Cosignature.objects.get(), Timestamp.objects.get()
    for word in (str(signer.verifier_key), row.verifier_key, "test-authority", f"timestamps/{stamp.pk}.tsr"):
        assert word in content.replace("&#x2B;", "+")
    assert "They are a quorum by our policy" in content


def test_the_page_of_an_empty_log_says_so(client, signer):  # noqa: F811
    content = get(client, "").content.decode()
    assert "Not signed yet" in content and "No witness cosigns this log" in content
    assert str(configured_signer().verifier_key) in content


def test_the_page_asks_little_and_tells_whether_it_changed(client, witnessed, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        response = get(client, "")
    assert get(client, "", if_none_match=response["ETag"]).status_code == 304
    Cosignature.objects.create(
        checkpoint=Checkpoint.objects.get(),
        name="second.example",
        verifier_key=str(Signer("second.example", bytes(32), COSIGNATURE).verifier_key),
        line="— second.example AAAA\n",
        at=timezone.now(),
        received_at=timezone.now(),
    )
    assert get(client, "", if_none_match=response["ETag"]).status_code == 200


def test_openssl_verifies_what_is_served(client, witnessed):
    row = Timestamp.objects.get()
    parts = {part: get(client, f"timestamps/{row.pk}.{part}").content for part in ("note", "tsq", "tsr")}
    assert get(client, f"timestamps/{row.pk}.txt").status_code == 404
    assert parts["tsq"] == bytes(row.query)
    done = witnessed.verify(parts["tsr"], parts["note"], at=int(row.gen_time.timestamp()))
    assert "Verification: OK" in done.stdout


def test_the_desks_page_shows_who_vouches(client, witnessed, alice):
    client.force_login(alice)
    content = client.get(reverse("log-checkpoint")).content.decode()
    assert "witness.example/w1" in content and "test-authority" in content


def test_an_entry_of_the_log_itself_is_every_members(client, witnessed, mallory):
    client.force_login(mallory)
    entry = Timestamp.objects.get().entry
    content = client.get(reverse("log-entry", args=[entry.pk])).content.decode()
    assert "the log itself" in content and "response_sha256" in content


# --- Other people's clients, over the network -----------------------------------------------------------------------

AICS = Path(sys.prefix) / "aics" / "bin" / "python"  # in an environment of its own: it needs Python 3.12
READ = """
import sys, urllib.request
import aics_tlog as judge
prefix, key = sys.argv[1:]
note = judge.parse_note(urllib.request.urlopen(prefix + "/checkpoint").read())
checked = judge.verify_checkpoint(note, judge.parse_vkey(key))
assert checked.ok, checked
head = judge.parse_checkpoint(note.text)
reader = judge.HttpTileReader([prefix + "/"])
report = judge.audit_tiles(reader, head.size, head.root)
print(head.size, len(judge.VerifiedTileReader(reader, head.size, head.root).entry(599)), file=sys.stdout)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not AICS.exists(), reason=f"needs {AICS}")
def test_aics_tlog_reads_the_served_log(web_server, served_log):
    done = subprocess.run(
        [AICS, "-c", READ, f"{web_server}/log", served_log], capture_output=True, text=True, timeout=60
    )
    last = bytes(Entry.objects.get(index=599).body)
    assert (done.stdout, done.stderr) == (f"600 {len(last)}\n", "")


@pytest.fixture
def served_log(environment: Any, append: Any, settings: Any) -> str:  # noqa: F811
    """A signed log of 600 in the database that the running server reads; its verifier key."""
    append(600)
    checkpoint(at=timezone.now())
    return str(configured_signer().verifier_key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not shutil.which("go") or not Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").exists(),
    reason="needs Go and golang.org/x/mod (Debian: golang-go golang-golang-x-mod-dev)",
)
def test_go_reads_the_served_log(web_server, served_log, tmp_path):
    source = Path(__file__).parents[2] / "sources" / "custody" / "judge" / "main.go"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
    environment["GOCACHE"] = str(tmp_path / "cache")
    subprocess.run(
        ["go", "build", "-o", tmp_path / "judge", source], env=environment, check=True, timeout=300
    )
    root = merkle.root(
        300, merkle.nodes_of([bytes(leaf) for leaf in Entry.objects.values_list("leaf_hash", flat=True)])
    )
    command = [tmp_path / "judge", f"{web_server}/log", served_log, "verify.example/log", "300", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stderr, done.stdout) == ("", f"entries=600 proofs=0 old=300:{root.hex()}\n")
