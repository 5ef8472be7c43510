"""Places in PDF files, pictures and films: sizes, words, looks, drawings; and bytes that mean harm."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import ExifTags, Image

from sources.archive.kinds import sniff
from sources.archive.pages import Looked, draw, lies_within, look, looks_same
from sources.archive.reader import Reader, draw_safely, look_safely
from tests.sources.archive.media import encoded, exif, mp4, scene
from tests.sources.archive.samples import pdf

REPORT = pdf("Around 745 civilians were killed.", "The second page")
LINE = (45, 125, 300, 30)  # around the line, which stands 700 points from the bottom of 842


def looked(content: bytes, *places: Any, **options: Any) -> Looked:
    return look(sniff(content, "", ""), io.BytesIO(content), places=places, **options)


def drawn(content: bytes, **options: Any) -> Any:
    return draw(sniff(content, "", ""), io.BytesIO(content), **options)


def changed(content: bytes, **how: Any) -> bytes:
    """The PDF with each page turned by `rotate` degrees, or cut to the rectangle `crop` in its own coordinates."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    for page in writer.pages:
        if "crop" in how:
            page.cropbox = pypdf.generic.RectangleObject(how["crop"])
        page.rotate(how.get("rotate", 0))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_words_in_a_box_are_those_and_no_others():
    found = looked(REPORT, (1, LINE), (1, (45, 300, 300, 30)), (2, LINE), texts=True)
    assert [seen.words for seen in found.places] == [
        "Around 745 civilians were killed.",
        "",
        "The second page",
    ]
    assert (found.places[0].width, found.places[0].height, found.pages) == (595, 842, 2)
    assert found.texts == ["Around 745 civilians were killed.", "The second page"]


def test_letters_that_only_reach_into_a_box_are_not_in_it():
    lines = [f"The {word} line of a table, high" for word in ("first", "second", "third")]
    report = pdf(") Tj 0 -14 Td (".join(lines))
    (seen,) = looked(report, (1, (45, 146, 300, 16))).places  # the second line, the tops of the third
    assert seen.words == lines[1]
    (seen,) = looked(report, (1, (45, 125, 300, 50))).places
    assert seen.words == "\n".join(lines)


def test_a_box_is_that_of_the_page_as_it_is_shown():
    """Turned by a quarter, what stood near the left edge stands near the upper one."""
    turned = changed(REPORT, rotate=90)
    (seen,) = looked(turned, (1, (842 - 125 - 30, 45, 30, 300))).places
    assert (seen.width, seen.height, seen.words) == (842, 595, "Around 745 civilians were killed.")
    cut = changed(REPORT, crop=(40, 600, 540, 800))
    (seen,) = looked(cut, (1, (5, 125 - 42, 300, 30))).places
    assert (seen.width, seen.height, seen.words) == (500, 200, "Around 745 civilians were killed.")


def test_what_is_drawn_of_a_box_is_the_box():
    whole, cut = drawn(REPORT), drawn(REPORT, box=LINE)
    page, line = (Image.open(io.BytesIO(one.png)).convert("L") for one in (whole, cut))
    assert page.size == (1131, 1600) and (whole.width, whole.height) == (595, 842)
    assert line.size == (1200, 120) and (cut.width, cut.height) == (300, 30)
    assert line.getextrema()[0] < 64  # ink
    empty = Image.open(io.BytesIO(drawn(REPORT, box=(45, 300, 300, 30)).png)).convert("L")
    assert empty.getextrema() == (255, 255)


def test_a_page_that_is_not_there_has_no_size():
    assert looked(REPORT, (3, LINE)).places[0].width is None
    assert drawn(REPORT, page=3).problem == "The PDF has 2 pages."
    assert drawn(REPORT, page=0).png == b""


def test_a_picture_is_measured_as_it_is_shown():
    picture = encoded(scene(), exif=exif(Orientation=6))
    seen = looked(picture, (1, (0, 0, 480, 640))).places[0]
    assert (seen.width, seen.height) == (480, 640) and seen.look
    assert looked(picture, (1, (0, 0, 640, 480))).places[0].look == ""
    assert Image.open(io.BytesIO(drawn(picture).png)).size == (480, 640)
    assert not Image.open(io.BytesIO(drawn(picture).png)).getexif().get(ExifTags.Base.Orientation)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_pictures_of_every_kind_are_drawn(form: str):
    found = drawn(encoded(scene(), form), box=(10, 10, 200, 100))
    assert (found.width, found.height, found.problem) == (200, 100, "")
    assert Image.open(io.BytesIO(found.png)).format == "PNG"


