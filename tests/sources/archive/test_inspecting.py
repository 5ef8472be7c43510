"""What files say of themselves, of every kind; and what hostile ones do to us, which is nothing."""

from __future__ import annotations

import io
import json
import random
import struct
import zlib
from datetime import UTC, datetime

import pi_heif  # noqa: F401
import pypdf
import pytest
from PIL import Image

from sources.archive import exif as exif_module
from sources.archive.inspected import MAX_FACTS, Inspected, printable, tame
from sources.archive.inspecting import inspect, prepare
from sources.archive.kinds import Family, Kind, sniff
from sources.archive.reader import Reader, inspect_safely
from tests.sources.archive.media import LATAKIA, apple, encoded, exif, mp4, scene, signed, udta, zipped
from tests.sources.archive.samples import pdf

TAKEN = 36867  # DateTimeOriginal
ZONE = 36881  # OffsetTimeOriginal
CREATED = 3_824_172_764  # 2025-03-07 06:12:44 in seconds since 1904


def read(content: bytes, name: str = "") -> Inspected:
    found = inspect_safely(sniff(content, "", name), content)
    assert found is not None
    json.dumps(found.facts)
    found.document()
    return found


def fact(found: Inspected, group: str, name: str) -> str | None:
    return next((f["value"] for f in found.facts if (f["group"], f["name"]) == (group, name)), None)


# -- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_picture_tells_its_camera_its_size_and_what_it_looks_like(form: str) -> None:
    found = read(encoded(scene(), form, exif=exif(Make="Fairphone", Model="FP4")))
    assert (found.width, found.height, found.problem) == (640, 480, "")
    assert (fact(found, "EXIF", "Make"), fact(found, "EXIF", "Model")) == ("Fairphone", "FP4")
    assert len(found.perceptual_hash) == 8 and found.thumbnail.startswith(b"\xff\xd8")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_measured_hashed_and_shown_upright(orientation: int) -> None:
    upright = scene().resize((320, 240))
    stored = upright
    for back in {
        1: (), 2: (Image.Transpose.FLIP_LEFT_RIGHT,), 3: (Image.Transpose.ROTATE_180,),
        4: (Image.Transpose.FLIP_TOP_BOTTOM,), 5: (Image.Transpose.TRANSPOSE,),
        6: (Image.Transpose.ROTATE_90,), 7: (Image.Transpose.TRANSVERSE,), 8: (Image.Transpose.ROTATE_270,),
    }[orientation]:  # fmt: skip
        stored = stored.transpose(back)
    found = read(encoded(stored, "PNG", exif=exif(Orientation=orientation)))
    assert (found.width, found.height) == (320, 240)
    assert found.perceptual_hash == read(encoded(upright, "PNG")).perceptual_hash
    assert Image.open(io.BytesIO(found.thumbnail)).size == (320, 240)


@pytest.mark.parametrize(
    ("details", "gps", "taken_at", "evidence"),
    [
        (
            {TAKEN: "2025:03:07 06:12:44"},
            {},
            None,
            "EXIF DateTimeOriginal 2025:03:07 06:12:44, no zone given",
        ),
        (
            {TAKEN: "2025:03:07 06:12:44", ZONE: "+03:00"},
            {},
            datetime(2025, 3, 7, 3, 12, 44, tzinfo=UTC),
            "EXIF DateTimeOriginal 2025:03:07 06:12:44, OffsetTimeOriginal +03:00",
        ),
        (
            {TAKEN: "2025:03:07 06:12:44"},
            {7: (3.0, 12.0, 40.0), 29: "2025:03:07"},
            datetime(2025, 3, 7, 3, 12, 40, tzinfo=UTC),
            "EXIF GPSDateStamp and GPSTimeStamp 2025:03:07 03:12:40 UTC, when the position was fixed",
        ),
        ({TAKEN: "0000:00:00 00:00:00", ZONE: "+03:00"}, {}, None, "which is no time"),
        ({TAKEN: "2025:03:07 06:12:44"}, {7: (99.0, 0.0, 0.0), 29: "2025:03:07"}, None, "no zone given"),
        ({}, {}, None, ""),
    ],
)
def test_a_moment_is_believed_only_with_its_zone(details, gps, taken_at, evidence) -> None:
    found = read(encoded(scene(), exif=exif(details=details, gps=gps)))
    assert found.taken_at == taken_at
    assert evidence in found.taken_evidence and bool(evidence) == bool(found.taken_evidence)


