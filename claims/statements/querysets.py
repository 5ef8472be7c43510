"""Cases and claims by adjective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Q

from claims.statements.states import Workflow
from verify.accounts.rules import desks_of

if TYPE_CHECKING:
    from claims.statements.models import Case, Claim  # noqa: F401


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: Any) -> CaseQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def with_counts(self) -> CaseQuerySet:
        """Annotated with `claim_count` and `open_count`."""
        done = [Workflow.CLOSED, Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE]
        return self.annotate(
            claim_count=Count("claims", distinct=True),
            open_count=Count("claims", filter=~Q(claims__workflow__in=done), distinct=True),
        )


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, user: Any) -> ClaimQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def matching(self, text: str) -> ClaimQuerySet:
        """Those of which the text or headline holds `text`."""
        return self.filter(Q(text__icontains=text) | Q(headline__icontains=text))
