"""What became of a document from capture to capture: outcomes, changes, quotations looked for again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from claims.attribution.models import AnchorCheck, QuoteState
from sources.archive.models import Change, ChangeKind, Text
from sources.archive.states import CaptureState
from sources.catalog.models import Document
from verify.web.timeline import Moment, TimeLine, time_line

MOST = 500  # captures of one document that are laid out in time, the newest ones
ERROR = 400  # from this HTTP status on, what was archived is an answer about the document, not the document
LOST = (QuoteState.ALTERED, QuoteState.GONE)

OUTCOME_LABELS = {
    "gone": _("Gone"),
    "quote-lost": _("Quotation lost"),
    "changed": _("Text changed"),
    "archived": _("Archived"),
    "failed": _("Failed"),
    "redacted": _("Redacted"),
    "running": _("Under way"),
}
SHAPES = {  # of components/shape.html
    ChangeKind.NOTHING: "intact",
    ChangeKind.EDITED: "altered",
    ChangeKind.QUOTE_LOST: "warning",
    ChangeKind.GONE: "gone",
    ChangeKind.UNREACHABLE: "failed",
    ChangeKind.BACK: "intact",
}
OUTCOME_SHAPES = {"quote-lost": "warning", "changed": "altered", "running": "fetching"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One capture in a document's history; `text_sha256` is empty where no text could be read."""

    id: UUID
    at: datetime
    outcome: str
    text_sha256: str
    watched: bool
    before: UUID | None  # the newest earlier capture with a text, where that text was another one

    @property
    def label(self) -> Any:
        return OUTCOME_LABELS[self.outcome]

    @property
    def shape(self) -> str:
        return OUTCOME_SHAPES.get(self.outcome, self.outcome)


def history_of(document: Document) -> list[Seen]:
    """The document's captures, newest first, with what each showed beside those before it: one query."""
    newest_text = Text.objects.filter(capture=OuterRef("pk")).order_by("-created_at")
    rows = list(
        document.captures.annotate(
            digest=Subquery(newest_text.values("sha256")[:1]), change_kind=F("change__kind")
        )
        .order_by("-requested_at", "-id")
        .values_list("pk", "requested_at", "state", "http_status", "digest", "change_kind", "watch_id")[:MOST]
    )
    history: list[Seen] = []
    known: tuple[UUID, str] | None = None  # the newest text so far, going from old to new
    for pk, at, state, status, digest, kind, watch in reversed(rows):
        error = (status or 0) >= ERROR
        another = known if digest and known and known[1] != digest else None
        outcome = _outcome(state, error, kind, another is not None)
        history.append(
            Seen(pk, at, outcome, digest or "", watch is not None, another[0] if another else None)
        )
        if digest and not error:
            known = (pk, digest)
    return history[::-1]


def _outcome(state: str, error: bool, kind: str | None, differs: bool) -> str:
    """One of timeline.OUTCOMES; where nobody has compared yet, the texts' digests tell whether something changed."""
    if state in (CaptureState.QUEUED, CaptureState.FETCHING):
        return "running"
    if state != CaptureState.ARCHIVED:
        return str(state)
    if kind == ChangeKind.GONE or (kind is None and error):
        return "gone"
    if kind == ChangeKind.QUOTE_LOST:
        return "quote-lost"
    if kind == ChangeKind.EDITED or (kind is None and differs):
        return "changed"
    return "archived"


def line_of(history: Iterable[Seen], *, rtl: bool) -> TimeLine | None:
    """The history laid out in time."""
    return time_line((Moment(str(seen.id), seen.at, seen.outcome) for seen in history), rtl=rtl)


def newest_checks(anchors: Iterable[Any]) -> dict[UUID, AnchorCheck]:
    """Of each anchor (or anchor's id) the newest look at it in a later copy, with its change: one query."""
    checks = AnchorCheck.objects.filter(anchor__in=list(anchors)).select_related("change")
    newest = checks.order_by("anchor_id", "-checked_at", "-id").distinct("anchor_id")
    return {check.anchor_id: check for check in newest}


def named(changes: Iterable[Any]) -> list[Any]:
    """Changes with the `shape` that stands beside their kind."""
    found = list(changes)
    for change in found:
        change.shape = SHAPES[change.kind]
    return found


def with_captures(changes: QuerySet[Change]) -> QuerySet[Change]:
    """Changes with all that their line in a list says."""
    return changes.select_related("document__outlet", "before", "after", "seen_by")


def newest_capture_of(history: Iterable[Seen], *, watched: bool = False) -> Seen | None:
    """The newest that is finished; of those that the watch asked for, if `watched`."""
    return next(
        (seen for seen in history if seen.outcome != "running" and (seen.watched or not watched)), None
    )


def spoken(seconds: int) -> str:
    """A length of time as people say it, in its two largest units: “2 days 6 hours”."""
    minutes = max(1, round(seconds / 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = []
    if days:
        parts.append(ngettext("%(n)d day", "%(n)d days", days) % {"n": days})
    if hours:
        parts.append(ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours})
    if minutes and not days:
        parts.append(ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes})
    return " ".join(parts)