@pytest.mark.parametrize(
    ("gps", "place"),
    [
        (LATAKIA, (35.5317, 35.7817)),
        ({**LATAKIA, 1: "S", 3: "W"}, (-35.5317, -35.7817)),
        ({2: LATAKIA[2], 4: LATAKIA[4]}, (None, None)),  # which half of the earth?
        ({**LATAKIA, 9: "V"}, (None, None)),
        ({**LATAKIA, 2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)}, (None, None)),
        ({**LATAKIA, 2: (135.0, 0.0, 0.0)}, (None, None)),
    ],
)
def test_a_place_is_believed_only_when_it_can_be_one(gps, place) -> None:
    found = read(encoded(scene(), exif=exif(gps=gps)))
    assert (found.latitude, found.longitude) == place


def test_xmp_iptc_and_comments_are_read() -> None:
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        b' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmp:CreatorTool="Darkroom 3"'
        b' photoshop:DateCreated="2025-03-07T06:12:44+03:00"><dc:creator><rdf:Seq><rdf:li>Rima</rdf:li></rdf:Seq>'
        b"</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    city = b"\x1c\x02\x5a\x00\x07Latakia"
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(city)) + city
    app13 = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    jpeg = encoded(scene(), xmp=xmp, comment=b"by the sea")
    found = read(jpeg[:2] + app13 + jpeg[2:])
    assert fact(found, "XMP", "xmp:CreatorTool") == "Darkroom 3"
    assert fact(found, "XMP", "dc:creator") == "Rima"
    assert (fact(found, "IPTC", "City"), fact(found, "Text", "Comment")) == ("Latakia", "by the sea")
    assert found.taken_at == datetime(2025, 3, 7, 3, 12, 44, tzinfo=UTC)


def test_words_in_any_script_and_bytes_without_sense_can_be_stored() -> None:
    comment = b"UNICODE\0" + "شاهد".encode("utf-16-le")
    found = read(
        encoded(scene(), exif=exif(Artist="a\0b\x01c", details={37510: comment, 37500: bytes(5000)}))
    )
    assert fact(found, "EXIF", "UserComment") == "شاهد"
    assert fact(found, "EXIF", "MakerNote") == "5000 bytes, not shown"
    assert "\0" not in json.dumps(found.facts)
    assert printable("a\x00\ud800\u202eb") == "a ?\u202eb" and len(printable("x" * 9000)) == 500


def test_facts_are_bounded_and_foreign_json_is_tamed() -> None:
    found = Inspected()
    for number in range(10_000):
        found.say("EXIF", "Tag", number)
    assert len(found.facts) == MAX_FACTS
    wild = {"a\0": [float("nan"), 2**70, 1e300, 3.0, "x\0y", {"deep": None}], "b": b"\xff"}
    tamed = tame(wild)
    assert tamed == {"a": ["nan", str(2**70), "1e+300", 3, "x y", {"deep": None}], "b": "b'\\xff'"}
    nested: list = []
    for _ in range(5000):
        nested = [nested]
    json.dumps(tame(nested))


# -- films, sound, PDF, archives --------------------------------------------------------------------------------------


