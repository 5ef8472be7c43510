"""What stands in a picture beside its pixels: EXIF, XMP, IPTC, text chunks; size, time and place by them. Pure.

EXIF 3.0 (CIPA DC-008) §4.6; XMP (ISO 16684-1); IPTC IIM 4.2 record 2.
"""

from __future__ import annotations

import codecs
import io
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pi_heif  # type: ignore[import-untyped]
from lxml import etree
from PIL import ExifTags, Image, ImageOps, IptcImagePlugin, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from sources.archive.inspected import Inspected
from sources.archive.perceptual import flattened, perceptual_hash, thumbnail

MAX_PIXELS = (
    120_000_000  # that are decoded; of a JPEG, which is decoded at a fraction of its size, four times as many
)
_ENOUGH = 1024  # pixels a side to look at
_SIZES = {
    ExifTags.Base.MakerNote,
    ExifTags.Base.PrintImageMatching,
    700,
    34665,
    34853,
    40965,
    33723,
    34377,
    34675,
}
_IPTC = {
    5: "ObjectName", 10: "Urgency", 15: "Category", 25: "Keywords", 40: "SpecialInstructions", 55: "DateCreated",
    60: "TimeCreated", 65: "OriginatingProgram", 80: "By-line", 85: "By-lineTitle", 90: "City", 92: "Sub-location",
    95: "Province-State", 101: "Country", 103: "OriginalTransmissionReference", 105: "Headline", 110: "Credit",
    115: "Source", 116: "CopyrightNotice", 120: "Caption-Abstract", 122: "Writer-Editor",
}  # fmt: skip
_XP = range(0x9C9B, 0x9CA0)  # what Windows Explorer writes
_XMP_TAKEN = ("exif:DateTimeOriginal", "photoshop:DateCreated")


def prepare() -> None:
    """Load every format; the limits are ours, by what is decoded, not Pillow's by what the header announces."""
    Image.init()
    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None
    for name in ("utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp437"):
        codecs.lookup(name)
    # Looking once at a small picture of each format brings in what the libraries load only when they need it.
    picture = Image.linear_gradient("L").resize((32, 32))
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2000:01:01 00:00:00"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
    for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP", "ICO"):
        written = io.BytesIO()
        picture.save(written, name, exif=exif)
        look(written, Inspected())


def look(stream: BinaryIO, found: Inspected) -> None:
    """Read a picture into `found`. Broken pictures give a sentence; what could be read before stays."""
    try:
        picture = Image.open(stream)
    except UnidentifiedImageError:
        found.trouble("The picture could not be opened: its format is unknown or its header is broken.")
        return
    with picture:
        found.width, found.height = picture.size
        found.say("File", "Format", picture.format)
        found.say("File", "Mode", picture.mode)
        if (frames := _frames(picture)) > 1:
            found.say("File", "Frames", frames)
        _metadata(picture, found)
        _pixels(picture, found)


def _frames(picture: Image.Image) -> int:
    try:
        return int(getattr(picture, "n_frames", 1))
    except Exception:  # counting frames walks the whole file, and meets its broken end
        return 1


def _metadata(picture: Image.Image, found: Inspected) -> None:
    for name, read in (("EXIF", _exif), ("XMP", _xmp), ("IPTC", _iptc), ("comments", _comments)):
        try:
            read(picture, found)
        except Exception as error:  # whatever the parsers meet in bytes from the web
            found.trouble(f"The picture's {name} could not be read ({type(error).__name__}).")


def _pixels(picture: Image.Image, found: Inspected) -> None:
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS * (4 if picture.format in ("JPEG", "MPO") else 1):
        found.trouble(f"The picture has {pixels / 1e6:,.0f} million pixels, too many to look at.")
        return
    try:
        picture.draft("RGB", (_ENOUGH, _ENOUGH))
        picture.load()
        if max(picture.size) > 2 * _ENOUGH:  # before any copy in another mode is made
            picture.thumbnail((_ENOUGH, _ENOUGH))
        shown = flattened(ImageOps.exif_transpose(picture))
        found.perceptual_hash, found.thumbnail = perceptual_hash(shown), thumbnail(shown)
    except Exception as error:  # as above
        found.trouble(f"The picture is broken and could not be shown ({type(error).__name__}).")


# -- EXIF -------------------------------------------------------------------------------------------------------------


def _exif(picture: Image.Image, found: Inspected) -> None:
    exif = picture.getexif()
    if exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8) and found.width and found.height:
        found.width, found.height = found.height, found.width
    details, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    for group, values, names in (
        ("EXIF", dict(exif), ExifTags.TAGS),
        ("EXIF", details, ExifTags.TAGS),
        ("GPS", gps, ExifTags.GPSTAGS),
    ):
        for tag, value in values.items():
            if tag in _SIZES and group == "EXIF":
                if isinstance(value, bytes):
                    found.say(group, names.get(tag, str(tag)), f"{len(value)} bytes, not shown")
                continue
            found.say(group, names.get(tag, f"0x{tag:04x}"), _readable(value, tag))
    _when(details, gps, found)
    _where(gps, found)


def _readable(value: Any, tag: int) -> str:
    if isinstance(value, bytes):
        return _decoded(value, tag)
    if isinstance(value, tuple | list):
        return ", ".join(_readable(each, tag) for each in value[:32])
    if isinstance(value, str):
        return value.replace("\0", " ")
    number = _number(value)
    return str(value) if number is None else f"{number:.8g}"


