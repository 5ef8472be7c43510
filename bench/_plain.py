"""The same data as a Django REST framework project would commonly give it: ModelSerializers over the live rows.

Rows are joined and prefetched as one should; only what is published is given. Nothing else is in its way: no throttle.
"""

# ruff: noqa: E402 - Django is set up before its models are imported

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "verify.settings")

import django

django.setup()

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db.models import F, Prefetch, QuerySet
from django.urls import path
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.serializers import ModelSerializer, SlugRelatedField

from claims.attribution.models import Anchor, Assertion, Evidence
from claims.statements.models import Case, Claim, Figure, Topic
from sources.archive.models import Capture, Text
from sources.catalog.models import Document, Source
from verify.publish.models import Publication, Version
from verify.publish.states import SHOWN
from verify.review.models import Rating, Verdict


def serializer(of: Any, *names: str, **nested: Any) -> Any:
    """A ModelSerializer of these fields, some of them nested."""
    meta = type("Meta", (), {"model": of, "fields": [*names, *nested]})
    return type(f"{of.__name__}Plain", (ModelSerializer,), {"Meta": meta, **nested})


SOURCE = serializer(Source, "id", "name", "kind", "homepage")
COPY = serializer(Capture, "id", "url", "finished_at", "http_status", "datapackage_sha256", "entry")
DOCUMENT = serializer(Document, "id", "url", "title", "published_at", outlet=SOURCE())
ANCHOR = serializer(
    Anchor, "id", "exact", "prefix", "suffix", "start", "end", "match", "text_sha256",
    text=serializer(Text, "sha256", capture=COPY())(),
)  # fmt: skip
ASSERTION = serializer(
    Assertion, "id", "role", "verb", "hedge", "polarity", "modality", "said_at", "published_at", "figures",
    speaker=SOURCE(), on_behalf_of=SOURCE(), outlet=SOURCE(), document=DOCUMENT(), anchors=ANCHOR(many=True),
)  # fmt: skip
EVIDENCE = serializer(
    Evidence,
    "id",
    "stance",
    "strength",
    "credibility",
    "reason",
    "assertion",
    document=DOCUMENT(),
    capture=COPY(),
)
FIGURE = serializer(
    Figure, "id", "lower", "point", "upper", "qualifier", "as_written", "unit", "category", "as_of"
)
VERDICT = serializer(
    Verdict, "number", "rationale", rating=serializer(Rating, "code", "value", "label", "label_ar")()
)
PUBLICATION = serializer(
    Publication,
    "state",
    "changed_at",
    version=serializer(Version, "number", "sha256", "published_at", "entry")(),
)
SHORT: dict[str, Any] = {
    "desk": SlugRelatedField(slug_field="name", read_only=True),
    "case": serializer(Case, "id", "title")(),
    "topics": serializer(Topic, "id", "name")(many=True),
    "verdicts": VERDICT(many=True),
    "publication": PUBLICATION(),
}
ITEM = serializer(Claim, "id", "headline", "text", "language", **SHORT)
WHOLE = serializer(
    Claim, "id", "headline", "text", "language",
    **SHORT, assertions=ASSERTION(many=True), evidence=EVIDENCE(many=True), figures=FIGURE(many=True),
)  # fmt: skip


def claims() -> QuerySet[Claim]:
    """What is published, with all that an item shows."""
    shown = Claim.objects.filter(publication__state__in=SHOWN).select_related(
        "desk", "case", "publication__version"
    )
    verdicts = Prefetch("verdicts", queryset=Verdict.objects.select_related("rating"))
    return shown.defer("publication__version__snapshot").prefetch_related("topics", verdicts)


class Pages(CursorPagination):
    page_size = 25
    ordering = "-changed"  # a cursor reads it off the row


class Claims(ListAPIView[Claim]):
    permission_classes = [AllowAny]
    throttle_classes = []
    serializer_class = ITEM
    pagination_class = Pages
    queryset = claims().annotate(changed=F("publication__changed_at"))


class OneClaim(RetrieveAPIView[Claim]):
    permission_classes = [AllowAny]
    throttle_classes = []
    serializer_class = WHOLE
    queryset = claims().prefetch_related(
        Prefetch(
            "assertions",
            queryset=Assertion.objects.standing().select_related(
                "speaker", "on_behalf_of", "outlet", "document__outlet"
            ),
        ),
        "assertions__figures",
        Prefetch(
            "assertions__anchors__text",
            queryset=Text.objects.defer("content").select_related("capture"),
        ),
        Prefetch(
            "evidence", queryset=Evidence.objects.standing().select_related("document__outlet", "capture")
        ),
        "figures",
    )


urlpatterns = [path("api/v1/claims/", Claims.as_view()), path("api/v1/claims/<uuid:pk>/", OneClaim.as_view())]
settings.ROOT_URLCONF = "bench._plain"
application = get_wsgi_application()