def test_a_film_tells_its_length_its_size_as_shown_and_its_codec() -> None:
    found = read(mp4(seconds=3, created=CREATED, extra=udta("+35.5317+035.7817/")))
    assert (found.width, found.height, found.duration, found.problem) == (64, 48, 3.0, "")
    assert fact(found, "Video", "format") == "AVC"
    assert (found.latitude, found.longitude) == (35.5317, 35.7817)
    assert (read(mp4(turned=True)).width, read(mp4(turned=True)).height) == (48, 64)


def test_the_creation_date_of_a_container_is_a_fact_and_no_moment() -> None:
    found = read(mp4(created=CREATED))
    assert found.taken_at is None
    assert "2025-03-07 06:12:44" in found.taken_evidence and "also write local time" in found.taken_evidence


def test_a_phone_that_names_its_zone_is_believed() -> None:
    found = read(
        mp4(created=CREATED, extra=apple(creationdate="2025-03-07T08:12:44+0200", model="iPhone 13"))
    )
    assert found.taken_at == datetime(2025, 3, 7, 6, 12, 44, tzinfo=UTC), found.facts
    assert "2025-03-07T08:12:44+0200" in found.taken_evidence
    assert any(fact["value"] == "iPhone 13" for fact in found.facts)


def test_sound_tells_its_length() -> None:
    wave = (
        b"RIFF"
        + struct.pack("<I", 36 + 16000)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    )
    found = read(wave + b"data" + struct.pack("<I", 16000) + bytes(16000))
    assert (found.duration, found.width, fact(found, "Audio", "sampling_rate")) == (2.0, None, "8000")


def test_a_pdf_tells_its_maker_and_never_a_moment() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("one", "two")))
    writer.add_metadata({"/Producer": "Scanner 9", "/CreationDate": "D:20250307061244+03'00'"})
    writer.write(out := io.BytesIO())
    found = read(out.getvalue())
    assert (fact(found, "PDF", "Producer"), fact(found, "PDF", "Pages")) == ("Scanner 9", "2")
    assert fact(found, "PDF", "CreationDate") and found.taken_at is None
    assert "password" in read(pdf("one", password="secret")).problem


def test_an_archive_is_listed_and_not_unpacked() -> None:
    bomb = zipped({"a.txt": bytes(50_000_000), "../../etc/passwd": b"x"})
    found = read(bomb)
    assert fact(found, "Archive", "Members") == "2" and "50000000 bytes" in str(
        fact(found, "Archive", "a.txt")
    )
    assert found.perceptual_hash == b"" and found.thumbnail == b""


def test_what_says_nothing_is_not_asked() -> None:
    for content in (b"plain", b"<p>page</p>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\0\1\2"):
        assert inspect_safely(sniff(content, "", ""), content) is None


# -- hostile bytes ----------------------------------------------------------------------------------------------------


