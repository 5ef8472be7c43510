"""Places in files that are no text: how large a page or a picture is, what stands in a box of it, how that looks.

Boxes are `(left, top, width, height)` from the upper left corner of what a reader sees: points (1/72 inch) of a page
turned and cropped as it is shown, pixels of a picture after its EXIF orientation. Bytes from outside go through
`reader.look_safely` and `reader.draw_safely`, which run this in a process that can be killed and can open nothing. So
a page is drawn with the fonts in the file and PDFium's own, never with those of the machine. Pure: no Django.
"""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Sequence
from ctypes import byref, c_double
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, BinaryIO

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageOps

from sources.archive import containers
from sources.archive.exif import MAX_PIXELS
from sources.archive.inspected import Inspected
from sources.archive.kinds import Family, Kind
from sources.archive.perceptual import distance, flattened, perceptual_hash
from sources.archive.text import MAX_PAGES, MAX_PDF, MAX_TEXT

Box = tuple[int, int, int, int]  # left, top, width, height
Place = tuple[int, Box | None]  # a page, 1-based (1 of a picture), and a box on it or all of it

FAMILIES = frozenset({Family.PDF, Family.IMAGE, Family.VIDEO, Family.AUDIO})
MOST_WORDS = 10_000  # code points of the words in one box
MOST_PLACES = 500
SIDE = 1600  # pixels of the longer side of what is drawn
_GREY = 48  # pixels a side of the grey copy by which two places are compared
_BITS = 10  # of 64 in which the hashes of what looks the same differ at most
_LEVELS = (
    15  # of 255 by which a spot of what looks the same differs at most; measured: 11 in a JPEG of quality 25
)
_RESIZED = 45  # the same, of pictures of two sizes; measured: 40 at a third, and 54 for another digit
_LARGEST = 4.0  # pixels a point, at most
_FINE = 100  # parts of a point in which a place is handed to PDFium, which takes whole numbers
_CONTROLS = {code: None for code in range(0x20) if code != 0x0A} | {0x7F: None, 0xFEFF: None, 0xFFFE: None}


@dataclass(slots=True)
class Seen:
    """One place: the size of its page or picture (None: there is no such page), the words there, how it looks.

    `look` is what `looks_same` compares; empty for what lies outside.
    """

    width: int | None = None
    height: int | None = None
    words: str = ""
    look: str = ""


@dataclass(slots=True)
class Looked:
    """A file and the places in it that were asked for. `problem` is a sentence when not all could be had.

    Of films and recordings `width` and `height` are the frame as shown, `duration` is in milliseconds.
    """

    pages: int = 0
    width: int | None = None
    height: int | None = None
    duration: int | None = None
    frame_rate: float | None = None  # frames a second
    places: list[Seen] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # of each page, when they were asked for
    problem: str = ""


@dataclass(slots=True)
class Drawn:
    """A PNG made by us; `width` and `height` are those of what was drawn, in points or pixels of the file."""

    png: bytes = b""
    width: int = 0
    height: int = 0
    problem: str = ""


@lru_cache(maxsize=1)
def prepare() -> None:
    """Load what drawing needs, once, before the right to open files is lost."""
    blank = pypdfium2.PdfDocument.new()
    blank.new_page(10, 10)
    content = io.BytesIO()
    blank.save(content)
    look(Kind("application/pdf", Family.PDF, False), content, places=[(1, (0, 0, 5, 5))], texts=True)


def look(kind: Kind, stream: BinaryIO, *, places: Sequence[Any] = (), texts: bool = False) -> Looked:
    """What the file shows at `places`; with `texts` the words of every page of a PDF too. Never raises."""
    stream.seek(0)
    asked: list[Place] = [(int(page), box and _box(box)) for page, box in places[:MOST_PLACES]]
    found = Looked()
    try:
        if kind.family is Family.PDF:
            _look_at_pages(stream, asked, found, texts)
        elif kind.family is Family.IMAGE:
            _look_at_picture(stream, asked, found)
        elif kind.family in FAMILIES:
            _look_at_recording(stream, found)
    except Exception as error:  # whatever the parsers meet in bytes from the web
        found.problem = _why(error)
    return found


