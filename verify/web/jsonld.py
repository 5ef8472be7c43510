"""What the public page of a version says to machines: its snapshot with the addresses and the log's proof of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from verify.publish.markup import Change, Published, Where, page_graph
from verify.publish.models import Version, VersionKind
from verify.web.views.site import absolute


def graph_of_page(data: dict[str, Any], one: Version, versions: Sequence[Version]) -> dict[str, Any]:
    """The graph of the page of `one`, the newest of `versions` (newest first), whose snapshot holds `data`."""
    changes = [
        Change(number=each.number, reason=each.reason, at=each.published_at)
        for each in versions
        if each.kind != VersionKind.PUBLISHED
    ]
    published = Published(
        sha256=one.sha256,
        entry=one.entry_id,
        first_at=versions[-1].published_at,
        changes=changes,
    )
    return page_graph(data, where=_where(one), published=published)


def _where(one: Version) -> Where:
    return Where(
        page=absolute(reverse("public-claim", args=[one.claim_id])),
        site=absolute(reverse("front")),
        methodology=absolute(reverse("methodology")),
        corrections=absolute(reverse("corrections")),
        snapshot=absolute(reverse("public-snapshot", args=[one.claim_id, one.number])),
    )
