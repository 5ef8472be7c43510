"""The models of this floor, gathered from its parts; each part's own models.py says what they mean."""

from claims.attribution.models import Anchor, AnchorCheck, Assertion, Citation, Evidence, Region, RegionCheck
from claims.statements.models import Case, Claim, Figure, Place, Topic, Transition

__all__ = [
    "Anchor",
    "AnchorCheck",
    "Assertion",
    "Case",
    "Citation",
    "Claim",
    "Evidence",
    "Figure",
    "Place",
    "Region",
    "RegionCheck",
    "Topic",
    "Transition",
]
