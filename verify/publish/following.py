"""How a consumer keeps a copy of what is published: all of it once, then every change in its order.

The order is the announcements': the database numbers them without a hole, and whoever sees one sees all before it.
docs/reference/sync.md states what follows from that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BinaryField, Case, F, QuerySet, Value, When
from django.urls import reverse

from verify.publish.models import Announcement, Publication
from verify.publish.states import SHOWN, PublicationState
from verify.review.content import moment

HELD = frozenset({PublicationState.PUBLISHED, PublicationState.CORRECTED})
"""States in which a claim belongs to the published set. A retracted one has a page, and is not in the set."""

# Where to read on, by the link's name: the URL's name, and whether it is one of the version.
LINKS = {
    "claim": ("api-claim", False),
    "page": ("public-claim", False),
    "snapshot": ("api-version", True),
    "entry": ("api-version-entry", True),
    "proof": ("api-version-proof", True),
}

EXPORT_PAGE = 100  # claims that one query of the export reads


class HistoryDiffers(Exception):
    """The announcement that a consumer saw last is not in this history: a backup was restored since."""


@dataclass(frozen=True, slots=True)
class Change:
    """An announcement with what the world may know of it now."""

    number: int
    mark: UUID
    claim: UUID
    state: str
    version: int
    sha256: str
    at: datetime
    reason: str  # that readers see; empty for a pause, and while the claim is hidden
    shown: bool  # whether the claim has a page now
    snapshot: (
        bytes | None
    )  # if it was asked for, and if this version is the current one of a claim in the set

    @property
    def puts(self) -> bool:
        """Whether the claim is in the set from here on, and not out of it."""
        return self.state in HELD


def head() -> Announcement | None:
    """The newest announcement."""
    return Announcement.objects.order_by("-number").first()


def check_followed(*, after: int, seen: UUID | None) -> None:
    """Raise HistoryDiffers unless announcement `after` is there, with the mark `seen` if one is given.

    0 is before the first announcement, and was seen with no mark.
    """
    known = Announcement.objects.filter(number=after).values_list("mark", flat=True).first()
    if (after and known is None) or (seen is not None and seen != known):
        raise HistoryDiffers


def changes(*, after: int, until: int, limit: int, snapshots: bool) -> list[Change]:
    """The announcements behind `after` up to `until`, at most `limit`, in their order; read in one statement."""
    rows = Announcement.objects.filter(number__gt=after, number__lte=until).order_by("number")
    now, stored = F("claim__publication__state"), Value(None, output_field=BinaryField())
    found = rows.annotate(now=now, snapshot=_current_snapshot() if snapshots else stored)
    fields = ("number", "mark", "claim_id", "state", "version__number", "version__sha256", "at")
    read = found.values_list(*fields, "version__reason", "now", "snapshot")[:limit]
    return [_change(*row) for row in read]


def _current_snapshot() -> Case:
    still = When(
        claim__publication__version=F("version"),
        claim__publication__state__in=HELD,
        state__in=HELD,
        then=F("version__snapshot"),
    )
    return Case(still, default=Value(None), output_field=BinaryField())


def _change(
    number: int,
    mark: UUID,
    claim: UUID,
    state: str,
    version: int,
    sha256: str,
    at: datetime,
    reason: str,
    now: str,
    snapshot: memoryview | bytes | None,
) -> Change:
    shown = now in SHOWN
    said = reason if shown and state != PublicationState.PAUSED else ""
    stored = bytes(snapshot) if snapshot is not None else None
    return Change(number, mark, claim, state, version, sha256, at, said, shown, stored)


def facts_of(change: Change) -> dict[str, Any]:
    """What every consumer is told of a change, through the API and by a webhook alike: values that JSON knows.

    Of a claim that is hidden now it says no more than that: no reason, and no address.
    """
    return {
        "number": change.number,
        "mark": str(change.mark),
        "claim": str(change.claim),
        "action": "put" if change.puts else "remove",
        "state": change.state,
        "version": change.version,
        "sha256": change.sha256,
        "at": moment(change.at),
        "reason": change.reason,
        "links": _links(change),
    }


def item_of(announcement: Announcement) -> dict[str, Any]:
    """The facts of one announcement as things stand now."""
    number = announcement.number
    return facts_of(changes(after=number - 1, until=number, limit=1, snapshots=False)[0])


def _links(change: Change) -> dict[str, str | None]:
    if not change.shown or change.state == PublicationState.PAUSED:
        return dict.fromkeys(LINKS)
    place = [change.claim, change.version]
    return {
        name: settings.SITE_URL + reverse(url, args=place if of_version else place[:1])
        for name, (url, of_version) in LINKS.items()
    }


def held() -> QuerySet[Publication]:
    """The published set: what is published or corrected now, each with its current version."""
    return Publication.objects.filter(state__in=HELD).select_related("version")


def exported(*, after: UUID | None = None) -> Iterator[list[Publication]]:
    """The published set in the order of the claims' ids, behind `after`, in pages that are short queries of their own.

    A page shows what is public when it is read: whoever wants the set at one moment reads `head` before the first page
    and follows the changes behind it.
    """
    while True:
        rows = held() if after is None else held().filter(pk__gt=after)
        page = list(rows.order_by("pk")[:EXPORT_PAGE])
        if not page:
            return
        yield page
        after = page[-1].pk
