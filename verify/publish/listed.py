"""Keeping the listings: one for each claim that is shown, and none else, whoever moves what at the same time.

Whoever makes or removes one holds the lock on the publication's row: a move does (services.py), and so does `relist`.
"""

from __future__ import annotations

import json
import operator
from functools import reduce
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import F, Q, QuerySet, TextField, Value
from django.urls import reverse

from verify.publish import listing
from verify.publish.models import Listing, Publication, Version
from verify.publish.states import SHOWN

CONFIGURATIONS = (
    "english",
    "arabic",
    "simple",
)  # of PostgreSQL's text search; each finds what the others miss


def keep(publication: Publication) -> None:
    """List a publication as it stands by now, or take it off the lists; in the transaction that moved it."""
    if publication.state not in SHOWN or publication.version is None:
        Listing.objects.filter(pk=publication.pk).delete()
        return
    made = derived(publication)
    Listing.objects.bulk_create(
        [Listing(publication_id=publication.pk, version=publication.version, **made)],
        update_conflicts=True,
        unique_fields=["publication"],
        update_fields=["version", *made],
    )


def derived(publication: Publication) -> dict[str, Any]:
    """All columns of its listing but the keys; raises KeyError, TypeError or ValueError where the snapshot is none."""
    version = publication.version
    assert version is not None
    snapshot = json.loads(bytes(version.snapshot))
    first = (
        Version.objects.filter(claim=publication.pk).order_by("number").values_list("published_at", flat=True)
    )
    standing = listing.Standing(
        state=publication.state,
        sha256=version.sha256,
        changed_at=publication.changed_at,
        first_published_at=first[0],
    )
    made = listing.columns(
        snapshot,
        standing,
        url=reverse("public-claim", args=[publication.pk]),
        publisher_url=reverse("front"),
    )
    return made | {"words": _words(*listing.searched(snapshot["claim"]))}


def relist() -> int:
    """Make the listings that are missing or of another format, and remove those that should not be; how many."""
    changed = 0
    for pk in list(unlisted().values_list("pk", flat=True)):
        with transaction.atomic():
            # Read under the lock: it may have been moved, and listed, since the list was made.
            publication = Publication.objects.select_for_update().filter(pk=pk).first()
            if publication is not None and unlisted().filter(pk=pk).exists():
                keep(publication)
                changed += 1
    return changed


def unlisted() -> QuerySet[Publication]:
    """Publications whose listing is missing, of another format or version, or should not be."""
    shown = Q(state__in=SHOWN)
    good = Q(listing__format=listing.FORMAT, listing__version=F("version"))
    return Publication.objects.filter(
        (shown & ~Q(pk__in=Publication.objects.filter(good).values("pk")))
        | (~shown & Q(listing__isnull=False))
    ).order_by("pk")


def _words(headline: str, text: str) -> Any:
    """The words of both in each of the configurations; those of the headline weigh more."""
    vectors = [
        SearchVector(Value(written, output_field=TextField()), config=configuration, weight=weight)
        for weight, written in (("A", headline), ("B", text))
        for configuration in CONFIGURATIONS
    ]
    return reduce(operator.add, vectors)
