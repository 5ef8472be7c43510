"""Sources, documents and batches by adjective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery

from sources.archive.states import CaptureState
from sources.catalog import finding
from verify.accounts.rules import desks_of

if TYPE_CHECKING:
    from sources.catalog.models import Batch, Document, Source  # noqa: F401


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, user: Any) -> SourceQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def with_current_grade(self) -> SourceQuerySet:
        """Annotated with `reliability`, the letter of the latest grade, or None."""
        from sources.catalog.models import Grade

        latest = Grade.objects.filter(source=OuterRef("pk")).order_by("-graded_at", "-id")
        return self.annotate(reliability=Subquery(latest.values("reliability")[:1]))

    def current(self) -> SourceQuerySet:
        """Those that are nobody's duplicate: what lists and choices offer."""
        return self.filter(merged_into__isnull=True)

    def matching(self, text: str) -> SourceQuerySet:
        """Those that are known under a name like `text`, in whatever script, the likest first (`rank`, 0 to 1).

        Each word of `text` must be like a word of one name or alias; see `sources.catalog.names`. A duplicate is found
        as the source that it is read as.
        """
        return finding.matching(self, text)


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: Any) -> DocumentQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def matching(self, text: str) -> DocumentQuerySet:
        """Those of which the title, the byline or the address holds `text`."""
        return self.filter(Q(title__icontains=text) | Q(byline__icontains=text) | Q(url__icontains=text))

    def with_thumbnail(self) -> DocumentQuerySet:
        """Annotated with `thumbnail_of`, the id of the newest capture that has a thumbnail, or None."""
        from sources.archive.models import Rendition

        pictures = Rendition.objects.filter(
            kind="thumbnail", capture__document=OuterRef("pk"), capture__state="archived"
        )
        return self.annotate(
            thumbnail_of=Subquery(pictures.order_by("-capture__requested_at").values("capture_id")[:1])
        )

    def with_captures(self) -> DocumentQuerySet:
        """Annotated with `capture_count`, and `latest_state` and `latest_at` of the newest capture."""
        from sources.archive.models import Capture

        newest = Capture.objects.filter(document=OuterRef("pk")).order_by("-requested_at", "-id")
        return self.annotate(
            capture_count=Count("captures", distinct=True),
            latest_state=Subquery(newest.values("state")[:1]),
            latest_at=Subquery(newest.values("requested_at")[:1]),
        ).order_by("-created_at", "-id")  # a query that counts by group forgets the order of the model


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, user: Any) -> BatchQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def with_progress(self) -> BatchQuerySet:
        """With how many rows there are (`total`), were asked for or refused (`dealt_with`), `refused`, and how their
        captures stand: `archived`, `failed`; `waiting` is how many are not at their end."""
        state = "rows__capture__state"
        return self.annotate(
            total=Count("rows"),
            dealt_with=Count("rows", filter=Q(rows__done_at__isnull=False)),
            refused=Count("rows", filter=~Q(rows__refusal="")),
            archived=Count("rows", filter=Q(**{state: CaptureState.ARCHIVED})),
            failed=Count("rows", filter=Q(**{state: CaptureState.FAILED})),
            waiting=Count(
                "rows",
                filter=Q(rows__done_at__isnull=True)
                | Q(**{f"{state}__in": [CaptureState.QUEUED, CaptureState.FETCHING]}),
            ),
        ).order_by("-requested_at", "-id")