def draw(kind: Kind, stream: BinaryIO, *, page: int = 1, box: Any = None, side: int = SIDE) -> Drawn:
    """A picture of a page, of a picture, or of a box of it, its longer side at most `side` pixels. Never raises."""
    stream.seek(0)
    drawn = Drawn()
    try:
        if kind.family is Family.PDF:
            _draw_page(stream, page, box and _box(box), side, drawn)
        elif kind.family is Family.IMAGE:
            _draw_picture(stream, box and _box(box), side, drawn)
        else:
            drawn.problem = "Only pages and pictures can be drawn."
    except Exception as error:  # as above
        drawn.problem = _why(error)
    return drawn


def lies_within(box: Box, width: int | None, height: int | None) -> bool:
    """Whether all of the box lies in a picture of that size, and spans something."""
    left, top, wide, high = box
    if not (width and height and wide > 0 and high > 0 and left >= 0 and top >= 0):
        return False
    return left + wide <= width and top + high <= height


def looks_same(one: str, other: str, *, resized: bool = False) -> bool:
    """Whether two places look the same to a reader: written anew as JPEG or resized, yes; with another digit, no.

    The perceptual hashes must be near each other, and no spot of the small grey copies far from the other one's. What
    is small in a large box, and differs little from what was there, is not noticed: a box is best drawn tight.
    """
    if not one or not other:
        return False
    (hash_a, grey_a), (hash_b, grey_b) = (map(bytes.fromhex, look.split(".")) for look in (one, other))
    if hash_a and hash_b and distance(hash_a, hash_b) > _BITS:
        return False
    return max(abs(a - b) for a, b in zip(grey_a, grey_b, strict=True)) <= (_RESIZED if resized else _LEVELS)


def _look(picture: Image.Image) -> str:
    """The perceptual hash and a small grey copy, in hexadecimal."""
    grey = picture.convert("L").resize((_GREY, _GREY), Image.Resampling.BOX)
    return f"{perceptual_hash(picture).hex()}.{grey.tobytes().hex()}"


def _box(given: Sequence[Any]) -> Box:
    left, top, width, height = (int(number) for number in given)
    return left, top, width, height


def _why(error: Exception) -> str:
    if isinstance(error, pypdfium2.PdfiumError) and "password" in str(error).lower():
        return "The PDF is encrypted and asks for a password."
    if isinstance(error, _TooLarge):
        return str(error)
    return f"The file is broken and could not be shown ({type(error).__name__})."


class _TooLarge(Exception):
    """More than is drawn; the message is a sentence."""


# -- PDF --------------------------------------------------------------------------------------------------------------


def _opened(stream: BinaryIO) -> Any:
    content = stream.read(MAX_PDF + 1)
    if len(content) > MAX_PDF:
        raise _TooLarge(f"The PDF is larger than {MAX_PDF // 1_000_000} MB, too large to show.")
    return pypdfium2.PdfDocument(content)


def _look_at_pages(stream: BinaryIO, asked: list[Place], found: Looked, texts: bool) -> None:
    with _opened(stream) as pdf:
        found.pages = len(pdf)
        for number, box in asked:
            found.places.append(_seen_on(pdf, number, box) if 1 <= number <= len(pdf) else Seen())
        total = 0
        for number in range(min(len(pdf), MAX_PAGES) if texts else 0):
            page = pdf[number]
            found.texts.append(_clean(page.get_textpage().get_text_bounded())[: MAX_TEXT - total])
            total += len(found.texts[-1])
            page.close()


def _seen_on(pdf: Any, number: int, box: Box | None) -> Seen:
    page = pdf[number - 1]
    try:
        seen = Seen(*_size(page))
        if box is not None and lies_within(box, seen.width, seen.height):
            seen.words = _clean(_words_in(page.get_textpage(), _in_page(page, box)))[:MOST_WORDS]
            seen.look = _look(_rendered(page, box, 256))
        return seen
    finally:
        page.close()


def _size(page: Any) -> tuple[int, int]:
    """Whole points that hold the page as it is shown."""
    width, height = page.get_size()
    return math.ceil(width - 0.01), math.ceil(height - 0.01)


