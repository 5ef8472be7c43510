"""Captures of files that are no text, for tests of the places in them."""

from __future__ import annotations

from typing import Any

from sources.archive.comparing import compare
from sources.archive.models import Change, Rendition
from sources.archive.services import receive_upload
from sources.archive.storage import store
from tests.cast import T0
from tests.recaptures import fetched
from tests.sources.archive.media import encoded, mp4, scene
from tests.sources.archive.samples import pdf

WORDS = "Around 745 civilians were killed."
REPORT = pdf(WORDS, "The second page")
LINE = (45, 125, 300, 30)  # of a page: around the line of text
PICTURE = encoded(scene(), "PNG")  # 640 × 480
FILM = mp4(seconds=20, width=640, height=360)


def filed(content: bytes, document: Any, name: str = "file") -> Any:
    """The file, uploaded to the document's desk."""
    return receive_upload(
        desk=document.desk,
        content=[content],
        filename=name,
        url=document.url,
        by=document.created_by,
        at=T0,
        document_id=document.pk,
    )


def pictured(capture: Any, content: bytes) -> Any:
    """The capture with a screenshot."""
    blob = store(content, media_type="image/png", at=T0)
    Rendition.objects.create(capture=capture, kind="screenshot", blob=blob, media_type="image/png")
    return capture


def replaced(
    before: Any, content: bytes, *, hours: int = 1, status: int = 200, screenshot: bytes = b""
) -> Change:
    """What another copy of the document of `before`, of these bytes, shows."""
    after = fetched(filed(content, before.document), hours=hours, status=status)
    if screenshot:
        pictured(after, screenshot)
    change = compare(capture_id=after.pk, at=after.finished_at)
    assert change is not None
    return change
