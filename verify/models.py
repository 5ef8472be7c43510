"""The models of this floor, gathered from its parts; each part's own models.py says what they mean."""

from verify.api.models import Answered, Token
from verify.evidence.models import PublicPackage
from verify.notify.models import Digest, Notification, Preference
from verify.publish.models import Announcement, Listing, Methodology, Publication, Version
from verify.publish.webhooks.models import Attempt, Delivery, Webhook
from verify.review.models import (
    ChecklistAnswer,
    ChecklistItem,
    Comment,
    DueTime,
    MediaRating,
    Rating,
    Review,
    Task,
    Verdict,
)
from verify.web.models import FormDraft, SavedView

__all__ = [
    "Announcement",
    "Answered",
    "Attempt",
    "ChecklistAnswer",
    "ChecklistItem",
    "Comment",
    "Delivery",
    "Digest",
    "DueTime",
    "FormDraft",
    "Listing",
    "MediaRating",
    "Methodology",
    "Notification",
    "Preference",
    "PublicPackage",
    "Publication",
    "Rating",
    "Review",
    "SavedView",
    "Task",
    "Token",
    "Verdict",
    "Version",
    "Webhook",
]
