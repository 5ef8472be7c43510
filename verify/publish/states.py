"""The states of a claim's publication: one of the four independent axes, and the moves along it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicationState(models.TextChoices):
    UNPUBLISHED = "unpublished", _("Unpublished")
    PUBLISHED = "published", _("Published")
    PAUSED = "paused", _("Paused")
    CORRECTED = "corrected", _("Corrected")
    RETRACTED = "retracted", _("Retracted")


TRANSITIONS: dict[PublicationState, frozenset[PublicationState]] = {
    PublicationState.UNPUBLISHED: frozenset({PublicationState.PUBLISHED}),
    PublicationState.PUBLISHED: frozenset(
        {PublicationState.PAUSED, PublicationState.CORRECTED, PublicationState.RETRACTED}
    ),
    PublicationState.PAUSED: frozenset(
        {PublicationState.PUBLISHED, PublicationState.CORRECTED, PublicationState.RETRACTED}
    ),
    PublicationState.CORRECTED: frozenset(
        {PublicationState.PAUSED, PublicationState.CORRECTED, PublicationState.RETRACTED}
    ),
    PublicationState.RETRACTED: frozenset(),
}

SHOWN = frozenset({PublicationState.PUBLISHED, PublicationState.CORRECTED, PublicationState.RETRACTED})
"""States in which the public page answers (a retracted claim says that it was retracted)."""


def owes_reason(old: PublicationState, new: PublicationState) -> bool:
    """Whether a move is to be explained to readers: each but the first."""
    return old != PublicationState.UNPUBLISHED