def png_that_says(width: int, height: int, rows: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows or bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_a_picture_that_claims_a_billion_pixels_is_measured_and_not_decoded() -> None:
    found = read(png_that_says(60_000, 60_000))
    assert (found.width, found.height, found.perceptual_hash) == (60_000, 60_000, b"")
    assert "3,600 million pixels" in found.problem


def test_a_hundred_megapixels_are_looked_at_within_the_memory() -> None:
    small = Reader(seconds=30, memory=2 << 30)
    content = encoded(Image.linear_gradient("L").resize((11_000, 9_000)), "PNG", compress_level=1)
    found = small.inspect(sniff(content, "", ""), content, trust_anchors="")
    small.close()
    assert found is not None and (found.width, found.problem) == (11_000, "") and found.perceptual_hash


def test_a_file_that_takes_too_long_is_stopped_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    impatient = Reader(seconds=0.05)
    content = encoded(Image.linear_gradient("L").resize((9_000, 9_000)), "PNG", compress_level=1)
    stopped = impatient.inspect(sniff(content, "", ""), content, trust_anchors="")
    assert stopped is not None and "took more than 0.05 seconds and was stopped" in stopped.problem
    impatient._seconds = 20
    after = impatient.inspect(sniff(mp4(), "", ""), mp4(), trust_anchors="")
    impatient.close()
    assert after is not None and after.duration == 3.0


SAMPLES = {
    "jpeg": lambda: encoded(
        scene(), exif=exif(Make="M", gps=LATAKIA, details={TAKEN: "2025:03:07 06:12:44"})
    ),
    "png": lambda: encoded(scene().resize((90, 60)), "PNG"),
    "gif": lambda: encoded(scene().resize((90, 60)), "GIF"),
    "webp": lambda: encoded(scene(), "WEBP", exif=exif(Make="M")),
    "avif": lambda: encoded(scene().resize((90, 60)), "AVIF"),
    "tiff": lambda: encoded(scene().resize((90, 60)), "TIFF", exif=exif(Make="M", gps=LATAKIA)),
    "signed": lambda: signed(encoded(scene().resize((90, 60)))),
    "mp4": lambda: mp4(extra=udta("+35.5317+035.7817/")),
    "pdf": lambda: pdf("one", "two"),
    "zip": lambda: zipped({"a.txt": b"a" * 500, "b.txt": b"b"}),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_truncated_and_flipped_files_are_answered_in_process(name: str) -> None:
    """In this very process, so that anything that raises or crashes shows as itself."""
    prepare()
    whole, chance = SAMPLES[name](), random.Random(7)
    kind = sniff(whole, "", "")
    broken = [whole[: len(whole) * n // 12] for n in range(12)] + [whole[:1], whole[:9], whole * 2]
    for _ in range(40):
        flipped = bytearray(whole)
        for _ in range(chance.choice([1, 4, 30])):
            flipped[chance.randrange(min(len(flipped), 3000))] = chance.randrange(256)
        broken.append(bytes(flipped))
    for content in broken:
        found = inspect(kind, io.BytesIO(content))
        assert found is not None
        assert not found.problem or found.problem.endswith(".")
        assert "\\u0000" not in json.dumps([found.facts, found.manifest])
        found.document()


@pytest.mark.parametrize("family", [Family.IMAGE, Family.VIDEO, Family.AUDIO, Family.PDF, Family.ARCHIVE])
@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\xff\xd8\xff", b"%PDF-", b"PK\x03\x04", bytes(range(256)) * 64]
)
def test_bytes_of_another_kind_are_answered(family: Family, content: bytes) -> None:
    prepare()
    kinds = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mpeg", "pdf": "application/pdf"}
    kind = Kind(kinds.get(family.value, "application/zip"), family, False)
    assert inspect(kind, io.BytesIO(content)) is not None


def test_while_a_file_is_read_neither_files_nor_connections_can_be_opened(tmp_path) -> None:
    import socket

    from sources.archive.reader import _nothing_more_opened

    with _nothing_more_opened():
        with pytest.raises(OSError, match="Too many open files"):
            (tmp_path / "any").write_bytes(b"x")
        with pytest.raises(OSError, match="Too many open files"):
            socket.socket()
    (tmp_path / "any").write_bytes(b"again")


def test_a_file_is_read_from_its_path(tmp_path) -> None:
    content = encoded(scene())
    (tmp_path / "photo").write_bytes(content)
    by_path, by_bytes = inspect_safely(sniff(content, "", ""), tmp_path / "photo"), read(content)
    assert by_path == by_bytes
    gone = inspect_safely(sniff(content, "", ""), tmp_path / "nothing")
    assert gone is not None and "was stopped" in gone.problem


def test_the_limit_of_pixels_is_higher_for_what_is_decoded_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exif_module, "MAX_PIXELS", 640 * 480 // 2)
    for form, looked_at in (("JPEG", True), ("PNG", False)):
        found = Inspected()
        exif_module.look(io.BytesIO(encoded(scene(), form)), found)
        assert bool(found.perceptual_hash) is looked_at and bool(found.problem) is not looked_at