def test_the_same_place_written_anew_looks_the_same_and_another_does_not():
    box = (1, (100, 100, 300, 200))
    first, jpeg, other = (
        looked(content, box).places[0].look
        for content in (encoded(scene(), "PNG"), encoded(scene(), quality=30), encoded(scene(2), "PNG"))
    )
    half = looked(encoded(scene().resize((320, 240)), "PNG"), (1, (50, 50, 150, 100))).places[0].look
    assert looks_same(first, jpeg) and looks_same(first, half, resized=True)
    assert not looks_same(first, other) and not looks_same(first, "")


def test_a_spot_that_changed_does_not_look_the_same():
    picture = scene(size=(600, 200))
    touched = picture.copy()
    touched.paste((255, 255, 255), (300, 90, 330, 120))
    touched.paste((0, 0, 0), (310, 100, 320, 110))
    one, other = (
        looked(encoded(each, "PNG"), (1, (0, 0, 600, 200))).places[0].look for each in (picture, touched)
    )
    assert not looks_same(one, other)


def test_a_film_has_a_length_and_a_frame():
    found = looked(mp4(seconds=7, width=640, height=360))
    assert (found.duration, found.width, found.height) == (7000, 640, 360)
    turned = looked(mp4(width=640, height=360, turned=True))
    assert (turned.width, turned.height) == (360, 640)
    assert drawn(mp4()).problem == "Only pages and pictures can be drawn."


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (-1, 0, 5, 5), (590, 0, 6, 5), (0, 840, 5, 3)])
def test_a_box_that_leaves_the_page_does_not_lie_in_it(box: Any):
    assert not lies_within(box, 595, 842)
    assert drawn(REPORT, box=box).png == b""


def hostile() -> dict[str, bytes]:
    huge = pypdf.PdfWriter()
    huge.add_blank_page(width=14_400, height=14_400)
    out = io.BytesIO()
    huge.write(out)
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    return {
        "cut": REPORT[: len(REPORT) // 2],
        "header": b"%PDF-1.7\n",
        "noise": b"%PDF-1.7\n" + bytes(range(256)) * 500,
        "locked": pdf("secret", password="x"),
        "huge": out.getvalue(),
        "bomb": bomb.getvalue(),
        "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        "film": mp4()[:60],
    }


@pytest.mark.parametrize("name", ["cut", "header", "noise", "locked", "huge", "bomb", "png", "film"])
def test_bytes_that_mean_harm_give_a_sentence_or_a_bounded_picture(name: str):
    content = hostile()[name]
    kind = sniff(content, "video/mp4" if name == "film" else "", "")
    found, picture = look_safely(kind, content, places=[(1, (0, 0, 9, 9))]), draw_safely(kind, content)
    assert found.problem or found.places
    assert bool(picture.problem) != bool(picture.png)
    if picture.png:
        assert max(Image.open(io.BytesIO(picture.png)).size) <= 1600
    assert "password" in found.problem if name == "locked" else True


def test_a_file_that_takes_too_long_is_stopped_and_the_next_is_drawn(tmp_path: Path):
    lines = b"".join(
        b"%d %d m %d %d l S " % (i % 595, i % 842, i * 7 % 595, i * 3 % 842) for i in range(400_000)
    )
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("x")))
    stream = pypdf.generic.DecodedStreamObject()
    stream.set_data(lines * 6)
    writer.pages[0][pypdf.generic.NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    slow = io.BytesIO()
    writer.write(slow)
    reader = Reader(seconds=1)
    try:
        kind = sniff(REPORT, "", "")
        stopped = reader.draw(kind, slow.getvalue(), page=1, box=None, side=1600)
        assert stopped.problem == "Drawing it took more than 1 second and was stopped."
        assert reader.draw(kind, REPORT, page=1, box=None, side=1600).png
    finally:
        reader.close()
