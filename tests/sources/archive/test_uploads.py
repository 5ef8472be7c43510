"""Files of any kind as evidence: what is kept of them, what is logged, what is shown, and what it costs."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image
from warcio.archiveiterator import ArchiveIterator

from sources.archive import storage
from sources.archive.inspections import digest_of
from sources.archive.models import Capture, Inspection
from sources.archive.services import receive_upload, request_capture, run_capture
from sources.archive.wacz_check import verify_wacz
from sources.custody.models import Opening
from tests.cast import T0
from tests.sources.archive.media import (
    LATAKIA,
    WHATSAPP,
    encoded,
    exif,
    mp4,
    scene,
    signed,
    signer,
    telegram_json,
    zipped,
)  # fmt: skip
from tests.sources.archive.samples import pdf
from verify.stack.paths import ROOT


def upload(desk, by, content: bytes, filename="file", url="", **fields) -> Capture:
    pieces = [content[i : i + 1000] for i in range(0, len(content), 1000)]
    return receive_upload(desk=desk, content=pieces, filename=filename, url=url, by=by, at=T0, **fields)


def records(capture: Capture) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(storage.read(capture.package))) as package:
        warc = io.BytesIO(package.read("archive/data.warc.gz"))
    found = ArchiveIterator(warc)
    return {
        r.rec_headers.get_header("WARC-Target-URI"): r.content_stream().read()
        for r in found
        if r.rec_type == "resource"
    }


def photograph() -> bytes:
    return encoded(scene(), exif=exif(Artist="Abu Nizar", Orientation=6, gps=LATAKIA), comment=b"at home")


def test_a_photograph_is_kept_inspected_packed_and_logged(desk, alice) -> None:
    content = photograph()
    capture = upload(desk, alice, content, "IMG_0001.jpg")
    found = capture.inspections.get()
    assert (capture.media_type, capture.body_id) == ("image/jpeg", hashlib.sha256(content).hexdigest())
    assert (found.width, found.height, found.latitude) == (480, 640, 35.5317)
    facts = capture.entry.read().facts
    packed = records(capture)
    target = f"urn:sha256:{capture.body_id}"
    assert packed[target] == content
    document = packed[f"urn:inspection:{target}"]
    assert facts["inspection_sha256"] == hashlib.sha256(document).hexdigest() == digest_of(found)
    assert json.loads(document)["latitude"] == 35.5317
    assert (
        list(
            verify_wacz(
                io.BytesIO(storage.read(capture.package)), datapackage_sha256=capture.datapackage_sha256
            )
        )
        == []
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content", [photograph(), mp4(), signed(encoded(scene().resize((90, 60)))), pdf("one")]
)
def test_the_digest_of_an_inspection_can_be_derived_from_its_row(desk, alice, content) -> None:
    capture = upload(desk, alice, content)
    row = Inspection.objects.get(capture=capture)
    assert digest_of(row) == capture.entry.read().facts["inspection_sha256"]
    row.facts = [*row.facts, {"group": "EXIF", "name": "Make", "value": "another"}]
    assert digest_of(row) != capture.entry.read().facts["inspection_sha256"]


def test_a_picture_from_the_web_is_inspected_packed_and_logged_too(desk, alice, pressroom) -> None:
    url = "http://wire.example/assets/coast.png"
    queued = request_capture(desk=desk, url=url, by=alice, at=timezone.now())
    run_capture(capture_id=queued.pk)
    capture = Capture.objects.get(pk=queued.pk)
    found = capture.inspections.get()
    assert (capture.state, found.width, found.height, len(found.perceptual_hash)) == ("archived", 640, 360, 8)
    assert capture.entry.read().facts["inspection_sha256"] == digest_of(found)
    packed = records(capture)
    assert f"urn:inspection:{url}" in packed
    assert packed[f"urn:thumbnail:{url}"] == storage.read(capture.renditions.get(kind="thumbnail").blob)


def test_the_thumbnail_of_a_photograph_stands_upright_and_tells_nothing(desk, alice) -> None:
    capture = upload(desk, alice, photograph())
    rendition = capture.renditions.get(kind="thumbnail")
    small = storage.read(rendition.blob)
    picture = Image.open(io.BytesIO(small))
    assert picture.size == (360, 480) and not picture.getexif() and rendition.media_type == "image/jpeg"
    assert b"Nizar" not in small and b"home" not in small and b"Exif" not in small


def test_the_thumbnail_of_a_signed_picture_carries_no_manifest(desk, alice) -> None:
    capture = upload(desk, alice, signed(encoded(scene())))
    small = storage.read(capture.renditions.get(kind="thumbnail").blob)
    assert b"jumb" not in small and b"c2pa" not in small


def test_a_signer_is_trusted_when_the_installation_names_its_root(desk, alice, settings, tmp_path) -> None:
    content = signed(encoded(scene().resize((90, 60))))
    assert upload(desk, alice, content).inspections.get().credentials == "valid"
    (tmp_path / "trust.pem").write_text(signer()[1])
    settings.ARCHIVE_C2PA_TRUST = str(tmp_path / "trust.pem")
    assert upload(desk, alice, content).inspections.get().credentials == "trusted"


@pytest.mark.parametrize(
    ("content", "name", "media_type", "extractor"),
    [
        (WHATSAPP.encode(), "_chat.txt", "text/plain", "whatsapp"),
        (
            zipped({"_chat.txt": WHATSAPP.encode(), "1.jpg": b"x"}),
            "export.zip",
            "application/zip",
            "whatsapp",
        ),
        (
            telegram_json({"date": "2025-03-07", "from": "R", "text": "x"}),
            "result.json",
            "application/json",
            "telegram-json",
        ),
        (mp4(), "clip.mp4", "video/mp4", None),
        (b"\0\1\2\3", "thing.bin", "application/octet-stream", None),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>",
            "x.svg",
            "image/svg+xml",
            None,
        ),
    ],
)
def test_a_file_of_any_kind_is_kept_and_chats_can_be_read(
    desk, alice, content, name, media_type, extractor
) -> None:
    capture = upload(desk, alice, content, name)
    assert (capture.state, capture.media_type, capture.filename, capture.url) == (
        "archived",
        media_type,
        name,
        "",
    )
    assert capture.texts.values_list("extractor", flat=True).first() == extractor


def test_the_name_of_a_file_is_logged_as_a_commitment_only(desk, alice) -> None:
    capture = upload(desk, alice, b"words", "C:\\Users\\Rima\\secret\0 name\ud800.txt")
    assert capture.filename == "secret name?.txt"
    assert b"secret" not in bytes(capture.entry.body)
    opened = Opening.objects.filter(entry=capture.entry).values_list("value", flat=True)
    assert json.dumps("secret name?.txt") in list(opened)
    assert b"secret name" not in storage.read(capture.package)


def test_a_hostile_file_is_kept_and_its_problem_said(desk, alice) -> None:
    capture = upload(desk, alice, b"\xff\xd8\xff\xe0 no picture at all")
    found = capture.inspections.get()
    assert capture.state == "archived" and found.problem and found.perceptual_hash is None
    assert not capture.renditions.exists()


def test_the_command_says_what_the_file_is(desk, tmp_path, capsys) -> None:
    (tmp_path / "photo.jpg").write_bytes(photograph())
    call_command("upload", str(tmp_path / "photo.jpg"), "--json")
    said = json.loads(capsys.readouterr().out)
    capture = Capture.objects.get()
    assert (said["id"], said["kind"], said["entry"]) == (str(capture.pk), "image/jpeg", capture.entry_id)
    assert (
        said["file"]["sha256"] == capture.body_id and said["digest"] == f"sha256:{capture.datapackage_sha256}"
    )
    assert (said["metadata"]["width"], said["metadata"]["credentials"]) == (480, "none")
    assert capture.document is None and capture.filename == "photo.jpg"
    call_command("upload", str(tmp_path / "photo.jpg"), "--url", "http://wire.example/photo", "--json")
    assert Capture.objects.exclude(document=None).get().url == "http://wire.example/photo"


@pytest.mark.django_db(transaction=True)
def test_memory_does_not_grow_with_the_file(desk, environment, tmp_path) -> None:
    """160 MiB more of file may cost 40 MiB more of memory that is the process's own, not of mapped pages."""
    peaks = []
    for megabytes in (1, 161):
        film = tmp_path / "film.mp4"
        film.write_bytes(mp4())
        with film.open("ab") as handle:
            for _ in range(megabytes):
                handle.write(os.urandom(2**20))
        run = subprocess.run(
            [sys.executable, "-c", MEASURE, str(film)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        peaks.append(int(run.stdout.split()[-1]))
    print(peaks)
    assert peaks[1] - peaks[0] < 40 * 2**10


# Anonymous memory is sampled: VmHWM also counts pages of the mapped file, which the kernel takes back when it likes.
MEASURE = """
import sys, threading, time
import django; django.setup()
from django.core.management import call_command
peak, done = 0, False
def watch():
    global peak
    while not done:
        with open("/proc/self/status") as status:
            own = next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
        peak = max(peak, own)
        time.sleep(0.005)
watcher = threading.Thread(target=watch); watcher.start()
call_command("upload", sys.argv[1], "--json")
done = True
watcher.join()
print(peak)
"""
