"""Publications by adjective."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import F, Func, Q, Value

from verify.publish.states import SHOWN

if TYPE_CHECKING:
    from verify.publish.models import Publication  # noqa: F401


class PublicationQuerySet(models.QuerySet["Publication"]):
    def public(self) -> PublicationQuerySet:
        """Those that the world may see, retracted ones included (their page says so)."""
        return self.filter(state__in=SHOWN)

    def naming(self, captures: Iterable[UUID]) -> PublicationQuerySet:
        """Those of which some version names one of the captures: a quotation from it, or it as evidence."""
        from verify.publish.models import Version

        said: Any = Func(
            F("snapshot"), Value("UTF8"), function="convert_from", output_field=models.TextField()
        )
        named = Q(pk__in=[])
        for capture in captures:
            named |= Q(said__contains=str(capture))
        claims = Version.objects.filter(claim__publication__in=self).annotate(said=said).filter(named)
        return self.filter(pk__in=claims.values("claim"))
