"""What the world may read: queries that look at nothing but what was published.

Text is searched in the snapshots' own bytes. The claim's row is never looked at: it may have been reworded since, and
a search that finds words nobody published would give a draft away.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, Func, JSONField, Min, Q, QuerySet, Value
from django.db.models.functions import Cast

from sources.custody.models import Checkpoint
from verify.accounts.models import Desk
from verify.publish.models import Publication, Version, VersionKind
from verify.publish.states import SHOWN
from verify.review.models import Rating


def published() -> QuerySet[Publication]:
    """What is public now, each with its current version, newest version first."""
    return (
        Publication.objects.public().select_related("version").order_by("-version__published_at", "claim_id")
    )


def found(
    publications: QuerySet[Publication],
    *,
    q: str = "",
    verdict: str = "",
    case: UUID | None = None,
    updated_since: datetime | None = None,
) -> QuerySet[Publication]:
    """Those whose published text or headline holds `q`, of which the verdict has that code, of that case, changed at
    or after that moment. A retracted claim has no verdict any more."""
    if updated_since is not None:
        publications = publications.filter(changed_at__gte=updated_since)
    if not (q or verdict or case):
        return publications
    publications = publications.alias(body=_body("version__snapshot"))
    if q:
        publications = publications.filter(
            Q(body__claim__text__icontains=q) | Q(body__claim__headline__icontains=q)
        )
    if verdict:
        publications = publications.filter(body__claim__verdict__code=verdict).exclude(
            version__kind=VersionKind.RETRACTED
        )
    if case:
        publications = publications.filter(body__claim__case__id=str(case))
    return publications


def versions_of(claim_id: UUID) -> QuerySet[Version]:
    """All versions of a claim that is public now, newest first; none of one that is not."""
    return Version.objects.filter(claim_id=claim_id, claim__publication__state__in=SHOWN).order_by("-number")


def corrections() -> QuerySet[Version]:
    """Corrections and retractions of what is public now, newest first."""
    return (
        Version.objects.filter(
            kind__in=[VersionKind.CORRECTED, VersionKind.RETRACTED], claim__publication__state__in=SHOWN
        )
        .annotate(current=F("claim__publication__version__number"))
        .order_by("-published_at", "-number")
    )


def scales() -> list[tuple[Desk, list[Rating]]]:
    """The verdict scale of each desk that has published something, best first."""
    desks = Desk.objects.filter(claims__publication__state__in=SHOWN).distinct()
    return [
        (desk, [rating for rating in desk.ratings.all() if not rating.retired])
        for desk in desks.prefetch_related("ratings")
    ]


def first_published(claim_ids: list[UUID]) -> dict[UUID, datetime]:
    """When each of these claims was published for the first time."""
    rows = Version.objects.filter(claim_id__in=claim_ids).order_by().values_list("claim_id")
    return dict(rows.annotate(first=Min("published_at")))


def covering_checkpoint(entry_index: int) -> Checkpoint | None:
    """The first checkpoint that was signed over an entry; once there it never changes. None until it is signed."""
    return Checkpoint.objects.filter(size__gt=entry_index).order_by("size").first()


def _body(column: str) -> Cast:
    text = Func(F(column), Value("UTF8"), function="convert_from")
    return Cast(text, JSONField())
