"""The models of this floor, gathered from its parts; each part's own models.py says what they mean."""

from verify.api.models import Token
from verify.publish.models import Publication, Version
from verify.review.models import Rating, Review, Task, Verdict

__all__ = ["Publication", "Rating", "Review", "Task", "Token", "Verdict", "Version"]
