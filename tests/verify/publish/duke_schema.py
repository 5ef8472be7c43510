"""The rules of the reporters' ClaimReview schema and of Google's, as a JSON Schema (2020-12) of our own.

It is a transcription: the Duke Reporters' Lab's schema itself is in no package that we could install, and is not copied
here. What we know of it, and hold ourselves to:

- at the root stand these eight keys and no others (Duke: `additionalProperties` false; all eight are required of us,
  though Google merely recommends `author`, `datePublished` and `itemReviewed`);
- `ratingValue`, `bestRating` and `worstRating` are strings (Duke), all three or none, whole numbers from 1 up (Google:
  worstRating at least 1 and below bestRating; that they are in order is what no JSON Schema can say: see
  `assert_scale`);
- `claimReviewed` is text of fewer than 75 characters (Google); `alternateName` is required (Google);
- `url` is absolute, http or https (Google: on the publisher's own site);
- dates are ISO 8601 (schema.org); we write days;
- `author` is an Organization with name and url, `itemReviewed` a Claim with `author` (Organization or Person, with its
  name), `datePublished`, `appearance` and `firstAppearance` (Google's recommended keys, and no others but `@id`, by
  which the nodes of a graph are tied: JSON-LD 1.1 §3.3 lets any node object have one).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema

TEXT = {"type": "string", "minLength": 1}
DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
WEB = {"type": "string", "pattern": "^https?://[^/]+"}
STEP = {"type": "string", "pattern": "^[1-9][0-9]*$"}
WORK = {
    "type": "object",
    "required": ["@type", "url"],
    "additionalProperties": False,
    "properties": {"@type": {"const": "CreativeWork"}, "url": WEB, "headline": TEXT, "datePublished": DATE},
}
ROOT = [
    "@context",
    "@type",
    "datePublished",
    "url",
    "author",
    "claimReviewed",
    "reviewRating",
    "itemReviewed",
]
RULES: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ROOT,
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "ClaimReview"},
        "datePublished": DATE,
        "url": WEB,
        "claimReviewed": TEXT | {"maxLength": 74},
        "author": {
            "type": "object",
            "required": ["@type", "name", "url"],
            "additionalProperties": False,
            "properties": {"@id": TEXT, "@type": {"const": "Organization"}, "name": TEXT, "url": WEB},
        },
        "reviewRating": {
            "type": "object",
            "required": ["@type", "alternateName"],
            "additionalProperties": False,
            "properties": {
                "@type": {"const": "Rating"},
                "alternateName": TEXT,
                "ratingValue": STEP,
                "bestRating": STEP,
                "worstRating": STEP,
            },
            "dependentRequired": {
                "ratingValue": ["bestRating", "worstRating"],
                "bestRating": ["ratingValue", "worstRating"],
                "worstRating": ["ratingValue", "bestRating"],
            },
        },
        "itemReviewed": {
            "type": "object",
            "required": ["@type"],
            "additionalProperties": False,
            "properties": {
                "@id": TEXT,
                "@type": {"const": "Claim"},
                "author": {
                    "type": "object",
                    "required": ["@type", "name"],
                    "additionalProperties": False,
                    "properties": {"@type": {"enum": ["Organization", "Person"]}, "name": TEXT},
                },
                "datePublished": DATE,
                "appearance": {"type": "array", "minItems": 1, "items": WORK},
                "firstAppearance": WORK,
            },
        },
    },
}
_VALIDATOR = jsonschema.Draft202012Validator(RULES)


def assert_keeps_the_rules(review: Mapping[str, Any]) -> None:
    """Fails, with what the validator says, for a ClaimReview that breaks a rule."""
    _VALIDATOR.validate(review)
    assert_scale(review["reviewRating"])


def assert_scale(rating: Mapping[str, str]) -> None:
    if "bestRating" in rating:
        assert int(rating["bestRating"]) > int(rating["worstRating"]) >= 1
        assert int(rating["worstRating"]) <= int(rating["ratingValue"]) <= int(rating["bestRating"])
