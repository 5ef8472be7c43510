"""What waits for the person: reviews by due time, alerts, what came back, what failed; for editors what to decide."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from claims.statements.models import Claim
from claims.statements.states import Workflow
from sources.archive.models import Capture, Change, Redaction
from sources.archive.states import CaptureState
from verify.accounts.models import Role
from verify.review.models import Opinion, Review, Task
from verify.review.states import WAITING, TaskState
from verify.web.mixins import DeskView, page_of
from verify.web.recaptures import named, with_captures

SHOWN = 10  # of each kind beside the tasks


class Inbox(DeskView):
    section = "inbox"

    def get(self, request: HttpRequest) -> HttpResponse:
        tasks = Task.objects.waiting().filter(assignee=request.user.pk, claim__desk=self.desk).by_due_time()
        return self.render(
            "verify/inbox.html",
            page=page_of(request, tasks.select_related("claim__case", "created_by")),
            now=timezone.now(),
            **self._alerts(),
            returned=self._returned()[:SHOWN],
            failed=self._failed()[:SHOWN],
            **(self._decisions() if self.can(Role.EDITOR) else {}),
        )

    def _alerts(self) -> dict[str, Any]:
        """The desk's alerts that nobody has seen, newest first, and whether there are more than are shown."""
        alerts = with_captures(Change.objects.open_alerts().filter(desk=self.desk))
        found = named(alerts.order_by("-detected_at", "-id")[: SHOWN + 1])
        return {"alerts": found[:SHOWN], "more_alerts": len(found) > SHOWN}

    def _returned(self) -> QuerySet[Claim]:
        """The person's claims whose last review sent them back to research, with its reason; blind ones excepted."""
        last = Review.objects.filter(claim=OuterRef("pk")).order_by("-submitted_at", "-id")
        waiting = Task.objects.filter(claim=OuterRef("pk"), state__in=WAITING)
        return (
            Claim.objects.filter(desk=self.desk, author=self.request.user, workflow=Workflow.IN_RESEARCH)
            .annotate(
                opinion=Subquery(last.values("opinion")[:1]),
                why=Subquery(last.values("reason")[:1]),
                returned_at=Subquery(last.values("submitted_at")[:1]),
            )
            .filter(~Exists(waiting), opinion=Opinion.RETURN)
            .order_by("-returned_at", "id")
        )

    def _failed(self) -> QuerySet[Capture]:
        """The person's failed captures that nobody has tried again."""
        own = Capture.objects.filter(
            desk=self.desk, requested_by=self.request.user, state=CaptureState.FAILED, retries__isnull=True
        )
        return own.select_related("document").order_by("-requested_at", "-id")

    def _decisions(self) -> dict[str, Any]:
        """Approved and never published; declined, or judged in two ways; what somebody else wants to have erased."""
        claims = Claim.objects.filter(desk=self.desk)
        waiting = Task.objects.filter(claim=OuterRef("claim"), state__in=WAITING)
        undecided = Task.objects.filter(
            ~Exists(waiting),
            claim__desk=self.desk,
            claim__workflow=Workflow.IN_REVIEW,
            state__in=[TaskState.DECLINED, TaskState.CONFLICT],
        )
        ready = claims.filter(workflow=Workflow.APPROVED, publication__isnull=True).order_by(
            "-changed_at", "id"
        )
        erasures = Redaction.objects.filter(desk=self.desk, decision="", leader__isnull=True)
        others = erasures.exclude(asked_by=self.request.user).select_related("capture__document", "asked_by")
        return {
            "ready": ready[:SHOWN],
            "erasures": others.order_by("asked_at", "id")[:SHOWN],
            "undecided": undecided.select_related("claim", "assignee").order_by("-created_at", "id")[:SHOWN],
        }
