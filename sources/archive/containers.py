"""What video, sound, PDF files and archives say of themselves. Pure.

Films and sound are given to libmediainfo piece by piece, never by name: it would look for files that lie beside a
named one, and for those that the file refers to.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pypdf
from pymediainfo import MediaInfo

from sources.archive.inspected import Inspected

MAX_MEMBERS = 100  # of an archive that are listed
_GENERAL = (
    "format format_profile codec_id file_size duration overall_bit_rate encoded_date tagged_date mastered_date "
    "recorded_date recorded_location xyz writing_application encoded_application writing_library encoded_library title "
    "movie_name track_name performer album copyright description comment make model software"
).split()
_TRACK = (
    "format format_profile codec_id duration width height rotation pixel_aspect_ratio display_aspect_ratio frame_rate "
    "frame_count bit_rate bit_depth color_space chroma_subsampling channel_s sampling_rate language title "
    "encoded_date tagged_date encoded_library_name writing_library encoded_library"
).split()
# A recorder's own statement with its zone. The container's creation date is said to be UTC by the standard (ISO
# 14496-12 §8.2.2); recorders write local time there too, and every conversion renews it: it is a fact, not a time.
_TAKEN = ("comapplequicktimecreationdate", "recorded_date")
_PHONES = ("comapple", "comandroid")
_ISO_6709 = re.compile(r"([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)(?=[+-/]|$)")
_PDF_NAMES = (
    "Producer",
    "Creator",
    "Author",
    "Title",
    "Subject",
    "Keywords",
    "CreationDate",
    "ModDate",
    "Trapped",
)


def prepare() -> None:
    """Load libmediainfo, and all of pypdf, which loads much of itself only when a file needs it."""
    MediaInfo.can_parse()
    for module in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
        with suppress(ImportError):  # a provider of ciphers that is not installed here
            importlib.import_module(module.name)


# -- video and sound --------------------------------------------------------------------------------------------------


def read_media(stream: BinaryIO, found: Inspected) -> None:
    """Read a film or a recording into `found`: duration, size as shown, codecs, encoder, dates, position."""
    tracks = [track.to_data() for track in MediaInfo.parse(stream).tracks]
    if len(tracks) < 2:
        found.trouble("No picture or sound track was found in it; the file is broken or cut.")
    for track in tracks[:20]:
        kind = str(track.get("track_type"))
        own = [name for name in track if name.replace("_", "").startswith(_PHONES)]
        for name in [*(_GENERAL if kind == "General" else _TRACK), *own]:
            if name in track and not isinstance(track[name], list | dict):
                found.say(kind, name, track[name])
        if kind == "General":
            _general(track, found)
        elif kind == "Video" and found.width is None:
            _size(track, found)


def _general(track: dict[str, Any], found: Inspected) -> None:
    milliseconds = _number(track.get("duration"))
    found.duration = milliseconds / 1000 if milliseconds is not None and milliseconds >= 0 else None
    for name in _TAKEN:
        said = str(track.get(name, ""))
        if said and (at := _zoned(said)):
            found.took(at, f"{name} {said}")
    if said := str(track.get("encoded_date", "")):
        found.took(None, f"creation date of the container {said}; recorders also write local time there")
    position = _ISO_6709.match(str(track.get("xyz") or track.get("recorded_location") or ""))
    if position:
        found.place(float(position[1]), float(position[2]))


def _zoned(said: str) -> datetime | None:
    words = said.removeprefix("UTC ").replace(" UTC", "+00:00").strip()
    try:
        at = datetime.fromisoformat(words)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _size(track: dict[str, Any], found: Inspected) -> None:
    width, height = _number(track.get("width")), _number(track.get("height"))
    if not width or not height or max(width, height) > 1_000_000:
        return
    turned = round(_number(track.get("rotation")) or 0) % 180 == 90
    found.width, found.height = (int(height), int(width)) if turned else (int(width), int(height))


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= abs(number) < 1e15 else None


# -- PDF --------------------------------------------------------------------------------------------------------------


def read_pdf(stream: BinaryIO, found: Inspected) -> None:
    """Read a PDF's information dictionary into `found` (ISO 32000-1 §14.3.3). Its dates say when it was made."""
    try:
        reader = pypdf.PdfReader(stream, strict=False)
        found.say("PDF", "Version", reader.pdf_header)
        if reader.is_encrypted and not reader.decrypt(""):
            found.trouble("The PDF is encrypted and asks for a password.")
            return
        information: Mapping[str, Any] = reader.metadata or {}
        for name in _PDF_NAMES:
            found.say("PDF", name, information.get(f"/{name}", ""))
        found.say("PDF", "Pages", len(reader.pages))
        for name in list(reader.attachments)[:20]:
            found.say("PDF", "Attachment", name)
    except Exception as error:  # pypdf raises far more than its own errors on broken files
        found.trouble(f"The PDF is broken; its metadata could not be read whole ({type(error).__name__}).")


# -- archives ---------------------------------------------------------------------------------------------------------


def list_archive(stream: BinaryIO, found: Inspected) -> None:
    """List a zip's members into `found`; nothing is unpacked. Other archives say nothing."""
    if not zipfile.is_zipfile(stream):
        return
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        found.trouble(f"The archive is broken and could not be listed ({type(error).__name__}).")
        return
    found.say("Archive", "Members", len(members))
    found.say("Archive", "Bytes when unpacked, as it says", sum(member.file_size for member in members))
    for member in members[:MAX_MEMBERS]:
        found.say("Archive", member.filename, f"{member.file_size} bytes, {_dos(member)} local time")


def _dos(member: zipfile.ZipInfo) -> str:
    year, month, day, hour, minute, _ = member.date_time
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"
