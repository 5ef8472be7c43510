"""Reading what a file says of itself: one call per file, by its kind.

Bytes from outside go through ``reader.inspect_safely``, which runs this in a process that can be killed, holds at most
so much memory, and can open neither a file nor a connection while it reads. Pure: no Django.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO

from sources.archive.exchange import Resource
from sources.archive.inspected import Inspected
from sources.archive.kinds import Family, Kind

FAMILIES = frozenset({Family.IMAGE, Family.VIDEO, Family.AUDIO, Family.PDF, Family.ARCHIVE})


@lru_cache(maxsize=1)
def prepare() -> None:
    """Load what the parsers need, once, before they lose the right to open files."""
    from sources.archive import containers, credentials, exif

    exif.prepare()
    containers.prepare()
    credentials.prepare()


def inspect(kind: Kind, stream: BinaryIO, *, trust_anchors: str = "") -> Inspected | None:
    """What the file in ``stream`` says of itself; None for kinds that say nothing (text, markup, unknown bytes).

    Never raises on any bytes. ``trust_anchors`` are PEM certificates of the C2PA signers that are trusted.
    """
    from sources.archive import containers, credentials, exif

    if kind.family not in FAMILIES or kind.media_type == "image/svg+xml":
        return None
    found = Inspected()
    read = {
        Family.IMAGE: exif.look,
        Family.PDF: containers.read_pdf,
        Family.ARCHIVE: containers.list_archive,
    }.get(kind.family, containers.read_media)
    try:
        read(stream, found)
    except Exception as error:  # whatever the parsers meet in bytes from the web
        found.trouble(f"The file's metadata could not be read ({type(error).__name__}).")
    if kind.family is not Family.ARCHIVE:
        try:
            stream.seek(0)
            credentials.check(stream, kind.media_type, found, trust_anchors=trust_anchors)
        except Exception as error:  # as above
            found.trouble(f"Its Content Credentials could not be read ({type(error).__name__}).")
    return found


def inspection_resources(
    inspected: Inspected | None, url: str, at: datetime, *, thumbnail: bool = True
) -> list[Resource]:
    """The findings, and the small picture when there is one and ``thumbnail`` is wanted, for the package."""
    if inspected is None:
        return []
    at = at.astimezone(UTC)
    found = Resource("inspection", f"urn:inspection:{url}", "application/json", inspected.document(), at)
    if not (thumbnail and inspected.thumbnail):
        return [found]
    return [found, Resource("thumbnail", f"urn:thumbnail:{url}", "image/jpeg", inspected.thumbnail, at)]
