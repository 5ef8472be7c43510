"""The models of this floor, gathered from its parts; each part's own models.py says what they mean."""

from claims.attribution.models import Anchor, AnchorCheck, Assertion, Evidence
from claims.statements.models import Case, Claim, Figure, Topic, Transition

__all__ = ["Anchor", "AnchorCheck", "Assertion", "Case", "Claim", "Evidence", "Figure", "Topic", "Transition"]
