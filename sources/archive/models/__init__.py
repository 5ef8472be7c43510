"""The rows of the archive; each module says what its own mean."""

from sources.archive.models.captures import (
    SHA256_HEX,
    Attempt,
    Blob,
    Capture,
    CaptureKind,
    CaptureMode,
    Exchange,
    Rendition,
    RenditionKind,
    Text,
    TextSketch,
)
from sources.archive.models.hosts import Host
from sources.archive.models.inspections import ContentCredentials, Inspection
from sources.archive.models.outside import Memento, OutsideRequest, OutsideState, OutsideWork
from sources.archive.models.redactions import Decision, Ground, Redaction
from sources.archive.models.watches import Change, ChangeKind, GoneSign, Watch

__all__ = [
    "SHA256_HEX",
    "Attempt",
    "Blob",
    "Capture",
    "CaptureKind",
    "CaptureMode",
    "Change",
    "ChangeKind",
    "ContentCredentials",
    "Decision",
    "Exchange",
    "GoneSign",
    "Ground",
    "Host",
    "Inspection",
    "Memento",
    "OutsideRequest",
    "OutsideState",
    "OutsideWork",
    "Redaction",
    "Rendition",
    "RenditionKind",
    "Text",
    "TextSketch",
    "Watch",
]
