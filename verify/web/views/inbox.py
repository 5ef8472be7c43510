"""What waits for the person: reviews, what may be taken, alerts, what came back; for editors what to decide."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from claims.statements.models import Claim
from claims.statements.states import Workflow
from sources.archive.models import Capture, Change, Redaction
from sources.archive.states import CaptureState
from verify.accounts.models import Role
from verify.review.models import Opinion, Review, Task, TaskKind
from verify.review.states import WAITING, TaskState
from verify.web.asked import takeable
from verify.web.mixins import DeskView, page_of
from verify.web.recaptures import named, with_captures

SHOWN = 10  # of each kind beside the tasks


class Inbox(DeskView):
    section = "inbox"

    def get(self, request: HttpRequest) -> HttpResponse:
        tasks = Task.objects.waiting().filter(assignee=request.user.pk, claim__desk=self.desk).by_urgency()
        return self.render(
            "verify/inbox.html",
            page=page_of(request, tasks.select_related("claim__case", "created_by")),
            now=timezone.now(),
            **(self._pool() if self.can(Role.CHECKER) else {}),
            **self._alerts(),
            returned=self._returned()[:SHOWN],
            failed=self._failed()[:SHOWN],
            **(self._decisions() if self.can(Role.EDITOR) else {}),
        )

    def _pool(self) -> dict[str, Any]:
        """What the person may take, the most urgent first, and whether there is more than is shown."""
        free = takeable(self.desk, self.request.user).by_urgency().select_related("claim__case", "created_by")
        found = list(free[: SHOWN + 1])
        return {"pool": found[:SHOWN], "more_pool": len(found) > SHOWN}

    def _alerts(self) -> dict[str, Any]:
        """The desk's alerts that nobody has seen, newest first, and whether there are more than are shown."""
        alerts = with_captures(Change.objects.open_alerts().filter(desk=self.desk))
        found = named(alerts.order_by("-detected_at", "-id")[: SHOWN + 1])
        return {"alerts": found[:SHOWN], "more_alerts": len(found) > SHOWN}

    def _returned(self) -> QuerySet[Claim]:
        """The person's claims whose last readable review sent them back to research, with its reason."""
        readable = Review.objects.readable_by(self.request.user).filter(claim=OuterRef("pk"))
        last = readable.order_by("-submitted_at", "-id")
        return (
            Claim.objects.filter(desk=self.desk, author=self.request.user, workflow=Workflow.IN_RESEARCH)
            .annotate(
                opinion=Subquery(last.values("opinion")[:1]),
                why=Subquery(last.values("reason")[:1]),
                returned_at=Subquery(last.values("submitted_at")[:1]),
            )
            .filter(opinion=Opinion.RETURN)
            .order_by("-returned_at", "id")
        )

    def _failed(self) -> QuerySet[Capture]:
        """The person's failed captures that nobody has tried again."""
        own = Capture.objects.filter(
            desk=self.desk, requested_by=self.request.user, state=CaptureState.FAILED, retries__isnull=True
        )
        return own.select_related("document").order_by("-requested_at", "-id")

    def _decisions(self) -> dict[str, Any]:
        """What differs and nobody decides; declined; approved and never published; what others want to have erased."""
        claims = Claim.objects.filter(desk=self.desk)
        waiting = Task.objects.filter(claim=OuterRef("claim"), state__in=WAITING)
        differ = Task.objects.filter(claim=OuterRef("pk"), state=TaskState.CONFLICT)
        owed = Task.objects.filter(claim=OuterRef("pk"), state__in=WAITING)
        declined = Task.objects.filter(
            ~Exists(waiting),
            Q(claim__workflow=Workflow.IN_REVIEW) | Q(kind=TaskKind.RECHECK),
            claim__desk=self.desk,
            state=TaskState.DECLINED,
        )
        ready = claims.filter(workflow=Workflow.APPROVED, publication__isnull=True)
        erasures = Redaction.objects.filter(desk=self.desk, decision="", leader__isnull=True)
        others = erasures.exclude(asked_by=self.request.user).select_related("capture__document", "asked_by")
        return {
            "conflicts": claims.filter(Exists(differ), ~Exists(owed)).order_by("-changed_at", "id")[:SHOWN],
            "declined": declined.select_related("claim", "assignee").order_by("-created_at", "id")[:SHOWN],
            "ready": ready.order_by("-changed_at", "id")[:SHOWN],
            "erasures": others.order_by("asked_at", "id")[:SHOWN],
        }
