"""The models of this floor, gathered from its parts; each part's own models.py says what they mean."""

from sources.archive.models import Blob, Capture, Exchange, Rendition, Text
from sources.catalog.models import Affiliation, Alias, Document, Grade, ProtectedIdentity, Source
from sources.custody.models import Checkpoint, Entry, LogKey, Opening, Tile

__all__ = [
    "Affiliation",
    "Alias",
    "Blob",
    "Capture",
    "Checkpoint",
    "Document",
    "Entry",
    "Exchange",
    "Grade",
    "LogKey",
    "Opening",
    "ProtectedIdentity",
    "Rendition",
    "Source",
    "Text",
    "Tile",
]
