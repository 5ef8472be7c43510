"""What the catalog does when the archive below it has something new."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from sources.archive.models import Capture, Text
from sources.archive.signals import capture_archived
from sources.catalog.services import describe_from_text


@receiver(capture_archived, dispatch_uid="describe-document")
def describe_document(*, capture: Capture, text: Text | None, **_: Any) -> None:
    """Fill in title, byline, language and date of the document that was captured, where nobody has said them yet."""
    if text is not None and capture.document_id is not None:
        describe_from_text(document_id=capture.document_id, text=text)
