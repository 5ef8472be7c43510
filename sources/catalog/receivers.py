"""What the catalog does when the archive below it has something new."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from sources.archive.models import Capture, Text
from sources.archive.signals import capture_archived, capture_redacted
from sources.catalog.services import describe_from_text, forget_capture


@receiver(capture_archived, dispatch_uid="describe-document")
def describe_document(*, capture: Capture, text: Text | None, **_: Any) -> None:
    """Fill in title, byline, language and date of the document that was captured, where nobody has said them yet."""
    if text is not None and capture.document_id is not None:
        describe_from_text(document_id=capture.document_id, text=text)


@receiver(capture_redacted, dispatch_uid="forget-capture")
def forget(*, capture: Capture, texts: list[Text], **_: Any) -> None:
    """Empty what documents and batches repeat of a capture that is erased."""
    forget_capture(capture=capture, texts=texts)