def _decoded(value: bytes, tag: int) -> str:
    if tag == ExifTags.Base.UserComment:  # begins with the name of its character code, in 8 bytes
        code, words = value[:8], value[8:]
        unicode = "utf-16-be" if words.startswith(b"\0") else "utf-16"
        return words.decode(unicode if code == b"UNICODE\0" else "utf-8", "replace").strip("\0 ")
    if tag in _XP:
        return value.decode("utf-16-le", "replace").strip("\0 ")
    text = value.rstrip(b"\0").decode("latin-1")
    return text if text.isascii() and text.isprintable() else value[:64].hex(" ")


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _when(details: Mapping[int, Any], gps: Mapping[int, Any], found: Inspected) -> None:
    said = str(details.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    zone = str(details.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 ")
    if said and zone:
        at = _moment(f"{said[:19]}{zone}", "%Y:%m:%d %H:%M:%S%z")
        evidence = f"EXIF DateTimeOriginal {said}, OffsetTimeOriginal {zone}"
        found.took(at, evidence if at else f"{evidence}, which is no time")
    day, clock = str(gps.get(ExifTags.GPS.GPSDateStamp, "")).strip("\0 "), gps.get(ExifTags.GPS.GPSTimeStamp)
    parts = [_number(part) for part in clock] if isinstance(clock, tuple) and len(clock) == 3 else []
    if day and len(parts) == 3 and None not in parts:
        hour, minute, second = (int(part or 0) for part in parts)
        words = f"{day} {hour:02}:{minute:02}:{second:02}"
        at = _moment(f"{words}+0000", "%Y:%m:%d %H:%M:%S%z")
        found.took(
            at, f"EXIF GPSDateStamp and GPSTimeStamp {words} UTC, when the position was fixed" if at else ""
        )
    if said:
        found.took(None, f"EXIF DateTimeOriginal {said}, no zone given")


def _moment(words: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(words, form).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _where(gps: Mapping[int, Any], found: Inspected) -> None:
    if gps.get(ExifTags.GPS.GPSStatus) == "V":  # the receiver says that it had no fix
        return
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "NS")
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "EW")
    if latitude is not None and longitude is not None:
        found.place(latitude, longitude)


def _degrees(parts: Any, half: Any, halves: str) -> float | None:
    """Degrees, minutes and seconds; None without the letter that says which half of the earth."""
    letter = str(half or "").strip("\0 ").upper()
    if not isinstance(parts, tuple) or len(parts) != 3 or letter not in tuple(halves):
        return None
    numbers = [_number(part) for part in parts]
    if None in numbers:
        return None
    degrees: float = sum((number or 0.0) / 60.0**power for power, number in enumerate(numbers))
    return round(-degrees if letter == halves[1] else degrees, 7)


# -- XMP, IPTC, comments ----------------------------------------------------------------------------------------------


def _xmp(picture: Image.Image, found: Inspected) -> None:
    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp")
    if not packet:
        return
    raw = packet.encode("utf-8", "replace") if isinstance(packet, str) else bytes(packet)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    tree = etree.fromstring(raw.strip(b"\0 \r\n\t"), parser)
    for name, value in _properties(tree):
        found.say("XMP", name, value)
        if name in _XMP_TAKEN:
            try:
                at = datetime.fromisoformat(value)
            except ValueError:
                continue
            if at.tzinfo is None:
                found.took(None, f"XMP {name} {value}, no zone given")
            else:
                found.took(at.astimezone(UTC), f"XMP {name} {value}")


def _properties(tree: Any) -> Iterator[tuple[str, str]]:
    """Every leaf and every attribute of the descriptions, by its prefixed name, in order."""
    for element in tree.iter(etree.Element) if tree is not None else ():
        for name, value in element.attrib.items():
            if ":" in (label := _prefixed(element, name)) and not label.startswith(("rdf:", "xml:", "x:")):
                yield label, value
        if len(element) == 0 and (element.text or "").strip():
            owner = element
            while owner.getparent() is not None and _prefixed(owner, owner.tag).startswith("rdf:"):
                owner = owner.getparent()
            yield _prefixed(owner, owner.tag), element.text.strip()


def _prefixed(element: Any, name: str) -> str:
    space, _, local = name.rpartition("}")
    known = {uri: prefix for prefix, uri in element.nsmap.items() if prefix}
    return f"{known.get(space[1:], '')}:{local}" if space else local


def _iptc(picture: Image.Image, found: Inspected) -> None:
    information = IptcImagePlugin.getiptcinfo(picture) or {} if isinstance(picture, ImageFile) else {}
    for (record, dataset), values in information.items():
        if record == 2 and dataset:
            for value in values if isinstance(values, list) else [values]:
                found.say("IPTC", _IPTC.get(dataset, f"2:{dataset:03}"), value.decode("utf-8", "replace"))


def _comments(picture: Image.Image, found: Inspected) -> None:
    texts = getattr(picture, "text", None) or {}
    for name, value in texts.items() if isinstance(texts, dict) else ():
        if name != "XML:com.adobe.xmp":
            found.say("Text", name, value)
    if isinstance(comment := picture.info.get("comment"), bytes | str) and "comment" not in texts:
        found.say(
            "Text", "Comment", comment.decode("utf-8", "replace") if isinstance(comment, bytes) else comment
        )
