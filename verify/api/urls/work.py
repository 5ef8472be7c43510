"""What a desk does with its claims: assertions, evidence, media, verdicts, reviews, publication."""

from typing import Any

urlpatterns: list[Any] = []
