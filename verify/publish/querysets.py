"""Publications by adjective."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from verify.publish.states import SHOWN

if TYPE_CHECKING:
    from verify.publish.models import Publication  # noqa: F401


class PublicationQuerySet(models.QuerySet["Publication"]):
    def public(self) -> PublicationQuerySet:
        """Those that the world may see, retracted ones included (their page says so)."""
        return self.filter(state__in=SHOWN)