def _in_page(page: Any, box: Box) -> tuple[float, float, float, float]:
    """Left, bottom, right, top in the page's own coordinates, whatever its rotation and crop box are."""
    width, height = (round(side * _FINE) for side in page.get_size())
    corners = []
    for x, y in ((box[0], box[1]), (box[0] + box[2], box[1] + box[3])):
        at_x, at_y = c_double(), c_double()
        pypdfium2.raw.FPDF_DeviceToPage(
            page, 0, 0, width, height, 0, x * _FINE, y * _FINE, byref(at_x), byref(at_y)
        )
        corners.append((at_x.value, at_y.value))
    (a, b), (c, d) = corners
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _words_in(text: Any, within: tuple[float, float, float, float]) -> str:
    """The characters of which the middle lies within: what only reaches into the box belongs to another line."""
    left, bottom, right, top = within
    words, gap = "", ""
    for index in range(min(text.count_chars(), MAX_TEXT)):
        character = chr(pypdfium2.raw.FPDFText_GetUnicode(text, index))
        a, b, c, d = text.get_charbox(index, loose=True)
        inside = left <= (a + c) / 2 <= right and bottom <= (b + d) / 2 <= top
        if inside and not character.isspace():
            words += (gap if words else "") + character
            gap = ""
        else:
            gap = "\n" if character in "\r\n" else gap or " "
    return words


def _rendered(page: Any, box: Box | None, side: int) -> Image.Image:
    width, height = page.get_size()
    left, top, wide, high = box or (0, 0, width, height)
    scale = min(_LARGEST, side / max(wide, high))
    crop = (left, max(0, height - top - high), max(0, width - left - wide), top)
    picture: Image.Image = page.render(scale=scale, crop=crop, rev_byteorder=True).to_pil()
    return picture.convert("RGB")


def _draw_page(stream: BinaryIO, number: int, box: Box | None, side: int, drawn: Drawn) -> None:
    with _opened(stream) as pdf:
        if not 1 <= number <= len(pdf):
            drawn.problem = f"The PDF has {len(pdf)} pages."
            return
        pdf.init_forms()  # what was filled into a form is seen
        page = pdf[number - 1]
        width, height = _size(page)
        if box is not None and not lies_within(box, width, height):
            drawn.problem = "The box does not lie on the page."
            return
        drawn.width, drawn.height = box[2:] if box else (width, height)
        drawn.png = _png(_rendered(page, box, side))
        page.close()


def _clean(words: str) -> str:
    """NFC, LF line ends, no control characters: what can be stored, compared and shown."""
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    words = unicodedata.normalize("NFC", words.encode("utf-8", "ignore").decode()).translate(_CONTROLS)
    return "\n".join(line.strip() for line in words.split("\n")).strip()


# -- pictures ---------------------------------------------------------------------------------------------------------


def _shown(stream: BinaryIO) -> Image.Image:
    """The picture as it is shown: turned as its EXIF orientation says, white where it is transparent."""
    picture = Image.open(stream)
    if (pixels := picture.width * picture.height) > MAX_PIXELS:
        raise _TooLarge(f"The picture has {pixels / 1e6:,.0f} million pixels, too many to show.")
    picture.load()
    return flattened(ImageOps.exif_transpose(picture))


def _look_at_picture(stream: BinaryIO, asked: list[Place], found: Looked) -> None:
    picture = _shown(stream)
    found.pages, (found.width, found.height) = 1, picture.size
    for number, box in asked:
        seen = Seen(*picture.size) if number == 1 else Seen()
        if box is not None and lies_within(box, seen.width, seen.height):
            seen.look = _look(_cut(picture, box))
        found.places.append(seen)


def _draw_picture(stream: BinaryIO, box: Box | None, side: int, drawn: Drawn) -> None:
    picture = _shown(stream)
    if box is not None and not lies_within(box, *picture.size):
        drawn.problem = "The box does not lie in the picture."
        return
    cut = _cut(picture, box) if box else picture
    drawn.width, drawn.height = cut.size
    if max(cut.size) > side:
        cut.thumbnail((side, side))
    drawn.png = _png(cut)


def _cut(picture: Image.Image, box: Box) -> Image.Image:
    return picture.crop((box[0], box[1], box[0] + box[2], box[1] + box[3]))


def _png(picture: Image.Image) -> bytes:
    """Pixels and nothing else."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "PNG")
    return out.getvalue()


# -- films and recordings ---------------------------------------------------------------------------------------------


def _look_at_recording(stream: BinaryIO, found: Looked) -> None:
    said = Inspected()
    containers.read_media(stream, said)
    found.width, found.height = said.width, said.height
    found.duration = None if said.duration is None else round(said.duration * 1000)
    found.problem = said.problem
    rates = [fact["value"] for fact in said.facts if (fact["group"], fact["name"]) == ("Video", "frame_rate")]
    try:
        rate = float(rates[0]) if rates else 0.0
    except ValueError:
        rate = 0.0
    found.frame_rate = rate if 1 <= rate <= 1000 else None
