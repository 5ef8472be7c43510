"""The models of this floor, gathered from its parts; each part's own models.py says what they mean."""

from verify.api.models import Token
from verify.notify.models import Digest, Notification, Preference
from verify.publish.models import Publication, Version
from verify.review.models import (
    ChecklistAnswer,
    ChecklistItem,
    Comment,
    DueTime,
    Rating,
    Review,
    Task,
    Verdict,
)
from verify.web.models import FormDraft, SavedView

__all__ = [
    "ChecklistAnswer",
    "ChecklistItem",
    "Comment",
    "Digest",
    "DueTime",
    "FormDraft",
    "Notification",
    "Preference",
    "Publication",
    "Rating",
    "Review",
    "SavedView",
    "Task",
    "Token",
    "Verdict",
    "Version",
]
