"""What the world may read: queries that look at nothing but what was published.

Lists and searches go by the listings, which are derived from the snapshots (listing.py). The claim's row is never
looked at: it may have been reworded since, and a search that finds words nobody published would give a draft away.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Count, Exists, F, FloatField, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from claims.statements.models import Topic
from sources.catalog.models import Source
from sources.custody.models import Checkpoint
from verify.accounts.models import Desk
from verify.publish.listed import CONFIGURATIONS
from verify.publish.listing import folded, place_key
from verify.publish.models import Announcement, Listing, Publication, Version, VersionKind
from verify.publish.states import SHOWN
from verify.review.models import Rating


def published() -> QuerySet[Publication]:
    """What is public now, each with its current version and its listing, newest version first."""
    return (
        Publication.objects.public()
        .select_related("version", "listing")
        .defer("listing__words", "listing__text", "listing__review")
        .order_by("-version__published_at", "claim_id")
    )


def found(publications: QuerySet[Publication], **filters: Any) -> QuerySet[Publication]:
    """Those of `publications` that `narrowed` finds, in the order that they have."""
    return publications.filter(narrowed(prefix="listing__", **filters))


def listings(**filters: Any) -> QuerySet[Listing]:
    """The listings of what is public now, last changed first; of those that `narrowed` finds."""
    return Listing.objects.filter(narrowed(**filters))


def narrowed(
    *,
    prefix: str = "",
    q: str = "",
    verdict: str = "",
    case: UUID | None = None,
    source: UUID | None = None,
    speaker: UUID | None = None,
    topic: int | None = None,
    place: str = "",
    desk: str = "",
    language: str = "",
    state: str = "",
    said_from: datetime | None = None,
    said_until: datetime | None = None,
    published_from: datetime | None = None,
    published_until: datetime | None = None,
    updated_since: datetime | None = None,
) -> Q:
    """What is asked of a listing; `prefix` leads to it. Whatever is empty asks nothing.

    `q` finds words (as search engines take them: "…", or, -) of the published text and headline, and parts of words.
    `verdict` is a code; a retracted claim has none any more. `source` is anybody named, `speaker` who said it.
    `place` is an id or a name in either script, of a place or of what it lies in. `desk` is a slug. `language` (BCP 47)
    also finds the narrower ones: `ar` finds `ar-SY`. `said_from` and `said_until` ask whether anything was said in that
    time; `published_…` are about the current version. All moments are inclusive.
    """
    asked: dict[str, Any] = {
        "verdict": verdict,
        "case": case,
        "sources__contains": source and [source],
        "speakers__contains": speaker and [speaker],
        "topics__contains": topic is not None and [topic],
        "places__overlap": place and [place.strip().lower(), place_key(place)],
        "desk": desk,
        "said_until__gte": said_from,
        "said_from__lte": said_until,
        "published_at__gte": published_from,
        "published_at__lte": published_until,
        "changed_at__gte": updated_since,
    }
    condition = Q(**{prefix + name: value for name, value in asked.items() if value})
    if language:
        wide = language.lower()
        condition &= Q(**{f"{prefix}language": wide}) | Q(**{f"{prefix}language__startswith": f"{wide}-"})
    if state:
        condition &= Q(**{f"{'' if prefix else 'publication__'}state": state})
    if q:
        words = Q(**{f"{prefix}words": search_query(q)})
        # Parts of words, and what is no word to the dictionaries.
        condition &= words | Q(**{f"{prefix}text__contains": folded(q)})
    return condition


def search_query(q: str) -> Any:
    """`q` in the syntax of search engines, in each of the configurations in which words are kept."""
    return reduce(
        operator.or_,
        (SearchQuery(q, config=name, search_type="websearch") for name in CONFIGURATIONS),
    )


def ranked(rows: QuerySet[Any], q: str, *, prefix: str = "") -> QuerySet[Any]:
    """`rows` with their `rank` for `q`: higher is better, 0 where only a part of a word was found."""
    rank = SearchRank(F(f"{prefix}words"), search_query(q))
    # The database ranks in single precision; in double, a rank that went out and comes back is the same number.
    return rows.annotate(rank=Cast(rank, FloatField()))


def news() -> int:
    """The number of the last announcement: whatever lists show is the same as long as this is."""
    return Announcement.objects.order_by("-number").values_list("number", flat=True).first() or 0


def cases() -> QuerySet[Any]:
    """Rows `case`, `claims` (how many) and `changed` (last) of the cases that have public claims."""
    return (
        Listing.objects.exclude(case=None)
        .order_by()
        .values("case")
        .annotate(claims=Count("pk"), changed=Max("changed_at"))
    )


def topics() -> QuerySet[Any]:
    """Topics under which something that stands is filed: their ids; what they are called, a summary says."""
    return Topic.objects.filter(Exists(_standing().filter(topics__contains=[OuterRef("pk")]))).only("pk")


def sources() -> QuerySet[Any]:
    """Sources that something that stands names: their ids; what they are, a snapshot says. Nobody protected."""
    return Source.objects.filter(Exists(_standing().filter(sources__contains=[OuterRef("pk")]))).only("pk")


def _standing() -> QuerySet[Listing]:
    return Listing.objects.filter(retracted=False)


class Naming(NamedTuple):
    """How many claims that stand name a thing, and the listing that was published last among them."""

    claims: int
    listing: Listing


def naming(column: str, things: Iterable[Any]) -> dict[Any, Naming]:
    """Those of `things` that claims that stand name in an array column of Listing; two queries, however many."""
    wanted = list(things)
    rows = _standing().filter(**{f"{column}__overlap": wanted}).order_by("-published_at", "pk")
    counts: dict[Any, int] = {}
    newest: dict[Any, Any] = {}
    for pk, named in rows.values_list("pk", column):
        for thing in set(named).intersection(wanted):
            counts[thing] = counts.get(thing, 0) + 1
            newest.setdefault(thing, pk)
    chosen = (
        Listing.objects.select_related("version").defer("words", "text", "review").in_bulk(newest.values())
    )
    return {thing: Naming(counts[thing], chosen[pk]) for thing, pk in newest.items() if pk in chosen}


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
